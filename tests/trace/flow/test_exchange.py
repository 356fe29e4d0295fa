"""XES and OCEL: what is written is read again alike; what is not safe or not whole is refused."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.trace.flow.exchange.event import LogEvent, LogTally
from ganzhi.trace.flow.exchange.ocel import read_ocel, write_ocel
from ganzhi.trace.flow.exchange.xes import read_xes, write_xes

AT = datetime(2012, 3, 1, 8, tzinfo=UTC)
EVENTS = [
    LogEvent("案例 1", 'ask "why" <&>\n\t', AT, "complete", "Zhang", "east"),
    LogEvent("案例 1", "answer", AT + timedelta(milliseconds=1500)),
    LogEvent("2", "ask", AT + timedelta(hours=1), None, "李", None),
]
XES = '<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="1"/>{events}</trace></log>'
EVENT = '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="{at}"/></event>'


def _xes(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _code(path: Path, limit: int = 10_000) -> str:
    with pytest.raises(InputError) as refused:
        list(read_xes(path, LogTally(), limit))
    return refused.value.issues[0].code


def test_written_logs_are_read_again_alike(tmp_path: Path) -> None:
    tally = LogTally()
    path = tmp_path / "log.xes.gz"
    path.write_bytes(gzip.compress("".join(write_xes(EVENTS, "日志")).encode()))
    assert list(read_xes(path, tally)) == EVENTS
    assert (tally.cases, tally.events, tally.left_out) == (2, 3, 0)
    other = tmp_path / "log.json"
    other.write_text("".join(write_ocel(EVENTS, sorted({e.activity for e in EVENTS}), "case")), encoding="utf-8")
    assert list(read_ocel(other, LogTally())) == EVENTS
    declared = json.loads(other.read_text(encoding="utf-8"))
    assert {each["name"] for each in declared["eventTypes"]} == {event["type"] for event in declared["events"]}
    assert {each["id"] for each in declared["objects"]} == {"案例 1", "2"}


def test_an_event_of_several_objects_belongs_to_each_of_their_cases(tmp_path: Path) -> None:
    document = {
        "objectTypes": [], "eventTypes": [],
        "objects": [{"id": "o1", "type": "order"}, {"id": "o2", "type": "order"}, {"id": "i1", "type": "item"}],
        "events": [
            {"id": "1", "type": "pay", "time": "2012-03-01T08:00:00Z", "relationships": [{"objectId": "o1"}, {"objectId": "o2"}]},
            {"id": "2", "type": "pack", "time": "2012-03-01T09:00:00", "relationships": [{"objectId": "i1"}]},
        ],
    }  # fmt: skip
    path = tmp_path / "log.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    tally = LogTally()
    assert [(e.case, e.activity) for e in read_ocel(path, tally)] == [("o1", "pay"), ("o2", "pay")]
    assert (tally.cases, tally.no_case) == (2, 1)
    assert [e.case for e in read_ocel(path, LogTally(), "item")] == ["i1"]
    with pytest.raises(InputError, match="FLW004"):
        list(read_ocel(path, LogTally(), "invoice"))


def test_events_that_cannot_be_taken_are_counted_by_reason(tmp_path: Path) -> None:
    events = (
        EVENT.format(at="yesterday")
        + EVENT.format(at="2012-03-01T08:00:00")
        + '<event><date key="time:timestamp" value="2012-03-01T08:00:00Z"/></event>'
    )
    tally = LogTally()
    found = list(read_xes(_xes(tmp_path / "a.xes", XES.format(events=events)), tally))
    assert [event.at for event in found] == [AT]
    assert (tally.no_time, tally.no_activity, tally.without_zone, tally.events) == (1, 1, 1, 1)
    nameless = XES.replace('<string key="concept:name" value="1"/>', "").format(events=EVENT.format(at=AT.isoformat()))
    tally = LogTally()
    assert list(read_xes(_xes(tmp_path / "b.xes", nameless), tally)) == []
    assert tally.no_case == 1


def test_entities_and_document_types_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><log>&b;</log>'
    outside = '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>'
    assert _code(_xes(tmp_path / "bomb.xes", bomb)) == "FLW002"
    assert _code(_xes(tmp_path / "outside.xes", outside)) == "FLW002"
    assert _code(_xes(tmp_path / "deep.xes", "<log>" + "<list>" * 200 + "</list>" * 200 + "</log>")) == "FLW002"


def test_what_is_no_log_or_too_large_is_refused(tmp_path: Path) -> None:
    assert _code(_xes(tmp_path / "cut.xes", XES.format(events="")[:-6])) == "FLW001"
    assert _code(_xes(tmp_path / "other.xes", "<html></html>")) == "FLW001"
    packed = tmp_path / "large.xes.gz"
    packed.write_bytes(gzip.compress(XES.format(events=" " * 2_000_000).encode()))
    assert _code(packed, 100_000) == "FLW003"
    broken = tmp_path / "broken.xes.gz"
    broken.write_bytes(packed.read_bytes()[:200])
    assert _code(broken, 10_000_000) == "FLW001"
    for text in ("[]", "{", '{"objects": 1, "events": []}', '{"objects": [1], "events": []}'):
        path = _xes(tmp_path / "log.json", text)
        with pytest.raises(InputError, match="FLW001"):
            list(read_ocel(path, LogTally()))
    with pytest.raises(InputError, match="FLW003"):
        list(read_ocel(path, LogTally(), limit=3))
