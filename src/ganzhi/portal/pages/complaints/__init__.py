"""Pages about complaints."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.complaints.board import BOARD

COMPLAINT_PAGES: tuple[Page, ...] = (BOARD,)
