"""2,224 real complaints through a mapping: the published counts, and the swapped days and months reported, not mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.load import load_catalogue
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace

HERE = Path(__file__).parent
Loaded = tuple[Workplace, LoadReport, States]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Loaded]:
    whole = load_catalogue("telecom", HERE / "catalogue")
    own = {code: each for code, each in whole.indicators.items() if each.feed == "comcast"}
    narrow = replace(whole, feeds={"comcast": whole.feeds["comcast"]}, indicators=own, topics={}, reports={})
    workplace = make_workplace(tmp_path_factory.mktemp("comcast"), narrow, "America/New_York")
    file = shared_data / "comcast_complaints_2015" / "comcast_telecom_complaints.csv"
    [report] = load(workplace, "comcast", [file], mapping="comcast_file")
    refresh(workplace)
    with open_states(workplace) as reading:
        yield workplace, report, reading
    workplace.store.close()


def asked(of: Loaded, code: str, grain: Grain, *by: str) -> Mapping[tuple[str, ...], tuple[float | None, int | None]]:
    """Value and numerator by the period's key (month, day) or by the cut (year)."""
    workplace, _, reading = of
    found = observe(
        workplace, reading, ObserveRequest((code,), "all", grain, date(2015, 1, 1), date(2015, 12, 31), by=by)
    )
    return {
        (*(() if grain is Grain.YEAR else (each.period.key,)), *(each.slice.get(name, "") for name in by)): (
            each.value,
            None if each.numerator is None else int(each.numerator),
        )
        for each in found
    }


def test_counts_are_those_published(loaded: Loaded) -> None:
    assert (loaded[1].state, loaded[1].tally.accepted, loaded[1].tally.rejected) == ("accepted", 2224, 0)

    def counts(*by: str) -> Mapping[str, float | None]:
        return {key[0]: value for key, (value, _) in asked(loaded, "comcast.count", Grain.YEAR, *by).items()}

    via = counts("via")
    assert (via["Customer Care Call"], via["Internet"]) == (1119, 1105)
    status = counts("status")
    assert [status[each] for each in ("Solved", "Closed", "Open", "Pending")] == [973, 734, 363, 154]
    states = counts("state")
    top = sorted((value or 0, name) for name, value in states.items() if name)[-5:]
    assert top[::-1] == [(288, "Georgia"), (240, "Florida"), (220, "California"), (164, "Illinois"), (143, "Tennessee")]


def test_what_is_unresolved_is_as_published(loaded: Loaded) -> None:
    by_via = asked(loaded, "comcast.unresolved_share", Grain.YEAR, "via")
    assert [by_via[key,][1] for key in ("Customer Care Call", "Internet")] == [255, 262]
    shares = [round(by_via[key,][0] or 0, 2) for key in ("Customer Care Call", "Internet")]
    assert shares == [22.79, 23.71]
    [(share, open_ones)] = asked(loaded, "comcast.unresolved_share", Grain.YEAR).values()
    assert (open_ones, round(share or 0, 2)) == (517, 23.25)
    by_state = asked(loaded, "comcast.unresolved_share", Grain.YEAR, "state")
    assert max((number or 0, key[0]) for key, (_, number) in by_state.items() if key[0]) == (80, "Georgia")


def test_months_and_days_are_as_written(loaded: Loaded) -> None:
    months = {key[0]: value for key, (value, _) in asked(loaded, "comcast.count", Grain.MONTH).items()}
    assert (months["2015-04"], months["2015-05"], months["2015-06"]) == (375, 317, 1046)
    others = [value or 0 for key, value in months.items() if key not in ("2015-04", "2015-05", "2015-06")]
    assert (min(others), max(others)) == (38, 67)
    days = {key[0]: value or 0 for key, (value, _) in asked(loaded, "comcast.count", Grain.DAY).items()}
    assert max((value, key) for key, value in days.items()) == (218, "2015-06-24")


def test_swapped_days_and_months_are_reported_and_stand_as_written(loaded: Loaded) -> None:
    """Every complaint outside April to June falls on the 4th, 5th or 6th: all of them, and no other, are suspected."""
    months = {key[0]: value or 0 for key, (value, _) in asked(loaded, "comcast.count", Grain.MONTH).items()}
    outside = sum(value for key, value in months.items() if key not in ("2015-04", "2015-05", "2015-06"))
    report = loaded[1]
    assert report.breaches == {"ING136": 486}
    assert report.tally.noted == outside == 2224 - 375 - 317 - 1046
    suspected = asked(loaded, "comcast.count", Grain.MONTH, "suspected")
    assert {key[0]: value for key, (value, _) in suspected.items() if key[1] == "true" and value} == {
        key: value for key, value in months.items() if key not in ("2015-04", "2015-05", "2015-06")
    }
