"""Sentences made by rule from numbers: the headline and the findings in card titles.

They say only what the numbers carry; whatever is unknown is not said, or said to be unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganzhi.base import wording
from ganzhi.measure.views.closed import ReportedOtherwise
from ganzhi.measure.views.indicator import Breakdown, BreakdownRow, IndicatorPage, TrendPoint
from ganzhi.measure.views.overview import Headline
from ganzhi.measure.views.parts import Scope, Subject
from ganzhi.portal.present import Words

_SPOT = "\x00"
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a sentence; tone as in `Delta`, empty for plain text."""

    text: str
    tone: str = ""


def plain(segments: Sequence[Segment]) -> str:
    """The sentence as text."""
    return "".join(segment.text for segment in segments)


def headline(words: Words, scope: Scope, facts: Headline | None) -> tuple[Segment, ...]:
    """The one sentence on top: score, change, the largest cause, the lowest place."""
    unit = words.text(scope.unit_name)
    if facts is None:
        return (Segment(words.t("headline.nothing", unit=unit)),)
    name = words.text(facts.score.name)
    if facts.score.score is None:
        return (Segment(words.t("headline.unknown", unit=unit, name=name)),)
    score = words.score(facts.score).number
    if facts.difference is None:
        before = words.before(scope)
        said = words.t("headline.first", unit=unit, name=name, score=score, before=before)
        return (Segment(said + _place(words, facts)),)
    on = wording.on_name(words.lang, scope.compare, scope.period.grain)
    delta = words.score_delta(facts.difference, 0.0)
    lead, _, rest = words.t("headline.changed", unit=unit, name=name, score=score, on=on, delta=_SPOT).partition(_SPOT)
    tail = rest + _cause(words, facts) + _place(words, facts)
    return (Segment(lead), Segment(str(delta), delta.tone), Segment(tail))


def _cause(words: Words, facts: Headline) -> str:
    cause = facts.cause
    if cause is None or cause.points is None or not facts.difference or cause.points * facts.difference <= 0:
        return ""
    return words.t("headline.cause", name=words.text(cause.name), points=words.points(cause.points))


def _place(words: Words, facts: Headline) -> str:
    return "" if facts.place is None else words.t("headline.place", place=words.text(facts.place))


def standing(words: Words, scope: Scope, facts: Headline | None) -> str:
    """How many indicators have a level, and how many more or fewer than before."""
    if facts is None or not facts.indicators:
        return ""
    said = words.t("standing.now", indicators=facts.indicators, alerts=facts.in_alert)
    if facts.in_alert_before is None:
        return said
    on = wording.on_name(words.lang, scope.compare, scope.period.grain)
    moved = facts.in_alert - facts.in_alert_before
    key = "more" if moved > 0 else "fewer" if moved < 0 else "same"
    return said + words.t(f"standing.{key}", n=abs(moved), on=on)


def trend_finding(words: Words, points: Sequence[TrendPoint]) -> str:
    """How many periods had a level, and how many in a row at the end; empty where none had."""
    known = [point.reading for point in points if point.reading.value is not None]
    alerts = [reading for reading in known if reading.level is not None]
    unit = words.t(f"trend.unit.{points[0].period.grain.value}")
    if not alerts:
        return ""
    running = 0
    for reading in reversed(known):
        if reading.level is None:
            break
        running += 1
    said = words.t("trend.alerts", alerts=len(alerts), known=len(known), unit=unit)
    return said + (words.t("trend.running", n=running, unit=unit) if running > 1 else "")


def trend_sentence(words: Words, subject: Subject, points: Sequence[TrendPoint]) -> str:
    """What the trend shows, for those who do not see it: span, lowest, highest, latest, target."""
    known = [point for point in points if point.reading.value is not None]
    name = words.text(subject.name)
    if not known:
        return words.t("trend.spoken_empty", name=name)
    lowest = min(known, key=lambda point: point.reading.value or 0.0)
    highest = max(known, key=lambda point: point.reading.value or 0.0)

    def said(point: TrendPoint) -> str:
        return str(words.value(subject, point.reading.value or 0.0))

    sentence = words.t(
        "trend.spoken",
        name=name,
        first=words.short(points[0].period),
        last=words.short(points[-1].period),
        lowest=said(lowest),
        highest=said(highest),
        latest=said(known[-1]),
    )
    target = words.target(subject)
    missing = len(points) - len(known)
    return (
        sentence
        + (words.t("trend.spoken_target", target=target) if target else "")
        + (words.t("trend.spoken_missing", n=missing) if missing else "")
    )


def breakdown_finding(words: Words, shown: Breakdown) -> str:
    """Which groups are in alert, or which one makes the largest part; empty where neither is known."""
    comma = words.t("list_comma")
    alerts = [row for row in shown.rows if row.reading.level is not None]
    if alerts:
        worst = sorted(alerts, key=lambda row: -_severity(row))[:MOST_NAMES]
        names = comma.join(words.text(row.name) for row in worst)
        many = len(alerts) > MOST_NAMES
        return words.t("breakdown.alerts_many" if many else "breakdown.alerts", names=names, total=len(alerts))
    parts = [row for row in shown.rows if row.share is not None and row.reading.value]
    if parts:
        top = max(parts, key=lambda row: row.share or 0.0)
        return words.t("breakdown.share", name=words.text(top.name), share=words.per_cent(top.share))
    return ""


def _severity(row: BreakdownRow) -> int:
    return ("blue", "yellow", "orange", "red").index(row.reading.level) if row.reading.level else -1


def about(words: Words, page: IndicatorPage) -> str:
    """The line under an indicator's name: what it is, of when, of whom."""
    scope = page.scope
    basis = "" if scope.basis == "period" else words.t(f"basis.{scope.basis}")
    parts = (
        words.text(page.subject.definition).rstrip("。."),
        basis,
        words.period(scope.period),
        words.text(scope.unit_name),
    )
    return " · ".join(part for part in parts if part)


def reported_otherwise(words: Words, subject: Subject, found: ReportedOtherwise) -> str:
    """That a closed period was reported with another number, when, and what has happened since.

    Numbers that would read alike are written out.
    """
    then, now = str(words.figure(subject, found.then)), str(words.figure(subject, found.now))
    if then == now:
        then, now = words.exactly(subject, found.then), words.exactly(subject, found.now)
    reasons = words.t("list_comma").join(words.t(f"reported.{reason}") for reason in found.reasons)
    mark = words.t("reported.mark", then=then, now=now)
    about = words.t(
        "reported.about",
        day=words.instant(found.closed_at),
        actor=found.closed_by,
        edition=found.edition,
        reasons=reasons,
    )
    return f"{mark}{words.t('colon')}{about}"
