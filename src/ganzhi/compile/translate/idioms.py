"""Constructs that mean something as a whole only, found again in our own SQL.

A construct of `dialects.DUCKDB` and the same construct in an engine's `Forms` are one row of a table;
here the one is recognised by its tree and the other written in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from ganzhi.compile.dialects import DUCKDB
from ganzhi.compile.translate.sql_types import DOUBLE, INT, SqlType

_INT32 = SqlType("int", bits=32)
IDIOMS: tuple[tuple[str, SqlType], ...] = (
    ("slot", INT),
    ("bucket", _INT32),
    ("estimate", DOUBLE),
    ("hll_register", _INT32),
    ("hll_rank", _INT32),
    ("half_to", DOUBLE),
)
"""Constructs by name, and the type of their value."""

_PLACE = re.compile(r"\{(\w+)\}")
_MARK = "place_"


@cache
def _tree(construct: str) -> exp.Expr:
    template = getattr(DUCKDB, construct)
    return _bare(sqlglot.parse_one(_PLACE.sub(rf"{_MARK}\1", template), dialect="duckdb"))


def idiom(node: exp.Expr) -> tuple[str, SqlType, Mapping[str, exp.Expr]] | None:
    """The construct that a node is, its type, and what stands in its places; None when it is none."""
    for name, kind in IDIOMS:
        tree = _tree(name)
        if type(tree) is type(node):
            places: dict[str, exp.Expr] = {}
            if _fits(tree, node, places):
                return name, kind, places
    return None


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _fits(tree: object, node: object, places: dict[str, exp.Expr]) -> bool:
    if isinstance(tree, list) and isinstance(node, list):
        return len(tree) == len(node) and all(_fits(a, b, places) for a, b in zip(tree, node, strict=True))
    if not isinstance(tree, exp.Expr) or not isinstance(node, exp.Expr):
        return tree == node
    tree, node = _bare(tree), _bare(node)
    if isinstance(tree, exp.Column) and tree.name.startswith(_MARK):
        return places.setdefault(tree.name.removeprefix(_MARK), node) == node
    if type(tree) is not type(node):
        return False
    names = {name for each in (tree, node) for name, value in each.args.items() if value not in (None, [], False)}
    return all(_fits(tree.args.get(name), node.args.get(name), places) for name in names)
