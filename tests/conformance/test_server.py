"""The real driver against a server's HTTP interface, and what happens when the server dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from ganzhi.base.errors import EngineError
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.clickhouse.engine import ClickHouseEngine
from ganzhi.warehouse.clickhouse.faults import meaning
from ganzhi.warehouse.clickhouse.wire import ServerWire
from tests.conformance.server import Server, clickhouse_server
from tests.conformance.test_refresh import committed, place


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    pytest.importorskip("chdb")
    pytest.importorskip("clickhouse_connect")
    with clickhouse_server(tmp_path) as running:
        yield running


def wire(server: Server) -> ServerWire:
    return ServerWire("127.0.0.1", server.server_address[1], user="u", password="p", deadline_s=20)


def test_rows_are_sent_to_a_server_and_the_same_bytes_are_committed(tmp_path: Path, server: Server) -> None:
    near, far = place(tmp_path / "near", far=False), place(tmp_path / "far", far=False)
    refresh(near)
    refresh(replace(far, far=ClickHouseEngine(far.files.root, lambda: wire(server))))
    assert committed(far) == committed(near)
    assert any(sql.startswith("INSERT INTO") for sql in server.seen), "the server cannot see our files"
    assert not any("file(" in sql for sql in server.seen)


@pytest.mark.parametrize("at", ["INSERT INTO", "made_fine_hist"])
def test_a_server_that_dies_leaves_nothing_and_says_that_a_retry_may_help(
    tmp_path: Path, server: Server, at: str
) -> None:
    whole = place(tmp_path / "place", far=False)
    server.dies_at = at
    with pytest.raises(EngineError) as gone:
        refresh(replace(whole, far=ClickHouseEngine(whole.files.root, lambda: wire(server))))
    assert (gone.value.issue.code, gone.value.retryable) == ("WHS040", True)
    assert committed(whole) == {}
    assert list((whole.files.root / "tmp").iterdir()) == []


def test_no_server_is_an_error_that_may_pass() -> None:
    with pytest.raises(EngineError) as absent:
        ServerWire("127.0.0.1", 9)
    assert (absent.value.issue.code, absent.value.retryable) == ("WHS040", True)


def test_values_travel_both_ways_unchanged(server: Server) -> None:
    table = pa.table({"a": pa.array([1, None], pa.int64()), "b": ["中文'\\", None]})
    made = wire(server)
    made.run("CREATE TEMPORARY TABLE there_and_back (a Nullable(Int64), b Nullable(String)) ENGINE = Memory")
    made.fill("there_and_back", table)
    assert made.fetch("SELECT a, b FROM there_and_back").to_pydict() == table.to_pydict()
    made.run("DROP TEMPORARY TABLE there_and_back")


@pytest.mark.parametrize(
    ("text", "code", "retryable"),
    [
        ("Code: 407. DB::Exception: Decimal overflow: 13812345678. (DECIMAL_OVERFLOW)", "WHS043", False),
        ("Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)", "WHS040", True),
        ("Code: 516. DB::Exception: u: Authentication failed. (AUTHENTICATION_FAILED)", "WHS041", False),
        ("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)", "WHS041", False),
        ("Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)", "WHS006", False),
        ("Connection reset by peer", "WHS040", True),
    ],
)
def test_an_error_is_named_without_the_values_it_quotes(text: str, code: str, retryable: bool) -> None:
    found = meaning(text, 20)
    assert isinstance(found, EngineError)
    assert (found.issue.code, found.retryable) == (code, retryable)
    assert "13812345678" not in str(found)
