"""Reports of complaints and sources over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.evidence import Evidence
from ganzhi.complaints.analysis.near import Near, Standing
from ganzhi.complaints.analysis.source import About, Link, Source
from ganzhi.complaints.hotspots import Cell
from ganzhi.complaints.reports.build import REPORTS
from ganzhi.complaints.reports.document import Column, Course, Kind, Opens, Point, Remark, Report, Row, Section, Table
from ganzhi.complaints.reports.parts import COMPARED
from ganzhi.complaints.reports.view import EditionLine, ReportView
from ganzhi.portal.ports.reports import ReportPorts
from tests.portal import numbers as n
from tests.portal.fake_alerts import LATE

Named = Callable[[Text], Text]
TICKET = "TS1001"
DAY = date(1999, 1, 20)
_SPOT = (
    Column("where"), Column("sides", "word"), Column("turn", "word"), Column("count", "count"), Column("share", "share"),
    Column("expected", "number"), Column("times", "number"), Column("chance", "chance"), Column("why", "word"),
)  # fmt: skip
_CASES = (Column("spot"), Column("complaint"), Column("received", "day"), Column("said"), Column("tested", "word"))
_FOLLOWED = (
    Column("anomaly"), Column("place"), Column("grade", "level"), Column("state", "word"), Column("analysis"), Column("measures"),
)  # fmt: skip
_EFFECTS = (Column("anomaly"), Column("measured", "day"), Column("ratio", "number"), Column("effect", "word"))
_PROFILE = (
    Column("feature", "word"),
    Column("group"),
    Column("complainants", "count", part=True),
    Column("verdict", "word"),
)


class Reports:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, named: Named, ticket: str = TICKET) -> None:
        self.variant, self._named, self._ticket = variant, named, ticket

    def ports(self) -> ReportPorts:
        return ReportPorts(
            latest=self.latest, report=self.report, keep=lambda *_: 2, source=self.source, spot=self.spot
        )

    def latest(self, kind: Kind) -> Period:
        return period_of_day(REPORTS[kind].grain, DAY, n.ZONE)

    def report(self, kind: Kind, unit: str | None, period: str, edition: int | None) -> ReportView:
        asked = parse_period(period, n.ZONE)
        if asked.grain is not REPORTS[kind].grain:
            raise InputError(Issue("CRP001", period[:40], params={"kind": kind, "grain": REPORTS[kind].grain.value}))
        if edition is not None and edition > 2:
            raise InputError(Issue("CRP004", str(edition), params={"known": "1, 2"}))
        editions = (EditionLine(1, n.NOW, "reports"), EditionLine(2, n.NOW + timedelta(hours=3), "reports"))
        empty = self.variant == "empty"
        return ReportView(
            report=self._report(kind, unit or "AB", asked, known=not empty),
            period=asked,
            edition=None if empty else editions[(edition or 2) - 1],
            editions=() if empty else editions,
            before=asked.previous(),
            after=None,
            units=(("AB", self._text("全省", "Province")), ("AB-1", self._text("临江", "Linjiang"))),
            default_unit="AB",
            records=self.variant != "hostile",
            may_keep=not empty,
        )

    def _text(self, zh: str, en: str) -> Text:
        return self._named(n.text(zh, en))

    def _report(self, kind: Kind, unit: str, period: Period, *, known: bool) -> Report:
        params: dict[str, int | float | Text | str] = {
            "total": 28, "before": 0.556, "week": -0.034, "grown": 2, "new": 1, "open": 3, "quality": 118, "all": 163,
            "large": 4, "change": 0.37, "first": self._text("语音", "Voice"),
        }  # fmt: skip
        sections = {
            "situation": ("volumes", "hot"),
            "intake": ("key_products", "follow_up"),
            "weekly": ("spots", "cases"),
            "monthly": ("top", "profile"),
        }[kind]
        return Report(
            kind, unit, self._text("全省", "Province"), period.key, known, ("1999-01-19",) if kind == "monthly" else (),
            "telecom 1", Remark(kind, params), tuple(self._section(each, unit, period) for each in sections),
        )  # fmt: skip

    def _section(self, key: str, unit: str, period: Period) -> Section:
        opens = Opens("hotline.answer_rate", "calls", unit, period.key, {"call_type": "PS"})
        name, small = self._text("短彩信", "Messaging"), ("AB", 1)[1]
        points = tuple(Point((DAY + timedelta(days=k)).isoformat(), None if k == 3 else 20 + k, 18) for k in range(9))
        if key == "volumes":
            cells = (name, 28, 18, 0.556, 29, -0.034, 645, None, None)
            hidden = Row((name, *[None] * 8), withheld=True)
            rows = (Row(cells, opens), hidden)
            return Section(
                key, courses=(Course("complaints", points),), tables=(Table(key, (Column("what"), *COMPARED), rows),)
            )
        if key in ("hot", "spots"):
            row = Row((name, "reason", "new", 12, 0.43, 4.44, 2.7, 0.00001, "both"), opens, marked=True)
            courses = (Course("quality", points),) if key == "spots" else ()
            return Section(
                key, (Remark("looked", {"cells": 8, "periods": 28}),), courses, (Table("spots", _SPOT, (row,)),)
            )
        if key == "cases":
            said = '"><script>alert(1)</script>' if self.variant == "hostile" else "号码138****5521，验证码收不到"
            row = Row((name, self._ticket, "1999-01-20", said, "not_tested"), complaint=self._ticket)
            return Section(
                key,
                tables=(
                    Table(key, _CASES, (row,), listed=True),
                    Table("phrases", (Column("phrase"),), (), hidden=True),
                ),
            )
        if key == "top":
            return Section(
                key,
                courses=(Course("month", points), *(Course("product_month", points, name) for _ in range(small + 1))),
            )
        if key == "profile":
            rows = (Row(("arpu", "arpu.3000", 40, "more"), marked=True), Row(("brand", name, 60, "alike")))
            return Section(key, (Remark("profile_note"),), tables=(Table(key, _PROFILE, rows),))
        followed = Row((name, self._text("临江", "Linjiang"), "orange", "measured", "网关拥塞", "扩容"), finding=LATE)
        effects = Row((name, "1999-01-12", 0.4, "fewer"), finding=LATE)
        tables = (Table("follow_up", _FOLLOWED, (followed,)), Table("effects", _EFFECTS, (effects,)))
        return Section(key, courses=(Course("product", points, name),), tables=tables if key == "follow_up" else ())

    def source(self, complaint: str) -> Source:
        if complaint != self._ticket:
            raise InputError(Issue("CRP002", complaint[:64]))
        said = '"><script>alert(1)</script>' if self.variant == "hostile" else "验证码收不到"
        about = About(
            complaint, n.NOW, "AB", self._text("全省", "Province"), "sms_late", self._text("短信迟发漏发", "Late messages"), "messaging",
            None, said, "", 0,
        )  # fmt: skip
        return self._source(about, period_of_day(Grain.DAY, DAY, n.ZONE), {})

    def spot(self, unit: str | None, period: str | None, where: Mapping[str, str]) -> Source:
        asked = parse_period(period, n.ZONE) if period else period_of_day(Grain.WEEK, DAY, n.ZONE)
        return self._source(None, asked, dict(where))

    def _source(self, about: About | None, period: Period, where: dict[str, str]) -> Source:
        empty = self.variant == "empty"
        process = self._text("缴费", "Payment")
        links = (
            Link("process", "pay", process, "recorded", note=self._text("计费部", "Billing"), count=9),
            Link("step", "book", self._text("入账", "Booking"), "declared", "pay"),
            Link("system", "billing", self._text("帐务系统", "Billing system"), "declared", "pay"),
            Link("department", "网络部", self._text("网络部", "Network"), "recorded", count=None),
        )
        load = "019b0000-0000-7000-8000-000000000001"
        near = (
            Near(
                "calls",
                self._text("来话", "Calls"),
                n.NOW,
                1.5,
                ((self._text("类型", "Type"), self._text("普通", "Usual")),),
                load,
                2,
            ),
            Near("recharge_chains", self._text("充值", "Recharges"), n.NOW, -2.0, (), "", 0, "recharge", "K0001"),
        )
        standing = (
            Standing("change", "CH1", self._text("升级", "Release"), n.NOW, None, 12.8, "system", "calls", load, 2),
            Standing(
                "occasion",
                "release.billing",
                self._text("账务版本", "Billing release"),
                n.NOW,
                n.NOW,
                30.0,
                "everywhere",
            ),
        )
        evidence = (
            Evidence(
                "assessment",
                "hotline.answer_rate",
                "calls",
                self._text("接通率", "Answered"),
                "percent",
                1,
                95.6,
                None,
                23,
                {},
            ),
        )
        cell = Cell(("reason",), ("sms_late",), (process,), 12, 0.4, 1, 12, 2.0, 0.01, (1, 12), False, True, "AB", {})
        return Source(
            about, "AB", self._text("全省", "Province"), period, where, 11, () if empty else links, () if empty or about is None else near,
            () if empty else standing, (cell,) if about is not None and not empty else (), () if empty else evidence, n.NOW, n.NOW,
        )  # fmt: skip
