"""Killed at any moment of an import, nothing is half done; done again, it is as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.measure.build.imports.desk import ImportDesk
from ganzhi.measure.build.imports.tray import MOST_BYTES, Tray, new_upload
from tests.portal.imports.conftest import NOW, Port

ROOT = Path(__file__).resolve().parents[3]
MOMENTS = ("imports.written", "imports.begun", "ingest.before_commit", "ingest.after_commit", "imports.loaded")


def _killed(root: Path, file: Path, moment: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "GANZHI_FAILPOINT": moment}
    command = [sys.executable, "-m", "tests.portal.imports.killed", str(root), str(file)]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=300, check=False)


@pytest.mark.requirement("S002-117")
def test_an_import_killed_at_any_moment_counts_whole_or_not_at_all_and_once(
    make_port: Callable[[], Port], tmp_path: Path
) -> None:
    port = make_port()
    file = tmp_path / "rows.txt"
    file.write_bytes(port.file(*port.rows_of("QAA-K1", 0, 25)))
    whole: list[tuple[str, str]] | None = None
    for n, moment in enumerate(MOMENTS):
        before = port.counted()
        file.write_bytes(port.file(*port.rows_of("QAA-K1", 25 * n, 25 * (n + 1))))
        killed = _killed(port.workspace.root, file, moment)
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-500:]
        whole = port.counted()
        assert len(whole) - len(before) == (25 if moment in ("ingest.after_commit", "imports.loaded") else 0), moment
        desk, waits = ImportDesk(port.workspace.workplace), Tray(port.workspace.root).waiting(NOW)
        upload = (
            waits[0].id
            if waits
            else desk.receive(LOCAL, "calls", "anonymous_bank", "rows.txt", BytesIO(file.read_bytes()))
        )
        desk.commit(LOCAL, upload)
        assert len(port.counted()) == len(before) + 25, moment
    acts = [act for _, act in port.acts() if act.startswith("import.")]
    assert acts.count("import.done") == len(MOMENTS)
    assert acts.count("import.begin") >= len(MOMENTS)
    assert port.workspace.workplace.store.audit.verify() == []


class _Endless(BytesIO):
    """So many bytes, made as they are read."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def read(self, size: int | None = -1, /) -> bytes:
        given = min(self._left, size if size and size > 0 else self._left)
        self._left -= given
        return b"x" * given


def test_a_large_upload_is_kept_without_being_held_and_a_larger_one_leaves_nothing(tmp_path: Path) -> None:
    from ganzhi.base.errors import InputError

    tray = Tray(tmp_path)
    tracemalloc.start()
    try:
        kept = tray.put(new_upload("a", (), "calls", "m", "big.csv", NOW), _Endless(20 << 20))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert kept.size == tray.path(kept).stat().st_size == 20 << 20
    with pytest.raises(InputError) as refused:
        tray.put(new_upload("a", (), "calls", "m", "bigger.csv", NOW), _Endless(MOST_BYTES + 1))
    assert refused.value.issues[0].code == "IMP002"
    assert [each.name for each in (tmp_path / "imports").iterdir()] == [kept.id]
