"""The monthly report on support services: as it was kept, or as it comes out now (S000-082)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base import wording
from ganzhi.base.messages import say
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.reports.document import Column, Row, Table, Value
from ganzhi.complaints.reports.view import ReportView
from ganzhi.complaints.reports.wording import remark_text, title
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.alerts.wording import alert_link
from ganzhi.portal.pages.cases.shared import case_link
from ganzhi.portal.pages.choices import Choice, Picker
from ganzhi.portal.pages.complaints.reports import Shown, cell_text, is_number, opens_link
from ganzhi.portal.pages.support.shared import PATH, SUPPORT_PATH, ports_of, support_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.sheets import Cell as Taken
from ganzhi.portal.visit import Visit

LONG = ("case_title", "symptom", "cause", "fix", "phenomenon", "analysis", "measures", "shortfall")
LEVELS = ("blue", "yellow", "orange", "red")
SHORT_ID = 8
"""Characters of a warning's id that are shown; the link has all."""


def latest(visit: Visit, _words: Words) -> Go:
    """Send on to the latest report."""
    return Go(support_link(ports_of(visit).latest().key, visit.text("region")))


def _view(visit: Visit) -> ReportView:
    return ports_of(visit).report(visit.text("region"), visit.codes["period"], visit.number("edition"))


def show(visit: Visit, words: Words) -> Html:
    """The report."""
    view = _view(visit)
    report, name = view.report, title(words.lang, "support", view.period)
    region = None if report.unit == view.default_unit else report.unit
    number = None if view.edition is None or view.edition == view.editions[-1] else view.edition.number

    def at(period: Period | None) -> str | None:
        return None if period is None else support_link(period.key, region)

    model = {
        "view": view,
        "report": report,
        "name": name,
        "headline": remark_text(words.lang, report.headline),
        "path": support_link(view.period.key, region, number),
        "pickers": _pickers(words, view, region),
        "before": at(view.before),
        "after": at(view.after),
        "r": lambda key, **params: say(words.lang, f"creport.{key}", **params),
        "remark": lambda each: remark_text(words.lang, each),
        "shown": lambda table, row: tuple(_cells(words, view, table, row)),
        "is_number": _is_number,
        "is_long": lambda column: column.key in LONG,
        "reports": PATH,
    }
    crumbs = (Crumb(words.t("nav.reports"), PATH), Crumb(name))
    return Html("support/report.html", f"{name} · {words.t('nav.reports')}", Links(), model, crumbs)


def _is_number(column: Column) -> bool:
    return column.form == "reading" or is_number(column)


def _pickers(words: Words, view: ReportView, region: str | None) -> tuple[Picker, ...]:
    key = view.period.key
    units = tuple(
        Choice(words.text(name), support_link(key, None if code == view.default_unit else code), code == view.report.unit)
        for code, name in view.units
    )  # fmt: skip
    found = [Picker(words.t("picker.scope"), words.text(view.report.unit_name), (("", units),))]
    if len(view.editions) > 1:
        editions = tuple(
            Choice(say(words.lang, "creport.edition", number=each.number), support_link(key, region, each.number), each == view.edition)
            for each in reversed(view.editions)
        )  # fmt: skip
        current = next(each.text for each in editions if each.current)
        found.append(Picker(say(words.lang, "creport.edition_label"), current, (("", editions),)))
    return tuple(found)


# -- cells -----------------------------------------------------------------------------------------


def _cells(words: Words, view: ReportView, table: Table, row: Row) -> Iterator[tuple[Column, Shown]]:
    """The cells of a row, each with where it leads: an indicator's numbers to its page, a count to its records."""
    code = _code(table, row, "indicator")
    trace = _code(table, row, "trace")
    region = None if view.report.unit == view.default_unit else view.report.unit
    links = Links(region, view.period.key)
    for column, value in zip(table.columns, row.cells, strict=True):
        shown = Shown(_text(words, column, value, withheld=row.withheld))
        if column.form == "level":
            yield column, Shown(shown.text, None, str(value) if value in LEVELS else "")
            continue
        link = None
        if value is not None and not row.withheld:
            if column.form in ("indicator", "reading") and code:
                link = links.indicator(code)
            elif column.form == "count" and row.opens is not None and view.records:
                link = opens_link(row.opens, view)
            elif trace and column.form in ("trace", "number"):
                link = url(links.trace(trace), {"region": region, "period": view.period.key})
            elif column.form == "case":
                link = case_link(int(str(value)))
            elif column.form == "finding":
                link = alert_link(str(value))
        yield column, Shown(shown.text, link)


def _code(table: Table, row: Row, form: str) -> str | None:
    found = (cell for column, cell in zip(table.columns, row.cells, strict=True) if column.form == form)
    code = next(found, None)
    return None if code is None else str(code)


def _text(words: Words, column: Column, value: Value, *, withheld: bool = False) -> str:
    if value is None:
        return words.t("withheld") if withheld and _is_number(column) else UNKNOWN
    if column.key == "value_unit":
        return wording.unit_word(words.lang, str(value))
    if column.form == "finding":
        return str(value)[-SHORT_ID:]
    if column.form == "number" and isinstance(value, int):
        return words.all_digits(value)
    return cell_text(words, column, value, withheld=withheld)


# -- files -----------------------------------------------------------------------------------------


def book(visit: Visit, words: Words) -> Book:
    """Every table of the report."""
    view = _view(visit)
    sheets = tuple(_sheet(words, section.key, each) for section in view.report.sections for each in section.tables)
    name = title(words.lang, "support", view.period)
    edition = view.edition
    made = say(words.lang, "creport.live")
    if edition is not None:
        made = f"{say(words.lang, 'creport.edition', number=edition.number)} {words.instant(edition.made_at)}"
    told = facts(
        visit,
        words,
        None,
        (words.t("picker.scope"), f"{words.text(view.report.unit_name)} ({view.report.unit})"),
        (say(words.lang, "creport.edition_label"), made),
        (say(words.lang, "creport.headline"), remark_text(words.lang, view.report.headline)),
        (words.t("catalogue_version"), view.report.catalogue_version),
    )
    return Book(f"support-{view.period.key}", name, told, sheets, words.t("taken.cut"))


def _sheet(words: Words, section: str, table: Table) -> Sheet:
    columns = tuple(
        SheetColumn(each.key, say(words.lang, f"creport.column.{each.key}"), "number" if _is_number(each) else "text",
                    0 if each.form == "count" else 4)
        for each in table.columns
    )  # fmt: skip
    name = say(words.lang, f"creport.table.{table.key}")
    return Sheet(f"{section}-{table.key}".replace("_", "-"), name, columns, _rows(words, table))


def _rows(words: Words, table: Table) -> Iterator[tuple[Taken, ...]]:
    for row in table.rows:
        yield tuple(
            _taken(words, column, value, withheld=row.withheld)
            for column, value in zip(table.columns, row.cells, strict=True)
        )


def _taken(words: Words, column: Column, value: Value, *, withheld: bool) -> Taken:
    if isinstance(value, Text):
        return value.in_(words.lang)
    if value is None:
        return words.t("withheld") if withheld and _is_number(column) else None
    return value if _is_number(column) or column.form == "finding" else _text(words, column, value)


LATEST = Page("support-latest", SUPPORT_PATH, latest, nav="reports", needs="dynamic", private=True)
SUPPORT = Page(
    "support", f"{SUPPORT_PATH}/{{period}}", show, nav="reports", book=book, needs="dynamic", private=True, slow=True
)
