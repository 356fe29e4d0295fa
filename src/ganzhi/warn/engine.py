"""A rule over many series, period by period: expectations, families of chances, grades, states.

Knows nothing of where values come from. Fitted models are kept per series and month, so that a month's first
evaluation pays for the others. The state before the first period asked for is found by going through at least `WARM`
periods before it, of which a drift is made, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.warning import Grade, WarningRule
from ganzhi.numerics.alarm.drift import drift_after
from ganzhi.warn.ahead import Ahead, Many, Rows
from ganzhi.warn.baseline import Expectation, Fit, Running, Slots, by_limits
from ganzhi.warn.family import adjust, in_families
from ganzhi.warn.grade import Crossing, Factor, State, after, crossing, of_month, tails_of
from ganzhi.warn.limits.inforce import InForce
from ganzhi.warn.occasions import Days
from ganzhi.warn.signal import Made, Reason, Signal, Verdict, rank_of

WARM = 16
SLOT_PERIODS = {None: 200, 15: 96 * 40, 30: 48 * 50, 60: 24 * 70}
"""How many periods before a value its slots are learnt from, by minutes of the grain; None for a day and more."""
MINUTES_OF_A_DAY = 24 * 60
MOST_OF_A_DAY = 4.0
"""The most one value adds to a drift, in standard deviations: a single day alone is never a drift."""

Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one unit and slice, aligned with the periods asked for.

    values: None where unknown. whole: whether all of the period has arrived. enough: whether a share rests on enough.
    exposure: how many could have been counted; empty for no exposure.
    """

    unit: str
    slice: Mapping[str, str]
    values: Sequence[float | None]
    whole: Sequence[bool]
    enough: Sequence[bool]
    exposure: Sequence[float] = ()

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.unit, tuple(sorted(self.slice.items()))


FactorsOf = Callable[[Series, int], Mapping[Factor, str]]
"""The impact factors that hold for a series at the place of a period, with what each says."""


def no_factors(_series: Series, _place: int) -> Mapping[Factor, str]:
    """None of them."""
    return {}


