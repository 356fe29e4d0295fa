"""Arithmetic, aggregates and windows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ganzhi.compile.translate.idioms import idiom
from ganzhi.compile.translate.scalars import Handlers, Scalars
from ganzhi.compile.translate.sql_types import BOOL, DOUBLE, INT, common, decimal
from ganzhi.compile.translate.target import Term

_ARITHMETIC: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.IntDiv: "//",
    exp.Mod: "%",
}


def _arithmetic(s: Scalars, node: exp.Expr) -> Term:
    sign = _ARITHMETIC[type(node)]
    left, right = s.parts(node, "this", "expression")
    if "double" in (left.type.name, right.type.name):
        return _floating(s, node, sign, left, right)
    if not (left.type.is_number and right.type.is_number):
        raise s.lacking(node)
    kind = common((left.type, right.type))
    assert kind is not None
    if sign in ("//", "%"):
        if kind.name != "int" or (right.literal or "0").strip("0") == "":
            raise s.lacking(node)
    elif kind.name == "decimal":
        kind = decimal(left.type.scale + right.type.scale if sign == "*" else kind.scale)
    return Term(s.target.arithmetic(sign, left, right, kind), kind)


def _floating(s: Scalars, node: exp.Expr, sign: str, left: Term, right: Term) -> Term:
    if sign in ("//", "%") or not {left.type.name, right.type.name} <= {"double", "int", "decimal"}:
        raise s.lacking(node)
    return Term(f"({s.real(left)} {sign} {s.real(right)})", DOUBLE)


def _division(s: Scalars, node: exp.Expr) -> Term:
    left, right = s.parts(node, "this", "expression")
    if "double" not in (left.type.name, right.type.name):
        raise s.lacking(node)
    return Term(f"({s.real(left)} / {s.real(right)})", DOUBLE)


def _negated(s: Scalars, node: exp.Expr) -> Term:
    (term,) = s.parts(node, "this")
    if term.literal is not None and term.type.is_number and not term.literal.startswith("-"):
        return Term(s.target.number(f"-{term.literal}", term.type), term.type, f"-{term.literal}")
    if term.type.name == "double":
        return Term(f"(- {term.sql})", DOUBLE)
    if not term.type.is_number:
        raise s.lacking(node)
    zero = Term(s.target.number("0", term.type), term.type, "0")
    return Term(s.target.arithmetic("-", zero, term, term.type), term.type)


def _abs(s: Scalars, node: exp.Expr) -> Term:
    (term,) = s.parts(node, "this")
    zero = Term(s.target.number("0", term.type), term.type, "0")
    opposite = s.target.arithmetic("-", zero, term, term.type)
    return Term(f"(CASE WHEN {term.sql} < {zero.sql} THEN {opposite} ELSE {term.sql} END)", term.type)


def _rounded(s: Scalars, node: exp.Expr) -> Term:
    terms = s.parts(node, "this", "decimals")
    term, places = terms[0], int(terms[1].literal or "-1") if len(terms) == 2 else 0
    if term.type.name == "double" and places == 0:
        return Term(s.target.call("round", [term]), DOUBLE)
    if term.type.name == "int":
        return term
    if term.type.name != "decimal" or places < 0:
        raise s.lacking(node)
    kind = decimal(min(places, term.type.scale))
    return Term(s.target.call("round", [term, Term("", kind)]), kind)


def _whole(s: Scalars, node: exp.Expr) -> Term:
    (term,) = s.parts(node, "this")
    if term.type.name == "int":
        return term
    if term.type.name != "decimal":
        raise s.lacking(node)
    name = "floor" if isinstance(node, exp.Floor) else "ceil"
    return Term(s.target.call(name, [term, Term("", decimal(0))]), decimal(0))


def _log(s: Scalars, node: exp.Expr) -> Term:
    (term,) = s.parts(node, "this")
    return Term(s.target.call("ln", [Term(s.real(term), DOUBLE)]), DOUBLE)


def _count(s: Scalars, node: exp.Expr) -> Term:
    inner = node.this
    if isinstance(inner, exp.Star):
        return Term(s.target.count(None, over=s.taken_over()), INT)
    if isinstance(inner, exp.Distinct):
        (term,) = [s.term(each) for each in inner.expressions]
        return Term(s.target.count(term, distinct=True), INT)
    over = s.taken_over()
    return Term(s.target.count(s.term(inner), over=over), INT)


def _count_if(s: Scalars, node: exp.Expr) -> Term:
    return Term(s.target.count_if(Term(s.condition(node.this), BOOL)), INT)


def _sum(s: Scalars, node: exp.Expr) -> Term:
    over = s.taken_over()
    (term,) = s.parts(node, "this")
    halves = idiom(node.this)
    if term.type.name == "double" and halves is not None and halves[0] == "half_to":
        return Term(f"sum({term.sql}){over}", DOUBLE)  # powers of two add up exactly
    if not term.type.is_number:
        raise s.lacking(node)
    return Term(s.target.sum(term, over), s.target.sum_type(term))


def _extreme(s: Scalars, node: exp.Expr) -> Term:
    over = s.taken_over()
    (term,) = s.parts(node, "this")
    return Term(s.target.extreme("min" if isinstance(node, exp.Min) else "max", term, over), term.type)


def _grouping(s: Scalars, node: exp.Expr) -> Term:
    columns = [s.term(each).sql for each in node.expressions]
    return Term(s.target.grouping(columns), INT)


def _window(s: Scalars, node: exp.Expr) -> Term:
    known = {"this", "partition_by", "order", "over"}
    if {name for name, value in node.args.items() if value} - known or not isinstance(
        node.this, (exp.Sum, exp.Count, exp.Max, exp.Min)
    ):
        raise s.lacking(node)
    if isinstance(node.this, exp.Count) and isinstance(node.this.this, exp.Distinct):
        raise s.lacking(node)
    parts = []
    if node.args.get("partition_by"):
        parts.append("PARTITION BY " + ", ".join(s.term(each).sql for each in node.args["partition_by"]))
    if node.args.get("order"):
        parts.append("ORDER BY " + ", ".join(s.ordered(each) for each in node.args["order"].expressions))
    s.over = f" OVER ({' '.join(parts)})"
    try:
        return s.term(node.this)
    finally:
        s.over = ""


NUMBERS: Handlers = {
    exp.Div: _division,
    exp.Neg: _negated,
    exp.Abs: _abs,
    exp.Round: _rounded,
    exp.Floor: _whole,
    exp.Ceil: _whole,
    exp.Ln: _log,
    exp.Count: _count,
    exp.CountIf: _count_if,
    exp.Sum: _sum,
    exp.Min: _extreme,
    exp.Max: _extreme,
    exp.Grouping: _grouping,
    exp.Window: _window,
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
}
"""Classes of node that are read here."""
