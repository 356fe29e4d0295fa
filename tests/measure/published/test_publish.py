"""What is published is what is asked: for every unit, period and indicator, float for float."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.read import read_scores, read_shares, read_values, state_of
from ganzhi.measure.publish.staleness import ground_of
from ganzhi.measure.publish.tables import GRAINS, KINDS, table_name
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import USES, Scored, ScoreRequest, Use, score_all
from ganzhi.store.open import open_store
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, set_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(1999, 1, 30), date(1999, 2, 2)
ORGANISATION = units(
    ("all", None), ("east", "all"), ("west", "all"), ("new", "all"), ("e1", "east"), ("e2", "east"), ("w1", "west")
)
HIGHER = {"floor": 60, "target": 80, "challenge": 95}


def indicators() -> dict[str, Indicator]:
    """Every kind of measure; a tree of two levels with a risk, a child without data and one without targets."""
    answered = {"numerator": {"count": {"where": "outcome = 'AGENT'"}}, "denominator": {"count": {}}}
    scored: dict[str, Any] = {"direction": "higher", "targets": {"management": HIGHER}, "min_n": 3}
    return {
        "answered": indicator(
            "answered",
            unit="percent",
            ratio=answered,
            supports=[{"parent": "access", "weight": 3}],
            **{
                **scored,
                "targets": {"management": HIGHER, "operations": {"floor": 30, "target": 50, "challenge": 70}},
            },
        ),
        "menu": indicator(
            "menu", unit="s", mean={"of": "ivr_s"}, supports=[{"parent": "access", "weight": "0.7"}], **scored
        ),
        "volume": indicator("volume", count={}, supports=[{"parent": "access", "weight": 5}]),
        "hung": indicator(
            "hung",
            count={"where": "outcome = 'HANG'"},
            direction="lower",
            targets={"management": {"floor": 4, "target": 1, "challenge": 0}},
            supports=[{"parent": "top", "points": 10}],
            min_n=0,
        ),
        "wait": indicator(
            "wait",
            unit="s",
            direction="lower",
            percentile={"of": "wait_s", "p": "0.9"},
            targets={"management": {"floor": 60, "target": 20, "challenge": 5}},
            supports=[{"parent": "top", "weight": 1}],
            min_n=0,
        ),
        "minutes": indicator("minutes", unit="min", sum={"of": "talk_s * 0.016667"}),
        "longest": indicator("longest", unit="s", max={"of": "talk_s"}),
        "who": indicator("who", distinct={"of": "customer_id"}),
        "each": indicator(
            "each",
            unit="ratio",
            rate={"numerator": {"count": {}}, "per": "who"},
            min_n=0,
            direction="lower",
            targets={"management": {"floor": 3, "target": "1.2", "challenge": 1}},
            supports=[{"parent": "top", "weight": "0.1"}],
        ),
        "access": indicator(
            "access", layer="KQI", unit="score", feed=None, coverage="0.5", supports=[{"parent": "top", "weight": 2}]
        ),
        "top": indicator("top", layer="KEI", unit="score", feed=None),
    }


def call(number: int, at: datetime, unit: str, **values: object) -> dict[str, object]:
    return {
        "call_id": str(number),
        "unit": unit,
        "customer_id": f"c{number % 7}",
        "call_type": "PS",
        "outcome": "HANG" if number % 4 == 0 else "AGENT",
        "arrived_at": at,
        "queue_at": at,
        "wait_s": number * 7 % 90,
        "talk_s": number * 13 % 300,
        "ivr_s": None if number % 3 else 60 + number % 40,
        **values,
    }


def some_calls() -> list[dict[str, object]]:
    """Forty calls of three teams over four days that lie in two months and two weeks; the last day w1 is silent."""
    rows = []
    for number in range(40):
        day = FIRST + timedelta(days=number % 4)
        unit = ("e1", "e2", "w1")[number % 3]
        if (unit, day) != ("w1", LAST):
            rows.append(call(number, datetime(day.year, day.month, day.day, 9, number, tzinfo=ZONE), unit))
    return rows


def make(folder: Path, pack: Catalogue, rows: list[dict[str, object]]) -> Workplace:
    workplace = make_workplace(folder, catalogue_with(pack, indicators(), ORGANISATION))
    put_rows(workplace, "calls", rows, empty_days=[LAST + timedelta(days=1)])
    refresh(workplace)
    return workplace


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    workplace = make(tmp_path_factory.mktemp("published"), pack, some_calls())
    # Cells for one period at a time on some grains, for all together on others.
    publish(workplace, grains=GRAINS[:2], most_cells=1)
    publish(workplace)
    return workplace


def published_periods(workplace: Workplace, grain: Grain) -> list[Period]:
    days = workplace.store.manifest.snapshot().partitions(table_name("observed", grain))
    return [period_of_day(grain, date.fromisoformat(day), workplace.zone) for day in days]


def some_periods(workplace: Workplace, grain: Grain) -> list[Period]:
    """The first, and the last two: of days the one on which a team is silent, and the empty one."""
    periods = published_periods(workplace, grain)
    return list(dict.fromkeys([*periods[:1], *periods[-2:]]))


@pytest.mark.parametrize("grain", GRAINS)
def test_every_published_value_is_the_observation_of_its_unit(place: Workplace, grain: Grain) -> None:
    codes = tuple(code for code, each in indicators().items() if each.measure)
    with open_states(place) as reading:
        for period in some_periods(place, grain):
            values = read_values(place, reading, period)
            for unit in ORGANISATION:
                asked = ObserveRequest(codes, unit, grain, period.first_day, period.last_day)
                for each in observe(place, reading, asked):
                    found = values.of(each.code, unit)
                    assert (found.value, found.n, found.completeness) == (each.value, each.n, each.completeness), each
                    if (each.code, unit) in values.rows:
                        assert (found.numerator, found.denominator) == (each.numerator, each.denominator)


def plain_score(each: Scored) -> tuple[object, ...]:
    points = (None, None) if each.score is None else (each.score.points, each.score.unclipped)
    return (each.code, each.unit, *points, each.level and each.level.value, each.reason, each.coverage, each.small)


@pytest.mark.requirement("S001-007")
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("grain", GRAINS)
def test_every_published_score_is_the_one_asked_for(place: Workplace, grain: Grain, use: Use) -> None:
    with open_states(place) as reading:
        for period in some_periods(place, grain):
            asked = [
                each
                for unit in ORGANISATION
                for each in score_all(
                    place,
                    reading,
                    ScoreRequest(tuple(indicators()), unit, grain, period.first_day, period.last_day, use=use),
                )
            ]
            found = read_scores(place, reading, period, use)
            rows = {(f.code, f.unit): f for f in found}
            assert len(rows) == len(found)
            expected = {(s.code, s.unit): s for s in asked if s.reason in ("scored", "low_coverage")}
            assert set(rows) == set(expected)
            for key, each in expected.items():
                got = rows[key]
                assert plain_score(each) == (
                    got.code,
                    got.unit,
                    got.points,
                    got.unclipped,
                    got.level,
                    got.reason,
                    got.coverage,
                    got.small,
                )
            shares = {(s.parent, s.child, s.unit): s for s in read_shares(place, reading, period, use)}
            contributions = {
                (s.code, c.code, s.unit): (c.weight, c.share, c.points, c.at_risk)
                for s in expected.values()
                for c in s.contributions
                if c.points is not None
            }
            assert {key: (s.weight, s.share, s.points, s.at_risk) for key, s in shares.items()} == contributions


Content = dict[tuple[str, str], list[dict[str, Any]]]


def content(workplace: Workplace) -> Content:
    """Rows of everything published, by table and period."""
    files = [f for f in workplace.store.manifest.snapshot().files if f.table.split("/")[0] in KINDS]
    assert len({(f.table, f.partition) for f in files}) == len(files)
    return {(f.table, f.partition): pq.read_table(workplace.files.path(f)).to_pylist() for f in files}


def keys(workplace: Workplace) -> set[str]:
    return {period.key for grain in GRAINS for period in published_periods(workplace, grain)}


LATE = [call(90 + n, datetime(1999, 1, 31, 20, n, tzinfo=ZONE), ("e2", "w1")[n % 2]) for n in range(5)]


def test_nothing_is_published_twice(place: Workplace) -> None:
    again = publish(place)
    assert (again.published, again.retired, again.commits) == ((), (), 0)
    assert keys(place) == {
        *("1999-01-30", "1999-01-31", "1999-02-01", "1999-02-02", "1999-02-03", "1999-W04", "1999-W05"),
        *("1999-01", "1999-02", "1999-Q1", "1999"),
    }


def test_after_a_late_file_exactly_its_periods_are_published_and_all_is_as_from_scratch(
    tmp_path: Path, pack: Catalogue
) -> None:
    late = make(tmp_path / "late", pack, some_calls())
    publish(late)
    before = content(late)
    put_rows(late, "calls", LATE)
    refresh(late)
    assert set(publish(late).published) == {"1999-01-31", "1999-W04", "1999-01", "1999-Q1", "1999"}
    scratch = make_workplace(tmp_path / "scratch", late.catalogue)
    put_rows(scratch, "calls", some_calls() + LATE, empty_days=[LAST + timedelta(days=1)])
    refresh(scratch)
    publish(scratch)
    after = content(late)
    assert after == content(scratch)
    assert {partition for (table, partition) in after if after[table, partition] != before[table, partition]} == {
        *("1999-01-31", "1999-01-25", "1999-01-01")
    }


def test_an_empty_day_that_arrives_changes_what_is_known_and_publishes_its_periods(
    tmp_path: Path, pack: Catalogue
) -> None:
    workplace = make(tmp_path, pack, some_calls())
    publish(workplace)
    put_rows(workplace, "calls", [], empty_days=[date(1999, 2, 5)])
    refresh(workplace)
    assert set(publish(workplace).published) == {"1999-02-05", "1999-W05", "1999-02", "1999-Q1", "1999"}
    with open_states(workplace) as reading:
        values = read_values(workplace, reading, period_of_day(Grain.DAY, date(1999, 2, 5), ZONE))
    assert [(values.of(code, "e1").value, values.of(code, "e1").completeness) for code in ("volume", "answered")] == [
        (0.0, 1.0),
        (None, 1.0),
    ]


def test_another_target_publishes_all_periods_and_another_name_none(place: Workplace) -> None:
    def with_(**changed: object) -> Workplace:
        one = indicators()["answered"].model_copy(update=changed)
        return replace(place, catalogue=replace(place.catalogue, indicators={**indicators(), "answered": one}))

    def states(workplace: Workplace) -> set[str]:
        with open_states(workplace) as reading:
            ground = ground_of(workplace, reading.snapshot)
            return {
                state_of(ground, reading.snapshot, period)
                for grain in GRAINS
                for period in published_periods(workplace, grain)
            }

    assert states(place) == {"current"}
    assert states(with_(decimals=3)) == {"current"}
    assert states(with_(min_n=4)) == {"stale"}


def test_periods_whose_rows_are_gone_are_retired(tmp_path: Path, pack: Catalogue) -> None:
    workplace = make_workplace(tmp_path, catalogue_with(pack, indicators(), ORGANISATION))
    put_rows(workplace, "calls", [call(1, datetime(1999, 1, 30, 9, tzinfo=ZONE), "e1")])
    refresh(workplace)
    publish(workplace)
    set_rows(workplace, "calls", [])
    refresh(workplace)
    report = publish(workplace)
    # Something did arrive for these days, so they are known and their counts are 0.
    assert (report.retired, set(report.published)) == ((), keys(workplace))
    with open_states(workplace) as reading:
        values = read_values(workplace, reading, period_of_day(Grain.DAY, date(1999, 1, 30), ZONE))
    assert values.of("volume", "e1").value == 0.0


def test_killed_at_any_moment_a_publication_leaves_whole_periods(
    tmp_path: Path, pack: Catalogue, place: Workplace
) -> None:
    workplace = make(tmp_path, pack, some_calls())
    for point in ("publish.file_written:2", "publish.computed:1", "publish.committed:2"):
        pid = os.fork()
        if pid == 0:
            os.environ["GANZHI_FAILPOINT"] = point
            store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", workplace.clock)
            publish(replace(workplace, store=store), grains=[Grain.DAY], most_cells=1)
            os._exit(1)
        assert os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        with open_states(workplace) as reading:
            ground = ground_of(workplace, reading.snapshot)
            periods = published_periods(workplace, Grain.DAY)
            assert {state_of(ground, reading.snapshot, period) for period in periods} <= {"current"}
        assert len(periods) == (2 if point == "publish.committed:2" else 0)
    publish(workplace)
    assert content(workplace) == content(place)


@pytest.mark.requirement("S001-009")
def test_a_small_tree_by_hand(tmp_path: Path, pack: Catalogue) -> None:
    """Ten calls of e1: 8 answered, 2 hung up, no menu time known, each waited for 20 s."""
    rows = [
        call(
            n,
            datetime(1999, 1, 30, 9, n, tzinfo=ZONE),
            "e1",
            outcome="HANG" if n < 2 else "AGENT",
            ivr_s=None,
            wait_s=20,
        )
        for n in range(10)
    ]
    workplace = make(tmp_path, pack, rows)
    publish(workplace, grains=[Grain.DAY])
    day = period_of_day(Grain.DAY, date(1999, 1, 30), ZONE)
    with open_states(workplace) as reading:
        scores = {(s.code, s.unit): s for s in read_scores(workplace, reading, day, "management")}
        shares = {(s.parent, s.child): s for s in read_shares(workplace, reading, day, "management", units=["all"])}
    # answered: 80 % is the target; of access (3 and 0.7) only it is there: 3/3.7 of the weight, above 0.5.
    assert scores["answered", "all"].points == 100.0
    assert (scores["access", "all"].points, scores["access", "all"].coverage) == (100.0, 3 / 3.7)
    # hung: 2 calls lie a third of the way from target 1 to floor 4: 100 − 40/3; the risk takes 10 · 13.33 %.
    hung = 100 - 40 / 3
    assert scores["hung", "all"].points == pytest.approx(hung, abs=1e-12)
    assert shares["top", "hung"].points == pytest.approx(-10 * (1 - hung / 100), abs=1e-12)
    # each: 10 calls by 7 customers, 1.43 each; floor 3, target 1.2.
    each = 60 + 40 * (3 - 10 / 7) / (3 - 1.2)
    assert scores["each", "all"].points == pytest.approx(each, abs=1e-12)
    wait = scores["wait", "all"].points
    assert wait is not None
    assert wait == pytest.approx(100, abs=1.4)  # 1 % of 20 s is worth 1.3 points
    top = (2 * 100 + 1 * wait + 0.1 * each) / 3.1 - 10 * (1 - hung / 100)
    assert scores["top", "all"].points == pytest.approx(top, abs=1e-12)
    assert sum(s.points for (parent, _), s in shares.items() if parent == "top") == pytest.approx(top, abs=1e-12)
    assert ("answered", "w1") not in scores
    assert scores["hung", "w1"].points == 120.0  # nobody called, so nobody hung up


def test_the_first_file_of_another_feed_publishes_only_its_own_periods(tmp_path: Path, pack: Catalogue) -> None:
    more = {**indicators(), "notes": indicator("notes", feed="wrap_ups", count={})}
    workplace = make_workplace(tmp_path, catalogue_with(pack, more, ORGANISATION))
    put_rows(workplace, "calls", some_calls())
    refresh(workplace)
    publish(workplace, grains=[Grain.DAY])
    put_rows(workplace, "wrap_ups", [], empty_days=[LAST])
    assert publish(workplace, grains=[Grain.DAY]).published == (LAST.isoformat(),)
