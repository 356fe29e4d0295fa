"""The import port itself: choose a feed, take its template, hand in a file; and the uploads that wait."""

from __future__ import annotations

from ganzhi.base.errors import InputError
from ganzhi.measure.build.imports.tray import MOST_BYTES
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.imports import shared
from ganzhi.portal.pages.imports.result import result_page
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

AROUND = 64 * 1024
"""Bytes of a form beside its file."""


def _page(
    visit: Visit,
    words: Words,
    feed: str | None,
    form: str | None,
    wrong: tuple[Said, ...] = (),
    status: int = 200,
) -> Html:
    view = shared.ports_of(visit).page(feed, form)
    model = {"view": view, "at": shared, "wrong": wrong, "dropped": visit.query.get("done") == "dropped"}
    title = words.t("imports.title")
    return Html("imports/port.html", title, Links(), model, shared.crumbs(words), status=status)


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words, visit.text("feed"), visit.text("form"))


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Take a file in: a new one, or a table of refused rows put right."""
    ports = shared.ports_of(visit)
    load = form.text("load")
    if load:
        return _corrected(visit, words, load, form)
    feed, chosen = form.text("feed"), form.text("form")
    try:
        given = shared.upload_in(form)
        upload = ports.receive(feed, chosen, given.name, given.file)
    except InputError as error:
        if not all(issue.code.startswith("IMP") for issue in error.issues):
            raise
        return _page(visit, words, feed, chosen, shared.said(visit, error.issues), 400)
    return Go(shared.upload_link(upload))


def _corrected(visit: Visit, words: Words, load: str, form: Form) -> Html | Go:
    try:
        given = shared.upload_in(form)
        return Go(shared.load_link(shared.ports_of(visit).correct(load, given.name, given.file)))
    except InputError as error:
        if any(issue.code == "REQ016" for issue in error.issues):
            raise
        return result_page(visit, words, load, shared.said(visit, error.issues), 400)


IMPORTS = Page("imports", shared.PATH, show, act=act, needs="import", private=True, body=MOST_BYTES + AROUND)
