"""Why a number changed or misses its target: what it is made of, by unit and slice, and what carries it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from ganzhi.measure.views.explain import CutView, ExplainPage, ExplainQuery, PartRow
from ganzhi.portal.charts.palette import INK, MUTED, WORSE
from ganzhi.portal.charts.rows import PictureRow, PictureTable, Say, picture_table
from ganzhi.portal.charts.steps import step_cells
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages import explained
from ganzhi.portal.pages.choices import Choice, pickers
from ganzhi.portal.pages.explained import ShownPart
from ganzhi.portal.pages.overview import stem
from ganzhi.portal.pages.taken import facts, seen
from ganzhi.portal.present import Words
from ganzhi.portal.sentences import plain
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

UNIT_DIMENSION = "unit"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a cut as the page shows it. link: to the part's own explanation or records; records: to the
    rows behind its present value."""

    part: ShownPart
    name: str
    note: str
    link: str | None
    records: str | None
    bar: Markup
    worse: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A cut as the page shows it. total: the bar of the sum."""

    cut: CutView
    lines: tuple[Line, ...]
    total: Markup
    finding: str

    @property
    def picture(self) -> str:
        """Name of its picture."""
        return f"by-{self.cut.dimension}"


def _query(visit: Visit) -> ExplainQuery:
    return ExplainQuery(visit.text("by"), visit.choice("moves", ("1",)) == "1")


def _records(page: ExplainPage, links: Links, row: PartRow) -> str | None:
    if page.feed is None or row.unit is None or row.now is None or not row.now.n:
        return None
    return _at(page, links, row.unit).records(page.feed, page.subject.code, None, row.where)


def _at(page: ExplainPage, links: Links, unit: str) -> Links:
    return links.at(region=None if unit == page.scope.default_unit else unit)


def _shown(words: Words, page: ExplainPage, links: Links, cut: CutView | None) -> Shown | None:
    if cut is None or not cut.rows:
        return None
    parts = explained.shown_parts(cut)
    split = cut.way != "beside"
    worse = [split and explained.is_worse(page, part.change) for part in parts]
    bars = step_cells([part.change or 0.0 for part in parts], worse) if split else (Markup(""),) * (len(parts) + 1)
    lines = []
    for part, bar, bad in zip(parts, bars, worse, strict=False):
        row = part.row
        if row is None:
            lines.append(Line(part, words.t("explain.others", n=part.others), "", None, None, bar, bad))
            continue
        records = _records(page, links, row)
        own = cut.dimension == UNIT_DIMENSION and row.unit is not None
        link = _at(page, links, row.unit).explain(page.subject.code) if own and row.unit else records
        note = explained.part_note(words, page, row)
        lines.append(Line(part, words.text(row.name), note, link, records, bar, bad))
    return Shown(cut, tuple(lines), bars[-1], _finding(words, page, cut))


def _finding(words: Words, page: ExplainPage, cut: CutView) -> str:
    """Rate and mix of a cut, or which part adds most, or that parts do not add up."""
    if cut.way == "beside":
        return words.t("explain.beside")
    if cut.outcome:
        return words.t("explain.outcome")
    if cut.way == "rate_mix":
        key = "explain.reversed_short" if cut.reversed else "explain.halves_short"
        rate, mix = (explained.difference_text(words, page, value) for value in (cut.rate, cut.mix))
        return words.t(key, rate=rate, mix=mix)
    top = cut.rows[0]
    change = explained.difference_text(words, page, top.change)
    return words.t("explain.most", name=words.text(top.name), change=change)


def _score_bars(page: ExplainPage) -> tuple[tuple[Markup, ...], Markup]:
    """A bar per row of the first level, nothing for those below it, and the bar of the sum."""
    first = [row for row in page.scores if row.depth == 1]
    points = [row.points or 0.0 for row in first]
    worse = [(each > 0) if page.points_lost else (each < 0) for each in points]
    *bars, total = step_cells(points, worse)
    drawn = iter(bars)
    return tuple(next(drawn) if row.depth == 1 else Markup("") for row in page.scores), total


def _choices(words: Words, page: ExplainPage, links: Links) -> tuple[Choice, ...]:
    code = page.subject.code
    return tuple(
        Choice(words.text(name), links.explain(code, by=dimension), dimension == page.shown)
        for dimension, name in page.dimensions
    )


def show(visit: Visit, words: Words) -> Html:
    """The page of one explanation."""
    query, asked, code = visit.scope(), _query(visit), visit.codes["code"]
    page = visit.context.explain(code, query, asked)
    links = Links.of(page.scope, query)
    bars, total = _score_bars(page)
    kept = {"by": asked.by, "moves": "1" if asked.moves else None}
    cuts = (page.cut(UNIT_DIMENSION), page.cut(page.shown))
    cells = () if page.search is None else page.search.cells
    model = {
        "page": page,
        "scope": page.scope,
        "headline": explained.headline(words, page),
        "figure": explained.figure(words, page),
        "explained": explained,
        "score_bars": bars,
        "score_total": total,
        "cuts": [shown for cut in cuts if (shown := _shown(words, page, links, cut)) is not None],
        "dimensions": _choices(words, page, links),
        "searched": explained.search_text(words, page),
        "cell_links": [_cell_link(page, links, place) for place in range(len(cells))],
        "here": links.explain(code, by=asked.by),
        "moves_link": links.explain(code, by=asked.by, moves="1"),
        "pickers": pickers(visit, words, page.scope, links, lambda changed: changed.explain(code, **kept)),
    }
    name = words.text(page.subject.name)
    crumbs = (
        Crumb(words.t("nav.overview"), links.overview()),
        Crumb(name, links.indicator(code)),
        Crumb(words.t("explain.crumb")),
    )
    return Html(
        "explain.html",
        f"{words.t('explain.title', name=name)} · {words.short(page.scope.period)}",
        links,
        model,
        crumbs,
    )


def _cell_link(page: ExplainPage, links: Links, place: int) -> str | None:
    """The records of a combination that was found."""
    assert page.search is not None
    cell = page.search.cells[place]
    if page.feed is None or cell.unit is None or cell.now is None:
        return None
    return _at(page, links, cell.unit).records(page.feed, page.subject.code, None, cell.where)


# --- tables to take -----------------------------------------------------------------------------


def _part_cells(words: Words, row: PartRow, name: str, above: str) -> tuple[Cell, ...]:
    parts = (row.change, row.rate, row.mix, row.share, row.points)
    ends = (seen(words, row.before), seen(words, row.now), None if row.now is None else row.now.n)
    return (above, row.key, name, *parts, *ends, row.only)


def _cut_rows(words: Words, cut: CutView) -> Iterator[tuple[Cell, ...]]:
    for row in cut.rows:
        yield _part_cells(words, row, words.text(row.name), "")
        for inner in row.inner:
            yield _part_cells(words, inner, words.text(inner.name), row.key)


def _cut_sheet(words: Words, page: ExplainPage, cut: CutView) -> Sheet:
    columns = (
        SheetColumn("within", words.t("explain.column.within")),
        SheetColumn("key", words.t("column.key")),
        SheetColumn("name", words.text(cut.name)),
        SheetColumn("change", words.t("explain.column.change"), "number", 6),
        SheetColumn("rate", words.t("explain.column.rate"), "number", 6),
        SheetColumn("mix", words.t("explain.column.mix"), "number", 6),
        SheetColumn("share", words.t("column.share"), "number", 4),
        SheetColumn("points", words.t("explain.column.points"), "number", 4),
        SheetColumn("before", words.before(page.scope), "number", 4),
        SheetColumn("now", words.t("column.value"), "number", 4),
        SheetColumn("n", words.t("column.n"), "number", 0),
        SheetColumn("only", words.t("explain.column.only")),
    )
    return Sheet(f"by_{cut.dimension}", words.text(cut.name), columns, _cut_rows(words, cut))


def _score_sheet(words: Words, page: ExplainPage) -> Sheet:
    columns = (
        SheetColumn("depth", words.t("explain.column.depth"), "number", 0),
        SheetColumn("code", words.t("column.code")),
        SheetColumn("name", words.t("column.indicator")),
        SheetColumn("weight", words.t("column.weight"), "number", 4),
        SheetColumn("before", words.before(page.scope), "number", 4),
        SheetColumn("now", words.t("column.score"), "number", 4),
        SheetColumn("points", words.t("column.contribution"), "number", 6),
        SheetColumn("of_top", words.t("explain.column.of_top"), "number", 6),
    )
    rows = ((r.depth, r.code, words.text(r.name), r.weight, r.before, r.now, r.points, r.of_top) for r in page.scores)
    return Sheet("scores", words.t("explain.scores"), columns, rows)


def book(visit: Visit, words: Words) -> Book:
    """Contributions of children, units and dimensions as tables."""
    code = visit.codes["code"]
    page = visit.context.explain(code, visit.scope(), _query(visit))
    sheets = [_score_sheet(words, page)] if page.scores or not page.cuts else []
    sheets += [_cut_sheet(words, page, cut) for cut in page.cuts]
    name = words.text(page.subject.name)
    asked = facts(
        visit,
        words,
        page.scope,
        (words.t("column.indicator"), f"{name} ({code})"),
        (words.t("explain.said"), plain(explained.headline(words, page))),
    )
    return Book(stem(f"explain-{code}", page.scope), name, asked, tuple(sheets), words.t("taken.cut"))


# --- pictures -----------------------------------------------------------------------------------


def _moved(worse: bool, text: str) -> Say:
    return Say(text, WORSE if worse else MUTED, worse)


def _scores_picture(words: Words, page: ExplainPage) -> Markup:
    """The waterfall of the supporting indicators."""
    bars, total = _score_bars(page)
    rows = []
    for row, bar in zip(page.scores, bars, strict=True):
        bad = row.points is not None and (row.points > 0 if page.points_lost else row.points < 0)
        points = _moved(bad, explained.points_text(words, page, row.points))
        now = Say("–" if row.now is None else words.points(row.now).removeprefix("+"))
        rows.append(PictureRow(words.text(row.name), bar or None, (points, now), row.depth - 1))
    known = [row.points for row in page.scores if row.depth == 1 and row.points is not None]
    whole = Say(explained.points_text(words, page, sum(known)), INK, bold=True)
    rows.append(PictureRow(words.t("explain.total"), total, (whole, Say("")), heading=True))
    lost = "explain.column.lost" if page.points_lost else "column.contribution"
    heads = (words.t("column.indicator"), words.t(lost), words.t("column.score"))
    said = words.t("drawing.steps_spoken", name=words.text(page.subject.name), n=len(rows) - 1)
    return picture_table(PictureTable(said, heads, tuple(rows)))


def _cut_picture(words: Words, page: ExplainPage, shown: Shown) -> Markup:
    """The waterfall of a cut's parts."""
    rows = [
        PictureRow(
            line.name,
            line.bar,
            (
                _moved(line.worse, explained.difference_number(words, page, line.part.change)),
                Say(words.per_cent(line.part.share)),
            ),
        )
        for line in shown.lines
    ]
    whole = Say(explained.difference_number(words, page, page.difference), INK, bold=True)
    rows.append(PictureRow(words.t("explain.total"), shown.total, (whole, Say("")), heading=True))
    unit = explained.difference_unit(words, page)
    heads = (words.text(shown.cut.name), f"{words.t('explain.column.change')} {unit}".strip(), words.t("column.share"))
    said = words.t("drawing.steps_spoken", name=words.text(page.subject.name), n=len(shown.lines))
    return picture_table(PictureTable(said, heads, tuple(rows)))


