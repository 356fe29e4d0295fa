"""The functions an expression may call. A name that is not here does not reach an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sqlglot import exp

from ganzhi.catalogue.expressions.patterns import pattern_problem
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

LONGEST_PAD = 256
LARGEST_GROWTH = 16

FUNCTION_NAMES = (
    "abs",
    "ceil",
    "coalesce",
    "concat",
    "contains",
    "date_diff",
    "ends_with",
    "epoch_us",
    "floor",
    "greatest",
    "least",
    "left",
    "length",
    "lower",
    "lpad",
    "nullif",
    "regexp_matches",
    "replace",
    "right",
    "round",
    "starts_with",
    "substr",
    "trim",
    "try_cast",
    "upper",
)
"""What an author may write, for suggestions."""


def _call(name: str, kind: str, *families: str) -> Callable[[Reading, exp.Expr], Term]:
    """A call whose arguments are of the given families, in order; the last family repeats."""

    def read(reading: Reading, node: exp.Expr) -> Term:
        args = terms(reading, node, "this", "expression", "expressions", "start", "length", "replacement")
        for position, arg in enumerate(args):
            want(arg, families[min(position, len(families) - 1)])
        sql = f"{name}({', '.join(a.sql for a in args)})"
        return Term(sql, "bool" if kind == "bool" else "int" if kind == "int" else "text")

    return read


def _abs(reading: Reading, node: exp.Expr) -> Term:
    term = want(reading.part(node, "this"), "number")
    return Term(f"abs({term.sql})", term.type, term.scale)


def _round(reading: Reading, node: exp.Expr) -> Term:
    term, places = want(reading.part(node, "this"), "number"), 0
    if node.args.get("decimals") is not None:
        digits = reading.part(node, "decimals")
        if not digits.literal or digits.type != "int" or int(digits.sql) > 6:
            raise Refused("CAT045", form="round(…, 0…6)")
        places = int(digits.sql)
    if term.type == "int":
        return term
    return Term(f"round({term.sql}, {places})", "decimal", min(places, term.scale))


def _whole(name: str) -> Callable[[Reading, exp.Expr], Term]:
    def read(reading: Reading, node: exp.Expr) -> Term:
        term = want(reading.part(node, "this"), "number")
        return term if term.type == "int" else Term(f"{name}({term.sql})", "decimal", 0)

    return read


def _choice(name: str, *families: str) -> Callable[[Reading, exp.Expr], Term]:
    """A call that gives one of its arguments, all of one type."""

    def read(reading: Reading, node: exp.Expr) -> Term:
        args = terms(reading, node, "this", "expressions", "expression")
        alike(*args)
        if len(args) < 2:
            raise Refused("CAT045", form=f"{name}(…)")
        if families:
            want(args[0], *families)
        kind, scale = common(*args)
        return Term(f"{name}({', '.join(a.sql for a in args)})", kind, scale)

    return read


def _nullif(reading: Reading, node: exp.Expr) -> Term:
    left, right = reading.part(node, "this"), reading.part(node, "expression")
    alike(left, right)
    return Term(f"nullif({left.sql}, {right.sql})", left.type, left.scale)


def _joined(reading: Reading, node: exp.Expr) -> Term:
    left, right = (want(reading.part(node, side), "text") for side in ("this", "expression"))
    return Term(f"{left.operand} || {right.operand}", "text", atom=False)


def _literal_text(term: Term) -> str:
    if not term.literal or term.type != "text":
        raise Refused("CAT054")
    return term.sql[1:-1].replace("''", "'")


def _replace(reading: Reading, node: exp.Expr) -> Term:
    term = want(reading.part(node, "this"), "text")
    old, new = (reading.part(node, name) for name in ("expression", "replacement"))
    before, after = _literal_text(old), _literal_text(new)
    if not before:
        raise Refused("CAT054")
    reading.growth *= max(1, -(-len(after) // len(before)))
    if reading.growth > LARGEST_GROWTH:
        raise Refused("CAT045", form=f"replace(…): ×{reading.growth} > {LARGEST_GROWTH}")
    return Term(f"replace({term.sql}, {old.sql}, {new.sql})", "text")


def _pad(reading: Reading, node: exp.Expr) -> Term:
    term = want(reading.part(node, "this"), "text")
    width, fill = reading.part(node, "expression"), reading.part(node, "fill_pattern")
    if not node.args.get("is_left") or not width.literal or width.type != "int" or int(width.sql) > LONGEST_PAD:
        raise Refused("CAT045", form=f"lpad(…, 0…{LONGEST_PAD}, '0')")
    if not _literal_text(fill):
        raise Refused("CAT054")
    return Term(f"lpad({term.sql}, {width.sql}, {fill.sql})", "text")


def _matches(reading: Reading, node: exp.Expr) -> Term:
    term = want(reading.part(node, "this"), "text")
    pattern = reading.part(node, "expression")
    problem = pattern_problem(_literal_text(pattern))
    if problem is not None:
        raise Refused("CAT055", pattern=_literal_text(pattern)[:60], problem=problem)
    return Term(f"regexp_matches({term.sql}, {pattern.sql})", "bool")


_DIFF_UNITS = {"SECOND": "second", "SECONDS": "second", "MILLISECOND": "millisecond", "MILLISECONDS": "millisecond"}


def _date_diff(reading: Reading, node: exp.Expr) -> Term:
    unit = node.args.get("unit")
    name = _DIFF_UNITS.get(str(unit.this).upper()) if isinstance(unit, exp.Var) else None
    if name is None:
        raise Refused("CAT057")
    end, start = (want(reading.part(node, side), "timestamp") for side in ("this", "expression"))
    return Term(f"date_diff('{name}', {start.sql}, {end.sql})", "int")


def _by_name(reading: Reading, node: exp.Expr) -> Term:
    """Calls the parser has no class for; only the one named here is known."""
    if str(node.this).lower() != "epoch_us" or len(node.expressions) != 1:
        raise not_allowed(reading, node)
    term = want(reading.term(node.expressions[0]), "timestamp")
    return Term(f"epoch_us({term.sql})", "int")


CastKind = Literal["int", "decimal", "text", "bool", "date"]

_CAST_TARGETS: dict[exp.DType, CastKind] = {
    exp.DType.INT: "int",
    exp.DType.BIGINT: "int",
    exp.DType.DECIMAL: "decimal",
    exp.DType.TEXT: "text",
    exp.DType.VARCHAR: "text",
    exp.DType.BOOLEAN: "bool",
    exp.DType.DATE: "date",
}

_CASTABLE: dict[str, tuple[str, ...]] = {
    "int": ("decimal", "text"),
    "decimal": ("decimal", "text"),
    "bool": ("text",),
    "date": ("text",),
    "text": ("text",),
}
"""What each type may become beside the strict readings of a text."""


def _strict_form(kind: str, scale: int) -> str | None:
    """Texts that may be read as a type; the engine's own cast takes `0x10` and rounds `5.7`."""
    match kind:
        case "int":
            return "^-?[0-9]{1,18}$"
        case "decimal":
            places = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
            return f"^-?[0-9]{{1,{18 - scale}}}{places}$"
        case "bool":
            return "^(true|false)$"
        case "date":
            return "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    return None


