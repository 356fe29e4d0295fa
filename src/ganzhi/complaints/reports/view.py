"""A report as a viewer sees it: the edition that was kept, or where none was, as it comes out now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Period, parse_period, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.reports.build import REPORTS, build
from ganzhi.complaints.reports.document import Kind, Report, from_json, shown_to
from ganzhi.complaints.reports.due import FEED, Due, make, state_of
from ganzhi.measure.build.scope import Reader

CHOSEN: Final = 40
"""Earlier reports that are listed."""


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition that was kept."""

    number: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """edition: the one that is shown; None for a report that is computed as it is looked at. editions: all that were kept,
    first to last. before, after: periods next to it of which anything is known. units: the viewer's unit and those
    below it that can be chosen. records: whether lists may be opened. may_keep: whether the viewer may make an edition."""

    report: Report
    period: Period
    edition: EditionLine | None
    editions: tuple[EditionLine, ...]
    before: Period | None
    after: Period | None
    units: tuple[tuple[str, Text], ...]
    default_unit: str
    records: bool
    may_keep: bool = False


def latest_period(reader: Reader, kind: Kind) -> Period:
    """The period of the last kept report of the viewer's unit, or the last that is over by what arrived."""
    zone, grain = reader.workplace.zone, REPORTS[kind].grain
    kept = reader.workplace.store.editions.list(kind, reader.ground.top, limit=CHOSEN)
    if kept:
        return max((parse_period(each.period, zone) for each in kept), key=lambda each: each.start)
    days = [day for day, share in reader.arrived(FEED).items() if share]
    last = max(days, default=reader.workplace.clock.now().astimezone(zone).date())
    period = period_of_day(grain, last, zone)
    earlier = period.previous()
    return earlier if days and period.last_day > last and earlier.last_day >= min(days) else period


def report_view(reader: Reader, kind: Kind, unit: str | None, period: str, edition: int | None) -> ReportView:
    """Raises: InputError CRP001 for a period of another grain, CRP004 for an edition that is not there, REQ012."""
    reader.viewer.require("dynamic")
    place = reader.workplace
    at = unit or reader.ground.top
    reader.ground.unit(at)
    asked = _period(reader, kind, period)
    heads = place.store.editions.of(kind, at, asked.key)
    lines = tuple(EditionLine(each.number, each.made_at, each.made_by) for each in heads)
    kept = place.store.editions.get(kind, at, asked.key, edition) if lines or edition is not None else None
    if edition is not None and kept is None:
        raise InputError(
            Issue("CRP004", str(edition), params={"known": ", ".join(str(each.number) for each in lines) or "–"})
        )
    report = from_json(kept.content) if kept is not None else build(place, reader.states, kind, at, asked)
    number = None if kept is None else kept.head.number
    first, last = _ends(reader)
    return ReportView(
        report=shown_to(report, lists=reader.viewer.may("list")),
        period=asked,
        edition=next((each for each in lines if each.number == number), None),
        editions=lines,
        before=asked.previous() if first is not None and asked.previous().last_day >= first else None,
        after=_next(asked) if last is not None and _next(asked).first_day <= last else None,
        units=tuple(_units(reader)),
        default_unit=reader.ground.top,
        records=reader.viewer.may("list"),
        may_keep=reader.viewer.may("act") and report.known,
    )


def keep_now(reader: Reader, kind: Kind, unit: str | None, period: str) -> int | None:
    """Make an edition of a report as it comes out now, in the viewer's name, and tell nobody of it. The number of the
    edition; None where the last one says the same.

    Raises: AccessError without the right to act; InputError CRP001, REQ012, and CRP005 of a period of which nothing is known.
    """
    reader.viewer.require("dynamic")
    reader.viewer.require("act")
    at = unit or reader.ground.top
    reader.ground.unit(at)
    place, asked = reader.workplace, _period(reader, kind, period)
    if not any(share and day in asked.days for day, share in reader.arrived(FEED).items()):
        raise InputError(Issue("CRP005", asked.key))
    due = Due(kind, at, asked, state_of(place, reader.states, asked))
    made = make(place, reader.states, due, lambda *_: (), by=reader.viewer.login)
    return None if made is None else made.number


def _period(reader: Reader, kind: Kind, given: str) -> Period:
    period = parse_period(given, reader.workplace.zone)
    if not 1990 <= period.first_day.year <= 2200:
        raise InputError(Issue("REQ001", "period", params={"value": given[:40]}))
    if period.grain is not REPORTS[kind].grain:
        raise InputError(Issue("CRP001", given[:40], params={"kind": kind, "grain": REPORTS[kind].grain.value}))
    return period


def _next(period: Period) -> Period:
    return period_of_day(period.grain, period.last_day + timedelta(days=1), period.zone)


def _ends(reader: Reader) -> tuple[date, date] | tuple[None, None]:
    days = [day for day, share in reader.arrived(FEED).items() if share]
    return (min(days), max(days)) if days else (None, None)


def _units(reader: Reader) -> Iterator[tuple[str, Text]]:
    top = reader.ground.top
    yield top, reader.ground.unit(top).name
    for code, each in reader.ground.children(top).items():
        yield code, each.name
