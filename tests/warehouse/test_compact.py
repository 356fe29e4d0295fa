"""Compaction: fewer files, the same rows, the same lineage."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ganzhi.base.errors import InternalError
from ganzhi.measure import refresh as measured
from ganzhi.store.backup import restore_backup
from ganzhi.store.manifest import Change, ConflictError, Merge
from ganzhi.warehouse.backup import backup, restore
from ganzhi.warehouse.compact import compact
from ganzhi.warehouse.locks import REFRESH_LOCK, feed_lock
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.conftest import ROOT
from tests.warehouse.conftest import KILLED, run_child, start_child
from tests.warehouse.place import DAYS, counts, is_stale, load, open_place, read_rows, refresh, write_rows

ROWS = "rows/calls"


def five_loads(place: Workplace, day: str = DAYS[0]) -> None:
    for n in range(5):
        load(place, day, 10 + n, f"{day}-{n}")


def test_many_small_files_of_a_day_become_one_with_the_same_rows(place: Workplace) -> None:
    five_loads(place)
    before = read_rows(place, place.store.manifest.snapshot().table(ROWS))
    report = compact(place, ROWS)
    assert (report.days, report.before, report.after) == ((DAYS[0],), 5, 1)
    (merged,) = place.store.manifest.snapshot().table(ROWS)
    assert read_rows(place, (merged,)) == before
    assert merged.rows == 60


def test_the_merged_rows_are_sorted_by_unit_and_time(place: Workplace) -> None:
    five_loads(place)
    compact(place, ROWS)
    (merged,) = place.store.manifest.snapshot().table(ROWS)
    rows = pq.read_table(place.files.path(merged)).select(["unit", "at"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["unit"], row["at"]))


def test_states_stay_fresh_and_their_rows_can_still_be_read(place: Workplace) -> None:
    five_loads(place)
    refresh(place, DAYS[0])
    (state,) = place.store.manifest.snapshot().table("day/calls/add")
    compact(place, ROWS)
    sweep(place, grace_s=0)
    snapshot = place.store.manifest.snapshot()
    assert snapshot.table("day/calls/add")[0].id == state.id
    assert not is_stale(snapshot, DAYS[0])
    assert counts(place, snapshot)[DAYS[0]] == (60, 60)


def test_a_day_that_waits_for_a_refresh_is_left_as_it_is(place: Workplace) -> None:
    """Merged, the state would look as if it had counted the late rows."""
    five_loads(place)
    refresh(place, DAYS[0])
    load(place, DAYS[0], 3, "late")
    report = compact(place, ROWS)
    assert (report.days, report.waiting) == ((), (DAYS[0],))
    snapshot = place.store.manifest.snapshot()
    assert is_stale(snapshot, DAYS[0])
    assert counts(place, snapshot)[DAYS[0]] == (60, 60)
    refresh(place, DAYS[0])
    assert compact(place, ROWS).days == (DAYS[0],)
    assert counts(place, place.store.manifest.snapshot())[DAYS[0]] == (63, 63)


def test_a_late_load_after_compaction_makes_the_day_stale(place: Workplace) -> None:
    five_loads(place)
    refresh(place, DAYS[0])
    compact(place, ROWS)
    load(place, DAYS[0], 3, "late")
    assert is_stale(place.store.manifest.snapshot(), DAYS[0])
    refresh(place, DAYS[0])
    assert counts(place, place.store.manifest.snapshot())[DAYS[0]] == (63, 63)


def test_few_or_large_files_stay_as_they_are(place: Workplace) -> None:
    five_loads(place)
    assert compact(place, ROWS, at_least_files=6).days == ()
    assert compact(place, ROWS, up_to_bytes=10).days == ()
    load(place, DAYS[1], 3, "alone")
    assert compact(place, ROWS, at_least_files=1).days == (DAYS[0],)
    assert len(place.store.manifest.snapshot().table(ROWS, {DAYS[1]})) == 1


def test_a_second_compaction_finds_nothing_to_do(place: Workplace) -> None:
    five_loads(place)
    compact(place, ROWS)
    head = place.store.manifest.head()
    assert compact(place, ROWS).days == ()
    assert place.store.manifest.head() == head


def test_a_reader_that_holds_the_old_state_reads_on(place: Workplace) -> None:
    five_loads(place)
    held = place.store.manifest.snapshot()
    compact(place, ROWS)
    sweep(place, grace_s=3600)
    assert len(read_rows(place, held.table(ROWS))) == 60


def test_the_store_refuses_a_merge_that_would_hide_rows_from_a_state(place: Workplace) -> None:
    """The state knows two of three files: the decision does not rest on compaction's own look."""
    for n in range(2):
        load(place, DAYS[0], 10, f"t{n}")
    refresh(place, DAYS[0])
    load(place, DAYS[0], 10, "late")
    ids = tuple(file.id for file in place.store.manifest.snapshot().table(ROWS))
    merged = write_rows(place, DAYS[0], 30, "merged")
    head = place.store.manifest.head()
    with pytest.raises(ConflictError):
        place.store.manifest.commit(
            Change(kind="compact", add=(merged,), retire=ids, merges=(Merge(merged.path, ids),))
        )
    assert place.store.manifest.head() == head
    assert counts(place, place.store.manifest.snapshot())[DAYS[0]] == (20, 20)


