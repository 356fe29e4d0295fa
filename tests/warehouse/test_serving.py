"""The serving cache: same answers as the Parquet files, built whole, rebuilt when damaged."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import EngineError, InternalError
from ganzhi.warehouse.duckdb.serving import ServingCache, damaged_caches, remove_expired, version_of
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace
from tests.warehouse.conftest import KILLED, run_child
from tests.warehouse.place import DAYS, STATE_SCHEMA, ZONE, load, open_place, refresh

SUM = "SELECT unit, sum(rows)::BIGINT AS n FROM day_calls_add GROUP BY unit ORDER BY unit"
SET_SCHEMA = pa.schema([("unit", pa.string()), ("value", pa.string())])


def states(place: Workplace) -> dict[str, Relation]:
    files = place.store.manifest.snapshot().table("day/calls/add")
    return {"day_calls_add": Relation(files, STATE_SCHEMA), "day_calls_set": Relation((), SET_SCHEMA)}


def some_states(place: Workplace) -> dict[str, Relation]:
    for day in DAYS:
        load(place, day, 35, f"a{day}")
        refresh(place, day)
    return states(place)


@pytest.fixture
def cache(place: Workplace) -> Iterator[ServingCache]:
    with closing(ServingCache(place.files.root, ZONE, place.clock)) as opened:
        yield opened


def the_file(place: Workplace) -> Path:
    (found,) = (place.files.root / "cache").glob("serving-*.duckdb")
    return found


def answer(cache: ServingCache, relations: dict[str, Relation]) -> list[dict[str, Any]]:
    with cache.session(relations) as session:
        found: list[dict[str, Any]] = session.query(SUM).to_pylist()
        return found


def test_the_same_sql_gives_the_same_answer_as_on_the_files(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    with place.engine.session(relations) as session:
        expected = session.query(SUM).to_pylist()
        schema = session.query("SELECT * FROM day_calls_set").schema
    assert answer(cache, relations) == expected
    assert sum(row["n"] for row in expected) == 105
    with cache.session(relations) as session:
        assert session.query("SELECT * FROM day_calls_set").schema == schema


def test_rows_lie_sorted_by_unit_and_day(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    with cache.session(relations) as session:
        found = session.query("SELECT unit, day FROM day_calls_add").to_pylist()
    assert found == sorted(found, key=lambda row: (row["unit"], row["day"]))


def test_a_cache_is_built_once_for_one_state(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    answer(cache, relations)
    path = the_file(place)
    built = path.stat().st_ino
    load(place, DAYS[0], 7, "later")
    assert version_of(states(place)) == version_of(relations)
    answer(cache, states(place))
    answer(ServingCache(place.files.root, ZONE, place.clock), states(place))
    assert the_file(place).stat().st_ino == built


def test_a_newer_state_is_shown_at_once_and_the_old_session_keeps_its_own(
    place: Workplace, cache: ServingCache
) -> None:
    old = cache.session(some_states(place))
    before = old.query(SUM).to_pylist()
    load(place, DAYS[0], 70, "later")
    refresh(place, DAYS[0])
    after = answer(cache, states(place))
    assert sum(row["n"] for row in after) == 175
    assert old.query(SUM).to_pylist() == before
    old.close()


def test_a_serving_session_changes_and_reads_nothing_else(place: Workplace, cache: ServingCache) -> None:
    with cache.session(some_states(place)) as session:
        for sql in (
            "SELECT * FROM read_text('/etc/hostname')",
            "ATTACH ':memory:' AS x",
            "COPY (SELECT 1) TO 'x.csv'",
            "SET threads = 4",
            "CREATE TABLE serving.main.x (i INTEGER)",
            "DELETE FROM serving.main.day_calls_add",
            "DROP VIEW day_calls_add",
        ):
            with pytest.raises((InternalError, EngineError)):
                session.query(sql)
        for sql in (
            "CREATE TABLE serving.main.x (i INTEGER)",
            "DELETE FROM serving.main.day_calls_add",
            "SET threads = 4",
        ):
            with pytest.raises((InternalError, EngineError)):
                session.execute(sql)
        with pytest.raises(InternalError):
            session.copy("SELECT 1 AS a")


def test_local_time_and_one_thread_hold_in_every_session(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    for _ in range(2):
        with cache.session(relations) as session:
            found = session.query(
                "SELECT current_setting('TimeZone') AS z, current_setting('threads') AS t"
            ).to_pylist()
        assert found == [{"z": "Asia/Shanghai", "t": 1}]


def test_tables_of_one_session_are_not_seen_by_another(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    with cache.session(relations) as one, cache.session(relations) as two:
        one.register("units", pa.table({"unit": ["u1"]}))
        two.register("units", pa.table({"unit": ["u2"]}))
        assert one.query("SELECT unit FROM units")["unit"].to_pylist() == ["u1"]


@pytest.mark.parametrize("keep", [0, 100, 0.5])
def test_a_cut_cache_is_built_again(place: Workplace, cache: ServingCache, keep: float) -> None:
    relations = some_states(place)
    expected = answer(cache, relations)
    cache.close()
    path = the_file(place)
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[: int(keep * len(content)) if keep < 1 else int(keep)])
    assert damaged_caches(place.files.root) == (path.name,)
    assert answer(cache, relations) == expected
    assert damaged_caches(place.files.root) == ()


def test_a_cache_of_something_else_is_built_again(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    expected = answer(cache, relations)
    cache.close()
    other = the_file(place)
    load(place, DAYS[0], 70, "later")
    refresh(place, DAYS[0])
    answer(cache, states(place))
    cache.close()
    newer = other.with_name(f"serving-{version_of(states(place))}.duckdb")
    newer.replace(other)
    assert answer(cache, relations) == expected


def test_damage_inside_gives_a_retryable_error_and_then_the_right_answer(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    expected = answer(cache, relations)
    cache.close()
    path = the_file(place)
    content = bytearray(path.read_bytes())
    for offset in range(12_288, len(content), 4096):
        content[offset + 100 : offset + 108] = b"damaged!"
    path.chmod(0o600)
    path.write_bytes(bytes(content))
    refused: list[EngineError] = []
    for _ in range(2):
        try:
            assert answer(cache, relations) == expected
        except EngineError as error:
            refused.append(error)
    assert all(error.retryable and error.issue.code == "WHS012" for error in refused)
    assert answer(cache, relations) == expected


def test_a_missing_cache_is_built_again_while_a_session_reads_the_old_one(
    place: Workplace, cache: ServingCache
) -> None:
    relations = some_states(place)
    with cache.session(relations) as session:
        expected = session.query(SUM).to_pylist()
        the_file(place).unlink()
        assert session.query(SUM).to_pylist() == expected
    cache.close()
    assert answer(cache, relations) == expected


@pytest.mark.parametrize("point", ["serving.before_checkpoint", "serving.before_rename", "serving.after_rename"])
def test_a_kill_while_building_leaves_no_half_cache(tmp_path: Path, point: str) -> None:
    root = tmp_path / "w"
    place = open_place(root)
    some_states(place)
    place.store.close()
    assert run_child("serve", str(root), failpoint=point) == KILLED
    assert damaged_caches(root / "warehouse") == ()
    assert run_child("serve", str(root)) == 0
    assert len(list((root / "warehouse" / "cache").glob("serving-*"))) == 1


def test_a_kill_while_a_copy_is_made_leaves_none_of_that_name(tmp_path: Path) -> None:
    root = tmp_path / "w"
    place = open_place(root)
    some_states(place)
    place.store.close()
    assert run_child("shelve", str(root), failpoint="shelf.before_rename") == KILLED
    shelf = root / "warehouse" / "cache" / "shelf"
    assert list(shelf.iterdir()) == []
    assert run_child("shelve", str(root)) == 0
    assert [path.suffix for path in shelf.iterdir()] == [".arrow"]


def test_unused_caches_go_after_the_grace_period_and_the_current_one_stays(place: Workplace) -> None:
    folder = place.files.root / "cache"
    folder.mkdir()
    now = datetime(2026, 1, 2, tzinfo=UTC)
    for name, minutes in (("serving-old.duckdb", 11), ("serving-young.duckdb", 9), ("serving-kept.duckdb", 99)):
        (folder / name).write_bytes(b"")
        used = (now - timedelta(minutes=minutes)).timestamp()
        os.utime(folder / name, (used, used))
    assert remove_expired(place.files.root, "serving-kept.duckdb", now, timedelta(minutes=10)) == (
        "serving-old.duckdb",
    )
    assert {path.name for path in folder.iterdir()} == {"serving-young.duckdb", "serving-kept.duckdb"}


def test_use_keeps_a_cache_young(place: Workplace) -> None:
    relations = some_states(place)
    later = FixedClock(datetime.now(UTC) + timedelta(hours=1))
    with closing(ServingCache(place.files.root, ZONE, place.clock)) as cache:
        answer(cache, relations)
    with closing(ServingCache(place.files.root, ZONE, later)) as cache:
        answer(cache, relations)
        answer(cache, relations)
    assert the_file(place).stat().st_mtime >= later.now().timestamp() - 1


def test_threads_that_ask_at_once_build_it_once(place: Workplace, cache: ServingCache) -> None:
    relations = some_states(place)
    found: list[list[dict[str, Any]]] = []
    threads = [threading.Thread(target=lambda: found.append(answer(cache, relations))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(rows == found[0] for rows in found)
    the_file(place)


def test_sessions_outlive_the_cache_letting_go_of_their_file(
    place: Workplace, cache: ServingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganzhi.warehouse.duckdb.serving._KEPT_OPEN", 2)
    relations = some_states(place)
    many = [{**relations, f"day_other{n}_set": Relation((), SET_SCHEMA)} for n in range(6)]
    sessions = [cache.session(each) for each in many]
    answers = [session.query(SUM).to_pylist() for session in sessions]
    assert all(each == answers[0] for each in answers)
    cache.close()
    for session in sessions:
        session.register("asked", pa.table({"unit": ["u"]}))
        assert session.query("SELECT count(*) AS n FROM asked").column("n")[0].as_py() == 1
        session.close()
