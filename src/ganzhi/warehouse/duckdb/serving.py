"""The serving cache: one read-only DuckDB file per state of the small tables, sorted for pages.

It holds nothing that the Parquet files do not hold. A file is named by what it was made from, so a
load that changes no state needs no new one; it is written under a temporary name, closed, put on
the disk and renamed, so a kill leaves no half of one. A missing or damaged file is built again.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import digest
from ganzhi.warehouse.disk import disk_errors_as_issues, sync
from ganzhi.warehouse.duckdb.engine import create_view, lock, open_private, with_rows
from ganzhi.warehouse.duckdb.faults import faults_as_ours
from ganzhi.warehouse.duckdb.session import READING, DuckDBSession, Limits, name_sql, text_sql
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.staging import FILE_MODE, FOLDER_MODE, Staging

CACHE_FOLDER = "cache"
_SORT = ("cuboid", "unit", "day", "slot")
_BUILD_WAIT_S = 30.0
_KEPT_OPEN = 32
_LOST = frozenset({"WHS002", "WHS003", "WHS004"})
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result", category=UserWarning)


class ServingCache:
    """Opens sessions on the cache file that belongs to given relations, building it when needed.

    root: the warehouse folder. Sessions run on one thread each and may be opened from any thread.
    grace: how long an unused file of an older state is kept.
    """

    def __init__(
        self,
        root: Path,
        zone: ZoneInfo,
        clock: Clock,
        *,
        memory_mb: int = 1024,
        deadline_s: float | None = 60.0,
        spill_mb: int = 20_480,
        grace: timedelta = timedelta(minutes=10),
    ) -> None:
        self._files = Files(root)
        self._folder = self._files.root / CACHE_FOLDER
        self._zone = zone
        self._clock = clock
        self._limits = Limits(memory_mb, 1, spill_mb, deadline_s)
        self._grace = grace
        self._guard = threading.Lock()
        self._building = threading.Lock()
        self._opened: OrderedDict[str, duckdb.DuckDBPyConnection] = OrderedDict()

    def session(self, relations: Mapping[str, Relation]) -> DuckDBSession:
        """A reading session that shows `relations` under their names, as `Engine.session` would.

        Raises: EngineError WHS012 (retryable) when a query meets damage; the file is then built
        again by the next call.
        """
        version = version_of(relations)
        with self._guard:
            found = self._cursor(version)
        if found is None:
            with self._building:
                with self._guard:
                    found = self._cursor(version)
                if found is None:
                    connection = self._connect(version, relations)
                    with self._guard:
                        self._opened[version] = connection
                        self._forget_older()
                        found = connection.cursor()
        return _ServingSession(self, version, found, self._files.root, self._limits)

    def publish(self, relations: Mapping[str, Relation]) -> Path:
        """Build the file for these relations unless it is there, and remove what nobody uses any more."""
        path = self._path(version_of(relations))
        if not path.exists():
            with contextlib.ExitStack() as stack:
                # A builder that is slow or suspended must not keep pages waiting: whoever waited
                # long enough builds the same file again, and the later rename changes nothing.
                with contextlib.suppress(EngineError):
                    stack.enter_context(writer_lock(self._folder, "build", _BUILD_WAIT_S, self._clock))
                if not path.exists():
                    self._build(path, relations)
        remove_expired(self._files.root, path.name, self._clock.now(), self._grace)
        return path

    def discard(self, version: str) -> None:
        """Forget and remove the file of a version because it is damaged."""
        with self._guard:
            self._opened.pop(version, None)
        self._path(version).unlink(missing_ok=True)

    def close(self) -> None:
        """Close all files; sessions still open go on until they are closed."""
        with self._guard:
            self._opened.clear()

    def _path(self, version: str) -> Path:
        return self._folder / f"serving-{version}.duckdb"

    def _cursor(self, version: str) -> duckdb.DuckDBPyConnection | None:
        connection = self._opened.get(version)
        if connection is None:
            return None
        self._opened.move_to_end(version)
        with contextlib.suppress(FileNotFoundError):
            now = self._clock.now().timestamp()
            path = self._path(version)
            if now - path.stat().st_mtime > self._grace.total_seconds() / 4:
                os.utime(path, (now, now))
        return connection.cursor()

    def _forget_older(self) -> None:
        """Let go of the files that were not asked for lately. A connection that is let go of is closed by the last of
        its sessions; closing it here would close the sessions that others still read from."""
        while len(self._opened) > _KEPT_OPEN:
            self._opened.popitem(last=False)

    def _connect(self, version: str, relations: Mapping[str, Relation]) -> duckdb.DuckDBPyConnection:
        path = self.publish(relations)
        try:
            return self._attach(path, version, relations)
        except EngineError as error:
            if error.issue.code not in _LOST:
                raise
        path.unlink(missing_ok=True)
        return self._attach(self.publish(relations), version, relations)

    def _attach(self, path: Path, version: str, relations: Mapping[str, Relation]) -> duckdb.DuckDBPyConnection:
        connection = open_private(self._limits, self._zone, None)
        try:
            with faults_as_ours(self._files.root, self._limits.memory_mb):
                connection.execute(f"ATTACH {text_sql(str(path))} AS serving (READ_ONLY)")
                _check_made_from(connection, "serving", version)
                for name in relations:
                    view = name_sql(name)
                    connection.execute(f"CREATE VIEW {view} AS SELECT * FROM serving.main.{view}")
                lock(connection, external_access=False)
        except duckdb.Error as error:
            connection.close()
            raise EngineError(Issue("WHS004", f"{CACHE_FOLDER}/{path.name}")) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _build(self, path: Path, relations: Mapping[str, Relation]) -> None:
        with disk_errors_as_issues(f"{CACHE_FOLDER}/{path.name}"):
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            staging = self._files.staging()
            try:
                draft = staging.file(".duckdb")
                with faults_as_ours(self._files.root, self._limits.memory_mb):
                    self._fill(draft, staging, relations, path.stem.removeprefix("serving-"))
                draft.chmod(FILE_MODE)
                sync(draft)
                failpoint("serving.before_rename")
                draft.replace(path)
                failpoint("serving.after_rename")
                sync(self._folder)
            finally:
                staging.close()

    def _fill(self, draft: Path, staging: Staging, relations: Mapping[str, Relation], version: str) -> None:
        connection = open_private(self._limits, self._zone, staging.path)
        try:
            connection.execute(f"ATTACH {text_sql(str(draft))} AS draft")
            for name, relation in relations.items():
                create_view(connection, name, relation, [str(self._files.checked_path(f)) for f in with_rows(relation)])
                sort = _sort_of(connection, name)
                connection.execute(
                    f"CREATE TABLE draft.main.{name_sql(name)} AS SELECT * FROM {name_sql(name)}"
                    + (f" ORDER BY {', '.join(sort)}" if sort else "")
                )
            connection.execute(f"CREATE TABLE draft.main._made_from AS SELECT {text_sql(version)} AS version")
            failpoint("serving.before_checkpoint")
            connection.execute("CHECKPOINT draft")
            connection.execute("DETACH draft")
        finally:
            connection.close()


class _ServingSession(DuckDBSession):
    def __init__(
        self, cache: ServingCache, version: str, cursor: duckdb.DuckDBPyConnection, root: Path, limits: Limits
    ) -> None:
        super().__init__(cursor, root, limits, READING, None)
        self._cache = cache
        self._version = version

    def _rows(self, statement: duckdb.Statement, params: list[object] | None) -> pa.Table:
        # A relation is bound before it is run and again when it is; a page's few rows are rather copied.
        self._connection.execute(statement, params)
        return self._connection.to_arrow_table()

    def query(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        try:
            return super().query(sql, params)
        except EngineError as error:
            if error.issue.code not in _LOST:
                raise
            self._cache.discard(self._version)
            raise EngineError(Issue("WHS012"), retryable=True) from error


def version_of(relations: Mapping[str, Relation]) -> str:
    """A name for exactly these relations: equal files and columns give equal names."""
    parts: list[str] = []
    for name in sorted(relations):
        relation = relations[name]
        hashes = sorted(file.sha256 for file in relation.files)
        parts += [name, str(relation.schema), str(len(hashes)), *hashes]
    return digest(*parts)[:32]


def damaged_caches(root: Path) -> tuple[str, ...]:
    """Names of cache files that do not open or were not made by us."""
    return tuple(path.name for path in sorted((root / CACHE_FOLDER).glob("serving-*.duckdb")) if not _opens(path))


def remove_expired(root: Path, keep: str, now: datetime, grace: timedelta) -> tuple[str, ...]:
    """Remove cache files other than `keep` that no process has used for `grace`; returns their names.

    A process that still has one open goes on reading it.
    """
    removed: list[str] = []
    for path in (root / CACHE_FOLDER).glob("serving-*.duckdb*"):
        with contextlib.suppress(FileNotFoundError):
            used = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if path.name != keep and now - used > grace:
                path.unlink()
                removed.append(path.name)
    return tuple(removed)


def _sort_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    described = connection.sql(f"DESCRIBE SELECT * FROM {name_sql(name)}").to_arrow_table()
    columns = set(described["column_name"].to_pylist())
    return [column for column in _SORT if column in columns]


def _check_made_from(connection: duckdb.DuckDBPyConnection, database: str, version: str) -> None:
    made = connection.execute(f"SELECT version FROM {database}.main._made_from").fetchall()
    if made != [(version,)]:
        raise EngineError(Issue("WHS004", CACHE_FOLDER))


def _opens(path: Path) -> bool:
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"ATTACH {text_sql(str(path))} AS serving (READ_ONLY)")
        _check_made_from(connection, "serving", path.stem.removeprefix("serving-"))
    except (duckdb.Error, EngineError):
        return not path.exists()
    finally:
        connection.close()
    return True
