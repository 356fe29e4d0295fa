"""The daily situation report of the service centre: volumes with comparisons, courses, consultation, hot and hard
topics of the day (S003-012)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from ganzhi.base.periods import Period
from ganzhi.complaints.analysis.counts import Compared, changed, compared, daily, days_back, value_name
from ganzhi.complaints.analysis.cube import hold
from ganzhi.complaints.analysis.hard import Hard
from ganzhi.complaints.analysis.partition import CHILD
from ganzhi.complaints.analysis.rows import hard_of, rows
from ganzhi.complaints.analysis.watch import watched
from ganzhi.complaints.phrases import Phrase, emerging_phrases
from ganzhi.complaints.reports.document import Column, Remark, Report, Row, Section, Table
from ganzhi.complaints.reports.parts import (
    ALL,
    COMPARED,
    FEED,
    arrived,
    compared_cells,
    course,
    looked,
    opens,
    spot_table,
)
from ganzhi.measure.build.scope import Reader

VOLUMES: Final = (
    ALL, "complaint.quality", "complaint.repeated", "complaint.escalated", "complaint.batch", "trouble.count",
    "contact.enquiries",
)  # fmt: skip
"""Volumes that the report begins with: complaints and their kinds, trouble reports, consultation."""
ENQUIRIES: Final = "contact.enquiries"
COURSE_DAYS: Final = 28
BACK_DAYS: Final = 62
"""How far back counts are read: this month and the one before."""
HARD_DAYS: Final = 7
"""Hard topics are looked for in the week that ends with the day; a day alone has too few."""
TOPICS: Final = 10
PHRASES: Final = 10


def situation(reader: Reader, unit: str, period: Period) -> Report:
    """The report of a day."""
    day = period.first_day
    _ask(reader, unit, day)
    counts = {code: _counts(reader, code, unit, day) for code in VOLUMES}
    known = {code: arrived(reader, day - timedelta(days=BACK_DAYS), day, _feed(reader, code)) for code in VOLUMES}
    spots, turned = watched(reader, unit, period)
    whole = compared(counts[ALL], day, known[ALL])
    complaint_courses = course("complaints", counts[ALL], day, COURSE_DAYS, known[ALL])
    enquiry_courses = course("enquiries", counts[ENQUIRIES], day, COURSE_DAYS, known[ENQUIRIES])
    hard_days = days_back(reader, day, HARD_DAYS)
    with rows(reader, unit, {FEED: (hard_days[0].first_day, day)}) as session:
        hard = hard_of(session, hard_days[0], hard_days[-1])
        said = emerging_phrases(reader, unit, period, session).phrases[:PHRASES]
    sections = (
        Section("volumes", courses=(complaint_courses,), tables=(_volumes(reader, unit, period, counts, known),)),
        Section("products", tables=(_cut(reader, unit, period, "product"),)),
        Section("hot", (looked(spots),), tables=(spot_table(reader, spots, turned),)),
        Section("hard", (Remark("hard_note", {"days": HARD_DAYS}),), tables=(_hard(reader, hard),)),
        Section("enquiries", courses=(enquiry_courses,), tables=(_enquiries(reader, unit, period),)),
        Section("phrases", tables=(_phrases(said),)),
    )
    return Report(
        kind="situation",
        unit=unit,
        unit_name=reader.workplace.catalogue.units[unit].name,
        period=period.key,
        known=whole.value is not None,
        missing=() if whole.value is not None else (day.isoformat(),),
        catalogue_version=reader.workplace.catalogue.version,
        headline=_headline(whole, sum(each.grown for each in spots.cells)),
        sections=sections,
    )


def _ask(reader: Reader, unit: str, day: date) -> None:
    """All counts of the report at once: of complaints by reason, product and place, of enquiries by business."""
    days = days_back(reader, day, BACK_DAYS + 1)
    of_complaints = [code for code in VOLUMES if _feed(reader, code) == FEED]
    hold(reader, of_complaints, unit, days, (CHILD, "product"), children=bool(reader.ground.children(unit)))
    hold(reader, (ENQUIRIES,), unit, days, ("business",))


def _headline(whole: Compared, grown: int) -> Remark:
    if whole.value is None:
        return Remark("situation_unknown")
    before, week = changed(whole.value, whole.before), changed(whole.value, whole.week)
    key = "situation" if before is not None and week is not None else "situation_alone"
    params: dict[str, int | float] = {"total": whole.value, "grown": grown}
    if before is not None and week is not None:
        params |= {"before": before, "week": week}
    return Remark(key, params)


def _feed(reader: Reader, code: str) -> str:
    indicator = reader.workplace.catalogue.indicators.get(code)
    return (indicator.feed if indicator is not None else None) or ""


def _counts(reader: Reader, code: str, unit: str, day: date) -> Mapping[date, int]:
    return daily(reader, code, unit, day - timedelta(days=BACK_DAYS), day).get((), {})


def _volumes(
    reader: Reader,
    unit: str,
    period: Period,
    counts: Mapping[str, Mapping[date, int]],
    known: Mapping[str, frozenset[date]],
) -> Table:
    columns = (Column("what"), *(Column(each.key, each.form) for each in COMPARED))
    lines = tuple(
        Row(
            (
                reader.workplace.catalogue.indicators[code].name,
                *compared_cells(compared(counts[code], period.first_day, known[code])),
            ),
            opens=opens(reader, code, unit, period),
        )
        for code in VOLUMES
        if code in reader.workplace.catalogue.indicators
    )
    return Table("volumes", columns, lines)


def _cut(reader: Reader, unit: str, period: Period, dimension: str) -> Table:
    """Complaints by a dimension, most first."""
    day = period.first_day
    begin = day - timedelta(days=BACK_DAYS)
    known = arrived(reader, begin, day)
    found = [
        (keys[0], compared(counts, day, known))
        for keys, counts in daily(reader, ALL, unit, begin, day, (dimension,)).items()
        if keys[0]
    ]
    found.sort(key=lambda each: (-(each[1].value or 0), each[0]))
    lines = tuple(
        Row(
            (value_name(reader, dimension, key), *compared_cells(each)),
            opens=opens(reader, ALL, unit, period, {dimension: key}),
        )
        for key, each in found
        if any((each.value, each.before, each.week, each.month))
    )
    return Table(f"by_{dimension}", (Column(dimension), *COMPARED), lines)


def _hard(reader: Reader, found: Sequence[Hard]) -> Table:
    columns = (
        Column("category"), Column("count", "count", part=True), Column("hard", "count", part=True), Column("share", "share"),
        Column("repeated", "count", part=True), Column("escalated", "count", part=True), Column("reopened", "count", part=True),
    )  # fmt: skip
    lines = tuple(
        Row((value_name(reader, "complaint_category", each.key), each.count, each.hard, round(each.share, 6), each.repeated,
             each.escalated, each.reopened))
        for each in found
    )  # fmt: skip
    return Table("hard", columns, lines)


def _enquiries(reader: Reader, unit: str, period: Period) -> Table:
    """What is most asked about, by business."""
    day = period.first_day
    begin = day - timedelta(days=BACK_DAYS)
    known = arrived(reader, begin, day, _feed(reader, ENQUIRIES))
    found = [
        (keys[0], compared(counts, day, known))
        for keys, counts in daily(reader, ENQUIRIES, unit, begin, day, ("business",)).items()
        if keys[0] and counts.get(day)
    ]
    found.sort(key=lambda each: (-(each[1].value or 0), each[0]))
    lines = tuple(
        Row(
            (value_name(reader, "business", key), *compared_cells(each)),
            opens=opens(reader, ENQUIRIES, unit, period, {"business": key}),
        )
        for key, each in found[:TOPICS]
    )
    return Table("enquiries", (Column("business"), *COMPARED), lines)


def _phrases(found: Sequence[Phrase]) -> Table:
    columns = (Column("phrase"), Column("count", "count"), Column("expected", "number"), Column("complaint"))
    lines = tuple(
        Row((each.text, each.count, round(each.expected, 2), each.complaints[0] if each.complaints else ""),
            complaint=each.complaints[0] if each.complaints else None)
        for each in found
    )  # fmt: skip
    return Table("phrases", columns, lines, listed=True)
