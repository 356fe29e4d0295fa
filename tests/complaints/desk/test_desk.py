"""The desk on rows: what is screened by, who is in charge, what clocks stand at, what people do and what they may not."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from ganzhi.access.rights import LOCAL, ROLES, AccessError, Viewer
from ganzhi.base.errors import InputError
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.desk import Scene
from ganzhi.complaints.desk.acts import TICKET_ACTS, possible
from ganzhi.complaints.desk.desk import TicketDesk, daily_counts
from ganzhi.complaints.desk.notices import warn_of_limits
from ganzhi.complaints.desk.problems import read_problem
from ganzhi.complaints.desk.views import AGES, SHOWN, DeskAsked, FlowPage, QueueQuery, TicketPage
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import States, open_states
from ganzhi.store.desk.acts import DeskChangedError
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import NOW, make_workplace, put_rows, text

View = TypeVar("View")
FAR = Viewer("far", "far", "handler", ("C2",), ROLES["handler"].rights)
LEADER = Viewer("boss", "boss", "leader", (), ROLES["leader"].rights)
CENTRE, NETWORK = "客户服务中心", "网络部"


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def complaint(name: str, hours: float, **more: object) -> dict[str, object]:
    base: dict[str, object] = {
        "complaint_id": name, "received_at": ago(hours), "unit": "C1-1", "channel": "hotline_agent", "kind": "ordinary",
        "commercial_process": "billing", "category": "charge_doubt", "customer_class": "ordinary", "network": "2g",
        "customer_id": f"K{name}", "content": "话费不对，号码13812345521", "department": "计费账务中心",
    }  # fmt: skip
    return base | more


def step(
    name: str, number: int, flow_step: str, department: str, begun: float, ended: float | None
) -> dict[str, object]:
    return {
        "step_id": f"{name}-{number}", "complaint_id": name, "flow_step": flow_step, "unit": "C1", "department": department,
        "commercial_process": "network", "assigned_at": ago(begun), "accepted_at": ago(begun),
        "finished_at": None if ended is None else ago(ended), "step_result": None if ended is None else "done", "transfers": 0,
    }  # fmt: skip


def fault(name: str, kind: str, unit: str, began: float, ended: float | None) -> dict[str, object]:
    return {
        "fault_id": name, "occurred_at": ago(began), "updated_at": ago(began), "unit": unit, "network": "2g", "fault_kind": kind,
        "fault_level": "major", "found_by": "monitoring", "restored_at": None if ended is None else ago(ended),
    }  # fmt: skip


COMPLAINTS = [
    complaint("KEY", 7, customer_class="diamond"),
    complaint("PLACE", 3, content="机场航站楼里没有信号", category="network_voice", commercial_process="network"),
    complaint("ELEMENTS", 30, category="network_voice", commercial_process="network", department=NETWORK),
    complaint("FIRST", 300, customer_id="KSAME", closed_at=ago(290), result="unsolved"),
    complaint("AGAIN", 26, customer_id="KSAME"),
    complaint("PLAIN", 4, unit="C2-1", promised_at=NOW + timedelta(minutes=30)),
    complaint("STEPS", 5),
    complaint("DONE", 50, closed_at=ago(40)),
    *(complaint(f"MANY{n}", 2, unit="C2-1", category="marketing", department="市场经营部") for n in range(6)),
]
STEPS = [
    step("ELEMENTS", 1, "accept", CENTRE, 30, 29),
    step("ELEMENTS", 2, "handle", NETWORK, 29, None),
    step("STEPS", 1, "handle", "计费账务中心", 5, 4),
    step("STEPS", 2, "close", CENTRE, 4, 1),
]
FAULTS = [
    fault("F1", "radio", "C1-1", 31, 28), fault("F2", "radio", "C1-2", 31, None), fault("F3", "power", "C1-2", 200, 190),
    fault("F4", "core", "C2-1", 31, None),
]  # fmt: skip
CUSTOMERS = [
    {"customer_id": "KPLAIN", "phone": "13812345521", "account_id": "A1", "unit": "C2-1", "changed_at": ago(400), "brand": "gotone",
     "customer_class": "ordinary", "network": "2g", "plan": "P", "payment_mode": "prepaid", "arpu_class": "top", "state": "active",
     "real_name_state": "verified", "joined_at": ago(9_000), "contact_consent": True},
]  # fmt: skip


@dataclass
class Reads:
    """Answers from one state: the rows do not change here."""

    states: States
    place: Workplace
    answers: dict[Hashable, object] = field(default_factory=dict)

    def kept(self, viewer: Viewer, asked: Hashable, build: Callable[[Reader], View]) -> View:
        key = (viewer.reach, asked)
        if key not in self.answers:
            self.answers[key] = self.fresh(viewer, build)
        return self.answers[key]  # type: ignore[return-value]

    def fresh(self, viewer: Viewer, build: Callable[[Reader], View]) -> View:
        return build(Reader(self.place, self.states, viewer))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    pack = load_catalogue("telecom", None)
    named = [("P", "province", None), ("C1", "city", "P"), ("C2", "city", "P")]
    named += [("C1-1", "county", "C1"), ("C1-2", "county", "C1"), ("C2-1", "county", "C2")]
    units = {code: Unit(name=text(code), level=level, parent=parent) for code, level, parent in named}
    ended = Scene(name=text("话费大厦"), level="city", words=("话费",), valid_to=date(2026, 1, 1))
    elsewhere = Scene(name=text("别处"), level="province", words=("话费",), units=("C2",))
    scenes = {**pack.scenes, "ended": ended, "elsewhere": elsewhere}
    made = make_workplace(tmp_path_factory.mktemp("desk"), replace(pack, units=units, scenes=scenes))
    for feed, rows in (("complaints", COMPLAINTS), ("complaint_steps", STEPS), ("network_faults", FAULTS), ("customers", CUSTOMERS)):  # fmt: skip
        put_rows(made, feed, rows)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def desk(place: Workplace) -> Iterator[TicketDesk]:
    with open_states(place) as states:
        yield TicketDesk(place, Reads(states, place))


def do(desk: TicketDesk, name: str, act: str, **fields: str) -> None:
    desk.act(LOCAL, name, DeskAsked(act, len(desk.workplace.store.desk.of("ticket", name)), fields))


def did(desk: TicketDesk, name: str, act: str, **fields: str) -> TicketPage:
    do(desk, name, act, **fields)
    return desk.page(LOCAL, name)


# -- screening -------------------------------------------------------------------------------------


@pytest.mark.requirement("S000-092")
@pytest.mark.requirement("S000-093")
@pytest.mark.requirement("S000-094")
@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("KEY", ["key_customers", "valuable_customers", "ordinary"]),
        ("PLACE", ["key_areas", "key_places", "ordinary"]),
        ("ELEMENTS", ["several_elements", "ordinary"]),
        ("AGAIN", ["repeated", "ordinary"]),
        ("PLAIN", ["key_places", "valuable_customers", "ordinary"]),
        ("MANY1", ["key_places", "ordinary"]),
    ],
)
def test_every_rule_that_holds_is_told_and_the_most_urgent_wins(desk: TicketDesk, name: str, rules: list[str]) -> None:
    page = desk.page(LOCAL, name)
    assert [each.code for each in page.rules] == rules
    assert page.row.rule == rules[0]
    assert page.row.must == (name == "ELEMENTS")


def test_what_a_rule_rests_on_is_named(desk: TicketDesk) -> None:
    because = {name: dict(desk.page(LOCAL, name).rules[0].because) for name in ("KEY", "PLACE", "ELEMENTS", "AGAIN")}
    assert because["KEY"]["customer_class"].en == "Diamond"
    assert because["PLACE"]["area"].zh == "transport_hub"
    # F3 is over, F4 lies in another city: two elements remain of the same kind.
    assert because["ELEMENTS"]["elements_with_problem"].zh == "2"
    assert because["AGAIN"]["repeats"].zh == "1"


# -- limits and the queue --------------------------------------------------------------------------


@pytest.mark.requirement("S000-089")
def test_the_limit_that_runs_out_first_is_the_tickets_own(desk: TicketDesk) -> None:
    rows = {row.id: row for row in desk.rows(LOCAL, QueueQuery())}
    firsts = {name: row.first for name, row in rows.items() if row.first is not None and row.first.left is not None}
    told = {name: (each.why, each.left // timedelta(minutes=1), each.urgency) for name, each in firsts.items()}  # type: ignore[operator]
    assert told["KEY"] == ("rule", 60, "soon")  # 8 h
    assert told["ELEMENTS"] == ("rule", -360, "over")  # 24 h
    assert told["PLAIN"] == ("promise", 30, "soon")  # its rule has hours left
    assert told["PLACE"] == ("rule", 300, "fine")
    assert [row.id for row in desk.rows(LOCAL, QueueQuery())][:4] == ["ELEMENTS", "AGAIN", "PLAIN", "KEY"]


@pytest.mark.requirement("S003-004")
def test_each_department_has_a_clock_of_its_own(desk: TicketDesk) -> None:
    page = desk.page(LOCAL, "ELEMENTS")
    stays = {each.of: each for each in page.limits if each.why == "stay"}
    assert (stays["service_centre"].kept, stays["service_centre"].ended) == (True, ago(29))
    assert stays["network"].left == timedelta(hours=24 - 29)
    assert page.handovers == 1
    assert (page.lead, page.path) == ("network", ("complaint_office",))
    assert [person.deputy for person in page.persons] == [False, True]


def test_a_ticket_whose_steps_are_over_is_not_in_the_queue_but_can_be_found(desk: TicketDesk) -> None:
    names = {row.id for row in desk.rows(LOCAL, QueueQuery())}
    assert not {"STEPS", "DONE", "FIRST"} & names
    assert desk.page(LOCAL, "DONE").row.closed_by == "record"
    assert desk.page(LOCAL, "STEPS").row.state == "closed"


@pytest.mark.requirement("S002-010")
def test_every_count_is_the_list_behind_it(desk: TicketDesk) -> None:
    page = desk.queue(LOCAL, QueueQuery())
    for shown in SHOWN:
        assert page.counts[shown] == len(desk.rows(LOCAL, QueueQuery(shown=shown)))
    for name, facets in (
        ("department", page.departments),
        ("category", page.categories),
        ("kind", page.kinds),
        ("unit", page.units),
    ):
        for each in facets:
            assert each.count == len(desk.rows(LOCAL, QueueQuery(**{name: each.code})))  # type: ignore[arg-type]
    flow = desk.flow(LOCAL, None)
    assert flow.total == page.total == sum(row.total or 0 for row in flow.steps)
    for part, board in (("step", flow.steps), ("department", flow.departments), ("owner", flow.owners)):
        for row in board:
            for age, _ in AGES:
                rows = desk.rows(LOCAL, QueueQuery(age=age, **{part: row.code}))  # type: ignore[arg-type]
                assert row.cells[age].count == len(rows)
                assert row.cells[age].over == sum(each.urgency == "over" for each in rows)


def test_small_numbers_of_the_board_are_hidden_from_who_may_not_see_lists(desk: TicketDesk) -> None:
    flow: FlowPage = desk.flow(LEADER, None)
    counts = [cell.count for row in flow.departments for cell in row.cells.values()]
    assert None in counts
    assert not [n for n in counts if n is not None and 0 < n < 5]
    assert {row.total for row in (*flow.steps, *flow.departments)} == {None}
    assert flow.owners == ()
    with pytest.raises(AccessError):
        desk.queue(LEADER, QueueQuery())
    with pytest.raises(AccessError):
        desk.page(LEADER, "KEY")


def test_nobody_sees_tickets_of_units_that_are_not_theirs(desk: TicketDesk) -> None:
    assert {row.unit for row in desk.rows(FAR, QueueQuery())} == {"C2-1"}
    for asked in (lambda: desk.page(FAR, "KEY"), lambda: desk.act(FAR, "KEY", DeskAsked("take", 0))):
        with pytest.raises(InputError, match="TKT001"):
            asked()
    with pytest.raises(InputError, match="REQ012"):
        desk.queue(FAR, QueueQuery(unit="C1"))


def test_what_was_said_is_masked(desk: TicketDesk) -> None:
    page = desk.page(LOCAL, "KEY")
    assert "13812345521" not in repr(page)
    assert "138****5521" in page.row.content


# -- acts ------------------------------------------------------------------------------------------


@pytest.mark.requirement("S003-006")
def test_a_ticket_goes_to_a_department_and_comes_back(desk: TicketDesk) -> None:
    name = "MANY0"
    do(desk, name, "send_back", reason="不属于我们")  # its record lies with marketing
    page = did(desk, name, "hand_over", department="network", reason="请查 13812345521")
    assert (page.row.state, page.row.department) == ("business", "network")
    assert "138****5521" in str(page.acts[-1].content["reason"])
    assert "hand_over" not in [form.act for form in page.forms]
    page = did(desk, name, "involve", department="billing", reason="协查")
    assert {each.of for each in page.limits if each.why == "stay" and each.ended is None} == {"network", "billing"}
    with pytest.raises(InputError, match="DSK010"):
        do(desk, name, "involve", department="billing", reason="再来")
    page = did(desk, name, "solve", reason="已修复")
    assert (page.row.state, page.row.department) == ("centre", "service_centre")
    with pytest.raises(InputError, match="DSK012"):
        do(desk, name, "close", reason="办结")
    do(desk, name, "reply", department="billing", reason="无关")
    with pytest.raises(InputError, match="DSK018"):
        do(desk, name, "close", reason="办结")
    do(desk, name, "feedback", via="hotline_agent", outcome="accepted", reason="已告知")
    page = did(desk, name, "close", reason="客户认可")
    assert (page.row.state, page.row.closed_by) == ("closed", "desk")
    assert name not in {row.id for row in desk.rows(LOCAL, QueueQuery())}
    page = did(desk, name, "undo", reason="还要再看")
    assert page.row.state == "centre"
    assert [act.act for act in page.acts][-2:] == ["close", "undo"]


def test_waiting_stops_the_rules_clock_and_not_a_promise(desk: TicketDesk) -> None:
    page = did(desk, "MANY1", "wait", reason="等截图")
    assert (page.row.urgency, page.row.first and page.row.first.left) == ("waiting", None)
    until = (NOW + timedelta(hours=1)).isoformat()
    page = did(desk, "MANY1", "promise", until=until)
    assert page.row.first is not None
    assert (page.row.first.why, page.row.first.left) == ("promise", timedelta(hours=1))
    page = did(desk, "MANY1", "answered", reason="收到")
    assert page.row.state == "business"
    for wrong in ("昨天", ago(1).isoformat()):
        with pytest.raises(InputError, match="DSK005"):
            do(desk, "MANY1", "promise", until=wrong)


@pytest.mark.requirement("S003-005")
def test_hard_tickets_go_up_the_path_of_the_directory(desk: TicketDesk) -> None:
    page = did(desk, "MANY2", "escalate", reason="疑难")
    assert (page.row.department, page.row.state, page.path) == ("complaint_office", "centre", ())
    assert "escalate" not in [form.act for form in page.forms]
    with pytest.raises(InputError, match="DSK011"):
        do(desk, "MANY2", "escalate", reason="再升")


def test_problems_of_several_elements_are_closed_only_after_side_effects_were_checked(desk: TicketDesk) -> None:
    do(desk, "ELEMENTS", "solve", reason="换板")
    do(desk, "ELEMENTS", "feedback", via="hotline_agent", outcome="accepted", reason="已恢复")
    with pytest.raises(InputError, match="DSK006"):
        do(desk, "ELEMENTS", "close", reason="好了")
    assert did(desk, "ELEMENTS", "close", reason="好了", checked="yes").row.state == "closed"
    for act in ("undo", "undo", "undo"):
        do(desk, "ELEMENTS", act)


def test_of_two_who_saw_the_same_the_second_is_told_what_the_first_did(desk: TicketDesk) -> None:
    seen = desk.page(LOCAL, "MANY3").row.version
    desk.act(LOCAL, "MANY3", DeskAsked("take", seen))
    with pytest.raises(DeskChangedError) as caught:
        desk.act(LOCAL, "MANY3", DeskAsked("note", seen, {"reason": "x"}))
    assert [each.act for each in caught.value.since] == ["take"]
    mine = desk.queue(LOCAL, QueueQuery(mine=True))
    assert ([row.id for row in mine.rows], mine.mine) == (["MANY3"], 1)


@pytest.mark.parametrize("act", ["hand_over", "reopen", "answered", "nothing"])
def test_what_is_not_possible_is_refused_with_what_is(desk: TicketDesk, act: str) -> None:
    fields = {"department": "network", "reason": "x"}
    with pytest.raises(InputError, match="DSK003"):
        desk.act(LOCAL, "MANY4", DeskAsked(act, 0, fields))  # with a business department


def test_from_every_state_something_leads_back_to_the_centre_or_to_the_end() -> None:
    acts = {
        state: {each.act for each in possible(TICKET_ACTS, state)}
        for state in ("centre", "business", "waiting", "closed")
    }
    assert "close" in acts["centre"]
    assert {"solve", "send_back"} <= acts["business"]
    assert "answered" in acts["waiting"]
    assert all("undo" in each and "note" in each for each in acts.values())


def test_readers_who_may_not_act_are_refused(desk: TicketDesk) -> None:
    reader = replace(LOCAL, rights=frozenset({"macro", "dynamic", "list"}))
    with pytest.raises(AccessError):
        desk.act(reader, "MANY5", DeskAsked("take", 0))
    assert desk.page(reader, "MANY5").forms == ()
    with pytest.raises(AccessError):
        desk.open_problem(reader, {"title": "x", "mode": "case"})


# -- problems --------------------------------------------------------------------------------------


@pytest.mark.requirement("S000-098")
@pytest.mark.requirement("S000-088")
@pytest.mark.requirement("S000-090")
@pytest.mark.requirement("S003-003")
def test_a_problem_has_ten_working_days_and_is_closed_after_the_check(desk: TicketDesk) -> None:
    fields = {
        "title": "话费争议",
        "mode": "class",
        "category": "charge_doubt",
        "ticket": "KEY",
        "reported_at": "2026-11-09",
    }
    made = desk.open_problem(LOCAL, fields)
    page = desk.problem(LOCAL, made.subject)
    # Reported on Monday the 9th: ten working days end on Monday the 23rd at the end of the office day.
    assert page.row.due == datetime.fromisoformat("2026-11-23T17:30+08:00")
    assert (page.row.links, page.row.mode, page.row.urgency) == ((("complaint", "KEY"),), "class", "soon")
    assert [each.id for each in desk.page(LOCAL, "KEY").problems] == [made.subject]

    def act(name: str, **more: str) -> None:
        desk.act_problem(LOCAL, made.subject, DeskAsked(name, desk.problem(LOCAL, made.subject).row.version, more))

    act("link", kind="fault", ref="F1")
    with pytest.raises(InputError, match="DSK003"):
        act("close", reason="x")
    act("solution", reason="改账单说明")
    page = desk.problem(LOCAL, made.subject)
    assert page.row.kept is True
    assert page.effect is not None
    assert page.effect.verdict == "too_early"
    act("track")
    with pytest.raises(InputError, match="DSK006"):
        act("close", reason="好了")
    act("check", neighbours="计费、短信提醒", clean="yes", reason="无影响")
    act("close", reason="投诉下降")
    page = desk.problem(LOCAL, made.subject)
    assert (page.row.state, page.row.checked, len(page.checks)) == ("closed", True, 1)
    assert desk.problems(FAR).rows == ()
    with pytest.raises(InputError, match="DSK008"):
        desk.problem(FAR, made.subject)


def test_a_problem_counts_what_it_is_about_on_each_day_that_has_data(desk: TicketDesk, place: Workplace) -> None:
    made = desk.open_problem(LOCAL, {"title": "促销", "mode": "class", "category": "marketing", "unit": "C2-1"})
    problem = read_problem(place.store.desk.of("problem", made.subject))
    assert problem is not None
    days = {each["received_at"].astimezone(place.zone).date() for each in COMPLAINTS}  # type: ignore[attr-defined]
    today = NOW.astimezone(place.zone).date()
    assert len(days) < 20, "days without data must not count as days without complaints"
    with open_states(place) as states:
        counts = daily_counts(
            Reader(place, states, LOCAL), problem, today - timedelta(days=20), today + timedelta(days=1)
        )
    assert len(counts) == len(days)
    assert sum(counts) == sum(each["category"] == "marketing" and each["unit"] == "C2-1" for each in COMPLAINTS) == 6


# -- warnings --------------------------------------------------------------------------------------


@pytest.mark.requirement("S000-089")
def test_each_limit_is_warned_of_once_and_only_to_whom_it_concerns(place: Workplace) -> None:
    def warn(**targets: dict[str, object]) -> int:
        with open_states(place) as states:
            return warn_of_limits(place, states, NotifySettings.model_validate({"targets": targets}))

    def target(*units: str, roles: tuple[str, ...] = ("handler",)) -> dict[str, object]:
        return {"channel": "webhook", "url": "https://example.org/hook", "roles": roles, "units": units}

    assert warn(boss=target(roles=("leader",))) == 0
    first = warn(city=target("C2"))
    told = [each for each in place.store.outbox.notices() if each.finding.startswith("ticket:")]
    assert first == len(told) > 0
    assert {each.payload["data"]["unit"] for each in told} == {"C2-1"}  # type: ignore[index]
    assert any(each.change.startswith("soon.promise.") for each in told)
    assert warn(city=target("C2")) == 0
    assert warn(city=target("C2"), all=target()) > 0
    texts = [str(each.payload["text"]) for each in place.store.outbox.notices()]
    assert not [each for each in texts if "13812345521" in each or "{" in each]


def test_the_pages_of_an_empty_workspace_are_empty(tmp_path: Path, place: Workplace) -> None:
    made = make_workplace(tmp_path, place.catalogue)  # fmt: skip
    with open_states(made) as states:
        desk = TicketDesk(made, Reads(states, made))
        assert desk.queue(LOCAL, QueueQuery()).total == 0
        assert desk.flow(LOCAL, None).total == 0
        assert desk.problems(LOCAL).rows == ()
    made.store.close()
