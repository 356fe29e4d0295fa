"""Addresses of the pages about reports of complaints and their sources."""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.complaints.reports.document import Kind
from ganzhi.portal.links import WHERE_PREFIX, url

PATHS: Mapping[str, str] = {
    "daily": "/complaints/daily",
    "weekly": "/complaints/weekly",
    "monthly": "/complaints/monthly",
}
SOURCE = "/complaints/source"
SHELF: Mapping[str, str] = {name: f"/complaints/{name}" for name in ("taxonomy", "issues", "enquiries", "times")}
"""What stands beside complaints."""


def report_link(
    kind: Kind, period: str, region: str | None = None, edition: int | None = None, kept: str | None = None
) -> str:
    """The page of a report. kept: what came of keeping an edition of it."""
    which = kind if kind in ("weekly", "monthly") else "daily"
    level = "product" if kind == "intake" else None
    return url(f"{PATHS[which]}/{period}", {"level": level, "region": region, "edition": edition, "kept": kept})


def source_link(complaint: str) -> str:
    """Where a complaint comes from."""
    return url(f"{SOURCE}/{complaint}", {})


def spot_source_link(where: Mapping[str, str], unit: str | None, period: str) -> str:
    """Where the complaints of a hot spot come from."""
    return url(SOURCE, {"region": unit, "period": period, **{f"{WHERE_PREFIX}{k}": v for k, v in where.items()}})
