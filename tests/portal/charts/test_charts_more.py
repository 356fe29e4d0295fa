"""Control limits, events and forecasts in a trend; heat tables, rows and small multiples."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from ganzhi.portal.charts.bars import Column, ColumnChart, bar_cell, column_chart
from ganzhi.portal.charts.heat import HeatCell, HeatChart, HeatRow, heat_chart
from ganzhi.portal.charts.line import LineChart, line_chart
from ganzhi.portal.charts.palette import HEAT, LOOK
from ganzhi.portal.charts.rows import Multiple, PictureRow, PictureTable, Say, cumulative, multiples, picture_table
from ganzhi.portal.charts.spark import Spark, spark
from ganzhi.portal.charts.svg import text_width, wrapped
from ganzhi.portal.charts.watch import Control, Event, Flag, Forecast
from tests.portal.charts.test_charts import NINETY, WIDTHS, boxes, chart

NAMES = ("热线", "营业厅", "掌上营业厅", "Handling by the city company and others", "a")


def touching(root: ET.Element) -> list[tuple[str, str]]:
    texts = boxes(root)
    return [(a[0], b[0]) for n, a in enumerate(texts) for b in texts[n + 1 :] if a[1].meets(b[1])]


def span(root: ET.Element) -> tuple[float, float, float, float]:
    top, bottom, left, right = (float(part) for part in root.get("data-span", "").split(","))
    return top, bottom, left, right


def watched(values: list[float | None], **more: object) -> LineChart:
    made = chart(values, limits=None)
    plain = tuple(replace(point, smooth=None, before=None) for point in made.points)
    return replace(made, points=plain, **more)  # type: ignore[arg-type]


CONTROL = Control(
    low=80.0,
    middle=90.0,
    high=100.0,
    base=(0, 3),
    base_word="基准期",
    word="控制限",
    flags=(Flag(5, 5, "超出上限"), Flag(6, 8, "连续上升")),
)


def test_control_limits_lie_at_their_values_with_the_base_period_on_the_axis() -> None:
    values: list[float | None] = [90, 91, 89, 90, 92, 104, 91, 92, 93, 88]
    root = ET.fromstring(line_chart(watched(values, control=CONTROL), 1000, 300))
    top, bottom, left, right = span(root)
    assert "基准期" in [said for said, _ in boxes(root)]
    (band,) = [r for r in root.iter("rect") if r.get("fill") == "#eef1f4"]
    low, high = 80.0, 105.0
    y = lambda value: bottom - (value - low) / (high - low) * (bottom - top)  # noqa: E731
    assert float(band.get("y", "0")) == pytest.approx(y(100.0), abs=0.1)
    assert float(band.get("height", "0")) == pytest.approx(y(80.0) - y(100.0), abs=0.1)
    base = next(p for p in root.iter("path") if p.find("title") is not None and p.find("title").text == "基准期")  # type: ignore[union-attr]
    ends = [float(part) for part in re.findall(r"[MH]([\d.]+)", base.get("d", ""))]
    step = (right - left) / len(values)
    assert ends == pytest.approx([left + 1, left + 4 * step - 1], abs=0.1)


def test_points_outside_are_ringed_where_they_stand_and_runs_bracketed() -> None:
    values: list[float | None] = [90, 91, 89, 90, 92, 104, 91, None, 93, 88]
    root = ET.fromstring(line_chart(watched(values, control=CONTROL), 1000, 300))
    _, _, left, right = span(root)
    step = (right - left) / len(values)
    titles = {e.find("title").text: e for e in root.iter() if e.find("title") is not None}  # type: ignore[union-attr]
    ring, run = titles["超出上限"], titles["连续上升"]
    assert float(ring.get("cx", "0")) == pytest.approx(left + 5.5 * step, abs=0.1)
    assert ring.get("fill") == "none"
    ends = [float(part) for part in re.findall(r"[MH]([\d.]+)", run.get("d", ""))]
    assert ends == pytest.approx([left + 6.5 * step, left + 8.5 * step], abs=0.1)


def test_a_control_limit_outside_the_values_widens_the_axis() -> None:
    shown = line_chart(watched([90.0, 91.0], control=replace(CONTROL, high=140.0, flags=(), base=None)), 1000, 300)
    ticks = [float(said) for said, _ in boxes(ET.fromstring(shown)) if re.fullmatch(r"[\d.]+", said)]
    assert max(ticks) >= 140


def test_a_forecast_begins_at_the_last_known_value_and_is_dashed_and_hatched() -> None:
    ahead = Forecast(tuple((88.0 - n, 90.0, 92.0 + n) for n in range(4)), "预测", "今天")
    root = ET.fromstring(line_chart(watched([90.0, 94.0, None], forecast=ahead), 1000, 300))
    top, bottom, left, right = span(root)
    step = (right - left) / 6
    dashed = next(p for p in root.iter("path") if p.get("stroke-dasharray") == "6 4")
    course = [float(part) for part in re.findall(r"[ML]([\d.]+)", dashed.get("d", ""))]
    assert course == pytest.approx([left + (n + 0.5) * step for n in range(1, 6)], abs=0.1)
    hatched = next(p for p in root.iter("path") if p.find("title") is not None and p.find("title").text == "预测")  # type: ignore[union-attr]
    strokes = [(float(a), float(b)) for a, b in re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", hatched.get("d", ""))]
    assert len(strokes) > 20
    scale = [float(said) for said, _ in boxes(root) if re.fullmatch(r"[\d.]+", said)]
    y = lambda value: bottom - (value - min(scale)) / (max(scale) - min(scale)) * (bottom - top)  # noqa: E731
    assert strokes[-1] == pytest.approx((y(95.0), y(85.0)), abs=0.1)
    assert "无数据" not in [said for said, _ in boxes(root)], "the future is no gap"


def test_events_are_numbered_at_their_places_and_told_below() -> None:
    events = (Event(2, 1, "菜单改版"), Event(3, 2, "系统升级"), Event(30, 3, "暴雨"))
    root = ET.fromstring(line_chart(watched([90.0 + n % 3 for n in range(40)], events=events), 1000, 300))
    said = [text for text, _ in boxes(root)]
    assert {"1–2", "3", "1 菜单改版", "2 系统升级", "3 暴雨"} <= set(said)
    rules = [p for p in root.iter("path") if p.get("stroke-dasharray") == "1 2"]
    assert len(rules) == 3
    assert float(root.get("viewBox", "").split()[3]) == 300 + 3 * 18


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("seed", range(12))
def test_no_label_of_a_watched_trend_touches_another(seed: int, size: tuple[int, int]) -> None:
    dice = random.Random(seed)
    count = dice.choice([1, 7, 40, 182])
    values = [None if dice.random() < 0.1 else dice.uniform(70, 99) for _ in range(count)]
    low, middle, high = sorted(dice.uniform(70, 99) for _ in range(3))
    flags = tuple(Flag(n, min(count - 1, n + dice.randint(0, 5)), "x") for n in range(0, count, 9))
    base = (0, dice.randrange(count)) if dice.random() < 0.7 else None
    control = Control(low if dice.random() < 0.8 else None, middle, high, base, "基准期 9 月", "控制限", flags)
    events = tuple(Event(dice.randrange(count), n + 1, dice.choice(NAMES)) for n in range(dice.randint(0, 8)))
    ahead = Forecast(tuple((60.0, 80.0, 99.0) for _ in range(dice.randint(1, 9))), "预测", "今天")
    made = chart(values, limits=NINETY if seed % 2 else None, control=control, events=events, forecast=ahead)
    assert not touching(ET.fromstring(line_chart(made, *size)))


def test_an_expected_column_is_hatched_and_a_limit_is_a_tick_at_its_value() -> None:
    columns = (
        Column("a", 50.0, None, "50", "a", limit=100.0),
        Column("b", 100.0, None, "100", "b", expected=True),
    )
    root = ET.fromstring(column_chart(ColumnChart("s", columns, "–", lambda v, d: f"{v:.{d}f}")))
    solid = [r for r in root.iter("rect") if r.get("fill") == "#7d8896"]
    hollow = [r for r in root.iter("rect") if r.get("fill") == "#ffffff"]
    assert (len(solid), len(hollow)) == (1, 1)
    tick = next(p for p in root.iter("path") if p.get("stroke-width") == "1.5")
    (level,) = re.findall(r"M[\d.]+ ([\d.]+)H", tick.get("d", ""))
    assert float(level) == pytest.approx(float(hollow[0].get("y", "0")), abs=0.1)


def test_a_bar_in_a_cell_has_its_limit_as_a_tick_and_the_last_period_as_an_outline() -> None:
    root = ET.fromstring(bar_cell(0.5, 0.75, limit=0.25))
    (tick,) = root.iter("line")
    assert (tick.get("x1"), tick.get("x2")) == ("25.0%", "25.0%")
    outline, bar = root.iter("rect")
    assert (outline.get("width"), outline.get("fill"), bar.get("width")) == ("75.0%", "none", "50.0%")


class TestHeat:
    def made(self, hours: int = 24) -> HeatChart:
        days = "一二三四五六日"
        rows = tuple(
            HeatRow(f"周{day}", tuple(HeatCell(f"{n * h}", n % 6 or None) for h in range(hours)))
            for n, day in enumerate(days)
        )
        return HeatChart("s", "星期", tuple(f"{h} 时" for h in range(hours)), rows)

    def test_cells_stand_in_a_grid_with_the_shade_of_their_step(self) -> None:
        root = ET.fromstring(heat_chart(self.made()))
        cells = list(root.iter("rect"))
        assert len(cells) == 7 * 24
        assert {r.get("fill") for r in cells[24:48]} == {HEAT[0]}
        assert {r.get("fill") for r in cells[5 * 24 : 6 * 24]} == {HEAT[4]}
        assert len({r.get("x") for r in cells}) == 24
        assert len({r.get("y") for r in cells}) == 7

    @pytest.mark.parametrize("width", [340, 1000])
    def test_no_number_or_heading_touches_another(self, width: int) -> None:
        assert not touching(ET.fromstring(heat_chart(self.made(), width)))
        long = replace(self.made(3), columns=(NAMES[3], NAMES[3], "b"))
        assert not touching(ET.fromstring(heat_chart(long, width)))

    def test_a_number_in_alert_has_tint_and_shape(self) -> None:
        chart = HeatChart("s", "地市", ("分",), (HeatRow("a", (HeatCell("61.2", 0, "a 61.2 红", "red"),)),))
        svg = heat_chart(chart)
        assert LOOK["red"].tint in svg
        assert LOOK["red"].solid in svg
        assert "a 61.2 红" in svg

    def test_without_rows_or_columns_nothing_is_drawn(self) -> None:
        assert heat_chart(HeatChart("s", "", (), ())) == ""


class TestRows:
    @pytest.mark.parametrize("seed", range(8))
    def test_no_name_or_number_touches_another(self, seed: int) -> None:
        dice = random.Random(seed)
        rows = tuple(
            PictureRow(
                dice.choice(NAMES) * dice.randint(1, 3),
                bar_cell(dice.random()),
                tuple(
                    Say(f"{dice.uniform(0, 10 ** dice.randint(0, 12)):,.1f}", bold=dice.random() < 0.5) for _ in "ab"
                ),
                depth=dice.randint(0, 2),
                heading=dice.random() < 0.2,
            )
            for _ in range(9)
        )
        cell = dice.choice([None, 310.0])
        root = ET.fromstring(picture_table(PictureTable("s", ("名称", "数值", "变化"), rows, cell)))
        assert not touching(root)
        right = float(root.get("viewBox", "").split()[2])
        assert all(box.right <= right + 1 for _, box in boxes(root))
        if cell:
            cells = list(root.findall("svg"))
            assert {s.get("width") for s in cells} == {"310"}

    def test_shares_add_up_to_the_whole(self) -> None:
        assert cumulative([5, 3, 2]) == pytest.approx((0.5, 0.8, 1.0))
        assert cumulative([0, 0]) == ()

    def test_small_charts_stand_in_rows_of_three(self) -> None:
        drawn = spark(Spark((1.0, 2.0, 3.0), None, None, judged=True), 260, 48)
        items = [Multiple(f"{n}", "1", drawn) for n in range(7)]
        root = ET.fromstring(multiples("s", items, (260, 48)))
        places = [(s.get("x"), s.get("y")) for s in root.findall("svg")]
        assert len({x for x, _ in places}) == 3
        assert len({y for _, y in places}) == 3
        assert not touching(root)


@pytest.mark.parametrize(
    "text", ["省部门协查与市公司联合处理再转回", "Handling by the city company", "x" * 90, "", " a  b "]
)
@pytest.mark.parametrize("lines", [1, 2, 3])
def test_wrapped_lines_fit_and_lose_nothing_but_what_the_ellipsis_stands_for(text: str, lines: int) -> None:
    found = wrapped(text, 12, 84, lines)
    assert 1 <= len(found) <= lines
    assert all(text_width(line, 12) <= 84 for line in found)
    joined = "".join(found).replace(" ", "")
    whole = text.replace(" ", "")
    assert joined == whole or whole.startswith(joined.removesuffix("…"))
    assert ("…" in joined) == (joined != whole)
