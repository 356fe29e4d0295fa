"""Indicators stand where they say: on a step of their process, an attribute of their touchpoint (S000-039, S000-042)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report steps, touchpoints and attributes that do not belong together."""
    for code, touchpoint in catalogue.touchpoints.items():
        process = catalogue.processes.get(touchpoint.process)
        for number, step in enumerate(touchpoint.supported_by):
            if process is not None and step not in process.steps:
                path = ("touchpoints", code, "supported_by", str(number))
                known = near(step, process.steps)
                yield issue_at(catalogue, "CAT168", path, step=step, process=touchpoint.process, near=known)
    for code, indicator in catalogue.indicators.items():
        yield from _step(catalogue, code, indicator)
        yield from _attribute(catalogue, code, indicator)


def _step(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    if indicator.step is None:
        return
    path = ("indicators", code, "step")
    if len(indicator.processes) != 1:
        yield issue_at(catalogue, "CAT167", path, step=indicator.step)
        return
    process = catalogue.processes.get(indicator.processes[0])
    if process is not None and indicator.step not in process.steps:
        known = near(indicator.step, process.steps)
        yield issue_at(catalogue, "CAT168", path, step=indicator.step, process=indicator.processes[0], near=known)


def _attribute(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    touched = [catalogue.touchpoints[t] for t in indicator.touchpoints if t in catalogue.touchpoints]
    if not touched:
        return
    marked = {attribute for t in touched for attribute in t.attributes}
    if indicator.attribute is not None and indicator.attribute not in marked:
        place = ("indicators", code, "attribute")
        yield issue_at(
            catalogue, "CAT171", place, attribute=indicator.attribute, marked=", ".join(sorted(marked)) or "–"
        )
    for number, name in enumerate(indicator.touchpoints):
        touchpoint = catalogue.touchpoints.get(name)
        if touchpoint is not None and indicator.processes and touchpoint.process not in indicator.processes:
            path = ("indicators", code, "touchpoints", str(number))
            yield issue_at(catalogue, "CAT172", path, touchpoint=name, process=touchpoint.process)
