"""Reported numbers of units that may not be shown, because too few events stand behind them or would follow from others.

What was reported may be smaller than what is known now, so it has a rule of its own beside that of the present numbers
(`above`): a unit withheld among its siblings in a closed period, in whichever edition, is withheld in every closed
period that shares a day with it. Whoever moves an event of that day from one of the units withheld to another changes no
reported number that is shown, so none of them follows from sums over units or over time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.measure.build.cells.above import line_of, withheld_in
from ganzhi.measure.build.cells.rule import withheld_parts
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.publish.read import query_files
from ganzhi.measure.reported.close import reported_schema, reported_table

Place = tuple[str, str, Period]
"""Indicator, unit and closed period."""

_GRAINS: Final = tuple(grain for grain in Grain if grain.minutes is None)


def withheld_reported(
    reader: Reader, codes: Collection[str], units: Collection[str], periods: Sequence[Period]
) -> frozenset[Place]:
    """Of indicators, units and closed periods of one grain those whose reported numbers may not be shown; none for
    viewers with list depth. What is withheld of the present is withheld of what was reported too."""
    if reader.viewer.may("list") or not periods:
        return frozenset()
    known = [code for code in codes if code in reader.workplace.catalogue.indicators]
    found = set(withheld_in(reader, known, units, periods))
    first, last = min(p.first_day for p in periods), max(p.last_day for p in periods)
    for unit in units:
        for child, parent in line_of(reader, unit):
            for code, small in _small(reader, parent, tuple(sorted(codes)), first, last).items():
                for period in periods:
                    if any(child in out for other, out in small if _overlap(period, other)):
                        found.add((code, unit, period))
    return frozenset(found)


def _overlap(one: Period, other: Period) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def _small(
    reader: Reader, parent: str, codes: tuple[str, ...], first: date, last: date
) -> Mapping[str, Sequence[tuple[Period, frozenset[str]]]]:
    """Per indicator, the children of a unit that are withheld by the reported numbers themselves, in the closed periods
    that share a day with those asked for."""
    return reader.states.once(
        ("withheld.reported", parent, codes, first, last), lambda: _read(reader, parent, codes, first, last)
    )


def _read(
    reader: Reader, parent: str, codes: tuple[str, ...], first: date, last: date
) -> dict[str, list[tuple[Period, frozenset[str]]]]:
    place, found = reader.workplace, defaultdict(list)
    children = tuple(reader.ground.children(parent))
    for grain in _GRAINS:
        closed = [period_of_day(grain, each.first_day, place.zone) for each in place.store.closings.all(grain.value)]
        near = {p.first_day: p for p in closed if p.first_day <= last and first <= p.last_day}
        days = [day.isoformat() for day in near]
        files = reader.states.snapshot.table(reported_table("observed", grain), days) if days else ()
        tables: dict[tuple[str, date, int], dict[str, int | None]] = defaultdict(dict)
        for row in query_files(place, files, reported_schema("observed"), code=codes, unit=children):
            tables[row["code"], row["period"], row["edition"]][row["unit"]] = row["n"]
        for (code, day, _), by_unit in tables.items():
            out = withheld_parts([by_unit.get(child) for child in children])
            withheld = frozenset(children) if out is None else frozenset(children[place] for place in out)
            if withheld:
                found[code].append((near[day], withheld))
    return dict(found)
