"""Answers free questions over the rows of a feed: a page of them, or groups with counts and sums.

Every row is one that counts for the asked place, which lies within the asker's reach; personal values
are masked before they leave. Rows are those that count now. The rows behind a group are the same question
with the group's values as conditions, so there are as many of them as the group says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from ganzhi.access.shown.masking import mask
from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.asked import PLACE, Asked, RowsWanted, groups_sql, rows_sql, total_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.build.ask.columns import ask_columns, asked_columns, open_column, same
from ganzhi.measure.build.ask.cost import rows_cost, span_of
from ganzhi.measure.build.ask.places import members_with_place, refuse_units_out_of_reach, unit_of
from ganzhi.measure.build.ask.running import Run, Running
from ganzhi.measure.build.ask.values import wheres, written
from ganzhi.measure.build.ask.words import name_of, said_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.calendar import days_from_to, days_table, slots_table
from ganzhi.measure.states.live import live_feeds, live_relation
from ganzhi.measure.views.ask.answers import AskColumn, Cost, Group, Key, Place, RecordsAnswer, Total
from ganzhi.measure.views.ask.question import LONGEST_VALUE, MOST_CONDITIONS, Condition, Question
from ganzhi.warehouse.engine import Relation, Session

PER_PAGE = 50
DEFAULT_DAYS = 28
MOST_GROUPS = 10_000
MOST_EXPORTED = 100_000
FUNCTIONS = ("sum", "mean", "min", "max")


@dataclass(frozen=True)
class _Task:
    """A question that was judged: everything is there, typed, affordable and within reach."""

    reader: Reader
    question: Question
    feed: str
    place: Place
    columns: Mapping[str, AskColumn]
    asked: Asked
    cost: Cost

    @cached_property
    def shown(self) -> tuple[AskColumn, ...]:
        """The columns of a list: those asked for, the feed's own by default."""
        names = self.question.columns or tuple(n for n, each in self.columns.items() if each.kind == "stored")
        return tuple(self.columns[name] for name in names)

    @property
    def title(self) -> Text:
        return self.reader.workplace.catalogue.feed(self.feed).name

    @cached_property
    def grouped(self) -> tuple[AskColumn, ...]:
        return tuple(self.columns[name] for name in self.question.groups)

    @cached_property
    def measured(self) -> tuple[AskColumn, ...]:
        return tuple(self.columns[name] for name in self.question.measures)


def records_answer(reader: Reader, question: Question, running: Running, most_rows: int) -> RecordsAnswer:
    """One page of the answer.

    Raises: AccessError ACC001 without list depth; InputError ASK001 before anything is read when it would be too
    much, ASK002–ASK010 and ASK013–ASK015, REQ011, REQ012, and REQ004 for a page that is not there.
    """
    task = _judged(reader, question, most_rows)
    with running.run(reader.viewer.login, task.title, task.cost.rows) as run, _session(task, run) as session:
        return _grouped(task, session) if question.groups else _listed(task, session, PER_PAGE)


def records_export(reader: Reader, question: Question, running: Running, most_rows: int) -> RecordsAnswer:
    """The whole answer; InputError ASK014 when it has more than `MOST_EXPORTED` rows, and as `records_answer`."""
    task = _judged(reader, replace(question, page=1), most_rows)
    with running.run(reader.viewer.login, task.title, task.cost.rows) as run, _session(task, run) as session:
        if question.groups:
            return _grouped(task, session, whole=True)
        return _listed(task, session, MOST_EXPORTED)


def _judged(reader: Reader, question: Question, most_rows: int) -> _Task:
    reader.viewer.require("query")
    reader.viewer.require("list")
    if question.feed is None:
        raise InputError(Issue("ASK013", "feed"))
    catalogue, zone = reader.workplace.catalogue, reader.workplace.zone
    feed, unit = catalogue.feed(question.feed), unit_of(reader.ground, question)
    columns = ask_columns(catalogue, question.feed)
    where = wheres(question, columns, zone)
    refuse_units_out_of_reach(reader.ground, where, (feed.unit, PLACE))
    _check_columns(question, columns)
    latest = max((day for day, share in reader.arrived(question.feed).items() if share), default=None)
    today = reader.workplace.clock.now().astimezone(zone).date()
    first, last = span_of(question, latest or today, DEFAULT_DAYS)
    place = Place(
        unit=unit,
        unit_name=catalogue.units[unit].name,
        top=reader.ground.top,
        first=first,
        last=last,
        data_until=latest,
        refreshed_at=reader.workplace.store.manifest.last("refresh"),
    )
    cost = rows_cost(reader.workplace, reader.states.snapshot, question.feed, first, last, most_rows)
    start, end = midnight(first, zone), midnight(date.fromordinal(last.toordinal() + 1), zone)
    asked = Asked(question.feed, feed.time, feed.unit, start, end, asked_columns(catalogue, question.feed), where)
    return _Task(reader, question, question.feed, place, columns, asked, cost)


