"""XES read and written as a stream: one trace at a time stands in memory, no document type, no entity, no address.

Read: `concept:name` of the trace is the case, of the event the activity; `time:timestamp`, `lifecycle:transition`,
`org:resource`, `org:group`. Everything else of the log is passed over.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from ganzhi.base.errors import InputError, Issue
from ganzhi.trace.flow.exchange.event import UNPACKED_LIMIT, LogEvent, LogTally

CHUNK = 1 << 16
DEEPEST = 64
_VALUED = frozenset(["string", "date", "int", "float", "boolean", "id"])
_KEYS = frozenset(
    ["concept:name", "time:timestamp", "lifecycle:transition", "org:resource", "org:group"]
)  # fmt: skip


class _Refused(Exception):  # noqa: N818 - leaves the parser, is never seen outside
    """The file holds what is not read."""


class _Handler:
    """Takes the parser's calls and keeps the events of traces that have ended."""

    def __init__(self, tally: LogTally) -> None:
        self.tally = tally
        self.ready: list[LogEvent] = []
        self._depth: list[str] = []
        self._case: str | None = None
        self._event: dict[str, str] | None = None
        self._events: list[dict[str, str]] = []
        self.is_log = False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        """An element begins."""
        local = name.rpartition(":")[2]
        if not self._depth:
            self.is_log = local == "log"
        self._depth.append(local)
        if len(self._depth) > DEEPEST:
            raise _Refused
        if local == "trace" and self._depth == ["log", "trace"]:
            self._case, self._events = None, []
        elif local == "event" and self._depth[:-1] in (["log", "trace"], ["log"]):
            self._event = {}
        elif local in _VALUED:
            self._value(attrs)

    def _value(self, attrs: dict[str, str]) -> None:
        key, value = attrs.get("key", ""), attrs.get("value", "")
        if key not in _KEYS:
            return
        if self._event is not None and self._depth[-2] == "event":
            self._event[key] = value
        elif self._depth[:-1] == ["log", "trace"] and key == "concept:name":
            self._case = value

    def end(self, name: str) -> None:
        """An element ends."""
        local = self._depth.pop()
        if local == "event" and self._event is not None:
            if self._depth == ["log"]:
                self.tally.no_case += 1
            else:
                self._events.append(self._event)
            self._event = None
        elif local == "trace" and self._depth == ["log"]:
            self._trace()

    def _trace(self) -> None:
        before = len(self.ready)
        for event in self._events:
            if not self._case:
                self.tally.no_case += 1
                continue
            activity = event.get("concept:name", "")
            if not activity.strip():
                self.tally.no_activity += 1
                continue
            at = self.tally.instant(event.get("time:timestamp"))
            if at is None:
                continue
            named = (event.get(key) or None for key in ("lifecycle:transition", "org:resource", "org:group"))
            self.ready.append(LogEvent(self._case, activity, at, *named))
        self.tally.events += len(self.ready) - before
        self.tally.cases += len(self.ready) > before


def read_xes(path: Path, tally: LogTally, limit: int = UNPACKED_LIMIT) -> Iterator[LogEvent]:
    """The events of a log, packed with gzip or not, in their order.

    Raises: InputError FLW001 for what is no XES, FLW002 for a document type or entities, FLW003 for too much.
    """
    handler = _Handler(tally)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    read = 0
    with _opened(path) as file:
        while True:
            try:
                chunk = file.read(CHUNK)
            except (OSError, EOFError) as error:
                raise _unreadable(path, str(error)) from None
            read += len(chunk)
            if read > limit:
                raise InputError(Issue("FLW003", path.name, params={"limit": f"{limit // 1_000_000:,}"}))
            try:
                parser.Parse(chunk, not chunk)
            except _Refused:
                raise InputError(Issue("FLW002", path.name)) from None
            except (expat.ExpatError, IndexError, ValueError) as error:
                raise _unreadable(path, str(error)) from None
            yield from handler.ready
            handler.ready.clear()
            if not chunk:
                break
    if not handler.is_log:
        raise _unreadable(path, "no <log>")


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")


def _refuse(*_: object) -> None:
    raise _Refused


def _unreadable(path: Path, detail: str) -> InputError:
    return InputError(Issue("FLW001", path.name, params={"format": "XES", "detail": detail[:120]}))


HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
 <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
 <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
 <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
 <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
 <global scope="trace"><string key="concept:name" value=""/></global>
 <global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/></global>
 <classifier name="Activity" keys="concept:name"/>
"""


def write_xes(events: Iterable[LogEvent], name: str) -> Iterator[str]:
    """The log as text in pieces. events: case by case, in their order within each."""
    yield HEAD + f' <string key="concept:name" value={_quoted(name)}/>\n'
    for case, of_case in groupby(events, key=lambda event: event.case):
        lines = [f' <trace>\n  <string key="concept:name" value={_quoted(case)}/>\n']
        lines += [_event(event) for event in of_case]
        yield "".join(lines) + " </trace>\n"
    yield "</log>\n"


def _event(event: LogEvent) -> str:
    at = event.at.astimezone(UTC).isoformat(timespec="milliseconds")
    parts = [f'<string key="concept:name" value={_quoted(event.activity)}/><date key="time:timestamp" value="{at}"/>']
    more = (("lifecycle:transition", event.transition), ("org:resource", event.resource), ("org:group", event.group))
    parts += [f'<string key="{key}" value={_quoted(value)}/>' for key, value in more if value]
    return f"  <event>{''.join(parts)}</event>\n"


_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535, *range(55296, 57344)), "�")


def _quoted(text: str) -> str:
    """A text as an attribute's value; characters that no XML may hold become the replacement character."""
    return quoteattr(text.translate(_FORBIDDEN), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
