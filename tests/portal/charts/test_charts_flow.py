"""The flow: what is folded, which path is the spine, and that nothing covers anything, over generated graphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.portal.charts.flow import Flow, FlowEdge, FlowNode, Folded, flow
from ganzhi.portal.charts.flow.draw import bend_at
from ganzhi.portal.charts.flow.layout import SLOT, Layout, layout
from ganzhi.portal.charts.flow.model import MOST_EDGES, MOST_NODES, Kept, kept
from ganzhi.portal.charts.svg import Box
from tests.portal.charts.test_charts import boxes

NAMES = ("受理", "预处理", "省部门协查与市公司联合处理再转回", "Handling by the city company", "a", "<&>", "")


def said(folded: Folded) -> str:
    return f"另有 {folded.edges} 种去向共 {folded.passages:,} 次未画出"


def edge(source: str, target: str, count: int, **more: object) -> FlowEdge:
    return FlowEdge(source, target, count, f"{count:,}", f"{source}→{target}", **more)  # type: ignore[arg-type]


def made(nodes: str, edges: str, *, total: int = 100, below: float = 0.0, positions: bool = True) -> Flow:
    """`a b c` and `ab9 bc5`: nodes in order, edges with counts."""
    ways = [edge(text[0], text[1], int(text[2:])) for text in edges.split()]
    codes = nodes.split()
    into = {code: sum(e.count for e in ways if e.target == code) for code in codes}
    out = {code: sum(e.count for e in ways if e.source == code) for code in codes}
    steps = tuple(
        FlowNode(code, code.upper(), max(into[code], out[code]), "n", float(n) if positions else None)
        for n, code in enumerate(codes)
    )
    return Flow("s", steps, tuple(ways), total, said, below)


@st.composite
def graphs(draw: st.DrawFn) -> Flow:
    """Graphs of all kinds: loops, ways back, parts that are not joined, equal and missing positions."""
    size = draw(st.integers(1, 12))
    codes = [f"n{n}" for n in range(size)]
    pairs = st.tuples(st.sampled_from(codes), st.sampled_from(codes))
    chosen = draw(st.lists(pairs, unique=True, max_size=30))
    ways = tuple(
        edge(source, target, draw(st.integers(1, 10 ** draw(st.integers(1, 6)))), stressed=draw(st.booleans()))
        for source, target in chosen
    )
    position = st.one_of(st.none(), st.integers(0, 9).map(float), st.floats(0, 20))
    steps = tuple(
        FlowNode(code, draw(st.sampled_from(NAMES)), draw(st.integers(0, 10**6)), "4,307", draw(position))
        for code in codes
    )
    return Flow("s", steps, ways, 10**6, said, draw(st.sampled_from((0.0, 0.001, 0.05))))


def stretches(places: Layout) -> Iterator[tuple[FlowEdge, Box]]:
    """Every edge as small rectangles along its course."""
    for way in places.ways:
        for n, (start, end) in enumerate(pairwise(way.points)):
            bent = n % 2 == 0
            shares = [k / 20 for k in range(21)]
            course = [
                bend_at(start, end, s) if bent else (start[0] + (end[0] - start[0]) * s, start[1]) for s in shares
            ]
            yield from ((way.edge, Box(x - 0.1, y - 0.1, x + 0.1, y + 0.1)) for x, y in course)
    for back in places.back:
        (x0, y0), (x1, y1) = back.out, back.into
        yield back.edge, Box(x0, y0 - 0.1, back.right, y0 + 0.1)
        yield back.edge, Box(back.right - 0.1, y0, back.right + 0.1, back.below)
        yield back.edge, Box(back.left, back.below - 0.1, back.right, back.below + 0.1)
        yield back.edge, Box(back.left - 0.1, y1, back.left + 0.1, back.below)
        yield back.edge, Box(back.left, y1 - 0.1, x1, y1 + 0.1)


def inner(box: Box) -> Box:
    return Box(box.left + 0.5, box.top + 0.5, box.right - 0.5, box.bottom - 0.5)


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_boxes_keep_apart_no_edge_crosses_a_box_and_all_is_within_the_drawing(chart: Flow) -> None:
    shown = kept(chart)
    places = layout(shown)
    every = list(places.boxes.values())
    assert not [(a, b) for n, a in enumerate(every) for b in every[n + 1 :] if a.meets(b)]
    frame = Box(0, 0, places.width, places.height)
    for way, stretch in stretches(places):
        assert not [code for code, box in places.boxes.items() if stretch.meets(inner(box))], way
        assert stretch.left >= frame.left and stretch.right <= frame.right  # noqa: PT018
        assert stretch.top >= frame.top and stretch.bottom <= frame.bottom  # noqa: PT018
    drawn = len(places.ways) + len(places.back) + len(places.loops)
    assert drawn == len(shown.edges)


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_no_label_touches_another_or_a_box(chart: Flow) -> None:
    svg = flow(chart)
    if not svg:
        assert not kept(chart).nodes
        return
    root = ET.fromstring(svg)
    texts = boxes(root)
    assert not [(a[0], b[0]) for n, a in enumerate(texts) for b in texts[n + 1 :] if a[1].meets(b[1])]
    rects = [
        Box(x, y, x + float(r.get("width", "0")), y + float(r.get("height", "0")))
        for r in root.iter("rect")
        for x, y in [(float(r.get("x", "0")), float(r.get("y", "0")))]
    ]
    wide, high = float(root.get("width", "0")), float(root.get("height", "0"))
    for text, box in texts:
        assert box.left >= -1 and box.right <= wide + 1 and box.bottom <= high + 1, text  # noqa: PT018
        for rect in rects:
            inside = rect.left <= box.left + 1 and box.right <= rect.right + 1
            assert not box.meets(inner(rect)) or inside, text


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_what_is_drawn_and_what_is_folded_is_all_there_is(chart: Flow) -> None:
    shown = kept(chart)
    assert sum(e.count for e in shown.edges) + shown.folded.passages == sum(e.count for e in chart.edges)
    assert len(shown.edges) + shown.folded.edges == len(chart.edges)
    assert len(shown.nodes) + shown.folded.nodes == len(chart.nodes)
    assert len(shown.nodes) <= MOST_NODES
    assert len(shown.edges) <= MOST_EDGES


def paths(shown: Kept, start: str, end: str) -> Iterator[list[int]]:
    """Counts along every way that never goes back, by trying them all."""
    place = shown.place
    if start == end:
        yield []
    for way in shown.edges:
        if way.source == start and place[way.target] > place[start]:
            yield from ([way.count, *rest] for rest in paths(shown, way.target, end))


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_no_path_between_its_ends_is_heavier_than_the_spine(chart: Flow) -> None:
    shown = kept(chart)
    if len(shown.spine) < 2:
        return
    counts = {(e.source, e.target): e.count for e in shown.edges}
    own = [counts[pair] for pair in pairwise(shown.spine)]
    best = max(min(path) for path in paths(shown, shown.spine[0], shown.spine[-1]))
    assert min(own) == best


def test_the_spine_is_a_straight_line_and_the_detour_is_not_on_it() -> None:
    shown = kept(made("a b c d", "ab90 bc60 cd90 bd30"))
    assert shown.spine == ("a", "b", "c", "d")
    places = layout(shown)
    assert len({(box.top, box.bottom) for box in places.boxes.values()}) == 1
    around = next(way for way in places.ways if way.edge.source == "b" and way.edge.target == "d")
    passed = places.boxes["c"]
    (slot,) = around.slots
    assert passed.left < slot[0] < passed.right
    assert not Box(slot[0], slot[1] - SLOT / 2, slot[0] + 1, slot[1] + SLOT / 2).meets(passed)


def test_the_thickest_way_wins_over_the_way_with_more_steps() -> None:
    assert kept(made("a b c", "ac95 ab50 bc50")).spine == ("a", "c")


def test_steps_and_ways_below_the_share_are_folded_and_counted() -> None:
    shown = kept(made("a b c d", "ab90 bc85 ad3 dc3 ac2", below=0.05))
    assert [node.code for node in shown.nodes] == ["a", "b", "c"]
    assert shown.folded == Folded(nodes=1, edges=3, passages=8, below=5)
    assert "另有 3 种去向共 8 次未画出" in flow(made("a b c d", "ab90 bc85 ad3 dc3 ac2", below=0.05))


def test_a_step_that_stays_keeps_its_heaviest_way_in_though_it_is_rare() -> None:
    chart = made("a b c d", "ad4 bd3 cd2 ab9", below=0.06)
    stays = [FlowNode("d", "D", 50, "n", 3.0) if n.code == "d" else n for n in chart.nodes]
    with_d = Flow("s", tuple(stays), chart.edges, 100, said, 0.06)
    assert ("a", "d") in {(e.source, e.target) for e in kept(with_d).edges}


def test_loops_ways_back_and_more_than_can_be_read() -> None:
    chart = made("a b c", "ab9 bc8 bb2 ca4")
    places = layout(kept(chart))
    assert [e.source for e in places.loops] == ["b"]
    (back,) = places.back
    assert back.below > max(box.bottom for box in places.boxes.values())
    assert flow(chart).count('stroke-dasharray="5 3"') == 1
    many = [FlowNode(f"n{n}", "x", 7, "7", float(n)) for n in range(60)]
    ways = [edge(f"n{a}", f"n{b}", 7) for a in range(60) for b in range(60) if a != b]
    shown = kept(Flow("s", tuple(many), tuple(ways), 7, said))
    assert (len(shown.nodes), len(shown.edges)) == (MOST_NODES, MOST_EDGES)


def test_positions_that_are_not_given_follow_from_the_edges() -> None:
    shown = kept(made("c b a", "ab9 bc8", positions=False))
    assert [node.code for node in shown.nodes] == ["a", "b", "c"]
    ring = kept(made("a b c", "ab9 bc8 ca8", positions=False))
    assert [node.code for node in ring.nodes] == ["a", "b", "c"]


def test_boxes_are_links_on_a_page_and_none_in_a_file() -> None:
    step = FlowNode("a", "A<b>", 3, "3", 0.0, "/records/x?d.step=a&b=1")
    chart = Flow('"said"', (step,), (), 3, said)
    root = ET.fromstring(flow(chart))
    assert [a.get("href") for a in root.iter("a")] == [step.link]
    assert (root.get("role"), root.get("aria-label")) == ("group", '"said"')
    kept_in = ET.fromstring(flow(chart, links=False))
    assert (list(kept_in.iter("a")), kept_in.get("role")) == ([], "img")


def test_edges_are_as_thick_as_they_are_used_and_the_stressed_one_is_marked() -> None:
    chart = made("a b c", "ab80 bc20")
    stressed = Flow("s", chart.nodes, (chart.edges[0], edge("b", "c", 20, stressed=True)), 100, said, 0.0)
    root = ET.fromstring(flow(stressed))
    drawn = {p.find("title").text: p for p in root.iter("path") if p.find("title") is not None}  # type: ignore[union-attr]
    thick, thin = (float(re.sub("[^0-9.]", "", drawn[t].get("stroke-width", ""))) for t in ("a→b", "b→c"))
    assert thick > 2 * thin
    assert (drawn["a→b"].get("stroke"), drawn["b→c"].get("stroke")) == ("#98a2ae", "#5b0b6b")


@pytest.mark.parametrize("edges", ["ab1 ab2"])
def test_two_counts_for_one_pair_are_refused(edges: str) -> None:
    with pytest.raises(AssertionError):
        kept(made("a b", edges))


def test_nothing_to_draw_is_empty() -> None:
    assert flow(Flow("s", (), (), 0, said)) == ""
