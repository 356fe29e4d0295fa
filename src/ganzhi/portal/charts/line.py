"""The trend: a value over time, or over the hours of a day, against its threshold bands.

Bold: the seven-day value, or the value itself where there is none; thin: day by day; dashed: a
year earlier. Gaps stay gaps and are marked. Levels are keyed at the right edge. Control limits, events
and a forecast are drawn by `watch`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.measure.views.parts import Edges
from ganzhi.portal.charts.axis import Axis, axis
from ganzhi.portal.charts.palette import BAR, DOTTED, GROUND, INK, LOOK, OUTLINE, RULE
from ganzhi.portal.charts.spark import runs
from ganzhi.portal.charts.svg import Labels, drawing, number, shape, tag, text_width
from ganzhi.portal.charts.watch import (
    EVENT_LINE,
    EVENT_ROOM,
    Control,
    Event,
    Forecast,
    Plot,
    control_values,
    draw_control,
    draw_events,
    draw_flags,
    draw_forecast,
    event_lines,
)

TOP, BOTTOM = 12.0, 26.0
KEY_STEP = 17.0


@dataclass(frozen=True, slots=True)
class LinePoint:
    """One place on the line. label and shown: period and value in words, for the crosshair.
    tick: text under the axis where a stretch begins, else empty. judged: False for a sample too
    small to judge: its mark is hollow, and it neither joins the line nor sets the scale."""

    label: str
    shown: str
    value: float | None
    smooth: float | None
    before: float | None
    level: str | None
    tick: str
    judged: bool = True

    @property
    def joined(self) -> float | None:
        """The value where it joins the line."""
        return self.value if self.judged else None


@dataclass(frozen=True, slots=True)
class KeyWords:
    """Words of the key: (level, word, limit in words) lowest level first, and the target line's."""

    levels: tuple[tuple[str, str, str], ...]
    sign: str
    target: str
    target_limit: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """What the chart shows. marks: whether each point is marked (few points that are no course of
    time). cap: value the axis does not go beyond, 100 for per cents. tick_text: an axis value with
    its decimals in words."""

    sentence: str
    points: tuple[LinePoint, ...]
    limits: Edges | None
    key: KeyWords | None
    before_word: str
    gap_word: str
    tick_text: Callable[[float, int], str]
    marks: bool = False
    cap: float | None = None
    control: Control | None = None
    events: tuple[Event, ...] = ()
    forecast: Forecast | None = None

    @property
    def last(self) -> int | None:
        """Place of the last known value that joins the line; a forecast goes on from there."""
        return max((n for n, point in enumerate(self.points) if point.joined is not None), default=None)

    @property
    def places(self) -> int:
        """Places of the axis: the points, and those that only a forecast reaches."""
        ahead = 0 if self.forecast is None or self.last is None else self.last + 1 + len(self.forecast.values)
        return max(len(self.points), ahead)


def _scale(chart: LineChart) -> Axis:
    known = [v for p in chart.points for v in (p.joined, p.smooth, p.before) if v is not None]
    known = known or [point.value for point in chart.points if point.value is not None]
    if known:
        known += [chart.limits.target] if chart.limits is not None else []
        known += control_values(chart.control)
        known += [value for each in (chart.forecast.values if chart.forecast else ()) for value in each]
    return axis(known, cap=chart.cap)


def _key_text(chart: LineChart, wide: bool) -> list[tuple[str | None, str, float]]:
    """Level, text and the value it begins at, for what the key says."""
    if chart.key is None or chart.limits is None:
        return []
    begins = (chart.limits.target, chart.limits.yellow, chart.limits.orange, chart.limits.red)
    sign = f"{chart.key.sign} " if wide else ""
    found: list[tuple[str | None, str, float]] = [
        (level, f"{word} {sign}{limit}", at) for (level, word, limit), at in zip(chart.key.levels, begins, strict=True)
    ]
    own = f"{chart.key.target} {chart.key.target_limit}" if wide else chart.key.target
    return [*found, (None, own, chart.limits.target)]


def _bands(chart: LineChart, plot: Plot) -> list[tuple[str, float, float]]:
    """Level, upper and lower edge in pixels of each band that is in sight."""
    if chart.limits is None:
        return []
    lim = chart.limits
    begins = [("blue", lim.target), ("yellow", lim.yellow), ("orange", lim.orange), ("red", lim.red)]
    found = []
    for place, (level, start) in enumerate(begins):
        beyond = plot.scale.high if lim.direction == "lower" else plot.scale.low
        end = begins[place + 1][1] if place < 3 else beyond
        top, bottom = sorted((plot.y(start), plot.y(end)))
        if bottom - top > 0.5:
            found.append((level, top, bottom))
    return found


