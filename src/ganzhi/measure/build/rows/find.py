"""Finds one record by load and line, for a viewer: among the rows that count, or those numbers were computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from ganzhi.base.errors import InputError, Issue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.records import Part, one_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.states.staleness import feed_state
from ganzhi.measure.units import members_by_time
from ganzhi.store.ledger import LoadRecord
from ganzhi.store.manifest import FileRef
from ganzhi.warehouse.engine import Relation


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it is stored, nothing masked. counted: per indicator the parts it counts in."""

    load: LoadRecord
    line: int
    values: Mapping[str, object]
    counted: Mapping[str, tuple[Part, ...]]
    counts: bool


def missing(feed: str, load: str, line: str) -> InputError:
    """That there is no such record, or none within reach: told alike."""
    return InputError(Issue("REC001", line[:20], params={"feed": feed[:64], "load": load[:64]}))


def find(reader: Reader, feed: str, load: str, line: str) -> Found:
    """The record; InputError REC001 when nobody has it or it lies beyond the viewer's reach.

    Raises: AccessError ACC001 without list depth; InputError for an unknown feed.
    """
    reader.viewer.require("list")
    workplace = reader.workplace
    workplace.catalogue.feed(feed)
    known = workplace.store.ledger.load(load[:64])
    number = int(line) if line.isascii() and line.isdigit() and len(line) <= 15 else None
    if known is None or known.feed != feed or number is None or known.first_day is None or known.last_day is None:
        raise missing(feed, load, line)
    days = _days(known.first_day, known.last_day)
    plan = plan_feed(workplace.catalogue, feed)
    now = reader.states.snapshot.table(f"rows/{feed}", days)
    here = _in(reader, plan, now, known, number)
    if here is not None:
        return here
    there = _in(reader, plan, _earlier(reader, plan, days, now), known, number, counts=False)
    if there is None:
        raise missing(feed, load, line)
    return there


def _days(first: date, last: date) -> tuple[str, ...]:
    return tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))


def _earlier(reader: Reader, plan: FeedPlan, days: tuple[str, ...], now: tuple[FileRef, ...]) -> tuple[FileRef, ...]:
    """Files that numbers of these days were computed from and that do not count any more."""
    states = feed_state(plan, reader.states.snapshot).states
    ids = {n for day in days for file in states.get(day, ()) if file.plan == plan.fingerprint for n in file.inputs}
    return reader.workplace.store.manifest.files(ids - {ref.id for ref in now})


def _in(
    reader: Reader, plan: FeedPlan, refs: tuple[FileRef, ...], load: LoadRecord, line: int, *, counts: bool = True
) -> Found | None:
    if not refs:
        return None
    workplace = reader.workplace
    feed = workplace.catalogue.feed(plan.feed)
    asked = tuple((code, part) for code in plan.formulas for part in _parts(plan, code))
    relation = Relation(refs, rows_schema(feed))
    tops = reader.viewer.units or (workplace.catalogue.root_unit,)
    members = [
        members_by_time(workplace.catalogue, unit, workplace.zone) for unit in tops if reader.ground.within(unit)
    ]
    with workplace.engine.session({relation_of(f"rows/{plan.feed}"): relation}) as session:
        session.register("members", pa.concat_tables(members))
        rows = session.query(one_sql(plan, tuple(feed.columns), load.id, line, asked)).to_pylist()
    if not rows:
        return None
    row = rows[0]
    counted: dict[str, tuple[Part, ...]] = {}
    for place, (code, part) in enumerate(asked):
        if row[f"_c{place}"]:
            counted[code] = (*counted.get(code, ()), part)
    return Found(load, line, {name: row[name] for name in feed.columns}, counted, counts)


def _parts(plan: FeedPlan, code: str) -> tuple[Part, ...]:
    formula = plan.formula(code)
    if formula.numerator is None or formula.denominator is None:
        return ("all",)
    return ("numerator", "denominator")
