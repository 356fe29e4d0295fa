"""What a flow is made of, which of it is drawn, in which order, and which path is its spine.

Assumes that codes are unique, that an edge joins known nodes, and one edge per pair of nodes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

MOST_NODES = 24
MOST_EDGES = 60
"""More than these nobody reads; the rarest are folded until the rest fits."""


@dataclass(frozen=True, slots=True)
class FlowNode:
    """A step. count: cases that came through it; shown: the count in words; position: its mean place in
    the cases' sequences, None where unknown; link: where a click leads; title: all of it in words."""

    code: str
    name: str
    count: int
    shown: str
    position: float | None = None
    link: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class FlowEdge:
    """How often `target` came directly after `source`. shown: its label; stressed: explains the finding."""

    source: str
    target: str
    count: int
    shown: str
    title: str = ""
    stressed: bool = False


@dataclass(frozen=True, slots=True)
class Folded:
    """What is not drawn. passages: sum of the counts of its edges; below: count under which edges were folded."""

    nodes: int
    edges: int
    passages: int
    below: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A process as counted. total: cases; fold_below: share of them under which a step or an edge is folded."""

    sentence: str
    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    total: int
    folded_text: Callable[[Folded], str]
    fold_below: float = 0.02


@dataclass(frozen=True, slots=True)
class Kept:
    """What is drawn. nodes: by mean position; spine: codes of the heaviest path, first to last."""

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    spine: tuple[str, ...]
    folded: Folded

    @property
    def place(self) -> dict[str, int]:
        """Place of each node in the order by mean position."""
        return {node.code: n for n, node in enumerate(self.nodes)}


def kept(flow: Flow) -> Kept:
    """The flow without its rare parts, ordered, with its spine."""
    codes = [node.code for node in flow.nodes]
    assert len(set(codes)) == len(codes), "codes of nodes are unique"
    pairs = [(edge.source, edge.target) for edge in flow.edges]
    assert len(set(pairs)) == len(pairs), "one edge per pair"
    assert {code for pair in pairs for code in pair} <= set(codes), "edges join known nodes"
    below = max(1, int(flow.fold_below * flow.total))
    nodes, edges = _above(flow, below)
    counted = {node.count for node in flow.nodes} | {edge.count for edge in flow.edges}
    for count in sorted(count for count in counted if count >= below):
        if len(nodes) <= MOST_NODES and len(edges) <= MOST_EDGES:
            break
        fewer = _above(flow, count + 1)
        if not fewer[1]:
            break
        below, (nodes, edges) = count + 1, fewer
    nodes, edges = _bounded(nodes, edges)
    ordered = _ordered(nodes, edges)
    hidden = Folded(
        len(flow.nodes) - len(nodes),
        len(flow.edges) - len(edges),
        sum(edge.count for edge in flow.edges) - sum(edge.count for edge in edges),
        below,
    )
    return Kept(ordered, edges, spine(ordered, edges), hidden)


def _above(flow: Flow, below: int) -> tuple[list[FlowNode], tuple[FlowEdge, ...]]:
    """Nodes and edges of at least `below`; a node that stays keeps its heaviest way in and out."""
    nodes = [node for node in flow.nodes if node.count >= below]
    codes = {node.code for node in nodes}
    ways = [edge for edge in flow.edges if edge.source in codes and edge.target in codes and edge.count > 0]
    heavy = {edge for edge in ways if edge.count >= below}
    found = set(heavy)
    apart = [edge for edge in ways if edge.source != edge.target]
    for code in sorted(codes):
        for mine in ([e for e in apart if e.target == code], [e for e in apart if e.source == code]):
            if mine and not any(edge in heavy for edge in mine):
                found.add(max(mine, key=lambda edge: edge.count))
    return nodes, tuple(edge for edge in flow.edges if edge in found)


def _bounded(nodes: list[FlowNode], edges: tuple[FlowEdge, ...]) -> tuple[list[FlowNode], tuple[FlowEdge, ...]]:
    """No more than can be read, where equal counts leave more than the limits: the first by count and code."""
    most = sorted(nodes, key=lambda node: (-node.count, node.code))[:MOST_NODES]
    codes = {node.code for node in most}
    heavy = sorted(
        (edge for edge in edges if edge.source in codes and edge.target in codes),
        key=lambda edge: (-edge.count, edge.source, edge.target),
    )[:MOST_EDGES]
    return [node for node in nodes if node.code in codes], tuple(edge for edge in edges if edge in set(heavy))


def _balance(edges: Iterable[FlowEdge]) -> Counter[str]:
    """How much more leaves a node than comes in; starts are high, ends are low."""
    found: Counter[str] = Counter()
    for edge in edges:
        found[edge.source] += edge.count
        found[edge.target] -= edge.count
    return found


def _ordered(nodes: Sequence[FlowNode], edges: Sequence[FlowEdge]) -> tuple[FlowNode, ...]:
    """Nodes by mean position; one without comes as many steps after a start as the edges say."""
    hops = _hops(nodes, edges) if any(node.position is None for node in nodes) else {}

    def key(node: FlowNode) -> tuple[float, int, str]:
        position = node.position if node.position is not None else float(hops.get(node.code, len(nodes)))
        return position, -node.count, node.code

    return tuple(sorted(nodes, key=key))


def _hops(nodes: Sequence[FlowNode], edges: Sequence[FlowEdge]) -> dict[str, int]:
    reached = {edge.target for edge in edges if edge.source != edge.target}
    starts = [node.code for node in nodes if node.code not in reached]
    if not starts and nodes:
        balance = _balance(edges)
        starts = [max(nodes, key=lambda node: (balance[node.code], node.code)).code]
    hops = dict.fromkeys(starts, 0)
    queue = deque(starts)
    while queue:
        code = queue.popleft()
        for edge in edges:
            if edge.source == code and edge.target not in hops:
                hops[edge.target] = hops[code] + 1
                queue.append(edge.target)
    return hops


def spine(ordered: Sequence[FlowNode], edges: Sequence[FlowEdge]) -> tuple[str, ...]:
    """The heaviest path: from the commonest start to the commonest end that is reached from it without going
    back, the way whose thinnest edge is thickest, and of those the way with most passages."""
    if not ordered:
        return ()
    place = {node.code: n for n, node in enumerate(ordered)}
    forward = [edge for edge in edges if place[edge.source] < place[edge.target]]
    balance = _balance(edges)
    start = max(ordered, key=lambda node: (balance[node.code], node.count, -place[node.code])).code
    best: dict[str, tuple[float, int]] = {start: (float("inf"), 0)}
    came: dict[str, str] = {}
    for node in ordered[place[start] + 1 :]:
        ways = [
            ((min(best[edge.source][0], edge.count), best[edge.source][1] + edge.count), edge.source)
            for edge in forward
            if edge.target == node.code and edge.source in best
        ]
        if ways:
            best[node.code], came[node.code] = max(ways)
    ends = [code for code in best if code != start]
    if not ends:
        return (start,)
    path = [min(ends, key=lambda code: (balance[code], -place[code]))]
    while path[-1] != start:
        path.append(came[path[-1]])
    return tuple(reversed(path))
