"""Expressions of our own SQL in an engine's words: what all forms of expression share.

Which classes of node may stand is written in tables beside their handlers (`values`, `numbers`,
`conditions`, `texts`); the engine's `Target` owns the words. A node of another class, or with an
argument that its handler does not read, raises CMP002 by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from ganzhi.base.errors import InputError
from ganzhi.compile.translate.idioms import idiom
from ganzhi.compile.translate.sql_types import DOUBLE, SqlType, common
from ganzhi.compile.translate.target import Target, Term, lacking

_IGNORED = {"safe", "coalesce", "ignore_nulls", "big_int", "typed", "is_left", "date_part_boundary", "group"} | {
    "null_if_pos_overflow",
    "nested",
    "quoted",
}
"""Arguments that only repeat what DuckDB's own form of the function always means."""


class Scalars:
    """Translates the expressions of one SELECT.

    resolve: gives the column that a name means there. query: translates a SELECT inside an
    expression. over: the window of the aggregate that is written next.
    """

    def __init__(
        self,
        target: Target,
        handlers: Handlers,
        resolve: Callable[[exp.Column], Term],
        query: Callable[[exp.Expr], str] | None = None,
    ) -> None:
        self.target, self.resolve, self.query = target, resolve, query
        self.over = ""
        self._handlers = handlers

    def term(self, node: exp.Expr) -> Term:
        """The translation of an expression."""
        found = idiom(node)
        if found is not None:
            name, kind, places = found
            form: str | None = getattr(self.target.forms, name)
            if form is None:
                raise lacking(self.target.name, name)
            parts = {place: self.term(each) for place, each in places.items()}
            said = {place: part.sql for place, part in parts.items()}
            # Beside each number its floating-point form, which no engine has a short exact word for.
            said |= {f"{place}_real": self.real(part) for place, part in parts.items() if part.type.is_number}
            return Term(form.format(**said), kind)
        handler = self._handlers.get(type(node))
        if handler is None:
            raise self.lacking(node)
        return handler(self, node)

    def condition(self, node: exp.Expr) -> str:
        """A condition."""
        term = self.term(node)
        if term.type.name not in ("bool", "null"):
            raise self.lacking(node)
        return term.sql

    def lacking(self, node: exp.Expr) -> InputError:
        """The refusal of a node."""
        return lacking(self.target.name, node.sql(dialect="duckdb")[:120])

    def parts(self, node: exp.Expr, *names: str) -> list[Term]:
        """The translated arguments in order; absent ones are left out, lists are spread."""
        extra = {name for name, value in node.args.items() if value} - {*names, *_IGNORED}
        if extra:
            raise self.lacking(node)
        found = []
        for name in names:
            value = node.args.get(name)
            each = value if isinstance(value, list) else [] if value is None else [value]
            found += [self.term(part) for part in each]
        return found

    def alike(self, node: exp.Expr, terms: Sequence[Term]) -> tuple[list[Term], SqlType]:
        """Terms widened to the one type that holds them all."""
        kind = common(term.type for term in terms)
        if kind is None:
            raise self.lacking(node)
        return [self.widened(term, kind) for term in terms], kind

    def widened(self, term: Term, kind: SqlType) -> Term:
        """A term as a value of a type that holds it."""
        if (term.type.name == kind.name and term.type.scale == kind.scale) or kind.name == "null":
            return term
        if term.literal is not None and term.type.is_number:
            return Term(self.target.number(term.literal, kind), kind, term.literal)
        return Term(self.target.cast(term, kind), kind)

    def real(self, term: Term) -> str:
        """A number as a floating-point one."""
        return self.widened(term, DOUBLE).sql

    def taken_over(self) -> str:
        """The window of the aggregate that is about to be written; its arguments have none."""
        over, self.over = self.over, ""
        return over

    def ordered(self, node: exp.Expr) -> str:
        """One key of an ORDER BY; NULL comes last unless the text says otherwise, as in DuckDB."""
        way = "DESC" if node.args.get("desc") else "ASC"
        nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
        return f"{self.term(node.this).sql} {way} NULLS {nulls}"


Handler = Callable[[Scalars, exp.Expr], Term]
Handlers = Mapping[type[exp.Expr], Handler]
"""Classes of expression that may stand, and who reads them."""