@dataclass
class Learnt:
    """What values are compared with, and the place up to which it has taken values in."""

    slots: Slots | Running
    until: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a series stood before a place, for exactly these periods and values before it."""

    start: datetime
    values: int
    state: State
    deviates: tuple[float | None, ...]
    learnt: Learnt | None


@dataclass
class Judge:
    """A rule with what it has learnt. limits: fixed ones. counted: the indicator counts events. frozen: the day whose
    month's model is kept for all later ones (backtests), None for a new model every month. approved: thresholds that hold.
    calendars: of a unit and slice; by default `calendar` for all."""

    code: str
    rule: WarningRule
    calendar: Days
    units: Mapping[str, Unit]
    catalogue_version: str
    counted: bool
    limits: Mapping[Grade, float] = field(default_factory=dict)
    frozen: date | None = None
    fits: dict[tuple[Key, str, bool], Fit | Reason] = field(default_factory=dict)
    kept: dict[tuple[Key, int], Kept] = field(default_factory=dict)
    approved: InForce = field(default_factory=InForce)
    calendars: Callable[[str, Mapping[str, str]], Days] | None = None

    def use(self, approved: InForce) -> None:
        """Judge by these versions of thresholds from now on; where series stood before others held is forgotten."""
        if approved.standing != self.approved.standing:
            self.kept.clear()
        self.approved = approved

    def __post_init__(self) -> None:
        self._rows: dict[int, Rows] = {}
        self._weekdays: dict[tuple[int, date], int] = {}
        self._tails = tails_of(self.rule)
        self._modelled = self.counted and self.rule.grain is Grain.DAY and self.rule.baseline in ("counts", "auto")
        steady = not self.counted and self.rule.grain.minutes is not None
        self._running = self.rule.baseline == "running" or (self.rule.baseline == "auto" and steady)
        fixed = self.rule.baseline == "fixed" or (self.rule.baseline == "auto" and bool(self.limits))
        self._fixed = fixed and bool(self.limits)
        self._no_limits = fixed and not self.limits

    def signals(
        self, periods: Sequence[Period], series: Sequence[Series], first: int, factors_of: FactorsOf = no_factors
    ) -> Iterator[list[Signal]]:
        """The signals of each period from the place `first` on, periods in order, series in the order given."""
        runs = [_Run(self, each, periods, number) for number, each in enumerate(series)]
        ahead = self._looking_ahead(series, periods, first) if self._modelled and not self._fixed else None
        start = max(0, first - WARM - self.rule.hold - self.rule.persist)
        if all(run.resumable(first) for run in runs):
            start = first
            for run in runs:
                run.resume(first)
        for place in range(start, len(periods)):
            shown = place >= first
            if place == first:
                self._keep(runs, place)
            found = [run.expect(place, ahead) for run in runs]
            adjusted = adjust([each.chance for each in found])
            base = [run.cross(place, each, rate, {}) for run, each, rate in zip(runs, found, adjusted, strict=True)]
            places = _places(self.rule, runs, base, self.units)
            signals = []
            for run, each, rate, plain in zip(runs, found, adjusted, base, strict=True):
                said = self._said(run, place, plain, places, factors_of)
                decided = run.cross(place, each, rate, said) if said else plain
                before = run.state
                run.state, why = after(self.rule, before, decided)
                if shown:
                    signals.append(run.signal(place, each, rate, decided, why))
            if shown:
                yield in_families(signals, self.units)
        self._keep(runs, len(periods))

    def _keep(self, runs: Sequence[_Run], place: int) -> None:
        for run in runs:
            self.kept[run.series.key, place] = run.keep(place)

    def _said(
        self, run: _Run, place: int, plain: Crossing, places: Mapping[Key, int], factors_of: FactorsOf
    ) -> dict[Factor, str]:
        if plain.grade is None or not self.rule.raises:
            return {}
        said: dict[Factor, str] = dict(factors_of(run.series, place))
        for each in self.rule.raises:
            hit = places.get(run.series.key, 0)
            if each.factor == "places" and hit >= each.at_least:
                said["places"] = str(hit)
            if each.factor == "assurance" and (held := run.assured(place)):
                said["assurance"] = held
        return said

    def calendar_of(self, series: Series) -> Days:
        """The calendar that holds for a series."""
        return self.calendar if self.calendars is None else self.calendars(series.unit, series.slice)

    def slot_of(self, period: Period, calendar: Days) -> object:
        """What a period is compared with: the same weekday, and the same time of day below a day. Days off go with
        Sundays, and weekend days that are worked with Wednesdays. Where values run on, its place among all periods."""
        if self._running:
            return int(period.start.timestamp()) // (60 * (period.grain.minutes or MINUTES_OF_A_DAY))
        if period.grain.minutes is None and period.grain is not Grain.DAY:
            return period.grain
        key = (id(calendar), period.first_day)
        if key not in self._weekdays:
            like = {"holiday": 6, "festival": 6, "made_up": 2}
            self._weekdays[key] = like.get(calendar.class_of(period.first_day), period.first_day.weekday())
        weekday = self._weekdays[key]
        return (weekday, period.start.hour, period.start.minute) if period.grain.minutes else weekday

    def blank(self) -> Slots | Running:
        """What values are compared with, before any are known."""
        if not self._running:
            return Slots(counted=self.counted, side=self.rule.side)
        day = MINUTES_OF_A_DAY // (self.rule.grain.minutes or MINUTES_OF_A_DAY)
        return Running(side=self.rule.side, day=day, week=7 * day)

    def fit(self, series: Series, periods: Sequence[Period], month: date) -> Fit | Reason:
        """The month's model of a series, or why there is none; fitted once."""
        return self._fits([series], self._many([series], periods), month)[0]

    def _fits(self, series: Sequence[Series], many: Many, month: date) -> list[Fit | Reason]:
        """The month's models; those that are not known yet are fitted together."""
        held = self.frozen.replace(day=1) if self.frozen is not None else month
        keys = [(each.key, f"{held:%Y-%m}", bool(each.exposure)) for each in series]
        fresh = [row for row, key in enumerate(keys) if key not in self.fits]
        for row, fit in zip(fresh, many.fits(fresh, held), strict=True):
            self.fits[keys[row]] = fit
        return [self.fits[key] for key in keys]

    def _many(self, series: Sequence[Series], periods: Sequence[Period]) -> Many:
        rows = []
        for each in series:
            calendar = self.calendar_of(each)
            rows.append(self._rows.setdefault(id(calendar), Rows(calendar)))
        values, whole = [each.values for each in series], [each.whole for each in series]
        return Many.of(periods, values, whole, [each.exposure for each in series], rows)

    def _looking_ahead(self, series: Sequence[Series], periods: Sequence[Period], first: int) -> Ahead:
        many = self._many(series, periods)
        return Ahead(many, self._tails, self.rule.side, lambda month: self._fits(series, many, month), first)

    def expect(
        self,
        series: Series,
        slots_until: Callable[[int], Slots | Running],
        periods: Sequence[Period],
        place: int,
        modelled: Expectation | Reason | None = None,
    ) -> Expectation:
        """What is expected of a series at a place, and how far out its value is.

        slots_until: the slots with all values before a place. modelled: what a model of counts expects, or why there is
        none; None where none is asked for."""
        value = series.values[place]
        if self._no_limits:
            return Expectation(None, {}, None, None, Made("none", 0, Reason("no_limits")))
        if self._fixed:
            return by_limits(self.limits, value)
        if isinstance(modelled, Expectation):
            return modelled
        slot = self.slot_of(periods[place], self.calendar_of(series))
        return slots_until(place).expect(slot, value, self._tails, modelled)


