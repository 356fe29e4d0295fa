"""A code list means one thing at a time: no code is valid twice on one day (C14, S000-061)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.data import CodeEntry
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report validities that end before they begin, and entries of one code that overlap."""
    for code, listing in catalogue.code_lists.items():
        by_code: dict[str, list[tuple[int, CodeEntry]]] = defaultdict(list)
        for number, entry in enumerate(listing.entries):
            place = ("code_lists", code, "entries", str(number))
            if _first(entry) > _last(entry):
                yield issue_at(catalogue, "CAT107", place, validity=_span(entry))
            else:
                by_code[entry.code].append((number, entry))
        for same in by_code.values():
            yield from _overlaps(catalogue, code, same)
    for code, unit in catalogue.units.items():
        if unit.valid_from is not None and unit.valid_to is not None and unit.valid_from > unit.valid_to:
            span = f"{unit.valid_from} … {unit.valid_to}"
            yield issue_at(catalogue, "CAT107", ("units", code, "valid_from"), validity=span)


def _overlaps(catalogue: Catalogue, code: str, same: list[tuple[int, CodeEntry]]) -> Iterator[Issue]:
    ordered = sorted(same, key=lambda item: _first(item[1]))
    for (_, earlier), (number, later) in pairwise(ordered):
        if _first(later) <= _last(earlier):
            place = ("code_lists", code, "entries", str(number))
            params = {"value": later.code[:40], "first": _span(earlier), "second": _span(later)}
            yield issue_at(catalogue, "CAT093", place, **params)


def _first(entry: CodeEntry) -> date:
    return entry.valid_from or date.min


def _last(entry: CodeEntry) -> date:
    return entry.valid_to or date.max


def _span(entry: CodeEntry) -> str:
    return f"{entry.valid_from or '…'} – {entry.valid_to or '…'}"
