"""Pages of notes on indicators, processes and cases."""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.knowledge.listing import FILE, NOTES

KNOWLEDGE_PAGES: tuple[Page, ...] = (NOTES,)
KNOWLEDGE_FILES: tuple[Download, ...] = (FILE,)
