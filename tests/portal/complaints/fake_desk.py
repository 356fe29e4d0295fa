"""The complaint desk over a handful of made-up tickets: the real stories, clocks, rules and lists, without a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.data import CodeEntry, CodeList, Unit
from ganzhi.catalogue.model.desk import AnswersFor, Department, InterfacePerson, Scene, ValueClass
from ganzhi.catalogue.model.framework import Product
from ganzhi.catalogue.model.handling import Screening, TimeLimit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.gather import Gathered, join
from ganzhi.complaints.desk.one import Beside, ticket_page
from ganzhi.complaints.desk.problems import ordered, page_of, read_problem, row_of
from ganzhi.complaints.desk.process.faults import fault_page, fault_row, in_order, read_fault
from ganzhi.complaints.desk.queue import Queue
from ganzhi.complaints.desk.views import (
    Alike,
    DeskAsked,
    FaultPage,
    FaultRow,
    FaultsPage,
    FlowPage,
    ProblemPage,
    ProblemRow,
    ProblemsPage,
    QueueQuery,
    Suggested,
    Tested,
    TicketPage,
    TicketRow,
)
from ganzhi.complaints.screening import Facts
from ganzhi.complaints.tickets.read import Step, Ticket
from ganzhi.portal.ports.desk import DeskPorts
from ganzhi.store.desk.acts import DeskAct, DeskChangedError
from tests.portal import numbers as n

NOW = n.NOW
PROBLEM = "019b0000-0000-7000-8000-00000000de5c"
FAULT = "019b0000-0000-7000-8000-0000000fa017"
URGENT, WAITING, PLAIN, LONGER = "TS1", "TS2", "TS3", "TS4"
Named = Callable[[Text], Text]


def _listed(**names: tuple[str, str]) -> CodeList:
    entries = tuple(CodeEntry(code=code, to=code, name=n.text(zh, en)) for code, (zh, en) in names.items())
    return CodeList(name=n.text("表", "List"), entries=entries)


def catalogue(named: Named) -> Catalogue:
    """A small catalogue of two departments, three rules and two towns."""

    def rule(zh: str, en: str, rank: int, hours: int, **more: object) -> Screening:
        return Screening(name=named(n.text(zh, en)), rank=rank, limit=TimeLimit(hours=Decimal(hours)), **more)

    centre = Department(
        name=named(n.text("客户服务中心", "Service centre")), role="service_centre", answers_for=(AnswersFor(),), escalates_to="office",
        step_limit=TimeLimit(hours=Decimal(4)), persons=(InterfacePerson(name=named(n.text("值班长", "Shift leader")), login="local"),),
    )  # fmt: skip
    network = Department(
        name=named(n.text("网络部", "Network")), role="business", answers_for=(AnswersFor(categories=("network_voice",)),),
        escalates_to="office", persons=(InterfacePerson(name=named(n.text("副接口人", "Deputy")), deputy=True),),
    )  # fmt: skip
    return Catalogue.of(
        "fake 1+0",
        {
            "units": {
                "all": Unit(name=named(n.text("全省", "Province")), level="province"),
                "AB": Unit(name=named(n.text("临江", "Linjiang")), level="city", parent="all"),
                "CD": Unit(name=named(n.text("宁湾", "Ningwan")), level="city", parent="all"),
            },
            "departments": {"centre": centre, "network": network, "office": Department(name=named(n.text("质量部", "Quality")), role="service_centre")},
            "screenings": {
                "keys": rule("钻卡客户", "Diamond", 2, 8, layer="customer", values={"customer_class": ("diamond",)}),
                "elements": rule("多网元同一问题", "Several elements", 1, 24, layer="problem", at_least={"elements_with_problem": 2}, must=True),
                "rest": rule("一般投诉", "Ordinary", 5, 48, layer="overall"),
            },
            "code_lists": {
                "complaint_categories": _listed(network_voice=("语音质量", "Voice quality"), billing_run=("出账疑问", "Billing run")),
                "complaint_kinds": _listed(ordinary=("普通投诉", "Ordinary"), batch=("批量投诉", "Batch")),
                "complaint_flow_steps": _listed(accept=("受理", "Intake"), handle=("处理", "Handling")),
                "responsibilities": _listed(provider=("服务方", "Provider"), customer=("客户方", "Customer")),
                "customer_classes": _listed(diamond=("钻卡", "Diamond")),
            },
            "products": {"voice": Product(name=named(n.text("语音", "Voice")))},
            "scenes": {"airport": Scene(name=named(n.text("机场", "Airport")), level="province", words=("机场",))},
            "value_classes": {"top": ValueClass(name=named(n.text("最有价值客户", "Most valuable")))},
        },
    )  # fmt: skip


class Desk:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, named: Named) -> None:
        self.variant, self.catalogue = variant, catalogue(named)
        self.said = '"><script>alert(1)</script>' if variant == "hostile" else "机场没有信号，号码138****5521"
        self.directory = Directory(self.catalogue, NOW.date(), n.ZONE)
        self.acts: dict[tuple[str, str], list[DeskAct]] = {}
        self._before()

    def _before(self) -> None:
        who = "=cmd|'/c calc'!A0" if self.variant == "hostile" else "li"
        at = NOW - timedelta(hours=3)
        reported = (NOW - timedelta(days=20)).isoformat()
        self._add("ticket", WAITING, DeskAct("ticket", WAITING, 1, at, who, "wait", {"reason": self.said}))
        self._add(
            "ticket", URGENT, DeskAct("ticket", URGENT, 1, at, who, "involve", {"department": "centre", "reason": "x"})
        )
        self._add(
            "ticket",
            URGENT,
            DeskAct("ticket", URGENT, 2, at, who, "promise", {"until": (NOW + timedelta(hours=9)).isoformat()}),
        )
        content = {
            "title": self.said,
            "mode": "class",
            "unit": "AB",
            "ticket": URGENT,
            "reported_at": reported,
            "category": "network_voice",
        }
        self._add("problem", PROBLEM, DeskAct("problem", PROBLEM, 1, at - timedelta(days=20), who, "open", content))
        self._add(
            "problem",
            PROBLEM,
            DeskAct("problem", PROBLEM, 2, at - timedelta(days=12), who, "solution", {"reason": "换板"}),
        )

        self._reproduced(who, at)

    def _reproduced(self, who: str, at: datetime) -> None:
        """A ticket that was reproduced and answered, with the fault that was opened for it."""
        told = {"found": "reproducible", "reason": self.said}
        self._add("ticket", LONGER, DeskAct("ticket", LONGER, 1, at, who, "reproduce", told))
        fed = {"via": "hall", "outcome": "not_accepted", "reason": self.said}
        self._add("ticket", LONGER, DeskAct("ticket", LONGER, 2, at, who, "feedback", fed))
        own = {"party": "provider", "reason": self.said}
        self._add("ticket", LONGER, DeskAct("ticket", LONGER, 3, at, who, "responsible", own))
        fields = {
            "title": self.said,
            "department": "network",
            "unit": "AB",
            "ticket": LONGER,
            "evidence": self.said,
            "owner": who,
        }
        self._add("fault", FAULT, DeskAct("fault", FAULT, 1, at, who, "open", fields))
        self._add("fault", FAULT, DeskAct("fault", FAULT, 2, at, who, "note", {"reason": "x"}))

    def _add(self, about: str, subject: str, act: DeskAct) -> None:
        self.acts.setdefault((about, subject), []).append(act)

    def ports(self) -> DeskPorts:
        return DeskPorts(
            queue=lambda query: self._queue().page(query),
            rows=self.rows,
            ticket=self.ticket,
            act=self.act,
            flow=self.flow,
            problems=self.problems,
            problem=self.problem,
            open_problem=lambda fields: self._done("problem", PROBLEM, "open", fields),
            act_problem=lambda given, asked: self._done("problem", given, asked.act, asked.fields, asked.version),
            faults=self.faults,
            fault=self.fault,
            open_fault=lambda fields: self._done("fault", FAULT, "open", fields),
            act_fault=lambda given, asked: self._done("fault", given, asked.act, asked.fields, asked.version),
        )

    # -- tickets -----------------------------------------------------------------------------------

    def _tickets(self) -> tuple[Ticket, ...]:
        def made(name: str, hours: float, **more: object) -> Ticket:
            base: dict[str, object] = {
                "unit": "AB",
                "who": "C100059254",
                "text": self.said,
                "nature": "ordinary",
                "category": "network_voice",
                "product": "voice",
                "channel": "hotline",
            }
            return Ticket(name, "complaint", NOW - timedelta(hours=hours), **(base | more))  # type: ignore[arg-type]  # fmt: skip

        many = 60 if self.variant == "many" else 0
        return (
            made(URGENT, 26, department="网络部", due_at=NOW - timedelta(hours=1)),
            made(WAITING, 5, customer_class="diamond", category="gone", unit="CD"),
            made(PLAIN, 1, category="billing_run", nature="batch", text=None, product=None),
            made(LONGER, 41, category="billing_run"),
            *(made(f"TX{each}", 1 + each) for each in range(many)),
        )

    def _gathered(self, *, lists: bool = False) -> Gathered:
        tickets = () if lists and self.variant == "empty" else self._tickets()
        start = NOW - timedelta(hours=26)
        step = Step("G1", URGENT, "handle", "AB", "网络部", "1 班", "WL001", start, None, None, None, None, None)
        facts = {}
        for each in tickets:
            values = {"customer_class": each.customer_class} if each.customer_class else {}
            facts[each.id] = Facts(each.received_at, values, {"elements_with_problem": 3} if each.id == URGENT else {})
        return Gathered(NOW, self.variant == "many", "all", tickets, {URGENT: [step]}, facts)

    def _acts(self, about: str) -> dict[str, Sequence[DeskAct]]:
        return {subject: tuple(acts) for (kind, subject), acts in self.acts.items() if kind == about}

    def _queue(self) -> Queue:
        found = self._gathered(lists=True)
        joined = join(self.catalogue, found, self._acts("ticket"), self.directory)
        return Queue(self.catalogue, LOCAL, found, joined, self.directory)

    def rows(self, query: QueueQuery) -> list[TicketRow]:
        return self._queue().under(query)

    def flow(self, unit: str | None) -> FlowPage:
        return self._queue().flow(unit)

    def ticket(self, name: str) -> TicketPage:
        found = self._gathered()
        joined = join(self.catalogue, found, self._acts("ticket"), self.directory)
        if name not in joined:
            raise InputError(Issue("TKT001", name))
        alike = Alike(PLAIN, NOW - timedelta(days=1), self.said, "words", "open")
        case = Suggested("019b0000-0000-7000-8000-0000000000ca", "重新入网", "重启", "请您重启手机", ("没有信号",))
        problems = tuple(row for row in self._problems() if ("complaint", name) in row.links)
        like = (alike,) if name != PLAIN else ()
        beside = Beside(problems, (), like, len(like), 2 * len(like), (case,) if self.variant == "cases" else ())
        own = tuple(row for row in self._faults() if row.ticket == name)
        handed = {1: ("file", "decisions-000001.csv"), 2: ("notice", "failed")} if name == LONGER else {}
        beside = replace(
            beside, faults=own, tested=Tested("not_reproducible", "BZ1") if name == PLAIN else None, handed=handed
        )
        return ticket_page(
            self.catalogue, found, joined[name], self.acts.get(("ticket", name), []), self.directory, beside, may=True
        )  # fmt: skip

    def act(self, name: str, asked: DeskAsked) -> DeskAct:
        self.ticket(name)
        if not asked.fields.get("reason", "x"):
            raise InputError(Issue("DSK002", "reason"))
        return self._done("ticket", name, asked.act, asked.fields, asked.version)

    def _done(self, about: str, subject: str, act: str, fields: Mapping[str, str], seen: int | None = None) -> DeskAct:
        so_far = self.acts.get((about, subject), [])
        if seen is not None and seen != len(so_far):
            raise DeskChangedError(subject, seen, tuple(so_far[seen:]))
        made = DeskAct(about, subject, len(so_far) + 1, datetime.now(UTC), "local", act, dict(fields))  # type: ignore[arg-type]
        self._add(about, subject, made)
        return made

    # -- faults ------------------------------------------------------------------------------------

    def _faults(self) -> tuple[FaultRow, ...]:
        found = [read_fault(acts) for acts in self._acts("fault").values()]
        return in_order(fault_row(self.catalogue, each, self.directory, NOW) for each in found if each is not None)

    def faults(self) -> FaultsPage:
        named = tuple((code, each.name) for code, each in self.directory.departments.items())
        return FaultsPage(() if self.variant == "empty" else self._faults(), NOW, named, True)

    def fault(self, given: str) -> FaultPage:
        acts = self.acts.get(("fault", given))
        if acts is None:
            raise InputError(Issue("DSK014", given))
        return fault_page(self.catalogue, acts, self.directory, NOW, "", may=True)

    # -- problems ----------------------------------------------------------------------------------

    def _problems(self) -> tuple[ProblemRow, ...]:
        found = [read_problem(acts) for acts in self._acts("problem").values()]
        return ordered(row_of(self.catalogue, each, self.directory.office, NOW) for each in found if each is not None)

    def problems(self) -> ProblemsPage:
        names = self.catalogue.code_lists["complaint_categories"].entries
        rows = () if self.variant == "empty" else self._problems()
        return ProblemsPage(rows, NOW, tuple((e.to, e.name) for e in names if e.name), True)

    def problem(self, given: str) -> ProblemPage:
        acts = self.acts.get(("problem", given))
        if acts is None:
            raise InputError(Issue("DSK008", given))
        return page_of(
            self.catalogue, acts, self.directory, NOW, lambda _p, first, end: [first.day] * (end - first).days, may=True
        )
