"""A rule over the minutes of today: values from counts, judged as they change, period by period and all series together.

Under watch are the latest periods (`PERIODS`); events that come late change them and they are judged again, from the
first that changed. What has left the watch is over for good and becomes part of what is expected.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InternalError
from ganzhi.base.periods import Period, period_at
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import Formula, Term
from ganzhi.compile.measures import DECIMAL_PLACES
from ganzhi.compile.minutes import MinutePlan
from ganzhi.ingest.stream.counting import minute_of
from ganzhi.numerics.alarm.slots import SLOTS_BACK
from ganzhi.store.streams.minutes import Count
from ganzhi.warn.baseline import Expectation
from ganzhi.warn.evaluate import COUNTED, fixed_limits, rule_of
from ganzhi.warn.family import adjust, in_families
from ganzhi.warn.grade import Crossing, Factor, after, tails_of
from ganzhi.warn.limits.inforce import InForce
from ganzhi.warn.minutes.lane import WARM, Lane, Step, Value
from ganzhi.warn.minutes.past import MINUTES_A_DAY, Cut, Past
from ganzhi.warn.occasions import Days, days_of
from ganzhi.warn.signal import Reason, Signal, Verdict, rank_of

PERIODS: Final = 24
"""Periods under watch beside those that persistence, hysteresis and the drift look back on."""
LEARNT: Final = 150
"""Periods before the watch whose errors make the first band."""
Minutes = dict[int, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Now:
    """The time, and up to when all that happened is believed to have come; since: the first minute that was counted."""

    at: datetime
    heard_until: datetime | None
    since: datetime


class Watch:
    """One rule. Told of counts by `put`, asked by `judge`. approved: thresholds that take the place of the model's limits."""

    def __init__(
        self,
        catalogue: Catalogue,
        plan: MinutePlan,
        code: str,
        zone: ZoneInfo,
        past: Past,
        now: Now,
        approved: InForce | None = None,
    ) -> None:
        self.code, self.rule = code, rule_of(catalogue, code)
        self._catalogue, self._zone, self._past = catalogue, zone, past
        self._formula: Formula = plan.feed.formula(self.rule.indicator)
        indicator = catalogue.indicator(self.rule.indicator)
        self._counted = indicator.measure in COUNTED
        self._least = 0 if indicator.unit == "count" else indicator.min_n
        limits = fixed_limits(catalogue, self.rule)
        by_limits = self.rule.baseline == "fixed" or (self.rule.baseline == "auto" and bool(limits))
        self._fixed = limits if by_limits else None
        self._tails = tails_of(self.rule)
        self._approved = approved or InForce()
        self._days = days_of(catalogue)
        self._depth = _depths(catalogue)
        self._length = self.rule.grain.minutes or 0
        self._alike: dict[date, list[int]] = {}
        self._lanes: dict[Cut, Lane] = {}
        self._minutes: dict[Cut, Minutes] = {}
        self._touched: dict[int, set[Cut]] = {}
        self._new: set[Cut] = set()
        self._whole: dict[int, bool] = {}
        self._told_once = False
        self._taught: list[tuple[int, Period]] | None = None
        self._begins = PERIODS + WARM + self.rule.hold + self.rule.persist
        self.periods = self._first_periods(now)
        for cut in past.counts:
            if self._concerns(cut):
                self._lane(cut)

    def _first_periods(self, now: Now) -> list[Period]:
        last = period_at(self.rule.grain, now.at, self._zone)
        start = last.start.astimezone(UTC) - timedelta(minutes=self._length * (self._begins - 1))
        found = [period_at(self.rule.grain, start, self._zone)]
        while found[-1].start < last.start:
            found.append(found[-1].following())
        return found

    @property
    def first_minute(self) -> int:
        """The first minute under watch."""
        return minute_of(self.periods[0].start)

    def put(self, counts: Iterable[Count]) -> None:
        """Take in what the counts of minutes are now."""
        for each in counts:
            cut = (each.unit, each.slice)
            if not self._concerns(cut):
                continue
            self._lane(cut)
            self._minutes.setdefault(cut, {}).setdefault(each.minute, {})[each.measure] = each.value
            first = self.first_minute
            self._touched.setdefault(first + (each.minute - first) // self._length * self._length, set()).add(cut)

    def judge(self, now: Now) -> Iterator[list[Signal]]:
        """The signals of each period that something changed in since the last time, periods in order."""
        self._roll(now)
        first = self._settle(now)
        if first is None:
            return
        lanes = sorted(self._lanes.items(), key=lambda item: (self._depth.get(item[0][0], 99), item[0]))
        for place in range(first, len(self.periods)):
            yield self._judge(place, lanes)
        self._told_once = True

    def _concerns(self, cut: Cut) -> bool:
        unit, slice_ = cut
        known = self._catalogue.units.get(unit)
        if known is None or known.level not in self.rule.at:
            return False
        if self.rule.by is None:
            return slice_ == "{}"
        if slice_ == "{}":
            return False
        value = json.loads(slice_).get(self.rule.by)
        return value is not None and (not self.rule.only or value in self.rule.only)

    def _lane(self, cut: Cut) -> Lane:
        if cut not in self._lanes:
            lane = Lane(self.rule, self._tails, self._fixed, counted=self._counted, slice_=json.loads(cut[1]))
            if self._fixed is None:
                self._teach(lane, cut)
            lane.steps = [Step(self._earlier(cut, period)) for period in self.periods]
            self._lanes[cut] = lane
            self._new.add(cut)
        return self._lanes[cut]

    def _teach(self, lane: Lane, cut: Cut) -> None:
        """The errors of the last periods before the watch, as far as they lie on days that are over."""
        for place, period in self._lessons():
            value = self._past_values(cut, [place], self._column(period))
            earlier = self._earlier(cut, period)
            if value and earlier:
                lane.learn(earlier, value[0])

    def _lessons(self) -> list[tuple[int, Period]]:
        """The latest periods of known days before the watch, oldest first, each with the place of its day."""
        if self._taught is None:
            places = {day: place for place, day in enumerate(self._past.days)}
            period, found = self.periods[0], []
            for _ in range(LEARNT + self._begins + MINUTES_A_DAY // self._length):
                period = period.previous()
                if period.first_day in places:
                    found.append((places[period.first_day], period))
                if len(found) == LEARNT:
                    break
            self._taught = found[::-1]
        return self._taught

    def _earlier(self, cut: Cut, period: Period) -> list[float]:
        """Values of the same period of the latest days alike before it, oldest first."""
        if self._fixed is not None:
            return []
        return self._past_values(cut, self._days_alike(period.first_day), self._column(period))[-SLOTS_BACK:]

    def _column(self, period: Period) -> int:
        return (period.start.hour * 60 + period.start.minute) // self._length

    def _days_alike(self, day: date) -> list[int]:
        if day not in self._alike:
            kind = _kind_of(self._days, day)
            self._alike[day] = [
                place for place, each in enumerate(self._past.days) if each < day and _kind_of(self._days, each) == kind
            ]
        return self._alike[day]

    def _past_values(self, cut: Cut, places: list[int], column: int) -> list[float]:
        """Known values of a period of past days, in the order of the days; those that rest on too little left out."""
        tables = {m.name: self._past.table(cut, m.name) for m in self._formula.measures}
        columns = {name: None if table is None else table[places, column].tolist() for name, table in tables.items()}
        found = []
        for n in range(len(places)):
            value, rests_on = self._value({name: 0 if each is None else each[n] for name, each in columns.items()})
            if value is not None and rests_on >= self._least:
                found.append(value)
        return found

    def _value(self, counts: Mapping[str, float]) -> tuple[float | None, float]:
        """The indicator's value of merged counts, and the rows it rests on."""
        formula = self._formula

        def term(each: Term) -> float:
            found = counts.get(each.measure.name, 0)
            exact = each.measure.value is not None and each.measure.value.arithmetic == "decimal"
            return found * float(each.times) / (float(10**DECIMAL_PLACES) if exact else 1.0)

        if formula.numerator is None:
            raise InternalError(f"{formula.code} cannot be counted by the minute")
        n = counts.get(formula.n.name, 0)
        if formula.denominator is None:
            return term(formula.numerator), n
        below = term(formula.denominator)
        return (formula.scale * term(formula.numerator) / below if below else None), n

    def _roll(self, now: Now) -> None:
        """Let the watch reach up to the present."""
        last = period_at(self.rule.grain, now.at, self._zone)
        while self.periods[-1].start < last.start:
            self.periods.append(self.periods[-1].following())
            for cut, lane in self._lanes.items():
                lane.steps.append(Step(self._earlier(cut, self.periods[-1])))
        gone = len(self.periods) - self._begins
        if gone > 0:
            del self.periods[:gone]
            first = self.first_minute
            for lane in self._lanes.values():
                lane.leave(gone)
            self._whole = {start: whole for start, whole in self._whole.items() if start >= first}
            for minutes in self._minutes.values():
                for minute in [each for each in minutes if each < first]:
                    del minutes[minute]

    def _settle(self, now: Now) -> int | None:
        """Bring every value up to date; the place of the first period in which one changed."""
        first: int | None = None
        for place, period in enumerate(self.periods):
            start = minute_of(period.start)
            whole = now.heard_until is not None and period.end <= now.heard_until
            cuts: Iterable[Cut] = self._lanes
            if self._whole.get(start) == whole:
                cuts = self._touched.get(start, set()) | self._new
            self._whole[start] = whole
            for cut in cuts:
                counted = period.start >= now.since
                value = self._now(cut, start, whole=whole) if counted else Value(None, whole, enough=False)
                if self._lanes[cut].put(place, value) and first is None:
                    first = place
        self._touched.clear()
        self._new.clear()
        return first

    def _now(self, cut: Cut, start: int, *, whole: bool) -> Value:
        minutes = self._minutes.get(cut, {})
        counts = dict.fromkeys((m.name for m in self._formula.measures), 0)
        for minute in range(start, start + self._length):
            for name, value in minutes.get(minute, {}).items():
                if name in counts:
                    counts[name] += value
        found, n = self._value(counts)
        return Value(found, whole, n >= self._least)

    def _judge(self, place: int, lanes: Sequence[tuple[Cut, Lane]]) -> list[Signal]:
        """What is to be told of a period."""
        day = self.periods[place].first_day
        found = [self._approved.over(lane.expect(place), lane.key(cut[0]), day) for cut, lane in lanes]
        adjusted = adjust([each.chance for each in found])
        told: list[tuple[Lane, Signal]] = []
        plain = [
            lane.cross(place, each, rate, {}) for (_, lane), each, rate in zip(lanes, found, adjusted, strict=True)
        ]
        hits = self._places(lanes, plain)
        for (cut, lane), each, rate, base in zip(lanes, found, adjusted, plain, strict=True):
            said = self._said(cut, base, hits)
            crossed = lane.cross(place, each, rate, said) if said else base
            before, step = lane.state_before(place), lane.steps[place]
            step.state, why = after(self.rule, before, self._settled(lane, place, crossed))
            if crossed.grade or crossed.withheld or step.state.grade or lane.out or not self._told_once:
                told.append((lane, self._signal(place, cut, lane, (each, rate, crossed, why))))
        signals = in_families([signal for _, signal in told], self._catalogue.units)
        return [s for (lane, _), s in zip(told, signals, strict=True) if self._is_news(lane, place, s)]

    def _is_news(self, lane: Lane, place: int, signal: Signal) -> bool:
        """Whether a signal says something that was not told: each period when it is out, when it grows graver, and once
        more when it is over."""
        step, out = lane.steps[place], signal.verdict in ("warned", "withheld")
        value = step.value
        now = (signal.verdict, signal.grade, signal.crossed, value is not None and value.whole)
        if step.said == now or not (out or lane.out or not self._told_once):
            return False
        if not out and not now[3]:
            return False  # a period that goes on may yet be out
        step.said = now
        lane.out = out
        return True

    @staticmethod
    def _settled(lane: Lane, place: int, crossed: Crossing) -> Crossing:
        """What a crossing does to the grade in force: of a period that goes on, only what makes it graver."""
        value = lane.steps[place].value
        if value is not None and not value.whole and rank_of(crossed.grade) <= rank_of(lane.state_before(place).grade):
            return Crossing(None, (Reason("incomplete"),), known=False)
        return crossed

    def _places(self, lanes: Sequence[tuple[Cut, Lane]], crossings: Sequence[Crossing]) -> Mapping[Cut, int]:
        """Per unit and slice how many units right below are out themselves."""
        found: dict[Cut, int] = {}
        if not self.rule.raises:
            return found
        for (cut, _), each in zip(lanes, crossings, strict=True):
            parent = self._catalogue.units[cut[0]].parent
            if parent is not None and rank_of(each.grade):
                found[parent, cut[1]] = found.get((parent, cut[1]), 0) + 1
        return found

    def _said(self, cut: Cut, plain: Crossing, hits: Mapping[Cut, int]) -> dict[Factor, str]:
        if plain.grade is None:
            return {}
        hit = hits.get(cut, 0)
        asked = [each for each in self.rule.raises if each.factor == "places"]
        return {"places": str(hit)} if any(hit >= each.at_least for each in asked) else {}

    def _signal(
        self,
        place: int,
        cut: Cut,
        lane: Lane,
        made: tuple[Expectation, float | None, Crossing, tuple[Reason, ...]],
    ) -> Signal:
        found, rate, crossed, why = made
        step = lane.steps[place]
        verdict: Verdict = "warned" if step.state.grade else "quiet"
        if not crossed.known:
            verdict = "unknown"
        elif crossed.withheld and step.state.grade is None:
            verdict = "withheld"
        marked = self._days.marked.get(self.periods[place].first_day, ())
        return Signal(
            rule=self.code,
            indicator=self.rule.indicator,
            unit=cut[0],
            slice=lane.slice,
            period=self.periods[place],
            value=None if step.value is None else step.value.value,
            expected=found.mean,
            limits=found.limits,
            chance=found.chance,
            adjusted=rate,
            excess_absolute=crossed.excess_absolute,
            excess_relative=crossed.excess_relative,
            drift_sigmas=lane.drift(place),
            made=found.made,
            crossed=crossed.grade,
            grade=step.state.grade,
            verdict=verdict,
            reasons=(*crossed.reasons, *why, *(Reason("occasion", {"what": each}) for each in marked)),
            catalogue_version=self._catalogue.version,
        )


def _kind_of(days: Days, day: date) -> int:
    """Days off go with Sundays, weekend days that are worked with Wednesdays."""
    return {"holiday": 6, "festival": 6, "made_up": 2}.get(days.class_of(day), day.weekday())


def _depths(catalogue: Catalogue) -> dict[str, int]:
    """How far each unit is below its root: parents are judged before their children."""
    found: dict[str, int] = {}
    for code in catalogue.units:
        depth, above = 0, catalogue.units[code].parent
        while above is not None and above in catalogue.units and depth <= len(catalogue.units):
            depth, above = depth + 1, catalogue.units[above].parent
        found[code] = depth
    return found
