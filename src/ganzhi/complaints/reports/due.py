"""Which reports are due, and keeping them: a day's some hours after the day is over, again where it was corrected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, get_args

from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.complaints.reports.build import REPORTS, build
from ganzhi.complaints.reports.document import Kind, Report, to_json
from ganzhi.measure.known import arrived_days
from ganzhi.measure.open import States
from ganzhi.measure.states.staleness import feed_state
from ganzhi.store.editions.editions import EditionHead
from ganzhi.store.outbox import NewNotice
from ganzhi.warehouse.workplace import Workplace

FEED: Final = "complaints"
AFTER: Final = timedelta(hours=8)
"""So long after its end a period's report is made."""
LOOKED_BACK: Final[dict[Grain, int]] = {Grain.DAY: 7, Grain.WEEK: 2, Grain.MONTH: 1}
"""Periods that are made again when what they rest on was corrected, counted from the last that is over."""
AT_ONCE: Final = 4
"""Reports that are made in one turn, so that other work is not kept waiting."""
MAKER: Final = "reports"

Announce = Callable[[Kind, str, Period, Report, int], Iterable[NewNotice]]


@dataclass(frozen=True, slots=True)
class Due:
    """A report that may have to be made. seen: the state of the numbers it would rest on."""

    kind: Kind
    unit: str
    period: Period
    seen: str


def units_kept(catalogue: Catalogue, told: Sequence[str], levels: Collection[str]) -> tuple[str, ...]:
    """Units whose reports are made: those that are told of, and those of the declared levels, higher ones first."""
    order = get_args(Unit.model_fields["level"].annotation)
    of_levels = [code for code, unit in catalogue.units.items() if unit.level in levels]
    return tuple(
        dict.fromkeys((*told, *sorted(of_levels, key=lambda code: (order.index(catalogue.units[code].level), code))))
    )


def over(periods_end: datetime, now: datetime) -> bool:
    """Whether so much time has passed since the end of a period that its report can be made."""
    return now >= periods_end + AFTER


def due(workplace: Workplace, states: States, units: Sequence[str], kinds: Sequence[Kind]) -> Iterator[Due]:
    """Reports of periods that are over and of which everything arrived that arrived at all, the latest first, the
    organisation before its parts."""
    arrived = [day for day, (share, _) in arrived_days(workplace, FEED).items() if share]
    if not arrived or FEED not in workplace.catalogue.feeds:
        return
    now, zone, last = workplace.clock.now(), workplace.zone, max(arrived)
    files = feed_state(plan_feed(workplace.catalogue, FEED), states.snapshot).states
    for kind in kinds:
        grain = REPORTS[kind].grain
        period = period_of_day(grain, last, zone)
        while period.last_day > last or not over(_end(period.last_day, workplace), now):
            period = period.previous()
            if period.last_day < min(arrived):
                return
        for _ in range(LOOKED_BACK[grain]):
            if any(files.get(day.isoformat()) for day in period.days):
                for unit in units:
                    yield Due(kind, unit, period, state_of(workplace, states, period))
            period = period.previous()


def state_of(workplace: Workplace, states: States, period: Period) -> str:
    """A word for the state of the numbers that a report of a period rests on."""
    files = feed_state(plan_feed(workplace.catalogue, FEED), states.snapshot).states
    days = (day.isoformat() for day in period.days)
    return digest("report", *sorted(str(ref.id) for day in days for ref in files.get(day, ())))


def _end(day: date, workplace: Workplace) -> datetime:
    return datetime.combine(day, time(), workplace.zone) + timedelta(days=1)


@dataclass
class Maker:
    """Makes what is due and keeps it. Of what was made or found to say the same, the state is remembered from turn to
    turn; made twice is the same as made once, so a turn that was cut short is simply done again."""

    store: str = ""
    done: dict[tuple[Kind, str, str], str] = field(default_factory=dict)

    def turn(
        self, workplace: Workplace, states: States, units: Sequence[str], kinds: Sequence[Kind], announce: Announce
    ) -> list[EditionHead]:
        """One turn; the editions that were made."""
        if self.store != workplace.store.id:
            self.store, self.done = workplace.store.id, {}
        made: list[EditionHead] = []
        tried = 0
        for each in due(workplace, states, units, kinds):
            if tried >= AT_ONCE:
                break
            if not self._is_done(workplace, each):
                tried += 1
                head = make(workplace, states, each, announce)
                made += [] if head is None else [head]
                self.done[each.kind, each.unit, each.period.key] = each.seen
        return made

    def _is_done(self, workplace: Workplace, each: Due) -> bool:
        at = (each.kind, each.unit, each.period.key)
        if at not in self.done:
            kept = workplace.store.editions.of(each.kind, each.unit, each.period.key)
            if kept:
                self.done[at] = kept[-1].seen
        return self.done.get(at) == each.seen


def make(workplace: Workplace, states: States, each: Due, announce: Announce, by: str = MAKER) -> EditionHead | None:
    """Make one report, keep and announce it; None where the last edition says the same."""
    report = build(workplace, states, each.kind, each.unit, each.period)
    return workplace.store.editions.add(
        each.kind,
        each.unit,
        each.period.key,
        seen=each.seen,
        content=to_json(report),
        catalogue_version=report.catalogue_version,
        by=by,
        announce=lambda number: announce(each.kind, each.unit, each.period, report, number),
    )
