"""Rules of baseline `capacity` can be carried out: a count below a day, of single units, desks and handling times known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ganzhi.base.errors import Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.warning import GRADES, Capacity, WarningRule
from ganzhi.catalogue.model.whole import Catalogue

Path = tuple[str, ...]


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report what is missing or does not go together."""
    for code, rule in catalogue.warning_rules.items():
        path = ("warning_rules", code)
        if (rule.baseline == "capacity") != (rule.capacity is not None):
            yield issue_at(catalogue, "CAT223", (*path, "baseline"))
        if rule.capacity is None:
            continue
        yield from _subject(catalogue, path, rule)
        yield from _desks(catalogue, (*path, "capacity", "desks"), rule.capacity)
        yield from _means(catalogue, (*path, "capacity"), rule.capacity)
        yield from _waits(catalogue, (*path, "capacity", "waits"), rule.capacity)


def _subject(catalogue: Catalogue, path: Path, rule: WarningRule) -> Iterator[Issue]:
    """Each unit's customers come to its own desks, so no unit may stand above another, and nothing is cut or limited."""
    indicator = catalogue.indicators.get(rule.indicator)
    if indicator is not None and indicator.measure != "count":
        yield issue_at(catalogue, "CAT224", (*path, "indicator"), why=str(indicator.measure))
    if rule.grain.minutes is None or rule.grain.rank < Grain.QUARTER_HOUR.rank:
        yield issue_at(catalogue, "CAT224", (*path, "grain"), why=rule.grain.value)
    for name in ("by", "limits", "exposure"):
        if getattr(rule, name) is not None:
            yield issue_at(catalogue, "CAT224", (*path, name), why=name)
    if len(rule.at) > 1:
        yield issue_at(catalogue, "CAT224", (*path, "at"), why=", ".join(rule.at))


def _desks(catalogue: Catalogue, path: Path, capacity: Capacity) -> Iterator[Issue]:
    desks = capacity.desks
    feed = catalogue.feeds.get(desks.feed)
    if feed is None:
        return
    wanted = {"begins": ("timestamp",), "ends": ("timestamp",), "paused": ("int", "decimal")}
    for field, types in wanted.items():
        name = getattr(desks, field)
        column = feed.columns.get(name) if name is not None else None
        if name is not None and (column is None or column.type not in types):
            names = near(name, [each for each, one in feed.columns.items() if one.type in types])
            yield issue_at(catalogue, "CAT225", (*path, field), column=name[:64], feed=desks.feed, near=names)
    if desks.begins != feed.time:
        yield issue_at(catalogue, "CAT226", (*path, "begins"), time=feed.time)


def _means(catalogue: Catalogue, path: Path, capacity: Capacity) -> Iterator[Issue]:
    named = [((*path, "handling", str(number)), code) for number, code in enumerate(capacity.handling)]
    named += [] if capacity.waited is None else [((*path, "waited"), capacity.waited)]
    for at, code in named:
        indicator = catalogue.indicators.get(code)
        if indicator is not None and (indicator.measure != "mean" or indicator.unit != "s"):
            yield issue_at(catalogue, "CAT227", at, indicator=code)


def _waits(catalogue: Catalogue, path: Path, capacity: Capacity) -> Iterator[Issue]:
    given = [(grade, value) for grade in GRADES if (value := getattr(capacity.waits, grade)) is not None]
    if not given:
        yield issue_at(catalogue, "CAT203", path)
    for (low, milder), (high, worse) in pairwise(given):
        if worse <= milder:
            yield issue_at(catalogue, "CAT202", (*path, high), order=f"{low} {milder}, {high} {worse}")
