"""A rule of baseline `capacity` over the days: one signal per hall and period that is over.

A period is out when those who come in it have to wait too long, or when that is to be expected of one of the next periods.
Its limits are the customers from which each grade's wait is reached with the desks that are open and the queue there is.
Halls begin each day anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from ganzhi.catalogue.model.warning import GRADES, Capacity, WarningRule
from ganzhi.measure.known import arrived_days
from ganzhi.measure.open import States
from ganzhi.numerics.queues.carried import LONGEST
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.footfall.course import Step, course, usual
from ganzhi.warn.footfall.reading import Floor, Past, floor_of, halls_of, past_of
from ganzhi.warn.grade import Crossing, State, after
from ganzhi.warn.signal import Made, Reason, Signal, Verdict, grade_of

KEPT_DAYS: Final = 12
LONG_MIN: Final = 24 * 60


@dataclass
class Memory:
    """What days rest on, for as long as the catalogue stays; the latest `KEPT_DAYS`."""

    held: dict[tuple[str, date, int], Past] = field(default_factory=dict)

    def past(self, workplace: Workplace, reading: States, code: str, rule: WarningRule, day: date) -> Past:
        """What a day rests on. Days before it that arrive later count from the next day on, or after a restart."""
        feed = workplace.catalogue.indicator(rule.indicator).feed or ""
        whole = sum(each < day for each in arrived_days(workplace, feed))
        key = (code, day, whole)
        if key not in self.held:
            self.held[key] = past_of(workplace, reading, rule, halls_of(workplace, rule), day)
            while len(self.held) > KEPT_DAYS:
                del self.held[next(iter(self.held))]
        return self.held[key]


def signals_of(
    workplace: Workplace, reading: States, code: str, rule: WarningRule, first: date, last: date, memory: Memory
) -> Iterator[list[Signal]]:
    """The signals of each period of the days that is over, halls in the order of the catalogue."""
    units = halls_of(workplace, rule)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1)) if units else iter(())
    for day in days:
        past = memory.past(workplace, reading, code, rule, day)
        floor = floor_of(workplace, reading, rule, units, day, past)
        yield from of_day(floor, code, rule, workplace.catalogue.version)


def of_day(floor: Floor, code: str, rule: WarningRule, catalogue_version: str) -> Iterator[list[Signal]]:
    """The signals of one day."""
    capacity = rule.capacity
    assert capacity is not None
    plan = usual(floor)
    states = [State() for _ in floor.units]
    for place, step in enumerate(course(floor, capacity, plan)):
        signals = []
        for row in range(len(floor.units)):
            decided = _crossing(floor, plan.known[row], step, place, row)
            states[row], why = after(rule, states[row], decided)
            signals.append(_signal(floor, code, rule, step, place, row, decided, states[row], why, catalogue_version))
        yield signals


def _crossing(floor: Floor, known: bool, step: Step, place: int, row: int) -> Crossing:
    if not known:
        return Crossing(None, (Reason("no_capacity"),), known=False)
    ranks = [(int(step.rank[row]), 0), *((int(each[row]), n) for n, each in enumerate(step.ahead.ranks, 1))]
    rank, when = max(ranks, key=lambda each: (each[0], -each[1]))
    grade = grade_of(rank)
    value = floor.came[row, place]
    blue = next((float(each[row]) for each in step.limits if each is not None), None)
    over = None if blue is None else value - blue
    share = None if over is None or not blue else over / blue
    reasons: list[Reason] = []
    if grade is not None and when == 0:
        told = {"grade": grade, "wait": _minutes(step.wait[row]), "desks": f"{step.desks[row]:.1f}"}
        reasons.append(Reason("beyond_capacity", {**told, "expected": f"{step.expected[row]:.0f}"}))
    elif grade is not None:
        coming = step.ahead
        customers, desks, wait = (each[when - 1, row] for each in (coming.customers, coming.desks, coming.waits))
        told = {"grade": grade, "wait": _minutes(wait), "desks": f"{desks:.1f}", "expected": f"{customers:.0f}"}
        reasons.append(Reason("capacity_ahead", {**told, "at": f"{floor.periods[place + when].start:%H:%M}"}))
    if grade is not None and floor.desks is None:
        reasons.append(Reason("desks_planned"))
    return Crossing(grade, tuple(reasons), excess_absolute=over, excess_relative=share)


def _minutes(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f}" if seconds < LONGEST and minutes < LONG_MIN else f">{LONG_MIN}"


def _signal(
    floor: Floor,
    code: str,
    rule: WarningRule,
    step: Step,
    place: int,
    row: int,
    decided: Crossing,
    state: State,
    why: tuple[Reason, ...],
    catalogue_version: str,
) -> Signal:
    verdict: Verdict = "unknown" if not decided.known else "warned" if state.grade else "quiet"
    given = zip(GRADES, step.limits, strict=True)
    limits = {grade: float(each[row]) for grade, each in given if each is not None} if decided.known else {}
    return Signal(
        rule=code,
        indicator=rule.indicator,
        unit=floor.units[row],
        slice={},
        period=floor.periods[place],
        value=float(floor.came[row, place]),
        expected=float(step.expected[row]) if decided.known else None,
        limits=limits,
        chance=None,
        adjusted=None,
        excess_absolute=decided.excess_absolute,
        excess_relative=decided.excess_relative,
        drift_sigmas=None,
        made=Made("capacity" if decided.known else "none", len(floor.alike)),
        crossed=decided.grade,
        grade=state.grade,
        verdict=verdict,
        reasons=(*decided.reasons, *why),
        catalogue_version=catalogue_version,
    )


def least_wait(capacity: Capacity) -> float | None:
    """Seconds of wait from which the mildest grade is given."""
    waits: Mapping[str, object] = capacity.waits.model_dump()
    return next((float(str(waits[grade])) for grade in GRADES if waits[grade] is not None), None)
