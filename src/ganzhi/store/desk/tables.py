"""The table of acts. No row is ever changed or removed: what is taken back is another act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base


class DeskActRow(Base):
    """An act; see `acts.DeskAct`."""

    __tablename__ = "desk_acts"
    __table_args__ = (
        sa.CheckConstraint("about IN ('ticket', 'problem')", name="ck_desk_acts_about"),
        sa.CheckConstraint("(act = 'undo') = (undoes IS NOT NULL)", name="ck_desk_acts_undoes"),
        sa.Index("ix_desk_acts_at", "about", "at"),
        STRICT,
    )
    about: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    content: Mapped[Mapping[str, object]]
    undoes: Mapped[int | None]
