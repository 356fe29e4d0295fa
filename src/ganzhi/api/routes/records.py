"""The records behind a number: right `list`, personal values masked, every page in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from ganzhi.access.shown.hidden import Hidden, open_columns
from ganzhi.api.asking import RecordsAsked, conditions
from ganzhi.api.cursor import Cut, stamp_of
from ganzhi.api.serving import UNKEPT, Asked, Asking, Guarded
from ganzhi.api.shapes.numbers import Cell, ObservationShape, RecordColumnShape, RecordShape, RecordsShape
from ganzhi.api.shapes.parts import Both
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.model.data import Feed
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.build.records import records_slice
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.calendar import covered_by
from ganzhi.measure.records import Record, RecordsPage
from ganzhi.measure.states.staleness import feed_state
from ganzhi.measure.views.query import PageQuery, RecordsQuery

router = APIRouter(route_class=Guarded, tags=[UNKEPT])


@router.get("/records", name="records")
def records(asked: Asking, query: Annotated[RecordsAsked, Query()]) -> RecordsShape:
    """One page of the records behind an indicator's number, in a total order."""
    asked.viewer.require("list")
    house = asked.house
    unit = query.unit or house.ground(asked.viewer).top
    house.ground(asked.viewer).unit(unit)
    page = PageQuery(unit, query.period, None, query.basis)
    wanted = RecordsQuery(part=query.part, where=conditions(query.where), sort=query.sort)

    def build(reader: Reader) -> tuple[RecordsPage, Cut, int]:
        # The cursor is read before any record is: a forged one costs nothing.
        stamp = _stamp(reader, query)
        start = house.cursors.read(asked.question, query.cursor, stamp)
        found = records_slice(reader, query.code, page, wanted, limit=query.limit, offset=start)
        cut = house.cursors.cut(asked.question, query.cursor, stamp, query.limit, found.total)
        return found, cut, reader.states.snapshot.commit

    found, cut, commit = house.answers.fresh(asked.viewer, build)
    _note(asked, found)
    return _shape(asked, found, cut, commit)


def _stamp(reader: Reader, query: RecordsAsked) -> bytes:
    """What stands for the records of the days asked for: the row files that their states were computed from."""
    workplace = reader.workplace
    feed = workplace.catalogue.indicator(query.code).feed
    if feed is None:
        return stamp_of("")
    period = parse_period(query.period, workplace.zone)
    covered = covered_by(period, query.basis)
    state = feed_state(plan_feed(workplace.catalogue, feed), reader.states.snapshot)
    inputs = {n for day in covered.days for file in state.states.get(day.isoformat(), ()) for n in file.inputs}
    return stamp_of(repr(sorted(inputs)))


def _note(asked: Asked, found: RecordsPage) -> None:
    """Who took which records is in the audit trail."""
    detail = {"query": asked.query[:1000], "form": "api", "rows": len(found.records), "token": asked.caller.token or ""}
    asked.house.workplace.store.audit.append(asked.viewer.login, "export", found.feed, detail)


def _shape(asked: Asked, found: RecordsPage, cut: Cut, commit: int) -> RecordsShape:
    workplace, hidden = asked.house.workplace, asked.house.hidden(asked.viewer)
    feed = workplace.catalogue.feed(found.feed)
    observation = found.observation.as_json()
    observation["slice"] = {name: hidden.value(text) for name, text in found.observation.slice.items()}
    return RecordsShape(
        items=_items(found.records, feed, hidden, workplace.zone),
        total=found.total,
        next=cut.next,
        catalogue_version=workplace.catalogue.version,
        feed=found.feed,
        columns=[
            RecordColumnShape(
                name=each.name,
                title=Both.of(each.title),
                type=each.type,
                protection=each.protection,
                masked=each.masked,
            )
            for each in found.columns
        ],
        observation=ObservationShape.model_validate(observation),
        commit=commit,
    )


def _items(found: Sequence[Record], feed: Feed, hidden: Hidden, zone: ZoneInfo) -> list[RecordShape]:
    told = open_columns(feed)
    checked = [name in told for name in feed.columns]

    def cells(record: Record) -> list[Cell]:
        return [
            hidden.value(value) if check and isinstance(value, str) else _cell(value, zone)
            for value, check in zip(record.values, checked, strict=True)
        ]

    return [RecordShape(values=cells(r), load=r.load, file=hidden.file(r.file), line=r.line) for r in found]


def _cell(value: object, zone: ZoneInfo) -> Cell:
    """A value as JSON carries it without loss: decimals as text, instants in the workspace's zone with offset."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.astimezone(zone).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)
