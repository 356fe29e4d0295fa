"""Backup and restore of a store.

A backup is one consistent state, taken while others write, in a file that appears whole or not at
all: SQLite's own copy of a SQLite store (never a copy of the file, reliability D11), and a dump of
one REPEATABLE READ snapshot of a PostgreSQL store (gzipped JSON lines, with counts and a SHA-256
at the end). Either can be restored to either database, into an empty place only (STO010); a
damaged, cut off or foreign file is refused before anything is written (STO011).
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import sqlalchemy as sa

from ganzhi.base.errors import EngineError, InputError, InternalError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.store.columns import instant_text, parse_instant
from ganzhi.store.database import Database, connect, failure, sqlite_driver
from ganzhi.store.migrations import REVISIONS
from ganzhi.store.migrations.run import revision, upgrade
from ganzhi.store.models import AuditHeadRow, ManifestHead

FORMAT: Final = 1
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_GZIP_MAGIC: Final = b"\x1f\x8b"
_SEEDED: Final = frozenset({"meta", "manifest_head", "audit_head"})
"""Tables that have rows in a new store."""

_BATCH: Final = 500


def write_backup(database: Database, to_file: Path) -> None:
    """Write one consistent copy of the store; raises InputError STO010 when the file is there already."""
    if to_file.exists():
        raise InputError(Issue("STO010", str(to_file)))
    with _finished_file(to_file) as unfinished:
        if database.path is not None and database.sqlite is not None:
            _copy_sqlite(database.path, unfinished, database.sqlite)
        else:
            _write_dump(database, unfinished)


def restore_backup(from_file: Path, url: str) -> None:
    """Fill the empty store at `url` from a backup and bring its schema up to date.

    Raises: InputError STO010 when the store is not empty, STO011 when the backup is not whole.
    """
    kind = _kind(from_file)
    target = connect(url)
    try:
        _check_empty(target)
        if target.path is None:
            _restore_into(target, from_file, kind)
        else:
            _restore_to_file(target.path, from_file, kind)
        upgrade(target)
    finally:
        target.close()


@contextmanager
def _finished_file(path: Path) -> Iterator[Path]:
    """A name beside `path` that becomes `path` when the block ends well and vanishes when not."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    _remove_leftovers(path)
    try:
        yield unfinished
        with unfinished.open("rb") as handle:
            os.fsync(handle.fileno())
        failpoint("store.before_backup_rename")
        unfinished.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        reason = {"reason": error.strerror or type(error).__name__}
        raise EngineError(Issue("STO007", str(path), params=reason)) from error
    finally:
        for left in (unfinished, *(Path(f"{unfinished}{end}") for end in ("-journal", "-wal", "-shm", ".lock"))):
            left.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what killed processes left of the same backup."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.unfinished*"):
        process = left.name.removeprefix(f".{path.name}.").partition(".")[0]
        if process.isdecimal() and not _lives(int(process)):
            left.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            first = handle.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise InputError(_unusable(path, error.strerror or "")) from error
    if first == _SQLITE_MAGIC:
        return "sqlite"
    if first.startswith(_GZIP_MAGIC):
        return "dump"
    raise InputError(_unusable(path, "neither SQLite nor gzip"))


def _unusable(path: Path, reason: str) -> Issue:
    return Issue("STO011", str(path), params={"reason": reason[:200]})


def _check_empty(target: Database) -> None:
    path = target.path
    if path is not None:
        if path.exists() and path.stat().st_size > 0:
            raise InputError(Issue("STO010", str(path)))
        return
    with target.read() as connection:
        # A restore that was interrupted has left the schema; nothing but its first rows may be there.
        if revision(connection) is None:
            return
        filled = [
            table.name
            for table in _tables(connection)
            if connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1))
        ]
        numbers = sa.select(ManifestHead.number).union_all(sa.select(AuditHeadRow.number))
        if set(filled) - _SEEDED or any(connection.scalars(numbers)):
            raise InputError(Issue("STO010", target.location))


# --- SQLite's own copy ---------------------------------------------------------------------------


def _copy_sqlite(source: Path, to_file: Path, driver: ModuleType) -> None:
    """Copy by the backup API in one step; the copy needs no files beside it."""
    try:
        reading = driver.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=30)
        try:
            writing = driver.connect(str(to_file), isolation_level=None)
            try:
                reading.backup(writing)
                writing.execute("PRAGMA journal_mode = DELETE")
            finally:
                writing.close()
        finally:
            reading.close()
    except driver.Error as error:
        raise failure(error, str(source)) from error


def _check_sqlite(path: Path) -> None:
    driver = sqlite_driver()
    try:
        connection = driver.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            product = connection.execute("SELECT value FROM meta WHERE name = 'product'").fetchone()
        finally:
            connection.close()
    except driver.Error as error:
        raise InputError(_unusable(path, str(error))) from error
    if verdict != "ok" or product != ("ganzhi",):
        raise InputError(_unusable(path, str(verdict)))
    _check_revision(path, found[0] if found else "")


