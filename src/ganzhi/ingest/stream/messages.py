"""Messages of a stream as a table: one flat JSON object each, by the rules of JSON-lines files.

A message is a line; which message it was is told by its part and offset. What is no flat object becomes a line that is
no record, with its reason, and stops nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.base.errors import InputError, Issue
from ganzhi.ingest.reading.header import normal
from ganzhi.ingest.reading.jsonlines import parse_line
from ganzhi.ingest.reading.plain import Shape
from ganzhi.ingest.reading.records import KEPT_OF_LONG, Line
from ganzhi.ingest.reading.table import Table
from ganzhi.ingest.shaping.job import Job, used_sources
from ganzhi.store.streams.streams import Origin
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.staging import Staging

UNWORKABLE: Final = "STR011"
"""Reason of a message on which the work itself failed."""
RELATION: Final = "messages"
MOST_NAMES: Final = 10_000
"""Spellings of keys that are remembered."""
_TEXTS: Final = frozenset((str, type(None)))


class _OddError(Exception):
    """Something that needs a closer look."""


def _constant(_name: str) -> object:
    raise _OddError


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddError
    return found


class Message(NamedTuple):
    """One message. part: topic and partition, as `topic[0]`. value: its bytes, None for a deletion mark. at_ms: when
    it was written, by whoever wrote it or the broker, in milliseconds since 1970; None when unknown."""

    part: str
    offset: int
    value: bytes | None
    at_ms: int | None = None


def shape_of(job: Job) -> Shape:
    """What the mapping reads from a message.

    Raises: InputError STR003 for a mapping of another format than JSON lines.
    """
    if job.mapping.format.kind != "jsonl":
        raise InputError(Issue("STR003", job.mapping_code, params={"kind": job.mapping.format.kind}))
    return Shape.of(job.mapping, used_sources(job))


def origins_of(messages: Sequence[Message]) -> tuple[Origin, ...]:
    """From where each line comes, as runs; lines are numbered from 1.

    >>> origins_of([Message("t[0]", 7, b"{}"), Message("t[0]", 8, b"{}"), Message("t[1]", 3, b"{}")])
    (Origin(line=1, part='t[0]', offset=7, lines=2), Origin(line=3, part='t[1]', offset=3, lines=1))
    """
    found: list[Origin] = []
    for line, each in enumerate(messages, start=1):
        last = found[-1] if found else None
        if last is not None and (each.part, each.offset) == (last.part, last.offset + last.lines):
            found[-1] = Origin(last.line, last.part, last.offset, last.lines + 1)
        else:
            found.append(Origin(line, each.part, each.offset, 1))
    return tuple(found)


class Reader:
    """Makes tables of the messages of one mapping.

    Most messages are objects whose keys are spelt as declared and whose values are plain; what is not goes the way of
    JSON-lines files, value by value. Both ways give the same table.
    """

    def __init__(self, job: Job) -> None:
        self.shape = shape_of(job)
        self._names = tuple(normal(name) for name in self.shape.wanted)
        self._plain: dict[str, bool] = {}
        self._scan = json.JSONDecoder(
            parse_int=str, parse_float=str, parse_constant=_constant, object_pairs_hook=_pairs
        ).raw_decode

    def table(
        self, session: Session, messages: Sequence[Message], staging: Staging, unworkable: Collection[int] = ()
    ) -> Table:
        """The messages as a table of the session. unworkable: lines that are put aside unread."""
        lines: list[int] = []
        raws: list[str] = []
        rows: list[Mapping[str, str | None]] = []
        bad: list[tuple[int, str, str]] = []
        blank = 0
        for number, each in enumerate(messages, start=1):
            value = each.value
            if value is None or not value.strip():
                blank += 1
                continue
            raw, values, code = self._quick(value) or self._careful(number, value)
            code = UNWORKABLE if number in unworkable else code
            if code:
                bad.append((number, raw, code))
            else:
                lines.append(number)
                raws.append(raw)
                rows.append(values)
        return self._table(session, (lines, raws, rows), bad, staging, blank)

    def _quick(self, value: bytes) -> tuple[str, Mapping[str, str | None], str] | None:
        """A plain message; None for any that needs a closer look."""
        if len(value) > self.shape.dialect.longest or b"\\u" in value or b"\x00" in value:
            return None
        try:
            raw = value.decode("utf-8").strip(" \t\r\n")
            found, end = self._scan(raw)
        except (ValueError, RecursionError, _OddError):
            return None
        if end != len(raw) or type(found) is not dict or not self._spelt(found):
            return None
        if not _TEXTS.issuperset(map(type, found.values())):
            return None
        return raw, found, ""

    def _spelt(self, found: Mapping[str, object]) -> bool:
        """Whether no key is spelt in a way that stands for another."""
        plain = self._plain
        for name in found:
            known = plain.get(name)
            if known is None:
                known = normal(name) == name
                if len(plain) < MOST_NAMES:
                    plain[name] = known
            if not known:
                return False
        return True

    def _careful(self, number: int, value: bytes) -> tuple[str, Mapping[str, str | None], str]:
        long = len(value) > self.shape.dialect.longest
        line = Line(number, value[:KEPT_OF_LONG] if long else value, b"", long)
        values, code = parse_line(line)
        raw = line.content.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
        return raw, values, code

    def _table(
        self,
        session: Session,
        good: tuple[list[int], list[str], list[Mapping[str, str | None]]],
        bad: Sequence[tuple[int, str, str]],
        staging: Staging,
        blank: int,
    ) -> Table:
        lines, raws, rows = good
        data = {"_line": pa.array(lines, pa.int64()), "_raw": pa.array(raws, pa.string())}
        data |= {f"c{n}": pa.array([row.get(name) for row in rows], pa.string()) for n, name in enumerate(self._names)}
        session.register(RELATION, pa.table(data))
        return Table(
            header=self._names,
            position={name: place for place, name in enumerate(self.shape.wanted)},
            relation=RELATION,
            rows=len(lines),
            fast=False,
            ascii="".join(raws).isascii(),
            structural=_structural(bad, staging) if bad else None,
            structural_rows=len(bad),
            blank=blank,
        )


def _structural(bad: Sequence[tuple[int, str, str]], staging: Staging) -> Path:
    """The lines that are no records, with their reasons."""
    path = staging.file(".parquet")
    table = pa.table(
        {
            "_line": pa.array([line for line, _, _ in bad], pa.int64()),
            "_raw": pa.array([raw for _, raw, _ in bad], pa.string()),
            "reason": pa.array([code for _, _, code in bad], pa.string()),
            "detail": pa.array(["{}"] * len(bad), pa.string()),
        }
    )
    pq.write_table(table, path)
    return path
