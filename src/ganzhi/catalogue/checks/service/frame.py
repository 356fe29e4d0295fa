"""The frame of processes holds together: hierarchies, histories, steps, state machines, external codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.circles import circles
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.framework import StateChange, StateMachine
from ganzhi.catalogue.model.whole import Catalogue

TREES = ("chain_links", "channels", "contact_contents")
CODED = ("processes", "indicators", "reports", "feeds")


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report circles of parents, histories that contradict the state, and codes of a system that does not apply."""
    for kind in TREES:
        edges = {c: [e.parent] if e.parent is not None else [] for c, e in getattr(catalogue, kind).items()}
        for circle in circles(edges):
            shown = " → ".join((*circle, circle[0]))
            yield issue_at(catalogue, "CAT072", (kind, circle[0], "parent"), circle=shown)
    for kind in ("processes", "indicators"):
        for code, entry in getattr(catalogue, kind).items():
            yield from _history(catalogue, (kind, code, "history"), entry.state, entry.history)
    for kind in CODED:
        for code, entry in getattr(catalogue, kind).items():
            for system in entry.codes:
                known = catalogue.code_systems.get(system)
                if known is not None and kind not in known.applies_to:
                    named = ", ".join(known.applies_to)
                    yield issue_at(catalogue, "CAT177", (kind, code, "codes", system), system=system, allowed=named)
    for code, machine in catalogue.state_machines.items():
        yield from _machine(catalogue, code, machine)


def _history(
    catalogue: Catalogue, path: tuple[str, ...], state: str, history: Sequence[StateChange]
) -> Iterator[Issue]:
    if not history:
        return
    if history[-1].state != state:
        yield issue_at(
            catalogue, "CAT170", (*path, str(len(history) - 1), "state"), state=state, last=history[-1].state
        )
    for number, (before, after) in enumerate(pairwise(history), 1):
        if after.since < before.since or after.state == before.state:
            params = {"before": f"{before.state} {before.since}", "after": f"{after.state} {after.since}"}
            yield issue_at(catalogue, "CAT169", (*path, str(number)), **params)


def _machine(catalogue: Catalogue, code: str, machine: StateMachine) -> Iterator[Issue]:
    path = ("state_machines", code)
    names = list(machine.states)
    if machine.resting not in machine.states:
        yield issue_at(
            catalogue, "CAT173", (*path, "resting"), value=machine.resting, near=near(machine.resting, names)
        )
    for number, transition in enumerate(machine.transitions):
        for side in ("source", "target"):
            value = getattr(transition, side)
            if value not in machine.states:
                place = (*path, "transitions", str(number), side)
                yield issue_at(catalogue, "CAT173", place, value=value, near=near(value, names))
    reached = {machine.resting}
    while more := {t.target for t in machine.transitions if t.source in reached} - reached:
        reached |= more
    for name in names:
        if name not in reached:
            yield issue_at(catalogue, "CAT174", (*path, "states", name), state=name, resting=machine.resting)
