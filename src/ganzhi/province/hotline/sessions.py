"""What callers do in the voice menu: how their session goes, its events, and who asks for an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ganzhi.province import columns
from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, words
from ganzhi.province.hotline import menu
from ganzhi.province.hotline.demand import Callers
from ganzhi.province.organisation import CITIES
from ganzhi.province.scene import Scene, joined
from ganzhi.province.streams import Bools, Ints, choose

STEP_S: Final = 5.6
"""Mean seconds a step takes; a contained session takes about 35.5 s, the source's mean (S004-026). The unit behind
`profiles.IVR_TIME` asked little more than who is calling, so it says nothing about a menu."""
ENDS_PLAIN: Final = np.array([0.716, 0.046, 0.132, 0.055, 0.018, 0.028, 0.005])
"""How plain sessions end, in the order of `menu.ENDS`; with the others about four in five stay in the menu (S004-025:
79.03 %)."""
ENDS_GRIEVED: Final = np.array([0.14, 0.13, 0.62, 0.05, 0.03, 0.025, 0.005])
ENDS_AGAIN: Final = np.array([0.06, 0.10, 0.77, 0.03, 0.015, 0.02, 0.005])
"""Of those who were not helped by an agent before, or never reached one: they want one now."""
LOST_TO_AGENT: Final = 0.55
"""Of callers who no longer find a function, who asks for an agent; the others give up."""
_GOAL, _GOAL_AGENT, _AGENT, _HANG_UP, _LOST_AGENT, _LOST_HANG_UP, _ERROR = range(len(menu.ENDS))
WALKED: Final = 8
"""Sessions of a `columns.PIECE` of steps: one session in so many; a session has about seven steps."""
_KEYS: Final = tuple("0123456789")
_LEVEL: Final = np.array([node.level for node in menu.NODES])
_KEY: Final = np.array([int(node.key) if node.key else -1 for node in menu.NODES])
_PLACE: Final = np.array([int(node.key) if node.key and node.key != "0" else 0 for node in menu.NODES])
_IS_LEAF: Final = np.isin(np.arange(len(menu.NODES)), menu.LEAVES)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of a day, in the order of their callers. number: of the call. left: moment the menu was left. asks: wants
    an agent. found: reached the function sought. astray: could not find it. hidden: incident that hid it, -1 for none."""

    number: Ints
    left: Ints
    asks: Bools
    found: Bools
    astray: Bools
    hidden: Ints


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of some sessions. number, customer, way: of each session. session: position among them; step: from 0 in
    each session; at: moment."""

    number: Ints
    customer: Ints
    way: Ints
    session: Ints
    step: Ints
    at: Ints


class MenuEvents:
    """The menu's log of a day, delivered as it grows: not much more than a piece waits in memory."""

    def __init__(self, scene: Scene) -> None:
        self._scene, self._rng = scene, scene.rng("hotline", "prompts")
        self._waiting: list[Steps] = []

    def add(self, steps: Steps) -> None:
        """The steps of the next sessions."""
        self._waiting.append(steps)
        if sum(len(each.at) for each in self._waiting) >= columns.PIECE:
            self.flush()

    def flush(self) -> None:
        """Deliver what waits."""
        if self._waiting:
            deliver_events(self._scene, self._rng, self._waiting)
            self._waiting = []


