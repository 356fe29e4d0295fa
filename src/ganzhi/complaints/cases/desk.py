"""The case library as a viewer has it: what they see, what they may do, and what is counted on the way.

Everybody who has signed in reads what is in force. Drafts, decisions and tidying are for who may act (right `act`);
files for other platforms and the log of searches for who also sees the whole organisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, get_args

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.cases.content import CaseContent, ManualContent, check, to_json
from ganzhi.complaints.cases.exchange import Form, Taken, shared, take_in, write
from ganzhi.complaints.cases.library import Library, case_from, manual_from
from ganzhi.complaints.cases.look import Looking
from ganzhi.complaints.cases.suggest import MOST, suggest
from ganzhi.complaints.cases.synonyms import Synonyms
from ganzhi.complaints.cases.views import SuggestedCase
from ganzhi.complaints.recognise.text import masked
from ganzhi.store.cases.records import CaseChangedError, Entry, Held

CaseAct = Literal["approve", "reject", "restore", "retire", "undo"]
ACTS: Final[tuple[CaseAct, ...]] = get_args(CaseAct)
LONGEST_OCCASION: Final = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done about an entry. version: of the record as they saw it; number: of the version to restore."""

    act: CaseAct
    version: int
    note: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """The desk of an open library."""

    library: Library

    def looking(self, viewer: Viewer) -> Looking:
        """What a viewer sees."""
        return Looking(self.library, viewer)

    # -- cases and manuals -------------------------------------------------------------------------

    def save_case(
        self, viewer: Viewer, number: int | None, content: CaseContent, *, version: int = 0, reason: str = ""
    ) -> int:
        """Write a new case, or the next version of one; its number. InputError CAS001 to CAS018, CaseChangedError."""
        viewer.require("act")
        check(self.library.place.catalogue, content, self.library.today())
        store = self.library.place.store.cases
        if number is None:
            return store.add("case", to_json(content), by=viewer.login, reason=reason).entry.number
        seen = _seen(store.numbered("case", number).entry, version)
        return store.edit(seen, to_json(content), by=viewer.login, reason=reason).entry.number

    def save_manual(self, viewer: Viewer, content: ManualContent, *, version: int = 0, reason: str = "") -> None:
        """Write the manual of a category, or its next version; errors as of `save_case`."""
        viewer.require("act")
        check(self.library.place.catalogue, content, self.library.today())
        store = self.library.place.store.cases
        there = store.manual(content.category)
        if there is None:
            store.add("manual", to_json(content), by=viewer.login, reason=reason, subject=content.category)
        else:
            store.edit(_seen(there.entry, version), to_json(content), by=viewer.login, reason=reason)

    def act_case(self, viewer: Viewer, number: int, asked: Asked) -> None:
        """Approve, reject, put in force again, retire or undo; errors of the store."""
        self._act(viewer, self.library.place.store.cases.numbered("case", number), asked)

    def act_manual(self, viewer: Viewer, category: str, asked: Asked) -> None:
        """The same for the manual of a category."""
        found = self.library.place.store.cases.manual(category)
        if found is None:
            raise InputError(Issue("CAS002", category[:64]))
        self._act(viewer, found, asked)

    def _act(self, viewer: Viewer, held: Held, asked: Asked) -> None:
        viewer.require("act")
        store, seen = self.library.place.store.cases, _seen(held.entry, asked.version)
        if asked.act in ("reject", "retire") and not asked.note.strip():
            raise InputError(Issue("CAS001", "note"))
        if asked.act == "approve":
            content = case_from(held).latest if held.entry.kind == "case" else manual_from(held).latest
            check(self.library.place.catalogue, content, self.library.today())
            store.approve(seen, by=viewer.login, note=asked.note)
        elif asked.act == "reject":
            store.reject(seen, by=viewer.login, note=asked.note)
        elif asked.act == "restore":
            store.restore(seen, asked.number, by=viewer.login, note=asked.note)
        elif asked.act == "retire":
            store.retire(seen, by=viewer.login, note=asked.note)
        else:
            store.undo(seen, by=viewer.login)

    # -- use ---------------------------------------------------------------------------------------

    def suggest(
        self,
        viewer: Viewer,
        text: str,
        category: str | None,
        product: str | None,
        *,
        occasion: str = "",
        most: int = MOST,
    ) -> tuple[SuggestedCase, ...]:
        """Cases for a complaint, counted as shown on the occasion (the ticket) where one is given."""
        today = self.library.today()
        synonyms = Synonyms.of(self.library.place.catalogue)
        found = suggest(self.library, text, category, product, today, most, synonyms)
        looking = self.looking(viewer)
        uses = self.library.place.store.case_uses
        if occasion and found:
            uses.note([each.case.entry.id for each in found], "shown", occasion=occasion, by=viewer.login)
        used = uses.used_on(occasion, viewer.login) if occasion else {}
        rows = looking.rows([each.case for each in found])
        return tuple(
            SuggestedCase(
                replace(row, words=each.words, near=each.same_category),
                each.case.content.cause,
                each.case.content.fix,
                each.case.content.wording,
                each.case.entry.id in used,
                used.get(each.case.entry.id),
            )
            for each, row in zip(found, rows, strict=True)
        )

    def opened(self, viewer: Viewer, number: int, occasion: str) -> None:
        """Count that a case was looked at; on no occasion of its own, once a day."""
        entry = self.library.place.store.cases.numbered("case", number).entry
        self.library.place.store.case_uses.note(
            [entry.id], "opened", occasion=_occasion(occasion, self.library.today()), by=viewer.login
        )

    def used(self, viewer: Viewer, number: int, occasion: str, helped: bool | None) -> None:
        """Keep that a case was used on an occasion, and whether it helped where that is said."""
        entry = self.library.place.store.cases.numbered("case", number).entry
        uses, on = self.library.place.store.case_uses, _occasion(occasion, self.library.today())
        if helped is None:
            uses.note([entry.id], "used", occasion=on, by=viewer.login)
        else:
            uses.judge(entry.id, helped=helped, occasion=on, by=viewer.login)

    def searched(self, viewer: Viewer, q: str, category: str | None, product: str | None, found: Sequence[str]) -> str:
        """Keep a search and what it showed; the id of the search."""
        uses = self.library.place.store.case_uses
        made = uses.log(
            masked(q), by=viewer.login, category=category or "", product=product or "", found=len(found),
            best=found[0] if found else None,
        )  # fmt: skip
        uses.note(found, "shown", occasion=f"search:{made}", by=viewer.login)
        return made

    # -- files -------------------------------------------------------------------------------------

    def give(self, viewer: Viewer, form: Form) -> bytes:
        """The cases that may leave, as a file, noted in the audit trail before it is made."""
        viewer.require("act")
        viewer.require_whole()
        cases = shared(self.library, self.library.today())
        self.library.place.store.audit.append(viewer.login, "case.export", form, {"cases": len(cases)})
        return write(cases, form)

    def take_in(self, viewer: Viewer, name: str, content: bytes) -> tuple[Taken, ...]:
        """Keep the cases of a file as drafts."""
        viewer.require("act")
        viewer.require_whole()
        return take_in(self.library, name, content, by=viewer.login, today=self.library.today())


def _seen(entry: Entry, version: int) -> Entry:
    """The entry as whoever acts saw it; CaseChangedError when it is another by now."""
    if version != entry.version:
        raise CaseChangedError(entry.id, version, entry.version)
    return entry


def _occasion(given: str, today: date) -> str:
    return given[:LONGEST_OCCASION] or f"day:{today.isoformat()}"
