"""Which days and months of a feed must be computed again, and how.

A day is stale when what it was computed from or by is not what counts now: its states' plan
fingerprint, or the row files they name as inputs, differ from the plan and the live row files.
There is no dirty flag that could be lost.

States merge, so a day's states may stand in several parts, each from other row files. Where rows
were only added, the rows that are missing make one more part (`add`); where anything was replaced,
the day is computed from all its rows (`all`). Totals of units above depend on the organisation too
and are made again from days when only that has changed (`total`). Months hold whole days, and carry a
digest of the states of these days.

States without inputs are of a day whose rows were dropped when their time was up
(`measure.states.retention`). They stay, and are carried over to a changed plan as far as they go (`carry`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from ganzhi.base.ids import digest
from ganzhi.compile.plan import FeedPlan
from ganzhi.store.manifest import FileRef, Snapshot

MOST_PARTS = 8
"""Parts of a day's states; one more row file and the day is computed as one again."""

Work = Literal["none", "all", "add", "total", "carry", "gone"]
ByDay = Mapping[str, tuple[FileRef, ...]]


@dataclass(frozen=True)
class FeedState:
    """A feed's live files. rows: by day. states: what is computed from rows, by day. totals: of
    units above, by day. months: by first day. lacks: what carried states do not hold, by day. judged,
    judged_months: what was found of days and months, taken over from an earlier state for those whose
    files are the same."""

    plan: FeedPlan
    rows: ByDay
    states: ByDay
    totals: ByDay
    months: ByDay
    lacks: ByDay
    judged: dict[str, tuple[bool, Work]] = field(default_factory=dict, compare=False)
    judged_months: dict[str, bool] = field(default_factory=dict, compare=False)

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        return self.plan.tables()  # asked for every day

    @cached_property
    def _totals(self) -> tuple[str, ...]:
        return self.plan.tables_of("total")

    def is_expired(self, day: str) -> bool:
        """Whether the day has states of rows that were dropped."""
        return any(not file.inputs for file in self.states.get(day, ()))

    def work(self, day: str) -> Work:
        """What a day needs."""
        return self._judged(day)[1]

    def _judged(self, day: str) -> tuple[bool, Work]:
        """Whether a day is usable, and what it needs; both follow from the day's own files and the plan."""
        found = self.judged.get(day)
        if found is None:
            parts = self._parts(day)
            usable = parts is not None and self._totals_hold(day, parts)
            found = self.judged[day] = usable, self._work(day, parts, usable=usable)
        return found

    def _work(self, day: str, parts: list[tuple[int, ...]] | None, *, usable: bool) -> Work:
        rows, states = self.rows.get(day, ()), self.states.get(day, ())
        expired = self.is_expired(day)
        if not rows and not expired:
            return "gone" if states or self.totals.get(day) else "none"
        if parts is None:
            return "carry" if expired else "all"
        live, counted = {file.id for file in rows}, [number for part in parts for number in part]
        if len(set(counted)) != len(counted) or not live.issuperset(counted):
            return "all"
        if live != set(counted):
            whole = self.plan.snapshots or len(parts) >= MOST_PARTS
            return "all" if whole and not expired else "add"
        return "none" if usable else "total"

    def missing(self, day: str) -> tuple[FileRef, ...]:
        """Row files that no part of the day's states was computed from."""
        counted = {number for file in self.states.get(day, ()) for number in file.inputs}
        return tuple(file for file in self.rows.get(day, ()) if file.id not in counted)

    def parts(self, day: str) -> int:
        """How many parts a day's states consist of."""
        return len({file.inputs for file in self.states.get(day, ())})

    def _parts(self, day: str) -> list[tuple[int, ...]] | None:
        """The inputs of each part; None when the states are of another plan or not all there."""
        by_table: dict[str, list[tuple[int, ...]]] = {table: [] for table in self._tables}
        for file in self.states.get(day, ()):
            if file.table not in by_table or file.plan != self.plan.fingerprint:
                return None
            by_table[file.table].append(file.inputs)
        found = [sorted(inputs) for inputs in by_table.values()]
        return found[0] if found[0] and all(each == found[0] for each in found) else None

    def _totals_hold(self, day: str, parts: list[tuple[int, ...]]) -> bool:
        by_table: dict[str, list[int]] = {table: [] for table in self._totals}
        for file in self.totals.get(day, ()):
            if file.table not in by_table or file.plan != self.plan.rolled_fingerprint:
                return False
            by_table[file.table] += file.inputs
        wanted = sorted(number for part in parts for number in part)
        return all(sorted(inputs) == wanted for inputs in by_table.values())

    def is_stale(self, day: str) -> bool:
        """Whether the states of a day are not what its rows, the plan and the organisation would give."""
        return self.work(day) != "none"

    def is_usable(self, day: str) -> bool:
        """Whether the day's states are all there and of the present plan and organisation, be rows missing in them."""
        return self._judged(day)[0]

    def stale_days(self, first: date | None = None, last: date | None = None) -> tuple[str, ...]:
        """Stale days within the bounds, in order, as ISO text."""
        days = sorted({*self.rows, *self.states, *self.totals})
        low, high = (first.isoformat() if first else ""), (last.isoformat() if last else "9999-12-31")
        return tuple(day for day in days if low <= day <= high and self.is_stale(day))

    @cached_property
    def _usable_by_month(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for day in sorted(self.states):
            if self.is_usable(day):
                found.setdefault(day[:7] + "-01", []).append(day)
        return {month: tuple(days) for month, days in found.items()}

    def days_of(self, month: str) -> tuple[str, ...]:
        """The usable days of a month."""
        return self._usable_by_month.get(month, ())

    def month_mark(self, month: str) -> str:
        """What states of a month carry as their plan: the plan, the organisation and the days they hold, by the
        additive states of its usable days."""
        table = f"day/{self.plan.feed}/add"
        held = [str(f.id) for day in self.days_of(month) for f in self.states[day] if f.table == table]
        return f"{self.plan.rolled_fingerprint}.{digest(*held)[:16]}"

    def month_holds(self, month: str) -> bool:
        """Whether there are states of a month that hold exactly its usable days."""
        found = self.judged_months.get(month)
        if found is None:
            found = self.judged_months[month] = self._month_holds(month)
        return found

    def _month_holds(self, month: str) -> bool:
        files, tables = self.months.get(month, ()), self.plan.tables_of("month")
        if sorted(file.table for file in files) != sorted(tables):
            return False
        mark = self.month_mark(month)
        return all(file.plan == mark for file in files)

    def past_months(self) -> tuple[str, ...]:
        """Months after which a usable day follows: they will hardly change any more and are worth a state."""
        months = sorted(self._usable_by_month)
        return tuple(months[:-1])

    def stale_months(self) -> tuple[str, ...]:
        """Past months without states of exactly their days, and months that have states and should not."""
        past = set(self.past_months())
        return tuple(sorted(m for m in {*past, *self.months} if m not in past or not self.month_holds(m)))


LEVELS = ("fine", "day", "total", "month")


def state_tables(snapshot: Snapshot, feed: str) -> tuple[str, ...]:
    """Tables of a feed's states that have a file, of this plan or of an older one."""
    return tuple(t for t in snapshot.tables() if t.split("/")[0] in LEVELS and t.split("/")[1] == feed)


def feed_state(plan: FeedPlan, snapshot: Snapshot, earlier: FeedState | None = None) -> FeedState:
    """What a snapshot holds of a feed. earlier: of another snapshot; what was found of days whose files are the same
    is not looked at again."""
    tables = state_tables(snapshot, plan.feed)

    def of(*levels: str) -> ByDay:
        return _by_day(f for t in tables if t.split("/")[0] in levels for f in snapshot.table(t))

    found = FeedState(
        plan,
        _by_day(snapshot.table(f"rows/{plan.feed}")),
        of("fine", "day"),
        of("total"),
        of("month"),
        _by_day(snapshot.table(lacks_table(plan.feed))),
    )
    if earlier is not None:
        _take_over(found, earlier)
    return found


def _take_over(found: FeedState, earlier: FeedState) -> None:
    """What an earlier state knows of days and months that have the same files under the same plan."""
    plans = [(s.plan.fingerprint, s.plan.rolled_fingerprint, s.plan.tables()) for s in (found, earlier)]
    if plans[0] != plans[1]:
        return
    changed = {
        day
        for one, other in zip(
            (found.rows, found.states, found.totals), (earlier.rows, earlier.states, earlier.totals), strict=True
        )
        for day in one.keys() | other.keys()
        if one.get(day) != other.get(day)
    }
    found.judged.update({day: was for day, was in earlier.judged.items() if day not in changed})
    months = {day[:7] for day in changed}
    found.judged_months.update(
        {
            month: was
            for month, was in earlier.judged_months.items()
            if month[:7] not in months and found.months.get(month) == earlier.months.get(month)
        }
    )


def lacks_table(feed: str) -> str:
    """Manifest table of the measures that carried states of a feed do not hold."""
    return f"lacks/{feed}"


def _by_day(files: Iterable[FileRef]) -> dict[str, tuple[FileRef, ...]]:
    found: dict[str, list[FileRef]] = {}
    for file in files:
        found.setdefault(file.partition, []).append(file)
    return {day: tuple(of_day) for day, of_day in found.items()}