def test_the_store_refuses_a_merge_of_files_that_stay(place: Workplace) -> None:
    load(place, DAYS[0], 10, "a")
    ids = tuple(file.id for file in place.store.manifest.snapshot().table(ROWS))
    merged = write_rows(place, DAYS[0], 10, "merged")
    with pytest.raises(InternalError):
        place.store.manifest.commit(Change(kind="compact", add=(merged,), merges=(Merge(merged.path, ids),)))


@pytest.mark.parametrize(
    "point", ["compact.before_commit", "files.after_rename", "store.within_commit", "store.after_commit"]
)
def test_a_killed_compaction_changes_no_row_and_can_be_repeated(tmp_path: Path, point: str) -> None:
    root = tmp_path / "w"
    place = open_place(root)
    five_loads(place)
    refresh(place, DAYS[0])
    before = read_rows(place, place.store.manifest.snapshot().table(ROWS))
    assert run_child("compact", str(root), failpoint=point) == KILLED
    for _ in range(2):
        sweep(place, grace_s=0)
        snapshot = place.store.manifest.snapshot()
        assert read_rows(place, snapshot.table(ROWS)) == before
        assert counts(place, snapshot)[DAYS[0]] == (60, 60)
        compact(place, ROWS)
    assert len(place.store.manifest.snapshot().table(ROWS)) == 1
    place.store.close()


def test_bounds_of_the_merged_file_span_those_of_its_parts(place: Workplace) -> None:
    bounds = (('["a", "7"]', '["b", "9"]'), ('["A", "8"]', '["z", "80"]'))
    files = [replace(write_rows(place, DAYS[0], 5, low), key_min=low, key_max=high) for low, high in bounds]
    place.store.manifest.commit(Change(kind="load", add=tuple(files)))
    compact(place, ROWS, at_least_files=2)
    (merged,) = place.store.manifest.snapshot().table(ROWS)
    assert (merged.key_min, merged.key_max) == ('["A", "7"]', '["z", "9"]')


def test_bounds_are_unknown_when_one_of_them_is(place: Workplace) -> None:
    files = [replace(write_rows(place, DAYS[0], 5, tag), key_min=tag, key_max=None) for tag in ('["a"]', "b")]
    place.store.manifest.commit(Change(kind="load", add=tuple(files)))
    compact(place, ROWS, at_least_files=2)
    (merged,) = place.store.manifest.snapshot().table(ROWS)
    assert (merged.key_min, merged.key_max) == (None, None)


@pytest.mark.parametrize("name", [REFRESH_LOCK, feed_lock("calls")])
def test_compaction_leaves_alone_what_others_are_at_work_on(place: Workplace, name: str) -> None:
    five_loads(place)
    five_loads(place, DAYS[1])
    with start_child("hold", str(place.root), name) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        report = compact(place, ROWS, wait_s=0.1)
        process.kill()
    assert time.monotonic() - began < 5
    assert (report.days, report.left) == ((), DAYS[:2])
    assert compact(place, ROWS).days == DAYS[:2]


def test_loads_and_refreshes_hold_the_locks_that_compaction_waits_for() -> None:
    load_source = (ROOT / "src" / "ganzhi" / "ingest" / "load.py").read_text(encoding="utf-8")
    assert measured.LOCK == REFRESH_LOCK
    assert 'f"feed-{self._job.feed_code}"' in load_source or "feed_lock(self._job.feed_code)" in load_source


def test_upkeep_works_with_a_store_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    place = open_place(tmp_path / "w", store_url=postgres_url)
    five_loads(place)
    refresh(place, DAYS[0])
    before = read_rows(place, place.store.manifest.snapshot().table(ROWS))
    compact(place, ROWS)
    sweep(place, grace_s=0)
    snapshot = place.store.manifest.snapshot()
    assert len(snapshot.table(ROWS)) == 1
    assert read_rows(place, snapshot.table(ROWS)) == before
    assert counts(place, snapshot)[DAYS[0]] == (60, 60)
    assert not is_stale(snapshot, DAYS[0])
    backup(place, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "r", lambda copy: restore_backup(copy, f"sqlite:///{tmp_path}/r/store.sqlite"))
    restored = open_place(tmp_path / "r")
    assert restored.store.manifest.snapshot() == snapshot
    assert counts(restored, snapshot)[DAYS[0]] == (60, 60)
    restored.store.close()
    place.store.close()


def test_only_rows_and_quarantine_are_compacted(place: Workplace) -> None:
    with pytest.raises(InternalError):
        compact(place, "day/calls/add")
