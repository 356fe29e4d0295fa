"""Classes of problems cover everything once: no class in two domains, none forgotten, one for the rest (S000-105)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.taxonomy import ProblemCategory
from ganzhi.catalogue.model.whole import Catalogue

FEED = "complaints"
CATEGORY = "category"
DOMAIN = "complaint_domain"
"""The feed that is put into classes, its column of the lowest class, and the derived column of the upper one."""

Path = tuple[str, ...]


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report classes that overlap or leave a gap, wherever a class is declared, allowed and counted by."""
    classes = [
        (("problem_domains", domain, "categories", code), domain, code, category)
        for domain, entry in catalogue.problem_domains.items()
        for code, category in entry.categories.items()
    ]
    if classes:
        yield from _twice(catalogue, [(path, code, domain) for path, domain, code, _ in classes])
        yield from _catch_all(catalogue, [(path, category.catch_all) for path, _, _, category in classes])
        yield from _said_twice(catalogue, [(path, category) for path, _, _, category in classes])
        yield from _ended(catalogue, [(path, code, category) for path, _, code, category in classes])
        yield from _allowed(catalogue, {code: path for path, _, code, _ in classes})
        yield from _counted(catalogue, {code: (path, domain) for path, domain, code, _ in classes})
    for code, register in catalogue.issue_registers.items():
        path = ("issue_registers", code)
        of: list[tuple[Path, bool]] = [
            ((*path, "classes", name), each.catch_all) for name, each in register.classes.items()
        ]
        yield from _catch_all(catalogue, of)
        for at, issue in enumerate(register.issues):
            if issue.issue_class not in register.classes:
                known = near(issue.issue_class, register.classes)
                where = (*path, "issues", str(at), "issue_class")
                yield issue_at(catalogue, "CAT274", where, value=issue.issue_class, near=known)
        numbers = [issue.number for issue in register.issues]
        for at, number in enumerate(numbers):
            if number in numbers[:at]:
                yield issue_at(catalogue, "CAT270", (*path, "issues", str(at)), value=str(number), other=code)


def _twice(catalogue: Catalogue, classes: list[tuple[Path, str, str]]) -> Iterator[Issue]:
    """A class stands in one domain."""
    for code, group in groupby(sorted(classes, key=lambda each: each[1]), key=lambda each: each[1]):
        first, *others = group
        for path, _, _ in others:
            yield issue_at(catalogue, "CAT270", path, value=code, other=first[2])


def _catch_all(catalogue: Catalogue, classes: list[tuple[Path, bool]]) -> Iterator[Issue]:
    """Exactly one class takes what the others do not."""
    takers = [path for path, catch_all in classes if catch_all]
    if not takers:
        yield issue_at(catalogue, "CAT271", classes[-1][0])
    for path in takers[1:]:
        yield issue_at(catalogue, "CAT271", path)


def _said_twice(catalogue: Catalogue, classes: list[tuple[Path, ProblemCategory]]) -> Iterator[Issue]:
    """A word or an item that two classes claim tells neither from the other."""
    seen: dict[str, Path] = {}
    for path, category in classes:
        for said in (*category.cues, *(item.zh for item in category.items)):
            if seen.setdefault(said, path) != path:
                yield issue_at(catalogue, "CAT272", path, value=said, other=seen[said][-1])


def _ended(catalogue: Catalogue, classes: list[tuple[Path, str, ProblemCategory]]) -> Iterator[Issue]:
    """Validities run forward, and what took a class's place is a class that still holds."""
    by_code = {code: category for _, code, category in classes}
    for path, _, category in classes:
        if category.valid_from and category.valid_to and category.valid_to < category.valid_from:
            span = {"first": str(category.valid_from), "last": str(category.valid_to)}
            yield issue_at(catalogue, "CAT261", (*path, "valid_to"), **span)
        if category.now is not None:
            heir = by_code.get(category.now)
            if heir is None or heir.valid_to is not None or heir is category:
                known = near(category.now, [code for code, each in by_code.items() if each.valid_to is None])
                yield issue_at(catalogue, "CAT274", (*path, "now"), value=category.now, near=known)


def _allowed(catalogue: Catalogue, known: dict[str, Path]) -> Iterator[Issue]:
    """The classes a record may have are those of the taxonomy."""
    feed = catalogue.feeds.get(FEED)
    column = None if feed is None else feed.columns.get(CATEGORY)
    listing = None if column is None or column.allowed is None else catalogue.code_lists.get(column.allowed)
    if listing is None or column is None or column.allowed is None:
        return
    given = {entry.to for entry in listing.entries}
    for at, entry in enumerate(listing.entries):
        if entry.to not in known:
            place = ("code_lists", column.allowed, "entries", str(at))
            yield issue_at(catalogue, "CAT273", place, value=entry.to, other="problem_domains")
    for code, path in known.items():
        if code not in given:
            yield issue_at(catalogue, "CAT273", path, value=code, other=column.allowed)


def _counted(catalogue: Catalogue, known: dict[str, tuple[Path, str]]) -> Iterator[Issue]:
    """What is counted by domain is counted by this taxonomy: the derived column says the same."""
    feed = catalogue.feeds.get(FEED)
    derived = None if feed is None else feed.derived.get(DOMAIN)
    said = None if derived is None else _by_cases(derived.expr)
    if said is None:
        return
    groups, rest = said
    for code, (path, domain) in known.items():
        if groups.get(code, rest) != domain:
            yield issue_at(catalogue, "CAT275", path, value=code, other=f"{FEED}.{DOMAIN}", domain=domain)


def _by_cases(expr: str) -> tuple[dict[str, str], str] | None:
    """`case when category in (…) then …` as a table and what the rest gets; None for any other shape."""
    try:
        tree = sqlglot.parse_one(expr, dialect="duckdb")
    except SqlglotError:
        return None
    if not isinstance(tree, exp.Case):
        return None
    groups: dict[str, str] = {}
    for branch in tree.args["ifs"]:
        test = branch.this
        if not isinstance(test, exp.In) or test.this.name != CATEGORY:
            return None
        groups |= {each.name: branch.args["true"].name for each in test.expressions if each.name not in groups}
    default = tree.args.get("default")
    return groups, "" if default is None else str(default.name)
