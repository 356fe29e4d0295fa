"""The small language everything is compiled to: seven kinds of mergeable measure over one feed.

A measure is a kind, a value and a filter, in canonical form; two indicators that need the same
aggregate get the same measure because they get the same name. Nothing here is a ratio, a mean or
a percentile: those are formed once, at the end, from merged measures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ganzhi.base.ids import digest

Arithmetic = Literal["int", "decimal"]
"""How a value is added up exactly: whole numbers, or decimals of nine places. Never floating point
(reliability.md D6: the same rows gave other digits with other threads)."""

DECIMAL_PLACES = 9


class Kind(StrEnum):
    """How states of the measure merge: counts and sums add, minima and maxima compare, histograms
    add bucket by bucket, sets unite. A snapshot adds over units and slices and not over time: of a
    period it is what stood at the last moment of which there is a row."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    HISTOGRAM = "hist"
    DISTINCT = "set"
    SNAPSHOT = "snapshot"


ADDITIVE = (Kind.COUNT, Kind.SUM, Kind.MIN, Kind.MAX, Kind.SNAPSHOT)
"""Kinds that are kept as one column."""

SUMMED = (Kind.SUM, Kind.SNAPSHOT)
"""Kinds whose column holds an exact sum of values."""


@dataclass(frozen=True, slots=True)
class Value:
    """A checked expression per row. arithmetic: None for values that are only told apart."""

    sql: str
    arithmetic: Arithmetic | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One aggregate. where: conditions that must all be true, sorted, without repetition.
    value: with COUNT, only rows whose value is known are counted. exact_up_to: with DISTINCT, how
    many values a cell may hold before it is kept as HyperLogLog registers; 0 for other kinds."""

    kind: Kind
    value: Value | None
    where: tuple[str, ...]
    exact_up_to: int = 0

    @property
    def name(self) -> str:
        """Column or key of the measure in the states, the same wherever its meaning is the same.

        >>> count_of(["a = 1"]).name == count_of(["a = 1", "a = 1"]).name
        True
        """
        value = ("", "") if self.value is None else (self.value.sql, self.value.arithmetic or "")
        limit = (str(self.exact_up_to),) if self.kind is Kind.DISTINCT else ()
        return "m_" + digest(self.kind.value, *limit, *value, *self.where)[:12]

    @property
    def text(self) -> str:
        """The measure in one readable line, for comments in generated SQL."""
        inner = "*" if self.value is None else self.value.sql
        known = "known " if self.kind is Kind.COUNT and self.value is not None else ""
        where = f" where {' and '.join(self.where)}" if self.where else ""
        return f"{self.kind.value}({known}{inner}){where}"

    @property
    def counted(self) -> Measure:
        """The count of exactly the rows that this measure takes in."""
        if self.kind is Kind.COUNT:
            return self
        assert self.value is not None
        return Measure(Kind.COUNT, Value(self.value.sql, None), self.where)


def _canonical(where: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(where)))


def count_of(where: Iterable[str]) -> Measure:
    """Number of rows."""
    return Measure(Kind.COUNT, None, _canonical(where))


def measure_of(kind: Kind, value: Value, where: Iterable[str]) -> Measure:
    """An aggregate of known values."""
    assert kind not in (Kind.COUNT, Kind.DISTINCT)
    return Measure(kind, value, _canonical(where))


def distinct_of(value: Value, where: Iterable[str], exact_up_to: int) -> Measure:
    """Number of different known values."""
    return Measure(Kind.DISTINCT, value, _canonical(where), exact_up_to)


def known_count_of(value: Value, where: Iterable[str]) -> Measure:
    """Number of rows whose value is known."""
    return Measure(Kind.COUNT, Value(value.sql, None), _canonical(where))
