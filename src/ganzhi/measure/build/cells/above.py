"""Numbers of a unit that its own page may not show, because the page of the unit above withholds them.

The table of a unit's children withholds parts of few events, and others beside them so that no sum tells those
(`rule`). A part withheld there has pages of its own, and so have its parts; whoever opens them one after another
would put together what no single page shows. So a unit's number is withheld wherever it, or a unit above
it within reach, is withheld among its siblings, and wherever a sum over time would tell it (`borders`). That follows
from the numbers alone and not from what somebody looked at before: it holds over pages, sessions and people who compare
notes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.measure.build.cells.borders import Out, borders_of, joined, out_at
from ganzhi.measure.build.cells.rule import withheld_parts
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.parts import Basis


def withheld_in(
    reader: Reader, codes: Collection[str], units: Collection[str], periods: Sequence[Period], basis: Basis = "period"
) -> frozenset[tuple[str, str, Period]]:
    """Indicators, units and periods (of one grain) of which nothing may be shown; none for viewers with list depth."""
    if reader.viewer.may("list") or not periods:
        return frozenset()
    lines = {unit: tuple(line_of(reader, unit)) for unit in units}
    parents = dict.fromkeys(parent for line in lines.values() for _, parent in line)
    measured = [c for c in codes if reader.workplace.catalogue.indicator(c).measure is not None]
    if not parents or not measured:
        return frozenset()
    tables = {parent: _tables(reader, measured, parent, periods, basis) for parent in parents}
    wanted = frozenset(measured)
    return frozenset(
        (code, unit, period)
        for unit, line in lines.items()
        for child, parent in line
        for period, out in tables[parent].items()
        for code, among in out.items()
        if child in among and code in wanted
    )


def withheld_above(
    reader: Reader, found: Collection[Observation], basis: Basis = "period"
) -> frozenset[tuple[str, str, Period]]:
    """The same of everything that observations are about; a part of what is withheld is withheld too."""
    return withheld_in(
        reader,
        tuple(dict.fromkeys(each.code for each in found)),
        tuple(dict.fromkeys(each.unit for each in found)),
        tuple(dict.fromkeys(each.period for each in found)),
        basis,
    )


def line_of(reader: Reader, unit: str) -> Iterator[tuple[str, str]]:
    """The unit and each above it, with its parent, as far as the parent is within reach."""
    units = reader.workplace.catalogue.units
    parent = units[unit].parent
    while parent is not None and reader.ground.within(parent):
        yield unit, parent
        unit, parent = parent, units[parent].parent


def _tables(
    reader: Reader, codes: Sequence[str], parent: str, periods: Sequence[Period], basis: Basis
) -> dict[Period, Out]:
    """What is withheld in the table of a unit's children, per period: by its own numbers, and because periods add up."""
    found = _own_tables(reader, codes, parent, periods, basis)
    if reader.states.published is None:
        return found
    for period in found:
        wider = period
        if period.grain.minutes is not None:  # parts of a day that is withheld
            wider = period_of_day(Grain.DAY, period.first_day, period.zone)
            found[period] = joined(found[period], _published(reader, parent, wider))
        at = borders_of(wider, basis)
        found[period] = joined(found[period], *(_tied(reader, parent, border, period.zone) for border in at))
    return found


def _tied(reader: Reader, parent: str, border: date, zone: ZoneInfo) -> Out:
    """What is withheld of a unit's children in every period that begins or ends at a border."""

    def known(code: str, units: Collection[str], day: date) -> bool:
        published, period = reader.states.published, period_of_day(Grain.DAY, day, zone)
        if published is None or not published.covers(period):
            return False
        parts = (published.read(unit, period)(code) for unit in units)
        return any(each is None or (each.n or 0) > 0 for each in parts)

    return reader.states.once(
        ("withheld.tied", parent, border, zone.key),
        lambda: out_at(border, zone, lambda period: _published(reader, parent, period), known),
    )


def _published(reader: Reader, parent: str, period: Period) -> Out:
    """What the published numbers of a period withhold; nothing where they are not published as they are now."""
    published = reader.states.published
    if published is None or not published.covers(period):
        return {}
    children = tuple(reader.ground.children(parent))
    return reader.states.once(
        ("withheld", parent, period), lambda: _out(children, published.few(children, period, SMALLEST_CELL))
    )


def _own_tables(
    reader: Reader, codes: Sequence[str], parent: str, periods: Sequence[Period], basis: Basis
) -> dict[Period, Out]:
    """What the numbers of each period withhold by themselves."""
    children = tuple(reader.ground.children(parent))
    published = reader.states.published
    found: dict[Period, Out] = {}
    if published is not None and basis == "period" and published.answers(codes, periods[0].grain):
        for period in periods:
            if published.covers(period):
                found[period] = _published(reader, parent, period)
    for period in dict.fromkeys(periods):
        if period not in found:
            found[period] = reader.states.once(
                ("withheld", parent, period, basis, tuple(codes)),
                lambda period=period: _out(children, _asked(reader, codes, parent, period, basis)),  # type: ignore[misc]
            )
    return found


def _asked(
    reader: Reader, codes: Sequence[str], parent: str, period: Period, basis: Basis
) -> Mapping[str, Sequence[int | None]]:
    request = ObserveRequest(
        tuple(codes), parent, period.grain, period.first_day, period.last_day, basis=basis, children=True, stale="show"
    )
    found: dict[str, list[int | None]] = {code: [] for code in codes}
    for each in observe(reader.workplace, reader.states, request):
        if each.period == period:
            found[each.code].append(each.n if each.completeness else None)
    return found


def _out(children: Sequence[str], parts: Mapping[str, Sequence[int | None]]) -> Out:
    found: dict[str, frozenset[str]] = {}
    for code, of_code in parts.items():
        places = withheld_parts(of_code)
        if places is None:
            found[code] = frozenset(children)
        elif places:
            found[code] = frozenset(children[place] for place in places)
    return found
