"""Whether contacts without the record they ask for are found, on a province that knows which those are (S001-014)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.complaints.tickets.intake import missing
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.province.calendar import days_of
from ganzhi.province.incidents import placed
from ganzhi.province.organisation import build_organisation
from ganzhi.province.population import build_population
from ganzhi.province.scene import World, blocks_of
from ganzhi.province.simulate import live
from tests.complaints.tickets.planted import accuracy, latest, units_of
from tests.measure.place import make_workplace, put_rows
from tests.province.stage import Kept, pack

FIRST, DAYS, SEED, SCALE = date(2012, 2, 29), 2, 7, 0.01


def played() -> tuple[World, Kept]:
    """Two days with many complaints, of which agents leave out a fifth of the records."""
    places = build_organisation(SCALE, SEED)
    _, levers = placed((("recharge-2012", None), ("unrecorded", FIRST)), places, FIRST + timedelta(days=DAYS - 1))
    people = build_population(places, SEED, DAYS)
    world = World(SEED, SCALE, FIRST, DAYS, places, people, levers, blocks_of(len(people)))
    kept = Kept()
    for today in days_of(FIRST, DAYS):
        live(world, kept, today)
    return world, kept


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Rows with moments as instants."""
    return [
        {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]


@pytest.mark.requirement("S001-014")
def test_records_that_agents_left_out_are_found_unless_the_contact_says_something_else(tmp_path: Path) -> None:
    world, kept = played()
    made = make_workplace(tmp_path, replace(pack(), units=units_of(world)), zone="UTC")
    put_rows(made, "wrap_ups", rows_of(kept.table("wrap_ups")))
    put_rows(made, "complaints", latest(kept.table("complaints")))
    with open_states(made) as states:
        start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
        found = missing(Reader(made, states, LOCAL), "all", start, start + timedelta(days=DAYS))
    made.store.close()
    truth = {row["contact_id"]: row["how"] for row in kept.truth("unrecorded").to_pylist()}
    told = {name for name, how in truth.items() if how != "as_enquiry"}
    assert len(truth) > len(told) > 12, "too few to say anything"
    codes = {each.id for each in found.found if each.how == "code"}
    precision, recall = accuracy(codes, told)
    # What is missed asked for a record twice within a day and got one of them.
    assert precision == 1
    assert recall >= 0.9
    # What is coded as an enquiry says nothing: of all that was left out four fifths can be found at most.
    assert accuracy(codes, set(truth))[1] <= len(told) / len(truth) < 0.9
    dead = {each.id for each in found.found if each.named is not None}
    assert dead == {name for name in codes if truth[name] == "dead_number"}
    assert found.missing == len(codes)
    assert found.contacts == sum(code == "complaint" for code in kept.table("wrap_ups")["contact_code"].to_pylist())
