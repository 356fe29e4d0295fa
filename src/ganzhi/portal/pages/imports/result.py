"""What came of a load: counts, the rows it refused, and loading those again."""

from __future__ import annotations

from ganzhi.base.errors import InputError
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.imports import shared
from ganzhi.portal.pages.imports.upload import COUNTS
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit


def result_page(visit: Visit, words: Words, load: str, wrong: tuple[Said, ...] = (), status: int = 200) -> Html:
    """The page of a load, with what went wrong with a form on it."""
    view = shared.ports_of(visit).result(load, visit.number("page") or 1)
    model = {
        "view": view,
        "at": shared,
        "counts": COUNTS,
        "told": shared.said(visit, view.issues),
        "lines": [issue.at.line if issue.at else 0 for issue in view.issues],
        "wrong": wrong,
        "nothing": visit.query.get("done") == "nothing",
        "before": shared.load_link(load, view.page - 1) if view.page > 1 else None,
        "after": shared.load_link(load, view.page + 1) if view.page < view.pages else None,
        "reason": lambda code: shared.reason_of(words, code),
    }
    crumbs = shared.crumbs(words, view.load.file)
    title = f"{words.t('imports.result')} · {view.load.file}"
    return Html("imports/result.html", title, Links(), model, crumbs, status=status)


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return result_page(visit, words, visit.codes["load"])


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Load the refused rows again as they are, with the catalogue of today."""
    load = visit.codes["load"]
    try:
        came = shared.ports_of(visit).again(load)
    except InputError as error:
        if any(issue.code == "REQ016" for issue in error.issues):
            raise
        return result_page(visit, words, load, shared.said(visit, error.issues), 400)
    return Go(shared.load_link(came) + ("?done=nothing" if came == load else ""))


RESULT = Page("import-result", f"{shared.PATH}/loads/{{load}}", show, act=act, needs="import", private=True)
