"""The import port over made-up view models: a feed, an upload that waits, a load with refused rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.arrival import LoadRow, RejectedRow, RejectsPage
from ganzhi.measure.views.imports.pages import (
    AskedColumn,
    Counts,
    FeedChoice,
    FormChoice,
    ImportsPage,
    PreviewPage,
    ResultPage,
    Waiting,
)
from ganzhi.measure.views.record import CountedIn, OpenedFrom, RecordField, RecordKey, RecordPage, Unmasked
from ganzhi.portal.ports.imports import ImportPorts, RowPorts
from tests.portal import numbers as n

UPLOAD = "019b0000-0000-7000-8000-0000000000aa"
COUNTS = Counts(1_204, 1_180, 12, 4, 0, 8, 3, 1)


def _import_ports(
    variant: str, named: Callable[[Text], Text], attack: str, load: LoadRow, rows: tuple[RejectedRow, ...]
) -> ImportPorts:
    """The ports; `attack` stands in front of whatever a file may hold."""
    form = FormChoice("own_csv.payments", named(n.text("本数据源的列", "Its own columns")), "csv", "", own=True)
    feed = FeedChoice("payments", named(n.text("缴费", "Payments")), (form,))
    column = AskedColumn(
        "paid_at", named(n.text("时间", "Time")), "timestamp", True, (), "%Y-%m-%d", "2026-01-31", True
    )
    until = n.NOW + timedelta(hours=24)
    waiting = Waiting(UPLOAD, "payments", feed.name, form.code, f"{attack}pay.csv", 81_234, n.NOW, until)
    page = ImportsPage((feed,), None, None, (), (waiting,), (load,), 64 << 20, 24, bound=False)
    preview = PreviewPage(
        waiting, "accepted", None, COUNTS, (("ING124", 8),), (), rows, (date(1999, 1, 30), date(1999, 1, 31))
    )
    result = ResultPage(load, "wang", (), rows, len(rows), 1, 1, (), None, correctable=True, refreshed=False)

    def asked(wanted: str | None, _: str | None) -> ImportsPage:
        if variant == "empty":
            return replace(page, feeds=(), waiting=(), recent=())
        return page if wanted is None else replace(page, feed=feed, form=form, columns=(column,))

    def looked(upload: str) -> PreviewPage:
        if upload != UPLOAD:
            raise InputError(Issue("IMP001", upload[:40]))
        return preview

    def came(wanted: str, _: int) -> ResultPage:
        if wanted != load.id:
            raise InputError(Issue("REQ016", wanted[:64]))
        return result

    return ImportPorts(
        page=asked,
        template=lambda feed, form, kind, lang: b"paid_at\r\n2026-01-31\r\n",
        receive=lambda feed, form, name, content: UPLOAD,
        became=lambda upload: None,
        look=looked,
        commit=lambda upload: load.id,
        discard=lambda upload: None,
        result=came,
        refused_rows=lambda load, lang: (b"_load,_line\r\n", "payments", len(rows)),
        correct=lambda load, name, content: load,
        again=lambda load: load,
    )


def _row_ports(named: Callable[[Text], Text], attack: str, load: LoadRow) -> RowPorts:
    title = named(n.text("客户编号", "Customer"))
    fields = (
        RecordField("customer_id", title, "text", "personal", "9****91", None, masked=True),
        RecordField(
            "call_type", named(n.text("来话类型", "Call type")), "text", "none", f"{attack}PS", None, masked=False
        ),
    )
    counted = (CountedIn("hotline.answer_rate", named(n.text("接通率", "Answer rate")), "KPI", ("denominator",)),)
    name = named(n.text("话务", "Calls"))

    def record(feed: str, given: str, line: str, opened: OpenedFrom | None) -> RecordPage:
        if (feed, given) != ("calls", load.id) or line not in ("2", "3"):
            raise InputError(Issue("REC001", line[:20], params={"feed": feed[:64], "load": given[:64]}))
        key, unit, at = RecordKey(load.id, 2), named(n.UNITS["AB-2"]), load.finished_at or n.NOW
        file, day = f"{attack}{load.file}", date(1999, 1, 4)
        return RecordPage(feed, name, name, key, file, load.mapping, at, "AB-2", unit, day, True, fields, counted)

    return RowPorts(record, lambda feed, given, line, column, reason: Unmasked({"customer_id": "9664491"}, 7))


def handed_in(
    variant: str,
    named: Callable[[Text], Text],
    load: Callable[[], LoadRow],
    rejects: Callable[[str, int], RejectsPage],
) -> dict[str, Any]:
    """The ports of the import port and of single records."""
    attack = '"><script>alert(3)</script>=1+1 ' if variant == "hostile" else ""
    rows = rejects(load().id, 1).rows
    return {
        "imports": _import_ports(variant, named, attack, load(), rows),
        "rows": _row_ports(named, attack, load()),
    }
