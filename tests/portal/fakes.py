"""A portal context over made-up view models; `python -m tests.portal` serves it for a look.

Variants: `full` (the sample's shape), `empty` (nothing loaded), `hostile` (names that attack), `many`
(twelve topics of forty indicators, thirteen places, thirty sources).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ganzhi.access.rights import LOCAL
from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.dictionary import dictionary_entry, dictionary_page
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.views.dictionary import DictionaryEntry, DictionaryPage, DictionaryRow
from ganzhi.measure.views.indicator import (
    HOUR_WEEKDAY,
    Breakdown,
    BreakdownRow,
    Definition,
    HourHeat,
    IndicatorPage,
    Place,
    Trend,
    TrendPoint,
)
from ganzhi.measure.views.overview import (
    Headline,
    IntervalRow,
    IntervalTable,
    Overview,
    PlaceRow,
    SourceState,
    TopicBlock,
    TopicPage,
)
from ganzhi.measure.views.parts import Change, Scope, Subject, Weak
from ganzhi.measure.views.query import DictionaryQuery, IndicatorQuery, PageQuery, RecordsQuery
from ganzhi.measure.views.records import Condition, RecordColumn, RecordsPage
from ganzhi.portal.context import ExportNote, PortalContext, RecordsExport
from tests.portal import fake_many
from tests.portal import numbers as n
from tests.portal.alerts.fake_watch import Watch
from tests.portal.analyses.fake import analysis_ports
from tests.portal.cases.fake import Cases
from tests.portal.closings.fake import closing_ports
from tests.portal.complaints.fake import Complaints
from tests.portal.complaints.fake_desk import URGENT, Desk
from tests.portal.complaints.fake_reports import Reports
from tests.portal.fake_alerts import Alerts
from tests.portal.fake_ask import ask_ports
from tests.portal.fake_catalogue import ARRIVED, catalogue_ports, shown_catalogue
from tests.portal.fake_explain import explaining
from tests.portal.fake_imports import handed_in
from tests.portal.fake_journeys import journey_subject, journeys
from tests.portal.fake_panorama import Panoramas
from tests.portal.fake_traces import Traces
from tests.portal.imports.fake_arrivals import Arrivals
from tests.portal.knowledge.fake import Knowledge
from tests.portal.process.fake_process import Processes
from tests.portal.support.earlier import Earlier
from tests.portal.support.fake import SupportReports

ATTACK = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>=HYPERLINK("http://x")'
LONG = "很长的名称" * 40
DIMENSIONS = (
    ("hour_of_day", n.text("小时", "Hour of day")),
    ("weekday", n.text("星期", "Weekday")),
    ("call_type", n.text("来电类型", "Call type")),
    ("wait_band", n.text("等待时长段", "Wait band")),
    ("channel", n.text("渠道", "Channel")),
    (HOUR_WEEKDAY, n.text("时段 × 星期", "Hour × weekday")),
)
CALL_TYPES = (
    ("PS", "个人业务", "Private"), ("NW", "潜在客户", "Prospect"), ("NE", "证券", "Stock exchange"),
    ("TT", "回电留言", "Returned message"), ("IN", "网银支持", "Internet"), ("PE", "英语服务", "English"),
    ("AA", "未登记类型", "Undocumented"),
)  # fmt: skip
LEVELS = (None, "blue", "yellow", "orange", "red")
BANDS = ("0", "1-20", "21-60", "61-120", "121-180", "181-300", "301-600", ">600")

COUNTED_ELSEWHERE = {"complaints": "complaint.count", "wrap_ups": "contact.enquiries"}
"""Feeds to whose records the pages beside complaints lead, by one indicator each."""


@dataclass
class FakeHouse:
    """Answers the context's callables; `failing` names callables that raise what is set."""

    variant: str = "full"
    records_total: int = 7105
    failing: dict[str, Exception] = field(default_factory=dict)
    notes: list[ExportNote] = field(default_factory=list)

    def context(self) -> PortalContext:
        arrived = Arrivals(self.variant, self._named, ATTACK if self.variant == "hostile" else "")
        return PortalContext(
            clock=FixedClock(n.NOW),
            zone=n.ZONE,
            title=n.text("客户感知服务质量", "Service Perception"),
            viewer=replace(LOCAL, login="=cmd" if self.variant == "hostile" else "local"),
            ready=self.ready,
            topics=self.topics,
            overview=self.overview,
            topic=self.topic,
            indicator=self.indicator,
            explain=explaining(self.variant, self._scope, self._subject, self._named),
            records=self.records,
            records_export=self.records_export,
            dictionary=self.dictionary,
            entry=self.entry,
            arrival=arrived.arrival,
            rejects=arrived.rejects,
            exported=self.notes.append,
            journeys=journeys(self.variant, self._scope, self._named),
            panorama=Panoramas(self.variant, self._scope, self._named, self.overview).ports(),
            catalogue=catalogue_ports(self.variant, self._named, ATTACK if self.variant == "hostile" else ""),
            ask=ask_ports(self.variant, self._named, self._subject),
            analyses=analysis_ports(self.variant, self._scope, self._named),
            closings=closing_ports(self.variant, self._named, ATTACK if self.variant == "hostile" else ""),
            alerts=Alerts(self.variant, self._named).ports(),
            watch=Watch(self.variant, self._named).ports(),
            process=Processes(self.variant, self._scope, self._named).ports(),
            traces=Traces(self.variant, self._scope, self._named).ports(),
            cases=Cases(self.variant, self._named).ports(),
            knowledge=Knowledge(self.variant, self._named).ports(),
            support=SupportReports(self.variant, self._named).ports(),
            archive=Earlier(self.variant, self._named).ports(),
            complaints=Complaints(self.variant, self._scope, self._named).ports(),
            desk=Desk(self.variant, self._named).ports(),
            complaint_reports=Reports(self.variant, self._named, URGENT).ports(),
            **handed_in(self.variant, self._named, arrived.load, arrived.rejects),
        )

    def _maybe_fail(self, name: str) -> None:
        if name in self.failing:
            raise self.failing[name]

    def _named(self, named: Text) -> Text:
        if self.variant == "hostile":
            return Text(zh=ATTACK + named.zh, en=ATTACK + named.en)
        return named

    def _scope(self, query: PageQuery) -> Scope:
        unit = query.unit or "AB"
        if unit not in n.UNITS:
            raise InputError(Issue("REQ012", unit, params={"near": "AB"}))
        period = parse_period(query.period, n.ZONE) if query.period else n.WEEK
        made = n.scope(unit, period, query.compare or "prev", query.basis or "period")
        if self.variant == "empty":
            return replace(made, data_until=None, missing_days=(), periods=())
        return replace(made, unit_name=self._named(made.unit_name))

    def _subject(self, code: str) -> Subject:
        for _, about, _, _ in n.ROWS:
            if about.code == code:
                return replace(about, name=self._named(about.name), definition=self._named(about.definition))
        for group, zh, en, _, _ in n.GROUPS:
            if code == group:
                return replace(n.subject(code, zh, en, "score", "higher"), layer="KQI")
        declared = shown_catalogue(self._named)
        return subject_of(declared, code, Grain.MONTH) if code in declared.indicators else journey_subject(code)

    def ready(self) -> None:
        self._maybe_fail("ready")

    def topics(self) -> tuple[tuple[str, object], ...]:
        if self.variant == "many":
            return tuple((block.code, block.topic) for block in fake_many.blocks())
        return () if self.variant == "empty" else (("hotline", n.TOPIC),)  # type: ignore[return-value]

    # -- overview and topic ----------------------------------------------------------------------

    def _block(self) -> TopicBlock:
        worst = sorted(n.scorecard(), key=lambda row: -LEVELS.index(row.now.level))
        rows = tuple(replace(row, subject=self._subject(row.subject.code)) for row in worst)
        score = n.score_now("hotline.experience", "热线服务感知", "Hotline experience", 78.6, 83.2, "KEI")
        spark = (84.0, 83.5, 83.2, 78.6)
        return TopicBlock("hotline", n.TOPIC, score, rows, n.contributions(), n.groups(), spark, len(rows))

    def overview(self, query: PageQuery) -> Overview:
        self._maybe_fail("overview")
        scope = self._scope(query)
        if self.variant == "empty":
            return Overview(scope, None, (), (), (), ())
        if self.variant == "many":
            return fake_many.overview(scope)
        block = self._block()
        worst = max(n.contributions(), key=lambda c: -(c.points or 0))
        alerts = [row for row in block.rows if row.now.level]
        place = self._named(n.UNITS["AB-2"]) if scope.unit == "AB" else None
        headline = Headline(block.score, -4.6, worst, place, len(block.rows), len(alerts), len(alerts) - 2)
        order = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
        weak = tuple(
            Weak(row.subject, "AB", scope.unit_name, row.now, row.change, n.text("热线运营室", "Hotline operations"))
            for row in sorted(alerts, key=lambda row: order[str(row.now.level)])
        )
        sources = (
            SourceState("calls", self._named(n.text("话务记录", "Call records")), "short", "1999-01-31", 29 / 31),
            SourceState("tickets", n.text("投诉工单", "Complaint tickets"), "never", None, None),
        )
        return Overview(scope, headline, (block,), weak, self._places() if scope.unit == "AB" else (), sources)

    def _places(self) -> tuple[PlaceRow, ...]:
        def row(unit: str, score: float, rank: int, before: int | None) -> PlaceRow:
            return PlaceRow(
                unit,
                n.UNITS[unit],
                score,
                rank,
                before,
                (n.score_now("hotline", "热线", "Hotline", score, None, "KEI"),),
            )

        return (row("AB-2", 74.1, 2, 1), row("AB-1", 101.3, 1, 2))

    def topic(self, code: str, query: PageQuery) -> TopicPage:
        if self.variant == "many":
            return fake_many.topic_page(self._scope(query), code)
        if code != "hotline" or self.variant == "empty":
            raise InputError(Issue("REQ013", code[:64], params={"near": "hotline"}))
        dice = random.Random(3)
        block = self._block()
        subjects = tuple(
            row.subject for row in block.rows if row.subject.code in ("hotline.requested", "hotline.answer_rate")
        )
        rows = tuple(
            IntervalRow(
                f"{hour:02d}",
                tuple(
                    n.reading(
                        s,
                        None
                        if hour < 6
                        else dice.uniform(70, 99)
                        if s.unit_of_value == "percent"
                        else dice.randint(20, 900),
                    )
                    for s in subjects
                ),
            )
            for hour in range(24)
        )
        return TopicPage(self._scope(query), block, IntervalTable(subjects, rows), self._places())

    # -- indicator -------------------------------------------------------------------------------

    def _trend(self, about: Subject, middle: float, grain: Grain) -> Trend:
        dice = random.Random(about.code)
        points: list[TrendPoint] = []
        first = date(1999, 1, 1)
        for day in range(31):
            here = first + timedelta(days=day)
            gap = here in n.MISSING or self.variant == "empty"
            value = None if gap else middle * dice.uniform(0.94, 1.05) * (1 + (0.04 if day > 20 else 0))
            value = value if value is None or about.unit_of_value != "percent" else min(99.99, value)
            value = round(value) if value is not None and about.unit_of_value == "count" else value
            recent = [p.reading.value for p in points[-6:] if p.reading.value is not None] + ([value] if value else [])
            smooth = sum(recent) / len(recent) if value is not None and len(recent) == 7 else None
            period = period_of_day(Grain.DAY, here, n.ZONE)
            points.append(TrendPoint(period, n.reading(about, value, completeness=0 if gap else 1), smooth))
        grains = (Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH)
        return Trend(grain if grain in grains else Grain.DAY, grains, tuple(points), ())

    def _breakdown(self, about: Subject, middle: float, by: str) -> Breakdown:
        dice = random.Random(by + about.code)
        keys: list[tuple[str, Text]]
        if by == "hour_of_day":
            keys = [(str(h), n.text(f"{h} 时", f"{h:02d}")) for h in range(24)]
        elif by == "weekday":
            keys = [
                (str(d), n.text(f"周{'一二三四五六日'[d - 1]}", "MonTueWedThuFriSatSun"[3 * d - 3 : 3 * d]))
                for d in range(1, 8)
            ]
        elif by == "wait_band":
            keys = [(band, n.text(f"{band} 秒", f"{band} s")) for band in BANDS]
        else:
            keys = [(code, self._named(n.text(zh, en))) for code, zh, en in CALL_TYPES]
        rows = []
        for place, (key, name) in enumerate(keys):
            value: float | None = (
                middle * dice.uniform(0.82, 1.12) * (1 if about.unit_of_value != "count" else 1.6 / (place + 1.5))
            )
            if by == "hour_of_day" and place < 5:
                value = None
            value = value if value is None or about.unit_of_value != "percent" else min(99.5, value)
            value = round(value) if value is not None and about.unit_of_value == "count" else value
            before = (
                None
                if value is None
                else min(value * dice.uniform(0.95, 1.04), 99.0 if about.unit_of_value == "percent" else 1e9)
            )
            seen = n.reading(about, value, n=2 if key == "AA" else dice.randint(90, 4000))
            share = (value or 0) / (middle * 4) if about.unit_of_value == "count" else None
            was = n.reading(about, before) if before is not None else None
            rows.append(BreakdownRow(key, name, seen, was, n.change(about, value, before), share))
        ordered = by in ("hour_of_day", "weekday", "wait_band")
        return Breakdown(by, dict(DIMENSIONS)[by], ordered, tuple(rows))

    def indicator(self, code: str, query: PageQuery, asked: IndicatorQuery) -> IndicatorPage:
        self._maybe_fail("indicator")
        scope, about = self._scope(query), self._subject(code)
        by = asked.by or "call_type"
        if by not in dict(DIMENSIONS):
            raise InputError(Issue("REQ004", "by", params={"value": by, "known": "call_type"}))
        base = next((now for _, s, now, _ in n.ROWS if s.code == code), 70.0)
        before = next((was for _, s, _, was in n.ROWS if s.code == code), 72.0)
        empty = self.variant == "empty"
        now = n.reading(about, None if empty else base, n=7105, completeness=0 if empty else 5 / 7)
        top = n.score_now("hotline.experience", "热线服务感知", "Hotline experience", 78.6, 83.2, "KEI")
        upper = [top, *n.groups()]
        median = n.score_now("hotline.wait.p50_s", "等待时长中位数", "Median wait", None, None, "PI")
        own = n.score_now(code, about.name.zh, about.name.en, 62.0, 70.0, "KPI")
        tree = (
            Place(upper[0], None, None, 0, False),
            Place(upper[1], None, 0.33, 1, False),
            Place(own, now, 0.5, 2, True),
            Place(median, None, 0.5, 3, False),
        )
        whole = None if empty else self.records("calls", code, query, RecordsQuery())
        layered = about.layer == "KQI"
        return IndicatorPage(
            scope=scope,
            subject=about,
            now=now,
            before=None if empty else n.reading(about, before),
            change=n.change(about, now.value, before),
            year_change=Change("year", None, None),
            target_change=Change("target", None, None),
            todate=None if empty else n.reading(about, base * 1.01, n=31000),
            score=own,
            trend=self._trend(about, base, Grain(asked.grain) if asked.grain else Grain.DAY),
            dimension=by,
            dimensions=() if layered else DIMENSIONS,
            breakdown=None if empty or layered or by == HOUR_WEEKDAY else self._breakdown(about, base, by),
            heat=self._heat(about, base, scope.period) if by == HOUR_WEEKDAY and not empty else None,
            peers=None if empty or layered or scope.unit != "AB" else self._peers(about, base),
            hierarchy=tree,
            contributions=n.contributions() if layered else (),
            definition=self._definition(about),
            records=None if layered else whole,
            topic=("hotline", self._named(n.TOPIC.name)),
        )

    def _peers(self, about: Subject, middle: float) -> Breakdown:
        rows = []
        for unit, factor in (("AB-2", 0.93), ("AB-1", 1.06)):
            now, was = middle * factor, middle * factor * 1.02
            seen, earlier = n.reading(about, now), n.reading(about, was)
            rows.append(BreakdownRow(unit, n.UNITS[unit], seen, earlier, n.change(about, now, was), None))
        return Breakdown("unit", n.text("班组", "Team"), False, tuple(rows))

    def _heat(self, about: Subject, middle: float, period: Period) -> HourHeat:
        names = (
            ("一", "Mon"),
            ("二", "Tue"),
            ("三", "Wed"),
            ("四", "Thu"),
            ("五", "Fri"),
            ("六", "Sat"),
            ("日", "Sun"),
        )
        days = tuple(n.text(f"星期{zh}", en) for zh, en in names)
        hours = tuple(
            tuple(n.reading(about, None if hour < 2 else middle * (0.8 + hour * 0.01 + day * 0.02)) for day in range(7))
            for hour in range(24)
        )
        return HourHeat(period, days, hours)

    def _definition(self, about: Subject) -> Definition:
        return Definition(
            formula=n.text("接通的人工请求 ÷ 全部人工请求", "answered agent requests ÷ all agent requests"),
            numerator_sql="outcome = 'AGENT'",
            denominator_sql="outcome = 'AGENT' OR (outcome = 'HANG' AND queue_start IS NOT NULL)",
            feed="payments",
            feed_name=n.text("话务记录", "Call records"),
            source=n.text("热线平台", "Hotline platform"),
            owner=self._named(n.text("热线运营室", "Hotline operations")),
            error_bound=0.01 if "p90" in about.code else None,
            file="indicators/hotline.yaml:12",
            targets=(("management", about),),
        )

    # -- records ---------------------------------------------------------------------------------

    _COLUMNS = (
        RecordColumn("call_id", n.text("通话号", "Call"), "text", "none"),
        RecordColumn("started_at", n.text("来电时间", "Started"), "timestamp", "none"),
        RecordColumn("customer_id", n.text("客户号", "Customer"), "text", "personal"),
        RecordColumn("call_type", n.text("来电类型", "Call type"), "text", "none"),
        RecordColumn("wait_s", n.text("等待（秒）", "Wait (s)"), "int", "none"),
        RecordColumn("outcome", n.text("结果", "Outcome"), "text", "none"),
    )

    def _row(self, place: int) -> tuple[str | None, ...]:
        kind = ATTACK if self.variant == "hostile" else CALL_TYPES[place % 6][0]
        customer = None if place % 3 else f"{place:04d}****{place % 97:02d}"
        started = f"1999-01-{18 + place % 7:02d} {place % 24:02d}:{place % 60:02d}:07"
        return (f"AA{place:07d}", started, customer, kind, str(place % 400), "AGENT", "january.txt.gz", str(place + 2))

    def records(self, feed: str, code: str, query: PageQuery, asked: RecordsQuery) -> RecordsPage:
        self._maybe_fail("records")
        if feed not in ("calls", *COUNTED_ELSEWHERE):
            raise InputError(Issue("REQ011", feed[:64], params={"near": "calls"}))
        about = self._subject("hotline.calls" if code == COUNTED_ELSEWHERE.get(feed) else code)
        total = 0 if self.variant == "empty" or asked.where.get("call_type") == "none" else self.records_total
        pages = max(1, -(-total // 50))
        first = (asked.page - 1) * 50
        conditions = [
            Condition("indicator", code, about.name, False),
            Condition("unit", "AB", self._named(n.UNITS["AB"]), False),
            Condition("period", n.WEEK.key, n.text("第 3 周", "week 3"), False),
            *(
                Condition(name, value, self._named(n.text(value or "空", value or "empty")), True)
                for name, value in asked.where.items()
            ),
        ]
        return RecordsPage(
            scope=self._scope(query),
            subject=about,
            feed=feed,
            record_name=n.text("通话", "Calls"),
            part=asked.part or "all",
            parts=(("all", total), ("numerator", 6224), ("denominator", total)),
            conditions=tuple(conditions),
            columns=self._COLUMNS,
            rows=tuple(self._row(place) for place in range(first, min(total, first + 50))),
            total=total,
            page=asked.page,
            pages=pages,
            sort=asked.sort or "started_at",
            search=asked.search or "",
        )

    def records_export(self, feed: str, code: str, query: PageQuery, asked: RecordsQuery) -> RecordsExport:
        head = self.records(feed, code, query, asked)

        def rows() -> Iterator[tuple[str | None, ...]]:
            yield from (self._row(place) for place in range(head.total))

        return RecordsExport(head, rows())

    # -- dictionary ------------------------------------------------------------------------------

    def dictionary(self, query: DictionaryQuery) -> DictionaryPage:
        """The declared catalogue's list, the numbers' indicators in front of its first page."""
        declared = dictionary_page(shown_catalogue(self._named), query, ARRIVED)
        found = []
        for group, about, _, _ in n.ROWS if self.variant != "empty" else ():
            named = self._subject(about.code)
            hay = f"{named.name.zh} {named.name.en} {named.code} {named.definition.zh}".lower()
            if (query.search or "").lower() in hay and query.layer in (None, named.layer):
                found.append(DictionaryRow(named, n.TOPIC.name, "payments", (group,) if group else ()))
        dims = (*declared.dimensions, *n.dimensions(CALL_TYPES))
        return replace(
            declared,
            rows=(*found, *declared.rows),
            total=len(found) + declared.total,
            dimensions=dims if found else (),
        )

    def entry(self, code: str) -> DictionaryEntry:
        catalogue = shown_catalogue(self._named)
        if code in catalogue.indicators:
            return dictionary_entry(catalogue, code, ARRIVED)
        about = self._subject(code)
        return replace(
            dictionary_entry(catalogue, "pay.users", ARRIVED),
            subject=about,
            definition=self._definition(about),
            management=about,
            dimensions=DIMENSIONS,
            sql="SELECT count(*) FILTER (WHERE outcome = 'AGENT') AS m_0a1b2c3d4e5f\nFROM rows_calls\nGROUP BY unit",
            catalogue_version="telecom 0.1+4f2a9c01d7be",
        )


def context(variant: str = "full") -> PortalContext:
    return FakeHouse(variant).context()


def outage() -> EngineError:
    return EngineError(Issue("WHS001", "serving"), retryable=True)
