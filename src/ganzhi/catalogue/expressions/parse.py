"""From an author's text to checked SQL: lexical gate, one parse, allow-list, regeneration.

Refuses whatever it does not know by name. The text that comes out is made from the checked tree,
never from the text that came in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ganzhi.base.errors import InputError, InternalError, Issue, Location
from ganzhi.catalogue.expressions.functions import FUNCTION_NAMES, FUNCTIONS
from ganzhi.catalogue.expressions.lexis import check_text
from ganzhi.catalogue.expressions.operators import OPERATORS
from ganzhi.catalogue.expressions.refusal import Refused
from ganzhi.catalogue.expressions.terms import NUMBERS, Form, Reading, Term, family
from ganzhi.catalogue.model.data import ColumnType

MOST_NODES = 300
FORMS: Mapping[type[exp.Expr], Form] = {**OPERATORS, **FUNCTIONS}
_NO_SCALES: Mapping[str, int] = {}

Want = Literal["bool", "number", "text", "any"]


@dataclass(frozen=True, slots=True)
class Expr:
    """A checked expression.

    sql: DuckDB-dialect text, all names quoted, all operands bracketed. columns: the columns it
    reads, sorted. type: of its value; scale: decimal places of a `decimal`.
    """

    sql: str
    columns: tuple[str, ...]
    type: ColumnType
    scale: int = 0

    @property
    def is_number(self) -> bool:
        """Whether the value is a whole or decimal number."""
        return self.type in NUMBERS


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an engine's own parser says: the type it sees (its own word), or why it refuses."""

    type: str | None
    reason: str = ""


SecondOpinion = Callable[[str, Mapping[str, ColumnType]], Opinion]
"""Asks an engine about regenerated SQL over an empty relation with these columns."""


def parse(
    text: str,
    columns: Mapping[str, ColumnType],
    *,
    want: Want = "any",
    scales: Mapping[str, int] = _NO_SCALES,
    subject: str = "",
    at: Location | None = None,
    second: SecondOpinion | None = None,
) -> Expr:
    """The checked form of an expression over `columns`.

    scales: decimal places of decimal columns. subject, at: for the issues.
    Raises: InputError with one issue per unknown column, or the first rule that is broken.
    """
    reading = Reading(columns, scales, FORMS, FUNCTION_NAMES)
    try:
        term = reading.term(_tree(text))
        if not reading.unknown:
            _check_result(term, reading, want)
    except Refused as refused:
        raise InputError([*_unknown(reading, subject, at), refused.issue(subject, at)]) from None
    except RecursionError:
        raise InputError(Issue("CAT041", subject, at, {"limit": str(MOST_NODES)})) from None
    if reading.unknown:
        raise InputError(_unknown(reading, subject, at))
    if term.type == "null" or term.type == "unknown":  # noqa: PLR1714 - this form narrows the type
        raise InternalError(f"expression without type: {term.sql}")
    found = Expr(term.sql, tuple(sorted(reading.used)), term.type, term.scale)
    if second is not None:
        _ask(second, found, columns, subject, at)
    return found


def conditions(text: str, columns: Mapping[str, ColumnType], *, scales: Mapping[str, int] = _NO_SCALES) -> list[str]:
    """The conditions that must all hold for a filter to hold, each in checked form, in the order they stand.

    Raises: as `parse`; call it for texts that `parse` has accepted.
    """
    reading = Reading(columns, scales, FORMS, FUNCTION_NAMES)
    pending, found = [_tree(text)], []
    while pending:
        node = pending.pop()
        if isinstance(node, exp.Paren):
            pending.append(node.this)
        elif isinstance(node, exp.And):
            pending += [node.expression, node.this]
        else:
            found.append(reading.term(node).sql)
    return found


def comparisons(text: str) -> tuple[tuple[str, str], ...]:
    """Column and text of every comparison for (in)equality with a text, and of every list and case.

    Empty for what cannot be read. Raises: nothing.
    """
    try:
        return _compared(_tree(text))
    except Refused:
        return ()


def _compared(tree: exp.Expr) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for node in tree.walk():
        if isinstance(node, (exp.EQ, exp.NEQ)):
            for one, other in ((node.this, node.expression), (node.expression, node.this)):
                found += _pairs(one, [other])
        elif isinstance(node, exp.In):
            found += _pairs(node.this, node.expressions)
        elif isinstance(node, exp.Case) and node.this is not None:
            found += _pairs(node.this, [branch.this for branch in node.args.get("ifs", ())])
    return tuple(found)


def _pairs(column: exp.Expr, values: Iterable[exp.Expr]) -> list[tuple[str, str]]:
    if not isinstance(column, exp.Column):
        return []
    return [(column.name, v.name) for v in values if isinstance(v, exp.Literal) and v.is_string]


@lru_cache(maxsize=16_384)
def _tree(text: str) -> exp.Expr:
    """The one tree the text is; nobody changes it."""
    check_text(text)
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        raise Refused("CAT044", problem=str(error).splitlines()[0][:120]) from None
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        raise Refused("CAT044", problem="")
    if sum(1 for _ in tree.walk()) > MOST_NODES:
        raise Refused("CAT064", limit=str(MOST_NODES))
    return tree


def _check_result(term: Term, reading: Reading, want: Want) -> None:
    """The value is of the wanted kind and depends on the row."""
    if term.type == "null":
        raise Refused("CAT062")
    if want != "any" and family(term.type) != want:
        raise Refused("CAT050", wanted=want, found=family(term.type))
    if want == "bool" and (not reading.used or term.literal):
        raise Refused("CAT051")


def _unknown(reading: Reading, subject: str, at: Location | None) -> list[Issue]:
    issues = []
    for name in dict.fromkeys(reading.unknown):
        near = get_close_matches(name, list(reading.columns), n=3, cutoff=0.6)
        shown = ", ".join(near) or ", ".join(list(reading.columns)[:12])
        issues.append(Issue("CAT047", subject, at, {"column": name[:60], "near": shown}))
    return issues


_ENGINE_FAMILIES: tuple[tuple[str, str], ...] = (
    ("BOOL", "bool"),
    ("TIMESTAMP", "timestamp"),
    ("DATE", "date"),
    ("VARCHAR", "text"),
    ("DECIMAL", "number"),
    ("BIGINT", "number"),
    ("HUGEINT", "number"),
    ("INTEGER", "number"),
)


def _ask(
    second: SecondOpinion, found: Expr, columns: Mapping[str, ColumnType], subject: str, at: Location | None
) -> None:
    """Let the engine's own parser agree, on being acceptable and on the type."""
    opinion = second(found.sql, columns)
    said = next((ours for theirs, ours in _ENGINE_FAMILIES if (opinion.type or "").startswith(theirs)), None)
    if said != family(found.type):
        reason = opinion.reason[:160] or f"{opinion.type} ≠ {found.type}"
        raise InputError(Issue("CAT059", subject, at, {"reason": reason}))
