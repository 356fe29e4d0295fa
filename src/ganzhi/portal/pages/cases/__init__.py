"""Pages of the case library."""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.cases.exchange import EXCHANGE, SHARED
from ganzhi.portal.pages.cases.form import EDIT, NEW
from ganzhi.portal.pages.cases.learning import LEARNING, REGISTER
from ganzhi.portal.pages.cases.listing import CASES
from ganzhi.portal.pages.cases.manuals import MANUAL, MANUAL_EDIT, MANUALS
from ganzhi.portal.pages.cases.one import CASE
from ganzhi.portal.pages.cases.tidy import TIDY

CASE_PAGES: tuple[Page, ...] = (
    CASES,
    NEW,
    TIDY,
    EXCHANGE,
    LEARNING,
    REGISTER,
    MANUALS,
    MANUAL_EDIT,
    MANUAL,
    EDIT,
    CASE,
)
CASE_FILES: tuple[Download, ...] = SHARED
