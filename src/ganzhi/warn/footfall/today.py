"""View model of a hall's day: customers so far and expected, what its open desks can take, waits, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Final

import numpy as np

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade, WarningRule
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.known import arrived_days
from ganzhi.measure.views.parts import Subject
from ganzhi.warn.footfall.course import OPEN, Step, Usual, course, looked_ahead, ranks_of, usual
from ganzhi.warn.footfall.judge import least_wait
from ganzhi.warn.footfall.reading import Floor, floor_of, last_known
from ganzhi.warn.signal import grade_of

RULE_KEY: Final = "halls.footfall_ahead"
"""The rule whose day is shown where there are several for a kind of unit."""
EIGHT_IN_TEN: Final = 1.28
"""Standard deviations to either side that hold four counts in five."""


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A period of the day. came: customers, None while it is not over. expected: at its begin, or now for those to come.
    capacity: customers from which the wait is too long, None where it is not known. desks: open, or to be expected.
    wait_s: expected mean wait. grade: of it. hidden: the customers are too few to be shown to this viewer."""

    period: Period
    came: float | None
    expected: float
    capacity: float | None
    desks: float
    wait_s: float
    grade: Grade | None
    hidden: bool

    @property
    def between(self) -> tuple[float, float]:
        """Where the customers lie in eight of ten periods of which so many are expected, if each comes by chance: the
        normal limits of a Poisson count."""
        spread = EIGHT_IN_TEN * sqrt(self.expected)
        return max(0.0, self.expected - spread), self.expected + spread


@dataclass(frozen=True, slots=True)
class HallToday:
    """A hall's day. feed: of whose rows the customers are counted. until: how many of the rows are over. known: whether
    capacity can be told. came: customers so far, those of the period that is not over, too; total: expected by the
    end of the day. worst: the gravest row among the one now and those looked ahead. planned: the day's desk
    records have not come, the usual desks stand for them. handling_s: seconds a customer takes a desk. alike: days
    the expectation rests on. wait_limit_s: wait that is too long. ahead: periods looked ahead."""

    unit: str
    unit_name: Text
    day: date
    rule: str
    rule_name: Text
    subject: Subject
    feed: str
    rows: tuple[SlotRow, ...]
    until: int
    known: bool
    planned: bool
    came: int
    total: float
    handling_s: float | None
    alike: int
    wait_limit_s: float | None
    ahead: int

    @property
    def worst(self) -> SlotRow | None:
        """The gravest of the latest row and those looked ahead, the earliest of equals; None where none is graded."""
        near = self.rows[max(0, self.until - 1) : self.until + self.ahead]
        graded = [row for row in near if row.grade is not None]
        return max(graded, key=lambda row: (row.wait_s, -row.period.start.timestamp()), default=None)


def rule_for(catalogue: Catalogue, level: str) -> tuple[str, WarningRule] | None:
    """The rule of footfall against capacity for a kind of unit; None where there is none."""
    found = {code: each for code, each in catalogue.warning_rules.items() if each.capacity and level in each.at}
    code = RULE_KEY if RULE_KEY in found else next(iter(found), None)
    return None if code is None else (code, found[code])


def hall_today(reader: Reader, unit: str, day: date | None = None) -> HallToday | None:
    """The day of a hall, by default the last of which anything is known; None where nothing arrived, or no rule looks at it.

    Raises: InputError REQ012 for a unit out of reach or of another kind.
    """
    workplace = reader.workplace
    found = reader.ground.unit(unit)
    chosen = rule_for(workplace.catalogue, found.level)
    if found.level != "hall":
        raise InputError(Issue("REQ012", unit, params={"near": "–"}))
    if chosen is None:
        return None
    code, rule = chosen
    feed = workplace.catalogue.indicator(rule.indicator).feed or ""
    wanted = day or last_known(workplace, rule)
    if wanted is None or not arrived_days(workplace, feed).get(wanted, (0.0, 0))[0]:
        return None
    floor = floor_of(workplace, reader.states, rule, (unit,), wanted, stale="show")
    return of_floor(workplace.catalogue, floor, code, rule, few=reader.viewer.may("list"))


def of_floor(catalogue: Catalogue, floor: Floor, code: str, rule: WarningRule, *, few: bool) -> HallToday:
    """The view of a floor of one hall. few: whether counts below the smallest cell may be seen."""
    capacity = rule.capacity
    assert capacity is not None
    plan = usual(floor)
    steps = list(course(floor, capacity, plan))
    known = bool(plan.known[0])
    past = [_row_of(floor, step, place, known=known, few=few) for place, step in enumerate(steps)]
    rows = (*past, *_to_come(floor, rule, plan, known=known))
    is_open = [place for place, row in enumerate(rows) if plan.desks[0, place] >= OPEN or row.came or row.hidden]
    first, last = (is_open[0], is_open[-1] + 1) if is_open else (0, 0)
    so_far = float(floor.came[0, : floor.until].sum())
    present = float(floor.came[0].sum())
    service = float(floor.service[0])
    return HallToday(
        unit=floor.units[0],
        unit_name=catalogue.units[floor.units[0]].name,
        day=floor.periods[0].first_day,
        rule=code,
        rule_name=rule.name,
        subject=subject_of(catalogue, rule.indicator, rule.grain),
        feed=catalogue.indicator(rule.indicator).feed or "",
        rows=tuple(rows[first:last]),
        until=min(max(floor.until - first, 0), last - first),
        known=known,
        planned=floor.desks is None,
        came=int(present),
        total=max(present, so_far + sum(row.expected for row in rows[floor.until :])),
        handling_s=None if np.isnan(service) else service,
        alike=len(floor.alike),
        wait_limit_s=least_wait(capacity),
        ahead=capacity.ahead,
    )


def _row_of(floor: Floor, step: Step, place: int, *, known: bool, few: bool) -> SlotRow:
    came = float(floor.came[0, place])
    hidden = not few and 0 < came < SMALLEST_CELL
    blue = next((float(each[0]) for each in step.limits if each is not None), None)
    return SlotRow(
        floor.periods[place],
        None if hidden else came,
        float(step.expected[0]),
        blue if known else None,
        float(step.desks[0]),
        float(step.wait[0]),
        grade_of(int(step.rank[0])) if known else None,
        hidden,
    )


def _to_come(floor: Floor, rule: WarningRule, plan: Usual, *, known: bool) -> list[SlotRow]:
    """The rest of the day, with what the present leaves to it."""
    capacity = rule.capacity
    assert capacity is not None
    places = range(floor.until, len(floor.periods))
    found = looked_ahead(floor, capacity, plan, places, limited=True)
    rows = []
    for number, place in enumerate(places):
        wait = float(found.waits[number, 0])
        rows.append(
            SlotRow(
                floor.periods[place],
                None,
                float(found.customers[number, 0]),
                float(found.limits[number, 0]) if known else None,
                float(found.desks[number, 0]),
                wait,
                grade_of(int(ranks_of(capacity, np.array([wait]))[0])) if known else None,
                hidden=False,
            )
        )
    return rows
