"""Ports of the pages about complaints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.complaints.board import Board, BoardQuery, board_page
from ganzhi.complaints.desk.process.splits import PartiesPage, WorthPage, parties_page, worth_page
from ganzhi.complaints.tickets.parties import By
from ganzhi.measure.answers import Answers
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class ComplaintPorts:
    """board: hot spots of a place and period. parties: whose responsibility complaints were, by what; worth: of which class
    of value their customers are."""

    board: Callable[[PageQuery, BoardQuery], Board]
    parties: Callable[[PageQuery, By], PartiesPage]
    worth: Callable[[PageQuery], WorthPage]


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
    )
