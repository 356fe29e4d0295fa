"""Table of kept reports. No row is ever changed or removed: what corrects one stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base


class EditionRow(Base):
    """A report as it was produced; see `editions.Edition`."""

    __tablename__ = "report_editions"
    __table_args__ = (STRICT,)
    kind: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen: Mapped[str]
    content: Mapped[Mapping[str, object]]
    catalogue_version: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
