"""Places compared on the indicators of a process, on the sample split over two centres."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.measure.build.journeys.benchmark import benchmark_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.query import PageQuery
from tests.build.raw import Call, read_calls


def centre(call: Call) -> str:
    """The centre of a call, as the overlay of these tests tells them apart."""
    return "north" if call.line.startswith("AA01") else "south"


@pytest.mark.requirement("S000-056")
def test_places_are_ranked_with_their_distance_to_the_best_and_to_the_target(
    reader: Reader, sample_calls: Path
) -> None:
    page = benchmark_page(reader, "enquiry_service", PageQuery(period="1999-01"), "KQI")
    block = next(b for b in page.blocks if b.subject.code == "contact.reach_agent_within_60s")
    rows = {row.unit: row for row in block.rows}
    assert set(rows) == {"north", "south"}
    raw = [c for c in read_calls(sample_calls) if c.outcome == "AGENT"]
    for unit, row in rows.items():
        answered = sum(centre(c) == unit for c in raw)
        assert 0 <= answered - (row.reading.denominator or 0) <= 33  # calls whose time in the IVR was negative
    values = {unit: row.reading.value or 0.0 for unit, row in rows.items()}
    best = max(values, key=lambda unit: values[unit])
    assert next(row.unit for row in block.rows) == best
    assert sorted(row.rank or 0 for row in block.rows) == [1, 2]
    limits = reader.workplace.catalogue.indicator(block.subject.code).targets.management
    assert limits is not None
    for unit, row in rows.items():
        assert row.behind_best == pytest.approx(values[best] - values[unit])
        assert row.behind_target == pytest.approx(float(limits.target) - values[unit])


def test_the_less_of_something_bad_the_better_the_rank(reader: Reader) -> None:
    page = benchmark_page(reader, "enquiry_service", PageQuery(period="1999-01"))
    assert page.layer == "KPI"
    block = next(b for b in page.blocks if b.subject.code == "contact.reach_agent.p90_s")
    first, second = block.rows
    assert (first.rank, second.rank) == (1, 2)
    assert (first.reading.value or 0) < (second.reading.value or 0)
    assert second.behind_best == pytest.approx((second.reading.value or 0) - (first.reading.value or 0))


def test_without_data_nobody_is_ranked(reader: Reader) -> None:
    page = benchmark_page(reader, "recharge", PageQuery(period="1999-01"))
    assert page.blocks
    assert {(row.rank, row.behind_best) for block in page.blocks for row in block.rows} == {(None, None)}


def test_an_unknown_process_is_refused(reader: Reader) -> None:
    with pytest.raises(InputError):
        benchmark_page(reader, "nowhere", PageQuery())
