"""State machines against what was recorded: suspension with several reasons at once (S000-012).

A line resumes only when its last reason is cleared; a change the machine does not have, one that clears several reasons
at once, and one that does not begin where the last ended are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from ganzhi.access.rights import Ground, Viewer
from ganzhi.access.shown.masking import mask
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.checks.places import near
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.states import rows_schema
from ganzhi.compile.trace.records import relation
from ganzhi.compile.trace.states import illegal_sql, transitions_sql
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """A change of state: how often; wrong: why it may not happen (`forbidden`, `several`), None where it may; broken: how
    many of them do not begin where the last change ended."""

    before: Text
    after: Text
    event: Text | None
    n: int
    wrong: str | None
    broken: int


@dataclass(frozen=True, slots=True)
class IllegalChange:
    """A recorded change that is wrong. ended: the state in which the change before it ended, None for the first."""

    record: str
    unit: str
    subject: object
    at: datetime
    before: Text
    after: Text
    ended: Text | None
    wrong: str


@dataclass(frozen=True, slots=True)
class MachineSheet:
    """A state machine over some days. illegal: of all changes; rows: the latest of them."""

    code: str
    name: Text
    first: date | None
    last: date | None
    changes: int
    illegal: int
    transitions: tuple[TransitionRow, ...]
    rows: tuple[IllegalChange, ...]


def machine_sheet(
    workplace: Workplace,
    viewer: Viewer,
    code: str,
    first: date | None = None,
    last: date | None = None,
    most: int = 200,
) -> MachineSheet:
    """The changes of some days against the machine.

    Raises: InputError TRC006 for an unknown machine or one that is not recorded anywhere; AccessError without list depth.
    """
    viewer.require("list")
    catalogue = workplace.catalogue
    machine = catalogue.state_machines.get(code)
    if machine is None or machine.record is None:
        known = [name for name, each in catalogue.state_machines.items() if each.record is not None]
        raise InputError(Issue("TRC006", code[:64], params={"near": near(code, known)}))
    record, feed = machine.record, catalogue.feed(machine.record.feed)
    files = tuple(
        file
        for file in workplace.store.manifest.snapshot().table(f"rows/{record.feed}")
        if (first is None or file.partition >= first.isoformat())
        and (last is None or file.partition <= last.isoformat())
    )
    with workplace.engine.session({relation(record.feed): Relation(files, rows_schema(feed))}) as session:
        units = list(Ground(catalogue, viewer).units)
        session.register("units", pa.table({"unit": pa.array(units, pa.string())}))
        counts = session.query(transitions_sql(machine, record, feed)).to_pylist()
        rows = session.query(illegal_sql(machine, record, feed, most)).to_pylist()
    events = {(t.source, t.target): t.event for t in machine.transitions}

    def named(state: str) -> Text:
        return machine.states.get(state) or Text(zh=state, en=state)

    protection = feed.columns[record.subject].protection
    transitions = tuple(
        TransitionRow(
            named(row["was"]), named(row["became"]), events.get((row["was"], row["became"])), row["n"], row["wrong"],
            row["broken"],
        )
        for row in counts
    )  # fmt: skip
    wrong = tuple(
        IllegalChange(
            row["record"], row["unit"], mask(row["subject"], protection), row["happened"], named(row["was"]),
            named(row["became"]), None if row["ended"] is None else named(row["ended"]), row["wrong"],
        )
        for row in rows
    )  # fmt: skip
    illegal = sum(row.n if row.wrong is not None else row.broken for row in transitions)
    return MachineSheet(code, machine.name, first, last, sum(row.n for row in transitions), illegal, transitions, wrong)
