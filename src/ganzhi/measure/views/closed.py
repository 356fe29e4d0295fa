"""What was reported of a closed period, for the pages that show what is known of it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ganzhi.measure.views.parts import Reading


@dataclass(frozen=True, slots=True)
class ReportedOtherwise:
    """A number of a closed period that is not known now as it was reported. then, now: without level.
    difference: now − then, None where either is unknown. reasons: `late`, `correction`, `catalogue` or
    `other`. files: what has arrived since."""

    then: Reading
    now: Reading
    difference: float | None
    edition: int
    closed_at: datetime
    closed_by: str
    reasons: tuple[str, ...]
    files: tuple[str, ...]
