"""From view models to chart inputs: which values, which words, which ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.base.periods import Grain, Period
from ganzhi.measure.views.indicator import Breakdown, BreakdownRow, Trend, TrendPoint
from ganzhi.measure.views.occasions import Occurs
from ganzhi.measure.views.overview import TopicBlock
from ganzhi.measure.views.parts import Reading, Scope, ScorecardRow, Subject
from ganzhi.portal.charts.bars import Column, ColumnChart, bar_cell, column_chart
from ganzhi.portal.charts.dots import dot_cell, dot_scale
from ganzhi.portal.charts.line import KeyWords, LineChart, LinePoint, line_chart
from ganzhi.portal.charts.palette import LEVELS
from ganzhi.portal.charts.ruler import Ruler, ruler, ruler_scale
from ganzhi.portal.charts.spark import Spark, spark
from ganzhi.portal.charts.watch import Event
from ganzhi.portal.present import Words
from ganzhi.portal.sentences import trend_sentence

GROUND = "zones"
"""Id of the symbol with a scorecard ruler's ground."""
WIDE, NARROW = (1000, 300), (340, 230)
GROUPS_WIDE, GROUPS_NARROW = (1000, 220), (340, 220)


def _ruler(words: Words, scope: Scope, subject: Subject, now: Reading, before: Reading | None) -> Ruler | None:
    limits = subject.edges
    if limits is None:
        return None
    was = before.value if before is not None and scope.compare != "target" else None
    said = [
        f"{words.text(subject.name)} {words.figure(subject, now)}",
        words.t("said.target", target=words.target(subject)),
    ]
    if was is not None:
        said.append(f"{words.before(scope)} {words.value(subject, was)}")
    return Ruler(limits, now.value, was, now.level, now.enough, words.t("said.comma").join(said))


def row_ruler(words: Words, scope: Scope, row: ScorecardRow, ground: str | None = GROUND) -> Markup:
    """The ruler of a scorecard row; its ground is the symbol the page defines once, None draws it in place."""
    seen = _ruler(words, scope, row.subject, row.now, row.before)
    return Markup("") if seen is None else ruler(seen, ground=ground)


def known_spark(row: ScorecardRow) -> tuple[float | None, ...]:
    """The values of a row's sparkline without the unknown ones before the first known."""
    first = next((n for n, value in enumerate(row.spark) if value is not None), len(row.spark))
    return row.spark[first:]


def score_spark(block: TopicBlock) -> Markup:
    """The sparkline of a topic's score."""
    first = next((n for n, value in enumerate(block.spark) if value is not None), len(block.spark))
    return spark(Spark(block.spark[first:], 100.0, block.score.level, block.score.score is not None))


def row_spark(row: ScorecardRow, width: float = 104, height: float = 24) -> Markup:
    """The sparkline of a scorecard row."""
    limits = row.subject.edges
    return spark(
        Spark(known_spark(row), limits.target if limits else None, row.now.level, row.now.enough), width, height
    )


def large_ruler(words: Words, scope: Scope, subject: Subject, now: Reading, before: Reading | None) -> Markup:
    """The ruler of an indicator page with the values of its limits below."""
    return Markup("").join(ruler_parts(words, scope, subject, now, before))


def ruler_parts(
    words: Words, scope: Scope, subject: Subject, now: Reading, before: Reading | None
) -> tuple[Markup, ...]:
    """The ruler and the values below it, each a drawing; nothing without limits."""
    seen = _ruler(words, scope, subject, now, before)
    if seen is None:
        return ()
    values = (seen.limits.target, seen.limits.yellow, seen.limits.orange, seen.limits.red)
    target, yellow, orange, red = (words.limit(subject, value) for value in values)
    return ruler(seen, 420, 28), ruler_scale(seen.limits, (target, yellow, orange, red))


