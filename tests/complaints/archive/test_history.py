"""Tickets of an earlier system by the mapping of the how-to page: looked at, loaded, replayed, taken back; no clock runs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.data import CodeList, Mapping
from ganzhi.complaints.archive.history import bring_in, brought, look_at, mappings_of, state_of
from ganzhi.complaints.desk.gather import directory_of, gather, gather_some, join_one
from ganzhi.complaints.tickets.read import tickets_by_id
from ganzhi.ingest import quarantine
from ganzhi.ingest.load import load
from ganzhi.ingest.replay import replay
from ganzhi.ingest.undo import undo
from ganzhi.jobs import last_arrival
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace
from tests.province.stage import pack

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "bring-in-earlier-complaints.md"
LATER = """
mappings:
  later_tickets:
    name: {zh: 新一点的旧系统, en: A later old system}
    feed: complaints
    past: true
    format: {kind: csv, encoding: utf-8}
    columns_expected: [id, opened, region, topic, closed]
    columns:
      complaint_id: {source: id}
      received_at: {source: opened, format: "%Y/%m/%d %H:%M"}
      unit: {source: region, codes: old_cities}
      channel: {const: hotline_agent}
      kind: {const: ordinary}
      commercial_process: {const: billing}
      category: {source: topic, codes: old_categories}
      closed_at: {source: closed, format: "%Y/%m/%d %H:%M"}
