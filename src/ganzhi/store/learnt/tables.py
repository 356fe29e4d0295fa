"""Tables of learnt models. No row is ever changed or removed: what is in use is the last entry of the uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base


class LearntRow(Base):
    """A model; see `models.Learnt`."""

    __tablename__ = "learnt_models"
    __table_args__ = (sa.UniqueConstraint("kind", "number", name="uq_learnt_models_number"), STRICT)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[int]
    digest: Mapped[str]
    card: Mapped[Mapping[str, object]]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class LearntUseRow(Base):
    """A model was taken into use; see `models.Use`."""

    __tablename__ = "learnt_uses"
    __table_args__ = (
        sa.ForeignKeyConstraint(["model"], ["learnt_models.id"], name="fk_learnt_uses_model"),
        STRICT,
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    note: Mapped[str]
