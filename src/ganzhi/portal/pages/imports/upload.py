"""An upload before it counts: what would come of it; load it or throw it away."""

from __future__ import annotations

from ganzhi.base.errors import InputError
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.imports import shared
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

COUNTS = ("read", "accepted", "duplicate", "replaced", "filtered", "rejected")


def show(visit: Visit, words: Words) -> Html | Go:
    """What would come of the upload; one that was loaded leads to its load."""
    ports, upload = shared.ports_of(visit), visit.codes["upload"]
    load = ports.became(upload)
    return Go(shared.load_link(load)) if load is not None else _page(visit, words, upload)


def _page(visit: Visit, words: Words, upload: str, wrong: tuple[Said, ...] = (), status: int = 200) -> Html:
    view = shared.ports_of(visit).look(upload)
    model = {
        "view": view,
        "at": shared,
        "counts": COUNTS,
        "told": shared.said(visit, view.issues),
        "lines": [issue.at.line if issue.at else 0 for issue in view.issues],
        "wrong": wrong,
        "reason": lambda code: shared.reason_of(words, code),
    }
    title = words.t("imports.preview")
    crumbs = shared.crumbs(words, view.upload.name)
    return Html("imports/upload.html", f"{title} · {view.upload.name}", Links(), model, crumbs, status=status)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Load the upload, or throw it away."""
    ports, upload = shared.ports_of(visit), visit.codes["upload"]
    if form.text("do") == "discard":
        ports.discard(upload)
        return Go(shared.port_link(done="dropped"))
    try:
        return Go(shared.load_link(ports.commit(upload)))
    except InputError as error:
        if any(issue.code == "IMP001" for issue in error.issues):
            raise
        return _page(visit, words, upload, shared.said(visit, error.issues), 400)


UPLOAD = Page("import-upload", f"{shared.PATH}/uploads/{{upload}}", show, act=act, needs="import", private=True)
