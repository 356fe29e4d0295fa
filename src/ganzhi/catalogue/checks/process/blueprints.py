"""Blueprints hang together: phases, links and variants name what is there, customers' steps that are encounters
are touchpoints, evidence stands with the customer."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.derive.encounters import encounters
from ganzhi.catalogue.model.blueprints import Blueprint
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report what a blueprint names and does not have, and encounters that are no touchpoint."""
    for code, blueprint in catalogue.blueprints.items():
        found = list(_names(catalogue, code, blueprint))
        yield from found
        yield from _pilots(catalogue, code, blueprint)
        if not found:
            yield from _encounters(catalogue, code, blueprint)


def _names(catalogue: Catalogue, code: str, blueprint: Blueprint) -> Iterator[Issue]:
    at = ("blueprints", code)
    path: tuple[str, ...]
    for name, step in blueprint.steps.items():
        if step.phase not in blueprint.phases:
            path, close = (*at, "steps", name, "phase"), near(step.phase, blueprint.phases)
            yield issue_at(catalogue, "CAT240", path, value=step.phase, near=close)
        if step.evidence and step.lane not in ("customer", "front"):
            yield issue_at(catalogue, "CAT241", (*at, "steps", name, "evidence"))
        if (step.touchpoint is not None or step.contact is not None) and step.lane != "customer":
            yield issue_at(catalogue, "CAT242", (*at, "steps", name))
    for number, link in enumerate(blueprint.links):
        for name in (link.source, link.target):
            if name not in blueprint.steps:
                path = (*at, "links", str(number))
                yield issue_at(catalogue, "CAT240", path, value=name, near=near(name, blueprint.steps))
    for variant, each in blueprint.variants.items():
        for name in (*each.drops, *each.standards):
            if name not in blueprint.steps:
                path = (*at, "variants", variant)
                yield issue_at(catalogue, "CAT240", path, value=name, near=near(name, blueprint.steps))


def _pilots(catalogue: Catalogue, code: str, blueprint: Blueprint) -> Iterator[Issue]:
    for name, pilot in blueprint.pilots.items():
        if pilot.last is not None and pilot.last < pilot.first:
            path, days = (
                ("blueprints", code, "pilots", name, "last"),
                {"first": str(pilot.first), "last": str(pilot.last)},
            )
            yield issue_at(catalogue, "CAT194", path, **days)


def _encounters(catalogue: Catalogue, code: str, blueprint: Blueprint) -> Iterator[Issue]:
    """A step at which the customer meets the operator has to be a touchpoint."""
    for name in dict.fromkeys(each.customer for each in encounters(blueprint) if each.customer is not None):
        step = blueprint.steps[name]
        if step.touchpoint is None and step.contact is None:
            yield issue_at(catalogue, "CAT243", ("blueprints", code, "steps", name), step=step.name.zh)
