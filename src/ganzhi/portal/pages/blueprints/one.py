"""One service blueprint: the drawing with live measures, encounters, standards; and the handbook to print."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from ganzhi.measure.views.parts import Change
from ganzhi.portal.charts.blueprint import BlueprintChart, ChartLink, ChartPhase, ChartStep, blueprint
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.flows.shared import ports
from ganzhi.portal.pages.journeys.shared import told
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.blueprint.views import BlueprintPage, CrossingView, Measured, PilotRow, StepView

ROWS = ("evidence", "customer", "front", "back", "support")
LINES = ("interaction", "visibility", "internal")


def _view(visit: Visit) -> BlueprintPage:
    return ports(visit).blueprint(visit.codes["blueprint"], visit.scope(), visit.text("variant"))


def figure(words: Words, view: BlueprintPage, measured: Measured | None) -> str:
    """A reading in words; empty without an indicator."""
    if measured is None:
        return ""
    return str(words.figure(measured.subject, measured.reading, len(view.scope.period.days)))


def moved(words: Words, row: PilotRow, change: Change) -> str:
    """A difference in words, with its sign; a dash where either end is unknown or withheld."""
    if change.difference is None:
        return UNKNOWN
    sign = "+" if change.difference > 0 else "−" if change.difference < 0 else "±"
    return f"{sign}{words.value(row.subject, abs(change.difference))}"


def _crumbs(words: Words, links: Links, *last: Crumb) -> tuple[Crumb, ...]:
    return (
        Crumb(words.t("nav.journeys"), links.journeys()),
        Crumb(words.t("blueprint.title"), links.blueprints()),
        *last,
    )


def _model(visit: Visit, words: Words, view: BlueprintPage, links: Links) -> dict[str, object]:
    variants = [Choice(words.t("blueprint.for_all"), links.blueprint(view.code), view.variant is None)]
    variants += [
        Choice(words.text(name), links.blueprint(view.code, code), view.variant == code)
        for code, name, _ in view.variants
    ]
    menus = pickers(visit, words, view.scope, links, lambda changed: changed.blueprint(view.code, view.variant))[:-1]
    current = next((choice.text for choice in variants if choice.current), "")
    if view.variants:
        menus = (*menus, Picker(words.t("blueprint.segment"), current, (("", tuple(variants)),)))
    return {
        "view": view,
        "scope": view.scope,
        "pickers": menus,
        "here": links.blueprint(view.code, view.variant),
        "handbook": links.handbook(view.code, view.variant),
        "figure": lambda measured: figure(words, view, measured),
        "reading": lambda row, reading: str(words.figure(row.subject, reading)),
        "moved": lambda row, change: moved(words, row, change),
        "told": told,
        "phase_steps": [(phase, [s for s in view.steps if s.phase == phase.code]) for phase in view.phases],
        "segment": next((segment for code, _, segment in view.variants if code == view.variant), None),
    }


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query)
    model = {**_model(visit, words, view, links), "chart": chart(words, view, links)}
    name = words.text(view.name)
    return Html("blueprints/one.html", name, links, model, _crumbs(words, links, Crumb(name)))


def show_handbook(visit: Visit, words: Words) -> Html:
    """The handbook of service standards, made to be printed."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query)
    model = {**_model(visit, words, view, links), "chart": chart(words, view, None)}
    name = words.text(view.name)
    title = words.t("blueprint.handbook_of", name=name)
    last = (Crumb(name, links.blueprint(view.code, view.variant)), Crumb(words.t("blueprint.handbook")))
    return Html("blueprints/handbook.html", title, links, model, _crumbs(words, links, *last))


def chart(words: Words, view: BlueprintPage, links: Links | None) -> Markup:
    """The drawing; links: none for a file."""
    steps = [_step(words, view, step, links) for step in view.steps]
    evidence = [step for step in view.steps if step.evidence]
    steps += [ChartStep(f"{s.code}.evidence", "evidence", s.phase, told(words, s.evidence)) for s in evidence]
    joined = [ChartLink(source, target) for source, target in view.links]
    joined += [ChartLink(s.code, f"{s.code}.evidence") for s in evidence]
    return blueprint(
        BlueprintChart(
            sentence=_sentence(words, view),
            phases=tuple(ChartPhase(each.code, words.text(each.name)) for each in view.phases),
            steps=tuple(steps),
            links=tuple(joined),
            rows={row: words.t(f"blueprint.lane.{row}") for row in ROWS},
            lines=(words.t("blueprint.line.interaction"), words.t("blueprint.line.visibility"), words.t("blueprint.line.internal")),
        ),
        links=links is not None,
    )  # fmt: skip


def _sentence(words: Words, view: BlueprintPage) -> str:
    if view.poor is None:
        return words.t("blueprint.sentence_unknown", name=words.text(view.name), steps=len(view.steps))
    return words.t("blueprint.sentence", name=words.text(view.name), steps=len(view.steps), poor=view.poor)


