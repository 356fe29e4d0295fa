"""The pages of this folder in one list; a module of its own, for the overview needs a part of what they share.

Those under `/journeys` come before the one whose last word is a process code.
"""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.panorama.elements import ELEMENTS
from ganzhi.portal.pages.panorama.halls import HALL, HALLS
from ganzhi.portal.pages.panorama.lifecycle import LIFECYCLE
from ganzhi.portal.pages.panorama.modules import MODULE, MODULES
from ganzhi.portal.pages.panorama.place import REGION
from ganzhi.portal.pages.panorama.today import TODAY
from ganzhi.portal.pages.panorama.wall import WALL

PANORAMA_PAGES: tuple[Page, ...] = (ELEMENTS, LIFECYCLE, MODULES, MODULE, REGION, HALLS, HALL, TODAY, WALL)
