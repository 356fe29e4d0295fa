"""Cases for other platforms and from them (S003-034)."""

from __future__ import annotations

from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.cases.exchange import FORMS, MOST_BYTES, Form, Taken
from ganzhi.portal.forms import Form as Posted
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Download, Go, Html, Page
from ganzhi.portal.pages.cases.shared import PATH, crumbs, ports_of, tools, wrong_of
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

AROUND: Final = 64 * 1024
MEDIA: Final[dict[Form, str]] = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words)


def _page(
    visit: Visit,
    words: Words,
    *,
    taken: tuple[Taken, ...] | None = None,
    wrong: tuple[Said, ...] = (),
    status: int = 200,
) -> Html:
    model = {
        **tools(words),
        "forms_here": tuple((form, f"{PATH}/shared-cases.{form}") for form in FORMS),
        "whole": visit.context.viewer.whole,
        "taken": taken,
        "wrong": wrong,
        "path": f"{PATH}/exchange",
        "most": MOST_BYTES >> 20,
    }
    title = words.t("cases.exchange")
    return Html(
        "cases/exchange.html",
        f"{title} · {words.t('cases.title')}",
        Links(),
        model,
        crumbs(words, Crumb(title)),
        status=status,
    )


def act(visit: Visit, words: Words, form: Posted) -> Html | Go:
    """Keep the cases of a file as drafts, and show what became of each."""
    upload = form.files.get("file")
    if upload is None or not upload.size:
        return _page(visit, words, wrong=wrong_of(visit, words, [Issue("POR005", "file")]), status=400)
    try:
        taken = tuple(ports_of(visit).take_in(upload.name, upload.file.read(MOST_BYTES + 1)))
    except InputError as error:
        return _page(visit, words, wrong=wrong_of(visit, words, error.issues), status=400)
    return _page(visit, words, taken=taken)


def _file(form: Form) -> Download:
    return Download(
        f"{PATH}/shared-cases.{form}", f"cases.{form}", MEDIA[form], lambda visit: ports_of(visit).give(form)
    )


EXCHANGE = Page(
    "cases_exchange",
    f"{PATH}/exchange",
    show,
    nav="complaints",
    act=act,
    needs="act",
    private=True,
    body=MOST_BYTES + AROUND,
)
SHARED: Final[tuple[Download, ...]] = tuple(_file(form) for form in FORMS)
