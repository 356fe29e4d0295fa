"""ClickHouse's words.

What would go wrong without a word of its own: whole numbers wrap around, decimals wrap in sums and
are cut by casts, a list of IN is converted to the column's type, texts are bytes, `.` matches a line
end, dates overflow into the next month, text forms of decimals lose their zeros. Exact numbers are
therefore computed in 256 bits, and what leaves the range of a result raises.
Measured with ClickHouse 26.9 (chdb 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ganzhi.compile.dialects import CLICKHOUSE, Forms
from ganzhi.compile.translate.letters import DIFFERING_LOWER, DIFFERING_UPPER
from ganzhi.compile.translate.sql_types import DOUBLE, SqlType
from ganzhi.compile.translate.target import Term, lacking

_FIRST_YEAR, _LAST_YEAR = 1900, 2299
"""Years that its dates and instants hold; outside it clamps them in silence."""

SETTINGS = (
    "join_use_nulls = 1",
    "group_by_use_nulls = 1",
    "cast_keep_nullable = 1",
    "prefer_column_name_to_alias = 1",
    "transform_null_in = 0",
    "decimal_check_overflow = 1",
    "force_grouping_standard_compatibility = 1",
)
"""What the translation relies on; each differs from, or pins, the server's default."""

_CALLS: Mapping[str, str] = {
    "trim": "replaceRegexpAll({0}, '^\\\\p{{Zs}}+|\\\\p{{Zs}}+$', '')",
    "length": "toInt64(lengthUTF8({0}))",
    "replace": "replaceAll({0}, {1}, {2})",
    "starts_with": "startsWith({0}, {1})",
    "ends_with": "endsWith({0}, {1})",
    "contains": "(position({0}, {1}) > 0)",
    "position": "toInt64(positionUTF8({0}, {1}))",
    "||": "concat({0}, {1})",
    "epoch_us": "toUnixTimestamp64Micro({0})",
    "ln": "log({0})",
}
"""Functions that need no more than other words."""