def in_menu(scene: Scene, rng: np.random.Generator, callers: Callers, number: int, events: MenuEvents) -> Sessions:
    """Let callers through the menu. number: of the first of these calls. events: where their steps go."""
    n = len(callers.at)
    end = np.where(callers.felt >= 0, choose(rng, ENDS_GRIEVED, n), choose(rng, ENDS_PLAIN, n))
    end = np.where(callers.again >= 0, choose(rng, ENDS_AGAIN, n), end)
    hidden = _hidden(scene, callers, rng)
    lost = (hidden >= 0) & ((end == _GOAL) | (end == _GOAL_AGENT))
    end = np.where(lost, np.where(rng.random(n) < LOST_TO_AGENT, _LOST_AGENT, _LOST_HANG_UP), end)
    way = menu.Ways.number(callers.sought, choose(rng, menu.DETOUR_SHARE, n), end)
    numbered = number + np.arange(n, dtype=np.int64)
    left = np.empty(n, dtype=np.int64)
    most = max(1, columns.PIECE // WALKED)
    for begin in range(0, n, most):
        span = slice(begin, begin + most)
        left[span], steps = _walk(rng, callers.some(span), numbered[span], way[span])
        events.add(steps)
    asks = (end == _GOAL_AGENT) | (end == _AGENT) | (end == _LOST_AGENT)
    found = (end == _GOAL) | (end == _GOAL_AGENT)
    astray = (end == _LOST_AGENT) | (end == _LOST_HANG_UP)
    return Sessions(numbered, left, asks, found, astray, np.where(lost, hidden, -1))


def _hidden(scene: Scene, callers: Callers, rng: np.random.Generator) -> Ints:
    """The incident that hides the function from the caller, -1 for none."""
    pulls = scene.levers.pulled("menu.hidden", scene.today.start, scene.today.start + DAY_S)
    blamed = np.full(len(callers.at), -1, dtype=np.int64)
    if not pulls:
        return blamed
    luck = rng.random(len(callers.at))
    for function in sorted({place for pull in pulls for place in (pull.places or ())}):
        if function in menu.FUNCTIONS:
            size, cause = scene.levers.at("menu.hidden", callers.at, function)
            seeking = callers.sought == menu.FUNCTIONS.index(function)
            blamed = np.where(seeking & (luck < size), cause, blamed)
    return blamed


def _walk(rng: np.random.Generator, callers: Callers, number: Ints, way: Ints) -> tuple[Ints, Steps]:
    """When each caller leaves the menu, and the moments of all steps."""
    length = menu.ways().length[way]
    session = np.repeat(np.arange(len(way)), length)
    begin = np.cumsum(length) - length
    step = np.arange(len(session)) - begin[session]
    pause = 1 + rng.gamma(2.0, (STEP_S - 0.5) / 2.0, len(session)).astype(np.int64)
    pause[begin] = 0
    passed = np.cumsum(pause)
    at = (callers.at - passed[begin])[session] + passed
    return at[begin + length - 1], Steps(number, callers.customer, way, session, step, at)


def deliver_events(scene: Scene, rng: np.random.Generator, parts: list[Steps]) -> None:
    """Deliver the events of these sessions."""
    ways, steps = menu.ways(), joined(Steps, parts)
    sessions = np.array([len(part.number) for part in parts])
    before = np.repeat(np.cumsum(sessions) - sessions, [len(part.at) for part in parts])
    session, step = steps.session + before, steps.step
    row = steps.way[session]
    node, event, key = ways.node[row, step], ways.event[row, step], ways.key[row, step]
    known, city = steps.customer, _city(scene, steps.customer)
    scene.deliver(
        "ivr_events",
        event_id=identities("V", steps.number[session] * 40 + step),
        session_id=identities("H", steps.number).take(pa.array(session)),
        at=steps.at,
        unit=words(city[session], (*scene.places.city_codes, "all")),
        customer_id=scene.people.customer_ids(known).take(pa.array(session)),
        brand=scene.people.brands(known).take(pa.array(session)),
        menu_version=words(_version(scene, steps.at), menu.VERSIONS),
        node=words(node, menu.CODES),
        menu_level=_LEVEL[node],
        menu_key=words(np.where(key >= 0, _KEY[key], -1), _KEYS),
        position=numbers(_PLACE[node], _PLACE[node] > 0),
        ivr_function=words(np.where(_IS_LEAF[node], node, -1), [each.function or None for each in menu.NODES]),
        event=words(event, menu.EVENTS),
        prompt_s=numbers(2 + rng.integers(0, 14, len(session)), event == 0),
    )


def _version(scene: Scene, at: Ints) -> Ints:
    """1 once a menu change is in force, 0 before and where there is none."""
    begun = [pull.first for pull in scene.levers.pulls if pull.lever == "menu.hidden"]
    return (at >= min(begun)).astype(np.int64) if begun else np.zeros(len(at), dtype=np.int64)


def _city(scene: Scene, customer: Ints) -> Ints:
    """The city of each caller; the one after the last for unknown callers."""
    return np.where(customer < 0, len(CITIES), scene.people.city[customer]).astype(np.int64)


def units_of_callers(scene: Scene, customer: Ints) -> pa.Array:
    """The city of each caller; the province for unknown callers."""
    return words(_city(scene, customer), (*scene.places.city_codes, "all"))
