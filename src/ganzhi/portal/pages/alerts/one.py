"""One warning: what fired and why, the values around it, what was done, and the acts that are possible now."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.improve.pages.desk import HOURS, ChangedError
from ganzhi.improve.pages.views import AlertPage, Drawn
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.accounts.wording import role_word
from ganzhi.portal.pages.alerts.acting import FORMS, KINDS, asked_in, forms_for
from ganzhi.portal.pages.alerts.chart import alert_charts, alert_picture
from ganzhi.portal.pages.alerts.shared import ports_of
from ganzhi.portal.pages.alerts.wording import (
    PATH,
    alert_link,
    amount,
    fact,
    fired_text,
    held_text,
    indicator_link,
    kinds_text,
    left_text,
    made_text,
    one_in,
    reason_text,
    reasons_text,
    subject_name,
    value_text,
)
from ganzhi.portal.pages.charted import occasion_text
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import After, refused
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.findings.records import STATES

ACTS = tuple(form.act for form in FORMS)


def show(visit: Visit, words: Words) -> Html:
    """The warning."""
    done = visit.choice("done", ACTS)
    return _page(visit, words, After(done=None if done is None else words.t(f"alerts.done.{done}")))


def _page(visit: Visit, words: Words, after: After) -> Html:
    page = ports_of(visit).page(visit.codes["id"])
    row = page.row
    link = indicator_link(row)
    model = {
        "page": page,
        "row": row,
        "name": subject_name(words, row),
        "path": alert_link(row.id),
        "fired": "" if page.fired is None else fired_text(words, row, page.fired),
        "why_fired": "" if page.fired is None else reasons_text(words, page.fired),
        "chart": alert_charts(words, page),
        "occasions": [f"{each.number} {occasion_text(words, each)}" for each in page.occasions],
        "indicator": link,
        "may_act": visit.context.viewer.may("act"),
        "may_list": visit.context.viewer.may("list"),
        "act_forms": forms_for(page.acts),
        "kinds": KINDS,
        "hours": HOURS,
        "grade_names": GRADES,
        "record_link": _record_link(row.indicator),
        "row_link": alert_link,
        "name_of": subject_name,
        "fact_of": fact,
        "left_of": left_text,
        "kind_names": lambda kinds: kinds_text(words, kinds),
        "held": lambda code: held_text(words, code),
        "why_of": reason_text,
        "amount": amount,
        "value_of": value_text,
        "made_of": made_text,
        "one_in": one_in,
        "reasons_of": reasons_text,
        "role_word": role_word,
        "entry_reason": _entry_reason,
        **after.model,
    }
    crumbs = (Crumb(words.t("nav.alerts"), PATH), Crumb(f"{words.text(row.unit_name)} {model['name']}"))
    return Html(
        "alerts/one.html", f"{model['name']} · {words.t('nav.alerts')}", Links(), model, crumbs, status=after.status
    )


def _record_link(indicator: str) -> object:
    def link(drawn: Drawn, load: str, line: int) -> str:
        return Links().record(drawn.feed, load, line, indicator)

    return link


def _entry_reason(words: Words, page: AlertPage, number: int) -> str:
    """Why an act of the history was done: a program's code in words, a person's own words as they are."""
    why = page.whys[number]
    return reason_text(words, why) if why.code else ""


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what a form asks for; the page again with what is wrong, or both states when somebody was quicker."""
    try:
        asked = asked_in(form, visit.context.zone)
        ports_of(visit).act(visit.codes["id"], asked)
    except ChangedError as error:
        return _conflict(visit, words, form, error)
    except InputError as error:
        if any(issue.code == "FND001" and issue.subject == visit.codes["id"] for issue in error.issues):
            raise
        return _page(visit, words, refused(visit, form, error))
    return Go(url(alert_link(visit.codes["id"]), {"done": asked.act}))


