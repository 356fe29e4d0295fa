"""The records behind a number: exactly those the number was computed from (S002-115).

Reads the row files that the states of the asked days name as their inputs, retired ones too, so
that the count of the records is the count in the number whatever has been loaded since. Personal
columns are masked. Refuses to show a list that does not match its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ganzhi.access.shown.masking import is_masked, mask
from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.data import ColumnType
from ganzhi.catalogue.model.parts import DataClass, Text
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS
from ganzhi.compile.measures import Kind
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.records import Part, RowsPage, RowsQuestion, count_sql, rows_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.calendar import covered_by, days_table, slots_table
from ganzhi.measure.known import ranges
from ganzhi.measure.observation import Basis, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.states.live import live_feeds, live_relation
from ganzhi.measure.states.staleness import feed_state
from ganzhi.measure.units import members_by_time
from ganzhi.store.manifest import FileRef
from ganzhi.store.streams.streams import origin_of
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace

MOST_PER_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class RecordsRequest:
    """Which records of which number, and which page of them.

    part: rows of the numerator, of the denominator, or all rows of n. where: slice of the number.
    order: a column of the feed; event time otherwise. search: literal text that a shown value must
    hold; masked values are not looked into. masked: False only for those who may see
    personal values, which the caller decides and logs.
    """

    code: str
    unit: str
    period: Period
    part: Part = "all"
    where: Mapping[str, str] = field(default_factory=dict)
    limit: int = 50
    offset: int = 0
    order: str | None = None
    descending: bool = False
    masked: bool = True
    search: str = ""
    basis: Basis = "period"
    stale: Literal["refuse", "show"] = "refuse"


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """A column of the list. masked: its values are shown masked on this page."""

    name: str
    title: Text
    type: ColumnType
    protection: DataClass
    masked: bool


@dataclass(frozen=True, slots=True)
class Record:
    """values: in the order of the columns. file: the name of the file it came from, of a message its topic, partition
    and offset, None when the ledger does not know the load (empty for rows of a table in an engine); line: line of that
    file, or number of the record."""

    values: tuple[object, ...]
    load: str
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """total: of all pages; without a search, the count in the number. observation: the number itself."""

    request: RecordsRequest
    feed: str
    columns: tuple[RecordColumn, ...]
    records: tuple[Record, ...]
    total: int
    observation: Observation


def records(workplace: Workplace, reading: States, request: RecordsRequest) -> RecordsPage:
    """One page of the records behind a number.

    Raises: InputError as `observe`, CMP007 for a part the indicator does not have, CMP011 for an
    unknown order, MEA009 for a page that is no page; InternalError when the records do not match.
    """
    if not (1 <= request.limit <= MOST_PER_PAGE and request.offset >= 0):
        raise InputError(Issue("MEA009", params={"limit": str(MOST_PER_PAGE)}))
    observation = _number(workplace, reading, request)
    feed_code = workplace.catalogue.indicator(request.code).feed
    assert feed_code is not None
    feed, plan = workplace.catalogue.feed(feed_code), plan_feed(workplace.catalogue, feed_code)
    covered = covered_by(request.period, request.basis)
    open_columns = tuple(n for n, c in feed.columns.items() if not (request.masked and is_masked(c.protection)))
    question = RowsQuestion(
        request.code,
        request.part,
        covered.start,
        covered.end,
        request.where,
        tuple(feed.columns),
        request.search,
        open_columns,
    )
    page = RowsPage(request.limit, request.offset, request.order, request.descending)
    with _rows(workplace, reading, plan, covered.days) as session:
        session.register("members", members_by_time(workplace.catalogue, request.unit, workplace.zone))
        if any(d in CALENDAR_DIMENSIONS for d in request.where):
            session.register("slots", slots_table(covered.days, workplace.zone))
            session.register("days", days_table(covered.days, workplace.zone))
        total = session.query(count_sql(plan, question)).column("n")[0].as_py()
        rows = session.query(rows_sql(plan, question, page)).to_pylist()
    if not request.search:
        try:
            _check_total(plan, request, observation, total)
        except InternalError:
            if feed_code not in live_feeds(workplace.catalogue):
                raise
            raise InputError(Issue("MEA031", feed_code)) from None
    columns = tuple(
        RecordColumn(name, c.name, c.type, c.protection, request.masked and is_masked(c.protection))
        for name, c in feed.columns.items()
    )
    return RecordsPage(request, feed_code, columns, _as_records(workplace, columns, rows), total, observation)


@contextmanager
def _rows(workplace: Workplace, reading: States, plan: FeedPlan, days: Sequence[date]) -> Iterator[Session]:
    """A session that shows the rows which the states of some days were computed from, or of a live feed its table."""
    if plan.feed in live_feeds(workplace.catalogue):
        with workplace.scanner.session({}) as far:
            far.register("slots", slots_table(days, workplace.zone))
            live_relation(workplace, far, plan.feed, days)
            yield far
        return
    relation = Relation(_inputs(workplace, reading, plan, days), rows_schema(workplace.catalogue.feed(plan.feed)))
    with workplace.engine.session({relation_of(f"rows/{plan.feed}"): relation}) as session:
        yield session


def _number(workplace: Workplace, reading: States, request: RecordsRequest) -> Observation:
    question = ObserveRequest(
        codes=(request.code,),
        unit=request.unit,
        grain=request.period.grain,
        first=request.period.first_day,
        last=request.period.first_day,
        where=request.where,
        basis=request.basis,
        stale=request.stale,
    )
    found = observe(workplace, reading, question)
    return next(each for each in found if each.period.start == request.period.start)


def _inputs(workplace: Workplace, reading: States, plan: FeedPlan, days: Sequence[date]) -> tuple[FileRef, ...]:
    """The row files that the states of these days were computed from."""
    state = feed_state(plan, reading.snapshot)
    expired = [day for day in days if state.is_expired(day.isoformat())]
    if expired:
        kept = workplace.catalogue.feed(plan.feed).retention_days
        raise InputError(Issue("MEA013", plan.feed, params={"days": ranges(expired), "kept": str(kept)}))
    ids = {
        number
        for day in days
        for file in state.states.get(day.isoformat(), ())
        if file.plan == plan.fingerprint
        for number in file.inputs
    }
    files = workplace.store.manifest.files(ids)
    if len(files) != len(ids):
        raise InternalError(f"states of {plan.feed} name row files that the manifest does not know")
    return files


def _check_total(plan: FeedPlan, request: RecordsRequest, observation: Observation, total: int) -> None:
    """A number on a page never differs from the count behind it (design.md section 5)."""
    formula = plan.formula(request.code)
    expected: object = observation.n if request.part == "all" else None
    term = formula.numerator if request.part == "numerator" else formula.denominator
    if request.part != "all" and term is not None and term.measure.kind is Kind.COUNT and term.times == 1:
        part = observation.numerator if request.part == "numerator" else observation.denominator
        expected = 0 if part is None else part
    if expected is not None and expected != total:
        raise InternalError(f"{request.code} {request.period} counts {expected}, {total} records are behind it")


def _as_records(
    workplace: Workplace, columns: Sequence[RecordColumn], rows: Sequence[Mapping[str, object]]
) -> tuple[Record, ...]:
    loads = {str(row["_load"]) for row in rows if row["_load"] is not None}
    names = {load: found.file for load in loads if (found := workplace.store.ledger.load(load)) is not None}
    origins = workplace.store.streams.origins(loads)
    shown = []
    for row in rows:
        values = tuple(mask(row[c.name], c.protection) if c.masked else row[c.name] for c in columns)
        load, line = "" if row["_load"] is None else str(row["_load"]), row["_line"]
        number = line if isinstance(line, int) else None
        message = origin_of(origins.get(load, ()), number or 0)
        shown.append(Record(values, load, message or names.get(load), number))
    return tuple(shown)
