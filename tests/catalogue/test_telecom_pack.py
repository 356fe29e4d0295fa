"""The pack that ships: what it declares, and that its hotline definitions give the known figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ganzhi.catalogue.checks.expressions import all_expressions, feed_columns
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue

REQUIRED = (
    "hotline.calls",
    "hotline.requested",
    "hotline.answered",
    "hotline.abandoned",
    "hotline.answer_rate",
    "hotline.abandon_rate",
    "hotline.wait.mean_s",
    "hotline.wait.p90_s",
    "hotline.answered_within_20s",
    "hotline.talk.mean_s",
    "hotline.talk.p50_s",
    "hotline.ivr.mean_s",
)


@pytest.fixture(scope="module")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


def hotline(pack: Catalogue) -> dict[str, object]:
    return {code: i for code, i in pack.indicators.items() if code.startswith("hotline.")}


def test_declares_the_hotline_indicators(pack: Catalogue) -> None:
    assert set(REQUIRED) <= set(pack.indicators)
    assert len(hotline(pack)) >= 30
    for code in REQUIRED:
        by = set(pack.indicators[code].by)
        assert {"hour_of_day", "weekday", "call_type", "priority", "agent"} <= by, code


@pytest.mark.requirement("S000-046")
def test_every_hotline_indicator_leads_up_four_layers_to_the_one_index(pack: Catalogue) -> None:
    layers = {pack.indicators[code].layer for code in hotline(pack)}
    assert layers == set(LAYERS)
    for code in hotline(pack):
        at, seen = code, [pack.indicators[code].layer]
        while pack.indicators[at].supports:
            at = pack.indicators[at].supports[0].parent
            seen.append(pack.indicators[at].layer)
        assert at == "hotline.experience"
        assert seen == list(reversed(LAYERS))[len(LAYERS) - len(seen) :]
    for code in ("hotline.experience", "hotline.access", "hotline.answer_rate", "hotline.wait.p90_s"):
        assert sum(pack.children(code).values()) == pytest.approx(1)


def test_what_is_judged_has_a_direction(pack: Catalogue) -> None:
    for code, indicator in pack.indicators.items():
        if indicator.layer != "PI":
            assert indicator.direction is not None, code


@pytest.mark.requirement("S000-048")
def test_all_three_types_of_indicator_are_present(pack: Catalogue) -> None:
    types = {pack.indicators[code].type for code in hotline(pack)}
    assert types == {"customer_evaluation", "business_perception", "system_performance"}


@pytest.mark.requirement("S000-050")
def test_every_measured_kpi_of_the_hotline_has_its_own_targets_per_use(pack: Catalogue) -> None:
    kpis = [pack.indicators[code] for code in hotline(pack) if pack.indicators[code].layer == "KPI"]
    assert len(kpis) >= 10
    for kpi in kpis:
        assert kpi.targets.management is not None
        assert kpi.targets.operations is not None
        assert kpi.targets.management != kpi.targets.operations


@pytest.mark.requirement("S002-084")
def test_lists_the_seven_sources_with_their_expected_freshness(pack: Catalogue) -> None:
    assert [s.name.zh for s in pack.sources.values()][:7] == [
        "BOSS 系统",
        "10086 热线",
        "投诉电子流",
        "网上营业厅",
        "社会渠道",
        "自助渠道",
        "电子渠道",
    ]
    assert all(s.late_after_hours >= 24 for s in list(pack.sources.values())[:7])
    delivered = [feed for s in pack.sources.values() for feed in s.feeds]
    assert len(delivered) == len(set(delivered))
    assert set(delivered) == {code for code, feed in pack.feeds.items() if feed.made_by is None}


@pytest.mark.requirement("S004-020")
def test_the_dimension_dictionary_covers_all_groups_and_every_dimension_in_use(pack: Catalogue) -> None:
    groups = {d.group for d in pack.dimensions.values()}
    assert groups >= {"time", "region", "brand", "customer", "agent", "team", "business", "channel"}
    used = {name for feed in pack.feeds.values() for name in feed.dimensions} | set(CALENDAR_DIMENSIONS)
    assert used <= set(pack.dimensions)
    assert all(pack.dimensions[name].kind == "calendar" for name in CALENDAR_DIMENSIONS)


@pytest.mark.requirement("S004-003")
def test_the_hotline_board_says_goal_function_audience_definitions_and_presentation(pack: Catalogue) -> None:
    board = pack.topics["hotline"]
    assert board.goal.zh
    assert board.function.zh
    assert board.audience.zh
    assert board.presentation
    assert board.headline == "hotline.experience"
    assert set(board.indicators) == set(hotline(pack))
    assert all(pack.indicators[code].definition.zh for code in board.indicators)


def test_chinese_is_written_in_chinese_and_english_in_english(pack: Catalogue) -> None:
    """Definitions and names carry no half-translated text."""
    han = re.compile(r"[\u4e00-\u9fff]")
    for kind in ("indicators", "dimensions", "feeds", "sources", "units", "mappings", "code_lists", "topics"):
        for code, entry in getattr(pack, kind).items():
            if kind != "mappings":
                assert han.search(entry.name.zh), (kind, code)
            assert not han.search(entry.name.en), (kind, code)
    for code, indicator in pack.indicators.items():
        assert indicator.definition.zh.endswith(("。", "；")), code
        assert indicator.definition.en.endswith("."), code
        assert not han.search(indicator.definition.en), code


def test_recharge_codes_are_those_of_the_payment_log(pack: Catalogue) -> None:
    listing = pack.code_lists["recharge_channels"]
    assert {e.code: e.to for e in listing.entries} == {"2": "payment_card", "3": "cash", "4": "remote"}
    assert listing.unknown == "other"
    mapping = pack.mappings["epay_charge_record"]
    assert mapping.files == "epay_charge_record_{shard}_{yyyymmdd}.txt"
    assert mapping.expected is not None
    assert mapping.expected.shards == ("001", "002", "003", "004")


def test_every_expression_of_the_pack_can_be_parsed(pack: Catalogue) -> None:
    written = list(all_expressions(pack))
    assert len(written) > 50
    assert all(w.at is not None for w in written)
    for one in written:
        one.parse()


def test_the_mapping_names_exactly_the_columns_of_the_sample(pack: Catalogue, sample_calls: Path) -> None:
    import gzip

    with gzip.open(sample_calls, "rt") as stream:
        header = stream.readline().rstrip("\r\n").split("\t")
    assert tuple(header) == pack.mappings["anonymous_bank"].columns_expected


@pytest.fixture(scope="module")
def calls(pack: Catalogue, sample_calls: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample as the feed's columns, converted by hand, with the pack's derived columns."""
    connection = duckdb.connect()
    connection.execute(
        f"""
        CREATE TABLE source AS SELECT * FROM read_csv('{sample_calls}', delim='\t', header=true, all_varchar=true,
            quote='', new_line='\\r\\n');
        CREATE TABLE stored AS SELECT
            "vru+line" || '-' || call_id AS call_id, 'all' AS unit, nullif(customer_id, '0') AS customer_id,
            priority::BIGINT AS priority, trim(type) AS call_type, outcome, nullif(server, 'NO_SERVER') AS agent,
            strptime(date || ' ' || vru_entry, '%y%m%d %H:%M:%S')::TIMESTAMPTZ AS arrived_at,
            CASE WHEN vru_time::BIGINT >= 0 THEN vru_time::BIGINT END AS ivr_s,
            CASE WHEN q_start <> '0:00:00' THEN strptime(date || ' ' || q_start, '%y%m%d %H:%M:%S')::TIMESTAMPTZ END
                AS queue_at,
            q_time::BIGINT AS wait_s, ser_time::BIGINT AS talk_s,
            CASE WHEN ser_start <> '0:00:00' THEN strptime(date || ' ' || ser_start, '%y%m%d %H:%M:%S')::TIMESTAMPTZ END
                AS answered_at
        FROM source
        """
    )
    feed = pack.feeds["calls"]
    stored = {name: column.type for name, column in feed.columns.items()}
    derived = ", ".join(f'{parse(d.expr, stored).sql} AS "{name}"' for name, d in feed.derived.items())
    connection.execute(f"CREATE TABLE calls AS SELECT *, {derived} FROM stored")
    yield connection
    connection.close()


