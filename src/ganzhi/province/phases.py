"""The order of a day's work. Block phases run for each block of customers, province phases once after them."""

from __future__ import annotations

from typing import Final

from ganzhi.province import channels, complaints, halls, hotline, market, network, service, voices
from ganzhi.province.chains.arrears import collect
from ganzhi.province.chains.recharge import recharge
from ganzhi.province.chains.usage import charge
from ganzhi.province.scene import Phase

BLOCK_PHASES: Final[tuple[Phase, ...]] = (
    charge,
    collect,
    recharge,
    *service.BLOCK_PHASES,
    *market.BLOCK_PHASES,
    *network.BLOCK_PHASES,
)
PROVINCE_PHASES: Final[tuple[Phase, ...]] = (
    *network.PROVINCE_PHASES,
    *market.PROVINCE_PHASES,
    halls.serve_halls,
    channels.serve_channels,
    *complaints.BEFORE_CALLS,
    *hotline.PROVINCE_PHASES,
    *complaints.PROVINCE_PHASES,
    *voices.VOICES,
    *voices.LOYALTY,
    *service.PROVINCE_PHASES,
    halls.plan_visits,
)
