"""What `doctor` finds, and that a healthy workspace gets no finding."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import Issue
from ganzhi.base.messages import LANGS, placeholders, render
from ganzhi.store.database import sqlite_driver
from ganzhi.store.jobs import NewJob
from ganzhi.store.manifest import Change
from ganzhi.warehouse.doctor import doctor, file_system_of, least_versions, old_libraries
from ganzhi.warehouse.duckdb.serving import CACHE_FOLDER
from ganzhi.warehouse.workplace import Workplace
from tests.warehouse.conftest import start_child
from tests.warehouse.place import DAYS, load, open_place, refresh, write_rows


@pytest.fixture
def healthy(place: Workplace) -> Workplace:
    """One day loaded and refreshed; nobody else may look in."""
    load(place, DAYS[0], 10, "a")
    refresh(place, DAYS[0])
    place.root.chmod(0o700)
    return place


def found(place: Workplace, *, deep: bool = False) -> dict[str, Issue]:
    """Findings by code, without what depends on this machine's disk and SQLite."""
    issues = doctor(place, deep=deep)
    for issue in issues:
        for lang in LANGS:
            assert not placeholders(render(lang, issue))
    return {issue.code: issue for issue in issues if issue.code not in ("WHS033", "WHS034", "STO008")}


def test_a_healthy_workspace_has_no_finding(healthy: Workplace) -> None:
    assert found(healthy, deep=True) == {}


def test_names_lost_and_cut_files(healthy: Workplace) -> None:
    rows, state = sorted(healthy.store.manifest.snapshot().files, key=lambda f: f.table, reverse=True)
    healthy.files.path(rows).unlink()
    path = healthy.files.path(state)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    issues = found(healthy)
    assert issues["WHS003"].subject == rows.path
    assert issues["WHS004"].subject == state.path


def test_a_changed_byte_is_found_by_the_deep_look_only(healthy: Workplace) -> None:
    path = healthy.files.path(healthy.store.manifest.snapshot().files[0])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.chmod(0o600)
    path.write_bytes(content)
    assert found(healthy) == {}
    assert list(found(healthy, deep=True)) == ["WHS004"]


def test_rows_behind_a_state_count_as_needed(healthy: Workplace) -> None:
    (rows,) = healthy.store.manifest.snapshot().table("rows/calls")
    healthy.store.manifest.commit(Change(kind="load", add=(write_rows(healthy, DAYS[0], 3, "b"),), retire=(rows.id,)))
    healthy.files.path(rows).unlink()
    assert found(healthy)["WHS003"].subject == rows.path


def test_old_strays_are_counted_and_young_ones_are_not(healthy: Workplace) -> None:
    stray = healthy.files.path(write_rows(healthy, DAYS[1], 10, "stray"))
    assert found(healthy) == {}
    os.utime(stray, (1e9, 1e9))
    assert found(healthy)["WHS030"].params["count"] == "1"


def test_a_suspended_lock_holder_is_an_error_and_an_old_one_a_warning(healthy: Workplace) -> None:
    with start_child("hold", str(healthy.root), "feed-calls") as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert found(healthy) == {}
        tomorrow = open_place(healthy.root, FixedClock(datetime.now(UTC) + timedelta(hours=7)))
        old = found(tomorrow)["WHS032"]
        os.kill(process.pid, signal.SIGSTOP)
        stopped = found(healthy)["WHS031"]
        process.kill()
    assert (old.severity, old.subject) == ("warning", "feed-calls")
    assert (stopped.severity, stopped.params["pid"]) == ("error", str(process.pid))


def test_a_full_disk_is_announced_below_15_percent(healthy: Workplace, tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.system(f"mount -t tmpfs -o size=8m tmpfs {disk} 2>/dev/null"):
        pytest.skip("a small disk cannot be mounted here")
    try:
        place = open_place(disk / "w")
        assert "WHS033" not in {issue.code for issue in doctor(place)}
        (disk / "ballast").write_bytes(b"\0" * int(6.9 * 2**20))
        issues = {issue.code: issue for issue in doctor(place)}
        assert issues["WHS033"].severity == "warning"
        assert int(issues["WHS033"].params["percent"]) < 15
        place.store.close()
    finally:
        os.system(f"umount {disk}")


MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:5 / /proc rw - proc proc rw
40 22 0:40 / /srv/share rw,relatime shared:1 - nfs4 host:/share rw
41 40 0:41 / /srv/share/with\\040space rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv/share/w", "nfs4"), ("/srv/shared", "ext4"), ("/srv/share/with space/w", "tmpfs"), ("/", "ext4")],
)
def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert file_system_of(Path(path), tmp_path / "mountinfo") == kind


def test_an_unknown_file_system_is_no_finding(tmp_path: Path) -> None:
    assert file_system_of(Path("/"), tmp_path / "absent") == ""


def test_a_cache_that_does_not_open_is_a_warning(healthy: Workplace) -> None:
    folder = healthy.files.root / CACHE_FOLDER
    folder.mkdir()
    (folder / "serving-x.duckdb").write_bytes(b"not a cache")
    assert found(healthy)["WHS035"].subject == "serving-x.duckdb"


@pytest.fixture
def open_to_all(healthy: Workplace) -> Workplace:
    healthy.root.chmod(0o755)
    return healthy


def test_data_open_to_everybody_is_named(open_to_all: Workplace) -> None:
    for path in open_to_all.root.glob("store.sqlite*"):
        path.chmod(0o600)
    (open_to_all.root / "locks").mkdir(mode=0o750, exist_ok=True)
    assert found(open_to_all) == {}
    (open_to_all.root / "store.sqlite").chmod(0o644)
    assert found(open_to_all)["WHS037"].subject == "store.sqlite"
    (open_to_all.files.root / "data").chmod(0o777)
    issues = found(open_to_all)
    assert issues["WHS036"].subject == "warehouse/data"
    assert issues["WHS036"].severity == "error"
    open_to_all.root.chmod(0o700)
    assert found(open_to_all) == {}


def test_a_clock_that_was_set_back_is_found(healthy: Workplace) -> None:
    yesterday = open_place(healthy.root, FixedClock(datetime.now(UTC) - timedelta(days=1)))
    assert found(yesterday)["WHS038"].severity == "error"


def test_a_library_that_is_too_old_is_found() -> None:
    wanted = ["duckdb>=99", "pyarrow>=1", "absent-library>=1", "ruff>=999; extra == 'dev'"]
    (issue,) = old_libraries(wanted)
    assert (issue.code, issue.subject, issue.params["least"]) == ("WHS039", "duckdb", "99")


def test_least_versions_are_read_from_requirements() -> None:
    wanted = ["duckdb<2.1,>=2.0", "pyarrow>=26", "x; python_version > '3'", "dev>=1; extra == 'dev'"]
    assert list(least_versions(wanted)) == [("duckdb", "2.0"), ("pyarrow", "26")]


def test_the_stores_own_findings_are_among_them(healthy: Workplace) -> None:
    healthy.store.jobs.enqueue(NewJob("refresh", "calls"))
    with closing(sqlite_driver().connect(healthy.root / "store.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE jobs SET state = 'dead'")
    assert found(healthy)["STO013"].subject == "refresh"
