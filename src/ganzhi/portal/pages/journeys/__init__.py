"""The journeys: process frame, touchpoint matrix, derivation, selection, and one process.

The pages with a word of their own come before the one whose word is a process code.
"""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.journeys.benchmark import BENCHMARK
from ganzhi.portal.pages.journeys.derivation import DERIVATION
from ganzhi.portal.pages.journeys.frame import FRAME
from ganzhi.portal.pages.journeys.process import PROCESS
from ganzhi.portal.pages.journeys.selection import SELECTION
from ganzhi.portal.pages.journeys.touchpoints import TOUCHPOINTS

JOURNEY_PAGES: tuple[Page, ...] = (FRAME, TOUCHPOINTS, DERIVATION, SELECTION, PROCESS, BENCHMARK)
