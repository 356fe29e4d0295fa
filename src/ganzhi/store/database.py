"""One database, read and written in short transactions.

SQLite: own `BEGIN` (readers) and `BEGIN IMMEDIATE` (writers), foreign keys on, WAL with
`synchronous=FULL`; with a library that has the WAL-reset bug, a TRUNCATE journal instead.
PostgreSQL: readers see one REPEATABLE READ snapshot. Whatever the driver raises leaves here as an
`EngineError` that says whether a retry may help. Refuses other databases and in-memory SQLite.
"""

from __future__ import annotations

import importlib
import importlib.util
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ganzhi.base.errors import EngineError, GanzhiError, InputError, InternalError, Issue

BUSY_S: Final = 30
"""How long a writer waits for another one before it gives up."""

JOURNAL_WAIT_S: Final = 5
"""How long to wait for other connections to let the journal mode be changed."""

RETRY_AFTER_S: Final = (0.1, 0.5, 2.0)
"""Pauses before a transaction is tried again after a lost connection."""

Result = TypeVar("Result")

OLDEST_SQLITE: Final = (3, 37, 0)
"""STRICT tables; RETURNING and upserts are older."""


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether a SQLite library may lose a committed transaction in WAL mode (reliability D5).

    >>> [has_wal_reset_bug(v) for v in ((3, 40, 1), (3, 44, 6), (3, 50, 7), (3, 51, 2), (3, 51, 3))]
    [True, False, False, True, False]
    """
    if version >= (3, 51, 3) or version < (3, 7, 0):
        return False
    return not ((3, 44, 6) <= version < (3, 45, 0) or (3, 50, 7) <= version < (3, 51, 0))


def sqlite_driver() -> ModuleType:
    """The SQLite driver to use: `pysqlite3`, which brings its own library, else the standard one."""
    if importlib.util.find_spec("pysqlite3") is None:
        return sqlite3
    return importlib.import_module("pysqlite3.dbapi2")


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and how to use it.

    location: what to call it in a message, without a password. sqlite: the SQLite driver, None on
    PostgreSQL. journal: SQLite's journal mode, `wal` or `truncate`.
    """

    engine: sa.Engine
    location: str
    sqlite: ModuleType | None = None
    journal: str = ""

    @property
    def postgres(self) -> bool:
        """Whether it is PostgreSQL (otherwise SQLite)."""
        return self.engine.dialect.name == "postgresql"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite store."""
        return None if self.postgres else Path(self.location)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction that sees one state."""
        options: dict[str, Any] = {"ganzhi_writer": False}
        if self.postgres:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._translated(), self.engine.connect() as connection, connection.execution_options(**options).begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction: committed when the block ends, rolled back when it raises."""
        with self.session() as connection, connection.begin():
            yield connection

    def once(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Do `work` in a write transaction, again when the connection broke and its fate is unknown.

        work: must recognise, by an id made before the first try, that it has been committed.
        """
        for pause_s in RETRY_AFTER_S:
            try:
                with self.write() as connection:
                    return work(connection)
            except EngineError as error:
                if error.issue.code != "STO004":
                    raise
                time.sleep(pause_s)
        with self.write() as connection:
            return work(connection)

    @contextmanager
    def session(self) -> Iterator[sa.Connection]:
        """A connection without a transaction, for work that makes its own."""
        with self._translated(), self.engine.connect() as connection:
            yield connection.execution_options(ganzhi_writer=True)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except exc.IntegrityError as error:
            raise InternalError(f"the store refused a record: {error.orig}") from error
        except exc.DBAPIError as error:
            raise failure(error, self.location) from error
        except exc.StatementError as error:
            if isinstance(error.orig, GanzhiError):  # a column type of ours refused a value
                raise error.orig from None
            raise
        except exc.TimeoutError as error:  # no free connection in the pool
            raise failure(error, self.location) from error

    def upsert(self, table: type[Any]) -> Any:
        """An INSERT that can say ON CONFLICT, in the dialect of this database."""
        return postgres_insert(table) if self.postgres else sqlite_insert(table)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


