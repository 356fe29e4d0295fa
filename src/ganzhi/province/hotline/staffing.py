"""Who is on duty at the hotline: skills that share a desk, and agents rostered so that the forecast load is covered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.hotline.demand import peak_factor
from ganzhi.province.organisation import SKILLS
from ganzhi.province.profiles import QUARTERS, quarter_weights
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints

SHIFT_QUARTERS: Final = 34
"""Eight and a half hours, half an hour of which is a break."""
BREAK_QUARTERS: Final = 2
SAFETY: Final = 0.15
"""Square-root staffing: agents = load + SAFETY × root of the load. This and the next two are ours, chosen together so
that at scales 0.002 to 0.1 about nine in ten callers are answered and four in five of them within twenty seconds."""
SHAVED: Final = 0.8
"""Share of the agents the peak would take that are rostered then: nobody is hired for two hours a day."""
PAIR: Final = 0.7
"""From this load, in erlangs, a desk has at least two agents."""
HANDLING_S: Final = 217.0
"""Mean seconds of a call with its after-call work, for the forecast."""
OWN_DESK: Final = 2.0
"""A skill has agents of its own from this load in its busiest quarter hour, in erlangs; below, everybody takes its
calls, so that a small hotline is not six of one agent each."""
FORECAST_MEMORY: Final = 0.8
"""How slowly the forecast of calls for agents follows the days."""
LATE_S: Final = 1_800
"""Who is on duty at midnight still takes calls that came before, for so many seconds at most."""
GENERAL: Final = SKILLS.index("general")


@dataclass(frozen=True, slots=True)
class Duty:
    """Agents of a desk on duty today. agent: position. first, last: seconds of the shift. break_from, break_to: of the
    break."""

    agent: Ints
    first: Ints
    last: Ints
    break_from: Ints
    break_to: Ints


@dataclass(frozen=True, slots=True)
class Roster:
    """The day's desks. desk: of each skill. duties: of each desk. busy: moment until which each agent of the hotline is
    taken by the day before."""

    desk: Ints
    duties: tuple[Duty, ...]
    busy: Ints


def needed(calls: float, profile: Floats) -> Ints:
    """Agents needed in each quarter hour for this many calls a day; at least one at any time, and not all that the peak
    of the day would take."""
    load = calls * profile / 900 * HANDLING_S
    wished = np.ceil(load + SAFETY * np.sqrt(load))
    least = np.where(load >= PAIR, 2, 1)
    return np.maximum(least, np.minimum(wished, np.ceil(SHAVED * wished.max()))).astype(np.int64)


@lru_cache(maxsize=512)
def _starts(need: tuple[int, ...], agents: int) -> tuple[int, ...]:
    """First quarter of each shift: an agent begins when those on duty would not do, while agents last. Who is alone is
    not relieved for the break."""
    starts: list[int] = []
    signed_on, working = [0] * (2 * QUARTERS), [0] * (2 * QUARTERS)
    for quarter in range(QUARTERS):
        on = working[quarter] if need[quarter] > 1 else signed_on[quarter]
        more = max(0, min(need[quarter] - on, agents - len(starts)))
        starts += [quarter] * more
        middle = quarter + SHIFT_QUARTERS // 2
        for each in range(quarter, quarter + SHIFT_QUARTERS):
            signed_on[each] += more
            working[each] += more * (not middle <= each < middle + BREAK_QUARTERS)
    return tuple(starts)


def roster(scene: Scene, came: Floats) -> Roster:
    """The desks of today and who is on duty. came: calls for agents of each skill today, which the forecast of the
    first day takes for its own."""
    forecast = scene.world.recall("hotline.forecast", lambda: _plain_day(scene, came))
    profile = quarter_weights("hotline", scene.today.kind)
    peak = float(profile.max()) / 900 * HANDLING_S
    desk = _desks(forecast * peak >= OWN_DESK)
    calls = np.bincount(desk, weights=forecast) * scene.today.factor("hotline") * peak_factor(scene)
    duties = tuple(on_duty(scene, np.flatnonzero(desk == k), float(calls[k]), profile) for k in range(len(calls)))
    return Roster(desk, duties, busy_until(scene))


def learn(scene: Scene, came: Ints) -> None:
    """Let the forecast follow the day's calls for agents, by skill."""
    forecast: Floats = scene.world.memory["hotline.forecast"]
    forecast[:] = FORECAST_MEMORY * forecast + (1 - FORECAST_MEMORY) * _plain_day(scene, came)


def _plain_day(scene: Scene, came: Ints | Floats) -> Floats:
    return np.asarray(came, dtype=float) / (scene.today.factor("hotline") * peak_factor(scene))


def _desks(own: Bools) -> Ints:
    """The desk of each skill: that of the general skill (0), or its own."""
    alone = own.copy()
    alone[GENERAL] = False
    return np.where(alone, np.cumsum(alone), 0)


def busy_until(scene: Scene) -> Ints:
    """Until when each agent is taken by what was begun before; kept from day to day."""
    busy: Ints = scene.world.recall("hotline.busy", lambda: np.zeros(len(scene.places.agent_codes), dtype=np.int64))
    return busy


def on_duty(scene: Scene, skills: Ints, calls: float, profile: Floats) -> Duty:
    """The agents of a desk on duty, given the calls forecast for the day. They take turns: each day begins with those
    whose last shift is longest ago."""
    agents = np.flatnonzero(np.isin(scene.places.agent_skill, skills))
    starts = np.array(_starts(tuple(needed(calls, profile).tolist()), len(agents)), dtype=np.int64)
    turns: Ints = scene.world.recall("hotline.turns", lambda: np.zeros(len(SKILLS), dtype=np.int64))
    desk = skills[0]
    turn = np.roll(agents, -int(turns[desk]))[: len(starts)]
    turns[desk] = (turns[desk] + len(starts)) % len(agents)
    begin, end = scene.today.start, scene.today.start + DAY_S
    first = begin + starts * 900
    middle = first + SHIFT_QUARTERS // 2 * 900
    last = np.minimum(first + SHIFT_QUARTERS * 900, end)
    rest_to = np.minimum(middle + BREAK_QUARTERS * 900, last)
    return Duty(turn, first, last, np.minimum(middle, last), rest_to)


def windows(duty: Duty, busy: Ints, midnight: int) -> tuple[Ints, Ints]:
    """When each agent takes calls: two windows an agent, before and after the break; [2 × agents]. Nobody begins while
    still taken by the day before; the last window of the day stays open a little after midnight."""
    opens = np.maximum(np.column_stack([duty.first, duty.break_to]), busy[duty.agent][:, None])
    closes = np.column_stack([duty.break_from, duty.last])
    closes = np.where((closes == midnight) & (opens < closes), midnight + LATE_S, closes)
    return opens.ravel(), closes.ravel()
