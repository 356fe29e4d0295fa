"""Which occasions of the calendar fall into a span of days, for a unit and a slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from ganzhi.catalogue.model.warning import Occasion
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.views.occasions import Occurs

KINDS: Final = ("holiday", "campaign", "release", "assurance")
"""Kinds that are marked; days of every month would mark every month."""
MOST: Final = 12
"""Spans that are marked; of more the latest."""


def occasions_between(
    catalogue: Catalogue, first: date, last: date, unit: str, cut: Mapping[str, str] | None = None
) -> tuple[Occurs, ...]:
    """Spans that touch the days, both included, oldest first and numbered; of more than `MOST` the latest.

    A unit's own occasions are those of it or of a unit above it; a product's own those of the product a slice names.
    """
    path = set(_path(catalogue, unit))
    found = sorted(
        (span.first, span.last or span.first, code)
        for code, each in catalogue.occasions.items()
        if each.kind in KINDS and _concerns(each, path, (cut or {}).get("product"))
        for span in each.days
        if span.first <= last and (span.last or span.first) >= first
    )[-MOST:]
    named = catalogue.occasions
    return tuple(
        Occurs(number, code, named[code].kind, named[code].name, begin, end)
        for number, (begin, end, code) in enumerate(found, start=1)
    )


def concerns_unit(catalogue: Catalogue, occasion: Occasion, unit: str) -> bool:
    """Whether an occasion is one of a unit: of all, of it, or of a unit above it."""
    return not occasion.units or not set(_path(catalogue, unit)).isdisjoint(occasion.units)


def _concerns(occasion: Occasion, path: set[str], product: str | None) -> bool:
    return (not occasion.units or not path.isdisjoint(occasion.units)) and (
        not occasion.products or product in occasion.products
    )


def _path(catalogue: Catalogue, unit: str) -> Iterator[str]:
    at: str | None = unit
    while at is not None and at in catalogue.units:
        yield at
        at = catalogue.units[at].parent