def _check_revision(path: Path, found: str) -> None:
    if found not in REVISIONS:
        raise EngineError(Issue("STO001", str(path), params={"found": found, "known": REVISIONS[-1]}))


def _restore_to_file(target: Path, from_file: Path, kind: str) -> None:
    with _finished_file(target) as unfinished:
        if kind == "sqlite":
            _check_sqlite(from_file)
            _copy_sqlite(from_file.resolve(), unfinished, sqlite_driver())
            return
        building = connect(f"sqlite:///{unfinished}")
        try:
            _load_dump(building, from_file)
        finally:
            building.close()
        plain = sqlite_driver().connect(str(unfinished), isolation_level=None)
        plain.execute("PRAGMA journal_mode = DELETE")
        plain.close()


def _restore_into(target: Database, from_file: Path, kind: str) -> None:
    if kind == "dump":
        _load_dump(target, from_file)
        return
    _check_sqlite(from_file)
    with tempfile.TemporaryDirectory(prefix="ganzhi-restore-") as folder:
        copy, dump = Path(folder, "store.sqlite"), Path(folder, "store.dump.gz")
        _copy_sqlite(from_file.resolve(), copy, sqlite_driver())
        source = connect(f"sqlite:///{copy}")
        try:
            _write_dump(source, dump)
        finally:
            source.close()
        _load_dump(target, dump)


# --- the portable dump ---------------------------------------------------------------------------


def _tables(connection: sa.Connection) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _plain(value: object) -> object:
    match value:
        case None | str() | int():
            return value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case _:
            raise InternalError(f"no portable form for {type(value).__name__}")


def _write_dump(database: Database, to_file: Path) -> None:
    """Write all rows as one snapshot sees them, parents before children."""
    hasher = hashlib.sha256()
    with gzip.open(to_file, "wb", compresslevel=6) as out, database.read() as connection:

        def put(line: object) -> None:
            data = json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"
            hasher.update(data)
            out.write(data)

        put({"product": "ganzhi", "format": FORMAT, "schema": revision(connection)})
        counts: dict[str, int] = {}
        for table in _tables(connection):
            put({"table": table.name, "columns": [column.name for column in table.columns]})
            ordered = sa.select(table).order_by(*table.primary_key.columns)
            counts[table.name] = 0
            for row in connection.execution_options(yield_per=1_000).execute(ordered):
                put([_plain(value) for value in row])
                counts[table.name] += 1
        out.write(json.dumps({"end": counts, "sha256": hasher.hexdigest()}).encode() + b"\n")


def _lines(path: Path) -> Iterator[Any]:
    """The dump's lines but the last, which is checked."""
    hasher = hashlib.sha256()
    held: bytes | None = None
    try:
        with gzip.open(path, "rb") as lines:
            for line in lines:
                if held is not None:
                    hasher.update(held)
                    yield json.loads(held)
                held = line
        end = json.loads(held or b"null")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(_unusable(path, str(error))) from error
    if not isinstance(end, dict) or end.get("sha256") != hasher.hexdigest():
        raise InputError(_unusable(path, "it is cut off, or was changed"))


def _load_dump(target: Database, path: Path) -> None:
    for _ in _lines(path):
        pass  # the checksum stands at the end: read all of it before anything is written
    lines = _lines(path)
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("product") != "ganzhi" or head.get("format") != FORMAT:
        raise InputError(_unusable(path, "not a dump of a store"))
    schema = str(head.get("schema"))
    _check_revision(path, schema)
    with target.read() as connection:
        if revision(connection) not in (None, schema):
            raise InputError(Issue("STO010", target.location))
    upgrade(target, schema)
    with target.write() as connection:
        tables = {table.name: table for table in _tables(connection)}
        for table in reversed(tables.values()):
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                connection.execute(sa.delete(table))
        _insert_rows(connection, tables, lines)
        failpoint("store.before_restore_commit")


def _insert_rows(connection: sa.Connection, tables: dict[str, sa.Table], lines: Iterator[Any]) -> None:
    heading = next(lines, None)
    while heading is not None:
        table = tables[heading["table"]]
        columns = [table.columns[name] for name in heading["columns"]]
        following = None
        while True:
            batch = []
            for line in islice(lines, _BATCH):
                if isinstance(line, dict):
                    following = line
                    break
                batch.append({c.name: _native(c, v) for c, v in zip(columns, line, strict=True)})
            if batch:
                connection.execute(sa.insert(table), batch)
            if following is not None or len(batch) < _BATCH:
                break
        heading = following


def _native(column: sa.Column[Any], value: object) -> object:
    if isinstance(value, str) and isinstance(column.type, sa.DateTime):
        return parse_instant(value)
    if isinstance(value, str) and isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return value
