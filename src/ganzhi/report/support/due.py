"""Making and keeping the report once a month is over, and again where what it rests on was corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from ganzhi.access.rights import LOCAL, RoleName
from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain, Period
from ganzhi.base.settings import NotifySettings
from ganzhi.complaints.reports.document import Report, to_json
from ganzhi.measure.build.scope import Reader, default_period
from ganzhi.measure.open import States, open_states
from ganzhi.notify.complaints import complaint_notices, units_told
from ganzhi.report.support.build import ENTRY
from ganzhi.report.support.view import KIND, made_now
from ganzhi.store.editions.editions import EditionHead
from ganzhi.store.outbox import NewNotice
from ganzhi.warehouse.workplace import Workplace

AFTER: Final = timedelta(hours=10)
"""So long after its end a month's report is made: after the reports of complaints."""
SUPPORT_READERS: Final[tuple[RoleName, ...]] = ("manager", "analyst", "leader", "support")
MAKER: Final = "reports"

Announce = Callable[[str, Period, Report, int], Iterable[NewNotice]]


def state_of(workplace: Workplace, states: States, period: Period) -> str:
    """A word for the state of the rows of the month that indicators of the report can be computed from."""
    days = {day.isoformat() for day in period.days}
    snapshot = states.snapshot
    feeds = sorted(f"rows/{feed}" for feed in workplace.catalogue.feeds)
    found = (str(file.id) for name in feeds for file in snapshot.table(name) if file.partition in days)
    return digest("support", *sorted(found))


def make(
    workplace: Workplace, states: States, unit: str, period: Period, announce: Announce, by: str = MAKER
) -> EditionHead | None:
    """Make the report, keep and announce it; None where the last edition says the same."""
    report = made_now(workplace, states, unit, period)
    return workplace.store.editions.add(
        KIND,
        unit,
        period.key,
        seen=state_of(workplace, states, period),
        content=to_json(report),
        catalogue_version=report.catalogue_version,
        by=by,
        announce=lambda number: announce(unit, period, report, number),
    )


@dataclass
class SupportMaker:
    """Makes the reports of the last month that is over; of a month that is made it only looks whether its rows changed."""

    store: str = ""
    done: dict[tuple[str, str], str] = field(default_factory=dict)

    def make_due(self, workplace: Workplace, settings: NotifySettings) -> None:
        """Make what is due of the whole and of the units that somebody is told of, and tell them (S000-082)."""
        root = workplace.catalogue.root_unit
        units = units_told(settings, root, frozenset(workplace.catalogue.units))

        def announce(unit: str, period: Period, report: Report, number: int) -> Iterable[NewNotice]:
            return complaint_notices(KIND, unit, period, report, number, settings, root, SUPPORT_READERS)

        with open_states(workplace) as states:
            self.turn(workplace, states, units, announce)

    def turn(self, workplace: Workplace, states: States, units: Sequence[str], announce: Announce) -> list[EditionHead]:
        """One turn; the editions that were made."""
        if self.store != workplace.store.id:
            self.store, self.done = workplace.store.id, {}
        reader = Reader(workplace, states, LOCAL)
        if ENTRY not in workplace.catalogue.reports or reader.span() is None:
            return []
        period = default_period(reader, Grain.MONTH)
        if not _over(workplace, reader, period):
            return []
        made, now = list[EditionHead](), state_of(workplace, states, period)
        for unit in units:
            kept = workplace.store.editions.of(KIND, unit, period.key)
            last = self.done.get((unit, period.key), kept[-1].seen if kept else "")
            if last != now:
                head = make(workplace, states, unit, period, announce)
                made += [] if head is None else [head]
            self.done[unit, period.key] = now
        return made


def _over(workplace: Workplace, reader: Reader, period: Period) -> bool:
    span = reader.span()
    end = datetime.combine(period.last_day, time(), workplace.zone) + timedelta(days=1)
    return span is not None and span[1] >= period.last_day and workplace.clock.now() >= end + AFTER
