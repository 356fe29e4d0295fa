"""Delimited text files: from the delivered bytes to a `Table`, on the fast or the careful path.

The fast path hands a file to the engine's own reader, with everything declared and nothing
detected, when one look at all bytes has shown that there is nothing to interpret. Every other file
is read record by record. Both give the same rows under the same line numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.model.data import FileFormat, Mapping
from ganzhi.ingest.reading.delivered import Delivered, refuse, shown_name
from ganzhi.ingest.reading.encoding import first_broken_line, likely_encoding, to_utf8
from ganzhi.ingest.reading.firstbytes import Kind, first_bytes
from ganzhi.ingest.reading.header import likely_delimiter, match_header, shown_delimiter
from ganzhi.ingest.reading.records import Dialect, Record, RecordReader, lines_of
from ganzhi.ingest.reading.scan import Facts, Scanner
from ganzhi.ingest.reading.table import RecordSink, Table, text_sql
from ganzhi.ingest.reading.unpack import gunzip
from ganzhi.warehouse.staging import Staging

DOUBLED_SHARE = 0.1
PIECE = 256 << 10


@dataclass(frozen=True, slots=True)
class Text:
    """A delivered file as UTF-8 text. path: where it can be read; sha256: of the bytes as delivered."""

    delivered: Path
    path: Path
    sha256: str
    facts: Facts
    notes: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file should contain. wanted: column names; declared: that is all of them."""

    format: FileFormat
    wanted: tuple[str, ...]
    declared: bool
    closed: bool

    @classmethod
    def of(cls, mapping: Mapping, used: tuple[str, ...]) -> Shape:
        """The shape a mapping declares; `used` are the columns its expressions read."""
        names = tuple(dict.fromkeys([*mapping.columns_expected, *used]))
        return cls(mapping.format, names, bool(mapping.columns_expected), mapping.closed)

    @property
    def dialect(self) -> Dialect:
        """How its records are laid out."""
        return Dialect(self.format.delimiter, self.format.quote, self.format.max_line_kb << 10)


def read_text(
    delivered: Delivered, fmt: FileFormat, staging: Staging, kinds: tuple[Kind, ...] = ("text", "utf16")
) -> Text:
    """Look at all bytes once; unpack and recode into the staging folder where needed.

    Raises: InputError when the file is empty, of another kind, damaged, too large when unpacked,
    or in another encoding.
    """
    head = delivered.head()
    kind, _ = first_bytes(head)
    hasher = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for chunk in delivered.chunks():
            hasher.update(chunk)
            yield chunk

    pieces = hashed()
    packed = kind == "gz"
    if packed:
        pieces = gunzip(pieces, delivered.path, fmt.unpacked_limit_mb << 20)
        first = next(pieces, b"")
        head, pieces = first, _again(first, pieces)
    kind = _check_kind(delivered, head, kinds)
    scanner = Scanner(fmt.delimiter, fmt.quote, fmt.max_line_kb << 10)
    original = Scanner(fmt.delimiter, fmt.quote, fmt.max_line_kb << 10) if fmt.encoding == "gb18030" else None
    path = _scan(delivered, pieces, fmt, scanner, original, staging, packed)
    facts = scanner.finish()
    if facts.size == 0:
        raise refuse(delivered.path, "ING004")
    likely = likely_encoding(fmt.encoding, facts, original.finish() if original else None, head, kind == "utf16")
    if likely is not None:
        line = first_broken_line(path) if likely == "gb18030" else 1
        raise refuse(delivered.path, "ING010", line=line, likely=likely, declared=fmt.encoding)
    notes = []
    if facts.doubled > DOUBLED_SHARE:
        at = Location(shown_name(delivered.path))
        notes.append(Issue("ING206", "", at, {"share": f"{facts.doubled:.0%}"}, "warning"))
    return Text(delivered.path, path, hasher.hexdigest(), facts, tuple(notes))


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _check_kind(delivered: Delivered, head: bytes, kinds: tuple[Kind, ...]) -> Kind:
    kind, name = first_bytes(head)
    if kind == "empty":
        raise refuse(delivered.path, "ING004")
    if kind not in kinds:
        raise refuse(delivered.path, "ING005", found=name)
    return kind


