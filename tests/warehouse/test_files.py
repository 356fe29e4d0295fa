"""Content-named files: what they are called, when they count, what a kill or a full disk leaves."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ganzhi.base.errors import EngineError, InternalError
from ganzhi.base.messages import LANGS, cause, remedy
from ganzhi.store.manifest import FileRef, NewFile
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.warehouse.conftest import KILLED, run_child
from tests.warehouse.place import DAYS, data_files, load, open_place, read_rows, staging_folders, write_rows


def _ref(file: NewFile) -> FileRef:
    return FileRef(
        1, file.table, file.partition, file.path, file.sha256, file.rows, file.bytes, None, None, None, (), 1, None
    )


def test_a_file_is_named_by_its_content(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    content = place.files.path(file).read_bytes()
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.path == f"data/rows/calls/{DAYS[0]}/{file.sha256[:32]}.parquet"
    assert (file.rows, file.bytes) == (20, len(content))


def test_equal_content_is_one_file_and_other_content_another(place: Workplace) -> None:
    first, again, other = (write_rows(place, DAYS[0], 20, tag) for tag in ("a", "a", "b"))
    assert first == again
    assert data_files(place) == {first.path, other.path}


def test_rows_are_sorted_compressed_and_their_key_range_is_noted(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    units = pq.read_table(place.files.path(file))["unit"].to_pylist()
    assert units == sorted(units)
    assert (file.key_min, file.key_max) == ("u0", "u6")
    assert pq.ParquetFile(place.files.path(file)).metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_schema_is_read_from_the_footer(place: Workplace) -> None:
    file = write_rows(place, DAYS[0], 20, "a")
    assert place.files.schema(_ref(file)).names == ["id", "at", "unit", "amount", "_load", "_line"]


def test_nobody_else_may_read_or_change_a_file(place: Workplace) -> None:
    path = place.files.path(write_rows(place, DAYS[0], 20, "a"))
    assert path.stat().st_mode & 0o777 == 0o440
    folders = [path.parent, path.parents[1], path.parents[2], path.parents[3]]
    assert [folder.stat().st_mode & 0o007 for folder in folders] == [0, 0, 0, 0]


@pytest.mark.parametrize("table", ["../rows", "rows//calls", "rows/calls/..", "Rows/calls", "rows/ca'lls", ""])
def test_refuses_table_names_that_are_not_names(place: Workplace, table: str) -> None:
    with place.engine.loading_session() as session, pytest.raises(InternalError):
        place.files.write(session, "SELECT 1 AS a", table, DAYS[0], order_by=None)


@pytest.mark.parametrize("partition", ["..", "", "2026/01", "*", "a b"])
def test_refuses_partition_names_that_are_not_names(place: Workplace, partition: str) -> None:
    with place.engine.loading_session() as session, pytest.raises(InternalError):
        place.files.write(session, "SELECT 1 AS a", "rows/calls", partition, order_by=None)


def test_refuses_a_manifest_path_outside_the_warehouse_folder(place: Workplace) -> None:
    file = _ref(write_rows(place, DAYS[0], 2, "a"))
    for path in ("../secret.parquet", "/etc/hostname"):
        with pytest.raises(InternalError):
            place.files.path(replace(file, path=path))


def test_a_failing_query_leaves_nothing_behind(place: Workplace) -> None:
    with place.engine.loading_session() as session, pytest.raises(InternalError):
        place.files.write(
            session, "SELECT CAST(i || 'x' AS INTEGER) FROM range(9) t(i)", "rows/calls", DAYS[0], order_by=None
        )
    assert data_files(place) == set()
    assert staging_folders(place) == []


def test_a_closed_session_leaves_no_staging_folder(place: Workplace) -> None:
    write_rows(place, DAYS[0], 20, "a")
    assert staging_folders(place) == []


@pytest.mark.parametrize(
    "point", ["files.after_copy", "files.before_rename", "files.after_rename", "store.before_commit"]
)
def test_a_load_killed_before_its_commit_is_absent_and_can_be_repeated(tmp_path: Path, point: str) -> None:
    root = tmp_path / "w"
    open_place(root).store.close()
    assert run_child("load", str(root), DAYS[0], "50", "a", failpoint=point) == KILLED
    place = open_place(root)
    assert place.store.manifest.snapshot().files == ()
    sweep(place, grace_s=0)
    assert data_files(place) == set()
    assert staging_folders(place) == []
    load(place, DAYS[0], 50, "a")
    assert len(read_rows(place, place.store.manifest.snapshot().table("rows/calls"))) == 50
    place.store.close()


def test_a_load_killed_after_its_commit_is_whole(tmp_path: Path) -> None:
    root = tmp_path / "w"
    open_place(root).store.close()
    assert run_child("load", str(root), DAYS[0], "50", "a", failpoint="store.after_commit") == KILLED
    place = open_place(root)
    sweep(place, grace_s=0)
    assert len(read_rows(place, place.store.manifest.snapshot().table("rows/calls"))) == 50
    place.store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_leaves_nothing_and_passes(small_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "warehouse").symlink_to(small_disk)
    place = open_place(tmp_path / "w")
    load(place, DAYS[0], 100, "small")
    before = data_files(place)
    sql = "SELECT hash(i) AS a, hash(i + 7) AS b FROM range(400000) t(i)"
    with place.engine.loading_session() as session:
        with pytest.raises(EngineError) as caught:
            place.files.write(session, sql, "rows/calls", DAYS[1], order_by=None)
        assert caught.value.issue.code == "WHS001"
        assert caught.value.retryable
        assert all("{" not in say(lang, caught.value.issue) for lang in LANGS for say in (cause, remedy))
        assert data_files(place) == before
        assert (
            place.files.write(session, sql.replace("400000", "4000"), "rows/calls", DAYS[1], order_by=None).rows == 4000
        )
    assert staging_folders(place) == []
    assert len(read_rows(place, place.store.manifest.snapshot().table("rows/calls"))) == 100
    place.store.close()


def test_every_size_of_disk_ends_in_a_whole_load_or_a_named_refusal(small_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "warehouse").symlink_to(small_disk)
    place = open_place(tmp_path / "w")
    outcomes = [_load_with(place, small_disk, free=step * 24_576, tag=f"s{step}") for step in range(16)]
    assert set(outcomes) == {"loaded", "WHS001"}
    assert outcomes[0] == "WHS001"
    assert outcomes[-1] == "loaded"
    stored = place.store.manifest.snapshot().table("rows/calls")
    assert len(read_rows(place, stored)) == 5_000 * outcomes.count("loaded")
    assert data_files(place) == {file.path for file in stored}
    assert staging_folders(place) == []
    place.store.close()


def _load_with(place: Workplace, disk: Path, free: int, tag: str) -> str:
    """Load while the disk has `free` bytes left: `loaded` or the refusal's code."""
    ballast = disk / "ballast"
    left = os.statvfs(disk)
    ballast.write_bytes(b"\0" * max(0, left.f_bavail * left.f_frsize - free))
    try:
        load(place, DAYS[0], 5_000, tag)
        return "loaded"
    except EngineError as error:
        return error.issue.code
    finally:
        ballast.unlink()


