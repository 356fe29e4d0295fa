"""The dictionary's further pages: tree, matrix, feeds, reports, surroundings, changes, and the workbook; closed periods; the goals.

The pages with a word of their own come before the one whose word is an indicator's code.
"""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.catalogue.changes import CHANGES
from ganzhi.portal.pages.catalogue.closings import CLOSINGS
from ganzhi.portal.pages.catalogue.feeds import FEED, FEEDS
from ganzhi.portal.pages.catalogue.goals import GOALS_PAGE
from ganzhi.portal.pages.catalogue.matrix import MATRIX
from ganzhi.portal.pages.catalogue.reports import REPORT, REPORTS
from ganzhi.portal.pages.catalogue.surroundings import SURROUNDINGS
from ganzhi.portal.pages.catalogue.tree import TREE

CATALOGUE_PAGES: tuple[Page, ...] = (
    TREE,
    MATRIX,
    FEEDS,
    FEED,
    REPORTS,
    REPORT,
    SURROUNDINGS,
    CHANGES,
    CLOSINGS,
    GOALS_PAGE,
)

WORKBOOK = Download(
    "/dictionary/workbook.xlsx",
    "catalogue.xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    lambda visit: visit.context.catalogue.workbook(),
)
