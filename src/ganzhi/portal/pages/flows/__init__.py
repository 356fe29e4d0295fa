"""Pages of flows: the list, one flow, the cases behind its counts."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.flows.cases import CASES
from ganzhi.portal.pages.flows.listing import FLOWS
from ganzhi.portal.pages.flows.one import FLOW

FLOW_PAGES: tuple[Page, ...] = (FLOWS, FLOW, CASES)
