"""The one way of everything customers come with, whatever the channel: taken in, routed, answered, closed (S001-015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.story import Standing, told
from ganzhi.complaints.tickets.read import Step, Ticket
from ganzhi.store.desk.acts import DeskAct

Stage = Literal["intake", "routing", "feedback", "closing"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
_GIVEN: Final = ("hand_over", "pass_on", "escalate", "involve")
_BACK: Final = ("solve", "send_back")


@dataclass(frozen=True, slots=True)
class Stop:
    """Something on the way. where: a channel of intake or feedback, or a department it was given to; None where it is not
    recorded. who: account or team; empty where nobody is named. outcome: what the customer says to the answer."""

    stage: Stage
    at: datetime
    where: Text | None
    who: str
    outcome: str = ""
    told: str = ""


def way(
    catalogue: Catalogue,
    ticket: Ticket,
    stands: Standing,
    steps: Sequence[Step],
    acts: Sequence[DeskAct],
    name: Mapping[str, Text],
    centre: str,
) -> tuple[Stop, ...]:
    """The stops of a ticket, stage by stage, each in the order of time. acts: those that stand. name: of departments, by
    code and as records write them; centre: that handed-back tickets go to."""
    found = [
        Stop("intake", ticket.received_at, channel_name(catalogue, ticket.channel), ticket.agent or ticket.team or "")
    ]
    routed = [
        Stop("routing", step.assigned_at, name.get(step.department), step.handler or step.team or "") for step in steps
    ]
    if not steps and ticket.department:
        routed.append(Stop("routing", ticket.received_at, name.get(ticket.department, _same(ticket.department)), ""))
    for act in acts:
        if act.act in (*_GIVEN, *_BACK):
            to = centre if act.act in _BACK else told(act, "department")
            routed.append(Stop("routing", act.at, name.get(to, _same(to)), act.actor))
    found += sorted(routed, key=lambda each: each.at)
    done = {act.number: act for act in acts}
    for each in stands.feedback:
        at = each.at if each.number is None else done[each.number].at
        found.append(Stop("feedback", at, channel_name(catalogue, each.via), each.by, each.outcome, each.told))
    found += _closings(ticket, stands, acts)
    return tuple(found)


def _closings(ticket: Ticket, stands: Standing, acts: Sequence[DeskAct]) -> list[Stop]:
    if not stands.closed:
        return []
    last = next((act for act in reversed(acts) if act.act == "close"), None)
    if stands.closed_by == "desk" and last is not None:
        return [Stop("closing", last.at, None, last.actor, told=told(last, "reason"))]
    at = max((each.at for each in stands.happenings if each.what == "closed"), default=ticket.closed_at)
    return [] if at is None else [Stop("closing", at, None, "")]


def channel_name(catalogue: Catalogue, code: str | None) -> Text | None:
    """A channel in words; its code where it is not declared."""
    if not code:
        return None
    found = catalogue.channels.get(code)
    return _same(code) if found is None else found.name


def _same(text: str) -> Text:
    return Text(zh=text or "–", en=text or "–")
