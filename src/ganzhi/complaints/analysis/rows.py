"""Reads complaints and what stands beside them as records, for a unit and its members at the time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Final

import pyarrow as pa

from ganzhi.base.periods import Period
from ganzhi.compile.analyses.complaints import deep_sql, examples_sql, frequency_sql, hard_sql, profile_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.complaints.analysis.frequency import Frequency, frequency
from ganzhi.complaints.analysis.hard import Hard, Kinds, hard_topics
from ganzhi.complaints.analysis.profile import BANDS, FEATURES, Group, Judged, profile
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import members_by_time
from ganzhi.warehouse.engine import Relation, Session

COMPLAINTS = "complaints"
BILLS_BACK: Final = 190
"""Days before the end of a period within which bills are read."""


Days = tuple[date | None, date | None]
"""First and last day, both included; None where an end is open."""


@contextmanager
def rows(reader: Reader, unit: str, feeds: Mapping[str, Days]) -> Iterator[Session]:
    """A session over the rows of feeds, each within its days, by `members` of the unit. Opened once for all that is asked
    of them: opening costs more than asking."""
    with _session(reader, (unit,), feeds) as session:
        yield session


@contextmanager
def rows_within(reader: Reader, feeds: Mapping[str, Days]) -> Iterator[Session]:
    """The same by `members` of all units within the viewer's reach."""
    tops = reader.viewer.units or (reader.workplace.catalogue.root_unit,)
    with _session(reader, [unit for unit in tops if reader.ground.within(unit)], feeds) as session:
        yield session


@contextmanager
def _session(reader: Reader, units: Sequence[str], feeds: Mapping[str, Days]) -> Iterator[Session]:
    place = reader.workplace
    relations = {}
    for feed, (first, last) in feeds.items():
        begin, end = "" if first is None else first.isoformat(), "9999" if last is None else last.isoformat()
        table = f"rows/{feed}"
        days = [day for day in reader.states.snapshot.partitions(table) if begin <= day <= end]
        relations[relation_of(table)] = Relation(
            reader.states.snapshot.table(table, days), rows_schema(place.catalogue.feed(feed))
        )
    members = [members_by_time(place.catalogue, unit, place.zone) for unit in units]
    with place.engine.session(relations) as session:
        session.register("members", pa.concat_tables(members))
        yield session


def hard_of(session: Session, first: Period, last: Period) -> tuple[Hard, ...]:
    """Hard topics among complaints of a span of periods. session: over complaints of at least these days."""
    found = session.query(hard_sql(first.start, last.end)).to_pylist()
    return hard_topics(
        {
            row["category"]: Kinds(row["complaints"], row["repeated"], row["escalated"], row["reopened"], row["hard"])
            for row in found
        }
    )


def frequency_of(session: Session, period: Period) -> dict[str, Frequency]:
    """By product, the empty one those without; and of all under `*`. session: over complaints of at least the period."""
    counts: dict[str, list[int]] = {"*": []}
    nobody: dict[str, int] = {"*": 0}
    for row in session.query(frequency_sql(period.start, period.end)).to_pylist():
        for key in ("*", row["product"] or ""):
            counts.setdefault(key, [])
            if row["times"]:
                counts[key] += [row["times"]] * row["pairs"]
            else:
                nobody[key] = nobody.get(key, 0) + row["pairs"]
    return {key: frequency(each, nobody.get(key, 0)) for key, each in counts.items()}


def profile_feeds(reader: Reader, period: Period) -> dict[str, Days]:
    """What `profile_of` reads beside complaints; nothing without a register of customers."""
    if "customers" not in reader.fed:
        return {}
    last = period.last_day
    beside: dict[str, Days] = {"customers": (None, last)}
    # The last bill before the end counts, and bills are of months: older ones than of half a year say nothing of now.
    beside |= {"bills": (last - timedelta(days=BILLS_BACK), last)} if "bills" in reader.fed else {}
    return beside | ({"sp_subscriptions": (None, last)} if "sp_subscriptions" in reader.fed else {})


def profile_of(reader: Reader, session: Session, period: Period) -> tuple[Judged, ...]:
    """Complainants of a period against all users; nothing without a register of customers. session: over complaints of the
    period and `profile_feeds`."""
    feeds = profile_feeds(reader, period)
    if not feeds:
        return ()
    found = session.query(profile_sql(period.start, period.end, BANDS, feeds=tuple(feeds))).to_pylist()
    groups = [Group(row["feature"], row["value"], row["complainants"], row["users"]) for row in found]
    return profile(sorted(groups, key=_order))


def _order(group: Group) -> tuple[int, int, str]:
    number = int(group.value) if group.value.isdigit() else 0
    return FEATURES.index(group.feature), number, group.value


def examples_of(session: Session, period: Period) -> dict[str, str]:
    """By category a complaint of the period, drawn so that anybody draws the same. session: over complaints of the period."""
    found = session.query(examples_sql(period.start, period.end, f"example {period.key}")).to_pylist()
    return {row["category"]: row["complaint"] for row in found}


def deep_of(
    session: Session, period: Period, pairs: Collection[tuple[str, str]], sides: Sequence[str]
) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """By pair of product and category and by dimension their complaints by value, most first; the unit is the one on the
    record. session: over complaints of the period."""
    found: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    if pairs:
        for row in session.query(deep_sql(period.start, period.end, pairs, sides)).to_pylist():
            own = found.setdefault((row["product"], row["category"]), {})
            own.setdefault(row["side"], {})[row["value"]] = row["n"]
    return found
