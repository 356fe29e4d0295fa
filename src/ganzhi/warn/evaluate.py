"""Warning rules over what is measured: reads observations, hands them to the engine, gives signals back.

Every number comes from `measure.observe`, so what a warning rests on can be opened like any other. States that are
behind the rows are refused there, not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import nextafter

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.warning import GRADES, Grade, WarningRule
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.numerics.score import level_limits
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.baseline import HISTORY_DAYS, LEFT_OUT
from ganzhi.warn.engine import WARM, Judge, Series
from ganzhi.warn.footfall.judge import Memory, signals_of
from ganzhi.warn.grade import Factor
from ganzhi.warn.limits.inforce import InForce, in_force
from ganzhi.warn.occasions import calendars_of, days_of
from ganzhi.warn.signal import Signal

COUNTED = ("count", "distinct")
DAYS_BACK: Mapping[int | None, int] = {None: 230, 60: 75, 30: 55, 15: 45}
"""Days read before the first judged one where slots are compared, by minutes of the grain; None from a day up."""


@dataclass
class Judges:
    """Judges of rules with what they have learnt, for as long as the catalogue stays; one per process that judges."""

    held: dict[tuple[str, str, date | None], Judge] = field(default_factory=dict)
    halls: dict[str, Memory] = field(default_factory=dict)

    def of(self, catalogue: Catalogue, code: str, frozen: date | None = None) -> Judge:
        """The judge of a rule. frozen: see `Judge`.

        Raises: InputError WRN001 for a rule that is not declared.
        """
        key = (code, catalogue.version, frozen)
        if key not in self.held:
            self.held = {known: judge for known, judge in self.held.items() if known[1] == catalogue.version}
            self.held[key] = judge_of(catalogue, code, rule_of(catalogue, code), frozen)
        return self.held[key]

    def memory(self, catalogue: Catalogue) -> Memory:
        """What rules of baseline `capacity` have learnt."""
        self.halls = {catalogue.version: self.halls.get(catalogue.version, Memory())}
        return self.halls[catalogue.version]


def rule_of(catalogue: Catalogue, code: str) -> WarningRule:
    """The declared rule; raises InputError WRN001 with the nearest codes."""
    if code not in catalogue.warning_rules:
        raise InputError(unknown("WRN001", code, catalogue.warning_rules))
    return catalogue.warning_rules[code]


def rules_in_force(catalogue: Catalogue) -> tuple[str, ...]:
    """The rules that are judged when none is named: all but those whose indicator is retired, and those of minutes,
    which are judged as values come and never from states."""
    indicators, finest = catalogue.indicators, Grain.QUARTER_HOUR.rank
    return tuple(
        code
        for code, rule in catalogue.warning_rules.items()
        if not indicators[rule.indicator].retired and rule.grain.rank >= finest
    )


def judge_of(catalogue: Catalogue, code: str, rule: WarningRule, frozen: date | None = None) -> Judge:
    """A judge of a rule that has learnt nothing yet."""
    counted = catalogue.indicator(rule.indicator).measure in COUNTED
    return Judge(
        code,
        rule,
        days_of(catalogue),
        catalogue.units,
        catalogue.version,
        counted,
        fixed_limits(catalogue, rule),
        frozen,
        calendars=calendars_of(catalogue),
    )


def fixed_limits(catalogue: Catalogue, rule: WarningRule) -> dict[Grade, float]:
    """A rule's own limits, or with baseline `fixed` those of the indicator's levels: blue from the target."""
    if rule.limits is not None:
        return {grade: float(value) for grade in GRADES if (value := getattr(rule.limits, grade)) is not None}
    indicator = catalogue.indicator(rule.indicator)
    targets = indicator.targets.operations or indicator.targets.management
    if rule.baseline != "fixed" or targets is None or indicator.direction is None:
        return {}

    def own(value: object) -> float | None:
        return None if value is None else float(str(value))

    levels = level_limits(
        floor=float(targets.floor),
        target=float(targets.target),
        direction=indicator.direction,
        yellow=own(targets.yellow),
        orange=own(targets.orange),
        red=own(targets.red),
    )
    missed = nextafter(levels.target, levels.red)  # a value on the target keeps it
    return {"blue": missed, "yellow": levels.yellow, "orange": levels.orange, "red": levels.red}


def evaluate(workplace: Workplace, reading: States, code: str, day: date, judges: Judges | None = None) -> list[Signal]:
    """The signals of the rule's periods that touch a local day, the latest period last."""
    return [each for signals in evaluate_days(workplace, reading, code, day, day, judges) for each in signals]


