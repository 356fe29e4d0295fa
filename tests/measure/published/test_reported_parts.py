"""Slices and values to date of closed periods: as they were asked on the day of closing, and as counted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.calendar import covered_by
from ganzhi.measure.observation import Basis, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.reported.close import close
from ganzhi.measure.reported.parts import reported_parts
from ganzhi.measure.reported.reported import Reported, difference
from ganzhi.store.manifest import Change
from ganzhi.store.open import open_store
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import NOW, catalogue_with, indicator, make_workplace, put_rows
from tests.measure.published.test_publish import LAST, ORGANISATION, ZONE, call, indicators, some_calls

CODES = ("answered", "volume", "minutes", "longest", "who", "wait", "each")
MONTH = period_of_day(Grain.MONTH, LAST, ZONE)
WEEK = period_of_day(Grain.WEEK_SAT, LAST, ZONE)
"""30 January to 5 February; to date since 1 February."""
PARTS: Mapping[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "to date": ((), {}),
    "by": (("call_type",), {}),
    "two": (("call_type", "priority"), {}),
    "where": ((), {"call_type": "NE"}),
}
Key = tuple[str, str, tuple[tuple[str, str], ...]]
Numbers = tuple[object, ...]


def typed_calls() -> list[dict[str, object]]:
    """Calls of two types and three priorities."""
    return [
        {
            **row,
            "call_type": ("PS", "NE")[place % 5 < 2],
            "priority": place % 3,
            "outcome": ("AGENT", "HANG")[place % 3 == 2],
        }
        for place, row in enumerate(some_calls())
    ]


def request(period: Period, basis: Basis, part: str) -> ObserveRequest:
    by, where = PARTS[part]
    first = period.first_day
    return ObserveRequest(
        CODES, "all", period.grain, first, first, by=by, where=where, basis=basis, units=("all", "w1"), stale="show"
    )


def as_now(found: list[Observation]) -> dict[Key, Numbers]:
    return {
        (e.code, e.unit, tuple(e.slice.items())): (e.numerator, e.denominator, e.n, e.value, e.completeness, e.covered)
        for e in found
    }


def as_then(found: list[Reported]) -> dict[Key, Numbers]:
    return {
        (e.code, e.unit, tuple(e.slice.items())): (
            e.value.numerator,
            e.value.denominator,
            e.value.n,
            e.value.number,
            e.value.completeness,
            e.covered,
        )
        for e in found
    }


BASES: tuple[Basis, ...] = ("period", "todate")
Asked = tuple[Period, Basis, str]
ASKED = tuple((period, basis, part) for period in (MONTH, WEEK) for basis in BASES for part in PARTS)
Now = dict[tuple[str, str], Observation]
Closed = tuple[Workplace, dict[Asked, dict[Key, Numbers]], Now]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Closed:
    """Closed periods and what was asked before; then a late file, another definition and what is known with them; then
    no row and no state counts any more and what nothing needs is swept from the disk."""
    more = {
        "callers": indicator("callers", distinct={"of": "customer_id"}, finest="month"),
        "per_caller": indicator("per_caller", unit="ratio", rate={"numerator": {"count": {}}, "per": "callers"}),
    }
    catalogue = catalogue_with(pack, {**indicators(), **more}, ORGANISATION)
    place = replace(make_workplace(tmp_path_factory.mktemp("parts"), catalogue), operator_week=Grain.WEEK_SAT)
    put_rows(place, "calls", typed_calls())
    refresh(place)
    with open_states(place) as reading:
        before = {asked: as_now(observe(place, reading, request(*asked))) for asked in ASKED}
    close(place, MONTH, actor="lin")
    close(place, WEEK, actor="lin")
    close(place, MONTH.previous(), actor="lin")
    days = place.store.manifest.snapshot().table("reported_days/month", [MONTH.previous().first_day.isoformat()])
    place.store.manifest.commit(Change("retention", retire=tuple(file.id for file in days)))
    put_rows(place, "calls", [call(99, MONTH.start + timedelta(hours=1), "w1", call_type="NE", priority=1)])
    changed = {**indicators(), **more}
    ratio = changed["answered"].ratio
    assert ratio is not None
    all_answered = ratio.model_copy(update={"numerator": ratio.denominator})
    changed["answered"] = changed["answered"].model_copy(update={"ratio": all_answered})
    later = replace(place, catalogue=replace(catalogue_with(pack, changed, place.catalogue.units), version="later 2+b"))
    refresh(later)
    asked = replace(request(MONTH, "period", "by"), units=())
    with open_states(later) as reading:
        now = {(each.code, each.slice["call_type"]): each for each in observe(later, reading, asked)}
    files = [f for f in later.store.manifest.snapshot().files if not f.table.startswith("reported_")]
    later.store.manifest.commit(Change("retention", retire=tuple(file.id for file in files)))
    future = FixedClock(NOW + timedelta(days=400))
    aged = replace(later, clock=future, store=open_store(f"sqlite:///{later.root / 'store.sqlite'}", future))
    sweep(aged, grace_s=0.0)
    sweep(aged, grace_s=0.0)
    return later, before, now


def test_every_part_stays_as_it_was_asked_on_the_day_of_closing(closed: Closed) -> None:
    place, before, _ = closed
    with open_states(place, ()) as reading:
        for asked in ASKED:
            assert as_then(reported_parts(place, reading, request(*asked))) == before[asked], asked
    assert len({repr(found) for found in before.values()}) > len(ASKED) // 2
    left = {path.relative_to(place.files.root).parts[1] for path in place.files.root.rglob("data/**/*.parquet")}
    assert {"day", "total"} < left
    assert not left & {"rows", "fine", "observed"}


def test_a_slice_to_date_is_what_is_counted_by_hand(closed: Closed) -> None:
    place, _, _ = closed
    with open_states(place, ()) as reading:
        for period in (MONTH, WEEK):
            covered = covered_by(period, "todate")
            rows = [row for row in typed_calls() if covered.start <= row["arrived_at"] < covered.end]  # type: ignore[operator]
            found = {
                each.slice["call_type"]: each.value
                for each in reported_parts(place, reading, request(period, "todate", "by"))
                if (each.code, each.unit) == ("answered", "all")
            }
            for kind in ("PS", "NE"):
                of_kind = [row for row in rows if row["call_type"] == kind]
                answered = sum(row["outcome"] == "AGENT" for row in of_kind)
                assert 0 < answered < len(of_kind)
                assert (found[kind].n, found[kind].value) == (len(of_kind), 100 * answered / len(of_kind))


def test_what_has_come_since_stands_beside_a_slice_with_its_reason(closed: Closed) -> None:
    place, _, now = closed
    with open_states(place, ()) as reading:
        parts = reported_parts(place, reading, request(MONTH, "period", "by"))
    then = {(each.code, each.slice["call_type"]): each for each in parts if each.unit == "all"}
    assert difference(place, then["volume", "PS"], now["volume", "PS"]) is None
    apart = difference(place, then["volume", "NE"], now["volume", "NE"])
    assert apart is not None
    assert (apart.amount, apart.reasons) == (1.0, ("late",))
    redefined = difference(place, then["answered", "PS"], now["answered", "PS"])
    assert redefined is not None
    assert "catalogue" in redefined.reasons


def test_what_a_closing_does_not_keep_is_refused(closed: Closed) -> None:
    place, _, _ = closed

    def refused(asked: ObserveRequest) -> list[str]:
        with pytest.raises(InputError) as caught, open_states(place, ()) as reading:
            reported_parts(place, reading, asked)
        return [issue.code for issue in caught.value.issues]

    month, week = request(MONTH, "period", "by"), request(WEEK, "period", "by")
    assert refused(replace(month, by=("weekday", "hour_of_day"))) == ["MEA024", "MEA024"]
    assert refused(replace(month, grain=Grain.HOUR)) == ["MEA024"]
    assert refused(replace(week, basis="year_todate")) == ["MEA024"]
    assert refused(replace(week, codes=("per_caller",))) == ["MEA026"]
    earlier = MONTH.previous().first_day
    assert refused(replace(month, first=earlier, last=earlier)) == ["MEA027"]
    with open_states(place, ()) as reading:
        assert reported_parts(place, reading, replace(month, codes=("per_caller",), by=(), basis="todate"))
