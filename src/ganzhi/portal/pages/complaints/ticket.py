"""One ticket: history, clocks, the rule that won and why, hand-overs, what may be done, and what it is like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.desk.acts import MODES, OUTCOMES, REPRODUCED, STATES, TICKET_ACTS
from ganzhi.complaints.desk.process.way import STAGES
from ganzhi.complaints.desk.story import told
from ganzhi.complaints.desk.views import TicketPage
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    LEVEL,
    LONGEST,
    PROBLEMS,
    QUEUE,
    age_text,
    asked_in,
    fault_link,
    left_text,
    limit_name,
    ports_of,
    problem_link,
    span_text,
    ticket_link,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.desk.acts import DeskAct, DeskChangedError

DONE = tuple(form.act for form in TICKET_ACTS)


def show(visit: Visit, words: Words) -> Html:
    """The ticket."""
    done = visit.choice("done", DONE)
    return _page(visit, words, done=None if done is None else words.t(f"desk.done.{done}"))


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
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
        "done": done,
        "wrong": wrong,
        "at": at,
        "given": given or {},
    }
    name = words.t("desk.ticket", id=row.id)
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(words.t("desk.queue"), QUEUE), Crumb(name))
    return Html("complaints/ticket.html", name, Links(), model, crumbs, status=status)


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


def act_detail(words: Words, act: DeskAct, names: Mapping[str, str]) -> str:
    """What an act says besides its kind."""
    parts = []
    if department := told(act, "department"):
        parts.append(names.get(department, department))
    if owner := told(act, "owner"):
        parts.append(owner)
    if until := told(act, "until"):
        parts.append(until[:16].replace("T", " "))
    if mode := told(act, "mode"):
        parts.append(words.t(f"desk.mode.{mode}"))
    if found := told(act, "found"):
        parts.append(words.t(f"desk.found_state.{found}"))
    if party := told(act, "party"):
        parts.append(names.get(f"party:{party}", party))
    if via := told(act, "via"):
        parts.append(names.get(f"via:{via}", via))
    if outcome := told(act, "outcome"):
        parts.append(words.t(f"desk.outcome.{outcome}"))
    if kind := told(act, "kind"):
        parts.append(f"{words.t(f'desk.link.{kind}')} {told(act, 'ref')}")
    parts += [text for name in ("title", "element", "neighbours", "cause", "reason") if (text := told(act, name))]
    if told(act, "clean") == "yes":
        parts.append(words.t("desk.clean"))
    if act.undoes is not None:
        parts.insert(0, words.t("desk.undoes", n=act.undoes))
    return " · ".join(parts)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what a form asks for; the page again with what is wrong, or both states when somebody was quicker."""
    wanted, name = form.values.get("do", "")[:40], visit.codes["id"]
    try:
        asked = asked_in(form, TICKET_ACTS)
        ports_of(visit).act(name, asked)
    except DeskChangedError as error:
        return _conflict(visit, words, form, error)
    except InputError as error:
        if any(issue.code == "TKT001" and issue.subject == name[:60] for issue in error.issues):
            raise
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _page(visit, words, wrong=said, at=wanted, given=form.values, status=400)
    return Go(url(ticket_link(name), {"done": asked.act}))


def _conflict(visit: Visit, words: Words, form: Form, error: DeskChangedError) -> Html:
    """What was seen, what was wanted, and what stands there now."""
    page = ports_of(visit).ticket(visit.codes["id"])
    names = names_of(words, page)
    seen = form.text("seen_state", 40)
    model = {
        "name": page.row.id,
        "states": [
            words.t(f"desk.state.{seen}") if seen in STATES else UNKNOWN,
            words.t(f"desk.state.{page.row.state}"),
        ],
        "departments": [form.text("seen_department", 100), words.text(page.row.department_name)],
        "owners": [form.text("seen_owner", 100), page.row.owner],
        "wanted": words.t(f"desk.act.{form.text('do', 40)}"),
        "written": form.text("reason", LONGEST),
        "since": [(each, act_detail(words, each, names)) for each in error.since],
        "path": ticket_link(page.row.id),
    }
    title = words.t("conflict.title")
    crumbs = (Crumb(words.t("desk.queue"), QUEUE), Crumb(page.row.id, ticket_link(page.row.id)), Crumb(title))
    return Html("complaints/desk_conflict.html", title, Links(), model, crumbs, status=409)


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


TICKET = Page(
    "complaint-ticket",
    "/complaints/tickets/{id}",
    show,
    nav="complaints",
    book=book,
    act=act,
    needs="list",
    private=True,
    watched=True,
)
