"""The pages of analyses that other packages bring along."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.analyses.pages import ANALYSES, ANALYSIS

ANALYSIS_PAGES: tuple[Page, ...] = (ANALYSES, ANALYSIS)
