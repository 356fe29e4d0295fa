"""No input can take the machine down (P25): hostile files in a process of one gigabyte of address space."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganzhi.base.errors import EngineError
from tests.ingest.desk import HEADER, Desk, csv, line

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1 << 30
WITHIN_S = 60
PROGRAM = """
import json, resource, sys
from pathlib import Path
from ganzhi.base.errors import InputError
from tests.ingest.desk import Desk
root, name, mapping = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
desk = Desk(root, memory_mb=256).use(mapping=mapping)
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[4]),) * 2)
try:
    report = desk.load(root / "in" / name)
    found = [report.state, report.accepted, report.rejected]
except InputError as error:
    found = [error.issues[0].code]
# not ru_maxrss: that of a new process begins with its parent's
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps([int(peak.split()[1]) * 1024, found]))
"""


def limited(desk: Desk, content: bytes, mapping: dict[str, object], *, refused: bool) -> list[object]:
    """Load a file in a process of its own: what came of it.

    A file that must be refused has one gigabyte of address space, in which the engine would not
    even start; of any other the memory in use is looked at.
    """
    desk.file("hostile", content)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(desk.root), "hostile", json.dumps(mapping), str(LIMIT if refused else -1)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OPENBLAS_NUM_THREADS": "1"},
        timeout=WITHIN_S * 3,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert time.monotonic() - began < WITHIN_S
    peak, found = json.loads(done.stdout.splitlines()[-1])
    assert peak < LIMIT
    return list(found)


def gz_of(head: bytes, block: bytes, times: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as packed:
        packed.write(head)
        for _ in range(times):
            packed.write(block)
    return out.getvalue()


def xlsx_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


HEAD = HEADER.encode() + b"\n"
ROW = line(1).encode() + b"\n"
EXCEL = {"format": {"kind": "excel"}}
JSONL = {"format": {"kind": "jsonl"}}
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><workbook>&m;</workbook>"
)

CASES = {
    "gz of zeros": (gz_of(HEAD, b"0" * (1 << 20), 1024), {}, ["ING009"]),
    "gz of one endless line": (gz_of(HEAD + ROW, os.urandom(1 << 19).hex().encode(), 60), {}, ["accepted", 1, 1]),
    "gz of noise": (gz_of(HEAD, os.urandom(1 << 16) * 2, 600), {}, ["ING032"]),
    "gz of gz": (gzip.compress(gzip.compress(HEAD + ROW)), {}, ["ING005"]),
    "10,000 columns": (b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b"1," * 9999 + b"1\n", {}, ["ING016"]),
    "a field of 50 MB": (HEAD + ROW + line(2, note="x" * (50 << 20)).encode() + b"\n", {}, ["accepted", 1, 1]),
    "a quoted field of 50 MB": (HEAD + ROW + line(2, note='"' + "x\n" * (25 << 20)).encode(), {}, ["ING032"]),
    "quotes without end": (HEAD + ROW + b'"\n""\n' * 200_000, {}, None),
    "xlsx of zeros": (xlsx_of({"xl/workbook.xml": b"<a/>", "xl/sharedStrings.xml": b"0" * (600 << 20)}), EXCEL, ["ING008"]),
    "xlsx of 100,000 members": (xlsx_of({f"xl/{n}": b"" for n in range(100_000)}), EXCEL, ["ING019"]),
    "xlsx of entities": (
        xlsx_of({"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<R/>", "xl/workbook.xml": ENTITIES}),
        EXCEL,
        ["ING020"],
    ),
    "json of brackets": (b'{"id": ' + b"[" * 500_000 + b"\n", JSONL, None),
    "json of digits": (b'{"id": ' + b"9" * 900_000 + b"}\n", JSONL, None),
    "json of many keys": (b"{" + b",".join(b'"k%d": 1' % n for n in range(50_000)) + b"}\n", JSONL, ["ING016"]),
    "a million blank lines": (HEAD + b"\n" * 1_000_000 + ROW, {}, ["accepted", 1, 0]),
}  # fmt: skip


ENGINE_FIRST = {"a quoted field of 50 MB"}
"""Files that look plain byte by byte, so that the engine's reader is the first to refuse them."""


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_within_bounds(desk: Desk, case: str) -> None:
    content, mapping, expected = CASES[case]
    refused = expected is not None and len(expected) == 1 and case not in ENGINE_FIRST
    found = limited(desk, content, mapping, refused=refused)
    if expected is not None:
        assert found == expected
    assert desk.leftovers() == []


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*)*x"])
def test_a_skip_pattern_cannot_take_forever(desk: Desk, pattern: str) -> None:
    desk.use(mapping={"format": {"skip_lines": [pattern]}})
    began = time.monotonic()
    assert desk.load(csv(line(1, note="a" * 20_000))).accepted == 1
    assert time.monotonic() - began < WITHIN_S


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own whose size can be changed; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=False, capture_output=True
    ).returncode:
        pytest.skip("no right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def resize(folder: Path, kilobytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", folder], check=True)


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("free_kb", [0, 256, 2048])
def test_a_full_disk_leaves_the_load_absent_and_a_later_try_succeeds(
    small_disk: Path, tmp_path: Path, free_kb: int, careful: bool
) -> None:
    desk = Desk(small_disk, store_url=f"sqlite:///{tmp_path / 'store.sqlite'}")
    desk.load(csv(line(1)), "before.csv")
    rows = [line(n, note=os.urandom(40).hex(), amount="1" if n % 10 else "x") for n in range(2, 20_000)]
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(csv(*rows, *([""] if careful else []))))
    before = desk.content()
    used = sum(each.stat().st_blocks for each in small_disk.rglob("*")) // 2
    resize(small_disk, used + free_kb)
    with pytest.raises(EngineError) as caught:
        desk.load(path)
    assert (caught.value.issue.code, caught.value.retryable) == ("WHS001", True)
    assert desk.content() == before
    assert desk.leftovers() == []
    resize(small_disk, 64 << 10)
    report = desk.load(path)
    assert (report.accepted, report.rejected) == (19_998 - 1999, 1999)
    desk.close()
