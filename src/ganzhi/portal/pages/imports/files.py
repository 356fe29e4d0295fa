"""Templates, and refused rows to put right, as files."""

from __future__ import annotations

from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.context import ExportNote
from ganzhi.portal.page import Download
from ganzhi.portal.pages.imports import shared
from ganzhi.portal.visit import Visit


def _template(visit: Visit, kind: str) -> bytes:
    ports, feed, form = shared.ports_of(visit), visit.text("feed"), visit.text("form")
    if feed is None or form is None:
        raise InputError(Issue("POR005", "feed" if feed is None else "form"))
    return ports.template(feed, form, kind, visit.lang)


def refused_rows(visit: Visit) -> bytes:
    """The refused rows of a load; taking them is in the audit trail before a byte is sent."""
    load = visit.codes["load"]
    body, feed, rows = shared.ports_of(visit).refused_rows(load, visit.lang)
    visit.context.exported(ExportNote(visit.context.user, feed, f"refused={load}", "csv", rows))
    return body


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE_CSV = Download(
    f"{shared.PATH}/template.csv", "template.csv", "text/csv", lambda visit: _template(visit, "csv")
)
TEMPLATE_XLSX = Download(f"{shared.PATH}/template.xlsx", "template.xlsx", _XLSX, lambda visit: _template(visit, "xlsx"))
REFUSED_ROWS = Download(f"{shared.PATH}/loads/{{load}}/refused.csv", "refused.csv", "text/csv", refused_rows)
