"""Closing periods for people at pages: what was closed, what would be kept, and closing it.

Owns who may: whoever answers for what comes in (the right `import`, so analysts and administrators) and sees the whole
organisation, because a closing holds every unit. Anybody who may see numbers sees what was closed. Refuses a closing of
a period that somebody else has closed since it was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import median_high
from typing import Final

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period, period_of_day
from ganzhi.measure.publish.publish import grains_of
from ganzhi.measure.publish.staleness import Ground, ground_of, holds, published_files
from ganzhi.measure.publish.tables import table_name
from ganzhi.measure.reported.close import Rule, close
from ganzhi.measure.views.closed import ClosedRow, ClosingsPage, FeedKnown, ToClose
from ganzhi.store.closings import Closing
from ganzhi.warehouse.workplace import Workplace

MOST_OFFERED: Final = {Grain.DAY: 14, Grain.WEEK: 8, Grain.MONTH: 13, Grain.QUARTER: 5, Grain.YEAR: 3}
"""How many periods of each grain are offered; any other may be named in the address."""
MOST_OF_OWN_WEEK: Final = 8
LONGEST_NOTE: Final = 300


class ClosingDesk:
    """The closings of a workplace. rules: after how many days periods are closed by themselves."""

    def __init__(self, workplace: Workplace, rules: tuple[Rule, ...] = ()) -> None:
        self._workplace = workplace
        self._rules = rules

    def page(self, viewer: Viewer) -> ClosingsPage:
        """What was closed, and what could be."""
        viewer.require("macro")
        may = viewer.may("import") and viewer.whole
        return ClosingsPage(
            rows=_rows(self._workplace, self._workplace.store.closings.all()),
            may=may,
            choices=tuple(self._offered()) if may else (),
            rules=tuple((rule.grain, rule.after_days) for rule in self._rules),
        )

    def _offered(self) -> Iterator[tuple[Grain, tuple[Period, ...]]]:
        place, now = self._workplace, self._workplace.clock.now()
        spans: dict[str, tuple[date, date]] = {}
        for each in place.store.ledger.arrivals():
            first, last = spans.get(each.feed, (each.day, each.day))
            spans[each.feed] = (min(first, each.day), max(last, each.day))
        if not spans:
            return
        # A feed of plans or terms ahead has days that are not over.
        first, last = min(first for first, _ in spans.values()), median_high(last for _, last in spans.values())
        for grain in grains_of(place):
            found: list[Period] = []
            period = period_of_day(grain, min(last, now.astimezone(place.zone).date()), place.zone)
            while period.last_day >= first and len(found) < MOST_OFFERED.get(grain, MOST_OF_OWN_WEEK):
                if period.end <= now:
                    found.append(period)
                period = period.previous()
            if found:
                yield grain, tuple(found)

    def look(self, viewer: Viewer, text: str) -> ToClose:
        """What would be kept of a period. Raises: AccessError; InputError REQ001 for what is no period, MEA020, MEA021,
        MEA023 as `close`."""
        _require(viewer)
        place = self._workplace
        period = self._period(text)
        snapshot = place.store.manifest.snapshot()
        ground = ground_of(place, snapshot)
        feeds = tuple(_feeds(place, ground, period))
        if not feeds:
            raise InputError(Issue("MEA023", period.key))
        files = published_files(snapshot, period.grain).get(period.first_day.isoformat(), ())
        waits = any(feed.waiting for feed in feeds)
        rows = {f.table: f.rows for f in files} if not waits and holds(files, ground.mark(period)) else {}
        before = _rows(place, place.store.closings.of(period.grain.value, period.first_day))
        return ToClose(
            period=period,
            edition=len(before) + 1,
            before=before,
            values=rows.get(table_name("observed", period.grain)),
            scores=rows.get(table_name("scored", period.grain)),
            shares=rows.get(table_name("shared", period.grain)),
            feeds=tuple(sorted(feeds, key=lambda each: (not each.waiting, each.known == each.days, each.code))),
            catalogue_version=place.catalogue.version,
        )

    def _period(self, text: str) -> Period:
        place = self._workplace
        period = parse_period(text, place.zone)
        known = grains_of(place)
        if period.grain not in known:
            raise InputError(
                Issue("MEA020", period.key, params={"grain": period.grain.value, "known": ", ".join(known)})
            )
        if period.end > place.clock.now():
            raise InputError(Issue("MEA021", period.key, params={"until": period.last_day.isoformat()}))
        return period

    def close(self, viewer: Viewer, text: str, edition: int, note: str) -> Closing:
        """Close a period in the viewer's name; the audit trail has it with the commit that it comes with.

        edition: the number that was announced. Raises: AccessError; InputError MEA032 where somebody else has closed the
        period meanwhile, and as `close`.
        """
        _require(viewer)
        period = self._period(text)
        editions = self._workplace.store.closings.of(period.grain.value, period.first_day)
        if len(editions) + 1 != edition:
            last = editions[-1] if editions else None
            params = {"edition": str(len(editions)), "actor": last.actor if last else "–"}
            raise InputError(Issue("MEA032", period.key, params=params))
        return close(self._workplace, period, actor=viewer.login, note=note)


def _require(viewer: Viewer) -> None:
    viewer.require("import")
    viewer.require_whole()


def _rows(workplace: Workplace, closings: tuple[Closing, ...]) -> tuple[ClosedRow, ...]:
    """Newest first."""
    last = {(each.grain, each.first_day): each.edition for each in closings}
    return tuple(
        ClosedRow(
            period=period_of_day(Grain(each.grain), each.first_day, workplace.zone),
            edition=each.edition,
            closed_at=each.closed_at,
            closed_by=each.actor,
            catalogue_version=each.catalogue_version,
            note=each.note,
            newest=each.edition == last[each.grain, each.first_day],
        )
        for each in reversed(closings)
    )


def _feeds(workplace: Workplace, ground: Ground, period: Period) -> Iterator[FeedKnown]:
    """Of each feed of which anything of the period is known or waits, how much."""
    days: tuple[date, ...] = tuple(period.days)
    for code, known in ground.known.items():
        waiting = tuple(day for day in known.stale if period.first_day <= day <= period.last_day)
        there = sum(1 for day in days if known.completeness.get(day))
        if there or waiting:
            name = workplace.catalogue.feed(code).name
            yield FeedKnown(code, name, there, len(days), waiting)
