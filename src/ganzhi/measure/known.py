"""What is known of a feed day by day: the difference between nothing happened and nothing arrived.

A day's completeness is the ratio of what was due that arrived, and 0 as long as its rows are not in
the states: a number made without them would be a false zero. A day that arrived without a single
row is known, and its counts are zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import fsum

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.data import Mapping as FileMapping
from ganzhi.compile.plan import FeedPlan
from ganzhi.measure.states.live import live_feeds, marked_days
from ganzhi.measure.states.staleness import FeedState, feed_state
from ganzhi.store.ledger import Arrival
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Known:
    """completeness: per day that arrived and is in usable states, above 0 up to 1. usable: days
    whose states were computed by the present plan and organisation. months: first days of months whose
    states hold exactly their usable days. stale: days that must be computed again. lacking: measures
    that the states of a day do not hold, `*` for all."""

    completeness: Mapping[date, float]
    usable: frozenset[date]
    months: frozenset[date]
    stale: tuple[date, ...]
    lacking: Mapping[date, frozenset[str]] = field(default_factory=dict)

    def lacking_days(self, measures: Collection[str]) -> frozenset[date]:
        """Days whose states lack one of the measures."""
        return frozenset(day for day, names in self.lacking.items() if "*" in names or not names.isdisjoint(measures))

    def without(self, days: Collection[date]) -> Known:
        """The same as if these days were unknown."""
        if not days:
            return self
        months = {day.replace(day=1) for day in days}
        return replace(
            self,
            completeness={day: share for day, share in self.completeness.items() if day not in days},
            usable=self.usable.difference(days),
            months=self.months - months,
        )

    def of(self, period: Period) -> float:
        """Ratio of a period's days that is known."""
        days = period.days
        return fsum(self.completeness.get(day, 0.0) for day in days) / len(days)


def known(workplace: Workplace, snapshot: Snapshot, plan: FeedPlan) -> Known:
    """What a snapshot and the load ledger say of a feed."""
    # The ledger is read after the snapshot and may know more than it.
    arrived = arrived_days(workplace, plan.feed)
    together = workplace.store.manifest.head() == snapshot.commit
    return known_of(feed_state(plan, snapshot), arrived, together=together)


def known_of(state: FeedState, arrived: Days, *, together: bool) -> Known:
    """What states and arrivals say of a feed. together: both are of one commit; else a day without states is known
    only if nothing came for it, because its rows may be among what is newer."""
    usable = {day for day in state.states if state.is_usable(day)}
    completeness = {
        day: share
        for day, (share, rows) in arrived.items()
        if share and ((text := day.isoformat()) in usable or (text not in state.rows and (together or rows == 0)))
    }
    return Known(
        completeness,
        frozenset(date.fromisoformat(day) for day in usable),
        frozenset(date.fromisoformat(month) for month in state.months if state.month_holds(month)),
        tuple(date.fromisoformat(day) for day in state.stale_days()),
    )


Days = dict[date, tuple[float, int]]
"""Per local day for which something arrived: share of the due shards, and rows."""


def arrived_days(workplace: Workplace, feed: str) -> Days:
    """What arrived of a feed; of one that lives in an engine, the days that have rows there."""
    if feed in live_feeds(workplace.catalogue):
        return {day: (1.0, rows) for day, rows in marked_days(workplace, feed).items()}
    return days_of(workplace.catalogue.mappings, workplace.store.ledger.arrivals(feed))


def all_arrived_days(workplace: Workplace) -> dict[str, Days]:
    """What arrived of every feed of which anything did."""
    by_feed: dict[str, list[Arrival]] = {}
    for arrival in workplace.store.ledger.arrivals():
        by_feed.setdefault(arrival.feed, []).append(arrival)
    live = {feed: arrived_days(workplace, feed) for feed in live_feeds(workplace.catalogue)}
    found = {feed: days_of(workplace.catalogue.mappings, arrivals) for feed, arrivals in by_feed.items()}
    return {**found, **{feed: days for feed, days in live.items() if days}}


def days_of(mappings: Mapping[str, FileMapping], arrivals: Iterable[Arrival]) -> Days:
    """Arrivals of a feed day by day."""
    shards: dict[date, set[tuple[str, str]]] = {}
    rows: dict[date, int] = {}
    for arrival in arrivals:
        shards.setdefault(arrival.day, set()).add((arrival.mapping, arrival.shard))
        rows[arrival.day] = rows.get(arrival.day, 0) + arrival.rows
    found = {}
    for day, here in shards.items():
        due: set[tuple[str, str]] = set()
        for code in {mapping for mapping, _ in here}:
            mapping = mappings.get(code)
            expected = mapping.expected.shards if mapping is not None and mapping.expected is not None else ()
            due |= {(code, shard) for shard in expected}
        found[day] = (len(due & here) / len(due) if due else 1.0, rows[day])
    return found


def ranges(days: Sequence[date]) -> str:
    """Days as text, runs drawn together: `1999-01-01…1999-01-10, 1999-01-13`."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}…{r[-1]}" for r in runs)
