"""What somebody should tidy in the library (S003-035): overdue, expiring, unused, alike, unhelpful, without a category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from ganzhi.complaints.cases.content import categories, searched
from ganzhi.complaints.cases.library import Case, Library, Manual
from ganzhi.numerics.text.near import clusters
from ganzhi.store.cases.records import Counts

UNUSED_DAYS: Final = 90
EXPIRES_DAYS: Final = 14
LEAST_JUDGED: Final = 3
ALIKE: Final = 0.6
"""Share of character pairs from which on two cases are taken for one."""
MOST_COMPARED: Final = 20_000
NOTHING: Final = Counts()


@dataclass(frozen=True)
class Tidy:
    """Lists of cases to look at, each in the order in which to do so.

    overdue: review date gone by. expiring: wording that has ended, or will within 14 days. unused: in force for 90 days
    and neither opened nor used in these. alike: clusters of cases that say nearly the same; None where the package that
    compares them is not installed. unhelpful: judged at least three times, by most as no help. homeless: their category
    is no longer in the taxonomy. waiting: a version waits for a decision. manuals: manuals that are overdue or end.
    """

    overdue: tuple[Case, ...]
    expiring: tuple[Case, ...]
    unused: tuple[Case, ...]
    alike: tuple[tuple[Case, ...], ...] | None
    unhelpful: tuple[Case, ...]
    homeless: tuple[Case, ...]
    waiting: tuple[Case, ...]
    manuals: tuple[Manual, ...]

    @property
    def total(self) -> int:
        """How many entries stand in some list."""
        lists = (self.overdue, self.expiring, self.unused, self.unhelpful, self.homeless, self.waiting)
        some = {each.entry.id for cases in lists for each in cases}
        some |= {each.entry.id for cluster in self.alike or () for each in cluster}
        return len(some | {each.entry.id for each in self.manuals})


def tidy(library: Library, today: date, now: datetime) -> Tidy:
    """What there is to tidy on a day."""
    kept = [each for each in library.cases() if each.entry.state != "retired"]
    approved = [each for each in kept if each.entry.state == "approved"]
    counts, recent = library.counts(), library.place.store.case_uses.counts(now - timedelta(days=UNUSED_DAYS))
    known = categories(library.place.catalogue, today)
    soon = today + timedelta(days=EXPIRES_DAYS)
    return Tidy(
        overdue=_by_day(each for each in kept if each.content.review_on < today),
        expiring=tuple(
            sorted(
                (each for each in approved if each.content.valid_to is not None and each.content.valid_to <= soon),
                key=lambda each: (each.content.valid_to or today, each.entry.number),
            )
        ),
        unused=tuple(each for each in approved if _unused(each, now, recent)),
        alike=alike(library, kept),
        unhelpful=tuple(each for each in approved if unhelpful(counts.get(each.entry.id, NOTHING))),
        homeless=tuple(each for each in kept if each.content.category not in known),
        waiting=tuple(each for each in library.cases() if each.waiting),
        manuals=tuple(
            each
            for each in library.manuals().values()
            if each.entry.state == "approved" and each.in_force is not None
            if each.in_force.review_on < today or (each.in_force.valid_to or date.max) <= soon
        ),
    )


def unhelpful(counts: Counts) -> bool:
    """Whether most of those who judged, and enough of them, say that it did not help."""
    judged = counts.helped + counts.not_helped
    return judged >= LEAST_JUDGED and counts.not_helped > counts.helped


def alike(library: Library, cases: Sequence[Case]) -> tuple[tuple[Case, ...], ...] | None:
    """Clusters of cases that say nearly the same; kept until the library changes."""
    return library.once("alike", lambda: _alike(cases[:MOST_COMPARED]))


def _alike(cases: Sequence[Case]) -> tuple[tuple[Case, ...], ...] | None:
    texts = [searched(each.content, ("title", "symptom", "cause")) for each in cases]
    try:
        found = clusters(texts, ALIKE)
    except ImportError:
        return None
    return tuple(tuple(cases[at] for at in cluster) for cluster in found)


def _by_day(cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda each: (each.content.review_on, each.entry.number)))


def _unused(case: Case, now: datetime, recent: Mapping[str, Counts]) -> bool:
    decided = None if case.held.in_force is None else case.held.in_force.decided_at
    if decided is None or now - decided < timedelta(days=UNUSED_DAYS):
        return False
    return recent.get(case.entry.id, NOTHING).last_used is None
