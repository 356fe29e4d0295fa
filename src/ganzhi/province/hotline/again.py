"""Who calls again because of what the hotline did: gave up waiting, got lost in the menu, was treated rudely, was not
helped.

Who was on the line about something comes back about the same thing: same function sought, same grievance. Only
who was treated rudely comes back about that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.feelings import Felt
from ganzhi.province.hotline.answering import Answers
from ganzhi.province.hotline.demand import SOUGHT, Callers, awake, calls_because
from ganzhi.province.hotline.sessions import Sessions
from ganzhi.province.scene import joined
from ganzhi.province.streams import Ints

REASONS: Final = ("gave_up", "lost", "rude", "unresolved", "unsettled")
"""Why somebody calls again; unsettled: what an agent had recorded as resolved was not over for the customer."""
GAVE_UP, LOST, RUDE, UNRESOLVED, UNSETTLED = range(len(REASONS))
UNRESOLVED_AGAIN: Final = 0.35
UNSETTLED_AGAIN: Final = 0.02
"""Chance of another call after a contact that was not resolved, and after one that was (ours)."""
WITHIN_S: Final = 3 * DAY_S
HALF_S: Final = 14 * 3600
"""Such a call comes within three days of the contact, half of them in about fourteen hours (ours)."""


def after_menu(rng: np.random.Generator, callers: Callers, sessions: Sessions) -> Callers:
    """Calls of those who got lost in the menu."""
    astray = np.flatnonzero(sessions.astray)
    return _felt_again(rng, callers, sessions.number, astray, Felt.LOST_IN_MENU, sessions.left, sessions.hidden, LOST)


def after_queue(rng: np.random.Generator, callers: Callers, number: Ints, answers: Answers) -> Callers:
    """Calls of those who gave up waiting. callers, number: of each answer."""
    lost = np.flatnonzero(~answers.answered)
    return _felt_again(rng, callers, number, lost, Felt.GAVE_UP_CALLING, answers.gave_up, answers.crowd, GAVE_UP)


def after_contact(rng: np.random.Generator, callers: Callers, number: Ints, answers: Answers) -> Callers:
    """Calls of those who spoke to an agent. callers, number: of each answer."""
    insulted = np.flatnonzero(answers.insulted)
    rude = _felt_again(rng, callers, number, insulted, Felt.TREATED_RUDELY, answers.ended, answers.rude, RUDE, new=True)
    chance = np.where(answers.resolved, UNSETTLED_AGAIN, UNRESOLVED_AGAIN)
    spoke = answers.answered & (callers.customer >= 0)
    calling = np.flatnonzero(spoke & (rng.random(len(spoke)) < chance))
    rate = np.log(2) / HALF_S
    late = -np.log1p(rng.random(len(calling)) * np.expm1(-rate * WITHIN_S)) / rate
    at = awake(answers.ended[calling] + late.astype(np.int64), rng)
    reason = np.where(answers.resolved[calling], UNSETTLED, UNRESOLVED)
    helped = replace(callers.some(calling), at=at, again=reason, follows=number[calling])
    return joined(Callers, [rude, helped]) if len(rude.at) else helped


def _felt_again(
    rng: np.random.Generator, callers: Callers, number: Ints, who: Ints, kind: Felt, at: Ints, blamed: Ints, reason: int,
    *, new: bool = False,
) -> Callers:  # fmt: skip
    """Of those who felt something on the line, who calls again: by the experience's chance and delay. An old grievance
    stays what it is about, unless the experience is a matter of its own (`new`); a plain caller now has one."""
    who = who[callers.customer[who] >= 0]
    if not len(who):
        return callers.some(who)
    calling, when = calls_because(rng, np.full(len(who), int(kind)), at[who], np.ones(len(who)))
    who = who[calling]
    same = callers.some(who)
    grieved = (same.felt >= 0) & (not new)
    return Callers(
        customer=same.customer,
        at=when,
        felt=np.where(grieved, same.felt, int(kind)),
        cause=np.where(grieved, same.cause, blamed[who]),
        strength=np.where(grieved, same.strength, 1.0),
        sought=np.full(len(who), SOUGHT[kind]) if new else same.sought,
        again=np.full(len(who), reason),
        follows=number[who],
    )