def _scan(
    delivered: Delivered,
    pieces: Iterator[bytes],
    fmt: FileFormat,
    scanner: Scanner,
    original: Scanner | None,
    staging: Staging,
    packed: bool,
) -> Path:
    """Feed the scanner; gives a path without wildcards from which the text can be read."""

    def looked_at() -> Iterator[bytes]:
        for piece in pieces:
            if original is not None:
                original.feed(piece)
            yield piece

    target = staging.file(".txt")
    if not packed and fmt.encoding == "utf-8":
        for piece in looked_at():
            scanner.feed(piece)
        target.symlink_to(delivered.path.absolute())
        return target
    with target.open("wb") as stream:
        for text in to_utf8(looked_at(), fmt.encoding):
            scanner.feed(text)
            stream.write(text)
    return target


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, in order; few at a time, because each may become a line of its own."""
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(PIECE):
            yield chunk


def read_delimited(text: Text, shape: Shape, staging: Staging, *, careful: bool = False) -> Table:
    """The table of a delimited file; `careful` forces the record reader.

    Raises: InputError for an empty file and for a header that does not fit.
    """
    first = _first_record(text, shape)
    header = first.fields if shape.format.header else shape.wanted
    at = Location(shown_name(text.delivered), first.line if shape.format.header else 0)
    match = match_header(header, shape.wanted, declared=shape.declared, closed=shape.closed, at=at)
    if match.issues:
        likely = likely_delimiter(first.raw, shape.format.delimiter, shape.wanted, len(match.position))
        if likely is not None:
            params = {"likely": shown_delimiter(likely), "declared": shown_delimiter(shape.format.delimiter)}
            raise InputError(Issue("ING015", "", at, params))
        raise InputError(match.issues)
    notes = (*text.notes, *match.notes)
    if not careful and _is_plain(text.facts, shape, first, len(header)):
        fast = _fast(text, shape, header, match.position)
        between = len(header) - 1
        inside = text.facts.delimiters - first.raw.count(shape.format.delimiter) - fast.rows * between
        return replace(fast, notes=notes, inside=inside if text.facts.quotes else None)
    return _careful(text, shape, header, match.position, notes, staging)


def _first_record(text: Text, shape: Shape) -> Record:
    """The header, or the first record of a file without one."""
    for record in RecordReader(lines_of(pieces_of(text.path), shape.dialect.longest), shape.dialect):
        if record.blank:
            continue
        if record.reason and shape.format.header:
            raise refuse(text.delivered, "ING017", line=record.line)
        return record
    raise refuse(text.delivered, "ING004")


def _is_plain(facts: Facts, shape: Shape, first: Record, width: int) -> bool:
    """Whether the engine's reader cannot but read this file as the record reader does."""
    fmt = shape.format
    headed = fmt.header and first.line == 1 and "\n" not in first.raw and "\r" not in first.raw
    if not facts.clean or not headed or fmt.skip_lines or width < 2:
        return False
    if not (fmt.delimiter + fmt.quote).isascii() or fmt.delimiter in " \r\n" or fmt.delimiter == fmt.quote:
        return False
    # Without quotes the number of delimiters shows that no line ends with one too many.
    return facts.quotes or facts.delimiters == facts.lines * (width - 1)


def _fast(text: Text, shape: Shape, header: tuple[str, ...], position: dict[str, int]) -> Table:
    fmt, facts = shape.format, text.facts
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(header)))
    options = {
        "columns": "{" + columns + "}",
        "delim": text_sql(fmt.delimiter),
        "quote": text_sql(fmt.quote),
        "escape": text_sql(fmt.quote),
        "header": "false",
        "skip": "1",
        "auto_detect": "false",
        "strict_mode": "true",
        "null_padding": "false",
        "ignore_errors": "false",
        "compression": "'none'",
        "max_line_size": str(max(2_000_000, shape.dialect.longest + 4096)),
    }
    listed = ", ".join(f"{name} = {value}" for name, value in options.items())
    return Table(
        header=header,
        position=position,
        relation=f"read_csv({text_sql(str(text.path))}, {listed})",
        rows=facts.lines - 1,
        fast=True,
        ascii=facts.ascii,
        spaces_only=not facts.odd_blanks,
        first_line=2,
        plain=text.path,
    )


def _careful(
    text: Text,
    shape: Shape,
    header: tuple[str, ...],
    position: dict[str, int],
    notes: tuple[Issue, ...],
    staging: Staging,
) -> Table:
    sink = RecordSink(staging, text.delivered, len(header), shape.format.skip_lines)
    try:
        waiting_for_header = shape.format.header
        for record in RecordReader(lines_of(pieces_of(text.path), shape.dialect.longest), shape.dialect):
            if waiting_for_header and not record.blank:
                waiting_for_header = False
                continue
            sink.add(record)
        return sink.table(header, position, notes)
    finally:
        sink.close()
