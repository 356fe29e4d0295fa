"""The list of warnings: those in which somebody has to act first, overdue ones before the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ganzhi.catalogue.model.warning import GRADES
from ganzhi.improve.pages.views import SHOWN, AlertRow, AlertsPage, AlertsQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.alerts.shared import ports_of
from ganzhi.portal.pages.alerts.wording import (
    PATH,
    alert_link,
    fact,
    kinds_text,
    left_text,
    list_link,
    reason_text,
    subject_name,
)
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

LEVELS = ("centre", "product")


def query_of(visit: Visit) -> AlertsQuery:
    """The conditions in the address."""
    shown = visit.choice("state", SHOWN) or "open"
    grade = visit.choice("grade", GRADES)
    return AlertsQuery(
        shown=shown,  # type: ignore[arg-type]  # a choice among them
        grade=grade,  # type: ignore[arg-type]
        unit=visit.text("region"),
        rule=visit.text("rule"),
        level=visit.choice("level", LEVELS),
        page=visit.number("page") or 1,
    )


def link_of(query: AlertsQuery, **changed: object) -> str:
    """The list under conditions of which some are changed; a change of conditions begins at the first page."""
    now = replace(query, **({"page": 1} | changed))  # type: ignore[arg-type]
    return list_link(
        state=None if now.shown == "open" else now.shown,
        grade=now.grade,
        region=now.unit,
        rule=now.rule,
        level=now.level,
        page=now.page if now.page > 1 else None,
    )


def _states(words: Words, page: AlertsPage) -> tuple[Choice, ...]:
    """The states with their counts; those without findings are left out, but for the chosen one and the usual ones."""
    query, counts = page.query, page.counts
    always = ("open", "overdue", "merged", "suppressed", "withheld", "closed", "all")
    return tuple(
        Choice(
            f"{words.t(f'alerts.state.{shown}')} {words.count(counts[shown])}",
            link_of(query, shown=shown),
            shown == query.shown,
        )
        for shown in SHOWN
        if counts[shown] or shown in always or shown == query.shown
    )


def _grades(words: Words, page: AlertsPage) -> tuple[Choice, ...]:
    query = page.query
    every = Choice(words.t("alerts.every"), link_of(query, grade=None), query.grade is None)
    return (
        every,
        *(
            Choice(f"{words.level(g)} {words.count(n)}", link_of(query, grade=g), g == query.grade)
            for g, n in page.grades.items()
        ),
    )


def _levels(words: Words, page: AlertsPage) -> tuple[Choice, ...]:
    query = page.query
    every = Choice(words.t("alerts.every"), link_of(query, level=None), query.level is None)
    return (
        every,
        *(Choice(words.t(f"alerts.level.{one}"), link_of(query, level=one), one == query.level) for one in LEVELS),
    )


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    page = ports_of(visit).list(query_of(visit))
    query = page.query
    model = {
        "page": page,
        "query": query,
        "states": _states(words, page),
        "grades": _grades(words, page),
        "levels": _levels(words, page),
        "here": link_of(query),
        "before": link_of(query, page=query.page - 1) if query.page > 1 else None,
        "after": link_of(query, page=query.page + 1) if query.page < page.pages else None,
        "narrowed": query != AlertsQuery(page=query.page),
        "nothing": not page.counts["all"] and query == AlertsQuery(shown=query.shown),
        "row_link": alert_link,
        "name_of": subject_name,
        "fact_of": fact,
        "left_of": left_text,
        "kind_names": lambda kinds: kinds_text(words, kinds),
        "why_of": reason_text,
    }
    title = words.t("nav.alerts")
    return Html("alerts/list.html", title, Links(), model, parts={"alerts": "alerts/rows.html"})


def _cells(words: Words, row: AlertRow) -> tuple[Cell, ...]:
    judged = row.judged
    hidden = judged is not None and judged.hidden
    return (
        row.id,
        words.t(f"alerts.state.{row.state}"),
        words.level(row.grade) if row.grade else words.t("alerts.over"),
        words.level(row.highest),
        row.rule,
        words.text(row.rule_name),
        row.indicator,
        subject_name(words, row),
        row.unit,
        words.text(row.unit_name),
        row.first.key,
        row.last.key,
        words.t("withheld") if hidden else None if judged is None else judged.value,
        None if judged is None else judged.expected,
        None if judged is None else judged.excess_relative,
        words.text(row.owner),
        None if row.due is None else row.due.astimezone(words.zone).replace(tzinfo=None),
        words.t("alerts.yes") if row.overdue else "",
        row.escalations,
        row.raised_at.astimezone(words.zone).replace(tzinfo=None),
        None if row.closed_at is None else row.closed_at.astimezone(words.zone).replace(tzinfo=None),
        reason_text(words, row.kept) if row.kept else None,
        row.parent,
    )


def book(visit: Visit, words: Words) -> Book:
    """All warnings under the conditions, whatever page is shown."""
    query = query_of(visit)
    kinds = {
        "value": "number", "expected": "number", "excess": "percent", "due": "instant", "raised": "instant",
        "closed": "instant", "escalations": "number",
    }  # fmt: skip
    keys = (
        "id", "state", "grade", "highest", "rule", "rule_name", "code", "indicator", "unit", "place", "first", "last",
        "value", "expected", "excess", "owner", "due", "overdue", "escalations", "raised", "closed", "kept", "parent",
    )  # fmt: skip
    columns = tuple(
        SheetColumn(key, words.t(f"alerts.column.{key}"), kinds.get(key, "text"), 0 if key == "escalations" else 2)  # type: ignore[arg-type]
        for key in keys
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in ports_of(visit).rows(query):
            yield _cells(words, row)

    told = facts(visit, words, None, (words.t("alerts.column.state"), words.t(f"alerts.state.{query.shown}")))
    now = visit.context.clock.now().astimezone(visit.context.zone)
    title = words.t("nav.alerts")
    stem = f"alerts-{now:%Y%m%d-%H%M}"
    if query.unit is not None:
        ports_of(visit).list(replace(query, page=1))  # a place out of reach is refused before a byte is sent
    return Book(stem, title, told, (Sheet("alerts", title, columns, rows()),), words.t("taken.cut"))


ALERTS = Page("alerts", PATH, show, nav="alerts", book=book, needs="dynamic", watched=True)
