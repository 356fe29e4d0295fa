"""Levers: the places where an incident takes hold of the simulated world.

A phase asks a lever how far it is pulled at its moments and places, and by which incident, and does its work
accordingly; it knows no incident by name. An incident is a set of pulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from ganzhi.province.streams import Floats, Ints

LEVERS: Final[dict[str, str]] = {
    "orders.invalid": "invalid recharge notices written per valid one",
    "database.load": "share of database connections taken beyond the usual",
    "hop.late_s": "mean seconds added to a hop of the recharge chain; place: the hop's system",
    "hop.lost": "share of chains that stop at the hop; place: the hop's system",
    "sms.late_s": "mean seconds added to the delivery of a message",
    "sms.lost": "share of messages not delivered",
    "provisioning.failed": "share of provisioning orders that end in an error; place: network element",
    "campaign.confused": "share of contacted customers who misunderstand the offer; place: city",
    "hall.absent": "share of a hall's clerks missing; place: hall",
    "kiosk.no_paper": "share of the day a hall's kiosks stand without paper; place: hall",
    "staff.bulk_openings": "account openings a day by one staff account; place: hall",
    "partner.unrequested": "service activations without request, per 1,000 customers and day; place: content partner",
    "port.spam": "batches a day sent through one group port",
    "team.rude": "points taken off the ratings of a hotline team; place: team",
    "menu.hidden": "share of callers who no longer find a function; place: function",
    "competitor.offer": "added daily chance of leaving, per 10,000 contested customers; place: city",
    "delivery.late_days": "days a feed's file comes late; place: feed",
    "delivery.short": "share of rows missing from a feed's file; place: feed",
    "network.down": "share of a county's cells out of service; place: county",
    "wait.drift": "share added to handling times, growing over the window; place: hall or hotline",
    "load.peak": "share added to demand that is normal for the season; place: city",
    "bill.wrong": "share of bills with a wrong charge; place: city",
    "records.skipped": "share of complaints told to hotline agents of which no record is made",
}
"""What each lever means and in which unit."""


Shape = Literal["constant", "growing"]


@dataclass(frozen=True, slots=True)
class Pull:
    """One lever pulled by one incident. first, last: seconds, half-open. places: None is everywhere.
    shape: constant, or growing from nothing to `size` over the window."""

    lever: str
    incident: int
    first: int
    last: int
    size: float
    places: frozenset[str] | None = None
    shape: Shape = "constant"

    def __post_init__(self) -> None:
        """Refuse a lever nobody declared."""
        assert self.lever in LEVERS, self.lever


@dataclass(frozen=True, slots=True)
class Levers:
    """All pulls of the simulation."""

    pulls: tuple[Pull, ...] = ()
    _by: dict[str, tuple[Pull, ...]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Sort the pulls by lever."""
        for name in LEVERS:
            self._by[name] = tuple(pull for pull in self.pulls if pull.lever == name)

    def pulled(self, lever: str, first: int, last: int) -> tuple[Pull, ...]:
        """The pulls of a lever that overlap a window."""
        return tuple(pull for pull in self._by[lever] if pull.first < last and first < pull.last)

    def at(self, lever: str, moments: Ints, place: str | Sequence[str] | None = None) -> tuple[Floats, Ints]:
        """How far a lever is pulled at each moment, and the incident that pulls it most (-1 for none).

        place: of all moments, or of each; None asks for pulls that hold everywhere and everywhere only.
        Returns: sizes (0 when not pulled; pulls add up) and incidents, both as long as `moments`.
        """
        size = np.zeros(len(moments))
        cause = np.full(len(moments), -1, dtype=np.int64)
        most = np.zeros(len(moments))
        for pull in self._by[lever]:
            inside = (moments >= pull.first) & (moments < pull.last)
            if pull.places is not None:
                inside &= _within(place, pull.places, len(moments))
            if not inside.any():
                continue
            grown = (moments - pull.first) / (pull.last - pull.first) if pull.shape == "growing" else 1.0
            added = np.where(inside, pull.size * grown, 0.0)
            size += added
            cause = np.where(np.abs(added) > most, pull.incident, cause)
            most = np.maximum(most, np.abs(added))
        return size, cause


def _within(place: str | Sequence[str] | None, places: frozenset[str], n: int) -> np.ndarray:
    if place is None:
        return np.zeros(n, dtype=bool)
    if isinstance(place, str):
        return np.full(n, place in places)
    known: dict[str, bool] = {}
    return np.fromiter((known.setdefault(each, each in places) for each in place), dtype=bool, count=n)
