"""A feed that lives in the operator's engine: nothing is copied, changed days are found, bad rows are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.data import Mapping
from ganzhi.catalogue.model.flows import Flow
from ganzhi.compile.states import rows_schema
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.measure.states.live import live_days
from ganzhi.trace.flow import reading
from ganzhi.trace.flow.mining import FlowCount, count_flow
from ganzhi.trace.flow.reading import FlowRequest, flow_session, question_of
from ganzhi.warehouse.clickhouse.engine import ClickHouseEngine, ClickHouseSession
from ganzhi.warehouse.clickhouse.wire import EmbeddedWire
from ganzhi.warehouse.workplace import Workplace
from tests.conformance.by_hand import day_of
from tests.conformance.test_refresh import committed
from tests.conformance.world import DAYS, FEED, ZONES, Row, catalogue, rows
from tests.measure.place import make_workplace, put_rows

ZONE = ZONES[0]
OWN = "own_probe"


def mapping(**columns: object) -> Mapping:
    """The operator's table has other names, a text where the feed has a number, and a version."""
    plain = {name: {"source": f"c_{name}"} for name in FEED.columns if name not in ("n", "kind")}
    made = {"n": {"source": "n_text"}, "kind": {"expr": "trim(c_kind)"}, **plain, **columns}
    return Mapping.model_validate(
        {
            "name": {"zh": "活", "en": "live"},
            "feed": "probe",
            "table": {"name": OWN, "changed_by": "version"},
            "columns": made,
            "where": "c_id <> 'r3'",
        }
    )


def own_rows(found: list[Row]) -> pa.Table:
    schema = rows_schema(FEED)
    plain = pa.Table.from_pylist(found, schema=schema)
    columns = {f"c_{name}": plain[name] for name in FEED.columns if name != "n"}
    columns["n_text"] = pa.array([None if r["n"] is None else str(r["n"]) for r in found])
    columns["version"] = pa.array([1] * len(found), pa.int64())
    return pa.table(columns)


@pytest.fixture
def wire() -> Iterator[EmbeddedWire]:
    """The operator's table, in ClickHouse's own types."""
    pytest.importorskip("chdb")
    made = EmbeddedWire()
    made.run(
        f"CREATE TABLE {OWN} (c_id String, c_at Nullable(DateTime64(6, 'UTC')), c_unit LowCardinality(String),"
        " c_kind Nullable(String), c_note Nullable(String), n_text Nullable(String), c_fee Nullable(Decimal(18, 2)),"
        " c_tiny Nullable(Decimal(18, 9)), c_ok Nullable(Bool), c_born Nullable(Date32),"
        " c_done Nullable(DateTime64(6, 'UTC')), version Int64, ratio Float64) ENGINE = MergeTree ORDER BY c_id"
    )
    yield made
    made.run(f"DROP TABLE {OWN}")


def place(folder: Path, **columns: object) -> Workplace:
    made = make_workplace(folder, replace(catalogue(), mappings={"live": mapping(**columns)}), ZONE)
    return replace(made, far=ClickHouseEngine(made.files.root, EmbeddedWire))


def test_its_states_are_those_of_the_same_rows_loaded_from_files(tmp_path: Path, wire: EmbeddedWire) -> None:
    wire.fill(OWN, own_rows(rows(ZONE)))
    live, loaded = place(tmp_path / "live"), make_workplace(tmp_path / "loaded", catalogue(), ZONE)
    put_rows(loaded, "probe", [row for row in rows(ZONE) if row["id"] != "r3"])
    first = refresh(live)
    refresh(loaded)
    assert {key: n for key, (n, _) in committed(live).items()} == {key: n for key, (n, _) in committed(loaded).items()}
    assert states(live) == states(loaded)
    assert not refresh(live).changed
    assert sum(day.rows for day in first.live[0].days.values()) == len(rows(ZONE)) - 1


def states(workplace: Workplace) -> dict[tuple[str, str], list[dict[str, object]]]:
    import pyarrow.parquet as pq

    files = [f for f in workplace.store.manifest.snapshot().files if not f.table.startswith("rows/")]
    return {(f.table, f.partition): pq.read_table(workplace.files.path(f)).to_pylist() for f in files}


def test_only_days_that_changed_in_the_table_are_computed_again(tmp_path: Path, wire: EmbeddedWire) -> None:
    wire.fill(OWN, own_rows(rows(ZONE)))
    live = place(tmp_path)
    refresh(live)
    days = sorted({f.partition for f in live.store.manifest.snapshot().table("rows/probe")})
    wire.run(f"ALTER TABLE {OWN} UPDATE c_fee = 5, version = 2 WHERE c_id = 'r1' SETTINGS mutations_sync = 2")
    second = refresh(live)
    (feed,) = second.feeds
    assert (feed.computed, second.live[0].changed) == ((days[0],), (days[0],))
    wire.run(
        f"ALTER TABLE {OWN} DELETE WHERE c_at >= toDateTime64('{days[1]} 00:00:00', 6, '{ZONE}') SETTINGS mutations_sync = 2"
    )
    assert refresh(live).feeds[0].retired == (days[1],)


