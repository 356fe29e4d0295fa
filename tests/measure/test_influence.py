"""What moves with a perception, on rows whose truth is known; and the internal level that secures it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.influence import InfluenceRequest, SecureRequest, candidates_of, influence, secure
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, DAYS = date(2026, 4, 1), 60
LAST = FIRST + timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """60 days of ten calls: the wait of a day lowers the talk (standing in for a rating) of the next day."""
    tree = {
        "felt": indicator(
            "felt",
            layer="KEI",
            unit="s",
            dimension="perception",
            direction="higher",
            mean={"of": "talk_s"},
            processes=["recharge"],
        ),
        "wait": indicator(
            "wait",
            unit="s",
            direction="lower",
            mean={"of": "wait_s"},
            supports=[{"parent": "felt", "weight": 1}],
            targets={"management": {"floor": 60, "target": 40, "challenge": 20}},
        ),
        "menu": indicator("menu", unit="s", direction="lower", mean={"of": "ivr_s"}, processes=["recharge"]),
        "far": indicator("far", count={}, processes=["deposit"]),
    }
    workplace = make_workplace(tmp_path_factory.mktemp("influence"), catalogue_with(pack, tree, units(("all", None))))
    random = np.random.default_rng(2)
    waits, menus = random.uniform(10, 70, DAYS + 1), random.uniform(10, 70, DAYS + 1)
    rows = []
    for day in range(DAYS):
        felt = 200 - 2 * waits[day]  # waits[day] is the wait of the day before
        rows += [
            {
                "call_id": f"{day}-{call}",
                "unit": "all",
                "call_type": "PS",
                "outcome": "AGENT",
                "arrived_at": datetime(2026, 4, 1, 9, call, tzinfo=ZONE) + timedelta(days=day),
                "wait_s": round(waits[day + 1]),
                "ivr_s": round(menus[day]),
                "talk_s": max(0, round(felt + random.normal(0, 4))),
            }
            for call in range(10)
        ]
    put_rows(workplace, "calls", rows)
    refresh(workplace)
    return workplace


def asked(**changes: object) -> InfluenceRequest:
    """What moves with `felt`, by day."""
    given = {"target": "felt", "unit": "all", "grain": Grain.DAY, "first": FIRST, "last": LAST}
    return InfluenceRequest(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.requirement("S000-052")
@pytest.mark.requirement("S001-010")
def test_what_drives_the_perception_is_found_with_its_lag_and_what_does_not_is_not(place: Workplace) -> None:
    with open_states(place) as reading:
        report = influence(place, reading, asked())
    rows = {row.code: row for row in report.rows}
    assert list(rows) == ["wait", "menu"]
    wait, menu = rows["wait"], rows["menu"]
    assert wait.link is not None
    assert (wait.link.lag, wait.moves, wait.expected) == (1, True, True)
    assert wait.link.r < -0.9
    assert not menu.moves
    assert report.tested == 8


def test_candidates_are_what_supports_the_target_and_what_is_measured_on_its_processes(place: Workplace) -> None:
    assert candidates_of(place.catalogue, "felt") == ("wait", "menu")


def test_a_lag_that_is_none_is_refused(place: Workplace) -> None:
    with open_states(place) as reading, pytest.raises(InputError) as caught:
        influence(place, reading, asked(most_lag=-1))
    assert [issue.code for issue in caught.value.issues] == ["MEA010"]


def test_an_unrelated_internal_indicator_explains_little_and_one_without_direction_is_refused(place: Workplace) -> None:
    with open_states(place) as reading:
        found = secure(place, reading, SecureRequest("menu", "felt", 120.0, "all", Grain.DAY, FIRST, LAST))
        assert found.relation.explained < 0.35
        with pytest.raises(InputError) as caught:
            secure(place, reading, SecureRequest("far", "felt", 120.0, "all", Grain.DAY, FIRST, LAST))
    assert [issue.code for issue in caught.value.issues] == ["MEA011"]
    assert found.target is None
