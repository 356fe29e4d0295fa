"""Saved questions: the list, and forms that save, rename, share, delete and bring back."""

from __future__ import annotations

from urllib.parse import parse_qs

from ganzhi.base.errors import InputError, Issue
from ganzhi.measure.build.ask.saved import MOST_FIELDS, SavedQuestions
from ganzhi.measure.views.ask.options import SavedQuestion
from ganzhi.measure.views.ask.question import question_of
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.ask.address import PATH, SAVED_PATH, address, ask_ports_of, with_pairs
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import refusal
from ganzhi.portal.visit import Visit
from ganzhi.store.questions import LONGEST_NAME, LONGEST_QUESTION, SHARES, QuestionChangedError, Shared

ACTS = ("save", "update", "rename", "delete", "restore")


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    return _page(visit, words)


def _page(visit: Visit, words: Words, issues: tuple[object, ...] = (), status: int = 200) -> Html:
    saved = ask_ports_of(visit).saved()
    model = {
        "questions": saved.list(),
        "deleted": _deleted(visit, saved),
        "issues": issues,
        "shares": SHARES,
        "longest": LONGEST_NAME,
    }
    crumbs = _crumbs(words)
    return Html("ask/saved.html", words.t("ask.saved_title"), Links(), model, crumbs, status=status)


def _crumbs(words: Words) -> tuple[Crumb, ...]:
    return (
        Crumb(words.t("nav.overview"), "/overview"),
        Crumb(words.t("ask.title"), PATH),
        Crumb(words.t("ask.saved_title"), SAVED_PATH),
    )


def _deleted(visit: Visit, saved: SavedQuestions) -> SavedQuestion | None:
    """The question that was just deleted, to be brought back."""
    identity = visit.query.get("deleted")
    if not identity:
        return None
    found = saved.get(identity[:64])
    return found if found.deleted else None


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what a form says; a change that came too late shows both states."""
    saved = ask_ports_of(visit).saved()
    try:
        return _act(saved, form)
    except QuestionChangedError as error:
        return _conflict(words, saved, form, error)
    except InputError as error:
        return _page(visit, words, refusal(visit, error).issues, 400)


def _act(saved: SavedQuestions, form: Form) -> Go:
    wanted = form.text("act")
    if wanted == "save":
        made = saved.save(form.text("name", 400), _shared(form), question_of(_content(form)))
        return Go(with_pairs(PATH, (("saved", made.id),)))
    identity, version = form.text("id"), _version(form)
    if wanted == "update":
        saved.change(identity, version, question=question_of(_content(form)))
        return Go(with_pairs(PATH, (("saved", identity),)))
    if wanted == "rename":
        saved.change(identity, version, name=form.text("name", 400), shared=_shared(form))
        return Go(SAVED_PATH)
    if wanted == "delete":
        saved.delete(identity, version)
        return Go(with_pairs(SAVED_PATH, (("deleted", identity),)))
    if wanted == "restore":
        saved.restore(identity, version)
        return Go(SAVED_PATH)
    raise InputError(Issue("REQ004", "act", params={"value": wanted[:40], "known": ", ".join(ACTS)}))


def _content(form: Form) -> dict[str, list[str]]:
    text = form.text("question", LONGEST_QUESTION)
    try:
        return parse_qs(text, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InputError(Issue("ASK010", "question", params={"most": str(MOST_FIELDS)})) from None


def _shared(form: Form) -> Shared:
    given = form.text("shared") or "nobody"
    found = next((each for each in SHARES if each == given), None)
    if found is None:
        raise InputError(Issue("REQ004", "shared", params={"value": given[:40], "known": ", ".join(SHARES)}))
    return found


def _version(form: Form) -> int:
    text = form.text("version")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InputError(Issue("REQ004", "version", params={"value": text[:40], "known": "1–"}))
    return int(text)


def _conflict(words: Words, saved: SavedQuestions, form: Form, error: QuestionChangedError) -> Html:
    """What the changer wanted beside what the question has become meanwhile."""
    now = saved.state(error.now)
    wanted = form.text("act")
    model = {
        "now": now,
        "now_link": address(now.question),
        "wanted": wanted,
        "name": form.text("name", 400) if wanted == "rename" else now.name,
        "shared": form.text("shared") if wanted == "rename" else now.shared,
        "content": form.text("question", LONGEST_QUESTION) if wanted == "update" else "",
        "content_link": f"{PATH}?{form.text('question', LONGEST_QUESTION)}" if wanted == "update" else "",
    }
    title = words.t("ask.conflict_title")
    return Html("ask/conflict.html", title, Links(), model, (*_crumbs(words), Crumb(title)), status=409)


SAVED = Page("saved", SAVED_PATH, show, act=act, needs="query", private=True)
