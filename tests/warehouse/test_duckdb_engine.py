"""Sessions of the embedded engine: what they show, what they refuse, what their limits do."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ganzhi.base.errors import EngineError, InternalError
from ganzhi.store.manifest import FileRef, NewFile
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.duckdb.session import DuckDBSession
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.workplace import Workplace
from tests.warehouse.place import DAYS, ZONE, open_place, write_rows

NO_COLUMNS = pa.schema([])


def ref(file: NewFile, number: int = 1) -> FileRef:
    return FileRef(id=number, added=1, removed=None, **asdict(file))


def relation(*files: NewFile, schema: pa.Schema = NO_COLUMNS) -> Relation:
    return Relation([ref(file, n) for n, file in enumerate(files)], schema)


@pytest.fixture
def reading(place: Workplace) -> Iterator[DuckDBSession]:
    """A reading session over one file of 20 rows."""
    with place.engine.session({"rows_calls": relation(write_rows(place, DAYS[0], 20, "a"))}) as session:
        assert isinstance(session, DuckDBSession)
        yield session


def test_a_view_shows_exactly_the_files_given(place: Workplace) -> None:
    first, second, _third = (write_rows(place, DAYS[0], n, f"t{n}") for n in (20, 30, 40))
    with place.engine.session({"rows_calls": relation(first, second)}) as session:
        assert session.query("SELECT count(*) AS n FROM rows_calls")["n"].to_pylist() == [50]


def test_an_empty_relation_has_its_columns_and_types(place: Workplace) -> None:
    schema = pa.schema(
        [("unit", pa.string()), ("n", pa.int64()), ("sum", pa.decimal128(38, 2)), ("at", pa.timestamp("us", tz="UTC"))]
    )
    with place.engine.session({"day_calls_add": Relation((), schema)}) as session:
        found = session.query("SELECT * FROM day_calls_add").schema
    assert found.names == ["unit", "n", "sum", "at"]
    assert found.field("sum").type == pa.decimal128(38, 2)
    assert pa.types.is_timestamp(found.field("at").type)


def test_columns_a_file_lacks_are_unknown_and_types_follow_the_relation(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    schema = pa.schema([("amount", pa.decimal128(18, 2)), ("later", pa.int64())])
    with place.engine.session({"rows_calls": relation(file, schema=schema)}) as session:
        row = session.query("SELECT amount, later, unit FROM rows_calls LIMIT 1").to_pylist()[0]
    assert row == {"amount": Decimal("1.00"), "later": None, "unit": "u0"}


def test_files_with_different_columns_are_read_together(place: Workplace) -> None:
    with place.engine.loading_session() as session:
        old = place.files.write(session, "SELECT 'a' AS unit", "rows/calls", DAYS[0], order_by=None)
        new = place.files.write(session, "SELECT 2 AS extra, 'b' AS unit", "rows/calls", DAYS[0], order_by=None)
    with place.engine.session({"rows_calls": relation(old, new)}) as session:
        found = session.query("SELECT unit, extra FROM rows_calls ORDER BY unit").to_pylist()
    assert found == [{"unit": "a", "extra": None}, {"unit": "b", "extra": 2}]


def test_characters_of_patterns_in_a_folder_name_are_only_characters(tmp_path: Path) -> None:
    place = open_place(tmp_path / "w*[ab]?'s")
    twin = open_place(tmp_path / "wxab's")
    file = write_rows(place, DAYS[0], 20, "a")
    for n in range(3):
        write_rows(twin, DAYS[0], 1000, f"other{n}")
    with place.engine.session({"rows_calls": relation(file)}) as session:
        assert session.query("SELECT count(*) AS n FROM rows_calls")["n"].to_pylist() == [20]
    place.store.close()
    twin.store.close()


def test_local_time_is_the_workspaces(reading: DuckDBSession) -> None:
    found = reading.query("SELECT hour(min(\"at\")) AS h, current_setting('TimeZone') AS z FROM rows_calls")
    assert found.to_pylist() == [{"h": 12, "z": "Asia/Shanghai"}]


def test_parameters_and_own_tables_work_in_a_reading_session(reading: DuckDBSession) -> None:
    reading.register("wanted", pa.table({"unit": ["u1"]}))
    reading.register("wanted", pa.table({"unit": ["u1", "u2"]}))
    reading.execute("CREATE TEMP TABLE one AS SELECT * FROM wanted WHERE unit = ?", ["u2"])
    found = reading.query("SELECT count(*) AS n FROM rows_calls JOIN one USING (unit) WHERE _line > ?", [3])
    assert found["n"].to_pylist() == [2]


READS_ELSEWHERE = [
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd.csv'",
    "SELECT * FROM read_blob('/etc/hostname')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_parquet('{other}')",
    "SELECT * FROM read_parquet('{folder}/*.parquet')",
    "SELECT * FROM parquet_metadata('{other}')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT getenv('HOME')",
]
CHANGES_THINGS = [
    "ATTACH '{folder}/x.duckdb' AS x",
    "ATTACH ':memory:' AS x",
    "INSTALL httpfs",
    "LOAD httpfs",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY (SELECT 1 AS i) TO '{own}' (FORMAT parquet, USE_TMP_FILE false)",
    "COPY rows_calls FROM '/etc/passwd'",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}/out'",
    "SET threads = 7",
    "SET memory_limit = '90GB'",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "RESET lock_configuration",
    "PRAGMA threads = 7",
    "CREATE SECRET s (TYPE http)",
    "CALL enable_logging()",
    "VACUUM",
    "CHECKPOINT",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{folder}/out.csv'",
    "",
    "no sql",
]


@pytest.mark.parametrize("sql", [*READS_ELSEWHERE, *CHANGES_THINGS])
def test_a_reading_session_refuses(place: Workplace, sql: str) -> None:
    own, other = (write_rows(place, DAYS[0], 20, tag) for tag in ("a", "b"))
    paths = {"own": place.files.path(own), "other": place.files.path(other), "folder": place.files.path(own).parent}
    before = {path: path.read_bytes() for path in place.files.root.rglob("*.parquet")}
    with place.engine.session({"rows_calls": relation(own)}) as session:
        for run in (session.query, session.execute):
            with pytest.raises((InternalError, EngineError)):
                run(sql.format(**paths))
        assert session.query("SELECT count(*) AS n FROM rows_calls")["n"].to_pylist() == [20]
    assert {path: path.read_bytes() for path in place.files.root.rglob("*.parquet")} == before


@pytest.mark.parametrize("sql", [sql for sql in READS_ELSEWHERE if "getenv" not in sql])
def test_the_engine_itself_is_locked_too(place: Workplace, sql: str) -> None:
    """Behind our own check of statements: the same without it."""
    own, other = (write_rows(place, DAYS[0], 20, tag) for tag in ("a", "b"))
    paths = {"own": place.files.path(own), "other": place.files.path(other), "folder": place.files.path(own).parent}
    with place.engine.session({"rows_calls": relation(own)}) as session:
        assert isinstance(session, DuckDBSession)
        with pytest.raises(duckdb.Error):
            session._connection.execute(sql.format(**paths)).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{folder}/x.duckdb' AS x",
        "INSTALL httpfs",
        "LOAD httpfs",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "SET threads = 7",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "CREATE PERSISTENT SECRET s (TYPE http)",
    ],
)
def test_the_engine_itself_refuses_changes_too(place: Workplace, sql: str) -> None:
    own = write_rows(place, DAYS[0], 20, "a")
    with place.engine.session({"rows_calls": relation(own)}) as session:
        assert isinstance(session, DuckDBSession)
        with pytest.raises(duckdb.Error):
            session._connection.execute(sql.format(folder=place.files.path(own).parent))


def test_a_loading_session_refuses_settings_and_extensions(place: Workplace) -> None:
    with place.engine.loading_session() as session:
        for sql in ("SET threads = 7", "INSTALL httpfs", "LOAD httpfs", "ATTACH 'x.duckdb'", "SELECT 1; SELECT 2"):
            with pytest.raises(InternalError):
                session.execute(sql)


def test_variables_of_the_program_are_not_tables(reading: DuckDBSession) -> None:
    secret = pa.table({"a": [1]})
    assert secret.num_rows == 1
    with pytest.raises(InternalError):
        reading.query("SELECT * FROM secret")


def test_a_query_is_stopped_at_its_deadline_and_the_session_goes_on(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path, ZONE, deadline_s=0.3, threads=1)
    with engine.session({}) as session:
        began = time.monotonic()
        with pytest.raises(EngineError) as caught:
            session.query("SELECT count(*) FROM range(100000000000) t(i) WHERE hash(i) % 7 = 1")
        assert time.monotonic() - began < 3
        assert caught.value.issue.code == "WHS006"
        assert session.query("SELECT 1 AS a")["a"].to_pylist() == [1]


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[threading.Timer]:
    """All timers that are made from now on."""
    made: list[threading.Timer] = []

    class Kept(threading.Timer):
        def __init__(self, interval: float, function: Callable[[], None]) -> None:
            super().__init__(interval, function)
            made.append(self)

    monkeypatch.setattr(threading, "Timer", Kept)
    return made


def test_a_deadline_stops_only_the_query_it_was_set_for(tmp_path: Path, timers: list[threading.Timer]) -> None:
    with DuckDBEngine(tmp_path, ZONE, threads=1).session({}) as session:
        for _ in range(3):
            session.query("SELECT sum(i) FROM range(1000) t(i)")
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            early = threading.Thread(target=lambda: [timer.function() for timer in timers])
            early.start()
            session.execute("CREATE OR REPLACE TEMP TABLE big AS SELECT hash(i) AS h FROM range(300000) t(i)")
            early.join()
    assert len(timers) == 3
    for timer in timers:
        timer.join()


def test_a_deadline_does_not_keep_its_session(tmp_path: Path, timers: list[threading.Timer]) -> None:
    """A connection that ends with a thread of the timer while Python ends takes the process down (DuckDB issue 13904)."""
    session = DuckDBEngine(tmp_path, ZONE, threads=1).session({})
    session.query("SELECT 1 AS a")
    gone = weakref.ref(session)
    session.close()
    del session
    assert len(timers) == 1
    assert gone() is None
    timers[0].function()


def test_work_beyond_the_memory_limit_fails_and_the_process_lives(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path, ZONE, memory_mb=128, threads=1)
    with engine.session({}) as session:
        with pytest.raises(EngineError) as caught:
            session.query("SELECT list(i) FROM range(100000000) t(i)")
        assert caught.value.issue.code == "WHS005"
        assert caught.value.issue.params["limit_mb"] == "128"
        assert session.query("SELECT 1 AS a")["a"].to_pylist() == [1]


BEYOND_MEMORY = "SELECT count(*) AS n FROM (SELECT p, count(*) FROM (SELECT repeat('x', 150) || hash(i) AS p FROM range(1000000) t(i)) GROUP BY p)"


def test_work_beyond_the_spill_limit_is_named(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path, ZONE, memory_mb=128, threads=1, spill_mb=1)
    with engine.session({}) as session, pytest.raises(EngineError) as caught:
        session.query(BEYOND_MEMORY)
    assert caught.value.issue.code == "WHS007"


def test_spilled_data_are_gone_after_close(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path, ZONE, memory_mb=128, threads=1)
    with engine.session({}) as session:
        assert session.query(BEYOND_MEMORY)["n"].to_pylist() == [1_000_000]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_lost_file_is_named(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    place.files.path(file).unlink()
    with pytest.raises(EngineError) as caught:
        place.engine.session({"rows_calls": relation(file)})
    assert (caught.value.issue.code, caught.value.issue.subject) == ("WHS003", file.path)
    assert list((place.files.root / "tmp").iterdir()) == []


def test_a_cut_file_is_named(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    path = place.files.path(file)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(EngineError) as caught:
        place.engine.session({"rows_calls": relation(file)})
    assert (caught.value.issue.code, caught.value.issue.subject) == ("WHS004", file.path)


def test_a_file_that_is_no_parquet_any_more_is_named(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    path = place.files.path(file)
    path.chmod(0o600)
    path.write_bytes(b"x" * file.bytes)
    with pytest.raises(EngineError) as caught:
        place.engine.session({"rows_calls": relation(file)})
    assert (caught.value.issue.code, caught.value.issue.subject) == ("WHS004", file.path)


def test_errors_carry_no_value_of_a_record(reading: DuckDBSession) -> None:
    with pytest.raises(InternalError) as caught:
        reading.query("SELECT CAST('13800001111' AS INTEGER), CAST('张三' AS INTEGER)")
    assert "13800001111" not in str(caught.value)
    assert "张三" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_session_is_of_no_use_after_close(place: Workplace) -> None:
    session = place.engine.session({})
    session.close()
    session.close()
    with pytest.raises(InternalError):
        session.query("SELECT 1")


def test_many_sessions_at_once_do_not_disturb_each_other(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    found: list[int] = []

    def read() -> None:
        for _ in range(5):
            with place.engine.session({"rows_calls": relation(file)}) as session:
                found.extend(session.query("SELECT count(*) AS n FROM rows_calls")["n"].to_pylist())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [20] * 20


def test_files_of_two_folders_are_not_mixed_up(tmp_path: Path) -> None:
    one, two = open_place(tmp_path / "one"), open_place(tmp_path / "two")
    file = write_rows(one, DAYS[0], 20, "a")
    with pytest.raises(EngineError):
        two.engine.session({"rows_calls": relation(file)})
    assert Files(tmp_path / "one" / "warehouse").path(file).is_file()
    one.store.close()
    two.store.close()
