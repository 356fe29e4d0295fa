"""Who calls today, when, and what for: plain matters of the day, grievances that experiences left behind, and those
whom an earlier call did not help (`again`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import pieces
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
SOUGHT: Final = np.array([FUNCTIONS.index(FUNCTION_OF_REASON[MEANING[kind].reason]) for kind in Felt])
"""What is sought by who calls about an experience."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Calls of a day. customer: -1 for unknown callers. felt: the experience behind it, -1 for none. sought: function
    looked for (position in FUNCTIONS). again: why the caller calls again (position in `again.REASONS`), -1 for a first
    call; follows: number of the call before, -1 for none."""

    customer: Ints
    at: Ints
    felt: Ints
    cause: Ints
    strength: Floats
    sought: Ints
    again: Ints
    follows: Ints

    def some(self, which: Bools | Ints | slice) -> Callers:
        """These of the calls, in this order."""
        return Callers(*(getattr(self, name)[which] for name in Callers.__slots__))


def callers_of_day(scene: Scene) -> Callers:
    """All calls of today that are known when it begins, in order. Those that fall on a later day wait in memory."""
    waiting: list[Callers] = scene.world.recall("hotline.waiting", list)
    every = joined(Callers, [*waiting, caused(scene)])
    waiting.clear()
    whole = joined(Callers, [put_off(scene, every), _plain(scene)])
    return whole.some(np.lexsort((whole.customer, whole.at)))


def put_off(scene: Scene, callers: Callers) -> Callers:
    """The calls of today; those of the days after are kept for them."""
    end = scene.today.start + DAY_S
    today = callers.at < end
    waiting: list[Callers] = scene.world.recall("hotline.waiting", list)
    waiting.append(callers.some(~today & (callers.at < end + KEEP_DAYS * DAY_S)))
    return callers.some(today)


def caused(scene: Scene) -> Callers:
    """Calls because of what was felt today before the hotline begins: chance and delay as `feelings.MEANING` states."""
    felt = scene.notes(Experiences)
    rng = scene.rng("hotline", "caused")
    calling, at = calls_because(rng, felt.kind, felt.at, felt.strength)
    kind = felt.kind[calling]
    none = np.full(len(kind), -1, dtype=np.int64)
    at = np.maximum(at, scene.today.start)
    return Callers(
        felt.customer[calling], at, kind, felt.cause[calling], felt.strength[calling], SOUGHT[kind], none, none
    )


def calls_because(rng: np.random.Generator, kind: Ints, at: Ints, strength: Floats) -> tuple[Ints, Ints]:
    """Which experiences make somebody call (positions), and when."""
    calling = np.flatnonzero(rng.random(len(kind)) < 1 - np.exp(-_CALL[kind] * strength))
    late = rng.exponential(1.0, len(calling)) * _AFTER_S[kind[calling]] / np.log(2)
    return calling, awake(at[calling] + late.astype(np.int64), rng)


def awake(at: Ints, rng: np.random.Generator) -> Ints:
    """Most people do not call between 23:00 and 7:00 but in the morning after."""
    second = at % DAY_S
    asleep = ((second < 7 * 3600) | (second >= 23 * 3600)) & (rng.random(len(at)) < 0.85)
    morning = at - second + np.where(second >= 23 * 3600, DAY_S, 0) + 7 * 3600
    return np.where(asleep, morning + rng.integers(0, 3 * 3600, len(at)), at)


def _plain(scene: Scene) -> Callers:
    """Calls about matters that nothing simulated caused."""
    rng, people, today = scene.rng("hotline", "plain"), scene.people, scene.today
    edges = scene.world.recall("hotline.activity", lambda: edges_of(people.activity))
    mean = CALLS_PER_DAY * float(edges[-1]) * today.factor("hotline") * GROWTH ** (today.index / 365.25)
    customer = choose_by(rng, people.activity, edges, int(rng.poisson(mean)))
    customer = customer[~people.left[customer]]
    more = peak_of_cities(scene)[people.city[customer]]
    customer = np.concatenate([customer, customer[rng.random(len(customer)) < more]])
    n = len(customer)
    customer = np.where(happens(rng, UNKNOWN_SHARE, n), -1, customer)
    none = np.full(n, -1, dtype=np.int64)
    at = draw_moments(rng, today, "hotline", n)
    return Callers(customer, at, none, none, np.ones(n), choose(rng, WEIGHTS, n), none, none)


def edges_of(weights: NDArray[np.float32]) -> Floats:
    """The sums of the weights before each piece of them, and before the end."""
    edges = [0.0]
    for span in pieces(len(weights)):
        edges.append(float(_sums(edges[-1], weights[span])[-1]))
    return np.array(edges)


def choose_by(rng: np.random.Generator, weights: NDArray[np.float32], edges: Floats, n: int) -> Ints:
    """`n` positions drawn by weight. edges: of these weights (see `edges_of`), so that no sums of all are kept."""
    drawn = rng.random(n) * edges[-1]
    piece = np.searchsorted(edges[1:], drawn, side="right")
    chosen = np.full(n, len(weights) - 1, dtype=np.int64)
    order = np.argsort(piece, kind="stable")
    ends = np.searchsorted(piece[order], np.arange(len(edges)))
    for number, span in enumerate(pieces(len(weights))):
        own = order[ends[number] : ends[number + 1]]
        sums = _sums(edges[number], weights[span])[1:]
        chosen[own] = span.start + np.searchsorted(sums, drawn[own], side="right")
    return chosen


def _sums(before: float, weights: NDArray[np.float32]) -> Floats:
    """Sums from `before` on, as one running sum over all weights gives them."""
    return np.cumsum(np.concatenate([[before], weights]))


def peak_of_cities(scene: Scene) -> Floats:
    """Share of further plain calls from each city, on a day when a season raises the demand."""
    noon = np.full(len(CITIES), scene.today.start + DAY_S // 2)
    return scene.levers.at("load.peak", noon, scene.places.city_codes)[0]


def peak_factor(scene: Scene) -> float:
    """How much the day's season raises the plain calls of the province; known to those who plan."""
    return 1.0 + float(np.diff(scene.people.starts) @ peak_of_cities(scene)) / len(scene.people)
