"""The pages, one module each; `PAGES` is read top to bottom."""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.accounts import ACCOUNT_PAGES
from ganzhi.portal.pages.alerts import ALERT_FILES, ALERT_PAGES
from ganzhi.portal.pages.analyses import ANALYSIS_PAGES
from ganzhi.portal.pages.arrival import DATA, REJECTS
from ganzhi.portal.pages.ask import ASK_PAGES
from ganzhi.portal.pages.blueprints import BLUEPRINT_PAGES
from ganzhi.portal.pages.calendar import CALENDAR_PAGES
from ganzhi.portal.pages.cases import CASE_FILES, CASE_PAGES
from ganzhi.portal.pages.catalogue import CATALOGUE_PAGES, WORKBOOK
from ganzhi.portal.pages.complaints import COMPLAINT_PAGES
from ganzhi.portal.pages.dictionary import DICTIONARY, ENTRY
from ganzhi.portal.pages.explain import EXPLAIN
from ganzhi.portal.pages.flows import FLOW_PAGES
from ganzhi.portal.pages.imports import IMPORT_FILES, IMPORT_PAGES
from ganzhi.portal.pages.indicator import INDICATOR
from ganzhi.portal.pages.ivr import IVR_PAGES
from ganzhi.portal.pages.journeys import JOURNEY_PAGES
from ganzhi.portal.pages.knowledge import KNOWLEDGE_FILES, KNOWLEDGE_PAGES
from ganzhi.portal.pages.later import EMPTY_PAGES
from ganzhi.portal.pages.overview import ATTENTION, OVERVIEW
from ganzhi.portal.pages.panorama.pages import PANORAMA_PAGES
from ganzhi.portal.pages.records import RECORDS
from ganzhi.portal.pages.rows.record import RECORD
from ganzhi.portal.pages.search import SEARCH
from ganzhi.portal.pages.support import SUPPORT_FILES, SUPPORT_PAGES
from ganzhi.portal.pages.topic import TOPIC, TOPICS
from ganzhi.portal.pages.traces import TRACE_PAGES

PAGES: tuple[Page, ...] = (
    OVERVIEW,
    *PANORAMA_PAGES,
    ATTENTION,
    TOPICS,
    TOPIC,
    INDICATOR,
    EXPLAIN,
    RECORDS,
    RECORD,
    DICTIONARY,
    *CATALOGUE_PAGES,
    ENTRY,
    DATA,
    REJECTS,
    *IMPORT_PAGES,
    SEARCH,
    *JOURNEY_PAGES,
    *TRACE_PAGES,
    *FLOW_PAGES,
    *IVR_PAGES,
    *BLUEPRINT_PAGES,
    *COMPLAINT_PAGES,
    *CASE_PAGES,
    *KNOWLEDGE_PAGES,
    *SUPPORT_PAGES,
    *ALERT_PAGES,
    *CALENDAR_PAGES,
    *ASK_PAGES,
    *ANALYSIS_PAGES,
    *EMPTY_PAGES,
    *ACCOUNT_PAGES,
)

DOWNLOADS: tuple[Download, ...] = (
    WORKBOOK,
    *IMPORT_FILES,
    *ALERT_FILES,
    *CASE_FILES,
    *KNOWLEDGE_FILES,
    *SUPPORT_FILES,
)
"""Files that are no table of a page."""
