"""From an indicator's definition to a formula over measures.

Owns the meaning of the catalogue's measure kinds: which aggregates an indicator needs, which of
them is its numerator, its denominator and its n, and by what the quotient is multiplied. Assumes
the catalogue has passed its checks; refuses what could not be merged exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import sqlglot
from sqlglot import exp

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.expressions import Expr, parse
from ganzhi.catalogue.model.data import ColumnType, Feed
from ganzhi.catalogue.model.indicators import DistinctOf, Indicator, Part, ValueOf, ValueUnit
from ganzhi.compile.measures import Kind, Measure, Value, count_of, distinct_of, known_count_of, measure_of

Shape = Literal[
    "count", "sum", "min", "max", "mean", "ratio", "rate", "share_within", "percentile", "distinct", "snapshot"
]

Want = Literal["bool", "number", "any"]

SCALES: Mapping[ValueUnit, int] = {"percent": 100, "per_10k": 10_000}
"""What a quotient is multiplied by for its unit of value; 1 for every other unit."""


@dataclass(frozen=True, slots=True)
class Term:
    """A merged measure times a constant."""

    measure: Measure
    times: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Formula:
    """How an indicator's value comes from merged measures.

    With a denominator: scale · numerator / denominator. Without: the numerator itself, or for
    `min`, `max` and `percentile` the `subject`, which has neither. n: count of the rows that the
    denominator (else the numerator or subject) takes in. p: rank of a percentile. per: of a rate,
    the indicator of another feed by whose value the numerator is divided when both are known.
    """

    code: str
    shape: Shape
    numerator: Term | None
    denominator: Term | None
    subject: Measure | None
    n: Measure
    scale: int
    p: Decimal | None
    unit: ValueUnit
    per: str | None = None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All measures the formula needs, without repetition, in a stable order."""
        terms = [term.measure for term in (self.numerator, self.denominator) if term is not None]
        subject = [] if self.subject is None else [self.subject]
        return tuple(dict.fromkeys([*terms, *subject, self.n]))

    def behind(self, part: Literal["numerator", "denominator", "all"]) -> Measure:
        """The measure that says which rows stand behind a part; `all` are the rows of n.

        Raises: InputError CMP007 when the indicator has no such part.
        """
        if part == "all":
            return self.n
        term = self.numerator if part == "numerator" else self.denominator
        if term is None:
            raise InputError(Issue("CMP007", self.code, params={"part": part}))
        return term.measure.counted


