"""The combination that carries a change is found, and that there is none is an answer."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.explain.rows import BEFORE, INDICATORS, NOW, TREE, UNDER, ZONE, Row, answered, kitagawa, why
from tests.measure.place import catalogue_with, make_workplace, put_rows

# --- search -------------------------------------------------------------------------------------


def test_the_combination_that_carries_the_change_is_found_with_its_share(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered", unit="east")
    assert found.search is not None
    assert found.search.verdict == "found"
    first = found.search.cells[0]
    assert first.where == {"unit": "east-1", "call_type": "NW"}
    inside = [answered(d, units={"east-1"}, call_type="NW") for d in (BEFORE, NOW)]
    whole = [answered(d, units=UNDER["east"]) for d in (BEFORE, NOW)]
    rest = [(w[0] - i[0], w[1] - i[1]) for w, i in zip(whole, inside, strict=True)]
    rate, mix = kitagawa([tuple(inside), tuple(rest)])[0]  # type: ignore[arg-type]
    assert first.change == pytest.approx(float(rate + mix), abs=1e-12)
    assert first.share == pytest.approx(float(rate + mix) / (found.difference or 1), abs=1e-9)
    assert first.events == inside[1][1] - inside[1][0]
    assert first.events > 2 * first.expected


def test_a_dimension_that_says_how_events_ended_explains_nothing_and_is_not_searched(
    place: Workplace, reading: States
) -> None:
    # Who answered is known of answered calls alone.
    for versus in ("prev", "target"):
        found = why(place, reading, "answered", by=("agent", "call_type"), versus=versus)
        assert {cut.dimension: cut.outcome for cut in found.cuts} == {"unit": False, "agent": True, "call_type": False}
        assert found.search is not None
        assert found.search.tried == ((("unit", "call_type"), 6),)


def test_parts_that_moved_alike_point_outside_the_attributes(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered", unit="west", by=("priority",))
    assert found.search is not None
    assert found.search.verdict == "too_few"
    assert found.search.cells == ()


# --- alike everywhere, and nowhere --------------------------------------------------------------


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """Three days in eighteen parts: 90 % answered, then 60 % everywhere, then 60 % again but for chance."""
    workplace = make_workplace(tmp_path_factory.mktemp("alike"), catalogue_with(pack, INDICATORS, TREE))
    dice = random.Random(4)
    rows: list[Row] = []
    for day, rate in ((1, 0.9), (2, 0.6), (3, 0.6)):
        for unit in ("east", "west", "idle"):
            for call_type in ("PS", "NW"):
                rows += [
                    {
                        "call_id": f"{day}{unit}{call_type}{n}",
                        "unit": unit,
                        "call_type": call_type,
                        "priority": n % 3,
                        "outcome": "AGENT" if dice.random() < rate else "HANG",
                        "arrived_at": datetime(2026, 4, day, 9, n % 60, tzinfo=ZONE),
                        "wait_s": 1,
                        "ivr_s": 1,
                        "talk_s": 1,
                    }
                    for n in range(120)
                ]
    put_rows(workplace, "calls", rows)
    refresh(workplace)
    return workplace


@pytest.mark.parametrize(("day", "verdict"), [(2, "spread"), (3, "outside")])
def test_outside_these_attributes_is_an_answer(alike: Workplace, day: int, verdict: str) -> None:
    with open_states(alike) as opened:
        found = why(alike, opened, "answered", period=period_of_day(Grain.DAY, date(2026, 4, day), ZONE))
    assert found.search is not None
    assert (found.search.verdict, found.search.cells) == (verdict, ())
    assert found.search.tried == ((("unit", "call_type", "priority"), 18),)
