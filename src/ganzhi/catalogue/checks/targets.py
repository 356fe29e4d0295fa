"""Targets make sense: in the declared direction, in the unit of value, levels in order (C10, S000-050)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.indicators import Indicator, Limits
from ganzhi.catalogue.model.whole import Catalogue

USES = ("management", "operations")


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report targets without direction, out of order, or in another unit."""
    for code, indicator in catalogue.indicators.items():
        for use in USES:
            limits = getattr(indicator.targets, use)
            if limits is None:
                continue
            path = ("indicators", code, "targets", use)
            if indicator.direction is None:
                yield issue_at(catalogue, "CAT081", path)
                continue
            yield from _order(catalogue, path, limits, 1 if indicator.direction == "higher" else -1)
            if indicator.unit == "percent":
                yield from _percent(catalogue, path, indicator, limits)


def _order(catalogue: Catalogue, path: tuple[str, ...], limits: Limits, sign: int) -> Iterator[Issue]:
    """From worst to best: zero, floor, target, challenge; red, orange, yellow, target."""
    main = [(name, getattr(limits, name)) for name in ("zero", "floor", "target", "challenge")]
    levels = [(name, getattr(limits, name)) for name in ("red", "orange", "yellow", "target")]
    for issue_code, steps, named in (("CAT077", main, 1), ("CAT078", levels, 0)):
        given = [(name, value) for name, value in steps if value is not None]
        for (low_name, low), (high_name, high) in pairwise(given):
            if (high - low) * sign <= 0:
                relation = "<" if sign > 0 else ">"
                shown = f"{low_name} {low} {relation} {high_name} {high}"
                field = (low_name, high_name)[named]  # of a pair, the one that is not the target
                yield issue_at(catalogue, issue_code, (*path, field), order=shown)


def order_of(catalogue: Catalogue, path: tuple[str, ...], limits: Limits, direction: str) -> Iterator[Issue]:
    """Issues of limits that are not in order for a direction."""
    yield from _order(catalogue, path, limits, 1 if direction == "higher" else -1)


def _percent(catalogue: Catalogue, path: tuple[str, ...], indicator: Indicator, limits: Limits) -> Iterator[Issue]:
    given = {n: v for n in Limits.model_fields if (v := getattr(limits, n)) is not None}
    for name, value in given.items():
        if not 0 <= value <= 100:
            yield issue_at(catalogue, "CAT079", (*path, name), value=str(value))
    main = [limits.floor, limits.target, limits.challenge]
    if all(Decimal(0) <= value <= Decimal(1) for value in main):
        percent = f"{(limits.target * 100).normalize():f}"
        issue = issue_at(catalogue, "CAT080", (*path, "target"), value=str(limits.target), percent=percent)
        # A share below 1 % can be a real limit for what should be rare, hardly for what should be frequent.
        yield issue if indicator.direction == "higher" else replace(issue, severity="warning")
