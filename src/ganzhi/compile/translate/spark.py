r"""Spark's words.

Assumes the session settings that `warehouse.spark` makes: ANSI mode, so that what does not fit raises;
UTC; names that keep their case; decimals that never lose places. Its own rules beside them: a backslash escapes
in literals and in LIKE, `sum` of whole numbers has 64 bits, its matcher is Java's, `grouping` takes one
column. Measured with Spark 4.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ganzhi.compile.dialects import SPARK, Forms
from ganzhi.compile.translate.letters import DIFFERING_LOWER, DIFFERING_UPPER
from ganzhi.compile.translate.patterns import java_pattern
from ganzhi.compile.translate.sql_types import TEXT, SqlType, decimal
from ganzhi.compile.translate.target import Term, lacking

_SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""Unicode's space separators, which is what DuckDB trims."""

_CALLS: Mapping[str, str] = {
    "length": "cast(char_length({0}) as bigint)",
    "replace": "replace({0}, {1}, {2})",
    "starts_with": "startswith({0}, {1})",
    "ends_with": "endswith({0}, {1})",
    "contains": "contains({0}, {1})",
    "position": "cast(locate({1}, {0}) as bigint)",
    "||": "concat({0}, {1})",
    "epoch_us": "unix_micros({0})",
    "ln": "ln({0})",
}
"""Functions that need no more than other words."""


