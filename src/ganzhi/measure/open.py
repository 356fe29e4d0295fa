"""One reader's view of the computed states: a session over exactly one state of the manifest.

Everything that answers questions takes a `Reading`, so that all numbers of a page or a command
belong to one commit. Two origins: `open_reading` (state files, for the command line) and a
serving cache's session paired with the snapshot it was built from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from ganzhi.compile.plan import plan_feed
from ganzhi.compile.states import relation_of, state_schema
from ganzhi.measure.refresh import measured_feeds
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Reading:
    """session: shows the states (`day_<feed>_add` and so on) of `snapshot`."""

    session: Session
    snapshot: Snapshot

    def __enter__(self) -> Reading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()


class Opens(Protocol):
    """What opens a session over relations: the engine, or a cache of the same relations."""

    def session(self, relations: Mapping[str, Relation]) -> Session: ...


def open_reading(
    workplace: Workplace,
    feeds: Collection[str] | None = None,
    snapshot: Snapshot | None = None,
    engine: Opens | None = None,
) -> Reading:
    """A reading over the states of some feeds, or of all that are measured; close it after use.

    engine: where the session is opened; the workplace's engine by default.
    """
    taken = workplace.store.manifest.snapshot() if snapshot is None else snapshot
    wanted = measured_feeds(workplace.catalogue) if feeds is None else tuple(feeds)
    relations = {}
    for feed in wanted:
        plan = plan_feed(workplace.catalogue, feed)
        for table in plan.tables():
            relations[relation_of(table)] = Relation(taken.table(table), state_schema(plan, table))
    return Reading((engine or workplace.engine).session(relations), taken)
