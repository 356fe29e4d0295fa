"""The dictionary: what is declared, for people who never see YAML."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.data import Dimension
from ganzhi.catalogue.model.framework import LifecycleState
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.catalogue.entry import EntryAbout
from ganzhi.measure.views.indicator import Definition
from ganzhi.measure.views.journeys.parts import Filter, Named
from ganzhi.measure.views.parts import Subject


@dataclass(frozen=True, slots=True)
class DictionaryRow:
    """An indicator in the list. commercial_process, processes: where it stands. codes: external codes by code system."""

    subject: Subject
    topic: Text | None
    feed: str | None
    parents: tuple[str, ...]
    state: LifecycleState = "live"
    commercial_process: Named | None = None
    processes: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter of the list with its choices and how many indicators each would leave."""

    field: str
    choices: tuple[tuple[str, int], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class DictionaryPage:
    """The list under its filters, and the dimension dictionary (S004-020).

    rows: one page, or all that were asked for. facets: filters of few values; filters: the others.
    """

    rows: tuple[DictionaryRow, ...]
    total: int
    page: int
    pages: int
    facets: tuple[Facet, ...]
    filters: tuple[Filter, ...]
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
    about: EntryAbout
    dimensions: tuple[tuple[str, Text], ...]
    sql: str | None
    catalogue_version: str
