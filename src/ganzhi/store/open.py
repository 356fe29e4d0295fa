"""Opens a store: connects, brings the schema up to date, and hands out its parts.

`Store` is a facade; each part documents itself. Assumes one SQLite file on a local disk or one
PostgreSQL database of its own; refuses newer schemas (STO001) and databases of others (STO002).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import Issue
from ganzhi.base.ids import new_id
from ganzhi.store.accounts import tables as _tables  # noqa: F401 - declares what migrations build
from ganzhi.store.audit import Audit
from ganzhi.store.backup import write_backup
from ganzhi.store.cases.cases import Cases
from ganzhi.store.cases.registers import CaseRegisters
from ganzhi.store.cases.uses import CaseUses
from ganzhi.store.catalogues import Catalogues
from ganzhi.store.check import check
from ganzhi.store.closings import Closings
from ganzhi.store.columns import instant_text
from ganzhi.store.database import Database, connect
from ganzhi.store.desk.acts import DeskActs
from ganzhi.store.desk.handovers import Handovers
from ganzhi.store.editions.editions import Editions
from ganzhi.store.findings.findings import Findings
from ganzhi.store.findings.samples import Samples
from ganzhi.store.findings.silences import Silences
from ganzhi.store.findings.thresholds import Thresholds
from ganzhi.store.jobs import Jobs
from ganzhi.store.learnt.models import LearntModels
from ganzhi.store.leases import LeaseTime, MachineTicks, Ticks
from ganzhi.store.ledger import Ledger
from ganzhi.store.manifest import Manifest
from ganzhi.store.migrations.run import upgrade
from ganzhi.store.models import MetaRow
from ganzhi.store.notes.notes import Notes
from ganzhi.store.outbox import Outbox
from ganzhi.store.questions import Questions
from ganzhi.store.revisions.proposals import Proposals
from ganzhi.store.streams.minutes import Minutes
from ganzhi.store.streams.streams import Streams


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; safe to share between threads, not across a fork. id: the same for its whole life."""

    id: str
    database: Database
    clock: Clock
    manifest: Manifest
    ledger: Ledger
    jobs: Jobs
    outbox: Outbox
    audit: Audit
    catalogues: Catalogues
    proposals: Proposals
    closings: Closings
    questions: Questions
    findings: Findings
    samples: Samples
    silences: Silences
    thresholds: Thresholds
    streams: Streams
    minutes: Minutes
    learnt: LearntModels
    cases: Cases
    desk: DeskActs
    handovers: Handovers
    editions: Editions
    notes: Notes
    case_uses: CaseUses
    case_registers: CaseRegisters

    def backup(self, to_file: Path) -> None:
        """Write one consistent copy to a file that is not there yet; see `store.backup`."""
        write_backup(self.database, to_file)

    def check(self) -> list[Issue]:
        """Everything that is wrong or needs somebody; see `store.check`."""
        return check(self.database, self.clock)

    def close(self) -> None:
        """Give all connections back; the store is of no use afterwards."""
        self.database.close()


def open_store(url: str, clock: Clock, *, ticks: Ticks | None = None, sqlite: ModuleType | None = None) -> Store:
    """Open the store at `sqlite:///path` or `postgresql+psycopg://…`, creating or upgrading its schema.

    ticks: what leases are measured by besides the clock. sqlite: the SQLite driver, by default
    the one with the soundest library (`database.sqlite_driver`).
    Raises: InputError STO012 for another URL; EngineError STO001 (newer), STO002 (not ours),
    STO003 (busy), STO004 (unreachable), STO006 (damaged), STO007 (cannot be written).
    """
    database = connect(url, sqlite)
    try:
        upgrade(database)
        store_id = _identity(database, clock)
    except BaseException:
        database.close()
        raise
    time = LeaseTime(database, clock, ticks or MachineTicks())
    return Store(
        id=store_id,
        database=database,
        clock=clock,
        manifest=Manifest(database, clock),
        ledger=Ledger(database),
        jobs=Jobs(database, clock, time),
        outbox=Outbox(database, clock, time),
        audit=Audit(database, clock),
        catalogues=Catalogues(database, clock),
        proposals=Proposals(database, clock),
        closings=Closings(database),
        questions=Questions(database, clock),
        findings=Findings(database, clock),
        samples=Samples(database, clock),
        silences=Silences(database, clock),
        thresholds=Thresholds(database, clock),
        streams=Streams(database),
        minutes=Minutes(database),
        learnt=LearntModels(database, clock),
        desk=DeskActs(database, clock),
        handovers=Handovers(database, clock),
        editions=Editions(database, clock),
        notes=Notes(database, clock),
        cases=Cases(database, clock),
        case_uses=CaseUses(database, clock),
        case_registers=CaseRegisters(database, clock),
    )


def _identity(database: Database, clock: Clock) -> str:
    facts = {"store_id": new_id(), "created_at": instant_text(clock.now())}
    with database.read() as connection:
        known = connection.scalar(_fact("store_id"))
    if known is not None:
        return known
    with database.write() as connection:
        for name, value in facts.items():
            row = database.upsert(MetaRow).values(name=name, value=value)
            connection.execute(row.on_conflict_do_nothing())
        return connection.execute(_fact("store_id")).scalars().one()


def _fact(name: str) -> sa.Select[str]:
    return sa.select(MetaRow.value).where(MetaRow.name == name)
