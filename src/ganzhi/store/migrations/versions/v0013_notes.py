"""Notes on indicators, processes and cases, with their files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the tables."""
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
        sa.CheckConstraint("about IN ('indicator', 'process', 'case')", name="ck_knowledge_notes_about"),
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
