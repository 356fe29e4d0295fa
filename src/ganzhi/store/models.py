"""The store's tables. Migrations build them; a test holds the two equal on both databases.

Ids that are quoted outside are UUIDv7 texts or numbers handed out under a lock, so none is reused
and no database sequence is needed. Every record that changes has a `version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ganzhi.store.columns import Day, Instant, Json, Whole, Words

STRICT = {"sqlite_strict": True}

OPEN_JOB = "state IN ('waiting', 'running')"
COUNTED_ONCE = "state = 'accepted' AND replay_of IS NULL"
LIVE = "removed IS NULL"


class Base(DeclarativeBase):
    """Root of the declared tables."""

    type_annotation_map: ClassVar = {
        str: Words(),
        int: Whole(),
        datetime: Instant(),
        date: Day(),
        Mapping[str, object]: Json(),
    }


class MetaRow(Base):
    """Facts about the store itself: `product`, `created_at`, `store_id`."""

    __tablename__ = "meta"
    __table_args__ = (STRICT,)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ManifestHead(Base):
    """One row: the last commit and the next file id. Its lock puts commits in order."""

    __tablename__ = "manifest_head"
    __table_args__ = (sa.CheckConstraint("id = 1", name="ck_manifest_head_single"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    next_file: Mapped[int]


class CommitRow(Base):
    """One commit of the manifest; `request` makes it happen once however often it is tried."""

    __tablename__ = "commits"
    __table_args__ = (sa.UniqueConstraint("request", name="uq_commits_request"), STRICT)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime]


class TableHead(Base):
    """The last commit that changed a table."""

    __tablename__ = "table_heads"
    __table_args__ = (STRICT,)
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(sa.ForeignKey("commits.number", name="fk_table_heads_number"))


class FileRow(Base):
    """An immutable file of the warehouse, from the commit that added it to the one that removed it."""

    __tablename__ = "files"
    __table_args__ = (
        sa.CheckConstraint("rows >= 0 AND bytes >= 0", name="ck_files_sizes"),
        sa.CheckConstraint("length(sha256) = 64", name="ck_files_sha256"),
        sa.CheckConstraint("removed IS NULL OR removed > added", name="ck_files_order"),
        sa.Index("uq_files_live_path", "path", unique=True, sqlite_where=sa.text(LIVE), postgresql_where=sa.text(LIVE)),
        sa.Index("ix_files_removed", "removed"),
        sa.Index("ix_files_path", "path"),
        STRICT,
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    table: Mapped[str] = mapped_column("table_name", key="table")
    partition: Mapped[str] = mapped_column("partition_day", key="partition")
    path: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int]
    bytes: Mapped[int]
    key_min: Mapped[str | None]
    key_max: Mapped[str | None]
    plan: Mapped[str | None]
    added: Mapped[int] = mapped_column(sa.ForeignKey("commits.number", name="fk_files_added"))
    removed: Mapped[int | None] = mapped_column(sa.ForeignKey("commits.number", name="fk_files_removed"))


class FileInput(Base):
    """That a state file was computed from a row file."""

    __tablename__ = "file_inputs"
    __table_args__ = (sa.Index("ix_file_inputs_input", "input_id"), STRICT)
    file_id: Mapped[int] = mapped_column(
        sa.ForeignKey("files.id", name="fk_file_inputs_file"), primary_key=True, autoincrement=False
    )
    input_id: Mapped[int] = mapped_column(
        sa.ForeignKey("files.id", name="fk_file_inputs_input"), primary_key=True, autoincrement=False
    )


class LoadRow(Base):
    """The load ledger; see `ledger.LoadRecord`."""

    __tablename__ = "loads"
    __table_args__ = (
        sa.CheckConstraint("state IN ('accepted', 'rejected')", name="ck_loads_state"),
        sa.CheckConstraint("length(content_sha256) = 64", name="ck_loads_sha256"),
        sa.CheckConstraint(
            "read >= 0 AND accepted >= 0 AND duplicate >= 0 AND replaced >= 0 AND rejected >= 0"
            " AND filtered >= 0 AND blanked >= 0 AND noted >= 0",
            name="ck_loads_counts",
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR read = accepted + duplicate + replaced + rejected + filtered",
            name="ck_loads_balance",
        ),
        sa.Index(
            "uq_loads_counted_once",
            "feed",
            "mapping",
            "content_sha256",
            unique=True,
            sqlite_where=sa.text(COUNTED_ONCE),
            postgresql_where=sa.text(COUNTED_ONCE),
        ),
        sa.Index("ix_loads_finished", "feed", "finished_at"),
        sa.Index("ix_loads_file", "file"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    commit: Mapped[int] = mapped_column(
        "commit_number", sa.ForeignKey("commits.number", name="fk_loads_commit"), key="commit"
    )
    feed: Mapped[str]
    mapping: Mapped[str]
    file: Mapped[str]
    content_sha256: Mapped[str]
    state: Mapped[str]
    read: Mapped[int]
    accepted: Mapped[int]
    duplicate: Mapped[int]
    replaced: Mapped[int]
    rejected: Mapped[int]
    filtered: Mapped[int]
    blanked: Mapped[int]
    noted: Mapped[int]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    catalogue_version: Mapped[str]
    replay_of: Mapped[str | None] = mapped_column(
        sa.ForeignKey("loads.id", name="fk_loads_replay_of", deferrable=True, initially="DEFERRED")
    )
    report: Mapped[Mapping[str, object]]


class ArrivalRow(Base):
    """Rows of a feed for one local day that a load brought."""

    __tablename__ = "arrivals"
    __table_args__ = (
        sa.CheckConstraint("rows >= 0", name="ck_arrivals_rows"),
        sa.Index("ix_arrivals_day", "feed", "day"),
        STRICT,
    )
    load_id: Mapped[str] = mapped_column(sa.ForeignKey("loads.id", name="fk_arrivals_load"), primary_key=True)
    feed: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    shard: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]


class JobRow(Base):
    """A job. `again`: payload of work asked for under the same key while this one was running."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'dead')", name="ck_jobs_state"),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="ck_jobs_lease"),
        sa.Index(
            "uq_jobs_open",
            "kind",
            "key",
            unique=True,
            sqlite_where=sa.text(OPEN_JOB),
            postgresql_where=sa.text(OPEN_JOB),
        ),
        sa.Index("ix_jobs_due", "state", "due"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[Mapping[str, object]]
    again: Mapped[Mapping[str, object] | None]
    due: Mapped[datetime]
    state: Mapped[str]
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    token: Mapped[int]
    attempts: Mapped[int]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    version: Mapped[int]


class FiredRow(Base):
    """That a schedule's due time has been dealt with: a job, or a reason why not."""

    __tablename__ = "fired"
    __table_args__ = (
        sa.CheckConstraint("(job_id IS NULL) <> (skipped IS NULL)", name="ck_fired_outcome"),
        STRICT,
    )
    schedule: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    fired_at: Mapped[datetime]
    job_id: Mapped[str | None] = mapped_column(sa.ForeignKey("jobs.id", name="fk_fired_job"))
    skipped: Mapped[str | None]


class LeaseClock(Base):
    """One row (SQLite only): when leases were last looked at, by wall clock and by ticks since boot."""

    __tablename__ = "lease_clock"
    __table_args__ = (sa.CheckConstraint("id = 1", name="ck_lease_clock_single"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    boot: Mapped[str]
    ticks_ms: Mapped[int]
    at: Mapped[datetime]


class NoticeRow(Base):
    """A notice that must reach a channel. `withheld`: why it is not sent before `due`."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="ck_outbox_state"),
        sa.CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="ck_outbox_lease"),
        sa.UniqueConstraint("finding", "channel", "change", name="uq_outbox_once"),
        sa.Index("ix_outbox_due", "state", "due"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    finding: Mapped[str]
    channel: Mapped[str]
    change: Mapped[str]
    payload: Mapped[Mapping[str, object]]
    due: Mapped[datetime]
    state: Mapped[str]
    lease_until: Mapped[datetime | None]
    token: Mapped[int]
    attempts: Mapped[int]
    error: Mapped[str | None]
    withheld: Mapped[str | None]
    created_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    version: Mapped[int]


class AuditHeadRow(Base):
    """One row: number and hash of the last audit entry. Its lock puts entries in order."""

    __tablename__ = "audit_head"
    __table_args__ = (sa.CheckConstraint("id = 1", name="ck_audit_head_single"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str]


class AuditRow(Base):
    """One act. Triggers refuse UPDATE and DELETE; `previous` and `hash` chain the entries."""

    __tablename__ = "audit"
    __table_args__ = (sa.UniqueConstraint("request", name="uq_audit_request"), STRICT)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[Mapping[str, object]]
    previous: Mapped[str]
    hash: Mapped[str]


class CatalogueRow(Base):
    """A catalogue as it was when a number was computed.

    author, reason, valid_from: of the approval that made it, None otherwise. superseded_at: when
    another version took its place; None for the one that is in force.
    """

    __tablename__ = "catalogues"
    __table_args__ = (STRICT,)
    version: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    remembered_at: Mapped[datetime]
    author: Mapped[str | None]
    reason: Mapped[str | None]
    valid_from: Mapped[date | None]
    superseded_at: Mapped[datetime | None]


class ProposalRow(Base):
    """A change to the catalogue that somebody proposes; see `revisions.proposals.Proposal`."""

    __tablename__ = "proposals"
    __table_args__ = (
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'withdrawn')", name="ck_proposals_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ck_proposals_decided"),
        sa.CheckConstraint("(state = 'approved') = (number IS NOT NULL)", name="ck_proposals_number"),
        sa.UniqueConstraint("number", name="uq_proposals_number"),
        sa.Index("ix_proposals_state", "state", "created_at"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    base_version: Mapped[str]
    content: Mapped[Mapping[str, object]]
    author: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str]
    number: Mapped[int | None]
    resulting_version: Mapped[str | None]
    version: Mapped[int]


class ClosingRow(Base):
    """A closed period in one edition; see `closings.Closing`."""

    __tablename__ = "closings"
    __table_args__ = (sa.CheckConstraint("edition >= 1", name="ck_closings_edition"), STRICT)
    grain: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commit: Mapped[int] = mapped_column(
        "commit_number", sa.ForeignKey("commits.number", name="fk_closings_commit"), key="commit"
    )
    seen: Mapped[int]
    mark: Mapped[str]
    catalogue_version: Mapped[str]
    actor: Mapped[str]
    note: Mapped[str]
    closed_at: Mapped[datetime]


class AccountRow(Base):
    """Somebody who may sign in; see `accounts.records.Account`. units: codes apart by a space, `*` for the whole."""

    __tablename__ = "accounts"
    __table_args__ = (
        sa.CheckConstraint("state IN ('active', 'disabled')", name="ck_accounts_state"),
        sa.CheckConstraint("units <> ''", name="ck_accounts_units"),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="ck_accounts_subject"),
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_subject"),
        STRICT,
    )
    login: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    units: Mapped[str]
    locale: Mapped[str]
    state: Mapped[str]
    password: Mapped[str | None]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int]


def _owner(table: str) -> Mapped[str]:
    return mapped_column(sa.ForeignKey("accounts.login", name=f"fk_{table}_login"))


class LinkRow(Base):
    """A one-time link by which somebody sets their password; only the hash of its secret."""

    __tablename__ = "account_links"
    __table_args__ = (sa.Index("ix_account_links_login", "login"), STRICT)
    hash: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = _owner("account_links")
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Base):
    """A session that is or was open; see `accounts.records.KeptSession`."""

    __tablename__ = "sessions"
    __table_args__ = (sa.Index("ix_sessions_login", "login"), sa.Index("ix_sessions_seen", "seen_at"), STRICT)
    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = _owner("sessions")
    csrf: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    agent: Mapped[str]
    provider_session: Mapped[str | None]


class AttemptRow(Base):
    """Failed sign-ins of an account from an address, or from an address; `key` is a digest of which."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (sa.Index("ix_sign_in_attempts_last", "last_at"), STRICT)
    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class DepartureRow(Base):
    """A browser that was sent to the identity provider and is to come back, once; ids are hashes."""

    __tablename__ = "departures"
    __table_args__ = (sa.Index("ix_departures_ends", "ends_at"), STRICT)
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    back_to: Mapped[str]
    ends_at: Mapped[datetime]


class TokenRow(Base):
    """An API token; see `accounts.records.Token`. rights, units: apart by a space."""

    __tablename__ = "tokens"
    __table_args__ = (sa.Index("ix_tokens_login", "login"), STRICT)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]
    login: Mapped[str] = _owner("tokens")
    name: Mapped[str]
    rights: Mapped[str]
    units: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]


class QuestionRow(Base):
    """A saved question; see `questions.Question`. deleted_at: when it went into the bin."""

    __tablename__ = "questions"
    __table_args__ = (
        sa.CheckConstraint("shared IN ('nobody', 'unit', 'everybody')", name="ck_questions_shared"),
        sa.Index("ix_questions_owner", "owner"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner: Mapped[str]
    shared: Mapped[str]
    unit: Mapped[str]
    content: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int]
