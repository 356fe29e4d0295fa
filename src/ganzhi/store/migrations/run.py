"""Brings a store's schema to a revision, under a lock, repeatable after any interruption.

The lock is a file lock beside a SQLite store and a session advisory lock on PostgreSQL. Refuses a
database that is newer than the program (STO001) or that belongs to something else (STO002).
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ganzhi.base.errors import EngineError, Issue
from ganzhi.store.database import Database
from ganzhi.store.migrations import HEAD, REVISIONS

WAIT_S: Final = 60
"""How long to wait for another process that migrates."""

_ADVISORY_KEY: Final = 0x67616E7A6869


def revision(connection: sa.Connection) -> str | None:
    """The schema revision of a store; None for an empty database.

    Raises: EngineError STO001 for a newer schema, STO002 for tables that are not ours.
    """
    tables = set(sa.inspect(connection).get_table_names())
    location = str(connection.engine.url.database)
    if "alembic_version" not in tables:
        if tables:
            raise EngineError(Issue("STO002", location, params={"tables": ", ".join(sorted(tables)[:3])}))
        return None
    found = connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version")))
    if found is None:
        return None
    if found not in REVISIONS:
        unknown = tables - {"alembic_version"}
        if "manifest_head" not in unknown:
            raise EngineError(Issue("STO002", location, params={"tables": ", ".join(sorted(unknown)[:3])}))
        raise EngineError(Issue("STO001", location, params={"found": str(found), "known": HEAD}))
    return str(found)


def upgrade(database: Database, to: str = HEAD) -> None:
    """Bring the schema to revision `to`; does nothing, and waits for nobody, when it is there already."""
    with database.read() as connection:
        if revision(connection) == to:
            return
    with _lock(database):
        with database.read() as connection:
            found = revision(connection)
        if found != to:
            _run_steps(database, to)


def _run_steps(database: Database, to: str) -> None:
    # Alembic costs a tenth of a second to import, which a command on a current store need not pay.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.session() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


@contextmanager
def _lock(database: Database) -> Iterator[None]:
    path = database.path
    with _lock_advisory(database) if path is None else _lock_file(path.with_name(path.name + ".lock"), database):
        yield


def _busy(database: Database) -> EngineError:
    return EngineError(Issue("STO018", database.location, params={"seconds": str(WAIT_S)}), retryable=True)


@contextmanager
def _lock_file(path: Path, database: Database) -> Iterator[None]:
    give_up = time.monotonic() + WAIT_S
    try:
        handle = path.open("a")
    except OSError as error:
        raise EngineError(Issue("STO007", database.location, params={"reason": str(error.strerror)})) from error
    with handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise _busy(database) from None
                time.sleep(0.05)
        yield


@contextmanager
def _lock_advisory(database: Database) -> Iterator[None]:
    give_up = time.monotonic() + WAIT_S
    with database.session() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        while not autocommit.scalar(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_KEY))):
            if time.monotonic() > give_up:
                raise _busy(database)
            time.sleep(0.05)
        try:
            yield
        finally:
            autocommit.scalar(sa.select(sa.func.pg_advisory_unlock(_ADVISORY_KEY)))
