"""Thresholds: what is in force of each rule, what waits for a decision; proposals and files are handed in here."""

from __future__ import annotations

from typing import cast

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.warning import GRADES, Grade
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Download, Go, Html, Page
from ganzhi.portal.pages.alerts.shared import chosen, watch_of
from ganzhi.portal.pages.alerts.wording import PATH as ALERTS
from ganzhi.portal.ports.watch import ThresholdPorts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.visit import Visit
from ganzhi.warn.limits.desk import MOST_BYTES, parse_month
from ganzhi.warn.limits.exchange import Form as FileForm

PATH = f"{ALERTS}/thresholds"
AROUND = 64 * 1024
DONE = ("proposed", "imported", "unchanged")


def ports_of(visit: Visit) -> ThresholdPorts:
    """The ports; a portal without any answers 404."""
    return watch_of(visit).thresholds


def version_link(identity: str, done: str | None = None) -> str:
    """The page of a version."""
    return url(f"{PATH}/{identity}", {"done": done})


def tried_text(words: Words, tried: tuple[int, int | None, int | None] | None) -> str:
    """Alarms with the false ones and the misses."""
    if tried is None:
        return "–"
    alarms, false, missed = tried
    if false is None or missed is None:
        return words.t("thresholds.alarms", n=words.count(alarms))
    return words.t(
        "thresholds.alarms_known", n=words.count(alarms), false=words.count(false), missed=words.count(missed)
    )


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    return _page(visit, words, done=visit.choice("done", DONE))


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    status: int = 200,
) -> Html:
    page = ports_of(visit).page()
    model = {
        "page": page,
        "path": PATH,
        "link": version_link,
        "tried": tried_text,
        "done": done,
        "wrong": wrong,
        "at": at,
        "grade_names": GRADES,
        "whole": visit.context.viewer.whole,
        "most": MOST_BYTES >> 20,
    }
    title = words.t("thresholds.title")
    crumbs = (Crumb(words.t("nav.alerts"), ALERTS), Crumb(title))
    return Html("alerts/thresholds.html", f"{title} · {words.t('nav.alerts')}", Links(), model, crumbs, status=status)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Compute a proposal, or take a file in."""
    what = ""
    try:
        what = chosen(form, "do", ("propose", "import"))
        if what == "import":
            return _import(visit, form)
        grade = chosen(form, "grade", GRADES)
        month = parse_month(form.text("month", 20), "month")
        made = ports_of(visit).propose(form.text("rule"), month, cast("Grade", grade))
    except InputError as error:
        return _page(visit, words, wrong=tuple(said_of(visit, issue) for issue in error.issues), at=what, status=400)
    return Go(version_link(made.id, "proposed"))


def _import(visit: Visit, form: Form) -> Go:
    upload = form.files.get("file")
    if upload is None or not upload.size:
        raise InputError(Issue("POR005", "file"))
    made = ports_of(visit).take_in(upload.name, upload.file.read(MOST_BYTES + 1))
    if len(made) == 1:
        return Go(version_link(made[0].id, "imported"))
    return Go(url(PATH, {"done": "imported" if made else "unchanged"}))


def _file(form: FileForm, media: str) -> Download:
    return Download(
        f"{ALERTS}/limits-in-force.{form}", f"thresholds.{form}", media, lambda visit: ports_of(visit).table(form)
    )


THRESHOLDS = Page(
    "thresholds", PATH, show, nav="alerts", act=act, needs="dynamic", private=True, body=MOST_BYTES + AROUND
)
TABLES = (
    _file("csv", "text/csv"),
    _file("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
)
"""What is in force, as tables that can be edited and handed in again."""
