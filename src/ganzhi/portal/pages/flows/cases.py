"""The cases behind a count of a flow: as many as the count says, longest first."""

from __future__ import annotations

from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.flows.shared import (
    cases_link,
    count,
    crumbs,
    flow_link,
    lasting,
    path_text,
    ports,
    scope_pairs,
)
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit
from ganzhi.trace.flow.views import KINDS, CasesPage, CasesQuery


def _asked(visit: Visit) -> CasesQuery:
    return CasesQuery(
        where=tuple(sorted(visit.where().items())),
        kind=visit.choice("kind", KINDS),
        step=visit.text("step"),
        other=visit.text("other"),
        source=visit.text("from"),
        target=visit.text("to"),
        activity=visit.text("activity"),
        variant=visit.text("variant"),
        page=visit.number("page") or 1,
    )


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    query, code, asked = visit.scope(), visit.codes["flow"], _asked(visit)
    view = ports(visit).cases(code, query, asked)
    links, where = Links.of(view.scope, query), dict(asked.where)
    which = {
        "kind": asked.kind, "step": asked.step, "other": asked.other, "source": asked.source, "target": asked.target,
        "activity": asked.activity, "variant": asked.variant,
    }  # fmt: skip

    def page(number: int) -> str:
        return cases_link(links, code, where, **which, page=number if number > 1 else None)

    def records(case: str) -> str | None:
        """The records of a case, asked freely; only where the case is a column that is stored."""
        if view.column is None:
            return None
        asked_for = {"mode": "records", "feed": view.feed, "c1": view.column, "o1": "eq", "v1": case}
        return url("/query", {**asked_for, **{k: v for k, v in scope_pairs(links).items() if k == "region"}})

    name = words.text(view.name)
    model = {
        "view": view,
        "scope": view.scope,
        "said": said(words, view),
        "page_link": page,
        "records": records,
        "lasting": lasting,
        "path_text": path_text,
        "count": count,
    }
    title = words.t("flow.cases_of", name=name)
    return Html(
        "flows/cases.html",
        title,
        links,
        model,
        crumbs(words, links, Crumb(name, flow_link(links, code, where)), Crumb(words.t("flow.cases"))),
    )


def said(words: Words, view: CasesPage) -> str:
    """Which cases these are."""
    asked, names = view.query, view.names

    def name(activity: str | None) -> str:
        return words.text(names[activity]) if activity is not None and activity in names else activity or ""

    if asked.kind is not None:
        parts = [words.t(f"flow.kind.{asked.kind}"), *(name(each) for each in (asked.step, asked.other) if each)]
        return words.t("colon").join(parts[:2]) + (f" → {parts[2]}" if len(parts) > 2 else "")
    if asked.source is not None and asked.target is not None:
        return f"{name(asked.source)} → {name(asked.target)}"
    if asked.activity is not None:
        return words.t("flow.through", name=name(asked.activity))
    if asked.variant is not None and view.rows:
        return path_text(words, names, view.rows[0].path)
    return words.t("flow.every_case")


CASES = Page("flow_cases", "/flows/{flow}/cases", show, nav="journeys", needs="list", slow=True)
