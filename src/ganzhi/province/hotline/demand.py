"""Who calls today, when, and what for: plain matters of the day, and grievances that experiences left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.hotline.menu import FUNCTION_OF_REASON, FUNCTIONS, WEIGHTS
from ganzhi.province.organisation import CITIES
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Experiences, Scene, joined
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens

CALLS_PER_DAY: Final = 0.030
"""Plain calls of a customer of mean activity on a plain day (ours)."""
UNKNOWN_SHARE: Final = 0.05
"""Callers whose number belongs to no customer of the operator."""
KEEP_DAYS: Final = 4
"""Grievances not voiced by then are not voiced any more."""
GROWTH: Final = 1.08
"""Of demand in a year."""

_CALL = np.array([MEANING[kind].call for kind in Felt])
_AFTER_S = np.array([MEANING[kind].after_h * 3600 for kind in Felt])
_SOUGHT = np.array([FUNCTIONS.index(FUNCTION_OF_REASON[MEANING[kind].reason]) for kind in Felt])


@dataclass(frozen=True, slots=True)
class Callers:
    """Calls of a day, ordered by moment. customer: -1 for unknown callers. felt: the experience behind it, -1 for none.
    sought: function looked for (position in FUNCTIONS)."""

    customer: Ints
    at: Ints
    felt: Ints
    cause: Ints
    strength: Floats
    sought: Ints

    def some(self, which: Bools | Ints) -> Callers:
        """These of the calls, in this order."""
        return Callers(*(getattr(self, name)[which] for name in Callers.__slots__))


def callers_of_day(scene: Scene) -> Callers:
    """All calls of today. Those that experiences cause and that fall on a later day wait in memory, and so do those
    that what the hotline itself does makes customers call again."""
    waiting: list[Callers] = scene.world.recall("hotline.waiting", list)
    every = joined(Callers, [*waiting, caused(scene)])
    end = scene.today.start + DAY_S
    today = every.at < end
    waiting[:] = [every.some(~today & (every.at < end + KEEP_DAYS * DAY_S))]
    whole = joined(Callers, [every.some(today), _plain(scene)])
    return whole.some(np.lexsort((whole.customer, whole.at)))


def caused(scene: Scene, since: int = 0) -> Callers:
    """Calls because of what was felt today: chance and delay as `feelings.MEANING` states.

    since: of the experiences noted today, only those from this position on.
    """
    felt = scene.notes(Experiences)
    rng = scene.rng("hotline", "caused", str(since > 0))
    kind, at = felt.kind[since:], felt.at[since:]
    n = len(kind)
    draws, delay = rng.random(n), rng.exponential(1.0, n)
    calling = draws < 1 - np.exp(-_CALL[kind] * felt.strength[since:])
    late = (delay * _AFTER_S[kind] / np.log(2)).astype(np.int64)
    at = np.maximum(_awake(at + late, rng), scene.today.start)[calling]
    kind = kind[calling]
    customer, cause = felt.customer[since:][calling], felt.cause[since:][calling]
    return Callers(customer, at, kind, cause, felt.strength[since:][calling], _SOUGHT[kind])


def _awake(at: Ints, rng: np.random.Generator) -> Ints:
    """Most people do not call between 23:00 and 7:00 but in the morning after."""
    second = at % DAY_S
    asleep = ((second < 7 * 3600) | (second >= 23 * 3600)) & (rng.random(len(at)) < 0.85)
    morning = at - second + np.where(second >= 23 * 3600, DAY_S, 0) + 7 * 3600
    return np.where(asleep, morning + rng.integers(0, 3 * 3600, len(at)), at)


def _plain(scene: Scene) -> Callers:
    """Calls about matters that nothing simulated caused."""
    rng, people, today = scene.rng("hotline", "plain"), scene.people, scene.today
    edges = scene.world.recall("hotline.activity", lambda: np.cumsum(people.activity, dtype=np.float64))
    mean = CALLS_PER_DAY * float(edges[-1]) * today.factor("hotline") * GROWTH ** (today.index / 365.25)
    customer = choose_by(rng, edges, int(rng.poisson(mean)))
    customer = customer[~people.left[customer]]
    customer = np.concatenate([customer, _peak(scene, customer, rng)])
    n = len(customer)
    customer = np.where(happens(rng, UNKNOWN_SHARE, n), -1, customer)
    none = np.full(n, -1, dtype=np.int64)
    at = draw_moments(rng, today, "hotline", n)
    return Callers(customer, at, none, none, np.ones(n), choose(rng, WEIGHTS, n))


def choose_by(rng: np.random.Generator, edges: Floats, n: int) -> Ints:
    """`n` positions drawn by cumulated weights."""
    return np.minimum(np.searchsorted(edges, rng.random(n) * edges[-1], side="right"), len(edges) - 1)


def _peak(scene: Scene, customer: Ints, rng: np.random.Generator) -> Ints:
    """Further calls where a lever raises the demand of a city."""
    if not scene.levers.pulled("load.peak", scene.today.start, scene.today.start + DAY_S):
        return customer[:0]
    noon = np.full(len(CITIES), scene.today.start + DAY_S // 2)
    size, _ = scene.levers.at("load.peak", noon, scene.places.city_codes)
    return customer[rng.random(len(customer)) < size[scene.people.city[customer]]]
