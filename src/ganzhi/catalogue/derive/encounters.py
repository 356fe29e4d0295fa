"""Where links of a blueprint cross its lines: encounters with the customer, and hand-overs inside (S001-050)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ganzhi.catalogue.model.blueprints import LANES, LINES, Blueprint, BlueprintLink, Line
from ganzhi.catalogue.model.touch import Touchpoint


@dataclass(frozen=True, slots=True)
class Crossing:
    """A link that crosses lines, from top to bottom. customer: the step of the customer at its upper end, where
    it crosses the line of interaction."""

    link: BlueprintLink
    lines: tuple[Line, ...]
    customer: str | None

    @property
    def internal(self) -> bool:
        """Whether it is a hand-over between those behind the scene and those who support them."""
        return "internal" in self.lines


def crossings(blueprint: Blueprint) -> tuple[Crossing, ...]:
    """Every link that crosses a line, in the order they are written."""
    return tuple(_crossings(blueprint))


def _crossings(blueprint: Blueprint) -> Iterator[Crossing]:
    for link in blueprint.links:
        if link.source not in blueprint.steps or link.target not in blueprint.steps:
            continue
        ends = sorted((link.source, link.target), key=lambda name: LANES.index(blueprint.steps[name].lane))
        upper, lower = (LANES.index(blueprint.steps[name].lane) for name in ends)
        if upper < lower:
            yield Crossing(link, LINES[upper:lower], ends[0] if upper == 0 else None)


def encounters(blueprint: Blueprint) -> tuple[Crossing, ...]:
    """Crossings of the line of interaction: where the customer and the operator meet."""
    return tuple(each for each in crossings(blueprint) if "interaction" in each.lines)


def touchpoint_code(blueprint: Blueprint, step: str) -> str:
    """Code of the touchpoint that a step of the customer is, or is registered as."""
    return blueprint.steps[step].touchpoint or f"{blueprint.process}.{step}"


def registered(blueprint: Blueprint) -> dict[str, Touchpoint]:
    """The touchpoints that encounters of a blueprint are registered as: those whose contact is described."""
    met = dict.fromkeys(each.customer for each in encounters(blueprint) if each.customer is not None)
    found: dict[str, Touchpoint] = {}
    for name in met:
        step = blueprint.steps[name]
        if step.contact is not None and step.touchpoint is None:
            found[touchpoint_code(blueprint, name)] = Touchpoint(
                name=step.name,
                process=blueprint.process,
                step=step.contact.step,
                content=step.contact.content,
                channels=step.contact.channels,
                attributes=step.contact.attributes,
                evidence=step.evidence,
            )
    return found
