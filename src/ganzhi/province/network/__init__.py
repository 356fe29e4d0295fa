"""The network and the work in the field: measurements, faults, tests, sessions, installations, visits.

`BLOCK_PHASES` run for each block of customers, `PROVINCE_PHASES` once a day in this order, before the halls and the
hotline, which read what customers felt.
"""

from __future__ import annotations

from typing import Final

from ganzhi.province.network.cells import measure_network
from ganzhi.province.network.faults import run_faults
from ganzhi.province.network.field import work_in_the_field
from ganzhi.province.network.sessions import run_sessions
from ganzhi.province.network.tests import run_tests
from ganzhi.province.scene import Phase

BLOCK_PHASES: Final[tuple[Phase, ...]] = (run_sessions, work_in_the_field)
PROVINCE_PHASES: Final[tuple[Phase, ...]] = (run_faults, measure_network, run_tests)
