"""What several answers share: texts, pages of a list, which state a number belongs to, what is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from ganzhi.catalogue.model.parts import Text

Item = TypeVar("Item")


class Shape(BaseModel):
    """Base of all answers: what is not declared is not sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Both(Shape):
    """A displayed text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Both:
        """A text of the catalogue."""
        return cls(zh=text.zh, en=text.en)


def both(text: Text | None) -> Both | None:
    """A text of the catalogue that may be missing."""
    return None if text is None else Both.of(text)


class Listed(Shape, Generic[Item]):
    """A page of a list. next: the cursor of the following page, null on the last one."""

    items: list[Item]
    total: int
    next: str | None
    catalogue_version: str


class NumbersOf(Listed[Item], Generic[Item]):
    """A page of a list of numbers, all of one state of the data."""

    commit: int
    refreshed_at: datetime | None


class Wrong(Shape):
    """One thing that is wrong with a request."""

    code: str
    field: str | None
    cause: str
    remedy: str


class Problem(Shape):
    """Why a request was not answered (RFC 9457); code, field, detail and remedy repeat the first of the issues."""

    type: str
    title: str
    status: int
    detail: str
    code: str | None
    field: str | None
    remedy: str | None
    issues: list[Wrong]
    id: str | None
