"""What is known of halls for one day: customers by period, on the day and on days alike; open desks; handling times.

Customers and handling times are observations, which can be opened like any other number. Open desks come from the rows
of stretches of time that the rule names: no sum over rows says how many desks were open at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ganzhi.base.periods import Grain, Period, midnight, periods_between
from ganzhi.catalogue.model.warning import Capacity, Desks, WarningRule
from ganzhi.compile.dialects import identifier
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.known import arrived_days
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.numerics.alarm.countmodel import fit_counts
from ganzhi.numerics.alarm.slots import SLOTS_BACK
from ganzhi.numerics.queues.carried import through_day
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.baseline import HISTORY_DAYS
from ganzhi.warn.design import design_for
from ganzhi.warn.occasions import Days, days_of

Array = NDArray[np.float64]
Stale = Literal["refuse", "show"]

LOOKED_BACK: Final = 120
"""Days within which days alike are looked for."""
HANDLED_DAYS: Final = 28
MOST_TOGETHER: Final = 8
"""Halls of which days alike are asked for with the days between them."""
LEAST_HANDLED: Final = 30
"""Customers without which a hall's own handling time is not known well enough, and that of all halls stands for it."""
LEAST_MODELLED: Final = 42
"""Known days without which nothing is said of what kind of day brings how much."""
LEAST_DAYS_PER_COLUMN: Final = 3
LEAST_OPEN: Final = 0.5
"""Open desks of a period below which its waits are not compared with those of formulas."""
EXPECTED_SHARE: Final = 0.5
"""What is left of the wait that formulas put down to chance where services hardly differ."""
SURE_OF_SHARE: Final = 50.0
"""As many customers as that is believed for."""
LEAST_SHARE, MOST_SHARE = 0.05, 3.0
"""Between what the share of the wait that is put down to chance is believed."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Halls on a day; a row per hall, a column per period. periods: of the day. came: customers on the day. alike: of
    days alike, oldest first, as [day, hall, period]; moved: per day alike the level of the day over its own. desks: mean
    number of open desks, None where nothing of them arrived for the day. planned: the same on days alike, as [day, hall,
    period], of those days of which it arrived. service: seconds a customer takes a desk, nan where unknown. until: periods
    that are over, as far as is known. share: how much of the wait that formulas put down to chance customers had on days alike."""

    units: tuple[str, ...]
    periods: tuple[Period, ...]
    came: Array
    alike: Array
    moved: Array
    desks: Array | None
    planned: Array
    service: Array
    until: int
    share: Array


@dataclass(frozen=True, slots=True)
class Past:
    """What a day rests on and what does not change while it runs."""

    alike: Array
    moved: Array
    planned: Array
    service: Array
    share: Array


def halls_of(workplace: Workplace, rule: WarningRule) -> tuple[str, ...]:
    """The units a rule judges."""
    return tuple(code for code, unit in workplace.catalogue.units.items() if unit.level in rule.at)


def floor_of(
    workplace: Workplace,
    reading: States,
    rule: WarningRule,
    units: Sequence[str],
    day: date,
    past: Past | None = None,
    stale: Stale = "refuse",
) -> Floor:
    """Everything about units on a day. past: as `past_of` gave it for the same day and units."""
    assert rule.capacity is not None
    past = past or past_of(workplace, reading, rule, units, day, stale)
    every = _counts(workplace, reading, rule, (*units, workplace.catalogue.root_unit), day, stale)
    came = every[:-1]
    periods = tuple(periods_between(rule.grain, day, day, workplace.zone))
    desks = None
    if arrived_days(workplace, rule.capacity.desks.feed).get(day, (0.0, 0))[0]:
        (desks,) = open_desks(workplace, reading, rule, units, [day])
    return Floor(
        tuple(units), periods, came, past.alike, past.moved, desks, past.planned, past.service,
        _until(workplace, periods, every[-1]), past.share,
    )  # fmt: skip