class Spark:
    """See `Target`."""

    name = "spark"
    forms: Forms = SPARK

    def quoted(self, name: str) -> str:
        """See `Target`."""
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        """See `Target`."""
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def number(self, digits: str, kind: SqlType) -> str:
        """See `Target`."""
        if kind.name == "double":
            return f"{digits}D"
        if kind.name == "decimal":
            return f"cast({digits}BD as decimal({kind.precision}, {kind.scale}))"
        return f"{digits}L" if kind.bits == 64 else digits

    def day(self, value: date) -> str:
        """See `Target`."""
        return f"DATE'{value.isoformat()}'"

    def instant(self, value: datetime) -> str:
        """See `Target`."""
        return f"TIMESTAMP'{value:%Y-%m-%d %H:%M:%S.%f}Z'"

    def column_type(self, kind: SqlType) -> str:
        """The name of a type."""
        match kind.name:
            case "int":
                return {8: "tinyint", 16: "smallint", 32: "int", 64: "bigint", 128: "decimal(38, 0)"}[kind.bits]
            case "decimal":
                return f"decimal({kind.precision}, {kind.scale})"
            case "bool":
                return "boolean"
            case "null":
                return "void"
            case "text":
                return "string"
            case _:
                return kind.name

    def cast(self, term: Term, to: SqlType) -> str:
        """See `Target`."""
        source = term.type.name
        allowed = {
            "int": ("int", "double"),
            "decimal": ("int", "decimal"),
            "double": ("int", "decimal"),
            "text": ("int", "decimal", "bool", "date", "text"),
        }
        whole = to.name != "int" or source != "decimal" or term.type.scale == 0
        if to.name == "double" and source == "decimal" and term.type.scale > 0 and term.type.precision <= 18:
            return self._real(term)
        if source == "null" or (source in (*allowed.get(to.name, ()), to.name) and whole):
            return f"cast({term.sql} as {self.column_type(to)})"
        raise lacking(self.name, f"cast({source} as {to.name})")

    def _real(self, term: Term) -> str:
        """A decimal as a floating-point number; where its digits are more than that holds, whole part and rest apart."""
        most, whole = 2**53 // 10**term.type.scale, f"cast({term.sql} as bigint)"
        parts = f"cast({whole} as double) + cast({term.sql} - {whole} as double)"
        return f"(CASE WHEN abs({term.sql}) < {most} THEN cast({term.sql} as double) ELSE {parts} END)"

    def try_cast(self, term: Term, to: SqlType) -> str:
        """See `Target`."""
        return f"try_cast({term.sql} as {self.column_type(to)})"

    def strict(self, term: Term, pattern: str, to: SqlType) -> str:
        """See `Target`."""
        fits = self.call("regexp_matches", [term, Term("", term.type, pattern)])
        return f"(CASE WHEN {fits} THEN try_cast({term.sql} as {self.column_type(to)}) END)"

    def arithmetic(self, sign: str, left: Term, right: Term, kind: SqlType) -> str:
        """See `Target`."""
        word = "div" if sign == "//" else sign
        return f"({self._exact(left, kind)} {word} {self._exact(right, kind)})"

    def _exact(self, term: Term, kind: SqlType) -> str:
        """An operand in 64 bits, or as a decimal beside decimals."""
        if term.type.name == "int" and kind.name == "int" and kind.bits <= 64 and term.literal is None:
            return f"cast({term.sql} as bigint)"
        return term.sql

    def count_if(self, condition: Term) -> str:
        """See `Target`."""
        return f"count_if({condition.sql})"

    def count(self, term: Term | None, *, distinct: bool = False, over: str = "") -> str:
        """See `Target`."""
        inner = "*" if term is None else term.sql
        return f"count({'distinct ' if distinct else ''}{inner}){over}"

    def sum(self, term: Term, over: str = "") -> str:
        """See `Target`."""
        # 30 digits hold any sum of 64-bit numbers; a sum beyond what its type holds raises.
        wide = "decimal(20, 0)" if term.type.bits <= 64 else "decimal(38, 0)"
        inner = f"cast({term.sql} as {wide})" if term.type.name == "int" else term.sql
        return f"sum({inner}){over}"

    def sum_type(self, term: Term) -> SqlType:
        """See `Target`."""
        if term.type.name == "int":
            return SqlType("int", bits=128)
        return decimal(term.type.scale, min(38, term.type.precision + 10))

    def extreme(self, name: str, term: Term, over: str = "") -> str:
        """See `Target`."""
        return f"{name}({term.sql}){over}"

    def grouping(self, columns: Sequence[str]) -> str:
        """See `Target`."""
        bits = [f"grouping({column}) * {1 << place}" for place, column in enumerate(reversed(columns))]
        return f"cast({' + '.join(reversed(bits))} as bigint)"

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
            case "trim":
                return f"trim(BOTH {self.text(_SPACES)} FROM {args[0].sql})"
            case "left" | "right":
                return f"{name}({args[0].sql}, {self._size(name, args[1], 0)})"
            case "substr":
                sizes = ", ".join(self._size(name, arg, 1 - n) for n, arg in enumerate(args[1:]))
                return f"substr({args[0].sql}, {sizes})"
            case "lpad":
                return f"lpad({args[0].sql}, {self._size(name, args[1], 0)}, {args[2].sql})"
            case "concat":
                texts = (f"coalesce({self.cast(arg, TEXT)}, '')" for arg in args)
                return f"concat({', '.join(texts)})"
            case "regexp_matches":
                pattern = java_pattern(args[1].literal or "")
                if pattern is None:
                    raise lacking(self.name, f"regexp_matches(…, '{args[1].literal}')")
                return f"rlike({args[0].sql}, {self.text(pattern)})"
            case "round" | "floor" | "ceil":
                return self._rounded(name, *args)
        raise lacking(self.name, name)

    def _cased(self, name: str, term: Term) -> str:
        differing = self.text(DIFFERING_LOWER if name == "lower" else DIFFERING_UPPER)
        refusal = "raise_error('a letter whose case Spark changes otherwise')"
        return f"(CASE WHEN rlike({term.sql}, {differing}) THEN {refusal} ELSE {name}({term.sql}) END)"

    def _rounded(self, name: str, term: Term, to: Term | None = None) -> str:
        if to is None:
            halves = f"THEN ceil({term.sql} - 0.5D) ELSE floor({term.sql} + 0.5D)"
            return f"cast(CASE WHEN {term.sql} < 0 {halves} END as double)"
        places = f", {to.type.scale}" if name == "round" else ""
        return f"cast({name}({term.sql}{places}) as {self.column_type(to.type)})"

    def _size(self, name: str, term: Term, least: int) -> str:
        """A number of letters that is written out; beyond that the engines disagree."""
        if term.literal is None or int(term.literal) < least:
            raise lacking(self.name, f"{name}(…, {term.literal or '…'})")
        return str(int(term.literal))

    def output(self, term: Term) -> str:
        """See `Target`."""
        return term.sql

    def hint(self) -> str:
        """See `Target`."""
        return ""
