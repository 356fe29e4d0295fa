"""Builds the report: indicators, incidents and transactions, shortfalls, cases of one unit and month.

What is in it is declared: the indicators in the catalogue's report `support.monthly`, shortfalls and traces where they
are declared anyway. An incident is a warning that reached yellow or more and whose periods touch the month; warnings
that became part of another are counted with it, those that were kept back are told as a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.trace.ask import states_sql
from ganzhi.complaints.analysis.counts import of_period, value_name
from ganzhi.complaints.analysis.partition import CHILD
from ganzhi.complaints.cases.library import Library
from ganzhi.complaints.recognise.text import masked
from ganzhi.complaints.reports.document import Column, Remark, Report, Row, Section, Table, Value
from ganzhi.complaints.reports.parts import ALL, number, opens
from ganzhi.measure.build.readings import Board, subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.store.findings.records import STATES, Finding
from ganzhi.trace.look import Asked, Look

ENTRY: Final = "support.monthly"
"""The catalogue's entry that says which indicators are in the report."""
LEAST: Final = 2
"""The grade from which a warning counts as an incident: yellow."""
GRADES: Final = ("none", "blue", "yellow", "orange", "red")
KEPT_BACK: Final = ("suppressed", "withheld")
MOST: Final = 100_000
ON_TARGET: Final = 100.0
"""The score of what reaches its targets."""
MOST_CASES: Final = 40
COLUMNS: Final = (
    Column("indicator"), Column("code", "indicator"), Column("layer"), Column("month_value", "reading"), Column("value_unit"),
    Column("month_earlier", "reading"), Column("difference", "reading"), Column("target", "reading"), Column("level", "level"),
    Column("records", "count"),
)  # fmt: skip


def declared(reader: Reader) -> tuple[str, ...]:
    """The report's indicators that the catalogue still has; InputError CRP020 where it declares no such report."""
    catalogue = reader.workplace.catalogue
    if ENTRY not in catalogue.reports:
        raise InputError(Issue("CRP020", ENTRY))
    return tuple(code for code in catalogue.reports[ENTRY].indicators if code in catalogue.indicators)


def support(reader: Reader, unit: str, period: Period) -> Report:
    """The report of a month."""
    catalogue = reader.workplace.catalogue
    codes = declared(reader)
    short = [code for each in catalogue.shortfalls.values() for code in each.indicators if code in catalogue.indicators]
    board = Board(reader, dict.fromkeys((*codes, *short)))
    board.ask(unit, (period.previous(), period))
    found, kept_back, merged = incidents(reader, unit, period)
    lacking = shortfalls(reader, board, unit, period)
    typical = cases(reader, unit, period)
    indicators = tuple(_reading(reader, board, code, unit, period) for code in codes)
    judged = [row for row in indicators if row.cells[8]]
    params: dict[str, int | float | Text | str] = {
        "met": sum(row.cells[8] == "met" for row in judged),
        "judged": len(judged),
        "incidents": len(found),
        "red": sum(each.highest == len(GRADES) - 1 for each in found),
        "open": sum(row.cells[-1] == "open" for row in lacking.rows),
        "cases": len(typical.rows),
    }
    known = any(row.cells[3] is not None for row in indicators) or bool(found)
    sections = (
        Section("indicators", tables=(Table("support_indicators", COLUMNS, indicators),)),
        Section(
            "incidents",
            (Remark("support_incidents", {"n": len(found), "merged": merged, "kept_back": kept_back}),),
            tables=(_grades(found), _incidents(reader, found), transactions(reader, unit, period)),
        ),
        Section("shortfalls", tables=(lacking, _weakest(indicators))),
        Section("cases", tables=(typical,)),
    )
    return Report(
        kind="support",
        unit=unit,
        unit_name=catalogue.units[unit].name,
        period=period.key,
        known=known,
        missing=(),
        catalogue_version=catalogue.version,
        headline=Remark("support" if known else "support_unknown", params if known else {}),
        sections=sections,
    )


# -- indicators ------------------------------------------------------------------------------------