def _conflict(visit: Visit, words: Words, form: Form, error: ChangedError) -> Html:
    """What was seen, what was wanted, and what stands there now."""
    seen = {name: form.text(f"seen_{name}", 400) for name in ("state", "grade", "owner")}
    now = error.now
    page = ports_of(visit).page(now.id)
    model = {
        "now": now,
        "seen": seen,
        "wanted": form.text("do", 40),
        "written": [(part, form.text(part, 4_000)) for part in ("reason", "phenomenon", "analysis", "measures")],
        "since": [each for each in page.history if each.number > error.seen],
        "path": alert_link(now.id),
        "states": STATES,
        "grade_names": GRADES,
        "name": subject_name(words, now),
    }
    title = words.t("conflict.title")
    crumbs = (Crumb(words.t("nav.alerts"), PATH), Crumb(str(model["name"]), alert_link(now.id)), Crumb(title))
    return Html("alerts/conflict.html", title, Links(), model, crumbs, status=409)


def _columns(words: Words) -> tuple[tuple[SheetColumn, ...], tuple[SheetColumn, ...]]:
    """The columns of evaluations and of the history."""
    number = {"value", "expected", "chance", "adjusted", "drift", *GRADES}
    of_judged = (
        "period",
        "verdict",
        "grade",
        "value",
        "expected",
        "chance",
        "adjusted",
        "drift",
        *GRADES,
        "made",
        "why",
        "version",
    )
    columns = tuple(
        SheetColumn(
            key,
            words.level(key) if key in GRADES else words.t(f"alerts.column.{key}"),
            "number" if key in number else "text",
            8 if key in ("chance", "adjusted") else 2,
        )
        for key in of_judged
    )
    acts = tuple(
        SheetColumn(
            key, words.t(f"alerts.column.{key}"), "instant" if key == "at" else "number" if key == "number" else "text"
        )
        for key in ("number", "at", "actor", "act", "state", "reason")
    )
    return columns, acts


def book(visit: Visit, words: Words) -> Book:
    """Evaluations, values and history as tables."""
    page = ports_of(visit).page(visit.codes["id"])
    row = page.row

    def judged() -> Iterator[tuple[Cell, ...]]:
        for each in page.judged:
            limits = tuple(each.limits.get(grade) for grade in GRADES)
            value = words.t("withheld") if each.hidden else each.value
            grade = words.level(each.grade) if each.grade else None
            made = (made_text(words, each), reasons_text(words, each), each.catalogue_version)
            yield (each.period.key, words.t(f"alerts.verdict.{each.verdict}"), grade, value, each.expected, each.chance,
                   each.adjusted, each.drift_sigmas, *limits, *made)  # fmt: skip

    def history() -> Iterator[tuple[Cell, ...]]:
        for place, each in enumerate(page.history):
            at = each.at.astimezone(words.zone).replace(tzinfo=None)
            state = words.t(f"alerts.state.{each.after}")
            yield (
                each.number,
                at,
                each.actor,
                words.t(f"alerts.act.{each.act}"),
                state,
                _entry_reason(words, page, place),
            )

    columns, acts = _columns(words)
    name = f"{words.text(row.unit_name)} {subject_name(words, row)}"
    told = facts(visit, words, None, (words.t("alerts.column.rule"), f"{words.text(row.rule_name)} ({row.rule})"))
    sheets = (
        Sheet("evaluations", words.t("alerts.evaluations"), columns, judged()),
        Sheet("history", words.t("alerts.history"), acts, history()),
    )
    return Book(f"alert-{row.id[-12:]}", name, told, sheets, words.t("taken.cut"))


def drawings(visit: Visit, words: Words) -> Drawings:
    """The chart as a picture."""
    page = ports_of(visit).page(visit.codes["id"])
    row = page.row
    name = f"{words.text(row.unit_name)} {subject_name(words, row)}"
    told = facts(visit, words, None, (words.t("alerts.column.rule"), f"{words.text(row.rule_name)} ({row.rule})"))
    title = words.t("alerts.chart")
    drawn = Drawing("values", title, lambda: alert_picture(words, page), words.t("alerts.chart_sub"))
    return Drawings(f"alert-{row.id[-12:]}", name, told, (drawn,))


ALERT = Page(
    "alert",
    "/alerts/{id}",
    show,
    nav="alerts",
    book=book,
    act=act,
    needs="dynamic",
    private=True,
    drawings=drawings,
    watched=True,
)
