"""A complaint's whole life in one table: what came in, what will become of it, and when.

A life is drawn on the day the complaint is received; every later day shows as much of it as has happened. The
table holds the complaints of the last thirty days and those whose life is not over.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints

HOTLINE, HALL, ELECTRONIC = range(3)
"""Where a complaint came in, as in `Contacts.where`."""
ORIGIN: Final = 10_000_000_000_000_000
"""A complaint's number is (origin + 1) times this, plus the number of the contact or of the day's series."""
KINDS: Final = ("ordinary", "batch", "escalated")
LEVELS: Final = ("city", "province", "group", "consumer_body", "regulator", "media")
PRIORITIES: Final = ("customer", "event", "problem", "area", "overall")
RESULTS: Final = ("solved", "explained", "partly", "unsolved", "withdrawn")
SOLVED, EXPLAINED, PARTLY, UNSOLVED, WITHDRAWN = range(5)
PARTIES: Final = ("provider", "third_party", "customer")
ANSWERS: Final = (
    "success", "refused", "appointment", "hung_up", "no_answer", "busy", "switched_off", "wrong_number",
)  # fmt: skip
REPEAT_DAYS: Final = 30
"""A complaint is repeated when the same customer had the same problem within so many days (source: a month)."""


@dataclass(frozen=True, slots=True)
class Lodged:
    """Complaints as they come in. contact: number of the hotline contact, -1 for none. post, place: agent and team
    or clerk and hall, -1 for none. felt, cause: -1 for none. topic: position in `TOPICS`. eased: settled at once.
    repeat: number of the earlier complaint, -1 for none."""

    number: Ints
    customer: Ints
    received: Ints
    origin: Ints
    contact: Ints
    post: Ints
    place: Ints
    felt: Ints
    cause: Ints
    topic: Ints
    product: Ints
    eased: Ints
    repeat: Ints


@dataclass(frozen=True, slots=True)
class Cases:
    """Complaints and their lives. Codes are positions in this module's lists, -1 for blank; moments may be later than
    the day. level, late_level: escalated to, at once and on being opened again. called, connected, attempts, answer:
    the call back. satisfied: -1 unknown. grumbles: how often the customer has been left unsolved so far."""

    number: Ints
    customer: Ints
    received: Ints
    origin: Ints
    contact: Ints
    post: Ints
    place: Ints
    felt: Ints
    cause: Ints
    topic: Ints
    product: Ints
    eased: Ints
    repeat: Ints
    filed: Ints
    traced: Ints
    batch: Ints
    level: Ints
    late_level: Ints
    priority: Ints
    due: Ints
    promised: Ints
    reply: Ints
    closed: Ints
    reopened: Ints
    result: Ints
    party: Ints
    compensation: Ints
    called: Ints
    connected: Ints
    attempts: Ints
    answer: Ints
    satisfied: Ints
    agent: Ints
    grumbles: Ints
    content: NDArray[Any]

    def __len__(self) -> int:
        return len(self.number)

    def where(self, chosen: Bools | Ints) -> Cases:
        """Some of the complaints."""
        return Cases(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})

    def unsolved_from(self) -> Ints:
        """The moment from which the customer is left unsolved: closing without a solution, or the limit passed."""
        never = np.iinfo(np.int64).max
        late = np.where(self.closed > self.due, self.due, never)
        return np.minimum(late, np.where(np.isin(self.result, (PARTLY, UNSOLVED)), self.closed, never))

    def over(self) -> Ints:
        """The last moment of the life."""
        return np.maximum(np.maximum(self.closed, self.called), np.maximum(self.connected, self.reopened))


def no_cases() -> Cases:
    """An empty table."""
    columns: dict[str, Any] = {each.name: np.empty(0, dtype=np.int64) for each in fields(Cases)}
    columns["content"] = np.empty(0, dtype=object)
    return Cases(**columns)


def together(first: Cases, second: Cases) -> Cases:
    """Both tables in one."""
    return Cases(
        **{each.name: np.concatenate([getattr(first, each.name), getattr(second, each.name)]) for each in fields(Cases)}
    )


def complaint_ids(numbers: Ints) -> pa.Array:
    """Identities of complaints; a number below 0 is blank."""
    return identities("TS", numbers)


def number_of_contact(contacts: Ints, where: Ints) -> Ints:
    """The number of the complaint a contact becomes, if it becomes one."""
    return (np.asarray(where) + 1) * ORIGIN + np.asarray(contacts)


@dataclass
class Ledger:
    """The complaints that are remembered, and how many came in a day lately."""

    cases: Cases
    usual: float = -1.0

    def forget(self, scene: Scene) -> None:
        """Drop what is over and older than anything that could be repeated."""
        cases = self.cases
        kept = (cases.received >= scene.today.start - REPEAT_DAYS * DAY_S) | (cases.over() >= scene.today.start)
        self.cases = cases.where(kept)


def ledger(scene: Scene) -> Ledger:
    """The ledger of the simulation."""
    return scene.world.recall("complaints", lambda: Ledger(no_cases()))
