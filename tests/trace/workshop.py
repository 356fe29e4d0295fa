"""A workspace that holds a played province: rows laid into the warehouse as a load leaves them, without files to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.base.ids import digest, new_id
from ganzhi.compile.states import rows_schema
from ganzhi.province import service
from ganzhi.province.chains.arrears import collect
from ganzhi.province.chains.recharge import recharge
from ganzhi.province.chains.usage import books_of, charge
from ganzhi.province.incidents import placed
from ganzhi.province.simulate import _write_units
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import Change, NewFile
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import init_workspace, opened
from tests.province.stage import Kept, build_world, play

ZONE = "Asia/Shanghai"


def whole_province(
    *,
    scale: float = 0.004,
    days: int = 5,
    first: date = date(2012, 2, 27),
    seed: int = 5,
    incidents: Sequence[str] = (),
) -> tuple[Kept, object]:
    """Money, lines, service and systems of a small province; and its organisation."""
    world = build_world(scale=scale, days=days, first=first, seed=seed)
    last = first + timedelta(days=days - 1)
    _, levers = placed([(name, None) for name in incidents], world.organisation, last)
    world = replace(world, levers=levers)
    books_of(world)
    kept = play(world, (charge, collect, recharge, *service.BLOCK_PHASES), service.PROVINCE_PHASES)
    return kept, world.organisation


@contextmanager
def workshop(folder: Path, organisation: object) -> Iterator[Workplace]:
    """An open workspace with the organisation of a province."""
    root = folder / "workspace"
    init_workspace(root, name="workshop")
    _write_units(root / "catalogue", organisation)  # type: ignore[arg-type]
    with opened(root) as workspace:
        yield workspace.workplace


def lay(place: Workplace, feed: str, rows: pa.Table, only: Sequence[str] = ()) -> None:
    """Rows of a feed into the warehouse, one file a day, true by one commit. only: some days."""
    declared = place.catalogue.feed(feed)
    schema = rows_schema(declared)
    columns = []
    for field in schema:
        if field.name == "_load":
            columns.append(pa.array(["laid"] * len(rows), pa.string()))
        elif field.name == "_line":
            columns.append(pa.array(range(1, len(rows) + 1), pa.int64()))
        elif field.name not in rows.column_names:
            columns.append(pa.nulls(len(rows), field.type))
        else:
            columns.append(_as(rows.column(field.name), field.type))
    table = pa.table(columns, schema=schema)
    local = pc.strftime(pc.cast(rows.column(declared.time), pa.timestamp("s")), "%Y-%m-%d")
    add: list[NewFile] = []
    with place.engine.session({}) as session:
        session.register("laid", table.append_column("_day", local))
        names = ", ".join(f'"{field.name}"' for field in schema)
        for day in sorted(set(local.to_pylist())):
            if not only or day in only:
                query = f"select {names} from laid where _day = '{day}'"
                order = f'"{declared.unit}", "{declared.time}"'
                add.append(place.files.write(session, query, f"rows/{feed}", day, order_by=order))
    place.store.manifest.commit(Change("load", add=tuple(add), **_ledger(place, feed, add)))


def _ledger(place: Workplace, feed: str, files: Sequence[NewFile]) -> dict[str, Any]:
    """What the ledger says of it."""
    load, rows, now = new_id(), sum(file.rows for file in files), place.clock.now()
    days = [date.fromisoformat(file.partition) for file in files]
    record = LoadRecord(
        id=load, feed=feed, mapping="laid", file=feed, content_sha256=digest(load), state="accepted", read=rows,
        accepted=rows, duplicate=0, replaced=0, rejected=0, filtered=0, blanked=0, noted=0, first_day=min(days),
        last_day=max(days), started_at=now, finished_at=now, catalogue_version=place.catalogue.version,
    )  # fmt: skip
    arrivals = tuple(Arrival(feed, "laid", day, "", load, f.rows) for day, f in zip(days, files, strict=True))
    return {"load": record, "arrivals": arrivals}


def _as(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_timestamp(kind):
        return pc.assume_timezone(column.cast(pa.timestamp("us")), ZONE).cast(kind)
    if pa.types.is_date(kind) and pa.types.is_integer(column.type):
        return column.cast(pa.int32()).cast(kind)
    return column.cast(kind)
