"""Backups: taken while others work, checked by hash, restored whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.store.backup import restore_backup
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from ganzhi.warehouse.backup import backup, read_index, restore, verify
from ganzhi.warehouse.doctor import doctor
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.warehouse.conftest import KILLED, run_child, start_child
from tests.warehouse.place import DAYS, counts, data_files, load, open_place, read_rows, refresh, write_rows


@pytest.fixture
def filled(place: Workplace) -> Workplace:
    """Two days loaded and refreshed, settings and an overlay file."""
    (place.root / "ganzhi.toml").write_text("[workspace]\n", encoding="utf-8")
    (place.root / "catalogue" / "more").mkdir(parents=True)
    (place.root / "catalogue" / "more" / "x.yaml").write_text("feeds: {}\n", encoding="utf-8")
    for day in DAYS[:2]:
        for n in range(2):
            load(place, day, 10, f"{day}-{n}")
        refresh(place, day)
    return place


def into_sqlite(folder: Path) -> Callable[[Path], None]:
    return lambda copy: restore_backup(copy, f"sqlite:///{folder / 'store.sqlite'}")


def content(place: Workplace) -> tuple[object, ...]:
    """Everything a restored workspace must have in common with the one it was made of."""
    snapshot = place.store.manifest.snapshot()
    ledger = sorted((load.id, load.file, load.accepted) for load in place.store.ledger.loads(limit=1000))
    return snapshot, read_rows(place, snapshot.table("rows/calls")), counts(place, snapshot), ledger


def test_a_restored_workspace_equals_the_one_backed_up(filled: Workplace, tmp_path: Path) -> None:
    report = backup(filled, tmp_path / "b")
    assert verify(tmp_path / "b") == []
    restored_report = restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert content(restored) == content(filled)
    assert restored.store.id == filled.store.id
    assert (tmp_path / "r" / "ganzhi.toml").read_text() == "[workspace]\n"
    assert (tmp_path / "r" / "catalogue" / "more" / "x.yaml").read_text() == "feeds: {}\n"
    assert [issue for issue in doctor(restored, deep=True) if issue.severity == "error"] == []
    assert restored_report.entries == report.entries
    restored.store.close()


def test_a_restored_workspace_can_be_loaded_and_swept(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    load(restored, DAYS[0], 5, "after")
    refresh(restored, DAYS[0])
    sweep(restored, grace_s=0)
    assert counts(restored, restored.store.manifest.snapshot())[DAYS[0]] == (25, 25)
    assert counts(filled, filled.store.manifest.snapshot())[DAYS[0]] == (20, 20)
    restored.store.close()


def test_rows_behind_a_number_that_were_superseded_are_in_the_backup(filled: Workplace, tmp_path: Path) -> None:
    refreshed = filled.store.manifest.snapshot()
    old = tuple(f.id for f in refreshed.table("rows/calls", {DAYS[0]}))
    filled.store.manifest.commit(Change(kind="load", add=(write_rows(filled, DAYS[0], 3, "fixed"),), retire=old))
    backup(filled, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert counts(restored, restored.store.manifest.snapshot())[DAYS[0]] == (20, 20)
    restored.store.close()


class BusyStore(Store):
    """A store into which others commit just before and just after its copy is taken."""

    def backup(self, to_file: Path) -> None:
        place = open_place(to_file.parents[3] / "w")
        load(place, DAYS[2], 8, "before the copy")
        refresh(place, DAYS[2])
        super().backup(to_file)
        self.audit.append("test", "copied", "store")
        purged = [file.id for file in place.store.manifest.snapshot().files if file.partition in DAYS[:2]]
        place.store.manifest.commit(Change(kind="purge", retire=tuple(purged)))
        place.store.close()


def test_commits_just_before_and_after_the_stores_copy_do_no_harm(filled: Workplace, tmp_path: Path) -> None:
    busy = BusyStore(**{field.name: getattr(filled.store, field.name) for field in fields(filled.store)})
    backup(replace(filled, store=busy), tmp_path / "b")
    assert {file.partition for file in filled.store.manifest.snapshot().files} == {DAYS[2]}
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert counts(restored, restored.store.manifest.snapshot()) == dict(
        zip(DAYS, [(20, 20), (20, 20), (8, 8)], strict=True)
    )
    restored.store.close()


@pytest.mark.slow
def test_backups_taken_while_loads_run_restore_to_a_whole_state(place: Workplace, tmp_path: Path) -> None:
    loaders = [start_child("loads", str(place.root), day, "12") for day in DAYS[:2]]
    taken = 0
    while any(loader.poll() is None for loader in loaders):
        backup(place, tmp_path / f"b{taken}")
        taken += 1
    for loader in loaders:
        loader.communicate(timeout=60)
    assert taken >= 3
    for number in range(taken):
        target = tmp_path / f"r{number}"
        restore(tmp_path / f"b{number}", target, into_sqlite(target))
        restored = open_place(target)
        snapshot = restored.store.manifest.snapshot()
        assert all(said == behind for said, behind in counts(restored, snapshot).values())
        accepted = sum(record.accepted for record in restored.store.ledger.loads(limit=1000))
        assert len(read_rows(restored, snapshot.table("rows/calls"))) == accepted
        assert not [issue for issue in doctor(restored, deep=True) if issue.severity == "error"]
        restored.store.close()


def test_a_second_backup_into_the_same_folder_adds_what_is_missing(filled: Workplace, tmp_path: Path) -> None:
    first = backup(filled, tmp_path / "b")
    load(filled, DAYS[2], 5, "later")
    second = backup(filled, tmp_path / "b")
    assert (first.added, second.added) == (6, 1)
    assert len(list((tmp_path / "b" / "sets").iterdir())) == 1
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert content(restored) == content(filled)
    restored.store.close()


def test_what_is_swept_from_the_workspace_stays_in_the_backup(filled: Workplace, tmp_path: Path) -> None:
    before = content(filled)
    backup(filled, tmp_path / "b")
    for path in (filled.files.root / "data").rglob("*.parquet"):
        path.unlink()
    assert verify(tmp_path / "b") == []
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert content(restored) == before
    restored.store.close()


@pytest.mark.parametrize("point", ["backup.after_store", "backup.after_files", "store.before_backup_rename"])
def test_a_killed_backup_is_no_backup_and_can_be_made_again(filled: Workplace, tmp_path: Path, point: str) -> None:
    assert run_child("backup", str(filled.root), str(tmp_path / "b"), failpoint=point) == KILLED
    with pytest.raises(InputError) as caught:
        read_index(tmp_path / "b")
    assert caught.value.issues[0].code == "WHS021"
    backup(filled, tmp_path / "b")
    assert verify(tmp_path / "b") == []
    assert len(list((tmp_path / "b" / "sets").iterdir())) == 1


def test_a_killed_second_backup_leaves_the_first_usable(filled: Workplace, tmp_path: Path) -> None:
    before = content(filled)
    backup(filled, tmp_path / "b")
    load(filled, DAYS[2], 5, "later")
    assert run_child("backup", str(filled.root), str(tmp_path / "b"), failpoint="backup.after_files") == KILLED
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert content(restored) == before
    restored.store.close()


def test_a_backup_killed_after_its_index_is_the_new_one(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    load(filled, DAYS[2], 5, "later")
    assert run_child("backup", str(filled.root), str(tmp_path / "b"), failpoint="backup.after_index") == KILLED
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert content(restored) == content(filled)
    restored.store.close()


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(content)


def test_one_changed_byte_anywhere_is_found_and_nothing_is_restored(filled: Workplace, tmp_path: Path) -> None:
    report = backup(filled, tmp_path / "b")
    for entry in report.entries:
        broken = tmp_path / "broken"
        shutil.copytree(tmp_path / "b", broken)
        _flip(broken / entry.path)
        assert [(issue.code, issue.subject) for issue in verify(broken)] == [("WHS024", entry.path)]
        with pytest.raises(InputError):
            restore(broken, tmp_path / "r", into_sqlite(tmp_path / "r"))
        assert not (tmp_path / "r").exists()
        shutil.rmtree(broken)


def test_all_missing_files_are_named_at_once(filled: Workplace, tmp_path: Path) -> None:
    report = backup(filled, tmp_path / "b")
    gone = [entry.path for entry in report.entries[:3]]
    for path in gone:
        (tmp_path / "b" / path).unlink()
    with pytest.raises(InputError) as caught:
        restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    assert [(issue.code, issue.subject) for issue in caught.value.issues] == [("WHS023", path) for path in gone]


def test_restores_only_into_an_empty_place(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "mine.txt").write_text("mine")
    with pytest.raises(InputError) as caught:
        restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    assert caught.value.issues[0].code == "WHS020"
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["mine.txt"]


def test_backs_up_neither_over_other_files_nor_into_itself(filled: Workplace, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("mine")
    for folder, code in ((tmp_path / "b", "WHS020"), (filled.root / "backups", "WHS025"), (filled.root, "WHS025")):
        with pytest.raises(InputError) as caught:
            backup(filled, folder)
        assert caught.value.issues[0].code == code
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["mine.txt"]


def test_a_restore_that_fails_leaves_the_place_empty(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")

    def fail(_copy: Path) -> None:
        raise EngineError(Issue("STO004", "store"))

    with pytest.raises(EngineError):
        restore(tmp_path / "b", tmp_path / "r", fail)
    assert list((tmp_path / "r").iterdir()) == []
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))


@pytest.mark.parametrize("point", ["restore.before_store", "store.before_backup_rename"])
def test_a_killed_restore_is_no_workspace_and_can_be_repeated(filled: Workplace, tmp_path: Path, point: str) -> None:
    backup(filled, tmp_path / "b")
    assert run_child("restore", str(tmp_path / "b"), str(tmp_path / "r"), failpoint=point) == KILLED
    assert not (tmp_path / "r" / "ganzhi.toml").exists()
    restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    restored = open_place(tmp_path / "r")
    assert content(restored) == content(filled)
    restored.store.close()


def test_a_restore_killed_at_the_last_step_is_no_workspace_and_is_never_emptied(
    filled: Workplace, tmp_path: Path
) -> None:
    backup(filled, tmp_path / "b")
    killed = run_child("restore", str(tmp_path / "b"), str(tmp_path / "r"), failpoint="restore.before_settings")
    assert killed == KILLED
    assert not (tmp_path / "r" / "ganzhi.toml").exists()
    with pytest.raises(InputError):
        restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))


def test_a_backup_of_a_newer_format_is_refused(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    index = tmp_path / "b" / "backup.json"
    index.write_text(index.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InputError) as caught:
        restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    assert caught.value.issues[0].code == "WHS022"


def test_an_index_that_points_elsewhere_writes_nothing_there(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    index = tmp_path / "b" / "backup.json"
    index.write_text(index.read_text().replace('"target": "catalogue/more/x.yaml"', '"target": "../escaped.yaml"'))
    with pytest.raises(InputError):
        restore(tmp_path / "b", tmp_path / "r", into_sqlite(tmp_path / "r"))
    assert not (tmp_path / "escaped.yaml").exists()


def test_only_the_owner_may_look_into_a_backup(filled: Workplace, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0


def test_a_lost_file_stops_a_backup_and_is_named(filled: Workplace, tmp_path: Path) -> None:
    lost = min(data_files(filled))
    (filled.files.root / lost).unlink()
    with pytest.raises(EngineError) as caught:
        backup(filled, tmp_path / "b")
    assert (caught.value.issue.code, caught.value.issue.subject) == ("WHS003", lost)
