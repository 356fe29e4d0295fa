"""Which days of a feed must be computed again.

A day is stale when what it was computed from or by is not what counts now: its states' plan
fingerprint, or the row files they name as inputs, differ from the plan and the live row files.
There is no dirty flag that could be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ganzhi.compile.plan import FeedPlan
from ganzhi.store.manifest import FileRef, Snapshot


@dataclass(frozen=True, slots=True)
class FeedState:
    """Per day of a feed: its live row files and state files."""

    plan: FeedPlan
    rows: Mapping[str, tuple[FileRef, ...]]
    states: Mapping[str, tuple[FileRef, ...]]

    def is_stale(self, day: str) -> bool:
        """Whether the states of a day are not what its rows and the plan would give."""
        rows, states = self.rows.get(day, ()), self.states.get(day, ())
        if not rows:
            return bool(states)
        inputs = tuple(sorted(file.id for file in rows))
        expected = sorted(self.plan.tables())
        return sorted(file.table for file in states) != expected or any(
            file.plan != self.plan.fingerprint or tuple(sorted(file.inputs)) != inputs for file in states
        )

    def is_computed(self, day: str) -> bool:
        """Whether the day has states, be they stale."""
        return bool(self.states.get(day))

    def stale_days(self, first: date | None = None, last: date | None = None) -> tuple[str, ...]:
        """Stale days within the bounds, in order, as ISO text."""
        days = sorted({*self.rows, *self.states})
        low, high = (first.isoformat() if first else ""), (last.isoformat() if last else "9999-12-31")
        return tuple(day for day in days if low <= day <= high and self.is_stale(day))


def state_tables(snapshot: Snapshot, feed: str) -> tuple[str, ...]:
    """Tables of a feed's states that have a file, of this plan or of an older one."""
    return tuple(t for t in snapshot.tables() if t.split("/")[0] in ("fine", "day") and t.split("/")[1] == feed)


def feed_state(plan: FeedPlan, snapshot: Snapshot) -> FeedState:
    """What a snapshot holds of a feed."""
    return FeedState(
        plan,
        _by_day(snapshot.table(f"rows/{plan.feed}")),
        _by_day(tuple(f for t in state_tables(snapshot, plan.feed) for f in snapshot.table(t))),
    )


def _by_day(files: tuple[FileRef, ...]) -> dict[str, tuple[FileRef, ...]]:
    found: dict[str, list[FileRef]] = {}
    for file in files:
        found.setdefault(file.partition, []).append(file)
    return {day: tuple(of_day) for day, of_day in found.items()}
