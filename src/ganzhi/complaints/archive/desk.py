"""Reports that were written elsewhere, as a viewer has them: brought in, listed, found by what they say, opened, withdrawn.

Everybody who reads reports sees that there is one and finds it by its words. What it says may be about customers, so its
words and its file are for who sees lists; personal numbers are covered in words, and opening a file stands in the audit
trail. Of what is handed in together nothing is kept while anything is wrong with it; what a stop in the middle left out
comes in when the same is handed in again.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import LANGS, say
from ganzhi.base.periods import Grain, parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.archive.naming import Given, problems
from ganzhi.complaints.archive.text import text_of
from ganzhi.complaints.cases.content import names_somebody, tidy_lines
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.notes.notes import NewNote, Note, NoteFile
from ganzhi.store.notes.reports import ReportFacts, ReportHead
from ganzhi.warehouse.workplace import Workplace

Sort = Literal["situation", "intake", "weekly", "monthly", "support", "special"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
GRAINS: Final[Mapping[Sort, Grain]] = {
    "situation": Grain.DAY,
    "intake": Grain.DAY,
    "weekly": Grain.WEEK,
    "monthly": Grain.MONTH,
    "support": Grain.MONTH,
}
"""What kinds of a fixed rhythm are about; a special report is about any period."""
PLACES: Final = ("province", "city", "county")
"""Levels of units that are offered to choose from; any other is named by its code."""
LONGEST_TITLE: Final = 120
AROUND: Final = 60
"""Characters of a text that are shown before and after a word."""


@dataclass(frozen=True, slots=True)
class ArchiveQuery:
    """Which reports. q: words that all have to stand in what a report says, or in title, file name, period and unit."""

    q: str = ""
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """A report. unit_name: None where the dictionary no longer has it. excerpt: around the words that were looked for."""

    note: Note
    head: ReportHead
    unit_name: Text | None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """Reports, the latest period first, withdrawn ones last. may_write: whether the viewer brings in and withdraws;
    may_open: opens files. units: those to choose from."""

    rows: tuple[ArchiveRow, ...]
    may_write: bool
    may_open: bool
    units: Mapping[str, Text]

    @property
    def standing(self) -> tuple[ArchiveRow, ...]:
        """Those that nobody has withdrawn."""
        return tuple(each for each in self.rows if each.note.stands)


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a report. number: of its note; None where nothing is kept yet. state: new, or there already.
    readable: whether its text can be searched."""

    given: Given
    number: int | None
    state: Literal["new", "already"]
    readable: bool


@dataclass(frozen=True, slots=True)
class _Checked:
    given: Given
    note: NewNote
    facts: ReportFacts
    digest: str


