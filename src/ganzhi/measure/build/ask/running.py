"""Questions that are being answered: how many at once, for how long, and how they are stopped.

One `Running` for each process. A question is stopped by its asker, by its deadline, or because whoever
asked has gone; the engine is interrupted in all three cases, and nothing of the answer is given.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.ask.options import RunningQuestion
from ganzhi.warehouse.engine import Session

MOST_AT_ONCE = 2
"""Questions of one user that run at the same time."""
_AGAIN_S = 0.1

Why = Literal["asked", "late", "gone"]


@dataclass
class Leaving:
    """Whether whoever asked is still there. `leave` is called when they are not; what was given to `then` is done."""

    _guard: threading.Lock = field(default_factory=threading.Lock)
    _gone: bool = False
    _then: list[Callable[[], None]] = field(default_factory=list)

    def then(self, act: Callable[[], None]) -> None:
        """Do this when they leave; at once when they have left already."""
        with self._guard:
            if not self._gone:
                self._then.append(act)
                return
        act()

    def leave(self) -> None:
        """They have left."""
        with self._guard:
            self._gone = True
            acts, self._then = self._then, []
        for act in acts:
            act()


LEAVING: ContextVar[Leaving | None] = ContextVar("leaving", default=None)
"""Set by whoever serves a request that can be abandoned."""


class Run:
    """One question while it is answered."""

    def __init__(self, about: RunningQuestion, login: str) -> None:
        self.about, self.login = about, login
        self.why: Why | None = None
        self._guard = threading.Lock()
        self._sessions: list[Session] = []
        self._done = threading.Event()

    def watch(self, session: Session) -> Session:
        """Let `stop` interrupt this session, which is given back."""
        with self._guard:
            if session not in self._sessions:
                self._sessions.append(session)
            stopped = self.why is not None
        if stopped:
            session.interrupt()
        return session

    def stop(self, why: Why) -> None:
        """Interrupt whatever runs, until it has ended."""
        with self._guard:
            if self.why is not None or self._done.is_set():
                return
            self.why = why
        threading.Thread(target=self._interrupt, name="stop-question", daemon=True).start()

    def _interrupt(self) -> None:
        while True:
            with self._guard:
                sessions = tuple(self._sessions)
            for session in sessions:
                session.interrupt()
            if self._done.wait(_AGAIN_S):
                return

    def check(self) -> None:
        """Raise what `Running.run` would, when it was stopped."""
        if self.why is not None:
            raise EngineError(Issue("WHS014"))

    def end(self) -> None:
        """It has ended, one way or another."""
        self._done.set()


class Running:
    """The questions of one process that are being answered."""

    def __init__(self, clock: Clock, deadline_s: float) -> None:
        self._clock, self._deadline_s = clock, deadline_s
        self._guard = threading.Lock()
        self._runs: dict[str, Run] = {}

    @contextmanager
    def run(self, login: str, title: Text, rows: int) -> Iterator[Run]:
        """Answer a question in the block. title: what is asked; rows: its estimated cost.

        Raises: InputError ASK002 when the user has as many running as may be, ASK003 when it took too long, ASK004
        when it was stopped by its asker, who may be gone.
        """
        run = self._begin(login, title, rows)
        leaving = LEAVING.get()
        if leaving is not None:
            leaving.then(lambda: run.stop("gone"))
        late = threading.Timer(self._deadline_s, run.stop, ("late",))
        late.daemon = True
        late.start()
        try:
            yield run
            run.check()
        except EngineError as error:
            raise self._stopped(run, error) from None
        finally:
            late.cancel()
            run.end()
            with self._guard:
                self._runs.pop(run.about.id, None)

    def _begin(self, login: str, title: Text, rows: int) -> Run:
        run = Run(RunningQuestion(new_id(), title, self._clock.now(), rows), login)
        with self._guard:
            if sum(other.login == login for other in self._runs.values()) >= MOST_AT_ONCE:
                raise InputError(Issue("ASK002", params={"most": str(MOST_AT_ONCE)}))
            self._runs[run.about.id] = run
        return run

    def _stopped(self, run: Run, error: EngineError) -> Exception:
        if run.why == "late" or error.issue.code == "WHS006":
            return InputError(Issue("ASK003", params={"seconds": f"{self._deadline_s:g}"}))
        return error if run.why is None else InputError(Issue("ASK004"))

    def of(self, login: str) -> tuple[RunningQuestion, ...]:
        """The running questions of a user, oldest first."""
        with self._guard:
            found = [run.about for run in self._runs.values() if run.login == login]
        return tuple(sorted(found, key=_since))

    def cancel(self, login: str, identity: str) -> bool:
        """Stop a user's own question; False when it is not running (any more)."""
        with self._guard:
            run = self._runs.get(identity)
        if run is None or run.login != login:
            return False
        run.stop("asked")
        return True


def _since(question: RunningQuestion) -> datetime:
    return question.started_at
