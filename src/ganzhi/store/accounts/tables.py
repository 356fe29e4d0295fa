"""Tables beside accounts: second factors, their recovery codes, and allowances of what costs much."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base


class FactorRow(Base):
    """A second factor; see `factors.Factor`."""

    __tablename__ = "second_factors"
    __table_args__ = (STRICT,)
    login: Mapped[str] = mapped_column(
        sa.ForeignKey("accounts.login", name="fk_second_factors_login"), primary_key=True
    )
    salt: Mapped[str]
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]


class RecoveryRow(Base):
    """A recovery code, by its hash; used once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (sa.Index("ix_recovery_codes_login", "login"), STRICT)
    hash: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.ForeignKey("accounts.login", name="fk_recovery_codes_login"))
    used_at: Mapped[datetime | None]


class AllowanceRow(Base):
    """When what somebody took of something is paid back; `key` is a digest of whom and of what."""

    __tablename__ = "allowances"
    __table_args__ = (sa.Index("ix_allowances_due", "due_at"), STRICT)
    key: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
