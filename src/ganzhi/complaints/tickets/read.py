"""Tickets: complaints, trouble reports and needs of all channels in one shape, and the history of their states.

Read from the feeds within the viewer's reach. Who a ticket is of and what was said are kept for working with; shown
are only `customer` and `content`, in which numbers are covered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

import pyarrow as pa

from ganzhi.access.shown.masking import mask
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.compile.tickets.rows import FEEDS, STEPS, Kind, closings_sql, steps_sql, tickets_sql
from ganzhi.complaints.recognise.text import LONGEST, masked
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import members_by_time
from ganzhi.warehouse.engine import Relation, Session

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
COMPLAINTS: Final[tuple[Kind, ...]] = ("complaint",)
TROUBLES: Final[tuple[Kind, ...]] = ("trouble",)
State = Literal["open", "replied", "closed", "reopened"]
Event = Literal["received", "assigned", "accepted", "finished", "replied", "closed", "called_back", "reopened"]
BAD_RESULTS: Final = ("partly", "unsolved")
"""Results with which a customer still has the problem."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. What a kind does not know is None.

    who, text: customer and words as they arrived, never shown. nature: ordinary, batch or escalated, as recorded.
    category: of a trouble report its cause, of a need its business. doubts: fields left out because they lie before
    receipt (or, of reopened_at, before closing). by_step: closed_at is that of the closing step, as the record itself was
    not brought up to date. origin: load and line of the record.
    """

    id: str
    kind: Kind
    received_at: datetime
    unit: str
    who: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    nature: str | None = None
    category: str | None = None
    product: str | None = None
    process: str | None = None
    commercial_process: str | None = None
    channel: str | None = None
    department: str | None = None
    team: str | None = None
    agent: str | None = None
    brand: str | None = None
    customer_class: str | None = None
    network: str | None = None
    due_at: datetime | None = None
    promised_at: datetime | None = None
    first_reply_at: datetime | None = None
    closed_at: datetime | None = None
    called_back_at: datetime | None = None
    reopened_at: datetime | None = None
    repeat_of: str | None = None
    batch_id: str | None = None
    result: str | None = None
    responsibility: str | None = None
    satisfied: bool | None = None
    escalated_to: str | None = None
    priority_layer: str | None = None
    contact_id: str | None = None
    compensation_fen: int | None = None
    doubts: tuple[str, ...] = ()
    by_step: bool = False
    origin: tuple[str, int] = ("", 0)

    @property
    def customer(self) -> str | None:
        """The customer, masked."""
        found = mask(self.who, "personal")
        return None if found is None else str(found)

    @property
    def content(self) -> str:
        """What was said, with numbers covered, cut to what is read."""
        return masked((self.text or "")[:LONGEST])

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.closed_at is None:
            return "open" if self.first_reply_at is None else "replied"
        return "closed" if self.reopened_at is None else "reopened"

    @property
    def open(self) -> bool:
        """Whether somebody still has to deal with it."""
        return self.state != "closed"

    def at(self, now: datetime) -> Ticket:
        """The ticket as it stood at a moment: what came later is not known yet.

        Only moments are taken back; of the rest what is known only after closing: result, responsibility, satisfied.
        """
        values: dict[str, Any] = {name: None for name in LATER if (at := getattr(self, name)) is not None and at > now}
        if "closed_at" in values:
            values |= dict.fromkeys(("result", "responsibility", "satisfied", "compensation_fen"))
        return replace(self, **values) if values else self


LATER: Final = ("first_reply_at", "closed_at", "called_back_at", "reopened_at")
"""Moments of what happens to a ticket."""
_AFTER_RECEIPT: Final = (*LATER, "due_at", "promised_at")


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happened to a ticket. step: of the flow, with its id, for events of steps. due: limit of the step.

    handler: staff account. result, transfers: of a finished step.
    """

    at: datetime
    event: Event
    step: str | None = None
    step_id: str | None = None
    unit: str | None = None
    department: str | None = None
    team: str | None = None
    handler: str | None = None
    due: datetime | None = None
    result: str | None = None
    transfers: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the flow at one department, as its feed has it."""

    step_id: str
    complaint_id: str
    flow_step: str
    unit: str
    department: str
    team: str | None
    handler: str | None
    assigned_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None
    due_at: datetime | None
    step_result: str | None
    transfers: int | None


def known_until(reader: Reader) -> datetime:
    """The moment that tickets are judged at: now, or the end of the last day of which complaints arrived, if earlier.

    What happened after that is not known, so no clock runs on.
    """
    place = reader.workplace
    now = place.clock.now()
    days = [day for day, share in reader.arrived(FEEDS["complaint"]).items() if share]
    return min(now, midnight(max(days) + timedelta(days=1), place.zone)) if days else now


def open_tickets(reader: Reader, unit: str, now: datetime, kinds: Collection[Kind] = COMPLAINTS) -> list[Ticket]:
    """Tickets of a unit and all below it that are open at a moment, oldest first.

    now: see `Ticket.at` for a moment in the past. Needs list depth.
    Raises: InputError REQ012 for a unit out of reach; AccessError without list depth.
    """
    reader.viewer.require("list")
    then = (each.at(now) for each in read(reader, unit, kinds, until=now, open_at=now))
    return [each for each in then if each.open]


def tickets_between(
    reader: Reader, unit: str, since: datetime, until: datetime, kinds: Collection[Kind] = COMPLAINTS
) -> list[Ticket]:
    """Tickets of a unit received in [since, until), oldest first. Raises: as `open_tickets`."""
    reader.viewer.require("list")
    return read(reader, unit, kinds, since=since, until=until)


def ticket(reader: Reader, name: str) -> Ticket:
    """A ticket by its id. Raises: InputError TKT001 for one that nobody has or that is out of reach; AccessError."""
    return tickets_by_id(reader, (name,))[0]


def tickets_by_id(reader: Reader, names: Sequence[str]) -> list[Ticket]:
    """Tickets by their ids, in that order. Raises: InputError TKT001 for the first that does not exist; AccessError."""
    reader.viewer.require("list")
    found = {each.id: each for each in read(reader, reader.ground.top, KINDS, ids=names, every_top=True)}
    for name in names:
        if name not in found:
            raise InputError(Issue("TKT001", name[:60]))
    return [found[name] for name in names]


def of_customer(reader: Reader, who: str, kinds: Collection[Kind] = KINDS) -> list[Ticket]:
    """All tickets of a customer within reach, oldest first. who: as `Ticket.who`. Raises: AccessError."""
    reader.viewer.require("list")
    return read(reader, reader.ground.top, kinds, customers=(who,), every_top=True)


def steps(reader: Reader, names: Sequence[str], *, counted: bool = False) -> dict[str, list[Step]]:
    """Steps of complaints by complaint id, in order; the caller has asked for these tickets before. counted: they are not
    shown, so that no list depth is needed."""
    if not counted:
        reader.viewer.require("list")
    found: dict[str, list[Step]] = {}
    with rows_of(reader, (STEPS,)) as session:
        session.register("wanted", wanted_table(names))
        for row in session.query(steps_sql()).to_pylist():
            found.setdefault(row["complaint_id"], []).append(Step(**row))
    return found


def history(reader: Reader, name: str) -> tuple[Turn, ...]:
    """What happened to a ticket, in order. Raises: as `ticket`."""
    of = ticket(reader, name)
    return turns(of, steps(reader, (name,)).get(name, ()))


def turns(of: Ticket, done: Sequence[Step]) -> tuple[Turn, ...]:
    """The history of a ticket from its own moments and its steps."""
    found = [Turn(of.received_at, "received", unit=of.unit, department=of.department, team=of.team, handler=of.agent)]
    moments: tuple[tuple[Event, datetime | None], ...] = (
        ("replied", of.first_reply_at), ("closed", of.closed_at), ("called_back", of.called_back_at), ("reopened", of.reopened_at),
    )  # fmt: skip
    for event, at in moments:
        if at is not None:
            found.append(Turn(at, event, result=of.result if event == "closed" else None))
    for step in done:
        events: tuple[tuple[Event, datetime | None], ...] = (
            ("assigned", step.assigned_at), ("accepted", step.accepted_at), ("finished", step.finished_at),
        )  # fmt: skip
        for event, at in events:
            if at is None:
                continue
            over = event == "finished"
            found.append(
                Turn(at, event, step.flow_step, step.step_id, step.unit, step.department, step.team, step.handler, step.due_at,
                     step.step_result if over else None, (step.transfers or 0) if over else 0)
            )  # fmt: skip
    return tuple(sorted(found, key=lambda turn: (turn.at, ORDER.index(turn.event), turn.step_id or "")))


ORDER: Final[tuple[Event, ...]] = (
    "received", "finished", "assigned", "accepted", "replied", "closed", "called_back", "reopened",
)  # fmt: skip
"""Which comes first of events at one moment: a step ends before the next is assigned."""


def category_known(catalogue: Catalogue, of: Ticket) -> bool:
    """Whether the category of a complaint still stands in the list; of other kinds always."""
    listed = catalogue.code_lists.get("complaint_categories")
    if of.kind != "complaint" or of.category is None or listed is None:
        return True
    return any(str(each.to) == of.category for each in listed.entries)


def read(
    reader: Reader,
    unit: str,
    kinds: Collection[Kind],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    open_at: datetime | None = None,
    ids: Sequence[str] | None = None,
    customers: Sequence[str] | None = None,
    again: bool = False,
    escalated: bool = False,
    texts: bool = True,
    every_top: bool = False,
) -> list[Ticket]:
    """Tickets as `tickets_sql` selects them, of all kinds by time. Does not ask for list depth: who shows them does.

    every_top: of all the viewer's units instead of one. Raises: InputError REQ012 for a unit out of reach.
    """
    reader.ground.unit(unit)
    zone = reader.workplace.zone
    first = since.astimezone(zone).date().isoformat() if since else ""
    last = until.astimezone(zone).date().isoformat() if until else "9999"
    found: list[Ticket] = []
    feeds = [FEEDS[kind] for kind in KINDS if kind in kinds]
    with rows_of(reader, feeds, first, last) as session:
        tops = (reader.viewer.units if every_top else ()) or (unit,)
        session.register("members", members_of(reader, tops))
        named = ids if ids is not None else customers
        if named is not None:
            session.register("wanted", wanted_table(named))
        for kind in KINDS:
            if kind in kinds:
                sql = tickets_sql(
                    kind, since=since, until=until, open_at=open_at, again=again, escalated=escalated, texts=texts,
                    wanted=None if named is None else "ids" if ids is not None else "customers",
                )  # fmt: skip
                found += [of_row(row) for row in session.query(sql).to_pylist()]
    once = {(each.kind, each.id): each for each in _closed_by_step(reader, found)}
    return sorted(once.values(), key=lambda each: (each.received_at, each.id))


def _closed_by_step(reader: Reader, found: Sequence[Ticket]) -> list[Ticket]:
    """The tickets, those that the flow has closed while their record says nothing with the moment of the closing step."""
    waiting = [each.id for each in found if each.kind == "complaint" and each.closed_at is None]
    if not waiting:
        return list(found)
    with rows_of(reader, (STEPS,)) as session:
        session.register("wanted", wanted_table(waiting))
        closed = {row["complaint_id"]: row["at"] for row in session.query(closings_sql()).to_pylist()}
    return [
        replace(each, closed_at=closed[each.id], by_step=True)
        if each.id in closed and each.kind == "complaint" and closed[each.id] >= each.received_at
        else each
        for each in found
    ]


def of_row(row: Mapping[str, Any]) -> Ticket:
    """A ticket of a row. A moment before receipt says nothing and is left out, and named in `doubts`."""
    values = {name: value for name, value in row.items() if not name.startswith("_")}
    doubts = [name for name in _AFTER_RECEIPT if values.get(name) is not None and values[name] < values["received_at"]]
    closed, opened = values.get("closed_at"), values.get("reopened_at")
    if "reopened_at" not in doubts and opened is not None and (closed is None or opened < closed):
        doubts.append("reopened_at")
    values |= dict.fromkeys(doubts)
    return Ticket(**values, doubts=tuple(doubts), origin=(row.get("_load") or "", row.get("_line") or 0))


@contextmanager
def rows_of(
    reader: Reader, feeds: Collection[str], first: str = "", last: str = "9999", whole: Collection[str] = ()
) -> Iterator[Session]:
    """A session with the rows of feeds as of the reader's state, of partitions (days) from first to last; of those in
    `whole` all."""
    place, snapshot = reader.workplace, reader.states.snapshot
    relations = {}
    for feed in (*feeds, *whole):
        table = f"rows/{feed}"
        files = tuple(file for file in snapshot.table(table) if feed in whole or first <= file.partition <= last)
        relations[relation_of(table)] = Relation(files, rows_schema(place.catalogue.feed(feed)))
    with place.engine.session(relations) as session:
        yield session


def wanted_table(values: Sequence[str]) -> pa.Table:
    """Table `wanted` of ids or customers."""
    return pa.table({"value": pa.array(sorted(set(values)), pa.string())})


def members_of(reader: Reader, tops: Sequence[str]) -> pa.Table:
    """What counts for any of the units."""
    place = reader.workplace
    parts = [members_by_time(place.catalogue, top, place.zone) for top in tops if top in place.catalogue.units]
    return pa.concat_tables(parts)
