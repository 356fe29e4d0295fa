"""For which local days (and shards) a file brought data: by its name where the mapping dates it, else by its rows.

A dated file speaks for its day even when it holds no row; stray rows of other days do not make
those days arrive. Owns the reading of file-name patterns (S000-069).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.data import Mapping
from ganzhi.ingest.shaping.job import Job
from ganzhi.store.ledger import Arrival

QUIET_DAYS = 3
"""A busy month's log without a record in so many of its last days was taken before the month was over."""
DENSE = 0.8
"""Share of days with a record from which a log counts as busy."""

_PARTS = {
    "shard": r"(?P<shard>[0-9A-Za-z-]{1,32})",
    "yyyymmdd": r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
    "yyyymm": r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})",
}


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """What a file's name says. first, last: the days it is for, None when the name has no date."""

    shard: str
    first: date | None
    last: date | None


@lru_cache(maxsize=256)
def _pattern(files: str) -> re.Pattern[str]:
    parts = re.split(r"\{(shard|yyyymmdd|yyyymm)\}", files)
    text = "".join(_PARTS[part] if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile(text + r"(?:\.gz)?")


def member(mapping: Mapping, name: str) -> FamilyMember | None:
    """What the name of a file says under the mapping's pattern; None when it does not match.

    A name without a pattern to match says nothing, which is not the same as not matching.
    """
    if mapping.files is None:
        return FamilyMember("", None, None)
    found = _pattern(mapping.files).fullmatch(name)
    if found is None:
        return None
    parts = found.groupdict()
    shard = parts.get("shard") or ""
    if parts.get("year") is None:
        return FamilyMember(shard, None, None)
    try:
        first = date(int(parts["year"]), int(parts["month"]), int(parts.get("day") or 1))
    except ValueError:
        return None
    if parts.get("day"):
        return FamilyMember(shard, first, first)
    return FamilyMember(shard, first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def _reaches(job: Job, first: date, last: date, rows: ReadOnly[date, int]) -> date:
    """The last day a file of these days speaks for. A month's file may have been taken before the month was over: a log
    (finer than a day) with records on nearly every day speaks until its last one, unless that is among the month's last
    days; a sparse one speaks for the whole month."""
    if first == last:
        return last
    within = [day for day in rows if first <= day <= last]
    latest = max(within, default=first)
    if last >= job.now.astimezone(job.zone).date():
        return latest
    log = job.feed.finest not in (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    dense = len(within) >= DENSE * ((latest - first).days + 1)
    return latest if log and within and dense and (last - latest).days >= QUIET_DAYS else last


def arrivals(job: Job, name: str, load_id: str, rows: ReadOnly[date, int]) -> tuple[Arrival, ...]:
    """Arrivals of one load. rows: per local day of event time, by how much the rows that count grew."""
    bound = job.sender.units is not None
    found = (None if bound else member(job.mapping, name)) or FamilyMember("", None, None)
    if found.first is None or found.last is None:
        days = dict(rows)
    else:
        last = _reaches(job, found.first, found.last, rows)
        span = (last - found.first).days + 1
        days = {found.first + timedelta(days=n): 0 for n in range(span)}
        for day, count in rows.items():
            # Rows of other days came with this file, too; they are counted where they can be.
            target = day if day in days else found.first if found.first == found.last else None
            if target is not None:
                days[target] += count
    return tuple(
        Arrival(job.feed_code, job.mapping_code, day, found.shard, load_id, max(count, 0))
        for day, count in sorted(days.items())
    )
