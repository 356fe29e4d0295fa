"""Builds the history of the catalogue: versions, proposals, and what differs between two versions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.content import from_json
from ganzhi.catalogue.exchange.difference import EFFECTS, Difference, difference
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.views.catalogue.changes import ChangesPage, ComparedVersions, ProposalRow, VersionRow
from ganzhi.measure.views.catalogue.query import ChangesQuery
from ganzhi.store.catalogues import CatalogueVersion
from ganzhi.store.open import Store
from ganzhi.store.revisions.proposals import Proposal
from ganzhi.warehouse.workplace import Workplace

ENTRIES_A_PAGE = 50


def changes_page(workplace: Workplace, asked: ChangesQuery) -> ChangesPage:
    """Versions and proposals, newest first; with `a` and `b` what differs between them.

    Raises: InputError STO026 for a version that is not there, REQ022 when only one of two is given.
    """
    store, catalogue = workplace.store, workplace.catalogue
    compared = None
    if asked.a or asked.b:
        if not (asked.a and asked.b):
            raise InputError(Issue("REQ022", "b" if asked.a else "a"))
        compared = compared_versions(
            difference(_read(store, catalogue, asked.a), _read(store, catalogue, asked.b)), asked.page
        )
    return ChangesPage(
        versions=version_rows(store.catalogues.history(), catalogue.version),
        proposals=tuple(proposal_row(each) for each in store.proposals.list()),
        compared=compared,
        catalogue_version=catalogue.version,
    )


def _read(store: Store, current: Catalogue, name: str) -> Catalogue:
    """A remembered version, by its name or the beginning of it."""
    version = store.catalogues.find(name)
    if version == current.version:
        return current
    content = store.catalogues.get(version)
    assert content is not None
    return from_json(content)


def version_rows(history: tuple[CatalogueVersion, ...], current: str) -> tuple[VersionRow, ...]:
    """Versions, newest first, each with the one before it. current: the version in force."""
    rows = []
    for place, each in enumerate(history):
        before = history[place - 1].version if place else None
        rows.append(
            VersionRow(
                each.version,
                each.remembered_at,
                each.author,
                each.reason,
                each.valid_from,
                each.superseded_at,
                each.version == current,
                before,
            )
        )
    return tuple(reversed(rows))


def proposal_row(proposal: Proposal) -> ProposalRow:
    """A proposal with the number of entries it touches."""
    content: Any = proposal.content
    return ProposalRow(
        id=proposal.id,
        base_version=proposal.base_version,
        author=proposal.author,
        reason=proposal.reason,
        source=proposal.source,
        created_at=proposal.created_at,
        state=proposal.state,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        note=proposal.note,
        resulting_version=proposal.resulting_version,
        put=sum(len(entries) for entries in content["put"].values()),
        drop=sum(len(codes) for codes in content["drop"].values()),
    )


def compared_versions(found: Difference, asked: int) -> ComparedVersions:
    """A difference, one page of its entries at a time, the gravest effect first."""
    ordered = tuple(sorted(found.entries, key=lambda entry: EFFECTS.index(entry.effect)))
    pages = max(1, -(-len(ordered) // ENTRIES_A_PAGE))
    page = min(max(1, asked), pages)
    effects = Counter(entry.effect for entry in ordered)
    return ComparedVersions(
        old=found.old,
        new=found.new,
        entries=ordered[(page - 1) * ENTRIES_A_PAGE : page * ENTRIES_A_PAGE],
        all_entries=ordered,
        meanings=found.meanings,
        effects=tuple((effect, effects[effect]) for effect in EFFECTS if effects[effect]),
        added=found.count("added"),
        removed=found.count("removed"),
        changed=found.count("changed"),
        page=page,
        pages=pages,
    )