def key_words(words: Words, subject: Subject) -> KeyWords | None:
    """The words of a chart's level key."""
    limits = subject.edges
    if limits is None:
        return None
    begins = (limits.target, limits.yellow, limits.orange, limits.red)
    return KeyWords(
        tuple(
            (look.level, words.level(look.level), words.limit(subject, at))
            for look, at in zip(LEVELS, begins, strict=True)
        ),
        "≥" if limits.direction == "lower" else "≤",
        words.t("said.target_word"),
        words.target(subject),
    )


def _tick(words: Words, period: Period, previous: Period | None, many: bool) -> str:
    """Text under the axis where a month, a week, a day or a year begins."""
    grain, first = period.grain, period.first_day
    if previous is None:
        return ""
    was = previous.first_day
    if grain.minutes is not None:
        return wording.day_text(words.lang, first, weekday=False) if first != was else ""
    is_week = grain.first_weekday is not None
    if (grain is Grain.DAY or is_week) and many:
        return wording.month_name(words.lang, first.month) if first.month != was.month else ""
    if grain is Grain.DAY:
        return wording.day_text(words.lang, first, weekday=False) if first.isoweekday() == 1 else ""
    if is_week:
        return wording.day_text(words.lang, first, weekday=False)
    return words.short(period)


def shown_points(trend: Trend) -> tuple[TrendPoint, ...]:
    """The trend without the unknown periods before the first known one."""
    first = next((n for n, point in enumerate(trend.points) if point.reading.value is not None), None)
    return trend.points if first is None else trend.points[first:]


def _text_of(words: Words, subject: Subject, reading: Reading) -> str:
    known = reading.value is not None and not reading.withheld
    return words.shown(subject, reading) if known else words.t("no_data")


def trend_charts(words: Words, subject: Subject, trend: Trend) -> Markup:
    """The trend drawn wide and narrow; the style sheet shows the one that fits."""
    chart = _trend(words, subject, trend)
    return Markup("") if chart is None else line_chart(chart, *WIDE) + line_chart(chart, *NARROW)


def trend_picture(words: Words, subject: Subject, trend: Trend) -> Markup:
    """The trend for a file."""
    chart = _trend(words, subject, trend)
    return Markup("") if chart is None else line_chart(chart, *WIDE)


def _trend(words: Words, subject: Subject, trend: Trend) -> LineChart | None:
    points = shown_points(trend)
    if not any(point.reading.value is not None for point in points):
        return None
    dropped = len(trend.points) - len(points)
    earlier = trend.year_before[dropped:] if len(trend.year_before) == len(trend.points) else ()
    many = len(points) > 45
    places = []
    for n, point in enumerate(points):
        places.append(
            LinePoint(
                label=words.short(point.period),
                shown=_text_of(words, subject, point.reading),
                value=point.reading.value,
                smooth=point.smooth,
                before=earlier[n].reading.value if earlier else None,
                level=point.reading.level,
                tick=_tick(words, point.period, points[n - 1].period if n else None, many),
            )
        )
    chart = _line(words, subject, trend_sentence(words, subject, points), tuple(places), marks=False)
    chart = replace(chart, events=trend_events(words, trend.occasions, points))
    if any(point.reading.value is None and point.reading.completeness > 0 for point in points):
        chart = replace(chart, gap_word=words.t("trend.no_value"))
    return chart


def _line(words: Words, subject: Subject, sentence: str, points: tuple[LinePoint, ...], *, marks: bool) -> LineChart:
    key = wording.unit_key(subject.unit_of_value)

    def tick(value: float, decimals: int) -> str:
        if key == "count":
            return wording.large(words.lang, value)
        return wording.grouped(wording.rounded(value, decimals))

    return LineChart(
        sentence=sentence,
        points=points,
        limits=subject.edges,
        key=key_words(words, subject),
        before_word=words.t("trend.year_before"),
        gap_word=words.t("trend.gap"),
        tick_text=tick,
        marks=marks,
        cap=100.0 if key == "percent" else None,
    )


def additive(subject: Subject) -> bool:
    """Whether values are amounts that bars from zero may stand for."""
    return wording.unit_key(subject.unit_of_value) == "count" or subject.limits is None


