"""One occasion: its days, and for releases and campaigns the indicators that broke near it."""

from __future__ import annotations

from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.alerts.shared import watch_of
from ganzhi.portal.pages.calendar.month import PATH, days_text, month_link, occasion_link
from ganzhi.portal.pages.calendar.wording import level_text, moves_link, near_texts
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit
from ganzhi.warn.breaks import KINDS, WINDOW_AFTER, WINDOW_BEFORE


def show(visit: Visit, words: Words) -> Html:
    """The occasion."""
    page = watch_of(visit).occasion(visit.codes["code"])
    name = words.text(page.name)
    model = {
        "page": page,
        "path": occasion_link(page.code),
        "days_of": days_text,
        "month_link": month_link,
        "moves_link": moves_link,
        "level_of": level_text,
        "near_of": near_texts,
        "compared": page.kind in KINDS,
        "before": WINDOW_BEFORE,
        "after": WINDOW_AFTER,
    }
    crumbs = (Crumb(words.t("calendar.name"), PATH), Crumb(name))
    return Html("calendar/occasion.html", f"{name} · {words.t('calendar.name')}", Links(), model, crumbs)


OCCASION = Page("occasion", f"{PATH}/{{code}}", show, nav="overview", slow=True)
