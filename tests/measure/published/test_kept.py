"""What is kept of the ground from commit to commit is what a look at everything would find."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.known import all_arrived_days, known
from ganzhi.measure.publish.kept import KeptGround
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.staleness import ground_of
from ganzhi.measure.publish.tables import GRAINS
from ganzhi.measure.refresh import refresh
from ganzhi.measure.states import staleness
from ganzhi.store.manifest import Change
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, make_workplace, units
from tests.measure.states.test_refresh_laws import DAYS, SOME, STOCK, UNITS, ZONE, Step, play

OF = units(("all", None), *((each, "all") for each in UNITS))


def same(place: Workplace, kept: KeptGround) -> None:
    snapshot, plan = place.store.manifest.snapshot(), plan_feed(place.catalogue, "calls")
    ground, expected = kept.ground(place, snapshot), ground_of(place, snapshot)
    assert ground == expected
    assert kept.known(place, snapshot, plan) == known(place, snapshot, plan)
    assert kept.arrived(place, snapshot) == all_arrived_days(place)
    for grain in GRAINS:
        for day in (*DAYS, date(1998, 12, 31), date(1999, 2, 3)):
            period = period_of_day(grain, day, ZONE)
            assert ground.mark(period) == expected.mark(period)


def one(rng: random.Random) -> Step:
    day = rng.choice((*DAYS, date(1999, 2, 3)))
    return Step(rng.randrange(6), rng.random() < 0.2, day, rng.choice(UNITS), rng.randrange(1440), rng.randrange(500))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("stock", [False, True])
def test_the_kept_ground_is_the_one_found_anew_after_any_commits(
    tmp_path: Path, pack: Catalogue, seed: int, stock: bool
) -> None:
    """reliability.md P9 for the ground: loads, corrections, refreshes, publications, merged files, in any order; some
    commits pass without anybody looking."""
    place = make_workplace(tmp_path, catalogue_with(pack, {**SOME, **(STOCK if stock else {})}, OF))
    rng, kept, rows = random.Random(seed), KeptGround(), dict[int, Step]()
    for _ in range(10):
        chance = rng.random()
        if chance < 0.6:
            play(place, rows, one(rng))
        elif chance < 0.85:
            refresh(place)
        elif chance < 0.93:
            publish(place, grains=[Grain.DAY])
        else:  # states of a day lost, as if of an older plan
            snapshot = place.store.manifest.snapshot()
            tables = staleness.state_tables(snapshot, "calls")
            if tables:
                lost = rng.choice(snapshot.table(rng.choice(tables)))
                place.store.manifest.commit(Change("lost", retire=(lost.id,)))
        if rng.random() < 0.7:
            same(place, kept)
    refresh(place)
    same(place, kept)


def test_only_the_days_that_a_commit_touched_are_judged_again(
    tmp_path: Path, pack: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_workplace(tmp_path, catalogue_with(pack, SOME, OF))
    rows: dict[int, Step] = {}
    for key, day in enumerate(DAYS):
        play(place, rows, Step(key, False, day, "a", 60, 5))
    refresh(place)
    kept = KeptGround()
    kept.ground(place, place.store.manifest.snapshot())
    judged: list[str] = []
    parts = staleness.FeedState._parts

    def noted(state: staleness.FeedState, day: str) -> list[tuple[int, ...]] | None:
        judged.append(day)
        return parts(state, day)

    monkeypatch.setattr(staleness.FeedState, "_parts", noted)
    place.store.manifest.commit(Change("nothing"))
    kept.ground(place, place.store.manifest.snapshot())
    assert judged == []
    play(place, rows, Step(5, False, DAYS[1], "b", 61, 7))
    ground = kept.ground(place, place.store.manifest.snapshot())
    assert judged == [DAYS[1].isoformat()]
    assert ground.known["calls"].stale == (DAYS[1],)


def test_what_was_loaded_after_a_snapshot_does_not_blur_it(tmp_path: Path, pack: Catalogue) -> None:
    place = make_workplace(tmp_path, catalogue_with(pack, SOME, OF))
    rows: dict[int, Step] = {}
    play(place, rows, Step(1, False, DAYS[0], "a", 60, 5))
    refresh(place)
    snapshot = place.store.manifest.snapshot()
    expected = ground_of(place, snapshot)
    play(place, rows, Step(2, False, DAYS[1], "a", 60, 5))
    kept = KeptGround()
    assert kept.ground(place, snapshot) == expected
    assert list(kept.arrived(place, snapshot)["calls"]) == [DAYS[0]]
    same(place, kept)
    assert kept.ground(place, snapshot) == expected  # and back to the earlier one
