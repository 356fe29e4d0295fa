"""A hall's day: customers so far and expected against what its open desks can take, half hour by half hour (S002-030)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.base.periods import parse_day
from ganzhi.measure.views.panorama.places import HallPromotion
from ganzhi.portal.charts.line import LineChart, LinePoint, line_chart
from ganzhi.portal.charts.watch import Forecast
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.alerts.shared import watch_of
from ganzhi.portal.pages.alerts.wording import list_link
from ganzhi.portal.pages.panorama.shared import ports
from ganzhi.portal.pages.taken import facts, seen
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.warn.footfall.today import HallToday, SlotRow

WIDE, NARROW = (1000, 280), (340, 220)
NOBODY_S = 1e8
"""A wait so long that it stands for nobody serving."""


def hall_link(unit: str, day: str | None = None) -> str:
    """The page of a hall's day."""
    return url(f"/halls/{quote(unit, safe='')}/today", {"day": day})


def view_of(visit: Visit) -> HallToday | None:
    """What is asked for; InputError REQ003 for a day that is none."""
    given = visit.text("day")
    return watch_of(visit).hall(visit.codes["unit"], None if given is None else parse_day(given, "day"))


def promotion_of(visit: Visit, page: HallToday | None) -> HallPromotion | None:
    """How the hall promoted electronic channels on the page's day."""
    given = visit.text("day")
    day = page.day if page is not None else None if given is None else parse_day(given, "day")
    return ports(visit).promotion(visit.codes["unit"], day)


def minutes(words: Words, row: SlotRow) -> str:
    """The expected wait."""
    if row.wait_s >= NOBODY_S:
        return words.t("today.nobody")
    return words.t("today.minutes", n=wording.grouped(wording.rounded(row.wait_s / 60, 0)))


def clock(row: SlotRow) -> str:
    """When a period begins."""
    return f"{row.period.start:%H:%M}"


def number(value: float, decimals: int = 0) -> str:
    """An amount of customers or desks."""
    return wording.grouped(wording.rounded(value, decimals))


def headline(words: Words, page: HallToday) -> str:
    """What is the matter now, or is to be expected, in one sentence."""
    worst = page.worst
    name = words.text(page.unit_name)
    if not page.known:
        return words.t("today.head_unknown", name=name)
    if worst is None:
        return words.t("today.head_quiet", name=name)
    begun = page.rows.index(worst) < page.until
    told = {"name": name, "at": clock(worst), "wait": minutes(words, worst), "desks": number(worst.desks, 1)}
    return words.t("today.head_now" if begun else "today.head_ahead", **told)


def chart_of(words: Words, page: HallToday) -> LineChart | None:
    """The course of the day; None while nobody has come."""
    if not any(row.came is not None for row in page.rows):
        return None
    points = tuple(
        LinePoint(
            label=clock(row),
            shown=words.t("withheld") if row.hidden else "–" if row.came is None else number(row.came),
            value=row.came,
            smooth=None,
            before=row.capacity,
            level=row.grade,
            tick=clock(row) if row.period.start.minute == 0 and row.period.start.hour % 2 == 0 else "",
        )
        for row in page.rows
    )
    ahead = tuple((row.between[0], row.expected, row.between[1]) for row in page.rows[page.until :])
    known = page.until and page.rows[page.until - 1].came is not None
    return LineChart(
        sentence=words.t("today.spoken", name=words.text(page.unit_name), came=page.came, total=number(page.total)),
        points=points,
        limits=None,
        key=None,
        before_word=words.t("today.capacity"),
        gap_word=words.t("no_data"),
        tick_text=lambda value, decimals: wording.grouped(wording.rounded(value, decimals)),
        marks=True,
        forecast=Forecast(ahead, words.t("today.expected"), words.t("today.now")) if ahead and known else None,
    )


