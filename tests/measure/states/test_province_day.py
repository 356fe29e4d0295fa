"""A province's day of one channel system, on one machine: two million events, within a limit on memory."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.ground.day import add_day, catalogue_of, copy_place, place_at
from benchmarks.ground.runs import run
from benchmarks.ground.transactions import DAY, FEED, PROVINCE
from ganzhi.base.periods import Grain
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states

ROWS = 2_000_000
LIMIT_MIB = 2_048
"""A GiB is what the engine of a workspace nobody has tuned gives its queries."""
CODE = "channels.done"


@pytest.mark.slow
def test_two_million_events_of_a_day_are_counted_exactly_within_two_gibibytes(tmp_path: Path) -> None:
    """All indicators of the feed, every unit and quarter of an hour; a hundred million rows take 1.5 GiB (`benchmarks.scale`)."""
    catalogue = catalogue_of(PROVINCE)
    place = place_at(tmp_path / "place", catalogue)
    add_day(place, ROWS, PROVINCE)
    place.store.close()
    copy = copy_place(tmp_path / "place", tmp_path / "copy")
    cost = run("benchmarks.scale", "refresh", {"place": copy, "share": 1.0})
    assert cost.note == ROWS
    assert cost.peak_mib < LIMIT_MIB

    place = place_at(copy, catalogue)
    (file,) = place.store.manifest.snapshot().table(f"rows/{FEED}")
    with duckdb.connect() as by_hand:
        of_unit = by_hand.execute(
            f"SELECT unit, count(*) FROM '{place.files.path(file)}' WHERE result = 'done' GROUP BY unit"
        ).fetchall()
    by_city = dict.fromkeys((code for code, unit in catalogue.units.items() if unit.level == "city"), 0)
    for unit, n in of_unit:
        while catalogue.units[unit].level != "city":
            unit = catalogue.units[unit].parent  # noqa: PLW2901 - up the tree
        by_city[unit] += n
    with open_states(place) as states:
        found = observe(place, states, ObserveRequest((CODE,), "all", Grain.DAY, DAY, DAY, children=True))
    assert {each.unit: each.value for each in found} == by_city
    place.store.close()
