"""Trainings, meetings and requests for functions around the library (S003-036 to S003-038)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast, get_args

from starlette.exceptions import HTTPException

from ganzhi.base import wording
from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.cases.content import tidy_lines
from ganzhi.complaints.cases.learning import (
    EVENT_STATES,
    REQUEST_STATES,
    SIZES,
    STAGES,
    TOPICS,
    Kept,
    Meeting,
    Request,
    Said,
    Size,
    Stage,
    Training,
    TrainingTopic,
    results_in,
    results_text,
)
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.cases.shared import PATH, count_in, crumbs, day_in, ports_of, status_of, tools, wrong_of
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said as Told
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.cases.records import REGISTERS, RegisterKind

HERE: Final = f"{PATH}/learning"
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "training": ("audience", "trainer", "note"),
    "meeting": ("agenda", "minutes"),
    "request": ("text", "asked_by", "answer"),
}
LONG: Final = frozenset({"note", "agenda", "minutes", "text", "answer"})
DONE: Final = ("noted", "changed")
assert set(get_args(RegisterKind)) == set(TEXTS)


def register_link(kind: str, number: int) -> str:
    """The page of a record."""
    return f"{HERE}/{kind}/{number}"


def effect_text(words: Words, kept: Kept) -> str:
    """What the test of a training shows, in a sentence."""
    effect = kept.said.effect
    if effect is None:
        return words.t("learning.no_results")
    if effect.shift is None:
        return words.t("learning.too_few", n=effect.n)
    shift, low, high = (f"{value:+.1f}".replace("-", "−") for value in (effect.shift, effect.low, effect.high))
    key = "shown" if effect.low > 0 else "worse" if effect.high < 0 else "not_shown"
    chance = words.t("learning.never") if effect.p < 0.0001 else wording.rounded(effect.p, 4)
    return words.t(f"learning.effect_{key}", n=effect.n, shift=shift, low=low, high=high, p=chance)


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words, done=visit.choice("done", DONE))


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Told, ...] = (),
    at: str = "",
    was: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
    page = ports_of(visit).read.learning()
    requests = [(stage, [each for each in page.requests if each.said.stage == stage]) for stage in STAGES]
    model = {
        **tools(words),
        "page": page,
        "requests": requests,
        "register_link": register_link,
        "effect": lambda kept: effect_text(words, kept),
        "rhythms": (("quarters", page.quarters), ("small", page.small), ("large", page.large)),
        "done": done,
        "wrong": wrong,
        "at": at,
        "was": was or {},
        "path": HERE,
        "choices": {"topics": TOPICS, "size": SIZES, "stage": STAGES},
        "texts": TEXTS,
        "long": LONG,
        "kinds": REGISTERS,
        "here": HERE,
    }
    title = words.t("learning.title")
    return Html(
        "cases/learning.html",
        f"{title} · {words.t('cases.title')}",
        Links(),
        model,
        crumbs(words, Crumb(title)),
        status=status,
    )


def _said(kind: RegisterKind, form: Form, held_on: date | None) -> Said:
    texts = {name: tidy_lines(form.values.get(name, "")) for name in ("title", *TEXTS[kind])}
    if kind == "request":
        return Request(stage=cast("Stage", form.text("stage", 40)), **texts)
    if kind == "meeting":
        return Meeting(size=cast("Size", form.text("size", 40)), held_on=held_on, **texts)
    topics = cast("tuple[TrainingTopic, ...]", tuple(form.lists.get("topics", ())))
    results = results_in(form.values.get("results", ""))
    return Training(topics=topics, held_on=held_on, results=results, **texts)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Note something new."""
    what = form.text("do", 40)
    try:
        kind = _kind(what)
        due = None if kind == "request" else day_in(form, "due")
        ports_of(visit).note(_said(kind, form, None), due)
    except InputError as error:
        wrong = wrong_of(visit, words, error.issues)
        return _page(visit, words, wrong=wrong, at=what, was=form.values, status=400)
    return Go(url(HERE, {"done": "noted"}))


def _kind(given: str) -> RegisterKind:
    if given not in REGISTERS:
        raise InputError(Issue("POR001", "do", params={"value": given[:40], "known": ", ".join(REGISTERS)}))
    return given


# -- one record ------------------------------------------------------------------------------------


def _kept(visit: Visit) -> Kept:
    """The record in the address; 404 where there is none."""
    kind, given = visit.codes["kind"], visit.codes["number"]
    page = ports_of(visit).read.learning()
    lists: Mapping[str, Sequence[Kept]] = {
        "training": page.trainings, "meeting": page.meetings, "request": page.requests
    }  # fmt: skip
    found = next((each for each in lists.get(kind, ()) if str(each.register.number) == given), None)
    if found is None:
        raise HTTPException(404)
    return found


