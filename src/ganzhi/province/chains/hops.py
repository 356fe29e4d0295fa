"""The hops from system to system: how long each takes, how often it is lost, and how far each system's clock is off.

Times inside the simulation are true; a record carries its system's clock, that is the true moment plus the skew.
The order of steps is the source's (S000, annex 2); every figure of `HOPS` is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, happens, lognormal


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the chain. system: which does it, and by whose clock it is stamped. median_s, sigma: lognormal
    duration. lost: chance that the chain stops here. skew_s: what the system's clock adds to the true moment.
    least_s: polling interval, never quicker. stalls: share that wait in a jam of `STALL_MEDIAN_S`."""

    system: str
    median_s: float
    sigma: float
    lost: float
    skew_s: int
    least_s: float = 1.0
    stalls: float = 0.0


HOPS: Final[dict[str, Hop]] = {
    "book": Hop("billing", 2.5, 0.55, 0.00010, 0),
    "create_notice": Hop("billing", 2.5, 0.60, 0.00010, 0),
    "update_balance": Hop("billing", 9.0, 0.70, 0.00020, 0, stalls=0.003),
    "send_funds_change": Hop("billing", 6.0, 0.70, 0.00020, 0),
    "credit_check": Hop("credit_control", 7.0, 0.60, 0.00020, 2, stalls=0.002),
    "issue_alarm": Hop("credit_control", 5.0, 0.70, 0.00030, 2),
    "record_order": Hop("crm", 11.0, 0.45, 0.00030, -3, least_s=6.0, stalls=0.009),
    "split_order": Hop("provisioning", 5.0, 0.50, 0.00020, 5),
    "execute_order": Hop("hlr", 26.0, 0.60, 0.00020, 1, least_s=6.0, stalls=0.007),
    "return_receipt": Hop("provisioning", 9.0, 0.60, 0.00020, 5, stalls=0.004),
    "set_state": Hop("crm", 8.0, 0.50, 0.00030, -3),
    "notify": Hop("sms_gateway", 8.0, 0.80, 0.00020, 0),
}
"""Steps 2 to 13 by the codes of `chain_steps`. A hop that copies an earlier system's stamp takes at least as long
as the clocks differ (`least_s`), so that no record contradicts its own rules."""
STEPS: Final = tuple(HOPS)
"""Steps in order; a step's position is what `stuck` arrays hold, -1 for none."""
SYSTEM_HOPS: Final[dict[str, int]] = {
    system: sum(hop.system == system for hop in HOPS.values()) for system in {hop.system for hop in HOPS.values()}
}
"""How many hops each system has: a lever pulled at a system is shared out among them."""
STALL_MEDIAN_S: Final = 3_300.0
STALL_SIGMA: Final = 0.45
UNLOGGED: Final = 0.002
"""Share of records missing although the step happened; recharges, balance changes and orders are always written."""

USUAL_LOAD: Final = 0.55
"""Share of database connections in use in quiet times; the medians above hold at this load."""
FULL_LOAD: Final = 0.97
LOAD_POWER: Final = 1.5
"""Waiting grows with load like ((1 - usual) / (1 - min(full, usual + size))) to this power: 1 in quiet times, 4.8 at
a size of 0.29, 58 when the connections run out. The power is ours: those who wait try again and add to the load."""
BLAMED_S: Final = 60.0
"""An incident is named as the cause of a delay when it added at least so many seconds."""


@dataclass(slots=True)
class Taken:
    """A hop taken by many chains. at: true moment, NEVER where it did not come. lost: stopped just here.
    cause: incident behind the loss or delay, -1 for none. added_s: seconds added by incidents."""

    at: Ints
    lost: Bools
    cause: Ints
    added_s: Floats


def recorded(step: str, at: Ints) -> Ints:
    """What the step's system writes down for these true moments."""
    return np.where(at == NEVER, NEVER, at + HOPS[step].skew_s)


def load_factor(size: Floats) -> Floats:
    """How much longer billing takes when `size` more of the database connections are in use."""
    rest = 1.0 - np.minimum(FULL_LOAD, USUAL_LOAD + size)
    return np.asarray(((1.0 - USUAL_LOAD) / rest) ** LOAD_POWER)


def _lever(scene: Scene, lever: str, step: str, at: Ints) -> tuple[Floats, Ints]:
    """A lever pulled at the hop's system (shared among its hops) or at the hop itself."""
    system = HOPS[step].system
    shared, cause = scene.levers.at(lever, at, system)
    own, own_cause = scene.levers.at(lever, at, step)
    return shared / SYSTEM_HOPS[system] + own, np.where(own_cause >= 0, own_cause, cause)


def take(scene: Scene, rng: np.random.Generator, step: str, start: Ints) -> Taken:
    """Take a hop from these true moments; those that are NEVER stay so."""
    hop, n = HOPS[step], len(start)
    goes = start != NEVER
    begun = np.where(goes, start, 0)
    seconds = np.maximum(hop.least_s, lognormal(rng, hop.median_s, hop.sigma, n))
    stalled = happens(rng, hop.stalls, n)
    seconds = seconds + stalled * lognormal(rng, STALL_MEDIAN_S, STALL_SIGMA, n)
    late, late_cause = _lever(scene, "hop.late_s", step, begun)
    added = rng.exponential(1.0, n) * late
    if hop.system == "billing":
        load, load_cause = scene.levers.at("database.load", begun)
        slower = seconds * (load_factor(load) - 1.0)
        late_cause = np.where(slower > added, load_cause, late_cause)
        added = added + slower
    loss, loss_cause = _lever(scene, "hop.lost", step, begun)
    luck = rng.random(n)
    lost = goes & (luck < hop.lost + loss)
    cause = np.where(lost, np.where(luck >= hop.lost, loss_cause, -1), np.where(added >= BLAMED_S, late_cause, -1))
    at = np.where(goes & ~lost, begun + np.ceil(seconds + added).astype(np.int64), NEVER)
    return Taken(at, lost, np.where(goes, cause, -1), np.where(goes, added, 0.0))


def logged(rng: np.random.Generator, at: Ints) -> Ints:
    """Positions of the steps that happened and were written down."""
    return np.flatnonzero((at != NEVER) & (rng.random(len(at)) >= UNLOGGED))


def dealt(numbers: Ints, at: Ints) -> Ints:
    """Sequence numbers in the order of these moments, as a system deals them out."""
    given = np.empty(len(at), dtype=np.int64)
    given[np.argsort(at, kind="stable")] = numbers
    return given


class Course:
    """Where many chains stopped, and which incident is to blame."""

    def __init__(self, n: int) -> None:
        self.stuck: Ints = np.full(n, -1, dtype=np.int64)
        self.cause: Ints = np.full(n, -1, dtype=np.int64)
        self._most = np.zeros(n)

    def follow(self, step: str, taken: Taken, where: Ints | slice = slice(None)) -> Ints:
        """Note the outcome of a hop taken by all chains, or by those at `where`; returns its moments."""
        self.note(step, taken.lost, taken.cause, taken.added_s, where)
        return taken.at

    def note(self, step: str, lost: Bools, cause: Ints, added_s: Floats, where: Ints | slice = slice(None)) -> None:
        """The same, told piece by piece."""
        stuck, blamed, most = self.stuck[where], self.cause[where], self._most[where]
        open_ = stuck < 0
        self.stuck[where] = np.where(lost & open_, STEPS.index(step), stuck)
        worse = open_ & (lost | ((added_s > most) & (cause >= 0)))
        self.cause[where] = np.where(worse, cause, blamed)
        self._most[where] = np.maximum(most, added_s)
