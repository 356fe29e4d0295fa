"""One ticket: history, clocks, the rule that won and why, hand-overs, what may be done, and what it is like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.desk.acts import MODES, OUTCOMES, REPRODUCED, STATES, TICKET_ACTS
from ganzhi.complaints.desk.process.way import STAGES
from ganzhi.complaints.desk.views import TicketPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.complaints.acting import Kind, Standing, act_detail
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    LEVEL,
    PROBLEMS,
    QUEUE,
    age_text,
    fault_link,
    left_text,
    limit_name,
    ports_of,
    problem_link,
    span_text,
    ticket_link,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import After
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.desk.acts import DeskAct


def show(visit: Visit, words: Words) -> Html:
    """The ticket."""
    return _page(visit, words, TICKET_KIND.after(visit, words))


def _page(visit: Visit, words: Words, after: After) -> Html:
    page = ports_of(visit).ticket(visit.codes["id"])
    row = page.row
    names = names_of(words, page)
    model = {
        "page": page,
        "row": row,
        "path": ticket_link(row.id),
        "names": names,
        "may_act": visit.context.viewer.may("act"),
        "limit_of": lambda limit: limit_name(words, limit, names),
        "left_of": left_text,
        "age_of": age_text,
        "span_of": span_text,
        "level_of": LEVEL,
        "fact_value": fact_value,
        "history": _history(words, page, names),
        "record": Links().record("complaints", *page.origin) if page.origin[0] else None,
        "ticket_link": ticket_link,
        "problem_link": problem_link,
        "problems": PROBLEMS,
        "modes": MODES,
        "faults": FAULTS,
        "fault_link": fault_link,
        "stages": STAGES,
        "found": REPRODUCED,
        "outcomes": OUTCOMES,
        "handed_of": lambda act: handed_text(words, page, act.number),
        **after.model,
    }
    name = words.t("desk.ticket", id=row.id)
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(words.t("desk.queue"), QUEUE), Crumb(name))
    return Html("complaints/ticket.html", name, Links(), model, crumbs, status=after.status)


def names_of(words: Words, page: TicketPage) -> dict[str, str]:
    """Names of departments by code, and of channels and parties by their kind and code."""
    named = {code: words.text(name) for code, name in page.names.items()}
    named |= {f"via:{code}": words.text(name) for code, name in page.channels}
    return named | {f"party:{code}": words.text(name) for code, name in page.parties}


def fact_value(words: Words, name: str, value: Text) -> str:
    """What a rule rests on, in words."""
    return words.t(f"desk.value.{value.zh}") if name in ("area", "site_level", "sentiment") else words.text(value)


def _history(words: Words, page: TicketPage, names: Mapping[str, str]) -> list[dict[str, object]]:
    """What the records tell and what was done here, newest first."""
    undone = {each.undoes for each in page.acts if each.undoes is not None}
    found: list[tuple[object, int, dict[str, object]]] = []
    for number, turn in enumerate(page.turns):
        who = " · ".join(
            part for part in (names.get(turn.department or "", turn.department), turn.team, turn.handler) if part
        )
        step = None if turn.step is None else words.text(page.step_names.get(turn.step))
        line: dict[str, object] = {"at": turn.at, "what": f"desk.event.{turn.event}", "who": who}
        line |= {"step": step, "act": None, "undone": False, "detail": None}
        found.append((turn.at, number, line | {"due": turn.due if turn.event == "assigned" else None}))
    for act in page.acts:
        line = {
            "step": None,
            "who": None,
            "due": None,
            "at": act.at,
            "what": f"desk.act.{act.act}",
            "act": act,
            "undone": act.number in undone,
            "detail": act_detail(words, act, names),
        }
        found.append((act.at, 1_000 + act.number, line))
    return [line for _, _, line in sorted(found, key=lambda each: (each[0], each[1]), reverse=True)]


def handed_text(words: Words, page: TicketPage, number: int) -> str:
    """How an act reached the ticket system; empty where there is none."""
    how, state = page.handed.get(number, ("", ""))
    if how == "file":
        return words.t("desk.handed_file", name=state)
    return words.t(f"desk.handed_notice.{state}") if how else ""


def _standing(visit: Visit, words: Words) -> Standing:
    page = ports_of(visit).ticket(visit.codes["id"])
    row = page.row
    return Standing(
        row.id, ticket_link(row.id), row.state, STATES, "desk.state", words.text(row.department_name), row.owner,
        names_of(words, page), (Crumb(words.t("desk.queue"), QUEUE),),
    )  # fmt: skip


def _stops(words: Words, page: TicketPage) -> Iterator[tuple[Cell, ...]]:
    """The way from intake to feedback as rows."""
    for each in page.way:
        at = each.at.astimezone(words.zone).replace(tzinfo=None)
        said = words.t(f"desk.outcome.{each.outcome}") if each.outcome else ""
        detail = " · ".join(part for part in (said, each.told) if part)
        where = None if each.where is None else words.text(each.where)
        yield (words.t(f"desk.stage.{each.stage}"), at, where, each.who, detail)


def book(visit: Visit, words: Words) -> Book:
    """Limits, rules and history as tables."""
    page = ports_of(visit).ticket(visit.codes["id"])
    names = names_of(words, page)

    def limits() -> Iterator[tuple[Cell, ...]]:
        for each in page.limits:
            moments = [
                None if m is None else m.astimezone(words.zone).replace(tzinfo=None)
                for m in (each.began, each.due, each.ended)
            ]
            left = None if each.left is None else round(each.left.total_seconds() / 60)
            yield (limit_name(words, each, names), *moments, left, words.t(f"desk.shown.{each.urgency}"))

    def history() -> Iterator[tuple[Cell, ...]]:
        for line in reversed(_history(words, page, names)):
            at = line["at"].astimezone(words.zone).replace(tzinfo=None)  # type: ignore[attr-defined]
            done = line["act"]
            who = done.actor if isinstance(done, DeskAct) else str(line["who"])
            detail = line["detail"] if isinstance(done, DeskAct) else line["step"]
            yield (at, who, words.t(str(line["what"])), None if detail is None else str(detail))

    def rules() -> Iterator[tuple[Cell, ...]]:
        for each in page.rules:
            why = words.t("list_comma").join(
                f"{words.t(f'desk.fact.{name}')} {fact_value(words, name, value)}" for name, value in each.because
            )
            yield (
                each.code,
                words.text(each.name),
                words.t(f"desk.layer.{each.layer}"),
                each.rank,
                span_text(words, each.limit),
                why,
            )

    def columns(*keys: str) -> tuple[SheetColumn, ...]:
        kinds = {
            "left": "number",
            "rank": "number",
            "began": "instant",
            "due": "instant",
            "ended": "instant",
            "at": "instant",
        }
        return tuple(SheetColumn(key, words.t(f"desk.column.{key}"), kinds.get(key, "text"), 0) for key in keys)  # type: ignore[arg-type]

    sheets = (
        Sheet("limits", words.t("desk.limits"), columns("limit", "began", "due", "ended", "left", "urgency"), limits()),
        Sheet("rules", words.t("desk.rules"), columns("id", "rule", "layer", "rank", "limit", "because"), rules()),
        Sheet("history", words.t("desk.history"), columns("at", "who", "what", "detail"), history()),
        Sheet("way", words.t("desk.way"), columns("step", "at", "place", "who", "detail"), _stops(words, page)),
    )
    name = words.t("desk.ticket", id=page.row.id)
    told_facts = facts(visit, words, None, (words.t("desk.column.content"), page.row.content[:200]))
    return Book(f"ticket-{page.row.id}", name, told_facts, sheets, words.t("taken.cut"))


TICKET_KIND = Kind(
    TICKET_ACTS, "TKT001", ticket_link, lambda visit, given, asked: ports_of(visit).act(given, asked), _page, _standing
)
TICKET = Page(
    "complaint-ticket",
    "/complaints/tickets/{id}",
    show,
    nav="complaints",
    book=book,
    act=TICKET_KIND.carry_out,
    needs="list",
    private=True,
    watched=True,
)
