"""Complaints over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable

from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.board import Board, BoardQuery, PlaceRow, ProductRow
from ganzhi.complaints.hotspots import ALL, BACK, QUALITY, Cell, HotSpots
from ganzhi.complaints.phrases import Phrase, Phrases
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
        return ComplaintPorts(board=self.board)

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
