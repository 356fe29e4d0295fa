"""Which published periods are not what would be published now.

As for the states (decision 3), nothing is flagged: every published file carries a mark of what it
rests on, and a period is stale when the mark is not the one of today. The mark has three parts:
the rules (organisation, formulas, targets, weights), what has arrived of each feed on each day, and
the live state files of those days. `scored` and `shared` are made from `observed` in the same
commit and stand and fall with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.known import Known, known
from ganzhi.measure.publish.tables import KINDS, table_name
from ganzhi.measure.refresh import feeds_with_files, measured_feeds
from ganzhi.store.manifest import FileRef, Snapshot
from ganzhi.warehouse.workplace import Workplace

FORMAT = 1
"""Version of what is published; raising it makes every period stale."""

_JUDGED = frozenset({"unit", "feed", "direction", "finest", "rate", "targets", "supports", "coverage", "min_n"})
"""Fields of an indicator that decide its numbers, beside its formula."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a published period rests on: digests of the rules, of what arrived and of the states."""

    rules: str
    arrived: str
    states: str

    def __str__(self) -> str:
        return f"{self.rules}.{self.arrived}.{self.states}"


StatesOf = Mapping[date, tuple[int, ...]]
"""Of a feed, per day the live state files."""


@dataclass(frozen=True)
class Ground:
    """What everything published rests on now. known: of each feed of which there is anything. states:
    per feed and day the live state files. rules: per feed the digest of its formulas; judged: of
    everything else that decides a number. marks: those that were asked for."""

    known: Mapping[str, Known]
    states: Mapping[str, StatesOf]
    rules: Mapping[str, str]
    judged: str
    marks: dict[Period, Mark] = field(default_factory=dict, compare=False)

    def mark(self, period: Period) -> Mark:
        """The mark that the period's files must carry. A feed of which nothing of the period is known
        has no part in it: neither its first file elsewhere nor its formulas make the period stale."""
        found = self.marks.get(period)
        if found is None:
            found = self.marks[period] = self._mark(period)
        return found

    def _mark(self, period: Period) -> Mark:
        rules, arrived, states = [str(FORMAT), self.judged], [], []
        for feed, here in sorted(self.known.items()):
            shares = [(day, share) for day in period.days if (share := here.completeness.get(day))]
            if shares:
                rules.append(self.rules[feed])
                arrived += [f"{feed}|{day}|{share!r}" for day, share in shares]
                states += [str(number) for day in period.days for number in self.states.get(feed, {}).get(day, ())]
        return Mark(*(digest(*part)[:16] for part in (rules, arrived, states)))

    def days(self) -> tuple[date, ...]:
        """Days of which anything is known, in order."""
        return tuple(sorted({day for known in self.known.values() for day in known.completeness}))


def ground_of(workplace: Workplace, snapshot: Snapshot) -> Ground:
    """What published periods must rest on, as of a snapshot."""
    catalogue = workplace.catalogue
    arrived = {arrival.feed for arrival in workplace.store.ledger.arrivals()}
    feeds = grounded_feeds(catalogue, snapshot, arrived)
    found = {feed: known(workplace, snapshot, plan_feed(catalogue, feed)) for feed in feeds}
    states = {feed: held for feed in feeds if (held := states_of(snapshot, feed))}
    return ground_with(catalogue, found, states)


def ground_with(catalogue: Catalogue, known: Mapping[str, Known], states: Mapping[str, StatesOf]) -> Ground:
    """The ground of what is known, with the rules of a catalogue."""
    return Ground(known, states, {feed: _formulas(catalogue, feed) for feed in known}, _judged(catalogue))


def grounded_feeds(catalogue: Catalogue, snapshot: Snapshot, arrived: Collection[str]) -> tuple[str, ...]:
    """Feeds of which there is anything: files, or arrivals without a row."""
    feeds = feeds_with_files(catalogue, snapshot)
    return (*feeds, *(feed for feed in measured_feeds(catalogue) if feed in arrived and feed not in feeds))


def states_of(snapshot: Snapshot, feed: str) -> StatesOf:
    """The live state files of a feed's days."""
    found: dict[date, tuple[int, ...]] = {}
    for table in snapshot.tables():
        if table.startswith(f"day/{feed}/"):
            for file in snapshot.table(table):
                day = date.fromisoformat(file.partition)
                found[day] = (*found.get(day, ()), file.id)
    return found


def _judged(catalogue: Catalogue) -> str:
    key = ("published.judged", "")
    if key not in catalogue.computed:
        units = (f"{code}={each.model_dump_json(exclude={'name'})}" for code, each in catalogue.units.items())
        indicators = (
            f"{code}={each.model_dump_json(include=set(_JUDGED))}"
            for code, each in catalogue.indicators.items()
            if not each.retired
        )
        catalogue.computed[key] = digest(*units, "", *indicators)
    found: str = catalogue.computed[key]
    return found


def _formulas(catalogue: Catalogue, feed: str) -> str:
    key = ("published.formulas", feed)
    if key not in catalogue.computed:
        plan = plan_feed(catalogue, feed)
        lines = (f"{code}={formula!r}" for code, formula in sorted(plan.formulas.items()))
        catalogue.computed[key] = digest(feed, plan.fingerprint, *lines)
    found: str = catalogue.computed[key]
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """A period to be published. retire: its files so far. gone: it rests on nothing any more, only its files go."""

    period: Period
    mark: Mark
    retire: tuple[int, ...]
    gone: bool


def published_files(snapshot: Snapshot, grain: Grain) -> dict[str, tuple[FileRef, ...]]:
    """Live files of a grain by first day."""
    found: dict[str, list[FileRef]] = {}
    for kind in KINDS:
        for file in snapshot.table(table_name(kind, grain)):
            found.setdefault(file.partition, []).append(file)
    return {day: tuple(files) for day, files in found.items()}


def holds(files: Collection[FileRef], mark: Mark) -> bool:
    """Whether a period's files are all there, made in one commit and resting on what the mark says."""
    return (
        len(files) == len({file.table for file in files}) == len(KINDS)
        and len({file.added for file in files}) == 1
        and all(file.plan == str(mark) for file in files)
    )


def due(
    workplace: Workplace, ground: Ground, snapshot: Snapshot, grain: Grain, first: date | None, last: date | None
) -> tuple[Due, ...]:
    """Periods of a grain that touch the days asked for and are stale, in order."""
    zone, files = workplace.zone, published_files(snapshot, grain)
    periods = {p.first_day: p for day in ground.days() for p in [period_of_day(grain, day, zone)]}
    wanted = {**{(p := period_of_day(grain, date.fromisoformat(day), zone)).first_day: p for day in files}, **periods}
    found = []
    for day, period in sorted(wanted.items()):
        if (first and period.last_day < first) or (last and day > last):
            continue
        here, mark = files.get(day.isoformat(), ()), ground.mark(period)
        gone = day not in periods
        if gone or not holds(here, mark):
            found.append(Due(period, mark, tuple(file.id for file in here), gone))
    return tuple(found)