def _try_cast(reading: Reading, node: exp.Expr) -> Term:
    target = node.args.get("to")
    kind = _CAST_TARGETS.get(target.this) if type(target) is exp.DataType else None
    if kind is None or not isinstance(target, exp.DataType) or target.args.get("nested"):
        raise Refused("CAT058")
    scale = _target_scale(target) if kind == "decimal" else 0
    form_of_text = _strict_form(kind, scale)
    term = reading.term(_inside_strict(node.this, form_of_text))
    if term.type == "text" and form_of_text is not None:
        return _cast(f"regexp_extract({term.sql}, '{form_of_text}')", kind, scale)
    allowed = term.type == "unknown" or kind in _CASTABLE.get(term.type, ())
    if not allowed or (kind == "decimal" and term.scale > scale):
        raise Refused("CAT058")
    return _cast(term.sql, kind, scale)


def _inside_strict(node: exp.Expr, form_of_text: str | None) -> exp.Expr:
    """What stands inside our own strict form, so that regenerated text can be read again."""
    known = {"this", "expression", "group", "null_if_pos_overflow"}
    if type(node) is exp.RegexpExtract and {k for k, v in node.args.items() if v} <= known:
        pattern, group = node.expression, node.args.get("group")
        whole = group is None or (type(group) is exp.Literal and group.name == "0")
        if whole and type(pattern) is exp.Literal and pattern.is_string and pattern.name == form_of_text:
            inner: exp.Expr = node.this
            return inner
    return node