def _reading(reader: Reader, board: Board, code: str, unit: str, period: Period) -> Row:
    indicator = reader.workplace.catalogue.indicators[code]
    subject = subject_of(reader.workplace.catalogue, code, Grain.MONTH)
    now, before = (board.reading(code, unit, each) for each in (period, period.previous()))
    change = None if now.value is None or before.value is None else now.value - before.value
    limits = subject.limits
    target = float(limits.target) if limits is not None else ON_TARGET if indicator.measure is None else None
    level = ""
    if now.value is not None and target is not None and now.enough:
        difference = (now.value - target) * (-1 if subject.direction == "lower" else 1)
        level = now.level or ("met" if difference >= 0 else "below")
    cells: tuple[Value, ...] = (
        indicator.name, code, indicator.layer, number(now.value, 4), subject.unit_of_value, number(before.value, 4),
        number(change, 4), target, level, now.n,
    )  # fmt: skip
    return Row(cells, opens=opens(reader, code, unit, period), marked=level in ("orange", "red"))


def _weakest(rows: Sequence[Row]) -> Table:
    """The indicators below their target, the gravest first."""
    order = {level: place for place, level in enumerate(("red", "orange", "yellow", "blue", "below"))}
    below = [row for row in rows if row.cells[8] in order]
    below.sort(key=lambda row: (order[str(row.cells[8])], str(row.cells[1])))
    return Table("support_below", COLUMNS, tuple(below))


# -- incidents -------------------------------------------------------------------------------------


def incidents(reader: Reader, unit: str, period: Period) -> tuple[tuple[Finding, ...], int, int]:
    """Warnings of the month about a unit or one below it, gravest first; how many were kept back, and became part of
    others."""
    catalogue = reader.workplace.catalogue
    below = {code for code in reader.ground.units if unit in _above(reader, code)}
    every = reader.workplace.store.findings.list(states=STATES, least=LEAST, limit=MOST)
    touched = [
        each for each in every if each.unit in below and each.rule in catalogue.warning_rules and _in(each, period)
    ]
    states = Counter(each.state for each in touched)
    found = [each for each in touched if each.state not in (*KEPT_BACK, "merged")]
    found.sort(key=lambda each: (-each.highest, each.first_period, each.id))
    return tuple(found), sum(states[state] for state in KEPT_BACK), states["merged"]


def _above(reader: Reader, unit: str) -> Iterator[str]:
    code: str | None = unit
    while code is not None:
        yield code
        found = reader.workplace.catalogue.units.get(code)
        code = None if found is None else found.parent


def _in(finding: Finding, period: Period) -> bool:
    first, last = (parse_period(each, period.zone) for each in (finding.first_period, finding.last_period))
    return first.start < period.end and last.end > period.start


