"""The drawing of a blueprint: boxes apart, links around them, lanes in order, poor steps circled."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest

from ganzhi.catalogue.load import load_catalogue
from ganzhi.portal.charts.blueprint import BlueprintChart, ChartLink, ChartPhase, ChartStep, blueprint
from ganzhi.portal.charts.blueprint.layout import layout
from ganzhi.portal.charts.blueprint.model import ROWS
from ganzhi.portal.charts.palette import LOOK
from ganzhi.portal.charts.svg import Box

WORDS = {row: row for row in ROWS}


def _charts() -> list[BlueprintChart]:
    """All blueprints of the pack, as they are drawn."""
    found = []
    for each in load_catalogue("telecom", None).blueprints.values():
        steps = [
            ChartStep(c, s.lane, s.phase, s.name.en, "99.9%", None, marked=s.key_point) for c, s in each.steps.items()
        ]
        steps += [
            ChartStep(f"{c}.e", "evidence", s.phase, s.evidence[0].en) for c, s in each.steps.items() if s.evidence
        ]
        links = [ChartLink(link.source, link.target) for link in each.links]
        links += [ChartLink(c, f"{c}.e") for c, s in each.steps.items() if s.evidence]
        phases = tuple(ChartPhase(code, name.en) for code, name in each.phases.items())
        found.append(BlueprintChart(each.name.en, phases, tuple(steps), tuple(links), WORDS, ("a", "b", "c")))
    return found


CHARTS = _charts()


def _passes(box: Box, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether a level or upright piece runs through the inside of a box."""
    left, right = sorted((one[0], other[0]))
    top, bottom = sorted((one[1], other[1]))
    return left < box.right - 0.5 and right > box.left + 0.5 and top < box.bottom - 0.5 and bottom > box.top + 0.5


@pytest.mark.requirement("S001-048")
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.sentence)
def test_boxes_stand_apart_in_their_lanes_and_no_link_passes_one(chart: BlueprintChart) -> None:
    places = layout(chart)
    assert not any(one.meets(other) for one, other in combinations(places.boxes.values(), 2))
    for step in chart.steps:
        top, bottom = places.rows[step.row]
        box = places.boxes[step.code]
        assert top - 0.1 <= box.top < box.bottom <= bottom + 0.1
        assert 0 <= box.left < box.right <= places.width
    assert [row for row in ROWS if row in places.rows] == sorted(places.rows, key=lambda row: places.rows[row][0])
    for link, points in places.ways:
        assert all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(points))
        for code, box in places.boxes.items():
            inside = [piece for piece in pairwise(points) if _passes(box, *piece)]
            assert not inside, (link, code, points)


def test_links_of_one_gap_and_channel_have_tracks_of_their_own() -> None:
    for chart in CHARTS:
        upright = [piece for _, points in layout(chart).ways if len(points) > 2 for piece in pairwise(points) if piece[0][0] == piece[1][0]]  # fmt: skip
        for (a, b), (c, d) in combinations(upright, 2):
            apart = a[0] != c[0] or max(a[1], b[1]) <= min(c[1], d[1]) or max(c[1], d[1]) <= min(a[1], b[1])
            assert apart, (chart.sentence, a, b, c, d)


def test_a_poor_step_is_circled_and_has_the_shape_of_its_level() -> None:
    phases = (ChartPhase("p", "phase"),)
    step = ChartStep("s", "customer", "p", "step", "31 min", "red", poor=True)
    rows = (
        step,
        ChartStep("t", "front", "p", "t"),
        ChartStep("u", "back", "p", "u"),
        ChartStep("v", "support", "p", "v"),
    )
    drawn = blueprint(BlueprintChart("x", phases, rows, (ChartLink("s", "t"),), WORDS, ("a", "b", "c")))
    solid = LOOK["red"].solid
    assert re.search(rf'rx="14"[^>]*stroke="{solid}"', drawn)
    assert drawn.count(f'fill="{solid}"') == 1
    plain = blueprint(BlueprintChart("x", phases, rows[1:], (), WORDS, ("a", "b", "c")))
    assert solid not in plain
    assert blueprint(BlueprintChart("x", phases, (), (), WORDS, ("a", "b", "c"))) == ""
