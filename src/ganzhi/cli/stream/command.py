"""`ganzhi stream`: read a feed without end, and judge the service centre's warnings as values come."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import EngineError, GanzhiError, InputError, Issue
from ganzhi.base.messages import render
from ganzhi.base.settings import StreamSettings
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.ingest.report import Tally

if TYPE_CHECKING:
    from ganzhi.ingest.stream.run import Turn
    from ganzhi.streaming import Judged
    from ganzhi.wiring import Workspace

SAID_EVERY_S = 10.0
"""How often a line says what was read."""
QUIET_TURNS = 2
"""Turns without anything new after which `--once` ends."""


@dataclass
class _Told:
    """What a running stream says: a line every few seconds, and whatever goes wrong once."""

    call: Call
    stream: str
    once: threading.Event | None
    tally: Tally = field(default_factory=Tally)
    lag: int = 0
    since: float = field(default_factory=monotonic)
    failure: str = ""
    quiet: int = 0

    def turn(self, turn: Turn, judged: Judged) -> None:
        """Take in one turn."""
        for report in turn.reports:
            self.tally = self.tally.plus(report.tally)
        self.lag = turn.lag
        if judged.findings:
            self.call.say("cli.stream.judged", stream=self.stream, findings=len(judged.findings), sent=judged.sent)
        if turn.error is None:
            self.failure = ""
        if monotonic() - self.since >= SAID_EVERY_S:
            self.summary()
        self.quiet = self.quiet + 1 if turn.caught_up and not turn.reports else 0
        if self.once is not None and self.quiet >= QUIET_TURNS:
            self.once.set()

    def failed(self, _stream: str, error: GanzhiError) -> None:
        """Say what is wrong, once until it is well again."""
        issue = error.issue if isinstance(error, EngineError) else None
        text = str(error) if issue is None else render(self.call.lang, issue)
        if text != self.failure:
            self.failure = text
            self.call.say("cli.stream.away", stream=self.stream, issue=text)

    def summary(self) -> None:
        """A line with what was read since the last one."""
        tally = self.tally
        if tally.read or tally.blank:
            self.call.say(
                "cli.stream.turn",
                stream=self.stream,
                read=tally.read,
                accepted=tally.accepted,
                duplicate=tally.duplicate,
                replaced=tally.replaced,
                rejected=tally.rejected,
                lag=self.lag,
            )
        self.tally, self.since = Tally(), monotonic()


def _declared(
    workspace: Workspace, feed: str | None, name: str | None, given: dict[str, object]
) -> tuple[str, StreamSettings]:
    """The stream by its name in the settings, or as the options give it."""
    from ganzhi.streaming import settings_of

    source = given.pop("source")
    if source is None:
        wanted = name or feed or ""
        return wanted, settings_of(workspace, wanted)
    needed = ("brokers", "topic") if source == "kafka" else ("folder",)
    for each in needed:
        if not given.get(each):
            raise InputError(Issue("STR008", "stream", params={"needed": f"--{each}"}))
    if feed is None:
        raise InputError(Issue("STR008", "stream", params={"needed": "FEED"}))
    values = {key: value for key, value in given.items() if value is not None}
    return name or feed, StreamSettings.model_validate({"feed": feed, "source": source, **values})


def _options(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for key, sign, _ in pairs:
        if not sign or not key:
            raise InputError(Issue("STR008", "stream", params={"needed": "--option NAME=VALUE"}))
    return {key: value for key, _, value in pairs}


@contextmanager
def _stopped_by_signals(stopping: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the stream behind the batch in hand."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@click.command("stream", cls=Command, help="stream")
@click.argument("feed", required=False)
@option("--name", metavar="NAME", help="stream_name")
@option("--from", "source", type=click.Choice(["kafka", "folder"]), help="stream_from")
@option("--brokers", metavar="HOST:PORT,…", help="stream_brokers")
@option("--topic", metavar="TOPIC", help="stream_topic")
@option("--group", metavar="GROUP", help="stream_group")
@option("--option", "options", metavar="NAME=VALUE", multiple=True, help="stream_option")
@option("--start", type=click.Choice(["earliest", "latest"]), help="stream_start")
@option("--folder", metavar="DIR", help="stream_folder")
@option("--mapping", metavar="NAME", help="mapping")
@option("--every", "every_s", type=click.FloatRange(0.1, 60), metavar="S", help="stream_every")
@option("--late", "late_s", type=click.FloatRange(0, 86_400), metavar="S", help="stream_late")
@option("--once", is_flag=True, help="stream_once")
@common
@click.pass_obj
def stream(
    call: Call, /, feed: str | None, name: str | None, options: tuple[str, ...], *, once: bool, **given: object
) -> None:
    """Read until told to stop."""
    from ganzhi.streaming import Near, stream_of
    from ganzhi.wiring import opened

    stopping = threading.Event()
    with _stopped_by_signals(stopping), opened(call.root) as workspace:
        called, settings = _declared(workspace, feed, name, {**given, "options": _options(options) or None})
        told = _Told(call, called, stopping if once else None)
        running = stream_of(workspace, called, settings, Near(workspace), told.turn, told.failed)
        call.say("cli.stream.running", stream=called, feed=running.feed, mapping=running.mapping)
        gc.collect()
        gc.freeze()  # the catalogue stays: looking through it for garbage would take longer than a batch
        try:
            running.run(stopping)
        finally:
            gc.unfreeze()
        told.summary()
    call.say("cli.stream.stopped", stream=called)
