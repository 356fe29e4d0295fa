"""Reading what is published: numbers of many units and indicators without computing any.

Rows come as they are kept; what an absent row says is decided here, once. A period that was never
published, or whose files are stale, is known by `state_of`; the numbers of a stale one are shown as
they were published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from ganzhi.base.errors import InternalError
from ganzhi.base.periods import Period
from ganzhi.measure.observation import plain
from ganzhi.measure.open import States
from ganzhi.measure.publish.staleness import Ground, holds, published_files
from ganzhi.measure.publish.tables import SCHEMAS, Kind, table_name
from ganzhi.store.manifest import FileRef, Snapshot
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

State = Literal["none", "stale", "current"]


@dataclass(frozen=True, slots=True)
class PublishedValue:
    """An indicator of a unit as published; fields as of `Observation`."""

    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    value: float | None
    completeness: float
    estimated: bool = False

    @property
    def number(self) -> float | int | None:
        """The value as observations show it: whole where it is a count."""
        counted = self.value is not None and self.denominator is None and self.numerator == self.value
        return plain(self.numerator) if counted else self.value


@dataclass(frozen=True, slots=True)
class PublishedScore:
    """A score as published; fields as of the table `scored`."""

    code: str
    unit: str
    use: str
    points: float | None
    unclipped: float | None
    level: str | None
    reason: str
    coverage: float | None
    n: int | None
    small: bool


@dataclass(frozen=True, slots=True)
class PublishedShare:
    """What a child gave; fields as of the table `shared`."""

    parent: str
    child: str
    unit: str
    use: str
    weight: float
    share: float | None
    points: float
    at_risk: float | None


NOTHING = PublishedValue(None, None, 0, None, 0.0)
"""What is known of an indicator of which nothing has arrived."""


@dataclass(frozen=True)
class PublishedValues:
    """Values of a period. root: the unit that has a row of everything known."""

    root: str
    rows: Mapping[tuple[str, str], PublishedValue]

    def of(self, code: str, unit: str) -> PublishedValue:
        """The value of an indicator for a unit of the organisation; without a row, what its absence says."""
        found = self.rows.get((code, unit))
        if found is not None:
            return found
        root = self.rows.get((code, self.root))
        if root is None:
            return NOTHING
        counts = root.value is not None and root.numerator is not None and root.denominator is None
        zero = Decimal(0) if counts else None
        return PublishedValue(zero, None, 0, 0.0 if counts else None, root.completeness)


def state_of(ground: Ground, snapshot: Snapshot, period: Period) -> State:
    """Whether a period is published, and rests on what counts now."""
    files = published_files(snapshot, period.grain).get(period.first_day.isoformat(), ())
    return "none" if not files else "current" if holds(files, ground.mark(period)) else "stale"


def read_values(
    workplace: Workplace, reading: States, period: Period, codes: Collection[str] = (), units: Collection[str] = ()
) -> PublishedValues:
    """Values of some indicators and units, or of all."""
    root = workplace.catalogue.root_unit
    rows = _rows(workplace, reading, "observed", period, code=codes, unit={*units, root} if units else ())
    return PublishedValues(root, values_of(rows))


def values_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], PublishedValue]:
    """Rows of `observed` by code and unit."""
    fields = PublishedValue.__slots__
    return {(row["code"], row["unit"]): PublishedValue(**{name: row[name] for name in fields}) for row in rows}


def read_scores(
    workplace: Workplace,
    reading: States,
    period: Period,
    use: str,
    codes: Collection[str] = (),
    units: Collection[str] = (),
) -> list[PublishedScore]:
    """Scores of some indicators and units, or of all, by code and unit."""
    rows = _rows(workplace, reading, "scored", period, use=(use,), code=codes, unit=units)
    return [PublishedScore(**{name: row[name] for name in PublishedScore.__slots__}) for row in rows]


def read_shares(
    workplace: Workplace,
    reading: States,
    period: Period,
    use: str,
    parents: Collection[str] = (),
    units: Collection[str] = (),
) -> list[PublishedShare]:
    """What children give to some parents and units, or to all, by parent, child and unit."""
    rows = _rows(workplace, reading, "shared", period, use=(use,), parent=parents, unit=units)
    return [PublishedShare(**{name: row[name] for name in PublishedShare.__slots__}) for row in rows]


def _rows(
    workplace: Workplace, reading: States, kind: Kind, period: Period, **where: Collection[str]
) -> list[dict[str, Any]]:
    files = reading.snapshot.table(table_name(kind, period.grain), [period.first_day.isoformat()])
    return query_files(workplace, files, SCHEMAS[kind], **where)


def query_files(
    workplace: Workplace, files: Collection[FileRef], schema: pa.Schema, **where: Collection[str]
) -> list[dict[str, Any]]:
    """Rows of some files in which the named columns hold one of the given texts; an empty choice is no condition.

    Rows come in the order of the text columns.
    """
    if not files:
        return []
    unknown = set(where) - set(schema.names)
    if unknown:
        raise InternalError(f"no such columns: {sorted(unknown)}")
    given = {column: sorted(texts) for column, texts in where.items() if texts}
    conditions = [f"{column} in (select t from chosen_{column})" for column in given]
    order = [field.name for field in schema if pa.types.is_string(field.type) and field.name not in ("level", "reason")]
    with workplace.engine.session({"published": Relation(tuple(files), schema)}) as session:
        for column, texts in given.items():
            session.register(f"chosen_{column}", pa.table({"t": pa.array(texts, pa.string())}))
        clause = f" where {' and '.join(conditions)}" if conditions else ""
        found: list[dict[str, Any]] = session.query(
            f"select * from published{clause} order by {', '.join(order)}"
        ).to_pylist()
    return found
