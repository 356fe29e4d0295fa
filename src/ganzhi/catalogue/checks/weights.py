"""The tree is one: every child once, below its parent's layer, weights that sum to 1 (C09, S000-046)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.whole import Catalogue

TOLERANCE = Decimal("0.005")


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report children that stand twice or on the wrong layer, and weights that do not sum to 1."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    children: dict[str, list[str]] = defaultdict(list)
    for code, indicator in catalogue.indicators.items():
        yield from _of_child(catalogue, code, indicator)
        if not indicator.retired:
            for support in indicator.supports:
                if support.weight is not None:
                    sums[support.parent] += support.weight
                    children[support.parent].append(code)
    if any(kind == "indicators" for kind, _ in catalogue.unreadable):
        return  # a child that could not be read is missing from its parent's sum
    for parent, total in sums.items():
        if parent in catalogue.indicators and abs(total - 1) > TOLERANCE:
            named = ", ".join(children[parent][:8])
            yield issue_at(catalogue, "CAT076", ("indicators", parent), sum=f"{total.normalize():f}", children=named)


def _of_child(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    seen: set[str] = set()
    for number, support in enumerate(indicator.supports):
        path = ("indicators", code, "supports", str(number), "parent")
        if support.parent in seen:
            yield issue_at(catalogue, "CAT074", path, parent=support.parent)
        seen.add(support.parent)
        parent = catalogue.indicators.get(support.parent)
        if parent is not None and LAYERS.index(parent.layer) >= LAYERS.index(indicator.layer):
            params = {"parent": support.parent, "parent_layer": parent.layer, "layer": indicator.layer}
            yield issue_at(catalogue, "CAT075", path, **params)