def test_rows_that_break_the_contract_are_left_out_and_counted_by_reason(tmp_path: Path, wire: EmbeddedWire) -> None:
    found = rows(ZONE)
    table = own_rows(found).to_pylist()
    table[0]["n_text"] = "12.5"
    table[1]["n_text"] = "keine"
    table[2]["c_at"] = None
    table[4]["c_at"] = table[4]["c_at"].replace(year=1950)
    wire.fill(OWN, pa.Table.from_pylist(table, schema=own_rows(found).schema))
    live = place(tmp_path)
    assert live.far is not None
    with live.far.session({}) as session:
        assert isinstance(session, ClickHouseSession)
        report = live_days(live, session, "probe")
    reasons = {why: n for day in report.days.values() for why, n in day.left_out.items()}
    assert reasons == {"unreadable: n": 2}
    assert report.no_time == {"missing: at": 1, "window": 1}
    assert sum(day.rows for day in report.days.values()) == len(found) - 5


def test_what_a_table_cannot_give_is_refused_by_column(tmp_path: Path, wire: EmbeddedWire) -> None:
    for columns, code in (({"fee": {"source": "ratio"}}, "CMP021"), ({"done": {"source": "n_text"}}, "CMP020")):
        with pytest.raises(InputError) as refused:
            refresh(place(tmp_path / code, **columns))
        assert refused.value.issues[0].code == code


def test_without_an_engine_in_the_settings_a_live_feed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        refresh(replace(place(tmp_path), far=None))
    assert refused.value.issues[0].code == "MEA030"


def test_the_records_behind_a_number_are_those_of_the_table(tmp_path: Path, wire: EmbeddedWire) -> None:
    wire.fill(OWN, own_rows(rows(ZONE)))
    live = place(tmp_path)
    refresh(live)
    day = DAYS[ZONE][0]
    period = period_of_day(Grain.DAY, day, live.zone)
    with open_states(live) as reading:
        request = RecordsRequest("p.count_where", "C1", period, limit=500, order="n", where={"kind": "投诉"})
        page = records(live, reading, request)
    wanted = [r for r in rows(ZONE) if r["id"] != "r3" and r["unit"] in ("H1", "H2") and day_of(r, ZONE) == day]
    ids = {r["id"] for r in wanted if r["kind"] == "投诉" and isinstance(r["n"], int) and r["n"] >= 0}
    assert page.total == len(ids) > 0
    assert {dict(zip(FEED.columns, record.values, strict=True))["id"] for record in page.records} == ids
    wire.run(f"ALTER TABLE {OWN} DELETE WHERE c_id = '{min(ids)}' SETTINGS mutations_sync = 2")
    with open_states(live) as reading, pytest.raises(InputError) as refused:
        records(live, reading, request)
    assert refused.value.issues[0].code == "MEA031"


FLOW = Flow.model_validate(
    {
        "name": {"zh": "流程", "en": "flow"},
        "feed": "probe",
        "case": "note",
        "activity": "kind",
        "by": ["size"],
        "steps": {"投诉": {"name": {"zh": "投诉", "en": "complaint"}}},
    }
)


def test_a_flow_reads_the_rows_where_they_live(
    tmp_path: Path, wire: EmbeddedWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        {**row, "note": f"case {n % 3}"} for n, row in enumerate(sorted(rows(ZONE), key=lambda row: str(row["id"])))
    ]
    wire.fill(OWN, own_rows(found[::-1]))
    whole = replace(catalogue(), flows={"flow": FLOW})
    live = replace(place(tmp_path / "live"), catalogue=replace(whole, mappings={"live": mapping()}))
    loaded = make_workplace(tmp_path / "loaded", whole, ZONE)
    put_rows(loaded, "probe", [row for row in found if row["id"] != "r3"])
    first, last = DAYS[ZONE]

    def counted(workplace: Workplace, **where: str) -> FlowCount:
        request = FlowRequest("flow", "P", first, last, where)
        with open_states(workplace, ()) as states, flow_session(workplace, states, request) as session:
            return count_flow(session, question_of(workplace, request), judged=True)

    for where in ({}, {"size": "大"}):
        assert counted(live, **where) == counted(loaded, **where)
    assert counted(live).cases == 3
    monkeypatch.setattr(reading, "MOST_LIVE_ROWS", len(found) - 2)
    with pytest.raises(InputError, match="REQ052"):
        counted(live)
