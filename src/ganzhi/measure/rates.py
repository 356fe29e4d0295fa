"""Rates over two feeds: a numerator of one, divided by the value of an indicator of another (S001-020).

Owns what "the same unit, period and slice" means between feeds that do not share all dimensions: the
base is asked for the dimensions that its feed has, at its own grain where the question is finer, and
one number of the base then serves all slices and periods within it. Refuses to divide by what is
unknown or not positive: the rate is unknown then, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.indicators import Rate
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import SCALES
from ganzhi.measure.calendar import exact_basis
from ganzhi.measure.observation import Exact, Observation, ObserveRequest

WEEKDAY = "weekday"
PLACES = Decimal(1).scaleb(-9)
"""Places to which a base that is itself a quotient is shown; the rate is formed from its exact parts."""

Key = tuple[str, tuple[tuple[str, str], ...]]


def question_of_base(catalogue: Catalogue, rate: Rate, request: ObserveRequest) -> ObserveRequest:
    """What is asked of the base for a question about a rate."""
    indicator = catalogue.indicator(rate.per)
    assert indicator.feed is not None
    feed = catalogue.feed(indicator.feed)
    finest = max(feed.finest, indicator.finest or Grain.QUARTER_HOUR, key=lambda g: g.rank)
    shared = {*feed.dimensions, WEEKDAY} - set(rate.whole)
    return replace(
        request,
        codes=(rate.per,),
        grain=max(request.grain, finest, key=lambda g: g.rank),
        # Of a base that has longer periods only, "to date" is since the same day as of the numerator.
        basis=exact_basis(request.basis, request.grain) if finest.rank > request.grain.rank else request.basis,
        by=tuple(d for d in request.by if d in shared),
        where={d: value for d, value in request.where.items() if d in shared},
    )


def divided(
    catalogue: Catalogue, code: str, numerators: Sequence[Observation], bases: Sequence[Observation]
) -> list[Observation]:
    """The observations of a rate, from those of its numerator and of its base."""
    scale = SCALES.get(catalogue.indicator(code).unit, 1)
    shared = {d for base in bases for d in base.slice}
    by_key: dict[Key, list[Observation]] = {}
    for base in bases:
        by_key.setdefault(_key(base.unit, base.slice), []).append(base)
    found = []
    for each in numerators:
        cut = {d: value for d, value in each.slice.items() if d in shared}
        start = each.period.start
        around = by_key.get(_key(each.unit, cut), ())
        under = next((b for b in around if b.period.start <= start < b.period.end), None)
        found.append(_one(each, under, scale))
    return found


def _key(unit: str, cut: Mapping[str, str]) -> Key:
    return unit, tuple(sorted(cut.items()))


def _one(numerator: Observation, base: Observation | None, scale: int) -> Observation:
    completeness = min(numerator.completeness, 0.0 if base is None else base.completeness)
    parts = None if base is None or base.value is None else _parts(base)
    if numerator.numerator is None or parts is None or completeness == 0:
        return replace(numerator, value=None, completeness=completeness)
    top, bottom = parts
    shown = _shown(Fraction(top) / Fraction(bottom))
    if top <= 0:
        return replace(numerator, value=None, denominator=shown, completeness=completeness)
    value = float(scale * Fraction(numerator.numerator) * Fraction(bottom) / Fraction(top))
    return replace(numerator, value=value, denominator=shown, completeness=completeness)


def _parts(base: Observation) -> tuple[Exact, Exact] | None:
    """The base as a quotient of exact parts; None when it is unknown."""
    if base.numerator is None:
        return None
    if base.denominator is None:
        return base.numerator, 1
    return (base.numerator, base.denominator) if base.denominator else None


def _shown(value: Fraction) -> Exact:
    if value.denominator == 1:
        return value.numerator
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(PLACES).normalize()