def evaluate_days(
    workplace: Workplace,
    reading: States,
    code: str,
    first: date,
    last: date,
    judges: Judges | None = None,
    *,
    frozen: date | None = None,
    approved: InForce | None = None,
) -> Iterator[list[Signal]]:
    """The signals of each period that touches the days, both included.

    frozen: judge all of them by the model of that day's month. approved: by these thresholds; by default those in force.
    Raises: InputError WRN001, WRN030 and what `observe` raises.
    """
    catalogue = workplace.catalogue
    rule = rule_of(catalogue, code)
    judges = judges or Judges()
    if rule.capacity is not None:
        return signals_of(workplace, reading, code, rule, first, last, judges.memory(catalogue))
    judge = judges.of(catalogue, code, frozen)
    judge.use(in_force(workplace.store, code) if approved is None else approved)
    start = first_day_needed(judge, first)
    periods = list(periods_between(judge.rule.grain, start, last, workplace.zone))
    places = [place for place, period in enumerate(periods) if period.last_day >= first]
    series = series_of(workplace, reading, judge.rule, periods)
    factors = _Factors(workplace, reading, judge.rule, periods)
    return judge.signals(periods, series, places[0], factors.of)


def first_day_needed(judge: Judge, first: date) -> date:
    """From when on values are read to judge a day; the same for all days of a month."""
    month = first.replace(day=1)
    rule = judge.rule
    if judge.approved.monthly and judge.limits:
        return month - timedelta(days=WARM + rule.hold + rule.persist)
    if judge.limits and rule.baseline in ("fixed", "auto"):
        back = WARM + rule.hold + rule.persist
        return first - timedelta(days=back * (31 if rule.grain.minutes is None and rule.grain is not Grain.DAY else 1))
    if judge.counted and rule.grain is Grain.DAY and rule.baseline in ("counts", "auto"):
        held = judge.frozen.replace(day=1) if judge.frozen is not None else month
        return min(month, held) - timedelta(days=HISTORY_DAYS + LEFT_OUT)
    if rule.grain.minutes is None and rule.grain is not Grain.DAY:
        return month - timedelta(days=HISTORY_DAYS)
    return month - timedelta(days=DAYS_BACK[rule.grain.minutes])


def series_of(workplace: Workplace, reading: States, rule: WarningRule, periods: Sequence[Period]) -> list[Series]:
    """The values a rule judges, per unit and slice, parents before children."""
    least = _least_sample(workplace.catalogue, rule)
    by = () if rule.by is None else (rule.by,)
    found = []
    exposures = _exposures(workplace, reading, rule, periods)
    for group in _grouped(_observed(workplace, reading, rule, rule.indicator, periods, by)):
        if rule.only and rule.by is not None and group[0].slice[rule.by] not in rule.only:
            continue
        unit = group[0].unit
        found.append(
            Series(
                unit,
                dict(group[0].slice),
                [None if each.value is None else float(each.value) for each in group],
                [each.completeness >= 1.0 for each in group],
                [each.n >= least for each in group],
                exposures.get(unit, ()),
            )
        )
    order = {unit: place for place, unit in enumerate(_by_depth(workplace.catalogue))}
    return sorted(found, key=lambda each: (order[each.unit], each.key[1]))


def _least_sample(catalogue: Catalogue, rule: WarningRule) -> int:
    """Rows a value must rest on: a share's own least sample; counts rest on themselves."""
    indicator = catalogue.indicator(rule.indicator)
    return 0 if indicator.unit == "count" else indicator.min_n