def _step(words: Words, view: BlueprintPage, step: StepView, links: Links | None) -> ChartStep:
    """A box: the figure that gives the step its level, with its name where it is pointed at."""
    shown = step.shown
    parts = [f"{words.text(each.subject.name)} {figure(words, view, each)}" for _, each in step.readings]
    return ChartStep(
        code=step.code,
        row=step.lane,
        phase=step.phase,
        name=words.text(step.name),
        shown=figure(words, view, shown),
        level=step.level,
        poor=step.poor,
        marked=step.key_point,
        link=links.indicator(shown.subject.code) if links is not None and shown is not None else None,
        title="; ".join([words.text(step.name), *parts]),
    )


def _rows(words: Words, view: BlueprintPage) -> Iterator[tuple[Cell, ...]]:
    phases = {phase.code: words.text(phase.name) for phase in view.phases}
    for step in view.steps:
        standard = step.standard
        yield (
            step.code,
            words.text(step.name),
            words.t(f"blueprint.lane.{step.lane}"),
            phases[step.phase],
            told(words, step.evidence),
            words.text(step.touchpoint.name) if step.touchpoint else None,
            words.text(step.system.name) if step.system else None,
            words.text(standard.what) if standard else None,
            words.text(standard.limit) if standard and standard.limit else None,
            words.text(standard.owner) if standard else None,
            standard.measured.subject.code if standard and standard.measured else None,
            step.measure.subject.code if step.measure else None,
            step.measure.reading.value if step.measure else None,
            step.perception.subject.code if step.perception else None,
            step.perception.reading.value if step.perception else None,
            words.level(step.level) if step.level else None,
        )


def _pilot_sheet(words: Words, view: BlueprintPage) -> Sheet:
    """Pilots, a row for each place and indicator."""
    texts, numbers = ("pilot", "kept", "unit", "measure"), ("before", "now", "change", "rest")
    columns = (
        *(SheetColumn(key, words.t(f"blueprint.column.{key}")) for key in texts),
        *(SheetColumn(key, words.t(f"blueprint.column.{key}"), "number", 4) for key in numbers),
    )
    rows = (
        (
            words.text(each.name), words.t(f"blueprint.pilot_kept.{str(each.kept).lower()}"), words.text(row.unit.name),
            row.subject.code, row.before.value, row.now.value if each.now else None,
            row.change.difference if each.now else None, row.rest.difference if each.now else None,
        )
        for each in view.pilots
        for row in each.rows
    )  # fmt: skip
    return Sheet("pilots", words.t("blueprint.pilots"), columns, rows)


def _lines(words: Words, each: CrossingView) -> str:
    return words.t("list_comma").join(words.t(f"blueprint.line.{line}") for line in each.lines)


def book(visit: Visit, words: Words) -> Book:
    """Steps with their standards and readings, and what crosses the lines."""
    view = _view(visit)
    keys = (
        *("code", "step", "lane", "phase", "evidence", "touchpoint", "system", "standard", "limit", "owner"),
        *("standard_indicator", "measure", "measure_value", "perception", "perception_value", "level"),
    )
    columns = tuple(
        SheetColumn(key, words.t(f"blueprint.column.{key}"), "number" if key.endswith("_value") else "text", 4)
        for key in keys
    )
    names = {step.code: words.text(step.name) for step in view.steps}
    every = (*view.encounters, *(each for each in view.handovers if each not in view.encounters))
    crossed = (
        (
            names[each.source], names[each.target], _lines(words, each), each.touchpoint.code if each.touchpoint else None,
            words.text(each.standard.what) if each.standard else None, words.text(each.standard.owner) if each.standard else None,
            each.perception.subject.code if each.perception else None, each.perception.reading.value if each.perception else None,
        )
        for each in every
    )  # fmt: skip
    named = ("from", "to", "lines", "touchpoint", "standard", "owner", "perception", "perception_value")
    crossing = tuple(
        SheetColumn(key, words.t(f"blueprint.column.{key}"), "number" if key.endswith("_value") else "text", 4)
        for key in named
    )
    sheets = (
        Sheet("steps", words.t("blueprint.steps"), columns, _rows(words, view)),
        _pilot_sheet(words, view),
        Sheet("crossings", words.t("blueprint.encounters"), crossing, crossed),
    )
    return Book(
        f"blueprint-{view.code}", words.text(view.name), facts(visit, words, view.scope), sheets, words.t("taken.cut")
    )


def drawings(visit: Visit, words: Words) -> Drawings:
    """The drawing as a picture."""
    view = _view(visit)
    drawn = Drawing(
        "blueprint", words.text(view.name), lambda: chart(words, view, None), words.t("blueprint.chart_sub")
    )
    return Drawings(f"blueprint-{view.code}", words.text(view.name), facts(visit, words, view.scope), (drawn,))


BLUEPRINT = Page("blueprint", "/blueprints/{blueprint}", show, nav="journeys", book=book, drawings=drawings)
HANDBOOK = Page("handbook", "/blueprints/{blueprint}/handbook", show_handbook, nav="journeys")
