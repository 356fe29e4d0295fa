"""Reports of complaints: the daily situation and intake, the weekly analysis, the monthly topics, as they were kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.base.messages import say
from ganzhi.base.periods import Period, parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.reports.document import Column, Course, Kind, Opens, Row, Table, Value
from ganzhi.complaints.reports.view import ReportView
from ganzhi.complaints.reports.wording import level, remark_text, signed_per_cent, title, word
from ganzhi.portal.charts.line import LineChart, LinePoint, line_chart
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.alerts.wording import alert_link
from ganzhi.portal.pages.choices import Choice, Picker
from ganzhi.portal.pages.complaints.addresses import PATHS, report_link, source_link
from ganzhi.portal.pages.complaints.desk_words import ticket_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.reports import ReportPorts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.sheets import Cell as Taken
from ganzhi.portal.visit import Visit

WIDE, NARROW, BESIDE = (1000, 260), (340, 220), (300, 110)
LEVELS = ("centre", "product")
KEPT = ("new", "same")
"""What came of keeping an edition."""
SMALL = ("product", "product_month")
"""Courses of which there are several on a page: drawn small, one beside the other."""
LEAST_CHANCE = 1e-4
LONG = ("said", "phenomenon", "analysis", "measures", "mostly", "inside", "kinds", "anomaly", "spot", "where")
"""Columns of long texts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it stands on the page. badge: a grade."""

    text: str
    link: str | None = None
    badge: str = ""


def ports_of(visit: Visit) -> ReportPorts:
    """The ports; there is no such page without them."""
    ports = visit.context.complaint_reports
    if ports is None:
        raise InternalError("a portal without reports of complaints")
    return ports


def kind_of(visit: Visit, which: str) -> Kind:
    """The report an address names; of the two daily ones that of the level."""
    if which == "daily":
        return "intake" if visit.choice("level", LEVELS) == "product" else "situation"
    return "weekly" if which == "weekly" else "monthly"


def _view(visit: Visit, which: str) -> tuple[Kind, ReportView]:
    kind = kind_of(visit, which)
    view = ports_of(visit).report(kind, visit.text("region"), visit.codes["period"], visit.number("edition"))
    return kind, view


def _latest(which: str) -> Callable[[Visit, Words], Go]:
    def latest(visit: Visit, _words: Words) -> Go:
        """Send on to the latest report."""
        kind = kind_of(visit, which)
        return Go(report_link(kind, ports_of(visit).latest(kind).key, visit.text("region")))

    return latest


def _show(which: str) -> Callable[[Visit, Words], Html]:
    def show(visit: Visit, words: Words) -> Html:
        """The report."""
        kind, view = _view(visit, which)
        return _page(words, kind, view, visit.choice("kept", KEPT))

    return show


def _keep(which: str) -> Callable[[Visit, Words, Form], Html | Go]:
    def keep(visit: Visit, _words: Words, _form: Form) -> Html | Go:
        """Make an edition of what comes out now; the page says whether there is a new one."""
        kind, period, region = kind_of(visit, which), visit.codes["period"], visit.text("region")
        made = ports_of(visit).keep(kind, region, period)
        return Go(report_link(kind, period, region, kept="same" if made is None else "new"))

    return keep


def _page(words: Words, kind: Kind, view: ReportView, kept: str | None = None) -> Html:
    report, name = view.report, title(words.lang, kind, view.period)
    region = None if report.unit == view.default_unit else report.unit
    number = None if view.edition is None or view.edition == view.editions[-1] else view.edition.number

    def at(period: Period | None) -> str | None:
        return None if period is None else report_link(kind, period.key, region)

    model = {
        "view": view,
        "report": report,
        "name": name,
        "headline": remark_text(words.lang, report.headline),
        "path": report_link(kind, view.period.key, region, number),
        "here": report_link(kind, view.period.key, region),
        "kept": kept,
        "levels": _levels(words, kind, view, region) if kind in ("situation", "intake") else (),
        "pickers": _pickers(words, kind, view, region),
        "before": at(view.before),
        "after": at(view.after),
        "alerts": url(f"/alerts/daily/{view.period.key}", {"level": "centre" if kind == "situation" else None})
        if kind in ("situation", "intake")
        else None,
        "r": lambda key, **params: say(words.lang, f"creport.{key}", **params),
        "remark": lambda each: remark_text(words.lang, each),
        "shown": lambda table, row: _cells(words, view, table, row),
        "course": lambda each: course_charts(words, each),
        "courses": lambda all_, small: [each for each in all_ if (each.key in SMALL) == small],
        "beside": lambda each: small_chart(words, each),
        "change": change_of,
        "total": lambda each: UNKNOWN if each.total is None else words.all_digits(each.total),
        "is_number": is_number,
        "is_long": lambda column: column.key in LONG,
    }  # fmt: skip
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(name))
    return Html("complaints/report.html", f"{name} · {words.t('nav.complaints')}", Links(), model, crumbs)


def is_number(column: Column) -> bool:
    """Whether a column is set to the right."""
    return column.form in ("count", "number", "change", "share", "chance")


def _levels(words: Words, kind: Kind, view: ReportView, region: str | None) -> tuple[Choice, ...]:
    kinds: tuple[Kind, ...] = ("situation", "intake")
    return tuple(
        Choice(say(words.lang, f"creport.level.{each}"), report_link(each, view.period.key, region), each == kind)
        for each in kinds
    )


def _pickers(words: Words, kind: Kind, view: ReportView, region: str | None) -> tuple[Picker, ...]:
    key = view.period.key
    units = tuple(
        Choice(words.text(name), report_link(kind, key, None if code == view.default_unit else code), code == view.report.unit)
        for code, name in view.units
    )  # fmt: skip
    found = [Picker(words.t("picker.scope"), words.text(view.report.unit_name), (("", units),))]
    if len(view.editions) > 1:
        editions = tuple(
            Choice(_edition(words, each.number), report_link(kind, key, region, each.number), each == view.edition)
            for each in reversed(view.editions)
        )
        current = next(each.text for each in editions if each.current)
        found.append(Picker(say(words.lang, "creport.edition_label"), current, (("", editions),)))
    return tuple(found)


def _edition(words: Words, number: int) -> str:
    return say(words.lang, "creport.edition", number=number)


# -- cells -------------------------------------------------------------------------------------------


def _cells(words: Words, view: ReportView, table: Table, row: Row) -> Iterator[tuple[Column, Shown]]:
    """The cells of a row; the first leads to the warning it is about, the first count to its records."""
    opened = False
    for place, (column, value) in enumerate(zip(table.columns, row.cells, strict=True)):
        text = cell_text(words, column, value, withheld=row.withheld)
        link = None
        if place == 0 and row.finding:
            link = alert_link(row.finding)
        elif column.key == "complaint" and value:
            link = source_link(str(value))
        elif column.key == "said" and row.complaint:
            link = ticket_link(row.complaint)
        elif column.form == "count" and not opened:
            opened = True
            link = opens_link(row.opens, view) if row.opens is not None and view.records and value else None
        badge = str(value) if column.form == "level" and value else ""
        yield column, Shown(text, link, badge)


def opens_link(opens: Opens, view: ReportView) -> str:
    """The records behind a count."""
    region = None if opens.unit == view.default_unit else opens.unit
    return Links(region, opens.period).records(opens.feed, opens.indicator, where=dict(opens.where))


def cell_text(words: Words, column: Column, value: Value, *, withheld: bool = False) -> str:
    """A cell in words."""
    if value is None:
        return words.t("withheld") if withheld and is_number(column) else UNKNOWN
    if isinstance(value, Text):
        return value.in_(words.lang)
    if isinstance(value, str):
        return _said(words, column, value)
    if column.form == "change":
        return signed_per_cent(float(value))
    if column.form == "share":
        return words.per_cent(float(value))
    if column.form == "chance":
        return words.t("complaints.never") if value < LEAST_CHANCE else wording.grouped(wording.rounded(value, 4))
    if column.form == "count":
        return words.all_digits(value)
    return wording.exact_text(wording.rounded(value, 2))


def _said(words: Words, column: Column, value: str) -> str:
    if not value:
        return UNKNOWN
    if column.form == "word" or column.key == "group":
        return word(words.lang, column.key, value)
    if column.form == "day":
        return words.day(value, weekday=False)
    if column.form == "period":
        return words.period(parse_period(value, words.zone))
    return level(words.lang, value) if column.form == "level" else value


# -- courses -----------------------------------------------------------------------------------------


def course_chart(words: Words, course: Course) -> LineChart | None:
    """A course as a line, with the days it is compared with dashed; None where nothing is known."""
    points = course.points
    if not any(point.value is not None for point in points):
        return None

    def said(value: int | None) -> str:
        return words.t("no_data") if value is None else words.all_digits(value)

    places = tuple(
        LinePoint(
            label=words.day(point.day, year=False),
            shown=said(point.value),
            value=None if point.value is None else float(point.value),
            smooth=None,
            before=None if point.before is None else float(point.before),
            level=None,
            tick=words.day(point.day, year=False, weekday=False) if at % 7 == 0 and at + 3 < len(points) else "",
        )
        for at, point in enumerate(points)
    )
    key = "month" if course.key in ("month", "product_month") else "week"
    params = {"days": len(points), "total": said(course.total), "last": said(points[-1].value)}
    sentence = say(words.lang, "creport.course_said", name=course_name(words, course), **params)
    return LineChart(
        sentence=sentence,
        points=places,
        limits=None,
        key=None,
        before_word=say(words.lang, f"creport.before.{key}"),
        gap_word=words.t("no_data"),
        tick_text=lambda value, _decimals: wording.large(words.lang, value),
    )  # fmt: skip


def course_name(words: Words, course: Course) -> str:
    """What a course is of."""
    return words.text(course.name) if course.name is not None else say(words.lang, f"creport.course.{course.key}")


def course_charts(words: Words, course: Course) -> Markup:
    """A course wide and narrow; the style sheet shows the one that fits."""
    chart = course_chart(words, course)
    return Markup("") if chart is None else line_chart(chart, *WIDE) + line_chart(chart, *NARROW)


def small_chart(words: Words, course: Course) -> Markup:
    """A course among others, with the days it is compared with dashed; drawn small."""
    chart = course_chart(words, course)
    return Markup("") if chart is None else line_chart(chart, *BESIDE)


def change_of(course: Course) -> str:
    """The change of the sum beside the days it is compared with, over days that are known of both."""
    both = [
        (point.value, point.before) for point in course.points if point.value is not None and point.before is not None
    ]
    before = sum(then for _, then in both)
    return signed_per_cent((sum(now for now, _ in both) - before) / before) if before else UNKNOWN


# -- files -------------------------------------------------------------------------------------------


def _book(which: str) -> Callable[[Visit, Words], Book]:
    def book(visit: Visit, words: Words) -> Book:
        """Every table of the report."""
        kind, view = _view(visit, which)
        sheets = [
            _sheet(words, view, section.key, table) for section in view.report.sections for table in section.tables
        ]
        sheets += [
            _course_sheet(words, section.key, n, each)
            for section in view.report.sections
            for n, each in enumerate(section.courses)
        ]
        name = title(words.lang, kind, view.period)
        return Book(
            f"complaints-{kind}-{view.period.key}",
            name,
            _facts(visit, words, view),
            tuple(sheets),
            words.t("taken.cut"),
        )

    return book


def _facts(visit: Visit, words: Words, view: ReportView) -> tuple[tuple[str, str], ...]:
    edition = view.edition
    made = (
        say(words.lang, "creport.live")
        if edition is None
        else f"{_edition(words, edition.number)} {words.instant(edition.made_at)}"
    )
    unit = f"{words.text(view.report.unit_name)} ({view.report.unit})"
    told = ((words.t("picker.scope"), unit), (say(words.lang, "creport.edition_label"), made))
    version = (words.t("catalogue_version"), view.report.catalogue_version)
    return facts(
        visit,
        words,
        None,
        *told,
        (say(words.lang, "creport.headline"), remark_text(words.lang, view.report.headline)),
        version,
    )


def _sheet(words: Words, view: ReportView, section: str, table: Table) -> Sheet:
    forms = {"count": 0, "number": 4, "change": 4, "share": 4, "chance": 6}
    columns = tuple(
        SheetColumn(each.key, say(words.lang, f"creport.column.{each.key}"), "number" if is_number(each) else "text", forms.get(each.form, 0))
        for each in table.columns
    )  # fmt: skip
    name = say(words.lang, f"creport.table.{table.key}")
    return Sheet(f"{section}-{table.key}".replace("_", "-"), name, columns, _rows(words, table))


def _rows(words: Words, table: Table) -> Iterator[tuple[Taken, ...]]:
    for row in table.rows:
        yield tuple(
            (words.t("withheld") if row.withheld and value is None else value)
            if is_number(column) and not isinstance(value, (str, Text))
            else cell_text(words, column, value)
            for column, value in zip(table.columns, row.cells, strict=True)
        )


def _course_sheet(words: Words, section: str, number: int, course: Course) -> Sheet:
    columns = tuple(
        SheetColumn(key, say(words.lang, f"creport.column.{key}"), "text" if key == "day" else "number")
        for key in ("day", "value", "compared_day")
    )
    rows = ((point.day, point.value, point.before) for point in course.points)
    return Sheet(f"{section}-course-{number + 1}".replace("_", "-"), course_name(words, course), columns, rows)


def _drawings(which: str) -> Callable[[Visit, Words], Drawings]:
    def drawings(visit: Visit, words: Words) -> Drawings:
        """The courses."""
        kind, view = _view(visit, which)

        found = tuple(
            Drawing(f"{section.key}-{number}", course_name(words, each), partial(line_chart, chart, *WIDE))
            for section in view.report.sections
            for number, each in enumerate((one for one in section.courses if one.key not in SMALL), start=1)
            if (chart := course_chart(words, each)) is not None
        )
        name = title(words.lang, kind, view.period)
        return Drawings(f"complaints-{kind}-{view.period.key}", name, _facts(visit, words, view), found)

    return drawings


def _pages(which: str) -> tuple[Page, Page]:
    path = PATHS[which]
    return (
        Page(f"complaints-{which}-latest", path, _latest(which), nav="complaints", needs="dynamic", private=True),
        Page(
            f"complaints-{which}", f"{path}/{{period}}", _show(which), nav="complaints", book=_book(which),
            drawings=_drawings(which), act=_keep(which), needs="dynamic", private=True, slow=True,
        ),
    )  # fmt: skip


REPORT_PAGES: tuple[Page, ...] = tuple(page for which in PATHS for page in _pages(which))
