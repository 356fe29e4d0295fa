"""The question: observations of a feed's indicators from its states.

Owns the SQL that merges states over periods and slices (below a day also over units) and forms
ratios once, at the very end. Of days it reads `day_<feed>_*` for units that have none below them,
`total_<feed>_*` for the others and `month_<feed>_*` for whole months, by `wanted(unit, above)`: the
asked units and whether others are below; and `asked(period, day, whole, weekday)`: which days, and
which months as a whole, belong to which asked period. Below a day it reads `fine_<feed>_*`, by
`members(unit, ancestor, first_day, last_day)` and `asked(period, slot, hour_of_day, weekday)`. A period
that accumulates simply has more of them, so to-date values need no SQL of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS
from ganzhi.compile.dialects import DUCKDB, Dialect, comment, day_literal, identifier, literal
from ganzhi.compile.distinct import numbers_sql
from ganzhi.compile.formulas import Formula, Term
from ganzhi.compile.measures import Kind, Measure
from ganzhi.compile.plan import FeedPlan
from ganzhi.compile.roll import merged, merged_type
from ganzhi.compile.scan import dimension_column


@dataclass(frozen=True, slots=True)
class Question:
    """What one feed is asked.

    codes: indicators of the feed. level: `fine` or `day` states. by, where: dimensions of the
    feed or of the calendar. first, last: bounds of the days that are read. months: whether states
    of whole months are read too.
    """

    codes: tuple[str, ...]
    level: Literal["fine", "day"]
    by: tuple[str, ...]
    where: Mapping[str, str]
    first: date
    last: date
    months: bool = False

    @property
    def of_feed(self) -> tuple[str, ...]:
        """The dimensions that the states must have."""
        named = dict.fromkeys([*self.by, *self.where])
        return tuple(d for d in named if d not in CALENDAR_DIMENSIONS)


Column = Literal["numerator", "denominator", "n", "value", "estimated"]


def column_of(code: str, part: Column) -> str:
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
        self._additive = [m for m in needed if m.kind not in (Kind.HISTOGRAM, Kind.DISTINCT, Kind.SNAPSHOT)]
        self._snapshots = [m for m in needed if m.kind is Kind.SNAPSHOT]
        self._histograms = [m for m in needed if m.kind is Kind.HISTOGRAM]
        self._sets = [m for m in needed if m.kind is Kind.DISTINCT]

    def text(self) -> str:
        parts = [("merged", "counts, sums and extremes, merged", self._merged())]
        joins = ["merged m"]
        using = f"using ({', '.join(self._keys)})"
        if self._snapshots:
            parts.append(("stood", "what stood at the last moment of each period", self._stood()))
            joins.append(f"left join stood z {using}")
        if self._histograms:
            parts.append(("buckets", "histograms, merged bucket by bucket", self._buckets()))
            parts.append(("ranked", "how many values lie at or below each bucket", self._ranked()))
            parts.append(("quantiles", "the first bucket that reaches the rank", self._quantiles()))
            joins.append(f"left join quantiles q {using}")
        if self._sets:
            parts.append(("pool", "distinct values, united, and registers of large parts", self._pool()))
            numbers = numbers_sql("pool", self._keys, self._sets, self._dialect)
            parts.append(("distincts", "how many there are: counted, or estimated where there are many", numbers))
            joins.append(f"left join distincts d {using}")
        body = ",\n".join(f"  {name} as ( {comment(why)}\n{sql}\n  )" for name, why, sql in parts)
        items = [*self._keys, *(line for f in self._formulas for line in self._answer(f))]
        level = "days" if self._question.level == "day" else "quarter hours"
        head = comment(f"{self._plan.feed}: {', '.join(self._question.codes)}, from the states of {level}")
        return f"{head}\nwith\n{body}\nselect\n  " + ",\n  ".join(items) + "\nfrom " + "\n".join(joins)

    def _states(self, kind: str, columns: str, condition: str | None = None, *, sliced: bool = True) -> str:
        """One kind of state of the asked units and periods: `owner`, `period`, what `columns` and the slices name.

        sliced: whether rows outside the slice that is asked for are left out.
        """
        question = self._question
        dimensions = [identifier(dimension_column(d)) for d in question.of_feed]
        key = "slot" if question.level == "fine" else "day"
        wanted = ", ".join(dict.fromkeys(["day", key, *dimensions, *([columns] if columns else [])]))
        conditions = [f"s.cuboid = {self._cuboid}"]
        conditions.append(f"s.day between {day_literal(question.first)} and {day_literal(question.last)}")
        if condition:
            conditions.append(condition)
        if sliced:
            conditions += [
                f"s.{identifier(dimension_column(d))} = {literal(v)}"
                for d, v in question.where.items()
                if d not in CALENDAR_DIMENSIONS
            ]
        where = " and ".join(conditions)
        listed = "".join(f", s.{name.strip()}" for name in wanted.split(","))
        if question.level == "fine":
            return (
                f"select u.ancestor as owner{listed}\n        from {self._relation('fine', kind)} s\n"
                "        join members u on u.unit = s.unit and s.day between u.first_day and u.last_day\n"
                f"        where {where}"
            )
        branches = [("day", "not w.above", "false"), ("total", "w.above", "false")]
        if question.months:
            branches.append(("month", "", "true"))
        return "\n        union all\n        ".join(
            f"select s.unit as owner, {whole} as whole{listed}\n        from {self._relation(level, kind)} s\n"
            f"        join wanted w on w.unit = s.unit{' and ' + which if which else ''}\n        where {where}"
            for level, which, whole in branches
        )

    def _relation(self, level: str, kind: str) -> str:
        return identifier(f"{level}_{self._plan.feed}_{kind}")

    def _joined(self, states: str) -> str:
        """States with the periods they belong to."""
        on = "a.slot = s.slot" if self._question.level == "fine" else "a.day = s.day and a.whole = s.whole"
        calendar = [
            f"{self._dimension(d)} = {literal(v)}" for d, v in self._question.where.items() if d in CALENDAR_DIMENSIONS
        ]
        where = "\n    where " + " and ".join(calendar) if calendar else ""
        return f"    from (\n        {states}\n    ) s\n    join asked a on {on}{where}"

    def _dimension(self, name: str) -> str:
        if name in CALENDAR_DIMENSIONS:
            return self._dialect.write("text", value=f"a.{name}")
        return f"s.{identifier(dimension_column(name))}"

    def _slices_sql(self) -> list[tuple[str, str]]:
        return [(self._dimension(d), identifier(slice_column(d))) for d in self._question.by]

    def _select(self, items: list[str], states: str, extra: tuple[str, ...] = ()) -> str:
        slices = self._slices_sql()
        keys = ["s.owner as unit", "a.period", *(f"{sql} as {name}" for sql, name in slices)]
        groups = ["s.owner", "a.period", *(sql for sql, _ in slices), *extra]
        listed = ",\n      ".join([*keys, *items])
        return f"    select\n      {listed}\n{self._joined(states)}\n    group by {', '.join(groups)}"

    def _merged(self) -> str:
        sums = [f"{merged(m, f's.{m.name}', self._dialect)} as {m.name}" for m in self._additive]
        names = ", ".join(m.name for m in self._additive) or '"rows"'
        rows = self._dialect.write("integer64", value='sum(s."rows")')
        return self._select(sums or [f'{rows} as "rows"'], self._states("add", names))

    def _stood(self) -> str:
        """Snapshots: of each unit and period, the rows of the last day or slot of which there is one."""
        names = ", ".join(m.name for m in self._snapshots)
        moment = "slot" if self._question.level == "fine" else "day"
        slices = self._slices_sql()
        inside = [
            f"s.{identifier(dimension_column(d))} = {literal(v)}"
            for d, v in self._question.where.items()
            if d not in CALENDAR_DIMENSIONS
        ]
        within = " and ".join(inside) or "true"
        columns = "".join(f", {sql} as {name}" for sql, name in slices)
        values = "".join(f", s.{m.name}" for m in self._snapshots)
        inner = (
            f"    select s.owner as unit, a.period{columns}{values}, {within} as inside,\n"
            f"      s.{moment} = max(s.{moment}) over (partition by s.owner, a.period) as last\n"
            + self._joined(self._states("add", names, sliced=False))
        )
        sums = []
        for m in self._snapshots:
            summed = f"coalesce({merged(m, f'case when last then {m.name} end', self._dialect)}, 0)"
            sums.append(f"{merged_type(m, summed, self._dialect)} as {m.name}")
        keys = ", ".join(self._keys)
        return (
            f"    select {keys}, {', '.join(sums)}\n    from (\n{inner}\n    ) moments\n"
            f"    where inside\n    group by {keys}"
        )

    def _named(self, measures: list[Measure]) -> str:
        return "s.measure in (" + ", ".join(f"'{m.name}'" for m in measures) + ")"

    def _buckets(self) -> str:
        items = ["s.measure", "s.bucket", f"{self._dialect.write('integer64', value='sum(s.n)')} as n"]
        states = self._states("hist", "measure, bucket, n", self._named(self._histograms))
        return self._select(items, states, ("s.measure", "s.bucket"))

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

    def _pool(self) -> str:
        """Different values and registers per unit, period and slice."""
        dialect, named = self._dialect, self._named(self._sets)
        nothing = dialect.write("integer", value="null")
        values = self._select(
            ["s.measure", "s.value", f"{nothing} as register", f"{nothing} as rank"],
            self._states("set", "measure, value", named),
            ("s.measure", "s.value"),
        )
        parts = self._select(
            ["s.measure", f"{dialect.write('text', value='null')} as value", "s.register", "max(s.rank) as rank"],
            self._states("hll", "measure, register, rank", named),
            ("s.measure", "s.register"),
        )
        return f"{values}\n    union all\n{parts}"

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
        parts: list[tuple[Column, str]] = [
            ("numerator", numerator or "null"),
            ("denominator", denominator or "null"),
            ("n", f"m.{formula.n.name}"),
            ("value", value),
        ]
        sets = [m for m in formula.measures if m.kind is Kind.DISTINCT]
        if sets:
            parts.append(("estimated", " + ".join(f"coalesce(d.{m.name}_estimated, 0)" for m in sets)))
        return [f"{sql} as {identifier(column_of(formula.code, part))}" for part, sql in parts]

    def _term(self, term: Term) -> str:
        measure = term.measure
        match measure.kind:
            case Kind.DISTINCT:
                column = f"coalesce(d.{measure.name}, 0)"
            case Kind.SNAPSHOT:
                column = f"z.{measure.name}"
            case _:
                column = f"m.{measure.name}"
        return column if term.times == 1 else f"{term.times:f} * {column}"

    def _value(self, formula: Formula) -> str:
        assert formula.subject is not None
        if formula.p is None:
            return f"m.{formula.subject.name}"
        bucket = f"q.{_rank(formula.subject.name, formula.p)}"
        return self._dialect.write("estimate", bucket=bucket)


def _rank(measure: str, p: object) -> str:
    return f"{measure}_p{str(p).replace('.', '_')}"
