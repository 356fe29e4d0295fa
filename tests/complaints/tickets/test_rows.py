"""Tickets read from rows: rights, states, history, bad input; what was not recorded, promises, escalation; who was hit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ganzhi.access.rights import LOCAL, ROLES, AccessError, Viewer
from ganzhi.base.errors import InputError
from ganzhi.complaints.tickets.alike import alike
from ganzhi.complaints.tickets.intake import flow, missing
from ganzhi.complaints.tickets.kinds import escalated, escalated_at, higher_departments, kinds
from ganzhi.complaints.tickets.promises import promises
from ganzhi.complaints.tickets.read import (
    Step,
    Ticket,
    category_known,
    history,
    known_until,
    of_customer,
    open_tickets,
    ticket,
    tickets_between,
)
from ganzhi.complaints.tickets.repeats import repeats
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows, units
from tests.province.stage import pack

T0 = datetime(2026, 9, 1, 2, tzinfo=UTC)
"""Ten in the morning of the first day."""
DAYS = 45
END = T0 + timedelta(days=DAYS)
HOUR = timedelta(hours=1)
Row = dict[str, object]


def at(day: float, hours: float = 0.0) -> datetime:
    return T0 + timedelta(days=day, hours=hours)


def complaint(name: str, day: float, who: str | None, said: str | None = "话费不对", **more: object) -> Row:
    base: Row = {
        "complaint_id": name, "received_at": at(day), "unit": "A1", "customer_id": who, "channel": "hotline_agent",
        "kind": "ordinary", "commercial_process": "billing", "process": "bill_enquiry", "category": "charge_doubt",
        "content": said, "due_at": at(day, 48),
    }  # fmt: skip
    return base | more


LONG = "信号差" * 400_000
ODD: list[Row] = [
    complaint("empty", 1, "k1", None),
    complaint("blank", 1, "k1", ""),
    complaint("long", 2, "k2", LONG),
    complaint("emoji", 3, "k3", "宽带断了😡😡，第三次投诉过！！👎"),
    complaint("emoji2", 4, "k3", "宽带断了😡😡，第三次投诉过！！👎", category="product_quality", process=None, commercial_process="products"),
    complaint("traditional", 5, "k4", "我的寬帶上網很慢，請儘快處理，電話１３８１２３４５５２１"),
    complaint("simplified", 6, "k4", "我的宽带上网很慢,请尽快处理,电话13812345521", category="network_data", process=None, commercial_process="network"),
    complaint("backwards", 7, "k5", "没人管", closed_at=at(6), first_reply_at=at(6.5)),
    complaint("gone", 8, "k6", "不满意", category="no_longer_there"),
    complaint("anonymous", 8, None), complaint("anonymous2", 9, None),
    complaint("reopened", 9, "k7", closed_at=at(10), result="unsolved", reopened_at=at(11), escalated_to="regulator"),
    complaint("by_step", 10, "k8"),
]  # fmt: skip
STEPS: list[Row] = [
    {
        "step_id": f"{name}{n}", "complaint_id": name, "flow_step": step, "unit": "P", "commercial_process": "billing",
        "department": f"部门{n}", "assigned_at": at(day, n), "accepted_at": at(day, n + 0.5), "finished_at": at(day, n + 1),
        "due_at": at(day, n + 2), "step_result": "returned" if name == "reopened" and n == 1 else "done", "transfers": 0,
    }
    for name, day in (("by_step", 10), ("reopened", 9)) for n, step in enumerate(("accept", "handle", "close"))
]  # fmt: skip
REPEATED: list[Row] = [
    complaint("first", 12, "r1", closed_at=at(12, 5), result="unsolved", promised_at=at(12, 3)),
    complaint("second", 14, "r1", closed_at=at(14, 5), result="solved", repeat_of="first"),
    complaint("third", 16, "r1", "又扣错了"),
    complaint(
        "other_matter", 17, "r1", "营业厅排队太久", category="service_waiting", process=None, commercial_process="hall"
    ),
    complaint("late", 50, "r1", "又扣错了"),
    complaint("kept", 12, "r2", closed_at=at(12, 1), result="solved", promised_at=at(12, 3), unit="B1"),
    complaint("soon", DAYS - 0.5, "r3", promised_at=END + HOUR, unit="B1"),
]
WRAPS: list[Row] = [
    {"contact_id": name, "at": at(day), "unit": unit, "customer_id": who, "channel": "hotline_agent", "contact_code": code, "complaint_id": named}
    for name, day, unit, who, code, named in (
        ("w_named", 12, "A1", "r1", "complaint", "first"), ("w_customer", 14, "A1", "r1", "complaint", None),
        ("w_lost", 20, "A1", "x1", "complaint", None), ("w_dead", 20, "B1", "x2", "complaint", "nowhere"),
        ("w_ask", 20, "A1", "x3", "enquiry", None),
    )
]  # fmt: skip
RATINGS: list[Row] = [
    {"rating_id": name, "channel": "hotline_agent", "contact_id": f"c{name}", "unit": "A1", "customer_id": who, "sent_at": at(20), "replied_at": at(20, 1),
     "score": score, "reply_state": "replied", "comment": said}
    for name, who, score, said in (
        ("bad", "x4", 1, "问题还是没解决，电话13812345521"), ("good", "x5", 5, "没解决也很满意"), ("mild", "x6", 2, "希望改进"),
        ("known", "r1", 1, "问题还是没解决"),
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    named = units(("P", None), ("A", "P"), ("B", "P"), ("A1", "A"), ("B1", "B"))
    named = {code: unit.model_copy(update={"level": "city"}) if code in "AB" else unit for code, unit in named.items()}
    workplace = make_workplace(tmp_path_factory.mktemp("tickets"), replace(pack(), units=named))
    crowd = [
        complaint(f"m{n}", 30, f"c{n}", f"第{n}个：充值不到账", unit="B1", category="billing_run", process="recharge")
        for n in range(8)
    ]
    quiet = [date(2026, 9, 1) + timedelta(days=n) for n in range(DAYS)]
    rows = [each for each in (*ODD, *REPEATED, *crowd) if each["complaint_id"] != "late"]
    put_rows(workplace, "complaints", rows, empty_days=quiet)
    put_rows(workplace, "complaint_steps", STEPS)
    put_rows(workplace, "wrap_ups", WRAPS)
    put_rows(workplace, "sms_ratings", RATINGS)
    put_rows(workplace, "customers", [{"customer_id": f"c{n}", "phone": f"1390000000{n}", "unit": "B1", "changed_at": at(0)} for n in range(8)]
             + [{"customer_id": f"q{n}", "phone": f"1380000{n:04d}", "unit": "A1", "changed_at": at(0)} for n in range(200)])  # fmt: skip
    phones = [f"1390000000{n}" for n in range(6)] + [f"1380000{n:04d}" for n in range(20)]
    chains = [
        {"chain_id": f"h{n}", "unit": "B1" if n < 16 else "A1", "subscriber": phone, "paid_at": at(29.8), "state": "lost" if n == 0 else "done",
         "stuck_at": "book" if n == 0 else None, "last_step": "pay" if n == 0 else "sms", "ambiguous": False}
        for n, phone in enumerate(phones)
    ]  # fmt: skip
    put_rows(workplace, "recharge_chains", chains)
    hops = [
        {"hop_id": f"h{n}b", "chain_id": f"h{n}", "begun_at": at(29.8), "unit": chains[n]["unit"], "subscriber": phone, "hop": "book", "from_step": "pay",
         "started_at": at(29.8), "finished_at": at(29.9), "duration_ms": 8_640_000, "limit_ms": 60_000, "over_limit": True, "how": "key",
         "ambiguous": False, "beside": False}
        for n, phone in enumerate(phones) if n
    ]  # fmt: skip
    put_rows(workplace, "recharge_hops", hops)
    yield workplace
    workplace.store.close()


@pytest.fixture
def reader(place: Workplace) -> Iterator[Reader]:
    with open_states(place) as states:
        yield Reader(place, states, LOCAL)


def seen_by(reader: Reader, role: str, *of: str) -> Reader:
    viewer = Viewer("lin", "lin", role, of, ROLES[role].rights)  # type: ignore[arg-type, index]
    return Reader(reader.workplace, reader.states, viewer)


def test_only_what_a_viewer_may_see_is_read(reader: Reader) -> None:
    here = seen_by(reader, "handler", "A")
    assert known_until(reader) == datetime(2026, 10, 15, 16, tzinfo=UTC)
    own = tickets_between(here, "A", T0, END)
    assert {each.unit for each in own} == {"A1"}
    assert len(own) == len(ODD) + len(REPEATED) - 3
    with pytest.raises(InputError, match="TKT001"):
        ticket(here, "kept")
    assert ticket(reader, "kept").id == "kept"
    with pytest.raises(InputError, match="REQ012"):
        tickets_between(here, "B", T0, END)
    with pytest.raises(AccessError, match="ACC001"):
        open_tickets(seen_by(reader, "leader"), "P", END)
    assert [each.id for each in of_customer(here, "r2")] == []


def test_states_and_history(reader: Reader) -> None:
    states = {each.id: each.state for each in tickets_between(reader, "P", T0, END)}
    assert (states["first"], states["reopened"], states["by_step"], states["third"]) == (
        "closed",
        "reopened",
        "closed",
        "open",
    )
    still = {each.id for each in open_tickets(reader, "P", END)}
    assert {"reopened", "third", "backwards"} <= still
    assert not {"first", "by_step"} & still
    assert "first" in {each.id for each in open_tickets(reader, "P", at(12, 4))}
    turns = history(reader, "reopened")
    assert [turn.at for turn in turns] == sorted(turn.at for turn in turns)
    assert [turn.event for turn in turns if turn.step is None] == ["received", "closed", "reopened"]
    assert [turn.step for turn in turns if turn.event == "finished"] == ["accept", "handle", "close"]
    by_channel = flow(reader, "P", T0, END)
    assert sum(n for each in by_channel for n in each.tickets.values()) == len(states)


def test_bad_input_is_survived_and_told(reader: Reader) -> None:
    assert ticket(reader, "empty").content == ticket(reader, "blank").content == ""
    assert len(ticket(reader, "long").content) < 30_000
    odd = ticket(reader, "traditional")
    assert "138****5521" in odd.content
    assert "12345521" not in repr(odd) + odd.content
    back = ticket(reader, "backwards")
    assert (back.closed_at, back.first_reply_at, set(back.doubts), back.state) == (
        None,
        None,
        {"closed_at", "first_reply_at"},
        "open",
    )
    assert not category_known(reader.workplace.catalogue, ticket(reader, "gone"))
    assert category_known(reader.workplace.catalogue, ticket(reader, "first"))
    pairs = {each.ticket.id: each for each in repeats(reader, "P", T0, END).found}
    assert pairs["emoji2"].earlier.id == "emoji", "the same words, recorded otherwise"
    assert pairs["simplified"].earlier.id == "traditional", "traditional and full-width characters are the same words"
    assert pairs["empty"].earlier.id == "blank", "what is recorded is enough without a text"
    assert not {"anonymous", "anonymous2"} & pairs.keys(), "of nobody nothing repeats"
    for name in ("empty", "long"):
        assert alike(reader, name, traced=False).ticket.id == name


@pytest.mark.requirement("S003-002", "S002-003")
def test_repeats_by_hand(reader: Reader) -> None:
    found = repeats(reader, "P", at(12) - HOUR, END)
    assert [(each.ticket.id, each.earlier.id, each.times, each.recorded) for each in found.found] == [
        ("second", "first", 2, "first")
    ]
    assert (found.total, found.count, found.recorded, found.agreed) == (6 + 8, 1, 1, 1)
    assert found.frequency == {1: 11, 3: 1}, "three times the same matter, solved or not"
    assert {each.unit: (each.total, each.repeats) for each in found.units} == {"A": (4, 1), "B": (10, 0)}
    few = repeats(seen_by(reader, "leader"), "P", at(12) - HOUR, END)
    assert (few.found, few.count, few.frequency) == ((), None, {})
    assert [each.repeats for each in few.units] == [None]


@pytest.mark.requirement("S001-014")
def test_contacts_without_a_record(reader: Reader) -> None:
    found = missing(reader, "P", T0, END)
    assert (found.contacts, found.missing, found.said, found.rate) == (4, 2, 1, 0.5)
    assert [(each.id, each.how) for each in found.found] == [("w_dead", "code"), ("w_lost", "code"), ("bad", "words")]
    assert "没解决" in "".join(found.found[2].words)
    assert "138****5521" in found.found[2].content
    assert {each.unit: (each.contacts, each.missing) for each in found.units} == {"A": (3, 1), "B": (1, 1)}
    hidden = missing(seen_by(reader, "leader"), "P", T0, END)
    assert (hidden.found, hidden.missing, hidden.rate, hidden.codes) == ((), None, None, {})
    assert missing(seen_by(reader, "handler", "B"), "B", T0, END).contacts == 1


@pytest.mark.requirement("S000-089")
def test_promises(reader: Reader) -> None:
    found = promises(reader, "P", T0, END + HOUR)
    states = {each.ticket.id: (each.state, each.repeated) for each in found.found}
    assert states == {"first": ("broken", True), "kept": ("kept", False), "soon": ("open", None)}
    assert (found.total, found.kept, found.broken, found.kept_rate) == (3, 1, 1, 0.5)
    assert (found.after_broken.n, found.after_broken.repeated, found.after_kept.n, found.after_kept.repeated) == (
        1,
        1,
        1,
        0,
    )
    assert found.difference is not None
    assert found.difference[0] < 0 < found.difference[1], "one of each tells nothing"
    assert found.warned == ()
    assert promises(seen_by(reader, "leader"), "P", T0, END).kept is None


@pytest.mark.requirement("S001-017", "S001-019")
def test_escalated_complaints_with_what_went_before(reader: Reader) -> None:
    day = escalated(reader, "P", date(2026, 9, 12), date(2026, 9, 12))
    assert [each.ticket.id for each in day.found] == ["reopened"]
    assert day.found[0].faults == {"returned": 1, "unsolved": 1, "reopened": 1}
    assert day.mishandled == 1
    assert escalated(reader, "P", date(2026, 9, 11), date(2026, 9, 11)).found == ()
    counts = kinds(reader, "P", T0, END).counts
    assert counts == {"ordinary": len(ODD) + len(REPEATED) - 2, "batch": 8, "escalated": 1, "trouble": 0}


@pytest.mark.requirement("S001-017")
def test_when_a_complaint_was_escalated_is_told_by_its_first_step_at_a_higher_department() -> None:
    higher = higher_departments(pack())
    assert "服务质量管理部" in higher
    assert not {"客户服务中心", "网络部"} & higher

    def step(department: str, hours: float) -> Step:
        return Step("s", "t", "handle", "P", department, None, None, at(1, hours), None, None, None, None, None)

    of = Ticket("t", "complaint", at(1), "A1", closed_at=at(2), reopened_at=at(3), escalated_to="province")
    done = [step("网络部", 1), step("服务质量管理部", 9), step("服务质量管理部", 20)]
    assert escalated_at(of, done, higher) == (at(1, 9), "step")
    assert escalated_at(of, done[:1], higher) == (at(3), "reopened")
    assert escalated_at(of, [step("服务质量管理部", -9)], higher) == (at(3), "reopened"), (
        "a step before receipt says nothing"
    )
    assert escalated_at(replace(of, reopened_at=None), (), higher) == (at(1), "received")


@pytest.mark.requirement("S001-018")
def test_from_one_complaint_to_everybody_hit(reader: Reader) -> None:
    found = alike(reader, "m3")
    assert {each.ticket.id for each in found.found} == {f"m{n}" for n in range(8) if n != 3}
    assert (found.customers, found.open, [each.place for each in found.batches]) == (8, 8, ["B"])
    (hit,) = found.hits
    assert (hit.trace, hit.step, hit.tickets, hit.of) == ("recharge_resume", "book", 6, 8)
    assert (len(hit.customers), hit.silent) == (26, 20), "six who complained, twenty who did not"
    assert all("****" in each.subject for each in hit.customers)
    near = alike(seen_by(reader, "handler", "B"), "m3")
    assert len(near.hits[0].customers) == 16, "of units out of reach nobody"
    assert alike(reader, "gone", traced=False).hits == ()
