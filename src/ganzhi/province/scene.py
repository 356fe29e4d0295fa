"""One day of the province while it is being simulated: what phases read, and where they put what they make.

A day's work is a tuple of phases (see `phases`). Block phases run once for each block of customers, so that memory
is bounded at any scale (a small province is one block); province phases run once a day, after them. A phase delivers
records to feeds, reports what customers felt, and leaves notes for later phases: visits, business, contacts. It keeps
nothing to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import pyarrow as pa

from ganzhi.province.calendar import Today
from ganzhi.province.columns import identities, numbered
from ganzhi.province.feelings import Felt
from ganzhi.province.levers import Levers
from ganzhi.province.organisation import Organisation
from ganzhi.province.population import Population
from ganzhi.province.streams import Bools, Floats, Ints, stream

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Experiences:
    """What customers felt; arrays of equal length. strength: 1 is typical. cause: incident, -1 for none.
    ref: number of the record it came from (the one its identity is made of), -1 for none."""

    kind: Ints
    customer: Ints
    at: Ints
    strength: Floats
    cause: Ints
    ref: Ints


@dataclass(frozen=True, slots=True)
class Visits:
    """Customers who come to a hall today. purpose: position in `scene.PURPOSES`. number: of the record (recharge,
    order) the visit is for, -1 for none. amount_fen: what is to be paid, 0 for nothing."""

    customer: Ints
    hall: Ints
    at: Ints
    purpose: Ints
    number: Ints
    amount_fen: Ints
    felt: Ints
    cause: Ints


def contact_ids(numbers: Ints) -> pa.Array:
    """Identities of contacts with an agent of the hotline; a number below 0 is blank."""
    return identities("W", numbers)


PURPOSES = ("payment", "order", "card", "enquiry", "bill", "complaint", "vip", "corporate", "other")
"""What visitors want: the ticket businesses, in the order of `Visits.purpose`."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of the day with an agent or a clerk. where: 0 hotline, 1 hall, 2 electronic. felt: what it was about
    (a `Felt`, -1 for a plain matter). resolved: solved at once. wait_s: how long the customer waited. post: the
    agent's or clerk's position. place: team or hall. number: of the contact's record."""

    number: Ints
    customer: Ints
    at: Ints
    where: Ints
    felt: Ints
    cause: Ints
    strength: Floats
    resolved: Bools
    wait_s: Ints
    post: Ints
    place: Ints


@dataclass(frozen=True, slots=True)
class Deals:
    """Business done (or tried) today on any channel: recharges, orders, enquiries. channel, process: positions in
    `CHANNELS` and `DEAL_PROCESSES`. outcome: position in `OUTCOMES`. completed: moment it took effect or NEVER.
    amount_fen: money paid, 0 for none. hall: where it was done, -1 outside halls. device: kiosk, -1 for none.
    number: of the record behind it."""

    number: Ints
    customer: Ints
    at: Ints
    channel: Ints
    process: Ints
    product: Ints
    outcome: Ints
    completed: Ints
    amount_fen: Ints
    hall: Ints
    device: Ints


CHANNELS = (
    "hall", "web_hall", "app", "sms_hall", "hotline", "ivr", "hotline_agent", "kiosk", "account_manager", "field",
    "outbound", "sms_push", "system", "partner_shop", "terminal_store", "bank", "payment_platform", "recharge_card",
)  # fmt: skip
"""Channels, in the order of `Deals.channel`."""
DEAL_PROCESSES = (
    "recharge", "plan_order", "service_order", "sp_service_order", "promotion_order", "mobile_payment_order",
    "bill_enquiry", "call_detail_enquiry", "balance_enquiry", "free_resource_enquiry", "points_enquiry",
    "subscription_enquiry", "sim_replacement", "real_name_registration", "password_reset", "postpaid_activation",
    "prepaid_activation_realtime",
)  # fmt: skip
"""Processes, in the order of `Deals.process`."""
OUTCOMES = ("done", "failed", "cancelled", "unclear", "pending")
"""Results, in the order of `Deals.outcome`."""


class Sink(Protocol):
    """Where records go."""

    def deliver(self, feed: str, **columns: Any) -> None:
        """Records of a feed: its columns, each as long as the others."""

    def know(self, table: str, **columns: Any) -> None:
        """Rows of a table of the truth."""