def _fields(kept: Kept) -> dict[str, str]:
    said: Any = kept.said
    fields = {name: str(getattr(said, name)) for name in ("title", *TEXTS[kept.register.kind])}
    fields |= {"state": kept.register.state, "due": "" if kept.register.due is None else kept.register.due.isoformat()}
    if kept.register.kind == "request":
        return {**fields, "stage": said.stage}
    fields["held_on"] = "" if said.held_on is None else said.held_on.isoformat()
    if kept.register.kind == "meeting":
        return {**fields, "size": said.size}
    return {**fields, "topics": ",".join(said.topics), "results": results_text(said.results)}


def show_one(visit: Visit, words: Words) -> Html:
    """The form of a record."""
    kept = _kept(visit)
    return _one(visit, words, kept, _fields(kept))


def _one(
    visit: Visit, words: Words, kept: Kept, was: Mapping[str, str], wrong: tuple[Told, ...] = (), status: int = 200
) -> Html:
    kind, number = kept.register.kind, kept.register.number
    model = {
        **tools(words),
        "kept": kept,
        "kind": kind,
        "was": was,
        "wrong": wrong,
        "path": register_link(kind, number),
        "states": REQUEST_STATES if kind == "request" else EVENT_STATES,
        "choices": {"topics": TOPICS, "size": SIZES, "stage": STAGES},
        "texts": TEXTS[kind],
        "long": LONG,
        "effect": effect_text(words, kept) if kind == "training" else "",
        "may_act": visit.context.viewer.may("act"),
    }
    name = f"{words.t(f'learning.kind.{kind}')} {number}"
    way = crumbs(words, Crumb(words.t("learning.title"), HERE), Crumb(name))
    return Html(
        "cases/register.html", f"{kept.said.title} · {words.t('learning.title')}", Links(), model, way, status=status
    )


def act_one(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Change a record."""
    kept = _kept(visit)
    kind = kept.register.kind
    try:
        state = form.text("state", 40)
        held_on = None if kind == "request" else day_in(form, "held_on", needed=False)
        due = None if kind == "request" else day_in(form, "due")
        said = _said(kind, form, held_on)
        ports_of(visit).change(kind, kept.register.number, count_in(form, "version"), said, state, due)
    except InputError as error:
        was = {**form.values, "topics": ",".join(form.lists.get("topics", ()))}
        now = _kept(visit)
        return _one(visit, words, now, {**_fields(now), **was}, wrong_of(visit, words, error.issues), status_of(error))
    return Go(url(HERE, {"done": "changed"}))


def book(visit: Visit, words: Words) -> Book:
    """The three registers as tables."""
    page = ports_of(visit).read.learning()

    def rows(all_kept: Sequence[Kept]) -> Iterator[tuple[Cell, ...]]:
        for kept in all_kept:
            register, said = kept.register, kept.said
            held = getattr(said, "held_on", None)
            effect = getattr(said, "effect", None)
            yield (
                register.number, said.title, words.t(f"learning.state.{register.state}"),
                None if register.due is None else register.due.isoformat(), None if held is None else held.isoformat(),
                None if effect is None else effect.n, None if effect is None else effect.shift,
                None if effect is None else effect.low, None if effect is None else effect.high,
            )  # fmt: skip

    columns = (
        SheetColumn("number", words.t("cases.field.number"), "number", 0),
        SheetColumn("title", words.t("cases.field.title")),
        *(SheetColumn(name, words.t(f"cases.field.{name}")) for name in ("state", "due", "held_on")),
        SheetColumn("n", words.t("learning.participants"), "number", 0),
        *(SheetColumn(name, words.t(f"learning.{name}"), "number", 1) for name in ("shift", "low", "high")),
    )
    named = (("trainings", page.trainings), ("meetings", page.meetings), ("requests", page.requests))
    sheets = tuple(Sheet(name, words.t(f"learning.{name}"), columns, rows(kept)) for name, kept in named)
    return Book("learning", words.t("learning.title"), facts(visit, words, None), sheets, words.t("taken.cut"))


LEARNING = Page("cases_learning", HERE, show, nav="complaints", book=book, act=act, private=True)
REGISTER = Page("cases_register", f"{HERE}/{{kind}}/{{number}}", show_one, nav="complaints", act=act_one, private=True)
