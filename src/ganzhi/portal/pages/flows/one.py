"""One flow: the drawing, steps, passages, variants, deviations from the declared order."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from ganzhi.portal.charts.flow import Flow, FlowEdge, FlowNode, Folded, flow
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.flows.shared import (
    cases_link,
    count,
    crumbs,
    flow_link,
    guarded,
    lasting,
    path_text,
    ports,
    share,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.flow.views import Chosen, FlowPage, FlowQuery

FOLDS = ("0", "0.5", "2", "10")
USUAL_FOLD = "2"
"""Per cent of the cases under which steps and passages are folded; the first by default."""
MOST_PASSAGES = 40


def _folds(words: Words, view: FlowPage, links: Links, fold: str) -> list[Choice]:
    """How rare a path may be and still be drawn."""
    named = {each: words.t("flow.fold_none") if each == "0" else words.t("flow.fold_part", part=each) for each in FOLDS}
    own = {each: None if each == USUAL_FOLD else each for each in FOLDS}
    return [Choice(named[each], flow_link(links, view.code, view.where, own[each]), each == fold) for each in FOLDS]


def _view(visit: Visit) -> FlowPage:
    where = tuple(sorted(visit.where().items()))
    return ports(visit).flow(visit.codes["flow"], visit.scope(), FlowQuery(where))


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    query, fold = visit.scope(), visit.choice("fold", FOLDS) or USUAL_FOLD
    view = _view(visit)
    links = Links.of(view.scope, query)
    own_fold = None if fold == USUAL_FOLD else fold

    def here(changed: Links) -> str:
        return flow_link(changed, view.code, view.where, own_fold)

    def cases(**which: str | int | None) -> str | None:
        return cases_link(links, view.code, view.where, **which) if view.lists else None

    menus = [_menu(words, view, links, each, own_fold) for each in view.choices if each.options]
    model = {
        "view": view,
        "scope": view.scope,
        "chart": chart(words, view, links, float(fold) / 100),
        "folds": _folds(words, view, links, fold),
        "pickers": (*pickers(visit, words, view.scope, links, here)[:-1], *menus),
        "passages": view.passages[:MOST_PASSAGES],
        "here": here(links),
        "cases": cases,
        "lasting": lasting,
        "path_text": path_text,
        "share": share,
        "count": guarded(words, view.lists),
    }  # fmt: skip
    name = words.text(view.name)
    return Html("flows/one.html", name, links, model, crumbs(words, links, Crumb(name)))


def _menu(words: Words, view: FlowPage, links: Links, given: Chosen, fold: str | None) -> Picker:
    """A column cases are chosen by, as a menu of links."""
    rest = {name: value for name, value in view.where.items() if name != given.column}

    def link(value: str | None) -> str:
        return flow_link(links, view.code, rest if value is None else {**rest, given.column: value}, fold)

    options = tuple(
        Choice(f"{words.text(name)} {count(cases)}", link(value), value == given.value)
        for value, name, cases in given.options
    )
    chosen = next((words.text(name) for value, name, _ in given.options if value == given.value), given.value)
    every = Choice(words.t("all"), link(None), given.value is None)
    return Picker(
        words.text(given.title), words.t("all") if given.value is None else chosen or "–", (("", (every, *options)),)
    )


def chart(words: Words, view: FlowPage, links: Links | None, fold: float) -> Markup:
    """The drawing; with links where boxes lead to their cases."""
    lists = links is not None and view.lists

    def link(activity: str) -> str | None:
        return cases_link(links, view.code, view.where, activity=activity) if lists and links is not None else None

    nodes = tuple(
        FlowNode(
            step.activity,
            words.text(view.names[step.activity]),
            step.cases,
            count(step.cases),
            step.position,
            link(step.activity),
            words.t("flow.node_title", name=words.text(view.names[step.activity]), cases=count(step.cases), events=count(step.events)),
        )
        for step in view.steps
    )  # fmt: skip
    edges = tuple(
        FlowEdge(
            each.source,
            each.target,
            each.n,
            count(each.n),
            words.t(
                "flow.edge_title",
                source=words.text(view.names[each.source]),
                target=words.text(view.names[each.target]),
                n=count(each.n),
                p50=lasting(words, each.p50_s),
                p90=lasting(words, each.p90_s),
            ),
            each.stressed,
        )
        for each in view.passages
    )

    def folded(left: Folded) -> str:
        return words.t(
            "flow.folded", nodes=left.nodes, edges=left.edges, passages=count(left.passages), below=left.below
        )

    sentence = words.t("flow.sentence", name=words.text(view.name), cases=count(view.cases), steps=len(view.steps))
    return flow(Flow(sentence, nodes, edges, view.cases, folded, fold), links=lists)


def _columns(words: Words, texts: tuple[str, ...], numbers: tuple[str, ...]) -> tuple[SheetColumn, ...]:
    named = [SheetColumn(key, words.t(f"flow.column.{key}")) for key in texts]
    return (
        *named,
        *(SheetColumn(key, words.t(f"flow.column.{key}"), "number", 3 if key.endswith("_s") else 0) for key in numbers),
    )


def _sheets(words: Words, view: FlowPage) -> Iterator[Sheet]:
    def name(activity: str) -> str:
        return words.text(view.names[activity]) if activity in view.names else activity

    steps: Iterator[tuple[Cell, ...]] = (
        (s.activity, name(s.activity), s.cases, s.events, s.starts, s.ends, s.position) for s in view.steps
    )
    numbers = ("cases", "events", "starts", "ends")
    position = SheetColumn("position", words.t("flow.column.position"), "number", 2)
    yield Sheet("steps", words.t("flow.steps"), (*_columns(words, ("activity", "name"), numbers), position), steps)
    yield Sheet(
        "passages",
        words.t("flow.passages"),
        _columns(words, ("source", "target"), ("passages", "mean_s", "p50_s", "p90_s")),
        ((name(p.source), name(p.target), p.n, p.mean_s, p.p50_s, p.p90_s) for p in view.passages),
    )
    yield Sheet(
        "variants",
        words.t("flow.variants"),
        _columns(words, ("variant", "path"), ("cases", "mean_s")),
        ((v.key, path_text(words, view.names, v.path), v.n, v.mean_s) for v in view.variants),
    )
    yield Sheet(
        "deviations",
        words.t("flow.deviations"),
        _columns(words, ("kind", "step", "other"), ("cases",)),
        (
            (words.t(f"flow.kind.{d.kind}"), name(step), name(other) if other else None, cases)
            for d in view.deviations
            for step, other, cases in (("", "", d.cases), *d.places)
        ),
    )


def book(visit: Visit, words: Words) -> Book:
    """Steps, passages, variants and deviations as tables."""
    view = _view(visit)
    told = tuple((words.text(each.title), each.value) for each in view.choices if each.value is not None)
    return Book(
        f"flow-{view.code}",
        words.text(view.name),
        facts(visit, words, view.scope, *told),
        tuple(_sheets(words, view)),
        words.t("taken.cut"),
    )


def drawings(visit: Visit, words: Words) -> Drawings:
    """The drawing as a picture."""
    view, fold = _view(visit), visit.choice("fold", FOLDS) or USUAL_FOLD
    told = tuple((words.text(each.title), each.value) for each in view.choices if each.value is not None)
    drawn = Drawing(
        "flow", words.text(view.name), lambda: chart(words, view, None, float(fold) / 100), words.t("flow.chart_sub")
    )
    return Drawings(f"flow-{view.code}", words.text(view.name), facts(visit, words, view.scope, *told), (drawn,))


FLOW = Page("flow", "/flows/{flow}", show, nav="journeys", book=book, drawings=drawings, slow=True)