@dataclass(frozen=True)
class World:
    """What lasts as long as the simulation. memory: what phases carry from day to day, by their own name."""

    seed: int
    scale: float
    first: date
    days: int
    organisation: Organisation
    population: Population
    levers: Levers
    blocks: tuple[slice, ...]
    memory: dict[str, Any] = field(default_factory=dict)

    def recall(self, name: str, make: Callable[[], T]) -> T:
        """What a phase keeps from day to day, made the first time."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]


@dataclass
class Scene:
    """One day, of one block of customers (`block` from 0) or of the province (`block` is -1)."""

    world: World
    today: Today
    sink: Sink
    block: int = -1
    _notes: dict[type, list[Any]] = field(default_factory=dict)

    @property
    def people(self) -> Population:
        """All customers."""
        return self.world.population

    @property
    def places(self) -> Organisation:
        """The organisation."""
        return self.world.organisation

    @property
    def levers(self) -> Levers:
        """What incidents do."""
        return self.world.levers

    def rng(self, *names: str) -> np.random.Generator:
        """The stream of a piece of work on this day, in this block."""
        return stream(self.world.seed, *names, self.today.index, self.block + 1)

    def own(self) -> Ints:
        """Positions of the block's customers who have not left; of all customers in a province phase."""
        span = self.world.blocks[self.block] if self.block >= 0 else slice(0, len(self.people))
        return span.start + np.flatnonzero(~self.people.left[span])

    def numbers(self, n: int, series: int = 0) -> Ints:
        """`n` numbers to make identities of, unique within a feed over days, blocks and series (0 to 9); one call
        for each series in a phase."""
        assert 0 <= series < 10
        assert n < 10_000_000
        return numbered(self.today.number, series * 100 + self.block + 1, n)

    def deliver(self, feed: str, **columns: Any) -> None:
        """Records of a feed."""
        self.sink.deliver(feed, **columns)

    def know(self, table: str, **columns: Any) -> None:
        """Rows of the truth."""
        self.sink.know(table, **columns)

    def felt(
        self, kind: Felt, customer: Ints, at: Ints, *, strength: Floats | float = 1.0, cause: Ints | int = -1,
        ref: Ints | int = -1,
    ) -> None:  # fmt: skip
        """Customers felt something at these moments."""
        n = len(customer)
        if n:
            full = np.full(n, int(kind), dtype=np.int64)
            strengths = np.broadcast_to(np.asarray(strength, dtype=float), n)
            self.note(Experiences(full, customer, at, strengths, _long(cause, n), _long(ref, n)))

    def note(self, note: Any) -> None:
        """Leave a table of arrays for later phases of this day."""
        self._notes.setdefault(type(note), []).append(note)

    def notes(self, kind: type[T]) -> T:
        """All that was left of a kind today, in one table; empty arrays when there is none. Its arrays are everybody's:
        they cannot be written."""
        parts = self._notes.get(kind, [])
        if len(parts) == 1:
            return cast("T", parts[0])
        whole = joined(kind, parts)
        for each in fields(kind):  # type: ignore[arg-type]
            getattr(whole, each.name).flags.writeable = False
        if parts:
            parts[:] = [whole]
        return whole

    def for_block(self, block: int) -> Scene:
        """The same day for one block; notes are shared."""
        return Scene(self.world, self.today, self.sink, block, self._notes)


def _long(value: Ints | int, n: int) -> Ints:
    return np.broadcast_to(np.asarray(value, dtype=np.int64), n)


def joined(kind: type[T], parts: list[T]) -> T:
    """Tables of one kind, one after the other."""
    columns: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        found = [getattr(part, each.name) for part in parts]
        empty = np.empty(
            0, dtype=float if "Floats" in str(each.type) else bool if "Bools" in str(each.type) else np.int64
        )
        columns[each.name] = np.concatenate(found) if found else empty
    return kind(**columns)


BLOCK = 500_000
BLOCKS_MOST = 99
"""What the identities of records have room for."""


def blocks_of(customers: int, most: int = BLOCK) -> tuple[slice, ...]:
    """Equal blocks of at most `most` customers; of more only where there would be more blocks than are possible."""
    count = min(-(-customers // most), BLOCKS_MOST)
    edges = [round(customers * k / count) for k in range(count + 1)]
    return tuple(slice(a, b) for a, b in pairwise(edges))


Phase = Callable[[Scene], None]
"""One piece of a day's work."""
