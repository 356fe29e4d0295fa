"""Builds the page of data arrival (S002-084, S000-144) and the list of rows a load refused."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

from ganzhi.access.rights import Viewer
from ganzhi.access.shown.masking import HIDDEN, is_masked
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.data import Feed, Source
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.quarantine import Rejected, rejected_of
from ganzhi.measure.known import Days, all_arrived_days
from ganzhi.measure.views.arrival import (
    ArrivalPage,
    DayArrival,
    LoadRow,
    RejectedRow,
    RejectsPage,
    SourceArrival,
    StreamLine,
)
from ganzhi.store.ledger import LoadRecord
from ganzhi.warehouse.workplace import Workplace

DAYS_SHOWN = 60
LOADS_SHOWN = 100
OWN_AMONG = 1_000
"""Latest loads among which those of a viewer bound to units are looked for."""
REJECTS_PER_PAGE = 50
SILENT_AFTER = timedelta(minutes=2)
"""A stream that says nothing for so long is not at work, whatever it said last."""
USUAL_FROM = 3
"""Days of the same weekday that must be known before a normal day is."""

SHORT_BELOW = 0.5
"""A day with less than this share of a normal such day is short."""


def arrival_page(workplace: Workplace, viewer: Viewer) -> ArrivalPage:
    """All sources of the catalogue, those without data too, and the latest loads; of both what the viewer may see."""
    catalogue, ledger = workplace.catalogue, workplace.store.ledger
    own = [each for each in ledger.loads(limit=OWN_AMONG) if sees_load(viewer, each)] if viewer.units else None
    loads = ledger.loads(limit=LOADS_SHOWN) if own is None else own[:LOADS_SHOWN]
    return ArrivalPage(
        sources=seen_sources(source_arrivals(workplace, all_arrived_days(workplace)), viewer),
        loads=tuple(load_row(catalogue, load) for load in loads),
        loads_total=ledger.count() if own is None else len(own),
        catalogue_version=catalogue.version,
        volumes=not viewer.units,
        importing=viewer.may("import"),
        streams=stream_lines(workplace, viewer),
    )


def stream_lines(workplace: Workplace, viewer: Viewer) -> tuple[StreamLine, ...]:
    """Every stream that was ever heard of."""
    now, feeds = workplace.clock.now(), workplace.catalogue.feeds
    return tuple(
        StreamLine(
            stream=each.stream,
            feed=feeds[each.feed].name if each.feed in feeds else Text(zh=each.feed, en=each.feed),
            state=each.state,
            silent=each.state != "stopped" and now - each.at > SILENT_AFTER,
            said=each.said,
            lag=None if viewer.units else each.lag,
            heard_until=each.heard_until,
            at=each.at,
        )
        for each in workplace.store.streams.all()
    )


def seen_sources(sources: Iterable[SourceArrival], viewer: Viewer) -> tuple[SourceArrival, ...]:
    """Sources as the viewer may see them: one bound to units sees states and days, and no volumes."""
    return tuple(sources) if not viewer.units else tuple(map(_without_volumes, sources))


def _without_volumes(source: SourceArrival) -> SourceArrival:
    days = (replace(each, rows=None, usual=None, withheld=each.arrived) for each in source.days)
    return replace(source, rows=None, days=tuple(days))


def sees_load(viewer: Viewer, load: LoadRecord) -> bool:
    """Whether a load may be seen: a viewer bound to units sees what they handed in."""
    return not viewer.units or (bool(viewer.login) and load.report.get("by") == viewer.login)


def seen_load(workplace: Workplace, viewer: Viewer, load_id: str) -> LoadRecord:
    """A load; InputError REQ016 when there is none, or none that the viewer may see."""
    load = workplace.store.ledger.load(load_id)
    if load is None or not sees_load(viewer, load):
        raise InputError(Issue("REQ016", load_id[:64]))
    return load


def source_arrivals(
    workplace: Workplace, arrived: Mapping[str, Days], *, loads: bool = True
) -> tuple[SourceArrival, ...]:
    """All sources of the catalogue with what arrived of their feeds; the time of the last load only with `loads`."""
    sources = workplace.catalogue.sources
    return tuple(_source(workplace, code, each, arrived, loads=loads) for code, each in sources.items())


def _source(
    workplace: Workplace, code: str, source: Source, arrived: Mapping[str, Days], *, loads: bool
) -> SourceArrival:
    rows: dict[date, int] = defaultdict(int)
    whole: dict[date, bool] = {}
    for feed in source.feeds:
        for day, (share, count) in arrived.get(feed, {}).items():
            rows[day] += count
            whole[day] = whole.get(day, True) and share >= 1
    days = _days(rows)
    ledger = workplace.store.ledger
    here = [feed for feed in source.feeds if feed in arrived] if loads else []
    newest = [load for feed in here for load in ledger.loads(feed, limit=1)]
    last_load = max((load.finished_at for load in newest), default=None)
    last_day = max(rows, default=None)
    return SourceArrival(
        code=code,
        name=source.name,
        state=_state(workplace, source, last_day, days, whole),
        owner=source.owner,
        expected=source.expected,
        late_after_hours=source.late_after_hours,
        last_day=last_day,
        last_load=last_load,
        rows=sum(rows.values()),
        days=days,
    )


def _days(rows: dict[date, int]) -> tuple[DayArrival, ...]:
    """The last days up to the latest, holes included, each against a normal day of its weekday."""
    if not rows:
        return ()
    by_weekday: dict[int, list[int]] = defaultdict(list)
    for day, count in rows.items():
        by_weekday[day.weekday()].append(count)
    normal = {at: float(median(known)) for at, known in by_weekday.items() if len(known) >= USUAL_FROM}
    last = max(rows)
    first = max(min(rows), last - timedelta(days=DAYS_SHOWN - 1))
    found = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        usual = normal.get(day.weekday())
        arrived = rows.get(day)
        short = arrived is not None and usual is not None and arrived < usual * SHORT_BELOW
        found.append(DayArrival(day, arrived, usual, short))
    return tuple(found)


def _state(
    workplace: Workplace, source: Source, last_day: date | None, days: tuple[DayArrival, ...], whole: dict[date, bool]
) -> str:
    if last_day is None:
        return "never"
    due = midnight(last_day + timedelta(days=2), workplace.zone) + timedelta(hours=source.late_after_hours)
    if workplace.clock.now() > due:
        return "late"
    return "short" if days[-1].short or not whole[last_day] else "on_time"


def load_row(catalogue: Catalogue, load: LoadRecord) -> LoadRow:
    """A load of the ledger as a row; the feed's code stands for its name once the feed is gone."""
    feed = catalogue.feeds.get(load.feed)
    reasons = load.report.get("reasons")
    counted = [(str(code), int(count)) for code, count in reasons.items()] if isinstance(reasons, dict) else []
    return LoadRow(
        id=load.id,
        feed=load.feed,
        feed_name=feed.name if feed is not None else Text(zh=load.feed, en=load.feed),
        mapping=load.mapping,
        file=load.file.rsplit("/", 1)[-1],
        state=load.state,
        read=load.read,
        accepted=load.accepted,
        duplicate=load.duplicate,
        replaced=load.replaced,
        rejected=load.rejected,
        filtered=load.filtered,
        blanked=load.blanked,
        noted=load.noted,
        first_day=load.first_day,
        last_day=load.last_day,
        finished_at=load.finished_at,
        reasons=tuple(sorted(counted, key=lambda item: (-item[1], item[0]))),
    )