def _by_depth(catalogue: Catalogue) -> list[str]:
    depths: dict[str | None, int] = {None: -1}

    def depth(code: str) -> int:
        if code not in depths:
            depths[code] = 0
            parent = catalogue.units[code].parent
            depths[code] = 0 if parent is None else depth(parent) + 1
        return depths[code]

    return sorted(catalogue.units, key=depth)


def _grouped(observations: Sequence[Observation]) -> Iterator[list[Observation]]:
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Observation]] = {}
    for each in observations:
        groups.setdefault((each.unit, tuple(sorted(each.slice.items()))), []).append(each)
    yield from groups.values()


def _observed(
    workplace: Workplace,
    reading: States,
    rule: WarningRule,
    code: str,
    periods: Sequence[Period],
    by: tuple[str, ...],
    where: Mapping[str, str] | None = None,
) -> list[Observation]:
    """An indicator for all units at the rule's levels: siblings are asked together."""
    catalogue = workplace.catalogue
    wanted = {unit for unit, each in catalogue.units.items() if each.level in rule.at}
    parents = dict.fromkeys(catalogue.units[unit].parent for unit in catalogue.units if unit in wanted)
    found: list[Observation] = []
    for parent in parents:
        roots = [unit for unit in wanted if parent is None and catalogue.units[unit].parent is None]
        for unit in roots if parent is None else [parent]:
            request = ObserveRequest(
                codes=(code,),
                unit=unit,
                grain=rule.grain,
                first=periods[0].first_day,
                last=periods[-1].last_day,
                by=by,
                where=where or {},
                children=parent is not None,
            )
            found += [each for each in observe(workplace, reading, request) if each.unit in wanted]
    return found


def _exposures(
    workplace: Workplace, reading: States, rule: WarningRule, periods: Sequence[Period]
) -> dict[str, Sequence[float]]:
    """Per unit the size of each period, the last known where it is unknown; units without any are absent."""
    if rule.exposure is None or workplace.catalogue.indicator(rule.exposure).measure is None:
        return {}
    found: dict[str, Sequence[float]] = {}
    for group in _grouped(_observed(workplace, reading, rule, rule.exposure, periods, ())):
        known = [None if each.value is None or each.value <= 0 else float(each.value) for each in group]
        last = next((each for each in known if each is not None), None)
        if last is None:
            continue
        sizes = []
        for each in known:
            last = last if each is None else each
            sizes.append(last)
        found[group[0].unit] = sizes
    return found


class _Factors:
    """Impact factors that other indicators tell, read when the first warning asks for them."""

    def __init__(self, workplace: Workplace, reading: States, rule: WarningRule, periods: Sequence[Period]) -> None:
        self._workplace, self._reading, self._rule, self._periods = workplace, reading, rule, periods
        self._known: dict[int, dict[tuple[str, str | None, Period], float]] = {}

    def of(self, series: Series, place: int) -> Mapping[Factor, str]:
        said: dict[Factor, str] = {}
        for number, each in enumerate(self._rule.raises):
            if each.indicator is None:
                continue
            values = self._values(number)
            cut = series.slice.get(self._rule.by) if self._rule.by is not None else None
            period = self._periods[place]
            value = values.get((series.unit, cut, period), values.get((series.unit, None, period), 0.0))
            if value >= float(each.at_least):
                said[each.factor] = f"{each.indicator} {value:g}"
        return said

    def _values(self, number: int) -> dict[tuple[str, str | None, Period], float]:
        if number not in self._known:
            each, rule = self._rule.raises[number], self._rule
            assert each.indicator is not None
            cut = rule.by if rule.by in self._workplace.catalogue.indicator(each.indicator).by else None
            by = () if cut is None or cut in each.where else (cut,)
            recent = self._periods[-min(len(self._periods), 400) :]
            observed = _observed(self._workplace, self._reading, rule, each.indicator, recent, by, each.where)
            self._known[number] = {
                (o.unit, o.slice.get(by[0]) if by else None, o.period): float(o.value)
                for o in observed
                if o.value is not None
            }
        return self._known[number]
