"""Complaints as a ticket system exports them: through the adapters, and whatever is wrong with what arrives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain, parse_period
from ganzhi.catalogue.load import load_catalogue
from ganzhi.complaints.recognise.text import LONGEST, cleaned, masked
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace

SAID = {
    "emoji": "宽带断了😡🙏🏽",
    "traditional": "話費突然變多，請查詢",
    "full_width": "號碼１３８１２３４５５２１，身份证１１０１０５１９４９１２３１００２１",
    "numbers": "我的电话13812345521，证件11010519491231002X，邮箱a.b@example.com",
    "empty": "",
    "long": "停" * 200_000,
}
"""What customers say, by the id of the complaint."""
PERSONAL = ("13812345521", "11010519491231002X", "１３８１２３４５５２１", "110105194912310021", "a.b@example.com")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    pack = load_catalogue("telecom", None)
    feeds = ("complaints", "complaint_steps")
    codes = ("complaint.count", "complaint.steps.count")
    narrow = replace(
        pack,
        feeds={code: pack.feeds[code] for code in feeds},
        indicators={code: pack.indicators[code] for code in codes},
        topics={},
        reports={},
    )
    workplace = make_workplace(tmp_path_factory.mktemp("intake"), narrow)
    yield workplace
    workplace.store.close()


def line(workplace: Workplace, mapping: str, **values: str) -> str:
    fixed = {
        "unit": "all",
        "commercial_process": "billing",
        "category": "charge_doubt",
        "channel": "hotline_agent",
        "kind": "ordinary",
    }
    given = {**fixed, "received_at": "2026-09-03 09:00:00", "assigned_at": "2026-09-03 09:00:00", **values}
    return ",".join(given.get(column, "") for column in workplace.catalogue.mappings[mapping].columns_expected)


def arrive(workplace: Workplace, folder: Path, feed: str, mapping: str, lines: Sequence[bytes]) -> LoadReport:
    head = ",".join(workplace.catalogue.mappings[mapping].columns_expected).encode("gb18030")
    file = folder / f"{mapping}.csv"
    file.write_bytes(b"\n".join([head, *lines, b""]))
    [report] = load(workplace, feed, [file], mapping=mapping)
    return report


@pytest.mark.requirement("S002-009")
def test_what_arrives_from_the_ticket_system_is_kept_whole_and_shown_masked(place: Workplace, tmp_path: Path) -> None:
    lines = [
        line(place, "complaint_export", complaint_id=name, content=said).encode("gb18030")
        for name, said in SAID.items()
    ]
    gone = [
        line(place, "complaint_export", complaint_id="gone", category="telegraph", content="电报没到").encode("gb18030"),
        line(place, "complaint_export", complaint_id="late", closed_at="2026-09-02 09:00:00").encode("gb18030"),
    ]  # fmt: skip
    report = arrive(place, tmp_path, "complaints", "complaint_export", [*lines, *gone])
    assert report.state == "accepted"
    assert report.tally.balances
    assert (report.tally.accepted, report.tally.rejected, report.quarantined) == (len(SAID) + 1, 1, 1)
    assert report.reasons == {"ING133": 1}
    assert report.tally.blanked == 1
    step = {"step_id": "s1", "complaint_id": "emoji", "flow_step": "handle", "department": "网络部"}
    steps = [line(place, "complaint_steps_csv", **step, finished_at="2026-09-03 11:00:00").encode("gb18030")]
    assert arrive(place, tmp_path, "complaint_steps", "complaint_steps_csv", steps).tally.accepted == 1
    refresh(place)
    with open_states(place) as reading:
        asked = ObserveRequest(
            ("complaint.count", "complaint.steps.count"), "all", Grain.DAY, date(2026, 9, 3), date(2026, 9, 3)
        )
        assert [each.value for each in observe(place, reading, asked)] == [len(SAID) + 1, 1]
        found = records(
            place, reading, RecordsRequest("complaint.count", "all", parse_period("2026-09-03", place.zone))
        )
    assert found.total == len(SAID) + 1
    shown = repr(found.records)
    assert not any(each in shown for each in PERSONAL)
    closed = [column.name for column in found.columns].index("closed_at")
    assert all(record.values[closed] is None for record in found.records)


def test_a_line_that_the_encoding_cannot_hold_goes_to_quarantine_and_the_others_count(
    place: Workplace, tmp_path: Path
) -> None:
    good = line(place, "complaint_export", complaint_id="good", content="上网慢").encode("gb18030")
    other = line(place, "complaint_export", complaint_id="other", content="上网慢上").encode("utf-8") + b"\xff"
    report = arrive(place, tmp_path, "complaints", "complaint_export", [good, other])
    assert report.tally.balances
    assert (report.state, report.tally.accepted, report.reasons) == ("accepted", 1, {"ING104": 1})
    assert report.quarantined == 1


@pytest.mark.parametrize("name", sorted(SAID))
def test_no_number_of_a_customer_is_left_in_what_is_shown(name: str) -> None:
    for text in (SAID[name], cleaned(SAID[name])):
        shown = masked(text)
        assert not any(each in shown for each in PERSONAL)
        assert len(cleaned(text)) <= LONGEST
