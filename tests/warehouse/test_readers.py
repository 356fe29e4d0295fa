"""Readers in processes of their own see whole states while others load, refresh, compact and sweep."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.warehouse.compact import compact
from ganzhi.warehouse.sweep import sweep
from tests.warehouse.conftest import start_child
from tests.warehouse.place import DAYS, counts, open_place

LOADS = 15


@pytest.mark.slow
def test_readers_during_commits_see_whole_states(tmp_path: Path) -> None:
    """Two loaders make 60 commits, two readers compare each state with the rows behind it."""
    root = tmp_path / "w"
    place = open_place(root)
    loaders = [start_child("loads", str(root), day, str(LOADS)) for day in DAYS[:2]]
    readers = [start_child("read", str(root), "8") for _ in range(2)]
    while any(loader.poll() is None for loader in loaders):
        compact(place, "rows/calls", at_least_files=3)
        sweep(place, grace_s=60)
    loaded = [loader.communicate(timeout=60) for loader in loaders]
    answers = [set(reader.communicate(timeout=60)[0].split("\n")) - {""} for reader in readers]
    assert [process.returncode for process in (*loaders, *readers)] == [0, 0, 0, 0]
    assert [len(out.split()) for out, _ in loaded] == [LOADS, LOADS]
    whole_states = {str(10 * n) for n in range(LOADS + 1)}
    assert all(seen <= whole_states for seen in answers)
    assert all(len(seen) > 2 for seen in answers), "the readers saw too few states to mean anything"
    final = counts(place, place.store.manifest.snapshot())
    assert final == dict.fromkeys(DAYS[:2], (10 * LOADS, 10 * LOADS))
    place.store.close()
