"""Code lists as SQL: what a code becomes on the local day of its event (S000-061)."""

from __future__ import annotations

from collections.abc import Callable

from ganzhi.catalogue.model.data import CodeList, Column
from ganzhi.ingest.reading.table import text_sql
from ganzhi.ingest.shaping.convert import literal
from ganzhi.ingest.shaping.job import quoted


def target_of(column: Column, to: str) -> str:
    """A code list's target as a literal of the column's type."""
    return literal(column.type, to, column.scale)


def by_code_sql(listed: CodeList, text: str, target: Callable[[str], str]) -> str:
    """A CASE over the codes of a list, with their validity at the row's local day; NULL for any other."""
    branches = []
    for entry in listed.entries:
        valid = [
            f"{quoted(' day')} {sign} DATE '{day}'"
            for sign, day in ((">=", entry.valid_from), ("<=", entry.valid_to))
            if day is not None
        ]
        branches.append(f"WHEN {' AND '.join([f'{text} = {text_sql(entry.code)}', *valid])} THEN {target(entry.to)}")
    return f"(CASE {' '.join(branches)} END)"


def outside_sql(listed: CodeList, text: str) -> str:
    """A condition that is true where a text is no code of the list on the row's local day; a blank text never is.

    Without validity one look into a constant list: a CASE over a hundred codes costs more to plan than a small file
    to read.
    """
    if any(entry.valid_from or entry.valid_to for entry in listed.entries):
        return f"({text} IS NOT NULL AND {by_code_sql(listed, text, lambda _to: 'TRUE')} IS NULL)"
    codes = ", ".join(dict.fromkeys(text_sql(entry.code) for entry in listed.entries))
    return f"(NOT list_contains([{codes}], {text}))"
