"""Feeds that live in the operator's engine: what stands there, which days have changed, and the rows to scan.

Owns the marks: for every day of such a feed one file of a single row stands where row files of other
feeds stand. It holds the day's fingerprint (number of rows, largest value of `changed_by`, the mapping),
so that a changed day has another file, and everything that is derived from row files (staleness, states'
inputs, retention) works as for any feed. Nothing of the table is copied.

Assumes that `changed_by` grows with every change. A row that changes while a refresh runs is found by
the next one, because marks are taken before rows are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.ids import digest
from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.data import ColumnType
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.dialects import identifier, literal
from ganzhi.compile.live import LiveFeed, marks_sql, rows_view
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.compile.translate.sql_types import SqlType
from ganzhi.measure.calendar import slot_days
from ganzhi.store.manifest import Change, NewFile
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.foreign import ForeignSession
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class LiveDay:
    """What stands in the table for one local day. rows: that keep the feed's contract. left_out: how many do
    not, by reason. mark: the fingerprint, and the number of rows behind its point."""

    rows: int
    left_out: Mapping[str, int]
    mark: str


@dataclass(frozen=True, slots=True)
class LiveReport:
    """A live feed at one moment. days: by ISO date. no_time: rows whose moment is unknown or outside the feed's
    window, by reason; they belong to no day."""

    feed: str
    days: Mapping[str, LiveDay]
    no_time: Mapping[str, int]
    changed: tuple[str, ...] = ()

    @property
    def left_out(self) -> Mapping[str, int]:
        """Rows that are not counted, by reason, over all days and those of no day."""
        found = dict(self.no_time)
        for day in self.days.values():
            for why, rows in day.left_out.items():
                found[why] = found.get(why, 0) + rows
        return found


def live_feeds(catalogue: Catalogue) -> dict[str, str]:
    """Feeds that live in an engine, and the mapping that says where."""
    return {each.feed: code for code, each in catalogue.mappings.items() if each.table is not None}


def mark_live_feeds(workplace: Workplace) -> tuple[LiveReport, ...]:
    """Note what stands in the operator's tables, so that days that changed there are computed again.

    Raises: InputError MEA030 when the settings name no engine, CMP020 or CMP021 for a mapping that does
    not fit its table; EngineError when the engine fails.
    """
    reports = []
    for feed in live_feeds(workplace.catalogue):
        with _far(workplace, feed) as session:
            reports.append(_commit(workplace, live_days(workplace, session, feed)))
    return tuple(reports)


def live_days(workplace: Workplace, session: ForeignSession, feed: str) -> LiveReport:
    """What stands in a feed's table, day by day."""
    live = _shown(workplace, session, feed)
    found = session.query(marks_sql(live, _source(feed))).to_pylist()
    days: dict[str, dict[str | None, int]] = {}
    newest: dict[str, list[str]] = {}
    lost: dict[str, int] = {}
    where = slot_days((row["slot"] for row in found if row["slot"] is not None), workplace.zone)
    for row in found:
        if row["slot"] is None or row["why"] == "window":
            lost[str(row["why"])] = lost.get(str(row["why"]), 0) + row["n"]
            continue
        day = where[row["slot"]].isoformat()
        reasons = days.setdefault(day, {})
        reasons[row["why"]] = reasons.get(row["why"], 0) + row["n"]
        newest.setdefault(day, []).append(f"{row['slot']} {row['why']} {row['n']} {row['changed']}")
    said = marks_sql(live, _source(feed))
    return LiveReport(
        feed,
        {
            day: LiveDay(
                reasons.get(None, 0),
                {why: n for why, n in sorted(reasons.items(), key=str) if why is not None},
                f"{digest(said, *sorted(newest[day]))[:32]}.{reasons.get(None, 0)}",
            )
            for day, reasons in sorted(days.items())
        },
        lost,
    )


def marked_days(workplace: Workplace, feed: str) -> dict[date, int]:
    """Days of a live feed of which there are rows, and how many there were when they were marked."""
    files = workplace.store.manifest.snapshot().table(f"rows/{feed}")
    return {date.fromisoformat(f.partition): int((f.key_min or "").rpartition(".")[2] or 0) for f in files}


def live_relation(workplace: Workplace, session: Session, feed: str, days: Sequence[date]) -> None:
    """Show a feed's table as `rows_<feed>` in a session that has `slots` of these days."""
    if not isinstance(session, ForeignSession):
        raise InputError(Issue("MEA030", feed))
    live = _shown(workplace, session, feed)
    span = midnight(min(days), workplace.zone), midnight(max(days) + timedelta(days=1), workplace.zone)
    view = relation_of(f"rows/{feed}")
    session.execute(f"create temp view {view} as\n{rows_view(live, _source(feed), span)}")


def _far(workplace: Workplace, feed: str) -> ForeignSession:
    if workplace.far is None:
        raise InputError(Issue("MEA030", feed))
    session = workplace.far.session({})
    if not isinstance(session, ForeignSession):
        raise InternalError("an engine of its own gives another kind of session")
    return session


def _source(feed: str) -> str:
    return identifier(f"live_{feed}")


def _shown(workplace: Workplace, session: ForeignSession, feed: str) -> LiveFeed:
    """Let the session read a feed's table, and what is known about it."""
    catalogue = workplace.catalogue
    code = live_feeds(catalogue)[feed]
    mapping = catalogue.mappings[code]
    assert mapping.table is not None
    columns = session.show_own(f"live_{feed}", mapping.table.name)
    types = {name: _type(kind) for name, kind in columns.items()}
    scales = {name: kind.scale for name, kind in columns.items() if kind.name == "decimal"}
    return LiveFeed(feed, catalogue.feed(feed), code, mapping, types, scales, catalogue.code_lists)


def _type(kind: SqlType) -> ColumnType:
    match kind.name:
        case "double" | "null":
            raise InternalError(f"a column of type {kind.name}")
        case name:
            return name


def _commit(workplace: Workplace, report: LiveReport) -> LiveReport:
    """Put the marks of days that changed in place of the earlier ones."""
    table = f"rows/{report.feed}"
    snapshot = workplace.store.manifest.snapshot()
    held = {file.partition: file for file in snapshot.table(table)}
    wanted = {day: found for day, found in report.days.items() if found.rows}
    changed = [day for day, found in wanted.items() if day not in held or held[day].key_min != found.mark]
    gone = [day for day in held if day not in wanted]
    if changed or gone:
        added = tuple(_marked(workplace, table, {day: wanted[day] for day in changed}))
        retire = tuple(held[day].id for day in (*changed, *gone) if day in held)
        change = Change("live", add=added, retire=retire, tables=frozenset({table}))
        workplace.store.manifest.commit(change, snapshot)
    return LiveReport(report.feed, report.days, report.no_time, tuple(sorted([*changed, *gone])))


def _marked(workplace: Workplace, table: str, days: Mapping[str, LiveDay]) -> Iterable[NewFile]:
    """One file per day: a row without values that carries the mark where other rows carry their load."""
    schema = rows_schema(workplace.catalogue.feed(table.partition("/")[2]))
    names = [name for name in schema.names if name not in ("_load", "_line")]
    with workplace.engine.session({}) as session:
        session.register("nothing", schema.empty_table())
        for day, found in days.items():
            nulls = ", ".join(f"n.{identifier(name)}" for name in names)
            select = (
                f"select {nulls}, m._load, m._line from (select {literal(found.mark)} as _load,"
                f" cast({found.rows} as bigint) as _line) m left join nothing n on n._load = m._load"
            )
            yield workplace.files.write(session, select, table, day, order_by=None, key="_load")
