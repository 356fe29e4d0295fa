"""Nothing can vanish: whatever is heard and done, every finding is in one state, and its history explains it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.base.errors import InputError, InternalError
from ganzhi.improve.clocks import tick
from ganzhi.improve.cycle import ACTS, BY_NAME, KEPT_BACK, OPEN, WORKED_ON, possible, replay, step
from ganzhi.improve.daily import daily
from ganzhi.improve.findings import Person
from ganzhi.store.findings.records import STATES, Entry, Finding
from tests.improve.conftest import NewTown
from tests.improve.town import ANN, HAN, Town, evaluated
from tests.store.conftest import START

FORM = {"phenomenon": "量升", "analysis": "计费", "measures": "回退"}


def test_every_open_state_leads_to_closed_and_closed_leads_nowhere() -> None:
    assert possible("closed") == ()
    leads = {state: {act.after for act in possible(state) if act.after} for state in STATES}
    reach = {"closed"}
    for _ in STATES:
        reach |= {state for state in STATES if leads[state] & reach}
    assert reach == set(STATES) == {*OPEN, "closed"}


def test_from_every_open_state_a_person_alone_gets_to_closed() -> None:
    leads = {state: {act.after for act in possible(state, "person") if act.after} for state in STATES}
    reach = {"closed"}
    for _ in STATES:
        reach |= {state for state in STATES if leads[state] & reach}
    assert reach == set(STATES)


def test_what_keeps_a_finding_from_being_told_or_ends_it_needs_a_reason() -> None:
    assert all(act.reason for act in ACTS if act.after in (*KEPT_BACK, "closed"))


def test_names_of_acts_are_distinct() -> None:
    assert Counter(act.name for act in ACTS).most_common(1)[0][1] == 1


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_an_act_that_is_not_possible_is_refused_with_those_that_are(state: str, name: str) -> None:
    act = BY_NAME[name]
    if state in act.before:
        if act.by != "program":
            assert step(state, name, by="person", reason="x") == (act.after or state)  # type: ignore[arg-type]
        return
    with pytest.raises(InputError) as caught:
        step(state, name, by="person", reason="x")  # type: ignore[arg-type]
    (issue,) = caught.value.issues
    allowed = ", ".join(each.name for each in ACTS if state in each.before and each.by != "program")
    assert (issue.code, issue.params["allowed"]) == ("FND003", allowed or "–")
    with pytest.raises(InternalError):
        step(state, name, by="program", reason="x")  # type: ignore[arg-type]


def test_a_reason_of_blanks_is_none() -> None:
    with pytest.raises(InputError) as caught:
        step("published", "dismiss", by="person", reason="  ")
    assert caught.value.issues[0].code == "FND004"


def _entry(number: int, act: str, before: str, after: str) -> Entry:
    return Entry("f", number, START, "x", act, before, after, 1, "r", {})


@pytest.mark.parametrize(
    "history",
    [
        [],
        [_entry(1, "publish", "", "published")],
        [_entry(1, "raise", "", "raised"), _entry(3, "publish", "raised", "published")],
        [_entry(1, "raise", "", "raised"), _entry(2, "publish", "raised", "acknowledged")],
        [_entry(1, "raise", "", "raised"), _entry(2, "close", "raised", "closed")],
    ],
)
def test_a_history_that_does_not_explain_its_finding_is_noticed(history: list[Entry]) -> None:
    with pytest.raises(InternalError):
        replay(history)


SERIES = st.sampled_from([("volume", "10"), ("volume", "11"), ("volume", "12"), ("plain", "11")])
EVALUATION = st.tuples(
    st.just("hear"),
    SERIES,
    st.integers(0, 4),
    st.sampled_from(["", "withheld", "unknown"]),
    st.sampled_from(["beyond_limit", "in_parent", "discovery"]),
    st.integers(0, 1),
)
PERSON = st.tuples(
    st.just("act"),
    st.one_of(st.integers(0, 6), st.sampled_from(sorted(BY_NAME))),
    st.integers(0, 9),
    st.sampled_from([ANN, HAN]),
    st.booleans(),
)
TIME = st.tuples(st.just("wait"), st.integers(1, 3_000))
SILENCE = st.tuples(st.just("silence"), st.sampled_from(["10", "11"]), st.integers(1, 3_000))
FAMILY = (
    ("hear", ("volume", "10"), 3, "", "beyond_limit", 0),
    ("hear", ("volume", "11"), 2, "withheld", "in_parent", 0),
)
"""A province's warning with a city's as part of it, to begin with."""
COURSE = st.lists(st.one_of(EVALUATION, PERSON, PERSON, TIME, SILENCE), max_size=25)


def _do(town: Town, event: tuple[object, ...], day: list[int]) -> None:
    match event:
        case "hear", (str(rule), str(unit)), int(grade), str(verdict), str(why), int(on):
            day[0] = min(day[0] + on, 28)
            word = verdict if grade or verdict == "unknown" else ""
            town.findings.hear([evaluated(grade, rule=rule, unit=unit, verdict=word, why=why, day=day[0])])
        case "act", int() | str() as wanted, int(which), Person() as by, bool(despite):
            known = town.store.findings.list(states=STATES)
            if known:
                _act(town, known, wanted, which, by, despite)
        case "wait", int(minutes):
            town.clock.pass_time(minutes=minutes)
            tick(town.findings)
        case "silence", str(unit), int(minutes):
            now = town.clock.now()
            town.store.silences.add(
                kind="silence",
                owner="ann",
                reason="test",
                starts_at=now,
                ends_at=now + timedelta(minutes=minutes),
                unit=unit,
            )


def _act(town: Town, known: Sequence[Finding], wanted: int | str, which: int, by: Person, despite: bool) -> None:
    """An act by its place among those that are possible, or any act by its name."""
    seen, other = known[which % len(known)], known[(which + 1) % len(known)].id
    names = [act.name for act in possible(seen.state, "person")] or ["close"]
    name = wanted if isinstance(wanted, str) else names[wanted % len(names)]
    refused: set[str] = set()
    try:
        town.findings.act(seen, name, by, reason="x", owner="bob", parent=other, feedback=FORM, despite=despite)
    except InputError as error:
        refused = {each.code for each in error.issues}
    if refused:
        assert refused <= {"FND003", "FND006", "FND007", "FND008", "FND009", "FND018"}
        assert town.now(seen) == seen
    else:
        assert name in names


def _hold(town: Town, known: set[str]) -> None:
    found = town.store.findings.list(states=STATES)
    ids = {each.id for each in found}
    assert known <= ids
    known |= ids
    assert max(Counter(each.series for each in found if each.open).values(), default=0) <= 1
    for each in found:
        history = town.store.findings.history(each.id)
        assert replay(history) == each.state
        assert (each.version, each.grade) == (len(history), history[-1].grade)
        assert each.highest == max(entry.grade for entry in history)
        assert each.owner
        assert (each.due is not None) == (each.state in ("raised", *WORKED_ON))
        assert town.store.findings.evidence(each.id)
        if each.state in (*KEPT_BACK, "closed"):
            assert next(e for e in reversed(history) if e.after == each.state and e.before != e.after).reason
        if each.state == "merged":
            assert each.parent is not None
            assert town.store.findings.get(each.parent).state != "closed"
    trail = Counter(e.subject for e in town.store.audit.entries() if not e.act.endswith((".evidence", ".sample")))
    assert {each.id: each.version for each in found} == {i: trail[i] for i in ids}
    report = daily(town.store, START)
    assert Counter(each.finding.id for each in report.all) == dict.fromkeys(ids, 1)


@pytest.mark.requirement("S003-008")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=COURSE)
def test_whatever_is_heard_and_done_no_finding_vanishes_and_each_history_explains_its_state(
    new_town: NewTown, course: list[tuple[object, ...]]
) -> None:
    town = new_town()
    known: set[str] = set()
    day = [20]
    with contextlib.closing(town.store):
        for event in (*FAMILY, *course):
            _do(town, event, day)
            _hold(town, known)
        assert town.store.audit.verify() == []
