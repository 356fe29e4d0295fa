"""`ganzhi complaints repeats|batches|alike|missing|escalated|promises|counters|channels` on an export file."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path

import pytest

from ganzhi.base.clock import SystemClock
from ganzhi.cli.main import run
from ganzhi.store.open import open_store
from tests.cli.conftest import Program
from tests.cli.test_complaints import COLUMNS

pytestmark = pytest.mark.xdist_group("cli")

SPAN = ("--from", "2026-08-20", "--to", "2026-09-20")


def export(path: Path) -> None:
    """Ten quiet days; then one customer twice, and eight with one problem on one day."""
    rows: list[tuple[str, str, str, str, str, dict[str, str]]] = [
        ("q", f"2026-09-{day:02d}", f"k{day}", "sms_late", "短信迟到", {}) for day in range(1, 11)
    ]
    unsolved = {"closed_at": "2026-09-11 12:00:00", "result": "unsolved", "promised_at": "2026-09-11 11:00:00"}
    higher = {"escalated_to": "city", "kind": "escalated"}
    rows += [("a", "2026-09-11", "r1", "network_data", "上网慢 电话13812345521", unsolved)]
    rows += [("b", "2026-09-12", "r1", "network_data", "上网还是慢", higher)]
    rows += [("m", "2026-09-14", f"c{n}", "billing_run", f"第{n}位：账单重复", {}) for n in range(8)]
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for n, (name, day, who, category, said, more) in enumerate(rows):
            base = {
                "complaint_id": f"{name}{n}", "received_at": f"{day} 09:00:00", "unit": "all", "customer_id": who, "channel": "hall",
                "kind": "ordinary", "commercial_process": "billing", "category": category, "content": said, "due_at": f"{day} 17:00:00",
            }  # fmt: skip
            writer.writerow(base | more)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the file loaded."""
    folder = tmp_path_factory.mktemp("tickets")
    export(folder / "complaints.csv")
    root = folder / "own"
    assert run(["init", str(root), "--lang", "en"]) == 0
    assert run(["ingest", "complaints", str(folder / "complaints.csv"), "-w", str(root)]) == 0
    return root


def test_tickets_from_an_export_file(ganzhi: Program, loaded: Path) -> None:
    at = ("-w", loaded)
    again = ganzhi("complaints", "repeats", *SPAN, "--format", "json", *at)
    assert [(each["ticket"], each["earlier_ticket"], each["times"]) for each in again.json] == [("b11", "a10", 2)]
    assert "20 tickets, 1 of them repeats" in again.err
    (batch,) = ganzhi("complaints", "batches", *SPAN, "--format", "json", *at).json
    assert (batch["customers"], batch["first"], sorted(batch["ids"])) == (
        8,
        "2026-09-14",
        sorted(f"m{n}" for n in range(12, 20)),
    )
    like = ganzhi("complaints", "alike", "m12", "--format", "csv", *at)
    assert like.out.count("batch") == 7
    assert "8 tickets about the same problem, 8 customers" in like.err
    (high,) = ganzhi("complaints", "escalated", *SPAN, "--format", "json", *at).json
    assert (high["ticket"], high["earlier_tickets"]) == ("b11", ["a10"])
    assert high["faults"]["unsolved"] == high["faults"]["told_before"] == 1
    kept = ganzhi("complaints", "promises", *SPAN, *at)
    assert "1 promises: 0 kept, 1 broken" in kept.err
    assert "broken" in kept.out
    assert "138****5521" in kept.out
    assert "13812345521" not in kept.out + again.out
    counts = {
        each["kind"]: each["tickets"] for each in ganzhi("complaints", "counters", *SPAN, "--format", "json", *at).json
    }
    assert counts == {"ordinary": 11, "batch": 8, "escalated": 1, "trouble": 0}
    assert ganzhi("complaints", "channels", *SPAN, "--format", "json", *at).json[0]["complaint"] == 20
    assert "0 contacts ask for a record" in ganzhi("complaints", "missing", *SPAN, *at).err


def test_the_desk_on_the_command_line(ganzhi: Program, loaded: Path, tmp_path: Path) -> None:
    at = ("-w", loaded)
    queue = ganzhi("complaints", "queue", "--limit", 3, "--format", "json", *at)
    assert [each["urgency"] for each in queue.json] == ["over", "over", "over"]
    assert "13812345521" not in queue.out
    (ticket,) = ganzhi("complaints", "ticket", "a10", "--format", "json", *at).json
    assert [(each["event"], each["at"]) for each in ticket["history"]] == [
        ("received", "2026-09-11T01:00:00+00:00"), ("closed", "2026-09-11T04:00:00+00:00"),
    ]  # fmt: skip
    assert {each["why"]: each["kept"] for each in ticket["limits"]} == {
        "rule": True,
        "recorded": True,
        "promise": False,
    }
    rules = ganzhi("complaints", "screen", "b11", "--format", "json", *at).json
    assert [each["rule"] for each in rules] == ["escalated", "repeated", "ordinary"]
    assert rules[1]["because"] == {"repeats": "1"}
    with contextlib.closing(open_store(f"sqlite:///{loaded / 'store.sqlite'}", SystemClock())) as store:
        store.desk.add("ticket", "b11", 0, "li", "responsible", {"party": "third_party", "reason": "SP 日志"})
        store.desk.add(
            "problem",
            "P1",
            0,
            "li",
            "open",
            {"title": "短信迟到", "mode": "class", "reported_at": "2026-09-10T00:00:00+00:00"},
        )
    (one,) = ganzhi("complaints", "problems", "--format", "json", *at).json
    assert (one["title"], one["state"], one["urgency"]) == ("短信迟到", "open", "fine")
    listed = ganzhi("complaints", "responsibility", "--list", *SPAN, "--format", "json", *at).json
    assert [(each["ticket"], each["evidence"]) for each in listed if each["party"] == "third_party"] == [
        ("b11", "li: SP 日志")
    ]
    counted = ganzhi("complaints", "classes", *SPAN, "--format", "json", *at).json
    assert [(each["value_class"], each["total"], each["repeats"]) for each in counted][-2:] == [
        ("none", 20, 1),
        ("all", 20, 1),
    ]
    handed = ganzhi("complaints", "decisions", "--out", tmp_path, *at)
    assert "decisions-000001.csv" in handed.out
    assert "b11,1," in (tmp_path / "decisions-000001.csv").read_text(encoding="utf-8")


def test_what_is_asked_wrongly_is_said(ganzhi: Program, workspace: Path) -> None:
    assert ganzhi("complaints", "alike", "nobody", "-w", workspace).err.startswith("TKT001")
    assert ganzhi(
        "complaints", "batches", "--from", "2026-02-02", "--to", "2026-02-01", "-w", workspace
    ).err.startswith("MEA002")
