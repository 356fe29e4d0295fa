"""How a checked part of an expression looks, and the rules every form of expression shares.

A class of node without a form is refused, and so is a node that carries an argument its form does
not name. Forms never pass source text on: they build the SQL from checked parts, with brackets
round every operand that is neither a leaf nor a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from sqlglot import exp

from ganzhi.catalogue.expressions.refusal import Refused
from ganzhi.catalogue.model.data import ColumnType

ExprType = Literal["bool", "int", "decimal", "text", "timestamp", "date", "null", "unknown"]
"""`null` is the bare word NULL; `unknown` the type of a column that is not declared (already refused)."""

NUMBERS = ("int", "decimal")
LARGEST_SCALE = 12


@dataclass(frozen=True, slots=True)
class Term:
    """A checked part of an expression.

    scale: decimal places. atom: needs no brackets as an operand. opposite: for a condition, the
    SQL of the condition that holds exactly when this one does not. fixes: for `column = literal`,
    that pair. chain: the word and the members of a row of AND or of OR.
    """

    sql: str
    type: ExprType
    scale: int = 0
    atom: bool = True
    literal: bool = False
    opposite: str = ""
    fixes: tuple[str, str] | None = None
    chain: tuple[str, tuple[Term, ...]] = ("", ())

    @property
    def operand(self) -> str:
        """The SQL as an operand of something else."""
        return self.sql if self.atom else f"({self.sql})"


@dataclass(slots=True)
class Reading:
    """What is known and found while one expression is read. growth: how many times longer than
    its input a text may become through nested replacements."""

    columns: Mapping[str, ColumnType]
    scales: Mapping[str, int]
    forms: Mapping[type[exp.Expr], Form]
    function_names: tuple[str, ...]
    used: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    growth: int = 1

    def term(self, node: exp.Expr) -> Term:
        """The checked form of a node."""
        known = self.forms.get(type(node))
        if known is None:
            raise not_allowed(self, node)
        extra = [name for name, value in node.args.items() if value and name not in known.args]
        if extra:
            raise Refused("CAT045", form=f"{_name(node)} … {extra[0]}")
        return known.read(self, node)

    def part(self, node: exp.Expr, name: str) -> Term:
        """The checked form of a node's argument, which must be there."""
        child = node.args.get(name)
        if not isinstance(child, exp.Expr):
            raise Refused("CAT045", form=_name(node))
        return self.term(child)


@dataclass(frozen=True, slots=True)
class Form:
    """A node class we read: its handler and the only arguments it may carry."""

    read: Callable[[Reading, exp.Expr], Term]
    args: frozenset[str]


def form(read: Callable[[Reading, exp.Expr], Term], *args: str) -> Form:
    """A form with the arguments it may carry."""
    return Form(read, frozenset(args))


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()[:40]
    return node.key.lower()


def not_allowed(reading: Reading, node: exp.Expr) -> Refused:
    """The refusal of a class of node that has no form."""
    if isinstance(node, exp.Func):
        name = node.sql_name().lower() if not isinstance(node, exp.Anonymous) else _name(node)
        near = get_close_matches(name, reading.function_names, n=3, cutoff=0.6)
        return Refused("CAT046", function=name[:40], near=", ".join(near or reading.function_names))
    return Refused("CAT045", form=_name(node))


def family(kind: ExprType) -> str:
    """The type, with whole and decimal numbers taken together."""
    return "number" if kind in NUMBERS else kind


def want(term: Term, *families: str) -> Term:
    """The term, when it is of one of the given types or families."""
    if term.type != "unknown" and not {term.type, family(term.type)} & set(families):
        raise Refused("CAT049", left=term.sql[:60], left_type=family(term.type), right_type=" / ".join(families))
    return term


def alike(*terms: Term) -> None:
    """All terms are of one family; a bare NULL is not comparable with anything."""
    first = next((t for t in terms if t.type != "unknown"), None)
    for term in terms:
        if term.type == "null":
            raise Refused("CAT062")
        if first is not None and term.type != "unknown" and family(term.type) != family(first.type):
            raise Refused(
                "CAT049",
                left=f"{first.sql[:40]} ~ {term.sql[:40]}",
                left_type=family(first.type),
                right_type=family(term.type),
            )


def common(*terms: Term) -> tuple[ExprType, int]:
    """The type and scale of a value that may be any of the terms."""
    known = [t for t in terms if t.type not in ("null", "unknown")]
    if not known:
        return ("unknown" if any(t.type == "unknown" for t in terms) else "null"), 0
    alike(*known)
    scale = max(t.scale for t in known)
    if any(t.type == "decimal" for t in known):
        return "decimal", scale
    return known[0].type, scale


def scaled(kind: ExprType, scale: int) -> tuple[ExprType, int]:
    """The pair, when the decimal places stay within what every engine can add up."""
    if scale > LARGEST_SCALE:
        raise Refused("CAT063", limit=str(LARGEST_SCALE))
    return kind, scale


def terms(reading: Reading, node: exp.Expr, *names: str) -> list[Term]:
    """The checked arguments of a call in order; absent ones are left out, lists are spread."""
    found: list[Term] = []
    for name in names:
        value = node.args.get(name)
        children = value if isinstance(value, list) else [] if value is None else [value]
        found.extend(reading.term(child) for child in children)
    return found
