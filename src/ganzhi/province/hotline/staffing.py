"""Who is on duty at the hotline: agents rostered by skill so that the forecast load is covered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from ganzhi.province.profiles import QUARTERS, quarter_weights
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Floats, Ints

SHIFT_QUARTERS: Final = 34
"""Eight and a half hours, half an hour of which is a break."""
BREAK_QUARTERS: Final = 2
SAFETY: Final = 1.15
"""Square-root staffing: agents = load + SAFETY × root of the load."""
HANDLING_S: Final = 236.0
"""Mean seconds of a call with its after-call work, for the forecast."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Agents on duty today. agent: position. first, last: seconds of the shift. break_from, break_to: of the break."""

    agent: Ints
    first: Ints
    last: Ints
    break_from: Ints
    break_to: Ints


def needed(calls: float, profile: Floats) -> Ints:
    """Agents needed in each quarter hour for this many calls a day; at least one at any time."""
    load = calls * profile / 900 * HANDLING_S
    return np.maximum(1, np.ceil(load + SAFETY * np.sqrt(load))).astype(np.int64)


@lru_cache(maxsize=512)
def _starts(need: tuple[int, ...], agents: int) -> tuple[int, ...]:
    """First quarter of each shift: an agent begins when those on duty would not do, while agents last."""
    starts: list[int] = []
    for quarter in range(QUARTERS):
        on = sum(1 for start in starts if start <= quarter < start + SHIFT_QUARTERS and not _resting(start, quarter))
        starts += [quarter] * min(need[quarter] - on, agents - len(starts))
    return tuple(starts)


def _resting(start: int, quarter: int) -> bool:
    middle = start + SHIFT_QUARTERS // 2
    return middle <= quarter < middle + BREAK_QUARTERS


def on_duty(scene: Scene, skill: int, calls: float) -> Duty:
    """The agents of a skill on duty, given the calls forecast for the day; agents take turns from day to day."""
    agents = scene.places.agents_of(skill)
    profile = quarter_weights("hotline", scene.today.kind)
    starts = np.array(_starts(tuple(needed(calls, profile).tolist()), len(agents)), dtype=np.int64)
    turn = np.roll(agents, -(scene.today.index * max(1, len(agents) // 3)) % len(agents))[: len(starts)]
    begin, day = scene.today.start, QUARTERS * 900
    first = begin + starts * 900
    middle = first + SHIFT_QUARTERS // 2 * 900
    last = np.minimum(first + SHIFT_QUARTERS * 900, begin + day)
    rest_to = np.minimum(middle + BREAK_QUARTERS * 900, last)
    return Duty(turn, first, last, np.minimum(middle, last), rest_to)


def windows(duty: Duty) -> tuple[Ints, Ints]:
    """When each agent takes calls: two windows an agent, before and after the break; [2 × agents]."""
    opens = np.column_stack([duty.first, duty.break_to]).ravel()
    closes = np.column_stack([duty.break_from, duty.last]).ravel()
    return opens, closes
