"""Ports of the pages about complaints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.complaints.board import Board, BoardQuery, board_page
from ganzhi.measure.answers import Answers
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class ComplaintPorts:
    """board: hot spots of a place and period."""

    board: Callable[[PageQuery, BoardQuery], Board]


def complaint_ports(answers: Answers, viewer: Viewer) -> ComplaintPorts:
    """The ports on the answers of an open workspace, for one viewer."""
    return ComplaintPorts(
        board=lambda query, asked: answers.kept(
            viewer, ("complaints", query, asked), lambda reader: board_page(reader, query, asked)
        )
    )
