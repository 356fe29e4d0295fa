"""What a refresh computes, when, and that it leaves nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.errors import InternalError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import RefreshStep, fold, refresh
from ganzhi.measure.states.staleness import MOST_PARTS, feed_state
from ganzhi.store.manifest import Change, ConflictError, Manifest, Snapshot
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import Row, catalogue_with, indicator, make_workplace, put_rows, set_rows

ZONE = ZoneInfo("Asia/Shanghai")
FEW = {
    "n": indicator("n", count={}),
    "talk": indicator("talk", unit="s", mean={"of": "talk_s", "where": "outcome = 'AGENT'"}),
    "p90": indicator("p90", unit="s", percentile={"of": "wait_s", "p": "0.9"}),
    "who": indicator("who", distinct={"of": "customer_id"}),
}


def call(number: int, day: int, **values: object) -> Row:
    """A call of January 1999."""
    return {
        "call_id": f"c{number}",
        "unit": "all",
        "customer_id": str(number % 3),
        "priority": number % 2,
        "call_type": "PS",
        "outcome": "AGENT",
        "agent": f"A{number % 2}",
        "arrived_at": datetime(1999, 1, day, 9, 0, number % 60, tzinfo=ZONE),
        "wait_s": number % 40,
        "talk_s": 100 + number,
        **values,
    }


@pytest.fixture
def workplace(tmp_path: Path, pack: Catalogue) -> Workplace:
    return make_workplace(tmp_path, catalogue_with(pack, FEW))


def state_ids(workplace: Workplace) -> Mapping[str, frozenset[int]]:
    """Ids of the live state files of each day."""
    snapshot = workplace.store.manifest.snapshot()
    state = feed_state(plan_feed(workplace.catalogue, "calls"), snapshot)
    return {day: frozenset(file.id for file in files) for day, files in state.states.items()}


def test_every_day_gets_all_its_states_in_one_commit(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5, 6) for n in range(5)])
    before = workplace.store.manifest.head()
    report = refresh(workplace)
    assert workplace.store.manifest.head() == before + 1 == before + report.commits
    assert report.feeds[0].computed == ("1999-01-04", "1999-01-05", "1999-01-06")
    assert (report.feeds[0].indicators, report.feeds[0].measures) == (4, 7)
    snapshot = workplace.store.manifest.snapshot()
    plan = plan_feed(workplace.catalogue, "calls")
    assert len(plan.tables()) == 8
    for table in (*plan.tables(), *plan.tables_of("total")):
        files = snapshot.table(table)
        assert [file.partition for file in files] == ["1999-01-04", "1999-01-05", "1999-01-06"]
        assert {file.plan for file in files} == {plan.mark(table.partition("/")[0])}
        rows = {file.partition: (file.id,) for file in snapshot.table("rows/calls")}
        assert {file.partition: file.inputs for file in files} == rows


def test_nothing_is_computed_twice(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, 4) for n in range(5)])
    refresh(workplace)
    before = state_ids(workplace)
    report = refresh(workplace)
    assert not report.changed
    assert report.feeds[0].unchanged == 1
    assert state_ids(workplace) == before


def test_a_late_row_adds_a_part_to_its_day_and_touches_no_other(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5) for n in range(5)])
    refresh(workplace)
    before = state_ids(workplace)
    put_rows(workplace, "calls", [call(77, 5)])
    done = refresh(workplace).feeds[0]
    assert (done.computed, done.added, done.rows) == (("1999-01-05",), ("1999-01-05",), 1)
    after = state_ids(workplace)
    assert after["1999-01-04"] == before["1999-01-04"]
    assert after["1999-01-05"] > before["1999-01-05"]


def test_a_corrected_row_recomputes_its_day_whole(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, 5) for n in range(5)])
    refresh(workplace)
    before = state_ids(workplace)
    set_rows(workplace, "calls", [call(n, 5, wait_s=9) for n in range(5)])
    done = refresh(workplace).feeds[0]
    assert (done.computed, done.added, done.rows) == (("1999-01-05",), (), 5)
    assert not state_ids(workplace)["1999-01-05"] & before["1999-01-05"]


def test_many_late_files_are_drawn_together(workplace: Workplace) -> None:
    for n in range(MOST_PARTS + 2):
        put_rows(workplace, "calls", [call(n, 5)])
        refresh(workplace)
    plan = plan_feed(workplace.catalogue, "calls")
    state = feed_state(plan, workplace.store.manifest.snapshot())
    assert 1 < state.parts("1999-01-05") <= MOST_PARTS
    numbers = answer(workplace)
    assert fold(workplace) == 1
    assert feed_state(plan, workplace.store.manifest.snapshot()).parts("1999-01-05") == 1
    assert answer(workplace) == numbers
    assert not refresh(workplace).changed
    assert fold(workplace) == 0


def answer(workplace: Workplace) -> list[object]:
    """The values of every indicator on 5 January 1999."""
    day = date(1999, 1, 5)
    with open_states(workplace) as reading:
        found = observe(workplace, reading, ObserveRequest(tuple(FEW), "all", Grain.DAY, day, day))
    return [each.value for each in found]


def test_a_month_gets_states_once_another_has_begun(workplace: Workplace) -> None:
    def months() -> set[str]:
        state = feed_state(plan_feed(workplace.catalogue, "calls"), workplace.store.manifest.snapshot())
        return {month for month in state.months if state.month_holds(month)}

    put_rows(workplace, "calls", [call(n, day) for day in (4, 5) for n in range(5)])
    assert refresh(workplace).feeds[0].months == ()
    february = datetime(1999, 2, 1, 9, tzinfo=ZONE)
    put_rows(workplace, "calls", [call(1, 1, arrived_at=february)])
    assert refresh(workplace).feeds[0].months == ("1999-01-01",)
    assert months() == {"1999-01-01"}
    put_rows(workplace, "calls", [call(9, 5)])
    assert refresh(workplace).feeds[0].months == ("1999-01-01",)
    set_rows(workplace, "calls", [call(1, 4)])
    assert refresh(workplace).feeds[0].months == ("1999-01-01",)
    assert not months()


def test_states_of_a_day_whose_rows_are_gone_are_retired(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5) for n in range(5)])
    refresh(workplace)
    set_rows(workplace, "calls", [call(n, 4) for n in range(5)])
    report = refresh(workplace)
    assert report.feeds[0].retired == ("1999-01-05",)
    assert set(state_ids(workplace)) == {"1999-01-04"}


def test_a_changed_definition_recomputes_every_day(workplace: Workplace, pack: Catalogue) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5) for n in range(5)])
    refresh(workplace)
    changed = replace(
        workplace, catalogue=catalogue_with(pack, {**FEW, "m": indicator("m", unit="s", max={"of": "wait_s"})})
    )
    assert refresh(changed).feeds[0].computed == ("1999-01-04", "1999-01-05")
    renamed = {f"{code}.renamed": each for code, each in FEW.items()}
    again = replace(
        workplace, catalogue=catalogue_with(pack, {**renamed, "m": indicator("m", unit="s", max={"of": "wait_s"})})
    )
    assert not refresh(again).changed


def test_states_of_a_feed_that_nothing_is_computed_from_are_retired(workplace: Workplace, pack: Catalogue) -> None:
    put_rows(workplace, "calls", [call(1, 4)])
    refresh(workplace)
    without = replace(workplace, catalogue=catalogue_with(pack, {}))
    assert refresh(without).orphaned == ("calls",)
    assert not state_ids(workplace)


def test_only_days_between_the_bounds_are_computed(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5, 6) for n in range(2)])
    report = refresh(workplace, date(1999, 1, 5), date(1999, 1, 5))
    assert report.feeds[0].computed == ("1999-01-05",)


def test_progress_is_told_per_batch(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5) for n in range(2)])
    steps: list[RefreshStep] = []
    refresh(workplace, on_step=steps.append)
    assert steps == [RefreshStep("calls", 2, 2)]


def test_large_work_is_committed_in_batches_of_whole_days(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5, 6, 7) for n in range(3)])
    steps: list[RefreshStep] = []
    report = refresh(workplace, on_step=steps.append, batch_rows=6)
    assert report.commits == 2
    assert [step.done for step in steps] == [2, 4]
    assert not refresh(workplace).changed


def test_rows_that_arrive_during_a_refresh_are_found_stale_next_time(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, 4) for n in range(3)])

    class Late:
        """A manifest into which a load slips between the look and the commit."""

        def __init__(self, manifest: Manifest) -> None:
            self._manifest, self.slipped = manifest, False

        def snapshot(self) -> Snapshot:
            return self._manifest.snapshot()

        def commit(self, change: Change, expect: Snapshot | None = None) -> int:
            if not self.slipped:
                self.slipped = True
                put_rows(workplace, "calls", [call(99, 4)])
            return self._manifest.commit(change, expect)

    late = Late(workplace.store.manifest)
    slipping = replace(workplace, store=replace(workplace.store, manifest=late))  # type: ignore[arg-type]
    assert refresh(slipping).feeds[0].computed == ("1999-01-04",)
    assert refresh(workplace).feeds[0].computed == ("1999-01-04",)
    assert not refresh(workplace).changed


def test_a_commit_that_comes_too_late_is_planned_again(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(n, 4) for n in range(3)])

    class Refusing:
        """A manifest that refuses the first commit."""

        def __init__(self, manifest: Manifest) -> None:
            self._manifest, self.refused = manifest, 0

        def snapshot(self) -> Snapshot:
            return self._manifest.snapshot()

        def commit(self, change: Change, expect: Snapshot | None = None) -> int:
            if not self.refused:
                self.refused += 1
                # What the other side committed: the same states, so that ours are out of date.
                self._manifest.commit(change, expect)
            return self._manifest.commit(replace(change, request="second try"), expect)

    refusing = Refusing(workplace.store.manifest)
    contended = replace(workplace, store=replace(workplace.store, manifest=refusing))  # type: ignore[arg-type]
    refresh(contended)
    assert refusing.refused == 1
    assert {len(ids) for ids in state_ids(workplace).values()} == {8}
    with pytest.raises(ConflictError):
        workplace.store.manifest.commit(Change("refresh", retire=(10**6,)))


def test_a_row_in_the_wrong_partition_is_refused(workplace: Workplace) -> None:
    other_zone = replace(workplace, zone=ZoneInfo("Pacific/Auckland"))
    put_rows(other_zone, "calls", [call(1, 4, arrived_at=datetime(1999, 1, 4, 14, tzinfo=UTC))])
    with pytest.raises(InternalError, match="each row once"):
        refresh(workplace)
    assert not state_ids(workplace)


def test_a_day_of_25_hours_is_whole(tmp_path: Path, pack: Catalogue) -> None:
    berlin = make_workplace(tmp_path, catalogue_with(pack, FEW), zone="Europe/Berlin")
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    rows = [call(n, 1, arrived_at=start + timedelta(minutes=30 * n)) for n in range(50)]
    put_rows(berlin, "calls", rows)
    refresh(berlin)
    assert set(state_ids(berlin)) == {"2026-10-25"}


KILLED = """
import sys
from pathlib import Path
from ganzhi.catalogue.load import load_catalogue
from ganzhi.measure.refresh import refresh
from tests.measure.place import catalogue_with, make_workplace
from tests.measure.states.test_refresh import FEW
refresh(make_workplace(Path(sys.argv[1]), catalogue_with(load_catalogue("telecom", None), FEW)))
"""


@pytest.mark.parametrize(
    "point",
    [
        "refresh.file_written:5",
        "refresh.computed",
        "refresh.committed",
        "refresh.month_computed",
        "store.within_commit",
    ],
)
def test_a_refresh_that_is_killed_leaves_whole_days_and_can_be_repeated(workplace: Workplace, point: str) -> None:
    put_rows(workplace, "calls", [call(n, day) for day in (4, 5) for n in range(5)])
    refresh(workplace)
    put_rows(workplace, "calls", [call(n, day) for day in (5, 6) for n in range(10, 15)])
    put_rows(workplace, "calls", [call(1, 1, arrived_at=datetime(1999, 2, 1, 9, tzinfo=ZONE))])
    before = state_ids(workplace)
    root = Path(__file__).resolve().parents[3]
    paths = os.pathsep.join([str(root / "src"), str(root)])
    environment = {**os.environ, "GANZHI_FAILPOINT": point, "PYTHONPATH": paths}
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(workplace.root)], env=environment, cwd=root, check=False, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    after = state_ids(workplace)
    if point in ("refresh.committed", "refresh.month_computed"):
        parts = {"1999-01-04": 1, "1999-01-05": 2, "1999-01-06": 1, "1999-02-01": 1}
        assert {day: len(ids) for day, ids in after.items()} == {day: 8 * n for day, n in parts.items()}
    else:
        assert after == before
    refresh(workplace)
    state = feed_state(plan_feed(workplace.catalogue, "calls"), workplace.store.manifest.snapshot())
    assert not state.stale_days()
    assert state.month_holds("1999-01-01")
    assert not refresh(workplace).changed