def past_of(
    workplace: Workplace, reading: States, rule: WarningRule, units: Sequence[str], day: date, stale: Stale = "refuse"
) -> Past:
    """What a day rests on."""
    assert rule.capacity is not None
    feed = workplace.catalogue.indicator(rule.indicator).feed
    assert feed is not None
    whole = {each for each, (share, _) in arrived_days(workplace, feed).items() if share >= 1.0 and each < day}
    calendar = days_of(workplace.catalogue)
    days = days_alike(day, whole, calendar)
    width = len(list(periods_between(rule.grain, day, day, workplace.zone)))
    tables = _counts_of_days(workplace, reading, rule, units, days, stale)
    same = [place for place, table in enumerate(tables) if table.shape[1] == width]  # no day of 23 or 25 hours
    alike = np.array([tables[place] for place in same]).reshape(len(same), len(units), width)
    level = _levels(workplace, reading, rule, calendar, sorted(whole), (*(days[place] for place in same), day), stale)
    known = arrived_days(workplace, rule.capacity.desks.feed)
    both = [place for place in range(len(same)) if known.get(days[same[place]], (0.0, 0))[0] >= 1.0]
    tables = open_desks(workplace, reading, rule, units, [days[same[place]] for place in both])
    planned = np.array(tables).reshape(len(both), len(units), width)
    service = service_of(workplace, reading, rule.capacity, units, day, stale)
    with_desks = tuple(days[same[place]] for place in both)
    share = share_of_chance(workplace, reading, rule, units, with_desks, alike[both], planned, service, stale)
    return Past(alike, level[-1] / level[:-1], planned, service, share)


def share_of_chance(
    workplace: Workplace,
    reading: States,
    rule: WarningRule,
    units: Sequence[str],
    days: Sequence[date],
    came: Array,
    desks: Array,
    service: Array,
    stale: Stale,
) -> Array:
    """Per hall how much of the wait that formulas put down to chance its customers had on days, beyond what plain
    arithmetic says of their number and of the desks; `EXPECTED_SHARE` as far as that is not known. Customers in periods
    without an open desk are left out."""
    assert rule.capacity is not None
    unknown = np.full(len(units), EXPECTED_SHARE)
    if rule.capacity.waited is None or not days or np.isnan(service).any():
        return unknown
    waited, served = np.zeros(len(units)), np.zeros(len(units))
    asked = _asked(workplace, units, (rule.capacity.waited,), Grain.DAY, days[0], days[-1], stale)
    row = {unit: place for place, unit in enumerate(units)}
    for each in observe(workplace, reading, asked):
        if each.period.first_day in days:
            waited[row[each.unit]] += float(each.numerator or 0)
            served[row[each.unit]] += float(each.denominator or 0)
    opened = np.where(desks >= LEAST_OPEN, desks, 0.0)
    usable = np.where(opened > 0, came, 0.0)
    period = 60.0 * (rule.grain.minutes or 0)
    waits = [through_day(*each, service, period) for each in zip(usable, opened, strict=True)]
    formulas, plain = ((np.array([each[n] for each in waits]) * usable).sum(axis=(0, 2)) for n in (0, 1))
    customers = usable.sum(axis=(0, 2))
    told = (served > 0) & (formulas > plain)
    by_chance = np.where(told, formulas - plain, 1.0)
    real = np.where(told, waited / np.maximum(served, 1.0) * customers - plain, 0.0)
    share = np.clip(real / by_chance, LEAST_SHARE, MOST_SHARE)
    weight = np.where(told, customers, 0.0)
    return np.asarray((weight * share + SURE_OF_SHARE * EXPECTED_SHARE) / (weight + SURE_OF_SHARE))


