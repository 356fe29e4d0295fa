"""The rows behind a number: which records a part of an indicator was counted from.

Owns the SQL over `rows_<feed>`; the same conditions, in the same canonical form, as the measure
that was counted, so that the number of rows is the number's count. Reads relations `members(unit, since,
until)` (what counts for the asked unit, and when) and, for calendar dimensions, `slots` and `days`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS
from ganzhi.compile.dialects import DUCKDB, Dialect, comment, identifier, instant_literal, literal
from ganzhi.compile.plan import FeedPlan

Part = Literal["numerator", "denominator", "all"]


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """Which rows: of a part of `code`, with event time in [start, end), of the asked unit's
    members, with the dimension values of `where`. columns: stored columns to show, in order.
    search: literal text, any case, that one of the `searched` columns must hold; empty for none."""

    code: str
    part: Part
    start: datetime
    end: datetime
    where: Mapping[str, str]
    columns: tuple[str, ...]
    search: str = ""
    searched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Which page of them. order: a shown column; then event time and origin decide."""

    limit: int
    offset: int
    order: str | None = None
    descending: bool = False


def count_sql(plan: FeedPlan, question: RowsQuestion, dialect: Dialect = DUCKDB) -> str:
    """How many rows there are."""
    return f"{_base(plan, question)}\nselect count(*) as n\nfrom base\n{_where(plan, question, dialect)}"


def rows_sql(plan: FeedPlan, question: RowsQuestion, page: RowsPage, dialect: Dialect = DUCKDB) -> str:
    """One page of the rows, in an order that is total and therefore the same every time."""
    if page.order is not None and page.order not in question.columns:
        raise InputError(Issue("CMP011", page.order[:60], params={"known": ", ".join(question.columns)}))
    order = [identifier(plan.time), "_load", "_line"]
    if page.order is not None:
        order.insert(0, f"{identifier(page.order)} {'desc' if page.descending else 'asc'} nulls last")
    shown = ", ".join([*(identifier(c) for c in question.columns), "_load", "_line"])
    return (
        f"{_base(plan, question)}\nselect {shown}\nfrom base\n{_where(plan, question, dialect)}"
        f"\norder by {', '.join(order)}\nlimit {int(page.limit)} offset {int(page.offset)}"
    )


def one_sql(plan: FeedPlan, columns: Sequence[str], load: str, line: int, asked: Sequence[tuple[str, Part]]) -> str:
    """The row of a load and line among those of the members, or none; `_c0`, `_c1` … say whether it stands
    behind each of the asked parts of indicators."""
    shown = [*(identifier(c) for c in columns), "_load", "_line"]
    for place, (code, part) in enumerate(asked):
        measure = plan.formula(code).behind(part)
        conditions = [f"({c})" for c in measure.where]
        if measure.value is not None:
            conditions.append(f"({measure.value.sql}) is not null")
        shown.append(f"coalesce({' and '.join(conditions) or 'true'}, false) as _c{place}")
    return (
        f"{_rows(plan, 'one row')}\nselect {', '.join(shown)}\nfrom base"
        f"\nwhere _load = {literal(load)} and _line = {int(line)}\nlimit 1"
    )


def _base(plan: FeedPlan, question: RowsQuestion) -> str:
    return _rows(plan, f"rows behind {question.code}, {question.part}")


def _rows(plan: FeedPlan, what: str) -> str:
    """The rows with the derived columns that conditions may need."""
    derived = [f", {each.sql} as {identifier(each.name)}" for each in plan.derived]
    rows = identifier(f"rows_{plan.feed}")
    return (
        comment(f"{plan.feed}: {what}")
        + f"\nwith base as (\n  select r.*{''.join(derived)} from {rows} r"
        + "\n  join (select unit as _unit, since as _since, until as _until from members) m"
        + f"\n    on m._unit = r.{identifier(plan.unit)}"
        + f" and r.{identifier(plan.time)} >= m._since and r.{identifier(plan.time)} < m._until\n)"
    )


def _where(plan: FeedPlan, question: RowsQuestion, dialect: Dialect) -> str:
    measure = plan.formula(question.code).behind(question.part)
    time = identifier(plan.time)
    conditions = [
        f"{time} >= {instant_literal(question.start)}",
        f"{time} < {instant_literal(question.end)}",
        *(f"({c})" for c in measure.where),
    ]
    if measure.value is not None:
        conditions.append(f"({measure.value.sql}) is not null")
    calendar = {name: value for name, value in question.where.items() if name in CALENDAR_DIMENSIONS}
    for name, value in calendar.items():
        slots = (
            f"select slot from slots join days using (day) where {dialect.write('text', value=name)} = {literal(value)}"
        )
        conditions.append(f"{dialect.write('slot', time=time)} in ({slots})")
    of_feed = {name: value for name, value in question.where.items() if name not in calendar}
    plan.cuboid_for(of_feed)
    for name, value in of_feed.items():
        text = dialect.write("text", value=identifier(name))
        conditions.append(f"coalesce({text}, '') = {literal(value)}")
    if question.search:
        wanted = f"lower({literal(question.search)})"
        texts = (dialect.write("text", value=identifier(column)) for column in question.searched)
        conditions.append("(" + " or ".join(f"position({wanted} in lower({text})) > 0" for text in texts) + ")")
    return "where " + "\n  and ".join(conditions)
