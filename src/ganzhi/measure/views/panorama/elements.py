"""The panorama of perception elements: processes, touchpoints, attributes and indicators (S001-052)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Level, Reading, Scope, Subject


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator that answers a pair, with its number; None where it has none in this period."""

    subject: Subject
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class ElementCell:
    """What is perceived where a row meets an attribute.

    pairs: touchpoints of the row with the attribute. answered: those with an indicator. measured: indicators with a
    value. level: the worst of them. sentence: what customers say, where the cell is one pair.
    """

    pairs: int
    answered: int
    measured: int
    level: Level | None
    indicators: tuple[Measured, ...]
    sentence: Text | None = None


@dataclass(frozen=True, slots=True)
class ElementRow:
    """A process, or one of its touchpoints, with a cell for each attribute; None where nothing is perceived."""

    code: str
    name: Text
    touchpoints: int
    indicators: int
    cells: tuple[ElementCell | None, ...]


@dataclass(frozen=True, slots=True)
class ElementGroup:
    """Rows of one stage, or of one process's step of contact."""

    code: str
    name: Text
    rows: tuple[ElementRow, ...]


@dataclass(frozen=True, slots=True)
class ElementsPage:
    """The drawing of all processes, or of the touchpoints of one.

    attributes: columns, with the family of each. bare: processes without any touchpoint yet.
    """

    scope: Scope
    process: Named | None
    attributes: tuple[tuple[Named, str], ...]
    groups: tuple[ElementGroup, ...]
    bare: tuple[Named, ...]
    processes: int
    touchpoints: int
    pairs: int
    answered: int
    indicators: int
    measured: int
    in_alert: int
