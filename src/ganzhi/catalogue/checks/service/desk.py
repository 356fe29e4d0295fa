"""Departments, scenes and classes of value can be used as they are written (S000-093, S000-097, S003-004, S003-005)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.whole import Catalogue

LISTS = {"category": ("complaints", "category"), "customer_class": ("complaints", "customer_class"), "arpu_class": ("customers", "arpu_class")}  # fmt: skip
"""The feed and column whose code list holds the values."""


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report spans that end before they begin, values nobody records, departments that are written alike, escalation that
    runs in a circle, categories for which no department is in charge."""
    yield from _spans(catalogue)
    yield from _values(catalogue)
    yield from _written(catalogue)
    yield from _circles(catalogue)
    if catalogue.departments and not any(
        answer.lead and not answer.categories and not answer.products
        for each in catalogue.departments.values()
        for answer in each.answers_for
    ):
        yield issue_at(catalogue, "CAT284", ("departments", next(iter(catalogue.departments)), "answers_for"))


def _spans(catalogue: Catalogue) -> Iterator[Issue]:
    spans: list[tuple[tuple[str, ...], date | None, date | None]] = []
    for code, each in catalogue.departments.items():
        spans.append((("departments", code), each.valid_from, each.valid_to))
        for number, person in enumerate(each.persons):
            spans.append((("departments", code, "persons", str(number)), person.valid_from, person.valid_to))
    spans += [(("scenes", code), each.valid_from, each.valid_to) for code, each in catalogue.scenes.items()]
    for path, first, last in spans:
        if first and last and last < first:
            yield issue_at(catalogue, "CAT280", (*path, "valid_to"), first=str(first), last=str(last))


def _known(catalogue: Catalogue, of: str) -> tuple[str, ...] | None:
    """The values of a code list; None where the feed or its list is not declared."""
    feed, column = LISTS[of]
    declared = catalogue.feeds.get(feed)
    allowed = None if declared is None or column not in declared.columns else declared.columns[column].allowed
    found = None if allowed is None else catalogue.code_lists.get(allowed)
    return None if found is None else tuple(dict.fromkeys(each.to for each in found.entries))


def _values(catalogue: Catalogue) -> Iterator[Issue]:
    given: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = [
        (("departments", code, "answers_for", str(number), "categories"), "category", answer.categories)
        for code, each in catalogue.departments.items()
        for number, answer in enumerate(each.answers_for)
    ]
    for code, value in catalogue.value_classes.items():
        given.append((("value_classes", code, "customer_classes"), "customer_class", value.customer_classes))
        given.append((("value_classes", code, "arpu_classes"), "arpu_class", value.arpu_classes))
    for path, of, values in given:
        known = _known(catalogue, of)
        for number, one in enumerate(values):
            if known is not None and one not in known:
                yield issue_at(catalogue, "CAT281", (*path, str(number)), value=one, near=near(one, known))


def _written(catalogue: Catalogue) -> Iterator[Issue]:
    seen: dict[str, str] = {}
    for code, each in catalogue.departments.items():
        for name in dict.fromkeys((each.name.zh, *each.written)):
            if seen.setdefault(name, code) != code:
                yield issue_at(catalogue, "CAT282", ("departments", code), value=name, other=seen[name])


def _circles(catalogue: Catalogue) -> Iterator[Issue]:
    for code in catalogue.departments:
        way, at = [code], catalogue.departments[code].escalates_to
        while at is not None and at in catalogue.departments and at not in way:
            way.append(at)
            at = catalogue.departments[at].escalates_to
        if at == code and code == min(way):
            yield issue_at(catalogue, "CAT283", ("departments", code, "escalates_to"), way=" → ".join([*way, code]))