def rejects_page(workplace: Workplace, viewer: Viewer, load_id: str, page: int) -> RejectsPage:
    """The rows a load refused, for viewers with the right `import`; InputError REQ016 as `seen_load`."""
    viewer.require("import")
    load = seen_load(workplace, viewer, load_id)
    feed = workplace.catalogue.feeds.get(load.feed)
    found, total = rejected_of(workplace, load_id, limit=REJECTS_PER_PAGE, offset=(page - 1) * REJECTS_PER_PAGE)
    pages = max(1, math.ceil(total / REJECTS_PER_PAGE))
    if not 1 <= page <= pages:
        raise InputError(Issue("REQ004", "page", params={"value": str(page), "known": f"1–{pages}"}))
    rows = tuple(rejected_row(feed, each) for each in found)
    return RejectsPage(load_row(workplace.catalogue, load), rows, total, page, pages)


def rejected_row(feed: Feed | None, row: Rejected) -> RejectedRow:
    """A refused record with everything hidden that could be personal: the raw record of a feed that
    has a personal column, and the value of one."""
    protected = feed is None or any(is_masked(c.protection) for c in feed.columns.values())
    column = feed.columns.get(row.field) if feed is not None else None
    hide_value = protected and (column is None or is_masked(column.protection))
    return RejectedRow(
        file=row.shown,
        line=row.line,
        field=row.field,
        value=HIDDEN if hide_value and row.value is not None else row.value,
        reason=row.reason,
        detail=row.detail,
        raw=HIDDEN if protected and row.raw is not None else row.raw,
    )
