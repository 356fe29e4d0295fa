"""Nothing is above itself: parents, parts of ratios and units form no circle (C08); one unit is the root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.checks.references import parts
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report every circle once, printed, and units without exactly one root."""
    indicators = catalogue.indicators
    supports = {code: [s.parent for s in i.supports] for code, i in indicators.items()}
    yield from _report(catalogue, "indicators", "supports", supports)
    ratios = {code: [other for _, other in parts(i)] for code, i in indicators.items()}
    yield from _report(catalogue, "indicators", "ratio", ratios)
    units = {
        code: [*([u.parent] if u.parent is not None else []), *(former.parent for former in u.formerly)]
        for code, u in catalogue.units.items()
    }
    yield from _report(catalogue, "units", "parent", units)
    yield from _root(catalogue)
    yield from _moves(catalogue)


def _moves(catalogue: Catalogue) -> Iterator[Issue]:
    """Former parents stand in order of time, so that every day has one parent."""
    for code, unit in catalogue.units.items():
        ends = [former.until for former in unit.formerly]
        for number, (before, after) in enumerate(pairwise(ends), start=1):
            if after <= before:
                path = ("units", code, "formerly", str(number), "until")
                yield issue_at(catalogue, "CAT193", path, until=str(after), before=str(before))


def _root(catalogue: Catalogue) -> Iterator[Issue]:
    if any(kind == "units" for kind, _ in catalogue.unreadable):
        return
    roots = [code for code, unit in catalogue.units.items() if unit.parent is None]
    if len(roots) != 1:
        path = ("units", roots[1] if roots else next(iter(catalogue.units), "units"), "parent")
        yield issue_at(catalogue, "CAT073", path, roots=", ".join(roots) or "–")


def _report(catalogue: Catalogue, kind: str, field: str, edges: Mapping[str, Sequence[str]]) -> Iterator[Issue]:
    for circle in circles(edges):
        shown = " → ".join((*circle, circle[0]))
        yield issue_at(catalogue, "CAT072", (kind, circle[0], field), circle=shown)


def circles(edges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Circles of a directed graph, at least one for every node that lies on one; no recursion.

    >>> list(circles({"a": ["b"], "b": ["a"], "c": ["a"]}))
    [('a', 'b')]
    """
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path: list[str] = [start]
        standing = {start: 0}
        branches = [iter(edges[start])]
        while branches:
            child = next(branches[-1], None)
            if child is None:
                branches.pop()
                finished = path.pop()
                standing.pop(finished)
                done.add(finished)
            elif child in standing:
                yield tuple(path[standing[child] :])
            elif child in edges and child not in done:
                standing[child] = len(path)
                path.append(child)
                branches.append(iter(edges[child]))