def days_alike(day: date, whole: set[date], calendar: Days) -> tuple[date, ...]:
    """The last whole days of the same weekday, oldest first; days off go with Sundays, worked weekend days with Wednesdays."""

    def kind(each: date) -> int:
        return {"holiday": 6, "festival": 6, "made_up": 2}.get(calendar.class_of(each), each.weekday())

    wanted = kind(day)
    back = (day - timedelta(days=n) for n in range(1, LOOKED_BACK + 1))
    found = [each for each in back if each in whole and kind(each) == wanted]
    return tuple(reversed(found[:SLOTS_BACK]))


def _counts(
    workplace: Workplace, reading: States, rule: WarningRule, units: Sequence[str], day: date, stale: Stale
) -> Array:
    """Customers per hall and period of a day; what is unknown is 0, which only a day that arrived is asked for."""
    asked = _asked(workplace, units, (rule.indicator,), rule.grain, day, day, stale)
    found: dict[str, list[float]] = {}
    for each in observe(workplace, reading, asked):
        found.setdefault(each.unit, []).append(float(each.value or 0.0))
    return np.array([found[unit] for unit in units], dtype=np.float64).reshape(len(units), -1)


def _counts_of_days(
    workplace: Workplace, reading: States, rule: WarningRule, units: Sequence[str], days: Sequence[date], stale: Stale
) -> list[Array]:
    """The same of several days, oldest first: together where few halls are asked for, each by itself where many are."""
    if not days or len(units) > MOST_TOGETHER:
        return [_counts(workplace, reading, rule, units, each, stale) for each in days]
    asked = _asked(workplace, units, (rule.indicator,), rule.grain, days[0], days[-1], stale)
    found: dict[tuple[date, str], list[float]] = {}
    for each in observe(workplace, reading, asked):
        found.setdefault((each.period.first_day, each.unit), []).append(float(each.value or 0.0))
    return [np.array([found[day, unit] for unit in units], dtype=np.float64) for day in days]


def _asked(
    workplace: Workplace,
    units: Sequence[str],
    codes: tuple[str, ...],
    grain: Grain,
    first: date,
    last: date,
    stale: Stale,
) -> ObserveRequest:
    root = workplace.catalogue.root_unit
    return ObserveRequest(codes, root, grain, first, last, units=tuple(units), stale=stale)