class ClickHouse:
    """See `Target`."""

    name = "clickhouse"
    forms: Forms = CLICKHOUSE

    def quoted(self, name: str) -> str:
        """See `Target`."""
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def text(self, value: str) -> str:
        """See `Target`."""
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def number(self, digits: str, kind: SqlType) -> str:
        """See `Target`."""
        if kind.name == "double":
            return f"toFloat64({digits})"
        if kind.name == "decimal":
            return f"toDecimal256('{digits}', {kind.scale})"
        return f"toInt64({digits})" if kind.bits == 64 else digits

    def day(self, value: date) -> str:
        """See `Target`."""
        self._check_year(value)
        return f"toDate32('{value.isoformat()}')"

    def instant(self, value: datetime) -> str:
        """See `Target`."""
        self._check_year(value)
        return f"toDateTime64('{value:%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')"

    def _check_year(self, value: date) -> None:
        if not _FIRST_YEAR < value.year < _LAST_YEAR:
            raise lacking(self.name, f"the year {value.year}")

    def column_type(self, kind: SqlType) -> str:
        """A type that holds every value of ours, NULL included."""
        match kind.name:
            case "int":
                sizes = {8: "Int8", 16: "Int16", 32: "Int32", 64: "Int64", 128: "Int256"}
                return f"Nullable({sizes[kind.bits]})"
            case "decimal":
                return f"Nullable(Decimal({kind.precision}, {kind.scale}))"
            case "bool":
                return "Nullable(Bool)"
            case "double":
                return "Nullable(Float64)"
            case "timestamp":
                return "Nullable(DateTime64(6, 'UTC'))"
            case "date":
                return "Nullable(Date32)"
            case _:
                return "Nullable(String)"

    def cast(self, term: Term, to: SqlType) -> str:
        """See `Target`."""
        source = term.type.name
        if source == "null":
            return f"CAST(NULL AS {self.column_type(to)})"
        match to.name:
            case "decimal" if source == "int":
                return f"toDecimal256(toInt256({term.sql}), {to.scale})"
            case "decimal" if source == "decimal":
                return self._scaled(term, to.scale)
            case "int" if source in ("int", "double") or (source == "decimal" and term.type.scale == 0):
                return f"accurateCast({term.sql}, {self.text(self.column_type(to))})"
            case "double" if source == "int":
                return f"toFloat64({term.sql})"
            case "double" if source == "decimal":
                return self._real(term)
            case "text":
                return self._as_text(term)
        if source == to.name:
            return term.sql
        raise lacking(self.name, f"cast({source} as {to.name})")

    def _scaled(self, term: Term, scale: int) -> str:
        """A decimal in 76 digits with other places; halves go away from zero."""
        rounded = f"round({term.sql}, {scale})" if scale < term.type.scale else term.sql
        return f"CAST({rounded} AS Nullable(Decimal(76, {scale})))"

    def _real(self, term: Term) -> str:
        """A decimal as a floating-point number; where its digits are more than that holds, whole part and rest apart."""
        if term.type.scale == 0:
            return f"toFloat64({term.sql})"
        most = self.number(f"{2**53 // 10**term.type.scale}", SqlType("decimal", scale=0))
        parts = f"toFloat64(toInt256({term.sql})) + toFloat64({term.sql} - trunc({term.sql}))"
        return f"if(abs({term.sql}) < {most}, toFloat64({term.sql}), {parts})"

    def _as_text(self, term: Term) -> str:
        match term.type.name:
            case "text":
                return term.sql
            case "int" | "date":
                return f"CAST({term.sql} AS Nullable(String))"
            case "bool":
                return f"(CASE WHEN {term.sql} THEN 'true' WHEN NOT {term.sql} THEN 'false' END)"
            case "decimal":
                return f"toDecimalString({term.sql}, {term.type.scale})"
        raise lacking(self.name, f"cast({term.type.name} as varchar)")

    def try_cast(self, term: Term, to: SqlType) -> str:
        """See `Target`."""
        if to.name != "decimal":
            raise lacking(self.name, f"try_cast({term.type.name} as {to.name})")
        value = self.cast(term, to)
        limit = self.number("1" + "0" * (to.precision - to.scale), to)
        return f"(CASE WHEN abs({value}) < {limit} THEN {value} END)"

    def strict(self, term: Term, pattern: str, to: SqlType) -> str:
        """See `Target`."""
        fits = self.call("regexp_matches", [term, Term("", term.type, pattern)])
        match to.name:
            case "bool":
                value = f"{term.sql} = 'true'"
            case "int":
                value = f"toInt64OrNull({term.sql})"
            case "decimal":
                value = f"toDecimal256OrNull({term.sql}, {to.scale})"
            case "date":
                year = f"toInt32OrZero(substring({term.sql}, 1, 4))"
                beyond = f"throwIf({year} <= {_FIRST_YEAR} OR {year} >= {_LAST_YEAR}, 'a year that ClickHouse has not')"
                parsed = f"toDate32OrNull({term.sql})"
                # It reads the 30th of February as a day of March, which then has another text.
                value = f"if({beyond} = 0 AND toString({parsed}) = {term.sql}, {parsed}, NULL)"
            case _:
                raise lacking(self.name, f"try_cast(text as {to.name})")
        return f"if({fits}, {value}, NULL)"

    def arithmetic(self, sign: str, left: Term, right: Term, kind: SqlType) -> str:
        """See `Target`."""
        if sign == "//":
            return f"intDiv({left.sql}, {right.sql})"
        if sign == "%":
            return f"toInt64({left.sql} % {right.sql})"
        if kind.name == "decimal":
            return f"({self._exact(left)} {sign} {self._exact(right)})"
        size = SqlType("int", bits=128) if kind.bits == 128 else SqlType("int")
        value = f"(toInt256({left.sql}) {sign} toInt256({right.sql}))"
        return value if size.bits == 128 else f"accurateCast({value}, {self.text(self.column_type(size))})"

    def _exact(self, term: Term) -> str:
        """A number in 76 digits with the places it has."""
        return self.cast(term, SqlType("decimal", scale=term.type.scale))

    def count_if(self, condition: Term) -> str:
        """See `Target`."""
        return f"toInt64(countIf({condition.sql}))"

    def count(self, term: Term | None, *, distinct: bool = False, over: str = "") -> str:
        """See `Target`."""
        if distinct:
            assert term is not None
            return f"toInt64(uniqExact({term.sql}))"
        if term is None:
            return f"toInt64(count(){over})"
        # Not count(…), which ClickHouse 26.9 cannot compute over a window for values that may be NULL.
        return f"toInt64(sum(toInt64(isNotNull({term.sql}))){over})"

    def sum(self, term: Term, over: str = "") -> str:
        """See `Target`."""
        wide = f"toInt256({term.sql})" if term.type.name == "int" else self._exact(term)
        return f"sum(toNullable({wide})){over}"

    def sum_type(self, term: Term) -> SqlType:
        """See `Target`."""
        kind = term.type
        return SqlType("int", bits=128) if kind.name == "int" else SqlType("decimal", scale=kind.scale)

    def extreme(self, name: str, term: Term, over: str = "") -> str:
        """See `Target`."""
        return f"{name}(toNullable({term.sql})){over}"

    def grouping(self, columns: Sequence[str]) -> str:
        """See `Target`."""
        return f"toInt64(grouping({', '.join(columns)}))"

    def like(self, term: Term, pattern: str) -> str:
        """See `Target`."""
        escaped = pattern.replace("\\", "\\\\")
        return f"({term.sql} LIKE {self.text(escaped)})"

    def call(self, name: str, args: Sequence[Term]) -> str:
        """See `Target`."""
        template = _CALLS.get(name)
        if template is not None:
            return template.format(*(arg.sql for arg in args))
        match name:
            case "lower" | "upper":
                return self._cased(name, args[0])
            case "left" | "right":
                return f"{name}UTF8({args[0].sql}, {self._size(name, args[1], 0)})"
            case "substr":
                sizes = ", ".join(self._size(name, arg, 1 - n) for n, arg in enumerate(args[1:]))
                return f"substringUTF8({args[0].sql}, {sizes})"
            case "lpad":
                return f"leftPadUTF8({args[0].sql}, {self._size(name, args[1], 0)}, {args[2].sql})"
            case "concat":
                return "concat(" + ", ".join(f"ifNull({self._as_text(arg)}, '')" for arg in args) + ")"
            case "regexp_matches":
                return f"match({args[0].sql}, {self.text('(?-s)' + (args[1].literal or ''))})"
            case "round" | "floor" | "ceil":
                return self._rounded(name, *args)
        raise lacking(self.name, name)

    def _cased(self, name: str, term: Term) -> str:
        differing = self.text(DIFFERING_LOWER if name == "lower" else DIFFERING_UPPER)
        stopped = f"throwIf(match({term.sql}, {differing}), 'a letter whose case ClickHouse changes otherwise')"
        return f"if({stopped} = 0, {name}UTF8({term.sql}), NULL)"

    def _rounded(self, name: str, term: Term, to: Term | None = None) -> str:
        if to is None:
            return f"if({term.sql} < 0, ceil({term.sql} - 0.5), floor({term.sql} + 0.5))"
        places = to.type.scale
        exact = f"{name}({self._exact(term)}{f', {places}' if name == 'round' else ''})"
        return f"CAST({exact} AS Nullable(Decimal(76, {places})))"

    def _size(self, name: str, term: Term, least: int) -> str:
        """A number of letters that is written out; beyond that the engines disagree."""
        if term.literal is None or int(term.literal) < least:
            raise lacking(self.name, f"{name}(…, {term.literal or '…'})")
        return str(int(term.literal))

    def output(self, term: Term) -> str:
        """See `Target`."""
        match term.type.name:
            case "int" if term.type.bits == 128:
                return f"toDecimal256({term.sql}, 0)"
            case "double":
                return self.cast(term, DOUBLE)
        return term.sql

    def hint(self) -> str:
        """See `Target`."""
        return f"\nSETTINGS {', '.join(SETTINGS)}"
