"""Cuts of a number as a viewer may see them: by dimension, place, hour, and in explanations.

Everything here leaves a cut as it is for viewers with list depth, who may count the records anyway.
For others readings are withheld by `rule.withheld_parts`, each date of a comparison for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ganzhi.access.rights import SMALLEST_CELL, Viewer
from ganzhi.measure.build.cells.rule import withheld_parts
from ganzhi.measure.build.readings import withheld
from ganzhi.measure.views.explain import CutView, ExplainPage, PartRow
from ganzhi.measure.views.indicator import Breakdown, BreakdownRow, IndicatorPage
from ganzhi.measure.views.overview import IntervalRow, IntervalTable
from ganzhi.measure.views.parts import Change, Reading, ScoreNow


def hide(readings: Sequence[Reading | None]) -> tuple[Reading | None, ...] | None:
    """The parts of one number with those withheld that must be; None when no part may be shown.

    For whoever cuts a number: give it all parts at once, in any order, and show none of them on None.
    """
    out = withheld_parts([None if each is None else each.n for each in readings])
    if out is None:
        return None
    return tuple(withheld(each) if place in out and each is not None else each for place, each in enumerate(readings))


def cut_places(readings: Sequence[Reading], viewer: Viewer) -> tuple[Reading, ...]:
    """The readings of all places below a unit as the viewer may see them; all withheld where none may be shown."""
    if viewer.may("list"):
        return tuple(readings)
    found = hide(readings)
    return tuple(withheld(each) for each in readings) if found is None else tuple(each for each in found if each)


def cut_breakdown(found: Breakdown, viewer: Viewer) -> Breakdown:
    """A breakdown as the viewer may see it; without rows and marked withheld where no part may be shown."""
    if viewer.may("list"):
        return found
    now, before = hide([row.reading for row in found.rows]), hide([row.before for row in found.rows])
    if now is None or before is None:
        return replace(found, rows=(), withheld=True)
    rows = [_row(*each) for each in zip(found.rows, now, before, strict=True)]
    if not found.ordered:
        # The place among others would tell how large a part is.
        shown = [row for row in rows if not row.reading.withheld]
        rows = shown + sorted((row for row in rows if row.reading.withheld), key=lambda row: row.key)
    return replace(found, rows=tuple(rows))


def _row(row: BreakdownRow, now: Reading | None, before: Reading | None) -> BreakdownRow:
    assert now is not None
    hidden = now.withheld or (before is not None and before.withheld)
    change = Change(row.change.against, None, None) if hidden else row.change
    return replace(row, reading=now, before=before, change=change, share=None if now.withheld else row.share)


def cut_intervals(found: IntervalTable, viewer: Viewer) -> IntervalTable | None:
    """A table of hours as the viewer may see it. An hour withheld in one column is so in all: one column's
    number may be another's denominator. None where nothing may be shown."""
    if viewer.may("list"):
        return found
    columns = [withheld_parts([row.readings[place].n for row in found.rows]) for place in range(len(found.subjects))]
    out: set[int] = set()
    for column in columns:
        if column is None:
            return None
        out |= column
    rows = (
        IntervalRow(row.label, tuple(map(withheld, row.readings))) if place in out else row
        for place, row in enumerate(found.rows)
    )
    return replace(found, rows=tuple(rows))


def cut_score(score: ScoreNow, reading: Reading, before: Reading, viewer: Viewer) -> ScoreNow:
    """A place's score as the viewer may see it. reading, before: what it was formed from, now and earlier."""
    if viewer.may("list"):
        return score
    now_small, before_small = (each.n is not None and 0 < each.n < SMALLEST_CELL for each in (reading, before))
    if now_small:
        return replace(score, score=None, before=None if before_small else score.before, level=None, withheld=True)
    return replace(score, before=None) if before_small else score


def cut_indicator(page: IndicatorPage, *, now: bool, before: bool, todate: bool, year: bool) -> IndicatorPage:
    """The page of a number of which some moments are withheld: no part of it is told either, for parts add up. Points of
    its past are withheld each for itself, by whoever makes them."""
    if not (now or before or todate or year):
        return page
    cut, peers = page.breakdown, page.peers
    if now or before:
        cut = None if cut is None else replace(cut, rows=(), withheld=True)
        peers = None if peers is None else replace(peers, rows=(), withheld=True)
    return replace(
        page,
        year_change=Change(page.year_change.against, None, None) if now or year else page.year_change,
        todate=withheld(page.todate) if page.todate is not None and (now or todate) else page.todate,
        breakdown=cut,
        peers=peers,
        reported=None if now else page.reported,
    )


# --- explanations -------------------------------------------------------------------------------


def cut_explanation(page: ExplainPage, viewer: Viewer) -> ExplainPage:
    """An explanation as the viewer may see it.

    Parts of parts, and combinations of attributes, add up to parts in other cuts; so none of them is
    shown as soon as anything on the page is withheld.
    """
    if viewer.may("list") or not page.measured:
        return page
    cuts = tuple(_cut(cut) for cut in page.cuts)
    small = [row for cut in page.cuts for outer in cut.rows for row in outer.inner]
    cells = [] if page.search is None else page.search.cells
    if not any(cut.withheld for cut in cuts) and not any(map(_is_small, (*small, *cells))):
        return page
    cuts = tuple(replace(cut, rows=tuple(replace(row, inner=()) for row in cut.rows)) for cut in cuts)
    search = None if page.search is None else replace(page.search, cells=(), withheld=bool(cells))
    return replace(page, cuts=cuts, search=search)


def _is_small(part: object) -> bool:
    readings = (getattr(part, "now", None), getattr(part, "before", None))
    return any(each is not None and each.n is not None and 0 < each.n < SMALLEST_CELL for each in readings)


def _cut(cut: CutView) -> CutView:
    now, before = hide([row.now for row in cut.rows]), hide([row.before for row in cut.rows])
    if now is None or before is None:
        return replace(cut, rows=(), rate=None, mix=None, withheld=True)
    rows = [_part(*each) for each in zip(cut.rows, now, before, strict=True)]
    shown = [row for row in rows if not _hidden(row)]
    hidden = sorted((row for row in rows if _hidden(row)), key=lambda row: row.key)
    return replace(cut, rows=tuple(shown + hidden), withheld=bool(hidden))


def _hidden(row: PartRow) -> bool:
    return any(each is not None and each.withheld for each in (row.now, row.before))


def _part(row: PartRow, now: Reading | None, before: Reading | None) -> PartRow:
    changed = replace(row, now=now, before=before)
    if not _hidden(changed):
        return row
    return replace(changed, change=None, rate=None, mix=None, share=None, points=None, only=None, below=None)
