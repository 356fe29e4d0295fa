"""Complaints by the class of value of their customers (S000-097): how many, of how many customers, how long they took, how
often the customer had to come again. The classes are declared (`value_classes:`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.surroundings import CUSTOMERS, customers_sql
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.tickets.read import COMPLAINTS, Ticket, read, rows_of, wanted_table
from ganzhi.complaints.tickets.repeats import chains_of, find
from ganzhi.measure.build.scope import Reader

UNKNOWN: Final = "none"
"""The key of customers of whom neither level nor ARPU is known, and of complaints without a customer."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A complaint with the class of its customer. took: from receipt to closing; None while it is open."""

    ticket: Ticket
    key: str
    repeated: bool
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class WorthRow:
    """Complaints of a class. repeats: those that are repeats; closed, seconds: those closed, and their time from receipt in
    all; due, kept: those closed that had a limit, and of these within it. None where too few to be shown."""

    key: str
    total: int | None
    customers: int | None
    repeats: int | None
    escalated: int | None
    closed: int | None
    seconds: int | None
    due: int | None
    kept: int | None

    @property
    def hours(self) -> float | None:
        """Mean hours from receipt to closing."""
        return None if not self.closed or self.seconds is None else self.seconds / self.closed / 3600

    @property
    def kept_share(self) -> float | None:
        """Share within the limit of those closed that had one."""
        return None if not self.due or self.kept is None else self.kept / self.due


@dataclass(frozen=True, slots=True)
class Worth:
    """The report: a row of each declared class in its order, then of the unknown. found: every complaint, the latest first;
    () without list depth. hidden: whether small numbers were left out, and what they would follow from."""

    unit: str
    since: datetime
    until: datetime
    rows: tuple[WorthRow, ...]
    all: WorthRow
    found: tuple[Weighed, ...]
    hidden: bool


def worth(reader: Reader, unit: str, since: datetime, until: datetime) -> Worth:
    """The complaints received in [since, until) by the class of their customers, as these were last recorded.

    Raises: InputError REQ012 for a unit out of reach; AccessError without dynamic depth.
    """
    reader.viewer.require("dynamic")
    catalogue = reader.workplace.catalogue
    rules = rules_of(catalogue)
    tickets = read(reader, unit, COMPLAINTS, since=since, until=until, texts=False)
    customers = sorted({each.who for each in tickets if each.who})
    before = since - timedelta(days=rules.repeat_days)
    own = (
        read(reader, unit, COMPLAINTS, since=before, until=until, customers=customers, again=True) if customers else []
    )
    again = {each.ticket.id for each in find(catalogue, own, rules, chains_of(reader, own)) if each.repeated}
    known = worth_of(reader, customers)
    found = [_weighed(catalogue, each, known, again) for each in tickets]
    lists = reader.viewer.may("list")
    keys = [*classes(catalogue), UNKNOWN]
    rows = [_row(key, [each for each in found if each.key == key]) for key in keys]
    whole = _row("", found)
    hidden = not lists and any(0 < n < SMALLEST_CELL for row in (*rows, whole) for n in _counts(row) if n is not None)
    if hidden:
        rows, whole = [_hidden(row) for row in rows], _hidden(whole)
    shown = tuple(sorted(found, key=lambda each: (each.ticket.received_at, each.ticket.id), reverse=True))
    return Worth(unit, since, until, tuple(rows), whole, shown if lists else (), hidden)


def worth_of(reader: Reader, customers: Sequence[str]) -> Mapping[str, tuple[str | None, str | None]]:
    """Level and ARPU class of customers, as last recorded."""
    if not customers or CUSTOMERS not in reader.fed:
        return {}
    with rows_of(reader, (CUSTOMERS,)) as session:
        session.register("wanted", wanted_table(customers))
        rows = session.query(customers_sql()).to_pylist()
    return {row["customer_id"]: (row["customer_class"], row["arpu_class"]) for row in rows}


def classes(catalogue: Catalogue) -> list[str]:
    """The declared classes, the most valuable first."""
    return sorted(catalogue.value_classes, key=lambda code: (catalogue.value_classes[code].order, code))


def value_class(catalogue: Catalogue, customer_class: str | None, arpu_class: str | None) -> str | None:
    """The class of value of a customer (S000-097); None of one of whom neither level nor ARPU is known."""
    if customer_class is None and arpu_class is None:
        return None
    for code in classes(catalogue):
        each = catalogue.value_classes[code]
        open_to_all = not each.customer_classes and not each.arpu_classes
        if open_to_all or customer_class in each.customer_classes or arpu_class in each.arpu_classes:
            return code
    return None


def _weighed(
    catalogue: Catalogue, of: Ticket, known: Mapping[str, tuple[str | None, str | None]], again: set[str]
) -> Weighed:
    level, arpu = known.get(of.who or "", (None, None))
    key = value_class(catalogue, of.customer_class or level, arpu) or UNKNOWN
    return Weighed(of, key, of.id in again, None if of.closed_at is None else of.closed_at - of.received_at)


def _row(key: str, those: Sequence[Weighed]) -> WorthRow:
    closed = [each for each in those if each.took is not None]
    due = [each for each in closed if each.ticket.due_at is not None]
    return WorthRow(
        key=key,
        total=len(those),
        customers=len({each.ticket.who for each in those if each.ticket.who}),
        repeats=sum(each.repeated for each in those),
        escalated=sum(each.ticket.escalated_to is not None for each in those),
        closed=len(closed),
        seconds=sum((each.took or timedelta(0)) // timedelta(seconds=1) for each in closed),
        due=len(due),
        kept=sum(
            (each.ticket.closed_at or each.ticket.received_at) <= each.ticket.due_at
            for each in due
            if each.ticket.due_at
        ),
    )


def _counts(row: WorthRow) -> tuple[int | None, ...]:
    late = None if row.due is None or row.kept is None else row.due - row.kept
    return row.total, row.customers, row.repeats, row.escalated, row.closed, row.due, row.kept, late


def _hidden(row: WorthRow) -> WorthRow:
    """Only counts that are large enough; no sums, and no shares that would tell small ones."""

    def shown(n: int | None) -> int | None:
        return None if n is not None and 0 < n < SMALLEST_CELL else n

    return WorthRow(
        row.key, None, shown(row.customers), shown(row.repeats), shown(row.escalated), None, None, None, None
    )
