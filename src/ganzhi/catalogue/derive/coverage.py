"""Which pairs of touchpoint and attribute are answered by indicators, and which processes are measured at all.

A pair is a touchpoint with an attribute that is marked on it (S000-041). An indicator answers it by
naming both. Retired indicators answer nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ganzhi.catalogue.model.framework import LIFECYCLE, LifecycleState
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue


@dataclass(frozen=True, slots=True)
class Pair:
    """A touchpoint and an attribute that is marked on it, with the indicators that answer it.

    state: how far the furthest of them has come; None when there is none.
    """

    touchpoint: str
    attribute: str
    indicators: tuple[str, ...]
    state: LifecycleState | None

    @property
    def covered(self) -> bool:
        """Whether any indicator, in whatever state, answers the pair."""
        return bool(self.indicators)


@dataclass(frozen=True, slots=True)
class StateCounts:
    """How many things are in each state of their life cycle (S000-030)."""

    planned: int = 0
    designed: int = 0
    live: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.planned + self.designed + self.live

    @staticmethod
    def of(states: Iterable[LifecycleState]) -> StateCounts:
        """Count states.

        >>> StateCounts.of(["live", "planned", "live"])
        StateCounts(planned=1, designed=0, live=2)
        """
        given = list(states)
        return StateCounts(*(given.count(state) for state in LIFECYCLE))


def in_use(catalogue: Catalogue) -> Iterator[tuple[str, Indicator]]:
    """Indicators that are not retired."""
    return ((code, each) for code, each in catalogue.indicators.items() if not each.retired)


def answers(catalogue: Catalogue) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Indicators by the touchpoint and attribute they answer, marked there or not."""
    found: dict[tuple[str, str], list[str]] = {}
    for code, indicator in in_use(catalogue):
        if indicator.attribute is not None:
            for touchpoint in indicator.touchpoints:
                found.setdefault((touchpoint, indicator.attribute), []).append(code)
    return {pair: tuple(codes) for pair, codes in found.items()}


def furthest(catalogue: Catalogue, codes: Iterable[str]) -> LifecycleState | None:
    """The furthest state among some indicators; None without any."""
    places = [LIFECYCLE.index(catalogue.indicators[code].state) for code in codes]
    return LIFECYCLE[max(places)] if places else None


def pairs_of(catalogue: Catalogue, process: str | None = None) -> tuple[Pair, ...]:
    """Every marked pair of one process or of all, in the order of the catalogue (S000-041)."""
    known = answers(catalogue)
    return tuple(
        Pair(code, attribute, found := known.get((code, attribute), ()), furthest(catalogue, found))
        for code, touchpoint in catalogue.touchpoints.items()
        if process is None or touchpoint.process == process
        for attribute in touchpoint.attributes
    )


def processes_of(catalogue: Catalogue, indicator: Indicator) -> tuple[str, ...]:
    """Processes an indicator measures: those it names and those of its touchpoints."""
    met = (catalogue.touchpoints[code].process for code in indicator.touchpoints if code in catalogue.touchpoints)
    return tuple(dict.fromkeys((*indicator.processes, *met)))


def measured_by(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Indicators of each process, many to many (S000-031); every process is a key."""
    found: dict[str, list[str]] = {code: [] for code in catalogue.processes}
    for code, indicator in in_use(catalogue):
        for process in processes_of(catalogue, indicator):
            found.setdefault(process, []).append(code)
    return {process: tuple(codes) for process, codes in found.items()}


def indicators_without_process(catalogue: Catalogue) -> tuple[str, ...]:
    """Indicators that hang on no process, touchpoint or commercial process (S000-031)."""
    return tuple(
        code
        for code, indicator in in_use(catalogue)
        if not processes_of(catalogue, indicator) and indicator.commercial_process is None
    )


def visible(catalogue: Catalogue, process: str) -> bool:
    """Whether customers take part: the process is on their chain or in their life cycle, or has a front step."""
    entry = catalogue.processes[process]
    front = any(step.side == "front" for step in entry.steps.values())
    return front or bool(entry.chain) or any(process in each.processes for each in catalogue.activities.values())
