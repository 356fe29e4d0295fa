"""Key-process selection from rows: pressure counted by process, importance from priorities of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.guidance import Priority, Selection, Shortfall
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.selection import SelectRequest, importance, select
from ganzhi.measure.views.journeys.selection import Selected
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
WORDS = {"zh": "词", "en": "word"}


def selection() -> Selection:
    """Complaints weigh 0.6, faults 0.4; requirements are declared but never arrive."""
    return Selection.model_validate(
        {
            "name": WORDS,
            "pressures": [
                {"indicator": "complaints", "weight": 0.6, "reason": "hot"},
                {"indicator": "faults", "weight": 0.4, "reason": "faulty"},
                {"indicator": "requirements", "weight": 0.5},
            ],
            "priorities": ["data", "loyal"],
            "high_from": 0.5,
            "reasons": dict.fromkeys(("hot", "faulty", "important", "short", "told"), WORDS),
            "importance_reason": "important",
            "shortfall_reason": "short",
            "chosen": [{"process": "recharge", "name": WORDS, "reasons": ["told"]}],
        }
    )


def priority(**weights: float) -> Priority:
    """A priority with weights from 2026 on."""
    listed = [{"process": p, "weight": w, "valid_from": "2026-01-01"} for p, w in weights.items()]
    return Priority.model_validate({"name": WORDS, "weights": listed})


def row(number: int, process: str, day: int) -> Mapping[str, object]:
    """A complaint of March 2026."""
    return {
        "complaint_id": str(number),
        "received_at": datetime(2026, 3, day, 10, tzinfo=ZONE),
        "unit": "all",
        "channel": "hotline",
        "kind": "ordinary",
        "commercial_process": "billing",
        "process": process,
        "category": "charges",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """10 complaints of recharge, 4 of bill enquiry; 5 faults of bill enquiry, 1 of recharge."""
    shown = {
        "complaints": indicator("complaints", feed="complaints", count={}, by=["process"]),
        "faults": indicator("faults", feed="system_faults", count={}, by=["process"]),
        "requirements": indicator("requirements", feed="change_requests", count={}, by=["process"]),
    }
    catalogue = replace(
        catalogue_with(pack, shown, units(("all", None))),
        selections={"key": selection()},
        priorities={"data": priority(recharge=4, deposit=5), "loyal": priority(recharge=4)},
        shortfalls={
            "slow": Shortfall.model_validate(
                {
                    "name": WORDS,
                    "process": "bill_enquiry",
                    "indicators": ["complaints"],
                    "evidence": WORDS,
                    "owner": WORDS,
                }
            )
        },
    )
    workplace = make_workplace(tmp_path_factory.mktemp("selection"), catalogue)
    processes = ["recharge"] * 10 + ["bill_enquiry"] * 4
    put_rows(workplace, "complaints", [row(n, p, 1 + n % 5) for n, p in enumerate(processes)])
    faulty = ["bill_enquiry"] * 5 + ["recharge"]
    put_rows(
        workplace,
        "system_faults",
        [
            {
                "fault_id": str(n),
                "occurred_at": datetime(2026, 3, 2, 8, n, tzinfo=ZONE),
                "unit": "all",
                "system": "billing",
                "process": process,
                "commercial_process": "billing",
            }
            for n, process in enumerate(faulty)
        ],
    )
    refresh(workplace)
    return workplace


def chosen(place: Workplace, day: date = date(2026, 3, 1)) -> Selected:
    """The selection for the month of a day."""
    period = period_of_day(Grain.MONTH, day, ZONE)
    with open_states(place) as reading:
        return select(place, reading, SelectRequest("key", "all", period))


@pytest.mark.requirement("S000-023")
def test_every_process_gets_pressure_importance_cell_and_rank(place: Workplace) -> None:
    found = chosen(place)
    assert len(found.processes) == len(place.catalogue.processes)
    first, second, third, *others = found.processes
    # recharge: 0.6 · 10/10 + 0.4 · 1/5 = 0.68; bill enquiry: 0.6 · 4/10 + 0.4 · 5/5 = 0.64, both over 0.68.
    assert (first.code, first.pressure, first.importance, first.rank) == ("recharge", 1.0, 1.0, "highest")
    assert (second.code, second.pressure) == ("bill_enquiry", pytest.approx(0.64 / 0.68))
    assert (second.importance, second.quadrant, second.rank) == (0.0, "pressure", "higher")
    assert (third.code, third.quadrant, third.importance) == ("deposit", "importance", 5 / 8)
    assert {(p.pressure, p.rank) for p in others} == {(0.0, "lowest")}
    assert first.parts == (("complaints", 10.0), ("faults", 1.0), ("requirements", None))


@pytest.mark.requirement("S000-024")
def test_reasons_come_from_the_choice_the_data_and_the_registers(place: Workplace) -> None:
    reasons = {p.code: p.reasons for p in chosen(place).processes if p.reasons}
    assert reasons == {
        "recharge": ("told", "hot", "important"),
        "bill_enquiry": ("faulty", "short"),
        "deposit": ("important",),
    }


def test_a_count_that_did_not_arrive_is_named_and_not_taken_for_zero(place: Workplace) -> None:
    assert [each.code for each in chosen(place).missing] == ["requirements"]
    nothing = chosen(place, date(2026, 8, 1))
    assert {(p.pressure, p.rank, p.quadrant) for p in nothing.processes} == {(None, None, None)}
    assert len(nothing.missing) == 3


@pytest.mark.requirement("S000-027")
def test_importance_follows_the_validity_of_the_weights(place: Workplace) -> None:
    catalogue = place.catalogue
    assert importance(catalogue, selection(), date(2025, 12, 31))["recharge"] == 0.0
    assert importance(catalogue, selection(), date(2026, 1, 1))["recharge"] == 1.0


def test_an_unknown_selection_is_refused_with_the_nearest_names(place: Workplace) -> None:
    period = period_of_day(Grain.MONTH, date(2026, 3, 1), ZONE)
    with open_states(place) as reading, pytest.raises(InputError) as caught:
        select(place, reading, SelectRequest("keys", "all", period))
    assert [(i.code, i.params["near"]) for i in caught.value.issues] == [("REQ020", "key")]