"""
HEAD = "工单号,受理时间,地市,号码,投诉大类,内容,归档时间\n"
OLD = HEAD + (
    "A1,2009-03-02 09:00:00,省,13812345521,话费,多收费,2009-03-03 09:00:00\n"
    "A2,2009-03-02 10:00:00,省,--,短信,迟到,NULL\n"
    "A3,2009-08-02 10:00:00,省,--,短信,来源不明,2009-08-01 10:00:00\n"
    "A4,2009-03-04 10:00:00,省,--,彩铃,没有的类别,2009-03-05 10:00:00\n"
    "A5,2009-03-05 10:00:00,省,--,话费,一,2009-03-06 10:00:00\n"
    "A5,2009-03-05 10:00:00,省,--,话费,二,2009-03-07 10:00:00\n"
)
NEW = "id,opened,region,topic,closed\nB1,2010/01/05 08:00,省,话费,2010/01/06 08:00\n"


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """The pack with what the how-to page declares, and a second mapping."""
    known = pack()
    mappings, lists = dict(known.mappings), dict(known.code_lists)
    for text in (*re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL), LATER):
        declared = yaml.safe_load(text)
        mappings |= {code: Mapping.model_validate(each) for code, each in declared["mappings"].items()}
        lists |= {code: CodeList.model_validate(each) for code, each in declared.get("code_lists", {}).items()}
    return make_workplace(tmp_path / "own", replace(known, mappings=mappings, code_lists=lists), threads=1)


def laid(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "2009.csv").write_bytes(OLD.encode("gb18030"))
    (folder / "2010.csv").write_bytes(NEW.encode())
    (folder / "notes.csv").write_bytes(b"something else\n1\n")
    return folder


def everything(place: Workplace) -> tuple[int, int]:
    """Rows that count, and rows in quarantine."""
    rows = sum(file.rows for file in place.store.manifest.snapshot().table("rows/complaints"))
    return rows, sum(each.rows for each in quarantine.reasons(place, feed="complaints"))


@pytest.mark.requirement("S000-102")
def test_years_of_files_go_in_at_once_and_come_out_again(place: Workplace, tmp_path: Path) -> None:
    folder = laid(tmp_path / "old")
    names = mappings_of(place)
    assert names == ("old_tickets", "later_tickets")
    looked = {each.path.name: each for each in look_at(place, [folder], names)}
    first, second, strange = looked["2009.csv"], looked["2010.csv"], looked["notes.csv"]
    assert (first.mapping, second.mapping, strange.mapping) == ("old_tickets", "later_tickets", None)
    assert first.report is not None
    tally = first.report.tally
    assert (tally.read, tally.accepted, tally.rejected, tally.blanked) == (6, 3, 3, 1)
    assert first.report.unknown_codes == {"category": {"彩铃": 1}}
    assert {each.code for each in strange.issues} >= {"HIS015"}
    assert {each.code for each in first.issues} >= {"HIS016", "ING208"}
    assert (everything(place), brought(place)) == ((0, 0), ())

    with pytest.raises(InputError, match="HIS015"):
        bring_in(place, strange)
    loads = [bring_in(place, each).load_id for each in (first, second)]
    assert everything(place) == (4, 3)
    assert [state_of(each) for each in brought(place)] == ["accepted"] * 2
    with open_states(place) as states:
        reader = Reader(place, states, LOCAL)
        tickets = {each.id: each for each in tickets_by_id(reader, ["A1", "A2", "A3", "B1"])}
    told = {name: (each.category, each.closed_at is None) for name, each in tickets.items()}
    assert told == {"A1": ("charge_doubt", False), "A2": ("sms_late", True), "A3": ("sms_source", True), "B1": ("charge_doubt", False)}  # fmt: skip

    path = folder.parent / "corrected.csv"
    (row,) = [each for each in quarantine.rows(place, feed="complaints")[0] if "彩铃" in (each.raw or "")]
    path.write_text(f'load_id,line,raw\n{row.load_id},{row.line},"{(row.raw or "").replace("彩铃", "话费")}"\n', encoding="utf-8")  # fmt: skip
    replay(place, load=loads[0], corrected=path)
    assert everything(place) == (5, 2)

    (done,) = undo(place, [loads[0]], by="ann")
    assert (done.rows, len(done.loads), done.days) == (4, 2, (date(2009, 3, 2), date(2009, 3, 4), date(2009, 8, 2)))
    assert everything(place) == (1, 0)
    assert [state_of(each) for each in brought(place)] == ["undone", "accepted", "undone"]
    trail = [each.actor for each in place.store.audit.entries() if each.act == "manifest.undo"]
    assert trail == ["ann"]
    assert {each.day.year for each in place.store.ledger.arrivals("complaints")} == {2010}
    with pytest.raises(InputError, match=r"HIS021.*HIS020"):
        undo(place, [loads[0], "nobody"], by="ann")

    again = bring_in(place, first)
    assert (again.state, again.tally.accepted) == ("accepted", 3)
    (folder / "2009b.csv").write_bytes((HEAD + "A1,2009-03-02 09:00:00,省,--,短信,改了,2009-03-03 09:00:00\n").encode("gb18030"))  # fmt: skip
    (changed,) = load(place, "complaints", [folder / "2009b.csv"], "old_tickets")
    assert changed.tally.replaced == 1
    with pytest.raises(InputError, match="HIS022"):
        undo(place, [changed.load_id], by="ann")
    undo(place, [changed.load_id, again.load_id, loads[1]], by="ann", replaced=True)
    assert everything(place) == (0, 0)


@pytest.mark.requirement("S000-102")
def test_no_clock_runs_for_times_past_and_nobody_is_warned(place: Workplace, tmp_path: Path) -> None:
    folder = laid(tmp_path / "old")
    for each in look_at(place, [folder / "2009.csv"], mappings_of(place)):
        bring_in(place, each)
    assert last_arrival(place, "complaint.count") is None
    live = tmp_path / "live.csv"
    columns = place.catalogue.mappings["complaint_export"].columns_expected
    row = {
        "complaint_id": "L1", "received_at": "2009-08-03 09:00:00", "unit": "all", "channel": "hotline_agent",
        "kind": "ordinary", "commercial_process": "billing", "category": "charge_doubt",
    }  # fmt: skip
    live.write_bytes(f"{','.join(columns)}\n{','.join(row.get(name, '') for name in columns)}\n".encode("gb18030"))
    load(place, "complaints", [live], "complaint_export")
    assert last_arrival(place, "complaint.count") == date(2009, 8, 3)
    with open_states(place) as states:
        reader = Reader(place, states, LOCAL)
        open_ = gather(reader)
        assert [each.id for each in open_.tickets] == ["L1"]
        found = gather_some(reader, tickets_by_id(reader, ["A2", "L1"]))
        directory = directory_of(reader, found.now)
        urgency = {each.id: join_one(place.catalogue, found, each, (), directory).limits.urgency for each in found.tickets}  # fmt: skip
    assert urgency["A2"] == "unknown"
    assert urgency["L1"] != "unknown"
