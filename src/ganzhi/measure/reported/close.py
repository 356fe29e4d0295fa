"""Closing a period: what is published of it is copied into tables that nothing changes any more.

Owns when a period may be closed and what belongs to a closing: observations, scores and
contributions as published, the marks of their definitions, the states they came from (`reported.keep`), the
catalogue's version, who and when.
Files and record become true by one commit. Closed again, a period gets another edition and the
earlier one stays. Refuses a period that is not over, or whose rows are not computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.content import to_json
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.known import ranges
from ganzhi.measure.publish.publish import grains_of, publish
from ganzhi.measure.publish.staleness import Ground, Mark, ground_of, holds, published_files
from ganzhi.measure.publish.tables import KEYS, KINDS, SCHEMAS, Kind, table_name
from ganzhi.measure.reported.definitions import score_mark, value_mark
from ganzhi.measure.reported.keep import keep
from ganzhi.measure.score import USES
from ganzhi.store.closings import Closing, NewClosing
from ganzhi.store.manifest import Change, ConflictError, FileRef, NewFile, Snapshot
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

LOCK = "close"
MOST_ATTEMPTS = 5
_MARKED: Final[Mapping[Kind, tuple[str, ...]]] = {"observed": ("code",), "scored": ("code", "use"), "shared": ()}
"""By which columns the rows of a table have a mark of their definition."""


def reported_table(kind: Kind, grain: Grain) -> str:
    """Manifest table of what was reported.

    >>> reported_table("scored", Grain.MONTH)
    'reported_scored/month'
    """
    return f"reported_{table_name(kind, grain)}"


def reported_schema(kind: Kind) -> pa.Schema:
    """Columns as published; `definition`: mark of what the number means; `edition`."""
    more = [pa.field("definition", pa.string())] if _MARKED[kind] else []
    return pa.schema([*SCHEMAS[kind], *more, pa.field("edition", pa.int32())])


def close(workplace: Workplace, period: Period, *, actor: str, note: str = "", wait_s: float = 60.0) -> Closing:
    """Close a period as it is known now, publishing it first where it is stale; the edition that was made.

    Raises: InputError MEA020 (a grain that is not published), MEA021 (not over yet), MEA022 (rows
    are not computed), MEA023 (nothing is known of it); EngineError as `publish`.
    """
    published = grains_of(workplace)
    if period.grain not in published:
        params = {"grain": period.grain.value, "known": ", ".join(published)}
        raise InputError(Issue("MEA020", period.key, params=params))
    if period.end > workplace.clock.now():
        raise InputError(Issue("MEA021", period.key, params={"until": period.last_day.isoformat()}))
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return _close(workplace, period, actor, note)
            except ConflictError:
                continue
        return _close(workplace, period, actor, note)


def _close(workplace: Workplace, period: Period, actor: str, note: str) -> Closing:
    publish(workplace, period.first_day, period.last_day, grains=[period.grain])
    snapshot, catalogue = workplace.store.manifest.snapshot(), workplace.catalogue
    ground = ground_of(workplace, snapshot)
    _check_computed(ground, period)
    files, mark = _published(snapshot, period), ground.mark(period)
    if not holds(files, mark):  # something was committed between publishing and looking
        raise ConflictError(Issue("STO005", period.key, params={"reason": "changed"}))
    if workplace.store.catalogues.get(catalogue.version) is None:
        workplace.store.catalogues.remember(catalogue.version, to_json(catalogue))
    editions = workplace.store.closings.of(period.grain.value, period.first_day)
    closing = NewClosing(
        grain=period.grain.value,
        first_day=period.first_day,
        edition=len(editions) + 1,
        seen=snapshot.commit,
        mark=str(mark),
        catalogue_version=catalogue.version,
        actor=actor,
        note=note,
    )
    added = (*_copied(workplace, files, period, closing), *keep(workplace, snapshot, ground, period, closing.edition))
    failpoint("close.written")
    tables = frozenset(table_name(kind, period.grain) for kind in KINDS)
    change = Change("close", add=added, tables=tables, actor=actor, closing=closing)
    commit = workplace.store.manifest.commit(change, snapshot)
    return next(each for each in workplace.store.closings.of(closing.grain, closing.first_day) if each.commit == commit)


def _check_computed(ground: Ground, period: Period) -> None:
    issues = [
        Issue("MEA022", feed, params={"period": period.key, "days": ranges(stale)})
        for feed, known in ground.known.items()
        if (stale := [day for day in known.stale if period.first_day <= day <= period.last_day])
    ]
    if issues:
        raise InputError(issues)


def _published(snapshot: Snapshot, period: Period) -> tuple[FileRef, ...]:
    files = published_files(snapshot, period.grain).get(period.first_day.isoformat(), ())
    if not files or not any(file.rows for file in files):
        raise InputError(Issue("MEA023", period.key))
    return files


def _copied(workplace: Workplace, files: tuple[FileRef, ...], period: Period, closing: NewClosing) -> Iterator[NewFile]:
    """The published files again, each row with its edition and the mark of its definition."""
    by_table = {file.table: file for file in files}
    sources = {kind: by_table[table_name(kind, period.grain)] for kind in KINDS}
    relations = {f"published_{kind}": Relation((file,), SCHEMAS[kind]) for kind, file in sources.items()}
    with workplace.engine.session(relations) as session:
        _register_marks(session, workplace.catalogue)
        for kind, file in sources.items():
            named = ", ".join(reported_schema(kind).names[:-1])
            join = f" join marks_{kind} using ({', '.join(_MARKED[kind])})" if _MARKED[kind] else ""
            select = f"select {named}, cast({closing.edition} as integer) as edition from published_{kind}{join}"
            copied = list(
                workplace.files.write_parts(
                    session,
                    select,
                    reported_table(kind, period.grain),
                    {file.partition: ()},
                    part="period",
                    order_by=KEYS[kind],
                    plan=file.plan,
                )
            )
            assert sum(each.rows for each in copied) == file.rows
            yield from copied


def _register_marks(session: Session, catalogue: Catalogue) -> None:
    """Tables `marks_observed` and `marks_scored`."""
    codes = session.query("select distinct code from published_observed")["code"].to_pylist()
    definitions = [value_mark(catalogue, code) for code in codes]
    session.register("marks_observed", pa.table({"code": codes, "definition": definitions}, schema=_MARKS))
    scored = session.query("select distinct code, use from published_scored").to_pylist()
    rows = [
        {"code": row["code"], "use": use, "definition": score_mark(catalogue, use, row["code"])}
        for row in scored
        for use in USES
        if use == row["use"]
    ]
    session.register("marks_scored", pa.Table.from_pylist(rows, schema=_SCORE_MARKS))


_MARKS = pa.schema([("code", pa.string()), ("definition", pa.string())])
_SCORE_MARKS = pa.schema([("code", pa.string()), ("use", pa.string()), ("definition", pa.string())])


# --- the declared rule --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Periods of a grain are closed so many days after they ended."""

    grain: Grain
    after_days: int


