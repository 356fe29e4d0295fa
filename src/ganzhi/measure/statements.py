"""The SQL behind indicators, as text to read: what `ganzhi sql` prints is what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.dialects import identifier, known_engine
from ganzhi.compile.observe import Question, observe_sql
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.roll import roll_sql
from ganzhi.compile.scan import scan_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.compile.translate.engines import said
from ganzhi.measure.calendar import SLOTS_SCHEMA


@dataclass(frozen=True, slots=True)
class Statement:
    """title: for example `calls: scan (add)`. feed: whose. sql: one SELECT."""

    feed: str
    step: str
    kind: str
    sql: str


def statements(
    catalogue: Catalogue,
    codes: Sequence[str],
    *,
    engine: str = "duckdb",
    first: date,
    last: date,
    by: tuple[str, ...] = (),
    fine: bool = False,
) -> tuple[Statement, ...]:
    """Every SELECT that takes part in the given indicators: scan and roll-ups of their feeds, and the
    question itself; steps `scan`, `day`, `total`, `month` and `observe`. fine: the question is for a grain below a day.
    engine: where rows are scanned; everything else runs on the embedded engine whatever scans.

    Raises: InputError CMP001 for an engine that is not known, CMP002 for what it cannot do exactly, MEA004 for an indicator without a measure.
    """
    known_engine(engine)
    by_feed: dict[str, list[str]] = {}
    for code in _with_bases(catalogue, codes):
        feed = catalogue.indicator(code).feed
        if feed is None:
            raise InputError(Issue("MEA004", code))
        by_feed.setdefault(feed, []).append(code)
    found = []
    for feed, of_feed in by_feed.items():
        plan = plan_feed(catalogue, feed)
        level: Literal["fine", "day"] = "fine" if fine or "hour_of_day" in by else "day"
        question = Question(tuple(of_feed), level, by, {}, first, last)
        reads = {relation_of(f"rows/{feed}"): rows_schema(catalogue.feed(feed)), "slots": SLOTS_SCHEMA}
        scans = {kind: said(sql, engine, reads) for kind, sql in scan_sql(plan).items()}
        found += [Statement(feed, "scan", kind, sql) for kind, sql in scans.items()]
        steps: tuple[tuple[Literal["day", "total", "month"], str], ...] = (
            ("day", "fine"),
            ("total", "day"),
            ("month", "day"),
        )
        for step, below in steps:
            source = {kind: identifier(f"{below}_{feed}_{kind}") for kind in plan.state_kinds}
            found += [Statement(feed, step, kind, sql) for kind, sql in roll_sql(plan, step, source).items()]
        found.append(Statement(feed, "observe", "all", observe_sql(plan, question)))
    return tuple(found)


def _with_bases(catalogue: Catalogue, codes: Sequence[str]) -> tuple[str, ...]:
    """The indicators, and those that rates among them are divided by."""
    rates = (catalogue.indicator(code).rate for code in codes)
    return tuple(dict.fromkeys([*codes, *(rate.per for rate in rates if rate is not None)]))
