"""Geometry: the ruler's examples, lines, bands, ticks and gaps from known data, labels that never touch."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from ganzhi.numerics.score import LevelLimits
from ganzhi.portal.charts.axis import axis
from ganzhi.portal.charts.bars import Column, ColumnChart, column_chart
from ganzhi.portal.charts.dots import dot_cell, dot_scale
from ganzhi.portal.charts.heat import heat_steps
from ganzhi.portal.charts.line import KeyWords, LineChart, LinePoint, line_chart
from ganzhi.portal.charts.ruler import Ruler, position, ruler, ruler_scale
from ganzhi.portal.charts.spark import Spark, spark
from ganzhi.portal.charts.svg import Box, text_width

TWELVE = LevelLimits(12, 13.2, 14.4, 15.6, "lower")
NINETY = LevelLimits(92, 90.25, 88.5, 85, "higher")
WIDTHS = ((1000, 300), (340, 230))
WORDS = {
    "zh": KeyWords(
        (("blue", "蓝", "92"), ("yellow", "黄", "90.25"), ("orange", "橙", "88.5"), ("red", "红", "85")),
        "≤",
        "目标",
        "≥ 92",
    ),
    "en": KeyWords(
        (("blue", "Blue", "92"), ("yellow", "Yellow", "90.25"), ("orange", "Orange", "88.5"), ("red", "Red", "85")),
        "≤",
        "Target",
        "≥ 92",
    ),
}


def tree(svg: str) -> list[ET.Element]:
    """The drawings of a chart, parsed; a chart that is not well-formed fails here."""
    return list(ET.fromstring(f"<all>{svg}</all>"))


def boxes(svg: ET.Element) -> list[tuple[str, Box]]:
    """Every text of a drawing with the rectangle it covers."""
    found = []
    for text in svg.iter("text"):
        said, size = text.text or "", float(text.get("font-size", "12"))
        wide = text_width(said, size) * (1.06 if text.get("font-weight") else 1)
        x, y = float(text.get("x", "0")), float(text.get("y", "0"))
        left = x - {"middle": wide / 2, "end": wide}.get(text.get("text-anchor", ""), 0)
        found.append((said, Box(left, y - size * 0.95, left + wide, y + size * 0.3)))
    return found


@pytest.mark.parametrize(("value", "x"), [(15.7, 43.0), (13.8, 78.5), (12.0, 112.1), (10.2, 148.1), (30, 22.4)])
def test_ruler_stands_where_the_examples_say(value: float, x: float) -> None:
    assert position(value, TWELVE, 190) == pytest.approx(x, abs=0.06)


def test_ruler_is_the_same_whichever_way_is_good() -> None:
    mirrored = LevelLimits(88, 86.8, 85.6, 84.4, "higher")
    for gap in (-20, -1.8, 0, 0.6, 1.8, 3.7, 50):
        assert position(88 - gap, mirrored, 190) == pytest.approx(position(12 + gap, TWELVE, 190))


def test_ruler_falls_as_the_value_worsens_and_stays_within() -> None:
    places = [position(value / 10, TWELVE, 190) for value in range(-500, 500)]
    assert places == sorted(places, reverse=True)
    assert min(places) >= 0
    assert max(places) <= 190


def test_ruler_says_its_sentence_and_shows_the_level_by_shape() -> None:
    shown = ruler(Ruler(TWELVE, 15.7, 13.8, "red", judged=True, sentence='<等待> "15.7"'))
    root = tree(shown)[0]
    assert root.get("aria-label") == '<等待> "15.7"'
    assert 'fill="#a60b1e"' in shown
    assert "style=" not in shown


def test_ruler_of_an_unknown_value_has_no_mark() -> None:
    shown = ruler(Ruler(TWELVE, None, None, None, judged=True, sentence=None))
    assert "circle" not in shown


def test_ruler_scale_leaves_crowded_values_out() -> None:
    wide = tree(ruler_scale(TWELVE, ("12,000,000", "13,200,000", "14,400,000", "15,600,000")))[0]
    texts = boxes(wide)
    assert not any(a[1].meets(b[1]) for n, a in enumerate(texts) for b in texts[n + 1 :])
    assert next(said for said, _ in texts) == "12,000,000"


def points(values: list[float | None], ticks: dict[int, str] | None = None) -> tuple[LinePoint, ...]:
    def level(value: float | None) -> str | None:
        return None if value is None or value >= 92 else "red" if value <= 85 else "orange"

    return tuple(
        LinePoint(f"p{n}", f"{v:.1f}%" if v is not None else "无数据", v, v, v, level(v), (ticks or {}).get(n, ""))
        for n, v in enumerate(values)
    )


def chart(
    values: list[float | None], lang: str = "zh", limits: LevelLimits | None = NINETY, **more: object
) -> LineChart:
    made = LineChart(
        sentence="接通率",
        points=points(values, dict.fromkeys(range(0, len(values), 3), "12 月" if lang == "zh" else "29 Sep")),
        limits=limits,
        key=WORDS[lang] if limits else None,
        before_word="去年同期" if lang == "zh" else "a year earlier",
        gap_word="无数据" if lang == "zh" else "no data",
        tick_text=lambda value, decimals: f"{value:,.{decimals}f}",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_line_puts_points_bands_and_target_at_their_values() -> None:
    root = tree(line_chart(chart([80.0, 90.0, 100.0], cap=100.0), 1000, 300))[0]
    span = [float(part) for part in root.get("data-span", "").split(",")]
    top, bottom, left, right = span
    rows = json.loads(root.get("data-points", ""))
    assert [row[1] for row in rows] == pytest.approx([bottom, (top + bottom) / 2, top], abs=0.06)
    step = (right - left) / 3
    assert [row[0] for row in rows] == pytest.approx([left + step / 2, left + 1.5 * step, left + 2.5 * step], abs=0.1)
    tints = {
        r.get("fill"): (float(r.get("y", "0")), float(r.get("height", "0")))
        for r in root.iter("rect")
        if r.get("opacity")
    }
    y = lambda value: bottom - (value - 80) / 20 * (bottom - top)  # noqa: E731
    assert tints["#e8f0fa"] == pytest.approx((y(92), y(90.25) - y(92)), abs=0.1)
    assert tints["#f9e3e5"] == pytest.approx((y(85), bottom - y(85)), abs=0.1)


def test_missing_periods_are_gaps_and_not_lines() -> None:
    values: list[float | None] = [90, 91, None, None, 89, 90]
    shown = line_chart(chart(values), 1000, 300)
    root = tree(shown)[0]
    bold = next(p for p in root.iter("path") if p.get("stroke-width") == "2.2")
    assert (bold.get("d") or "").count("M") == 2
    gap = next(r for r in root.iter("rect") if r.find("title") is not None)
    assert (gap.find("title").text or "").startswith("p2 – p3")  # type: ignore[union-attr]
    assert [row[1] is None for row in json.loads(root.get("data-points", ""))] == [v is None for v in values]
    assert "无数据" in [said for said, _ in boxes(root)]


def test_one_known_point_between_gaps_is_still_seen() -> None:
    root = tree(line_chart(chart([None, 90, None]), 340, 230))[0]
    assert any("h.1" in (path.get("d") or "") for path in root.iter("path"))


CASES: dict[str, list[float | None]] = {
    "one": [90.0],
    "equal": [90.0] * 9,
    "negative": [-5.0, -3.0, -8.0, 2.0],
    "giant beside one": [1.0, 1e9, 2.0],
    "tiny": [1e-9, 2e-9],
    "zeros": [0.0, 0.0, 0.0],
    "gaps": [None, 91.0, None, None, 85.0, None],
    "month": [80 + (n * 7919 % 200) / 10 if n not in (10, 11) else None for n in range(31)],
    "half a year": [88 + (n * 7919 % 100) / 20 for n in range(182)],
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("limits", [None, NINETY, LevelLimits(90, 89.99, 89.98, 89.97, "higher"), TWELVE])
@pytest.mark.parametrize("case", CASES)
def test_no_label_of_a_line_chart_touches_another(
    case: str, limits: LevelLimits | None, lang: str, size: tuple[int, int]
) -> None:
    root = tree(line_chart(chart(CASES[case], lang, limits), *size))[0]
    texts = boxes(root)
    touching = [(a[0], b[0]) for n, a in enumerate(texts) for b in texts[n + 1 :] if a[1].meets(b[1])]
    assert not touching
    assert all(box.left >= -1 and box.right <= size[0] + 1 for _, box in texts)
    numbers = [float(part) for path in root.iter("path") for part in re.findall(r"-?\d+\.?\d*", path.get("d") or "")]
    assert all(-20 <= number <= size[0] + 20 for number in numbers)


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("seed", range(12))
def test_no_label_of_a_column_chart_touches_another(seed: int, size: tuple[int, int]) -> None:
    dice = random.Random(seed)
    count = dice.choice([1, 7, 8, 24, 31])
    most = 10 ** dice.randint(0, 9)
    columns = tuple(
        Column(
            f"{n} 时",
            None if dice.random() < 0.2 else dice.uniform(-most if seed % 4 == 0 else 0, most),
            dice.uniform(0, most),
            f"{most:,}",
            "t",
        )
        for n in range(count)
    )
    made = ColumnChart("按小时", columns, "–", lambda value, decimals: f"{value:,.{decimals}f}")
    root = tree(column_chart(made, size[0], 220))[0]
    texts = boxes(root)
    assert not [(a[0], b[0]) for n, a in enumerate(texts) for b in texts[n + 1 :] if a[1].meets(b[1])]


def test_columns_start_at_zero() -> None:
    made = ColumnChart(
        "s",
        (Column("a", 50.0, None, "50", "a 50"), Column("b", 100.0, None, "100", "b 100")),
        "–",
        lambda v, d: f"{v:.{d}f}",
    )
    bars = [r for r in tree(column_chart(made))[0].iter("rect") if r.get("fill") == "#7d8896"]
    heights = [float(r.get("height", "0")) for r in bars]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)


@pytest.mark.parametrize(
    "values", [[8.6, 19.4], [0.0], [-3.0, -1.0], [1.0, 1e9], [99.2, 99.9], [5e-7, 9e-7], [100, 100]]
)
def test_axes_cover_their_values_with_at_least_five_round_ticks(values: list[float]) -> None:
    made = axis(values)
    assert made.low <= min(values)
    assert made.high >= max(values)
    assert len(made.ticks) >= 5
    steps = {round((b - a) / (made.ticks[1] - made.ticks[0]), 6) for a, b in pairwise(made.ticks)}
    assert steps == {1.0}


def test_an_axis_of_per_cents_ends_at_a_hundred_unless_the_data_do_not() -> None:
    assert axis([91, 99.9], cap=100).ticks[-1] == 100
    assert axis([91, 104], cap=100).ticks[-1] > 100


def test_sparkline_leaves_gaps_open_and_ends_in_its_shape() -> None:
    shown = spark(Spark((1, 2, None, 3, 4), None, "yellow", judged=True))
    assert shown.count("M") >= 3
    assert "#ffd21f" in shown


@pytest.mark.parametrize("values", [(), (1.0,), (None, None)])
def test_sparkline_of_less_than_two_points_is_not_drawn(values: tuple[float | None, ...]) -> None:
    assert spark(Spark(values, 3.0, None, judged=True)) == ""


def test_dots_share_one_scale_with_the_target_in_it() -> None:
    scale = dot_scale([70.0, None, 95.0], NINETY)
    assert 0 < scale.at(70) < scale.at(92) < scale.at(95) < 100
    assert f'x1="{scale.at(92)}%"' in dot_cell(scale, 70.0, 72.0, "red")
    assert "#a60b1e" not in dot_cell(scale, None, 72.0, None)


def test_dots_of_equal_or_unknown_values_do_not_divide_by_zero() -> None:
    assert dot_cell(dot_scale([5.0, 5.0], None), 5.0, 5.0, None)
    assert dot_cell(dot_scale([None], None), None, None, None)


def test_heat_has_no_shade_for_unknown_or_equal_values() -> None:
    assert heat_steps([None, 3.0, 3.0]) == (None, 0, 0)
    assert heat_steps([None]) == (None,)


def test_a_value_of_a_tiny_sample_is_hollow_and_neither_joins_the_line_nor_sets_the_scale() -> None:
    made = chart([90.0, 91.0, 0.0, 92.0], marks=True)
    weak = replace(made, points=tuple(replace(p, judged=p.value != 0, smooth=None, before=None) for p in made.points))
    root = tree(line_chart(weak, 1000, 300))[0]
    assert min(float(said) for said, _ in boxes(root) if re.fullmatch(r"[\d.]+", said)) > 80
    assert [c.get("fill") for c in root.iter("circle") if c.get("stroke")] == ["#fff"]
    line = next(p for p in root.iter("path") if p.get("stroke-width") == "1.6")
    assert (line.get("d") or "").count("M") == 2
