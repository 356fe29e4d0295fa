"""Weeks, ISO and of an operator's own, are published and closed, and read like any other period."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.publish.opened import Newest
from ganzhi.measure.publish.publish import grains_of, publish
from ganzhi.measure.publish.tables import GRAINS, table_name
from ganzhi.measure.refresh import refresh
from ganzhi.measure.reported.close import Rule, close, close_due
from ganzhi.measure.reported.reported import Reported, difference, reported
from ganzhi.measure.reported.shown import reported_otherwise
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import put_rows
from tests.measure.published.test_publish import FIRST, LAST, ZONE, call, indicators, make, some_calls


def test_a_week_of_the_operators_own_is_published_and_equals_what_the_states_say(
    tmp_path: Path, pack: Catalogue
) -> None:
    place = replace(make(tmp_path, pack, some_calls()), operator_week=Grain.WEEK_SAT)
    assert grains_of(place) == (*GRAINS, Grain.WEEK_SAT)
    publish(place)
    assert place.store.manifest.snapshot().table(table_name("observed", Grain.WEEK_SAT))
    codes = tuple(code for code, each in indicators().items() if each.measure)
    asked = ObserveRequest(codes, "all", Grain.WEEK_SAT, FIRST - timedelta(days=7), LAST, children=True, stale="show")
    with Newest(place, place.engine).states() as served, open_states(place) as reading:
        assert served.published is not None
        found = observe(place, served, asked)
        assert found == observe(place, reading, asked)
        assert any(each.n for each in found)
        assert all(served.published.covers(each.period) for each in found)
    elsewhere = replace(place, operator_week=None)
    assert grains_of(elsewhere) == (*GRAINS, Grain.WEEK_SAT)  # what is published is kept current
    assert publish(elsewhere).commits == 0


def kept(place: Workplace, grain: Grain, day: date, edition: int | None = None) -> dict[str, Reported]:
    """What was reported of the calls of three units in the week that holds a day."""
    period = period_of_day(grain, day, ZONE)
    with open_states(place) as reading:
        found = reported(place, reading, ["volume"], ["all", "east", "w1"], [period], edition)
    return {unit: each for (_, unit, _), each in found.items()}


@pytest.mark.parametrize("grain", [Grain.WEEK, Grain.WEEK_SAT])
def test_a_closed_week_stays_and_what_arrives_later_stands_beside_it(
    tmp_path: Path, pack: Catalogue, grain: Grain
) -> None:
    place = replace(make(tmp_path, pack, some_calls()), operator_week=Grain.WEEK_SAT)
    week = period_of_day(grain, FIRST, ZONE)
    inside = [row for row in some_calls() if week.start <= row["arrived_at"] < week.end]  # type: ignore[operator]
    by_hand = {"all": len(inside), "w1": sum(row["unit"] == "w1" for row in inside)}
    assert 0 < by_hand["w1"] < by_hand["all"]
    made = close(place, week, actor="lin")
    first = {unit: each.value.number for unit, each in kept(place, grain, FIRST).items()}
    assert (made.grain, made.first_day, made.edition) == (grain.value, week.first_day, 1)
    assert {unit: first[unit] for unit in by_hand} == by_hand

    # The last second of the week, or of its last known day, and the first after the week.
    last = period_of_day(Grain.DAY, min(week.last_day, LAST), ZONE).end - timedelta(seconds=1)
    late = put_rows(place, "calls", [call(990, last, "e1"), call(991, week.end, "w1")])
    refresh(place)
    assert {unit: each.value.number for unit, each in kept(place, grain, FIRST).items()} == first
    with open_states(place) as reading:
        apart = {}
        for unit, then in kept(place, grain, FIRST).items():
            asked = ObserveRequest(("volume",), unit, grain, week.first_day, week.last_day)
            apart[unit] = difference(place, then, observe(place, reading, asked)[0])
        page = reported_otherwise(place, reading, "volume", "all", week)
    assert apart["w1"] is None
    assert apart["all"] == apart["east"]
    assert apart["all"] is not None
    assert (apart["all"].amount, apart["all"].reasons, apart["all"].files) == (1.0, ("late",), (f"{late}.csv",))
    assert page is not None
    assert (page.then.value, page.now.value) == (by_hand["all"], by_hand["all"] + 1)
    assert close(place, week, actor="wang").edition == 2
    assert kept(place, grain, FIRST)["all"].value.number == by_hand["all"] + 1
    assert kept(place, grain, FIRST, edition=1)["all"].value.number == by_hand["all"]


def test_weeks_that_nobody_keeps_are_not_closed_and_the_rule_closes_those_of_the_operator(
    tmp_path: Path, pack: Catalogue
) -> None:
    place = replace(make(tmp_path, pack, some_calls()), operator_week=Grain.WEEK_SAT)
    with pytest.raises(InputError) as caught:
        close(place, period_of_day(Grain.WEEK_TUE, FIRST, ZONE), actor="lin")
    assert [(each.code, "week-sat" in each.params["known"]) for each in caught.value.issues] == [("MEA020", True)]
    rules = (Rule(Grain.WEEK_SAT, 2),)
    own = period_of_day(Grain.WEEK_SAT, FIRST, ZONE)  # begins on that Saturday

    def at(moment: datetime) -> Workplace:
        return replace(place, clock=FixedClock(moment.astimezone(UTC)))

    assert close_due(at(own.end + timedelta(days=2, seconds=-1)), rules) == ()
    made = close_due(at(own.end + timedelta(days=2)), rules)
    assert [(each.grain, each.first_day, each.actor) for each in made] == [("week-sat", FIRST, "schedule")]
    assert close_due(at(own.end + timedelta(days=3)), rules) == ()
