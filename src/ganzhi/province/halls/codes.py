"""Names the hall parts share: identities of tickets, staff, desks and devices; opening hours; the businesses
done at a desk with their norm times.

Norm times, shares and opening hours are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import Today
from ganzhi.province.columns import identities, words
from ganzhi.province.organisation import Organisation
from ganzhi.province.scene import DEAL_PROCESSES, PURPOSES
from ganzhi.province.streams import Bools, Floats, Ints

OPEN_S: Final = 8 * 3600 + 1800
"""Halls open at 8:30."""
CLOSE_S: Final = 17 * 3600 + 1800
"""They close at 17:30."""
LATE_CLOSE_S: Final = 20 * 3600
"""Every fourth hall is open until 20:00 on days that are no working days."""
LATE_EVERY: Final = 4
LAST_TICKET_S: Final = 900
"""The ticket machine stops a quarter of an hour before closing."""
PAYMENT, ORDER, CARD, ENQUIRY, BILL, COMPLAINT, VIP, CORPORATE, OTHER = range(len(PURPOSES))


@dataclass(frozen=True, slots=True)
class Matter:
    """A business done at a desk. deal: its process among the deals, None for what is no transaction.
    weights: how often it is wanted under a purpose."""

    business: str
    process: str | None
    deal: str | None
    norm_s: int
    weights: dict[int, float]


MATTERS: Final[tuple[Matter, ...]] = (
    Matter("payment", "recharge", "recharge", 120, {PAYMENT: 1.0}),
    Matter("plan", "plan_order", "plan_order", 360, {ORDER: 0.34, VIP: 0.5, CORPORATE: 0.3}),
    Matter("data", "service_order", "service_order", 240, {ORDER: 0.26, VIP: 0.3}),
    Matter("value_added", "sp_service_order", "sp_service_order", 210, {ORDER: 0.14}),
    Matter("broadband", "service_order", "service_order", 540, {ORDER: 0.10}),
    Matter("roaming", "service_order", "service_order", 300, {ORDER: 0.06, VIP: 0.2}),
    Matter("group", "service_order", "service_order", 480, {CORPORATE: 0.7}),
    Matter("points", "points_enquiry", "points_enquiry", 180, {ORDER: 0.10, ENQUIRY: 0.15}),
    Matter("number", "sim_replacement", "sim_replacement", 420, {CARD: 0.40}),
    Matter("join", "prepaid_activation_realtime", "prepaid_activation_realtime", 540, {CARD: 0.24}),
    Matter("join", "postpaid_activation", "postpaid_activation", 600, {CARD: 0.08}),
    Matter("customer_data", "real_name_registration", "real_name_registration", 360, {CARD: 0.28, OTHER: 0.30}),
    Matter("other", "subscription_enquiry", "subscription_enquiry", 180, {ENQUIRY: 0.30}),
    Matter("data", "free_resource_enquiry", "free_resource_enquiry", 150, {ENQUIRY: 0.25}),
    Matter("payment", "balance_enquiry", "balance_enquiry", 120, {ENQUIRY: 0.30}),
    Matter("bill", "bill_enquiry", "bill_enquiry", 210, {BILL: 0.55}),
    Matter("bill", "call_detail_enquiry", "call_detail_enquiry", 240, {BILL: 0.25}),
    Matter("bill", "invoice_printing", None, 150, {BILL: 0.20}),
    Matter("other", "enquiry_service", None, 420, {COMPLAINT: 1.0}),
    Matter("customer_data", "password_reset", "password_reset", 180, {OTHER: 0.45}),
    Matter("customer_data", "transfer_of_ownership", None, 480, {OTHER: 0.25}),
)
"""Every business; the first is a payment."""
WANTED: Final[Floats] = np.array(
    [[matter.weights.get(purpose, 0.0) for matter in MATTERS] for purpose in range(len(PURPOSES))]
)
"""Weights of the businesses under each purpose."""
NORM_S: Final[Ints] = np.array([matter.norm_s for matter in MATTERS])
DEAL_OF: Final[Ints] = np.array(
    [-1 if matter.deal is None else DEAL_PROCESSES.index(matter.deal) for matter in MATTERS], dtype=np.int64
)
MATTER_OF_DEAL: Final[Ints] = np.array(
    [next((n for n, matter in enumerate(MATTERS) if matter.deal == process), -1) for process in DEAL_PROCESSES]
)
"""The first business of each deal process, -1 for what halls do not list."""
DEAL_NORM_S: Final[Ints] = np.array(
    [
        max((matter.norm_s for matter in MATTERS if matter.deal == process), default=240) if process != "service_order"
        else 300
        for process in DEAL_PROCESSES
    ]
)  # fmt: skip
"""Norm time at a desk of each deal process; 240 s for what halls do not list."""
GUIDE, LEADER, MANAGER, BACK_OFFICE = range(4)
"""Posts after the clerks of a hall."""
ROLES: Final = ("clerk", "guide", "duty_leader", "hall_manager", "back_office")


@dataclass(frozen=True, slots=True)
class Served:
    """Tickets of the day, a note for later phases. at: when served (or left). post: the clerk's position, -1 for
    who was not served. visit: number of the record the visit was for, -1 for none."""

    number: Ints
    customer: Ints
    hall: Ints
    post: Ints
    at: Ints
    visit: Ints
    served: Bools


@dataclass(frozen=True, slots=True)
class DoneAt:
    """Where a deal was done, a note for later phases: the deal's number and customer, ticket and post (-1 for
    none), device (-1 for none)."""

    number: Ints
    customer: Ints
    ticket: Ints
    hall: Ints
    post: Ints
    device: Ints


def ticket_ids(numbers: Ints) -> pa.Array:
    """Ticket identities; a number below 0 is blank."""
    return identities("T", numbers)


def _in_hall(places: Organisation, hall: Ints, letter: str, number: Ints) -> pa.Array:
    missing = (np.asarray(hall) < 0) | (np.asarray(number) < 0)
    codes = words(np.where(missing, -1, hall), places.hall_codes)
    return pc.binary_join_element_wise(codes, identities(letter, np.asarray(number) + 1, width=2), "-")


def staff_ids(places: Organisation, hall: Ints, post: Ints) -> pa.Array:
    """Staff accounts, as `Organisation.clerk_code` writes them; a post or hall below 0 is blank."""
    return _in_hall(places, hall, "S", post)


def counter_ids(places: Organisation, hall: Ints, counter: Ints) -> pa.Array:
    """Desks of halls; a desk or hall below 0 is blank."""
    return _in_hall(places, hall, "C", counter)


def units(places: Organisation, hall: Ints) -> pa.Array:
    """Unit codes of halls."""
    return words(hall, places.hall_codes)


def keys_of(number: Ints, customer: Ints) -> Ints:
    """One word for a record's number and its customer, to match notes by."""
    mixed = np.asarray(number, dtype=np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    return (mixed * np.uint64(0xBF58476D1CE4E5B9) + np.asarray(customer).astype(np.uint64)).view(np.int64)


def found_in(keys: Ints, known: Ints) -> Ints:
    """Position of each key among the known ones, -1 where it is not there."""
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], keys), len(known) - 1)
    return np.where(known[order][place] == keys, order[place], -1)


def closing(places: Organisation, today: Today) -> Ints:
    """When each hall closes today."""
    late = (np.arange(len(places.hall_codes)) % LATE_EVERY == 0) & (not today.works)
    return today.start + np.where(late, LATE_CLOSE_S, CLOSE_S)
