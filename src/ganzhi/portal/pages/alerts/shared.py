"""What the pages of warnings share: their ports, and the reading of forms."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException

from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.forms import Form
from ganzhi.portal.ports.alerts import AlertPorts
from ganzhi.portal.ports.watch import WatchPorts
from ganzhi.portal.visit import Visit


def ports_of(visit: Visit) -> AlertPorts:
    """The ports; a portal without any answers 404."""
    if visit.context.alerts is None:
        raise HTTPException(404)
    return visit.context.alerts


def watch_of(visit: Visit) -> WatchPorts:
    """The ports of what surrounds warnings; a portal without any answers 404."""
    if visit.context.watch is None:
        raise HTTPException(404)
    return visit.context.watch


def chosen(form: Form, name: str, known: Sequence[str]) -> str:
    """A field that holds one of a few words; InputError POR001."""
    value = form.text(name, 40)
    if value not in known:
        raise InputError(Issue("POR001", name, params={"value": value, "known": ", ".join(known)}))
    return value


def counted(form: Form, name: str) -> int:
    """A field that holds a count; InputError POR003."""
    text = form.text(name, 9)
    if not (text.isascii() and text.isdigit()):
        raise InputError(Issue("POR003", name, params={"value": text, "most": "999999999"}))
    return int(text)
