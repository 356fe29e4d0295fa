"""Delivered files against the catalogue's mappings, and the dirt in them against the truth about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ganzhi.province.calendar import DAY_S, EPOCH, Today
from ganzhi.province.columns import NEVER, identities, same, words
from ganzhi.province.delivery.dirt import Dirt, soiled
from ganzhi.province.delivery.exports import EXPORTS
from ganzhi.province.delivery.family import Family
from ganzhi.province.delivery.office import FAMILIES, FileOffice
from ganzhi.province.delivery.render import as_bytes, compact_moments, rendered
from ganzhi.province.delivery.tables import TABLES
from ganzhi.province.levers import Levers, Pull
from ganzhi.province.streams import stream
from tests.province.stage import pack

DAY = date(2012, 3, 1)
PAYMENTS = next(family for family in TABLES if family.feed == "payments")


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text + "+00:00").timestamp())


def payments(n: int, day: date = DAY) -> dict[str, object]:
    start = (day - EPOCH).days * DAY_S
    return {
        "payment_no": identities("P", np.arange(n) + (day - EPOCH).days * 100_000),
        "booked_at": start + np.arange(n) * 7 % DAY_S,
        "unit": same("LJ-01", n),
        "account_id": identities("A", 100_000_000 + np.arange(n)),
        "amount_fen": np.full(n, 5_000),
        "paid_at": start + np.arange(n) * 7 % DAY_S,
        "state": same("booked", n),
        "entry": words(np.arange(n) % 2, ("bank", "kiosk")),
    }


@pytest.mark.requirement("S000-069")
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: f"{family.feed}:{family.name}")
def test_a_mapping_of_the_catalogue_reads_every_family(family: Family) -> None:
    fitting = [m for m in pack().mappings.values() if m.feed == family.feed and m.files == family.name]
    assert len(fitting) == 1, [m.files for m in pack().mappings.values() if m.feed == family.feed]
    mapping = fitting[0]
    names = [filed.name for filed in family.columns]
    assert len(set(names)) == len(names)
    assert set(mapping.columns_expected) <= set(names)
    assert {column.source for column in mapping.columns.values() if column.source} <= set(names)
    assert (mapping.format.delimiter, mapping.format.encoding) == (family.delimiter, family.encoding)
    if mapping.expected is not None:
        assert mapping.expected.per == family.per
        assert len(mapping.expected.shards) == family.shards


NOBODY_ASKED = {"staff_answers"}
"""Feeds of the pack that the province does not deliver: it has no survey of its staff."""


def test_every_feed_that_a_source_delivers_has_a_family() -> None:
    delivered = {code for code, feed in pack().feeds.items() if feed.made_by is None} - NOBODY_ASKED
    assert {family.feed for family in FAMILIES} == delivered


def test_exports_carry_exactly_their_feeds_columns() -> None:
    for family in EXPORTS:
        assert [filed.source for filed in family.columns] == list(pack().feeds[family.feed].columns), family.feed


def test_compact_moments_are_those_of_the_standard_library() -> None:
    moments = stream(3, "moments").integers(moment("2001-01-01"), moment("2049-12-31"), 500)
    expected = [datetime.fromtimestamp(int(m), UTC).strftime("%Y%m%d%H%M%S") for m in moments]
    assert [str(value) for value in compact_moments(moments).to_pylist()] == expected
    assert compact_moments(np.array([NEVER])).to_pylist() == [None]


def test_codes_and_cut_identities_stand_in_the_file_as_the_source_writes_them() -> None:
    bank = next(family for family in TABLES if family.name.startswith("acc_bank"))
    columns = {
        "payment_id": identities("B", np.array([17, 18])),
        "entry": words(np.array([0, 1]), ("bank", "kiosk")),
        "result": words(np.array([0, 1]), ("done", "failed")),
        "paid_at": np.array([moment("2012-03-01T09:00:00"), moment("2012-03-01T09:00:01")]),
        "finished_at": np.array([NEVER, moment("2012-03-01T09:00:05")]),
    }
    text = as_bytes(bank, rendered(bank, columns, 2)).decode()
    assert text == "17|||1||20120301090000||0||\n18|||3||20120301090001|20120301090005|1||\n"


def test_chinese_text_is_written_in_gb18030_and_quoted() -> None:
    complaints = next(family for family in EXPORTS if family.feed == "complaints")
    columns = {"complaint_id": pa.array(["K1"]), "content": pa.array(["钱没了，还没开机？\n我要投诉!"])}
    raw = as_bytes(complaints, rendered(complaints, columns, 1))
    assert '"钱没了，还没开机？\n我要投诉!"'.encode("gb18030") in raw


def test_dirt_is_what_its_tally_says() -> None:
    table = rendered(PAYMENTS, payments(20_000), 20_000)
    dirty, tally = soiled(stream(5, "dirt"), Dirt(0.01, 0.02, 0.005, 0, 0), PAYMENTS, table, missing_share=0.1)
    assert tally.rows == len(dirty) == 20_000 - tally.missing + tally.doubled
    assert abs(tally.missing - 2_000) < 200
    assert dirty.column("status").to_pylist().count("unknown_9") == tally.spoiled > 300
    assert (
        dirty.column("payment_time").to_pylist().count("20120230256100")
        + dirty.column("peer_time").to_pylist().count("20120230256100")
        == tally.garbled
        > 50
    )
    assert len(dirty) - len(set(dirty.column("payment_no").to_pylist())) == tally.doubled > 100


def test_no_dirt_changes_nothing() -> None:
    table = rendered(PAYMENTS, payments(5_000), 5_000)
    clean, tally = soiled(stream(5, "dirt"), Dirt.none(), PAYMENTS, table)
    assert clean.equals(table)
    assert (tally.rows, tally.doubled, tally.spoiled, tally.garbled, tally.missing) == (5_000, 0, 0, 0, 0)


def _run(folder: Path, dirt: Dirt, levers: Levers | None = None, days: int = 4) -> FileOffice:
    last = DAY + timedelta(days=days - 1)
    office = FileOffice(folder, 11, last, levers or Levers(), dirt)
    for index in range(days):
        today = Today(DAY + timedelta(days=index), index)
        office.begin(today)
        office.deliver("payments", **payments(300, today.day))
        office.end()
    office.finish()
    return office


def _deliveries(folder: Path) -> list[tuple[object, ...]]:
    path = folder / "truth" / "deliveries.parquet"
    wanted = "file, cast(day as varchar), cast(arrives as varchar), version, incident"
    with duckdb.connect() as own:
        return own.execute(f"select {wanted} from '{path}' where feed = 'payments' order by file, version").fetchall()


@pytest.mark.requirement("S000-069")
def test_files_lie_in_the_folder_of_the_day_they_arrive(tmp_path: Path) -> None:
    _run(tmp_path, Dirt.none())
    for n in range(4):
        day = f"2012030{n + 1}"
        assert (tmp_path / "delivered" / day / f"am_ps_payment_{day}.txt").is_file()
        shards = sorted(path.name for path in (tmp_path / "delivered" / day).glob("am_balance_*"))
        assert shards == [f"am_balance_00{k}_{day}.txt" for k in range(1, 5)]
    assert not (tmp_path / "later").exists()
    assert not (tmp_path / ".work").exists()


def test_a_late_feed_comes_later_and_the_truth_names_the_incident(tmp_path: Path) -> None:
    start = (DAY - EPOCH).days * DAY_S
    pull = Pull("delivery.late_days", 0, start + DAY_S, start + 3 * DAY_S, 2.0, frozenset({"payments"}))
    _run(tmp_path, Dirt.none(), Levers((pull,)))
    assert _deliveries(tmp_path) == [
        ("am_ps_payment_20120301.txt", "2012-03-01", "2012-03-01", 1, -1),
        ("am_ps_payment_20120302.txt", "2012-03-02", "2012-03-04", 1, 0),
        ("am_ps_payment_20120303.txt", "2012-03-03", "2012-03-05", 1, 0),
        ("am_ps_payment_20120304.txt", "2012-03-04", "2012-03-04", 1, -1),
    ]
    assert (tmp_path / "later" / "20120305" / "am_ps_payment_20120303.txt").is_file()


def test_a_file_sent_short_comes_whole_two_days_later(tmp_path: Path) -> None:
    _run(tmp_path, Dirt(0, 0, 0, 0, 1.0))
    short = (tmp_path / "delivered" / "20120301" / "am_ps_payment_20120301.txt").read_bytes()
    whole = (tmp_path / "delivered" / "20120303" / "am_ps_payment_20120301.txt").read_bytes()
    assert whole.startswith(short)
    assert short.endswith(b"\n")
    assert len(whole.splitlines()) == 301
    assert 0.9 * 300 < len(short.splitlines()) < 301


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    _run(tmp_path / "a", Dirt())
    _run(tmp_path / "b", Dirt())
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) > 80
    for path in files:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes(), path
