"""Complaints over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.board import Board, BoardQuery, PlaceRow, ProductRow
from ganzhi.complaints.desk.process.splits import PartiesPage, WorthPage
from ganzhi.complaints.hotspots import ALL, BACK, QUALITY, Cell, HotSpots
from ganzhi.complaints.phrases import Phrase, Phrases
from ganzhi.complaints.tickets.parties import By, Evidence, Judged, Parties, PartyRow
from ganzhi.complaints.tickets.read import Ticket
from ganzhi.complaints.tickets.worth import Weighed, Worth, WorthRow
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.ports.complaints import ComplaintPorts
from tests.portal import numbers as n

Named = Callable[[Text], Text]


class Complaints:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, scope: Callable[[PageQuery], Scope], named: Named, *, lists: bool = True) -> None:
        self.variant, self._scope, self._named, self._lists = variant, scope, named, lists

    def ports(self) -> ComplaintPorts:
        return ComplaintPorts(board=self.board, parties=self.parties, worth=self.worth)

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
