"""What may be drawn into a trend beside its line: control limits, what stands outside them, events, a forecast.

Nothing is judged here: which points or runs are flagged is given. No colour: a band of ground between dashed
limits, rings and brackets, numbers in circles, a dashed line with upright hatching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from ganzhi.portal.charts.axis import Axis
from ganzhi.portal.charts.palette import BAR, CARD, GROUND, INK, MUTED
from ganzhi.portal.charts.svg import Box, Labels, number, tag, wrapped

HATCH = 5.0
"""Distance of the strokes that stand for a forecast's range."""
RING = 8.0
DISC = 8.5
EVENT_ROOM = 22.0
"""Height above the plot that the numbers of events take."""
EVENT_LINE = 18.0


@dataclass(frozen=True, slots=True)
class Plot:
    """The inner rectangle of a chart and its scales; `x` takes places, halves between them too."""

    left: float
    right: float
    top: float
    bottom: float
    count: int
    scale: Axis

    def x(self, place: float) -> float:
        """Where a place lies; the middle of its share of the width."""
        return self.left + (place + 0.5) * (self.right - self.left) / max(self.count, 1)

    def y(self, value: float) -> float:
        """Where a value lies, held within the plot."""
        return self.bottom - self.scale.share(value) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Flag:
    """A point (first and last equal) or a run that the limits' rules name. title: which rule, in words."""

    first: int
    last: int
    title: str


