"""The hops of a trace split by a dimension, by the hour of the day, or by the units below the one that is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pyarrow as pa

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.trace.ask import hops_sql
from ganzhi.measure.calendar import days_from_to, slots_table
from ganzhi.trace.look import Asked, Look, hop_rows
from ganzhi.trace.views import HopSlices, Side
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.workplace import Workplace

HOUR, UNIT, WAY = "hour_of_day", "unit", "link_way"


def sides_of(catalogue: Catalogue, look: Look) -> tuple[Side, ...]:
    """What hops can be split by, with its name."""
    names = [*look.plan.hops.dimensions, HOUR, UNIT]
    found = []
    for name in dict.fromkeys(name for name in names if name != "hop"):
        column = look.plan.hops.columns.get(look.plan.hops.unit if name == UNIT else name)
        dimension = catalogue.dimensions.get(name)
        if dimension is not None or column is not None:
            found.append(Side(name, dimension.name if dimension is not None else column.name))  # type: ignore[union-attr]
    return tuple(found)


def sliced(workplace: Workplace, viewer: Viewer, asked: Asked, by: str | None) -> HopSlices:
    """The hops of some days split by one of `sides_of`; none where `by` is not given.

    Raises: InputError TRC001, TRC005; TRC007 for what hops cannot be split by.
    """
    viewer.require("macro")
    look = Look(workplace, viewer, asked)
    sides = sides_of(workplace.catalogue, look)
    if by is None:
        return HopSlices(sides, None, (), {})
    if by not in {side.code for side in sides}:
        raise InputError(Issue("TRC007", by[:60], params={"known": ", ".join(side.code for side in sides)}))
    with look.session() as session:
        rows = session.query(_sql(look, session, by)).to_pylist()
    found = hop_rows(look, rows)
    return HopSlices(sides, by, found, _names(look, by, (row.slice for row in found)))


def _sql(look: Look, session: Session, by: str) -> str:
    plan = look.plan
    if by == HOUR:
        days = days_from_to(look.first - timedelta(days=1), look.last + timedelta(days=1))
        slots = slots_table(days, look.workplace.zone)
        hours = [f"{hour:02d}" for hour in slots.column("hour_of_day").to_pylist()]
        session.register("sides", pa.table({"side_key": slots.column("slot"), "side": pa.array(hours, pa.string())}))
        return hops_sql(plan, "side", f"epoch_us({plan.hops.time}) // 900000000 * 900")
    if by == UNIT:
        held = {unit: _branch(look, unit) for unit in look.ground.units}
        columns = {"side_key": pa.array(list(held), pa.string()), "side": pa.array(list(held.values()), pa.string())}
        session.register("sides", pa.table(columns))
        return hops_sql(plan, "side", plan.hops.unit)
    return hops_sql(plan, "how" if by == WAY else by)


def _branch(look: Look, unit: str) -> str:
    """The unit directly below the top one that a unit lies in; the top one for itself."""
    units, top, code = look.workplace.catalogue.units, look.ground.top, unit
    while code != top and (above := units[code].parent) is not None and above != top:
        code = above
    return code


def _names(look: Look, by: str, values: Iterable[str | None]) -> Mapping[str, Text]:
    catalogue = look.workplace.catalogue
    held = {value for value in values if value}
    if by == UNIT:
        return {code: catalogue.units[code].name for code in held if code in catalogue.units}
    if by == HOUR:
        return {hour: Text(zh=f"{hour}:00", en=f"{hour}:00") for hour in held}
    dimension = catalogue.dimensions.get(by)
    named = dict(dimension.values) if dimension is not None else {}
    column = look.plan.hops.columns.get(by)
    if column is not None and column.allowed is not None:
        for entry in catalogue.code_lists[column.allowed].entries:
            if entry.name is not None:
                named.setdefault(entry.to, entry.name)
    return {value: named[value] for value in held if value in named}
