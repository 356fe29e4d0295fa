"""Parts that several reports have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.cases import Case
from ganzhi.complaints.analysis.counts import Compared, changed, value_name
from ganzhi.complaints.analysis.watch import Watched
from ganzhi.complaints.hotspots import HotSpots
from ganzhi.complaints.reports.document import Column, Course, Opens, Point, Remark, Row, Table
from ganzhi.measure.build.scope import Reader

FEED = "complaints"
ALL = "complaint.count"


def joined(names: Sequence[Text]) -> Text:
    """Names of the sides of a cell as one."""
    return Text(zh=" × ".join(each.zh for each in names), en=" × ".join(each.en for each in names))


def opens(reader: Reader, code: str, unit: str, period: Period, where: Mapping[str, str] | None = None) -> Opens | None:
    """The records of an indicator that is computed from one feed."""
    indicator = reader.workplace.catalogue.indicators.get(code)
    if indicator is None or indicator.feed is None:
        return None
    return Opens(code, indicator.feed, unit, period.key, dict(where or {}))


def number(value: float | None, digits: int = 6) -> float | None:
    """A number as a report keeps it: rounded, so that equal data give equal reports on every machine; None for none."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def share(part: int, whole: int) -> float | None:
    """A share as a report keeps it; None of nothing."""
    return number(part / whole) if whole else None


COMPARED = (
    Column("value", "count", part=True),
    Column("before", "count", part=True),
    Column("change", "change"),
    Column("week", "count", part=True),
    Column("week_change", "change"),
    Column("month", "count", part=True),
    Column("month_before", "count", part=True),
    Column("month_change", "change"),
)
"""A day beside the day before, the same weekday a week before, and its month beside the month before."""


def compared_cells(found: Compared) -> tuple[int | float | None, ...]:
    """The cells of `COMPARED`."""
    return (
        found.value,
        found.before,
        changed(found.value, found.before),
        found.week,
        changed(found.value, found.week),
        found.month,
        found.month_before,
        changed(found.month, found.month_before),
    )


def course(
    key: str,
    counts: Mapping[date, int],
    last: date,
    days: int,
    known: frozenset[date],
    *,
    back: int = 7,
    until: date | None = None,
    name: Text | None = None,
) -> Course:
    """Counts of the last days, each beside that of `back` days earlier. until: the last day that others are compared with:
    a 31st has none in a month of 30 days."""

    def beside(day: date) -> int | None:
        then = day - timedelta(days=back)
        return at(then) if until is None or then <= until else None

    def at(day: date) -> int | None:
        return counts.get(day, 0) if day in known else None

    shown = [last - timedelta(days=n) for n in reversed(range(days))]
    return Course(key, tuple(Point(d.isoformat(), at(d), beside(d)) for d in shown), name)


def spot_table(reader: Reader, spots: HotSpots, turned: Sequence[Watched], key: str = "spots") -> Table:
    """Hot spots and how they stand beside the period before."""
    columns = (
        Column("where"), Column("sides", "word"), Column("turn", "word"), Column("count", "count"), Column("share", "share"),
        Column("recent", "count"), Column("expected", "number"), Column("times", "number"), Column("chance", "chance"), Column("before", "count"),
        Column("why", "word"), Column("mostly"),
    )  # fmt: skip
    return Table(key, columns, tuple(_spot(reader, spots, each) for each in turned))


def _spot(reader: Reader, spots: HotSpots, each: Watched) -> Row:
    cell, now = each.cell, each.now
    earlier = cell.spark[-2] if now is not None and len(cell.spark) > 1 else None if now is not None else cell.count
    why = "over" if now is None else "both" if now.grown and now.large else "grown" if now.grown else "large"
    known = now is not None and math.isfinite(now.expected)
    figures = (
        (now.count, number(now.share), now.recent if known else None, number(now.expected, 2), number(now.times, 2) if known else None,
         number(now.adjusted) if known else None)
        if now is not None
        else (None, None, None, None, None, None)
    )  # fmt: skip
    mostly = "" if now is None or not now.mostly else Text(
        zh="、".join(joined(names).zh for names in now.mostly), en=", ".join(joined(names).en for names in now.mostly)
    )  # fmt: skip
    cells = (joined(cell.names), "_".join(cell.sides), each.turn, *figures, earlier, why, mostly)
    opened = None if now is None else opens(reader, spots.code, cell.unit, spots.period, cell.where)
    return Row(cells, opens=opened, marked=now is not None and now.grown)


def cases_table(reader: Reader, found: Sequence[Case]) -> Table:
    """Typical cases, for those who may see records."""
    columns = (
        Column("spot"), Column("complaint"), Column("received", "day"), Column("place"), Column("category"), Column("product"),
        Column("said"), Column("department"), Column("tested", "word"), Column("report"),
    )  # fmt: skip
    zone = reader.workplace.zone
    rows = tuple(
        Row(
            (
                joined(each.spot.names), each.complaint, each.received_at.astimezone(zone).date().isoformat(),
                value_name(reader, "unit", each.unit), value_name(reader, "complaint_category", each.category),
                value_name(reader, "product", each.product) if each.product else "", each.said, each.department,
                each.tested, each.report,
            ),
            complaint=each.complaint,
        )
        for each in found
    )  # fmt: skip
    return Table("cases", columns, rows, listed=True)


def looked(spots: HotSpots) -> Remark:
    """How many cells were compared with how many earlier periods."""
    if spots.known < 2:
        return Remark("too_short")
    return Remark("looked", {"cells": spots.looked_at, "periods": spots.known})


def arrived(reader: Reader, first: date, last: date, feed: str = FEED) -> frozenset[date]:
    """Days within on which anything of a feed arrived, and so are known."""
    return frozenset(day for day, share in reader.arrived(feed).items() if share and first <= day <= last)
