"""Counts asked once and by columns: of a unit and the places below it, for many periods, cut by several dimensions.

What a page or report compares are sums over the same few cells: by category, by product, by place, of today, of the
week before. Asked one by one each costs a query; here the cells come in one, and their sums are formed from them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.base.periods import Period
from ganzhi.compile.observe import Question, column_of, observe_sql, slice_column
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.calendar import asked_days
from ganzhi.measure.known import Known
from ganzhi.measure.units import wanted_table

Keys = tuple[str, ...]
UNIT, PERIOD = "unit", "period"


@dataclass(frozen=True, slots=True)
class Cube:
    """cells: unit, place of the period, `by_<dimension>` and one column for each code, as far as it is not nothing.
    known: of each period whether anything of it is known."""

    codes: tuple[str, ...]
    unit: str
    below: frozenset[str]
    by: tuple[str, ...]
    periods: tuple[Period, ...]
    known: tuple[bool, ...]
    cells: pa.Table

    def holds(self, code: str, by: Collection[str], periods: Collection[Period], *, children: bool) -> bool:
        """Whether it answers a question."""
        return (
            code in self.codes
            and set(by) <= set(self.by)
            and set(periods) <= set(self.periods)
            and (bool(self.below) or not children)
        )

    def sums(self, code: str, by: Sequence[str] = (), *, children: bool = False) -> dict[Keys, dict[Period, int]]:
        """Counts by values and period; with `children` of the places below, whose codes come first. Of periods that are
        known what has no count has none; the whole is there for each of them."""
        mine = self.cells.filter(
            pc.is_in(self.cells[UNIT], pa.array(sorted(self.below), pa.string()))
            if children
            else pc.equal(self.cells[UNIT], self.unit)
        )
        names = [*([UNIT] if children else []), *(slice_column(name) for name in by)]
        summed = mine.group_by([*names, PERIOD]).aggregate([(code, "sum")])
        columns = [summed[name].to_pylist() for name in names]
        places, numbers = summed[PERIOD].to_pylist(), summed[f"{code}_sum"].to_pylist()
        start: dict[Keys, dict[Period, int]] = {}
        if not by:
            for each in sorted(self.below) if children else ("",):
                key = (each,) if children else ()
                start[key] = {period: 0 for period, here in zip(self.periods, self.known, strict=True) if here}
        for at, (place, number) in enumerate(zip(places, numbers, strict=True)):
            if self.known[place] and number is not None:
                start.setdefault(tuple(str(column[at]) for column in columns), {})[self.periods[place]] = int(number)
        return start


_HELD: Final = "counts of complaints"


def hold(
    reader: Reader,
    codes: Sequence[str],
    unit: str,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    *,
    children: bool = False,
) -> Cube | None:
    """Ask for counts once; questions of this reader that they answer are answered from them. Indicators of one feed that
    are not declared, or cannot be cut so, are left out. None where nothing can be asked so."""
    declared = reader.workplace.catalogue.indicators
    asked = tuple(code for code in codes if code in declared and set(by) <= set(declared[code].by))
    held = held_for(reader)
    for each in held:
        if asked and each.unit == unit and all(each.holds(code, by, periods, children=children) for code in asked):
            return each
    cube = _cube(reader, asked, unit, tuple(periods), tuple(by), children=children)
    if cube is not None:
        held.append(cube)
    return cube


def held_for(reader: Reader) -> list[Cube]:
    """What this reader asked for."""
    found: list[Cube] = reader.asked.setdefault(_HELD, [])
    return found


def _cube(
    reader: Reader,
    codes: tuple[str, ...],
    unit: str,
    periods: tuple[Period, ...],
    by: tuple[str, ...],
    *,
    children: bool,
) -> Cube | None:
    place = reader.workplace
    feeds = {place.catalogue.indicators[code].feed for code in codes}
    feed = feeds.pop() if len(feeds) == 1 else None
    if feed is None or any(place.catalogue.indicators[code].rate is not None for code in codes):
        return None
    plan = plan_feed(place.catalogue, feed)
    what_is_known = reader.states.known(place, plan)
    measures = {m.name for code in codes for m in plan.formula(code).measures}
    if what_is_known.lacking_days(measures):  # days of an older plan are told apart by `observe`
        return None
    below = frozenset(reader.ground.children(unit)) if children else frozenset()
    known = tuple(bool(what_is_known.of(period)) for period in periods)
    cells = (
        _asked(reader, plan, what_is_known, codes, (unit, *sorted(below)), periods, by)
        if any(known) and feed in reader.states.feeds
        else _nothing(codes, by)
    )
    return Cube(codes, unit, below, by, periods, known, cells)


def _nothing(codes: Sequence[str], by: Sequence[str]) -> pa.Table:
    texts = [(name, pa.string()) for name in (UNIT, *(slice_column(name) for name in by))]
    return pa.schema([*texts, (PERIOD, pa.int64()), *((code, pa.int64()) for code in codes)]).empty_table()


def _asked(
    reader: Reader,
    plan: FeedPlan,
    what_is_known: Known,
    codes: Sequence[str],
    units: Sequence[str],
    periods: Sequence[Period],
    by: Sequence[str],
) -> pa.Table:
    first, last = min(each.first_day for each in periods), max(each.last_day for each in periods)
    months = what_is_known.months
    question = Question(tuple(codes), "day", tuple(by), {}, first, last, bool(months))
    session = reader.states.session_of(plan.feed, fine=False, days=(first, last))
    session.register("wanted", wanted_table(reader.workplace.catalogue, units))
    session.register("asked", asked_days(periods, what_is_known.usable, months))
    found = session.query(observe_sql(plan, question))
    columns: Mapping[str, pa.ChunkedArray] = {
        UNIT: found[UNIT],
        **{slice_column(name): found[slice_column(name)].cast(pa.string()) for name in by},
        PERIOD: found[PERIOD].cast(pa.int64()),
        **{code: found[column_of(code, "numerator")].cast(pa.int64()) for code in codes},
    }
    return pa.table(dict(columns))
