"""Calls in the queue and at the desk: who is answered by whom, how long it takes, who gives up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER
from ganzhi.province.feelings import Felt
from ganzhi.province.hotline import menu
from ganzhi.province.hotline.demand import Callers
from ganzhi.province.hotline.sessions import Sessions
from ganzhi.province.hotline.staffing import Duty, on_duty, windows
from ganzhi.province.organisation import SKILLS
from ganzhi.province.queues import padded, positions, serve
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints, lognormal

TALK_MEDIAN_S: Final = 118.0
TALK_SIGMA: Final = 0.93
"""Talk time: median and spread of its logarithm; mean about 182 s (bank calls of 1999: 114, 185)."""
AFTER_MEDIAN_S: Final = 26.0
AFTER_SIGMA: Final = 0.6
PATIENCE_MEAN_S: Final = 210.0
"""Mean patience in the queue, exponential; nobody gives up in the first seconds."""
LEAST_PATIENCE_S: Final = 6
GRIEVED_LONGER: Final = 1.35
"""A grievance takes so much longer to talk over."""
LONG_WAIT_S: Final = 90
FORECAST_MEMORY: Final = 0.8
"""How slowly the forecast of calls for agents follows the days."""
_SKILL_OF_BUSINESS: Final = {"payment": 1, "bill": 1, "broadband": 2, "data": 3, "value_added": 3}
_SKILL: Final = np.array([_SKILL_OF_BUSINESS.get(menu.NODES[leaf].business, 0) for leaf in menu.LEAVES])
_GENERAL, _COMPLAINT, _VIP = SKILLS.index("general"), SKILLS.index("complaint"), SKILLS.index("vip")


@dataclass(frozen=True, slots=True)
class Answers:
    """Of each session that asks for an agent, in order of the callers. caller: position among the callers. skill:
    queue. agent: who answers, -1 for nobody. start: moment of the answer, NEVER when given up. gave_up: moment of giving
    up. talk_s, after_s: seconds."""

    caller: Ints
    skill: Ints
    agent: Ints
    start: Ints
    gave_up: Ints
    talk_s: Ints
    after_s: Ints

    @property
    def answered(self) -> Bools:
        """Who was answered."""
        return self.agent >= 0


def answer(scene: Scene, callers: Callers, sessions: Sessions) -> tuple[Answers, list[Duty]]:
    """Queue the sessions that ask for an agent, by skill, and let the agents on duty answer."""
    rng = scene.rng("hotline", "queue")
    caller = np.flatnonzero(sessions.asks)
    skill = _skills(scene, callers, caller)
    n = len(caller)
    talk = np.maximum(3, lognormal(rng, TALK_MEDIAN_S, TALK_SIGMA, n))
    talk = np.where(callers.felt[caller] >= 0, talk * GRIEVED_LONGER, talk)
    drift, _ = scene.levers.at("wait.drift", sessions.left[caller], "hotline")
    talk = np.minimum(talk * (1 + drift), 3_600).astype(np.int64)
    after = np.minimum(lognormal(rng, AFTER_MEDIAN_S, AFTER_SIGMA, n) * (1 + drift), 900).astype(np.int64)
    patience = LEAST_PATIENCE_S + rng.exponential(PATIENCE_MEAN_S, n).astype(np.int64)
    duties = _duties(scene, skill)
    order = np.lexsort((sessions.left[caller], skill))
    result = serve(
        padded(skill[order], len(SKILLS), sessions.left[caller][order], NEVER),
        padded(skill[order], len(SKILLS), (talk + after)[order], 0),
        padded(skill[order], len(SKILLS), patience[order], 0),
        *_desks(duties),
    )
    place = (skill[order], positions(skill[order], len(SKILLS)))
    start, server, gave_up = (np.empty(n, dtype=np.int64) for _ in range(3))
    start[order], server[order], gave_up[order] = result.start[place], result.server[place], result.abandoned_at[place]
    agent = np.full(n, -1, dtype=np.int64)
    for position, duty in enumerate(duties):
        mine = (skill == position) & (server >= 0)
        agent[mine] = duty.agent[server[mine] // 2]
    answers = Answers(caller, skill, agent, start, gave_up, talk, after)
    _feelings(scene, callers, sessions, answers)
    return answers, duties


def _skills(scene: Scene, callers: Callers, caller: Ints) -> Ints:
    """The queue of each call: by what was sought; grievances to the complaint desk, best customers to theirs."""
    customer = callers.customer[caller]
    best = (customer >= 0) & np.isin(scene.people.klass[customer], (3, 4))
    rng = scene.rng("hotline", "skill")
    grieved = (callers.felt[caller] >= 0) & (rng.random(len(caller)) < 0.25)
    return np.where(best, _VIP, np.where(grieved, _COMPLAINT, _SKILL[callers.sought[caller]]))


def _duties(scene: Scene, skill: Ints) -> list[Duty]:
    """Agents by skill, rostered on a forecast that follows the past days (the first day knows its own calls)."""
    came = np.bincount(skill, minlength=len(SKILLS)) / scene.today.factor("hotline")
    forecast = scene.world.recall("hotline.forecast", came.copy)
    duties = [on_duty(scene, k, float(forecast[k]) * scene.today.factor("hotline")) for k in range(len(SKILLS))]
    forecast[:] = FORECAST_MEMORY * forecast + (1 - FORECAST_MEMORY) * came
    return duties


def _desks(duties: list[Duty]) -> tuple[Ints, Ints]:
    """Opening and closing of all agents, [skill, 2 × agent], padded with desks that never open."""
    made = [windows(duty) for duty in duties]
    most = max(len(opens) for opens, _ in made)
    opens, closes = np.zeros((2, len(duties), most), dtype=np.int64)
    for row, (first, last) in enumerate(made):
        opens[row, : len(first)], closes[row, : len(last)] = first, last
    return opens, closes


def _feelings(scene: Scene, callers: Callers, sessions: Sessions, answers: Answers) -> None:
    customer = callers.customer[answers.caller]
    known = customer >= 0
    waited = answers.answered & known & (answers.start - sessions.left[answers.caller] > LONG_WAIT_S)
    lost = ~answers.answered & known
    number = sessions.number[answers.caller]
    scene.felt(Felt.WAITED_ON_LINE, customer[waited], answers.start[waited], ref=number[waited])
    scene.felt(Felt.GAVE_UP_CALLING, customer[lost], answers.gave_up[lost], ref=number[lost])
