"""All customers whom a problem hit, whether they complained or not: from the rows of traces (S001-018).

A class of tickets is explained by a step of a trace when far more of its customers than chance would have it had a
transaction go wrong there shortly before. Then everybody else whose transaction went wrong at that step is hit as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa

from ganzhi.access.shown.masking import mask
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.traces import Trace
from ganzhi.compile.tickets.hit import customers_hit_sql, hops_hit_sql, population_sql
from ganzhi.compile.tickets.surroundings import CUSTOMERS
from ganzhi.complaints.tickets.read import Ticket, members_of, rows_of
from ganzhi.measure.build.scope import Reader
from ganzhi.warehouse.engine import Session

BACK: Final = timedelta(days=2)
"""How long before a ticket a transaction that went wrong may have led to it."""
LEAST: Final = 2
"""Fewer customers explain nothing."""
SHARE: Final = 0.2
"""Share of the class whose customers had it happen to them."""
TIMES: Final = 3.0
"""How many times the share of all customers to whom it happened."""


@dataclass(frozen=True, slots=True)
class HitCustomer:
    """Somebody whose transaction went wrong. subject: masked. at: when the last such transaction began. told: whether they
    are among the customers of the class."""

    subject: str
    at: datetime
    unit: str
    chain: str
    state: str
    told: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A step of a trace that explains a class of tickets. tickets, of: how many of its tickets with a customer. expected:
    how many would be by the share of all customers hit; None where it is not known how many there are. customers:
    everybody hit since the first transaction that can have led to a ticket, the earliest first."""

    trace: str
    name: Text
    step: str
    step_name: Text
    tickets: int
    of: int
    expected: float | None
    since: datetime
    until: datetime
    customers: tuple[HitCustomer, ...]

    @property
    def silent(self) -> int:
        """Customers hit who did not complain."""
        return sum(not each.told for each in self.customers)


def hit(reader: Reader, tickets: Sequence[Ticket]) -> tuple[Hit, ...]:
    """The steps of traces that explain a class of tickets, those that explain most first. Needs list depth."""
    reader.viewer.require("list")
    own = [each for each in tickets if each.who]
    if len(own) < LEAST:
        return ()
    catalogue = reader.workplace.catalogue
    found = [one for code, trace in sorted(catalogue.traces.items()) for one in _of_trace(reader, code, trace, own)]
    return tuple(sorted(found, key=lambda each: (-each.tickets, each.trace, each.step)))


def _of_trace(reader: Reader, code: str, trace: Trace, own: Sequence[Ticket]) -> list[Hit]:
    place = reader.workplace
    catalogue, chains = place.catalogue, place.catalogue.feeds.get(trace.chains)
    if chains is None or trace.subject not in chains.columns or trace.hops not in catalogue.feeds:
        return []
    span = own[0].received_at - BACK, max(each.received_at for each in own)
    first, last = (each.astimezone(place.zone).date().isoformat() for each in span)
    named = CUSTOMERS in catalogue.feeds and "phone" in catalogue.feeds[CUSTOMERS].columns
    whole = reader.viewer.units or (reader.ground.top,)
    names = trace.chains, trace.hops, trace.subject, chains.time
    found = []
    with rows_of(reader, (trace.chains, trace.hops), first, last, (CUSTOMERS,) if named else ()) as session:
        session.register("members", members_of(reader, whole))
        session.register("asked", _asked(own))
        population = int(session.query(population_sql()).column("n")[0].as_py()) if named else 0
        rows = session.query(hops_hit_sql(*names, span, int(BACK.total_seconds()), named=named)).to_pylist()
        for row in rows:
            expected = len(own) * row["subjects"] / population if population else None
            if not _explains(row, len(own), expected):
                continue
            customers = _customers(session, customers_hit_sql(*names, span, row["hop"], named=named))
            step = trace.steps.get(row["hop"])
            name = Text(zh=row["hop"], en=row["hop"]) if step is None else step.name
            found.append(Hit(code, trace.name, row["hop"], name, row["tickets"], len(own), expected, *span, customers))
    return found


def _explains(row: Mapping[str, int], of: int, expected: float | None) -> bool:
    if row["tickets"] < max(LEAST, SHARE * of):
        return False
    return row["tickets"] > of / 2 if expected is None else row["tickets"] >= TIMES * expected


def _customers(session: Session, sql: str) -> tuple[HitCustomer, ...]:
    return tuple(
        HitCustomer(
            str(mask(row["subject"], "personal")), row["began"], row["unit"], row["chain_id"], row["state"], row["told"]
        )
        for row in session.query(sql).to_pylist()
    )


def _asked(own: Sequence[Ticket]) -> pa.Table:
    return pa.table(
        {
            "ticket": pa.array([each.id for each in own], pa.string()),
            "customer": pa.array([each.who for each in own], pa.string()),
            "received_at": pa.array([each.received_at for each in own], pa.timestamp("us", tz="UTC")),
        }
    )