def drawings(visit: Visit, words: Words) -> Drawings:
    """The waterfalls of the page as pictures."""
    query, asked, code = visit.scope(), _query(visit), visit.codes["code"]
    page = visit.context.explain(code, query, asked)
    links = Links.of(page.scope, query)
    drawn = []
    if page.scores:
        title = words.t("explain.scores_lost" if page.points_lost else "explain.scores")
        drawn.append(Drawing("scores", title, partial(_scores_picture, words, page), words.t("explain.scores_sub")))
    for cut in (page.cut(UNIT_DIMENSION), page.cut(page.shown)):
        shown = _shown(words, page, links, cut)
        if shown is not None and shown.cut.way != "beside":
            make = partial(_cut_picture, words, page, shown)
            drawn.append(Drawing(shown.picture, words.text(shown.cut.name), make, shown.finding))
    name = words.text(page.subject.name)
    more = (
        (words.t("column.indicator"), f"{name} ({code})"),
        (words.t("explain.said"), plain(explained.headline(words, page))),
    )
    told = facts(visit, words, page.scope, *more, address=links.explain(code, by=asked.by))
    return Drawings(stem(f"explain-{code}", page.scope), name, told, tuple(drawn))


EXPLAIN = Page("explain", "/explain/{code}", show, nav="topics", book=book, drawings=drawings)
