"""Addresses of reports, and their ports."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from ganzhi.portal.links import url
from ganzhi.portal.ports.reports import SupportPorts
from ganzhi.portal.visit import Visit

PATH: Final = "/reports"
SUPPORT_PATH: Final = f"{PATH}/support"


def ports_of(visit: Visit) -> SupportPorts:
    """The ports; a portal without any answers 404."""
    if visit.context.support is None:
        raise HTTPException(404)
    return visit.context.support


def support_link(period: str, region: str | None = None, edition: int | None = None) -> str:
    """The report of a month."""
    return url(f"{SUPPORT_PATH}/{period}", {"region": region, "edition": edition})
