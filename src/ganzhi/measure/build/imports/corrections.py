"""The refused rows of a load as a table to put right in a spreadsheet, and the corrected table back.

Cells of personal columns are masked as everywhere; a cell that comes back as it was given keeps the value
it had, so nobody has to see a number to correct the column beside it. A row that could not be split into
cells comes as one text, and empty where it may hold something personal: then it is typed anew.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ganzhi.access.shown.masking import HIDDEN, is_masked, mask
from ganzhi.base.cells import guarded_text, neutral
from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.base.messages import Lang, cause, remedy
from ganzhi.catalogue.model.parts import DataClass
from ganzhi.ingest.quarantine import Rejected, fields_of
from ganzhi.ingest.reading.header import normal
from ganzhi.ingest.reading.jsonlines import parse_line
from ganzhi.ingest.reading.records import Dialect, Line
from ganzhi.ingest.shaping.job import Job, expressions

OWN = ("_load", "_line", "_field", "_reason", "_meaning", "_raw")
"""Columns in front of the file's own."""
MOST_ROWS = 50_000
MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class _Row:
    """A refused row in cells. fields: as they were, None where the row has none; shown: as they are given away."""

    row: Rejected
    fields: tuple[str, ...] | None
    shown: tuple[str, ...]
    raw: str


class RefusedRows:
    """Refused rows of one load that share a header."""

    def __init__(self, job: Job, rows: Sequence[Rejected]) -> None:
        self._job = job
        self.header: tuple[str, ...] = tuple(json.loads(rows[0].header)) if rows else ()
        fmt = job.mapping.format
        self._dialect = Dialect(fmt.delimiter, fmt.quote, 1 << 30)
        self._protections = _protections(job, self.header)
        self._protected = any(is_masked(column.protection) for column in job.feed.columns.values())
        self._rows = {row.line: self._split(row) for row in rows if tuple(json.loads(row.header)) == self.header}

    def __len__(self) -> int:
        return len(self._rows)

    def as_csv(self, lang: Lang) -> bytes:
        """The table, in UTF-8 with a mark, as spreadsheets want it."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([*OWN, *map(neutral, self.header)])
        for each in self._rows.values():
            row = each.row
            issue = Issue(row.reason, row.field, Location(row.file, row.line), row.params)
            said = f"{cause(lang, issue)} {remedy(lang, issue)}"
            own = (row.load_id, str(row.line), row.field, row.reason, said, each.raw)
            writer.writerow([*map(neutral, own), *map(neutral, each.shown)])
        return out.getvalue().encode("utf-8-sig")

    def corrected(self, content: BinaryIO, name: str) -> Mapping[tuple[str, int], str]:
        """New texts of rows by load and line, out of the table that came back; rows left as they were are not among them.

        Raises: InputError IMP004 for a file that is not such a table, IMP005 for a line that is not of this load.
        """
        texts: dict[tuple[str, int], str] = {}
        for number, cells in _cells(content, name):
            line = cells.get("_line", "").strip().removesuffix(".0")
            place = int(line) if line.isascii() and line.isdigit() and len(line) < 16 else -1
            known = self._rows.get(place)
            if known is None or cells.get("_load", "").strip() != known.row.load_id:
                raise InputError(Issue("IMP005", name, Location(name, number), {"line": line[:20] or "–"}))
            text = self._text(known, cells)
            if text is not None:
                texts[known.row.load_id, place] = text
        return texts

    # -- one row ---------------------------------------------------------------------------------

    def _split(self, row: Rejected) -> _Row:
        fields = self._fields(row.raw or "")
        if fields is None:
            return _Row(row, None, ("",) * len(self.header), "" if self._protected else row.raw or "")
        shown = (_shown(text, protection) for text, protection in zip(fields, self._protections, strict=True))
        return _Row(row, fields, tuple(shown), "")

    def _fields(self, raw: str) -> tuple[str, ...] | None:
        kind = self._job.mapping.format.kind
        try:
            if kind == "jsonl":
                values, code = parse_line(Line(0, raw.encode("utf-8", "replace"), b""))
                return None if code else tuple(values.get(normal(name)) or "" for name in self.header)
            found = fields_of(raw, kind, self._dialect)
        except ValueError:
            return None
        return tuple(text or "" for text in found) if len(found) == len(self.header) else None

    def _text(self, known: _Row, cells: Mapping[str, str]) -> str | None:
        """The record as it shall be; None when nothing was changed."""
        raw = guarded_text(cells.get("_raw", ""))
        if raw.strip() and raw != known.raw:
            return raw
        # A column that did not come back is as it was.
        places = zip(self.header, known.shown, strict=True)
        given = [guarded_text(cells[neutral(name)]) if neutral(name) in cells else shown for name, shown in places]
        before = known.fields or known.shown
        changed = [
            old if _same(text, shown) else text for text, shown, old in zip(given, known.shown, before, strict=True)
        ]
        if tuple(changed) == tuple(before):
            return None
        return self._joined(changed)

    def _joined(self, fields: Sequence[str]) -> str:
        fmt = self._job.mapping.format
        if fmt.kind in ("excel", "parquet"):
            return json.dumps([text or None for text in fields], ensure_ascii=False)
        if fmt.kind == "jsonl":
            return json.dumps(dict(zip(self.header, fields, strict=True)), ensure_ascii=False)
        return fmt.delimiter.join(_quoted(text, fmt.delimiter, fmt.quote) for text in fields)


def _same(given: str, shown: str) -> bool:
    """Whether a cell came back as it was given; a spreadsheet may have taken line ends and outer blanks apart."""
    return "".join(given.split()) == "".join(guarded_text(neutral(shown)).split())


def _shown(text: str, protection: DataClass | None) -> str:
    if not text or protection == "none":
        return text
    return HIDDEN if protection is None else str(mask(text, protection))


def _quoted(text: str, delimiter: str, quote: str) -> str:
    if quote and any(mark in text for mark in (delimiter, quote, "\n", "\r")):
        return f"{quote}{text.replace(quote, quote * 2)}{quote}"
    return text


def _protections(job: Job, header: Sequence[str]) -> tuple[DataClass | None, ...]:
    """How each column of the file is protected: as the strictest column of the feed it becomes; None (hidden whole)
    for one that becomes none, in a feed that holds anything personal."""
    reads = expressions(job)
    found: dict[str, DataClass] = {}
    order: tuple[DataClass, ...] = ("none", "personal", "sensitive")
    for name, mapped in job.mapping.columns.items():
        protection = job.feed.columns[name].protection if name in job.feed.columns else "none"
        kept = protection if protection in order else "none"
        clock = (mapped.clock.date, mapped.clock.time) if mapped.clock is not None else ()
        sources = [mapped.source, *clock, *(reads[name].columns if name in reads else ())]
        for source in filter(None, sources):
            key = normal(source)
            found[key] = max(found.get(key, "none"), kept, key=order.index)
    protected = any(is_masked(column.protection) for column in job.feed.columns.values())
    return tuple(found.get(normal(name), None if protected else "none") for name in header)


def _cells(content: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells by column of a table that came back, in UTF-8 or, as spreadsheets save it, GB18030."""
    refused = InputError(Issue("IMP004", name, params={"columns": ", ".join(OWN[:2])}))
    data = content.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES or b"\x00" in data:
        raise refused
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise refused from None
    csv.field_size_limit(16 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if not set(OWN[:2]) <= set(header) or len(set(header)) != len(header):
            raise refused
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                raise refused
            yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error:
        raise refused from None
