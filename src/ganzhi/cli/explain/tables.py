"""An explanation as tables for people: what carries it, what supports it, and the parts of each cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ganzhi.cli.command import Call
from ganzhi.cli.show.table import Column, table
from ganzhi.measure.views.explain import CutView, ExplainPage
from ganzhi.measure.views.parts import Reading
from ganzhi.portal.pages import explained
from ganzhi.portal.present import Words
from ganzhi.portal.sentences import plain

INDENT = "  "


def lines(call: Call, words: Words, page: ExplainPage, dimensions: Sequence[str]) -> Iterator[str]:
    """The headline, what the search found, and a table per split; of dimensions the ones asked for, else the
    one that tells most."""
    yield plain(explained.headline(words, page))
    if page.why != "explained":
        return
    if page.search is not None:
        yield explained.search_text(words, page)
        if page.search.cells:
            yield _cells(call, words, page)
    if page.scores:
        yield ""
        yield words.t("explain.scores_lost" if page.points_lost else "explain.scores")
        yield _scores(call, words, page)
    shown = dimensions or ((page.shown,) if page.shown else ())
    for cut in page.cuts:
        if cut.rows and (cut.dimension == "unit" or cut.dimension in shown):
            yield ""
            yield words.text(cut.name)
            yield _cut(call, words, page, cut)


def _columns(call: Call, first: str, *others: str) -> list[Column]:
    return [
        Column(call.text(f"cli.explain.{first}")),
        *(Column(call.text(f"cli.explain.{n}"), "right") for n in others),
    ]


def _figure(words: Words, page: ExplainPage, reading: Reading | None) -> str:
    return "–" if reading is None else str(words.figure(page.subject, reading))


def _cells(call: Call, words: Words, page: ExplainPage) -> str:
    assert page.search is not None
    columns = _columns(call, "found", "change", "share", "before", "now", "events", "expected")
    rows = []
    for cell in page.search.cells:
        change = explained.difference_text(words, page, cell.change)
        ends = [_figure(words, page, cell.before), _figure(words, page, cell.now)]
        counts = [f"{cell.events:,.0f}", f"{cell.expected:,.0f}"]
        rows.append([explained.cell_name(words, cell), change, words.per_cent(cell.share), *ends, *counts])
    return table(columns, rows)


def _scores(call: Call, words: Words, page: ExplainPage) -> str:
    columns = [
        *_columns(call, "indicator", "points", "of_top", "weight", "before", "now"),
        Column(call.text("cli.explain.note")),
    ]
    rows = []
    for row in page.scores:
        name = f"{INDENT * (row.depth - 1)}{words.text(row.name)} ({row.code})"
        ends = ["–" if each is None else f"{each:,.1f}" for each in (row.before, row.now)]
        points = [
            explained.points_text(words, page, row.points),
            explained.points_text(words, page, row.of_top),
            words.per_cent(row.weight),
        ]
        rows.append([name, *points, *ends, explained.score_note(words, row)])
    return table(columns, rows)


def _cut(call: Call, words: Words, page: ExplainPage, cut: CutView) -> str:
    columns = [
        *_columns(call, "part", "change", "rate", "mix", "share", "before", "now", "n"),
        Column(call.text("cli.explain.note")),
    ]
    rows = []
    for part in explained.shown_parts(cut):
        row = part.row
        parts = [explained.difference_text(words, page, each) for each in (part.change, part.rate, part.mix)]
        if row is None:
            rows.append([words.t("explain.others", n=part.others), *parts, words.per_cent(part.share), "", "", "", ""])
            continue
        ends = [_figure(words, page, row.before), _figure(words, page, row.now)]
        n = "–" if row.now is None or row.now.n is None else f"{row.now.n:,}"
        note = explained.part_note(words, page, row)
        rows.append([words.text(row.name), *parts, words.per_cent(part.share), *ends, n, note])
    return table(columns, rows)
