"""Ports of warnings over three made-up findings: one overdue, one within its time, one that is part of the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.improve.crisis import PlanStep
from ganzhi.improve.cycle import possible
from ganzhi.improve.effect import Effect
from ganzhi.improve.pages.desk import ChangedError
from ganzhi.improve.pages.reportviews import CrisisLine, Line, Noted, ReportPage, SamplePage, Volume
from ganzhi.improve.pages.views import (
    SHOWN,
    AlertPage,
    AlertRow,
    AlertsPage,
    AlertsQuery,
    Asked,
    Drawn,
    Judged,
    Point,
    RuleWords,
    Step,
    Told,
    Why,
)
from ganzhi.improve.sample import Share
from ganzhi.measure.views.occasions import Occurs
from ganzhi.portal.ports.alerts import AlertPorts
from ganzhi.store.findings.records import Entry, KeptFeedback, Silence
from tests.portal import numbers as n

LATE, FRESH, PART = (f"019b0000-0000-7000-8000-00000000000{place}" for place in (1, 2, 3))
LOAD = "019b0000-0000-7000-8000-000000000001"
LIMITS = {"blue": 262.0, "yellow": 281.0, "orange": 300.0, "red": 318.0}
SURFACED = ("raised", "published", "acknowledged", "analysing", "measured", "checking")
FIRED = date(1999, 1, 20)
OUT = Why("beyond_limit", {"grade": "red", "limit": "318"})


def _day(day: int) -> Period:
    return period_of_day(Grain.DAY, FIRED + timedelta(days=day), n.ZONE)


class Alerts:
    """Answers the ports in a variant of the fake house; acts are noted and change nothing."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named
        self.asked: list[tuple[str, Asked]] = []
        self.coded: dict[str, tuple[str, str]] = {}

    def ports(self) -> AlertPorts:
        return AlertPorts(
            self.list,
            self.rows,
            self.waiting,
            self.page,
            self.act,
            self.sample,
            self.code,
            self.report,
            lambda _level: FIRED,
        )

    def _text(self, zh: str, en: str) -> Text:
        return self._named(n.text(zh, en))

    def _judged(self, day: int, value: float, grade: str | None = None) -> Judged:
        reasons = (
            (Why("beyond_limit", {"grade": grade, "limit": "318"}), Why("raised_places", {"what": "3"}))
            if grade
            else ()
        )
        return Judged(
            _day(day), n.NOW, "warned" if grade else "quiet", grade, value, 240.5, LIMITS, 3.2e-5, 1.1e-4, value - 240.5,  # type: ignore[arg-type]
            value / 240.5 - 1, 1.4, "counts", 700, None, reasons, "fake 1",
        )  # fmt: skip

    def _row(self, identity: str) -> AlertRow:
        about = replace(n.subject("hotline.calls", "投诉量", "Complaints", "count", "lower"), decimals=0)
        late, part = identity == LATE, identity == PART
        unit = "AB-2" if part else "AB"
        due = n.NOW + timedelta(hours=-3 if late else 7)
        return AlertRow(
            id=identity,
            state="merged" if part else "published" if late else "checking",
            grade="red" if late else "orange" if part else "blue",
            highest="red" if late else "orange",
            rule="complaints.volume",
            rule_name=self._text("投诉量", "Complaint volume"),
            level="product",
            indicator=about.code,
            subject=replace(about, name=self._named(about.name)),
            unit=unit,
            unit_name=self._named(n.UNITS[unit]),
            cut=() if late else ((n.text("来电类型", "Call type"), self._text("个人业务", "Private")),),
            slice={} if late else {"call_type": "PS"},
            first=_day(0),
            last=_day(3),
            judged=self._judged(3, 352 if late else 271, "red" if late else "blue"),
            owner=self._text("数据部", "Data department"),
            due=None if part else due,
            left_s=None if part else (due - n.NOW).total_seconds(),
            overdue=late,
            escalations=2 if late else 0,
            raised_at=n.NOW - timedelta(days=2),
            closed_at=None,
            kept=Why("in_parent", {"grade": "red"}, {"unit": self._named(n.UNITS["AB"])}) if part else None,
            parent=LATE if part else None,
            version=4,
        )

    def _all(self) -> tuple[AlertRow, ...]:
        return () if self.variant == "empty" else self._every()

    def _every(self) -> tuple[AlertRow, ...]:
        return tuple(self._row(each) for each in (LATE, FRESH, PART))

    @staticmethod
    def _in(row: AlertRow, shown: str) -> bool:
        if shown in ("all", "open", "overdue"):
            return shown == "all" or (row.overdue if shown == "overdue" else row.state in SURFACED)
        return row.state == shown

    def rows(self, query: AlertsQuery) -> Iterator[AlertRow]:
        for row in self._all():
            if self._in(row, query.shown) and query.grade in (None, row.grade) and query.unit in (None, row.unit):
                yield row

    def list(self, query: AlertsQuery) -> AlertsPage:
        if query.unit is not None and query.unit not in n.UNITS:
            raise InputError(Issue("REQ012", query.unit[:64], params={"near": "AB"}))
        found, every = tuple(self.rows(query)), self._all()
        rules = (
            ("complaints.volume", self._text("投诉量", "Complaint volume")),
            ("hall.wait", self._text("等候", "Waits")),
        )
        return AlertsPage(
            query=query,
            rows=found,
            total=len(found),
            pages=1,
            counts={shown: sum(self._in(row, shown) for row in every) for shown in SHOWN},
            grades={g: sum(row.grade == g for row in every) for g in ("red", "orange", "yellow", "blue")},
            rules=rules if every else (),
            units=tuple((code, self._named(name)) for code, name in n.UNITS.items()) if every else (),
            unit_name=None if query.unit is None else n.UNITS[query.unit],
            telling=("mail", "wecom") if every else (),
        )

    def waiting(self, unit: str | None, most: int) -> tuple[tuple[AlertRow, ...], int]:
        found = [row for row in self._all() if row.state in SURFACED]
        return tuple(found[:most]), len(found)

    def page(self, given: str) -> AlertPage:
        row = next((each for each in self._every() if each.id == given), None)
        if row is None:
            raise InputError(Issue("FND001", given[:64]))
        if self.variant == "empty":
            return self._bare(replace(row, judged=None))
        judged = tuple(
            self._judged(day, value, grade)
            for day, value, grade in ((3, 352, "red"), (1, 330, "orange"), (0, 271, "blue"))
        )
        points = tuple(
            Point(
                _day(day),
                None if day == -9 else 235.0 + day % 7 * 4 + (90 if day > 0 else 0),
                240.5 if day >= 0 else None,
                "orange" if day > 0 else None,
            )
            for day in range(-28, 4)
        )
        late = row.id == LATE
        return AlertPage(
            row=row,
            rule=self._rule(),
            judged=judged,
            fired=judged[0],
            points=points,
            occasions=(Occurs(1, "launch", "campaign", self._text("新套餐上市", "New plan"), date(1999, 1, 8), date(1999, 1, 10)),),
            history=self._history(row.id),
            whys=(OUT, OUT, Why(""), Why("三次都是同一批用户")),
            feedback=() if late else (KeptFeedback("投诉突增", "话单重复", "补扣回退", row.id, 4, n.NOW, "han"),),
            effect=None if late else Effect("not_shown", 4, 5, 2, 0.8, 0.7, 0.95),
            samples=(self._drawn(),),
            parts=(self._row(PART),) if late else (),
            parent=self._row(LATE) if row.parent else None,
            acts=(*(act.name for act in possible(row.state, "person")), "silence"),
            candidates=(self._row(LATE),) if row.id == FRESH else (self._row(FRESH),),
            silences=(self._silence(),) if late else (),
            notices=(Told("mail", "2.publish.a", "sent", n.NOW, n.NOW, None, None), Told("wecom", "2.publish.b", "waiting", n.NOW, None, None, "quiet_hours")),
            telling=("mail", "wecom"),
            crisis=self._steps() if late else (),
        )  # fmt: skip

    @staticmethod
    def _bare(row: AlertRow) -> AlertPage:
        """A finding of which nothing is left but itself."""
        return AlertPage(
            row, None, (), None, (), (), (), (), (), None, (), (), None, (), (), (), (), ()
        )  # fmt: skip

    def act(self, given: str, asked: Asked) -> None:
        row = next((each for each in self._all() if each.id == given), None)
        if row is None:
            raise InputError(Issue("FND001", given[:64]))
        if asked.version != row.version:
            raise ChangedError(row, asked.version)
        lacking = [Issue("FND005", part) for part, text in asked.feedback.items() if not text]
        if lacking:
            raise InputError(lacking)
        self.asked.append((given, asked))

    def _rule(self) -> RuleWords:
        tails = {"blue": 1e-2, "yellow": 1e-3, "orange": 1e-4, "red": 1e-5}
        step = Step(("owner", "handler"), ("portal", "mail"), 15, 240, "handler")
        said = self._text("投诉量高于预期时预警", "Warns when there are more complaints than expected")
        return RuleWords(
            "day", "high", "auto", None, tails, (5, 0.2), 1, 2, 0.1, 3.5, said, self._text("投诉预警发布", "Complaints"), step  # type: ignore[arg-type]
        )  # fmt: skip

    def _history(self, identity: str) -> tuple[Entry, ...]:
        def entry(number: int, actor: str, act: str, before: str, after: str, reason: str = "") -> Entry:
            at: datetime = n.NOW - timedelta(days=2, hours=-number)
            return Entry(identity, number, at, actor, act, before, after, 4, reason, {})

        return (
            entry(1, "warn", "raise", "", "raised", "beyond_limit"),
            entry(2, "warn", "publish", "raised", "published", "beyond_limit"),
            entry(3, "han", "acknowledge", "published", "acknowledged"),
            entry(4, "han", "note", "acknowledged", "acknowledged", "三次都是同一批用户"),
        )

    def _drawn(self) -> Drawn:
        shares = (Share("资费", 6, 9, 6 / 9, 0.35, 0.88), Share("网络", 3, 9, 3 / 9, 0.12, 0.65))
        rows = ((LOAD, 2),)
        return Drawn(_day(0), "calls", "5e" * 32, 4307, rows, {}, shares, 9)

    def _steps(self) -> tuple[PlanStep, ...]:
        says = (
            ("召集会商", "Call the meeting", -1),
            ("统一口径", "One wording", -2),
            ("告知客户", "Tell customers", 5),
        )
        return tuple(
            PlanStep(
                number,
                self._text(zh, en),
                "leader",
                n.NOW + timedelta(hours=hours),
                n.NOW if number == 1 else None,
                "han" if number == 1 else "",
                "",
                overdue=hours < 0,
            )
            for number, (zh, en, hours) in enumerate(says, start=1)
        )

    def sample(self, given: str, part: int) -> SamplePage:
        row = next((each for each in self._every() if each.id == given), None)
        if row is None:
            raise InputError(Issue("FND001", given[:64]))
        drawn = self._drawn()
        if self.variant == "empty":
            return SamplePage(row, replace(drawn, rows=(), looked_at=0), 1, 1, (), (), (), may=False, version=1)
        records = (Noted(LOAD, 2, "扣费不符", "资费"), Noted(LOAD, 3, "", ""))
        return SamplePage(row, drawn, part, 2, records, drawn.shares[:1], drawn.shares, may=True, version=3)

    def code(self, given: str, version: int, found: Mapping[str, tuple[str, str]]) -> None:
        if version != self.sample(given, 1).version:
            raise InputError(Issue("STO005", given))
        self.coded = dict(found)

    def report(self, day: date, level: str) -> ReportPage:
        if day > FIRED:
            raise InputError(Issue("FND019", day.isoformat(), params={"last": FIRED.isoformat()}))
        about = replace(n.subject("hotline.calls", "投诉量", "Complaints", "count", "lower"), decimals=0)
        lines = [Line(row, row.id == FRESH, "publish", "warn", n.NOW, row.kept) for row in self._all()]
        shown = level == "product" and bool(lines)
        volumes = (
            Volume("complaints.volume", about, (), 352, 241, 239, hidden=False, grade="red", finding=LATE),
            Volume("complaints.volume", about, (), 3, None, 4, hidden=True, grade=None, finding=None),
        )
        return ReportPage(
            day=day,
            level=level,
            made_at=n.NOW if shown else None,
            unit_name=self._named(n.UNITS["AB"]),
            new=tuple(lines[1:2]) if shown else (),
            repeated=tuple(lines[:1]) if shown else (),
            waiting=(),
            closed=(),
            kept=tuple(lines[2:]) if shown else (),
            reasons=((Why("in_parent"), 1),) if shown else (),
            grades={"red": 1, "orange": 0, "yellow": 0, "blue": 1},
            volumes=volumes if shown else (),
            crises=(CrisisLine(lines[0].row, self._steps()),) if shown else (),
            earlier=FIRED - timedelta(days=1),
            later=None,
        )

    def _silence(self) -> Silence:
        until = n.NOW + timedelta(hours=4)
        return Silence("s", "maintenance", "complaints.volume", "AB", "", "han", "系统割接", n.NOW, until, n.NOW, 1)
