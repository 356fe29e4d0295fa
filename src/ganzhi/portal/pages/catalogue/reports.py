"""Reports as data: the catalogue under the headings of the standard, and one specification."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.catalogue.reports import ReportPage, ReportsPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue.shared import codes_of, columns, crumbs, external, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """All specifications."""
    view = visit.context.catalogue.reports()
    links = Links()
    model = {"view": view, "ways": ways(visit, words, links, "reports"), "external": external}
    title = words.t("catalogue.way.reports")
    return Html("catalogue/reports.html", title, links, model, crumbs(words, links, Crumb(title)))


def _rows(words: Words, view: ReportsPage) -> Iterator[tuple[Cell, ...]]:
    for group, rows in view.groups:
        for row in rows:
            yield (
                row.number,
                words.text(group),
                row.code,
                words.text(row.name),
                words.text(row.goal),
                words.t(f"catalogue.rhythm.{row.rhythm}"),
                external(words, row.codes),
                row.indicators,
                row.arrived,
            )


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    view = visit.context.catalogue.reports()
    numbers = ("indicators", "arrived")
    keys = ("number", "group", "code", "report", "goal", "rhythm", "codes", *numbers)
    title = words.t("catalogue.way.reports")
    sheet = Sheet("reports", title, columns(words, *keys, numbers=numbers), _rows(words, view))
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("reports", title, told, (sheet,), words.t("taken.cut"))


# -- one report ----------------------------------------------------------------------------------


def show_report(visit: Visit, words: Words) -> Html:
    """One specification."""
    view = visit.context.catalogue.report(visit.codes["report"])
    links = Links()
    name = words.text(view.row.name)
    model = {"view": view, "row": view.row, "external": external}
    back = Crumb(words.t("catalogue.way.reports"), links.reports())
    return Html("catalogue/report.html", name, links, model, crumbs(words, links, back, Crumb(name)))


def _indicators(words: Words, view: ReportPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.indicators:
        subject = row.subject
        yield (
            subject.code,
            words.text(subject.name),
            words.text(subject.definition),
            words.text(row.formula),
            subject.unit_of_value,
            row.feed.code if row.feed else None,
            codes_of(row.cut_by),
            words.t(f"catalogue.data.{'arrived' if row.arrived else 'waiting'}"),
        )


def book_report(visit: Visit, words: Words) -> Book:
    """The specification as label and text, and its indicators."""
    view = visit.context.catalogue.report(visit.codes["report"])
    row = view.row
    said = (
        ("number", row.number),
        ("group", words.text(view.group)),
        ("goal", words.text(row.goal)),
        ("function", words.text(view.function)),
        ("audience", words.text(view.audience)),
        ("by", codes_of(view.by)),
        ("presentation", ", ".join(words.t(f"catalogue.shape.{each}") for each in view.presentation)),
        ("rhythm", words.t(f"catalogue.rhythm.{row.rhythm}")),
        ("source", words.text(view.source)),
    )
    keys = ("code", "indicator", "definition", "formula", "unit", "feed", "by", "data")
    sheets = (
        Sheet("indicators", words.t("column.indicators"), columns(words, *keys), _indicators(words, view)),
        Sheet(
            "specification",
            words.t("catalogue.specification"),
            columns(words, "field", "text"),
            ((words.t(f"catalogue.column.{key}"), text) for key, text in said),
        ),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book(f"report_{row.code}", words.text(row.name), told, sheets, words.t("taken.cut"))


REPORTS = Page("dictionary_reports", "/dictionary/reports", show, book=book)
REPORT = Page("dictionary_report", "/dictionary/reports/{report}", show_report, book=book_report)
