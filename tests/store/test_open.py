from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ganzhi.base.clock import SystemClock
from ganzhi.base.errors import EngineError, InputError
from ganzhi.store import migrations
from ganzhi.store.database import connect, has_wal_reset_bug, sqlite_driver
from ganzhi.store.manifest import Change
from ganzhi.store.models import Base
from ganzhi.store.open import open_store
from tests.store.conftest import Opener
from tests.store.processes.remote import Remote
from tests.store.samples import a_file


def _refusal(url: str) -> str:
    with pytest.raises((EngineError, InputError)) as caught:
        open_store(url, SystemClock())
    error = caught.value
    if isinstance(error, InputError):
        return error.issues[0].code
    assert isinstance(error, EngineError)
    return error.issue.code


def test_a_store_keeps_its_identity_and_content(empty_url: str, opened: Opener) -> None:
    first = opened(empty_url)
    first.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    again = opened(empty_url)
    assert (again.id, again.manifest.snapshot()) == (first.id, first.manifest.snapshot())
    assert again.check() == []


def test_processes_that_open_an_empty_store_at_once_all_succeed(processes: list[Remote], empty_url: str) -> None:
    for process in processes:
        process.say("open", empty_url)
    assert [process.hear() for process in processes] == ["ready"] * 3


def test_migrations_build_the_declared_tables(empty_url: str, opened: Opener) -> None:
    store = opened(empty_url)
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []


def _declared(engine: sa.Engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        )
        return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def _words(sql: str) -> list[str]:
    """The parts of a statement without their order, which differs between the two builders."""
    return sorted(sql.replace(",", " ").replace("(", " ( ").replace(")", " ) ").split())


def test_migrations_build_the_very_constraints_that_are_declared(sqlite_url: str, opened: Opener) -> None:
    plain = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    Base.metadata.create_all(plain)
    declared, built = _declared(plain), _declared(opened(sqlite_url).database.engine)
    assert built.keys() == declared.keys()
    for name, sql in declared.items():
        assert _words(built[name]) == _words(sql), name
        assert "STRICT" in sql or sql.startswith("CREATE INDEX") or "UNIQUE INDEX" in sql
    plain.dispose()


def test_the_known_revisions_are_those_of_the_steps() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(step.revision for step in reversed(steps)) == migrations.REVISIONS
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_a_newer_schema_is_refused_and_left_alone(url: str, opened: Opener) -> None:
    store = opened(url)
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert _refusal(url) == "STO001"
    assert [issue.code for issue in store.check()] == ["STO001"]
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"


def test_a_database_of_something_else_is_refused_and_left_alone(empty_url: str) -> None:
    database = connect(empty_url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE customers (id INTEGER)")
    assert _refusal(empty_url) == "STO002"
    with database.read() as connection:
        assert sa.inspect(connection).get_table_names() == ["customers"]
    database.close()


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"<html>" * 1000)
    assert _refusal(f"sqlite:///{path}") == "STO006"
    assert path.read_bytes() == b"<html>" * 1000


@pytest.mark.parametrize("bad", ["", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "postgresql://", "nonsense"])
def test_other_addresses_are_refused(bad: str) -> None:
    assert _refusal(bad) == "STO012"


def test_a_missing_folder_and_a_server_that_is_not_there_are_named(tmp_path: Path) -> None:
    assert _refusal(f"sqlite:///{tmp_path}/none/store.sqlite") == "STO007"
    assert _refusal(f"postgresql://u:secret@/db?host={tmp_path}") == "STO004"


def test_a_password_never_shows_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        open_store(f"postgresql://u:secret@/db?host={tmp_path}", SystemClock())
    assert "secret" not in f"{caught.value} {caught.value.issue}"


def test_a_sqlite_store_acknowledges_only_what_is_on_disk(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url).database
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    wanted = "truncate" if has_wal_reset_bug(sqlite_driver().sqlite_version_info) else "wal"
    assert settings == {"journal_mode": wanted, "synchronous": 2, "foreign_keys": 1}


def test_a_library_with_the_wal_reset_bug_gets_another_journal_and_a_warning(sqlite_url: str) -> None:
    if not has_wal_reset_bug(sqlite3.sqlite_version_info):
        pytest.skip("the SQLite of this Python is sound")
    store = open_store(sqlite_url, SystemClock(), sqlite=sqlite3)
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    with store.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "truncate"
    (issue,) = store.check()
    assert (issue.code, issue.severity) == ("STO008", "warning")
    store.close()


def test_the_journal_changes_with_the_library_when_nobody_else_is_at_work(sqlite_url: str) -> None:
    if not has_wal_reset_bug(sqlite3.sqlite_version_info):
        pytest.skip("the SQLite of this Python is sound")
    for n, driver in enumerate((sqlite_driver(), sqlite3, sqlite_driver())):
        store = open_store(sqlite_url, SystemClock(), sqlite=driver)
        assert store.manifest.commit(Change("load", (a_file("rows/calls", str(n)),))) == n + 1
        store.close()


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False),
        ((3, 45, 0), True), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)  # fmt: skip
def test_the_versions_with_the_wal_reset_bug_are_known(version: tuple[int, int, int], affected: bool) -> None:
    assert has_wal_reset_bug(version) is affected


def test_a_store_held_by_a_writer_can_still_be_read(sqlite_url: str, opened: Opener) -> None:
    store = opened(sqlite_url)
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM table_heads")
        assert len(opened(sqlite_url).manifest.snapshot().files) == 1
