"""Answers questions of pages and programs, each from one state of the numbers, for one viewer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from ganzhi.access.rights import Viewer
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import Opens, States
from ganzhi.measure.publish.opened import Newest
from ganzhi.warehouse.workplace import Workplace

ANSWERS_KEPT = 256
WAITS_S = 10.0
"""How long anybody waits for what somebody else is building; then they build it themselves."""

View = TypeVar("View")


class Answers:
    """Builds view models and keeps the latest.

    A view model is frozen and depends on nothing but the question, the viewer's reach, the manifest's state
    and the hour (what is late); so the latest answers are given again until one of them changes.
    """

    def __init__(self, workplace: Workplace, cache: Opens) -> None:
        self.workplace = workplace
        self._newest = Newest(workplace, cache)
        self._guard = threading.Lock()
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._kept_for: tuple[int, int] | None = None
        self._making: dict[Hashable, threading.Event] = {}

    def open(self) -> States:
        """The newest states, to be closed by the caller."""
        return self._newest.states()

    def fresh(self, viewer: Viewer, build: Callable[[Reader], View]) -> View:
        """Build a view model on a session over the newest states."""
        with self.open() as states:
            return build(Reader(self.workplace, states, viewer))

    def state(self) -> tuple[int, int]:
        """What an answer stands for: the last commit and the hour."""
        return (self.workplace.store.manifest.head(), int(self.workplace.clock.now().timestamp() // 3600))

    def kept(self, viewer: Viewer, asked: Hashable, build: Callable[[Reader], View]) -> View:
        """The answer to a question, built once per state of the data and hour for viewers of one reach; who asks while it
        is being built waits for it."""
        question = (viewer.reach, asked)
        state = self.state()
        with self._guard:
            if state != self._kept_for:
                self._kept.clear()
                self._kept_for = state
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]  # type: ignore[return-value]  # one question has one kind of answer
            making = self._making.get((state, question))
            first = making is None
            if making is None:
                making = self._making[state, question] = threading.Event()
        if not first and making.wait(WAITS_S):
            with self._guard:
                if state == self._kept_for and question in self._kept:
                    return self._kept[question]  # type: ignore[return-value]
        try:
            return self._made(viewer, state, question, build)
        finally:
            if first:
                with self._guard:
                    del self._making[state, question]
                making.set()

    def _made(
        self, viewer: Viewer, state: tuple[int, int], question: Hashable, build: Callable[[Reader], View]
    ) -> View:
        answer = self.fresh(viewer, build)
        with self._guard:
            if state == self._kept_for:
                self._kept[question] = answer
                while len(self._kept) > ANSWERS_KEPT:
                    self._kept.popitem(last=False)
        return answer
