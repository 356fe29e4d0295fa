"""What a question costs is known, and too much refused, before a file is opened; what runs can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import EngineError, InputError
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.measure.build.ask.running import LEAVING, Leaving, Running
from ganzhi.measure.views.ask.question import Question
from ganzhi.warehouse.workplace import Workplace
from tests.measure.ask.conftest import By
from tests.measure.ask.test_records import asked

TITLE = Text(zh="慢", en="slow")
SLOW = (
    "select count(*) from range(100000) a, range(100000) b, range(1000) c where (a.range * b.range + c.range) % 7 = 3"
)
"""Some minutes of work."""


class Shut:
    """An engine that nobody may open a session on."""

    def session(self, relations: object) -> Any:
        raise AssertionError("a session was opened")

    def loading_session(self) -> Any:
        raise AssertionError("a session was opened")


def shut(bank: Workplace, most_rows: int) -> AskDesk:
    closed = replace(bank, engine=Shut())
    return AskDesk(Answers(closed, Shut()), most_rows=most_rows, deadline_s=5)


def test_a_question_that_reads_too_much_is_refused_unread(bank: Workplace, me: Viewer, by_hand: By) -> None:
    question = asked(first="1999-01-01", last="1999-01-31")
    (whole,) = by_hand("select count(*) from c")[0]
    with pytest.raises(InputError) as refused:
        shut(bank, whole - 1).records(me, question)
    (issue,) = refused.value.issues
    assert (issue.code, issue.params["rows"]) == ("ASK001", f"{whole:,}")
    cheaper = replace(question, first=issue.params["since"], last=issue.params["last"])
    with pytest.raises(AssertionError, match="a session was opened"):
        shut(bank, whole - 1).records(me, cheaper)


def test_what_is_estimated_is_what_the_days_hold(desk: AskDesk, me: Viewer, by_hand: By) -> None:
    found = desk.records(me, asked(first="1999-01-19", last="1999-01-21"))
    (rows,) = by_hand("select count(*) from c where day between '1999-01-19' and '1999-01-21'")[0]
    assert (found.cost.rows, found.cost.days) == (rows, 3)


def test_numbers_cost_rows_of_their_states_and_are_refused_alike(bank: Workplace, me: Viewer) -> None:
    question = Question(codes=("hotline.calls",), grain="day", first="1999-01-01", last="1999-01-31")
    with pytest.raises(InputError) as refused:
        shut(bank, 10).indicators(me, question)
    assert [issue.code for issue in refused.value.issues] == ["ASK001"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("1999-02-01", "1999-01-01"),
        ("1980-01-01", "2026-01-01"),
        ("1999-1-1", None),
        ("heute", None),
        (None, "99991231"),
    ],
)
def test_a_span_that_cannot_be_is_refused(desk: AskDesk, me: Viewer, first: str | None, last: str | None) -> None:
    with pytest.raises(InputError) as refused:
        desk.records(me, asked(first=first, last=last))
    assert [issue.code for issue in refused.value.issues] == ["ASK005"]


class Slow:
    """A slow question, asked in a thread of its own."""

    def __init__(self, bank: Workplace, running: Running, login: str = "me") -> None:
        self.ended: str | None = None
        self.after_s = 0.0
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(bank, running, login), daemon=True)
        self._thread.start()
        assert self._began.wait(10)

    def _ask(self, bank: Workplace, running: Running, login: str) -> None:
        start = time.monotonic()
        try:
            with running.run(login, TITLE, 1) as run, bank.engine.session({}) as session:
                run.watch(session)
                self._began.set()
                session.query(SLOW)
        except InputError as error:
            self.ended = error.issues[0].code
        except EngineError as error:
            self.ended = error.issue.code
        self.after_s = time.monotonic() - start

    def wait(self) -> str | None:
        self._thread.join(20)
        assert not self._thread.is_alive(), "it goes on"
        return self.ended


def until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not found() and time.monotonic() < end:
        time.sleep(0.02)
    assert found()


@pytest.mark.requirement("S004-015")
def test_cancelling_stops_the_engine(bank: Workplace) -> None:
    running = Running(bank.clock, 60)
    slow = Slow(bank, running)
    time.sleep(0.5)
    (about,) = running.of("me")
    assert not running.cancel("somebody else", about.id)
    start = time.monotonic()
    assert running.cancel("me", about.id)
    assert slow.wait() == "ASK004"
    assert time.monotonic() - start < 3
    assert running.of("me") == ()
    assert not running.cancel("me", about.id)


def test_a_question_that_takes_too_long_ends_at_its_deadline(bank: Workplace) -> None:
    slow = Slow(bank, Running(bank.clock, 0.7))
    assert slow.wait() == "ASK003"
    assert 0.6 < slow.after_s < 5


def test_a_question_stopped_before_its_engine_runs_does_not_run(bank: Workplace) -> None:
    running = Running(bank.clock, 60)

    def ask() -> None:
        with running.run("me", TITLE, 1) as run, bank.engine.session({}) as session:
            run.stop("asked")
            run.watch(session)
            session.query("select 1")

    with pytest.raises(InputError) as refused:
        ask()
    assert refused.value.issues[0].code == "ASK004"


def test_no_more_than_two_run_for_one_user_and_others_are_not_kept_out(bank: Workplace) -> None:
    running = Running(bank.clock, 60)
    slow = [Slow(bank, running), Slow(bank, running)]
    with pytest.raises(InputError) as refused, running.run("me", TITLE, 1):
        pass
    assert refused.value.issues[0].code == "ASK002"
    with running.run("somebody else", TITLE, 1):
        assert len(running.of("somebody else")) == 1
    for about in running.of("me"):
        running.cancel("me", about.id)
    assert [each.wait() for each in slow] == ["ASK004", "ASK004"]
    with running.run("me", TITLE, 1):
        pass


def test_who_has_gone_leaves_nothing_running(bank: Workplace) -> None:
    running, leaving = Running(bank.clock, 60), Leaving()

    def ask() -> None:
        with running.run("me", TITLE, 1) as run, bank.engine.session({}) as session:
            run.watch(session)
            threading.Timer(0.4, leaving.leave).start()
            session.query(SLOW)

    token = LEAVING.set(leaving)
    try:
        with pytest.raises(InputError):
            ask()
    finally:
        LEAVING.reset(token)
    until(lambda: running.of("me") == ())