def count(pack: Catalogue, calls: duckdb.DuckDBPyConnection, where: str) -> int:
    sql = parse(where, feed_columns(pack.feeds["calls"]), want="bool").sql
    return int(calls.execute(f"SELECT count(*) FROM calls WHERE {sql}").fetchall()[0][0])


def test_january_figures_come_out_of_the_definitions(pack: Catalogue, calls: duckdb.DuckDBPyConnection) -> None:
    def of(code: str) -> int:
        indicator = pack.indicators[code]
        assert indicator.count is not None
        assert indicator.count.where is not None
        return count(pack, calls, indicator.count.where)

    assert of("hotline.calls") == 31_359
    assert of("hotline.answered") == 27_060
    assert of("hotline.abandoned") == 3_101
    assert of("hotline.requested") == 27_060 + 3_101
    assert of("hotline.ivr.only") + of("hotline.requested") == of("hotline.calls")
    assert round(100 * of("hotline.answered") / of("hotline.requested"), 2) == 89.72
    mean = pack.indicators["hotline.talk.mean_s"].mean
    assert mean is not None
    assert mean.where is not None
    assert count(pack, calls, mean.where) == 26_783
    sql = parse(mean.where, feed_columns(pack.feeds["calls"])).sql
    (total,) = calls.execute(f"SELECT sum({mean.of}) FROM calls WHERE {sql}").fetchall()[0]
    assert round(total / 26_783, 2) == 185.35


def test_every_call_has_a_waiting_band_that_the_dictionary_knows(
    pack: Catalogue, calls: duckdb.DuckDBPyConnection
) -> None:
    found = {band for (band,) in calls.execute("SELECT DISTINCT wait_band FROM calls").fetchall()}
    assert found == set(pack.dimensions["wait_band"].values)
    for text, seconds in (("000-010", (0, 10)), ("010-020", (11, 20)), ("120-300", (121, 300))):
        low, high = calls.execute("SELECT min(wait_s), max(wait_s) FROM calls WHERE wait_band = ?", [text]).fetchall()[
            0
        ]
        assert seconds[0] <= low <= high <= seconds[1]


def test_call_types_of_the_sample_are_known_but_two(pack: Catalogue, calls: duckdb.DuckDBPyConnection) -> None:
    known = {e.code for e in pack.code_lists["call_types"].entries}
    rows = calls.execute("SELECT call_type, count(*) FROM calls GROUP BY 1").fetchall()
    assert {kind: n for kind, n in rows if kind not in known} == {"AA": 2}
    assert {kind for kind, _ in rows} - {"AA"} == known
