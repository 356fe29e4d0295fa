"""How complete a catalogue is along the derivation method, in four steps (S000-043).

Business framework, touchpoint matrix, indicator framework, four-layer indicators. Each step has
checks; a check says how many things it looked at and which of them lack what. A gap is no error: a
catalogue with gaps loads and works, and the list says where the derivation is not finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ganzhi.catalogue.derive.coverage import Pair, answers, in_use, measured_by, pairs_of, processes_of, visible
from ganzhi.catalogue.model.framework import Process
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.touch import Touchpoint
from ganzhi.catalogue.model.whole import Catalogue

StepName = Literal["framework", "touchpoints", "indicators", "layers"]
STEPS: tuple[StepName, ...] = ("framework", "touchpoints", "indicators", "layers")
GapKind = Literal["process", "touchpoint", "pair", "indicator"]
FEASIBILITY = ("source_known", "collectable", "correlated")
"""The three checks of feasibility (S000-029), fields of `Feasibility`."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A thing that lacks something. attribute: of a pair. lacks: which part of the check failed, where
    it has parts. note: what stands in the way, as the catalogue says it."""

    kind: GapKind
    code: str
    attribute: str | None = None
    lacks: tuple[str, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. total: things it looked at; gaps: those that do not pass, in catalogue order."""

    check: str
    total: int
    gaps: tuple[Gap, ...]

    @property
    def passed(self) -> int:
        """Things without a gap."""
        return self.total - len(self.gaps)


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step of the method with its checks."""

    step: StepName
    checks: tuple[Checked, ...]

    @property
    def total(self) -> int:
        """Things looked at by all checks."""
        return sum(check.total for check in self.checks)

    @property
    def passed(self) -> int:
        """Of them, those without a gap."""
        return sum(check.passed for check in self.checks)


@dataclass(frozen=True)
class Part:
    """The part of a catalogue that is looked at: one process and what hangs on it, or everything."""

    catalogue: Catalogue
    process: str | None = None

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """The processes looked at."""
        return {c: p for c, p in self.catalogue.processes.items() if self.process in (None, c)}

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Those of them that customers take part in."""
        return tuple(code for code in self.processes if visible(self.catalogue, code))

    @cached_property
    def touchpoints(self) -> Mapping[str, Touchpoint]:
        """Their touchpoints."""
        return {c: t for c, t in self.catalogue.touchpoints.items() if self.process in (None, t.process)}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Their marked pairs."""
        return pairs_of(self.catalogue, self.process)

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Indicators in use that measure them."""
        return {
            code: each
            for code, each in in_use(self.catalogue)
            if self.process is None or self.process in processes_of(self.catalogue, each)
        }

    def of_layer(self, *layers: str) -> Mapping[str, Indicator]:
        """Their indicators of some layers."""
        return {code: each for code, each in self.indicators.items() if each.layer in layers}


Found = tuple[int, Iterator[Gap]]


def _process_steps(part: Part) -> Found:
    return len(part.processes), (Gap("process", c) for c, p in part.processes.items() if not p.steps)


def _process_channels(part: Part) -> Found:
    lacking = (Gap("process", c) for c in part.shown if not part.processes[c].channels)
    return len(part.shown), lacking


def _process_chain(part: Part) -> Found:
    return len(part.shown), (Gap("process", c) for c in part.shown if not part.processes[c].chain)


def _process_activity(part: Part) -> Found:
    mapped = {code for each in part.catalogue.activities.values() for code in each.processes}
    return len(part.shown), (Gap("process", c) for c in part.shown if c not in mapped)


def _process_touchpoints(part: Part) -> Found:
    met = {touchpoint.process for touchpoint in part.touchpoints.values()}
    return len(part.shown), (Gap("process", c) for c in part.shown if c not in met)


def _touchpoint_attributes(part: Part) -> Found:
    return len(part.touchpoints), (Gap("touchpoint", c) for c, t in part.touchpoints.items() if not t.attributes)


def _touchpoint_support(part: Part) -> Found:
    stepped = {c: t for c, t in part.touchpoints.items() if part.catalogue.processes[t.process].steps}
    return len(stepped), (Gap("touchpoint", c) for c, t in stepped.items() if not t.supported_by)


def _pair_covered(part: Part) -> Found:
    return len(part.pairs), (Gap("pair", p.touchpoint, p.attribute) for p in part.pairs if not p.covered)


