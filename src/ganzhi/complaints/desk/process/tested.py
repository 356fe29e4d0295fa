"""Whether the trouble of a complaint could be brought about again, as a trouble report of the same customer has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ganzhi.compile.analyses.complaints import reproduced_sql
from ganzhi.complaints.desk.views import Tested
from ganzhi.complaints.tickets.read import Ticket, rows_of
from ganzhi.measure.build.scope import Reader

REPORTS: Final = "trouble_reports"
WITHIN: Final = timedelta(days=14)
"""How far from a complaint a trouble report of the same customer may lie to be taken for the same trouble."""


def tested(reader: Reader, of: Ticket) -> Tested | None:
    """The nearest report that was tried, of the same product where both name one; None without any."""
    if of.who is None or of.kind != "complaint" or REPORTS not in reader.fed:
        return None
    start, end = of.received_at - WITHIN, of.received_at + WITHIN
    zone = reader.workplace.zone
    first, last = (each.astimezone(zone).date().isoformat() for each in (start, end))
    with rows_of(reader, (REPORTS,), first, last) as session:
        reports = session.query(reproduced_sql((of.who,), start, end)).to_pylist()
    near = [
        (abs(row["reported_at"] - of.received_at), row["report_id"], row["reproducible"])
        for row in reports
        if not row["product"] or not of.product or row["product"] == of.product
    ]
    if not near:
        return None
    _, report, could = min(near)
    return Tested("reproducible" if could else "not_reproducible", report)
