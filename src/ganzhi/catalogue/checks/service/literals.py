"""A text that a column is compared with is one of the codes the column may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.expressions import expression_texts
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.expressions import comparisons
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report comparisons with codes that are not in the column's code list."""
    known = {code: allowed_values(catalogue, feed) for code, feed in catalogue.feeds.items()}
    for code, feed in catalogue.feeds.items():
        for name, derived in feed.derived.items():
            path = ("feeds", code, "derived", name, "expr")
            yield from _of(catalogue, path, derived.expr, known[code])
        for name, rule in feed.rules.items():
            yield from _of(catalogue, ("feeds", code, "rules", name, "check"), rule.check, known[code])
    for code, indicator in catalogue.indicators.items():
        if indicator.feed in known:
            for steps, text, _ in expression_texts(indicator):
                yield from _of(catalogue, ("indicators", code, *steps), text, known[indicator.feed])


def allowed_values(catalogue: Catalogue, feed: Feed) -> dict[str, frozenset[str]]:
    """Per column with a code list, the values that the list gives."""
    found = {}
    for name, column in feed.columns.items():
        listing = catalogue.code_lists.get(column.allowed or "")
        if listing is not None:
            other = {listing.other} if listing.unknown == "other" else set()
            found[name] = frozenset({e.code for e in listing.entries} | {e.to for e in listing.entries} | other)
    return found


def _of(catalogue: Catalogue, path: tuple[str, ...], text: str, known: Mapping[str, frozenset[str]]) -> Iterator[Issue]:
    if "'" not in text:
        return
    for column, value in comparisons(text):
        if column in known and value not in known[column]:
            close = near(value, sorted(known[column]))
            yield issue_at(catalogue, "CAT160", path, column=column, value=value[:40], near=close)
