"""Reads complaints and what stands beside them as records, for a unit and its members at the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pyarrow as pa

from ganzhi.base.periods import Period
from ganzhi.compile.analyses.complaints import deep_sql, frequency_sql, hard_sql, profile_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.complaints.analysis.frequency import Frequency, frequency
from ganzhi.complaints.analysis.hard import Hard, Kinds, hard_topics
from ganzhi.complaints.analysis.profile import BANDS, FEATURES, Group, Judged, profile
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import members_by_time
from ganzhi.warehouse.engine import Relation, Session

COMPLAINTS = "complaints"


@contextmanager
def rows(reader: Reader, unit: str, feeds: Sequence[str], first: date | None, last: date | None) -> Iterator[Session]:
    """A session over the rows of feeds within days, both included, by `members` of the unit; an end that is not given is
    open."""
    with _session(reader, (unit,), feeds, first, last) as session:
        yield session


@contextmanager
def rows_within(reader: Reader, feeds: Sequence[str], first: date | None, last: date | None) -> Iterator[Session]:
    """The same by `members` of all units within the viewer's reach."""
    tops = reader.viewer.units or (reader.workplace.catalogue.root_unit,)
    with _session(reader, [unit for unit in tops if reader.ground.within(unit)], feeds, first, last) as session:
        yield session


@contextmanager
def _session(
    reader: Reader, units: Sequence[str], feeds: Sequence[str], first: date | None, last: date | None
) -> Iterator[Session]:
    place = reader.workplace
    begin, end = "" if first is None else first.isoformat(), "9999" if last is None else last.isoformat()
    relations = {}
    for feed in feeds:
        table = f"rows/{feed}"
        days = [day for day in reader.states.snapshot.partitions(table) if begin <= day <= end]
        relations[relation_of(table)] = Relation(
            reader.states.snapshot.table(table, days), rows_schema(place.catalogue.feed(feed))
        )
    members = [members_by_time(place.catalogue, unit, place.zone) for unit in units]
    with place.engine.session(relations) as session:
        session.register("members", pa.concat_tables(members))
        yield session


def hard_of(reader: Reader, unit: str, first: Period, last: Period) -> tuple[Hard, ...]:
    """Hard topics among complaints of a span of periods."""
    with rows(reader, unit, (COMPLAINTS,), first.first_day, last.last_day) as session:
        found = session.query(hard_sql(first.start, last.end)).to_pylist()
    return hard_topics(
        {
            row["category"]: Kinds(row["complaints"], row["repeated"], row["escalated"], row["reopened"], row["hard"])
            for row in found
        }
    )


def frequency_of(reader: Reader, unit: str, period: Period) -> dict[str, Frequency]:
    """By product, the empty one those without; and of all under `*`."""
    with rows(reader, unit, (COMPLAINTS,), period.first_day, period.last_day) as session:
        found = session.query(frequency_sql(period.start, period.end)).to_pylist()
    counts: dict[str, list[int]] = {"*": []}
    nobody: dict[str, int] = {"*": 0}
    for row in found:
        for key in ("*", row["product"] or ""):
            counts.setdefault(key, [])
            if row["times"]:
                counts[key] += [row["times"]] * row["pairs"]
            else:
                nobody[key] = nobody.get(key, 0) + row["pairs"]
    return {key: frequency(each, nobody.get(key, 0)) for key, each in counts.items()}


def profile_of(reader: Reader, unit: str, period: Period) -> tuple[Judged, ...]:
    """Complainants of a period against all users; nothing without a register of customers."""
    if "customers" not in reader.fed:
        return ()
    beside = tuple(feed for feed in ("bills", "sp_subscriptions") if feed in reader.fed)
    with rows(reader, unit, ("customers", *beside, COMPLAINTS), None, period.last_day) as session:
        found = session.query(profile_sql(period.start, period.end, BANDS, feeds=beside)).to_pylist()
    groups = [Group(row["feature"], row["value"], row["complainants"], row["users"]) for row in found]
    return profile(sorted(groups, key=_order))


def _order(group: Group) -> tuple[int, int, str]:
    number = int(group.value) if group.value.isdigit() else 0
    return FEATURES.index(group.feature), number, group.value


def deep_of(
    reader: Reader, unit: str, period: Period, product: str, category: str, sides: Sequence[str]
) -> dict[str, dict[str, int]]:
    """By dimension the complaints of a product and category by value, most first; the unit is the one on the record."""
    with rows(reader, unit, (COMPLAINTS,), period.first_day, period.last_day) as session:
        found_rows = session.query(deep_sql(period.start, period.end, product, category, sides)).to_pylist()
    found: dict[str, dict[str, int]] = {}
    for row in found_rows:
        found.setdefault(row["side"], {})[row["value"]] = row["n"]
    return found
