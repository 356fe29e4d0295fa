"""A topic can speak: its headline has a score, from its own targets or from below (S004-003)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report headlines that can never have a score, and members that stand twice."""
    scored = _scored(catalogue)
    partial = any(kind == "indicators" for kind, _ in catalogue.unreadable)
    for code, topic in catalogue.topics.items():
        if topic.headline in catalogue.indicators and topic.headline not in scored and not partial:
            yield issue_at(catalogue, "CAT099", ("topics", code, "headline"), value=topic.headline)
        for number, member in enumerate(topic.indicators):
            if member in topic.indicators[:number]:
                yield issue_at(catalogue, "CAT116", ("topics", code, "indicators", str(number)), value=member)


def _scored(catalogue: Catalogue) -> set[str]:
    """Indicators with targets, and those without a measure above a scored one; no recursion."""
    live = {code: i for code, i in catalogue.indicators.items() if not i.retired}
    todo = [code for code, i in live.items() if i.targets.management or i.targets.operations]
    scored = set(todo)
    while todo:
        for support in live[todo.pop()].supports:
            parent = live.get(support.parent)
            if parent is not None and parent.measure is None and support.parent not in scored:
                scored.add(support.parent)
                todo.append(support.parent)
    return scored
