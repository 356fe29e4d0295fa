"""The library of a workspace: its cases and manuals as they stand, read once for each change, and the index for ranking.

Safe to share between threads; what is kept is made anew when the store's library has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

import numpy as np

from ganzhi.complaints.cases.content import CaseContent, ManualContent, case_of, manual_of, searched
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.numerics.text.rank import Ranking
from ganzhi.store.cases.records import Counts, Entry, Held
from ganzhi.warehouse.workplace import Workplace

Made = TypeVar("Made")


@dataclass(frozen=True)
class Case:
    """A case. latest: what its last version says; in_force: what the approved one says, None while there is none."""

    held: Held
    latest: CaseContent
    in_force: CaseContent | None

    @property
    def entry(self) -> Entry:
        """The record."""
        return self.held.entry

    @property
    def content(self) -> CaseContent:
        """What is shown of it in lists: the version in force, else the last one."""
        return self.in_force or self.latest

    @property
    def waiting(self) -> bool:
        """Whether a version waits for a decision."""
        return self.held.latest.state == "proposed"

    def usable(self, on: date) -> bool:
        """Whether it may be told to customers on a day: approved, not retired, within its validity."""
        return self.entry.state == "approved" and self.in_force is not None and self.in_force.valid(on)


@dataclass(frozen=True)
class Manual:
    """A manual; as `Case`."""

    held: Held
    latest: ManualContent
    in_force: ManualContent | None

    @property
    def entry(self) -> Entry:
        """The record."""
        return self.held.entry

    @property
    def waiting(self) -> bool:
        """Whether a version waits for a decision."""
        return self.held.latest.state == "proposed"

    def usable(self, on: date) -> bool:
        """Whether its steps may be followed on a day."""
        return self.entry.state == "approved" and self.in_force is not None and self.in_force.valid(on)


@dataclass(frozen=True)
class Index:
    """Cases made ready to be searched."""

    cases: tuple[Case, ...]

    @cached_property
    def stands(self) -> tuple[tuple[str, int | None], ...]:
        """Which version of which case."""
        return tuple((each.entry.id, each.entry.in_force) for each in self.cases)

    @cached_property
    def ranking(self) -> Ranking:
        """All their texts."""
        return Ranking([cleaned(searched(each.content)) for each in self.cases])

    @cached_property
    def category(self) -> np.typing.NDArray[np.str_]:
        """Their categories."""
        return np.array([each.content.category for each in self.cases], dtype=np.str_)

    def usable(self, on: date) -> np.typing.NDArray[np.bool_]:
        """Which of them are valid on a day."""
        begins, ends = self._validity
        day = on.toordinal()
        return (begins <= day) & (day <= ends)

    @cached_property
    def _validity(self) -> tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.int64]]:
        said = [each.content for each in self.cases]
        ends = [(each.valid_to or date.max).toordinal() for each in said]
        return np.array([each.valid_from.toordinal() for each in said], dtype=np.int64), np.array(ends, dtype=np.int64)


class Library:
    """The case library of an open workspace."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._serial = -1
        self._kept: dict[str, object] = {}
        self._last: Index | None = None

    def today(self) -> date:
        """The day it is where the operator works."""
        return self.place.clock.now().astimezone(self.place.zone).date()

    def cases(self) -> tuple[Case, ...]:
        """All cases by number, retired ones too."""
        return self.once("cases", lambda: tuple(case_from(each) for each in self.place.store.cases.list("case")))

    def manuals(self) -> Mapping[str, Manual]:
        """All manuals by category."""
        return self.once(
            "manuals",
            lambda: {each.entry.subject: manual_from(each) for each in self.place.store.cases.list("manual")},
        )

    def index(self) -> Index:
        """The cases that are approved and not retired; made anew only when another version is in force, for drafts are not searched."""
        return self.once("index", self._index)

    def _index(self) -> Index:
        found = tuple(each for each in self.cases() if each.entry.state == "approved" and each.in_force)
        made = Index(found)
        with self._lock:
            if made.stands != (self._last.stands if self._last else None):
                self._last = made
            assert self._last is not None
            return self._last

    def whole(self) -> Index:
        """Every case, made ready to be searched: what is in force, else the last version."""
        return self.once("whole", lambda: Index(self.cases()))

    def manual(self, category: str, on: date) -> Manual | None:
        """The manual that the front line follows for complaints of a category on a day; None where none is in force."""
        found = self.manuals().get(category)
        return found if found is not None and found.usable(on) else None

    def counts(self) -> Mapping[str, Counts]:
        """How often each entry was used, ever."""
        return self.place.store.case_uses.counts()

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What was made of the library as it stands, else made now; two who ask at once may both make it."""
        serial = self.place.store.cases.serial()
        with self._lock:
            if serial != self._serial:
                self._serial, self._kept = serial, {}
            if name in self._kept:
                return self._kept[name]  # type: ignore[return-value]
        made = make()
        with self._lock:
            if serial == self._serial:
                self._kept[name] = made
        return made


def case_from(held: Held) -> Case:
    """A case from its record."""
    latest = case_of(held.latest.content)
    if held.in_force is None or held.in_force.number == held.latest.number:
        return Case(held, latest, None if held.in_force is None else latest)
    return Case(held, latest, case_of(held.in_force.content))


def manual_from(held: Held) -> Manual:
    """A manual from its record."""
    in_force = None if held.in_force is None else manual_of(held.in_force.content)
    return Manual(held, manual_of(held.latest.content), in_force)
