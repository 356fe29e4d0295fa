"""Trainings with tests, meetings by quarter and year, requests in four stages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ganzhi.base.errors import InputError
from ganzhi.complaints.cases.learning import (
    STAGES,
    Meeting,
    Request,
    Result,
    Training,
    add,
    change,
    periods,
    quarter_of,
    results_in,
    results_text,
)
from tests.complaints.cases.shelf import ANN, TODAY, Shelf

PLAN = Training("短信热点", ("cases",))
RESULTS = tuple(Result(f"A{place}", 60, 70 + place) for place in range(7))


def standings(shelf: Shelf, kind: str) -> dict[str, str]:
    page = shelf.desk.looking(ANN).learning()
    return {row.key: row.standing for row in getattr(page, kind)}


@pytest.mark.requirement("S003-036")
def test_a_quarter_wants_a_training_with_a_test(shelf: Shelf) -> None:
    registers = shelf.store.case_registers
    assert standings(shelf, "quarters") == {"2026-Q4": "due"}
    kept = add(registers, PLAN, by="ann", due=TODAY + timedelta(days=2))
    assert standings(shelf, "quarters") == {"2026-Q4": "planned"}
    shelf.clock.jump(days=3)
    page = shelf.desk.looking(ANN).learning()
    assert (standings(shelf, "quarters"), page.late) == ({"2026-Q4": "due"}, frozenset({kept.register.id}))
    done = change(registers, kept.register, replace(PLAN, held_on=TODAY), by="ann", state="held", due=TODAY)
    assert standings(shelf, "quarters") == {"2026-Q4": "untested"}
    tested = replace(PLAN, held_on=TODAY, results=RESULTS)
    change(registers, done.register, tested, by="ann", state="held", due=TODAY)
    assert standings(shelf, "quarters") == {"2026-Q4": "held"}
    shelf.clock.jump(days=200)
    assert standings(shelf, "quarters") == {"2027-Q2": "due", "2027-Q1": "missed", "2026-Q4": "held"}


@pytest.mark.requirement("S003-036")
def test_the_effect_of_a_training_is_tested_pair_by_pair() -> None:
    effect = replace(PLAN, results=RESULTS).effect
    assert effect is not None
    assert (effect.n, effect.shift, effect.p) == (7, 13.0, 2 / 2**7)
    few = replace(PLAN, results=RESULTS[:5]).effect
    assert few is not None
    assert (few.n, few.shift) == (5, None)
    assert PLAN.effect is None


@pytest.mark.requirement("S003-037")
def test_small_meetings_are_quarterly_and_large_ones_yearly(shelf: Shelf) -> None:
    registers = shelf.store.case_registers
    for size in ("small", "large"):
        meeting = Meeting(size, size)
        kept = add(registers, meeting, by="ann", due=TODAY)
        change(registers, kept.register, replace(meeting, held_on=TODAY), by="ann", state="held", due=TODAY)
    assert (standings(shelf, "small"), standings(shelf, "large")) == ({"2026-Q4": "held"}, {"2026": "held"})
    shelf.clock.jump(days=41)
    assert (standings(shelf, "small")["2027-Q1"], standings(shelf, "large")["2027"]) == ("due", "due")


@pytest.mark.parametrize(
    ("day", "key", "days"),
    [("2024-02-29", "2024-Q1", 91), ("2026-12-31", "2026-Q4", 92), ("2026-04-01", "2026-Q2", 91)],
)
def test_quarters_hold_their_days(day: str, key: str, days: int) -> None:
    found, first, last = quarter_of(date.fromisoformat(day))
    assert (found, (last - first).days + 1) == (key, days)
    assert first <= date.fromisoformat(day) <= last
    assert periods((), date.fromisoformat(day), "quarter")[0].key == key


@pytest.mark.requirement("S003-038")
def test_requests_stand_in_four_stages(shelf: Shelf) -> None:
    for stage in STAGES:
        add(shelf.store.case_registers, Request("带出告警", "要另开系统", stage), by="ann")
    page = shelf.desk.looking(ANN).learning()
    assert [each.said.stage for each in page.requests] == list(reversed(STAGES))
    assert {each.register.state for each in page.requests} == {"collected"}


@pytest.mark.parametrize(
    ("said", "state", "codes"),
    [
        (replace(PLAN, title="", topics=()), "planned", ["CAS001", "CAS020"]),
        (replace(PLAN, held_on=TODAY), "planned", ["CAS021"]),
        (PLAN, "held", ["CAS021"]),
        (PLAN, "done", ["CAS020"]),
        (replace(PLAN, trainer="13812345678"), "planned", ["CAS013"]),
        (replace(PLAN, results=(RESULTS[0], RESULTS[0])), "planned", ["CAS022", "CAS022"]),
        (Meeting("m", "huge"), "planned", ["CAS020"]),  # type: ignore[arg-type]
        (Request("r", "", "somewhere"), "collected", ["CAS020", "CAS001"]),  # type: ignore[arg-type]
    ],
)
def test_what_makes_no_sense_is_refused(shelf: Shelf, said: object, state: str, codes: list[str]) -> None:
    registers = shelf.store.case_registers
    kept = add(registers, PLAN, by="ann", due=TODAY)
    with pytest.raises(InputError) as refused:
        change(registers, kept.register, said, by="ann", state=state, due=TODAY)  # type: ignore[arg-type]
    assert [issue.code for issue in refused.value.issues] == codes


def test_results_are_read_as_they_are_typed() -> None:
    assert results_in(results_text(RESULTS)) == RESULTS
    assert results_in("王 A 60，85\n\n") == (Result("王 A", 60, 85),)
    for line in ("A01 60", "A01 sixty 70", "A01 60 1e9", "A01 nan 70"):
        with pytest.raises(InputError):
            results_in(f"{line}\nB 1 2")
