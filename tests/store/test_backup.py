from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ganzhi.base.errors import EngineError, InputError
from ganzhi.store.backup import restore_backup
from ganzhi.store.database import sqlite_driver
from ganzhi.store.jobs import NewJob
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from ganzhi.store.outbox import NewNotice
from tests.store.conftest import Opener
from tests.store.processes.remote import Remote
from tests.store.samples import a_file, a_load, an_arrival

ROUNDS = {"sqlite": 30, "postgresql+psycopg": 8}


def _fill(store: Store) -> None:
    """A row, at least, in every table that travels."""
    first = a_load("x", report={"说明": "“引号”", "n": 1})
    arrivals = (an_arrival(first, date(1999, 1, 1)),)
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),), load=first, arrivals=arrivals))
    replay = a_load("x", replay_of=first.id, id="0-sorts-before-the-load-it-replays")
    store.manifest.commit(Change("replay", load=replay))
    (rows,) = store.manifest.snapshot().files
    state = a_file("day/calls/add", "s", plan="p", inputs=(rows.id,), key_min="a", key_max="z")
    store.manifest.commit(Change("refresh", (state,), (rows.id,)))
    store.jobs.enqueue(NewJob("refresh", "calls", {"days": ["1999-01-01"]}))
    store.jobs.fire("nightly", datetime(2026, 11, 21, 1, tzinfo=UTC))
    store.jobs.skip("nightly", datetime(2026, 11, 20, 1, tzinfo=UTC), "too old")
    assert store.jobs.claim("w") is not None
    store.outbox.enqueue([NewNotice("f", "mail", "raised", {"grade": "red"})])
    store.audit.append("user", "finding.close", "finding 1", {"reason": "已处理"})
    store.catalogues.remember("telecom 1+0", '{"feeds": {}}')


def _content(store: Store) -> list[object]:
    files = range(1, 1_000)
    return [
        store.id, store.manifest.head(), store.manifest.snapshot(), store.manifest.files(files), store.ledger.loads(),
        store.ledger.arrivals(), store.jobs.jobs(["waiting", "running", "done", "dead"]), store.outbox.notices(),
        store.jobs.last_fired("nightly"), store.audit.entries(), store.audit.head(), store.catalogues.versions(),
        store.catalogues.get("telecom 1+0"), store.check(),
    ]  # fmt: skip


def _target(empty_url: str) -> str:
    return empty_url.replace("store.sqlite", "restored.sqlite")


def test_a_backup_restores_to_the_same_content_on_either_database(
    store: Store, empty_url: str, opened: Opener, tmp_path: Path
) -> None:
    _fill(store)
    store.backup(tmp_path / "copy.backup")
    restore_backup(tmp_path / "copy.backup", _target(empty_url))
    restored = opened(_target(empty_url))
    assert _content(restored) == _content(store)
    assert restored.manifest.commit(Change("load", (a_file("rows/calls", "more"),))) == 4


def test_backups_taken_while_others_write_are_whole_states(
    processes: list[Remote], url: str, opened: Opener, tmp_path: Path
) -> None:
    store = opened(url)
    _fill(store)
    begun = store.manifest.head()
    writer = processes[0].do("fork_off", url, ["acknowledge", "more", 10_000, 0.03])
    assert processes[0].hear() == 0
    heads = []
    rounds = ROUNDS[url.partition(":")[0]]
    for n in range(rounds):
        store.backup(tmp_path / f"{n}.backup")
        url = f"sqlite:///{tmp_path}/{n}.sqlite"
        restore_backup(tmp_path / f"{n}.backup", url)
        restored = opened(url)
        heads.append(restored.manifest.head())
        more = [file for file in restored.manifest.snapshot().files if file.table == "rows/calls"]
        # One commit of the writer adds one file: a state with k commits has exactly the files 0 to k - 1.
        assert sorted(file.rows for file in more) == list(range(heads[-1] - begun))
        assert restored.audit.head().number == len(restored.audit.entries(limit=100_000))
        assert [issue for issue in restored.check() if issue.severity == "error"] == []
        restored.close()
    processes[0].end(writer, kill=True)
    assert heads == sorted(heads)
    assert len(set(heads)) > rounds // 3, "the writer stood still"


