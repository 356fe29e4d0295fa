"""The loop of a stream: look, load, tell; again and again until told to stop.

Nothing that comes in stops it. A source that is away is tried again after longer and longer pauses, and the stream's state
says so; a store that is busy or a disk that is full is waited for with the batch in hand; a message on which the work itself
fails is found by halving the batch and put aside with all others that are wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from ganzhi.base.errors import EngineError, GanzhiError
from ganzhi.base.failpoint import failpoint
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport, RefusedError
from ganzhi.ingest.stream.folder import FolderSource
from ganzhi.ingest.stream.load import StreamLoader
from ganzhi.ingest.stream.source import Polled, Source, SourceAwayError
from ganzhi.store.streams.streams import Standing, StreamMovedError, StreamState
from ganzhi.warehouse.workplace import Workplace

PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long a source that is away is left alone, after each attempt longer."""
LEAST_S: Final = 0.05
SAID_EVERY_S: Final = 5.0
"""How often a stream that does nothing notes how it stands."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did. reports: of the batches or files loaded. lag: what was left; caught_up: that nothing was. error:
    why nothing could be done. heard_until: up to when all that happened is believed to have come."""

    reports: tuple[LoadReport, ...] = ()
    lag: int = 0
    heard_until: datetime | None = None
    error: GanzhiError | None = None
    caught_up: bool = False

    @property
    def loaded(self) -> bool:
        """Whether anything came to count or was put aside."""
        return bool(self.reports)


@dataclass(frozen=True, slots=True)
class Pace:
    """every_s: how long messages are collected. most: messages or files of one turn. late_s: how long after its end
    events of a minute may still come; what comes later corrects it."""

    every_s: float = 1.0
    most: int = 100_000
    late_s: float = 60.0


OnTurn = Callable[[Turn], None]


class Stream:
    """One feed from one source.

    on_turn: told of each turn, after what it brought counts.
    """

    def __init__(
        self,
        workplace: Workplace,
        name: str,
        feed: str,
        mapping: str,
        source: Source,
        pace: Pace = Pace(),
        on_turn: OnTurn | None = None,
    ) -> None:
        self.name, self.feed, self.mapping = name, feed, mapping
        self._workplace, self._source, self._pace, self._on_turn = workplace, source, pace, on_turn
        self._loader = None if isinstance(source, FolderSource) else StreamLoader(workplace, name, feed, mapping)
        self._heard: datetime | None = None
        self._said = (0.0, "")
        self._pending: Polled | None = None
        self._began = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Turn until told to stop, then leave the source with everything counted or nothing of it."""
        failures = 0
        try:
            while not stopping.is_set():
                began = monotonic()
                turn = self.turn()
                failures = failures + 1 if turn.error is not None else 0
                if failures:
                    stopping.wait(PAUSES_S[min(failures, len(PAUSES_S)) - 1])
                elif self._loader is None:
                    stopping.wait(max(0.0, self._pace.every_s - (monotonic() - began)))
        finally:
            self.close()

    def turn(self) -> Turn:
        """Look once and load what was there."""
        try:
            # The time that the last batch took is time in which messages were collected.
            waited = monotonic() - self._began
            self._began = monotonic()
            polled = self._pending or self._source.poll(max(LEAST_S, self._pace.every_s - waited), self._pace.most)
            self._pending = polled
            reports = self._files(polled) if self._loader is None else self._messages(polled, self._loader)
            self._pending = None
            self._source.counted(polled)
            failpoint("stream.counted")
            self._note_heard(polled)
            turn = Turn(reports, polled.lag, self._heard, caught_up=polled.caught_up is not None)
            self._says("running", "", polled.lag, now=bool(reports))
        except StreamMovedError as error:
            self._pending = None
            self._source.rewind()
            turn = Turn(error=error)
        except SourceAwayError as error:
            self._pending = None
            turn = self._failed(error)
        except EngineError as error:
            if not error.retryable:
                self._pending = None
                self._source.rewind()
            turn = self._failed(error)
        except GanzhiError as error:
            self._pending = None
            self._source.rewind()
            turn = self._failed(error)
        if self._on_turn is not None:
            self._on_turn(turn)
        return turn

    def close(self) -> None:
        """Leave the source and say so."""
        self._source.close()
        if self._loader is not None:
            self._loader.close()
        self._says("stopped", "", None, now=True)

    def _failed(self, error: GanzhiError) -> Turn:
        self._says("waiting", error.issue.code if isinstance(error, EngineError) else type(error).__name__, None)
        return Turn(heard_until=self._heard, error=error)

    def _messages(self, polled: Polled, loader: StreamLoader) -> tuple[LoadReport, ...]:
        if not polled.messages:
            return ()
        return tuple(self._load(loader, polled, 0, len(polled.messages)))

    def _load(self, loader: StreamLoader, polled: Polled, first: int, last: int) -> list[LoadReport]:
        """Load messages `first` to before `last`; in halves when the work on them fails."""
        some = polled.messages[first:last]
        before = dict(polled.before)
        for each in polled.messages[:first]:
            before[each.part] = each.offset + 1
        try:
            return [loader.load(some, before)]
        except Exception as error:
            if isinstance(error, EngineError) and error.retryable:
                raise
            if len(some) == 1:  # whatever it is that this message does to us, it is put aside and said to have
                return [loader.load(some, before, unworkable={1})]
        middle = (first + last) // 2
        return [*self._load(loader, polled, first, middle), *self._load(loader, polled, middle, last)]

    def _files(self, polled: Polled) -> tuple[LoadReport, ...]:
        source = self._source
        assert isinstance(source, FolderSource)
        reports: list[LoadReport] = []
        for path in polled.files:
            try:
                found = load(self._workplace, self.feed, [path], mapping=self.mapping)
            except RefusedError as error:
                if _comes_again(error):
                    continue
                found = list(error.reports) or [_refused(path.name, self.feed, self.mapping, error)]
            reports += found
            source.done(path, refused=any(each.state == "rejected" for each in found))
        return tuple(reports)

    def _note_heard(self, polled: Polled) -> None:
        upto = polled.caught_up or polled.latest
        if upto is not None:
            upto -= timedelta(seconds=self._pace.late_s)
            self._heard = upto if self._heard is None else max(self._heard, upto)

    def _says(self, state: Standing, said: str, lag: int | None, *, now: bool = False) -> None:
        """Note in the store how the stream stands, unless it stood so a moment ago."""
        at, before = self._said
        if not now and before == f"{state}{said}" and monotonic() - at < SAID_EVERY_S:
            return
        self._said = (monotonic(), f"{state}{said}")
        clock = self._workplace.clock
        standing = StreamState(self.name, self.feed, self.mapping, state, said, lag, self._heard, clock.now())
        try:
            self._workplace.store.streams.says(standing)
        except EngineError:
            self._said = (0.0, "")  # said again next time; what counts does not depend on it


def _comes_again(error: RefusedError) -> bool:
    """Whether a refusal says nothing about the file: it changed or could not be opened, so it is looked at again."""
    return any(issue.code in ("ING001", "ING002", "ING003") for issue in error.issues)


def _refused(name: str, feed: str, mapping: str, error: RefusedError) -> LoadReport:
    return LoadReport(name, feed, mapping, "rejected", "", issues=error.issues)
