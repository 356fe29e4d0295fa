"""Tables that hold drawings, as pictures: the groups of an indicator, the scorecard, places by topic, small charts.

Each shows the rows that the page shows, in their order; a very long one ends with how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ganzhi.measure.views.indicator import Breakdown, BreakdownRow, HourHeat, IndicatorPage
from ganzhi.measure.views.overview import IntervalTable, PlaceRow, TopicBlock
from ganzhi.measure.views.parts import Reading, Scope, ScorecardRow, ScoreNow, Subject
from ganzhi.portal.charts.heat import HeatCell, HeatChart, HeatRow, heat_chart, heat_steps
from ganzhi.portal.charts.palette import BETTER, INK, MUTED, WORSE
from ganzhi.portal.charts.rows import Multiple, PictureRow, PictureTable, Say, cumulative, multiples, picture_table
from ganzhi.portal.charts.svg import drawing, tag
from ganzhi.portal.pages.charted import row_cells, row_ruler, row_spark, ruler_parts, score_spark
from ganzhi.portal.present import Delta, Words

MOST_ROWS = 60
SPARK = (260.0, 48.0)
RULER, RULED = 190.0, 310.0
"""Width of a scorecard's ruler, and of ruler and sparkline together."""
TONES = {"better": BETTER, "worse": WORSE}
SHORT = (("red", 33.6), ("orange", 56.0), ("yellow", 78.5), ("blue", 100.9), ("good", 118.1))
"""What stands above the zones of a ruler, and where each begins."""


def change(delta: Delta, *, unit: bool = False) -> Say:
    """A change with its tone."""
    said = f"{delta} {delta.unit}" if unit and delta.unit else str(delta)
    return Say(said, TONES.get(delta.tone, MUTED), delta.tone == "worse")


def _last(words: Words, shown: int, total: int) -> tuple[PictureRow, ...]:
    """How many there are, where not all are drawn."""
    return (PictureRow(words.t("drawing.cut", n=shown, total=total), None, ()),) if total > shown else ()


def sums(rows: Sequence[BreakdownRow]) -> tuple[float, ...]:
    """Shares added up from the largest on; nothing unless all are known and they stand largest first."""
    shares = [row.share for row in rows if row.share is not None]
    if len(shares) < max(len(rows), 2) or shares != sorted(shares, reverse=True):
        return ()
    return cumulative(shares)


def breakdown_table(words: Words, page: IndicatorPage, shown: Breakdown) -> Markup:
    """The groups of an indicator or its places: dots or bars with value, share, change and sample."""
    cells, added = row_cells(page.subject, shown), sums(shown.rows)
    shared = any(row.share is not None for row in shown.rows)
    unit = words.figure(page.subject, page.now).unit
    days = len(page.scope.period.days)
    rows = []
    for n, row in enumerate(shown.rows[:MOST_ROWS]):
        figure = str(words.figure(page.subject, row.reading, days)).removesuffix(unit).strip()
        level = f"{words.level(row.reading.level)} " if row.reading.level else ""
        texts = [Say(f"{level}{figure}", INK, bool(level))]
        if shared:
            texts.append(Say(words.per_cent(row.share)))
        if added:
            texts.append(Say(words.per_cent(added[n])))
        texts += [change(words.delta(page.subject, row.change)), Say(words.all_digits(row.reading.n))]
        rows.append(PictureRow(words.text(row.name), cells[n], tuple(texts)))
    heads = (
        words.text(shown.name),
        unit or words.t("column.value"),
        *((words.t("column.share"),) if shared else ()),
        *((words.t("drawing.added"),) if added else ()),
        words.against(page.scope),
        "n",
    )
    said = words.t(
        "drawing.rows_spoken", name=words.text(page.subject.name), dimension=words.text(shown.name), n=len(shown.rows)
    )
    if all(row.reading.value is None for row in shown.rows):
        return Markup("")
    return picture_table(PictureTable(said, heads, (*rows, *_last(words, len(rows), len(shown.rows)))))


def ruler_picture(words: Words, page: IndicatorPage) -> Markup:
    """The large ruler of an indicator with the values of its limits; empty without limits."""
    parts = ruler_parts(words, page.scope, page.subject, page.now, page.before)
    if not parts:
        return Markup("")
    placed = [tag("svg", {"y": y}, part) for y, part in zip((0, 30), parts, strict=True)]
    sentence = f"{words.text(page.subject.name)} {words.figure(page.subject, page.now)}"
    return drawing(420, 48, sentence, "ruler", *placed)


def _score_row(words: Words, block: TopicBlock) -> PictureRow:
    score = words.score(block.score)
    level = words.level(block.score.level) if block.score.level else ""
    texts = (
        Say(str(score), INK, bold=True),
        Say(""),
        Say(level, INK, bold=True),
        change(words.score_delta(block.score.score, block.score.before)),
    )
    cell = tag("svg", {"x": 200, "y": 3}, score_spark(block))
    return PictureRow(words.text(block.topic.name), cell, texts, heading=True)


def _scorecard_row(words: Words, scope: Scope, row: ScorecardRow) -> PictureRow:
    figure = words.figure(row.subject, row.now, len(scope.period.days))
    level = words.level(row.now.level) if row.now.level else "–"
    texts = (
        Say(str(figure), MUTED if figure.muted else INK),
        Say(words.target(row.subject)),
        Say(level, INK if row.now.level else MUTED, row.now.level is not None),
        change(words.delta(row.subject, row.change), unit=True),
    )
    own = tag("svg", {"y": 3}, row_ruler(words, scope, row, None))
    cell = own + tag("svg", {"x": 200, "y": 3}, row_spark(row))
    return PictureRow(words.text(row.subject.name), cell, texts, depth=1)


