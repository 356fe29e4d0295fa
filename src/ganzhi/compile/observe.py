"""The question: observations of a feed's indicators from its states.

Owns the SQL that merges states over units, periods and slices and forms ratios once, at the very
end. Reads relations `day_<feed>_*` (or `fine_<feed>_*` below a day and for hours of the day),
`members(unit, ancestor)`: which units count for which asked unit, and `asked(period, day)` or
`asked(period, slot)` with `hour_of_day` and `weekday`: which days or slots belong to which asked
period. A period that accumulates simply has more of them, so to-date values need no SQL of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS
from ganzhi.compile.dialects import DUCKDB, Dialect, comment, day_literal, identifier, literal
from ganzhi.compile.formulas import Formula, Term
from ganzhi.compile.measures import Kind, Measure
from ganzhi.compile.plan import FeedPlan
from ganzhi.compile.roll import merged
from ganzhi.compile.scan import dimension_column


@dataclass(frozen=True, slots=True)
class Question:
    """What one feed is asked.

    codes: indicators of the feed. level: `fine` or `day` states. by, where: dimensions of the
    feed or of the calendar. first, last: bounds of the days that are read.
    """

    codes: tuple[str, ...]
    level: Literal["fine", "day"]
    by: tuple[str, ...]
    where: Mapping[str, str]
    first: date
    last: date

    @property
    def of_feed(self) -> tuple[str, ...]:
        """The dimensions that the states must have."""
        named = dict.fromkeys([*self.by, *self.where])
        return tuple(d for d in named if d not in CALENDAR_DIMENSIONS)


def column_of(code: str, part: Literal["numerator", "denominator", "n", "value"]) -> str:
    """Column of the result that holds a part of an indicator."""
    return f"{code}:{part}"


def slice_column(name: str) -> str:
    """Column of the result that holds a slice value, as text."""
    return f"by_{name}"


def observe_sql(plan: FeedPlan, question: Question, dialect: Dialect = DUCKDB) -> str:
    """One SELECT: unit, period, slice columns, and per indicator numerator, denominator, n, value."""
    return _Writer(plan, question, dialect).text()


class _Writer:
    def __init__(self, plan: FeedPlan, question: Question, dialect: Dialect) -> None:
        if question.level == "fine" and not plan.keeps_fine:
            raise InputError(Issue("CMP010", plan.feed, params={"finest": plan.finest.value}))
        self._plan, self._question, self._dialect = plan, question, dialect
        self._cuboid = plan.cuboid_for(question.of_feed)
        for code in question.codes:
            plan.check_kept(code, self._cuboid)
        self._formulas = [plan.formula(code) for code in question.codes]
        self._slices = [slice_column(d) for d in question.by]
        self._keys = ["unit", "period", *(identifier(s) for s in self._slices)]
        needed = dict.fromkeys(m for f in self._formulas for m in f.measures)
        self._additive = [m for m in needed if m.kind not in (Kind.HISTOGRAM, Kind.DISTINCT)]
        self._histograms = [m for m in needed if m.kind is Kind.HISTOGRAM]
        self._sets = [m for m in needed if m.kind is Kind.DISTINCT]

    def text(self) -> str:
        parts = [("merged", "counts, sums and extremes, merged", self._merged())]
        joins = ["merged m"]
        if self._histograms:
            parts.append(("buckets", "histograms, merged bucket by bucket", self._buckets()))
            parts.append(("ranked", "how many values lie at or below each bucket", self._ranked()))
            parts.append(("quantiles", "the first bucket that reaches the rank", self._quantiles()))
            joins.append(f"left join quantiles q using ({', '.join(self._keys)})")
        if self._sets:
            parts.append(("distincts", "distinct values, united", self._distincts()))
            joins.append(f"left join distincts d using ({', '.join(self._keys)})")
        body = ",\n".join(f"  {name} as ( {comment(why)}\n{sql}\n  )" for name, why, sql in parts)
        items = [*self._keys, *(line for f in self._formulas for line in self._answer(f))]
        level = "days" if self._question.level == "day" else "quarter hours"
        head = comment(f"{self._plan.feed}: {', '.join(self._question.codes)}, from the states of {level}")
        return f"{head}\nwith\n{body}\nselect\n  " + ",\n  ".join(items) + "\nfrom " + "\n".join(joins)

    def _source(self, kind: str, condition: str | None = None) -> str:
        """FROM and WHERE over one kind of state."""
        question = self._question
        key = "day" if question.level == "day" else "slot"
        relation = identifier(f"{question.level}_{self._plan.feed}_{kind}")
        conditions = [f"s.cuboid = {self._cuboid}"]
        conditions.append(f"s.day between {day_literal(question.first)} and {day_literal(question.last)}")
        if condition:
            conditions.append(condition)
        conditions += [f"{self._dimension(d)} = {literal(v)}" for d, v in question.where.items()]
        return (
            f"    from {relation} s\n    join members u on u.unit = s.unit\n    join asked a on a.{key} = s.{key}\n"
            "    where " + "\n      and ".join(conditions)
        )

    def _dimension(self, name: str) -> str:
        if name in CALENDAR_DIMENSIONS:
            return self._dialect.write("text", value=f"a.{name}")
        return f"s.{identifier(dimension_column(name))}"

    def _select(self, items: list[str], kind: str, extra: tuple[str, ...] = (), condition: str | None = None) -> str:
        slices = [(self._dimension(d), identifier(slice_column(d))) for d in self._question.by]
        keys = ["u.ancestor as unit", "a.period", *(f"{sql} as {name}" for sql, name in slices)]
        groups = ["u.ancestor", "a.period", *(sql for sql, _ in slices), *extra]
        return (
            "    select\n      "
            + ",\n      ".join([*keys, *items])
            + "\n"
            + self._source(kind, condition)
            + f"\n    group by {', '.join(groups)}"
        )

    def _merged(self) -> str:
        sums = [f"{merged(m, f's.{m.name}', self._dialect)} as {m.name}" for m in self._additive]
        return self._select(sums or ['cast(sum(s."rows") as bigint) as "rows"'], "add")

    def _named(self, measures: list[Measure]) -> str:
        return "s.measure in (" + ", ".join(f"'{m.name}'" for m in measures) + ")"

    def _buckets(self) -> str:
        items = ["s.measure", "s.bucket", "cast(sum(s.n) as bigint) as n"]
        return self._select(items, "hist", ("s.measure", "s.bucket"), self._named(self._histograms))

    def _ranked(self) -> str:
        keys = ", ".join([*self._keys, "measure"])
        return (
            f"    select {keys}, bucket,\n      sum(n) over (partition by {keys} order by bucket) as reached,\n"
            f"      sum(n) over (partition by {keys}) as total\n    from buckets"
        )

    def _quantiles(self) -> str:
        ranks = sorted({(f.subject.name, f.p) for f in self._formulas if f.subject and f.p is not None})
        items = [
            f"min(case when measure = '{name}' and reached >= {p:f} * total then bucket end) as {_rank(name, p)}"
            for name, p in ranks
        ]
        keys = ", ".join(self._keys)
        return (
            f"    select\n      {keys},\n      " + ",\n      ".join(items) + f"\n    from ranked\n    group by {keys}"
        )

    def _distincts(self) -> str:
        items = [f"count(distinct case when s.measure = '{m.name}' then s.value end) as {m.name}" for m in self._sets]
        return self._select(items, "set", (), self._named(self._sets))

    def _answer(self, formula: Formula) -> list[str]:
        numerator = None if formula.numerator is None else self._term(formula.numerator)
        denominator = None if formula.denominator is None else self._term(formula.denominator)
        if formula.subject is not None:
            value = self._value(formula)
        elif denominator is not None:
            assert numerator is not None
            top = self._dialect.write("real", value=numerator)
            # The multiplication comes first so that there is one rounding less after the division.
            top = f"{formula.scale} * {top}" if formula.scale != 1 else top
            value = f"{top} / nullif({self._dialect.write('real', value=denominator)}, 0)"
        else:
            assert numerator is not None
            value = numerator
        parts: tuple[tuple[Literal["numerator", "denominator", "n", "value"], str], ...] = (
            ("numerator", numerator or "null"),
            ("denominator", denominator or "null"),
            ("n", f"m.{formula.n.name}"),
            ("value", value),
        )
        return [f"{sql} as {identifier(column_of(formula.code, part))}" for part, sql in parts]

    def _term(self, term: Term) -> str:
        measure = term.measure
        column = f"coalesce(d.{measure.name}, 0)" if measure.kind is Kind.DISTINCT else f"m.{measure.name}"
        return column if term.times == 1 else f"{term.times:f} * {column}"

    def _value(self, formula: Formula) -> str:
        assert formula.subject is not None
        if formula.p is None:
            return f"m.{formula.subject.name}"
        bucket = f"q.{_rank(formula.subject.name, formula.p)}"
        return self._dialect.write("estimate", bucket=bucket)


def _rank(measure: str, p: object) -> str:
    return f"{measure}_p{str(p).replace('.', '_')}"
