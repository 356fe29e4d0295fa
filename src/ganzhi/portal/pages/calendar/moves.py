"""Breaks of an indicator with the releases and campaigns near them, and what moved before it did."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.alerts.shared import watch_of
from ganzhi.portal.pages.calendar.month import occasion_link
from ganzhi.portal.pages.calendar.wording import level_text, moves_link, near_texts
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

MOST_OPEN = 10
"""Candidates that are not confirmed and yet shown, strongest first."""


def show(visit: Visit, words: Words) -> Html:
    """Breaks and leads."""
    page = watch_of(visit).moves(visit.codes["code"], visit.text("region"))
    name = words.text(page.subject.name)
    rows = () if page.leading is None else page.leading.rows
    holds = [each for each in rows if each.lead.holds]
    model = {
        "page": page,
        "name": name,
        "path": moves_link(page.subject.code, page.unit),
        "holds": holds,
        "others": [each for each in rows if not each.lead.holds][:MOST_OPEN],
        "level_of": level_text,
        "near_of": near_texts,
        "occasion_link": occasion_link,
    }
    links = Links(page.unit)
    crumbs = (
        Crumb(words.t("nav.topics"), "/topics"),
        Crumb(name, links.indicator(page.subject.code)),
        Crumb(words.t("moves.open")),
    )
    return Html("calendar/moves.html", words.t("moves.title", name=name), links, model, crumbs)


def book(visit: Visit, words: Words) -> Book:
    """All candidates and all breaks as tables."""
    page = watch_of(visit).moves(visit.codes["code"], visit.text("region"))

    def leads() -> Iterator[tuple[Cell, ...]]:
        for each in () if page.leading is None else page.leading.rows:
            lead = each.lead
            yield (
                each.code, words.text(page.subjects[each.code].name), lead.lag, lead.r, lead.n, round(lead.n_eff, 1), lead.p,
                lead.adjusted, lead.later_r, lead.later_n, lead.skill, words.t("alerts.yes") if lead.holds else "",
            )  # fmt: skip

    def broke() -> Iterator[tuple[Cell, ...]]:
        for each in () if page.breaks is None else page.breaks.found:
            near = words.t("list_comma").join(text for _, text in near_texts(words, each))
            yield each.on, each.before, each.after, each.chance, each.adjusted, near

    texts = ("code", "name", "holds")
    names = ("code", "name", "lag", "r", "n", "n_eff", "p", "adjusted", "later_r", "later_n", "skill", "holds")
    columns = tuple(
        SheetColumn(key, words.t(f"moves.sheet.{key}"), "text" if key in texts else "number", 0 if key in ("lag", "n", "later_n") else 4)
        for key in names
    )  # fmt: skip
    breaks = tuple(
        SheetColumn(
            key, words.t(f"moves.sheet.{key}"), "day" if key == "on" else "text" if key == "near" else "number", 4
        )
        for key in ("on", "before", "after", "p", "adjusted", "near")
    )
    told = facts(visit, words, None, (words.t("picker.scope"), f"{words.text(page.unit_name)} ({page.unit})"))
    sheets = (
        Sheet("leads", words.t("moves.leading"), columns, leads()),
        Sheet("breaks", words.t("moves.breaks"), breaks, broke()),
    )
    return Book(
        f"moves-{page.subject.code}",
        words.t("moves.title", name=words.text(page.subject.name)),
        told,
        sheets,
        words.t("taken.cut"),
    )


MOVES = Page("moves", "/indicators/{code}/moves", show, nav="topics", book=book, slow=True)
