"""Pages of service blueprints: the list, one blueprint, its handbook."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.blueprints.listing import BLUEPRINTS
from ganzhi.portal.pages.blueprints.one import BLUEPRINT, HANDBOOK

BLUEPRINT_PAGES: tuple[Page, ...] = (BLUEPRINTS, BLUEPRINT, HANDBOOK)
