"""The tables of acts, and of what was handed over of them. No row of an act is ever changed or removed: what is taken
back is another act."""

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
        sa.CheckConstraint("about IN ('ticket', 'problem', 'fault')", name="ck_desk_acts_about"),
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


class DeskHandoverRow(Base):
    """A file of acts for the ticket system; see `handovers.Handover`. written_at: NULL until the file is there."""

    __tablename__ = "desk_handovers"
    __table_args__ = (
        sa.CheckConstraint("(written_at IS NULL) = (sha256 IS NULL)", name="ck_desk_handovers_written"),
        STRICT,
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    written_at: Mapped[datetime | None]
    sha256: Mapped[str | None]


class DeskHandedRow(Base):
    """That an act stands in a file. By its key it stands in one only."""

    __tablename__ = "desk_handed"
    __table_args__ = (
        sa.ForeignKeyConstraint(["handover"], ["desk_handovers.number"], name="fk_desk_handed_handover"),
        sa.ForeignKeyConstraint(
            ["about", "subject", "number"],
            ["desk_acts.about", "desk_acts.subject", "desk_acts.number"],
            name="fk_desk_handed_act",
        ),
        sa.Index("ix_desk_handed_handover", "handover"),
        STRICT,
    )
    about: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    handover: Mapped[int]
