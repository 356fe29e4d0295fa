"""States and acts of a finding, as one literal table (S003-008): what may be done when, by whom, and what comes of it.

Pure. Nothing else decides which act is possible; whoever shows acts asks `possible`. From every state but
`closed` some way leads to `closed`, and none leads back out of it: what happens again is a new finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.store.findings.records import STATES, Entry, State

By = Literal["person", "program", "either"]

WORKED_ON: Final[tuple[State, ...]] = ("published", "acknowledged", "analysing", "measured", "checking")
"""States in which a finding was made known and is worked on."""

KEPT_BACK: Final[tuple[State, ...]] = ("merged", "suppressed", "withheld")
"""States in which a finding is recorded, with a reason, and told to nobody."""

OPEN: Final[tuple[State, ...]] = ("raised", *WORKED_ON, *KEPT_BACK)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done about a finding.

    before: states in which it may be done; empty for the act that makes the finding. after: the state it leads to;
    None leaves the state. reason: whether one must be given.
    """

    name: str
    before: tuple[State, ...]
    after: State | None
    by: By
    reason: bool = False


ACTS: Final[tuple[Act, ...]] = (
    Act("raise", (), "raised", "program"),
    Act("publish", ("raised",), "published", "either"),
    Act("acknowledge", ("published",), "acknowledged", "person"),
    Act("analyse", ("acknowledged",), "analysing", "person"),
    Act("feedback", ("analysing",), "measured", "person"),
    Act("check", ("measured",), "checking", "person"),
    Act("resume", ("checking",), "analysing", "either", reason=True),
    Act("close", ("checking",), "closed", "person", reason=True),
    Act(
        "dismiss", ("published", "acknowledged", "analysing", "suppressed", "withheld"), "closed", "person", reason=True
    ),
    Act("merge", ("raised", "published", "suppressed", "withheld"), "merged", "either", reason=True),
    Act("split", ("merged",), "raised", "either", reason=True),
    Act("follow", ("merged",), "closed", "program", reason=True),
    Act("suppress", ("raised",), "suppressed", "either", reason=True),
    Act("resurface", ("suppressed",), "raised", "either", reason=True),
    Act("withhold", ("raised",), "withheld", "either", reason=True),
    Act("release", ("withheld",), "raised", "either", reason=True),
    Act("lapse", ("suppressed", "withheld"), "closed", "program", reason=True),
    Act("upgrade", OPEN, None, "program", reason=True),
    Act("downgrade", OPEN, None, "program", reason=True),
    Act("stand_down", OPEN, None, "program", reason=True),
    Act("announce", WORKED_ON, None, "person"),
    Act("escalate", ("raised", *WORKED_ON), None, "program", reason=True),
    Act("remind", ("raised", *WORKED_ON), None, "program", reason=True),
    Act("carry_out", ("raised", *WORKED_ON), None, "person", reason=True),
    Act("assign", OPEN, None, "person", reason=True),
    Act("note", OPEN, None, "person", reason=True),
)
"""Every act there is.

dismiss: it was none (false alarm), or it is over and nothing needs doing. follow: its parent was closed. lapse: it
was kept back, and is over. announce: another grade is made known after approval. resume: the effect did not show. carry_out: a step of
the crisis plan was done."""

BY_NAME: Final = {act.name: act for act in ACTS}


def possible(state: State, by: By = "either") -> tuple[Act, ...]:
    """The acts that may be done in a state, by a person, by a program, or by anybody (`either`).

    >>> [act.name for act in possible("published", "person")]
    ['acknowledge', 'dismiss', 'merge', 'announce', 'carry_out', 'assign', 'note']
    """
    return tuple(act for act in ACTS if state in act.before and (by == "either" or act.by in ("either", by)))


def step(state: State | None, name: str, *, by: Literal["person", "program"], reason: str = "") -> State:
    """The state an act leads to. state: None before the finding is there.

    Raises: InputError FND003 for an act that is not possible then, with those that are; FND008 for one that only a
    program does; FND004 without a reason where one must be given. InternalError when a program breaks the table.
    """
    act = BY_NAME.get(name)
    fits = act is not None and (state in act.before if state is not None else not act.before)
    if act is None or not fits:
        allowed = ", ".join(each.name for each in possible(state, "person")) if state is not None else "raise"
        issue = Issue("FND003", name[:64], params={"act": name[:64], "state": state or "–", "allowed": allowed or "–"})
        raise InputError(issue) if by == "person" else InternalError(f"{name} is not possible in state {state}")
    if act.by not in ("either", by):
        if by == "program":
            raise InternalError(f"{name} is for persons")
        raise InputError(Issue("FND008", name, params={"act": name}))
    if act.reason and not reason.strip():
        raise InputError(Issue("FND004", name, params={"act": name}))
    found = act.after if act.after is not None else state
    assert found is not None
    return found


def replay(history: Iterable[Entry]) -> State:
    """The state that a history leads to; InternalError for one with a gap, or with an act that was not possible."""
    state: State | None = None
    for number, entry in enumerate(history, start=1):
        act = BY_NAME.get(entry.act)
        fits = act is not None and (state in act.before if state is not None else not act.before)
        after = None if act is None else act.after if act.after is not None else state
        if not fits or entry.number != number or entry.before != (state or "") or entry.after != after:
            raise InternalError(f"history of {entry.finding} breaks at {entry.number} ({entry.act})")
        state = after
    if state is None or state not in STATES:
        raise InternalError("an empty history")
    return state
