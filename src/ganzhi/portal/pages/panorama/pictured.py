"""Pictures of the panorama and of the modules: what their tables say, as one drawing each."""

from __future__ import annotations

from markupsafe import Markup

from ganzhi.measure.views.panorama.elements import ElementCell, ElementRow, ElementsPage
from ganzhi.measure.views.panorama.lifecycle import LifecyclePage, LifecycleRow, Mark
from ganzhi.measure.views.panorama.modules import ModulePage, ModulesPage
from ganzhi.portal.charts.heat import HeatCell, HeatChart, HeatRow, heat_chart
from ganzhi.portal.pages.panorama.shared import largest_weight, mark_figure, weight_step
from ganzhi.portal.pages.pictured import rows_table
from ganzhi.portal.present import UNKNOWN, Words


def elements_table(words: Words, view: ElementsPage) -> Markup:
    """Rows by attribute: how many indicators are measured, tinted and shaped where one is in alert."""
    heads = tuple(words.text(attribute.name) for attribute, _ in view.attributes)
    rows = tuple(_element_row(words, row) for group in view.groups for row in group.rows)
    said = words.t("panorama.elements.grid")
    return heat_chart(HeatChart(said, words.t("panorama.column.row"), heads, rows), 1400)


def _element_row(words: Words, row: ElementRow) -> HeatRow:
    return HeatRow(words.text(row.name), tuple(_element_cell(words, cell) for cell in row.cells))


def _element_cell(words: Words, cell: ElementCell | None) -> HeatCell:
    if cell is None:
        return HeatCell("", None)
    told = words.t("panorama.elements.cell", pairs=cell.pairs, answered=cell.answered, measured=cell.measured)
    shown = str(cell.measured) if cell.answered else "○"
    return HeatCell(shown, 0 if cell.measured else None, told, cell.level)


def modules_table(words: Words, view: ModulesPage) -> Markup:
    """Modules with their score and how many of their indicators are judged, known and in alert."""
    rows = []
    for each in view.modules:
        lead = each.scores[0] if each.scores else None
        score = HeatCell("–", None) if lead is None else HeatCell(words.score(lead).number, 0, "", lead.level)
        counts = (each.declared, each.indicators, each.known, each.in_alert)
        name = words.t(f"panorama.module.{each.code}")
        rows.append(HeatRow(name, (score, *(HeatCell(words.count(n), 0) for n in counts))))
    heads = tuple(words.t(f"panorama.column.{name}") for name in ("score", "declared", "judged", "known", "problems"))
    said = words.t("panorama.modules.title")
    return heat_chart(HeatChart(said, words.t("panorama.column.module"), heads, tuple(rows)))


def module_table(words: Words, view: ModulePage) -> Markup:
    """The scorecard of a module."""
    return rows_table(words, view.scope, view.rows) if view.rows else Markup("")


def lifecycle_table(words: Words, view: LifecyclePage) -> Markup:
    """Stages and activities: weight, score, change, indicators in alert, and each place; tinted and shaped where in
    alert."""
    heads = (
        words.t("panorama.column.weight"),
        words.t("panorama.column.score"),
        words.against(view.scope),
        words.t("panorama.column.problems"),
        *(words.text(place.name) for place in view.places),
    )
    rows, largest = [], largest_weight(view.stages)
    for stage in view.stages:
        rows.append(_lifecycle_row(words, stage.row, "", 0))
        rows += [_lifecycle_row(words, row, "\u3000", weight_step(row.weight, largest)) for row in stage.activities]
    said = words.t("panorama.lifecycle.grid")
    return heat_chart(HeatChart(said, words.t("panorama.lifecycle.activity"), heads, tuple(rows)), 1400)


def _lifecycle_row(words: Words, row: LifecycleRow, indent: str, step: int) -> HeatRow:
    weight = UNKNOWN if row.weight is None else words.per_cent(row.weight)
    moved = words.score_delta(row.mark.score, row.mark.before)
    cells = (
        HeatCell(weight, None if row.weight is None else step),
        _mark_cell(words, row.mark),
        HeatCell(str(moved), None if moved.tone == "none" else 0),
        HeatCell(words.count(len(row.problems)), 0),
        *(_mark_cell(words, mark) for mark in row.places),
    )
    return HeatRow(indent + words.text(row.name), cells)


def _mark_cell(words: Words, mark: Mark) -> HeatCell:
    seen = mark_figure(words, mark)
    approximate = "≈ " if seen.approximate else ""
    return HeatCell(approximate + seen.number, 0 if seen.known else None, seen.title, mark.level)
