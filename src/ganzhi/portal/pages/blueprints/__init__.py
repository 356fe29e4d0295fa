"""Pages of service blueprints: the list, the whole support system, one blueprint, its handbook."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.blueprints.listing import BLUEPRINTS
from ganzhi.portal.pages.blueprints.one import BLUEPRINT, HANDBOOK
from ganzhi.portal.pages.blueprints.panorama import PANORAMA

BLUEPRINT_PAGES: tuple[Page, ...] = (BLUEPRINTS, PANORAMA, BLUEPRINT, HANDBOOK)
