"""What stands beside a ticket: tickets like it, and cases of the library for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from ganzhi.base.errors import InputError
from ganzhi.complaints.cases.library import Library
from ganzhi.complaints.cases.suggest import suggest
from ganzhi.complaints.cases.synonyms import Synonyms
from ganzhi.complaints.desk.one import Beside
from ganzhi.complaints.desk.views import Alike, Suggested
from ganzhi.complaints.tickets.alike import alike
from ganzhi.complaints.tickets.read import Ticket
from ganzhi.measure.build.scope import Reader

CASES: Final = 3
ALIKE: Final = 8


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Finds what stands beside a ticket. library: of cases."""

    library: Library

    def __call__(self, reader: Reader, ticket: Ticket, day: date) -> Beside:
        """Cases for a ticket, and whether its category has a manual on that day."""
        found = suggest(
            self.library,
            ticket.text or "",
            ticket.category,
            ticket.product,
            day,
            CASES,
            Synonyms.of(self.library.place.catalogue),
        )
        shown = [each.case.entry.id for each in found]
        uses = self.library.place.store.case_uses
        uses.note(shown, "shown", occasion=f"ticket:{ticket.id}", by=reader.viewer.login)
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
        usable = manual is not None and manual.usable(day)
        return replace(self._alike(reader, ticket), cases=cases, manual=ticket.category if usable else None)

    @staticmethod
    def _alike(reader: Reader, ticket: Ticket) -> Beside:
        """Tickets about the same problem; none where the package that compares texts is not installed."""
        try:
            same = alike(reader, ticket.id, traced=False)
        except InputError as error:
            if any(issue.code == "TXT001" for issue in error.issues):
                return Beside()
            raise
        first = tuple(
            Alike(each.ticket.id, each.ticket.received_at, each.ticket.content, each.why, each.ticket.state)
            for each in same.found[:ALIKE]
        )
        return Beside(alike=first, alike_total=len(same.found), alike_customers=same.customers)
