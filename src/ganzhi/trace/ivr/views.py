"""View models of the page of the voice menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Scope, ScorecardRow

OUTCOMES = ("goal", "agent_after_goal", "agent", "gave_up", "broken")
"""How sessions come out: reached the goal and ended; reached it, then an agent; an agent without the goal; given up;
broken by the system or a timeout. They add up to all sessions."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sessions of one outcome. again, any: called again for the same function, for anything, within 24 and 72 hours.
    open: whether they did is not known, because the time is not over or the caller unknown."""

    kind: str
    n: int
    again_24: int
    again_72: int
    any_24: int
    any_72: int
    open: int


@dataclass(frozen=True, slots=True)
class Part:
    """A reading of “finished in the IVR”: part of the sessions."""

    name: str
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """Use of one menu version. functions: sessions that reached any function; goals: that reached their goal."""

    version: str
    n: int
    functions: int
    goals: int
    gave_up: int
    agent: int


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function. depth: presses from the top; position: in its menu; sessions: that reached it last or as goal;
    visits: entries to its node; goals; gave_up: sessions left there without the goal; p50_s, p90_s: to the goal."""

    function: str
    node: str | None
    depth: int | None
    position: int | None
    visits: int
    sessions: int
    goals: int
    gave_up: int
    agent: int
    p50_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class ExitRow:
    """A node where sessions are left: for an agent before or after the goal, given up."""

    node: str
    agent: int
    agent_after_goal: int
    gave_up: int
    enters: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of the first menu, empty for none pressed: sessions that began with it, and of them those that reached
    the goal and ended. leads: the node it led to mostly."""

    key: str
    n: int
    goal: int
    agent: int
    leads: str | None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node with the ways callers lose theirs. mean_s: from entering to what comes next."""

    node: str
    level: int
    enters: int
    mean_s: float | None
    backs: int
    repeats: int
    invalid: int
    timeouts: int


@dataclass(frozen=True, slots=True)
class Reordered:
    """A menu whose options would better stand in another order. now, best: nodes by key. saved_s: seconds of
    announcement in the period, by the counts of the whole period; held_s: saved in its second half by the order that
    the first half suggests."""

    node: str
    now: tuple[str, ...]
    best: tuple[str, ...]
    moved: int
    presses: int
    saved_s: float
    held_s: float


@dataclass(frozen=True, slots=True)
class Presses:
    """Mean presses to a function: as they are, of the best menu (Huffman), and the bound no menu beats (entropy)."""

    now: float
    best: float
    bound: float
    keys: int


@dataclass(frozen=True, slots=True)
class IvrPage:
    """The voice menu over a period and a place. stale: days whose sessions are not rebuilt yet. astray: sessions with
    steps back, invalid keys, timeouts, and three or more. listened_s: announcements heard in the period.
    records: whether the viewer may ask for sessions; lists: whether small counts may be shown."""

    scope: Scope
    stale: int
    sessions: int
    outcomes: tuple[Outcome, ...]
    readings: tuple[Part, ...]
    mean_s: float | None
    goal_s: float | None
    versions: tuple[VersionRow, ...]
    version: str | None
    functions: tuple[FunctionRow, ...]
    exits: tuple[ExitRow, ...]
    keys: tuple[KeyRow, ...]
    nodes: tuple[NodeRow, ...]
    astray: Mapping[str, int]
    menus: tuple[Reordered, ...]
    listened_s: float
    presses: Presses | None
    transfers: tuple[ScorecardRow, ...]
    benefits: tuple[ScorecardRow, ...]
    agent_hours: float | None
    handling_s: float | None
    names: Mapping[str, Text]
    function_names: Mapping[str, Text]
    records: bool
    lists: bool


@dataclass(frozen=True, slots=True)
class IvrQuery:
    """What the address said: a menu version, or none for all."""

    version: str | None = None
