"""The first schema: manifest, ledger, jobs, outbox, audit, catalogues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.base.failpoint import failpoint
from ganzhi.store.columns import Day, Instant, Json, Whole, Words

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Build all tables and their single rows."""
    _commits()
    _files()
    failpoint("store.within_migration")
    _loads()
    _arrivals()
    _jobs()
    _outbox()
    _audit()
    _meta()
    op.execute("INSERT INTO manifest_head (id, number, next_file) VALUES (1, 0, 1)")
    op.execute("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '')")
    op.execute("INSERT INTO meta (name, value) VALUES ('product', 'ganzhi')")


def _commits() -> None:
    op.create_table(
        "manifest_head",
        sa.Column("id", Whole(), autoincrement=False, nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("next_file", Whole(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_manifest_head_single"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "commits",
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        sa.Column("request", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("request", name="uq_commits_request"),
        sqlite_strict=True,
    )
    op.create_table(
        "table_heads",
        sa.Column("name", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["commits.number"], name="fk_table_heads_number"),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", Whole(), autoincrement=False, nullable=False),
        sa.Column("table_name", Words(), nullable=False),
        sa.Column("partition_day", Words(), nullable=False),
        sa.Column("path", Words(), nullable=False),
        sa.Column("sha256", Words(), nullable=False),
        sa.Column("rows", Whole(), nullable=False),
        sa.Column("bytes", Whole(), nullable=False),
        sa.Column("key_min", Words(), nullable=True),
        sa.Column("key_max", Words(), nullable=True),
        sa.Column("plan", Words(), nullable=True),
        sa.Column("added", Whole(), nullable=False),
        sa.Column("removed", Whole(), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name="ck_files_sha256"),
        sa.CheckConstraint("removed IS NULL OR removed > added", name="ck_files_order"),
        sa.CheckConstraint("rows >= 0 AND bytes >= 0", name="ck_files_sizes"),
        sa.ForeignKeyConstraint(["added"], ["commits.number"], name="fk_files_added"),
        sa.ForeignKeyConstraint(["removed"], ["commits.number"], name="fk_files_removed"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_files_path", "files", ["path"], unique=False)
    op.create_index("ix_files_removed", "files", ["removed"], unique=False)
    op.create_index(
        "uq_files_live_path",
        "files",
        ["path"],
        unique=True,
        sqlite_where=sa.text("removed IS NULL"),
        postgresql_where=sa.text("removed IS NULL"),
    )
    op.create_table(
        "file_inputs",
        sa.Column("file_id", Whole(), autoincrement=False, nullable=False),
        sa.Column("input_id", Whole(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_file_inputs_file"),
        sa.ForeignKeyConstraint(["input_id"], ["files.id"], name="fk_file_inputs_input"),
        sa.PrimaryKeyConstraint("file_id", "input_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_file_inputs_input", "file_inputs", ["input_id"], unique=False)


def _loads() -> None:
    op.create_table(
        "loads",
        sa.Column("id", Words(), nullable=False),
        sa.Column("commit_number", Whole(), nullable=False),
        sa.Column("feed", Words(), nullable=False),
        sa.Column("mapping", Words(), nullable=False),
        sa.Column("file", Words(), nullable=False),
        sa.Column("content_sha256", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("read", Whole(), nullable=False),
        sa.Column("accepted", Whole(), nullable=False),
        sa.Column("duplicate", Whole(), nullable=False),
        sa.Column("replaced", Whole(), nullable=False),
        sa.Column("rejected", Whole(), nullable=False),
        sa.Column("filtered", Whole(), nullable=False),
        sa.Column("blanked", Whole(), nullable=False),
        sa.Column("noted", Whole(), nullable=False),
        sa.Column("first_day", Day(), nullable=True),
        sa.Column("last_day", Day(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=False),
        sa.Column("catalogue_version", Words(), nullable=False),
        sa.Column("replay_of", Words(), nullable=True),
        sa.Column("report", Json(), nullable=False),
        sa.CheckConstraint(
            "state <> 'accepted' OR read = accepted + duplicate + replaced + rejected + filtered",
            name="ck_loads_balance",
        ),
        sa.CheckConstraint("state IN ('accepted', 'rejected')", name="ck_loads_state"),
        sa.CheckConstraint("length(content_sha256) = 64", name="ck_loads_sha256"),
        sa.CheckConstraint(
            "read >= 0 AND accepted >= 0 AND duplicate >= 0 AND replaced >= 0 AND rejected >= 0 AND filtered >= 0 AND blanked >= 0 AND noted >= 0",
            name="ck_loads_counts",
        ),
        sa.ForeignKeyConstraint(["commit_number"], ["commits.number"], name="fk_loads_commit"),
        sa.ForeignKeyConstraint(
            ["replay_of"], ["loads.id"], name="fk_loads_replay_of", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_loads_file", "loads", ["file"], unique=False)
    op.create_index("ix_loads_finished", "loads", ["feed", "finished_at"], unique=False)
    op.create_index(
        "uq_loads_counted_once",
        "loads",
        ["feed", "mapping", "content_sha256"],
        unique=True,
        sqlite_where=sa.text("state = 'accepted' AND replay_of IS NULL"),
        postgresql_where=sa.text("state = 'accepted' AND replay_of IS NULL"),
    )


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("load_id", Words(), nullable=False),
        sa.Column("feed", Words(), nullable=False),
        sa.Column("mapping", Words(), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("shard", Words(), nullable=False),
        sa.Column("rows", Whole(), nullable=False),
        sa.CheckConstraint("rows >= 0", name="ck_arrivals_rows"),
        sa.ForeignKeyConstraint(["load_id"], ["loads.id"], name="fk_arrivals_load"),
        sa.PrimaryKeyConstraint("load_id", "feed", "mapping", "day", "shard"),
        sqlite_strict=True,
    )
    op.create_index("ix_arrivals_day", "arrivals", ["feed", "day"], unique=False)


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("key", Words(), nullable=False),
        sa.Column("payload", Json(), nullable=False),
        sa.Column("again", Json(), nullable=True),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("worker", Words(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("token", Whole(), nullable=False),
        sa.Column("attempts", Whole(), nullable=False),
        sa.Column("error", Words(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="ck_jobs_lease"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'dead')", name="ck_jobs_state"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_jobs_due", "jobs", ["state", "due"], unique=False)
    op.create_index(
        "uq_jobs_open",
        "jobs",
        ["kind", "key"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "fired",
        sa.Column("schedule", Words(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("fired_at", Instant(), nullable=False),
        sa.Column("job_id", Words(), nullable=True),
        sa.Column("skipped", Words(), nullable=True),
        sa.CheckConstraint("(job_id IS NULL) <> (skipped IS NULL)", name="ck_fired_outcome"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_fired_job"),
        sa.PrimaryKeyConstraint("schedule", "due_at"),
        sqlite_strict=True,
    )
    op.create_table(
        "lease_clock",
        sa.Column("id", Whole(), autoincrement=False, nullable=False),
        sa.Column("boot", Words(), nullable=False),
        sa.Column("ticks_ms", Whole(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_lease_clock_single"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Words(), nullable=False),
        sa.Column("finding", Words(), nullable=False),
        sa.Column("channel", Words(), nullable=False),
        sa.Column("change", Words(), nullable=False),
        sa.Column("payload", Json(), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("token", Whole(), nullable=False),
        sa.Column("attempts", Whole(), nullable=False),
        sa.Column("error", Words(), nullable=True),
        sa.Column("withheld", Words(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("first_tried_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="ck_outbox_lease"),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="ck_outbox_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("finding", "channel", "change", name="uq_outbox_once"),
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "due"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", Whole(), autoincrement=False, nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("hash", Words(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_audit_head_single"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "audit",
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        sa.Column("request", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("act", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("previous", Words(), nullable=False),
        sa.Column("hash", Words(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("request", name="uq_audit_request"),
        sqlite_strict=True,
    )
    _append_only()


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", Words(), nullable=False),
        sa.Column("value", Words(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "catalogues",
        sa.Column("version", Words(), nullable=False),
        sa.Column("content", Words(), nullable=False),
        sa.Column("remembered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sqlite_strict=True,
    )


def _append_only() -> None:
    """Let the database itself refuse to change or delete an audit entry."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )
