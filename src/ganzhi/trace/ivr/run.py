"""Rebuilding the voice menu's sessions: every day whose events have changed, each made true by one commit.

A day's sessions are a function of the events of the day before and of four days after it (a session may pass
midnight, and whether somebody called again is known 72 hours later). Whether a day is stale is read off the
manifest: its file names the fingerprint of those events. A second run gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import digest
from ganzhi.base.periods import midnight
from ganzhi.compile.flow.sessions import DAYS_AFTER, DAYS_BEFORE, EVENTS, SESSIONS, SessionSpan, sessions_sql
from ganzhi.compile.states import rows_schema
from ganzhi.store.manifest import Change, ConflictError, FileRef, NewFile, Snapshot
from ganzhi.trace.derived import made_load
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

LOCK = "ivr"
MOST_ATTEMPTS = 5
ROWS_EVENTS, ROWS_SESSIONS = f"rows/{EVENTS}", f"rows/{SESSIONS}"
MAPPING = "ivr.sessions"
"""What the ledger calls the way these rows came about."""
VERSION = "2"
"""Of the way sessions are rebuilt; another one makes every day stale."""


@dataclass(frozen=True, slots=True)
class IvrReport:
    """days: rebuilt, with their number of sessions. retired: days whose events are gone. unchanged: days that
    needed nothing."""

    days: tuple[tuple[str, int], ...]
    retired: tuple[str, ...]
    unchanged: int


def has_menu(workplace: Workplace) -> bool:
    """Whether the catalogue has the feeds of the voice menu."""
    return {EVENTS, SESSIONS} <= set(workplace.catalogue.feeds)


def run(
    workplace: Workplace,
    first: date | None = None,
    last: date | None = None,
    on_day: Callable[[str, int, int], None] | None = None,
    wait_s: float = 60.0,
) -> IvrReport:
    """Rebuild the stale days, all of them or those between two days, both included.

    Raises: InputError IVR001 for a catalogue without the feeds, and what lock, disk, engine or store raise; days
    that were committed before that count.
    """
    if not has_menu(workplace):
        raise InputError(Issue("IVR001", SESSIONS))
    done: list[tuple[str, int]] = []
    retired: list[str] = []
    unchanged = 0
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        snapshot = workplace.store.manifest.snapshot()
        days = [day for day in _days(snapshot) if _within(day, first, last)]
        for number, day in enumerate(days, start=1):
            if on_day is not None:
                on_day(day, number, len(days))
            snapshot, rows = _day(workplace, day, snapshot)
            if rows is None:
                unchanged += 1
            elif rows < 0:
                retired.append(day)
            else:
                done.append((day, rows))
    return IvrReport(tuple(done), tuple(retired), unchanged)


def stale_days(snapshot: Snapshot) -> list[str]:
    """Days that a run would rebuild or retire."""
    return [day for day in _days(snapshot) if _is_stale(snapshot, day)]


def _is_stale(snapshot: Snapshot, day: str) -> bool:
    old = snapshot.table(ROWS_SESSIONS, [day])
    if not snapshot.table(ROWS_EVENTS, [day]):
        return bool(old)
    mark = _mark(_inputs(snapshot, day), closed=_is_closed(snapshot, day))
    return len(old) != 1 or old[0].plan != mark


def _days(snapshot: Snapshot) -> list[str]:
    return sorted({*snapshot.partitions(ROWS_EVENTS), *snapshot.partitions(ROWS_SESSIONS)})


def _within(day: str, first: date | None, last: date | None) -> bool:
    asked = date.fromisoformat(day)
    return (first is None or asked >= first) and (last is None or asked <= last)


def _inputs(snapshot: Snapshot, day: str) -> tuple[FileRef, ...]:
    here = date.fromisoformat(day)
    around = [(here + timedelta(days=n)).isoformat() for n in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
    return tuple(sorted(snapshot.table(ROWS_EVENTS, around), key=lambda file: (file.partition, file.id)))


def _is_closed(snapshot: Snapshot, day: str) -> bool:
    """Whether events later than all that decide this day have arrived."""
    last = (date.fromisoformat(day) + timedelta(days=DAYS_AFTER)).isoformat()
    return any(part > last for part in snapshot.partitions(ROWS_EVENTS))


def _mark(inputs: tuple[FileRef, ...], *, closed: bool) -> str:
    return f"{VERSION}.{digest(*(file.sha256 for file in inputs))[:16]}.{int(closed)}"


def _day(workplace: Workplace, day: str, snapshot: Snapshot) -> tuple[Snapshot, int | None]:
    """The state afterwards, and the day's rows: None where nothing was to do, -1 where its events are gone."""
    for attempt in range(MOST_ATTEMPTS):
        if not _is_stale(snapshot, day):
            return snapshot, None
        old = snapshot.table(ROWS_SESSIONS, [day])
        gone, began = not snapshot.table(ROWS_EVENTS, [day]), workplace.clock.now()
        new = () if gone else (_rebuilt(workplace, day, snapshot),)
        failpoint("ivr.rebuilt")
        change = Change("ivr", add=new, retire=tuple(file.id for file in old), tables=frozenset((ROWS_SESSIONS,)))
        if new:
            load, arrivals = made_load(workplace, MAPPING, SESSIONS, new, old, began)
            change = replace(change, load=load, arrivals=arrivals)
        try:
            workplace.store.manifest.commit(change, snapshot)
        except ConflictError:
            if attempt == MOST_ATTEMPTS - 1:
                raise
            snapshot = workplace.store.manifest.snapshot()
            continue
        return workplace.store.manifest.snapshot(), -1 if gone else sum(file.rows for file in new)
    return snapshot, None


def _rebuilt(workplace: Workplace, day: str, snapshot: Snapshot) -> NewFile:
    zone, here = workplace.zone, date.fromisoformat(day)
    inputs, closed = _inputs(snapshot, day), _is_closed(snapshot, day)
    relation = Relation(inputs, rows_schema(workplace.catalogue.feed(EVENTS)))
    start, end = midnight(here, zone), midnight(here + timedelta(days=1), zone)
    with workplace.engine.session({f"rows_{EVENTS}": relation}) as session:
        latest = session.query(f'select max("at") as latest from rows_{EVENTS}').column("latest")[0].as_py()
        until = midnight(here + timedelta(days=DAYS_AFTER + 2), zone) if closed or latest is None else latest
        select = sessions_sql(SessionSpan(start, end, until))
        mark = _mark(inputs, closed=closed)
        return workplace.files.write(
            session, select, ROWS_SESSIONS, day, order_by="unit, started_at, session_id", plan=mark
        )
