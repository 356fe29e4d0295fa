"""The monthly report on support services, on rows: what it says is counted again by hand, and opens to as many records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ganzhi.access.rights import LOCAL, ROLES, AccessError, Viewer
from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import InputError
from ganzhi.base.messages import LANGS
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.cli.command import Call
from ganzhi.cli.report.shown import show_report
from ganzhi.complaints.cases.content import CaseContent, to_json
from ganzhi.complaints.reports.document import Report, Row, Table
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.report.support.due import SupportMaker
from ganzhi.report.support.view import latest_month, support_view
from ganzhi.store.findings.records import Move, NewEvidence
from ganzhi.store.outbox import NewNotice
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows
from tests.store.findings.test_rows import new

MONTH = "2026-10"
KEPT = ("complaint.count", "complaint.in_time", "complaint.per_10k")
LATE = {"2026-09": 4, MONTH: 30}
"""Complaints of a month that were not closed in time, of a hundred in C1; C2 has ten, all in time."""
RAISED = (
    ("a", "C1", 4, "2026-10-02", "2026-10-03", "published"),
    ("b", "P", 2, "2026-09-30", "2026-10-01", "published"),
    ("c", "C1", 1, "2026-10-05", "2026-10-05", "published"),
    ("d", "C2", 3, "2026-09-01", "2026-09-30", "published"),
    ("e", "C2", 3, "2026-10-07", "2026-10-07", "suppressed"),
    ("f", "C1", 2, "2026-10-31", "2026-11-01", "published"),
)


def made() -> list[dict[str, Any]]:
    found = []
    for month, late in LATE.items():
        for unit, many, slow in (("C1", 100, late), ("C2", 10, 0)):
            for k in range(many):
                at = datetime(int(month[:4]), int(month[5:]), 1 + 8 * (k % 4), 4, tzinfo=UTC)
                found.append(
                    {"complaint_id": f"{month}{unit}{k}", "received_at": at, "unit": unit, "channel": "hotline_agent", "kind": "ordinary",
                     "commercial_process": "billing", "process": "realtime_charging", "category": "charge_doubt", "product": "voice",
                     "due_at": at + timedelta(hours=48), "closed_at": at + timedelta(hours=60 if k < slow else 20)}
                )  # fmt: skip
    return found


def raise_findings(place: Workplace) -> None:
    for name, unit, grade, first, last, state in RAISED:
        finding = new(
            id=name, rule="complaints.volume", unit=unit, grade=grade, highest=grade, first_period=first, last_period=last, slice=f'{{"x":"{name}"}}'
        )  # fmt: skip

        def decide(_found: object, _since: object, finding: Any = finding, state: Any = state) -> Any:
            from ganzhi.store.findings.findings import Change

            moves = (Move("raise", "raised", "x"), Move("publish" if state == "published" else "suppress", state, "x"))
            return Change(moves, finding, NewEvidence(finding.first_period, finding.grade, {}))

        place.store.findings.take(finding.series, "warn", decide)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    pack = load_catalogue("telecom", None)
    named = [("P", "province", None), ("C1", "city", "P"), ("C2", "city", "P")]
    units = {
        code: Unit.model_validate({"name": {"zh": code, "en": code}, "level": level, "parent": parent})
        for code, level, parent in named
    }
    entry = pack.reports["support.monthly"].model_copy(update={"indicators": KEPT})
    short = next(iter(pack.shortfalls.values())).model_copy(update={"indicators": ("complaint.in_time",)})
    catalogue = replace(
        pack, units=units, topics={}, reports={"support.monthly": entry}, shortfalls={"slow": short},
        indicators={code: pack.indicators[code].model_copy(update={"supports": ()}) for code in (*KEPT, "customers.subscribers")},
    )  # fmt: skip
    place = make_workplace(tmp_path_factory.mktemp("support"), catalogue)
    place = replace(place, clock=FixedClock(datetime(2026, 11, 2, tzinfo=UTC)))
    put_rows(place, "complaints", made(), empty_days=[date(2026, 10, 31)])
    raise_findings(place)
    said = CaseContent(
        "话费质疑", "x", "c", "f", "w", "charge_doubt", "", "ann", date(2027, 1, 1), date(2026, 1, 1)
    )  # fmt: skip
    for content in (said, replace(said, category="sms_late"), replace(said, title="draft")):
        kept = place.store.cases.add("case", to_json(content), by="ann", reason="")
        if content.title != "draft":
            place.store.cases.approve(kept.entry, by="bob")
    refresh(place)
    yield place
    place.store.close()


@pytest.fixture(scope="module")
def reader(place: Workplace) -> Iterator[Reader]:
    with open_states(place) as states:
        yield Reader(place, states, LOCAL)


def table(found: Report, key: str) -> Table:
    return next(each for section in found.sections for each in section.tables if each.key == key)


def rows(found: Report, key: str) -> list[dict[str, Any]]:
    own = table(found, key)
    return [{column.key: cell for column, cell in zip(own.columns, row.cells, strict=True)} for row in own.rows]


def opens_to(reader: Reader, row: Row) -> int:
    assert row.opens is not None
    period = parse_period(row.opens.period, reader.workplace.zone)
    asked = RecordsRequest(row.opens.indicator, row.opens.unit, period, where=row.opens.where)
    return records(reader.workplace, reader.states, asked).total


@pytest.mark.requirement("S000-082")
def test_indicators_incidents_shortfalls_and_cases_are_those_of_the_month(reader: Reader) -> None:
    found = support_view(reader, None, MONTH, None).report
    assert [section.key for section in found.sections] == ["indicators", "incidents", "shortfalls", "cases"]
    count, in_time, rate = rows(found, "support_indicators")
    assert (count["month_value"], count["month_earlier"], count["records"], count["level"]) == (110, 110, 110, "")
    assert (in_time["month_value"], in_time["month_earlier"]) == (round(8000 / 110, 4), round(10600 / 110, 4))
    assert (in_time["target"], in_time["level"] in ("orange", "red")) == (95, True)
    assert rate["month_value"] is None
    for row in table(found, "support_indicators").rows[:2]:
        assert opens_to(reader, row) == 110

    touched = [each for each in RAISED if each[2] >= 2 and each[3] <= "2026-10-31" and each[4] >= "2026-10-01"]
    listed = [each[0] for each in sorted(touched, key=lambda e: (-e[2], e[3])) if each[5] == "published"]
    assert [row["incident"] for row in rows(found, "support_incidents")] == listed == ["a", "b", "f"]
    assert {row["grade"]: row["incidents"] for row in rows(found, "support_grades")} == {
        "red": 1,
        "orange": 0,
        "yellow": 2,
    }
    remark = found.sections[1].remarks[0]
    assert (remark.params["n"], remark.params["kept_back"]) == (3, 1)

    (short,) = rows(found, "support_shortfalls")
    assert (short["code"], short["standing"]) == ("complaint.in_time", "open")
    assert [row["code"] for row in rows(found, "support_below")] == ["complaint.in_time"]
    (case,) = rows(found, "support_cases")
    assert (case["case"], case["complaints"]) == (1, 110)
    assert opens_to(reader, table(found, "support_cases").rows[0]) == 110
    params = found.headline.params
    assert (params["met"], params["judged"], params["incidents"], params["open"]) == (0, 1, 3, 1)

    city = support_view(reader, "C2", MONTH, None).report
    assert rows(city, "support_indicators")[1]["month_value"] == 100
    assert rows(city, "support_incidents") == []


def test_as_text_it_says_periods_levels_and_units_in_words_and_what_is_not_known(
    reader: Reader, tmp_path: Path
) -> None:
    found = support_view(reader, None, MONTH, None).report
    period = parse_period(MONTH, reader.workplace.zone)
    said = {}
    for lang in LANGS:
        show_report(Call(tmp_path, lang), found, period, "table", tmp_path / lang)
        said[lang] = (tmp_path / lang).read_text(encoding="utf-8")
    assert "Red" in said["en"]
    for lang, name in (("en", "Fri 2 Oct 2026"), ("zh", "2026-10-02（周五）")):
        (line,) = [line for line in said[lang].splitlines() if name in line]
        assert line.split()[0] == "a"
        assert line.split()[-3:] == ["–"] * 3
    for left in ("2026-10-02 ", "points", "yellow", "published"):
        assert left not in said["zh"]


def test_an_edition_is_kept_when_the_month_is_over_and_again_when_its_rows_were_corrected(place: Workplace) -> None:
    maker, told = SupportMaker(), list[int]()

    def announce(_unit: str, _period: object, _report: Report, number: int) -> list[NewNotice]:
        told.append(number)
        return []

    def turn(at: datetime) -> list[int]:
        own = replace(place, clock=FixedClock(at))
        with open_states(own) as states:
            return [head.number for head in maker.turn(own, states, ("P",), announce)]

    assert turn(datetime(2026, 11, 1, 1, tzinfo=UTC)) == []
    assert turn(datetime(2026, 11, 1, 3, tzinfo=UTC)) == [1]
    assert turn(datetime(2026, 11, 1, 4, tzinfo=UTC)) == []
    late = {**made()[-1], "complaint_id": "late", "received_at": datetime(2026, 10, 9, 4, tzinfo=UTC)}
    put_rows(place, "complaints", [late])
    refresh(place)
    assert turn(datetime(2026, 11, 2, 4, tzinfo=UTC)) == [2]
    assert told == [1, 2]
    with open_states(place) as states:
        reader = Reader(place, states, LOCAL)
        assert latest_month(reader).key == MONTH
        counts = [
            rows(support_view(reader, None, MONTH, edition).report, "support_indicators")[0]["records"]
            for edition in (1, 2, None)
        ]
        with pytest.raises(InputError, match="CRP004"):
            support_view(reader, None, MONTH, 3)
    assert counts == [110, 111, 111]


def test_what_other_pages_withhold_is_withheld_here(reader: Reader) -> None:
    leader = Viewer("leader", "leader", "leader", (), ROLES["leader"].rights)
    found = support_view(Reader(reader.workplace, reader.states, leader), None, MONTH, None)
    assert not found.records
    assert all(row.opens is None for section in found.report.sections for each in section.tables for row in each.rows)
    bound = Reader(reader.workplace, reader.states, replace(leader, units=("C1",)))
    with pytest.raises(InputError, match="REQ012"):
        support_view(bound, "C2", MONTH, None)
    with pytest.raises(InputError, match="CRP001"):
        support_view(reader, None, "2026-W40", None)
    with pytest.raises(AccessError):
        support_view(Reader(reader.workplace, reader.states, replace(leader, rights=frozenset({"macro"}))), None, MONTH, None)  # fmt: skip
