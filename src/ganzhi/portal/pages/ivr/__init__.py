"""The page of the voice menu."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.ivr.page import IVR

IVR_PAGES: tuple[Page, ...] = (IVR,)
