"""Weeks of an operator's own are published, and read like any other period."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.publish.opened import Newest
from ganzhi.measure.publish.publish import grains_of, publish
from ganzhi.measure.publish.tables import GRAINS, table_name
from tests.measure.published.test_publish import FIRST, LAST, indicators, make, some_calls


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