def _spread(wanted: list[float], low: float, high: float) -> list[float]:
    """Baselines as near to the wanted ones as a distance of KEY_STEP between low and high allows."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + KEY_STEP if placed else low))
    ceiling = high
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - KEY_STEP
    return placed


def _draw_key(chart: LineChart, plot: Plot, labels: Labels, wide: bool) -> list[Markup]:
    bands = _bands(chart, plot)
    seen = {level: (top, bottom) for level, top, bottom in bands}
    marks = [
        tag(
            "rect",
            {"x": plot.right, "y": top, "width": 4, "height": max(bottom - top - 1, 0.5), "fill": LOOK[level].solid},
        )
        for level, top, bottom in bands
    ]
    wanted: list[tuple[float, str | None, str]] = []
    lower = chart.limits is not None and chart.limits.direction == "lower"
    for level, text, start in _key_text(chart, wide):
        if level is None:
            wanted.append((plot.y(start) + (14 if lower else -5), level, text))
        elif level in seen:
            wanted.append((plot.y(start) + (-5 if lower else 14), level, text))
    wanted.sort(key=lambda entry: entry[0])
    baselines = _spread([y for y, _, _ in wanted], plot.top + 2, plot.bottom + 4)
    for baseline, (_, level, text) in zip(baselines, wanted, strict=True):
        start = plot.right + (25 if wide and level else 9)
        if labels.place(text, start, baseline, fill=INK) and level and wide:
            marks.append(shape(level, plot.right + 16, baseline - 4, 9.6))
    return marks


def _draw_ground(chart: LineChart, plot: Plot, labels: Labels) -> list[Markup]:
    width = plot.right - plot.left
    marks = [
        tag(
            "rect",
            {
                "x": plot.left,
                "y": top,
                "width": width,
                "height": bottom - top,
                "fill": LOOK[level].tint,
                "opacity": ".62",
            },
        )
        for level, top, bottom in _bands(chart, plot)
    ]
    for tick in plot.scale.ticks:
        y = plot.y(tick)
        labels.place(chart.tick_text(tick, plot.scale.decimals), plot.left - 7, y + 4, anchor="end")
        path = f"M{number(plot.left)} {number(y)}H{number(plot.right)}"
        marks.append(tag("path", {"d": path, "stroke": RULE, "stroke-width": ".5"}))
    if chart.limits is not None:
        path = f"M{number(plot.left)} {number(plot.y(chart.limits.target))}H{number(plot.right)}"
        marks.append(tag("path", {"d": path, "stroke": INK, "stroke-width": 1.3}))
    return marks


def _draw_ticks(chart: LineChart, plot: Plot, labels: Labels) -> list[Markup]:
    marks = []
    for place, point in enumerate(chart.points):
        if point.tick and labels.place(point.tick, plot.x(place), plot.bottom + 19, anchor="middle"):
            path = f"M{number(plot.x(place))} {number(plot.bottom)}v5"
            marks.append(tag("path", {"d": path, "stroke": DOTTED}))
    return marks


def _draw_gaps(chart: LineChart, plot: Plot, labels: Labels) -> list[Markup]:
    """Grey ground and a word where nothing is known, between and after known points."""
    marks = []
    end = len(chart.points) if chart.forecast is None or chart.last is None else chart.last + 1
    for run in runs([1.0 if point.value is None else None for point in chart.points[:end]]):
        left, right = plot.x(run[0] - 0.5), plot.x(run[-1] + 0.5)
        box = {"x": left, "y": plot.top, "width": right - left, "height": plot.bottom - plot.top, "fill": GROUND}
        title = tag("title", {}, f"{chart.points[run[0]].label} – {chart.points[run[-1]].label}: {chart.gap_word}")
        marks.append(tag("rect", box, title))
        labels.place(chart.gap_word, (left + right) / 2, plot.bottom - 6, anchor="middle", size=11)
    return marks


def _course(plot: Plot, values: list[float | None], line: dict[str, object]) -> Markup:
    """One line with gaps; a point that stands alone becomes a short stroke."""
    parts = []
    for run in runs(values):
        points = [f"{number(plot.x(place))} {number(plot.y(values[place] or 0.0))}" for place in run]
        parts.append("M" + "L".join(points) + ("h.1" if len(points) == 1 else ""))
    shared = {"fill": "none", "stroke-linejoin": "round", "stroke-linecap": "round"}
    return tag("path", {"d": "".join(parts), **shared, **line}) if parts else Markup("")


def _draw_lines(chart: LineChart, plot: Plot, labels: Labels) -> list[Markup]:
    values = [point.joined for point in chart.points]
    smooth = [point.smooth for point in chart.points]
    before = [point.before for point in chart.points]
    bold = smooth if any(value is not None for value in smooth) else values
    marks = [_course(plot, before, {"stroke": BAR, "stroke-width": 1.2, "stroke-dasharray": "2 3"})]
    if bold is smooth:
        marks.append(_course(plot, values, {"stroke": OUTLINE, "stroke-width": 0.8}))
    marks.append(_course(plot, bold, {"stroke": INK, "stroke-width": 1.6 if chart.marks else 2.2}))
    first_before = next((place for place, value in enumerate(before) if value is not None), None)
    if first_before is not None:
        labels.place(chart.before_word, plot.x(first_before) + 4, plot.y(before[first_before] or 0.0) - 7)
    if chart.marks:
        for place, point in enumerate(chart.points):
            if point.value is not None:
                marks.append(shape(point.level, plot.x(place), plot.y(point.value), 9, known=point.judged))
    return marks


def _draw_last(chart: LineChart, plot: Plot, labels: Labels) -> list[Markup]:
    known = [place for place, point in enumerate(chart.points) if point.value is not None]
    if not known or chart.marks:
        return []
    point = chart.points[known[-1]]
    x, y = plot.x(known[-1]), plot.y(point.value or 0.0)
    for lift in (-11, 22):
        if labels.place(point.shown, min(x + 4, plot.right - 2), y + lift, anchor="end", size=15, fill=INK, bold=True):
            break
    return [shape(point.level, x, y, 12)]


def _crosshair(chart: LineChart, plot: Plot) -> str:
    """Data of the crosshair: x, y (null in a gap), period and value in words, per point."""
    rows = [
        [round(plot.x(place), 1), None if p.value is None else round(plot.y(p.value), 1), p.label, p.shown]
        for place, p in enumerate(chart.points)
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _draw_future(chart: LineChart, plot: Plot, labels: Labels) -> list[Markup]:
    last = chart.last
    if chart.forecast is None or last is None:
        return []
    return draw_forecast(chart.forecast, plot, last, chart.points[last].joined or 0.0, labels)


def line_chart(chart: LineChart, width: float = 1000, height: float = 300) -> Markup:
    """The chart at a width; below 600 the key is shortened to a word and a value."""
    wide = width >= 600
    scale = _scale(chart)
    tick_width = max(text_width(chart.tick_text(tick, scale.decimals), 12) for tick in scale.ticks)
    key_width = max((text_width(text, 12) for _, text, _ in _key_text(chart, wide)), default=0.0)
    right = width - (key_width + (27 if wide else 11) if key_width else 8)
    said = event_lines(chart.events, width)
    top = TOP + (EVENT_ROOM if chart.events else 0)
    plot = Plot(tick_width + 9, right, top, height - BOTTOM, chart.places, scale)
    whole = height + EVENT_LINE * len(said)
    labels = Labels(width, whole)
    above = draw_events(chart.events, plot, labels)
    ground = _draw_ground(chart, plot, labels)
    key = _draw_key(chart, plot, labels, wide)
    ticks = _draw_ticks(chart, plot, labels)
    last = _draw_last(chart, plot, labels)
    future = _draw_future(chart, plot, labels)
    watch = draw_control(chart.control, plot, labels) if chart.control else []
    gaps = _draw_gaps(chart, plot, labels)
    lines = _draw_lines(chart, plot, labels)
    flags = draw_flags(chart.control, plot, [point.value for point in chart.points]) if chart.control else []
    for n, line in enumerate(said):
        labels.place(line, 2, height + 10 + EVENT_LINE * n)
    hover = {
        "data_points": _crosshair(chart, plot),
        "data_span": f"{number(plot.top)},{number(plot.bottom)},{number(plot.left)},{number(plot.right)}",
    }
    css = "line wide" if wide else "line narrow"
    behind = [*gaps, *watch, *ground, *above, *key, *ticks]
    return drawing(width, whole, chart.sentence, css, *behind, *future, *lines, *flags, *last, *labels.marks, **hover)
