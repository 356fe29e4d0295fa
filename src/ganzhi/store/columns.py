"""Column types that mean the same on SQLite and PostgreSQL, and refuse what only one would refuse.

Instants are aware and kept in UTC, text holds no NUL and no lone surrogate, JSON holds no
non-finite number, decimals never pass through a binary float. SQLite tables are STRICT, so every
type here compiles to TEXT or INTEGER there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from ganzhi.base.errors import InputError, InternalError, Issue

INSTANT_FORM: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Instants as text: fixed width, so that their order as text is their order in time."""


def instant_text(instant: datetime) -> str:
    """An aware datetime in UTC as fixed-width text."""
    if instant.utcoffset() is None:
        raise InternalError(f"a time without a zone: {instant!r}")
    # strftime does not pad years below 1000 on every platform, isoformat does.
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_instant(text: str) -> datetime:
    """Read what `instant_text` wrote."""
    return datetime.strptime(text, INSTANT_FORM).replace(tzinfo=UTC)


def check_text(value: str) -> str:
    """The text itself; raises InputError STO015 when a store could not keep it."""
    if "\x00" in value:
        raise InputError(Issue("STO015", "text"))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InputError(Issue("STO015", "text")) from None
    return value


def json_text(value: Mapping[str, object]) -> str:
    """Canonical JSON: sorted keys, no spaces, no non-finite numbers; equal values give equal text."""
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InternalError(f"not a JSON value: {error}") from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise InputError(Issue("STO015", "text"))
    return check_text(text)


class Words(sa.types.TypeDecorator[str]):
    """Text that both databases keep unchanged."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is sent to the database."""
        return None if value is None else check_text(value)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: TIMESTAMPTZ on PostgreSQL, fixed-width text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database at hand has for it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """What is sent to the database."""
        if value is None:
            return None
        text = instant_text(value)
        return value.astimezone(UTC) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What the database sent back."""
        if value is None:
            return None
        return parse_instant(value) if isinstance(value, str) else value.astimezone(UTC)


class Day(sa.types.TypeDecorator[date]):
    """A calendar day: DATE on PostgreSQL, ISO text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database at hand has for it."""
        return dialect.type_descriptor(sa.Date() if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """What is sent to the database."""
        if value is None:
            return None
        if isinstance(value, datetime):
            raise InternalError(f"a day was expected, not an instant: {value!r}")
        return value if dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """What the database sent back."""
        return date.fromisoformat(value) if isinstance(value, str) else value


class Whole(sa.types.TypeDecorator[int]):
    """An integer of 64 bits; `True` is not 1."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database at hand has for it."""
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "postgresql" else sa.Integer())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """What is sent to the database."""
        if value is not None and (type(value) is not int or not -(2**63) <= value < 2**63):
            raise InternalError(f"not an integer of 64 bits: {value!r}")
        return value


class Exact(sa.types.TypeDecorator[Decimal]):
    """A finite decimal, kept as text on both databases; compare it in Python, not in SQL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """What is sent to the database."""
        if value is None:
            return None
        if type(value) is not Decimal or not value.is_finite():
            raise InternalError(f"not a finite decimal: {value!r}")
        return format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """What the database sent back."""
        return None if value is None else Decimal(value)


class Json(sa.types.TypeDecorator[Mapping[str, object]]):
    """A JSON object as canonical text, so that what is hashed is what is kept."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, object] | None, dialect: Dialect) -> str | None:
        """What is sent to the database."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, object] | None:
        """What the database sent back."""
        return None if value is None else json.loads(value)