_SQLITE_FAILURES: Final = (
    ("database is locked", "STO003", True),
    ("database table is locked", "STO003", True),
    ("malformed", "STO006", False),
    ("not a database", "STO006", False),
    ("disk is full", "STO007", True),
    ("database or disk is full", "STO007", True),
    ("disk i/o error", "STO007", True),
    ("readonly database", "STO007", False),
    ("unable to open", "STO007", False),
)

_PG_BUSY: Final = frozenset({"55P03", "40001", "40P01"})
_PG_SPACE: Final = frozenset({"53100", "53200"})


def failure(error: Exception, location: str) -> EngineError:
    """What the driver said, as one of our issues."""
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()
    params = {"reason": reason[0][:300] if reason else type(error).__name__}
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state in _PG_BUSY:
        return EngineError(Issue("STO003", location, params=params), retryable=True)
    if state in _PG_SPACE:
        return EngineError(Issue("STO007", location, params=params), retryable=True)
    lowered = params["reason"].lower()
    for words, code, retryable in _SQLITE_FAILURES:
        if words in lowered:
            return EngineError(Issue(code, location, params=params), retryable=retryable)
    if lost_connection(error):
        return EngineError(Issue("STO004", location, params=params), retryable=True)
    return EngineError(Issue("STO020", location, params=params), retryable=False)


def lost_connection(error: Exception) -> bool:
    """Whether the other side is not there (any more), so that the outcome of a commit is unknown."""
    if isinstance(error, exc.TimeoutError):
        return True
    if not isinstance(error, exc.DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated
        or state.startswith(("08", "57P0", "25P03"))
        or (isinstance(error, exc.OperationalError) and state == "" and "sqlite" not in type(error.orig).__module__)
    )


def connect(url: str, sqlite: ModuleType | None = None) -> Database:
    """An engine for `sqlite:///file` or `postgresql+psycopg://…`; opens no connection yet.

    sqlite: the SQLite driver to use, by default `sqlite_driver()`.
    Raises: InputError STO012 for any other URL; EngineError STO019 for a SQLite that is too old.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        raise InputError(Issue("STO012", "url")) from None
    match parsed.get_backend_name(), parsed.database:
        case "sqlite", str(path) if path not in ("", ":memory:") and not path.startswith("file:"):
            return _connect_sqlite(Path(path).absolute(), sqlite or sqlite_driver())
        case "postgresql", str():
            return _connect_postgres(parsed.set(drivername="postgresql+psycopg"))
        case _:
            raise InputError(Issue("STO012", "url"))


def _connect_sqlite(path: Path, driver: ModuleType) -> Database:
    version: tuple[int, ...] = driver.sqlite_version_info
    if version < OLDEST_SQLITE:
        params = {"version": driver.sqlite_version, "oldest": ".".join(map(str, OLDEST_SQLITE))}
        raise EngineError(Issue("STO019", "sqlite", params=params))
    if not path.parent.is_dir():
        raise EngineError(Issue("STO007", str(path), params={"reason": f"no folder {path.parent}"}))
    journal = "truncate" if has_wal_reset_bug(version) else "wal"
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)), module=driver, connect_args={"timeout": BUSY_S}
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        _set_journal(cursor, journal, str(path))
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writer = connection.get_execution_options().get("ganzhi_writer", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return Database(engine, str(path), driver, journal)


def _set_journal(cursor: Any, journal: str, location: str) -> None:
    """Change the journal mode, which SQLite refuses at once while another connection is at work."""
    give_up = time.monotonic() + JOURNAL_WAIT_S
    while True:
        try:
            mode = cursor.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0]
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            mode = "locked"
        if mode == journal:
            return
        if time.monotonic() > give_up:
            params = {"reason": f"journal mode is {mode}, not {journal}"}
            raise EngineError(Issue("STO003", location, params=params), retryable=True)
        time.sleep(0.02)


def _connect_postgres(url: sa.URL) -> Database:
    if importlib.util.find_spec("psycopg") is None:
        raise EngineError(Issue("STO021", "psycopg"))
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        connect_args={
            "connect_timeout": 10,
            "application_name": "ganzhi",
            "options": f"-c timezone=UTC -c lock_timeout={BUSY_S}s -c default_transaction_isolation=read\\ committed",
        },
    )
    shown = url.set(query={name: value for name, value in url.query.items() if name in {"host", "port"}})
    return Database(engine, shown.render_as_string(hide_password=True))
