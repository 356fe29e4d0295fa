"""Accounts, their one-time links, sessions, failed sign-ins, departures to an identity provider, and tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Whole, Words

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables."""
    _accounts()
    _sessions()
    _attempts()
    _departures()
    _tokens()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("login", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("role", Words(), nullable=False),
        sa.Column("units", Words(), nullable=False),
        sa.Column("locale", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("password", Words()),
        sa.Column("issuer", Words()),
        sa.Column("subject", Words()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled')", name="ck_accounts_state"),
        sa.CheckConstraint("units <> ''", name="ck_accounts_units"),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="ck_accounts_subject"),
        sa.PrimaryKeyConstraint("login"),
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_subject"),
        sqlite_strict=True,
    )
    op.create_table(
        "account_links",
        sa.Column("hash", Words(), nullable=False),
        sa.Column("login", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(["login"], ["accounts.login"], name="fk_account_links_login"),
        sa.PrimaryKeyConstraint("hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_account_links_login", "account_links", ["login"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("login", Words(), nullable=False),
        sa.Column("csrf", Words(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("agent", Words(), nullable=False),
        sa.Column("provider_session", Words()),
        sa.ForeignKeyConstraint(["login"], ["accounts.login"], name="fk_sessions_login"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_sessions_login", "sessions", ["login"])
    op.create_index("ix_sessions_seen", "sessions", ["seen_at"])


def _attempts() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", Words(), nullable=False),
        sa.Column("failures", Whole(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("ix_sign_in_attempts_last", "sign_in_attempts", ["last_at"])


def _departures() -> None:
    op.create_table(
        "departures",
        sa.Column("id", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("nonce", Words(), nullable=False),
        sa.Column("verifier", Words(), nullable=False),
        sa.Column("back_to", Words(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_departures_ends", "departures", ["ends_at"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("prefix", Words(), nullable=False),
        sa.Column("hash", Words(), nullable=False),
        sa.Column("login", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("rights", Words(), nullable=False),
        sa.Column("units", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.Column("version", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["accounts.login"], name="fk_tokens_login"),
        sa.PrimaryKeyConstraint("prefix"),
        sqlite_strict=True,
    )
    op.create_index("ix_tokens_login", "tokens", ["login"])
