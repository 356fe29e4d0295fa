"""The chart of a warning: values, what was expected of them, the limits that held when it fired, occasions."""

from __future__ import annotations

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.improve.pages.views import AlertPage
from ganzhi.measure.views.parts import Edges, Subject
from ganzhi.portal.charts.line import KeyWords, LineChart, LinePoint, line_chart
from ganzhi.portal.charts.palette import LEVELS
from ganzhi.portal.charts.watch import Control, Event
from ganzhi.portal.pages.alerts.wording import amount, subject_name
from ganzhi.portal.pages.charted import occasion_text
from ganzhi.portal.present import Words

WIDE, NARROW = (1000, 300), (340, 230)
MOST_MARKED = 60
"""With more points only the last is marked by the shape of its level."""


def alert_charts(words: Words, page: AlertPage) -> Markup:
    """The chart wide and narrow; empty where no value is known."""
    chart = alert_chart(words, page)
    return Markup("") if chart is None else line_chart(chart, *WIDE) + line_chart(chart, *NARROW)


def alert_picture(words: Words, page: AlertPage) -> Markup:
    """The chart for a file."""
    chart = alert_chart(words, page)
    return Markup("") if chart is None else line_chart(chart, *WIDE)


def alert_chart(words: Words, page: AlertPage) -> LineChart | None:
    """The chart; None where no value is known."""
    points, subject = page.points, page.row.subject
    if subject is None or not any(point.value is not None for point in points):
        return None
    edges = _edges(page)
    every = max(1, len(points) // 8)
    places = tuple(
        LinePoint(
            label=words.short(point.period),
            shown=words.t("no_data") if point.value is None else amount(words, page.row, point.value),
            value=point.value,
            smooth=None,
            before=point.expected,
            level=point.grade,
            tick=words.short(point.period) if place % every == 0 and place + every // 2 < len(points) else "",
        )
        for place, point in enumerate(points)
    )

    def tick(value: float, decimals: int) -> str:
        if wording.unit_key(subject.unit_of_value) == "count":
            return wording.large(words.lang, value)
        return wording.grouped(wording.rounded(value, decimals))

    return LineChart(
        sentence=_sentence(words, page),
        points=places,
        limits=edges,
        key=None if edges is None else _key(words, subject, edges),
        before_word=words.t("alerts.expected"),
        gap_word=words.t("no_data"),
        tick_text=tick,
        marks=len(points) <= MOST_MARKED,
        cap=100.0 if wording.unit_key(subject.unit_of_value) == "percent" else None,
        control=None if edges is not None else _control(words, page),
        events=_events(words, page),
    )


def _edges(page: AlertPage) -> Edges | None:
    """The limits as four levels; None where some grade has none, or two begin at one value."""
    limits = {} if page.fired is None else page.fired.limits
    if any(grade not in limits for grade in GRADES):
        return None
    low = page.rule is not None and page.rule.side == "low"
    try:
        return Edges(
            target=limits["blue"],
            yellow=limits["yellow"],
            orange=limits["orange"],
            red=limits["red"],
            direction="higher" if low else "lower",
        )
    except ValueError:
        return None


def _control(words: Words, page: AlertPage) -> Control | None:
    """The nearest limit there is, beside what was expected."""
    fired = page.fired
    if fired is None or not fired.limits or fired.expected is None:
        return None
    grade = next(grade for grade in GRADES if grade in fired.limits)
    limit, low = fired.limits[grade], page.rule is not None and page.rule.side == "low"
    word = words.t("alerts.limit_of", grade=words.level(grade))
    return Control(limit if low else None, fired.expected, None if low else limit, None, "", word)


def _key(words: Words, subject: Subject, edges: Edges) -> KeyWords:
    begins = (edges.target, edges.yellow, edges.orange, edges.red)
    levels = tuple(
        (look.level, words.level(look.level), words.limit(subject, at)) for look, at in zip(LEVELS, begins, strict=True)
    )
    sign = "≥" if edges.direction == "lower" else "≤"
    return KeyWords(levels, sign, words.t("alerts.limit"), words.limit(subject, edges.target))


def _sentence(words: Words, page: AlertPage) -> str:
    known = [point for point in page.points if point.value is not None]
    out = sum(point.grade is not None for point in page.points)
    return words.t(
        "alerts.spoken",
        name=f"{words.text(page.row.unit_name)} {subject_name(words, page.row)}",
        n=len(known),
        last=amount(words, page.row, known[-1].value),
        out=out,
    )


def _events(words: Words, page: AlertPage) -> tuple[Event, ...]:
    return tuple(
        Event(place, each.number, occasion_text(words, each))
        for each in page.occasions
        if (place := next((n for n, p in enumerate(page.points) if p.period.last_day >= each.first), None)) is not None
    )
