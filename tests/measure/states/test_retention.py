"""Rows go after their time, numbers stay; what stays is carried through a change of the catalogue."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import Observation
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.read import read_values
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.measure.states.retention import expire
from ganzhi.measure.states.staleness import feed_state
from ganzhi.measure.views.query import IndicatorQuery, PageQuery
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units
from tests.measure.states.test_refresh import FEW, call

ZONE = ZoneInfo("Asia/Shanghai")
OLD, NEW = date(1999, 1, 5), date(1999, 1, 20)
TREE = units(("all", None), ("a", "all"))
KEPT_DAYS = 10


def place_of(catalogue: Catalogue, indicators: dict[str, Indicator]) -> Catalogue:
    made = catalogue_with(catalogue, indicators, TREE)
    feed = made.feeds["calls"].model_copy(update={"retention_days": KEPT_DAYS})
    return replace(made, feeds={**made.feeds, "calls": feed})


@pytest.fixture
def workplace(tmp_path: Path, pack: Catalogue) -> Workplace:
    made = make_workplace(tmp_path, place_of(pack, FEW))
    for day in (OLD, NEW):
        at = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
        put_rows(made, "calls", [call(n, 1, unit="a", arrived_at=at + timedelta(minutes=n)) for n in range(20)])
    refresh(made)
    return replace(made, clock=FixedClock(datetime(1999, 1, 21, tzinfo=UTC)))


def answers(workplace: Workplace, codes: tuple[str, ...] = tuple(FEW), day: date = OLD) -> list[Observation]:
    with open_states(workplace) as reading:
        return [
            each
            for unit in ("a", "all")
            for grain in (Grain.HOUR, Grain.DAY, Grain.MONTH)
            for each in observe(workplace, reading, ObserveRequest(codes, unit, grain, day, day))
        ]


def test_old_rows_go_and_every_number_stays(workplace: Workplace) -> None:
    before = answers(workplace)
    state = feed_state(plan_feed(workplace.catalogue, "calls"), workplace.store.manifest.snapshot())
    paths = [workplace.files.path(file) for file in state.rows[OLD.isoformat()]]
    assert [each.days for each in expire(workplace, dry=True)] == [(OLD.isoformat(),)]
    assert answers(workplace) == before
    done = expire(workplace)
    assert [(each.feed, each.days, each.rows) for each in done] == [("calls", (OLD.isoformat(),), 20)]
    assert answers(workplace) == before
    assert not refresh(workplace).changed
    assert answers(workplace) == before
    assert expire(workplace) == ()
    assert all(path.exists() for path in paths)
    later = replace(workplace, clock=FixedClock(datetime(2999, 1, 1, tzinfo=UTC)))
    sweep(later, grace_s=0.0)
    assert not any(path.exists() for path in paths)
    assert answers(workplace) == before


KILLED = """
import sys
from datetime import UTC, datetime
from dataclasses import replace
from pathlib import Path
from ganzhi.base.clock import FixedClock
from ganzhi.catalogue.load import load_catalogue
from ganzhi.measure.states.retention import expire
from tests.measure.place import make_workplace
from tests.measure.states.test_retention import place_of
from tests.measure.states.test_refresh import FEW
place = make_workplace(Path(sys.argv[1]), place_of(load_catalogue("telecom", None), FEW))
expire(replace(place, clock=FixedClock(datetime(1999, 1, 21, tzinfo=UTC))))
"""


@pytest.mark.parametrize("point", ["retention.before_commit", "store.within_commit", "store.after_commit"])
def test_a_deletion_that_is_killed_is_whole_or_absent(workplace: Workplace, point: str) -> None:
    before = answers(workplace)
    root = Path(__file__).resolve().parents[3]
    environment = {
        **os.environ,
        "GANZHI_FAILPOINT": point,
        "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)]),
    }
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(workplace.root)], env=environment, cwd=root, check=False, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert answers(workplace) == before
    left = expire(workplace)
    assert [each.days for each in left] == ([] if point == "store.after_commit" else [(OLD.isoformat(),)])
    assert answers(workplace) == before


def test_the_records_behind_a_number_are_said_to_be_deleted(workplace: Workplace) -> None:
    expire(workplace)
    with open_states(workplace) as reading:
        old, new = (period_of_day(Grain.DAY, day, ZONE) for day in (OLD, NEW))
        assert records(workplace, reading, RecordsRequest("n", "all", new, "all")).total == 20
        with pytest.raises(InputError) as raised:
            records(workplace, reading, RecordsRequest("n", "all", old, "all"))
    assert raised.value.issues[0].code == "MEA013"


def test_the_page_of_a_number_stays_when_its_records_are_deleted(workplace: Workplace) -> None:
    expire(workplace)
    with open_states(workplace) as reading:
        reader = Reader(workplace, reading, LOCAL)
        old, new = (
            indicator_page(reader, "n", PageQuery(period=day.isoformat()), IndicatorQuery()) for day in (OLD, NEW)
        )
    assert (old.now.value, new.now.value) == (20, 20)
    assert old.records is None
    assert old.records_gone is not None
    assert old.records_gone.code == "MEA013"
    assert new.records_gone is None
    assert new.records is not None
    assert new.records.total == 20


def test_a_day_whose_states_are_behind_waits_for_a_refresh(workplace: Workplace) -> None:
    put_rows(workplace, "calls", [call(99, 5, unit="a")])
    waiting = expire(workplace)
    assert [(each.days, each.waiting) for each in waiting] == [((), (OLD.isoformat(),))]
    refresh(workplace)
    assert expire(workplace)[0].rows == 21


def test_old_numbers_are_carried_through_a_new_definition_and_what_they_lack_is_unknown(
    workplace: Workplace, pack: Catalogue
) -> None:
    expire(workplace)
    before = {(o.code, o.unit, o.period.key): o.value for o in answers(workplace)}
    more = {
        **FEW,
        "longest": indicator("longest", unit="s", max={"of": "talk_s"}),
        "p50": indicator("p50", unit="s", percentile={"of": "talk_s", "p": "0.5"}),
    }
    del more["who"]
    changed = replace(workplace, catalogue=place_of(pack, more))
    done = refresh(changed).feeds[0]
    assert (done.computed, done.rolled) == ((NEW.isoformat(),), (OLD.isoformat(),))
    after = answers(changed, tuple(more))
    for each in after:
        if each.code in FEW:
            assert each.value == before[each.code, each.unit, each.period.key]
        elif each.grain is Grain.MONTH:  # only the new day is known of it
            assert each.n == 20
            assert each.completeness < 2 / 31
        else:
            assert (each.value, each.completeness) == (None, 0.0)
    assert {o.value for o in answers(changed, ("longest",), NEW) if o.grain is Grain.DAY} == {119}
    assert not refresh(changed).changed


def test_numbers_that_cannot_be_carried_are_unknown_and_not_zero(workplace: Workplace) -> None:
    expire(workplace)
    feed = workplace.catalogue.feeds["calls"].model_copy(update={"cuboids": ((), ("agent",))})
    changed = replace(workplace, catalogue=replace(workplace.catalogue, feeds={"calls": feed}))
    refresh(changed)
    old, new = (answers(changed, ("n",), day) for day in (OLD, NEW))
    assert {o.value for o in old if o.grain is Grain.DAY} == {None}
    assert {o.value for o in new if o.grain is Grain.DAY} == {20}
    assert not refresh(changed).changed


def test_published_values_of_carried_days_are_those_that_are_answered(workplace: Workplace, pack: Catalogue) -> None:
    expire(workplace)
    more = {**FEW, "longest": indicator("longest", unit="s", max={"of": "talk_s"})}
    changed = replace(workplace, catalogue=place_of(pack, more))
    refresh(changed)
    publish(changed)
    for grain, day in ((Grain.DAY, OLD), (Grain.DAY, NEW), (Grain.MONTH, OLD)):
        with open_states(changed) as reading:
            shown = read_values(changed, reading, period_of_day(grain, day, ZONE))
        for each in answers(changed, tuple(more), day):
            if each.grain is grain:
                found = shown.of(each.code, each.unit)
                assert (found.value, found.completeness) == (each.value, each.completeness)
