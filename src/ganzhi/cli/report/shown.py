"""A report on the command line: its sections and tables as text, or whole as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ganzhi.cli.command import Call
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ganzhi.base.periods import Period
    from ganzhi.complaints.reports.document import Report
    from ganzhi.complaints.reports.document import Table as ReportTable

RIGHT = ("count", "number", "change", "share", "chance", "reading")
WIDEST = 40


def show_report(call: Call, found: Report, period: Period, form: str, out: Path | None) -> None:
    """Print a report or write it to a file. form: `table` or `json`."""
    from ganzhi.complaints.reports.document import to_json
    from ganzhi.complaints.reports.wording import remark_text, title

    if form == "json":
        text = as_json([to_json(found)])
    else:
        lines = (
            title(call.lang, found.kind, period),
            remark_text(call.lang, found.headline),
            "",
            *_sections(call, found, period.zone),
        )
        text = "\n".join(lines) + "\n"
    write_out(text.encode(), out, sys.stdout.buffer)


def _sections(call: Call, found: Report, zone: ZoneInfo) -> Iterator[str]:
    from ganzhi.complaints.reports.wording import remark_text

    for section in found.sections if found.known else ():
        yield f"# {call.text(f'creport.section.{found.kind}.{section.key}')}"
        yield from (remark_text(call.lang, each) for each in section.remarks)
        for each in section.tables:
            if len(section.tables) > 1:
                yield call.text(f"creport.table.{each.key}")
            yield _table(call, each, zone) if each.rows else call.text(f"creport.none.{each.key}")
            yield ""


def _table(call: Call, found: ReportTable, zone: ZoneInfo) -> str:
    from ganzhi.complaints.reports.wording import plain_text

    columns = [
        Column(call.text(f"creport.column.{c.key}"), "right" if c.form in RIGHT else "left", WIDEST) for c in found.columns
    ]  # fmt: skip
    rows = [
        [plain_text(call.lang, c, value, zone) for c, value in zip(found.columns, row.cells, strict=True)]
        for row in found.rows
    ]
    return table(columns, rows)
