"""Hot spots on rows: a planted one is found where it is, its parents say so, and calm days have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.complaints.hotspots import HotSpots, hot_spots
from ganzhi.complaints.phrases import emerging_phrases
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
CITIES = ("C1", "C2", "C3")
USUAL = {"charge_doubt": 4, "network_data": 3, "service_attitude": 3, "sms_late": 1}
"""Complaints a day of each category in each city."""
Row = dict[str, object]


def complaint(number: int, day: date, city: str, category: str, product: str, said: str) -> Row:
    received = datetime(day.year, day.month, day.day, 2, number % 60, tzinfo=UTC)
    return {
        "complaint_id": f"c{number}", "received_at": received, "unit": city, "channel": "hotline_agent", "kind": "ordinary",
        "commercial_process": "billing", "category": category, "product": product, "content": said,
    }  # fmt: skip


def rows() -> list[Row]:
    """30 calm days; on the last, in C2, 25 complaints about late messages of one product."""
    rng = np.random.default_rng(2)
    made: list[Row] = []
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        for city in CITIES:
            for category, mean in USUAL.items():
                for _ in range(int(rng.poisson(mean))):
                    product = ("voice", "messaging")[int(rng.integers(2))]
                    made.append(complaint(len(made), day, city, category, product, f"{category} 请尽快处理"))
    made += [complaint(len(made) + k, LAST, "C2", "sms_late", "messaging", "验证码短信迟迟收不到") for k in range(25)]
    return made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    pack = load_catalogue("telecom", None)
    named = [("P", "省", "province", None), *((city, f"市{city}", "city", "P") for city in CITIES)]
    units = {
        code: Unit.model_validate({"name": {"zh": zh, "en": code}, "level": level, "parent": parent})
        for code, zh, level, parent in named
    }
    workplace = make_workplace(tmp_path_factory.mktemp("hot"), replace(pack, units=units))
    put_rows(workplace, "complaints", rows())
    refresh(workplace)
    yield workplace
    workplace.store.close()


@pytest.fixture(scope="module")
def reader(place: Workplace) -> Iterator[Reader]:
    with open_states(place) as states:
        yield Reader(place, states, LOCAL)


def found(reader: Reader, day: str, unit: str = "P", *, quality: bool = False) -> HotSpots:
    return hot_spots(reader, unit, parse_period(day, reader.workplace.zone), quality=quality)


@pytest.mark.requirement("S003-022")
def test_a_planted_hot_spot_is_found_where_it_is(reader: Reader, place: Workplace) -> None:
    spots = found(reader, "2026-09-30")
    grown = {each.keys: each for each in spots.cells if each.grown}
    assert ("sms_late",) in grown
    late = grown["sms_late",]
    assert {name.en for name in late.spread} <= {"C2", "SMS and MMS"}
    assert {("C2",), ("messaging",)}.isdisjoint(keys for keys, each in grown.items() if each.expected > late.expected)
    mostly = [tuple(name.en for name in names) for names in late.mostly]
    assert ("Late or missing messages", "C2") in mostly
    assert len(mostly) == 2
    assert not any(
        len(each.keys) == 2 and "sms_late" in each.keys and each.times < 1.5 * late.times for each in spots.cells
    )

    told = Counter((row["category"], row["unit"]) for row in rows() if row["received_at"].date() == LAST)
    assert late.count == sum(n for (category, _), n in told.items() if category == "sms_late")
    assert spots.total == told.total()
    request = RecordsRequest(spots.code, late.unit, spots.period, where=late.where)
    assert records(place, reader.states, request).total == late.count
    within = found(reader, "2026-09-30", "C2")
    assert within.total == sum(n for (_, city), n in told.items() if city == "C2")
    assert all("place" not in each.sides for each in within.cells)


def test_calm_days_have_no_growth_but_what_is_large_is_said(reader: Reader) -> None:
    grown = [each for day in range(22, 30, 2) for each in found(reader, f"2026-09-{day}").cells if each.grown]
    assert len(grown) <= 1
    large = {each.keys[0] for each in found(reader, "2026-09-25").cells if each.large}
    assert "charge_doubt" in large
    assert "sms_late" not in large


@pytest.mark.requirement("S003-021")
def test_quality_leaves_out_marketing_fees_and_service(reader: Reader) -> None:
    everything, quality = found(reader, "2026-09-30"), found(reader, "2026-09-30", quality=True)
    service = sum(
        1
        for row in rows()
        if row["received_at"].date() == LAST and row["category"] in ("service_attitude", "charge_doubt")
    )
    assert everything.total - quality.total == service
    assert not any("service_attitude" in each.keys or "charge_doubt" in each.keys for each in quality.cells)


def test_what_cannot_be_answered_is_said(reader: Reader) -> None:
    with pytest.raises(InputError, match="HOT001"):
        found(reader, "2026-Q3")
    with pytest.raises(InputError, match="REQ012"):
        found(reader, "2026-09-30", "C9")
    nothing = found(reader, "2026-12-01")
    assert (nothing.total, nothing.cells) == (0, ())
    first = found(reader, "2026-09-02")
    assert first.known == 1
    assert not any(each.grown for each in first.cells)


def test_what_is_suddenly_said_is_found_with_its_complaints(reader: Reader) -> None:
    spoken = emerging_phrases(reader, "P", parse_period("2026-09-30", reader.workplace.zone))
    assert spoken.phrases[0].text in "验证码短信迟迟收不到"
    assert spoken.phrases[0].count == len(spoken.phrases[0].complaints) == 25
    calm = emerging_phrases(reader, "P", parse_period("2026-09-25", reader.workplace.zone))
    assert not any("短信" in each.text for each in calm.phrases)
