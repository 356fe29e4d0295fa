"""The records of the case library, and the conflict that two edits at once end in. Times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from ganzhi.base.errors import InputError, Issue

Kind = Literal["case", "manual"]
State = Literal["draft", "approved", "retired"]
STATES: tuple[State, ...] = get_args(State)
VersionState = Literal["proposed", "approved", "rejected", "replaced", "withdrawn"]
UseAct = Literal["shown", "opened", "used", "judged"]
RegisterKind = Literal["training", "meeting", "request"]
REGISTERS: tuple[RegisterKind, ...] = get_args(RegisterKind)


@dataclass(frozen=True, slots=True)
class Entry:
    """A case or a manual as it stands.

    number: counts the entries of a kind, and is what people call it by. subject: of a manual its category, else empty.
    in_force: number of the version that was approved last, None while none was. latest: number of the last version.
    serial: number of the library's change that it was last touched by. version: counts its acts.
    """

    id: str
    kind: Kind
    number: int
    subject: str
    state: State
    in_force: int | None
    latest: int
    made_at: datetime
    changed_at: datetime
    serial: int
    version: int


@dataclass(frozen=True, slots=True)
class Version:
    """What an entry said from one edit to the next. restored_from: the version it repeats, where it puts one in force
    again."""

    entry: str
    number: int
    content: Mapping[str, object]
    state: VersionState
    made_by: str
    made_at: datetime
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    note: str
    restored_from: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """A line of an entry's history. detail: what was before, so that the last act can be undone."""

    entry: str
    number: int
    at: datetime
    actor: str
    act: str
    note: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Held:
    """An entry with its last version and the one in force, which may be the same."""

    entry: Entry
    latest: Version
    in_force: Version | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How often an entry was shown, opened, used, and judged by whoever used it. last_used: when last opened or used."""

    shown: int = 0
    opened: int = 0
    used: int = 0
    helped: int = 0
    not_helped: int = 0
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A search, as the log keeps it. text: masked. found: how many entries answered; best: the first of them."""

    id: str
    at: datetime
    by: str
    text: str
    category: str
    product: str
    found: int
    best: str | None


@dataclass(frozen=True, slots=True)
class Register:
    """A planned training, a meeting or a request for a function. due: its day, where it has one."""

    id: str
    kind: RegisterKind
    number: int
    state: str
    due: date | None
    content: Mapping[str, object]
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    version: int


class CaseChangedError(InputError):
    """Somebody else changed the record meanwhile. seen: the version the changer saw; now: the one it has reached."""

    def __init__(self, identity: str, seen: int, now: int) -> None:
        super().__init__(Issue("CAS003", identity, params={"seen": str(seen), "now": str(now)}))
        self.seen = seen
        self.now = now
