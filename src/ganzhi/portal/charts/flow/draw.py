"""A flow as SVG: boxes on their lines, edges as thick as they are used, labels where they have room.

A label without a free place is left out; its edge's title and the table beside the chart hold it.
"""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup

from ganzhi.portal.charts.flow.layout import NAME_SIZE, SMALL, BackWay, Layout, Point, Way, layout
from ganzhi.portal.charts.flow.model import Flow, FlowEdge, FlowNode, Kept, kept
from ganzhi.portal.charts.palette import ACCENT, CARD, GROUND, INK, MUTED, OUTLINE, WORSE
from ganzhi.portal.charts.svg import Box, Labels, drawing, number, tag, text_width

THINNEST, THICKEST = 0.8, 6.0
ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
"""Places along a bend that are tried for a label."""
FOOT = 20.0
LINE = 15.5


def _join(points: tuple[Point, ...]) -> str:
    """A path that bends between columns and runs level past them."""
    x, y = points[0]
    parts = [f"M{number(x)} {number(y)}"]
    for place, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if place % 2:
            parts.append(f"H{number(x1)}")
        else:
            bend = number((x0 + x1) / 2)
            parts.append(f"C{bend} {number(y0)} {bend} {number(y1)} {number(x1)} {number(y1)}")
    return "".join(parts)


def _back_path(way: BackWay) -> str:
    (x0, y0), (x1, y1), r = way.out, way.into, 5
    right, left = number(way.right - r), number(way.left + r)
    return (
        f"M{number(x0)} {number(y0)}H{right}q{r} 0 {r} {r}V{number(way.below - r)}q0 {r} -{r} {r}"
        f"H{left}q-{r} 0 -{r} -{r}V{number(y1 + r)}q0 -{r} {r} -{r}H{number(x1)}"
    )


def bend_at(start: Point, end: Point, share: float) -> Point:
    """A point of the bend between two columns.

    >>> bend_at((0.0, 0.0), (10.0, 20.0), 0.5)
    (5.0, 10.0)
    """
    (x0, y0), (x1, y1), t = start, end, share
    middle = (x0 + x1) / 2
    a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
    return a * x0 + (b + c) * middle + d * x1, (a + b) * y0 + (c + d) * y1


