"""Reads a simulated province's files back without the product: DuckDB, the mappings' columns, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ganzhi.catalogue.model.data import CodeList, MappedColumn, Mapping
from ganzhi.province.delivery.family import Family
from ganzhi.province.delivery.office import FAMILIES
from tests.province.stage import pack

_DUCK = {"text": "varchar", "int": "bigint", "decimal": "decimal(18, 4)", "bool": "boolean"}


@dataclass(frozen=True)
class Province:
    """A folder that `simulate` wrote. Feeds and the tables of the truth (as `truth_…`) are tables of `base`."""

    root: Path
    base: duckdb.DuckDBPyConnection

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.base.execute(query).fetchall()

    def one(self, query: str) -> Any:
        (row,) = self.ask(query)
        return row[0] if len(row) == 1 else row

    def table(self, feed: str) -> pa.Table:
        return self.base.sql(f'select * from "{feed}"').to_arrow_table()

    def columns(self, feed: str) -> set[str]:
        return {name for name, *_ in self.ask(f'describe "{feed}"')}


def files_of(family: Family, root: Path) -> list[Path]:
    """The family's files in the order of arrival, those that come too late included."""
    pattern = family.name.replace("{yyyymmdd}", "*").replace("{yyyymm}", "*").replace("{shard}", "*")
    found = [path for path in root.rglob(pattern) if path.parent.parent.name in ("delivered", "later")]
    return sorted(found, key=lambda path: (path.parent.name, path.name))


@contextmanager
def opened(root: Path, work: Path) -> Iterator[Province]:
    """The province read back into memory. work: a folder for texts in UTF-8."""
    with duckdb.connect() as base:
        for family in FAMILIES:
            _load(base, family, root, work)
        for path in (root / "truth").glob("*.parquet"):
            base.execute(f"create table truth_{path.stem} as select * from '{path}'")
        yield Province(root, base)


def _load(base: duckdb.DuckDBPyConnection, family: Family, root: Path, work: Path) -> None:
    """Add the family's files to the table of its feed."""
    text = work / f"{family.feed}.txt"
    header = b""
    with text.open("wb") as whole:
        for path in files_of(family, root):
            content = path.read_bytes().decode(family.encoding).encode()
            header, _, body = content.partition(b"\n")
            whole.write(body if whole.tell() else header + b"\n" + body)
    if not header:
        return
    mapping = next(m for m in pack().mappings.values() if m.feed == family.feed and m.files == family.name)
    source = (
        f"read_csv('{text}', all_varchar = true, header = true, delim = '{family.delimiter}', quote = '\"', "
        "escape = '\"', auto_detect = false, columns = {"
        + ", ".join(f"'{filed.name}': 'varchar'" for filed in family.columns)
        + "})"
    )
    rows = f"select {_selected(mapping)} from {source}" + (f" where {mapping.where}" if mapping.where else "")
    known = base.execute(
        "select count(*) from information_schema.tables where table_name = ?", [family.feed]
    ).fetchall()[0][0]
    base.execute(f'insert into "{family.feed}" by name {rows}' if known else f'create table "{family.feed}" as {rows}')


def _selected(mapping: Mapping) -> str:
    return ", ".join(
        f'{_mapped(mapping.columns[name], column.type)} as "{name}"'
        if name in mapping.columns
        else f'cast(null as {_DUCK.get(column.type, column.type)}) as "{name}"'
        for name, column in pack().feeds[mapping.feed].columns.items()
    )


def _mapped(column: MappedColumn, kind: str) -> str:
    """The column as SQL over the file's texts, cast as the feed declares it."""
    if column.const is not None:
        return f"cast('{column.const}' as {_DUCK.get(kind, kind)})"
    text = column.expr if column.expr is not None else f"""nullif(trim("{column.source}"), '')"""
    if column.codes is not None:
        text = _decoded(pack().code_lists[column.codes], text)
    if column.format is not None:
        return f"cast(strptime({text}, '{column.format}') as {kind})"
    return f"cast({text} as {_DUCK.get(kind, kind)})"


def _decoded(codes: CodeList, text: str) -> str:
    branches = " ".join(f"when '{entry.code}' then '{entry.to}'" for entry in codes.entries)
    return f"case {text} {branches} else {text} end"
