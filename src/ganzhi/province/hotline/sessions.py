"""What callers do in the voice menu: how their session goes, its events, and who asks for an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, words
from ganzhi.province.feelings import Felt
from ganzhi.province.hotline import menu
from ganzhi.province.hotline.demand import Callers
from ganzhi.province.organisation import CITIES
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints, choose

STEP_S: Final = 5.6
"""Mean seconds a step takes; a contained session takes about 35 s (the source's mean is 35.5 s)."""
ENDS_PLAIN: Final = np.array([0.690, 0.055, 0.150, 0.055, 0.018, 0.027, 0.005])
"""How plain sessions end, in the order of `menu.ENDS`; about four in five stay in the menu (source: 79.03 %)."""
ENDS_GRIEVED: Final = np.array([0.14, 0.13, 0.62, 0.05, 0.03, 0.025, 0.005])
LOST_TO_AGENT: Final = 0.55
"""Of callers who no longer find a function, who asks for an agent; the others give up."""
_GOAL, _GOAL_AGENT, _AGENT, _HANG_UP, _LOST_AGENT, _LOST_HANG_UP, _ERROR = range(len(menu.ENDS))
_KEYS: Final = tuple("0123456789")
_LEVEL: Final = np.array([node.level for node in menu.NODES])
_KEY: Final = np.array([int(node.key) if node.key else -1 for node in menu.NODES])
_PLACE: Final = np.array([int(node.key) if node.key and node.key != "0" else 0 for node in menu.NODES])


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of a day, in the order of their callers. number: of the call. left: moment the menu was left.
    asks: wants an agent. found: reached the function sought. hidden: incident that hid it, -1 for none."""

    number: Ints
    left: Ints
    asks: Bools
    found: Bools
    hidden: Ints


def in_menu(scene: Scene, callers: Callers) -> Sessions:
    """Let the callers through the menu and deliver its events."""
    rng = scene.rng("hotline", "menu")
    n = len(callers.at)
    end = np.where(callers.felt >= 0, choose(rng, ENDS_GRIEVED, n), choose(rng, ENDS_PLAIN, n))
    hidden = _hidden(scene, callers, rng)
    lost = (hidden >= 0) & np.isin(end, (_GOAL, _GOAL_AGENT))
    end = np.where(lost, np.where(rng.random(n) < LOST_TO_AGENT, _LOST_AGENT, _LOST_HANG_UP), end)
    way = menu.Ways.number(callers.sought, choose(rng, menu.DETOUR_SHARE, n), end)
    number = scene.numbers(n)
    left = _events(scene, callers, number, way, rng)
    astray = np.isin(end, (_LOST_AGENT, _LOST_HANG_UP)) & (callers.customer >= 0)
    blamed = np.where(lost, hidden, -1)
    scene.felt(Felt.LOST_IN_MENU, callers.customer[astray], left[astray], cause=blamed[astray], ref=number[astray])
    asks = np.isin(end, (_GOAL_AGENT, _AGENT, _LOST_AGENT))
    return Sessions(number, left, asks, np.isin(end, (_GOAL, _GOAL_AGENT)), blamed)


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


def _events(scene: Scene, callers: Callers, number: Ints, way: Ints, rng: np.random.Generator) -> Ints:
    """Deliver the events of all sessions; returns the moment each caller left the menu."""
    ways = menu.ways()
    length = ways.length[way]
    session = np.repeat(np.arange(len(way)), length)
    begin = np.cumsum(length) - length
    step = np.arange(len(session)) - np.repeat(begin, length)
    pause = 1 + np.floor(rng.gamma(2.0, (STEP_S - 0.5) / 2.0, len(session))).astype(np.int64)
    pause[begin] = 0
    passed = np.cumsum(pause)
    at = callers.at[session] + passed - np.repeat(passed[begin], length)
    row = way[session]
    node, event, key = ways.node[row, step], ways.event[row, step], ways.key[row, step]
    customer = callers.customer[session]
    leaf = np.isin(node, [*menu.LEAVES])
    scene.deliver(
        "ivr_events",
        event_id=identities("V", number[session] * 40 + step),
        session_id=identities("H", number[session]),
        at=at,
        unit=units_of_callers(scene, customer),
        customer_id=scene.people.customer_ids(customer),
        brand=scene.people.brands(customer),
        menu_version=words(_version(scene, at), menu.VERSIONS),
        node=words(node, menu.CODES),
        menu_level=_LEVEL[node],
        menu_key=words(np.where(key >= 0, _KEY[key], -1), _KEYS),
        position=numbers(_PLACE[node], _PLACE[node] > 0),
        ivr_function=words(np.where(leaf, node, -1), [each.function or None for each in menu.NODES]),
        event=words(event, menu.EVENTS),
        prompt_s=numbers(2 + rng.integers(0, 14, len(session)), event == 0),
    )
    return at[begin + length - 1]


def _version(scene: Scene, at: Ints) -> Ints:
    """1 once a menu change is in force, 0 before and where there is none."""
    begun = [pull.first for pull in scene.levers.pulls if pull.lever == "menu.hidden"]
    return (at >= min(begun)).astype(np.int64) if begun else np.zeros(len(at), dtype=np.int64)


def units_of_callers(scene: Scene, customer: Ints) -> pa.Array:
    """The city of each caller; the province for unknown callers."""
    return words(np.where(customer < 0, len(CITIES), scene.people.city[customer]), (*scene.places.city_codes, "all"))
