"""The case library over three made-up cases: one in force, one that waits for a second person, one that is retired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.cases.content import CaseContent, Link, ManualContent, Origin, Step
from ganzhi.complaints.cases.desk import Asked
from ganzhi.complaints.cases.exchange import Taken
from ganzhi.complaints.cases.learning import Kept, Meeting, PeriodRow, Request, Result, Said, Training
from ganzhi.complaints.cases.views import (
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
from ganzhi.portal.ports.cases import CasePorts, ReadingPorts
from ganzhi.store.cases.records import CaseChangedError, Counts, Done, Register, RegisterKind, Search, Version
from tests.portal import numbers as n

TODAY = date(1999, 1, 23)
IDS = tuple(f"019b0000-0000-7000-8000-0000000000c{place}" for place in (1, 2, 3))
LATER = timedelta(days=180)


class Cases:
    """Answers the ports in a variant of the fake house; what is done is noted and changes nothing."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named
        self.asked: list[tuple[object, ...]] = []

    def ports(self) -> CasePorts:
        return CasePorts(
            read=ReadingPorts(
                list=self._list,
                rows=self._found,
                case=self._case,
                number_of=self._number_of,
                manuals=self._manuals,
                manual=self._manual,
                tidy=self._tidy,
                learning=self._learning,
                groups=self._groups,
                products=lambda: (Named("messaging", self._text("彩信", "Messaging")),),
                today=lambda: TODAY,
            ),
            save=self._save,
            save_manual=lambda *asked: self._note("save_manual", *asked),
            act=self._act,
            act_manual=lambda *asked: self._note("act_manual", *asked),
            opened=lambda *asked: self._note("opened", *asked),
            used=lambda *asked: self._note("used", *asked),
            searched=self._searched,
            give=lambda form: f"cases as {form}".encode(),
            take_in=self._take_in,
            note=lambda said, due: self._kept(said, 9, "planned", due),
            change=self._change,
        )

    # -- doing -------------------------------------------------------------------------------------

    def _note(self, *asked: object) -> None:
        self.asked.append(asked)

    def _save(self, number: int | None, content: CaseContent, version: int, reason: str) -> int:
        self._note("save", number, content, version, reason)
        if not content.symptom:
            raise InputError([Issue("CAS001", "symptom"), Issue("CAS013", "cause")])
        if number is not None and version != 4:
            raise CaseChangedError(IDS[0], version, 4)
        return number or 3

    def _act(self, number: int, asked: Asked) -> None:
        self._note("act", number, asked)
        if asked.version != 4:
            raise CaseChangedError(IDS[0], asked.version, 4)

    def _searched(self, q: str, category: str | None, product: str | None, found: Sequence[str]) -> str:
        self._note("searched", q, tuple(found))
        return IDS[0]

    def _take_in(self, name: str, content: bytes) -> tuple[Taken, ...]:
        self._note("take_in", name, content)
        if not content.startswith(b"{"):
            raise InputError(Issue("CAS101", name, params={"detail": "–"}))
        return Taken(1, "a", "same"), Taken(2, "b", "similar", 1)

    def _change(self, kind: RegisterKind, number: int, version: int, said: Said, state: str, due: date | None) -> Kept:
        self._note("change", kind, number, version, said, state, due)
        if version != 1:
            raise CaseChangedError(IDS[0], version, 1)
        return self._kept(said, number, state, due)

    # -- looking -----------------------------------------------------------------------------------

    def _text(self, zh: str, en: str) -> Text:
        return self._named(n.text(zh, en))

    def _said(self, text: str) -> str:
        return f'{text} "><script>alert(1)</script>' if self.variant == "hostile" else text

    def _path(self, code: str = "sms_late") -> Path:
        return Path(Named(code, self._text("短信迟发漏发", "Late messages")), self._text("短信通道", "SMS channel"))

    def _groups(self) -> tuple[tuple[Text, tuple[Named, ...]], ...]:
        return ((self._text("短信通道", "SMS channel"), (self._path().category,)),)

    def _row(self, number: int) -> CaseRow:
        usable, retired = number == 1, number == 3
        return CaseRow(
            id=IDS[number - 1],
            number=number,
            title=self._said(f"验证码收不到 {number}"),
            symptom=self._said("客户收不到验证码"),
            path=Path(Named("gone", None), None) if retired else self._path(),
            product=Named("messaging", self._text("彩信", "Messaging")) if usable else None,
            state="approved" if usable else "retired" if retired else "draft",
            usable=usable,
            waiting=number == 2,
            overdue=number == 2,
            valid_from=TODAY - LATER,
            valid_to=TODAY if retired else None,
            review_on=TODAY - timedelta(days=1) if number == 2 else TODAY + LATER,
            owner="li.na",
            shared=usable,
            changed_at=n.NOW,
            counts=Counts(9, 5, 3, 2, 1, n.NOW) if usable else Counts(),
        )

    def _found(self, query: CasesQuery) -> tuple[CaseRow, ...]:
        if self.variant == "empty":
            return ()
        wanted = {"usable": (1,), "waiting": (2,), "drafts": (2,), "retired": (3,), "mine": ()}.get(
            query.listed, (1, 2, 3)
        )
        if query.category not in (None, "sms_late"):
            return ()
        words = ("验证码",) if query.q else ()
        return tuple(replace(self._row(number), words=words) for number in wanted)

    def _list(self, query: CasesQuery) -> CasesPage:
        rows = self._found(query)
        kept = 0 if self.variant == "empty" else 3
        return CasesPage(
            query, rows, len(rows), kept, self._groups(), (self._row(1).product,) if kept else (),  # type: ignore[arg-type]
            may_act=True, waiting=1 if kept else 0,
        )  # fmt: skip

    def _content(self, number: int) -> CaseContent:
        return CaseContent(
            self._row(number).title, self._said("客户收不到验证码\n半小时后才到"), "短信中心拥塞", "查下发记录", "正在处理，请稍后再试",
            "sms_late", "messaging", "li.na", TODAY + LATER, TODAY - LATER, None, number == 1,
            Origin("finding", "019b0000-0000-7000-8000-000000000001") if number == 1 else Origin("complaint", "TS1"),
            (Link("通报", "https://example.test/a"), Link("指标", "/dictionary")),
        )  # fmt: skip

    def _version(self, number: int, state: str) -> Version:
        decided = state != "proposed"
        return Version(
            IDS[0], number, {}, state, "li.na", n.NOW, "first", "wang.wei" if decided else None, n.NOW if decided else None,  # type: ignore[arg-type]
            "ok" if decided else "", 1 if number == 3 else None,
        )  # fmt: skip

    def _case(self, number: int, version: int | None, occasion: str) -> CasePage:
        if number not in (1, 2, 3):
            raise InputError(Issue("CAS002", str(number)))
        versions = (self._version(2, "proposed"), self._version(1, "approved"))
        if version not in (None, 1, 2):
            raise InputError(Issue("CAS008", str(number), params={"number": str(version)}))
        shown = versions[0] if version == 2 else versions[1]
        acts = ("approve", "reject", "edit", "retire") if number < 3 else ("restore", "edit", "undo")
        content = self._content(number)
        return CasePage(
            row=self._row(number),
            content=content,
            shown=shown,
            versions=versions,
            changes={2: ("wording", "valid_to")},
            history=(
                Done(IDS[0], 1, n.NOW, "li.na", "add", "first", {}),
                Done(IDS[0], 2, n.NOW, "wang.wei", "approve", "ok", {}),
            ),
            wordings=(
                WordingRow(2, "正在处理，请稍后再试", TODAY - LATER, None, "wang.wei", n.NOW),
                WordingRow(1, "请稍候", TODAY - 2 * LATER, TODAY - LATER, "wang.wei", n.NOW),
            ),
            acts=acts,
            origin=content.origin.reference,
            used=bool(occasion),
            judged=True if occasion else None,
            manual=number == 1,
            version=4,
        )

    def _number_of(self, identity: str) -> int:
        if identity not in IDS:
            raise InputError(Issue("CAS002", identity[:64]))
        return IDS.index(identity) + 1

    def _manuals(self) -> tuple[ManualRow, ...]:
        if self.variant == "empty":
            return ()
        other = Path(Named("other", self._text("其他", "Other")), self._text("其他", "Other"))
        return (
            ManualRow(self._path(), usable=True, waiting=True, overdue=True, steps=2, cases=1),
            ManualRow(other, usable=False, waiting=False, overdue=False, steps=0, cases=0),
        )

    def _manual(self, category: str, version: int | None) -> ManualPage:
        if category not in ("sms_late", "other"):
            raise InputError(Issue("CAS014", category, params={"value": category}))
        nothing = ManualPage(
            self._path(category), None, None, (), (), None, usable=False, overdue=False, acts=("edit",), counts=Counts(), cases=(), version=0
        )  # fmt: skip
        if category == "other" or self.variant == "empty":
            return nothing
        steps = (Step(self._said("查下发记录"), "请稍候"), Step("请客户检查拦截记录"))
        content = ManualContent(category, steps, "网络部", "li.na", TODAY + LATER, TODAY - LATER)
        versions = (self._version(2, "proposed"), self._version(1, "approved"))
        return replace(
            nothing, content=content, shown=versions[0] if version == 2 else versions[1], versions=versions, state="approved",
            usable=version != 2, overdue=True, acts=("approve", "reject", "edit", "retire"), cases=(self._row(1),), version=4,
            history=(Done(IDS[0], 1, n.NOW, "li.na", "add", "", {}),),
        )  # fmt: skip

    def _tidy(self) -> TidyPage:
        if self.variant == "empty":
            return TidyPage((), (), (), None, (), (), (), (), (), 0)
        one, two, three = (self._row(number) for number in (1, 2, 3))
        search = Search(IDS[0], n.NOW, "li.na", self._said("充值卡刮花了"), "", "", 0, None)
        return TidyPage((two,), (), (one,), ((one, two),), (one,), (three,), (two,), self._manuals()[:1], (search,), 4)

    def _learning(self) -> LearningPage:
        quarter = PeriodRow("1999-Q1", date(1999, 1, 1), date(1999, 3, 31), "untested", 1)
        results = tuple(Result(f"A{place}", 60, 66 + place) for place in range(7))
        held = Training(self._said("短信热点"), ("cases", "tools"), "前台", "李娜", "", TODAY, results)
        plan = Training("宽带", ("introduction",))
        few = replace(held, results=results[:2])
        meeting = Meeting(self._said("季度交流"), "small", "三个案例")
        request = Request(self._said("带出小区告警"), "要另开系统", "presentation")
        if self.variant == "empty":
            one = self._kept(replace(held, results=()), 1, "held", TODAY)
            asked = self._kept(request, 1, "collected", None)
            return LearningPage((one,), (), (asked,), (quarter,), (), (), frozenset(), may_act=True, today=TODAY)
        late = self._kept(plan, 2, "planned", TODAY - timedelta(days=3))
        return LearningPage(
            (self._kept(few, 3, "held", TODAY), late, self._kept(held, 1, "held", TODAY)),
            (self._kept(meeting, 1, "planned", TODAY + timedelta(days=9)),),
            (self._kept(request, 1, "collected", None),),
            (quarter, replace(quarter, key="1998-Q4", standing="missed", held=0)),
            (replace(quarter, standing="planned"),),
            (replace(quarter, key="1999", standing="due"),),
            frozenset({late.register.id}),
            may_act=True,
            today=TODAY,
        )

    def _kept(self, said: Said, number: int, state: str, due: date | None) -> Kept:
        kind: RegisterKind = (
            "training" if isinstance(said, Training) else "meeting" if isinstance(said, Meeting) else "request"
        )
        return Kept(Register(f"{kind}{number}", kind, number, state, due, {}, "li.na", n.NOW, "li.na", n.NOW, 1), said)
