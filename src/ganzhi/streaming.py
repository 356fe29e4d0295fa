"""Streams at work: what they read is loaded, the warnings of the service centre are judged, and notices go out at once.

One thread for each stream; the rules of a feed are judged by one of them at a time. What a turn finds is published before
the next one begins.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganzhi.base.errors import GanzhiError, InputError, Issue
from ganzhi.base.settings import StreamSettings
from ganzhi.compile.minutes import minute_feeds
from ganzhi.improve.heard import hear_all
from ganzhi.ingest.load import choose_mapping
from ganzhi.ingest.stream.folder import FolderSource
from ganzhi.ingest.stream.kafka import KafkaSource, Topic
from ganzhi.ingest.stream.run import Pace, Stream, Turn
from ganzhi.ingest.stream.source import Source
from ganzhi.store.findings.records import Finding
from ganzhi.warn.minutes.feeds import FeedWatch
from ganzhi.wiring import Workspace, findings_of, send_notices

JUDGED_EVERY_S = 1.0
"""How often rules are judged while nothing comes in, because time passes, too."""

OnFailure = Callable[[str, GanzhiError], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a look at a feed's rules came to. signals: what was told; findings: those it concerned."""

    signals: int = 0
    findings: tuple[Finding, ...] = ()
    sent: int = 0


class Near:
    """Judges the rules of the service centre and lets notices go."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        place = workspace.workplace
        self._watches = {feed: FeedWatch(place, feed) for feed in minute_feeds(place.catalogue)}
        self._guard = threading.Lock()

    def prepare(self, feed: str) -> None:
        """Learn what is normal, before anything is read."""
        watch = self._watches.get(feed)
        if watch is not None:
            with self._guard:
                watch.prepare()

    def judge(self, feed: str) -> Judged:
        """Judge what changed of a feed since the last time, publish it, and send what is due."""
        watch = self._watches.get(feed)
        if watch is None:
            return Judged()
        with self._guard:
            told = [each for signals in watch.turn() for each in signals]
            if not told:
                return Judged()
            found = findings_of(self._workspace).hear(hear_all([each.as_json() for each in told]))
            sent = send_notices(self._workspace).sent if found else 0
        return Judged(len(told), found, sent)


def settings_of(workspace: Workspace, name: str) -> StreamSettings:
    """A stream as the settings declare it; raises InputError STR007."""
    declared = workspace.settings.streams
    if name not in declared:
        raise InputError(Issue("STR007", name, params={"known": ", ".join(sorted(declared)) or "–"}))
    return declared[name]


def stream_of(
    workspace: Workspace,
    name: str,
    settings: StreamSettings,
    near: Near,
    on_turn: Callable[[Turn, Judged], None] | None = None,
    on_failure: OnFailure | None = None,
) -> Stream:
    """A stream that is ready to run.

    on_turn: told of each turn and of what was judged after it.
    Raises: InputError for an unknown feed or mapping; EngineError STR002 where the driver is missing.
    """
    place = workspace.workplace
    place.catalogue.feed(settings.feed)
    near.prepare(settings.feed)
    mapping = choose_mapping(place, settings.feed, settings.mapping or None, settings.folder or settings.topic)

    def after(turn: Turn) -> None:
        if turn.error is not None and on_failure is not None:
            on_failure(name, turn.error)
        judged = Judged()
        try:
            judged = near.judge(settings.feed)
        except GanzhiError as error:
            if on_failure is not None:
                on_failure(name, error)
        if on_turn is not None:
            on_turn(turn, judged)

    pace = Pace(settings.every_s, settings.most, settings.late_s)
    return Stream(place, name, settings.feed, mapping, source_of(workspace, name, settings), pace, after)


def source_of(workspace: Workspace, name: str, settings: StreamSettings) -> Source:
    """What a stream reads from."""
    place = workspace.workplace
    if settings.source == "folder":
        return FolderSource(workspace.root / Path(settings.folder), place.clock)
    topic = Topic(settings.brokers, settings.topic, settings.group, settings.start, settings.options)
    return KafkaSource(topic, lambda: place.store.streams.offsets(name), place.clock)


class Streaming:
    """All streams of the settings that `serve` reads, each in a thread of its own."""

    def __init__(self, workspace: Workspace, on_failure: OnFailure | None = None) -> None:
        self._workspace, self._on_failure = workspace, on_failure
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; a stream that cannot begin is told of and the others run."""
        declared = {name: each for name, each in self._workspace.settings.streams.items() if each.serve}
        near = Near(self._workspace) if declared else None
        for name, settings in declared.items():
            assert near is not None
            try:
                stream = stream_of(self._workspace, name, settings, near, on_failure=self._on_failure)
            except GanzhiError as error:
                if self._on_failure is not None:
                    self._on_failure(name, error)
                continue
            thread = threading.Thread(target=stream.run, args=(self._stopping,), name=f"stream {name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, wait_s: float = 10.0) -> bool:
        """Ask all to stop after the batch in hand; whether they have."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(wait_s)
        return not any(thread.is_alive() for thread in self._threads)