def due_closings(workplace: Workplace, rules: tuple[Rule, ...], now: datetime) -> tuple[Period, ...]:
    """Periods of which anything is known that the rules say are to be closed by now and never were, oldest first."""
    if not rules:
        return ()
    days, found = ground_of(workplace, workplace.store.manifest.snapshot()).days(), []
    for rule in rules:
        closed = {each.first_day for each in workplace.store.closings.all(rule.grain.value)}
        periods = {p.first_day: p for day in days for p in [period_of_day(rule.grain, day, workplace.zone)]}
        found += [
            period
            for day, period in periods.items()
            if day not in closed and period.end + timedelta(days=rule.after_days) <= now
        ]
    return tuple(sorted(found, key=lambda period: (period.end, period.grain.rank)))


def close_due(workplace: Workplace, rules: tuple[Rule, ...], *, actor: str = "schedule") -> tuple[Closing, ...]:
    """Close every period that is due. One whose rows are not computed yet is left for the next time."""
    made = []
    for period in due_closings(workplace, rules, workplace.clock.now()):
        try:
            made.append(close(workplace, period, actor=actor))
        except InputError as error:
            if {issue.code for issue in error.issues} - {"MEA022", "MEA023"}:
                raise
    return tuple(made)


def rests_on(closing: Closing) -> Mark:
    """The mark of what a closing rests on, in its parts."""
    return Mark(*closing.mark.split("."))
