"""Builds what is declared about one indicator beside its definition."""

from __future__ import annotations

from collections.abc import Collection

from ganzhi.catalogue.derive.coverage import processes_of
from ganzhi.catalogue.model.guidance import Sla
from ganzhi.catalogue.model.indicators import Supports
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.lineage import lineage_of
from ganzhi.measure.build.catalogue.reach import has_data, in_use
from ganzhi.measure.build.journeys.shared import all_named, named
from ganzhi.measure.views.catalogue.entry import (
    EntryAbout,
    EntryOrigin,
    EntryPlace,
    EntryState,
    EntryUse,
    LinkRow,
    Secured,
    SlaRow,
)
from ganzhi.measure.views.journeys.parts import Named

CHECKS = ("source_known", "collectable", "correlated")
"""The three checks of feasibility (S000-029)."""


def about(catalogue: Catalogue, code: str, arrived: Collection[str]) -> EntryAbout:
    """All of it. arrived: feeds that hold rows."""
    indicator = catalogue.indicator(code)
    feasibility = indicator.feasibility
    return EntryAbout(
        place=_place(catalogue, code),
        state=EntryState(
            indicator.state,
            tuple(sorted(indicator.history, key=lambda change: change.since)),
            tuple((check, getattr(feasibility, check)) for check in CHECKS),
            feasibility.blocked_by,
            indicator.retired,
        ),
        origin=_origin(catalogue, code),
        parents=tuple(sorted((link(catalogue, each.parent, each) for each in indicator.supports), key=_heaviest)),
        children=children_of(catalogue, code),
        use=_use(catalogue, code),
        lineage=lineage_of(catalogue, code),
        arrived=None if indicator.feed is None else has_data(catalogue, code, arrived),
    )


def link(catalogue: Catalogue, shown: str, by: Supports) -> LinkRow:
    """An indicator at one end of a link, with what the link says."""
    return LinkRow(
        named(catalogue.indicators, shown),
        catalogue.indicators[shown].layer,
        None if by.weight is None else float(by.weight),
        None if by.points is None else float(by.points),
        by.origin,
        by.derived,
        by.sample,
    )


def _heaviest(row: LinkRow) -> tuple[bool, float, str]:
    """Weights from the heaviest, then risks from the most points."""
    return row.weight is None, -(row.weight if row.weight is not None else row.points or 0), row.indicator.code


def children_of(catalogue: Catalogue, code: str) -> tuple[LinkRow, ...]:
    """Lower indicators with their links, heaviest first, risks last."""
    below = (*catalogue.children(code), *catalogue.risks(code))
    rows = (
        link(catalogue, child, by)
        for child in below
        for by in catalogue.indicators[child].supports
        if by.parent == code
    )
    return tuple(sorted(rows, key=_heaviest))


def _place(catalogue: Catalogue, code: str) -> EntryPlace:
    indicator = catalogue.indicators[code]
    of = processes_of(catalogue, indicator)
    step: tuple[Named, Named] | None = None
    if indicator.step is not None:
        owner = next((each for each in of if indicator.step in catalogue.processes[each].steps), None)
        if owner is not None:
            step = named(catalogue.processes, owner), named(catalogue.processes[owner].steps, indicator.step)
    row = indicator.commercial_process
    return EntryPlace(
        commercial_process=named(catalogue.commercial_processes, row) if row else None,
        processes=all_named(catalogue.processes, of),
        step=step,
        touchpoints=tuple(
            (named(catalogue.touchpoints, each), catalogue.touchpoints[each].process) for each in indicator.touchpoints
        ),
        attribute=named(catalogue.attributes, indicator.attribute) if indicator.attribute else None,
        products=all_named(catalogue.products, indicator.products),
        phase=indicator.phase,
    )


def _origin(catalogue: Catalogue, code: str) -> EntryOrigin:
    indicator = catalogue.indicators[code]
    return EntryOrigin(
        indicator.origin.kind,
        indicator.origin.reference,
        indicator.origin.item,
        external_codes(catalogue, indicator.codes.items()),
        named(catalogue.indicators, indicator.same_as) if indicator.same_as else None,
        all_named(catalogue.indicators, (c for c, each in catalogue.indicators.items() if each.same_as == code)),
    )


def external_codes(catalogue: Catalogue, codes: Collection[tuple[str, str]]) -> tuple[tuple[Text, str], ...]:
    """External codes with the name of their system, or its code where the catalogue does not describe it."""
    systems = catalogue.code_systems
    return tuple((systems[s].name if s in systems else Text(zh=s, en=s), code) for s, code in codes)


def _use(catalogue: Catalogue, code: str) -> EntryUse:
    used = in_use(catalogue)
    shown = {
        t: each for t, each in catalogue.topics.items() if code in (each.headline, *each.indicators, *each.intervals)
    }
    parts = (
        c
        for c, each in used.items()
        if each.ratio is not None and code in (each.ratio.numerator.indicator, each.ratio.denominator.indicator)
    )
    return EntryUse(
        topics=all_named(catalogue.topics, shown),
        reports=all_named(catalogue.reports, (r for r, each in catalogue.reports.items() if code in each.indicators)),
        shortfalls=all_named(
            catalogue.shortfalls, (s for s, each in catalogue.shortfalls.items() if code in each.indicators)
        ),
        slas=tuple(sla_row(catalogue, s, each) for s, each in catalogue.slas.items() if each.indicator == code),
        secures=_secured(catalogue, code),
        secured_by=tuple(
            Secured(
                named(catalogue.indicators, c),
                float(each.secures.level),
                catalogue.indicators[code].unit,
                each.secures.note,
            )
            for c, each in used.items()
            if each.secures is not None and each.secures.indicator == code
        ),
        rates=all_named(catalogue.indicators, (c for c, each in used.items() if each.rate and each.rate.per == code)),
        parts=all_named(catalogue.indicators, parts),
    )


def _secured(catalogue: Catalogue, code: str) -> Secured | None:
    given = catalogue.indicators[code].secures
    if given is None:
        return None
    unit = catalogue.indicators[given.indicator].unit
    return Secured(named(catalogue.indicators, given.indicator), float(given.level), unit, given.note)


def sla_row(catalogue: Catalogue, code: str, sla: Sla) -> SlaRow:
    """An agreement with its scope in words."""

    def words(dimension: str, value: str) -> tuple[Text, Text]:
        known = catalogue.dimensions.get(dimension)
        name = known.name if known else Text(zh=dimension, en=dimension)
        plain = Text(zh=value, en=value)
        return name, known.values.get(value, plain) if known else plain

    return SlaRow(
        code=code,
        name=sla.name,
        customer=sla.customer,
        indicator=named(catalogue.indicators, sla.indicator),
        scope=tuple(words(dimension, value) for dimension, value in sla.scope.items()),
        floor=float(sla.limits.floor),
        target=float(sla.limits.target),
        challenge=float(sla.limits.challenge),
        unit_of_value=catalogue.indicators[sla.indicator].unit,
        use=sla.use,
        valid_from=sla.valid_from,
        valid_to=sla.valid_to,
        reference=sla.reference,
    )
