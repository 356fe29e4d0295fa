"""The derivation method as a guided path of four steps, each with its completeness (S000-043)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.derive.completeness import StepName
from ganzhi.catalogue.derive.coverage import StateCounts
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Coverage, Named


@dataclass(frozen=True, slots=True)
class GapRow:
    """What lacks something. process: where it belongs, None for an indicator of several or none.

    attribute: of a pair. candidate: the code suggested for it. lacks: parts of the check that failed.
    """

    kind: str
    subject: Named
    process: Named | None
    attribute: Named | None
    candidate: str | None
    lacks: tuple[str, ...]
    note: Text | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check with its gaps."""

    check: str
    passed: Coverage
    gaps: tuple[GapRow, ...]


@dataclass(frozen=True, slots=True)
class StepBlock:
    """One step: how much passes, and its checks."""

    step: StepName
    passed: Coverage
    checks: tuple[CheckRow, ...]

    @property
    def gaps(self) -> int:
        """Things that lack something, over all checks."""
        return sum(len(check.gaps) for check in self.checks)


@dataclass(frozen=True, slots=True)
class DerivationPage:
    """The path for all processes, or for one. layers: indicators by layer and state."""

    process: Named | None
    processes: tuple[Named, ...]
    steps: tuple[StepBlock, ...]
    layers: tuple[tuple[str, StateCounts], ...]
    catalogue_version: str
