"""Calls in the queue and at the desk: who is answered by whom, how long it takes, who gives up, and why they waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER
from ganzhi.province.hotline import menu
from ganzhi.province.hotline.demand import Callers
from ganzhi.province.hotline.sessions import Sessions
from ganzhi.province.hotline.staffing import Roster, windows
from ganzhi.province.organisation import SKILLS
from ganzhi.province.profiles import PATIENCE, TALK
from ganzhi.province.queues import padded, positions, serve
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints, lognormal

HASTE: Final = 0.6
"""How patient callers are against the bank's of `profiles.PATIENCE` (ours). With that bank's own patience no staffing of
a large hotline lets more than 7 % give up while three in four are answered within twenty seconds."""
AFTER_MEDIAN_S: Final = 26.0
AFTER_SIGMA: Final = 0.6
AFTER_MOST_S: Final = 900
TALK_MOST_S: Final = 3_600
GRIEVED_LONGER: Final = 1.35
"""A grievance takes so much longer to talk over."""
TO_COMPLAINT_DESK: Final = 0.25
"""Share of grievances that the menu sends to the complaint desk."""
BEST_CLASSES: Final = (3, 4)
"""Customer classes (positions) with a desk of their own: diamond and corporate."""
CROWDED: Final = 0.2
"""An incident is why people wait when more than this share of the calls that come to the desk in a quarter hour are
because of it."""
LEAST_DRIFT: Final = 0.05
"""A drift of handling times below this is not felt."""
SKILL_OF_FUNCTION: Final = {
    "bill": "billing", "call_detail": "billing", "card_recharge": "billing", "bank_recharge": "billing",
    "recharge_record": "billing", "fault_report": "broadband", "install_progress": "broadband", "data_pack": "data",
    "subscriptions": "data", "service_cancel": "data", "service_list": "data", "ring_back_tone": "data",
}  # fmt: skip
"""Who is asked about what; the rest is general, so that each skill's share of the calls is about its share of the
agents."""
_SKILL: Final = np.array([SKILLS.index(SKILL_OF_FUNCTION.get(function, "general")) for function in menu.FUNCTIONS])
_COMPLAINT, _VIP = SKILLS.index("complaint"), SKILLS.index("vip")


@dataclass(frozen=True, slots=True)
class Asks:
    """Sessions that ask for an agent. caller: position among the day's callers. left: moment the menu was left. blamed:
    incident that brings the call, -1 for none."""

    caller: Ints
    skill: Ints
    left: Ints
    blamed: Ints
    talk_s: Ints
    after_s: Ints
    patience_s: Ints

    def some(self, which: Bools | Ints) -> Asks:
        """These of them, in this order."""
        return Asks(*(getattr(self, name)[which] for name in Asks.__slots__))


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of sessions that asked for an agent. agent: who answers, -1 for nobody. start: moment of the answer,
    NEVER when given up. gave_up: moment of giving up, NEVER when answered. talk_s, after_s: seconds. crowd: incident
    behind the wait, -1 for none. resolved, insulted: of answered calls; rude: incident behind the rudeness."""

    caller: Ints
    skill: Ints
    left: Ints
    agent: Ints
    start: Ints
    gave_up: Ints
    talk_s: Ints
    after_s: Ints
    crowd: Ints
    resolved: Bools
    insulted: Bools
    rude: Ints

    @property
    def answered(self) -> Bools:
        """Who was answered."""
        return self.agent >= 0

    @property
    def wait_s(self) -> Ints:
        """Seconds until the answer or giving up."""
        return np.where(self.answered, self.start, self.gave_up) - self.left

    @property
    def ended(self) -> Ints:
        """When the talk ends; of answered calls."""
        return self.start + self.talk_s