def _check_columns(question: Question, columns: Mapping[str, AskColumn]) -> None:
    for name in question.columns:
        if name not in columns:
            raise InputError(Issue("ASK006", "cols", params={"value": name[:40], "near": "–"}))
    for name in question.groups:
        if open_column(columns, name, "g").type == "timestamp":
            raise InputError(Issue("ASK017", "g", params={"value": name}))
    for name in question.measures:
        if not open_column(columns, name, "m").number:
            raise InputError(Issue("ASK016", "m", params={"value": name}))
    for name in question.functions:
        if name not in FUNCTIONS:
            raise InputError(Issue("REQ004", "a", params={"value": name[:40], "known": ", ".join(FUNCTIONS)}))
    if question.sort is not None and not question.groups:
        open_column(columns, question.sort.removeprefix("-"), "sort")


@contextmanager
def _session(task: _Task, run: Run) -> Iterator[Session]:
    """A session that shows the rows of the asked days, who counts for the place, and the calendar of the days."""
    workplace = task.reader.workplace
    days = days_from_to(task.place.first, task.place.last)
    with _opened(task, days) as session:
        run.watch(session)
        session.register("members", members_with_place(workplace.catalogue, task.place.unit, workplace.zone))
        session.register("slots", slots_table(days, workplace.zone))
        session.register("days", days_table(days, workplace.zone))
        yield session


@contextmanager
def _opened(task: _Task, days: Sequence[date]) -> Iterator[Session]:
    workplace = task.reader.workplace
    if task.feed in live_feeds(workplace.catalogue):
        with workplace.scanner.session({}) as far:
            far.register("slots", slots_table(days, workplace.zone))
            live_relation(workplace, far, task.feed, days)
            yield far
        return
    table = f"rows/{task.feed}"
    files = task.reader.states.snapshot.table(table, [day.isoformat() for day in days])
    relation = Relation(files, rows_schema(workplace.catalogue.feed(task.feed)))
    with workplace.engine.session({relation_of(table): relation}) as session:
        yield session


def _total(task: _Task, session: Session) -> tuple[int, tuple[Total, ...]]:
    row = session.query(total_sql(task.asked, task.question.measures)).to_pylist()[0]
    return int(row["n_rows"]), _totals(row, len(task.measured))


def _totals(row: Mapping[str, Any], count: int) -> tuple[Total, ...]:
    names = ("sum", "min", "max")
    return tuple(Total(row[f"n{p}"], *(_exact(row[f"{name}{p}"]) for name in names)) for p in range(count))