def _pair_marked(part: Part) -> Found:
    """Pairs that indicators answer although the attribute is not marked on the touchpoint."""
    answered = [pair for pair in answers(part.catalogue) if pair[0] in part.touchpoints]
    odd = (Gap("pair", t, a) for t, a in answered if a not in part.touchpoints[t].attributes)
    return len(answered), odd


def _process_measured(part: Part) -> Found:
    measured = measured_by(part.catalogue)
    return len(part.processes), (Gap("process", code) for code in part.processes if not measured[code])


def _indicator_placed(part: Part) -> Found:
    def lost(each: Indicator) -> bool:
        return not processes_of(part.catalogue, each) and each.commercial_process is None

    return len(part.indicators), (Gap("indicator", code) for code, each in part.indicators.items() if lost(each))


def _computable(part: Part, *layers: str) -> Found:
    """Indicators with neither a measure of their own nor indicators that support them."""
    looked_at = part.of_layer(*layers)
    empty = (Gap("indicator", c) for c, i in looked_at.items() if i.measure is None and not part.catalogue.children(c))
    return len(looked_at), empty


def _kei_supported(part: Part) -> Found:
    return _computable(part, "KEI")


def _kqi_computable(part: Part) -> Found:
    return _computable(part, "KQI")


def _kpi_computable(part: Part) -> Found:
    return _computable(part, "KPI")


def _pi_placed(part: Part) -> Found:
    """Performance indicators need a feed that carries them and, where they are of one process, its system step."""
    looked_at = part.of_layer("PI")

    def lacks(each: Indicator) -> tuple[str, ...]:
        placeless = each.step is None and len(processes_of(part.catalogue, each)) == 1
        return (*(() if each.feed else ("feed",)), *(("step",) if placeless else ()))

    return len(looked_at), (Gap("indicator", c, lacks=lacks(i)) for c, i in looked_at.items() if lacks(i))


def _judged_supports(part: Part) -> Found:
    """Judged indicators below the top that support no upper one; plain volumes need not."""
    looked_at = {c: i for c, i in part.of_layer("KQI", "KPI", "PI").items() if i.direction is not None}
    return len(looked_at), (Gap("indicator", c) for c, i in looked_at.items() if not i.supports)


def _feasible(part: Part) -> Found:
    """Indicators whose feasibility study found something in the way (S000-029)."""

    def lacks(each: Indicator) -> tuple[str, ...]:
        return tuple(name for name in FEASIBILITY if getattr(each.feasibility, name) is False)

    blocked = (
        Gap("indicator", code, lacks=lacks(each), note=each.feasibility.blocked_by)
        for code, each in part.indicators.items()
        if lacks(each) or each.feasibility.blocked_by is not None
    )
    return len(part.indicators), blocked


CHECKS: tuple[tuple[StepName, str, Callable[[Part], Found]], ...] = (
    ("framework", "process_steps", _process_steps),
    ("framework", "process_channels", _process_channels),
    ("framework", "process_chain", _process_chain),
    ("framework", "process_activity", _process_activity),
    ("touchpoints", "process_touchpoints", _process_touchpoints),
    ("touchpoints", "touchpoint_attributes", _touchpoint_attributes),
    ("touchpoints", "touchpoint_support", _touchpoint_support),
    ("indicators", "pair_covered", _pair_covered),
    ("indicators", "pair_marked", _pair_marked),
    ("indicators", "process_measured", _process_measured),
    ("indicators", "indicator_placed", _indicator_placed),
    ("layers", "kei_supported", _kei_supported),
    ("layers", "kqi_computable", _kqi_computable),
    ("layers", "kpi_computable", _kpi_computable),
    ("layers", "pi_placed", _pi_placed),
    ("layers", "judged_supports", _judged_supports),
    ("layers", "feasible", _feasible),
)
"""The checks in the order they are shown: step, name, what it looks at."""


def completeness(catalogue: Catalogue, process: str | None = None) -> tuple[StepResult, ...]:
    """The four steps with what each check found, for one process or for all."""
    part = Part(catalogue, process)
    found: dict[StepName, list[Checked]] = {step: [] for step in STEPS}
    for step, name, check in CHECKS:
        total, gaps = check(part)
        found[step].append(Checked(name, total, tuple(gaps)))
    return tuple(StepResult(step, tuple(checks)) for step, checks in found.items())