def show(visit: Visit, words: Words) -> Html:
    """The day."""
    page = view_of(visit)
    unit = visit.codes["unit"]
    name = unit if page is None else words.text(page.unit_name)
    chart = None if page is None else chart_of(words, page)
    promoted = promotion_of(visit, page)
    model = {
        "promoted": promoted,
        "promoted_at": Links(unit, promoted.day.key) if promoted else None,
        "may_list": visit.context.viewer.may("list"),
        "page": page,
        "unit": unit,
        "headline": words.t("today.head_none", name=name) if page is None else headline(words, page),
        "charts": Markup("") if chart is None else line_chart(chart, *WIDE) + line_chart(chart, *NARROW),
        "path": hall_link(unit, visit.text("day")),
        "warnings": list_link(region=unit, rule=None if page is None else page.rule, state="all"),
        "records_of": lambda key: "" if page is None else Links(unit, key).records(page.feed, page.subject.code),
        "minutes": minutes,
        "clock": clock,
        "amount": number,
    }
    links = Links(unit)
    crumbs = (
        Crumb(words.t("nav.halls"), Links().halls()),
        Crumb(name, links.hall(unit)),
        Crumb(words.t("today.crumb")),
    )
    return Html("panorama/today.html", words.t("today.title", name=name), links, model, crumbs)


COLUMNS = ("period", "came", "expected", "capacity", "desks", "wait", "grade")


def book(visit: Visit, words: Words) -> Book:
    """The periods of the day as a table."""
    page = view_of(visit)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in () if page is None else page.rows:
            grade = words.level(row.grade) if row.grade else None
            came = words.t("withheld") if row.hidden else row.came
            wait = None if row.wait_s >= NOBODY_S else round(row.wait_s / 60, 1)
            yield row.period.key, came, round(row.expected, 2), row.capacity, round(row.desks, 2), wait, grade

    promoted = promotion_of(visit, page)
    columns = tuple(
        SheetColumn(key, words.t(f"today.column.{key}"), "text" if key in ("period", "grade") else "number", 2)
        for key in COLUMNS
    )
    name = visit.codes["unit"] if page is None else words.text(page.unit_name)
    title = words.t("today.title", name=name)
    told = facts(visit, words, None, (words.t("picker.scope"), f"{name} ({visit.codes['unit']})"))
    day = "" if page is None else f"-{page.day.isoformat()}"
    sheets = (Sheet("today", title, columns, rows()), *([_promotion_sheet(words, promoted)] if promoted else []))
    return Book(f"hall-{visit.codes['unit']}{day}", title, told, sheets, words.t("taken.cut"))


def _promotion_sheet(words: Words, promoted: HallPromotion) -> Sheet:
    """Promotion of electronic channels as a table."""
    columns = (
        SheetColumn("code", words.t("column.key")),
        SheetColumn("name", words.t("column.indicator")),
        *(SheetColumn(name, words.t(f"today.promotion.{name}"), "number", 4) for name in ("day", "month")),
        *(SheetColumn(name, words.t(f"today.promotion.{name}"), "number", 0) for name in ("numerator", "denominator")),
    )
    rows = (
        (
            row.subject.code,
            words.text(row.subject.name),
            seen(words, row.day),
            seen(words, row.month),
            row.month.numerator,
            row.month.denominator,
        )
        for row in promoted.rows
    )
    return Sheet("promotion", words.t("today.promotion.title"), columns, rows)


def drawings(visit: Visit, words: Words) -> Drawings:
    """The chart as a picture."""
    page = view_of(visit)
    name = visit.codes["unit"] if page is None else words.text(page.unit_name)
    title = words.t("today.title", name=name)
    told = facts(visit, words, None, (words.t("picker.scope"), f"{name} ({visit.codes['unit']})"))

    def draw() -> Markup:
        chart = None if page is None else chart_of(words, page)
        return Markup("") if chart is None else line_chart(chart, *WIDE)

    return Drawings(
        f"hall-{visit.codes['unit']}",
        title,
        told,
        (Drawing("course", words.t("today.course"), draw, words.t("today.course_sub")),),
    )


TODAY = Page("hall_today", "/halls/{unit}/today", show, nav="halls", book=book, drawings=drawings, needs="dynamic")
