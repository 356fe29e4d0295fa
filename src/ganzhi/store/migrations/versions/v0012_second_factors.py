"""Second factors with their recovery codes, and allowances that processes share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Whole, Words

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "second_factors",
        sa.Column("login", Words(), nullable=False),
        sa.Column("salt", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("last_step", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["accounts.login"], name="fk_second_factors_login"),
        sa.PrimaryKeyConstraint("login"),
        sqlite_strict=True,
    )
    op.create_table(
        "recovery_codes",
        sa.Column("hash", Words(), nullable=False),
        sa.Column("login", Words(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["login"], ["accounts.login"], name="fk_recovery_codes_login"),
        sa.PrimaryKeyConstraint("hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_recovery_codes_login", "recovery_codes", ["login"])
    op.create_table(
        "allowances",
        sa.Column("key", Words(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("ix_allowances_due", "allowances", ["due_at"])
