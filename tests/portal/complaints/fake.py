"""Complaints over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.taxonomy import IssueRegister
from ganzhi.complaints.analysis.partition import Node, Partition
from ganzhi.complaints.board import Board, BoardQuery, PlaceRow, ProductRow
from ganzhi.complaints.desk.process.splits import PartiesPage, WorthPage
from ganzhi.complaints.enquiries import Topic, Topics
from ganzhi.complaints.hotspots import ALL, BACK, QUALITY, Cell, HotSpots
from ganzhi.complaints.phrases import Phrase, Phrases
from ganzhi.complaints.shelf import ClassRow, EnquiriesPage, IssuesPage, TaxonomyPage, TimesPage
from ganzhi.complaints.tickets.parties import By, Evidence, Judged, Parties, PartyRow
from ganzhi.complaints.tickets.read import Ticket
from ganzhi.complaints.tickets.worth import Weighed, Worth, WorthRow
from ganzhi.complaints.times import Cut, StepTime, Times
from ganzhi.complaints.versions import ClassChange, TaxonomyVersion
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.ports.complaints import ComplaintPorts
from tests.portal import numbers as n
from tests.portal.fake_catalogue import NEW, OLD

Named = Callable[[Text], Text]


class Complaints:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, scope: Callable[[PageQuery], Scope], named: Named, *, lists: bool = True) -> None:
        self.variant, self._scope, self._named, self._lists = variant, scope, named, lists

    def ports(self) -> ComplaintPorts:
        return ComplaintPorts(
            board=self.board, parties=self.parties, worth=self.worth, taxonomy=self.taxonomy, issues=self.issues,
            enquiries=self.enquiries, times=self.times,
        )  # fmt: skip

    def taxonomy(self, query: PageQuery) -> TaxonomyPage:
        scope, empty = self._scope(query), self.variant == "empty"
        domain, gone = self._named(n.text("网络", "Network")), date(1998, 12, 31)
        words, count = ("掉线", "断线"), None if empty else 40
        calls, old = (self._named(n.text(*each)) for each in (("通话", "Calls"), ("旧类", "Old")))
        rows = (
            ClassRow("network", domain, domain, "PS", calls, (domain,), words, False, None, None, None, count, False),
            ClassRow("network", domain, None, "old", old, (), (), True, gone, gone, domain, None, not empty),
        )
        check = Partition(Node("", 40, 40), (Node("network", 40, 39 if self.variant == "hostile" else 40),), {})
        took = ClassChange("changed", "network", "PS", calls, ("name", "valid_to"))
        known = (
            NEW,
            OLD,
            n.NOW,
            "=li.na",
            "改名",
            gone,
            2,
            (took, ClassChange("added", "network", None, domain)),
        )
        versions = (TaxonomyVersion(*known), TaxonomyVersion(OLD, None, n.NOW, None, None, None, 1, ()))
        found = () if empty else rows, None if empty else check
        return TaxonomyPage(scope, *found, NEW, self._lists, () if empty else versions)

    def issues(self) -> IssuesPage:
        text = {"zh": "提醒不到", "en": "Reminders are late"}
        issue = {
            "number": 1,
            "issue": text,
            "issue_class": "other",
            "example": text,
            "root_cause": text,
            "document": text,
            "theme": text,
        }
        register = IssueRegister.model_validate({"name": text, "classes": {"other": {"name": text}}, "issues": [issue]})
        return IssuesPage({} if self.variant == "empty" else {"service_issues": register}, NEW)

    def enquiries(self, query: PageQuery) -> EnquiriesPage:
        scope = self._scope(query)
        name = self._named(n.text("套餐", "Plans"))
        topic = Topic("PS", name, 28, 0.7, 9.5, 0.0001, True, (9, 10, 28))
        found = Topics(scope.unit, scope.period, 40, (scope.period,), () if self.variant == "empty" else (topic,))
        return EnquiriesPage(scope, found if scope.period.grain in BACK else None, self._lists)

    def times(self, query: PageQuery, by: Cut) -> TimesPage:
        scope, start = self._scope(query), self._scope(query).period.start
        count = {"empty": 0, "many": 120}.get(self.variant, 3)
        found = tuple(
            StepTime(f"GD{k}", f"TS{1 + k % 4}", {"unit": "AB", "department": "网络部", "business": "", "flow_step": "handle"}, start,
                     start + timedelta(hours=30), 108_000, 36_000)
            for k in range(count)
        )  # fmt: skip
        rows = (Times((found[0].keys[by],), count, 108_000 * count, 36_000 * count),) if found else ()
        return TimesPage(scope, by, rows, found, {"网络部": self._named(n.text("网络部", "Network"))})

    def _tickets(self, scope: Scope) -> tuple[Ticket, ...]:
        """Complaints of the period: `many` has more than a page shows; none where it is empty."""
        count = {"empty": 0, "many": 120}.get(self.variant, 7)
        start = scope.period.start
        return tuple(
            Ticket(f"TS{1 + each % 4}", "complaint", start, scope.unit, who=f"C{each % 3}", category="network_voice",
                   department="网络部", responsibility="provider" if each % 2 else None, due_at=start + timedelta(hours=8),
                   closed_at=start + timedelta(hours=5 + each % 5))
            for each in range(count)
        )  # fmt: skip

    def parties(self, query: PageQuery, by: By) -> PartiesPage:
        scope = self._scope(query)
        said = '"><script>alert(1)</script>' if self.variant == "hostile" else "查单据"
        pieces = (
            Evidence("desk", said, "li", n.NOW), Evidence("step", "GD1", "网络部", n.NOW), Evidence("report", "BZ1", "radio", n.NOW),
        )  # fmt: skip
        found = [
            Judged(
                each,
                "network",
                each.responsibility,
                "desk" if at == 1 else "record" if each.responsibility else None,
                pieces[at % 4 :],
            )
            for at, each in enumerate(self._tickets(scope))
        ]
        codes = ("provider", "customer")
        counts: dict[str, int | None] = {c: sum((e.party or "none") == c for e in found) for c in (*codes, "none")}
        shown = sum(e.party is not None and bool(e.evidence) for e in found)
        row = PartyRow("network", len(found), counts, shown)
        whole = PartyRow("", len(found), counts, shown)
        names = {
            "key:network": self._named(n.text("网络部", "Network")), "party:provider": self._named(n.text("服务方", "Provider")),
            "party:customer": self._named(n.text("客户方", "Customer")), "report:radio": self._named(n.text("无线网络", "Radio network")),
        }  # fmt: skip
        report = Parties(
            by, scope.unit, scope.period.start, scope.period.end, codes, (row,) if found else (), whole,
            tuple(found) if self._lists else (), False,
        )  # fmt: skip
        return PartiesPage(scope, report, names, self._lists)

    def worth(self, query: PageQuery) -> WorthPage:
        scope = self._scope(query)
        found = [
            Weighed(each, "top" if at % 3 else "none", at == 0, (each.closed_at or n.NOW) - each.received_at)
            for at, each in enumerate(self._tickets(scope))
        ]

        def row(key: str, those: list[Weighed]) -> WorthRow:
            kept = sum((e.took or timedelta(0)) <= timedelta(hours=8) for e in those)
            seconds = sum((e.took or timedelta(0)) // timedelta(seconds=1) for e in those)
            who, again, n_of = len({e.ticket.who for e in those}), sum(e.repeated for e in those), len(those)
            return WorthRow(key, n_of, who, again, 0, n_of, seconds, n_of, kept)

        rows = tuple(row(key, [e for e in found if e.key == key]) for key in ("top", "none"))
        report = Worth(scope.unit, scope.period.start, scope.period.end, rows, row("", found), tuple(found) if self._lists else (), False)  # fmt: skip
        return WorthPage(scope, report, {"key:top": self._named(n.text("最有价值客户", "Most valuable"))}, self._lists)

    def board(self, query: PageQuery, asked: BoardQuery) -> Board:
        scope = self._scope(query)
        judged = scope.period.grain in BACK
        empty = self.variant == "empty"
        said = '"><script>alert(1)</script>' if self.variant == "hostile" else "验证码收不到"
        cells = () if empty or not judged else self._cells(scope)
        phrases = Phrases(
            scope.unit,
            scope.period,
            0 if empty else 351,
            93,
            () if empty else (Phrase(said, 25, 1, 3.8, 6.1, ("c1",)),),
        )
        name = self._named(n.text("彩信", "Messaging"))
        products = (
            ProductRow("messaging", name, 120, 48_000, 25.0, 1, None),
            ProductRow("wlan", name, 9, None, None, None, 1),
        )
        places = (PlaceRow("AB", self._named(n.text("临江", "Linjiang")), 67, 0.191, 0.153, 0.236, 0.12),)
        return Board(
            scope=scope,
            quality=asked.quality,
            judged=judged,
            spots=HotSpots(
                QUALITY if asked.quality else ALL, scope.unit, scope.period, 0 if empty else 351, 36, 8, cells
            ),
            products=() if empty else products,
            places=() if empty else places,
            phrases=phrases if self._lists and judged else None,
            records=False,
        )

    def _cells(self, scope: Scope) -> tuple[Cell, ...]:
        reason, place = (
            self._named(n.text(zh, en)) for zh, en in (("话费质疑", "Doubts about charges"), ("临江", "Linjiang"))
        )
        line = (3, 2, None, 4, 308)
        return (
            Cell(("reason",), ("charge_doubt",), (reason,), 308, 0.877, 1, 308, 2.2, 0.0, line, True, True, scope.unit,
                 {"complaint_category": "charge_doubt"}, ((reason, place),), (place,)),
            Cell(("reason", "place"), ("sms_late", "AB"), (reason, place), 14, 0.04, 2, 19, 3.1, 0.0042, line, False, True, "AB",
                 {"complaint_category": "sms_late"}),
            Cell(("place",), ("AB",), (place,), 67, 0.191, 1, 67, float("nan"), 1.0, line, True, False, "AB", {}),
        )  # fmt: skip
