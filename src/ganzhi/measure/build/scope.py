"""A reader of one state of the numbers, and the scope of a page: place, period, comparison, basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period, period_of_day, periods_between
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.known import arrived_days
from ganzhi.measure.open import States
from ganzhi.measure.views.parts import Basis, Compare, Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.warehouse.workplace import Workplace

SPARK_PERIODS = 26
"""How many periods back a sparkline reaches."""

PERIOD_CHOICES = 60
"""How many periods of a grain the period menu offers."""


class Reader:
    """A workplace with one state of its numbers; everything one page shows comes from one reader.

    arrived: per feed, the local days with the share of the expected data that arrived.
    """

    def __init__(self, workplace: Workplace, states: States) -> None:
        self.workplace = workplace
        self.states = states
        self._arrived: dict[str, Mapping[date, float]] = {}

    def arrived(self, feed: str) -> Mapping[date, float]:
        """Completeness of each day of a feed, read once."""
        if feed not in self._arrived:
            self._arrived[feed] = {day: share for day, (share, _) in arrived_days(self.workplace, feed).items()}
        return self._arrived[feed]

    def span(self) -> tuple[date, date] | None:
        """First and last local day for which any feed has something; None when nothing ever arrived."""
        days = [day for feed in self.workplace.catalogue.feeds for day, share in self.arrived(feed).items() if share]
        return (min(days), max(days)) if days else None

    def missing(self, feeds: Sequence[str], period: Period) -> tuple[date, ...]:
        """Days of the period, up to the last arrival, for which a feed that has data delivered nothing."""
        found: set[date] = set()
        for feed in feeds:
            arrived = self.arrived(feed)
            have = [day for day, share in arrived.items() if share]
            if not have:
                continue
            found |= {d for d in period.days if min(have) <= d <= max(have) and not arrived.get(d)}
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
    span = reader.span()
    if span is None or period.grain.minutes is not None:
        return (period,)
    first = max(span[0], span[1] - timedelta(days=370 * 3))
    found = list(periods_between(period.grain, first, span[1], reader.workplace.zone))[-PERIOD_CHOICES:]
    if period not in found:
        found.append(period)
    return tuple(sorted(found, key=lambda p: p.start, reverse=True))


def scope_of(reader: Reader, query: PageQuery, *, feeds: Sequence[str] = (), grain: Grain = Grain.WEEK) -> Scope:
    """The scope of a page; every invalid parameter is an InputError that names it.

    feeds: whose missing days concern the page; none means all.
    """
    workplace = reader.workplace
    catalogue = workplace.catalogue
    unit = query.unit or catalogue.root_unit
    name = catalogue.unit(unit).name
    period = _period(reader, query.period, grain)
    compare: Compare = _chosen(query.compare, get_args(Compare), "vs")  # type: ignore[assignment]
    basis: Basis = _chosen(query.basis, get_args(Basis), "basis")  # type: ignore[assignment]
    before = {"prev": period.previous, "year": period.year_before}.get(compare)
    span = reader.span()
    names: dict[str, Text] = {code: each.name for code, each in catalogue.units.items()}
    return Scope(
        unit=unit,
        unit_name=name,
        period=period,
        compare=compare,
        basis=basis,
        compared_with=before() if before else None,
        data_until=span[1] if span else None,
        refreshed_at=workplace.store.manifest.last("refresh"),
        missing_days=reader.missing(feeds or tuple(catalogue.feeds), period),
        units=names,
        periods=_choices(reader, period),
        catalogue_version=catalogue.version,
        default_unit=catalogue.root_unit,
        default_period=default_period(reader, grain),
    )
