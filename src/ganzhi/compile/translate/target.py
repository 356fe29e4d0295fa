"""What an engine has to say for itself so that our SQL can be said in its words.

Owns the interface that `clickhouse` and `spark` fill in. A form that an engine cannot do exactly
raises InputError CMP002 with the engine and the construct; there is no default form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ganzhi.base.errors import InputError, Issue
from ganzhi.compile.dialects import Forms
from ganzhi.compile.translate.sql_types import SqlType


@dataclass(frozen=True, slots=True)
class Term:
    """A translated expression. literal: its plain value when it is written out in the SQL."""

    sql: str
    type: SqlType
    literal: str | None = None


class Target(Protocol):
    """An engine's words for scalars and aggregates; arguments have been type-checked and widened."""

    name: str
    forms: Forms

    def quoted(self, name: str) -> str:
        """A quoted name."""
        ...

    def text(self, value: str) -> str:
        """A text literal."""
        ...

    def number(self, digits: str, kind: SqlType) -> str:
        """A number literal."""
        ...

    def day(self, value: date) -> str:
        """A date literal."""
        ...

    def instant(self, value: datetime) -> str:
        """A literal of an instant."""
        ...

    def cast(self, term: Term, to: SqlType) -> str:
        """A value as another type; what does not fit raises when it runs."""
        ...

    def try_cast(self, term: Term, to: SqlType) -> str:
        """A number as another number type; what does not fit is NULL."""
        ...

    def strict(self, term: Term, pattern: str, to: SqlType) -> str:
        """A text read as another type, NULL when it does not match or has no such value."""
        ...

    def arithmetic(self, sign: str, left: Term, right: Term, kind: SqlType) -> str:
        """Sum, difference or product of exact numbers, or quotient or remainder of whole ones (`//`, `%`)."""
        ...

    def count_if(self, condition: Term) -> str:
        """Rows for which a condition is true."""
        ...

    def count(self, term: Term | None, *, distinct: bool = False, over: str = "") -> str:
        """Rows, or known or different values. over: the window, with the word OVER."""
        ...

    def sum(self, term: Term, over: str = "") -> str:
        """A sum of exact numbers, of type `sum_type`; never one that has wrapped."""
        ...

    def sum_type(self, term: Term) -> SqlType:
        """The type of `sum`."""
        ...

    def extreme(self, name: str, term: Term, over: str = "") -> str:
        """`min` or `max`."""
        ...

    def grouping(self, columns: Sequence[str]) -> str:
        """Bit mask of the columns a grouping set leaves out, the first one highest."""
        ...

    def call(self, name: str, args: Sequence[Term]) -> str:
        """A function of the catalogue by its DuckDB name."""
        ...

    def like(self, term: Term, pattern: str) -> str:
        """Whether a text fits a LIKE pattern without escapes."""
        ...

    def output(self, term: Term) -> str:
        """A column of the result as the driver can hand it over."""
        ...

    def hint(self) -> str:
        """What stands behind every query: settings the translation relies on; empty where the session holds them."""
        ...


def lacking(engine: str, construct: str) -> InputError:
    """The refusal of a construct an engine has no exact form of."""
    return InputError(Issue("CMP002", engine, params={"construct": construct}))
