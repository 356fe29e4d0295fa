"""Where everything of a blueprint stands: phases side by side, rows below each other, links around the boxes.

A link between boxes that stand above each other with nothing between runs straight. Every other link leaves its box
on the right, runs in the gap between two columns, crosses columns in the free channel above a row, and comes in from
the left; so no link passes a box. Links in one gap or channel have tracks of their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ganzhi.portal.charts.blueprint.model import ROWS, BlueprintChart, ChartLink, ChartStep
from ganzhi.portal.charts.svg import Box, text_width, wrapped

NAME, SMALL = 12.0, 11.0
HEAD = 104.0
"""Width of the rows' names."""
TOP = 34.0
WIDE, PAD = 150.0, 14.0
LINE = 15.5
BETWEEN = 12.0
"""Room between boxes of one cell."""
GAP, TRACK = 30.0, 7.0
CHANNEL = 18.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """All places. lines: each name as it stands in its box; rows: top and bottom of each row that has something;
    ways: points of each link."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[float, float]]
    phases: Mapping[str, float]
    ways: tuple[tuple[ChartLink, tuple[Point, ...]], ...]


def layout(chart: BlueprintChart) -> Layout:
    """The places of everything that is drawn."""
    columns = {phase.code: place for place, phase in enumerate(chart.phases)}
    used = [row for row in ROWS if row != "evidence" or any(step.row == row for step in chart.steps)]
    names = {step.code: wrapped(step.name, NAME * 1.06, WIDE - PAD, 2) for step in chart.steps}
    cells: defaultdict[tuple[str, int], list[ChartStep]] = defaultdict(list)
    for step in chart.steps:
        cells[step.row, columns[step.phase]].append(step)
    plan = _Plan(chart, columns, cells)
    lefts = _lefts(len(chart.phases), plan.gaps)
    boxes: dict[str, Box] = {}
    rows: dict[str, tuple[float, float]] = {}
    y = TOP
    for place, row in enumerate(used):
        y += CHANNEL + TRACK * plan.channels[row]
        tall = max((_tall(cells[row, n], names) for n in range(len(chart.phases))), default=0.0) or 40.0
        for n in range(len(chart.phases)):
            _stack(cells[row, n], names, lefts[n], y + (tall - _tall(cells[row, n], names)) / 2, boxes)
        rows[row] = (y, y + tall)
        y += tall + (6 if place + 1 < len(used) else 12)
    ways = tuple((link, plan.way(link, boxes, rows, lefts)) for link in chart.links)
    middles = {phase.code: lefts[n] + WIDE / 2 for n, phase in enumerate(chart.phases)}
    width = lefts[-1] + WIDE + GAP + TRACK * plan.gaps[len(chart.phases)] if lefts else HEAD
    return Layout(width, y, boxes, names, rows, middles, ways)


def _lefts(count: int, gaps: Counter[int]) -> list[float]:
    found, x = [], HEAD
    for place in range(count):
        x += GAP / 2 + TRACK * gaps[place]
        found.append(x)
        x += WIDE + GAP / 2
    return found


def _height(step: ChartStep, names: Mapping[str, tuple[str, ...]]) -> float:
    return 16 + LINE * (len(names[step.code]) + bool(step.shown))


def _tall(steps: list[ChartStep], names: Mapping[str, tuple[str, ...]]) -> float:
    return sum(_height(step, names) for step in steps) + BETWEEN * max(0, len(steps) - 1)


def _stack(
    steps: list[ChartStep], names: Mapping[str, tuple[str, ...]], left: float, top: float, boxes: dict[str, Box]
) -> None:
    for step in steps:
        bottom = top + _height(step, names)
        boxes[step.code] = Box(left, top, left + WIDE, bottom)
        top = bottom + BETWEEN


class _Plan:
    """Which links run straight, and which track the others have in each gap and channel."""

    def __init__(
        self,
        chart: BlueprintChart,
        columns: Mapping[str, int],
        cells: Mapping[tuple[str, int], list[ChartStep]],
    ) -> None:
        self.steps = {step.code: step for step in chart.steps}
        self.columns, self.cells = columns, cells
        self.gaps: Counter[int] = Counter()
        self.channels: Counter[str] = Counter()
        self._tracks: dict[ChartLink, tuple[int, int, int]] = {}
        for link in chart.links:
            if self.straight(link) or self.beside(link):
                continue
            out, into = self.column(link.source) + 1, self.column(link.target)
            self.gaps[out] += 1
            first = self.gaps[out]
            if out == into:
                self._tracks[link] = (first, 0, 0)
                continue
            row = self.steps[link.target].row
            self.channels[row] += 1
            self.gaps[into] += 1
            self._tracks[link] = (first, self.channels[row], self.gaps[into])

    def column(self, code: str) -> int:
        return self.columns[self.steps[code].phase]

    def straight(self, link: ChartLink) -> bool:
        """Above each other with nothing between: the last box of one cell and the first of another below it."""
        if self.column(link.source) != self.column(link.target):
            return False
        column = self.column(link.source)
        order = [step.code for row in ROWS for step in self.cells.get((row, column), [])]
        return abs(order.index(link.source) - order.index(link.target)) == 1

    def beside(self, link: ChartLink) -> bool:
        """In the next column and the same row, each alone in its cell: a level line."""
        source, target = self.steps[link.source], self.steps[link.target]
        cells = [self.cells[step.row, self.column(step.code)] for step in (source, target)]
        return (
            source.row == target.row
            and self.column(link.target) == self.column(link.source) + 1
            and all(len(cell) == 1 for cell in cells)
        )

    def way(
        self, link: ChartLink, boxes: Mapping[str, Box], rows: Mapping[str, tuple[float, float]], lefts: list[float]
    ) -> tuple[Point, ...]:
        source, target = boxes[link.source], boxes[link.target]
        if self.straight(link):
            x = (source.left + source.right) / 2
            down = source.top < target.top
            return ((x, source.bottom if down else source.top), (x, target.top if down else target.bottom))
        y0, y1 = (source.top + source.bottom) / 2, (target.top + target.bottom) / 2
        if self.beside(link):
            return ((source.right, y0), (target.left, y1))
        first, channel, last = self._tracks[link]
        x0 = source.right + 6 + TRACK * (first - 1)
        if not channel:
            return ((source.right, y0), (x0, y0), (x0, y1), (target.left, y1))
        y = rows[self.steps[link.target].row][0] - 9 - TRACK * (channel - 1)
        x1 = target.left - 12 - TRACK * (last - 1)
        return ((source.right, y0), (x0, y0), (x0, y), (x1, y), (x1, y1), (target.left, y1))


def name_width(text: str) -> float:
    """Width of a row's name."""
    return text_width(text, NAME)
