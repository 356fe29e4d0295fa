"""What stands beside a ticket: tickets like it, and cases of the library for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ganzhi.complaints.cases.library import Library
from ganzhi.complaints.cases.suggest import suggest
from ganzhi.complaints.desk.one import Beside
from ganzhi.complaints.desk.views import Suggested
from ganzhi.complaints.tickets.read import Ticket
from ganzhi.measure.build.scope import Reader

CASES: Final = 3


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Finds what stands beside a ticket. library: of cases."""

    library: Library

    def __call__(self, reader: Reader, ticket: Ticket, day: date) -> Beside:
        """Cases for a ticket, and whether its category has a manual on that day."""
        found = suggest(self.library, ticket.text or "", ticket.category, ticket.product, day, CASES)
        cases = tuple(
            Suggested(
                each.case.entry.id,
                each.case.content.title,
                each.case.content.fix,
                each.case.content.wording,
                each.words,
            )
            for each in found
        )
        manual = self.library.manuals().get(ticket.category or "")
        return Beside(cases=cases, manual=ticket.category if manual is not None and manual.usable(day) else None)