class ArchiveDesk:
    """The reports of a workspace that were brought in."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._notes = place.store.notes

    # -- looking -------------------------------------------------------------------------------------

    def page(self, viewer: Viewer, query: ArchiveQuery) -> ArchivePage:
        """The reports of units within a viewer's reach. Raises: AccessError without the depth of reports."""
        viewer.require("dynamic")
        ground, words = Ground(self._place.catalogue, viewer), tuple(unicodedata.normalize("NFKC", query.q).split())
        heads = [each for each in self._notes.reports.heads(words) if self._reaches(ground, each.unit)]
        notes = {each.number: each for each in self._notes.some([each.note for each in heads])}
        rows = []
        for head in heads:
            if query.sort not in (None, head.sort):
                continue
            unit = self._place.catalogue.units.get(head.unit)
            row = ArchiveRow(notes[head.note], head, None if unit is None else unit.name)
            if words and not head.found and not _fits(row, words):
                continue
            found = words and head.found and viewer.may("list")
            rows.append(ArchiveRow(row.note, head, row.unit_name, self._excerpt(head.note, words) if found else ""))
        rows.sort(key=lambda each: not each.note.stands)
        write = viewer.may("act")
        units = {code: each.name for code, each in ground.units.items() if write and each.level in PLACES}
        return ArchivePage(tuple(rows), write, viewer.may("list"), units)

    def _reaches(self, ground: Ground, unit: str) -> bool:
        """Whether a report of a unit is the viewer's; of a unit that is gone it is for who sees the whole."""
        if unit in self._place.catalogue.units:
            return ground.within(unit)
        return ground.top == self._place.catalogue.root_unit

    def _excerpt(self, number: int, words: Sequence[str]) -> str:
        text = self._notes.reports.text(number) or ""
        plain = text.casefold()
        places = [at for word in words if (at := plain.find(word.casefold())) >= 0]
        if not places or len(plain) != len(text):
            return text[: 2 * AROUND].replace("\n", " ")
        first = max(0, min(places) - AROUND)
        cut = text[first : min(places) + 2 * AROUND]
        return ("…" if first else "") + " ".join(cut.split()) + ("…" if first + len(cut) < len(text) else "")

    def file(self, viewer: Viewer, number: int) -> NoteFile:
        """The file of a report, its opening on record. Raises: InputError KNW002; AccessError ACC001 without lists."""
        viewer.require("list")
        note = self._readable(viewer, number)
        act = Act(viewer.login, self._place.clock.now(), "report.open", f"report {number}", {"file": note.file_name})
        perform(self._place.store.database, act, lambda _connection: None)
        return self._notes.file(number)

    def name(self, viewer: Viewer, number: int) -> str:
        """What the file of a report is called. Raises: as `file`."""
        viewer.require("list")
        return self._readable(viewer, number).file_name

    def _readable(self, viewer: Viewer, number: int) -> Note:
        viewer.require("dynamic")
        ground = Ground(self._place.catalogue, viewer)
        note = self._notes.get(number)
        if note.about != "report" or not self._reaches(ground, note.subject):
            raise InputError(Issue("KNW002", str(number)))
        return note

    # -- bringing in ---------------------------------------------------------------------------------

    def bring_in(
        self, viewer: Viewer, given: Sequence[Given], issues: Sequence[Issue] = (), *, dry: bool = False
    ) -> tuple[Brought, ...]:
        """Keep reports, unless anything is wrong with one. issues: what was wrong with how they were handed in. dry: only say what
        would come of it. A file that is kept for its kind, unit and period already is not kept again.

        Raises: InputError HIS003 to HIS012, KNW001, KNW004, KNW005 with everything that is wrong; AccessError ACC001.
        """
        viewer.require("act")
        wrong, checked = list(issues), list[_Checked]()
        for each in given:
            try:
                checked.append(self._checked(viewer, each))
            except InputError as error:
                wrong += problems(each, iter(error.issues))
        if wrong:
            raise InputError(wrong)
        return tuple(self._keep(viewer, each, dry=dry) for each in checked)

    def _keep(self, viewer: Viewer, each: _Checked, *, dry: bool) -> Brought:
        facts = each.facts
        there = self._notes.reports.standing(facts.sort, facts.unit, facts.period, each.digest)
        if there is not None:
            return Brought(each.given, there, "already", facts.text is not None)
        number = None if dry else self._notes.add(each.note, by=viewer.login).number
        return Brought(each.given, number, "new", facts.text is not None)

    def _checked(self, viewer: Viewer, given: Given) -> _Checked:
        title, name = tidy_lines(given.title), given.file.rpartition("/")[2]
        issues = [*_bounded("title", title), *_bounded("file", name)]
        sort, unit = sort_of(given.kind), self._unit(viewer, given.unit)
        if sort is None:
            issues.append(Issue("HIS003", "kind", params={"value": given.kind[:40] or "–", "known": ", ".join(SORTS)}))
        if unit is None:
            issues.append(Issue("HIS004", "unit", params={"value": given.unit[:64] or "–"}))
        content, text, period = b"", None, None
        try:
            period = parse_period(given.period, self._place.zone)
        except InputError:
            issues.append(Issue("HIS011", "period", params={"value": given.period[:40] or "–"}))
        if sort is not None and period is not None and GRAINS.get(sort, period.grain) != period.grain:
            told = {"value": period.key, "kind": given.kind[:40], "grain": GRAINS[sort].value}
            issues.append(Issue("HIS005", "period", params=told))
        try:
            content = given.read()
            text = text_of(name, content)
        except InputError as error:
            issues += error.issues
        if issues or sort is None or unit is None or period is None:
            raise InputError(issues)
        facts = ReportFacts(sort, unit, period.key, period.first_day, text)
        note = NewNote("report", unit, "document", title, file=NoteFile(name, content), report=facts)
        return _Checked(given, note, facts, hashlib.sha256(content).hexdigest())

    def _unit(self, viewer: Viewer, given: str) -> str | None:
        """The code of a unit within reach by its code or its name; None for none, or several of that name."""
        units = Ground(self._place.catalogue, viewer).units
        if given in units:
            return given
        named = [code for code, each in units.items() if given and given in (each.name.zh, each.name.en)]
        return named[0] if len(named) == 1 else None

    def withdraw(self, viewer: Viewer, number: int, why: str) -> Note:
        """Withdraw a report; its file stays. Raises: InputError KNW001 without a reason, KNW002, KNW003, KNW004, KNW005."""
        viewer.require("act")
        self._readable(viewer, number)
        text = tidy_lines(why)
        issues = list(_bounded("why", text))
        if issues:
            raise InputError(issues)
        return self._notes.withdraw(number, by=viewer.login, why=text)


def sort_of(given: str) -> Sort | None:
    """The kind of a report by its code or its name in either language.

    >>> sort_of("monthly"), sort_of("专题报告"), sort_of("minutes")
    ('monthly', 'special', None)
    """
    for sort in SORTS:
        names = {say(lang, f"archive.sort.{sort}") for lang in LANGS} | {say("zh", f"archive.short.{sort}"), sort}
        if given.strip().casefold() in {each.casefold() for each in names}:
            return sort
    return None


def _fits(row: ArchiveRow, words: Sequence[str]) -> bool:
    name = row.unit_name
    texts = (row.note.title, row.note.file_name, row.head.period, row.head.unit, *((name.zh, name.en) if name else ()))
    whole = unicodedata.normalize("NFKC", "\n".join(texts)).casefold()
    return all(word.casefold() in whole for word in words)


def _bounded(name: str, text: str) -> Iterator[Issue]:
    if not text:
        yield Issue("KNW001", name)
    if len(text) > LONGEST_TITLE:
        yield Issue("KNW004", name, params={"most": str(LONGEST_TITLE)})
    if names_somebody(text):
        yield Issue("KNW005", name)
