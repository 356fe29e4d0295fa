"""How the catalogue came to be what it is: versions, proposals, and the difference between two versions."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.catalogue.exchange.difference import shown
from ganzhi.measure.views.catalogue.changes import ChangesPage
from ganzhi.measure.views.catalogue.query import ChangesQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue.shared import columns, crumbs, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit

FIELDS_SHOWN = 12
"""Changed fields of an entry on the page; files hold all."""


def _query(visit: Visit) -> ChangesQuery:
    return ChangesQuery(a=visit.text("a"), b=visit.text("b"), page=visit.number("page") or 1)


def show(visit: Visit, words: Words) -> Html:
    """Versions, proposals, and what differs between two versions."""
    query = _query(visit)
    view = visit.context.catalogue.changes(query)
    links = Links()
    found = view.compared

    def turned(page: int) -> str:
        return links.changes(query.a, query.b, page if page > 1 else None) + "#difference"

    model = {
        "view": view,
        "ways": ways(visit, words, links, "changes"),
        "shown": shown,
        "fields": FIELDS_SHOWN,
        "before": turned(found.page - 1) if found and found.page > 1 else None,
        "after": turned(found.page + 1) if found and found.page < found.pages else None,
    }
    title = words.t("catalogue.way.changes")
    return Html("catalogue/changes.html", title, links, model, crumbs(words, links, Crumb(title)))


def _versions(words: Words, view: ChangesPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.versions:
        yield (
            row.version,
            words.instant(row.remembered_at),
            row.author,
            row.reason,
            row.valid_from.isoformat() if row.valid_from else None,
            words.instant(row.superseded_at) if row.superseded_at else None,
        )


def _proposals(words: Words, view: ChangesPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.proposals:
        yield (
            row.id,
            words.t(f"catalogue.proposal.{row.state}"),
            row.author,
            row.reason,
            row.source,
            words.instant(row.created_at),
            row.base_version,
            row.put,
            row.drop,
            row.decided_by,
            words.instant(row.decided_at) if row.decided_at else None,
            row.note or None,
            row.resulting_version,
        )


def _difference(words: Words, view: ChangesPage) -> Iterator[tuple[Cell, ...]]:
    for entry in view.compared.all_entries if view.compared else ():
        for field in entry.fields:
            yield (
                words.t(f"catalogue.effect.{entry.effect}"),
                words.t(f"catalogue.change.{entry.how}"),
                entry.kind,
                entry.code,
                field.path,
                shown(field.old) or None,
                shown(field.new) or None,
            )


def book(visit: Visit, words: Words) -> Book:
    """With two versions their difference field by field, then versions and proposals."""
    view = visit.context.catalogue.changes(_query(visit))
    counts = ("put", "drop")
    versions = Sheet(
        "versions",
        words.t("catalogue.versions"),
        columns(words, "version", "since", "author", "reason", "valid_from", "until"),
        _versions(words, view),
    )
    proposals = Sheet(
        "proposals",
        words.t("catalogue.proposals"),
        columns(
            words,
            "proposal",
            "state",
            "author",
            "reason",
            "file",
            "since",
            "base",
            *counts,
            "decided_by",
            "decided_at",
            "note",
            "version",
            numbers=counts,
        ),
        _proposals(words, view),
    )
    fields = columns(words, "effect", "change", "entry_kind", "code", "field", "old", "new")
    difference = Sheet("difference", words.t("catalogue.difference"), fields, _difference(words, view))
    sheets = (difference, versions, proposals) if view.compared else (versions, proposals)
    more = ((words.t("catalogue.difference"), f"{view.compared.old} → {view.compared.new}"),) if view.compared else ()
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version), *more)
    return Book("changes", words.t("catalogue.way.changes"), told, sheets, words.t("taken.cut"))


CHANGES = Page("dictionary_changes", "/dictionary/changes", show, book=book)
