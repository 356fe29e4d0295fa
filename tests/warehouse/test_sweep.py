"""What a sweep removes, and what it must never touch."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.store.manifest import Change
from ganzhi.warehouse.duckdb.session import DuckDBSession
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.staging import Staging
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.warehouse.conftest import KILLED, run_child, start_child
from tests.warehouse.place import (
    DAYS,
    counts,
    data_files,
    load,
    open_place,
    read_rows,
    refresh,
    staging_folders,
    write_rows,
)

HOUR_S = 3600.0


def live(place: Workplace) -> set[str]:
    return {file.path for file in place.store.manifest.snapshot().files}


def replace_rows(place: Workplace, day: str, tag: str) -> None:
    """A correction: all row files of the day give way to one with other rows."""
    old = place.store.manifest.snapshot().table("rows/calls", {day})
    file = write_rows(place, day, 5, tag)
    place.store.manifest.commit(Change(kind="load", add=(file,), retire=tuple(f.id for f in old)))


def later(place: Workplace, hours: float) -> Workplace:
    """The same workspace when the clock has moved on."""
    moved = FixedClock(datetime.now(UTC) + timedelta(hours=hours))
    return open_place(place.root, moved)


def test_what_counts_stays(place: Workplace) -> None:
    load(place, DAYS[0], 10, "a")
    refresh(place, DAYS[0])
    before = data_files(place)
    report = sweep(place, grace_s=0)
    assert (report.retired, report.strays) == (0, 0)
    assert data_files(place) == before == live(place)


def test_a_file_without_manifest_row_goes_after_the_grace_period(place: Workplace) -> None:
    stray = write_rows(place, DAYS[0], 10, "stray")
    assert sweep(place, grace_s=HOUR_S).strays == 0
    assert data_files(place) == {stray.path}
    report = sweep(later(place, 2), grace_s=HOUR_S)
    assert (report.strays, report.freed_bytes) == (1, stray.bytes)
    assert data_files(place) == set()


def test_a_retired_file_stays_for_readers_during_the_grace_period(place: Workplace) -> None:
    load(place, DAYS[0], 10, "a")
    held = place.store.manifest.snapshot()
    replace_rows(place, DAYS[0], "b")
    sweep(place, grace_s=HOUR_S)
    assert len(read_rows(place, held.table("rows/calls"))) == 10
    assert sweep(later(place, 2), grace_s=HOUR_S).retired == 1
    assert data_files(place) == live(place)


def test_rows_behind_a_live_state_stay_however_old(place: Workplace) -> None:
    """A correction came, the refresh has not: the number shown still opens down to its rows."""
    load(place, DAYS[0], 10, "a")
    refresh(place, DAYS[0])
    replace_rows(place, DAYS[0], "b")
    assert sweep(later(place, 999), grace_s=HOUR_S).retired == 0
    assert counts(place, place.store.manifest.snapshot())[DAYS[0]] == (10, 10)
    refresh(place, DAYS[0])
    assert sweep(place, grace_s=0).retired == 2
    assert counts(place, place.store.manifest.snapshot())[DAYS[0]] == (5, 5)
    assert data_files(place) == live(place)


def test_content_that_came_back_is_not_removed_with_its_retired_twin(place: Workplace) -> None:
    load(place, DAYS[0], 10, "a")
    replace_rows(place, DAYS[0], "b")
    again = write_rows(place, DAYS[0], 10, "a")
    (present,) = place.store.manifest.snapshot().table("rows/calls", {DAYS[0]})
    place.store.manifest.commit(Change(kind="load", add=(again,), retire=(present.id,)))
    sweep(later(place, 2), grace_s=HOUR_S)
    assert data_files(place) == {again.path}
    assert len(read_rows(place, place.store.manifest.snapshot().table("rows/calls"))) == 10


def test_a_file_written_again_is_young_again(place: Workplace) -> None:
    """Its first writer was killed long ago; a second one is about to commit the same content."""
    path = place.files.path(write_rows(place, DAYS[0], 10, "a"))
    os.utime(path, (1e9, 1e9))
    write_rows(place, DAYS[0], 10, "a")
    assert sweep(place, grace_s=HOUR_S).strays == 0
    assert path.is_file()


class SuspendedSession(DuckDBSession):
    """Between writing a file and naming it a long time passes."""

    def copy(self, select_sql: str) -> Path:
        path = super().copy(select_sql)
        os.utime(path, (1e9, 1e9))
        return path


def test_the_age_of_a_file_counts_from_the_moment_it_takes_its_name(place: Workplace) -> None:
    with place.engine.loading_session() as session:
        session.__class__ = SuspendedSession
        file = place.files.write(session, "SELECT 1 AS a", "rows/calls", DAYS[0], order_by=None)
    assert sweep(place, grace_s=HOUR_S).strays == 0
    assert place.files.path(file).is_file()


class OvertakenFiles(Files):
    """A writer gives a file its name in the instant before the sweep removes one of that name."""

    @contextmanager
    def placing(self) -> Iterator[None]:
        for path in (self.root / "data").rglob("*.parquet"):
            os.utime(path)
        with super().placing():
            yield


def test_a_file_that_takes_its_name_just_before_its_removal_stays(place: Workplace) -> None:
    load(place, DAYS[0], 10, "a")
    replace_rows(place, DAYS[0], "b")
    stray = place.files.path(write_rows(place, DAYS[1], 10, "stray"))
    for path in (place.files.root / "data").rglob("*.parquet"):
        os.utime(path, (1e9, 1e9))
    report = sweep(replace(place, files=OvertakenFiles(place.files.root)), grace_s=HOUR_S)
    assert (report.strays, report.retired) == (0, 0)
    assert stray.is_file()
    for path in (place.files.root / "data").rglob("*.parquet"):
        os.utime(path, (1e9, 1e9))
    assert sweep(place, grace_s=HOUR_S).strays == 1


def test_nothing_is_taken_from_a_suspended_writer(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 10, "a")
    with start_child("hold", str(place.root), "feed-calls") as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        report = sweep(later(place, 999), grace_s=HOUR_S)
        process.kill()
    assert (report.strays, report.left_for) == (0, ("feed-calls",))
    assert data_files(place) == {file.path}
    assert sweep(later(place, 999), grace_s=HOUR_S).strays == 1


def test_staging_of_a_living_session_stays_and_that_of_a_killed_one_goes(place: Workplace) -> None:
    assert run_child("load", str(place.root), DAYS[0], "9", "a", failpoint="files.after_copy") == KILLED
    assert len(staging_folders(place)) == 1
    with place.engine.loading_session() as session:
        path = session.copy("SELECT 1 AS a")
        assert sweep(later(place, 999), grace_s=HOUR_S).staging == 1
        assert path.is_file()
    assert staging_folders(place) == []


def test_a_folder_that_is_just_being_made_is_not_taken_for_an_abandoned_one(place: Workplace) -> None:
    (place.files.root / "tmp" / "newborn").mkdir(parents=True)
    assert sweep(place, grace_s=HOUR_S).staging == 0
    assert sweep(later(place, 1), grace_s=HOUR_S).staging == 1


@pytest.mark.parametrize("point", ["sweep.after_forget", "sweep.after_unlink"])
def test_a_killed_sweep_can_be_repeated(tmp_path: Path, point: str) -> None:
    root = tmp_path / "w"
    place = open_place(root)
    for tag in ("a", "b", "c"):
        load(place, DAYS[0], 10, tag)
    refresh(place, DAYS[0])
    replace_rows(place, DAYS[0], "d")
    refresh(place, DAYS[0])
    assert run_child("sweep", str(root), failpoint=point) == KILLED
    assert counts(place, place.store.manifest.snapshot())[DAYS[0]] == (5, 5)
    sweep(place, grace_s=0)
    assert data_files(place) == live(place)
    place.store.close()


def test_staging_is_of_no_use_after_close(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    (staging.path / "x").write_text("x")
    staging.close()
    staging.close()
    assert not staging.path.exists()
