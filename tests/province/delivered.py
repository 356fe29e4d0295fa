"""Reads a simulated province back without the product: its files by DuckDB and the mappings' columns, its truth."""

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
from tests.province.stage import Kept, pack

_DUCK = {"text": "varchar", "int": "bigint", "decimal": "decimal(18, 4)", "bool": "boolean"}


@dataclass(frozen=True)
class Province:
    """What was delivered and what is true. Feeds are tables of `base` under their names, tables of the truth under
    `truth_` and theirs."""

    base: duckdb.DuckDBPyConnection

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.base.execute(query).fetchall()

    def one(self, query: str) -> Any:
        """The only value of the only row."""
        ((value,),) = self.ask(query)
        return value

    def table(self, feed: str) -> pa.Table:
        return self.base.sql(f'select * from "{feed}"').to_arrow_table()


@contextmanager
def in_memory(kept: Kept) -> Iterator[Province]:
    """A province that was played in memory."""
    with duckdb.connect() as base:
        for feed in kept.feeds:
            base.register(feed, kept.table(feed))
        for table in kept.tables:
            base.register(f"truth_{table}", kept.truth(table))
        yield Province(base)


@contextmanager
def on_disk(root: Path, work: Path, *, dirty: bool = False) -> Iterator[Province]:
    """A province that `simulate` wrote. work: a folder for texts in UTF-8. dirty: what has arrived so far only, of each
    file the last version, with blanks for moments that are none; else every file, all of it clean."""
    with duckdb.connect() as base:
        for family in FAMILIES:
            _load(base, family, _arrived(family, root) if dirty else files_of(family, root), work, dirty)
        for path in (root / "truth").glob("*.parquet"):
            base.execute(f"create table truth_{path.stem} as select * from '{path}'")
        yield Province(base)


def files_of(family: Family, root: Path) -> list[Path]:
    """The family's files in the order of arrival, those that come too late included."""
    pattern = family.name.replace("{yyyymmdd}", "*").replace("{yyyymm}", "*").replace("{shard}", "*")
    return sorted(root.glob(f"delivered/*/{pattern}")) + sorted(root.glob(f"later/*/{pattern}"))


def _arrived(family: Family, root: Path) -> list[Path]:
    """The last version of each of the family's files that has arrived."""
    found = [path for path in files_of(family, root) if path.parent.parent.name == "delivered"]
    return list({path.name: path for path in found}.values())


def _load(base: duckdb.DuckDBPyConnection, family: Family, files: list[Path], work: Path, dirty: bool) -> None:
    """Add the rows of the family's files to the table of its feed."""
    text = work / f"{family.feed}.txt"
    with text.open("wb") as whole:
        for path in files:
            whole.write(path.read_bytes().partition(b"\n")[2].decode(family.encoding).encode())
    mapping = next(m for m in pack().mappings.values() if m.feed == family.feed and m.files == family.name)
    columns = ", ".join(f"'{filed.name}': 'varchar'" for filed in family.columns)
    rows = (
        f"select {_selected(mapping, dirty)} from read_csv('{text}', header = false, auto_detect = false, quote = '\"', "
        f"escape = '\"', delim = '{family.delimiter}', columns = {{{columns}}}) where {mapping.where or 'true'}"
    )
    known = base.execute("select 1 from information_schema.tables where table_name = ?", [family.feed]).fetchall()
    base.execute(f'insert into "{family.feed}" by name {rows}' if known else f'create table "{family.feed}" as {rows}')


def _selected(mapping: Mapping, dirty: bool) -> str:
    return ", ".join(
        f'{_mapped(mapping.columns[name], column.type, dirty)} as "{name}"'
        if name in mapping.columns
        else f'cast(null as {_DUCK.get(column.type, column.type)}) as "{name}"'
        for name, column in pack().feeds[mapping.feed].columns.items()
    )


def _mapped(column: MappedColumn, kind: str, dirty: bool) -> str:
    """The column as SQL over the file's texts, cast as the feed declares it."""
    if column.const is not None:
        return f"cast('{column.const}' as {_DUCK.get(kind, kind)})"
    text = column.expr if column.expr is not None else f"""nullif(trim("{column.source}"), '')"""
    if column.codes is not None:
        text = _decoded(pack().code_lists[column.codes], text)
    if column.format is not None:
        return f"cast({'try_' * dirty}strptime({text}, '{column.format}') as {kind})"
    return f"cast({text} as {_DUCK.get(kind, kind)})"


def _decoded(codes: CodeList, text: str) -> str:
    branches = " ".join(f"when '{entry.code}' then '{entry.to}'" for entry in codes.entries)
    return f"case {text} {branches} else {text} end"
