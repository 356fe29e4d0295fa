"""The daily report of warnings, one of each level: new, repeated until closed, closed, kept back and why, counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import catalogue
from ganzhi.improve.pages.report import LEVELS
from ganzhi.improve.pages.reportviews import Line, ReportPage, Volume
from ganzhi.improve.pages.views import Why
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.accounts.wording import role_word
from ganzhi.portal.pages.alerts.shared import ports_of
from ganzhi.portal.pages.alerts.wording import PATH, alert_link, amount, fact, reason_text, subject_name
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

SECTIONS = ("new", "repeated", "waiting", "closed", "kept")


def report_link(day: date, level: str) -> str:
    """The report of a day and level; the product department's by default."""
    return url(f"{PATH}/daily/{day.isoformat()}", {"level": level if level != LEVELS[0] else None})


def _asked(visit: Visit) -> tuple[date, str]:
    given = visit.codes["day"]
    level = visit.choice("level", LEVELS) or LEVELS[0]
    try:
        return date.fromisoformat(given), level
    except ValueError:
        raise InputError(Issue("REQ003", "day", params={"value": given[:64]})) from None


def latest(visit: Visit, _words: Words) -> Go:
    """Send on to the latest report."""
    level = visit.choice("level", LEVELS) or LEVELS[0]
    return Go(report_link(ports_of(visit).latest_report(level), level))


def show(visit: Visit, words: Words) -> Html:
    """The report."""
    day, level = _asked(visit)
    page = ports_of(visit).report(day, level)
    title = words.t("daily.title", day=words.day(page.day, weekday=False))
    model = {
        "page": page,
        "levels": tuple(
            Choice(words.t(f"alerts.level.{one}"), report_link(page.day, one), one == level) for one in LEVELS
        ),
        "before": None if page.earlier is None else report_link(page.earlier, level),
        "after": None if page.later is None else report_link(page.later, level),
        "path": report_link(page.day, level),
        "sections": [(key, getattr(page, key)) for key in SECTIONS],
        "row_link": alert_link,
        "name_of": subject_name,
        "fact_of": fact,
        "why_of": reason_text,
        "reason_word": reason_word,
        "volume_name": volume_name,
        "volume": volume_text,
        "role_word": role_word,
    }
    crumbs = (Crumb(words.t("nav.alerts"), PATH), Crumb(title))
    return Html("alerts/daily.html", f"{title} · {words.t('nav.alerts')}", Links(), model, crumbs)


def reason_word(words: Words, why: Why) -> str:
    """A kind of reason, without what differs from one warning to the next."""
    known = catalogue(words.lang)
    key = f"portal.daily.why.{why.code}"
    return known[key] if key in known else reason_text(words, why)


def volume_name(words: Words, each: Volume) -> str:
    """Indicator and slice."""
    cut = words.t("list_comma").join(words.text(value) for _, value in each.cut)
    return f"{words.text(each.subject.name)} · {cut}" if cut else words.text(each.subject.name)


def volume_text(words: Words, each: Volume, value: float | None) -> str:
    """A count; in words where it is hidden."""
    if each.hidden:
        return words.t("withheld")
    return UNKNOWN if value is None else words.count(value)


def book(visit: Visit, words: Words) -> Book:
    """All findings of the report with their section, and what was counted."""
    day, level = _asked(visit)
    page = ports_of(visit).report(day, level)
    keys = (
        "section",
        "id",
        "grade",
        "state",
        "indicator",
        "place",
        "first",
        "last",
        "value",
        "owner",
        "act",
        "at",
        "reason",
    )
    columns = tuple(
        SheetColumn(key, words.t(f"daily.column.{key}"), "instant" if key == "at" else "text") for key in keys
    )
    counts = ("indicator", "value", "before", "week", "grade")
    volumes = tuple(
        SheetColumn(key, words.t(f"daily.volume.{key}"), "text" if key in ("indicator", "grade") else "number")
        for key in counts
    )
    told = facts(
        visit, words, None, (words.t("alerts.column.level"), words.t(f"alerts.level.{level}")), _made(words, page)
    )
    sheets = (
        Sheet("findings", words.t("daily.findings"), columns, _rows(words, page)),
        Sheet("volumes", words.t("daily.volumes"), volumes, _volumes(words, page)),
    )
    name = words.t("daily.title", day=words.day(page.day, weekday=False))
    return Book(f"alerts-{level}-{page.day.isoformat()}", name, told, sheets, words.t("taken.cut"))


def _made(words: Words, page: ReportPage) -> tuple[str, str]:
    return words.t("daily.made"), words.t("daily.live") if page.made_at is None else words.instant(page.made_at)


def _rows(words: Words, page: ReportPage) -> Iterator[tuple[Cell, ...]]:
    for section in SECTIONS:
        lines: tuple[Line, ...] = getattr(page, section)
        for line in lines:
            row = line.row
            value = None if row.judged is None or row.judged.hidden else row.judged.value
            yield (
                words.t(f"daily.section.{section}"), row.id, words.level(row.grade) if row.grade else words.t("alerts.over"),
                words.t(f"alerts.state.{row.state}"), subject_name(words, row), words.text(row.unit_name), row.first.key,
                row.last.key, amount(words, row, value), words.text(row.owner), words.t(f"alerts.act.{line.act}"),
                line.at.astimezone(words.zone).replace(tzinfo=None),
                None if line.why is None else reason_text(words, line.why),
            )  # fmt: skip


def _volumes(words: Words, page: ReportPage) -> Iterator[tuple[Cell, ...]]:
    for each in page.volumes:
        numbers = (each.value, each.before, each.week)
        told = (words.t("withheld"),) * 3 if each.hidden else numbers
        yield (volume_name(words, each), *told, words.level(each.grade) if each.grade else None)


DAILY = Page("alerts-daily", f"{PATH}/daily", latest, nav="alerts", needs="dynamic", private=True)
REPORT = Page("alerts-report", f"{PATH}/daily/{{day}}", show, nav="alerts", book=book, needs="dynamic", private=True)
