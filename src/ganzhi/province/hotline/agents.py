"""What agents do all day: talk, after-call work, waiting, breaks, other work; and what happens to the free time."""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.columns import identities, words
from ganzhi.province.hotline.answering import Answers
from ganzhi.province.hotline.staffing import Duty
from ganzhi.province.organisation import SKILLS
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Ints

STATES: Final = ("talk", "after_call", "ready", "outbound", "ticket_work", "break", "training", "meeting")
TALK, AFTER_CALL, READY, OUTBOUND, TICKET_WORK, BREAK, TRAINING, MEETING = range(len(STATES))
FREE_S: Final = 240
"""Free time from which something else is done with it."""
USED: Final = ((OUTBOUND, 0.30), (TICKET_WORK, 0.24), (TRAINING, 0.03), (MEETING, 0.02))


def deliver_states(scene: Scene, answers: Answers, duties: list[Duty]) -> None:
    """The states of all agents on duty, without gap or overlap from signing on to signing off."""
    agent, first, last, state = _busy(answers, duties)
    order = np.lexsort((first, agent))
    agent, first, last, state = agent[order], first[order], last[order], state[order]
    on, off = _shift_of(scene, duties, agent)
    begins = np.concatenate([[True], agent[1:] != agent[:-1]]) if len(agent) else np.empty(0, dtype=bool)
    before = np.where(begins, on, np.concatenate([[0], last[:-1]])) if len(agent) else first
    ends = np.concatenate([begins[1:], [True]]) if len(agent) else begins
    gaps = [(agent, before, first), (agent[ends], last[ends], np.maximum(off, last)[ends])]
    free_agent = np.concatenate([gap[0] for gap in gaps])
    free_from = np.concatenate([gap[1] for gap in gaps])
    free_to = np.concatenate([gap[2] for gap in gaps])
    real = free_to > free_from
    free_agent, free_from, free_to = free_agent[real], free_from[real], free_to[real]
    _write(
        scene,
        np.concatenate([agent, free_agent]),
        np.concatenate([first, free_from]),
        np.concatenate([last, free_to]),
        np.concatenate([state, _use(scene, free_to - free_from)]),
    )


def _busy(answers: Answers, duties: list[Duty]) -> tuple[Ints, Ints, Ints, Ints]:
    """Talk, after-call and break states: agent, from, to, state."""
    done = answers.answered
    agent, start, end = answers.agent[done], answers.start[done], (answers.start + answers.talk_s)[done]
    rest_agent = np.concatenate([duty.agent for duty in duties])
    rest_from = np.concatenate([duty.break_from for duty in duties])
    rest_to = np.concatenate([duty.break_to for duty in duties])
    late = _still_busy(agent, end + answers.after_s[done], rest_agent, rest_from)
    rest_from = np.maximum(rest_from, late)
    rests = rest_to > rest_from
    return (
        np.concatenate([agent, agent, rest_agent[rests]]),
        np.concatenate([start, end, rest_from[rests]]),
        np.concatenate([end, end + answers.after_s[done], rest_to[rests]]),
        np.concatenate([np.full(len(agent), TALK), np.full(len(agent), AFTER_CALL), np.full(rests.sum(), BREAK)]),
    )


def _still_busy(agent: Ints, until: Ints, rest_agent: Ints, rest_from: Ints) -> Ints:
    """When the last work begun before each break ends."""
    most = int(max(agent.max(initial=0), rest_agent.max(initial=0))) + 1
    begins = np.zeros(most, dtype=np.int64)
    begins[rest_agent] = rest_from
    latest = np.zeros(most, dtype=np.int64)
    runs_into = (until > begins[agent]) & (until - 4_600 < begins[agent])
    np.maximum.at(latest, agent[runs_into], until[runs_into])
    return np.where(latest[rest_agent] - rest_from < 1_800, latest[rest_agent], 0)


def _shift_of(scene: Scene, duties: list[Duty], agent: Ints) -> tuple[Ints, Ints]:
    on, off = np.zeros((2, len(scene.places.agent_codes)), dtype=np.int64)
    for duty in duties:
        on[duty.agent], off[duty.agent] = duty.first, duty.last
    return on[agent], off[agent]


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
    order = np.lexsort((first, agent))
    agent, first, last, state = agent[order], first[order], last[order], state[order]
    real = last > first
    agent, first, last, state = agent[real], first[real], last[real], state[real]
    places = scene.places
    team = words(places.agent_team[agent], places.team_codes)
    scene.deliver(
        "agent_states",
        state_id=identities("G", scene.numbers(len(agent))),
        agent=words(agent, places.agent_codes),
        team=team,
        skill=words(places.agent_skill[agent], SKILLS),
        unit=team,
        state=words(state, STATES),
        from_at=first,
        to_at=last,
    )
