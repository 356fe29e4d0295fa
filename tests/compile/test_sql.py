"""What the generated SQL is made of: exact sums, guarded quotients, quoted values, known dialects."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.dialects import DUCKDB, Dialect, comment, identifier, instant_literal, literal
from ganzhi.compile.observe import Question, observe_sql
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.records import RowsPage, RowsQuestion, rows_sql
from ganzhi.compile.scan import scan_sql
from ganzhi.measure.statements import statements
from ganzhi.numerics.histogram import bucket, estimate
from tests.measure.place import catalogue_with, indicator

JANUARY = (date(1999, 1, 1), date(1999, 1, 31))


@pytest.fixture(scope="module")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


ENGINE = duckdb.connect(":memory:")


def one(sql: str) -> object:
    """The value of a scalar expression."""
    return ENGINE.execute(f"select {sql}").fetchall()[0][0]


def test_every_statement_of_the_pack_is_read_by_the_engine_and_explains_itself(pack: Catalogue) -> None:
    codes = [code for code, each in pack.indicators.items() if each.feed is not None]
    found = statements(pack, codes, first=JANUARY[0], last=JANUARY[1])
    assert {each.step for each in found} == {"scan", "day", "total", "month", "observe"}
    for each in found:
        assert len(ENGINE.extract_statements(each.sql)) == 1
        assert each.sql.startswith("-- ")


def test_sums_are_never_floating_point(pack: Catalogue) -> None:
    made = {
        "whole": indicator("whole", sum={"of": "wait_s + talk_s"}),
        "part": indicator("part", unit="min", sum={"of": "talk_s * 0.25"}),
    }
    sql = scan_sql(plan_feed(catalogue_with(pack, made), "calls"))["add"]
    assert re.search(r"cast\(coalesce\(sum\(case when p\d then v\d end\), 0\) as decimal\(38, 0\)\)", sql)
    assert 'cast("talk_s" * 0.25 as decimal(38, 9)) as v' in sql
    assert "double" not in sql.lower()


def test_every_quotient_is_guarded_against_zero(pack: Catalogue) -> None:
    plan = plan_feed(pack, "calls")
    quotients = [code for code, f in plan.formulas.items() if f.denominator is not None]
    sql = observe_sql(plan, Question(tuple(quotients), "day", (), {}, *JANUARY))
    assert sql.count(" / nullif(") == len(quotients)


def test_a_filter_is_computed_once_however_many_measures_use_it(pack: Catalogue) -> None:
    sql = scan_sql(plan_feed(pack, "calls"))["add"]
    flags = re.findall(r"^\s+(.*) as p\d+,?$", sql, re.MULTILINE)
    assert len(flags) == len(set(flags))
    assert len(flags) < sql.count(" as m_")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], min_codepoint=32), max_size=40))
def test_a_text_literal_is_that_text_whatever_it_contains(text: str) -> None:
    if "\x7f" in text:
        return
    assert one(literal(text)) == text


@pytest.mark.parametrize("text", ["a\0b", "line\nend", "\x1b[31m"])
def test_a_value_with_a_control_character_is_refused(text: str) -> None:
    with pytest.raises(InputError) as raised:
        literal(text)
    assert raised.value.issues[0].code == "CMP003"


def test_a_comment_cannot_end_early() -> None:
    assert "\n" not in comment("x\n; drop table calls --")


def test_a_quote_in_a_name_stays_inside_the_name() -> None:
    assert one(f"1 as {identifier('ab')}") == 1


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_slot_is_the_quarter_hour_that_holds_the_instant(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC)
    slot = one(DUCKDB.write("slot", time=instant_literal(instant)))
    assert isinstance(slot, int)
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=slot)
    assert slot % 900 == 0
    assert start <= instant < start + timedelta(minutes=15)


@given(st.one_of(st.integers(-100, 10**9), st.floats(-5, 1e9, allow_subnormal=False)))
def test_the_engine_finds_the_same_bucket_and_estimate_as_the_formula(x: float) -> None:
    found = one(DUCKDB.write("bucket", value=f"cast({x!r} as double)"))
    assert found == bucket(x)
    assert one(DUCKDB.write("estimate", bucket=str(found))) == pytest.approx(estimate(bucket(x)), rel=1e-12)


def test_an_engine_without_a_dialect_is_refused_with_those_that_have_one(pack: Catalogue) -> None:
    with pytest.raises(InputError) as raised:
        statements(pack, ["hotline.calls"], engine="oracle", first=JANUARY[0], last=JANUARY[1])
    assert raised.value.issues[0].code == "CMP001"
    assert raised.value.issues[0].params["known"] == "duckdb, clickhouse, spark"


def test_the_scan_is_shown_in_the_words_of_the_engine_that_scans(pack: Catalogue) -> None:
    scans = {}
    for engine in ("duckdb", "clickhouse", "spark"):
        found = statements(pack, ["hotline.calls"], engine=engine, first=JANUARY[0], last=JANUARY[1])
        scans[engine] = next(each.sql for each in found if (each.step, each.kind) == ("scan", "add"))
    assert "epoch_us" in scans["duckdb"]
    assert "toUnixTimestamp64Micro" in scans["clickhouse"]
    assert "unix_micros" in scans["spark"]
    assert all("-- calls: " in sql for sql in scans.values())


def test_a_construct_an_engine_lacks_is_an_error_and_not_an_approximation(pack: Catalogue) -> None:
    parts = {name: getattr(DUCKDB, name) for name in Dialect.__slots__}
    poor = Dialect(**{**parts, "name": "poor", "bucket": None})
    with pytest.raises(InputError) as raised:
        scan_sql(plan_feed(pack, "calls"), poor)
    assert raised.value.issues[0].code == "CMP002"


def test_records_are_ordered_by_a_column_of_theirs_only(pack: Catalogue) -> None:
    at = datetime(1999, 1, 1, tzinfo=UTC)
    question = RowsQuestion("hotline.calls", "all", at, at + timedelta(days=1), {}, ("call_id", "arrived_at"))
    plan = plan_feed(pack, "calls")
    assert "limit 10 offset 20" in rows_sql(plan, question, RowsPage(10, 20, "call_id", descending=True))
    with pytest.raises(InputError) as raised:
        rows_sql(plan, question, RowsPage(10, 0, 'call_id" desc; --'))
    assert raised.value.issues[0].code == "CMP011"


def test_hours_are_not_asked_of_a_feed_that_is_kept_by_the_day(pack: Catalogue) -> None:
    feed = pack.feeds["calls"].model_copy(update={"finest": Grain.DAY})
    catalogue = catalogue_with(pack, {"n": indicator("n", count={})})
    plan = plan_feed(replace(catalogue, feeds={"calls": feed}), "calls")
    assert plan.levels == ("day",)
    with pytest.raises(InputError) as raised:
        observe_sql(plan, Question(("n",), "fine", (), {}, *JANUARY))
    assert raised.value.issues[0].code == "CMP010"