PARTS = {"2012-02-28": (3,), "2012-02-29": (), "2012-03-01": (5, 4)}


def _write_parts(place: Workplace, parts: dict[str, tuple[int, ...]]) -> list[NewFile]:
    """Rows of two days in no order, written as one file for each of `parts`."""
    rows = (
        "SELECT CASE i % 2 WHEN 0 THEN DATE '2012-03-01' ELSE DATE '2012-02-28' END AS day, (97 * i) % 50 AS slot, i AS n "
        "FROM range(50) t(i)"
    )
    with place.engine.session({}) as session:
        return list(
            place.files.write_parts(session, rows, "day/calls/add", parts, part="day", order_by=["slot"], plan="p")
        )


def test_one_pass_writes_the_file_of_every_partition_also_of_an_empty_one(place: Workplace) -> None:
    written = _write_parts(place, PARTS)
    assert [(file.partition, file.rows, file.inputs) for file in written] == [
        ("2012-02-28", 25, (3,)),
        ("2012-02-29", 0, ()),
        ("2012-03-01", 25, (4, 5)),
    ]
    for file in written:
        table = pq.read_table(place.files.path(file))
        assert {str(day) for day in table["day"].to_pylist()} <= {file.partition}
        assert table["slot"].to_pylist() == sorted(table["slot"].to_pylist())
        assert file.plan == "p"
        assert file.sha256 == hashlib.sha256(place.files.path(file).read_bytes()).hexdigest()
    numbers = [n for file in written for n in pq.read_table(place.files.path(file))["n"].to_pylist()]
    assert sorted(numbers) == list(range(50)), "every row stands in one file"
    assert staging_folders(place) == []


def test_the_same_rows_give_the_same_files(place: Workplace) -> None:
    assert [file.path for file in _write_parts(place, PARTS)] == [file.path for file in _write_parts(place, PARTS)]


def test_a_row_of_a_partition_nobody_asked_for_is_our_bug(place: Workplace) -> None:
    with pytest.raises(InternalError, match="2012-03-01"):
        _write_parts(place, {"2012-02-28": ()})
    assert data_files(place) == set()
