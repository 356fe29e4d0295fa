"""A refresh whose rows are scanned elsewhere commits the same files, and nothing when that engine fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ganzhi.base.errors import EngineError, Issue
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.clickhouse.engine import ClickHouseEngine, ClickHouseSession
from ganzhi.warehouse.clickhouse.wire import EmbeddedWire
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace
from tests.conformance.world import ZONES, catalogue, rows
from tests.measure.place import make_workplace, put_rows


def place(folder: Path, *, far: bool) -> Workplace:
    made = make_workplace(folder, catalogue(), ZONES[0])
    put_rows(made, "probe", rows(ZONES[0]))
    return replace(made, far=ClickHouseEngine(made.files.root, EmbeddedWire)) if far else made


def committed(workplace: Workplace) -> dict[tuple[str, str], tuple[int, str]]:
    """Every state file by what it says: equal bytes have equal names."""
    files = workplace.store.manifest.snapshot().files
    return {(f.table, f.partition): (f.rows, f.sha256) for f in files if not f.table.startswith("rows/")}


def test_clickhouse_scans_and_the_same_bytes_are_committed(tmp_path: Path) -> None:
    near, far = place(tmp_path / "near", far=False), place(tmp_path / "far", far=True)
    refresh(near)
    refresh(far)
    assert committed(near)
    assert committed(far) == committed(near)


class _Dying(ClickHouseEngine):
    """An engine that goes away after so many statements."""

    left = 1

    def session(self, relations: Mapping[str, Relation]) -> ClickHouseSession:
        session = super().session(relations)
        keep = session._keep

        def dying(name: str, select: str) -> None:
            self.left -= 1
            if self.left < 0:
                raise EngineError(Issue("WHS040", "ClickHouse", params={"detail": ""}), retryable=True)
            keep(name, select)

        session._keep = dying  # type: ignore[method-assign]
        return session


@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_engine_that_goes_away_in_the_middle_leaves_nothing_half_written(tmp_path: Path, after: int) -> None:
    whole = place(tmp_path, far=False)
    dying = _Dying(whole.files.root, EmbeddedWire)
    dying.left = after
    with pytest.raises(EngineError) as gone:
        refresh(replace(whole, far=dying))
    assert gone.value.retryable
    assert committed(whole) == {}
    assert list((whole.files.root / "tmp").iterdir()) == []
    refresh(whole)
    assert committed(whole)