def test_a_backup_never_replaces_a_file(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "copy.backup"
    path.write_text("mine")
    with pytest.raises(InputError) as caught:
        store.backup(path)
    assert caught.value.issues[0].code == "STO010"
    assert path.read_text() == "mine"


def test_a_backup_into_a_missing_folder_says_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        store.backup(tmp_path / "none" / "copy.backup")
    assert caught.value.issue.code == "STO007"


def test_a_restore_into_a_store_with_content_is_refused(store: Store, url: str, tmp_path: Path) -> None:
    _fill(store)
    store.backup(tmp_path / "copy.backup")
    before = _content(store)
    with pytest.raises(InputError) as caught:
        restore_backup(tmp_path / "copy.backup", url)
    assert caught.value.issues[0].code == "STO010"
    assert _content(store) == before


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


def _drop_a_row(data: bytes) -> bytes:
    """A dump that unpacks well but lacks a line."""
    lines = gzip.decompress(data).splitlines(keepends=True)
    return gzip.compress(b"".join(lines[:5] + lines[6:]))


def _other(data: bytes) -> bytes:
    return gzip.compress(b'{"product": "other"}\n{"end": {}, "sha256": ""}\n')


@pytest.mark.parametrize("damage", [_cut, _flip, _drop_a_row, _other, lambda _: b"", lambda _: b"<html>"])
def test_a_damaged_dump_is_refused_before_anything_is_written(
    postgres_url: str, opened: Opener, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    _fill(opened(postgres_url))
    opened(postgres_url).backup(tmp_path / "copy.backup")
    (tmp_path / "bad.backup").write_bytes(damage((tmp_path / "copy.backup").read_bytes()))
    with pytest.raises(InputError) as caught:
        restore_backup(tmp_path / "bad.backup", f"sqlite:///{tmp_path}/restored.sqlite")
    assert caught.value.issues[0].code == "STO011"
    assert not list(tmp_path.glob("*restored*"))


def test_a_damaged_or_foreign_sqlite_backup_is_refused(sqlite_url: str, opened: Opener, tmp_path: Path) -> None:
    _fill(opened(sqlite_url))
    opened(sqlite_url).backup(tmp_path / "copy.backup")
    data = (tmp_path / "copy.backup").read_bytes()
    (tmp_path / "cut.backup").write_bytes(data[: len(data) // 4096 // 2 * 4096])
    (tmp_path / "spoilt.backup").write_bytes(data[:4096] + b"\xa5" * 8192 + data[12288:])
    foreign = sqlite_driver().connect(str(tmp_path / "foreign.backup"))
    foreign.execute("CREATE TABLE t (x)")
    foreign.commit()
    foreign.close()
    for name in ("cut", "spoilt", "foreign", "absent"):
        with pytest.raises(InputError) as caught:
            restore_backup(tmp_path / f"{name}.backup", f"sqlite:///{tmp_path}/restored.sqlite")
        assert caught.value.issues[0].code == "STO011", name
    assert not list(tmp_path.glob("*restored*"))


def test_a_backup_of_a_newer_program_is_refused(store: Store, tmp_path: Path) -> None:
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    if not store.database.postgres:
        store.backup(tmp_path / "copy.backup")
        with pytest.raises(EngineError) as caught:
            restore_backup(tmp_path / "copy.backup", f"sqlite:///{tmp_path}/restored.sqlite")
    else:
        with pytest.raises(EngineError) as caught:
            store.backup(tmp_path / "copy.backup")
    assert caught.value.issue.code == "STO001"
