"""The indicator page: every breakdown and every list of records agrees with its number."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.build.records import all_rows, parts_of, records_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.indicator import HOUR_WEEKDAY
from ganzhi.measure.views.query import IndicatorQuery, PageQuery, RecordsQuery
from tests.build.raw import read_calls, read_customers

JANUARY = PageQuery(period="1999-01")
COUNTED = ("hotline.calls", "hotline.requested", "hotline.answered", "hotline.abandoned")


@pytest.mark.parametrize("code", COUNTED)
def test_a_count_cut_by_any_dimension_adds_up_to_the_count(reader: Reader, code: str) -> None:
    whole = indicator_page(reader, code, JANUARY, IndicatorQuery())
    assert len(whole.dimensions) >= 3
    for dimension, _ in whole.dimensions:
        page = indicator_page(reader, code, JANUARY, IndicatorQuery(by=dimension))
        if dimension == HOUR_WEEKDAY:
            assert page.heat is not None
            assert sum(each.value or 0 for hour in page.heat.hours for each in hour) == whole.now.value
            continue
        cut = page.breakdown
        assert cut is not None
        assert sum(row.reading.value or 0 for row in cut.rows) == whole.now.value, dimension
        assert math.isclose(math.fsum(row.share or 0 for row in cut.rows), 1.0)


@pytest.mark.requirement("S002-118")
def test_child_units_stand_beside_each_other_and_add_up(reader: Reader) -> None:
    page = indicator_page(reader, "hotline.calls", JANUARY, IndicatorQuery())
    assert page.peers is not None
    assert {row.key for row in page.peers.rows} == {"north", "south"}
    assert sum(row.reading.value or 0 for row in page.peers.rows) == page.now.value


@pytest.mark.requirement("S002-119")
def test_month_to_date_of_a_rate_is_formed_from_summed_parts(reader: Reader, sample_calls: Path) -> None:
    query = PageQuery(period="1999-01-20", basis="todate")
    page = indicator_page(reader, "hotline.answer_rate", query, IndicatorQuery())
    mine = [c for c in read_calls(sample_calls) if c.day <= date(1999, 1, 20)]
    answered, requested = sum(c.outcome == "AGENT" for c in mine), sum(c.requested for c in mine)
    assert (page.now.numerator, page.now.denominator) == (answered, requested)
    assert page.now.value is not None
    assert math.isclose(page.now.value, 100 * answered / requested)
    days = {c.day for c in mine}
    daily = [
        sum(c.outcome == "AGENT" for c in mine if c.day == day) / sum(c.requested for c in mine if c.day == day)
        for day in days
    ]
    assert not math.isclose(page.now.value, 100 * sum(daily) / len(daily), rel_tol=1e-4), (
        "a mean of rates is another number"
    )


def test_the_trend_shows_missing_days_as_unknown_and_smooths_from_merged_parts(
    reader: Reader, sample_calls: Path
) -> None:
    trend = indicator_page(reader, "hotline.answer_rate", JANUARY, IndicatorQuery()).trend
    by_day = {point.period.first_day: point for point in trend.points}
    assert by_day[date(1999, 1, 11)].reading.value is None
    assert by_day[date(1999, 1, 11)].reading.completeness == 0
    assert by_day[date(1999, 1, 15)].smooth is None  # its week has days without data
    week = [c for c in read_calls(sample_calls) if date(1999, 1, 25) <= c.day <= date(1999, 1, 31)]
    expected = 100 * sum(c.outcome == "AGENT" for c in week) / sum(c.requested for c in week)
    found = by_day[date(1999, 1, 31)].smooth
    assert found is not None
    assert math.isclose(found, expected)


@pytest.mark.requirement("S002-115")
def test_the_records_behind_every_number_are_as_many_as_it_counts(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    checked = 0
    for code, indicator in catalogue.indicators.items():
        if indicator.feed != "calls":
            continue
        for part in parts_of(catalogue, code):
            page = records_page(reader, code, PageQuery(period="1999-W04"), RecordsQuery(part=part))
            assert dict(page.parts)[part] == page.total
            checked += 1
    assert checked > 40


@pytest.mark.requirement("S002-115")
def test_a_slice_opens_its_own_records_with_personal_values_masked(reader: Reader, sample_calls: Path) -> None:
    asked = RecordsQuery(part="numerator", where={"call_type": "NE"})
    page = records_page(reader, "hotline.abandon_rate", JANUARY, asked)
    raw = [c for c in read_calls(sample_calls) if c.kind == "NE" and c.outcome == "HANG" and c.queued]
    assert page.total == len(raw)
    every = list(all_rows(reader, "hotline.abandon_rate", JANUARY, asked))
    assert len(every) == len(raw)
    customer = [column.name for column in page.columns].index("customer_id")
    shown = {cell for cells in every if (cell := cells[customer]) is not None}
    assert shown
    assert all("****" in cell for cell in shown)
    assert {cells[-2] for cells in every} == {"january.txt.gz"}


def test_sorting_by_a_masked_column_is_refused(reader: Reader) -> None:
    with pytest.raises(Exception, match="REQ015"):
        records_page(reader, "hotline.calls", JANUARY, RecordsQuery(sort="customer_id"))


@pytest.mark.requirement("S000-050")
def test_a_month_is_judged_by_management_targets_and_an_hour_by_operations_targets(reader: Reader) -> None:
    month = indicator_page(reader, "hotline.answer_rate", JANUARY, IndicatorQuery()).subject.limits
    hour = indicator_page(
        reader, "hotline.answer_rate", PageQuery(period="1999-01-25T10"), IndicatorQuery()
    ).subject.limits
    targets = reader.workplace.catalogue.indicators["hotline.answer_rate"].targets
    assert (month, hour) == (targets.management, targets.operations)
    assert month is not None
    assert hour is not None
    assert month.target != hour.target


@pytest.mark.requirement("S000-046")
def test_the_tree_can_be_walked_from_the_top_to_the_bottom_layer(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    layers = [
        place.score.layer
        for place in indicator_page(reader, "hotline.answer_rate", JANUARY, IndicatorQuery()).hierarchy
    ]
    assert layers[0] == "KEI"
    assert {"KEI", "KQI", "KPI", "PI"} == set(layers)
    page = indicator_page(reader, "hotline.experience", JANUARY, IndicatorQuery())
    assert page.now.value is not None
    children = catalogue.children("hotline.experience")
    weighted = sum(w * (c.score or 0) for c in page.contributions for code, w in children.items() if code == c.code)
    assert math.isclose(page.now.value, weighted / sum(children.values()))


def test_a_search_finds_literal_text_in_shown_values_and_never_in_masked_ones(
    reader: Reader, sample_calls: Path
) -> None:
    found = records_page(reader, "hotline.answered", JANUARY, RecordsQuery(search="basch"))
    assert found.total > 100
    agent = [column.name for column in found.columns].index("agent")
    assert {cells[agent] for cells in found.rows} == {"BASCH"}
    assert dict(found.parts)["all"] == 27060  # the number itself does not change
    assert [c.value for c in found.conditions if c.field == "q"] == ["basch"]
    for literal in ("%", "_ASCH", "' or 1=1 --"):
        assert records_page(reader, "hotline.answered", JANUARY, RecordsQuery(search=literal)).total == 0
    customer = next(c for c in read_customers(sample_calls) if len(c) == 8)
    assert records_page(reader, "hotline.calls", JANUARY, RecordsQuery(search=customer)).total == 0
