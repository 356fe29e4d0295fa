"""Closed periods of the fake house: a month with two editions, a week closed by a rule; a month that is not whole yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import MappingProxyType

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.closed import ClosedRow, ClosingsPage, FeedKnown, ToClose
from ganzhi.portal.ports.closings import ClosingPorts
from ganzhi.store.closings import Closing
from tests.portal import numbers as n

Named = Callable[[Text], Text]
MONTH, WEEK = (parse_period(text, n.ZONE) for text in ("1998-12", "1999-W02"))
VERSION = "telecom 1.0+abc"
_EDITIONS = MappingProxyType({1: datetime(1999, 1, 4, 1, 0, tzinfo=UTC), 2: datetime(1999, 1, 9, 1, 0, tzinfo=UTC)})


def closing_ports(variant: str, named: Named, attack: str) -> ClosingPorts:
    """The ports in a variant of the house."""

    def row(period: Period, edition: int, by: str, note: str, *, newest: bool = True) -> ClosedRow:
        return ClosedRow(period, edition, _EDITIONS[edition], by, VERSION, note + attack, newest)

    month = (row(MONTH, 2, "lin", "更正后的月报"), row(MONTH, 1, "lin", "", newest=False))
    rows = () if variant == "empty" else (month[0], row(WEEK, 1, "schedule", ""), month[1])
    choices = ((Grain.WEEK, (WEEK,)), (Grain.MONTH, (MONTH,)))

    def look(text: str) -> ToClose:
        period = parse_period(text, n.ZONE)
        if period.start > n.NOW:
            raise InputError(Issue("MEA021", period.key, params={"until": period.last_day.isoformat()}))
        before = tuple(each for each in rows if each.period == period)
        waiting = (date(1999, 1, 12),) if period.grain is Grain.WEEK else ()
        feeds = (
            FeedKnown("payments", named(n.text("缴费", "Payments")), 5, len(period.days), waiting),
            FeedKnown("calls", named(n.text("通话", "Calls")), len(period.days), len(period.days), ()),
        )
        counts = (None, None, None) if waiting else (671_000, 646_000, 347_000)
        return ToClose(period, len(before) + 1, before, *counts, feeds, VERSION)

    def close(text: str, edition: int, note: str) -> Closing:
        period = look(text).period
        if edition != look(text).edition:
            raise InputError(Issue("MEA032", period.key, params={"edition": "2", "actor": "lin"}))
        where = (period.grain.value, period.first_day, edition)
        return Closing(*where, 1, "a.b.c", VERSION, "local", note, commit=2, closed_at=n.NOW)

    return ClosingPorts(
        page=lambda: ClosingsPage(rows, True, () if variant == "empty" else choices, ((Grain.MONTH, 5),)),
        look=look,
        close=close,
    )
