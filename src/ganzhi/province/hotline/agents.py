"""What agents do all day: talk, after-call work, waiting, breaks, other work; and what happens to the free time."""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.columns import identities, words
from ganzhi.province.hotline.answering import Answers
from ganzhi.province.hotline.staffing import Duty, Roster
from ganzhi.province.organisation import SKILLS
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Ints

STATES: Final = ("talk", "after_call", "ready", "outbound", "ticket_work", "break", "training", "meeting")
TALK, AFTER_CALL, READY, OUTBOUND, TICKET_WORK, BREAK, TRAINING, MEETING = range(len(STATES))
FREE_S: Final = 240
"""Free time from which something else is done with it."""
USED: Final = ((OUTBOUND, 0.30), (TICKET_WORK, 0.24), (TRAINING, 0.03), (MEETING, 0.02))
"""What else, and how often; ours."""


def deliver_states(scene: Scene, answers: Answers, roster: Roster) -> None:
    """The states of all agents on duty, without gap or overlap from signing on to signing off. Who is still taken by
    the day before signs on then; who still talks at the end of the shift signs off afterwards, and is taken until then
    in the roster's `busy`."""
    duty = Duty(*(np.concatenate([getattr(each, name) for each in roster.duties]) for name in Duty.__slots__))
    on = np.maximum(duty.first, roster.busy[duty.agent])
    agent, first, last, state = _taken(answers, duty)
    off = roster.busy.copy()
    off[duty.agent] = np.maximum(duty.last, on)
    np.maximum.at(off, agent, last)
    roster.busy[:] = off
    # a moment of nothing ends each shift, so that the time before it is a gap like the others
    agent, first = np.concatenate([agent, duty.agent]), np.concatenate([first, off[duty.agent]])
    last, state = np.concatenate([last, off[duty.agent]]), np.concatenate([state, np.full(len(on), READY)])
    order = np.lexsort((last, first, agent))
    agent, first, last, state = agent[order], first[order], last[order], state[order]
    signed_on = np.zeros(len(off), dtype=np.int64)
    signed_on[duty.agent] = on
    begins = np.concatenate([np.ones(1, dtype=bool), agent[1:] != agent[:-1]])
    before = np.where(begins, signed_on[agent], np.concatenate([np.zeros(1, dtype=np.int64), last[:-1]]))
    used = _use(scene, first - before)
    _write(
        scene,
        np.concatenate([agent, agent]),
        np.concatenate([before, first]),
        np.concatenate([first, last]),
        np.concatenate([used, state]),
    )


def _taken(answers: Answers, duty: Duty) -> tuple[Ints, Ints, Ints, Ints]:
    """Talk, after-call and break states: agent, from, to, state."""
    done = answers.answered
    agent, start, end = answers.agent[done], answers.start[done], answers.ended[done]
    after = end + answers.after_s[done]
    rest_from = np.maximum(duty.break_from, _finished(agent, start, after, duty))
    rests = duty.break_to > rest_from
    return (
        np.concatenate([agent, agent, duty.agent[rests]]),
        np.concatenate([start, end, rest_from[rests]]),
        np.concatenate([end, after, duty.break_to[rests]]),
        np.concatenate([np.full(len(agent), TALK), np.full(len(agent), AFTER_CALL), np.full(rests.sum(), BREAK)]),
    )


def _finished(agent: Ints, start: Ints, until: Ints, duty: Duty) -> Ints:
    """When the last work begun before each break is over; a break is shorter for it."""
    most = int(max(agent.max(initial=0), duty.agent.max(initial=0))) + 1
    begins = np.zeros(most, dtype=np.int64)
    begins[duty.agent] = duty.break_from
    latest = np.zeros(most, dtype=np.int64)
    before = start < begins[agent]
    np.maximum.at(latest, agent[before], until[before])
    return latest[duty.agent]


def _use(scene: Scene, seconds: Ints) -> Ints:
    """What free time is used for: mostly waiting for the next call."""
    draw = scene.rng("hotline", "free").random(len(seconds))
    state = np.full(len(seconds), READY)
    edge = 0.0
    for use, share in USED:
        state = np.where((seconds >= FREE_S) & (draw >= edge) & (draw < edge + share), use, state)
        edge += share
    return state


def _write(scene: Scene, agent: Ints, first: Ints, last: Ints, state: Ints) -> None:
    real = np.flatnonzero(last > first)
    order = real[np.lexsort((first[real], agent[real]))]
    agent, places = agent[order], scene.places
    team = words(places.agent_team[agent], places.team_codes)
    scene.deliver(
        "agent_states",
        state_id=identities("G", scene.numbers(len(agent))),
        agent=words(agent, places.agent_codes),
        team=team,
        skill=words(places.agent_skill[agent], SKILLS),
        unit=team,
        state=words(state[order], STATES),
        from_at=first[order],
        to_at=last[order],
    )