@dataclass(frozen=True, slots=True)
class Control:
    """Control limits. base: first and last place of the period they come from, None when it lies before the
    chart; base_word: that period in words; low, high None: no limit on that side."""

    low: float | None
    middle: float
    high: float | None
    base: tuple[int, int] | None
    base_word: str
    word: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a place, in words. number: as the page's list of events counts it."""

    place: int
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected values for the places after the last known one, oldest first, as low, middle, high."""

    values: tuple[tuple[float, float, float], ...]
    word: str
    now_word: str


def control_values(control: Control | None) -> list[float]:
    """The values a scale must hold."""
    if control is None:
        return []
    return [value for value in (control.low, control.middle, control.high) if value is not None]


def draw_control(control: Control, plot: Plot, labels: Labels) -> list[Markup]:
    """The band, its dashed limits, the middle, and the base period as a bracket on the axis."""
    top = plot.top if control.high is None else plot.y(control.high)
    bottom = plot.bottom if control.low is None else plot.y(control.low)
    wide = plot.right - plot.left
    marks = [tag("rect", {"x": plot.left, "y": top, "width": wide, "height": bottom - top, "fill": GROUND})]
    limits = [(value, "5 3") for value in (control.low, control.high) if value is not None]
    for value, dashes in [*limits, (control.middle, None)]:
        path = f"M{number(plot.left)} {number(plot.y(value))}H{number(plot.right)}"
        marks.append(tag("path", {"d": path, "stroke": MUTED, "stroke-width": 0.8, "stroke-dasharray": dashes}))
    labels.place(control.word, plot.left + 5, top + 14 if bottom - top > 20 else top - 4, size=11)
    if control.base is not None:
        left, right = plot.x(control.base[0] - 0.5), plot.x(control.base[1] + 0.5)
        y = plot.bottom - 3
        path = f"M{number(left + 1)} {number(y - 5)}V{number(y)}H{number(right - 1)}V{number(y - 5)}"
        marks.append(tag("path", {"d": path, "fill": "none", "stroke": MUTED}, tag("title", {}, control.base_word)))
        labels.place(control.base_word, (left + right) / 2, y - 5, anchor="middle", size=11)
    return marks


def draw_flags(control: Control, plot: Plot, values: Sequence[float | None]) -> list[Markup]:
    """A ring around each point outside, a bracket under each run."""
    marks = []
    for flag in control.flags:
        known = [(n, v) for n in range(flag.first, flag.last + 1) if (v := values[n]) is not None]
        if not known:
            continue
        title = tag("title", {}, flag.title)
        if flag.first == flag.last:
            at = {"cx": plot.x(known[0][0]), "cy": plot.y(known[0][1]), "r": RING}
            marks.append(tag("circle", {**at, "fill": "none", "stroke": INK, "stroke-width": 1.4}, title))
            continue
        y = min(plot.bottom - 1, max(plot.y(value) for _, value in known) + 9)
        path = f"M{number(plot.x(flag.first))} {number(y - 4)}V{number(y)}H{number(plot.x(flag.last))}V{number(y - 4)}"
        marks.append(tag("path", {"d": path, "fill": "none", "stroke": INK, "stroke-width": 1.4}, title))
    return marks


def draw_forecast(forecast: Forecast, plot: Plot, last: int, value: float, labels: Labels) -> list[Markup]:
    """From the last known value on: the middle dashed, the range hatched, and a rule where the future begins."""
    course = [(last, value, value, value), *((last + 1 + n, *each) for n, each in enumerate(forecast.values))]
    strokes: list[str] = []
    for (place, low, _, high), (later, low_then, _, high_then) in pairwise(course):
        x, end = plot.x(place), plot.x(later)
        steps = max(1, round((end - x) / HATCH))
        for step in range(1, steps + 1):
            part = step / steps
            upper, lower = plot.y(high + (high_then - high) * part), plot.y(low + (low_then - low) * part)
            strokes.append(f"M{number(x + (end - x) * part)} {number(upper)}V{number(lower)}")
    line = "M" + "L".join(f"{number(plot.x(place))} {number(plot.y(middle))}" for place, _, middle, _ in course)
    now = (plot.x(last) + plot.x(last + 1)) / 2
    labels.place(forecast.now_word, now - 4, plot.top + 11, anchor="end", size=11)
    labels.place(forecast.word, now + 4, plot.top + 11, size=11)
    return [
        tag("path", {"d": "".join(strokes), "stroke": BAR, "stroke-width": 0.8}, tag("title", {}, forecast.word)),
        tag("path", {"d": line, "fill": "none", "stroke": INK, "stroke-width": 1.8, "stroke-dasharray": "6 4"}),
        tag("path", {"d": f"M{number(now)} {number(plot.top)}V{number(plot.bottom)}", "stroke": MUTED}),
    ]


def event_lines(events: Sequence[Event], width: float) -> tuple[str, ...]:
    """The events in words, one line each, for below the chart."""
    return tuple(wrapped(f"{event.number} {event.text}", 12, width - 4, 1)[0] for event in events)


def draw_events(events: Sequence[Event], plot: Plot, labels: Labels) -> list[Markup]:
    """Numbers in circles above the plot with a rule down to the axis; those too near share one circle."""
    groups: list[list[Event]] = []
    for event in sorted(events, key=lambda e: (e.place, e.number)):
        near = groups and plot.x(event.place) - plot.x(groups[-1][0].place) < 2 * DISC + 14
        if near:
            groups[-1].append(event)
        else:
            groups.append([event])
    marks = []
    for group in groups:
        x, y = plot.x(group[0].place), plot.top - DISC - 3
        said = _numbers([event.number for event in group])
        for event in group:
            path = f"M{number(plot.x(event.place))} {number(plot.top)}V{number(plot.bottom)}"
            marks.append(tag("path", {"d": path, "stroke": MUTED, "stroke-width": 0.8, "stroke-dasharray": "1 2"}))
        half = max(DISC, len(said) * 3.6 + 4)
        disc = {"x": x - half, "y": y - DISC, "width": 2 * half, "height": 2 * DISC, "rx": DISC}
        title = tag("title", {}, "; ".join(f"{event.number} {event.text}" for event in group))
        marks.append(tag("rect", {**disc, "fill": CARD, "stroke": INK}, title))
        labels.place(said, x, y + 4, anchor="middle", size=11, fill=INK)
        labels.block(Box(x - half, y - DISC, x + half, y + DISC))
    return marks


def _numbers(given: Sequence[int]) -> str:
    """Numbers of one circle: `3`, or first and last.

    >>> _numbers([3]), _numbers([2, 3, 4])
    ('3', '2–4')
    """
    return str(given[0]) if len(given) == 1 else f"{given[0]}–{given[-1]}"