class _Run:
    """One series on its way through the periods."""

    def __init__(self, judge: Judge, series: Series, periods: Sequence[Period], number: int) -> None:
        self.judge, self.series, self.periods, self.number = judge, series, periods, number
        self.calendar = judge.calendar_of(series)
        self.state = State()
        self.deviates: tuple[float | None, ...] = ()
        self.learnt: Learnt | None = None
        self.drift: float | None = None

    def keep(self, place: int) -> Kept:
        """Where it stands before a place."""
        return Kept(self.periods[0].start, self._values(place), self.state, self.deviates, self.learnt)

    def resumable(self, place: int) -> bool:
        """Whether an earlier evaluation stood before this place and saw the same values."""
        kept = self.judge.kept.get((self.series.key, place))
        return kept is not None and (kept.start, kept.values) == (self.periods[0].start, self._values(place))

    def resume(self, place: int) -> None:
        """Go on from there."""
        kept = self.judge.kept[self.series.key, place]
        self.state, self.deviates = kept.state, kept.deviates
        self.learnt = kept.learnt if kept.learnt is not None and kept.learnt.until <= place else None

    def _values(self, place: int) -> int:
        return hash((tuple(self.series.values[:place]), tuple(self.series.whole[:place])))

    def assured(self, place: int) -> str:
        """The occasions of a place's day, where an assurance period is among them."""
        day = self.periods[place].first_day
        held = "assurance" in self.calendar.special.get(day, ())
        return ", ".join(self.calendar.marked.get(day, ())) if held else ""

    def slots_until(self, place: int) -> Slots | Running:
        """The slots with the values before a place; asked for only where no model of counts holds."""
        learnt = self.learnt
        if learnt is None:
            begin = max(0, place - SLOT_PERIODS[self.periods[place].grain.minutes])
            self.learnt = learnt = Learnt(self.judge.blank(), begin)
        for here in range(learnt.until, place):
            value = self.series.values[here]
            if value is not None and self.series.whole[here] and self.series.enough[here]:
                learnt.slots.add(self.judge.slot_of(self.periods[here], self.calendar), value)
        learnt.until = max(learnt.until, place)
        return learnt.slots

    def unusable(self, place: int) -> Reason | None:
        """Why the value of a place says nothing."""
        if self.series.values[place] is None:
            return Reason("unknown_value")
        if not self.series.enough[place]:
            return Reason("small_sample")
        if not self.series.whole[place] and (self.judge.rule.side == "low" or not self.judge.counted):
            return Reason("incomplete")  # a count of what has come can be too high already, but not yet too low
        return None

    def expect(self, place: int, ahead: Ahead | None) -> Expectation:
        """What is expected at a place; a value that says nothing is neither surprising nor part of a drift."""
        modelled = None if ahead is None else ahead.of(self.number, place)
        found = self.judge.expect(self.series, self.slots_until, self.periods, place, modelled)
        found = self.judge.approved.over(found, self.series.key, self.periods[place].first_day)
        if self.unusable(place) is not None:
            found = Expectation(found.mean, found.limits, None, None, found.made)
        deviate = None if found.deviate is None else min(found.deviate, MOST_OF_A_DAY)
        self.deviates = (*self.deviates[1 - WARM :], deviate)
        self.drift = None if deviate is None else drift_after(self.deviates)
        return found

    def cross(self, place: int, found: Expectation, rate: float | None, said: Mapping[Factor, str]) -> Crossing:
        if (why := self.unusable(place)) is not None:
            return Crossing(None, (why,), known=False)
        value = self.series.values[place]
        crossed = crossing(self.judge.rule, value, found, drift=self.drift, factors=said, adjusted=rate)
        if not crossed.known and found.made.fell_back is not None:
            return Crossing(None, (found.made.fell_back,), known=False)
        return self._of_month(place, crossed)

    def _of_month(self, place: int, crossed: Crossing) -> Crossing:
        """The crossing, or that of the month's total so far; unknown days count for nothing, so it is at least that."""
        day = self.periods[place].first_day
        limited = self.judge.approved.month(self.series.key, day)
        if limited is None:
            return crossed
        values = self.series.values[max(0, place - day.day + 1) : place + 1]
        return of_month(crossed, sum(each for each in values if each is not None), limited[1], limited[0])

    def signal(
        self, place: int, found: Expectation, rate: float | None, crossed: Crossing, why: Sequence[Reason]
    ) -> Signal:
        judge = self.judge
        verdict: Verdict = "warned" if self.state.grade else "quiet"
        if not crossed.known:
            verdict = "unknown"
        elif crossed.withheld and self.state.grade is None:
            verdict = "withheld"
        fell = found.made.fell_back
        noted = [fell] if fell is not None and crossed.known else []
        if judge.rule.exposure is not None and not self.series.exposure and found.made.how == "counts":
            noted.append(Reason("no_exposure", {"indicator": judge.rule.exposure}))
        marked = self.calendar.marked.get(self.periods[place].first_day, ())
        noted += [Reason("occasion", {"what": occasion}) for occasion in marked]
        return Signal(
            rule=judge.code,
            indicator=judge.rule.indicator,
            unit=self.series.unit,
            slice=self.series.slice,
            period=self.periods[place],
            value=self.series.values[place],
            expected=found.mean,
            limits=found.limits,
            chance=found.chance,
            adjusted=rate,
            excess_absolute=crossed.excess_absolute,
            excess_relative=crossed.excess_relative,
            drift_sigmas=self.drift,
            made=found.made,
            crossed=crossed.grade,
            grade=self.state.grade,
            verdict=verdict,
            reasons=(*crossed.reasons, *why, *noted),
            catalogue_version=judge.catalogue_version,
        )


def _places(
    rule: WarningRule, runs: Sequence[_Run], crossings: Sequence[Crossing], units: Mapping[str, Unit]
) -> dict[Key, int]:
    """Per series how many units right below are out themselves, with the same slice."""
    if all(each.factor != "places" for each in rule.raises):
        return {}
    found: dict[Key, int] = {}
    for run, each in zip(runs, crossings, strict=True):
        parent = units[run.series.unit].parent if run.series.unit in units else None
        if parent is not None and rank_of(each.grade):
            key = (parent, run.series.key[1])
            found[key] = found.get(key, 0) + 1
    return found
