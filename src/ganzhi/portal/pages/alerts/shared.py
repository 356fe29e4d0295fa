"""What the pages of warnings share: their ports."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from ganzhi.portal.ports.alerts import AlertPorts
from ganzhi.portal.visit import Visit


def ports_of(visit: Visit) -> AlertPorts:
    """The ports; a portal without any answers 404."""
    if visit.context.alerts is None:
        raise HTTPException(404)
    return visit.context.alerts
