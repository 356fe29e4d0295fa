"""What goes on from the desk: needs of all channels on one way, faults that were reproduced, decisions handed over."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL, ROLES, Viewer
from ganzhi.base.clock import SystemClock
from ganzhi.base.errors import InputError
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.complaints.desk.desk import TicketDesk
from ganzhi.complaints.desk.notices import fault_notices
from ganzhi.complaints.desk.process.outgoing import COLUMNS, TICKET_SYSTEM, Telling, hand_over
from ganzhi.complaints.desk.process.splits import WHICH, of_class, of_party, responsibility
from ganzhi.complaints.desk.views import DeskAsked, QueueQuery, TicketPage
from ganzhi.complaints.tickets.intake import flow
from ganzhi.complaints.tickets.parties import By, Parties
from ganzhi.complaints.tickets.worth import Worth, worth
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.store.findings.records import Change, Finding, Move, Series
from ganzhi.store.open import open_store
from ganzhi.warehouse.workplace import Workplace
from tests.complaints.desk.test_desk import FAR, Reads, ago, complaint, fault, step
from tests.measure.place import NOW, make_workplace, put_rows, text

HALL, WEB, HOTLINE = "H1", "W1", "T1"
CHANNELS = {HALL: "hall", WEB: "web_hall", HOTLINE: "hotline_agent"}
ROWS = [
    *(complaint(name, 6, channel=channel, department=None) for name, channel in CHANNELS.items()),
    complaint("SLOW", 8, category="network_data", commercial_process="network", customer_id="KSLOW"),
    complaint("OLD", 30, closed_at=ago(20), called_back_at=ago(19), satisfied=False, responsibility="customer"),
]
STEPS = [step("OLD", 1, "accept", "客户服务中心", 30, 29), step("OLD", 2, "reply", "客户服务中心", 29, 28)]
REPORT = {
    "report_id": "BZ1", "reported_at": ago(9), "unit": "C1-1", "customer_id": "KSLOW", "channel": "hotline_agent",
    "product": None, "commercial_process": "network", "cause": "radio", "reproducible": True,
}  # fmt: skip
NO_CAUSE = REPORT | {"report_id": "BZ2", "reported_at": ago(179), "customer_id": "KC", "cause": None}
PAST = [
    complaint("P1", 200, responsibility="provider", closed_at=ago(190), due_at=ago(185), department="网络部", customer_class="diamond",
              category="network_voice", commercial_process="network", customer_id="KA", result="unsolved"),
    complaint("P2", 190, responsibility="provider", closed_at=ago(150), due_at=ago(180), department="网络部", customer_class="gold",
              customer_id="KB", network=None),
    complaint("P3", 180, responsibility="customer", closed_at=ago(178), unit="C2", customer_class=None, customer_id="KC"),
    complaint("P4", 170, closed_at=ago(169), department="SP 公司", customer_class=None, customer_id=None),
    complaint("P5", 100, closed_at=ago(99), due_at=ago(98), department="网络部", customer_class="diamond", escalated_to="city",
              category="network_voice", commercial_process="network", customer_id="KA"),
]  # fmt: skip
CUSTOMERS = [
    {"customer_id": "KC", "phone": "13812345521", "account_id": "A1", "unit": "C2", "changed_at": ago(400), "brand": "gotone",
     "customer_class": "ordinary", "network": "2g", "plan": "P", "payment_mode": "prepaid", "arpu_class": "top", "state": "active",
     "real_name_state": "verified", "joined_at": ago(9_000), "contact_consent": True},
]  # fmt: skip
FAULTS = [
    fault("F1", "radio", "C1-1", 210, 201),
    fault("F2", "radio", "C2", 210, None),
    fault("F3", "power", "C1-1", 300, 290),
]
ACTS = {"hotline_agent": "accepted", "hall": "not_accepted", "web_hall": "unreached"}
SYSTEM = NotifySettings.model_validate(
    {
        "targets": {
            "crm": {"channel": "webhook", "url": "https://crm.example/in", "roles": [TICKET_SYSTEM], "lang": "en"}
        }
    }
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    named = [("P", "province", None), ("C1", "city", "P"), ("C2", "city", "P"), ("C1-1", "county", "C1")]
    units = {code: Unit(name=text(code), level=level, parent=parent) for code, level, parent in named}
    made = make_workplace(tmp_path_factory.mktemp("process"), replace(load_catalogue("telecom", None), units=units))
    put_rows(made, "complaints", [*ROWS, *PAST])
    put_rows(made, "complaint_steps", [*STEPS, step("P2", 1, "handle", "网络部", 190, 160)])
    put_rows(made, "customers", CUSTOMERS)
    put_rows(made, "network_faults", FAULTS)
    put_rows(made, "trouble_reports", [REPORT, NO_CAUSE])
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def desk(place: Workplace) -> Iterator[TicketDesk]:
    with open_states(place) as states:
        yield TicketDesk(place, Reads(states, place), tell=Telling(SYSTEM))


def do(desk: TicketDesk, name: str, act: str, **fields: str) -> None:
    desk.act(LOCAL, name, DeskAsked(act, len(desk.workplace.store.desk.of("ticket", name)), fields))


def stages(page: TicketPage) -> list[tuple[str, str | None]]:
    return [(stop.stage, None if stop.where is None else stop.where.en) for stop in page.way]


# -- one way for all channels ----------------------------------------------------------------------


@pytest.mark.requirement("S001-015")
@pytest.mark.parametrize("name", CHANNELS)
def test_a_need_of_any_channel_goes_from_intake_to_feedback_on_one_way(desk: TicketDesk, name: str) -> None:
    channel = CHANNELS[name]
    said = desk.workplace.catalogue.channels[channel].name.en
    assert stages(desk.page(LOCAL, name)) == [("intake", said)]
    do(desk, name, "hand_over", department="billing", reason="查账")
    do(desk, name, "solve", reason="多收一元")
    if name == HALL:
        with pytest.raises(InputError, match="DSK018"):
            do(desk, name, "close", reason="办结")
        with pytest.raises(InputError, match="POR001"):
            do(desk, name, "feedback", via="pigeon", outcome="accepted", reason="x")
    do(desk, name, "feedback", via=channel, outcome=ACTS[channel], reason="退一元 回电13812345521")
    do(desk, name, "close", reason="办结")
    page = desk.page(LOCAL, name)
    assert stages(page) == [
        ("intake", said), ("routing", "Billing centre"), ("routing", "Customer-service centre"), ("feedback", said), ("closing", None),
    ]  # fmt: skip
    told = next(stop for stop in page.way if stop.stage == "feedback")
    assert (told.outcome, told.who, told.told) == (ACTS[channel], LOCAL.login, "退一元 回电138****5521")
    if name == HALL:
        do(desk, name, "reopen", reason="客户又来")
        with pytest.raises(InputError, match="DSK018"):
            do(desk, name, "close", reason="上次的反馈不算")


@pytest.mark.requirement("S001-015")
def test_what_came_in_is_counted_by_channel_and_all_of_it_is_in_the_queue(desk: TicketDesk, place: Workplace) -> None:
    with open_states(place) as states:
        rows = flow(Reader(place, states, LOCAL), "P", ago(48), NOW, ("complaint",))
    assert {row.channel: row.tickets["complaint"] for row in rows} == {"hotline_agent": 3, "hall": 1, "web_hall": 1}
    listed = {row.id for shown in ("open", "closed") for row in desk.rows(LOCAL, QueueQuery(shown=shown))}  # type: ignore[arg-type]
    assert listed == {HALL, WEB, HOTLINE, "SLOW"}


def test_the_answers_that_records_have_stand_on_the_way(desk: TicketDesk) -> None:
    page = desk.page(LOCAL, "OLD")
    told = [(stop.at, stop.outcome) for stop in page.way if stop.stage == "feedback"]
    assert told == [(ago(28), ""), (ago(19), "not_accepted")]
    assert [(stop.stage, stop.at) for stop in page.way][-1] == ("closing", ago(20))
    assert page.party == "customer"


# -- reproduced, and cleared -----------------------------------------------------------------------


@pytest.mark.requirement("S003-023")
def test_what_can_be_reproduced_becomes_a_fault_with_a_clock_and_an_owner(desk: TicketDesk) -> None:
    page = desk.page(LOCAL, "SLOW")
    assert page.tested is not None
    assert (page.tested.found, page.tested.report) == ("reproducible", "BZ1")
    fields = {"title": "基站拥塞", "element": "C1-1 2G", "department": "network", "owner": "wang", "ticket": "SLOW"}
    for found in (None, "not_reproducible"):
        if found:
            do(desk, "SLOW", "reproduce", found=found, reason="试了三次")
        with pytest.raises(InputError, match="DSK015"):
            desk.open_fault(LOCAL, fields)
    do(desk, "SLOW", "reproduce", found="reproducible", reason="晚八点现场复测 13812345521 下载 20 kbit/s")
    do(desk, "SLOW", "feedback", via="hotline_agent", outcome="accepted", reason="已受理")
    do(desk, "SLOW", "send_back", reason="回中心")
    with pytest.raises(InputError, match="DSK016"):
        do(desk, "SLOW", "close", reason="办结")
    made = desk.open_fault(LOCAL, fields)
    row = desk.fault(LOCAL, made.subject).row
    assert (row.owner, row.unit, row.ticket, row.due - row.opened_at) == ("wang", "C1-1", "SLOW", timedelta(hours=24))
    assert row.evidence == "晚八点现场复测 138****5521 下载 20 kbit/s"
    assert [each.id for each in desk.page(LOCAL, "SLOW").faults] == [made.subject]
    do(desk, "SLOW", "close", reason="转入排障")
    with pytest.raises(InputError, match="DSK014"):
        desk.fault(FAR, made.subject)

    def act(name: str, **more: str) -> str:
        seen = desk.fault(LOCAL, made.subject).row.version
        desk.fault_desk.act(LOCAL, made.subject, DeskAsked(name, seen, more))
        return desk.fault(LOCAL, made.subject).row.state

    assert act("clear", cause="载频故障", reason="换载频") == "cleared"
    assert act("resume", reason="复测仍慢") == "open"
    assert desk.fault(LOCAL, made.subject).row.kept is None
    assert act("clear", cause="传输拥塞", reason="扩容") == "cleared"
    assert act("verify", reason="复测 2 Mbit/s") == "closed"
    row = desk.fault(LOCAL, made.subject).row
    assert (row.kept, row.cause, row.tries) == (True, "传输拥塞", 1)


@pytest.mark.requirement("S003-023")
def test_a_problem_is_closed_after_its_faults(desk: TicketDesk) -> None:
    given = desk.open_problem(LOCAL, {"title": "上网慢", "mode": "class", "unit": "C1"}).subject

    def act(name: str, **more: str) -> None:
        desk.act_problem(LOCAL, given, DeskAsked(name, desk.problem(LOCAL, given).row.version, more))

    act("reproduce", found="reproducible", reason="拨测可见")
    act("solution", reason="扩容")
    act("track")
    act("check", neighbours="邻区", clean="yes", reason="无影响")
    with pytest.raises(InputError, match="DSK016"):
        act("close", reason="好了")
    made = desk.open_fault(LOCAL, {"title": "传输", "department": "network", "problem": given})
    assert desk.fault(LOCAL, made.subject).problem == "上网慢"
    with pytest.raises(InputError, match="DSK017"):
        act("close", reason="好了")
    for name, more in (("clear", {"cause": "光缆", "reason": "熔接"}), ("verify", {"reason": "拨测正常"})):
        seen = desk.fault(LOCAL, made.subject).row.version
        desk.fault_desk.act(LOCAL, made.subject, DeskAsked(name, seen, more))
    act("close", reason="好了")
    assert [each.state for each in desk.problem(LOCAL, given).faults] == ["closed"]


def test_a_fault_that_is_late_is_told_to_its_owners_only(desk: TicketDesk, place: Workplace) -> None:
    do(desk, HALL, "reproduce", found="reproducible", reason="x")
    desk.open_fault(LOCAL, {"title": "迟", "department": "network", "ticket": HALL})
    (row,) = [each for each in desk.fault_desk.faults(LOCAL).rows if each.title == "迟"]

    def told(left: timedelta, urgency: str, *units: str) -> int:
        target = {"channel": "webhook", "url": "https://x.example/", "roles": ["handler"], "units": units}
        late = replace(row, left=left, urgency=urgency)  # type: ignore[arg-type]
        settings = NotifySettings.model_validate({"targets": {"a": target}})
        return len(list(fault_notices(place.catalogue, [late], settings, place.zone)))

    hour = timedelta(hours=1)
    assert [told(hour, "fine"), told(hour, "soon"), told(-hour, "over"), told(-25 * hour, "over")] == [0, 1, 1, 0]
    assert [told(hour, "soon", "C1"), told(hour, "soon", "C2")] == [1, 0]


# -- whose responsibility --------------------------------------------------------------------------


@pytest.mark.requirement("S002-007")
def test_responsibility_is_decided_with_evidence_and_stands_on_the_ticket(desk: TicketDesk) -> None:
    with pytest.raises(InputError, match="DSK002"):
        do(desk, "OLD", "responsible", party="third_party")
    with pytest.raises(InputError, match="POR001"):
        do(desk, "OLD", "responsible", party="nobody", reason="x")
    do(desk, "OLD", "responsible", party="third_party", reason="SP 侧日志 重复下发")
    page = desk.page(LOCAL, "OLD")
    assert page.responsible is not None
    assert (page.responsible.what, page.responsible.evidence) == ("third_party", "SP 侧日志 重复下发")
    do(desk, "OLD", "undo")
    assert desk.page(LOCAL, "OLD").responsible is None


def report(place: Workplace, by: By, viewer: Viewer = LOCAL) -> Parties:
    with open_states(place) as states:
        return responsibility(Reader(place, states, viewer), "P", ago(300), ago(90), by)


@pytest.mark.requirement("S002-007")
def test_three_reports_split_responsibility_and_each_count_is_its_list(desk: TicketDesk, place: Workplace) -> None:
    do(desk, "P4", "responsible", party="third_party", reason="SP 认可")
    party = {each["complaint_id"]: each.get("responsibility") for each in PAST} | {"P4": "third_party"}
    keys = {
        "department": {"P1": "network", "P2": "network", "P3": "billing", "P4": "SP 公司", "P5": "network"},
        "branch": {"P1": "C1", "P2": "C1", "P3": "C2", "P4": "C1", "P5": "C1"},
        "county": {"P1": "C1-1", "P2": "C1-1", "P3": "none", "P4": "C1-1", "P5": "C1-1"},
    }
    evidence = {"P1": ["fault"], "P2": ["step"], "P3": ["report"], "P4": ["desk"], "P5": []}
    for by, own in keys.items():
        found = report(place, by)  # type: ignore[arg-type]
        assert {each.ticket.id: (each.key, each.party) for each in found.found} == {n: (own[n], party[n]) for n in own}
        assert {each.ticket.id: [piece.kind for piece in each.evidence] for each in found.found} == evidence
        for row in (*found.rows, found.all):
            key = row.key or None
            assert (
                row.total == len(of_party(found.found, key, None)) == sum(own[n] == row.key or not row.key for n in own)
            )
            assert row.shown == len(of_party(found.found, key, "shown"))
            for code, count in row.parties.items():
                assert count == len(of_party(found.found, key, code))
        assert (found.all.parties["third_party"], found.all.parties["none"], found.all.shown) == (1, 1, 4)
    told = next(each for each in report(place, "department").found if each.ticket.id == "P4")
    assert (told.decided, told.evidence[0].ref, told.evidence[0].of) == ("desk", "SP 认可", LOCAL.login)
    small = report(place, "branch", replace(LOCAL, rights=frozenset({"macro", "dynamic"})))
    numbers = [n for row in (*small.rows, small.all) for n in (row.total, row.shown, *row.parties.values())]
    assert small.hidden
    assert small.found == ()
    assert not [n for n in numbers if n]


@pytest.mark.requirement("S000-097")
def test_three_declared_classes_of_value_stand_in_the_report_and_in_the_priority(
    desk: TicketDesk, place: Workplace
) -> None:
    def counted(viewer: Viewer) -> Worth:
        with open_states(place) as states:
            return worth(Reader(place, states, viewer), "P", ago(300), ago(90))

    found = counted(LOCAL)
    classes = list(place.catalogue.value_classes)
    assert [row.key for row in found.rows] == [*classes, "none"]
    assert classes == ["most_valuable", "most_growable", "others"]
    # Diamond is of the first class whatever else is known; KC is of it by ARPU; P4 has no customer.
    rows = {row.key: row for row in found.rows}
    first = rows["most_valuable"]
    assert (first.total, first.customers, first.repeats, first.escalated, first.closed, first.due, first.kept) == (
        3,
        2,
        1,
        1,
        3,
        2,
        2,
    )
    assert first.hours == pytest.approx((10 + 2 + 1) / 3)
    growable = rows["most_growable"]
    assert (growable.total, growable.repeats, growable.hours, growable.kept_share) == (1, 0, 40, 0)
    assert (rows["others"].total, rows["others"].hours, rows["none"].total) == (0, None, 1)
    assert found.all.total == sum(row.total or 0 for row in found.rows) == len(found.found)
    for row in (*found.rows, found.all):
        for which in WHICH:
            assert getattr(row, which) == len(of_class(found.found, row.key or None, which))
    # The priority reads the same class.
    page = desk.page(LOCAL, "P3")
    assert page.value_class is not None
    assert page.value_class.en == place.catalogue.value_classes["most_valuable"].name.en
    assert "valuable_customers" in [rule.code for rule in page.rules]
    small = counted(replace(LOCAL, rights=frozenset({"macro", "dynamic"})))
    assert small.hidden
    assert not [n for row in (*small.rows, small.all) for n in (row.total, row.repeats, row.closed, row.kept) if n]


# -- the layer of problems -------------------------------------------------------------------------

LAYER = [
    complaint("SEVERAL", 6, unit="C2-1", category="network_voice", commercial_process="network"),
    complaint("ONE", 6, unit="C3-1", category="network_data", commercial_process="network"),
    complaint("SLOWED", 6, unit="C4-1", category="network_data", commercial_process="network"),
    complaint("PAYING", 6, unit="C4-1", process="recharge"),
    complaint(
        "ELSEWHERE", 6, unit="C5-1", process="recharge", category="network_coverage", commercial_process="network"
    ),
]
LAYER_FAULTS = [
    fault("L1", "radio", "C2-1", 20, None), fault("L2", "radio", "C2-2", 9, 8), fault("L3", "radio", "C3-1", 20, None),
    fault("L4", "power", "C3-1", 7, None), fault("L5", "radio", "C5-1", 9, 8), fault("L6", "power", "C5-1", 400, 300),
]  # fmt: skip


def warn(place: Workplace, indicator: str, unit: str, grade: int, cut: str = "{}") -> None:
    """A warning that stands."""
    series = Series("rule", unit, cut)
    new = Finding(
        id=f"{indicator}{unit}", kind="warning", rule="rule", indicator=indicator, unit=unit, slice=cut, first_period="2026-11-20",
        last_period="2026-11-20", grade=grade, highest=grade, told=0, state="raised", owner="", parent=None, due=None, remind_at=None,
        escalations=0, raised_at=NOW, closed_at=None, catalogue_version="x", version=0,
    )  # fmt: skip
    place.store.findings.take(series, "warn", lambda _f, _s: Change((Move("raise", "raised", "", {}),), new))


@pytest.mark.requirement("S000-096")
def test_what_several_elements_or_a_performance_say_is_escalated_and_must_be_handled(
    tmp_path: Path, place: Workplace
) -> None:
    named = [("P", "province", None), *((f"C{n}", "city", "P") for n in range(2, 6))]
    named += [(f"C{n}-{m}", "county", f"C{n}") for n in range(2, 6) for m in (1, 2)]
    units = {code: Unit(name=text(code), level=level, parent=parent) for code, level, parent in named}
    made = make_workplace(tmp_path, replace(place.catalogue, units=units))
    put_rows(made, "complaints", LAYER)
    put_rows(made, "network_faults", LAYER_FAULTS)
    warn(made, "network.drop_rate", "C4", 3)
    warn(made, "network.drop_rate", "C5", 2)  # not grave enough
    warn(made, "resume.pay.success_rate", "P", 4, '{"channel": "hall"}')  # of another channel
    warn(made, "complaint.count", "P", 4)  # of all complaints: not about one of them
    with open_states(made) as states:
        desk = TicketDesk(made, Reads(states, made))
        pages = {each["complaint_id"]: desk.page(LOCAL, str(each["complaint_id"])) for each in LAYER}
        queue = [row.id for row in desk.rows(LOCAL, QueueQuery(shown="must"))]
    rules = {name: [rule.code for rule in page.rules if rule.layer == "problem"] for name, page in pages.items()}
    assert rules == {
        "SEVERAL": ["several_elements"], "ONE": ["several_problems"], "SLOWED": ["over_threshold"], "PAYING": [], "ELSEWHERE": [],
    }  # fmt: skip
    assert [(page.row.rank, page.row.must) for page in pages.values()] == [(1, True)] * 3 + [(5, False)] * 2
    assert {dict(pages[name].rules[0].because)["warning_grade"].zh for name in ("SLOWED",)} == {"3"}
    assert sorted(queue) == ["ONE", "SEVERAL", "SLOWED"]
    made.store.close()


# -- decisions for the ticket system ---------------------------------------------------------------


def test_every_decision_is_in_the_outbox_with_its_act_and_in_one_file(
    desk: TicketDesk, place: Workplace, tmp_path: Path
) -> None:
    store = place.store
    acts = [act for acts in store.desk.all("ticket").values() for act in acts]
    sent = [each for each in store.outbox.notices(limit=1_000) if each.finding.startswith("ticket:")]
    keys = {(each.payload["data"]["ticket"], each.payload["data"]["number"]) for each in sent}  # type: ignore[index]
    assert keys == {(act.subject, str(act.number)) for act in acts}
    assert len(sent) == len(acts) > 20
    one = next(each for each in sent if each.payload["data"]["act"] == "feedback")  # type: ignore[index]
    assert set(one.payload["data"]) == set(COLUMNS)  # type: ignore[call-overload]
    (written,) = hand_over(store, tmp_path, "li")
    rows = list(csv.DictReader(written.path.read_text(encoding="utf-8").splitlines()))
    assert {(row["ticket"], row["number"]) for row in rows} == keys
    assert len(rows) == written.decisions == len(acts)
    assert hand_over(store, tmp_path, "li") == []
    do(desk, "SLOW", "note", reason="再记一笔")
    (second,) = hand_over(store, tmp_path, "li")
    assert [row["reason"] for row in csv.DictReader(second.path.read_text(encoding="utf-8").splitlines())] == [
        "再记一笔"
    ]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["decisions-000001.csv", "decisions-000002.csv"]
    assert desk.page(LOCAL, "SLOW").handed[1] == ("notice", "waiting")
    assert "13812345521" not in written.path.read_text(encoding="utf-8")


POINTS = {
    "desk.before_commit": (0, 0),
    "desk.after_commit": (1, 0),
    "desk.handover_taken": (1, 0),
    "desk.handover_written": (1, 1),
}
"""Where a process is killed; how many acts, and files, are there then."""


def test_killed_anywhere_a_decision_is_whole_or_absent_and_in_one_file(tmp_path: Path) -> None:
    stores = {point: open_store(f"sqlite:///{tmp_path / point}.sqlite", SystemClock()) for point in POINTS}
    command = [sys.executable, "-m", "tests.complaints.desk.decider", str(tmp_path), *POINTS]
    ended = subprocess.run(command, cwd=Path(__file__).resolve().parents[3], check=True, capture_output=True, text=True)
    assert ended.stdout.split() == [str(int(signal.SIGKILL))] * len(POINTS)
    for point, (acts, files) in POINTS.items():
        store, folder = stores[point], tmp_path / f"out-{point}"
        assert len(store.desk.of("ticket", "A")) == len(store.outbox.notices()) == acts, point
        assert acts <= len(store.audit.entries()) <= 2 * acts, point
        before = {path.name: path.read_bytes() for path in folder.glob("decisions-*")}
        assert len(before) == files, point
        hand_over(store, folder, "li")
        after = {path.name: path.read_bytes() for path in folder.glob("decisions-*")}
        assert before.items() <= after.items()
        assert list(after) == ["decisions-000001.csv"] * acts
        assert store.handovers.rest() == 0
        store.close()


def test_the_viewer_of_another_town_opens_no_fault_here(desk: TicketDesk) -> None:
    handler = Viewer("far", "far", "handler", ("C2",), ROLES["handler"].rights)
    with pytest.raises(InputError, match="TKT001"):
        desk.open_fault(handler, {"title": "x", "department": "network", "ticket": "SLOW"})
    assert desk.fault_desk.faults(handler).rows == ()
