"""Asks what people ask first before they do: after a start and after numbers have changed.

The first reader of a new state would otherwise wait while what is current is worked out and copies are made.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import GanzhiError
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.overview import topic_page
from ganzhi.measure.build.panorama.start import start_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.query import PageQuery

LOOK_EVERY_S = 5.0
REST_S = 120.0
"""How long it rests after a round, so that numbers that change without a pause do not keep it at work."""


OBJECTS_BETWEEN = 50_000
"""New containers after which the youngest are looked through for garbage; a page makes some ten thousand."""


def settle() -> None:
    """Take what has been loaded out of what is looked through for garbage, and look less often.

    The catalogue and the code stay as long as the process; what pages make has no circles and goes without being
    looked for. Looking through all of it took a quarter of a second each time, while a page waited."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN, 20, 20)


class Warmer:
    """A thread that asks for the start page and every topic once for each new state."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warmer", daemon=True)

    def _questions(self) -> Iterator[Callable[[Reader], object]]:
        query = PageQuery(None, None, None, None)
        yield lambda reader: start_page(reader, query)
        for code in self._answers.workplace.catalogue.topics:
            yield lambda reader, code=code: topic_page(reader, code, query)  # type: ignore[misc]

    def ask(self) -> None:
        """One round; what cannot be answered is left to those who ask for it."""
        for question in self._questions():
            if self._stopped.is_set():
                return
            with contextlib.suppress(GanzhiError):
                self._answers.fresh(LOCAL, question)

    def _run(self) -> None:
        asked = -1
        while not self._stopped.wait(LOOK_EVERY_S if asked == -1 else REST_S):
            with contextlib.suppress(GanzhiError):
                commit, _ = self._answers.state()
                if commit != asked:
                    self.ask()
                    if asked == -1:
                        settle()  # with what is known of the numbers
                    asked = commit

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """End after the question that is being asked, or without waiting longer than so many seconds."""
        self._stopped.set()
        self._thread.join(within_s)
