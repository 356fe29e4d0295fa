"""Typical cases of hot spots: complaints drawn so that anybody draws the same, masked, with what is known of whether
the trouble could be reproduced (S003-020, S003-023)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ganzhi.base.ids import digest
from ganzhi.compile.analyses.complaints import reproduced_sql
from ganzhi.complaints.analysis.rows import rows
from ganzhi.complaints.hotspots import Cell, HotSpots
from ganzhi.complaints.recognise.text import cleaned, masked
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.records import MOST_PER_PAGE, RecordsRequest, records

EACH: Final = 3
"""Cases of a hot spot."""
SPOTS: Final = 8
"""Hot spots that have cases."""
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


def cases(reader: Reader, spots: HotSpots) -> tuple[Case, ...]:
    """Cases of the first hot spots, in their order; a complaint stands with the first alone."""
    taken: set[str] = set()
    drawn: list[tuple[Cell, dict[str, object]]] = []
    for cell in spots.cells[:SPOTS]:
        found = {str(each["complaint_id"]): each for each in _records(reader, spots, cell)}
        seed = digest("case", spots.period.key, cell.unit, *cell.sides, *cell.keys)
        for each in chosen(seed, found.keys() - taken):
            taken.add(each)
            drawn.append((cell, found[each]))
    tested = _tested(reader, [record for _, record in drawn])
    return tuple(_case(cell, record, *tested[str(record["complaint_id"])]) for cell, record in drawn)


def _records(reader: Reader, spots: HotSpots, cell: Cell) -> Iterator[dict[str, object]]:
    offset = 0
    while True:
        asked = RecordsRequest(
            spots.code, cell.unit, spots.period, where=cell.where, limit=MOST_PER_PAGE, offset=offset, masked=False,
            stale="show",
        )  # fmt: skip
        page = records(reader.workplace, reader.states, asked)
        names = [column.name for column in page.columns]
        for each in page.records:
            yield dict(zip(names, each.values, strict=True))
        offset += len(page.records)
        if not page.records or offset >= page.total:
            return


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


def _tested(reader: Reader, drawn: Sequence[dict[str, object]]) -> dict[str, tuple[State, str]]:
    """By complaint what the nearest trouble report of its customer says."""
    found: dict[str, tuple[State, str]] = {str(each["complaint_id"]): ("not_tested", "") for each in drawn}
    customers = sorted({str(each["customer_id"]) for each in drawn if each.get("customer_id")})
    if not customers or "trouble_reports" not in reader.fed:
        return found
    times = [each["received_at"] for each in drawn]
    moments = [each for each in times if isinstance(each, datetime)]
    start, end = min(moments) - TESTED_WITHIN, max(moments) + TESTED_WITHIN
    zone = reader.workplace.zone
    first, last = (each.astimezone(zone).date() for each in (start, end))
    with rows(reader, reader.workplace.catalogue.root_unit, ("trouble_reports",), first, last) as session:
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
