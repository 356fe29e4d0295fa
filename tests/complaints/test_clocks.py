"""Working time and the clocks of tickets: cases as text, laws, and the calendar of the source's ten working days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.complaints.clocks import Clock, Happening, read_clocks
from ganzhi.complaints.worktime import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar(
    SHANGHAI,
    ((time(8, 30), time(12)), (time(14), time(17, 30))),
    frozenset(date(2026, 10, d) for d in range(1, 8)),
    frozenset([date(2026, 10, 10)]),
)


@dataclass
class Case:
    name: str
    limit: TimeLimit = field(default_factory=lambda: TimeLimit(hours=1))
    step: TimeLimit | None = None
    told: list[Happening] = field(default_factory=list)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    expected: list[list[str]] = field(default_factory=list)


def _limit(text: str) -> TimeLimit:
    number, unit = re.fullmatch(r"(\d+)(h|wh|wd)", text.strip()).groups()
    return TimeLimit(**{{"h": "hours", "wh": "working_hours", "wd": "working_days"}[unit]: int(number)})


def _at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


def _cases() -> Iterator[Case]:
    case: Case | None = None
    for line in (Path(__file__).parent / "cases.txt").read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(": ")
        if head == "case":
            if case is not None:
                yield case
            case = Case(rest)
        elif case is None or not line.strip() or line.startswith("#"):
            continue
        elif head == "limit":
            whole, _, step = rest.partition("/")
            case.limit, case.step = _limit(whole), _limit(step) if step else None
        elif head == "now":
            case.now = _at(*rest.split())
        elif head == "expect":
            case.expected.append(rest.split())
        else:
            day, clock, what, *more = line.split()
            promise = _at(more[0], more[1]) if what == "promised" else None
            case.told.append(Happening(_at(day, clock), what, more[0] if what == "assigned" else "", promise))
    assert case is not None
    yield case


def _said(clock: Clock) -> list[str]:
    due = "-" if clock.due is None else clock.due.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    times = [str(round(each.total_seconds() / 60)) for each in (clock.left, clock.spent, clock.worked)]
    return [clock.of or "ticket", clock.state, due, *times]


@pytest.mark.parametrize("case", list(_cases()), ids=lambda case: case.name)
def test_clocks_stand_where_the_case_says(case: Case) -> None:
    read = read_clocks(case.told, case.limit, OFFICE, case.now, case.step)
    kept = {None: "open", True: "yes", False: "no"}
    told = {"promises": [kept[each.kept] for each in read.promises], "problems": list(read.problems)}
    told |= {"ticket": _said(read.ticket)[1:]} if read.ticket else {}
    told |= {clock.of: _said(clock)[1:] for clock in read.departments}
    for name, *rest in case.expected:
        assert told[name] == rest
    assert told["problems"] == next((rest for name, *rest in case.expected if name == "problems"), [])


MINUTE = datetime(2026, 9, 20, tzinfo=UTC)
MOMENTS = st.integers(0, 30 * 24 * 60).map(lambda minutes: MINUTE + timedelta(minutes=minutes))


@settings(max_examples=60, deadline=None)
@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted), st.floats(0.1, 60))
def test_working_time_adds_up_and_its_end_is_where_so_much_is_over(moments: list[datetime], hours: float) -> None:
    a, b, c = moments
    assert OFFICE.worked_between(a, b) + OFFICE.worked_between(b, c) == OFFICE.worked_between(a, c)
    assert OFFICE.worked_between(c, a) == timedelta(0)
    amount = timedelta(hours=hours)
    end = OFFICE.after_work(a, amount)
    assert OFFICE.worked_between(a, end) == amount
    assert OFFICE.worked_between(a, end - timedelta(seconds=1)) < amount


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.lists(st.floats(0.01, 30), min_size=6, max_size=6))
def test_what_a_ticket_waits_is_added_and_nothing_else(begin: datetime, gaps: list[float]) -> None:
    moments = [begin]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(hours=gap))
    names = ("received", "waiting", "answered", "waiting", "answered", "closed")
    told = [Happening(at, what) for at, what in zip(moments, names, strict=False)]
    read = read_clocks(told, TimeLimit(hours=24), OFFICE, moments[-1]).ticket
    assert read is not None
    waited = (moments[2] - moments[1]) + (moments[4] - moments[3])
    assert read.due == begin + timedelta(hours=24) + waited
    assert read.spent + waited == moments[5] - begin
    assert (read.state == "kept") == (read.spent <= timedelta(hours=24))


def test_a_clock_that_is_about_to_run_out_says_so() -> None:
    told = [Happening(_at("2026-09-28", "08:00"), "received")]
    soon = [
        read_clocks(told, TimeLimit(hours=8), OFFICE, _at("2026-09-28", h)).ticket.soon
        for h in ("13:59", "14:00", "16:01")
    ]
    assert soon == [False, True, False]
    assert read_clocks([], TimeLimit(hours=8), OFFICE, _at("2026-09-28", "08:00")).ticket is None
