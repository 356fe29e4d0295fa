"""Made-up but consistent view-model pieces of the sample's shape: one hotline, January 1999."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ganzhi.base.periods import Grain, Period, parse_period, period_of_day
from ganzhi.catalogue.model.data import Dimension
from ganzhi.catalogue.model.indicators import Limits, Topic
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.arrival import StreamLine
from ganzhi.measure.views.parts import Change, Contribution, Reading, Scope, ScorecardRow, ScoreNow, Subject
from ganzhi.numerics.score import level

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
WEEK = parse_period("1999-W03", ZONE)
MISSING = (date(1999, 1, 11), date(1999, 1, 12))


def text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def _limits(floor: float, target: float, challenge: float) -> Limits:
    return Limits(floor=Decimal(str(floor)), target=Decimal(str(target)), challenge=Decimal(str(challenge)))


def subject(
    code: str,
    zh: str,
    en: str,
    unit: str = "percent",
    direction: str | None = "higher",
    limits: tuple[float, float, float] | None = None,
) -> Subject:
    return Subject(
        code=code,
        name=text(zh, en),
        definition=text(f"{zh}的定义，来自话务记录", f"{en}, from call records"),
        layer="KPI",
        type="system_performance",
        dimension="operation",
        unit_of_value=unit,
        decimals=1,
        direction=direction,  # type: ignore[arg-type]
        limits=_limits(*limits) if limits else None,
    )


ROWS: tuple[tuple[str | None, Subject, float, float], ...] = (
    ("hotline.access", subject("hotline.answer_rate", "接通率", "Answer rate", limits=(85, 92, 97)), 87.6, 89.7),
    (
        "hotline.access",
        subject("hotline.abandon_rate", "排队放弃率", "Abandon rate", "percent", "lower", (15, 8, 4)),
        12.4,
        10.3,
    ),
    (
        "hotline.access",
        subject("hotline.ivr.done_rate", "自助完成率", "Solved in menu", limits=(8, 12, 18)),
        11.2,
        11.9,
    ),
    (
        "hotline.access",
        subject("hotline.queued_rate", "进入排队比例", "Share queued", "percent", "lower", (65, 55, 45)),
        53.9,
        54.4,
    ),
    (
        "hotline.waiting",
        subject("hotline.wait.mean_s", "平均等待时长", "Mean wait", "s", "lower", (90, 60, 30)),
        102.4,
        91.8,
    ),
    (
        "hotline.waiting",
        subject("hotline.wait.p90_s", "等待时长 P90", "Wait, 90th percentile", "s", "lower", (260, 180, 90)),
        268.1,
        243.7,
    ),
    (
        "hotline.waiting",
        subject("hotline.answered_within_20s", "20 秒接通率", "Answered within 20 s", limits=(40, 60, 80)),
        44.9,
        48.1,
    ),
    (
        "hotline.waiting",
        subject("hotline.wait.p50_s", "等待时长中位数", "Median wait", "s", "lower", (60, 30, 15)),
        41.0,
        36.2,
    ),
    (
        "hotline.waiting",
        subject("hotline.wait.over_3min", "等待超 3 分钟占比", "Waited over 3 min", "percent", "lower", (20, 10, 5)),
        17.2,
        14.9,
    ),
    (
        "hotline.waiting",
        subject("hotline.patience.p50_s", "放弃前等待中位数", "Median patience", "s", "higher", (40, 60, 120)),
        63.8,
        62.1,
    ),
    (
        "hotline.handling",
        subject("hotline.talk.mean_s", "平均通话时长", "Mean talk time", "s", "lower", (240, 200, 150)),
        185.35,
        184.2,
    ),
    (
        "hotline.handling",
        subject("hotline.talk.p50_s", "通话时长中位数", "Median talk time", "s", "lower", (150, 120, 90)),
        114.2,
        113.8,
    ),
    (
        "hotline.handling",
        subject("hotline.talk.short_rate", "10 秒内挂断占比", "Hung up within 10 s", "percent", "lower", (5, 3, 1)),
        4.61,
        4.6,
    ),
    (
        "hotline.handling",
        subject("hotline.talk.long_rate", "通话超 10 分钟占比", "Talk over 10 min", "percent", "lower", (8, 5, 3)),
        4.4,
        4.5,
    ),
    (
        "hotline.handling",
        subject("hotline.ivr.mean_s", "自助语音时长", "Mean menu time", "s", "lower", (25, 15, 8)),
        9.9,
        10.0,
    ),
    (
        "hotline.handling",
        subject("hotline.identified_rate", "客户识别率", "Callers identified", limits=(50, 60, 75)),
        99.996,
        59.3,
    ),
    (None, subject("hotline.calls", "来电量", "Calls", "count", None), 7416, 7052),
    (None, subject("hotline.requested", "人工请求量", "Agent requests", "count", None), 7105, 6790),
    (None, subject("hotline.answered", "人工接通量", "Answered", "count", None), 6224, 6093),
    (None, subject("hotline.abandoned", "排队放弃量", "Abandoned", "count", None), 881, 697),
    (None, subject("hotline.agents", "在岗坐席数", "Agents on duty", "count", None), 38, 39),
)

GROUPS: tuple[tuple[str, str, str, float, float], ...] = (
    ("hotline.waiting", "等待感知", "Waiting", 58.4, 66.9),
    ("hotline.access", "接入感知", "Access", 78.2, 84.0),
    ("hotline.handling", "办理感知", "Handling", 99.1, 98.7),
)
CODES = tuple(row[1].code for row in ROWS)
UNITS = {
    "AB": text("匿名银行客服中心", "Anonymous Bank centre"),
    "AB-1": text("一组", "Team one"),
    "AB-2": text("二组", "Team two"),
}

TOPIC = Topic(
    name=text("热线服务", "Hotline"),
    goal=text("客户打得进、等得短、办得快", "Callers get through, wait little and are served fast"),
    function=text("每周定位热线短板", "Finds the hotline's weakest point each week"),
    audience=text("热线运营经理", "Hotline managers"),
    headline="hotline.experience",
    indicators=CODES,
)


def periods() -> tuple[Period, ...]:
    days = [period_of_day(Grain.DAY, date(1999, 1, 31) - timedelta(days=n), ZONE) for n in range(31)]
    weeks = [parse_period(f"1999-W0{n}", ZONE) for n in (4, 3, 2, 1)] + [parse_period("1998-W53", ZONE)]
    return (parse_period("1999-01", ZONE), *weeks, *days)


def scope(unit: str = "AB", period: Period = WEEK, compare: str = "prev", basis: str = "period") -> Scope:
    return Scope(
        unit=unit,
        unit_name=UNITS[unit],
        period=period,
        compare=compare,  # type: ignore[arg-type]
        basis=basis,  # type: ignore[arg-type]
        compared_with=period.previous(),
        data_until=date(1999, 1, 31),
        refreshed_at=NOW,
        missing_days=tuple(day for day in MISSING if day in period.days),
        units=UNITS,
        periods=periods(),
        catalogue_version="telecom 0.1+4f2a9c01d7be",
        default_unit="AB",
        default_period=WEEK,
    )


def reading(about: Subject, value: float | None, *, n: int = 1200, completeness: float = 1.0) -> Reading:
    limits = about.edges
    enough = n >= 30
    grade = level(value, limits) if value is not None and limits and enough else None
    share = about.unit_of_value == "percent"
    numerator = (
        None
        if value is None
        else round(value * n / 100)
        if share
        else value
        if about.unit_of_value == "count"
        else round(value * n)
    )
    denominator = None if about.unit_of_value == "count" else n
    known = None if value is None else n if denominator else int(value)
    return Reading(value, numerator, denominator, known, completeness, str(grade) if grade else None, enough)  # type: ignore[arg-type]


def change(about: Subject, now: float | None, before: float | None, against: str = "prev") -> Change:
    if now is None or before is None:
        return Change(against, None, None)
    moved = now - before
    better = None if about.direction is None or moved == 0 else (moved > 0) == (about.direction == "higher")
    return Change(against, moved, better)


def scorecard() -> tuple[ScorecardRow, ...]:
    dice = random.Random(7)
    made = []
    for group, about, now, before in ROWS:
        known = None if about.code == "hotline.patience.p50_s" else now
        n = 18 if about.code == "hotline.ivr.done_rate" else 7105
        seen = reading(about, known, n=n, completeness=0 if known is None else 5 / 7)
        spark: tuple[float | None, ...] = (
            before * 0.94,
            before * 0.98,
            before * dice.uniform(0.97, 1.03),
            before,
            known,
        )
        no_year = Change("year", None, None)
        was = reading(about, before)
        made.append(ScorecardRow(about, seen, was, change(about, known, before), no_year, spark, group))
    return tuple(made)


def grade(score: float | None) -> str | None:
    if score is None or score >= 100:
        return None
    return "red" if score < 60 else "orange" if score < 80 else "yellow" if score < 90 else "blue"


def score_now(code: str, zh: str, en: str, score: float | None, before: float | None, layer: str = "KQI") -> ScoreNow:
    return ScoreNow(code, text(zh, en), layer, score, before, 0.0 if score is None else 1.0, grade(score))  # type: ignore[arg-type]


def groups() -> tuple[ScoreNow, ...]:
    return tuple(score_now(*entry) for entry in GROUPS)


def contributions() -> tuple[Contribution, ...]:
    return tuple(
        Contribution(code, text(zh, en), 1 / 3, now, was, (now - was) / 3) for code, zh, en, now, was in GROUPS
    )


def dimensions(call_types: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, Dimension], ...]:
    """Two entries of the dimension dictionary: one with values, one of the calendar."""
    values = {code: text(zh, en) for code, zh, en in call_types}
    return (
        ("call_type", Dimension(name=text("来电类型", "Call type"), group="business", values=values)),
        ("hour_of_day", Dimension(name=text("小时", "Hour of day"), kind="calendar", group="time")),
    )


_HEARD = datetime(1999, 1, 31, 2, 0, tzinfo=UTC)
STREAMS = (
    StreamLine("calls", text("话务记录", "Call records"), "running", False, "", 1204, _HEARD, _HEARD),
    StreamLine("complaints", text("客户投诉", "Complaints"), "waiting", False, "STR004", None, None, _HEARD),
    StreamLine("old", text("客户投诉", "Complaints"), "running", True, "", 0, None, _HEARD),
)
