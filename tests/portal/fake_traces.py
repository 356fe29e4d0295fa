"""Ports of traces over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Scope, Subject
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.ports.traces import TracePorts
from ganzhi.trace.skew import Skew
from ganzhi.trace.views import (
    BreakPage,
    BreakSheet,
    ClockSheet,
    HopBreak,
    HopRow,
    HopSlices,
    Jump,
    Release,
    Side,
    Sign,
    Story,
    StoryPage,
    StoryStep,
    StuckBoard,
    StuckCount,
    StuckList,
    StuckPage,
    TraceBoard,
    TracePage,
    TraceRow,
    TracesPage,
    Waiting,
)
from tests.portal import numbers as n

DAY = date(1999, 1, 20)
STEPS = (
    ("book", "缴费入账", "Payment booked", "billing", 2_960, 4_000, 60_000, 31),
    ("balance", "更新余额", "Balance updated", "billing", 2_951, 14_000, 300_000, 12),
    ("state", "设置状态", "State set", "crm", 61, 10_000, 120_000, 0),
)


class Traces:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, scope: Callable[[PageQuery], Scope], attacked: Callable[[Text], Text]) -> None:
        self.empty, self._scope, self._named = variant == "empty", scope, attacked
        self._chain = '"><script>alert(1)</script>' if variant == "hostile" else "K0001"
        self._systems = {"billing": self._text("帐务", "Accounting"), "crm": self._text("营业", "CRM")}

    def ports(self) -> TracePorts:
        return TracePorts(self.traces, self.trace, self.stuck, self.story, self.day)

    def _text(self, zh: str, en: str) -> Text:
        return self._named(n.text(zh, en))

    def _known(self, code: str) -> None:
        if code not in ("recharge", "orders"):
            raise InputError(Issue("TRC001", code[:64], params={"near": "recharge"}))

    def traces(self) -> TracesPage:
        if self.empty:
            return TracesPage(())
        about = self._text("从缴费到复机", "From payment to resume")
        return TracesPage(
            (
                TraceRow("recharge", self._text("充值复机", "Recharge to resume"), about, 4, 12, DAY, 1),
                TraceRow("orders", self._text("业务办理", "Orders"), None, 3, 0, None, 0),
            )
        )

    def _hop(self, code: str, zh: str, en: str, system: str, count: int, usual: int, limit: int, over: int) -> HopRow:
        return HopRow(
            code, self._text(zh, en), self._systems[system], None, count, 3, count // 5, 2, over, usual, 3 * usual, 4 * usual,
            9 * usual, limit, beside=code == "state",
        )  # fmt: skip

    def _stuck(self, chains: int) -> StuckBoard:
        step = StuckCount("balance", self._text("更新余额", "Balance updated"), "lost", chains, chains, 5_000 * chains)
        paid, credited = ("已付费未到账", "Paid and not credited"), ("已到账未开机", "Credited and not resumed")
        name = self._text(*(paid if chains else credited))
        return StuckBoard(
            "unpaid", name, self._text("“钱没了”", "“The money is gone”"), chains,
            chains, 5_000 * chains if chains else None, (step,) if chains else (),
        )  # fmt: skip

    def trace(self, code: str, query: PageQuery, by: str | None) -> TracePage:
        self._known(code)
        name, scope = self._text("充值复机", "Recharge to resume"), self._scope(query)
        if self.empty:
            return TracePage(scope, code, name, None, None, None, None)
        hops = tuple(self._hop(*step) for step in STEPS)
        states = {"done": 2_948, "lost": 12, "stuck": 3}
        board = TraceBoard(
            code, name, None, DAY, DAY, n.NOW, 2_963, states, 4, {"exact": 4_800, "order": 1_172, "record": 0}, 6, hops,
            (self._stuck(12), self._stuck(0)), (DAY, DAY + timedelta(days=1)),
        )  # fmt: skip
        skews = (Skew("billing", "billing", 0, 0, 0), Skew("crm", "billing", -3_000_000, -5_000_000, None))
        jump = Jump(self._systems["billing"], self._systems["crm"], n.NOW - timedelta(minutes=9), n.NOW, 61, -120_000)
        clocks = ClockSheet(code, name, DAY, DAY, self._systems, skews, (jump,))
        return TracePage(
            scope,
            code,
            name,
            self._text("全程", "The whole way"),
            board,
            clocks,
            self._slices(by),
            unfilled=(self._text("短信告知的余额", "Balance told"),),
        )

    def _slices(self, by: str | None) -> HopSlices:
        sides = (Side("entry", self._text("入口", "Entry")), Side("hour_of_day", self._text("时段", "Hour")))
        if by not in {None, "entry", "hour_of_day"}:
            raise InputError(Issue("TRC007", str(by), params={"known": "entry, hour_of_day"}))
        rows = tuple(
            replace(self._hop(*step), slice=side, n=n)
            for step in STEPS
            for side, n in (("bank", 1_999), ("kiosk", 3))
            if by
        )
        return HopSlices(sides, by, rows, {"bank": self._text("银行", "Bank")})

    def stuck(self, code: str, query: PageQuery, which: str) -> StuckPage:
        self._known(code)
        if which != "unpaid":
            raise InputError(Issue("TRC004", code, params={"name": which[:60], "near": "unpaid"}))
        board, scope = self._stuck(12), self._scope(query)
        row = Waiting(
            self._chain, "lost", "balance", board.steps[0].step, self._text("通知", "Notice"), n.NOW, 7_200_000, 900, 14_000,
            90_000, 1.0, {"paid_at": n.NOW, "unit": "AB", "subscriber": "138****5521", "amount_fen": 5_000, "entry": "bank"},
        )  # fmt: skip
        columns = {name: self._text(name, name) for name in row.values}
        found = StuckList(
            code, which, board.name, board.symptom, DAY, DAY, n.NOW, 12, 12, columns,
            {"entry": {"bank": self._text("银行", "Bank")}}, (row,),
        )  # fmt: skip
        empty = None if self.empty else found
        return StuckPage(
            scope, code, self._text("充值复机", "Recharge"), which, board.name, board.symptom, empty, "amount_fen"
        )

    def story(self, code: str, query: PageQuery, chain: str) -> StoryPage:
        self._known(code)
        if chain == "nobody":
            raise InputError(Issue("TRC002", chain[:64]))
        steps = tuple(
            StoryStep(
                step, self._text(zh, en), self._systems[system], n.NOW + timedelta(minutes=at), took, limit, took is not None and took > limit,
                0, how, at == 3, at == 3, took and took // 2, 0.98 if took else None, "calls", f"R{at}",
            )
            for at, (step, zh, en, system, _, usual, limit, _) in enumerate(STEPS, 1)
            for took, how in ((None, "start") if at == 1 else (20 * usual, "exact" if at == 2 else "order"),)
        )  # fmt: skip
        facts = {"entry": (self._text("入口", "Entry"), "bank"), "credited": (self._text("已到账", "Credited"), False)}
        story = Story(
            code, self._text("充值复机", "Recharge"), self._chain, "AB", self._text("银行", "Bank"), "lost",
            self._text("更新余额", "Balance updated"), n.NOW, True, 480_000, facts,
            {"entry": {"bank": self._text("银行", "Bank")}}, steps,
        )  # fmt: skip
        return StoryPage(self._scope(query), story)

    def _signal(self, zh: str, en: str) -> Subject:
        subject = next(row.subject for row in n.scorecard() if row.subject.unit_of_value == "count")
        return replace(subject, name=self._text(zh, en))

    def day(self, code: str, query: PageQuery, day: date) -> BreakPage:
        self._known(code)
        broken = day == DAY and not self.empty
        hops = tuple(
            HopBreak(
                step, self._text(zh, en), self._systems[system], count, 0.9 if broken else 0.001, 0.001, 30 * usual, usual,
                broken and step != "state",
            )
            for step, zh, en, system, count, usual, _, _ in STEPS
        )  # fmt: skip
        signs = (
            Sign(self._signal("无效工单", "Invalid orders"), 1_467.0, 4.0, 20),
            Sign(self._signal("连接", "Connections"), None, None, 0),
        )
        releases = (
            (Release(n.NOW, {"system": "billing", "emergency": False, "faults": 1, "note": None}),) if broken else ()
        )
        sheet = BreakSheet(
            code, self._text("充值复机", "Recharge"), day, 2_963, 2_700, 2_650, 15, hops,
            hops[0].name if broken else None, n.NOW if broken else None, n.NOW if broken else None, signs, releases,
            {name: self._text(name, name) for name in ("system", "emergency", "faults", "note")},
            {"system": {"billing": self._systems["billing"]}},
        )  # fmt: skip
        return BreakPage(self._scope(query), sheet)
