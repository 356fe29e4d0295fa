"""Names, literals, arithmetic, comparison and logic: the forms that are not calls."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ganzhi.catalogue.expressions.refusal import Refused
from ganzhi.catalogue.expressions.terms import (
    Form,
    Reading,
    Term,
    alike,
    common,
    form,
    not_allowed,
    scaled,
    terms,
    want,
)


def _column(reading: Reading, node: exp.Expr) -> Term:
    identifier = node.this
    if any(node.args.get(part) for part in ("table", "db", "catalog")):
        raise Refused("CAT048", column=".".join(part.name for part in node.find_all(exp.Identifier))[:60])
    if not isinstance(identifier, exp.Identifier):
        raise not_allowed(reading, identifier if isinstance(identifier, exp.Expr) else node)
    name = identifier.name
    sql = '"' + name.replace('"', '""') + '"'
    if name not in reading.columns:
        reading.unknown.append(name)
        return Term(sql, "unknown")
    reading.used.add(name)
    kind = reading.columns[name]
    return Term(sql, kind, reading.scales.get(name, 0) if kind == "decimal" else 0)


def _literal(_: Reading, node: exp.Expr) -> Term:
    text = str(node.this)
    if node.args.get("is_string"):
        return Term("'" + text.replace("'", "''") + "'", "text", literal=True)
    whole, dot, places = text.partition(".")
    if not whole.isdigit() or (dot and not places.isdigit()) or len(whole + places) > 18:
        raise Refused("CAT056", value=text[:24])
    return Term(text, "decimal" if dot else "int", len(places), literal=True)


def _boolean(_: Reading, node: exp.Expr) -> Term:
    return Term("TRUE" if node.this else "FALSE", "bool", literal=True)


def _null(_: Reading, node: exp.Expr) -> Term:
    return Term("NULL", "null", literal=True)


def _paren(reading: Reading, node: exp.Expr) -> Term:
    return reading.part(node, "this")


# Arithmetic


def _neg(reading: Reading, node: exp.Expr) -> Term:
    term = want(reading.part(node, "this"), "number")
    return Term(f"-{term.operand}", term.type, term.scale, atom=False, literal=term.literal)


def _sum(sign: str) -> Callable[[Reading, exp.Expr], Term]:
    def read(reading: Reading, node: exp.Expr) -> Term:
        left, right = (want(reading.part(node, side), "number") for side in ("this", "expression"))
        kind, scale = common(left, right)
        return Term(f"{left.operand} {sign} {right.operand}", kind, scale, atom=False)

    return read


def _product(reading: Reading, node: exp.Expr) -> Term:
    left, right = (want(reading.part(node, side), "number") for side in ("this", "expression"))
    kind, scale = scaled(common(left, right)[0], left.scale + right.scale)
    return Term(f"{left.operand} * {right.operand}", kind, scale, atom=False)


def _remainder(sign: str) -> Callable[[Reading, exp.Expr], Term]:
    """Whole division and remainder of whole numbers, by a number written out and not zero."""

    def read(reading: Reading, node: exp.Expr) -> Term:
        left, right = (want(reading.part(node, side), "number") for side in ("this", "expression"))
        divisor_ok = right.literal and right.type == "int" and right.sql.strip("0") != ""
        if not divisor_ok or left.type == "decimal":
            raise Refused("CAT052")
        return Term(f"{left.operand} {sign} {right.operand}", "int", atom=False)

    return read


def _division(_: Reading, node: exp.Expr) -> Term:
    raise Refused("CAT052")


# Comparison

_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
COMPARISONS: tuple[type[exp.Expr], ...] = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_PREDICATES = (*COMPARISONS, exp.Between, exp.In, exp.Like, exp.Is)


def _side(reading: Reading, node: exp.Expr, name: str) -> Term:
    """An operand of a comparison; another comparison there would be a chain."""
    if type(node.args.get(name)) in _PREDICATES:
        raise Refused("CAT053")
    return reading.part(node, name)


def _need_column(*terms: Term) -> None:
    if all(t.literal for t in terms):
        raise Refused("CAT051")


def _compare(sign: str) -> Callable[[Reading, exp.Expr], Term]:
    def read(reading: Reading, node: exp.Expr) -> Term:
        left, right = (_side(reading, node, side) for side in ("this", "expression"))
        alike(left, right)
        _need_column(left, right)
        if left.sql == right.sql:
            raise Refused("CAT051")
        if sign not in ("=", "<>"):
            want(left, "number", "text", "timestamp", "date")
        return Term(
            f"{left.operand} {sign} {right.operand}",
            "bool",
            atom=False,
            opposite=f"{left.operand} {_OPPOSITES[sign]} {right.operand}",
            fixes=(left.sql, right.sql) if sign == "=" and right.literal else None,
        )

    return read


def _between(reading: Reading, node: exp.Expr) -> Term:
    term, low, high = (_side(reading, node, name) for name in ("this", "low", "high"))
    alike(term, low, high)
    want(term, "number", "text", "timestamp", "date")
    _need_column(term, low, high)
    if low.literal and high.literal and _above(low, high):
        raise Refused("CAT051")
    return Term(f"{term.operand} BETWEEN {low.operand} AND {high.operand}", "bool", atom=False)


def _above(low: Term, high: Term) -> bool:
    if low.type == "text":
        return low.sql > high.sql
    return float(low.sql) > float(high.sql)


def _in(reading: Reading, node: exp.Expr) -> Term:
    term = _side(reading, node, "this")
    _need_column(term)
    values = terms(reading, node, "expressions")
    if not values or not all(v.literal and v.type != "null" for v in values):
        raise Refused("CAT054")
    alike(term, *values)
    return Term(f"{term.operand} IN ({', '.join(v.sql for v in values)})", "bool", atom=False)


def _like(reading: Reading, node: exp.Expr) -> Term:
    term = want(_side(reading, node, "this"), "text")
    pattern = reading.part(node, "expression")
    if not pattern.literal or pattern.type != "text":
        raise Refused("CAT054")
    _need_column(term)
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    return Term(f"{term.operand} {word} {pattern.sql}", "bool", atom=False)


def _is(reading: Reading, node: exp.Expr) -> Term:
    term, other = _side(reading, node, "this"), reading.part(node, "expression")
    _need_column(term)
    if not (other.literal and other.type in ("null", "bool")):
        raise Refused("CAT045", form="is")
    if other.type == "bool":
        want(term, "bool")
    word = "IS NOT" if node.args.get("negate") else "IS"
    return Term(f"{term.operand} {word} {other.sql}", "bool", atom=False)


# Logic


def _not(reading: Reading, node: exp.Expr) -> Term:
    term = want(_no_constant(reading.part(node, "this")), "bool")
    return Term(f"NOT {term.operand}", "bool", atom=False, opposite=term.sql)


def _no_constant(term: Term) -> Term:
    if term.literal:
        raise Refused("CAT051")
    return term


def _logic(word: str) -> Callable[[Reading, exp.Expr], Term]:
    def read(reading: Reading, node: exp.Expr) -> Term:
        left, right = (want(_no_constant(reading.part(node, side)), "bool") for side in ("this", "expression"))
        members = tuple(m for side in (left, right) for m in (side.chain[1] if side.chain[0] == word else (side,)))
        _vary(word, members)
        return Term(f"{left.operand} {word} {right.operand}", "bool", atom=False, chain=(word, members))

    return read


def _vary(word: str, members: tuple[Term, ...]) -> None:
    """A row of conditions says something: no member is the opposite of another, no column is to
    equal two values at once."""
    texts = {m.sql for m in members}
    if len(texts) < len(members) or any(m.opposite in texts for m in members):
        raise Refused("CAT051")
    fixed = [m.fixes for m in members if m.fixes is not None]
    if word == "AND" and len({column for column, _ in fixed}) < len(fixed):
        raise Refused("CAT051")


def _case(reading: Reading, node: exp.Expr) -> Term:
    subject = reading.part(node, "this") if node.args.get("this") else None
    sql, results = ["CASE"], []
    if subject is not None:
        sql.append(subject.operand)
    for branch in node.args.get("ifs") or []:
        if type(branch) is not exp.If or {k for k, v in branch.args.items() if v} != {"this", "true"}:
            raise Refused("CAT045", form="case")
        when, then = reading.part(branch, "this"), reading.part(branch, "true")
        if subject is None:
            want(_no_constant(when), "bool")
        else:
            alike(subject, when)
        results.append(then)
        sql.append(f"WHEN {when.operand} THEN {then.operand}")
    if node.args.get("default"):
        results.append(reading.part(node, "default"))
        sql.append(f"ELSE {results[-1].operand}")
    kind, scale = common(*results)
    return Term(" ".join([*sql, "END"]), kind, scale)


OPERATORS: dict[type[exp.Expr], Form] = {
    exp.Column: form(_column, "this", "table", "db", "catalog"),
    exp.Literal: form(_literal, "this", "is_string"),
    exp.Boolean: form(_boolean, "this"),
    exp.Null: form(_null),
    exp.Paren: form(_paren, "this"),
    exp.Neg: form(_neg, "this"),
    exp.Add: form(_sum("+"), "this", "expression"),
    exp.Sub: form(_sum("-"), "this", "expression"),
    exp.Mul: form(_product, "this", "expression"),
    exp.Div: form(_division, "this", "expression", "typed", "safe"),
    exp.IntDiv: form(_remainder("//"), "this", "expression"),
    exp.Mod: form(_remainder("%"), "this", "expression"),
    exp.EQ: form(_compare("="), "this", "expression"),
    exp.NEQ: form(_compare("<>"), "this", "expression"),
    exp.LT: form(_compare("<"), "this", "expression"),
    exp.LTE: form(_compare("<="), "this", "expression"),
    exp.GT: form(_compare(">"), "this", "expression"),
    exp.GTE: form(_compare(">="), "this", "expression"),
    exp.Between: form(_between, "this", "low", "high"),
    exp.In: form(_in, "this", "expressions"),
    exp.Like: form(_like, "this", "expression", "negate"),
    exp.Is: form(_is, "this", "expression", "negate"),
    exp.Not: form(_not, "this"),
    exp.And: form(_logic("AND"), "this", "expression"),
    exp.Or: form(_logic("OR"), "this", "expression"),
    exp.Case: form(_case, "this", "ifs", "default"),
}
"""Every operator that may stand, by exact node class."""
