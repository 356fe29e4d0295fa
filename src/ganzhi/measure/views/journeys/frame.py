"""The process frame: processes by stage and class, by the customer's chain, or by the customer's life cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.derive.coverage import StateCounts
from ganzhi.catalogue.model.framework import LifecycleState
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Coverage, Filter, Named


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process in the list. codes: system of codes and external code (S000-021). indicators: by state."""

    code: str
    name: Text
    stage: Named
    process_class: Named
    commercial_process: Named
    capability: Named | None
    owner: Text
    state: LifecycleState
    key: bool
    touchpoints: int
    coverage: Coverage
    indicators: StateCounts
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a group of processes adds up to; an indicator that measures several of them counts once."""

    processes: StateCounts
    touchpoints: int
    coverage: Coverage
    indicators: StateCounts
    without_indicators: int


@dataclass(frozen=True, slots=True)
class Weight:
    """How much an activity matters to customers, a share of 1 (S001-095). segment, product None: to all."""

    weight: float
    segment: Named | None
    product: Named | None
    origin: str
    surveyed: date | None
    sample: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """The second level: a class, a step of the chain, or an activity. needs: of an activity (S001-094)."""

    code: str
    name: Text
    note: Text | None
    weights: tuple[Weight, ...]
    needs: tuple[Named, ...]
    rows: tuple[ProcessRow, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The first level: a stage of the operator's or the customer's life cycle, or an activity of the chain."""

    code: str
    name: Text
    note: Text | None
    groups: tuple[Group, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class FramePage:
    """The process frame. unplaced: processes that pass the filters and stand in no group of this view.

    without_indicators, without_process: the gaps between the two frames, of the whole catalogue (S000-031).
    """

    view: str
    blocks: tuple[Block, ...]
    unplaced: tuple[ProcessRow, ...]
    totals: Totals
    filters: tuple[Filter, ...]
    search: str
    without_indicators: tuple[Named, ...]
    without_process: tuple[Named, ...]
    catalogue_version: str
