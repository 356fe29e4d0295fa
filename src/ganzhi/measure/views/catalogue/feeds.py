"""Feeds: the catalogue of them, and the contract of one with what it feeds (S002-001)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Filter, Named


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed in the list. indicators: how many are computed from it. arrived: whether rows were ever kept."""

    code: str
    name: Text
    record: Text
    kind: str
    made_by: str | None
    sources: tuple[Named, ...]
    columns: int
    mappings: int
    indicators: int
    arrived: bool


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """All feeds that pass the filters. without: how many of them feed no indicator."""

    rows: tuple[FeedRow, ...]
    arrived: int
    without: int
    filters: tuple[Filter, ...]
    search: str
    catalogue_version: str


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column. roles: `key`, `time`, `unit`, `version`, `dimension`. derived: expression of a computed column.

    codes: allowed codes with their names. measured_in: its unit. low, high: bounds as text, None without.
    """

    name: str
    title: Text
    type: str
    required: bool
    measured_in: str | None
    low: str | None
    high: str | None
    allowed: Named | None
    codes: tuple[tuple[str, Text | None], ...]
    protection: str
    on_violation: str | None
    derived: str | None
    roles: tuple[str, ...]
    indicators: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule over one row of a feed."""

    name: str
    title: Text
    check: str
    on_violation: str
    blanks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappedRow:
    """How a mapping fills a column; see `lineage.SourceColumn`."""

    column: str
    how: str
    text: str
    format: str | None
    codes: Named | None


@dataclass(frozen=True, slots=True)
class MappingBlock:
    """A mapping: its files and where each column comes from."""

    code: str
    name: Text
    files: str | None
    kind: str
    encoding: str
    delimiter: str | None
    where: str | None
    expected: str | None
    shards: tuple[str, ...]
    columns: tuple[MappedRow, ...]


@dataclass(frozen=True, slots=True)
class FedRow:
    """An indicator the feed gives, and the columns it reads beside key, time and unit."""

    indicator: Named
    layer: str
    type: str
    state: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a feed keeps and takes: finest grain, days kept, earliest day, hours ahead, rejected share that refuses."""

    finest: str
    retention_days: int
    earliest: date
    future_hours: int
    rejected_limit: float


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The contract of a feed. codes: name of the code system and code. steps: process, step code and step name
    whose record it is. interfaces: flows that arrive in it."""

    row: FeedRow
    systems: tuple[tuple[Named, Text], ...]
    codes: tuple[tuple[Text, str], ...]
    bounds: Bounds
    columns: tuple[ColumnRow, ...]
    rules: tuple[RuleRow, ...]
    dimensions: tuple[Named, ...]
    cuboids: tuple[tuple[str, ...], ...]
    mappings: tuple[MappingBlock, ...]
    indicators: tuple[FedRow, ...]
    steps: tuple[tuple[Named, Text], ...]
    interfaces: tuple[Named, ...]
    catalogue_version: str
