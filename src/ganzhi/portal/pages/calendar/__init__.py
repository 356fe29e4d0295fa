"""Pages of the calendar, and of what broke near its occasions or moved before an indicator."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.calendar.month import CALENDAR
from ganzhi.portal.pages.calendar.moves import MOVES
from ganzhi.portal.pages.calendar.occasion import OCCASION

CALENDAR_PAGES: tuple[Page, ...] = (CALENDAR, OCCASION, MOVES)
