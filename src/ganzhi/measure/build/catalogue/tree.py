"""Builds the four-layer tree: every indicator under each of its parents (S000-046).

A node is shown when it passes the filters, when something below it does, or when something above it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.derive.coverage import StateCounts
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.entry import children_of
from ganzhi.measure.build.catalogue.reach import in_use
from ganzhi.measure.build.journeys.shared import Ways, all_named, by_order, filters_of, named, passes
from ganzhi.measure.views.catalogue.entry import LinkRow
from ganzhi.measure.views.catalogue.query import TreeQuery
from ganzhi.measure.views.catalogue.tree import Node, TreePage

LEVELS = ("0", "1", "2", "3")
"""How many layers may be unfolded."""


def tree_page(catalogue: Catalogue, asked: TreeQuery) -> TreePage:
    """The tree under its filters."""
    given = asked.levels or ("1" if asked.kei else "0")
    if given not in LEVELS:
        raise InputError(Issue("REQ004", "levels", params={"value": given[:40], "known": ", ".join(LEVELS)}))
    live = in_use(catalogue)
    roots = _roots(catalogue)
    below = _below(catalogue)
    ways = _ways(catalogue, roots, below)
    chosen = {field: getattr(asked, field) or "" for field, _ in ways}
    filters = filters_of(
        list(live),
        ways,
        chosen,
        {
            "kei": {code: live[code].name for code in roots},
            "commercial_process": {code: each.name for code, each in by_order(catalogue.commercial_processes)},
            "topic": {code: each.name for code, each in by_order(catalogue.topics)},
        },
    )
    hits = frozenset(code for code in live if passes(code, ways, chosen))
    grow = _Grower(catalogue, hits, below)
    shown = tuple(node for root in roots if chosen["kei"] in ("", root) and (node := grow.node(root)) is not None)
    placed = frozenset(code for root in shown for code in _codes(root))
    alone = [
        code for code in hits if live[code].layer != "KEI" and not live[code].supports and not _rooted(catalogue, code)
    ]
    return TreePage(
        roots=shown,
        alone=tuple(
            (layer, all_named(live, codes))
            for layer in LAYERS
            if (codes := [code for code in live if code in alone and live[code].layer == layer])
        ),
        layers=tuple(
            (layer, StateCounts.of(live[c].state for c in placed if live[c].layer == layer)) for layer in LAYERS
        ),
        nodes=sum(1 for root in shown for _ in _codes(root)),
        levels=int(given),
        filters=filters,
        catalogue_version=catalogue.version,
    )


def _roots(catalogue: Catalogue) -> tuple[str, ...]:
    """KEI by their commercial process, then the other indicators that stand on top of something."""
    rows = [code for code, _ in by_order(catalogue.commercial_processes)]
    live = in_use(catalogue)
    tops = [code for code, each in live.items() if each.layer == "KEI" or _rooted(catalogue, code)]

    def place(code: str) -> tuple[int, int]:
        row = live[code].commercial_process
        return LAYERS.index(live[code].layer), rows.index(row) if row in rows else len(rows)

    return tuple(sorted((code for code in tops if not live[code].supports or live[code].layer == "KEI"), key=place))


def _rooted(catalogue: Catalogue, code: str) -> bool:
    """Whether an indicator has something below and nothing above."""
    return not catalogue.indicators[code].supports and bool(catalogue.children(code) or catalogue.risks(code))


def _below(catalogue: Catalogue) -> Callable[[str], frozenset[str]]:
    @cache
    def below(code: str) -> frozenset[str]:
        """Everything that supports an indicator, directly or not."""
        found = {*catalogue.children(code), *catalogue.risks(code)}
        return frozenset(found.union(*(below(child) for child in found)))

    return below


def _ways(catalogue: Catalogue, roots: Iterable[str], below: Callable[[str], frozenset[str]]) -> Ways[str]:
    of_root: dict[str, list[str]] = {}
    for root in roots:
        for code in (root, *below(root)):
            of_root.setdefault(code, []).append(root)
    of_topic: dict[str, list[str]] = {}
    for topic, each in catalogue.topics.items():
        for code in dict.fromkeys((each.headline, *each.indicators)):
            of_topic.setdefault(code, []).append(topic)

    def row(code: str) -> Iterable[str]:
        of = catalogue.indicators[code].commercial_process
        return (of,) if of else ()

    return (
        ("kei", lambda code: of_root.get(code, ())),
        ("commercial_process", row),
        ("topic", lambda code: of_topic.get(code, ())),
    )


class _Grower:
    """Puts nodes together below a root."""

    def __init__(self, catalogue: Catalogue, hits: frozenset[str], below: Callable[[str], frozenset[str]]) -> None:
        self._catalogue = catalogue
        self._hits = hits
        self._below = below

    def node(self, code: str, by: LinkRow | None = None, above: str = "", *, wanted: bool = False) -> Node | None:
        """A node with what is shown below it; None when neither it nor anything below or above it is wanted."""
        catalogue, below = self._catalogue, self._below(code)
        mine = code in self._hits
        if not (wanted or mine or below & self._hits):
            return None
        indicator = catalogue.indicators[code]
        children = (
            self.node(link.indicator.code, link, code, wanted=wanted or mine) for link in children_of(catalogue, code)
        )
        layers = Counter(catalogue.indicators[each].layer for each in below)
        others = (each.parent for each in indicator.supports if each.parent != above)
        return Node(
            code=code,
            indicator=named(catalogue.indicators, code),
            layer=indicator.layer,
            state=indicator.state,
            dimension=indicator.dimension,
            weight=by.weight if by else None,
            points=by.points if by else None,
            also=all_named(catalogue.indicators, others),
            below=tuple((layer, layers[layer]) for layer in LAYERS if layers[layer]),
            children=tuple(child for child in children if child is not None),
            hit=mine,
        )


def _codes(node: Node) -> Iterator[str]:
    yield node.code
    for child in node.children:
        yield from _codes(child)
