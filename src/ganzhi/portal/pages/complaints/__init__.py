"""Pages about complaints."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.complaints.board import BOARD
from ganzhi.portal.pages.complaints.faults import FAULT, FAULT_LIST
from ganzhi.portal.pages.complaints.flow import FLOW_BOARD
from ganzhi.portal.pages.complaints.problems import PROBLEM, PROBLEM_LIST
from ganzhi.portal.pages.complaints.queue import QUEUE_PAGE
from ganzhi.portal.pages.complaints.reports import REPORT_PAGES
from ganzhi.portal.pages.complaints.shelf import SHELF_PAGES
from ganzhi.portal.pages.complaints.source import SOURCE_PAGES
from ganzhi.portal.pages.complaints.splits import SPLIT_PAGES
from ganzhi.portal.pages.complaints.ticket import TICKET

COMPLAINT_PAGES: tuple[Page, ...] = (
    BOARD,
    *REPORT_PAGES,
    *SOURCE_PAGES,
    *SHELF_PAGES,
    QUEUE_PAGE,
    FLOW_BOARD,
    TICKET,
    PROBLEM_LIST,
    PROBLEM,
    FAULT_LIST,
    *SPLIT_PAGES,
    FAULT,
)
