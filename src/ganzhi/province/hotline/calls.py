"""The hotline's day: callers, menu, queue, agents; the call log and its hourly summary."""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, same, words
from ganzhi.province.feelings import Felt
from ganzhi.province.hotline.agents import deliver_states
from ganzhi.province.hotline.answering import Answers, answer
from ganzhi.province.hotline.demand import Callers, callers_of_day, caused
from ganzhi.province.hotline.menu import FUNCTIONS
from ganzhi.province.hotline.sessions import Sessions, in_menu, units_of_callers
from ganzhi.province.hotline.wrapups import wrap_up
from ganzhi.province.scene import Experiences, Scene

LINE: Final = "10086"
TEST_SHARE: Final = 0.0015
"""Test records of the exchange beside real calls."""
BANDS_S: Final = (10, 15, 20, 40, 60, 120)
"""Upper limits of the summary's answer-time bands, seconds; the last band is open."""


def take_calls(scene: Scene) -> None:
    """Everything the hotline does in a day; delivers calls, menu events, agent states, wrap-ups and what follows."""
    callers = callers_of_day(scene)
    felt_before = len(scene.notes(Experiences).kind)
    sessions = in_menu(scene, callers)
    answers, duties = answer(scene, callers, sessions)
    _deliver_calls(scene, callers, sessions, answers)
    _deliver_summary(scene, sessions, answers)
    deliver_states(scene, answers, duties)
    wrap_up(scene, callers, sessions, answers)
    again = caused(scene, since=felt_before)
    waiting: list[Callers] = scene.world.recall("hotline.waiting", list)
    waiting.append(again.some(again.at >= scene.today.start + DAY_S))
    _know(scene, callers, sessions, answers)


def _deliver_calls(scene: Scene, callers: Callers, sessions: Sessions, answers: Answers) -> None:
    n = len(callers.at)
    queue_at, queue_exit, start, released, talk = (np.full(n, NEVER, dtype=np.int64) for _ in range(5))
    who = np.full(n, -1, dtype=np.int64)
    place, done = answers.caller, answers.answered
    queue_at[place] = sessions.left[place]
    queue_exit[place] = np.where(done, answers.start, answers.gave_up)
    start[place], who[place] = answers.start, answers.agent
    talk[place] = np.where(done, answers.talk_s, 0)
    released[place] = np.where(done, answers.start + answers.talk_s, NEVER)
    queued = queue_at != NEVER
    rng = scene.rng("hotline", "log")
    test = ~queued & (rng.random(n) < TEST_SHARE)
    outcome = np.where(test, 2, np.where(who >= 0, 0, 1))
    customer = callers.customer
    best = (customer >= 0) & np.isin(scene.people.klass[customer], (3, 4))
    scene.deliver(
        "calls",
        call_id=identities("H", sessions.number),
        unit=units_of_callers(scene, customer),
        customer_id=scene.people.customer_ids(customer),
        priority=np.where(best, 2, np.where(customer >= 0, 1, 0)),
        call_type=words(np.where(customer >= 0, 0, 1), ("PS", "NW")),
        outcome=words(outcome, ("AGENT", "HANG", "PHANTOM")),
        agent=words(who, scene.places.agent_codes),
        arrived_at=callers.at,
        ivr_exit_at=sessions.left,
        ivr_s=sessions.left - callers.at,
        queue_at=queue_at,
        queue_exit_at=queue_exit,
        wait_s=np.where(queued, queue_exit - queue_at, 0),
        answered_at=start,
        released_at=released,
        talk_s=np.where(who >= 0, talk, 0),
    )


def _deliver_summary(scene: Scene, sessions: Sessions, answers: Answers) -> None:
    """Hourly counts of calls that asked for an agent, by the time until the answer."""
    hour = sessions.left[answers.caller] // 3600
    first, hours = scene.today.start // 3600, 24
    inside = (hour >= first) & (hour < first + hours)
    wait = answers.start - sessions.left[answers.caller]
    band = np.where(answers.answered, np.searchsorted(BANDS_S, wait, side="left"), len(BANDS_S) + 1)
    table = np.zeros((hours, len(BANDS_S) + 2), dtype=np.int64)
    np.add.at(table, (hour[inside] - first, band[inside]), 1)
    names = ("0_10", "10_15", "15_20", "20_40", "40_60", "60_120", "over_120")
    scene.deliver(
        "call_intervals",
        interval_at=scene.today.start + np.arange(hours) * 3600,
        line=same(LINE, hours),
        unit=same("HL", hours),
        offered=table.sum(axis=1),
        abandoned=table[:, -1],
        **{f"answered_{name}": table[:, column] for column, name in enumerate(names)},
    )


def _know(scene: Scene, callers: Callers, sessions: Sessions, answers: Answers) -> None:
    answered = np.zeros(len(callers.at), dtype=bool)
    answered[answers.caller] = answers.answered
    scene.know(
        "calls",
        call_id=identities("H", sessions.number),
        customer_id=scene.people.customer_ids(callers.customer),
        felt=words(callers.felt, [kind.name.lower() for kind in Felt]),
        cause=callers.cause,
        sought=words(callers.sought, FUNCTIONS),
        found=sessions.found,
        hidden_by=sessions.hidden,
        asked=sessions.asks,
        answered=answered,
    )
