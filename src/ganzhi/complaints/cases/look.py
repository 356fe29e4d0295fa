"""What a viewer sees of the library: lists, one case, manuals, what to tidy, and what surrounds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.cases.content import CaseContent, case_of, categories, changed, manual_of
from ganzhi.complaints.cases.learning import late, list_kept, periods
from ganzhi.complaints.cases.library import Case, Library, Manual, case_from, manual_from
from ganzhi.complaints.cases.suggest import deciding, widened
from ganzhi.complaints.cases.synonyms import Synonyms
from ganzhi.complaints.cases.tidy import NOTHING, tidy
from ganzhi.complaints.cases.views import (
    SHOWN,
    CasePage,
    CaseRow,
    CasesPage,
    CasesQuery,
    LearningPage,
    ManualPage,
    ManualRow,
    Named,
    Path,
    TidyPage,
    WordingRow,
)
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.numerics.text.rank import best_of
from ganzhi.store.cases.cases import PROGRAMS, REVERSIBLE
from ganzhi.store.cases.records import Counts, Done, Held, Version
from ganzhi.store.open import Store

SNIPPET = 140
RANKED = 200
"""Cases that a search ranks; what comes behind answers nothing."""


@dataclass(frozen=True)
class Looking:
    """The library through a viewer's eyes."""

    library: Library
    viewer: Viewer

    @property
    def may_act(self) -> bool:
        """Whether the viewer writes and decides."""
        return self.viewer.may("act")

    @property
    def _store(self) -> Store:
        return self.library.place.store

    # -- cases -------------------------------------------------------------------------------------

    def found(self, query: CasesQuery) -> CasesPage:
        """A page of the list."""
        today = self.library.today()
        found = self._ranked(query, today) if query.q.strip() else self._ordered(query, today)
        first = (query.page - 1) * SHOWN
        shown = found[first : first + SHOWN]
        rows = self.rows([case for case, _ in shown])
        visible = [each for each in self.library.cases() if self.may_act or each.entry.state == "approved"]
        return CasesPage(
            query=query,
            rows=tuple(replace(row, words=words) for row, (_, words) in zip(rows, shown, strict=True)),
            total=len(found),
            kept=len(visible),
            categories=self._grouped(today),
            products=self._products(visible),
            may_act=self.may_act,
            waiting=sum(each.waiting for each in visible) if self.may_act else 0,
        )

    def every(self, query: CasesQuery) -> tuple[CaseRow, ...]:
        """All rows under the conditions, for files."""
        today = self.library.today()
        found = self._ranked(query, today) if query.q.strip() else self._ordered(query, today)
        rows = self.rows([case for case, _ in found])
        return tuple(replace(row, words=words) for row, (_, words) in zip(rows, found, strict=True))

    def _chosen(self, query: CasesQuery, today: date) -> list[Case]:
        return [
            each
            for each in self.library.cases()
            if self._listed(each, query.listed, today)
            and (query.category is None or each.content.category == query.category)
            and (query.product is None or each.content.product == query.product)
        ]

    def _listed(self, case: Case, listed: str, today: date) -> bool:
        """Whether a case stands in a list; who may not act sees what is in force."""
        if listed == "usable":
            return case.usable(today)
        if not self.may_act:
            return listed == "all" and case.usable(today)
        state = case.entry.state
        chosen = {
            "waiting": case.waiting,
            "drafts": state == "draft",
            "mine": case.content.owner == self.viewer.login,
            "retired": state == "retired",
        }
        return chosen.get(listed, True)

    def _ranked(self, query: CasesQuery, today: date) -> list[tuple[Case, tuple[str, ...]]]:
        """What has something in common with the words asked for, best first."""
        index = self.library.index() if query.listed == "usable" else self.library.whole()
        asked, chosen = cleaned(query.q), {each.entry.id for each in self._chosen(query, today)}
        kept = np.array([each.entry.id in chosen for each in index.cases], dtype=bool)
        meant = Synonyms.of(self.library.place.catalogue).meant(asked, today)
        scores = np.where(kept, widened(index.ranking, asked, meant), 0.0) if len(kept) else np.zeros(0)
        return [(index.cases[hit.at], deciding(index.ranking, asked, hit.at)) for hit in best_of(scores, RANKED)]

    def _ordered(self, query: CasesQuery, today: date) -> list[tuple[Case, tuple[str, ...]]]:
        chosen, counts = self._chosen(query, today), self.library.counts()

        def order(case: Case) -> tuple[float, int]:
            own = counts.get(case.entry.id, NOTHING)
            by = {
                "new": -case.entry.changed_at.timestamp(),
                "used": -own.used,
                "helped": own.not_helped - own.helped,
                "number": case.entry.number,
            }
            return float(by[query.sort]), case.entry.number

        return [(each, ()) for each in sorted(chosen, key=order)]

    def rows(self, cases: Sequence[Case]) -> tuple[CaseRow, ...]:
        """Cases as rows of a list."""
        today, counts = self.library.today(), self.library.counts()
        return tuple(self._row(each, today, counts.get(each.entry.id, NOTHING)) for each in cases)

    def _row(self, case: Case, today: date, counts: Counts) -> CaseRow:
        said, entry = case.content, case.entry
        product = None
        if said.product:
            declared = self.library.place.catalogue.products.get(said.product)
            product = Named(said.product, None if declared is None else declared.name)
        line = " ".join(said.symptom.split())
        return CaseRow(
            id=entry.id,
            number=entry.number,
            title=said.title,
            symptom=line if len(line) <= SNIPPET else line[: SNIPPET - 1] + "…",
            path=self.path(said.category),
            product=product,
            state=entry.state,
            usable=case.usable(today),
            waiting=case.waiting and self.may_act,
            overdue=said.review_on < today and entry.state != "retired",
            valid_from=said.valid_from,
            valid_to=said.valid_to,
            review_on=said.review_on,
            owner=said.owner,
            shared=said.shared,
            changed_at=entry.changed_at,
            counts=counts,
        )

    def page(self, number: int, shown: int | None = None, occasion: str = "") -> CasePage:
        """One case, in the version in force or another one.

        Raises: InputError CAS002, also for what the viewer may not see; CAS008 for a version that is not there.
        """
        held = self._store.cases.numbered("case", number)
        case = case_from(held)
        if not self.may_act and (case.in_force is None or case.entry.state == "draft"):
            raise InputError(Issue("CAS002", str(number)))
        versions = self._store.cases.versions(held.entry.id)
        version = _version(versions, shown, held)
        if not self.may_act and version.state != "approved":
            raise InputError(Issue("CAS008", str(number), params={"number": str(version.number)}))
        content, history = case_of(version.content), self._store.cases.history(held.entry.id)
        used = self._store.case_uses.used_on(occasion, self.viewer.login) if occasion else {}
        said = {each.number: case_of(each.content) for each in versions}
        numbers = sorted(said)
        return CasePage(
            row=self.rows([case])[0],
            content=content,
            shown=version,
            versions=versions if self.may_act else tuple(each for each in versions if each.state == "approved"),
            changes={after: changed(said[before], said[after]) for before, after in pairwise(numbers)},
            history=history if self.may_act else (),
            wordings=_wordings(versions),
            acts=self._acts(held, history, version),
            origin=content.origin.reference if self.viewer.may("list") else None,
            used=held.entry.id in used,
            judged=used.get(held.entry.id),
            manual=self.library.manual(content.category, self.library.today()) is not None,
            version=held.entry.version,
        )

    def number_of(self, identity: str) -> int:
        """The number of the case with this id; InputError CAS002."""
        entry = self._store.cases.get(identity).entry
        if entry.kind != "case":
            raise InputError(Issue("CAS002", identity[:64]))
        return entry.number

    def _acts(self, held: Held, history: Sequence[Done], shown: Version) -> tuple[str, ...]:
        """What the viewer may do about an entry, looking at a version of it."""
        if not self.may_act:
            return ()
        entry, latest = held.entry, held.latest
        program = self.viewer.login.partition(":")[0] in PROGRAMS
        found = []
        if latest.state == "proposed":
            found += ["approve"] if latest.made_by != self.viewer.login and not program else []
            found += ["reject"]
        if shown.state == "approved" and not (entry.state == "approved" and entry.in_force == shown.number):
            found += ["restore"]
        found += ["edit"]
        found += ["retire"] if entry.state != "retired" else []
        last = history[-1] if history else None
        if last is not None and last.act in REVERSIBLE and last.actor == self.viewer.login:
            found += ["undo"]
        return tuple(found)

    # -- manuals -----------------------------------------------------------------------------------

    def manuals(self) -> tuple[ManualRow, ...]:
        """Every category with its manual, in the order of the taxonomy."""
        today = self.library.today()
        usable = [each for each in self.library.cases() if each.usable(today)]
        return tuple(
            self._manual_row(code, sum(each.content.category == code for each in usable), today)
            for code in categories(self.library.place.catalogue, today)
        )

    def _manual_row(self, category: str, cases: int, today: date) -> ManualRow:
        found = self.library.manuals().get(category)
        said = None if found is None else found.in_force
        usable = found is not None and found.usable(today)
        return ManualRow(
            path=self.path(category),
            usable=usable,
            waiting=found is not None and found.waiting and self.may_act,
            overdue=usable and said is not None and said.review_on < today,
            steps=len(said.steps) if said is not None and usable else 0,
            cases=cases,
        )

    def manual(self, category: str, shown: int | None = None) -> ManualPage:
        """The manual of a category, in the version in force or another one; InputError CAS014 for no category."""
        today = self.library.today()
        held = self._store.cases.manual(category)
        if category not in categories(self.library.place.catalogue, today) and held is None:
            raise InputError(Issue("CAS014", category[:64], params={"value": category[:60]}))
        mine = [each for each in self.library.cases() if each.usable(today) and each.content.category == category]
        rows = sorted(self.rows(mine), key=lambda row: (row.counts.not_helped - row.counts.helped, row.number))
        empty = ManualPage(
            self.path(category), None, None, (), (), None, usable=False, overdue=False,
            acts=("edit",) if self.may_act else (), counts=NOTHING, cases=tuple(rows), version=0,
        )  # fmt: skip
        if held is None or (not self.may_act and held.in_force is None):
            return empty
        manual, versions = manual_from(held), self._store.cases.versions(held.entry.id)
        version = _version(versions, shown, held)
        if not self.may_act and version.state != "approved":
            raise InputError(Issue("CAS008", category[:64], params={"number": str(version.number)}))
        return self._manual_page(empty, manual, versions, version, today)

    def _manual_page(
        self, empty: ManualPage, manual: Manual, versions: tuple[Version, ...], version: Version, today: date
    ) -> ManualPage:
        entry = manual.entry
        history = self._store.cases.history(entry.id)
        return replace(
            empty,
            content=manual_of(version.content),
            shown=version,
            versions=versions if self.may_act else tuple(each for each in versions if each.state == "approved"),
            history=history if self.may_act else (),
            state=entry.state,
            usable=manual.usable(today) and version.number == entry.in_force,
            overdue=manual.in_force is not None and manual.in_force.review_on < today,
            acts=self._acts(manual.held, history, version),
            counts=self.library.counts().get(entry.id, NOTHING),
            version=entry.version,
        )

    # -- what surrounds it -------------------------------------------------------------------------

    def tidy(self) -> TidyPage:
        """What there is to tidy; for who may act."""
        self.viewer.require("act")
        today, now = self.library.today(), self.library.place.clock.now()
        found = tidy(self.library, today, now)
        usable = [each for each in self.library.cases() if each.usable(today)]
        clusters = None if found.alike is None else tuple(self.rows(each) for each in found.alike)
        return TidyPage(
            overdue=self.rows(found.overdue),
            expiring=self.rows(found.expiring),
            unused=self.rows(found.unused),
            alike=clusters,
            unhelpful=self.rows(found.unhelpful),
            homeless=self.rows(found.homeless),
            waiting=self.rows(found.waiting),
            manuals=tuple(
                self._manual_row(code, sum(case.content.category == code for case in usable), today)
                for code in (each.entry.subject for each in found.manuals)
            ),
            searches=self._store.case_uses.searches(50, without_answer=True) if self.viewer.whole else (),
            total=found.total,
        )

    def learning(self) -> LearningPage:
        """Trainings, meetings and requests."""
        today, registers = self.library.today(), self._store.case_registers
        trainings, meetings = list_kept(registers, "training"), list_kept(registers, "meeting")
        small, large = ([each for each in meetings if each.said.size == size] for size in ("small", "large"))
        return LearningPage(
            trainings=trainings,
            meetings=meetings,
            requests=list_kept(registers, "request"),
            quarters=periods(trainings, today, "quarter"),
            small=periods(small, today, "quarter"),
            large=periods(large, today, "year"),
            late=frozenset(each.register.id for each in (*trainings, *meetings) if late(each, today)),
            may_act=self.may_act,
            today=today,
        )

    # -- names -------------------------------------------------------------------------------------

    def path(self, category: str) -> Path:
        """A category with its domain; names None where it is not in the taxonomy."""
        for domain in self.library.place.catalogue.problem_domains.values():
            if category in domain.categories:
                return Path(Named(category, domain.categories[category].name), domain.name)
        return Path(Named(category, None), None)

    def _grouped(self, today: date) -> tuple[tuple[Text, tuple[Named, ...]], ...]:
        """The categories of today by domain."""
        domains, known = self.library.place.catalogue.problem_domains, categories(self.library.place.catalogue, today)
        return tuple(
            (domain.name, tuple(Named(code, each.name) for code, each in domain.categories.items() if code in known))
            for domain in domains.values()
        )

    def _products(self, cases: Iterable[Case]) -> tuple[Named, ...]:
        """The products that cases are about, in the order of the catalogue."""
        used = {each.content.product for each in cases}
        products = self.library.place.catalogue.products
        return tuple(Named(code, product.name) for code, product in products.items() if code in used)

    def products(self) -> tuple[Named, ...]:
        """Every product, to choose from."""
        return tuple(Named(code, each.name) for code, each in self.library.place.catalogue.products.items())

    def groups(self) -> tuple[tuple[Text, tuple[Named, ...]], ...]:
        """The categories by domain, to choose from."""
        return self._grouped(self.library.today())


def _version(versions: Sequence[Version], shown: int | None, held: Held) -> Version:
    """The version asked for, else the one in force, else the last."""
    if shown is None:
        return held.in_force or held.latest
    found = next((each for each in versions if each.number == shown), None)
    if found is None:
        raise InputError(Issue("CAS008", str(held.entry.number), params={"number": str(shown)}))
    return found


def _wordings(versions: Sequence[Version]) -> tuple[WordingRow, ...]:
    """The wordings that were in force, newest first; equal ones that follow each other once, by their first approval."""
    found: list[WordingRow] = []
    for each in sorted(versions, key=lambda version: version.number):
        if each.state != "approved" or each.decided_at is None:
            continue
        said: CaseContent = case_of(each.content)
        last = found[-1] if found else None
        if last is None or (last.text, last.first, last.last) != (said.wording, said.valid_from, said.valid_to):
            found.append(
                WordingRow(
                    each.number, said.wording, said.valid_from, said.valid_to, each.decided_by or "", each.decided_at
                )
            )
    return tuple(reversed(found))
