"""Names, literals and types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlglot import exp

from ganzhi.compile.translate.scalars import Handlers, Scalars
from ganzhi.compile.translate.sql_types import BOOL, DATE, DOUBLE, INT, NULL, TEXT, TIMESTAMP, SqlType, decimal
from ganzhi.compile.translate.target import Term

_TYPES: Mapping[exp.DType, SqlType] = {
    exp.DType.BIGINT: INT,
    exp.DType.INT: SqlType("int", bits=32),
    exp.DType.SMALLINT: SqlType("int", bits=16),
    exp.DType.DOUBLE: DOUBLE,
    exp.DType.TEXT: TEXT,
    exp.DType.VARCHAR: TEXT,
    exp.DType.BOOLEAN: BOOL,
    exp.DType.DATE: DATE,
    exp.DType.TIMESTAMPTZ: TIMESTAMP,
}


def _column(s: Scalars, node: exp.Expr) -> Term:
    assert isinstance(node, exp.Column)
    return s.resolve(node)


def _literal(s: Scalars, node: exp.Expr) -> Term:
    value = str(node.this)
    if node.args.get("is_string"):
        return Term(s.target.text(value), TEXT, value)
    places = len(value.partition(".")[2])
    if not value.replace(".", "", 1).isdigit() or len(value) > 39:
        raise s.lacking(node)
    kind = decimal(places, max(len(value) - 1, places)) if "." in value else SqlType("int", bits=64)
    return Term(s.target.number(value, kind), kind, value)


def _boolean(s: Scalars, node: exp.Expr) -> Term:
    return Term("true" if node.this else "false", BOOL)


def _null(_s: Scalars, _: exp.Expr) -> Term:
    return Term("NULL", NULL)


def _paren(s: Scalars, node: exp.Expr) -> Term:
    return s.term(node.this)


def _cast(s: Scalars, node: exp.Expr) -> Term:
    kind = _type_of(s, node)
    inner = node.this
    if type(inner) is exp.Literal and inner.args.get("is_string") and kind.name in ("date", "timestamp"):
        text = str(inner.this)
        if kind.name == "date":
            return Term(s.target.day(date.fromisoformat(text)), kind)
        return Term(s.target.instant(datetime.fromisoformat(text).astimezone(UTC)), kind)
    term = s.term(inner)
    if term.type == kind:
        return term
    return Term(s.target.cast(term, kind), kind)


def _try_cast(s: Scalars, node: exp.Expr) -> Term:
    kind, inner = _type_of(s, node), node.this
    if type(inner) is exp.RegexpExtract and type(inner.expression) is exp.Literal:
        return Term(s.target.strict(s.term(inner.this), inner.expression.name, kind), kind)
    term = s.term(inner)
    if term.type == kind or kind.name == "text":
        return Term(s.target.cast(term, kind), kind)
    if not (term.type.is_number and kind.is_number):
        raise s.lacking(node)
    return Term(s.target.try_cast(term, kind), kind)


def _type_of(s: Scalars, node: exp.Expr) -> SqlType:
    target = node.args["to"]
    if target.this is exp.DType.DECIMAL:
        precision, scale = (int(part.name) for part in target.expressions)
        return decimal(scale, precision)
    kind = _TYPES.get(target.this)
    if kind is None or target.expressions:
        raise s.lacking(node)
    return kind


VALUES: Handlers = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.Paren: _paren,
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
}
"""Classes of node that are read here."""
