"""The hotline: who calls, what the voice menu does with them, the queue, the agents, and what they record."""

from __future__ import annotations

from typing import Final

from ganzhi.province.hotline.calls import take_calls
from ganzhi.province.hotline.outbound import call_out
from ganzhi.province.scene import Phase

PROVINCE_PHASES: Final[tuple[Phase, ...]] = (take_calls, call_out)
"""After everything that customers feel, before complaints and ratings."""
