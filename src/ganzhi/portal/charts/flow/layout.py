"""Where everything of a flow stands: columns by order, the spine on one line, ways around the boxes.

Every forward edge leads to a later column; where it passes a column it has a slot of its own there, so no
edge crosses a box. Edges that go back run below everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ganzhi.portal.charts.flow.model import FlowEdge, FlowNode, Kept
from ganzhi.portal.charts.svg import Box, text_width, wrapped

NAME_SIZE, SMALL = 12.0, 11.0
NARROWEST, WIDEST = 84.0, 132.0
PAD = 16.0
"""Free width of a box beside its name."""
SLOT = 20.0
"""Height of the way of an edge past a column."""
LOOP = 32.0
"""Room above a box for the edge that leads back into it."""
BETWEEN = 14.0
GAP = 44.0
MORE_ROOM = 12.0
"""How much wider a gap is for every edge beyond two that crosses it, so that their labels find places."""
TRACK = 7.0
"""Distance of upright ways in the gap between two columns."""
BACK = 19.0
"""Distance of ways below everything."""
SWEEPS = 3
PORT = 9.0
"""How far from the middle of a box's side edges from or to other lines begin and end."""

Point = tuple[float, float]


@dataclass(slots=True)
class _Item:
    """What stands in a column: a box, or the slot of a passing edge."""

    column: int
    up: float
    down: float
    spine: bool
    y: float = 0.0
    beside: list[_Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Way:
    """A forward edge: its ends and the slots between, as points that bends join pairwise; slots: middles of
    its level stretches, where a label has room."""

    edge: FlowEdge
    points: tuple[Point, ...]
    slots: tuple[Point, ...]
    spine: bool


@dataclass(frozen=True, slots=True)
class BackWay:
    """An edge that goes back: out at `out`, down at x `right`, left at y `below`, up at x `left`, in at `into`."""

    edge: FlowEdge
    out: Point
    right: float
    below: float
    left: float
    into: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """All places in pixels. lines: each node's name as it stands in its box."""

    width: float
    height: float
    boxes: dict[str, Box]
    lines: dict[str, tuple[str, ...]]
    ways: tuple[Way, ...]
    back: tuple[BackWay, ...]
    loops: tuple[FlowEdge, ...]


def _columns(shown: Kept) -> dict[str, int]:
    """A column for each node, later than those of all that lead forward to it."""
    place = shown.place
    found: dict[str, int] = {}
    last_on_spine = 0
    for node in shown.nodes:
        before = [
            found[edge.source] + 1
            for edge in shown.edges
            if edge.target == node.code and place[edge.source] < place[node.code]
        ]
        found[node.code] = max(before, default=last_on_spine if node.code not in shown.spine else 0)
        if node.code in shown.spine:
            last_on_spine = found[node.code]
    return found


def _name_lines(nodes: Sequence[FlowNode]) -> tuple[float, dict[str, tuple[str, ...]]]:
    """Width of the boxes, and every name in one or two lines that fit into it."""
    longest = max((text_width(node.name, NAME_SIZE) * 1.06 for node in nodes), default=0.0)
    numbers = max((text_width(node.shown, SMALL) for node in nodes), default=0.0)
    wide = min(WIDEST, max(NARROWEST, longest + PAD, numbers + PAD))
    return wide, {node.code: wrapped(node.name, NAME_SIZE * 1.06, wide - PAD, 2) for node in nodes}


class _Grid:
    """Boxes and slots, column by column."""

    def __init__(self, shown: Kept, columns: dict[str, int], half: float) -> None:
        self.shown = shown
        self.columns = columns
        looped = {edge.source for edge in shown.edges if edge.source == edge.target}
        self.nodes = {
            node.code: _Item(
                columns[node.code], half + (LOOP if node.code in looped else 0.0), half, node.code in shown.spine
            )
            for node in shown.nodes
        }
        self.slots: dict[FlowEdge, list[_Item]] = {}
        on_spine = set(pairwise(shown.spine))
        for edge in shown.edges:
            if columns[edge.source] >= columns[edge.target]:
                continue
            inner = range(columns[edge.source] + 1, columns[edge.target])
            chosen = (edge.source, edge.target) in on_spine
            slots = [_Item(column, SLOT / 2, SLOT / 2, chosen) for column in inner]
            self.slots[edge] = slots
            chain = [self.nodes[edge.source], *slots, self.nodes[edge.target]]
            for one, other in pairwise(chain):
                one.beside.append(other)
                other.beside.append(one)

    def settle(self) -> None:
        """Give every item its y: the spine at 0, the others near what they are joined with."""
        count = max(self.columns.values(), default=-1) + 1
        items = [*self.nodes.values(), *(slot for slots in self.slots.values() for slot in slots)]
        by_column = [[item for item in items if item.column == column] for column in range(count)]
        done: set[int] = set()
        for sweep in range(SWEEPS):
            for column in by_column if sweep % 2 == 0 else reversed(by_column):
                _stack(column, done)
                done.update(id(item) for item in column)


def _stack(items: list[_Item], done: set[int]) -> None:
    """Items of one column above and below the one that stands on the line of the spine."""

    def wants(item: _Item) -> float:
        placed = [other.y for other in item.beside if id(other) in done]
        return sum(placed) / len(placed) if placed else 0.0

    if not items:
        return
    middle = next((item for item in items if item.spine), None) or min(items, key=lambda item: abs(wants(item)))
    middle.y = 0.0
    rest = sorted(((wants(item), n, item) for n, item in enumerate(items) if item is not middle), key=lambda w: w[:2])
    above = [(want, item) for want, _, item in rest if want < 0]
    below = [(want, item) for want, _, item in rest if want > 0]
    for _, _, item in (entry for entry in rest if entry[0] == 0):
        heights = [sum(i.up + i.down for _, i in side) for side in (above, below)]
        if heights[0] < heights[1] or (heights[0] == heights[1] and item.down == SLOT / 2):
            above.append((0.0, item))
        else:
            below.insert(0, (0.0, item))
    edge = middle.down + BETWEEN
    for want, item in below:
        item.y = max(edge + item.up, want)
        edge = item.y + item.down + BETWEEN
    edge = -middle.up - BETWEEN
    for want, item in reversed(above):
        item.y = min(edge - item.down, want)
        edge = item.y - item.up - BETWEEN


def _gaps(shown: Kept, columns: dict[str, int]) -> list[float]:
    """Width of the gap left of each column and of the one right of the last."""
    count = max(columns.values(), default=-1) + 1
    wide = [PAD, *([GAP] * (count - 1)), PAD][: count + 1]
    tracks: Counter[int] = Counter()
    short: Counter[int] = Counter()
    for edge in shown.edges:
        source, target = columns[edge.source], columns[edge.target]
        if target == source + 1:
            short[target] += 1
            wide[target] = max(wide[target], text_width(edge.shown, SMALL) * 1.06 + 22)
        elif target <= source and edge.source != edge.target:
            tracks[source + 1] += 1
            tracks[target] += 1
    crowd = {n: MORE_ROOM * min(4, max(0, count - 2)) for n, count in short.items()}
    return [each + crowd.get(n, 0.0) + (tracks[n] * TRACK + 14 if tracks[n] else 0) for n, each in enumerate(wide)]


def _port(here: float, there: float, spine: bool) -> float:
    return 0.0 if spine or abs(there - here) < 1 else PORT if there > here else -PORT


def layout(shown: Kept) -> Layout:
    """The places of everything that is drawn."""
    wide, lines = _name_lines(shown.nodes)
    half = (27.0 if any(len(each) > 1 for each in lines.values()) else 20.0) if lines else 0.0
    columns = _columns(shown)
    grid = _Grid(shown, columns, half)
    grid.settle()
    gaps = _gaps(shown, columns)
    lefts = [sum(gaps[: n + 1]) + n * wide for n in range(len(gaps) - 1)]
    items = [*grid.nodes.values(), *(slot for slots in grid.slots.values() for slot in slots)]
    top = min((item.y - item.up for item in items), default=0.0) - 10
    for item in items:
        item.y -= top
    bottom = max((item.y + item.down for item in items), default=0.0)
    boxes = {
        code: Box(lefts[item.column], item.y - half, lefts[item.column] + wide, item.y + half)
        for code, item in grid.nodes.items()
    }
    ways = tuple(_way(edge, grid, lefts, wide) for edge in shown.edges if edge in grid.slots)
    back = _back_ways(shown, columns, boxes, bottom)
    lowest = max((way.below for way in back), default=bottom)
    loops = tuple(edge for edge in shown.edges if edge.source == edge.target)
    width = sum(gaps) + wide * len(lefts) if lefts else 0.0
    return Layout(width, lowest + 14, boxes, lines, ways, back, loops)


def _way(edge: FlowEdge, grid: _Grid, lefts: list[float], wide: float) -> Way:
    source, target, slots = grid.nodes[edge.source], grid.nodes[edge.target], grid.slots[edge]
    spine = source.spine and target.spine and all(slot.spine for slot in slots)
    first, last = (slots[0], slots[-1]) if slots else (target, source)
    points: list[Point] = [(lefts[source.column] + wide, source.y + _port(source.y, first.y, spine))]
    for slot in slots:
        points += [(lefts[slot.column], slot.y), (lefts[slot.column] + wide, slot.y)]
    points.append((lefts[target.column], target.y + _port(target.y, last.y, spine)))
    middles = tuple((lefts[slot.column] + wide / 2, slot.y) for slot in slots)
    return Way(edge, tuple(points), middles, spine)


def _back_ways(shown: Kept, columns: dict[str, int], boxes: dict[str, Box], bottom: float) -> tuple[BackWay, ...]:
    """Ways below everything, the shortest nearest; two that share a stretch have different heights."""
    back = [e for e in shown.edges if columns[e.target] <= columns[e.source] and e.source != e.target]
    back.sort(key=lambda e: (columns[e.source] - columns[e.target], columns[e.target], e.source, e.target))
    out: Counter[int] = Counter()
    into: Counter[int] = Counter()
    rows: list[list[tuple[float, float]]] = []
    found = []
    for edge in back:
        source, target = boxes[edge.source], boxes[edge.target]
        right = source.right + 10 + TRACK * out[columns[edge.source]]
        left = target.left - 16 - TRACK * into[columns[edge.target]]
        out[columns[edge.source]] += 1
        into[columns[edge.target]] += 1
        half = text_width(edge.shown, SMALL) * 1.06 / 2 + 4
        middle = (left + right) / 2
        span = (min(left, middle - half) - 4, max(right, middle + half) + 4)
        row = next((n for n, taken in enumerate(rows) if all(span[1] < a or b < span[0] for a, b in taken)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(span)
        below = bottom + 16 + BACK * row
        ends = (
            (source.right, (source.top + source.bottom) / 2 + 14),
            (target.left, (target.top + target.bottom) / 2 + 14),
        )
        found.append(BackWay(edge, ends[0], right, below, left, ends[1]))
    return tuple(found)