def _cast(sql: str, kind: CastKind, scale: int) -> Term:
    types = {"int": "BIGINT", "text": "VARCHAR", "bool": "BOOLEAN", "date": "DATE"}
    return Term(f"TRY_CAST({sql} AS {types.get(kind, f'DECIMAL(18, {scale})')})", kind, scale)


def _target_scale(target: exp.DataType) -> int:
    sizes = [
        str(p.this.this) for p in target.expressions if type(p) is exp.DataTypeParam and type(p.this) is exp.Literal
    ]
    if len(sizes) != 2 or sizes[0] != "18" or not sizes[1].isdigit() or int(sizes[1]) > 9:
        raise Refused("CAT058")
    return scaled("decimal", int(sizes[1]))[1]


FUNCTIONS: dict[type[exp.Expr], Form] = {
    exp.Abs: form(_abs, "this"),
    exp.Round: form(_round, "this", "decimals"),
    exp.Floor: form(_whole("floor"), "this"),
    exp.Ceil: form(_whole("ceil"), "this"),
    exp.Coalesce: form(_choice("coalesce"), "this", "expressions"),
    exp.Nullif: form(_nullif, "this", "expression"),
    exp.Least: form(_choice("least", "number", "text", "timestamp", "date"), "this", "expressions", "ignore_nulls"),
    exp.Greatest: form(
        _choice("greatest", "number", "text", "timestamp", "date"), "this", "expressions", "ignore_nulls"
    ),
    exp.Lower: form(_call("lower", "text", "text"), "this"),
    exp.Upper: form(_call("upper", "text", "text"), "this"),
    exp.Trim: form(_call("trim", "text", "text"), "this"),
    exp.Length: form(_call("length", "int", "text"), "this"),
    exp.Substring: form(_call("substr", "text", "text", "int"), "this", "start", "length"),
    exp.Left: form(_call("left", "text", "text", "int"), "this", "expression"),
    exp.Right: form(_call("right", "text", "text", "int"), "this", "expression"),
    exp.Replace: form(_replace, "this", "expression", "replacement"),
    exp.StartsWith: form(_call("starts_with", "bool", "text"), "this", "expression"),
    exp.EndsWith: form(_call("ends_with", "bool", "text"), "this", "expression"),
    exp.Contains: form(_call("contains", "bool", "text"), "this", "expression"),
    exp.Concat: form(_call("concat", "text", "text"), "expressions", "safe", "coalesce"),
    exp.DPipe: form(_joined, "this", "expression", "safe"),
    exp.Pad: form(_pad, "this", "expression", "fill_pattern", "is_left"),
    exp.RegexpLike: form(_matches, "this", "expression"),
    exp.DateDiff: form(_date_diff, "this", "expression", "unit", "date_part_boundary"),
    exp.Anonymous: form(_by_name, "this", "expressions"),
    exp.TryCast: form(_try_cast, "this", "to", "safe"),
}
"""Every function that may be called, by exact node class."""
