"""Warning rules can be carried out as they are written: the indicator has values, cuts, limits in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from ganzhi.base.errors import Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.warning import GRADES, WarningRule
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue

MINUTE_GRAINS = (Grain.MINUTE, Grain.FIVE_MINUTES, Grain.QUARTER_HOUR)
"""Grains of rules of the service centre that are judged as values come."""
BY_MINUTE = ("count", "sum", "ratio", "mean", "share_within")
"""Measures that can be counted by the minute: what is added can be taken away again."""
COUNTED = ("count", "distinct")
"""Measures that count events, which a model of counts can judge."""

Path = tuple[str, ...]


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report rules whose indicator, cut, grain, baseline, tails or limits do not go together.

    A rule whose indicator a workspace has retired rests; that is no mistake of either."""
    for code, rule in catalogue.warning_rules.items():
        path = ("warning_rules", code)
        yield from _tails(catalogue, path, rule)
        indicator = catalogue.indicators.get(rule.indicator)
        if indicator is None:
            continue
        if indicator.measure is None:
            yield issue_at(catalogue, "CAT201", (*path, "indicator"), indicator=rule.indicator)
            continue
        yield from _cut(catalogue, path, rule, indicator)
        yield from _baseline(catalogue, path, rule, indicator)
        yield from _raises(catalogue, path, rule)
        yield from _by_minute(catalogue, path, rule, indicator)


def _tails(catalogue: Catalogue, path: Path, rule: WarningRule) -> Iterator[Issue]:
    for (low, above), (high, below) in pairwise((grade, getattr(rule.tails, grade)) for grade in GRADES):
        if below >= above:
            yield issue_at(catalogue, "CAT202", (*path, "tails", high), order=f"{low} {above}, {high} {below}")
    if rule.limits is None:
        return
    given = [(grade, value) for grade in GRADES if (value := getattr(rule.limits, grade)) is not None]
    if not given:
        yield issue_at(catalogue, "CAT203", (*path, "limits"))
    sign = Decimal(1 if rule.side == "high" else -1)
    for (low, milder), (high, worse) in pairwise(given):
        if (worse - milder) * sign <= 0:
            yield issue_at(catalogue, "CAT202", (*path, "limits", high), order=f"{low} {milder}, {high} {worse}")


def _cut(catalogue: Catalogue, path: Path, rule: WarningRule, indicator: Indicator) -> Iterator[Issue]:
    if rule.by is not None and rule.by not in indicator.by:
        yield issue_at(catalogue, "CAT176", (*path, "by"), dimension=rule.by, near=near(rule.by, indicator.by))
    if rule.by in CALENDAR_DIMENSIONS:
        yield issue_at(catalogue, "CAT204", (*path, "by"), dimension=str(rule.by))
    if rule.only and rule.by is None:
        yield issue_at(catalogue, "CAT205", (*path, "only"))
    feed = catalogue.feeds.get(indicator.feed or "")
    if feed is not None:
        finest = max((feed.finest, indicator.finest or feed.finest), key=lambda grain: grain.rank)
        if rule.grain.rank < finest.rank and not (rule.level == "centre" and rule.grain in MINUTE_GRAINS):
            yield issue_at(catalogue, "CAT206", (*path, "grain"), grain=rule.grain.value, finest=finest.value)


def _by_minute(catalogue: Catalogue, path: Path, rule: WarningRule, indicator: Indicator) -> Iterator[Issue]:
    """Of a rule that is judged as values come, what cannot be counted by the minute."""
    if rule.level != "centre" or rule.grain not in MINUTE_GRAINS:
        return
    if indicator.measure not in BY_MINUTE:
        measures = ", ".join(BY_MINUTE)
        yield issue_at(catalogue, "CAT221", (*path, "indicator"), measure=str(indicator.measure), measures=measures)
    for number, each in enumerate(rule.raises):
        if each.factor != "places":
            yield issue_at(catalogue, "CAT222", (*path, "raises", str(number)), factor=each.factor)


def _baseline(catalogue: Catalogue, path: Path, rule: WarningRule, indicator: Indicator) -> Iterator[Issue]:
    if rule.baseline == "counts" and (indicator.measure not in COUNTED or rule.grain.value != "day"):
        yield issue_at(catalogue, "CAT207", (*path, "baseline"), measure=str(indicator.measure), grain=rule.grain.value)
    if rule.baseline == "running" and rule.grain.minutes is None and rule.grain.value != "day":
        yield issue_at(catalogue, "CAT210", (*path, "baseline"), grain=rule.grain.value)
    targets = indicator.targets.operations or indicator.targets.management
    if rule.baseline == "fixed" and rule.limits is None and targets is None:
        yield issue_at(catalogue, "CAT208", (*path, "baseline"), indicator=rule.indicator)
    exposure = catalogue.indicators.get(rule.exposure or "")
    if exposure is not None and (exposure.measure is None or exposure.unit != "count"):
        yield issue_at(catalogue, "CAT209", (*path, "exposure"), indicator=str(rule.exposure))


def _raises(catalogue: Catalogue, path: Path, rule: WarningRule) -> Iterator[Issue]:
    for number, each in enumerate(rule.raises):
        at = (*path, "raises", str(number))
        if each.indicator is None:
            continue
        other = catalogue.indicators.get(each.indicator)
        if other is None:
            close = near(each.indicator, catalogue.indicators)
            yield issue_at(
                catalogue, "CAT070", (*at, "indicator"), value=each.indicator[:64], kind="indicators", near=close
            )
            continue
        if other.measure is None:
            yield issue_at(catalogue, "CAT201", (*at, "indicator"), indicator=each.indicator)
        yield from _where(catalogue, (*at, "where"), list(each.where), other.by)


def _where(catalogue: Catalogue, path: Path, given: Sequence[str], known: Sequence[str]) -> Iterator[Issue]:
    for dimension in given:
        if dimension not in known:
            yield issue_at(catalogue, "CAT176", (*path, dimension), dimension=dimension, near=near(dimension, known))
