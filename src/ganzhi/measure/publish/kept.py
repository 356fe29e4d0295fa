"""What published numbers rest on, kept from one snapshot to the next.

Owns that after a commit only what the commit touched is looked at again: loads after the last one are
read, feeds whose files changed are grouped, days whose files changed are judged, marks of periods that hold
a changed day are made. The answers are those of `measure.known.known` and `publish.staleness.ground_of`
for the same state. Arrivals are read up to the snapshot's commit, so a newer load does not blur what is known;
only feeds that live in an engine are looked at anew each time. Safe for threads.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.measure.known import Days, Known, arrived_days, days_of, known_of
from ganzhi.measure.publish.staleness import Ground, StatesOf, ground_with, grounded_feeds, states_of
from ganzhi.measure.states.live import live_feeds
from ganzhi.measure.states.staleness import FeedState, feed_state, lacks_table, state_tables
from ganzhi.store.ledger import Arrival
from ganzhi.store.manifest import FileRef, Snapshot
from ganzhi.warehouse.workplace import Workplace

Files = Mapping[str, tuple[FileRef, ...]]


@dataclass(frozen=True, slots=True)
class _Feed:
    """What is known of a feed, and what it follows from."""

    plan: FeedPlan
    files: Files
    state: FeedState
    states: StatesOf
    arrived: Days
    together: bool
    known: Known


class KeptGround:
    """The ground under published numbers of one workplace."""

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._catalogue: Catalogue | None = None
        self._commit = 0
        self._arrivals: dict[str, list[Arrival]] = {}
        self._days: dict[str, Days] = {}
        self._feeds: dict[str, _Feed] = {}
        self._ground: tuple[int, Ground] | None = None

    def known(self, workplace: Workplace, snapshot: Snapshot, plan: FeedPlan) -> Known:
        """What a snapshot and the load ledger say of a feed."""
        with self._guard:
            self._catch_up(workplace, snapshot)
            return self._feed(workplace, snapshot, plan).known

    def arrived(self, workplace: Workplace, snapshot: Snapshot) -> Mapping[str, Days]:
        """What had arrived of every feed by the snapshot; what stands in an engine now."""
        with self._guard:
            self._catch_up(workplace, snapshot)
            live = {feed: arrived_days(workplace, feed) for feed in live_feeds(workplace.catalogue)}
            return {**self._days, **{feed: days for feed, days in live.items() if days}}

    def ground(self, workplace: Workplace, snapshot: Snapshot) -> Ground:
        """What published periods must rest on, as of a snapshot."""
        with self._guard:
            self._catch_up(workplace, snapshot)
            if self._ground is None or self._ground[0] != snapshot.commit:
                before = None if self._ground is None else self._ground[1]
                self._ground = (snapshot.commit, self._grounded(workplace, snapshot, before))
            return self._ground[1]

    def _grounded(self, workplace: Workplace, snapshot: Snapshot, before: Ground | None) -> Ground:
        catalogue = workplace.catalogue
        feeds = grounded_feeds(catalogue, snapshot, self._arrivals.keys())
        held = {feed: self._feed(workplace, snapshot, plan_feed(catalogue, feed)) for feed in feeds}
        known = {feed: each.known for feed, each in held.items()}
        ground = ground_with(catalogue, known, {feed: each.states for feed, each in held.items() if each.states})
        if before is not None:
            changed = _changed(before, ground)
            ground.marks.update(
                (period, mark)
                for period, mark in before.marks.items()
                if not any(period.first_day <= day <= period.last_day for day in changed)
            )
        return ground

    def _catch_up(self, workplace: Workplace, snapshot: Snapshot) -> None:
        """Read what was loaded up to the snapshot; anew for another catalogue, or for an earlier snapshot."""
        if self._catalogue is not workplace.catalogue or snapshot.commit < self._commit:
            self._catalogue, self._commit, self._ground = workplace.catalogue, 0, None
            self._arrivals, self._days, self._feeds = {}, {}, {}
        if snapshot.commit == self._commit:
            return
        live = live_feeds(workplace.catalogue)
        brought: set[str] = set()
        for each in workplace.store.ledger.arrivals(after=self._commit, until=snapshot.commit):
            self._arrivals.setdefault(each.feed, []).append(each)
            brought.add(each.feed)
        for feed in brought - live.keys():
            self._days[feed] = days_of(workplace.catalogue.mappings, self._arrivals[feed])
        self._commit = snapshot.commit

    def _feed(self, workplace: Workplace, snapshot: Snapshot, plan: FeedPlan) -> _Feed:
        before, live = self._feeds.get(plan.feed), plan.feed in live_feeds(workplace.catalogue)
        arrived = arrived_days(workplace, plan.feed) if live else self._days.get(plan.feed, {})
        together = not live or workplace.store.manifest.head() == snapshot.commit
        files = _files(snapshot, plan.feed)
        if before is not None and before.plan.fingerprint == plan.fingerprint and before.files == files:
            state, states = before.state, before.states
            if before.arrived == arrived and before.together == together:
                return before
        else:
            state = feed_state(plan, snapshot, None if before is None else before.state)
            states = states_of(snapshot, plan.feed)
        known = known_of(state, arrived, together=together)
        found = _Feed(plan, files, state, states, arrived, together, known)
        self._feeds[plan.feed] = found
        return found


def _files(snapshot: Snapshot, feed: str) -> Files:
    tables = (f"rows/{feed}", lacks_table(feed), *state_tables(snapshot, feed))
    return {table: snapshot.table(table) for table in tables}


def _changed(before: Ground, now: Ground) -> frozenset[date]:
    """Days of which something else is known, or which rest on other states."""
    found: set[date] = set()
    for feed in before.known.keys() | now.known.keys():
        one, other = before.known.get(feed), now.known.get(feed)
        if one is not other:
            found |= _apart({} if one is None else one.completeness, {} if other is None else other.completeness)
        held, holds = before.states.get(feed, {}), now.states.get(feed, {})
        if held is not holds:
            found |= _apart(held, holds)
    return frozenset(found)


def _apart(one: Mapping[date, object], other: Mapping[date, object]) -> set[date]:
    return {day for day in one.keys() | other.keys() if one.get(day) != other.get(day)}
