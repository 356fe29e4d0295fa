"""States for pages: of one snapshot, with what is published, opened only as far as a question goes.

All readers of a snapshot share what was found out about it: what is known of each feed, what
published periods must rest on, which files show which states. A page that is answered from what is
published opens no session at all; one that needs a slice opens the states of that feed.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

from ganzhi.measure.known import Days as Arrived
from ganzhi.measure.known import Known
from ganzhi.measure.open import Opens, States, state_relations
from ganzhi.measure.publish.kept import KeptGround
from ganzhi.measure.publish.served import Published, Values, shelf_of
from ganzhi.measure.publish.staleness import Ground
from ganzhi.measure.refresh import feeds_with_files
from ganzhi.measure.states.live import live_feeds
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace

MOST_CACHED_ROWS = 500_000
"""Rows of a feed's states up to which they are cached as a whole, which takes less than a second."""

Days = tuple[date, date]


class _Shown:
    """What all readers of a snapshot share."""

    def __init__(self, workplace: Workplace, snapshot: Snapshot, published: Published, kept: KeptGround) -> None:
        self.snapshot, self.published, self.kept = snapshot, published, kept
        self.feeds = feeds_with_files(workplace.catalogue, snapshot)
        self.known: dict[str, Known] = {}
        self.worked: dict[Hashable, Any] = {}
        self._catalogue = workplace.catalogue
        self._arrived: Mapping[str, Arrived] | None = None
        self._relations: dict[tuple[str | None, bool], Mapping[str, Relation]] = {}

    def arrived(self, workplace: Workplace) -> Mapping[str, Arrived]:
        """What the ledger says up to this snapshot."""
        if self._arrived is None:
            found = self.kept.arrived(workplace, self.snapshot)
            if live_feeds(workplace.catalogue) and workplace.store.manifest.head() != self.snapshot.commit:
                return found
            self._arrived = found
        return self._arrived

    def relations(self, feed: str | None, *, fine: bool) -> Mapping[str, Relation]:
        """The relations of a feed's states, or of those of all feeds."""
        key = (feed, fine)
        if key not in self._relations:
            feeds = self.feeds if feed is None else (feed,)
            self._relations[key] = state_relations(self._catalogue, self.snapshot, feeds, fine=fine)
        return self._relations[key]


class _AsAsked:
    """Sessions over single feeds, opened when they are first asked for.

    Small states are shown from a cache of all of them; of large ones the files of the asked days are
    read where they lie, because making such a cache takes longer than anybody waits for a page."""

    def __init__(self, shown: _Shown, opens: Opens, engine: Opens) -> None:
        self._shown, self._opens, self._engine = shown, opens, engine
        self._open: dict[Hashable, Session] = {}

    def of(self, feed: str | None, *, fine: bool, days: Days | None = None) -> Session:
        """See `measure.open.Sessions`."""
        relations = self._shown.relations(feed, fine=fine)
        large = sum(file.rows for each in relations.values() for file in each.files) > MOST_CACHED_ROWS
        key = (feed, fine, days if large else None)
        if key not in self._open:
            shown = {name: _of_days(each, days) for name, each in relations.items()} if large and days else relations
            self._open[key] = (self._engine if large else self._opens).session(shown)
        return self._open[key]

    def close(self) -> None:
        """See `measure.open.Sessions`."""
        for session in self._open.values():
            session.close()
        self._open.clear()


def _of_days(relation: Relation, days: Days) -> Relation:
    """The files of a relation that hold any of the days: those of the days, and those of their months."""
    first, last = days[0].replace(day=1).isoformat(), days[1].isoformat()
    return Relation([file for file in relation.files if first <= file.partition <= last], relation.schema)


class Newest:
    """Opens the newest states again and again; safe for threads.

    opens: where sessions over states are opened.
    """

    def __init__(self, workplace: Workplace, opens: Opens) -> None:
        self._workplace, self._opens = workplace, opens
        self._shelf = shelf_of(workplace.files)
        self._guard = threading.Lock()
        self._latest: _Shown | None = None
        self._kept, self._values = KeptGround(), dict[str, Values]()

    def states(self) -> States:
        """States of the newest snapshot, to be closed by the caller."""
        shown = self._shown()
        sessions = _AsAsked(shown, self._opens, self._workplace.engine)
        return States(
            shown.snapshot,
            frozenset(shown.feeds),
            sessions,
            shown.published,
            shown.known,
            shown.arrived,
            shown.worked,
            self._kept.known,
        )

    def _shown(self) -> _Shown:
        snapshot = self._workplace.store.manifest.snapshot()
        with self._guard:
            if self._latest is None or self._latest.snapshot.commit != snapshot.commit:
                ground = lambda: self._ground(snapshot)  # noqa: E731 - asked for once, if at all
                published = Published(self._workplace.catalogue, snapshot, self._shelf, ground, self._values)
                self._latest = _Shown(self._workplace, snapshot, published, self._kept)
            return self._latest

    def _ground(self, snapshot: Snapshot) -> Ground | None:
        """What published periods must rest on; None when what stands in an engine may be newer than the snapshot."""
        found = self._kept.ground(self._workplace, snapshot)
        live = live_feeds(self._workplace.catalogue)
        return found if not live or self._workplace.store.manifest.head() == snapshot.commit else None
