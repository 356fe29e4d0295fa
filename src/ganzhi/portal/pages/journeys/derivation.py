"""The guided derivation of indicators: four steps, each with what is complete and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from ganzhi.measure.views.journeys.derivation import CheckRow, DerivationPage, GapRow
from ganzhi.measure.views.journeys.parts import Coverage
from ganzhi.portal.charts.bars import bar_cell
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import Choice, Picker
from ganzhi.portal.pages.journeys.shared import columns, coverage_picture, crumbs, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit

GAPS_SHOWN = 40
"""Gaps of one check listed on the page; the file has all of them."""


def gap_link(links: Links, gap: GapRow) -> str:
    """Where the gap can be looked at."""
    if gap.kind == "indicator":
        return links.entry(gap.subject.code)
    if gap.kind == "process" or gap.process is None:
        return links.journey(gap.subject.code)
    return links.touchpoint(gap.process.code, gap.subject.code)


def lacks_words(words: Words, gap: GapRow) -> str:
    """What is missing or in the way, as far as the check tells parts apart."""
    parts = [words.t(f"journeys.lacks.{name}") for name in gap.lacks]
    return words.t("list_comma").join([*parts, *([words.text(gap.note)] if gap.note else [])])


def more_link(links: Links, check: CheckRow, process: str | None) -> str | None:
    """A page that lists all gaps of a check, where there is one."""
    if check.check == "pair_covered":
        return links.touchpoints(process=process, cover="open") + "#pairs"
    return None


def _picker(words: Words, links: Links, view: DerivationPage) -> Picker:
    every = Choice(words.t("journeys.all_processes"), links.derivation(), view.process is None)
    choices = tuple(
        Choice(words.text(each.name), links.derivation(each.code), each == view.process) for each in view.processes
    )
    current = words.text(view.process.name) if view.process else words.t("journeys.all_processes")
    return Picker(words.t("journeys.filter.process"), current, (("", (every, *choices)),))


def show(visit: Visit, words: Words) -> Html:
    """The four steps, for all processes or for one."""
    view = visit.context.journeys.derivation(visit.text("process"))
    links = Links()
    process = view.process.code if view.process else None
    model = {
        "view": view,
        "ways": ways(words, links, "derivation"),
        "pickers": (_picker(words, links, view),),
        "shown": GAPS_SHOWN,
        "bar": bar_cell,
        "here": links.derivation(process),
        "gap_link": lambda gap: gap_link(links, gap),
        "lacks_words": lacks_words,
        "more_link": lambda check: more_link(links, check, process),
    }
    title = words.t("journeys.derivation")
    return Html("journeys/derivation.html", title, links, model, crumbs(words, links, title))


def _checks(words: Words, view: DerivationPage) -> Iterator[tuple[Cell, ...]]:
    for step in view.steps:
        for check in step.checks:
            name = words.t(f"journeys.check.{check.check}")
            yield (words.t(f"journeys.step.{step.step}"), name, check.passed.total, check.passed.covered)


def _gaps(words: Words, view: DerivationPage) -> Iterator[tuple[Cell, ...]]:
    for step in view.steps:
        for check in step.checks:
            for gap in check.gaps:
                yield (
                    words.t(f"journeys.step.{step.step}"),
                    words.t(f"journeys.check.{check.check}"),
                    words.t(f"journeys.kind.{gap.kind}"),
                    gap.subject.code,
                    words.text(gap.subject.name),
                    gap.process.code if gap.process else None,
                    words.text(gap.attribute.name) if gap.attribute else None,
                    gap.candidate,
                    lacks_words(words, gap),
                )


def book(visit: Visit, words: Words) -> Book:
    """Every gap, and the checks with their counts."""
    view = visit.context.journeys.derivation(visit.text("process"))
    keys = ("derivation_step", "check", "kind", "code", "name", "process_code", "attribute", "candidate", "lacks")
    counts = ("looked_at", "passed")
    sheets = (
        Sheet("gaps", words.t("journeys.missing"), columns(words, *keys), _gaps(words, view)),
        Sheet(
            "checks",
            words.t("journeys.checks"),
            columns(words, "derivation_step", "check", *counts, numbers=counts),
            _checks(words, view),
        ),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("derivation", words.t("journeys.derivation"), told, sheets, words.t("taken.cut"))


def _picture(words: Words, view: DerivationPage) -> Markup:
    """How much passes each check, under the four steps."""
    rows: list[tuple[str, Coverage]] = []
    blocks: dict[int, str] = {}
    for number, step in enumerate(view.steps, start=1):
        blocks[len(rows)] = f"{number} {words.t(f'journeys.step.{step.step}')} · {words.per_cent(step.passed.share)}"
        rows += [(words.t(f"journeys.check.{check.check}"), check.passed) for check in step.checks]
    return coverage_picture(words, words.t("journeys.checks"), words.t("journeys.column.check"), rows, blocks)


def drawings(visit: Visit, words: Words) -> Drawings:
    """The checks with how much passes each, as a picture."""
    view = visit.context.journeys.derivation(visit.text("process"))
    process = words.text(view.process.name) if view.process else words.t("journeys.all_processes")
    told = facts(
        visit,
        words,
        None,
        (words.t("journeys.filter.process"), process),
        (words.t("catalogue_version"), view.catalogue_version),
        address=Links().derivation(view.process.code if view.process else None),
    )
    drawn = Drawing("checks", words.t("journeys.checks"), lambda: _picture(words, view), process)
    return Drawings("derivation", words.t("journeys.derivation"), told, (drawn,))


DERIVATION = Page("derivation", "/journeys/derivation", show, nav="journeys", book=book, drawings=drawings)
