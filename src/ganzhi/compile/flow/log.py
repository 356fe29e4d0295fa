"""An event log as SQL: from the rows of a feed to `log(case_id, activity, moment, tie)`, one row per event.

Owns which events belong to which cases: a case counts where and when its first event lies, and is followed
from there for as long as the question says. Events at the same instant follow one another as their files had
them. Reads relations `rows_<feed>` and, for a place, `members(unit, since, until)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ganzhi.compile.dialects import comment, identifier, instant_literal, literal

ORDER = "moment, tie, _load"
"""The order of the events of a case; total, so that every run gives the same."""


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Which events. case, activity: columns; or times: step to time column of a feed with one row per case.

    derived: checked SQL of the derived columns that are named. read_from, read_until: event times that are read;
    start, end: where the first event of a case must lie, None for anywhere. where: column to value of the first
    event (the empty text for unknown). place: whether relation `members` says which units count. held: the table that
    `keep_sql` filled with the answer, read instead of the feed.
    """

    feed: str
    time: str
    unit: str
    case: str
    activity: str | None = None
    times: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    read_from: datetime | None = None
    read_until: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    place: bool = False
    condition: str = ""
    held: str = ""

    @property
    def order(self) -> str:
        """How events of a case follow one another."""
        return "tie" if self.held else ORDER

    @property
    def chooses(self) -> bool:
        """Whether cases are chosen at all."""
        return self.start is not None or self.place or bool(self.where)


def log_sql(asked: LogQuestion, title: str) -> str:
    """The beginning of a statement: `with … log as (…)`, to be followed by a comma or a SELECT."""
    head = comment(f"{asked.feed}: {title}")
    if asked.held:
        return f"{head}\nwith log as (\nselect * from {identifier(asked.held)}\n)"
    if not asked.chooses:
        return f"{head}\nwith log as (\n{_events(asked)}\n)"
    return f"{head}\nwith events as (\n{_events(asked)}\n),\n{_chosen(asked)},\n{_kept(asked)}"


def keep_sql(asked: LogQuestion, table: str) -> str:
    """A statement that fills a table of the session with the log, for questions that follow; tie: an event's place."""
    place = f"row_number() over (partition by case_id order by {ORDER})"
    return (
        f"create temp table {identifier(table)} as\n{log_sql(asked, 'the log')}\n"
        f"select case_id, activity, moment, {place} as tie from log"
    )


def without_case_sql(asked: LogQuestion) -> str:
    """One row: rows that are read, those that name no case, and of the others those that name no activity."""
    case, named = _blank(asked.case), _blank(asked.activity) if asked.activity else "false"
    read = f"select * from {read_sql(asked)}"
    return (
        f"{comment(asked.feed + ': events without case')}\nwith read as (\n{read}\n)\n"
        f"select count(*) as n, coalesce(count_if({case}), 0) as no_case, coalesce(count_if(not ({case}) and ({named})), 0) as no_activity\nfrom read"
    )


def _blank(column: str) -> str:
    return f"coalesce(cast({identifier(column)} as varchar), '') = ''"


def _text(column: str) -> str:
    return f"cast({identifier(column)} as varchar)"


def _named(asked: LogQuestion) -> str:
    extra = "".join(f", {sql} as {identifier(name)}" for name, sql in asked.derived.items())
    return f"r.*{extra}"


def _read(asked: LogQuestion) -> str:
    time = identifier(asked.time)
    found = [f"{time} >= {instant_literal(asked.read_from)}"] if asked.read_from else []
    found += [f"{time} < {instant_literal(asked.read_until)}"] if asked.read_until else []
    return "where " + " and ".join(found) if found else ""


def read_sql(asked: LogQuestion) -> str:
    """What is read, with the derived columns; only events where there is a condition."""
    rows = f"(select {_named(asked)} from {identifier('rows_' + asked.feed)} r {_read(asked)})"
    return f"(select * from {rows} where {asked.condition})" if asked.condition else rows


def _events(asked: LogQuestion) -> str:
    """All events that are read, with what cases are chosen by."""
    rows = read_sql(asked)
    chosen = [f"{_text(name)} as {identifier('w_' + name)}" for name in asked.where]
    chosen += [f"{identifier(asked.unit)} as _unit"] if asked.place else []
    case = f"{_text(asked.case)} as case_id"
    if asked.activity is not None:
        items = [
            case,
            f"{_text(asked.activity)} as activity",
            f"{identifier(asked.time)} as moment",
            "_line as tie",
            "_load",
        ]
        return (
            f"  select {', '.join([*items, *chosen])}\n  from {rows}\n"
            f"  where not ({_blank(asked.case)}) and not ({_blank(asked.activity)})"
        )
    parts = []
    for place, (step, column) in enumerate(asked.times.items()):
        items = [case, f"{literal(step)} as activity", f"{identifier(column)} as moment", f"{place} as tie", "_load"]
        parts.append(
            f"  select {', '.join([*items, *chosen])}\n  from read\n"
            f"  where {identifier(column)} is not null and not ({_blank(asked.case)})"
        )
    return f"  with read as materialized {rows}\n" + "\n  union all\n".join(parts)


def _chosen(asked: LogQuestion) -> str:
    """`chosen(case_id)`: cases by their first event."""
    firsts = [f"arg_min({identifier('w_' + name)}, (moment, tie)) as {identifier('w_' + name)}" for name in asked.where]
    firsts += ["arg_min(_unit, (moment, tie)) as _unit"] if asked.place else []
    found = [
        f"coalesce({identifier('w_' + name)}, '') = {literal(value)}"
        if value
        else f"coalesce({identifier('w_' + name)}, '') = ''"
        for name, value in asked.where.items()
    ]
    found += [f"begun >= {instant_literal(asked.start)}"] if asked.start else []
    found += [f"begun < {instant_literal(asked.end)}"] if asked.end else []
    join = ""
    if asked.place:
        join = "\n  join members m on m.unit = f._unit and f.begun >= m.since and f.begun < m.until"
    where = "\n  where " + " and ".join(found) if found else ""
    return (
        "firsts as (\n  select case_id, min(moment) as begun" + "".join(f", {each}" for each in firsts)
        + "\n  from events group by case_id\n),\n"
        f"chosen as (\n  select f.case_id\n  from firsts f{join}{where}\n)"
    )  # fmt: skip


def _kept(asked: LogQuestion) -> str:
    return "log as (\n  select case_id, activity, moment, tie, _load\n  from events semi join chosen using (case_id)\n)"
