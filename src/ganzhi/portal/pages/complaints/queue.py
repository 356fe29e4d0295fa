"""The handler's queue: the open ticket with least time left first, under conditions that each count what they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ganzhi.complaints.desk.views import AGES, SHOWN, Facet, QueuePage, QueueQuery, TicketRow
from ganzhi.portal.context import ExportNote
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    FLOW,
    LEVEL,
    PROBLEMS,
    QUEUE,
    age_text,
    left_text,
    limit_name,
    ports_of,
    queue_link,
    ticket_link,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

ALWAYS = ("open", "over", "soon", "must")
"""States that are shown even when nothing is in them."""


def query_of(visit: Visit) -> QueueQuery:
    """The conditions in the address."""
    return QueueQuery(
        shown=visit.choice("state", SHOWN) or "open",  # type: ignore[arg-type]  # a choice among them
        unit=visit.text("region"),
        department=visit.text("department"),
        category=visit.text("category"),
        kind=visit.text("kind"),
        step=visit.text("step"),
        age=visit.choice("age", tuple(name for name, _ in AGES)),
        owner=visit.text("owner"),
        mine=visit.choice("mine", ("yes",)) is not None,
        page=visit.number("page") or 1,
    )


def show(visit: Visit, words: Words) -> Html:
    """The queue."""
    page = ports_of(visit).queue(query_of(visit))
    query = page.query
    model = {
        "page": page,
        "query": query,
        "states": _states(words, page),
        "chips": _chips(words, page),
        "sifts": _sifts(words, page),
        "hidden": _hidden(query),
        "mine": queue_link(replace(query, mine=not query.mine, page=1)),
        "here": queue_link(query),
        "before": queue_link(replace(query, page=query.page - 1)) if query.page > 1 else None,
        "after": queue_link(replace(query, page=query.page + 1)) if query.page < page.pages else None,
        "row_link": ticket_link,
        "left_of": left_text,
        "limit_of": lambda limit: limit_name(words, limit),
        "age_of": age_text,
        "level_of": LEVEL,
        "flow": FLOW,
        "problems": PROBLEMS,
        "faults": FAULTS,
    }
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(words.t("desk.queue")))
    return Html("complaints/queue.html", words.t("desk.queue"), Links(), model, crumbs, parts={"queue": "complaints/queue_rows.html"})  # fmt: skip


def _states(words: Words, page: QueuePage) -> tuple[Choice, ...]:
    query = page.query
    return tuple(
        Choice(
            f"{words.t(f'desk.shown.{shown}')} {words.count(page.counts[shown])}",
            queue_link(replace(query, shown=shown, page=1)),
            shown == query.shown,
        )
        for shown in SHOWN
        if page.counts[shown] or shown in ALWAYS or shown == query.shown
    )


def _sifts(words: Words, page: QueuePage) -> tuple[tuple[str, str, str | None, tuple[tuple[str, str], ...]], ...]:
    """Conditions to choose from: name, label, what is chosen, values with their counts."""
    query = page.query
    lists = (
        ("region", query.unit, page.units[1:] if query.unit is None else page.units),
        ("department", query.department, page.departments),
        ("category", query.category, page.categories),
        ("kind", query.kind, page.kinds),
    )
    return tuple(
        (name, words.t(f"desk.column.{name}"), chosen, tuple((each.code, _counted(words, each)) for each in values))
        for name, chosen, values in lists
        if len(values) > 1 or chosen
    )


def _counted(words: Words, each: Facet) -> str:
    name = words.t("desk.none") if each.code == "none" else words.text(each.name)
    return f"{name} {words.count(each.count)}"


def _hidden(query: QueueQuery) -> tuple[tuple[str, str], ...]:
    """What the form of conditions keeps without showing it."""
    kept = {
        "state": None if query.shown == "open" else query.shown,
        "step": query.step,
        "age": query.age,
        "owner": query.owner,
    }
    kept["mine"] = "yes" if query.mine else None
    return tuple((name, value) for name, value in kept.items() if value)


def _chips(words: Words, page: QueuePage) -> tuple[Choice, ...]:
    """Conditions that came from the board, each with the way to be rid of it."""
    query = page.query
    chips = []
    if query.step is not None:
        step = words.t("desk.none") if query.step == "none" else query.step
        row = next((row for row in page.rows if row.step == query.step), None)
        name = step if row is None or row.step_name is None else words.text(row.step_name)
        chips.append((f"{words.t('desk.column.step')}{words.t('colon')}{name}", replace(query, step=None, page=1)))
    if query.age is not None:
        age = words.t(f"desk.age.{query.age}")
        chips.append((f"{words.t('desk.column.age')}{words.t('colon')}{age}", replace(query, age=None, page=1)))
    if query.owner is not None:
        owner = words.t("desk.nobody") if query.owner == "none" else query.owner
        chips.append((f"{words.t('desk.column.owner')}{words.t('colon')}{owner}", replace(query, owner=None, page=1)))
    return tuple(Choice(text, queue_link(to), current=False) for text, to in chips)


KEYS = (
    "id", "urgency", "left", "limit", "due", "received", "age", "place", "category", "product", "kind", "step", "department",
    "stay", "owner", "rank", "rule", "must", "repeats", "content",
)  # fmt: skip


def _minutes(left: timedelta | None) -> int | None:
    return None if left is None else round(left.total_seconds() / 60)


def _local(words: Words, moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(words.zone).replace(tzinfo=None)


def _cells(words: Words, row: TicketRow) -> tuple[Cell, ...]:
    first, stay = row.first, row.stay
    return (
        row.id, words.t(f"desk.shown.{row.urgency}"), _minutes(None if first is None else first.left),
        None if first is None else limit_name(words, first), _local(words, None if first is None else first.due),
        _local(words, row.received_at), _minutes(row.age), words.text(row.unit_name), words.text(row.category_name),
        words.text(row.product_name), words.text(row.nature_name),
        words.text(row.step_name), words.text(row.department_name), _minutes(None if stay is None else stay.left), row.owner,
        row.rank, words.text(row.rule_name), words.t("alerts.yes") if row.must else "", row.repeats, row.content,
    )  # fmt: skip


def book(visit: Visit, words: Words) -> Book:
    """All tickets under the conditions."""
    query = query_of(visit)
    found = list(ports_of(visit).rows(query))
    numbers = {"left", "age", "stay", "rank", "repeats"}
    columns = tuple(
        SheetColumn(
            key,
            words.t(f"desk.column.{key}"),
            "number" if key in numbers else "instant" if key in ("due", "received") else "text",
            0,
        )
        for key in KEYS
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        note = ExportNote(visit.context.user, "complaints", queue_link(query), visit.form or "", len(found))
        visit.context.exported(note)
        for row in found:
            yield _cells(words, row)

    told = facts(visit, words, None, (words.t("alerts.column.state"), words.t(f"desk.shown.{query.shown}")))
    now = visit.context.clock.now().astimezone(visit.context.zone)
    title = words.t("desk.queue")
    return Book(
        f"queue-{now:%Y%m%d-%H%M}", title, told, (Sheet("queue", title, columns, rows()),), words.t("taken.cut")
    )


QUEUE_PAGE = Page("complaint-queue", QUEUE, show, nav="complaints", book=book, needs="list", private=True, watched=True)