def scorecard_table(words: Words, scope: Scope, blocks: Sequence[TopicBlock]) -> Markup:
    """Topics with their worst indicators: ruler, sparkline, value, target, level, change."""
    rows: list[PictureRow] = []
    for block in blocks:
        rows += [_score_row(words, block), *(_scorecard_row(words, scope, row) for row in block.worst)]
    count, alerts = sum(len(block.worst) for block in blocks), sum(block.in_alert for block in blocks)
    return _scored(words, scope, rows, words.t("drawing.scorecard_spoken", n=count, alerts=alerts))


def rows_table(words: Words, scope: Scope, rows: Sequence[ScorecardRow]) -> Markup:
    """Indicators as they stand in a scorecard."""
    alerts = sum(row.now.level is not None for row in rows)
    said = words.t("drawing.scorecard_spoken", n=len(rows), alerts=alerts)
    return _scored(words, scope, [_scorecard_row(words, scope, row) for row in rows], said)


def _scored(words: Words, scope: Scope, rows: Sequence[PictureRow], said: str) -> Markup:
    heads = (words.t("scorecard.topic"), words.now(scope), words.t("column.target"), words.t("column.level"))
    shorts = [
        tag("text", {"x": x, "y": 11.0, "font-size": 11, "fill": MUTED}, words.t(f"short.{name}")) for name, x in SHORT
    ]
    table = PictureTable(said, (*heads, words.against(scope)), tuple(rows), RULED, Markup("").join(shorts))
    return picture_table(table, 1100)


def _place_cell(words: Words, place: PlaceRow, score: ScoreNow) -> HeatCell:
    number = words.score(score).number
    level = f" {words.level(score.level)}" if score.level else ""
    title = f"{words.text(place.name)} {words.text(score.name)} {number}{level}"
    return HeatCell(number, None if score.score is None else 0, title, score.level)


def places_table(words: Words, places: Sequence[PlaceRow]) -> Markup:
    """Places by topic: scores as numbers, tinted and shaped only where in alert."""
    if not places:
        return Markup("")
    rows = []
    for place in places[:MOST_ROWS]:
        total = "–" if place.total is None else words.points(place.total).removeprefix("+")
        cells = [HeatCell(total, 0)]
        cells += [_place_cell(words, place, score) for score in place.scores]
        rank = "–" if place.rank is None else str(place.rank)
        rows.append(HeatRow(f"{rank} · {words.text(place.name)}", tuple(cells)))
    topics = [words.text(score.name) for score in places[0].scores]
    said = words.t("drawing.places_spoken", n=len(places), topics=len(topics))
    heads = (words.t("column.total"), *topics)
    return heat_chart(HeatChart(said, words.t("column.place"), heads, tuple(rows)))


def interval_table(words: Words, table: IntervalTable, shades: Sequence[Sequence[int | None]], sentence: str) -> Markup:
    """Indicators by hour of the day as a heat table; each column has its own scale."""
    rows = []
    for row, shaded in zip(table.rows, shades, strict=True):
        readings: Sequence[tuple[Reading, int | None]] = list(zip(row.readings, shaded, strict=True))
        cells = [
            HeatCell(str(words.figure(subject, reading)), shade)
            for subject, (reading, shade) in zip(table.subjects, readings, strict=True)
        ]
        rows.append(HeatRow(row.label, tuple(cells)))
    if all(reading.value is None for row in table.rows for reading in row.readings):
        return Markup("")
    heads = tuple(words.text(subject.name) for subject in table.subjects)
    return heat_chart(HeatChart(sentence, words.t("column.interval"), heads, tuple(rows)))


def hour_heat_table(words: Words, subject: Subject, heat: HourHeat) -> Markup:
    """An indicator by hour and weekday as a heat table; one scale for all of it."""
    shades = hour_shades(heat)
    rows = [
        HeatRow(str(hour), tuple(HeatCell(str(words.figure(subject, r)), s) for r, s in zip(of, shaded, strict=True)))
        for hour, (of, shaded) in enumerate(zip(heat.hours, shades, strict=True))
    ]
    heads = tuple(words.text(day) for day in heat.days)
    said = words.t("drawing.hour_weekday_spoken", name=words.text(subject.name))
    return heat_chart(HeatChart(said, words.t("column.interval"), heads, tuple(rows)))


def hour_shades(heat: HourHeat) -> tuple[tuple[int | None, ...], ...]:
    """Shades of the cells, hour by hour."""
    steps = iter(heat_steps([each.value for hour in heat.hours for each in hour]))
    return tuple(tuple(next(steps) for _ in hour) for hour in heat.hours)


def small_charts(words: Words, scope: Scope, rows: Sequence[ScorecardRow]) -> Markup:
    """Indicators as small multiples: name, value, target, change, and the last periods."""
    items = []
    for row in rows[:MOST_ROWS]:
        figure = words.figure(row.subject, row.now, len(scope.period.days))
        level = words.level(row.now.level) if row.now.level else ""
        change_said = str(words.delta(row.subject, row.change))
        said = " · ".join(part for part in (str(figure), words.target(row.subject), change_said, level) if part)
        items.append(Multiple(words.text(row.subject.name), said, row_spark(row, *SPARK)))
    return multiples(words.t("drawing.multiples", n=len(rows)), items, SPARK)
