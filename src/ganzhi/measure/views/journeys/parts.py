"""What the pages of the journeys share: named codes, filters, shares, touchpoints with their pairs."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.derive.candidates import Candidate
from ganzhi.catalogue.model.framework import LifecycleState
from ganzhi.catalogue.model.parts import Text


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A value of a filter; name None: the word stands in the message files. count: what it would leave."""

    value: str
    name: Text | None
    count: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its choices; chosen is empty when it lets everything pass."""

    field: str
    choices: tuple[FilterChoice, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of some pairs are answered. share is None where there is nothing to cover."""

    covered: int
    total: int
    share: float | None

    @staticmethod
    def of(covered: int, total: int) -> Coverage:
        """Counts with their share."""
        return Coverage(covered, total, covered / total if total else None)


@dataclass(frozen=True, slots=True)
class Answer:
    """An indicator that answers a pair."""

    code: str
    name: Text
    layer: str
    state: LifecycleState


@dataclass(frozen=True, slots=True)
class PairRow:
    """A touchpoint and an attribute, with the customer's sentence: answered by indicators, or open with a candidate."""

    touchpoint: Named
    process: Named
    attribute: Named
    sentence: Text
    answers: tuple[Answer, ...]
    state: LifecycleState | None
    candidate: Candidate | None


@dataclass(frozen=True, slots=True)
class TouchpointRow:
    """A touchpoint with its place in the matrix. supported_by: system steps of its process behind it."""

    touchpoint: Named
    process: Named
    step: Named
    content: Named
    channels: tuple[Named, ...]
    evidence: tuple[Text, ...]
    supported_by: tuple[Named, ...]
    description: Text | None
    pairs: tuple[PairRow, ...]
    coverage: Coverage