def group_charts(words: Words, scope: Scope, subject: Subject, shown: Breakdown) -> Markup:
    """An ordered breakdown (hours, wait bands) as columns, or as a marked line where limits judge it; drawn wide
    and narrow."""
    return group_picture(words, scope, subject, shown) + group_picture(words, scope, subject, shown, GROUPS_NARROW)


def group_picture(
    words: Words, scope: Scope, subject: Subject, shown: Breakdown, size: tuple[float, float] = GROUPS_WIDE
) -> Markup:
    """The same at one size; empty where no group has a value."""
    rows = shown.rows
    known = [row for row in rows if row.reading.value is not None]
    if not known:
        return Markup("")
    sentence = groups_sentence(words, subject, shown, known)
    if not additive(subject):
        points = tuple(
            LinePoint(
                words.text(row.name),
                _text_of(words, subject, row.reading),
                row.reading.value,
                None,
                row.before.value if row.before and row.before.enough else None,
                row.reading.level,
                words.text(row.name),
                row.reading.enough,
            )
            for row in rows
        )
        chart = replace(
            _line(words, subject, sentence, points, marks=True),
            before_word=words.before(scope),
            gap_word=words.t("trend.no_value"),
        )
        return line_chart(chart, *size)
    columns = tuple(_column(words, subject, row) for row in rows)
    bars = ColumnChart(sentence, columns, "–", _line(words, subject, "", (), marks=False).tick_text)
    return column_chart(bars, *size)


def _column(words: Words, subject: Subject, row: BreakdownRow) -> Column:
    figure = words.figure(subject, row.reading)
    name = words.text(row.name)
    before = row.before.value if row.before else None
    return Column(name, row.reading.value, before, figure.number, f"{name} {figure}")


def groups_sentence(words: Words, subject: Subject, shown: Breakdown, known: Sequence[BreakdownRow]) -> str:
    """What a breakdown's chart shows: how many groups, the highest and the lowest."""
    highest = max(known, key=lambda row: row.reading.value or 0.0)
    lowest = min(known, key=lambda row: row.reading.value or 0.0)
    return words.t(
        "breakdown.spoken",
        name=words.text(subject.name),
        dimension=words.text(shown.name),
        groups=len(shown.rows),
        highest=f"{words.text(highest.name)} {words.figure(subject, highest.reading)}",
        lowest=f"{words.text(lowest.name)} {words.figure(subject, lowest.reading)}",
    )


def row_cells(subject: Subject, shown: Breakdown) -> tuple[Markup, ...]:
    """A drawing per row: dots on a common scale, or bars from zero for amounts without limits."""
    limits = subject.edges
    values = [row.reading.value for row in shown.rows]
    before = [row.before.value if row.before else None for row in shown.rows]
    if limits is None and additive(subject):
        most = max((value for value in [*values, *before] if value is not None), default=0.0)

        def share(value: float | None) -> float | None:
            return None if value is None else max(0.0, value / most) if most > 0 else 0.0

        return tuple(bar_cell(share(now), share(was)) for now, was in zip(values, before, strict=True))
    scale = dot_scale([*values, *before], limits)
    return tuple(
        dot_cell(scale, row.reading.value, was, row.reading.level, judged=row.reading.enough)
        for row, was in zip(shown.rows, before, strict=True)
    )


def trend_events(words: Words, occasions: tuple[Occurs, ...], points: tuple[TrendPoint, ...]) -> tuple[Event, ...]:
    """Occasions on the trend of an indicator; those before its first point are left out."""
    return tuple(
        Event(place, each.number, occasion_text(words, each))
        for each in occasions
        if (place := next((n for n, p in enumerate(points) if p.period.last_day >= each.first), None)) is not None
        and each.last >= points[0].period.first_day
    )


def occasion_text(words: Words, occasion: Occurs) -> str:
    """An occasion with its days."""
    days = words.day(occasion.first, weekday=False)
    if occasion.last != occasion.first:
        days = wording.range_text(words.lang, occasion.first, occasion.last)
    return f"{words.text(occasion.name)} {days}"
