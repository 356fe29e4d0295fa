"""Texts and instants."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ganzhi.compile.translate.scalars import Handlers, Scalars
from ganzhi.compile.translate.sql_types import BOOL, INT, TEXT, SqlType
from ganzhi.compile.translate.target import Term

_CALLS: Mapping[type[exp.Expr], tuple[str, SqlType, tuple[str, ...]]] = {
    exp.Lower: ("lower", TEXT, ("this",)),
    exp.Upper: ("upper", TEXT, ("this",)),
    exp.Trim: ("trim", TEXT, ("this",)),
    exp.Length: ("length", INT, ("this",)),
    exp.Left: ("left", TEXT, ("this", "expression")),
    exp.Right: ("right", TEXT, ("this", "expression")),
    exp.Substring: ("substr", TEXT, ("this", "start", "length")),
    exp.Replace: ("replace", TEXT, ("this", "expression", "replacement")),
    exp.StartsWith: ("starts_with", BOOL, ("this", "expression")),
    exp.EndsWith: ("ends_with", BOOL, ("this", "expression")),
    exp.Contains: ("contains", BOOL, ("this", "expression")),
    exp.StrPosition: ("position", INT, ("this", "substr")),
    exp.Pad: ("lpad", TEXT, ("this", "expression", "fill_pattern")),
    exp.DPipe: ("||", TEXT, ("this", "expression")),
}
"""Functions over texts: DuckDB's name, type of the value, arguments in order."""


def _call(s: Scalars, node: exp.Expr) -> Term:
    name, kind, names = _CALLS[type(node)]
    terms = s.parts(node, *names)
    return Term(s.target.call(name, terms), kind)


def _concat(s: Scalars, node: exp.Expr) -> Term:
    return Term(s.target.call("concat", s.parts(node, "expressions")), TEXT)


def _matches(s: Scalars, node: exp.Expr) -> Term:
    term, pattern = s.parts(node, "this", "expression")
    if pattern.literal is None:
        raise s.lacking(node)
    return Term(s.target.call("regexp_matches", [term, pattern]), BOOL)


def _by_name(s: Scalars, node: exp.Expr) -> Term:
    if str(node.this).lower() != "epoch_us":
        raise s.lacking(node)
    (term,) = [s.term(each) for each in node.expressions]
    return Term(s.target.call("epoch_us", [term]), INT)


def _date_diff(s: Scalars, node: exp.Expr) -> Term:
    """Boundaries of seconds or milliseconds between two instants."""
    size = {"SECOND": "1000000", "MILLISECOND": "1000"}.get(str(node.args["unit"].this).upper())
    if size is None:
        raise s.lacking(node)
    ends = []
    for side in (node.this, node.expression):
        us = Term(s.target.call("epoch_us", [s.term(side)]), INT)
        # Taken from a time long past, so that division rounds down before 1970 too.
        era = Term(s.target.number("63000000000000000", INT), INT, "63000000000000000")
        later = Term(s.target.arithmetic("+", us, era, INT), INT)
        unit = Term(s.target.number(size, INT), INT, size)
        ends.append(Term(s.target.arithmetic("//", later, unit, INT), INT))
    return Term(s.target.arithmetic("-", ends[0], ends[1], INT), INT)


TEXTS: Handlers = {
    exp.Concat: _concat,
    exp.RegexpLike: _matches,
    exp.Anonymous: _by_name,
    exp.DateDiff: _date_diff,
    **dict.fromkeys(_CALLS, _call),
}
"""Classes of node that are read here."""
