"""The report on support services and the list of reports over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.reports.document import Column, Opens, Remark, Report, Row, Section, Table
from ganzhi.complaints.reports.view import EditionLine, ReportView
from ganzhi.portal.ports.reports import MadeReports, SupportPorts
from ganzhi.report.support.build import COLUMNS
from ganzhi.store.editions.editions import EditionHead
from tests.portal import numbers as n
from tests.portal.fake_alerts import LATE

PERIOD = "1999-01"
INCIDENT = (
    Column("incident", "finding"), Column("indicator"), Column("where"), Column("grade", "level"), Column("state", "word"),
    Column("analysis"),
)  # fmt: skip
TRANSACTIONS = (Column("transactions"), Column("trace", "trace"), Column("chains", "number"), Column("lost", "number"))
CASE = (Column("case", "case"), Column("case_title"), Column("complaints", "count", part=True), Column("cause"))


class SupportReports:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named

    def ports(self) -> SupportPorts:
        return SupportPorts(self._made, lambda: parse_period(PERIOD, n.ZONE), self._report)

    def _text(self, zh: str, en: str) -> Text:
        return self._named(n.text(zh, en))

    def _made(self) -> MadeReports:
        def head(kind: str, period: str) -> EditionHead:
            return EditionHead(kind, "AB", period, 2, "x", "telecom 1", n.NOW, "reports")

        empty = self.variant == "empty"
        kinds = (
            ("support", (head("support", PERIOD),)),
            ("monthly", (head("monthly", PERIOD),)),
            ("weekly", (head("weekly", "1999-W03"),)),
            ("intake", ()),
            ("situation", (head("situation", "1999-01-20"),)),
        )
        return MadeReports("AB", tuple((kind, () if empty else heads) for kind, heads in kinds))  # type: ignore[misc]

    def _report(self, unit: str | None, given: str, edition: int | None) -> ReportView:
        period = parse_period(given, n.ZONE)
        if period.grain is not Grain.MONTH:
            raise InputError(Issue("CRP001", given[:40], params={"kind": "support", "grain": "month"}))
        if edition is not None and edition > 2:
            raise InputError(Issue("CRP004", str(edition), params={"known": "1, 2"}))
        editions = (EditionLine(1, n.NOW, "reports"), EditionLine(2, n.NOW + timedelta(hours=3), "reports"))
        empty = self.variant == "empty"
        return ReportView(
            report=self._content(unit or "AB", period, known=not empty),
            period=period,
            edition=None if empty else editions[(edition or 2) - 1],
            editions=() if empty else editions,
            before=period.previous(),
            after=None,
            units=(("AB", self._text("全省", "Province")), ("AB-1", self._text("临江", "Linjiang"))),
            default_unit="AB",
            records=self.variant != "hostile",
        )

    def _content(self, unit: str, period: Period, *, known: bool) -> Report:
        opens = Opens("hotline.answer_rate", "calls", unit, period.key)
        name, code = self._text("接通率", "Answer rate"), "hotline.answer_rate"
        low = Row((name, code, "KQI", 71.2, "%", 80.1, -8.9, 85.0, "orange", 7105), opens, marked=True)
        fine = Row((name, code, "KQI", 91.0, "%", None, None, 85.0, "met", 40), opens)
        hidden = Row((name, code, "KQI", None, "%", None, None, None, None, None), withheld=True)
        short = Table("support_shortfalls", (Column("shortfall"), *COLUMNS, Column("standing", "word")), (Row((name, *low.cells, "open"), opens),))  # fmt: skip
        incident = Row((LATE, name, self._text("临江", "Linjiang"), "red", "published", "网关拥塞"), finding=LATE)
        chain = Row((self._text("充值复机", "Recharge"), "recharge", 9, 2))
        unknown = Row((self._text("提醒", "Reminders"), "recharge", None, None))
        case = Row((1, "验证码收不到", 12, "短信中心拥塞"), opens)
        params: dict[str, int | float | Text | str] = {
            "judged": 2, "met": 1, "incidents": 1, "red": 1, "open": 1, "cases": 1
        }  # fmt: skip
        incidents = (
            Table("support_incidents", INCIDENT, (incident,)),
            Table("support_transactions", TRANSACTIONS, (chain, unknown)),
        )
        told = Remark("support_incidents", {"n": 1, "merged": 2, "kept_back": 0})
        return Report(
            "support", unit, self._text("全省", "Province"), period.key, known, (), "telecom 1",
            Remark("support" if known else "support_unknown", params if known else {}),
            (
                Section("indicators", tables=(Table("support_indicators", COLUMNS, (low, fine, hidden)),)),
                Section("incidents", (told,), tables=incidents),
                Section("shortfalls", tables=(short, Table("support_below", COLUMNS, ()))),
                Section("cases", tables=(Table("support_cases", CASE, (case,)),)),
            ),
        )  # fmt: skip
