"""Acts on tickets, problems and faults as literal tables: what may be done when, by which of the two roles (S003-006).

Pure. A ticket is with the customer-service centre or with a business department; from every state but `closed` some
way leads back to the centre, which alone closes. What was done last can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from ganzhi.base.errors import InputError, Issue

TicketState = Literal["centre", "business", "waiting", "closed"]
"""With the customer-service centre; with a business department; waiting for the customer; closed at the desk."""
STATES: Final[tuple[TicketState, ...]] = get_args(TicketState)
ProblemState = Literal["open", "solved", "tracking", "closed"]
PROBLEM_STATES: Final[tuple[ProblemState, ...]] = get_args(ProblemState)
FaultState = Literal["open", "cleared", "closed"]
"""Being cleared; cleared and to be tried again; it could not be reproduced any more."""
FAULT_STATES: Final[tuple[FaultState, ...]] = get_args(FaultState)
Mode = Literal["case", "class"]
"""Fix the case, or open an action for the whole class of cases (S000-088)."""
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
Link = Literal["complaint", "trouble", "fault", "finding", "action"]
LINKS: Final[tuple[Link, ...]] = get_args(Link)
Reproduced = Literal["reproducible", "not_reproducible"]
"""Whether what a customer tells could be brought about again (S003-023)."""
REPRODUCED: Final[tuple[Reproduced, ...]] = get_args(Reproduced)
Outcome = Literal["accepted", "not_accepted", "unreached"]
"""What a customer says to the answer; unreached: it was tried (S001-015)."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class DeskForm:
    """An act with the fields of its form. before: states in which it is possible. needs: fields that must be filled."""

    act: str
    before: tuple[str, ...]
    fields: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    main: bool = False


_HELD: Final = ("centre", "business")
TICKET_ACTS: Final[tuple[DeskForm, ...]] = (
    DeskForm("take", ("centre", "business", "waiting"), main=True),
    DeskForm("hand_over", ("centre",), ("department", "reason"), ("department", "reason"), main=True),
    DeskForm("solve", ("business",), ("reason",), ("reason",), main=True),
    DeskForm("send_back", ("business",), ("reason",), ("reason",)),
    DeskForm("pass_on", ("business",), ("department", "reason"), ("department", "reason")),
    DeskForm("involve", _HELD, ("department", "reason"), ("department", "reason")),
    DeskForm("reply", _HELD, ("department", "reason"), ("department", "reason")),
    DeskForm("wait", _HELD, ("reason",), ("reason",)),
    DeskForm("answered", ("waiting",), ("reason",), main=True),
    DeskForm("promise", ("centre", "business", "waiting"), ("until", "reason"), ("until",)),
    DeskForm("escalate", _HELD, ("reason",), ("reason",)),
    DeskForm("assign", ("centre", "business", "waiting"), ("owner", "reason"), ("owner",)),
    DeskForm("reproduce", _HELD, ("found", "reason"), ("found", "reason")),
    DeskForm("responsible", ("centre", "business", "waiting", "closed"), ("party", "reason"), ("party", "reason")),
    DeskForm(
        "feedback",
        ("centre", "business", "waiting"),
        ("via", "outcome", "reason"),
        ("via", "outcome", "reason"),
    ),
    DeskForm("close", ("centre",), ("reason", "checked"), ("reason",), main=True),
    DeskForm("reopen", ("closed",), ("reason",), ("reason",), main=True),
    DeskForm("note", ("centre", "business", "waiting", "closed"), ("reason",), ("reason",)),
    DeskForm("undo", ("centre", "business", "waiting", "closed"), ("reason",)),
)
"""take: it is mine now. hand_over: from the centre to a department; solve, send_back: back, with a solution or because it
does not belong there; pass_on: to another department. involve, reply: another department is asked beside, and has
answered. escalate: to the next department on the path. reproduce: whether it could be brought about again. responsible:
whose responsibility it is, with the evidence. feedback: what the customer was told, over which channel, and what they say."""

PROBLEM_ACTS: Final[tuple[DeskForm, ...]] = (
    DeskForm("link", ("open", "solved", "tracking"), ("kind", "ref"), ("kind", "ref")),
    DeskForm("unlink", ("open", "solved", "tracking"), ("kind", "ref"), ("kind", "ref")),
    DeskForm("mode", ("open",), ("mode", "reason"), ("mode", "reason")),
    DeskForm("reproduce", ("open",), ("found", "reason"), ("found", "reason")),
    DeskForm("solution", ("open",), ("reason",), ("reason",), main=True),
    DeskForm("check", ("solved", "tracking"), ("neighbours", "clean", "reason"), ("neighbours", "reason"), main=True),
    DeskForm("track", ("solved",), ("reason",), main=True),
    DeskForm("resume", ("solved", "tracking"), ("reason",), ("reason",)),
    DeskForm("close", ("tracking",), ("reason",), ("reason",), main=True),
    DeskForm("assign", ("open", "solved", "tracking"), ("owner", "reason"), ("owner",)),
    DeskForm("note", ("open", "solved", "tracking", "closed"), ("reason",), ("reason",)),
    DeskForm("undo", ("open", "solved", "tracking", "closed"), ("reason",)),
)
"""check: neighbouring elements and processes were looked at for side effects (S000-090). track: the effect is followed.
resume: the solution did not hold."""

FAULT_ACTS: Final[tuple[DeskForm, ...]] = (
    DeskForm("take", ("open", "cleared"), main=True),
    DeskForm("clear", ("open",), ("cause", "reason"), ("cause", "reason"), main=True),
    DeskForm("verify", ("cleared",), ("reason",), ("reason",), main=True),
    DeskForm("resume", ("cleared", "closed"), ("reason",), ("reason",)),
    DeskForm("pass_on", ("open",), ("department", "reason"), ("department", "reason")),
    DeskForm("assign", ("open", "cleared"), ("owner", "reason"), ("owner",)),
    DeskForm("note", ("open", "cleared", "closed"), ("reason",), ("reason",)),
    DeskForm("undo", ("open", "cleared", "closed"), ("reason",)),
)
"""clear: cause and remedy are there, its clock ends. verify: tried again, it cannot be reproduced. resume: it still can."""


def possible(acts: tuple[DeskForm, ...], state: str) -> tuple[DeskForm, ...]:
    """The acts that may be done in a state.

    >>> [each.act for each in possible(TICKET_ACTS, "closed")]
    ['reopen', 'note', 'undo']
    """
    return tuple(each for each in acts if state in each.before)


def form_of(acts: tuple[DeskForm, ...], name: str, state: str) -> DeskForm:
    """The act of a name. Raises: InputError DSK003 when it is not possible in the state, with those that are."""
    found = next((each for each in acts if each.act == name), None)
    if found is None or state not in found.before:
        allowed = ", ".join(each.act for each in possible(acts, state))
        raise InputError(Issue("DSK003", name[:64], params={"state": state, "allowed": allowed}))
    return found
