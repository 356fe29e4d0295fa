"""Numbers of a free question as charts and as a table whose every number opens its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.ask.answers import IndicatorsAnswer, Line
from ganzhi.measure.views.indicator import Breakdown, BreakdownRow, Trend, TrendPoint
from ganzhi.measure.views.parts import Change, Subject
from ganzhi.portal.charts.heat import heat_steps
from ganzhi.portal.links import Links
from ganzhi.portal.pages.charted import row_cells, trend_charts
from ganzhi.portal.present import Figure, Words

MOST_CHARTS = 6
MOST_BARS = 40
MOST_HEAT = 40
MOST_SHOWN = 500
"""Lines of the table on the page; files hold all."""

Axis = tuple[str, str]
"""A value on an axis: its key and its name."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the table. link: to the records behind it, None where there are none to open."""

    line: Line
    figure: Figure
    link: str | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its name and number."""

    name: str
    cell: Markup
    shown: Shown


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell of a heat table; None where no such number was given."""

    shown: Shown | None
    shade: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of one indicator: a drawing, or bars, or a heat table; `note` where there is none and why."""

    subject: Subject
    drawing: Markup | None = None
    bars: tuple[Bar, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...] = ()
    corner: str = ""
    note: str = ""


def shown_lines(words: Words, answer: IndicatorsAnswer) -> tuple[Shown, ...]:
    """Every line with its number in words and the way down."""
    return tuple(
        Shown(
            line,
            words.figure(answer.subjects[line.code], line.reading, len(line.period.days)),
            record_link(answer, line),
        )
        for line in answer.lines
    )


def record_link(answer: IndicatorsAnswer, line: Line) -> str | None:
    """The records behind a number, for viewers with list depth."""
    if not answer.linked or line.reading.value is None or not line.reading.n:
        return None
    basis = None if answer.basis == "period" else answer.basis
    links = Links(line.unit, line.period.key, None, basis)
    where = {name: key.value or "" for name, key in line.slice}
    where |= dict(answer.where)
    return links.records(answer.feeds[line.code], line.code, None, where)


def charts(words: Words, answer: IndicatorsAnswer, shown: Sequence[Shown]) -> tuple[Chart, ...]:
    """A chart for each indicator as far as one fits: a line over time, bars by one thing, a heat table of two."""
    found = []
    for code in list(answer.subjects)[:MOST_CHARTS]:
        own = [each for each in shown if each.line.code == code]
        if any(each.line.reading.value is not None for each in own):
            found.append(_chart(words, answer, answer.subjects[code], own))
    return tuple(found)


def _axes(answer: IndicatorsAnswer, own: Sequence[Shown]) -> list[str]:
    periods = {each.line.period.start for each in own}
    below = ["unit"] if answer.below else []
    return [*(name for name, _ in answer.by), *below, *(["period"] if len(periods) > 1 else [])]


def _chart(words: Words, answer: IndicatorsAnswer, subject: Subject, own: Sequence[Shown]) -> Chart:
    axes = _axes(answer, own)
    if axes == ["period"]:
        points = tuple(TrendPoint(each.line.period, each.line.reading, None) for each in own)
        return Chart(subject, drawing=trend_charts(words, subject, Trend(answer.grain, (), points, ())))
    if len(axes) == 1:
        return _bars(words, answer, subject, own, axes[0])
    if len(axes) == 2:
        return _heat(words, answer, subject, own, axes)
    return Chart(subject, note=words.t("ask.no_chart" if axes else "ask.one_number"))


def _at(words: Words, line: Line, axis: str) -> Axis:
    """Where a line stands on an axis."""
    if axis == "unit":
        return line.unit, words.text(line.unit_name)
    if axis == "period":
        return line.period.key, words.short(line.period)
    key = dict(line.slice)[axis]
    return key.value or "", words.text(key.name)


def _axis_name(words: Words, answer: IndicatorsAnswer, axis: str) -> str:
    if axis in ("unit", "period"):
        return words.t(f"ask.axis_{axis}")
    return words.text(dict(answer.by)[axis])


def _bars(words: Words, answer: IndicatorsAnswer, subject: Subject, own: Sequence[Shown], axis: str) -> Chart:
    known = sorted(own, key=_by_value, reverse=True) if axis not in ("hour_of_day", "weekday") else list(own)
    known = known[:MOST_BARS]
    unchanged = Change("prev", None, None)
    rows = []
    for each in known:
        key, name = _at(words, each.line, axis)
        rows.append(BreakdownRow(key, _same(name), each.line.reading, None, unchanged, None))
    cells = row_cells(subject, Breakdown(axis, _same(axis), False, tuple(rows)))
    bars = (Bar(_at(words, each.line, axis)[1], cell, each) for each, cell in zip(known, cells, strict=True))
    return Chart(subject, bars=tuple(bars), corner=_axis_name(words, answer, axis))


def _by_value(each: Shown) -> float:
    value = each.line.reading.value
    return float("-inf") if value is None else value


def _same(text: str) -> Text:
    return Text.model_construct(zh=text, en=text)


def _heat(words: Words, answer: IndicatorsAnswer, subject: Subject, own: Sequence[Shown], axes: Sequence[str]) -> Chart:
    across, down = dict[str, str](), dict[str, str]()
    cells: dict[tuple[str, str], Shown] = {}
    for each in own:
        (row, row_name), (column, column_name) = (_at(words, each.line, axis) for axis in axes)
        down.setdefault(row, row_name)
        across.setdefault(column, column_name)
        cells[row, column] = each
    if len(down) > MOST_HEAT or len(across) > MOST_HEAT:
        return Chart(subject, note=words.t("ask.no_chart"))
    places = [(row, column) for row in down for column in across]
    values = [cells[at].line.reading.value if at in cells else None for at in places]
    shades = dict(zip(places, heat_steps(values), strict=True))
    rows = tuple(
        (name, tuple(HeatCell(cells.get((row, column)), shades[row, column] or 0) for column in across))
        for row, name in down.items()
    )
    corner = " / ".join(_axis_name(words, answer, axis) for axis in axes)
    return Chart(subject, columns=tuple(across.values()), rows=rows, corner=corner)
