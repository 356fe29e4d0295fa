"""JSON lines: one flat object per line, numbers kept as the text they were (F56).

Refuses, line by line: broken JSON, nested values, NaN, a key twice, numbers of absurd length. A file
that is one array is refused as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ganzhi.base.errors import InputError, Location
from ganzhi.ingest.reading.delivered import refuse, shown_name
from ganzhi.ingest.reading.header import MOST_COLUMNS, match_header, normal
from ganzhi.ingest.reading.plain import Shape, Text, pieces_of
from ganzhi.ingest.reading.records import Line, Record, lines_of
from ganzhi.ingest.reading.table import RecordSink, Table
from ganzhi.warehouse.staging import Staging

LOOKED_AT_FIRST = 1000
"""Lines whose keys make up the header."""


class _BadLineError(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _BadLineError("ING109")
    return found


def _constant(name: str) -> object:
    raise _BadLineError("ING110")


def parse_line(line: Line) -> tuple[dict[str, str | None], str]:
    """The values of a line as texts, and an issue code when it is no flat object."""
    if line.long:
        return {}, "ING105"
    if b"\x00" in line.content:
        return {}, "ING103"
    try:
        text = line.content.decode("utf-8")
    except UnicodeDecodeError:
        return {}, "ING104"
    try:
        found = json.loads(text, parse_int=str, parse_float=str, parse_constant=_constant, object_pairs_hook=_pairs)
    except _BadLineError as bad:
        return {}, bad.code
    except (ValueError, RecursionError):
        return {}, "ING108"
    if not isinstance(found, dict):
        return {}, "ING108"
    values: dict[str, str | None] = {}
    for name, value in found.items():
        if isinstance(value, (dict, list)):
            return {}, "ING111"
        texts = {True: "true", False: "false"}
        values[normal(name)] = texts[value] if isinstance(value, bool) else None if value is None else str(value)
    if any("\x00" in text or not _storable(text) for text in (t for t in values.values() if t)):
        return {}, "ING103" if "\\u0000" in text else "ING104"
    return values, ""


def _storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _lines(text: Text, shape: Shape) -> Iterator[Line]:
    return lines_of(pieces_of(text.path), shape.dialect.longest)


def _keys(text: Text, shape: Shape) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    seen = 0
    for line in _lines(text, shape):
        if not line.content.strip():
            continue
        seen += 1
        if seen == 1 and line.content.lstrip().startswith(b"["):
            raise refuse(text.delivered, "ING026", line=line.number)
        keys.update(dict.fromkeys(parse_line(line)[0]))
        if len(keys) > MOST_COLUMNS:
            raise refuse(text.delivered, "ING016", found=str(len(keys)), limit=str(MOST_COLUMNS))
        if seen >= LOOKED_AT_FIRST:
            break
    if not seen:
        raise refuse(text.delivered, "ING004")
    return tuple(keys)


def read_json_lines(text: Text, shape: Shape, staging: Staging) -> Table:
    """The table of a JSON-lines file; its header is the keys of the first lines."""
    header = _keys(text, shape)
    match = match_header(
        header, shape.wanted, declared=shape.declared, closed=shape.closed, at=Location(shown_name(text.delivered))
    )
    if match.issues:
        raise InputError(match.issues)
    sink = RecordSink(staging, text.delivered, len(header), shape.format.skip_lines)
    try:
        for line in _lines(text, shape):
            if not line.content.strip():
                sink.add(Record(line.number, (), "", blank=True))
                continue
            values, code = parse_line(line)
            raw = line.content.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
            sink.add(Record(line.number, (), raw, code), [values.get(name) for name in header])
        return sink.table(header, match.position, (*text.notes, *match.notes))
    finally:
        sink.close()
