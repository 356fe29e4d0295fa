"""Rows made from a feed's contract alone: every value is one that the contract lets pass.

Values that the catalogue's expressions compare with (texts, limits) are among the candidates, so that
filters are met as well as missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import sqlglot
from sqlglot import exp

from ganzhi.catalogue.checks.expressions import expression_texts
from ganzhi.catalogue.checks.service.literals import allowed_values
from ganzhi.catalogue.expressions import comparisons
from ganzhi.catalogue.model.data import Column, Feed
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema

MONTH = datetime(2026, 3, 1, 2, tzinfo=UTC)
DAYS = 3
UNITS = ("one", "two")


def texts_of(catalogue: Catalogue, code: str) -> Iterator[str]:
    """Every expression over a feed's columns."""
    feed = catalogue.feeds[code]
    yield from (derived.expr for derived in feed.derived.values())
    yield from (rule.check for rule in feed.rules.values())
    for indicator in catalogue.indicators.values():
        if indicator.feed == code:
            yield from (text for _, text, _ in expression_texts(indicator))


def texts_behind(catalogue: Catalogue, code: str) -> list[str]:
    """The expressions of an indicator and of the derived columns that they use."""
    indicator = catalogue.indicator(code)
    feed = catalogue.feed(str(indicator.feed))
    found = [text for _, text, _ in expression_texts(indicator)]
    return found + [d.expr for name, d in feed.derived.items() if any(name in text for text in found)]


def mined(texts: Iterable[str]) -> tuple[dict[str, set[str]], set[int]]:
    """Texts that each column is compared with, and the numbers that appear anywhere."""
    words: dict[str, set[str]] = {}
    numbers: set[int] = set()
    for text in texts:
        tree = sqlglot.parse_one(text, dialect="duckdb")
        for column, value in comparisons(text):
            words.setdefault(column, set()).add(value)
        for literal in tree.find_all(exp.Literal):
            if not literal.is_string and float(literal.name) < 10**7:
                numbers.add(int(float(literal.name)))
    return words, numbers


class Maker:
    """Makes the rows of one feed. focus: an indicator whose filters most rows should meet."""

    def __init__(self, catalogue: Catalogue, code: str, seed: int, focus: str | None = None) -> None:
        self._catalogue, self._focused = catalogue, focus is not None
        self._feed: Feed = catalogue.feeds[code]
        self._random = np.random.default_rng([seed, *code.encode()])
        texts = texts_of(catalogue, code) if focus is None else texts_behind(catalogue, focus)
        self._words, self._numbers = mined(texts)
        self._allowed = allowed_values(catalogue, self._feed)

    def table(self, rows: int) -> pa.Table:
        """Rows that break no rule of the contract."""
        made = pa.Table.from_pylist([self._row(n) for n in range(rows)], schema=rows_schema(self._feed))
        with duckdb.connect() as connection:
            connection.register("made", made)
            for rule in (r for r in self._feed.rules.values() if r.on_violation != "note"):
                connection.execute(
                    f"create or replace temp table kept as select * from made where ({rule.check}) is not false"
                )
                made = connection.sql("from kept").to_arrow_table()
                connection.register("made", made)
        return made.cast(rows_schema(self._feed))

    def _row(self, number: int) -> Mapping[str, Any]:
        feed = self._feed
        at = MONTH + timedelta(days=int(self._random.integers(DAYS)), minutes=int(self._random.integers(0, 12 * 60)))
        row: dict[str, Any] = {"_load": "made", "_line": number + 2}
        for name, column in feed.columns.items():
            if name == feed.time:
                row[name] = at
            elif name == feed.unit:
                row[name] = UNITS[int(self._random.integers(2))]
            elif (
                name in feed.key
                and column.type == "text"
                and name not in self._allowed
                and name not in ("day", "month")
            ):
                row[name] = f"{name}{number}"
            elif not column.required and self._random.random() < 0.2:
                row[name] = None
            else:
                row[name] = self._value(name, column, at)
        return row

    def _value(self, name: str, column: Column, at: datetime) -> Any:
        match column.type:
            case "timestamp":
                # Mostly within the hour, sometimes days: limits of minutes and of days are both crossed.
                scale = self._pick([600, 3600, 86_400, 6 * 86_400])
                ahead = -1 if self._random.random() < 0.15 else 1
                return at + timedelta(seconds=ahead * int(self._random.integers(0, scale)))
            case "bool":
                return bool(self._random.random() < 0.5)
            case "int":
                return self._number(column)
            case "decimal":
                return Decimal(self._number(column)).quantize(Decimal(1).scaleb(-column.scale))
            case "date":
                return at.date()
        return self._text(name, at)

    def _number(self, column: Column) -> int:
        low = int(column.min) if column.min is not None else 0
        high = int(column.max) if column.max is not None else 10**6
        near = [n + step for n in self._numbers for step in (-1, 0, 1) if low <= n + step <= high]
        spread = int(10 ** self._random.uniform(0, 5))
        drawn = min(high, low + int(self._random.integers(0, spread + 1)))
        return self._pick(near) if near and self._random.random() < 0.5 else drawn

    def _text(self, name: str, at: datetime) -> str:
        if name in ("day", "month"):
            return at.strftime("%Y-%m-%d" if name == "day" else "%Y-%m")
        known = self._allowed.get(name)
        if known:
            used = [word for word in self._words.get(name, ()) if word in known]
            astray = 0.1 if self._focused else 0.4
            return self._pick(sorted(known)) if not used or self._random.random() < astray else self._pick(sorted(used))
        dimension = self._catalogue.dimensions.get(name)
        used = sorted(self._words.get(name, ()))
        if self._focused and used and self._random.random() < 0.9:
            return self._pick(used)
        return self._pick(sorted({*used, *(dimension.values if dimension else ()), "甲", "乙"}))

    def _pick(self, values: list[Any]) -> Any:
        return values[int(self._random.integers(len(values)))]
