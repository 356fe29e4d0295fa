"""The hotline's day as its systems log it: calls, an hourly summary, menu events, states, wrap-ups; and what callers
felt on the line."""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER, identities, moments, same, words
from ganzhi.province.feelings import Felt
from ganzhi.province.hotline.again import REASONS
from ganzhi.province.hotline.agents import deliver_states
from ganzhi.province.hotline.answering import BEST_CLASSES, Answers
from ganzhi.province.hotline.menu import FUNCTIONS
from ganzhi.province.hotline.rounds import Day, serve_day
from ganzhi.province.hotline.sessions import units_of_callers
from ganzhi.province.hotline.wrapups import wrap_up
from ganzhi.province.scene import Scene

LINE: Final = "10086"
TEST_SHARE: Final = 0.0015
"""Test records of the exchange among the calls that ask for nobody."""
BANDS_S: Final = (10, 15, 20, 40, 60, 120)
"""Upper limits of the summary's answer-time bands, seconds; the last band is open."""
BANDS: Final = ("0_10", "10_15", "15_20", "20_40", "40_60", "60_120", "over_120")
LONG_WAIT_S: Final = 90
HELPED: Final = 0.10
"""Chance that a caller whose matter is settled is glad of it."""


def take_calls(scene: Scene) -> None:
    """Everything the hotline does in a day; delivers calls, menu events, agent states, wrap-ups and what follows."""
    day = serve_day(scene)
    _deliver_calls(scene, day)
    _deliver_summary(scene, day.answers)
    day.events.flush()
    deliver_states(scene, day.answers, day.roster)
    _feel(scene, day)
    wrap_up(scene, day)
    _know(scene, day)


def _deliver_calls(scene: Scene, day: Day) -> None:
    """The call log. Only who waited was in the queue: an agent who is free takes a call at once."""
    callers, sessions, answers = day.callers, day.sessions, day.answers
    n, place, done = len(callers.at), answers.caller, answers.answered
    queue_at, queue_exit, start, released = (np.full(n, NEVER, dtype=np.int64) for _ in range(4))
    wait, talk = np.zeros((2, n), dtype=np.int64)
    agent = np.full(n, -1, dtype=np.int64)
    wait[place], agent[place], start[place] = answers.wait_s, answers.agent, answers.start
    waited = answers.wait_s > 0
    queue_at[place] = moments(answers.left, waited)
    queue_exit[place] = moments(answers.left + answers.wait_s, waited)
    talk[place] = np.where(done, answers.talk_s, 0)
    released[place] = moments(answers.ended, done)
    test = ~sessions.asks & (scene.rng("hotline", "log").random(n) < TEST_SHARE)
    customer = callers.customer
    best = (customer >= 0) & np.isin(scene.people.klass[customer], BEST_CLASSES)
    scene.deliver(
        "calls",
        call_id=identities("H", sessions.number),
        unit=units_of_callers(scene, customer),
        customer_id=scene.people.customer_ids(customer),
        priority=np.where(best, 2, np.where(customer >= 0, 1, 0)),
        call_type=words(np.where(customer >= 0, 0, 1), ("PS", "NW")),
        outcome=words(np.where(test, 2, np.where(agent >= 0, 0, 1)), ("AGENT", "HANG", "PHANTOM")),
        agent=words(agent, scene.places.agent_codes),
        arrived_at=callers.at,
        ivr_exit_at=sessions.left,
        ivr_s=sessions.left - callers.at,
        queue_at=queue_at,
        queue_exit_at=queue_exit,
        wait_s=wait,
        answered_at=start,
        released_at=released,
        talk_s=talk,
    )


def _deliver_summary(scene: Scene, answers: Answers) -> None:
    """Hourly counts of calls that asked for an agent, by the time until the answer. Who left the menu after midnight
    counts in the day after."""
    band = np.where(answers.answered, np.searchsorted(BANDS_S, answers.wait_s, side="left"), len(BANDS))
    hour = np.minimum((answers.left - scene.today.start) // 3600, 24)
    table = np.zeros((25, len(BANDS) + 1), dtype=np.int64)
    np.add.at(table, (hour, band), 1)
    over = scene.world.recall("hotline.after_midnight", lambda: np.zeros(len(BANDS) + 1, dtype=np.int64))
    table[0] += over
    over[:] = table[24]
    hours = table[:24]
    scene.deliver(
        "call_intervals",
        interval_at=scene.today.start + np.arange(24) * 3600,
        line=same(LINE, 24),
        unit=same("HL", 24),
        offered=hours.sum(axis=1),
        abandoned=hours[:, -1],
        **{f"answered_{name}": hours[:, column] for column, name in enumerate(BANDS)},
    )


def _feel(scene: Scene, day: Day) -> None:
    """What callers whom the operator knows felt on the line. A long wait has a cause where something made many call or
    agents slow."""
    callers, sessions, answers = day.callers, day.sessions, day.answers
    customer = callers.customer[answers.caller]
    number = sessions.number[answers.caller]
    known = customer >= 0
    astray = sessions.astray & (callers.customer >= 0)
    scene.felt(
        Felt.LOST_IN_MENU, callers.customer[astray], sessions.left[astray], cause=sessions.hidden[astray],
        ref=sessions.number[astray],
    )  # fmt: skip
    glad = scene.rng("hotline", "glad").random(len(known)) < HELPED
    glad &= answers.resolved & ~answers.insulted
    crowd, rude, none = answers.crowd, answers.rude, np.full(len(known), -1, dtype=np.int64)
    for kind, who, at, cause in (
        (Felt.WAITED_ON_LINE, answers.answered & (answers.wait_s > LONG_WAIT_S), answers.start, crowd),
        (Felt.GAVE_UP_CALLING, ~answers.answered, answers.gave_up, crowd),
        (Felt.TREATED_RUDELY, answers.insulted, answers.ended, rude),
        (Felt.HELPED_WELL, glad, answers.ended, none),
    ):
        own = np.flatnonzero(who & known)
        scene.felt(kind, customer[own], at[own], cause=cause[own], ref=number[own])


def _know(scene: Scene, day: Day) -> None:
    """Why each call was made and what became of it. follows: the call it comes after; again: why."""
    callers, sessions, answers = day.callers, day.sessions, day.answers
    answered = np.zeros(len(callers.at), dtype=bool)
    answered[answers.caller] = answers.answered
    crowd = np.full(len(callers.at), -1, dtype=np.int64)
    crowd[answers.caller] = answers.crowd
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
        crowded_by=crowd,
        again=words(callers.again, REASONS),
        follows=identities("H", callers.follows),
    )
