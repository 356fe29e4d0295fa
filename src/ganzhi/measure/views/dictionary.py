"""The dictionary: what is declared, for people who never see YAML."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.data import Dimension
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.indicator import Definition
from ganzhi.measure.views.parts import ScoreNow, Subject


@dataclass(frozen=True, slots=True)
class DictionaryRow:
    """An indicator in the list."""

    subject: Subject
    topic: Text | None
    feed: str | None
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter of the list with its choices and how many indicators each would leave."""

    field: str
    choices: tuple[tuple[str, int], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class DictionaryPage:
    """The list, filtered by layer, type, dimension and search text; and the dimension dictionary (S004-020)."""

    rows: tuple[DictionaryRow, ...]
    total: int
    facets: tuple[Facet, ...]
    search: str
    dimensions: tuple[tuple[str, Dimension], ...]
    catalogue_version: str


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """One indicator's definition with its place in the tree, targets per use and generated SQL."""

    subject: Subject
    definition: Definition
    management: Subject | None
    operations: Subject | None
    parents: tuple[ScoreNow, ...]
    children: tuple[tuple[str, Text, float], ...]
    dimensions: tuple[tuple[str, Text], ...]
    topics: tuple[tuple[str, Text], ...]
    sql: str | None
    catalogue_version: str
