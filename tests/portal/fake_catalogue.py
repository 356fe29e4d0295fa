"""Ports of what is declared over the declared catalogue, with three versions and two proposals.

In the empty variant no data arrived and nothing was ever changed; the hostile one attacks by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.exchange.difference import difference
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import KINDS, Catalogue
from ganzhi.measure.build.catalogue.changes import compared_versions, proposal_row, version_rows
from ganzhi.measure.build.catalogue.feeds import feed_page, feeds_page
from ganzhi.measure.build.catalogue.matrix import matrix_page
from ganzhi.measure.build.catalogue.reports import report_page, reports_page
from ganzhi.measure.build.catalogue.surroundings import surroundings_page
from ganzhi.measure.build.catalogue.tree import tree_page
from ganzhi.measure.views.catalogue.changes import ChangesPage
from ganzhi.measure.views.catalogue.query import ChangesQuery
from ganzhi.portal.context import CataloguePorts
from ganzhi.store.catalogues import CatalogueVersion
from ganzhi.store.revisions.proposals import Proposal
from tests.catalogue.declared import declared_catalogue

ARRIVED = frozenset({"payments"})
KEPT = ("commercial_processes", "processes", "process_classes", "stages", "systems", "capabilities", "channels")
THEN = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
OLD, NEW = "small 0.1+000000000000", "small 0.1+111111111111"
WORKBOOK = b"PK workbook"


def shown_catalogue(attacked: Callable[[Text], Text]) -> Catalogue:
    return declared_catalogue(lambda zh, en: attacked(Text(zh=zh, en=en)))


def bare_catalogue() -> Catalogue:
    """One in which only processes are declared."""
    return replace(declared_catalogue(), **{kind: {} for kind, _ in KINDS if kind not in KEPT})


def _changed(old: Catalogue) -> Catalogue:
    """The same with a target raised and an indicator gone."""
    quick = old.indicators["pay.quick"]
    limits = quick.targets.management
    assert limits is not None
    targets = quick.targets.model_copy(update={"management": limits.model_copy(update={"target": limits.challenge})})
    indicators = {code: each for code, each in old.indicators.items() if code != "pay.copy"}
    indicators["pay.quick"] = quick.model_copy(update={"targets": targets})
    return replace(old, version=NEW, indicators=indicators)


def _proposal(attack: str) -> Proposal:
    return Proposal(
        id="019b0000-0000-7000-8000-0000000000aa",
        base_version=OLD,
        content={"put": {"indicators": {"pay.quick": {}}}, "drop": {"indicators": ["pay.copy"]}},
        author=f"analyst{attack}",
        reason=f"raise the target{attack}",
        source="targets.xlsx",
        created_at=THEN,
        state="approved",
        decided_by="owner",
        decided_at=THEN,
        note="agreed",
        number=1,
        resulting_version=NEW,
        version=2,
    )


STANDS_FOR = {"calls": "payments"}
"""The feed of the made-up records is not declared in the made-up catalogue; another feed's page stands for its own."""


def catalogue_ports(variant: str, attacked: Callable[[Text], Text], attack: str = "") -> CataloguePorts:
    """The ports. attack: appended to what people wrote."""
    return ports_of(shown_catalogue(attacked), variant, attack)


def ports_of(catalogue: Catalogue, variant: str = "full", attack: str = "") -> CataloguePorts:
    """The ports over any catalogue."""
    arrived = frozenset() if variant == "empty" else ARRIVED

    def changes(asked: ChangesQuery) -> ChangesPage:
        if variant == "empty":
            return ChangesPage((), (), None, OLD)
        if {asked.a, asked.b} - {None, OLD, NEW}:
            raise InputError(Issue("STO026", "a", params={"found": "0", "known": OLD}))
        history = (
            CatalogueVersion(OLD, THEN, None, None, None, THEN),
            CatalogueVersion(NEW, THEN, f"analyst{attack}", "raise the target", date(2026, 11, 2), None),
        )
        waiting = replace(_proposal(attack), id="x2", state="proposed", decided_by=None, resulting_version=None)
        compared = compared_versions(difference(catalogue, _changed(catalogue)), asked.page) if asked.a else None
        rows = tuple(proposal_row(each) for each in (waiting, _proposal(attack)))
        return ChangesPage(version_rows(history, NEW), rows, compared, NEW)

    return CataloguePorts(
        tree=lambda asked: tree_page(catalogue, asked),
        matrix=lambda: matrix_page(catalogue, arrived),
        feeds=lambda asked: feeds_page(catalogue, asked, arrived),
        feed=lambda code: feed_page(catalogue, STANDS_FOR.get(code, code), arrived),
        reports=lambda: reports_page(catalogue, arrived),
        report=lambda code: report_page(catalogue, code, arrived),
        surroundings=lambda: surroundings_page(catalogue, arrived),
        changes=changes,
        workbook=lambda: WORKBOOK,
    )
