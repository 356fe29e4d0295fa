"""One reader's view of the computed states: a session over exactly one state of the manifest.

Everything that answers questions takes `States`, so that all numbers of a page or a command
belong to one commit. The states come from their files, or from a serving cache of the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import ROLLED_LEVELS, FeedPlan, plan_feed
from ganzhi.compile.states import LACKS_SCHEMA, relation_of, state_schema
from ganzhi.measure.known import Days, Known, all_arrived_days, known
from ganzhi.measure.refresh import feeds_with_files
from ganzhi.measure.states.staleness import lacks_table
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace

if TYPE_CHECKING:
    from ganzhi.measure.publish.served import Published


Worked = TypeVar("Worked")


class States:
    """One state of the numbers, as a reader sees it; used by one thread at a time, closed after use.

    snapshot: what counts. feeds: of which there are states. published: what is published of the same
    snapshot, for those who may take it instead of asking.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        feeds: frozenset[str],
        sessions: Sessions,
        published: Published | None = None,
        kept: dict[str, Known] | None = None,
        arrived: Callable[[Workplace], Mapping[str, Days]] = all_arrived_days,
        worked: dict[Hashable, Any] | None = None,
        ask_known: Callable[[Workplace, Snapshot, FeedPlan], Known] = known,
    ) -> None:
        """kept: what is known of feeds as of this very snapshot, shared by its readers. arrived: what the ledger says
        of it. worked: what readers of it worked out once. ask_known: who says what is known of a feed."""
        self.snapshot, self.feeds, self.published = snapshot, feeds, published
        self._sessions = sessions
        self._known: dict[str, Known] = {} if kept is None else kept
        self._worked: dict[Hashable, Any] = {} if worked is None else worked
        self._ask_known = ask_known
        self._ask_arrived, self._arrived = arrived, cast("Mapping[str, Days] | None", None)

    @property
    def session(self) -> Session:
        """A session that shows the states (`day_<feed>_add` and so on) of all `feeds`."""
        return self._sessions.of(None, fine=True)

    def session_of(self, feed: str, *, fine: bool, days: tuple[date, date] | None = None) -> Session:
        """A session that shows at least the states of one feed, and of these days where they are named; fine: with
        those below a day."""
        return self._sessions.of(feed, fine=fine, days=days)

    def known(self, workplace: Workplace, plan: FeedPlan) -> Known:
        """What is known of a feed, looked up once per reading so that all its answers agree."""
        if plan.fingerprint not in self._known:
            found = self._ask_known(workplace, self.snapshot, plan)
            self._known[plan.fingerprint] = replace(found, lacking=self._lacking(plan.feed))
        return self._known[plan.fingerprint]

    def arrived(self, workplace: Workplace) -> Mapping[str, Days]:
        """What arrived of every feed of which anything did, read once."""
        if self._arrived is None:
            self._arrived = self._ask_arrived(workplace)
        return self._arrived

    def once(self, key: Hashable, work: Callable[[], Worked]) -> Worked:
        """What depends on nothing but the snapshot, the catalogue and the key: worked out once for all its readers,
        whoever they are."""
        if key not in self._worked:
            self._worked[key] = work()
        found: Worked = self._worked[key]
        return found

    def _lacking(self, feed: str) -> dict[date, frozenset[str]]:
        table = lacks_table(feed)
        if feed not in self.feeds or not any(file.rows for file in self.snapshot.table(table)):
            return {}
        found: dict[date, frozenset[str]] = {}
        session = self.session_of(feed, fine=False)
        for row in session.query(f"select day, measure from {relation_of(table)}").to_pylist():
            found[row["day"]] = found.get(row["day"], frozenset()) | {row["measure"]}
        return found

    def close(self) -> None:
        """Release what is open."""
        self._sessions.close()

    def __enter__(self) -> States:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Sessions(Protocol):
    """Gives sessions over states, and closes those it gave."""

    def of(self, feed: str | None, *, fine: bool, days: tuple[date, date] | None = None) -> Session:
        """A session that shows a feed's states, or those of all feeds, at least from one day to another; fine: with
        those below a day."""
        ...

    def close(self) -> None:
        """Close all sessions."""
        ...


class One:
    """One session over everything."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, feed: str | None, *, fine: bool, days: tuple[date, date] | None = None) -> Session:
        """See `Sessions`."""
        return self._session

    def close(self) -> None:
        """See `Sessions`."""
        self._session.close()


class Opens(Protocol):
    """What opens a session over relations: the engine, or a cache of the same relations."""

    def session(self, relations: Mapping[str, Relation]) -> Session:
        """A session that shows exactly these relations."""
        ...


def state_relations(
    catalogue: Catalogue, snapshot: Snapshot, feeds: Collection[str] | None = None, *, fine: bool = True
) -> dict[str, Relation]:
    """The state relations of some feeds, or of all that are measured and hold anything, as a snapshot has them.

    fine: with those below a day; who asks for whole days needs none, and a session opens the sooner.
    """
    found = {}
    for feed in feeds_with_files(catalogue, snapshot) if feeds is None else feeds:
        plan = plan_feed(catalogue, feed)
        for level in (*(plan.levels if fine else ("day",)), *ROLLED_LEVELS):
            for table in plan.tables_of(level):
                found[relation_of(table)] = Relation(snapshot.table(table), state_schema(plan, table))
        lacks = snapshot.table(lacks_table(feed))
        if any(file.rows for file in lacks):
            found[relation_of(lacks_table(feed))] = Relation(lacks, LACKS_SCHEMA)
    return found


def open_states(
    workplace: Workplace,
    feeds: Collection[str] | None = None,
    snapshot: Snapshot | None = None,
    engine: Opens | None = None,
) -> States:
    """A reading of some feeds, or of all that are measured and hold anything; close it after use.

    engine: where the session is opened; the workplace's engine by default, which reads the state files.
    """
    taken = workplace.store.manifest.snapshot() if snapshot is None else snapshot
    shown = feeds_with_files(workplace.catalogue, taken) if feeds is None else tuple(feeds)
    relations = state_relations(workplace.catalogue, taken, shown)
    return States(taken, frozenset(shown), One((engine or workplace.engine).session(relations)))
