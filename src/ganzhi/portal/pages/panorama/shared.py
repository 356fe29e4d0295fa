"""What the panoramas share: their ports, and scores of several indicators in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.measure.views.panorama.brief import BriefRow, HotSpot, HotSpots
from ganzhi.measure.views.panorama.lifecycle import LifecycleStage, Mark
from ganzhi.portal.charts.spark import Spark, spark
from ganzhi.portal.links import Links
from ganzhi.portal.ports.panorama import PanoramaPorts
from ganzhi.portal.present import UNKNOWN, Delta, Figure, Words
from ganzhi.portal.visit import Visit

SHADES = 5
"""Steps of the one hue in which weights are drawn."""


def ports(visit: Visit) -> PanoramaPorts:
    """The ports of this visit."""
    found = visit.context.panorama
    if found is None:
        raise InternalError("a portal without panoramas")
    return found


def mark_figure(words: Words, mark: Mark) -> Figure:
    """A mean score in words, with how many of its indicators are known."""
    if not mark.total:
        return Figure(UNKNOWN, "", words.t("panorama.no_indicators"), "", False, False, True)
    of = words.t("panorama.known_of", known=mark.known, total=mark.total)
    if mark.score is None:
        return Figure(UNKNOWN, "", of, of, False, False, True)
    shown = wording.grouped(wording.rounded(mark.score, 1))
    short = mark.known < mark.total
    return Figure(shown, "", f"{wording.exact_text(mark.score)} · {of}", of if short else "", True, short, False)


def weight_step(value: float | None, largest: float) -> int:
    """A weight's step of the one hue, by its share of the largest; 0 where it is unknown."""
    return 0 if value is None or largest <= 0 else max(1, min(SHADES, round(value / largest * SHADES)))


def shade(value: float | None, largest: float) -> str:
    """The class of a cell's shade, by its share of the largest."""
    step = weight_step(value, largest)
    return f"s{step}" if step else ""


def largest_weight(stages: Sequence[LifecycleStage]) -> float:
    """The largest weight of an activity."""
    return max((row.weight or 0.0 for stage in stages for row in stage.activities), default=0.0)


def spot_link(links: Links, found: HotSpots, spot: HotSpot, *, lists: bool) -> str:
    """Where a hot spot leads: to its records for a viewer with list depth, to the indicator otherwise."""
    at = links.at(region=spot.unit if spot.kind == "unit" else links.region, basis=None)
    if lists:
        return at.records(found.feed, found.subject.code, where=dict(spot.where))
    return at.indicator(found.subject.code, by=None if spot.kind == "unit" else spot.kind)


def spot_delta(words: Words, spot: HotSpot) -> Delta:
    """How a hot spot moved against the mean before, in per cent of it; more is worse."""
    if spot.growth is None:
        return Delta("", UNKNOWN, "", "none", words.t("panorama.hot.no_before"))
    mean = wording.grouped(wording.rounded(spot.before or 0.0, 1))
    said = words.t("panorama.hot.against", count=words.all_digits(spot.count), mean=mean)
    if spot.ratio is None:
        return Delta("", words.t("panorama.hot.new"), "", "worse", said)
    if spot.growth == 0:
        return Delta("▬", "0%", "", "same", said)
    moved = wording.percent_number(abs(spot.ratio) * 100, 0)
    return Delta("▲" if spot.growth > 0 else "▼", f"{moved}%", "", "worse" if spot.growth > 0 else "better", said)


def spot_spark(spot: HotSpot) -> Markup:
    """The last periods of a hot spot."""
    first = next((n for n, value in enumerate(spot.spark) if value is not None), len(spot.spark))
    return spark(Spark(spot.spark[first:], None, None, True), 72, 22)


def usual_text(words: Words, row: BriefRow) -> str:
    """The usual value of such a day with the range of single days."""
    low, usual, high = (words.value(row.subject, each) for each in (row.low, row.usual, row.high))
    return words.t("panorama.brief.usual", usual=usual, low=low.number, high=high.number)


def day_delta(words: Words, row: BriefRow) -> Delta:
    """How far a day is from the usual one; only outside the range of such days is it called better or worse."""
    value = row.now.value or 0.0
    moved = value - row.usual
    shown = wording.difference(words.lang, moved, row.subject.unit_of_value, row.subject.decimals)
    exact = wording.signed_difference(words.lang, moved, row.subject.unit_of_value, max(row.subject.decimals, 4))
    if moved == 0:
        return Delta("▬", shown.number, shown.unit, "same", exact)
    tone = "plain" if row.better is None else "better" if row.better else "worse"
    return Delta("▲" if moved > 0 else "▼", shown.number, shown.unit, tone, exact)