class FormulaMaker:
    """Reads the indicators of one feed.

    columns: names and types that expressions may use, derived columns included.
    """

    def __init__(self, feed_code: str, feed: Feed, indicators: Mapping[str, Indicator]) -> None:
        self._feed_code = feed_code
        self._indicators = indicators
        self.stored_types: dict[str, ColumnType] = {name: column.type for name, column in feed.columns.items()}
        self._types = self.stored_types | {name: derived.type for name, derived in feed.derived.items()}
        self._scales = {name: column.scale for name, column in feed.columns.items()}
        self._reads: dict[str, tuple[str, ...]] = {}

    def formula(self, code: str) -> Formula:
        """The formula of an indicator that has a measure."""
        indicator = self._indicators[code]
        scale = SCALES.get(indicator.unit, 1)
        shape = indicator.measure
        match shape:
            case "ratio" | "share_within" | "mean":
                numerator, denominator = self._quotient(code)
                n = denominator.measure.counted
                times = 1 if shape == "mean" else scale
                return Formula(code, shape, numerator, denominator, None, n, times, None, indicator.unit)
            case "count" | "sum" | "distinct" | "snapshot":
                term = self._numerator_of(code, ())
                return Formula(code, shape, term, None, None, term.measure.counted, 1, None, indicator.unit)
            case "rate":
                assert indicator.rate is not None
                term = self._part(code, indicator.rate.numerator, (code,))
                n, per = term.measure.counted, indicator.rate.per
                return Formula(code, shape, term, None, None, n, scale, None, indicator.unit, per)
            case "min" | "max" | "percentile":
                subject = self._subject(indicator)
                p = None if indicator.percentile is None else indicator.percentile.p
                return Formula(code, shape, None, None, subject, subject.counted, 1, p, indicator.unit)
        raise InputError(Issue("CMP004", code))

    def columns_of(self, measures: Iterable[Measure]) -> frozenset[str]:
        """Columns, stored or derived, that measures of this maker read."""
        texts = {text for m in measures for text in (*m.where, *([m.value.sql] if m.value else []))}
        return frozenset(column for text in texts for column in self._reads[text])

    def conditions(self, where: str | None) -> tuple[str, ...]:
        """A filter as the conditions that must all hold, each checked and written anew."""
        if where is None:
            return ()
        pending: list[exp.Expr] = [sqlglot.parse_one(self._checked(where, "bool").sql, dialect="duckdb")]
        found = []
        while pending:
            node = pending.pop()
            if isinstance(node, exp.Paren):
                pending.append(node.this)
            elif isinstance(node, exp.And):
                pending += [node.expression, node.this]
            else:
                found.append(self._checked(node.sql(dialect="duckdb"), "any").sql)
        return tuple(found)

    def number(self, of: str) -> Value:
        """A numeric expression, with how it is added up."""
        checked = self._checked(of, "number")
        return Value(checked.sql, "int" if checked.type == "int" else "decimal")

    def _checked(self, text: str, want: Want) -> Expr:
        checked = parse(text, self._types, want=want, scales=self._scales)
        self._reads[checked.sql] = checked.columns
        return checked

    def _quotient(self, code: str) -> tuple[Term, Term]:
        indicator = self._indicators[code]
        if indicator.mean is not None:
            value, where = self.number(indicator.mean.of), self.conditions(indicator.mean.where)
            return Term(measure_of(Kind.SUM, value, where)), Term(known_count_of(value, where))
        if indicator.share_within is not None:
            share = indicator.share_within
            value, where = self.number(share.of), self.conditions(share.where)
            within = self.conditions(f"({share.of}) <= {share.limit:f}")
            return Term(count_of([*where, *within])), Term(known_count_of(value, where))
        assert indicator.ratio is not None
        ratio = indicator.ratio
        return self._part(code, ratio.numerator, (code,)), self._part(code, ratio.denominator, (code,))

    def _numerator_of(self, code: str, path: tuple[str, ...]) -> Term:
        if code in path:
            raise InputError(Issue("CMP005", code, params={"circle": " → ".join((*path, code))}))
        indicator = self._indicators.get(code)
        if indicator is None or indicator.feed != self._feed_code:
            raise InputError(Issue("CMP006", path[-1] if path else code, params={"part": code}))
        match indicator.measure:
            case "count":
                assert indicator.count is not None
                return Term(count_of(self.conditions(indicator.count.where)))
            case "sum":
                assert indicator.sum is not None
                return Term(measure_of(Kind.SUM, self.number(indicator.sum.of), self.conditions(indicator.sum.where)))
            case "distinct":
                assert indicator.distinct is not None
                return Term(self._set(indicator.distinct))
            case "snapshot":
                assert indicator.snapshot is not None
                return Term(self._snapshot(indicator.snapshot))
            case "ratio":
                assert indicator.ratio is not None
                return self._part(code, indicator.ratio.numerator, (*path, code))
            case "rate":
                assert indicator.rate is not None
                return self._part(code, indicator.rate.numerator, (*path, code))
            case "mean" | "share_within":
                return self._quotient(code)[0]
        raise InputError(Issue("CMP007", code, params={"part": "numerator"}))

    def _part(self, code: str, part: Part, path: tuple[str, ...]) -> Term:
        if part.indicator is not None:
            inner = self._numerator_of(part.indicator, path)
            return Term(inner.measure, inner.times * part.times)
        if part.sum is not None:
            measure = measure_of(Kind.SUM, self.number(part.sum.of), self.conditions(part.sum.where))
        elif part.distinct is not None:
            measure = self._set(part.distinct)
        elif part.snapshot is not None:
            measure = self._snapshot(part.snapshot)
        else:
            assert part.count is not None
            measure = count_of(self.conditions(part.count.where))
        return Term(measure, part.times)

    def _set(self, distinct: DistinctOf) -> Measure:
        value = Value(self._checked(distinct.of, "any").sql, None)
        return distinct_of(value, self.conditions(distinct.where), distinct.exact_up_to)

    def _snapshot(self, snapshot: ValueOf) -> Measure:
        return measure_of(Kind.SNAPSHOT, self.number(snapshot.of), self.conditions(snapshot.where))

    def _subject(self, indicator: Indicator) -> Measure:
        if indicator.percentile is not None:
            kind, of, where = Kind.HISTOGRAM, indicator.percentile.of, indicator.percentile.where
        elif indicator.min is not None:
            kind, of, where = Kind.MIN, indicator.min.of, indicator.min.where
        else:
            assert indicator.max is not None
            kind, of, where = Kind.MAX, indicator.max.of, indicator.max.where
        return measure_of(kind, self.number(of), self.conditions(where))