def _grades(found: Sequence[Finding]) -> Table:
    """How many incidents there were of each grade and how they stand; every count is that of rows in the next table."""
    columns = (
        Column("grade", "level"), Column("incidents", "number"), Column("open_now", "number"), Column("closed_now", "number"),
        Column("hours_to_close", "number"),
    )  # fmt: skip
    rows = []
    for grade in range(len(GRADES) - 1, LEAST - 1, -1):
        own = [each for each in found if each.highest == grade]
        closed = [each for each in own if each.closed_at is not None]
        hours = sorted(_hours(each.raised_at, each.closed_at) for each in closed if each.closed_at is not None)
        median = number(hours[len(hours) // 2], 1) if hours else None
        rows.append(Row((GRADES[grade], len(own), len(own) - len(closed), len(closed), median)))
    return Table("support_grades", columns, tuple(rows))


def _hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600


def _incidents(reader: Reader, found: Sequence[Finding]) -> Table:
    columns = (
        Column("incident", "finding"), Column("indicator"), Column("where"), Column("grade", "level"),
        Column("first_period", "period"), Column("last_period", "period"), Column("state", "word"), Column("owner"),
        Column("phenomenon"), Column("analysis"), Column("measures"),
    )  # fmt: skip
    return Table("support_incidents", columns, tuple(_incident(reader, each) for each in found))


def _incident(reader: Reader, finding: Finding) -> Row:
    place = reader.workplace
    told = place.store.findings.feedback(finding.id)
    last = told[-1] if told else None
    rule, indicator = place.catalogue.warning_rules[finding.rule], place.catalogue.indicators.get(finding.indicator)
    cells: tuple[Value, ...] = (
        finding.id, rule.name if indicator is None else indicator.name, place.catalogue.units[finding.unit].name,
        GRADES[finding.highest], finding.first_period, finding.last_period, finding.state, finding.owner,
        *(("", "", "") if last is None else tuple(map(masked, (last.phenomenon, last.analysis, last.measures)))),
    )  # fmt: skip
    return Row(cells, finding=finding.id, marked=finding.highest == len(GRADES) - 1)


def transactions(reader: Reader, unit: str, period: Period) -> Table:
    """Transactions of each trace in the month by how they ended; of a trace without chains in it nothing is known."""
    columns = (
        Column("transactions"), Column("trace", "trace"), Column("chains", "number"), Column("done", "number"), Column("under_way", "number"),
        Column("stuck", "number"), Column("lost", "number"), Column("ambiguous", "number"), Column("days", "number"),
    )  # fmt: skip
    rows = []
    for code, trace in sorted(reader.workplace.catalogue.traces.items(), key=lambda item: (item[1].order, item[0])):
        rows.append(Row((trace.name, code, *_ended(reader, code, unit, period.first_day, period.last_day))))
    return Table("support_transactions", columns, tuple(rows))


def _ended(reader: Reader, code: str, unit: str, first: date, last: date) -> tuple[int | None, ...]:
    try:
        look = Look(reader.workplace, reader.viewer, Asked(code, first, last, unit))
    except InputError as error:
        if error.issues[0].code != "TRC005":
            raise
        return (None,) * 7
    with look.session() as session:
        states = {row["state"]: row for row in session.query(states_sql(look.plan)).to_pylist()}

    def ended(*names: str) -> int:
        return sum(states[name]["n"] for name in names if name in states)

    ambiguous = sum(row["ambiguous"] for row in states.values())
    return (
        ended(*states),
        ended("done"),
        ended("open"),
        ended("stuck"),
        ended("lost", "impossible"),
        ambiguous,
        len(look.days),
    )


# -- shortfalls and cases --------------------------------------------------------------------------


def shortfalls(reader: Reader, board: Board, unit: str, period: Period) -> Table:
    """Declared shortfalls with the readings of their indicators: open below the target, closed at it, else unknown."""
    catalogue = reader.workplace.catalogue
    columns = (Column("shortfall"), *COLUMNS, Column("standing", "word"))
    rows = []
    for each in catalogue.shortfalls.values():
        for code in each.indicators:
            if code not in catalogue.indicators:
                continue
            row = _reading(reader, board, code, unit, period)
            standing = "unknown" if not row.cells[8] else "met" if row.cells[8] == "met" else "open"
            rows.append(Row((each.name, *row.cells, standing), opens=row.opens, marked=standing == "open"))
    return Table("support_shortfalls", columns, tuple(rows))


def cases(reader: Reader, unit: str, period: Period) -> Table:
    """Cases in force whose category was complained about in the month, most complaints first: each count opens to them."""
    columns = (
        Column("case", "case"), Column("case_title"), Column("category"), Column("complaints", "count", part=True), Column("symptom"),
        Column("cause"), Column("fix"),
    )  # fmt: skip
    counts = {keys[0]: n for keys, n in of_period(reader, ALL, unit, period, (CHILD,)).items()}
    found = [each for each in Library(reader.workplace).cases() if each.entry.state == "approved" and each.in_force]
    found = [each for each in found if counts.get(each.content.category)]
    found.sort(key=lambda each: (-counts[each.content.category], each.entry.number))
    rows = []
    for each in found[:MOST_CASES]:
        said, count = each.content, counts[each.content.category]
        cells = (
            each.entry.number, said.title, value_name(reader, CHILD, said.category), count, said.symptom, said.cause, said.fix,
        )  # fmt: skip
        rows.append(Row(cells, opens=opens(reader, ALL, unit, period, {CHILD: said.category})))
    return Table("support_cases", columns, tuple(rows))
