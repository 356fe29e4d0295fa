"""Places below a unit: their share of complaints against their share of users, and where complaints have grown
(S003-028, S000-103)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.counts import of_period, value_name
from ganzhi.complaints.hotspots import HotSpots
from ganzhi.complaints.reports.document import Column, Row, Table
from ganzhi.complaints.reports.parts import ALL, number, opens
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.numerics.intervals import wilson

PER_USERS = "complaint.per_10k"
INNER = 3
"""Places of the next level that are named where complaints are most beyond their users."""


@dataclass(frozen=True, slots=True)
class Area:
    """low, high: 95 % of the share of complaints. rate: complaints per 10,000 users; it and user_share are None where users are
    not known."""

    unit: str
    name: Text
    count: int
    share: float
    low: float
    high: float
    rate: float | None
    user_share: float | None

    @property
    def more(self) -> bool:
        """Whether even the low end lies above the share of users."""
        return self.user_share is not None and self.low > self.user_share


def areas(reader: Reader, unit: str, period: Period) -> tuple[Area, ...]:
    """Places below, those whose share of complaints is furthest above their share of users first."""
    below = reader.ground.children(unit)
    counts = {keys[0]: n for keys, n in of_period(reader, ALL, unit, period, children=True).items() if keys[0] in below}
    users = _users(reader, unit, period, frozenset(counts))
    total, everybody = sum(counts.values()), sum(number for number, _ in users.values())
    found = []
    for code, count in counts.items():
        interval = wilson(count, total)
        own, rate = users.get(code, (None, None))
        found.append(
            Area(code, below[code].name, count, count / total if total else 0.0, interval.low, interval.high, rate,
                 own / everybody if own is not None and everybody else None)
        )  # fmt: skip
    return tuple(
        sorted(
            found, key=lambda each: (-(each.share / each.user_share if each.user_share else 0), -each.count, each.unit)
        )
    )


def _users(reader: Reader, unit: str, period: Period, of: frozenset[str]) -> dict[str, tuple[float, float | None]]:
    """Users of each place, in the unit of the rate's denominator, and the rate."""
    if PER_USERS not in reader.workplace.catalogue.indicators:
        return {}
    request = ObserveRequest(
        codes=(PER_USERS,),
        unit=unit,
        grain=period.grain,
        first=period.first_day,
        last=period.last_day,
        children=True,
        stale="show",
    )
    found = observe(reader.workplace, reader.states, request)
    return {
        each.unit: (float(each.denominator), None if each.value is None else float(each.value))
        for each in found
        if each.period == period and each.unit in of and each.denominator
    }


def areas_table(reader: Reader, unit: str, period: Period, spots: HotSpots) -> Table:
    """Places with their shares; those that are hot spots are marked, with the places inside them that have most."""
    grown = {cell.keys[0] for cell in spots.cells if cell.sides == ("place",) and cell.grown}
    found = areas(reader, unit, period)
    why = {each.unit: "grown" if each.unit in grown else "more" if each.more else "" for each in found}
    inner = _inner(reader, [each.unit for each in found if why[each.unit]], period)
    rows = tuple(
        Row(
            (each.name, each.count, number(each.share), number(each.low), number(each.high), number(each.user_share), number(each.rate, 4),
             why[each.unit], inner.get(each.unit, "")),
            opens=opens(reader, ALL, each.unit, period),
            marked=bool(why[each.unit]),
        )
        for each in found
    )  # fmt: skip
    columns = (
        Column("place"), Column("count", "count", part=True), Column("share", "share"), Column("low", "share"), Column("high", "share"),
        Column("user_share", "share"), Column("per_10k", "number"), Column("why", "word"), Column("inside"),
    )  # fmt: skip
    return Table("areas", columns, rows)


def _inner(reader: Reader, units: Sequence[str], period: Period) -> dict[str, Text]:
    """Of places the names of the places inside with most complaints, without their numbers; asked for at once."""
    parents = {code: unit for unit in units for code in reader.ground.children(unit)}
    if not parents:
        return {}
    request = ObserveRequest(
        codes=(ALL,),
        unit=reader.ground.top,
        units=tuple(parents),
        grain=period.grain,
        first=period.first_day,
        last=period.last_day,
        stale="show",
    )
    counts: dict[str, dict[str, int]] = {}
    for each in observe(reader.workplace, reader.states, request):
        if each.period == period and each.value:
            counts.setdefault(parents[each.unit], {})[each.unit] = int(each.value)
    found = {}
    for unit, own in counts.items():
        names = [value_name(reader, "unit", code) for code in sorted(own, key=lambda code: (-own[code], code))[:INNER]]
        found[unit] = Text(zh="、".join(n.zh for n in names), en=", ".join(n.en for n in names))
    return found
