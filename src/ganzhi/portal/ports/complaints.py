"""Ports of the pages about complaints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.complaints.board import Board, BoardQuery, board_page
from ganzhi.complaints.desk.process.splits import PartiesPage, WorthPage, parties_page, worth_page
from ganzhi.complaints.shelf import (
    EnquiriesPage,
    IssuesPage,
    TaxonomyPage,
    TimesPage,
    enquiries_page,
    issues_page,
    taxonomy_page,
    times_page,
)
from ganzhi.complaints.tickets.parties import By
from ganzhi.complaints.times import Cut
from ganzhi.measure.answers import Answers
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class ComplaintPorts:
    """board: hot spots of a place and period. parties: whose responsibility complaints were, by what; worth: of which class
    of value their customers are. taxonomy: the classes; issues: registers; enquiries: topics; times: of steps, by what."""

    board: Callable[[PageQuery, BoardQuery], Board]
    parties: Callable[[PageQuery, By], PartiesPage]
    worth: Callable[[PageQuery], WorthPage]
    taxonomy: Callable[[PageQuery], TaxonomyPage]
    issues: Callable[[], IssuesPage]
    enquiries: Callable[[PageQuery], EnquiriesPage]
    times: Callable[[PageQuery, Cut], TimesPage]


def complaint_ports(answers: Answers, viewer: Viewer) -> ComplaintPorts:
    """The ports on the answers of an open workspace, for one viewer."""
    return ComplaintPorts(
        board=lambda query, asked: answers.kept(
            viewer, ("complaints", query, asked), lambda reader: board_page(reader, query, asked)
        ),
        parties=lambda query, by: answers.fresh(viewer, lambda reader: parties_page(reader, query, by)),
        worth=lambda query: answers.kept(
            viewer, ("complaint-classes", query), lambda reader: worth_page(reader, query)
        ),
        taxonomy=lambda query: answers.kept(
            viewer, ("complaint taxonomy", query), lambda reader: taxonomy_page(reader, query)
        ),
        issues=lambda: answers.fresh(viewer, issues_page),
        enquiries=lambda query: answers.kept(
            viewer, ("complaint enquiries", query), lambda reader: enquiries_page(reader, query)
        ),
        times=lambda query, by: answers.fresh(viewer, lambda reader: times_page(reader, query, by)),
    )
