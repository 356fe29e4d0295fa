"""View models of the pages of the case library; texts in both languages where they are ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.cases.content import CaseContent, ManualContent
from ganzhi.complaints.cases.learning import Kept, PeriodRow
from ganzhi.store.cases.records import Counts, Done, Search, State, Version

SHOWN: Final = 50
"""Cases of a page."""
Listed = Literal["usable", "waiting", "drafts", "mine", "retired", "all"]
LISTS: Final[tuple[Listed, ...]] = get_args(Listed)
Sort = Literal["new", "used", "helped", "number"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class CasesQuery:
    """What is asked of the list. q: ranked by it where given, else ordered by `sort`. page: from 1."""

    q: str = ""
    category: str | None = None
    product: str | None = None
    listed: Listed = "usable"
    sort: Sort = "new"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name; None where it is no longer declared."""

    code: str
    name: Text | None


@dataclass(frozen=True, slots=True)
class Path:
    """A category with the domain it belongs to."""

    category: Named
    domain: Text | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list. words: of the search, that decided. usable: its wording may be told today. waiting: a version waits
    for a decision. overdue: its review date has gone by."""

    id: str
    number: int
    title: str
    symptom: str
    path: Path
    product: Named | None
    state: State
    usable: bool
    waiting: bool
    overdue: bool
    valid_from: date
    valid_to: date | None
    review_on: date
    owner: str
    shared: bool
    changed_at: datetime
    counts: Counts
    words: tuple[str, ...] = ()
    near: bool = False
    """Of the same category as the complaint it is suggested for."""


@dataclass(frozen=True, slots=True)
class CasesPage:
    """The list. total: cases under the conditions, ranked or not. waiting, tidying: how many want somebody, None for who may
    not act. search: the id of the search in the log, empty without one."""

    query: CasesQuery
    rows: tuple[CaseRow, ...]
    total: int
    kept: int
    categories: tuple[tuple[Text, tuple[Named, ...]], ...]
    products: tuple[Named, ...]
    may_act: bool
    waiting: int
    search: str = ""


@dataclass(frozen=True, slots=True)
class WordingRow:
    """A wording that was in force. first, last: the days it was agreed for; by: who approved it."""

    number: int
    text: str
    first: date
    last: date | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case. shown: the version that is looked at. acts: what the viewer may do now. origin: id of what it came from, for who
    may see it. judged: what the viewer said of it on the occasion, None for nothing."""

    row: CaseRow
    content: CaseContent
    shown: Version
    versions: tuple[Version, ...]
    changes: Mapping[int, tuple[str, ...]]
    history: tuple[Done, ...]
    wordings: tuple[WordingRow, ...]
    acts: tuple[str, ...]
    origin: str | None
    used: bool
    judged: bool | None
    manual: bool
    version: int


@dataclass(frozen=True, slots=True)
class ManualRow:
    """A category in the list of manuals. usable: a manual is in force; cases: usable ones of the category."""

    path: Path
    usable: bool
    waiting: bool
    overdue: bool
    steps: int
    cases: int


@dataclass(frozen=True, slots=True)
class ManualPage:
    """The manual of a category; content None while there is none. cases: of the category, most helpful first."""

    path: Path
    content: ManualContent | None
    shown: Version | None
    versions: tuple[Version, ...]
    history: tuple[Done, ...]
    state: State | None
    usable: bool
    overdue: bool
    acts: tuple[str, ...]
    counts: Counts
    cases: tuple[CaseRow, ...]
    version: int


@dataclass(frozen=True, slots=True)
class TidyPage:
    """What there is to tidy; see `tidy.Tidy`. searches: the latest that nothing answered, for who sees the whole."""

    overdue: tuple[CaseRow, ...]
    expiring: tuple[CaseRow, ...]
    unused: tuple[CaseRow, ...]
    alike: tuple[tuple[CaseRow, ...], ...] | None
    unhelpful: tuple[CaseRow, ...]
    homeless: tuple[CaseRow, ...]
    waiting: tuple[CaseRow, ...]
    manuals: tuple[ManualRow, ...]
    searches: tuple[Search, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LearningPage:
    """Trainings, meetings and requests. quarters, small, large: how the periods stand for trainings and meetings."""

    trainings: tuple[Kept, ...]
    meetings: tuple[Kept, ...]
    requests: tuple[Kept, ...]
    quarters: tuple[PeriodRow, ...]
    small: tuple[PeriodRow, ...]
    large: tuple[PeriodRow, ...]
    late: frozenset[str]
    may_act: bool
    today: date


@dataclass(frozen=True, slots=True)
class SuggestedCase:
    """A case suggested beside a complaint, with all that a handler needs to answer. used, judged: by the viewer there."""

    row: CaseRow
    cause: str
    fix: str
    wording: str
    used: bool
    judged: bool | None
