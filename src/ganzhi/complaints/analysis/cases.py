"""Typical cases of hot spots: complaints drawn so that anybody draws the same, masked, with what is known of whether
the trouble could be reproduced (S003-020, S003-023)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ganzhi.base.ids import digest
from ganzhi.base.periods import Period
from ganzhi.compile.analyses.complaints import complaints_sql, reproduced_sql
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.records import RowsPage, RowsQuestion, rows_sql
from ganzhi.complaints.analysis.rows import COMPLAINTS, Days
from ganzhi.complaints.hotspots import Cell, HotSpots
from ganzhi.complaints.recognise.text import cleaned, masked
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import members_by_time
from ganzhi.warehouse.engine import Session

EACH: Final = 3
"""Cases of a hot spot."""
SPOTS: Final = 8
"""Hot spots that have cases."""
MOST: Final = 1_000_000
"""Complaints of a hot spot that are drawn from."""
SHOWN: Final = 160
"""Characters of a text."""
TESTED_WITHIN: Final = timedelta(days=14)
"""How far from a complaint a trouble report of the same customer may lie to be taken for the same trouble."""

State = Literal["reproducible", "not_reproducible", "not_tested"]


@dataclass(frozen=True, slots=True)
class Case:
    """said: masked. tested: by the trouble report of the same customer nearest in time, of the same product where both
    name one; report: its id."""

    spot: Cell
    complaint: str
    received_at: datetime
    unit: str
    category: str
    product: str
    said: str
    department: str
    result: str
    tested: State
    report: str


def chosen(seed: str, ids: Iterable[str], size: int = EACH) -> tuple[str, ...]:
    """`size` of the ids by a hash of seed and id, whatever order they come in; more of them hold fewer.

    >>> chosen("s", ["c", "a", "b"], 2) == chosen("s", ["a", "b", "c"], 3)[:2]
    True
    """
    return tuple(heapq.nsmallest(size, set(ids), key=lambda each: (digest(seed, each), each)))


def case_feeds(reader: Reader, period: Period) -> dict[str, Days]:
    """What `cases` reads."""
    first, last = period.first_day, period.last_day
    feeds: dict[str, Days] = {COMPLAINTS: (first, last)}
    if "trouble_reports" in reader.fed:
        feeds["trouble_reports"] = (first - TESTED_WITHIN, last + TESTED_WITHIN)
    return feeds


def cases(reader: Reader, session: Session, spots: HotSpots) -> tuple[Case, ...]:
    """Cases of the first hot spots, in their order; a complaint stands with the first alone. session: over `case_feeds`;
    its members are those of the last hot spot afterwards."""
    taken: dict[str, Cell] = {}
    for cell in spots.cells[:SPOTS]:
        ids = {str(each["complaint_id"]) for each in _records(reader, session, spots, cell, ("complaint_id",))}
        seed = digest("case", spots.period.key, cell.unit, *cell.sides, *cell.keys)
        taken |= dict.fromkeys(chosen(seed, ids - taken.keys()), cell)
    found = {str(each["complaint_id"]): each for each in _full(reader, session, list(taken))}
    tested = _tested(session if "trouble_reports" in reader.fed else None, list(found.values()))
    return tuple(_case(cell, found[each], *tested[each]) for each, cell in taken.items())


def _records(
    reader: Reader, session: Session, spots: HotSpots, cell: Cell, columns: tuple[str, ...]
) -> list[dict[str, object]]:
    """Columns of the records that a hot spot is counted from."""
    place = reader.workplace
    plan = plan_feed(place.catalogue, COMPLAINTS)
    asked = RowsQuestion(spots.code, "all", spots.period.start, spots.period.end, dict(cell.where), columns)
    session.register("members", members_by_time(place.catalogue, cell.unit, place.zone))
    found: list[dict[str, object]] = session.query(rows_sql(plan, asked, RowsPage(MOST, 0))).to_pylist()
    return found


def _full(reader: Reader, session: Session, ids: Sequence[str]) -> list[dict[str, object]]:
    columns = tuple(reader.workplace.catalogue.feed(COMPLAINTS).columns)
    found: list[dict[str, object]] = session.query(complaints_sql(columns, ids)).to_pylist() if ids else []
    return found


def _case(cell: Cell, record: dict[str, object], tested: State, report: str) -> Case:
    def text(name: str) -> str:
        return str(record.get(name) or "")

    said = masked(cleaned(text("content")))
    received = record["received_at"]
    assert isinstance(received, datetime)
    return Case(
        spot=cell,
        complaint=text("complaint_id"),
        received_at=received,
        unit=text("unit"),
        category=text("category"),
        product=text("product"),
        said=said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…",
        department=text("department"),
        result=text("result"),
        tested=tested,
        report=report,
    )


def _tested(session: Session | None, drawn: Sequence[dict[str, object]]) -> dict[str, tuple[State, str]]:
    """By complaint what the nearest trouble report of its customer says."""
    found: dict[str, tuple[State, str]] = {str(each["complaint_id"]): ("not_tested", "") for each in drawn}
    customers = sorted({str(each["customer_id"]) for each in drawn if each.get("customer_id")})
    if not customers or session is None:
        return found
    times = [each["received_at"] for each in drawn]
    moments = [each for each in times if isinstance(each, datetime)]
    start, end = min(moments) - TESTED_WITHIN, max(moments) + TESTED_WITHIN
    reports = session.query(reproduced_sql(customers, start, end)).to_pylist()
    for each in drawn:
        received = each["received_at"]
        assert isinstance(received, datetime)
        near = [
            (abs(row["reported_at"] - received), row["report_id"], row["reproducible"])
            for row in reports
            if row["customer_id"] == each.get("customer_id")
            and abs(row["reported_at"] - received) <= TESTED_WITHIN
            and (not row["product"] or not each.get("product") or row["product"] == each["product"])
        ]
        if near:
            _, report, could = min(near)
            found[str(each["complaint_id"])] = ("reproducible" if could else "not_reproducible", report)
    return found
