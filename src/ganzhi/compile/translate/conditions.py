"""Conditions and choices."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ganzhi.compile.translate.scalars import Handlers, Scalars
from ganzhi.compile.translate.sql_types import BOOL, NULL
from ganzhi.compile.translate.target import Term

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def _comparison(s: Scalars, node: exp.Expr) -> Term:
    (left, right), _ = s.alike(node, s.parts(node, "this", "expression"))
    return Term(f"({left.sql} {_COMPARISONS[type(node)]} {right.sql})", BOOL)


def _between(s: Scalars, node: exp.Expr) -> Term:
    (term, low, high), _ = s.alike(node, s.parts(node, "this", "low", "high"))
    return Term(f"({term.sql} >= {low.sql} AND {term.sql} <= {high.sql})", BOOL)


def _in(s: Scalars, node: exp.Expr) -> Term:
    query = node.args.get("query")
    if query is not None:
        if s.query is None or node.args.get("expressions") or not isinstance(query, exp.Subquery):
            raise s.lacking(node)
        return Term(f"({s.term(node.this).sql} IN ({s.query(query.this)}))", BOOL)
    (term, *values), _ = s.alike(node, s.parts(node, "this", "expressions"))
    # Equalities, because ClickHouse converts a list to the type of the column and loses places.
    return Term("(" + " OR ".join(f"{term.sql} = {value.sql}" for value in values) + ")", BOOL)


def _like(s: Scalars, node: exp.Expr) -> Term:
    term, pattern = s.term(node.this), s.term(node.expression)
    if pattern.literal is None or term.type.name != "text":
        raise s.lacking(node)
    fits = s.target.like(term, pattern.literal)
    return Term(f"(NOT {fits})" if node.args.get("negate") else fits, BOOL)


def _is(s: Scalars, node: exp.Expr) -> Term:
    term, other = s.term(node.this), node.expression
    word = "IS NOT NULL" if node.args.get("negate") else "IS NULL"
    if isinstance(other, exp.Null):
        return Term(f"({term.sql} {word})", BOOL)
    if not isinstance(other, exp.Boolean):
        raise s.lacking(node)
    wanted = bool(other.this)
    # Unknown is neither true nor false.
    held = f"coalesce({term.sql}, {'false' if wanted else 'true'}) = {'true' if wanted else 'false'}"
    return Term(f"(NOT ({held}))" if node.args.get("negate") else f"({held})", BOOL)


def _not(s: Scalars, node: exp.Expr) -> Term:
    return Term(f"(NOT {s.condition(node.this)})", BOOL)


def _logic(s: Scalars, node: exp.Expr) -> Term:
    word = "AND" if isinstance(node, exp.And) else "OR"
    return Term(f"({s.condition(node.this)} {word} {s.condition(node.expression)})", BOOL)


def _case(s: Scalars, node: exp.Expr) -> Term:
    subject = node.args.get("this")
    whens, results = [], []
    for branch in node.args.get("ifs") or []:
        if subject is None:
            whens.append(s.condition(branch.this))
        else:
            (left, right), _ = s.alike(node, [s.term(subject), s.term(branch.this)])
            whens.append(f"{left.sql} = {right.sql}")
        results.append(s.term(branch.args["true"]))
    default = node.args.get("default")
    results.append(Term("NULL", NULL) if default is None else s.term(default))
    widened, kind = s.alike(node, results)
    parts = [f"WHEN {when} THEN {result.sql}" for when, result in zip(whens, widened[:-1], strict=True)]
    return Term(f"(CASE {' '.join(parts)} ELSE {widened[-1].sql} END)", kind)


def _coalesce(s: Scalars, node: exp.Expr) -> Term:
    terms, kind = s.alike(node, s.parts(node, "this", "expressions"))
    return Term(f"coalesce({', '.join(term.sql for term in terms)})", kind)


def _nullif(s: Scalars, node: exp.Expr) -> Term:
    term = s.term(node.this)
    (left, right), _ = s.alike(node, [term, s.term(node.expression)])
    return Term(f"(CASE WHEN {left.sql} = {right.sql} THEN NULL ELSE {term.sql} END)", term.type)


def _choice(s: Scalars, node: exp.Expr) -> Term:
    """The least or greatest of those that are known."""
    terms, kind = s.alike(node, s.parts(node, "this", "expressions"))
    sign = "<" if isinstance(node, exp.Least) else ">"
    best = terms[0].sql
    for term in terms[1:]:
        best = (
            f"(CASE WHEN {best} IS NULL THEN {term.sql} WHEN {term.sql} IS NULL THEN {best}"
            f" WHEN {term.sql} {sign} {best} THEN {term.sql} ELSE {best} END)"
        )
    return Term(best, kind)


CONDITIONS: Handlers = {
    exp.Between: _between,
    exp.In: _in,
    exp.Like: _like,
    exp.Is: _is,
    exp.Not: _not,
    exp.And: _logic,
    exp.Or: _logic,
    exp.Case: _case,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Least: _choice,
    exp.Greatest: _choice,
    **dict.fromkeys(_COMPARISONS, _comparison),
}
"""Classes of node that are read here."""
