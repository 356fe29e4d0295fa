"""What reading leaves behind: records as texts, in a form the engine reads without guessing.

Either a relation over the delivered text itself (`fast`), or a Parquet file of clean records with
their line numbers, and another of the lines that are no records, each with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ganzhi.base.errors import Issue
from ganzhi.ingest.reading.delivered import refuse
from ganzhi.ingest.reading.records import Record
from ganzhi.warehouse.staging import Staging

_BATCH_ROWS = 20_000
_BATCH_BYTES = 32 << 20
HOPELESS_LINES = 100_000
HOPELESS_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one file.

    header: names as found. position: of each expected column. relation: SQL of a relation with
    columns `c0` … and, unless `fast`, `_line` and `_raw`. rows: records in it. structural: Parquet
    file of lines that are no records (`_line, _raw, reason, detail`), and how many. skipped: lines
    that match a skip pattern; blank: lines without content. plain: the text the line numbers of a
    fast table refer to. spaces_only: values hold no other blank than the space. inside: delimiters
    that must stand inside of values (a fast table with quotes only): the engine ignores empty
    fields beyond the last column, and this tells.
    """

    header: tuple[str, ...]
    position: dict[str, int]
    relation: str
    rows: int
    fast: bool
    ascii: bool
    spaces_only: bool = False
    first_line: int = 1
    structural: Path | None = None
    structural_rows: int = 0
    skipped: int = 0
    blank: int = 0
    plain: Path | None = None
    inside: int | None = None
    notes: tuple[Issue, ...] = ()

    @property
    def parsed(self) -> int:
        """Records and lines that should have been records."""
        return self.rows + self.structural_rows


def text_sql(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass
class _Batch:
    lines: list[int] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    fields: list[Sequence[str | None]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    size: int = 0


class RecordSink:
    """Takes records in order and parks them in Parquet files of a staging folder.

    shown: the file they come from, for issues. Raises: InputError ING032 when nearly all of very
    many lines are no records, because then the file is something else.
    """

    def __init__(self, staging: Staging, shown: Path, width: int, skip: Sequence[str] = ()) -> None:
        self._shown = shown
        self._first_bad = 0
        self._staging = staging
        self._width = width
        self._trailing: bool | None = None
        self._skip = [f"^(?:{pattern})$" for pattern in skip]
        columns = [pa.field("_line", pa.int64()), pa.field("_raw", pa.string())]
        self._schema = pa.schema([*columns, *(pa.field(f"c{n}", pa.string()) for n in range(width))])
        self._bad_schema = pa.schema([*columns, pa.field("reason", pa.string()), pa.field("detail", pa.string())])
        self._path, self._bad_path = staging.file(".parquet"), staging.file(".parquet")
        self._good = pq.ParquetWriter(self._path, self._schema, compression="lz4")
        self._bad: pq.ParquetWriter | None = None
        self._batch = _Batch()
        self._ascii = True
        self.rows = self.structural = self.skipped = self.blank = 0

    def add(self, record: Record, fields: Sequence[str | None] | None = None) -> None:
        """Park one record; one with another number of fields than the header becomes a structural reject."""
        if record.blank:
            self.blank += 1
            return
        values: Sequence[str | None] = record.fields if fields is None else fields
        reason, detail = record.reason, ""
        if not reason:
            values, reason, detail = self._fitted(values)
        batch = self._batch
        batch.lines.append(record.line)
        batch.raws.append(record.raw)
        batch.fields.append(values)
        batch.reasons.append(reason)
        batch.details.append(detail)
        batch.size += len(record.raw)
        if len(batch.lines) >= _BATCH_ROWS or batch.size >= _BATCH_BYTES:
            self._flush()

    def _fitted(self, values: Sequence[str | None]) -> tuple[Sequence[str | None], str, str]:
        found = len(values)
        if self._trailing is None:
            self._trailing = found == self._width + 1 and not values[-1]
        if self._trailing and found == self._width + 1 and not values[-1]:
            return values[:-1], "", ""
        if found == self._width and not self._trailing:
            return values, "", ""
        expected = self._width + bool(self._trailing)
        code = "ING101" if found < expected else "ING102"
        return (), code, json.dumps({"found": str(found), "expected": str(expected)})

    def _flush(self) -> None:
        batch, self._batch = self._batch, _Batch()
        if not batch.lines:
            return
        skip = self._skipped(batch.raws)
        good = [n for n, reason in enumerate(batch.reasons) if not reason and not skip[n]]
        bad = [n for n, reason in enumerate(batch.reasons) if reason and not skip[n]]
        self.skipped += sum(skip)
        self.rows += len(good)
        self.structural += len(bad)
        if bad and not self._first_bad:
            self._first_bad = batch.lines[bad[0]]
        if self.structural > HOPELESS_LINES and self.structural > (self.structural + self.rows) * HOPELESS_SHARE:
            raise refuse(self._shown, "ING032", line=self._first_bad, lines=str(self.structural))
        if good:
            texts = [batch.fields[n] for n in good]
            self._ascii = self._ascii and all(batch.raws[n].isascii() for n in good)
            columns = [[row[c] for row in texts] for c in range(self._width)]
            data = [[batch.lines[n] for n in good], [batch.raws[n] for n in good], *columns]
            self._good.write_table(
                pa.table([pa.array(v, f.type) for v, f in zip(data, self._schema, strict=True)], schema=self._schema)
            )
        if bad:
            if self._bad is None:
                self._bad = pq.ParquetWriter(self._bad_path, self._bad_schema)
            parts = (batch.lines, batch.raws, batch.reasons, batch.details)
            data = [[part[n] for n in bad] for part in parts]
            self._bad.write_table(
                pa.table(
                    [pa.array(v, f.type) for v, f in zip(data, self._bad_schema, strict=True)], schema=self._bad_schema
                )
            )

    def _skipped(self, raws: Iterable[str]) -> list[bool]:
        """Which texts match a skip pattern, by RE2: linear whatever the pattern."""
        texts = pa.array(raws, pa.string())
        found = pa.array([False] * len(texts))
        for pattern in self._skip:
            found = pc.or_(found, pc.match_substring_regex(texts, pattern))
        return [bool(value) for value in found.to_pylist()]

    def close(self) -> None:
        """Finish the files without making a table of them; a second call does nothing."""
        self._good.close()
        if self._bad is not None:
            self._bad.close()

    def table(self, header: tuple[str, ...], position: dict[str, int], notes: tuple[Issue, ...]) -> Table:
        """Everything that was added."""
        self._flush()
        self.close()
        return Table(
            header=header,
            position=position,
            relation=f"read_parquet([{text_sql(str(self._path))}])",
            rows=self.rows,
            fast=False,
            ascii=self._ascii,
            structural=self._bad_path if self._bad is not None else None,
            structural_rows=self.structural,
            skipped=self.skipped,
            blank=self.blank,
            notes=notes,
        )
