"""What arrived: sources with their state and days."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ganzhi.api.asking import Paged
from ganzhi.api.cursor import stamp_of
from ganzhi.api.serving import Asking, Guarded
from ganzhi.api.shapes.numbers import DayShape, SourceShape
from ganzhi.api.shapes.parts import Both, NumbersOf, both
from ganzhi.measure.build.arrival import source_arrivals
from ganzhi.measure.known import all_arrived_days
from ganzhi.measure.views.arrival import SourceArrival

router = APIRouter(route_class=Guarded, tags=["arrival"])


@router.get("/arrival", name="arrival")
def arrival(asked: Asking, query: Annotated[Paged, Query()]) -> NumbersOf[SourceShape]:
    """Every source, whether it is late or short, and its days; counts only for those who see the whole organisation."""
    asked.viewer.require("macro")
    workplace = asked.house.workplace
    commit = workplace.store.manifest.head()
    whole = not asked.viewer.units
    found = source_arrivals(workplace, all_arrived_days(workplace))
    stamp = stamp_of(repr([(each.code, each.state, each.rows, each.last_day) for each in found]))
    shown, cursor = asked.house.cursors.page(asked.question, query.cursor, stamp, query.limit, found)
    return NumbersOf(
        items=[_shape(each, counts=whole) for each in shown],
        total=len(found),
        next=cursor,
        catalogue_version=workplace.catalogue.version,
        commit=commit,
        refreshed_at=workplace.store.manifest.last("refresh"),
    )


def _shape(source: SourceArrival, *, counts: bool) -> SourceShape:
    days = [DayShape(day=each.day, rows=each.rows, usual=each.usual, short=each.short) for each in source.days]
    return SourceShape(
        code=source.code,
        name=Both.of(source.name),
        owner=both(source.owner),
        state=source.state,
        expected=source.expected,
        late_after_hours=source.late_after_hours,
        last_day=source.last_day,
        last_load=source.last_load,
        missing_days=list(source.missing),
        rows=source.rows if counts else None,
        days=days if counts else None,
    )
