"""Made-up answers to free questions, for the pages that show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.ask.answers import (
    AskColumn,
    Cost,
    Group,
    IndicatorsAnswer,
    Key,
    Line,
    Place,
    RecordsAnswer,
    Said,
    Total,
)
from ganzhi.measure.views.ask.options import AskForm, Option, Preset, RunningQuestion, SavedQuestion
from ganzhi.measure.views.ask.question import Condition, Question
from ganzhi.portal.ports.ask import AskPorts
from tests.portal import numbers as n

Named = Callable[[Text], Text]
SAVED = "019b0000-0000-7000-8000-00000000000a"
QUESTION = Question(mode="records", feed="calls", groups=("call_type",), measures=("wait_s",))
COST = Cost(71_000, 28, 20_000_000)


@dataclass
class FakeAsk:
    """Answers of the sample's shape."""

    variant: str
    named: Named
    subject: Callable[[str], object]

    @property
    def empty(self) -> bool:
        return self.variant == "empty"

    def columns(self) -> tuple[AskColumn, ...]:
        def column(name: str, zh: str, en: str, type_: str = "text", **more: object) -> AskColumn:
            fields = {"kind": "stored", "protection": "none", "masked": False, "scale": 0, "values": {}, **more}
            return AskColumn(name, self.named(n.text(zh, en)), type_, **fields)  # type: ignore[arg-type]

        values = {"PS": self.named(n.text("个人业务", "Private")), "NW": self.named(n.text("潜在客户", "Prospect"))}
        return (
            column("call_id", "话务编号", "Call id"),
            column("customer_id", "客户编号", "Customer", protection="personal", masked=True),
            column("call_type", "来电类型", "Call type", values=values),
            column("wait_s", "等待时长", "Waiting time", "int"),
            column("abandoned", "是否放弃", "Abandoned", "bool", kind="derived"),
            column("on.day", "日期", "Day", "date", kind="time"),
            column("on.place", "下级单元", "Unit below", kind="place"),
        )

    def form(self, question: Question) -> AskForm:
        topic = self.named(n.text("热线", "Hotline"))
        indicators = tuple(Option(about.code, self.named(about.name), topic) for _, about, _, _ in n.ROWS)
        known = question.feed == "calls"
        return AskForm(
            units=tuple(Option(code, self.named(name)) for code, name in n.UNITS.items()),
            indicators=() if self.empty else indicators,
            dimensions=(Option("call_type", self.named(n.text("来电类型", "Call type"))),) if question.codes else (),
            values={"call_type": self.columns()[2].values},
            grains=tuple(g.value for g in Grain if not g.is_operator_week and g.rank >= Grain.QUARTER_HOUR.rank),
            feeds=() if self.empty else (Option("calls", self.named(n.text("话务记录", "Call records"))),),
            columns=self.columns() if known else (),
            presets=() if self.empty else (Preset(self.named(n.text("投诉原因", "Reasons")), QUESTION),),
            records=True,
        )

    def _place(self) -> Place:
        return Place(
            "AB",
            self.named(n.UNITS["AB"]),
            "AB",
            date(1999, 1, 4),
            date(1999, 1, 31),
            None if self.empty else date(1999, 1, 31),
            n.NOW,
        )

    def _said(self, question: Question) -> tuple[Said, ...]:
        return tuple(
            Said(self.named(n.text("来电类型", "Call type")), each.op, (n.text(each.value, each.value),), Question())
            for each in question.conditions
            if each.value
        )

    def indicators(self, question: Question) -> IndicatorsAnswer:
        if "nothing" in question.codes:
            raise InputError(Issue("REQ010", "nothing", params={"near": "–"}))
        subjects = {code: self.subject(code) for code in question.codes}
        days = [date(1999, 1, 4) + timedelta(days=7 * week) for week in range(1 if question.grain else 4)]
        keys = [Key(code, self.columns()[2].values[code]) for code in ("PS", "NW")]
        cuts = [(("call_type", key),) for key in keys] if question.by else [()]
        units = [code for code in n.UNITS if code != "AB"] if question.below else ["AB"]
        lines = tuple(
            Line(
                code,
                unit,
                self.named(n.UNITS[unit]),
                period_of_day(Grain.WEEK, day, n.ZONE),
                cut,
                n.reading(subjects[code], 80.0 + place),  # type: ignore[arg-type]
            )
            for code in question.codes
            for unit in units
            for cut in cuts
            for place, day in enumerate(days)
        )
        return IndicatorsAnswer(
            place=self._place(),
            grain=Grain.WEEK,
            basis="period",
            subjects=subjects,  # type: ignore[arg-type]
            feeds=dict.fromkeys(question.codes, "calls"),
            by=tuple((name, self.named(n.text("来电类型", "Call type"))) for name in question.by),
            where=(),
            below=question.below,
            lines=() if self.empty else lines,
            said=self._said(question),
            linked=True,
            withheld=False,
            cost=COST,
        )

    def records(self, question: Question) -> RecordsAnswer:
        if question.first == "1900-01-01":
            params = {"rows": "71,000", "most": "7", "since": "1999-01-31", "last": "1999-01-31"}
            raise InputError(Issue("ASK001", "from", params=params))
        columns = {each.name: each for each in self.columns()}
        grouped = tuple(columns[name] for name in question.groups)
        measured = tuple(columns[name] for name in question.measures)
        total = Total(7105, 710_512, 0, 2_441)
        keys = (*columns["call_type"].values.items(), (None, n.text("未知", "Unknown")))
        groups = tuple(
            Group(
                tuple(Key(value, name) for _ in grouped),
                rows,
                tuple(total if value else Total(0, None, None, None) for _ in measured),
                replace(question, groups=(), measures=()),
            )
            for (value, name), rows in zip(keys, (5000, 2000, 105), strict=True)
        )
        rows = (("AA-1", "138****5521", "PS", "12", "true", "1999-01-04", "AB", "january.txt", "2"),)
        return RecordsAnswer(
            place=self._place(),
            feed="calls",
            feed_name=self.named(n.text("话务记录", "Call records")),
            record=self.named(n.text("一次来电", "One call")),
            columns=() if grouped else self.columns(),
            rows=() if grouped or self.empty else rows * 3,
            grouped=grouped,
            measured=measured,
            groups=() if self.empty or not grouped else groups,
            said=self._said(question),
            total=0 if self.empty else 7105,
            totals=tuple(total for _ in measured),
            found=0 if self.empty else 3,
            page=1,
            pages=1,
            cost=COST,
        )

    # -- saved and running ------------------------------------------------------------------------

    def list(self) -> tuple[SavedQuestion, ...]:
        return () if self.empty else (self.get(SAVED), replace(self.get(SAVED), own=False, owner="wang"))

    def get(self, identity: str) -> SavedQuestion:
        if identity != SAVED:
            raise InputError(Issue("ASK030", identity))
        name = self.named(n.text("每周投诉原因", "Weekly reasons")).zh
        question = replace(QUESTION, conditions=(Condition(1, "call_type", "eq", "PS"),))
        return SavedQuestion(SAVED, name, "local", "unit", True, False, n.NOW, 3, question, False)

    def running(self) -> tuple[RunningQuestion, ...]:
        title = self.named(n.text("话务记录", "Call records"))
        return () if self.empty else (RunningQuestion(SAVED, title, n.NOW - timedelta(seconds=7), 71_000),)


def ask_ports(variant: str, named: Named, subject: Callable[[str], object]) -> AskPorts:
    """The ports over made-up answers."""
    fake = FakeAsk(variant, named, subject)
    return AskPorts(
        form=fake.form,
        indicators=fake.indicators,
        records=fake.records,
        export=fake.records,
        saved=lambda: fake,  # type: ignore[arg-type, return-value]  # as much of it as pages read
        running=fake.running,
        cancel=lambda identity: identity == SAVED,
    )
