"""The desk in words: limits, time left, acts, addresses; shared by its pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.exceptions import HTTPException

from ganzhi.base import wording
from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.complaints.desk.acts import DeskForm
from ganzhi.complaints.desk.limits import Limit
from ganzhi.complaints.desk.views import DeskAsked, QueueQuery
from ganzhi.portal.forms import Form
from ganzhi.portal.links import url
from ganzhi.portal.pages.alerts.shared import chosen, counted
from ganzhi.portal.ports.desk import DeskPorts
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit

QUEUE = "/complaints/queue"
FLOW = "/complaints/flow"
PROBLEMS = "/complaints/problems"
FAULTS = "/complaints/faults"
LEVEL = {"over": "red", "soon": "yellow"}
"""The level of what is urgent; what is not has no colour."""
LONGEST = 2_000


def ports_of(visit: Visit) -> DeskPorts:
    """The ports; a portal without any answers 404."""
    if visit.context.desk is None:
        raise HTTPException(404)
    return visit.context.desk


def ticket_link(name: str) -> str:
    """The page of a ticket."""
    return url(f"/complaints/tickets/{name}", {})


def problem_link(given: str) -> str:
    """The page of a problem."""
    return f"{PROBLEMS}/{given}"


def fault_link(given: str) -> str:
    """The page of a fault."""
    return f"{FAULTS}/{given}"


def queue_link(query: QueueQuery) -> str:
    """The queue under conditions."""
    return url(
        QUEUE,
        {
            "state": None if query.shown == "open" else query.shown,
            "region": query.unit,
            "department": query.department,
            "category": query.category,
            "kind": query.kind,
            "step": query.step,
            "age": query.age,
            "owner": query.owner,
            "mine": "yes" if query.mine else None,
            "page": query.page if query.page > 1 else None,
        },
    )


def left_text(words: Words, left: timedelta | None) -> str:
    """The time left, or for how long it has been over."""
    if left is None:
        return words.t("desk.stands_still")
    seconds = left.total_seconds()
    span = wording.duration(words.lang, seconds)
    return words.t("alerts.overdue_by", span=span) if seconds < 0 else words.t("alerts.left", span=span)


def limit_name(words: Words, limit: Limit, names: Mapping[str, str] | None = None) -> str:
    """Which limit it is."""
    return words.t(f"desk.why.{limit.why}", department=(names or {}).get(limit.of, limit.of))


def span_text(words: Words, limit: TimeLimit) -> str:
    """A declared limit."""
    for name in ("hours", "working_hours", "working_days"):
        value = getattr(limit, name)
        if value is not None:
            return words.t(f"desk.span.{name}", n=wording.exact_text(float(value)))
    return ""


def age_text(words: Words, age: timedelta) -> str:
    """How old something is."""
    return wording.duration(words.lang, max(age.total_seconds(), 0))


def asked_in(form: Form, acts: tuple[DeskForm, ...]) -> DeskAsked:
    """What a form asks for. Raises: InputError POR001 for an act that has no form, POR002, POR003."""
    act = chosen(form, "do", tuple(each.act for each in acts))
    fields = next(each for each in acts if each.act == act).fields
    return DeskAsked(act, counted(form, "version"), {name: form.text(name, LONGEST) for name in fields})