def asks_of(scene: Scene, rng: np.random.Generator, callers: Callers, sessions: Sessions, first: int) -> Asks:
    """Those of the sessions that ask for an agent: their queue, how long they will take, how patient they are.

    first: position of the first of the callers in the day.
    """
    caller = np.flatnonzero(sessions.asks)
    n, left, grieved = len(caller), sessions.left[caller], callers.felt[caller] >= 0
    drift, _ = scene.levers.at("wait.drift", left, "hotline")
    talk = TALK.draw(rng, n) * np.where(grieved, GRIEVED_LONGER, 1.0) * (1 + drift)
    after = lognormal(rng, AFTER_MEDIAN_S, AFTER_SIGMA, n) * (1 + drift)
    best = _best(scene, callers.customer[caller])
    heated = grieved & (rng.random(n) < TO_COMPLAINT_DESK)
    return Asks(
        caller=first + caller,
        skill=np.where(best, _VIP, np.where(heated, _COMPLAINT, _SKILL[callers.sought[caller]])),
        left=left,
        blamed=np.where(callers.cause[caller] >= 0, callers.cause[caller], sessions.hidden[caller]),
        talk_s=np.clip(talk, 1, TALK_MOST_S).astype(np.int64),
        after_s=np.clip(after, 1, AFTER_MOST_S).astype(np.int64),
        patience_s=np.maximum(1, PATIENCE.draw(rng, n) * HASTE).astype(np.int64),
    )


def _best(scene: Scene, customer: Ints) -> Bools:
    return (customer >= 0) & np.isin(scene.people.klass[customer], BEST_CLASSES)


class Floor:
    """The agents at work: takes calls piece by piece, in the order of their moments."""

    def __init__(self, scene: Scene, roster: Roster) -> None:
        """Open the desks of a day."""
        self._desk, midnight = roster.desk, scene.today.start + DAY_S
        made = [windows(duty, roster.busy, midnight) for duty in roster.duties]
        shape = (len(made), max(len(opens) for opens, _ in made))
        self._opens, self._closes = np.zeros((2, *shape), dtype=np.int64)
        self._agent = np.full(shape, -1, dtype=np.int64)
        for row, ((opens, closes), duty) in enumerate(zip(made, roster.duties, strict=True)):
            self._opens[row, : len(opens)], self._closes[row, : len(opens)] = opens, closes
            self._agent[row, : len(opens)] = np.repeat(duty.agent, 2)
        self._free: Ints | None = None

    def take(self, asks: Asks, crowd: Ints) -> Answers:
        """Let those queue whom the menu has passed on since the last time."""
        desk, n = self._desk[asks.skill], len(asks.caller)
        order = np.lexsort((asks.caller, asks.left, desk))
        queue, desks = desk[order], len(self._opens)
        result = serve(
            padded(queue, desks, asks.left[order], NEVER),
            padded(queue, desks, (asks.talk_s + asks.after_s)[order], 0),
            padded(queue, desks, asks.patience_s[order], 0),
            self._opens, self._closes, person=self._agent, free=self._free,
        )  # fmt: skip
        self._free = result.free
        place = (queue, positions(queue, desks))
        start, gave_up, agent = np.empty((3, n), dtype=np.int64)
        start[order], gave_up[order] = result.start[place], result.abandoned_at[place]
        server = result.server[place]
        agent[order] = np.where(server >= 0, self._agent[queue, server], -1)
        blank, no = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool)
        return Answers(
            asks.caller, asks.skill, asks.left, agent, start, gave_up, asks.talk_s, asks.after_s, crowd, no, no, blank
        )

    def crowds(self, scene: Scene, asks: Asks) -> Ints:
        """The incident behind a wait at each call's moment, -1 for none: slow handling, else a season's peak, else what
        brings more than a fifth of the calls of the desk in the quarter hour."""
        size, drift = scene.levers.at("wait.drift", asks.left, "hotline")
        crowd = _busiest(self._desk[asks.skill] * 4096 + (asks.left - scene.today.start) // 900, asks.blamed)
        for pull in scene.levers.pulled("load.peak", scene.today.start, scene.today.start + DAY_S):
            crowd = np.where((asks.left >= pull.first) & (asks.left < pull.last), pull.incident, crowd)
        return np.where((drift >= 0) & (size >= LEAST_DRIFT), drift, crowd)


def _busiest(cell: Ints, blamed: Ints) -> Ints:
    """For each call the incident that more than a fifth of the calls of its cell are due to, the most frequent one."""
    if not (blamed >= 0).any():
        return np.full(len(cell), -1, dtype=np.int64)
    most = int(blamed.max()) + 2
    pairs, count = np.unique(cell * most + blamed + 1, return_counts=True)
    calls = np.bincount(cell)
    found = np.full(len(calls), -1, dtype=np.int64)
    of_cell, incident = pairs // most, pairs % most - 1
    order = np.argsort(count, kind="stable")
    order = order[(incident[order] >= 0) & (count[order] > CROWDED * calls[of_cell[order]])]
    found[of_cell[order]] = incident[order]
    return found[cell]