class _Picture:
    """Marks of one flow in the order they are drawn."""

    def __init__(self, shown: Kept, places: Layout, width: float, height: float, links: bool) -> None:
        self.shown, self.places, self.links = shown, places, links
        self.labels = Labels(width, height)
        self.most = max((edge.count for edge in shown.edges), default=1)

    def _stroke(self, edge: FlowEdge) -> dict[str, object]:
        thick = THINNEST + (THICKEST - THINNEST) * edge.count / self.most
        look = {"fill": "none", "stroke": WORSE if edge.stressed else OUTLINE, "stroke-width": thick}
        return {**look, "stroke-linejoin": "round"}

    def _head(self, edge: FlowEdge, x: float, y: float, *, down: bool = False) -> Markup:
        wide = 3.5 + 2.0 * edge.count / self.most
        to = f"{number(-wide)} {number(-2 * wide)}h{number(2 * wide)}" if down else ""
        to = to or f"{number(-2 * wide)} {number(-wide)}v{number(2 * wide)}"
        path = f"M{number(x)} {number(y)}l{to}Z"
        return tag("path", {"d": path, "fill": WORSE if edge.stressed else MUTED})

    def edges(self) -> list[Markup]:
        """Every edge with its title; thin ones over thick ones."""
        drawn: list[tuple[int, Markup]] = []
        for way in self.places.ways:
            path = tag("path", {"d": _join(way.points), **self._stroke(way.edge)}, tag("title", {}, way.edge.title))
            drawn.append((way.edge.count, path + self._head(way.edge, *way.points[-1])))
        for back in self.places.back:
            look = {**self._stroke(back.edge), "stroke-dasharray": "5 3"}
            path = tag("path", {"d": _back_path(back), **look}, tag("title", {}, back.edge.title))
            drawn.append((back.edge.count, path + self._head(back.edge, *back.into)))
        for edge in self.places.loops:
            box = self.places.boxes[edge.source]
            x, y = (box.left + box.right) / 2, box.top
            arc = f"M{number(x + 12)} {number(y)}c0 -18 -24 -18 -24 -4"
            path = tag("path", {"d": arc, **self._stroke(edge)}, tag("title", {}, edge.title))
            drawn.append((edge.count, path + self._head(edge, x - 12, y, down=True)))
        return [mark for _, mark in sorted(drawn, key=lambda entry: -entry[0])]

    def nodes(self) -> list[Markup]:
        """Every box with its name and count; a link where it has one."""
        return [self._node(node, self.places.boxes[node.code]) for node in self.shown.nodes]

    def _node(self, node: FlowNode, box: Box) -> Markup:
        self.labels.block(box)
        spine = node.code in self.shown.spine
        middle, lines = (box.left + box.right) / 2, self.places.lines[node.code]
        rect = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top, "rx": 5}
        look = {"fill": GROUND if spine else CARD, "stroke": ACCENT if spine else OUTLINE}
        first = (box.top + box.bottom) / 2 - 3.3 - (len(lines) - 1) * LINE / 2
        centred = {"x": float(middle), "text-anchor": "middle"}
        heavy = 600 if spine else None
        texts = [
            tag(
                "text",
                {**centred, "y": first + LINE * n, "font-size": NAME_SIZE, "fill": INK, "font-weight": heavy},
                line,
            )
            for n, line in enumerate(lines)
        ]
        texts.append(
            tag(
                "text",
                {**centred, "y": first + LINE * (len(lines) - 1) + 14.5, "font-size": SMALL, "fill": MUTED},
                node.shown,
            )
        )
        inside = (tag("title", {}, node.title or f"{node.name} {node.shown}"), tag("rect", {**rect, **look}), *texts)
        return tag("a", {"href": node.link}, *inside) if node.link and self.links else tag("g", {}, *inside)

    def write(self) -> list[Markup]:
        """Labels of edges, those of the spine and heavy ones first."""
        spots: list[tuple[FlowEdge, bool, list[Point]]] = [
            (way.edge, way.spine, [*((x, y + 4) for x, y in way.slots), *_beside(way)]) for way in self.places.ways
        ]
        spots += [(back.edge, False, [((back.left + back.right) / 2, back.below + 4)]) for back in self.places.back]
        for edge in self.places.loops:
            box = self.places.boxes[edge.source]
            spots.append((edge, False, [((box.left + box.right) / 2, box.top - 18)]))
        for edge, _, places in sorted(spots, key=lambda s: (not s[1], not s[0].stressed, -s[0].count)):
            for x, y in places:
                fill = WORSE if edge.stressed else MUTED
                if self.labels.place(
                    edge.shown, x, y, anchor="middle", size=SMALL, fill=fill, bold=edge.stressed, halo=True
                ):
                    break
        return self.labels.marks


def _beside(way: Way) -> list[Point]:
    """Where a label may stand on the bends of a way: its first and its last, from their middles outwards."""
    bends = list(zip(way.points[::2], way.points[1::2], strict=True))
    ends = [bends[0], bends[-1]] if len(bends) > 1 else bends
    found = (bend_at(start, end, share) for share in ALONG for start, end in ends)
    return [(x, y + 4) for x, y in found]


def flow(chart: Flow, *, links: bool = True) -> Markup:
    """The process, drawn at its own size; empty where nothing is left to draw.

    links: whether boxes lead to their links; a file that leaves the house has none.
    """
    shown = kept(chart)
    if not shown.nodes:
        return Markup("")
    places = layout(shown)
    said = chart.folded_text(shown.folded) if shown.folded.edges or shown.folded.nodes else ""
    width = max(places.width, text_width(said, SMALL) + 24)
    height = places.height + (FOOT if said else 0)
    picture = _Picture(shown, places, width, height, links)
    edges, nodes = picture.edges(), picture.nodes()
    if said:
        picture.labels.place(said, 12, height - 8, size=SMALL)
    labels = picture.write()
    size = {"width": number(width), "height": number(height)}
    led = links and any(node.link for node in shown.nodes)
    role = "group" if led else "img"
    return drawing(width, height, chart.sentence, "flowchart", *edges, *nodes, *labels, role=role, **size)
