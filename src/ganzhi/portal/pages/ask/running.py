"""Questions that are being answered, each with a button that stops it."""

from __future__ import annotations

from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.ask.address import PATH, RUNNING_PATH, ask_ports_of
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The viewer's own running questions."""
    now = visit.context.clock.now()
    running = ask_ports_of(visit).running()
    model = {
        "running": tuple((each, max(0, round((now - each.started_at).total_seconds()))) for each in running),
        "stopped": visit.choice("stopped", ("yes", "no")),
    }
    title = words.t("ask.running_title")
    crumbs = (Crumb(words.t("nav.overview"), "/overview"), Crumb(words.t("ask.title"), PATH), Crumb(title))
    return Html("ask/running.html", title, Links(), model, crumbs)


def act(visit: Visit, words: Words, form: Form) -> Go:
    """Stop a question."""
    stopped = ask_ports_of(visit).cancel(form.text("id"))
    return Go(f"{RUNNING_PATH}?stopped={'yes' if stopped else 'no'}")


RUNNING = Page("running", RUNNING_PATH, show, act=act, needs="query", private=True)
