"""Ports of the case library and of the notes beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ganzhi.access.rights import Viewer
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.cases.content import CaseContent, ManualContent
from ganzhi.complaints.cases.desk import Asked, CaseDesk
from ganzhi.complaints.cases.exchange import Form, Taken
from ganzhi.complaints.cases.learning import Kept, Said, add, change
from ganzhi.complaints.cases.views import (
    CasePage,
    CaseRow,
    CasesPage,
    CasesQuery,
    LearningPage,
    ManualPage,
    ManualRow,
    Named,
    TidyPage,
)
from ganzhi.complaints.knowledge.desk import KnowledgeDesk, NotesPage, NotesQuery, Written
from ganzhi.store.cases.records import CaseChangedError, RegisterKind
from ganzhi.store.notes.notes import Note, NoteFile

Groups = tuple[tuple[Text, tuple[Named, ...]], ...]


@dataclass(frozen=True, slots=True)
class ReadingPorts:
    """What is looked at. list: a page; rows: all of them. case: number, version or None, occasion. manual: category, version
    or None. number_of: the number of a case by its id. today: the day where the operator works."""

    list: Callable[[CasesQuery], CasesPage]
    rows: Callable[[CasesQuery], Sequence[CaseRow]]
    case: Callable[[int, int | None, str], CasePage]
    number_of: Callable[[str], int]
    manuals: Callable[[], Sequence[ManualRow]]
    manual: Callable[[str, int | None], ManualPage]
    tidy: Callable[[], TidyPage]
    learning: Callable[[], LearningPage]
    groups: Callable[[], Groups]
    products: Callable[[], Sequence[Named]]
    today: Callable[[], date]


@dataclass(frozen=True, slots=True)
class CasePorts:
    """Ports for one viewer.

    save: number or None for a new case, content, version that was seen, reason; the number. save_manual: content, version,
    reason. act: number, what is asked; act_manual: category. opened, used: number, occasion, and whether it helped.
    searched: text, category, product, ids shown. give: form of the file. take_in: name and content of a file. note:
    something for the registers and its day; change: kind, number, version seen, what it says now, state, day.
    """

    read: ReadingPorts
    save: Callable[[int | None, CaseContent, int, str], int]
    save_manual: Callable[[ManualContent, int, str], None]
    act: Callable[[int, Asked], None]
    act_manual: Callable[[str, Asked], None]
    opened: Callable[[int, str], None]
    used: Callable[[int, str, bool | None], None]
    searched: Callable[[str, str | None, str | None, Sequence[str]], str]
    give: Callable[[Form], bytes]
    take_in: Callable[[str, bytes], Sequence[Taken]]
    note: Callable[[Said, date | None], Kept]
    change: Callable[[RegisterKind, int, int, Said, str, date | None], Kept]


@dataclass(frozen=True, slots=True)
class KnowledgePorts:
    """Ports of notes for one viewer. withdraw: number and reason. file: number."""

    page: Callable[[NotesQuery], NotesPage]
    write: Callable[[Written], Note]
    withdraw: Callable[[int, str], Note]
    file: Callable[[int], NoteFile]


def knowledge_ports(desk: KnowledgeDesk, viewer: Viewer) -> KnowledgePorts:
    """The ports on a desk."""
    return KnowledgePorts(
        page=lambda query: desk.page(viewer, query),
        write=lambda asked: desk.write(viewer, asked),
        withdraw=lambda number, why: desk.withdraw(viewer, number, why),
        file=lambda number: desk.file(viewer, number),
    )


def case_ports(desk: CaseDesk, viewer: Viewer) -> CasePorts:
    """The ports on a desk."""
    registers = desk.library.place.store.case_registers

    def note(said: Said, due: date | None) -> Kept:
        viewer.require("act")
        return add(registers, said, by=viewer.login, due=due)

    def changed(kind: RegisterKind, number: int, version: int, said: Said, state: str, due: date | None) -> Kept:
        viewer.require("act")
        now = registers.numbered(kind, number)
        if now.version != version:
            raise CaseChangedError(now.id, version, now.version)
        return change(registers, now, said, by=viewer.login, state=state, due=due)

    return CasePorts(
        read=_reading(desk, viewer),
        save=lambda number, content, version, reason: desk.save_case(
            viewer, number, content, version=version, reason=reason
        ),
        save_manual=lambda content, version, reason: desk.save_manual(viewer, content, version=version, reason=reason),
        act=lambda number, asked: desk.act_case(viewer, number, asked),
        act_manual=lambda category, asked: desk.act_manual(viewer, category, asked),
        opened=lambda number, occasion: desk.opened(viewer, number, occasion),
        used=lambda number, occasion, helped: desk.used(viewer, number, occasion, helped),
        searched=lambda q, category, product, found: desk.searched(viewer, q, category, product, found),
        give=lambda form: desk.give(viewer, form),
        take_in=lambda name, content: desk.take_in(viewer, name, content),
        note=note,
        change=changed,
    )


def _reading(desk: CaseDesk, viewer: Viewer) -> ReadingPorts:
    looking = desk.looking(viewer)
    return ReadingPorts(
        list=looking.found,
        rows=looking.every,
        case=looking.page,
        number_of=looking.number_of,
        manuals=looking.manuals,
        manual=looking.manual,
        tidy=looking.tidy,
        learning=looking.learning,
        groups=looking.groups,
        products=looking.products,
        today=desk.library.today,
    )
