"""From an indicator to the columns of the source systems it is read from (S002-001)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """Where a column of a feed comes from in one mapping. how: `source`, `expr`, `const` or `clock`.

    text: the source column, expression or constant. columns: columns of the file it reads. codes: the
    code list that translates it.
    """

    mapping: Named
    how: str
    text: str
    columns: tuple[str, ...]
    codes: Named | None


@dataclass(frozen=True, slots=True)
class LineageColumn:
    """A column the indicator reads. derived: its expression and the stored columns that reads; None when stored.

    role: `value`, `filter`, `time`, `unit`, `key`. sources: one per mapping that fills it.
    """

    name: str
    title: Text
    type: str
    protection: str
    allowed: Named | None
    derived: str | None
    reads: tuple[str, ...]
    roles: tuple[str, ...]
    sources: tuple[SourceColumn, ...]


@dataclass(frozen=True, slots=True)
class LineagePart:
    """One measure the value is made of. part: `numerator`, `denominator` or `value`.

    kind: `count`, `sum`, `distinct`, … or `indicator` (then `indicator` names it). times: its factor.
    """

    part: str
    kind: str
    value: str | None
    filter: str | None
    indicator: Named | None
    times: float
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineageMapping:
    """A mapping with the files it knows."""

    mapping: Named
    files: str | None
    kind: str
    encoding: str


@dataclass(frozen=True, slots=True)
class LineageSource:
    """A source of the feed with its system."""

    source: Named
    system: Text


@dataclass(frozen=True, slots=True)
class Lineage:
    """Indicator, parts, columns, mappings, sources. made_by: the program's own part that writes the feed."""

    parts: tuple[LineagePart, ...]
    feed: Named
    made_by: str | None
    columns: tuple[LineageColumn, ...]
    mappings: tuple[LineageMapping, ...]
    sources: tuple[LineageSource, ...]
