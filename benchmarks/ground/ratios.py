"""Indicators in any number over the same few measures of channel transactions.

Twenty counts; an indicator is the share of one in another. The first ten take each count exactly once, so ten
indicators need the same measures as three hundred.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

from benchmarks.ground.transactions import FEED
from ganzhi.catalogue.model.indicators import Indicator

CHANNELS = (
    "partner_shop",
    "bank",
    "hall",
    "kiosk",
    "app",
    "web_hall",
    "sms_hall",
    "ivr",
    "hotline_agent",
    "recharge_card",
)
CONDITIONS = tuple(f"channel = '{channel}'{extra}" for channel in CHANNELS for extra in ("", " and done"))


def indicator(code: str, **fields: Any) -> Indicator:
    """An indicator of the feed."""
    words = {"zh": code, "en": code}
    common = {"name": words, "definition": words, "layer": "PI", "type": "system_performance", "feed": FEED}
    return Indicator.model_validate({**common, **fields})


def ratio_indicators(number: int) -> dict[str, Indicator]:
    """That many different ones, at most 380.

    >>> len(ratio_indicators(300))
    300
    """
    neighbours = list(zip(CONDITIONS[::2], CONDITIONS[1::2], strict=True))
    pairs = [*neighbours, *(pair for pair in permutations(CONDITIONS, 2) if pair not in neighbours)]
    return {
        f"bench.r{n}": indicator(
            f"bench.r{n}",
            unit="percent",
            ratio={"numerator": {"count": {"where": over}}, "denominator": {"count": {"where": under}}},
        )
        for n, (over, under) in enumerate(pairs[:number])
    }
