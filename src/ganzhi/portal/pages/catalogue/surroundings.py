"""What stands around: interfaces, systems, agreements, external codes and products."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.catalogue.frame import SurroundingsPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue.shared import columns, crumbs, sla_limits, sla_scope, validity, ways
from ganzhi.portal.pages.journeys.shared import told
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The tables."""
    view = visit.context.catalogue.surroundings()
    links = Links()
    model = {
        "view": view,
        "ways": ways(visit, words, links, "surroundings"),
        "told": told,
        "sla_limits": sla_limits,
        "sla_scope": sla_scope,
        "validity": validity,
    }
    title = words.t("catalogue.way.surroundings")
    return Html("catalogue/surroundings.html", title, links, model, crumbs(words, links, Crumb(title)))


def _interfaces(words: Words, view: SurroundingsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.interfaces:
        yield (
            row.code,
            words.text(row.name),
            words.text(row.flow),
            row.system.code,
            words.t(f"catalogue.direction.{row.direction}"),
            told(words, row.content),
            row.feed.code if row.feed else None,
            words.t(f"catalogue.rhythm.{row.rhythm}"),
            words.text(row.form) if row.form else None,
        )


def _slas(words: Words, view: SurroundingsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.slas:
        yield (
            row.code,
            words.text(row.name),
            words.text(row.customer),
            row.indicator.code,
            sla_scope(words, row),
            row.floor,
            row.target,
            row.challenge,
            row.unit_of_value,
            words.t(f"entry.{row.use}"),
            row.valid_from.isoformat() if row.valid_from else None,
            row.valid_to.isoformat() if row.valid_to else None,
        )


def _systems(words: Words, view: SurroundingsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.systems:
        owner = words.text(row.owner) if row.owner else None
        yield row.code, words.text(row.name), row.domain, owner, row.processes, row.steps, row.interfaces


def _mapped(words: Words, view: SurroundingsPage) -> Iterator[tuple[Cell, ...]]:
    """The mapping report (S000-021, S000-051)."""
    for row in view.code_systems:
        for kind, entry, code in row.mapped:
            yield (
                row.code,
                words.text(row.name),
                words.t(f"catalogue.entries.{kind}"),
                entry.code,
                words.text(entry.name),
                code,
            )


def book(visit: Visit, words: Words) -> Book:
    """Each table on a sheet, with the mapping report entry by entry."""
    view = visit.context.catalogue.surroundings()
    limits = ("floor", "target", "challenge")
    counts = ("processes", "steps", "interfaces")
    sheets = (
        Sheet(
            "interfaces",
            words.t("catalogue.interfaces"),
            columns(words, "code", "name", "flow", "system", "direction", "content", "feed", "rhythm", "form"),
            _interfaces(words, view),
        ),
        Sheet(
            "systems",
            words.t("catalogue.systems"),
            columns(words, "system", "name", "domain", "owner", *counts, numbers=counts),
            _systems(words, view),
        ),
        Sheet(
            "slas",
            words.t("catalogue.slas"),
            columns(
                words,
                "code",
                "name",
                "customer",
                "indicator",
                "scope",
                *limits,
                "unit",
                "use",
                "valid_from",
                "valid_to",
                numbers=limits,
            ),
            _slas(words, view),
        ),
        Sheet(
            "codes",
            words.t("catalogue.code_systems"),
            columns(words, "code_system", "name", "kind", "code", "entry", "external_code"),
            _mapped(words, view),
        ),
    )
    noted = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("frame", words.t("catalogue.way.surroundings"), noted, sheets, words.t("taken.cut"))


SURROUNDINGS = Page("dictionary_frame", "/dictionary/frame", show, book=book)
