"""Reports that were brought in: notes about them, with what they are and what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Day, Instant, Json, Whole, Words

revision = "0015"
down_revision = "0014"
ABOUT = "about IN ('indicator', 'process', 'case', 'report')"
NOTES = (
    "number, about, subject, kind, title, text, links, file_name, file_size, file_digest, made_at, made_by,"
    " withdrawn_at, withdrawn_by, withdrawn_why"
)


def upgrade() -> None:
    """Let notes be about reports; add the table."""
    if op.get_bind().dialect.name == "sqlite":
        _notes_again()
    else:
        op.drop_constraint("ck_knowledge_notes_about", "knowledge_notes", type_="check")
        op.create_check_constraint("ck_knowledge_notes_about", "knowledge_notes", ABOUT)
    op.create_table(
        "knowledge_reports",
        sa.Column("note", Whole(), autoincrement=False, nullable=False),
        *(sa.Column(name, Words(), nullable=False) for name in ("sort", "unit", "period")),
        sa.Column("first_day", Day(), nullable=False),
        sa.Column("text", Words(), nullable=True),
        sa.ForeignKeyConstraint(["note"], ["knowledge_notes.number"], name="fk_knowledge_reports_note"),
        sa.PrimaryKeyConstraint("note"),
        sqlite_strict=True,
    )
    op.create_index("ix_knowledge_reports_unit", "knowledge_reports", ["unit", "sort", "period"])


def _notes_again() -> None:
    """SQLite changes no condition of a table: notes are made again with their rows, and files, which refer to them."""
    op.rename_table("knowledge_files", "knowledge_files_before")
    op.drop_index("ix_knowledge_notes_subject", "knowledge_notes")
    op.rename_table("knowledge_notes", "knowledge_notes_before")
    texts = ("about", "subject", "kind", "title", "text")
    op.create_table(
        "knowledge_notes",
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        *(sa.Column(name, Words(), nullable=False) for name in texts),
        sa.Column("links", Json(), nullable=False),
        sa.Column("file_name", Words(), nullable=False),
        sa.Column("file_size", Whole(), nullable=False),
        sa.Column("file_digest", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", Words(), nullable=True),
        sa.Column("withdrawn_why", Words(), nullable=False),
        sa.CheckConstraint(ABOUT, name="ck_knowledge_notes_about"),
        sa.CheckConstraint("kind IN ('reason', 'decision', 'document')", name="ck_knowledge_notes_kind"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="ck_knowledge_notes_withdrawn"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_index("ix_knowledge_notes_subject", "knowledge_notes", ["about", "subject"])
    op.create_table(
        "knowledge_files",
        sa.Column("note", Whole(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["knowledge_notes.number"], name="fk_knowledge_files_note"),
        sa.PrimaryKeyConstraint("note"),
        sqlite_strict=True,
    )
    op.execute(f"INSERT INTO knowledge_notes ({NOTES}) SELECT {NOTES} FROM knowledge_notes_before")
    op.execute("INSERT INTO knowledge_files (note, content) SELECT note, content FROM knowledge_files_before")
    op.drop_table("knowledge_files_before")
    op.drop_table("knowledge_notes_before")