def _exact(value: object) -> int | Decimal | None:
    """A sum as the smallest exact type."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    assert value is None or isinstance(value, int | Decimal)
    return value


def _pages(task: _Task, found: int, per_page: int) -> tuple[int, int]:
    page, pages = task.question.page, max(1, math.ceil(found / per_page))
    if page > pages:
        raise InputError(Issue("REQ004", "page", params={"value": str(page), "known": f"1–{pages}"}))
    return page, pages


def _answer(task: _Task, **fields: Any) -> RecordsAnswer:
    feed = task.reader.workplace.catalogue.feed(task.feed)
    blank: dict[str, Any] = {
        "rows": (),
        "groups": (),
        "columns": (),
        "grouped": task.grouped,
        "measured": task.measured,
    }
    return RecordsAnswer(
        place=task.place,
        feed=task.feed,
        feed_name=feed.name,
        record=feed.record,
        said=said_of(task.question, task.columns),
        cost=task.cost,
        **{**blank, **fields},
    )


def _listed(task: _Task, session: Session, per_page: int) -> RecordsAnswer:
    total, _ = _total(task, session)
    if per_page == MOST_EXPORTED and total > MOST_EXPORTED:
        raise InputError(Issue("ASK014", params={"rows": f"{total:,}", "most": f"{MOST_EXPORTED:,}"}))
    page, pages = _pages(task, total, per_page)
    order = task.question.sort or ""
    wanted = RowsWanted(
        tuple(column.name for column in task.shown),
        per_page,
        (page - 1) * per_page,
        order.removeprefix("-") or None,
        order.startswith("-"),
    )
    found = session.query(rows_sql(task.asked, wanted)).to_pylist()
    return _answer(
        task,
        columns=task.shown,
        rows=tuple(_cells(task, found)),
        total=total,
        totals=(),
        found=total,
        page=page,
        pages=pages,
    )


def _cells(task: _Task, rows: Sequence[Mapping[str, object]]) -> Iterator[tuple[str | None, ...]]:
    workplace = task.reader.workplace
    loads = {str(row["_load"]) for row in rows if row["_load"] is not None}
    names = {load: found.file for load in loads if (found := workplace.store.ledger.load(load)) is not None}
    for row in rows:
        values = (mask(row[c.name], c.protection) if c.masked else row[c.name] for c in task.shown)
        line = row["_line"]
        yield (
            *(written(value, workplace.zone) for value in values),
            names.get(str(row["_load"])),
            None if line is None else str(line),
        )


def _grouped(task: _Task, session: Session, *, whole: bool = False) -> RecordsAnswer:
    question = task.question
    total, totals = _total(task, session)
    rows = session.query(groups_sql(task.asked, question.groups, question.measures, MOST_GROUPS + 1)).to_pylist()
    if len(rows) > MOST_GROUPS:
        raise InputError(Issue("ASK018", "g", params={"most": f"{MOST_GROUPS:,}"}))
    groups = [_group(task, row) for row in rows]
    if sum(group.rows for group in groups) != total:
        raise InternalError(f"groups of {task.feed} do not add up to {total} rows")
    _order(task, groups)
    page, pages = _pages(task, len(groups), PER_PAGE)
    shown = groups if whole else groups[(page - 1) * PER_PAGE : page * PER_PAGE]
    return _answer(
        task, groups=tuple(shown), total=total, totals=totals, found=len(groups), page=page, pages=1 if whole else pages
    )


def _group(task: _Task, row: Mapping[str, Any]) -> Group:
    zone = task.reader.workplace.zone
    keys = [_key(task, column, written(row[f"k{place}"], zone)) for place, column in enumerate(task.grouped)]
    return Group(tuple(keys), int(row["n_rows"]), _totals(row, len(task.measured)), _behind(task, keys))


def _key(task: _Task, column: AskColumn, value: str | None) -> Key:
    if column.kind == "place" and value is not None:
        units = task.reader.workplace.catalogue.units
        return Key(value, units[value].name if value in units else same(value))
    return Key(value, name_of(column, value))


def _behind(task: _Task, keys: Sequence[Key]) -> Question | None:
    """The question for the rows of a group; None where no address can ask it."""
    if len(task.question.conditions) + len(keys) > MOST_CONDITIONS:
        return None
    if any(len(key.value or "") > LONGEST_VALUE or not (key.value or "").isprintable() for key in keys):
        return None
    place = max((each.place for each in task.question.conditions), default=0)
    added = tuple(
        Condition(place + n, column.name, "empty" if key.value is None else "eq", key.value or "")
        for n, (column, key) in enumerate(zip(task.grouped, keys, strict=True), start=1)
    )
    conditions = (*task.question.conditions, *added)
    return replace(
        task.question,
        first=task.place.first.isoformat(),
        last=task.place.last.isoformat(),
        conditions=conditions,
        groups=(),
        measures=(),
        functions=(),
        columns=(),
        sort=None,
        page=1,
    )


def _order(task: _Task, groups: list[Group]) -> None:
    """Largest first, or as asked: by a group column, `rows`, or `<function>.<column>`; unknown values last."""
    asked = task.question.sort or "-rows"
    name, downwards = asked.removeprefix("-"), asked.startswith("-")
    keys = {column.name: place for place, column in enumerate(task.grouped)}
    measures = {f"{f}.{c.name}": (place, f) for place, c in enumerate(task.measured) for f in FUNCTIONS}
    if name not in (*keys, *measures, "rows"):
        known = ", ".join((*keys, "rows", *measures))
        raise InputError(Issue("REQ004", "sort", params={"value": name[:40], "known": known}))

    def value(group: Group) -> Any:
        if name in keys:
            key, column = group.keys[keys[name]].value, task.grouped[keys[name]]
            return key if key is None or column.type not in ("int", "decimal") else Decimal(key)
        if name in measures:
            place, function = measures[name]
            return getattr(group.totals[place], function)
        return group.rows

    known_ones = sorted((g for g in groups if value(g) is not None), key=value, reverse=downwards)
    groups[:] = [*known_ones, *(g for g in groups if value(g) is None)]
