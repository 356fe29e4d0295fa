"""Priorities, selections, agreements and reports can be carried out as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.checks.targets import order_of
from ganzhi.catalogue.model.guidance import Report, Selection, Sla
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report validities that end before they begin or overlap, and parts that do not fit their indicators."""
    for code, priority in catalogue.priorities.items():
        seen: dict[str, list[tuple[date, date]]] = {}
        for number, weight in enumerate(priority.weights):
            path = ("priorities", code, "weights", str(number))
            span = (weight.valid_from or date.min, weight.valid_to or date.max)
            yield from _span(catalogue, path, span)
            others = seen.setdefault(weight.process, [])
            if any(span[0] <= last and first <= span[1] for first, last in others):
                yield issue_at(catalogue, "CAT165", (*path, "process"), process=weight.process)
            others.append(span)
    for code, sla in catalogue.slas.items():
        yield from _sla(catalogue, code, sla)
    for code, selection in catalogue.selections.items():
        yield from _selection(catalogue, code, selection)
    for code, report in catalogue.reports.items():
        yield from _report(catalogue, code, report)


def _span(catalogue: Catalogue, path: tuple[str, ...], span: tuple[date, date]) -> Iterator[Issue]:
    if span[1] < span[0]:
        yield issue_at(catalogue, "CAT164", (*path, "valid_to"), first=str(span[0]), last=str(span[1]))


def _sla(catalogue: Catalogue, code: str, sla: Sla) -> Iterator[Issue]:
    path = ("slas", code)
    yield from _span(catalogue, path, (sla.valid_from or date.min, sla.valid_to or date.max))
    indicator = catalogue.indicators.get(sla.indicator)
    if indicator is None:
        return
    if indicator.measure is None or indicator.direction is None:
        yield issue_at(catalogue, "CAT175", (*path, "indicator"), indicator=sla.indicator)
        return
    yield from order_of(catalogue, (*path, "limits"), sla.limits, indicator.direction)
    for dimension in sla.scope:
        if dimension not in indicator.by:
            known = near(dimension, indicator.by)
            yield issue_at(catalogue, "CAT176", (*path, "scope", dimension), dimension=dimension, near=known)


def _selection(catalogue: Catalogue, code: str, selection: Selection) -> Iterator[Issue]:
    path = ("selections", code)
    for number, pressure in enumerate(selection.pressures):
        indicator = catalogue.indicators.get(pressure.indicator)
        if indicator is not None and pressure.dimension not in indicator.by:
            place = (*path, "pressures", str(number), "dimension")
            known = near(pressure.dimension, indicator.by)
            yield issue_at(catalogue, "CAT176", place, dimension=pressure.dimension, near=known)
        if pressure.reason is not None and pressure.reason not in selection.reasons:
            place = (*path, "pressures", str(number), "reason")
            close = near(pressure.reason, selection.reasons)
            yield issue_at(catalogue, "CAT178", place, reason=pressure.reason, near=close)
    for field in ("importance_reason", "shortfall_reason"):
        reason = getattr(selection, field)
        if reason is not None and reason not in selection.reasons:
            yield issue_at(catalogue, "CAT178", (*path, field), reason=reason, near=near(reason, selection.reasons))
    covered: set[str] = set()
    for number, chosen in enumerate(selection.chosen):
        covered |= set(chosen.contact_steps)
        for order, reason in enumerate(chosen.reasons):
            if reason not in selection.reasons:
                at = (*path, "chosen", str(number), "reasons", str(order))
                yield issue_at(catalogue, "CAT178", at, reason=reason, near=near(reason, selection.reasons))
    for number, step in enumerate(selection.contact_steps):
        if selection.chosen and step not in covered:
            yield issue_at(catalogue, "CAT180", (*path, "contact_steps", str(number)), step=step)


def _report(catalogue: Catalogue, code: str, report: Report) -> Iterator[Issue]:
    known = [catalogue.indicators[c] for c in report.indicators if c in catalogue.indicators]
    possible = sorted({d for indicator in known for d in indicator.by} | set(CALENDAR_DIMENSIONS))
    for number, dimension in enumerate(report.by):
        if known and dimension not in possible:
            close = near(dimension, possible)
            yield issue_at(catalogue, "CAT176", ("reports", code, "by", str(number)), dimension=dimension, near=close)
