"""The hotline's analyses on real calls, each against a count of the raw file (S004-003 to S004-008, S004-020)."""

from __future__ import annotations

import csv
import gzip
import math
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain
from ganzhi.measure.build.dictionary import dictionary_page
from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.build.overview import topic_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.query import DictionaryQuery, IndicatorQuery, PageQuery
from tests.build.raw import read_calls

JANUARY = PageQuery(period="1999-01")


def _value(reader: Reader, code: str, unit: str = "all") -> float:
    request = ObserveRequest((code,), unit, Grain.MONTH, date(1999, 1, 1), date(1999, 1, 31))
    value = observe(reader.workplace, reader.states, request)[0].value
    assert value is not None
    return float(value)


@pytest.mark.requirement("S004-003")
def test_the_board_states_goal_function_and_audience_and_defines_each_indicator(reader: Reader) -> None:
    page = topic_page(reader, "hotline", JANUARY)
    topic = page.block.topic
    for text in (topic.goal, topic.function, topic.audience):
        assert text.zh != text.en
    assert len(page.block.rows) >= 20
    for row in page.block.rows:
        assert row.subject.definition.zh
        assert row.now.value is not None


@pytest.mark.requirement("S004-005")
def test_ivr_and_agent_success_equal_a_count_of_the_raw_file(reader: Reader, sample_calls: Path) -> None:
    with gzip.open(sample_calls, "rt", encoding="utf-8", newline="") as text:
        raw = list(csv.DictReader(text, delimiter="\t"))
    in_ivr = [r for r in raw if r["outcome"] == "HANG" and r["q_start"] == "0:00:00"]
    kept = sum(int(r["vru_time"]) >= 10 for r in in_ivr)
    assert math.isclose(_value(reader, "hotline.ivr.success_rate"), 100 * kept / len(in_ivr))
    calls = read_calls(sample_calls)
    served = sum(c.outcome == "AGENT" and c.talk_s >= 10 for c in calls)
    assert math.isclose(_value(reader, "hotline.agent_success_rate"), 100 * served / sum(c.requested for c in calls))


@pytest.mark.requirement("S004-006")
def test_handled_volume_and_occupancy_per_agent_and_team_equal_the_raw_file(reader: Reader, sample_calls: Path) -> None:
    with gzip.open(sample_calls, "rt", encoding="utf-8", newline="") as text:
        raw = [r for r in csv.DictReader(text, delimiter="\t") if r["outcome"] == "AGENT"]
    by_agent: dict[str, int] = {}
    for row in raw:
        name = "" if row["server"] == "NO_SERVER" else row["server"]
        by_agent[name] = by_agent.get(name, 0) + 1
    cut = indicator_page(reader, "hotline.answered", JANUARY, IndicatorQuery(by="agent")).breakdown
    assert cut is not None
    assert {row.key: row.reading.value for row in cut.rows if row.reading.value} == by_agent
    for unit, lines in (("north", "AA01"), ("south", "AA02")):
        mine = [r for r in raw if r["vru+line"].startswith(lines) and r["server"] != "NO_SERVER"]
        served = [r for r in mine if (r["ser_start"], r["ser_exit"]) != ("0:00:00", "0:00:00")]
        talk_s = sum(int(r["ser_time"]) for r in served)
        halves = {(r["server"], r["date"], _half(r["ser_start"])) for r in served}
        assert math.isclose(_value(reader, "hotline.occupancy", unit), 100 * talk_s / (1800 * len(halves)))


def _half(clock: str) -> int:
    hour, minute, _ = clock.split(":")
    return int(hour) * 2 + int(minute) // 30


@pytest.mark.requirement("S004-008")
def test_waiting_is_shown_as_a_distribution_with_abandonment_by_wait_and_service_level(
    reader: Reader, sample_calls: Path
) -> None:
    raw = [c for c in read_calls(sample_calls) if c.requested]
    edges = {"000-010": (-1, 10), "010-020": (10, 20), "020-040": (20, 40), "040-060": (40, 60)}
    edges |= {"060-120": (60, 120), "120-300": (120, 300), "300+": (300, 10**9)}
    rate = indicator_page(reader, "hotline.abandon_rate", JANUARY, IndicatorQuery(by="wait_band")).breakdown
    assert rate is not None
    assert [row.key for row in rate.rows] == list(edges)
    for row in rate.rows:
        low, high = edges[row.key]
        mine = [c for c in raw if low < c.wait_s <= high]
        assert (row.reading.numerator, row.reading.denominator) == (sum(c.outcome == "HANG" for c in mine), len(mine))
    within = sum(c.outcome == "AGENT" and c.wait_s <= 20 for c in raw)
    assert math.isclose(_value(reader, "hotline.service_level_20s"), 100 * within / len(raw))


@pytest.mark.requirement("S004-020")
def test_every_dimension_an_indicator_is_cut_by_stands_in_the_shared_dictionary(reader: Reader) -> None:
    page = dictionary_page(reader.workplace.catalogue, DictionaryQuery())
    known = dict(page.dimensions)
    used = {name for indicator in reader.workplace.catalogue.indicators.values() for name in indicator.by}
    assert used <= known.keys()
    groups = {dimension.group for dimension in known.values()}
    assert {"time", "region", "brand", "customer", "agent", "team", "business", "channel"} <= groups


@pytest.mark.requirement("S000-048")
def test_the_dictionary_reports_indicators_by_type(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    whole = dictionary_page(catalogue, DictionaryQuery())
    types = dict(next(facet for facet in whole.facets if facet.field == "type").choices)
    assert set(types) == {"customer_evaluation", "business_perception", "system_performance"}
    assert sum(types.values()) == whole.total
    for name, count in types.items():
        page = dictionary_page(catalogue, DictionaryQuery(type=name))
        assert page.total == count
        assert {row.subject.type for row in page.rows} == {name}


def test_the_dictionary_finds_text_in_either_language_and_takes_it_literally(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    assert "hotline.answer_rate" in {
        row.subject.code for row in dictionary_page(catalogue, DictionaryQuery(search="接通率")).rows
    }
    assert dictionary_page(catalogue, DictionaryQuery(search="%_%")).total == 0
    assert dictionary_page(catalogue, DictionaryQuery(search="no such thing")).rows == ()


def test_calls_by_hour_and_weekday_equal_a_count_of_the_raw_file(reader: Reader, sample_calls: Path) -> None:
    counted: dict[tuple[int, int], int] = {}
    for call in read_calls(sample_calls):
        if call.outcome != "PHANTOM":
            key = call.hour, call.day.isoweekday()
            counted[key] = counted.get(key, 0) + 1
    page = indicator_page(reader, "hotline.calls", JANUARY, IndicatorQuery(by="hour_weekday"))
    assert page.heat is not None
    assert page.breakdown is None
    seen = {
        (hour, day): reading.value
        for hour, readings in enumerate(page.heat.hours)
        for day, reading in enumerate(readings, start=1)
        if reading.value
    }
    assert seen == counted
    assert sum(seen.values()) == page.now.value