def _levels(
    workplace: Workplace,
    reading: States,
    rule: WarningRule,
    calendar: Days,
    whole: Sequence[date],
    days: Sequence[date],
    stale: Stale,
) -> Array:
    """What a model of all customers of all halls expects of days: turn of the month, days off, bills, growth. 1 for all
    where too little is known for one."""
    day = days[-1]
    history = [each for each in whole if (day - each).days <= HISTORY_DAYS]
    if len(history) < LEAST_MODELLED:
        return np.ones(len(days))
    root = workplace.catalogue.root_unit
    asked = _asked(workplace, (root,), (rule.indicator,), Grain.DAY, history[0], history[-1], stale)
    totals = {each.period.first_day: float(each.value or 0.0) for each in observe(workplace, reading, asked)}
    counts = np.array([totals[each] for each in history])
    design, rows = design_for(history, calendar, trend=len(history) >= HISTORY_DAYS // 2)
    if not counts.any() or len(history) < LEAST_DAYS_PER_COLUMN * rows.shape[1]:
        return np.ones(len(days))
    model = fit_counts(counts, rows)
    return np.array([model.mean(row) for row in design.rows(list(days), calendar)])


def service_of(
    workplace: Workplace, reading: States, capacity: Capacity, units: Sequence[str], day: date, stale: Stale
) -> Array:
    """Mean seconds a customer takes a desk, of the weeks before a day; of all halls where one has served too few."""
    root = workplace.catalogue.root_unit
    first, last = day - timedelta(days=HANDLED_DAYS), day - timedelta(days=1)
    asked = _asked(workplace, (*units, root), capacity.handling, Grain.DAY, first, last, stale)
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for each in observe(workplace, reading, asked):
        took, n = sums.get((each.unit, each.code), (0.0, 0.0))
        sums[each.unit, each.code] = took + float(each.numerator or 0), n + float(each.denominator or 0)
    found = []
    for unit in units:
        parts = []
        for code in capacity.handling:
            took, n = sums[unit, code]
            took, n = (took, n) if n >= LEAST_HANDLED else sums[root, code]
            parts.append(took / n if n else np.nan)
        found.append(sum(parts))
    return np.array(found)


def open_desks(
    workplace: Workplace, reading: States, rule: WarningRule, units: Sequence[str], days: Sequence[date]
) -> list[Array]:
    """Per day the mean number of open desks of each unit in each period; stretches that have not ended go on until now, or
    to the end of their day. A stretch counts on the day on which it began."""
    assert rule.capacity is not None
    place = {unit: row for row, unit in enumerate(units)}
    periods = [tuple(periods_between(rule.grain, day, day, workplace.zone)) for day in days]
    starts = [np.array([each.start.timestamp() for each in of_day]) for of_day in periods]
    ends = [np.array([each.end.timestamp() for each in of_day]) for of_day in periods]
    found = [np.zeros((len(units), each.size)) for each in starts]
    now = workplace.clock.now().timestamp()
    for day, unit, begin, until, paused in _stretches(workplace, reading, rule.capacity.desks, days):
        row = _row_of(workplace, place, unit)
        end = min(ends[day][-1], now) if until is None else until
        if row is None or end <= begin:
            continue
        served = max(0.0, 1.0 - paused / (end - begin))
        overlap = np.clip(np.minimum(ends[day], end) - np.maximum(starts[day], begin), 0.0, None)
        found[day][row] += served * overlap / (ends[day] - starts[day])
    return found


def _stretches(
    workplace: Workplace, reading: States, desks: Desks, days: Sequence[date]
) -> Iterator[tuple[int, str, float, float | None, float]]:
    """Place of the day, unit, begin, end, paused seconds of each row of the days."""
    feed = workplace.catalogue.feed(desks.feed)
    table = f"rows/{desks.feed}"
    files = reading.snapshot.table(table, [day.isoformat() for day in days])
    if not files:
        return
    paused = "0" if desks.paused is None else f"coalesce({identifier(desks.paused)}, 0)"
    columns = f"{identifier(feed.unit)} as unit, epoch({identifier(desks.begins)}) as begins, epoch({identifier(desks.ends)}) as ends"
    relation = Relation(files, rows_schema(feed))
    with workplace.engine.session({relation_of(table): relation}) as session:
        rows = session.query(f"select {columns}, {paused} as paused from {relation_of(table)}").to_pylist()
    order = {day: place for place, day in enumerate(days)}
    for row in rows:
        day = order.get(datetime.fromtimestamp(row["begins"], workplace.zone).date())
        if day is not None:
            end = None if row["ends"] is None else float(row["ends"])
            yield day, str(row["unit"]), float(row["begins"]), end, float(row["paused"])


def _row_of(workplace: Workplace, place: Mapping[str, int], unit: str) -> int | None:
    """The row of a unit or of the nearest unit above it that is judged."""
    at: str | None = unit
    units = workplace.catalogue.units
    while at is not None and at not in place:
        at = units[at].parent if at in units else None
    return None if at is None else place[at]


def _until(workplace: Workplace, periods: Sequence[Period], came: Array) -> int:
    """How many periods are over: all of a day that is; else those up to the last in which anybody came anywhere. came: everywhere."""
    now = workplace.clock.now()
    if now >= midnight(periods[0].first_day + timedelta(days=1), workplace.zone):
        return len(periods)
    ended = sum(each.end <= now for each in periods)
    seen = np.flatnonzero(came)
    return min(ended, int(seen[-1]) + 1 if seen.size else 0)


def last_known(workplace: Workplace, rule: WarningRule) -> date | None:
    """The last day on which customers arrived; None when none ever did."""
    feed = workplace.catalogue.indicator(rule.indicator).feed
    days = {} if feed is None else arrived_days(workplace, feed)
    return max((day for day, (share, _) in days.items() if share), default=None)
