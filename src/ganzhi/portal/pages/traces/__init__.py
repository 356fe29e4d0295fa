"""Pages of traces: the list, one trace, its lists of stuck transactions, one day, one transaction's story."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.traces.day import TRACE_DAY
from ganzhi.portal.pages.traces.one import TRACE, TRACES
from ganzhi.portal.pages.traces.story import STORY
from ganzhi.portal.pages.traces.stuck import STUCK

TRACE_PAGES: tuple[Page, ...] = (TRACES, TRACE, STUCK, TRACE_DAY, STORY)
