"""A reader of one state of the numbers, and the scope of a page: place, period, comparison, basis."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from functools import cached_property
from statistics import median_high
from typing import Any, get_args

from ganzhi.access.rights import Ground, Viewer
from ganzhi.access.shown.hidden import Hidden, hidden_from
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.catalogue.reach import fed_in
from ganzhi.measure.known import Days
from ganzhi.measure.open import States
from ganzhi.measure.views.parts import Basis, Compare, Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.warehouse.workplace import Workplace

SPARK_PERIODS = 26
"""How many periods back a sparkline reaches."""

PERIOD_CHOICES: tuple[tuple[Grain, int], ...] = (
    (Grain.DAY, 31),
    (Grain.WEEK, 26),
    (Grain.MONTH, 24),
    (Grain.QUARTER, 8),
    (Grain.YEAR, 3),
)
"""How many periods of each grain the period menu offers, newest first."""


class Reader:
    """A workplace with one state of its numbers, read for one viewer; everything one page shows comes from one reader.

    ground: the units that exist for the viewer; whatever names or lists units takes them from there.
    asked: what was asked for this page once and serves several parts of it, under names of those who asked.
    """

    def __init__(self, workplace: Workplace, states: States, viewer: Viewer) -> None:
        viewer.require("macro")
        self.workplace = workplace
        self.states = states
        self.viewer = viewer
        self.ground = Ground(workplace.catalogue, viewer)
        self.asked: dict[Hashable, Any] = {}

    @cached_property
    def hidden(self) -> Hidden:
        """Codes of units out of reach, which may stand in records as they arrived."""
        return hidden_from(self.workplace.catalogue, self.ground)

    @cached_property
    def days(self) -> Mapping[str, Days]:
        """What the ledger says of each day of every feed of which anything arrived, read once."""
        return self.states.arrived(self.workplace)

    @cached_property
    def _arrived(self) -> Mapping[str, Mapping[date, float]]:
        def work() -> Mapping[str, Mapping[date, float]]:
            return {
                feed: {day: share for day, (share, _) in days.items()}
                for feed, days in self.days.items()
                if feed in self.workplace.catalogue.feeds
            }

        return self.states.once("arrived", work)

    @cached_property
    def fed(self) -> frozenset[str]:
        """Feeds of which rows are kept."""
        return self.states.once("fed", lambda: fed_in(self.states.snapshot))

    def arrived(self, feed: str) -> Mapping[date, float]:
        """Completeness of each day of a feed, read once."""
        return self._arrived.get(feed, {})

    @cached_property
    def _spans(self) -> tuple[tuple[date, date], ...]:
        """First and last day of every feed that has something."""
        return tuple(found for feed in self._arrived if (found := self._span(feed)) is not None)

    def _span(self, feed: str) -> tuple[date, date] | None:
        """First and last day of a feed; None when it has nothing."""

        def work() -> tuple[date, date] | None:
            days = [day for day, share in self.arrived(feed).items() if share]
            return (min(days), max(days)) if days else None

        return self.states.once(("span", feed), work)

    def first_day(self) -> date | None:
        """The first local day for which any feed has something; None when nothing ever arrived."""
        return min((first for first, _ in self._spans), default=None)

    def span(self) -> tuple[date, date] | None:
        """First local day for which any feed has something, and the last that half of the feeds reach:
        a feed of plans or terms ahead has days that are not over. None when nothing ever arrived."""
        first = self.first_day()
        return None if first is None else (first, median_high(last for _, last in self._spans))

    def missing(self, feeds: Sequence[str], period: Period) -> tuple[date, ...]:
        """Days of the period, up to the last arrival, for which a feed that has data delivered nothing."""
        found: set[date] = set()
        for feed in feeds:
            arrived = self.arrived(feed)
            span = self._span(feed)
            if span is None:
                continue
            found |= {d for d in period.days if span[0] <= d <= span[1] and not arrived.get(d)}
        return tuple(sorted(found))


def default_period(reader: Reader, grain: Grain = Grain.WEEK) -> Period:
    """The last period of the grain that is over by the last arrival; the one being filled where none is over yet."""
    zone = reader.workplace.zone
    span = reader.span()
    last = span[1] if span else reader.workplace.clock.now().astimezone(zone).date()
    period = period_of_day(grain, last, zone)
    if span is None or period.last_day <= last:
        return period
    earlier = period.previous()
    return earlier if earlier.last_day >= span[0] else period


def _chosen(given: str | None, allowed: Sequence[str], field: str) -> str:
    if given is None or given == "":
        return allowed[0]
    if given not in allowed:
        raise InputError(Issue("REQ004", field, params={"value": given[:40], "known": ", ".join(allowed)}))
    return given


def _period(reader: Reader, text: str | None, grain: Grain) -> Period:
    if not text:
        return default_period(reader, grain)
    period = parse_period(text, reader.workplace.zone)
    if not 1990 <= period.first_day.year <= 2200:
        raise InputError(Issue("REQ001", "period", params={"value": text[:40]}))
    return period


def _choices(reader: Reader, period: Period) -> tuple[Period, ...]:
    """Periods that have data, newest first within each grain, and the one that was asked for."""
    span = reader.span()
    found: list[Period] = []
    if span is not None:
        own = reader.workplace.operator_week
        for grain, count in (*PERIOD_CHOICES, *(((own, 26),) if own is not None else ())):
            one = period_of_day(grain, span[1], reader.workplace.zone)
            of_grain = 0
            while of_grain < count and one.last_day >= span[0]:
                found.append(one)
                one = one.previous()
                of_grain += 1
    return tuple(found) if period in found else (period, *found)


def scope_of(reader: Reader, query: PageQuery, *, feeds: Sequence[str] = (), grain: Grain = Grain.WEEK) -> Scope:
    """The scope of a page; every invalid parameter is an InputError that names it.

    feeds: whose missing days concern the page; none means all.
    """
    workplace = reader.workplace
    catalogue = workplace.catalogue
    top = reader.ground.top
    unit = query.unit or top
    name = reader.ground.unit(unit).name
    period = _period(reader, query.period, grain)
    compare: Compare = _chosen(query.compare, get_args(Compare), "vs")  # type: ignore[assignment]
    basis: Basis = _chosen(query.basis, get_args(Basis), "basis")  # type: ignore[assignment]
    before = {"prev": period.previous, "year": period.year_before}.get(compare)
    span = reader.span()
    names: dict[str, Text] = {code: each.name for code, each in reader.ground.units.items()}
    return Scope(
        unit=unit,
        unit_name=name,
        period=period,
        compare=compare,
        basis=basis,
        compared_with=before() if before else None,
        data_until=span[1] if span else None,
        refreshed_at=reader.states.once("refreshed", lambda: workplace.store.manifest.last("refresh")),
        missing_days=reader.missing(feeds or tuple(catalogue.feeds), period),
        units=names,
        periods=_choices(reader, period),
        catalogue_version=catalogue.version,
        default_unit=top,
        default_period=default_period(reader, grain),
    )
