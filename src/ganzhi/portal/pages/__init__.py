"""The pages, one module each; `PAGES` is read top to bottom."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.arrival import DATA, REJECTS
from ganzhi.portal.pages.dictionary import DICTIONARY, ENTRY
from ganzhi.portal.pages.indicator import INDICATOR
from ganzhi.portal.pages.journeys import JOURNEY_PAGES
from ganzhi.portal.pages.later import EMPTY_PAGES
from ganzhi.portal.pages.overview import OVERVIEW, REGION
from ganzhi.portal.pages.records import RECORDS
from ganzhi.portal.pages.search import SEARCH
from ganzhi.portal.pages.topic import TOPIC, TOPICS

PAGES: tuple[Page, ...] = (
    OVERVIEW,
    REGION,
    TOPICS,
    TOPIC,
    INDICATOR,
    RECORDS,
    DICTIONARY,
    ENTRY,
    DATA,
    REJECTS,
    SEARCH,
    *JOURNEY_PAGES,
    *EMPTY_PAGES,
)
