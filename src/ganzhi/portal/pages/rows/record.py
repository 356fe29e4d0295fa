"""One record: all its columns, where it came from, what it counts in; a masked value in full for a reason."""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.base.errors import InputError, Issue
from ganzhi.measure.views.query import RecordsQuery
from ganzhi.measure.views.record import WHOLE, OpenedFrom, RecordKey, RecordPage, Unmasked
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.imports.shared import said
from ganzhi.portal.ports.imports import RowPorts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

PARTS = ("all", "numerator", "denominator")
PER_PAGE = 50


def _ports(visit: Visit) -> RowPorts:
    if visit.context.rows is None:
        raise InputError(Issue("POR010", visit.path))
    return visit.context.rows


def _opened(visit: Visit) -> OpenedFrom | None:
    """The list the record was opened from, as far as the address says it."""
    code, place = visit.text("indicator"), visit.number("at")
    if code is None or place is None:
        return None
    asked = RecordsQuery(visit.choice("part", PARTS), visit.where(), sort=visit.text("sort"), search=visit.text("q"))
    return OpenedFrom(code, visit.scope(), asked, place)


def _link(links: Links, feed: str, key: RecordKey, opened: OpenedFrom | None, place: int | None) -> str:
    if opened is None:
        return links.record(feed, key.load, key.line)
    asked = opened.list
    more: dict[str, str | int | None] = {"sort": asked.sort, "q": asked.search, "at": place}
    return links.record(feed, key.load, key.line, opened.indicator, asked.part, asked.where, **more)


def _list_link(links: Links, feed: str, opened: OpenedFrom) -> str:
    asked, page = opened.list, (opened.place - 1) // PER_PAGE + 1
    more: dict[str, str | int | None] = {"sort": asked.sort, "q": asked.search, "page": page if page > 1 else None}
    return links.records(feed, opened.indicator, asked.part, asked.where, **more)


def _page(
    visit: Visit,
    words: Words,
    *,
    shown: Unmasked | None = None,
    wrong: tuple[Said, ...] = (),
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
    """shown: values in full, on this answer alone. given: what was typed into the form, to be typed no second time."""
    feed, opened = visit.codes["feed"], _opened(visit)
    view = _ports(visit).record(feed, visit.codes["load"], visit.codes["line"], opened)
    links = Links.asked(visit.scope())
    place = opened.place if opened is not None else None
    model = {
        "view": view,
        "whole": WHOLE,
        "here": _link(links, feed, view.key, opened, place),
        "before": _neighbour(links, view, view.before, opened, -1),
        "after": _neighbour(links, view, view.after, opened, 1),
        "list": None if opened is None else _list_link(links, feed, opened),
        "indicators": _indicators(words, view),
        "may_unmask": visit.visitor.viewer.may("unmask") and bool(view.masked),
        "shown": {} if shown is None else shown.values,
        "entry": None if shown is None else shown.audit,
        "wrong": wrong,
        "given": {"column": "", "reason": "", **(given or {})},
    }
    name = words.text(view.record_name)
    title = words.t("record.one", name=name, line=view.key.line)
    back = () if opened is None else (Crumb(words.t("records.title"), _list_link(links, feed, opened)),)
    crumbs = (Crumb(words.t("nav.overview"), links.overview()), *back, Crumb(title))
    return Html("records_one.html", title, links, model, crumbs, status=status)


def _neighbour(
    links: Links, view: RecordPage, key: RecordKey | None, opened: OpenedFrom | None, step: int
) -> str | None:
    return None if key is None or opened is None else _link(links, view.feed, key, opened, opened.place + step)


def _indicators(words: Words, view: RecordPage) -> list[tuple[str, str, str, str]]:
    """Code, name, layer, and as what the record counts in it; the link shows it for the record's place and day."""
    said_as = {("numerator", "denominator"): "both", ("numerator",): "as_numerator", ("denominator",): "as_denominator"}
    return [
        (each.code, words.text(each.name), each.layer, words.t(f"record.{said_as.get(each.parts, 'as_all')}"))
        for each in view.counted
    ]


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words)


def act(visit: Visit, words: Words, form: Form) -> Html:
    """Show one masked value, or all of them, once; who, which and why stands in the audit trail by then."""
    codes, column = visit.codes, form.text("column")
    try:
        shown = _ports(visit).unmask(codes["feed"], codes["load"], codes["line"], column, form.text("reason", 1000))
    except InputError as error:
        if not all(issue.code in ("REC002", "REC003") for issue in error.issues):
            raise
        # What holds a value is not shown again.
        again = {"column": column, "reason": form.text("reason", 1000)}
        kept = again if all(issue.code == "REC002" for issue in error.issues) else {"column": column}
        return _page(visit, words, wrong=said(visit, error.issues), given=kept, status=400)
    return _page(visit, words, shown=shown)


RECORD = Page("record", "/records/{feed}/{load}/{line}", show, nav="topics", act=act, private=True, needs="list")
