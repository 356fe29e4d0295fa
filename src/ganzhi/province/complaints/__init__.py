"""Complaints, the calls back after them, trouble reports, and the Chinese texts of complaints and enquiries.

Phases in a day's order: `records.unsolved` before the hotline; after the hotline and the halls `records.complaints`,
then `steps.complaint_steps`, and `troubles.trouble_reports`.
"""

from __future__ import annotations

from typing import Final

from ganzhi.province.complaints.records import complaints, unsolved
from ganzhi.province.complaints.steps import complaint_steps
from ganzhi.province.complaints.troubles import trouble_reports
from ganzhi.province.scene import Phase

BEFORE_CALLS: Final[tuple[Phase, ...]] = (unsolved,)
PROVINCE_PHASES: Final[tuple[Phase, ...]] = (complaints, complaint_steps, trouble_reports)
