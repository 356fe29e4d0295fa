"""How the day goes by: at which quarter hours customers act, how long things take, how patient people are.

What names a source is fitted to real data (tools/calibrate_province.py; docs/background/province-calibration.md
says how, and how far it is from them); the rest is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from ganzhi.province.calendar import Activity, DayKind, Today
from ganzhi.province.streams import Floats, Ints, choose, lognormal

QUARTERS: Final = 96
HALL_HOURS: Final = slice(34, 70)
"""Quarter hours in which halls are open: 8:30 to 17:30; ours."""
_HOURS: Final[dict[Activity, tuple[float, ...]]] = {
    "recharge": (.6, .3, .2, .2, .3, .6, 1.6, 3.6, 6.2, 7.8, 8.0, 7.2, 6.2, 5.8, 6.0, 6.2, 6.4, 6.8, 6.6, 6.2, 5.2, 4.0, 2.6, 1.4),
    "hall": (0, 0, 0, 0, 0, 0, 0, 0, 6.5, 12.0, 13.5, 10.5, 6.5, 7.5, 11.0, 11.5, 10.0, 8.0, 3.0, 0, 0, 0, 0, 0),
    "electronic": (1.6, .9, .6, .4, .4, .7, 1.6, 3.0, 4.6, 5.6, 5.8, 5.6, 5.8, 5.4, 5.2, 5.2, 5.2, 5.4, 5.8, 6.8, 7.4, 7.2, 5.6, 3.2),
    "usage": (1.6, 1.0, .7, .5, .5, .8, 1.8, 3.4, 4.8, 5.4, 5.6, 5.8, 5.6, 5.0, 5.0, 5.2, 5.4, 5.8, 6.2, 6.4, 6.4, 5.6, 4.2, 2.6),
    "order": (.8, .5, .3, .2, .3, .5, 1.2, 2.6, 5.6, 8.2, 8.6, 7.4, 5.6, 5.8, 7.6, 7.6, 7.0, 6.0, 5.0, 4.8, 4.4, 3.4, 2.2, 1.2),
    "network": (1.6, 1.0, .7, .5, .5, .8, 1.8, 3.4, 4.8, 5.4, 5.6, 5.8, 5.6, 5.0, 5.0, 5.2, 5.4, 5.8, 6.2, 6.4, 6.4, 5.6, 4.2, 2.6),
}  # fmt: skip
"""Weight of each hour of a work day; ours."""
_HOTLINE: Final = (
    281, 188, 135, 124, 113, 102, 91, 79, 67, 55, 49, 50, 51, 51, 51, 51,
    51, 51, 59, 74, 88, 103, 123, 148, 173, 198, 269, 385, 702, 623, 685, 799,
    1068, 1228, 1425, 1613, 2024, 2227, 2333, 2343, 2347, 2367, 2357, 2342, 2305, 2309, 2249, 2237,
    2176, 2173, 2148, 2126, 2094, 2064, 2065, 2052, 2007, 2023, 2017, 2002, 1952, 1947, 1918, 1895,
    1808, 1773, 1643, 1573, 1397, 1330, 1228, 1158, 1060, 1032, 958, 911, 840, 805, 771, 732,
    691, 653, 639, 595, 675, 677, 665, 641, 616, 592, 572, 555, 539, 523, 468, 375,
)  # fmt: skip
"""A work day's calls per 100,000 in each quarter hour. 07:00 to 21:00: a large bank, 164 work days of 2003 (Weinberg,
Brown and Stroud 2007). Night: geometric mean of an emergency centre's administrative lines (2025, three weeks) and the
Anonymous Bank (January 1999), each brought to the first one's level at 07:00 and 20:00."""
DAY_OFF_LATER_H: Final = 0.86
"""How much later a day off begins: hour by which a tenth of the casual rides of bike sharing had come, days off less
work days (Fanaee-T and Gama, 2011-2012; a stand-in)."""
WOKEN_H: Final = 15.0
"""The hour from which a day off goes like a work day; ours."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations in seconds: a mixture of lognormals, cut at both ends. medians: of the parts; sigmas: standard
    deviations of the parts' logarithms."""

    shares: tuple[float, ...]
    medians: tuple[float, ...]
    sigmas: tuple[float, ...]
    least: int
    most: int
    source: str

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """`n` durations in whole seconds."""
        part = choose(rng, np.array(self.shares), n)
        drawn = lognormal(rng, np.array(self.medians)[part], np.array(self.sigmas)[part], n)
        return np.clip(drawn, self.least, self.most).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Tally:
    """A distribution over whole numbers: the share of `first`, `first` + 1 and so on."""

    first: int
    shares: tuple[float, ...]
    source: str

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """`n` of the numbers."""
        return self.first + choose(rng, np.array(self.shares), n)


TALK: Final = Durations(
    (0.066, 0.505, 0.429), (6.8, 81.1, 230.6), (0.721, 0.636, 0.781), 1, 3_600, "Anonymous Bank, January 1999"
)
"""Talk time; the first part is calls that end as soon as they are answered."""
IVR_TIME: Final = Durations(
    (0.395, 0.255, 0.088, 0.262), (6.09, 9.85, 10.5, 13.1), (0.087, 0.069, 1.236, 0.209), 1, 1_800,
    "Anonymous Bank, January 1999",
)  # fmt: skip
"""Time in the voice response unit, from greeting to queue or hanging up; the third part serve themselves."""
PATIENCE: Final = Durations((1.0,), (343.8,), (1.82,), 1, 7_200, "Anonymous Bank, January 1999")
"""How long callers wait before they give up, fitted to waits that were ended by an agent as well."""
HANDOVERS: Final = Tally(
    0, (0.5607, 0.2292, 0.1034, 0.0371, 0.0180, 0.0157, 0.0124, 0.0079, 0.0156),
    "ServiceNow incident log, 2016 (Amaral, Fantinato and Peres 2018), first 890 incidents",
)  # fmt: skip
"""How often a case is given to another group or person; the last place stands for eight and more."""
STATE_TIMES: Final[dict[str, Durations]] = {
    "New": Durations(
        (0.464, 0.420, 0.116), (7_388, 128_061, 812_496), (2.187, 0.494, 0.473), 60, 10_000_000, HANDOVERS.source
    ),
    "Active": Durations((0.396, 0.604), (579, 225_892), (1.562, 1.842), 60, 30_000_000, HANDOVERS.source),
    "Awaiting User Info": Durations(
        (0.264, 0.736), (30_322, 644_198), (2.310, 1.392), 60, 30_000_000, HANDOVERS.source
    ),
}
"""How long a case stays in a state until the next: not begun, worked on, waiting for the customer. More than half of
those worked on go on within a day, the others take days or weeks: the pace of an office."""
REPLY_DELAY: Final = Durations(
    (0.378, 0.622), (517_810, 1_136_942), (1.638, 0.890), 1_800, 400 * 86_400,
    "public complaint messages and official replies, 2011-2020 (Teddy Cup 2020)",
)  # fmt: skip
"""From a public complaint to the official reply: median eleven days."""
OVERALL_SCORES: Final = Tally(
    1, (0.0385, 0.0077, 0.0131, 0.0101, 0.0317, 0.0335, 0.0394, 0.1044, 0.1406, 0.5810),
    "voice-service survey of a provincial operator, 2022 (MathorCup 2022)",
)  # fmt: skip
"""Scores 1 to 10 for the voice service as a whole."""
COMPLAINT_CHURN_ODDS: Final = 43.2
"""Odds ratio of leaving between those who complained and the others: Iranian churn data (UCI 563), 95 % interval 30 to
62. It is an association: who complains was hurt before."""


def raised(probability: Floats | float, odds_ratio: float) -> Floats:
    """The probability whose odds are so many times those of the given one."""
    p = np.asarray(probability, dtype=float)
    return odds_ratio * p / (1 - p + odds_ratio * p)


@lru_cache(maxsize=256)
def quarter_weights(activity: Activity, kind: DayKind) -> Floats:
    """Share of a day's events in each quarter hour; sums to 1. Read it only: callers share it."""
    if activity == "hotline":
        points = np.array(_HOTLINE, dtype=float)
    else:
        hours = np.array(_HOURS[activity])
        points = np.interp((np.arange(QUARTERS) + 0.5) / 4, np.arange(24) + 0.5, hours, period=24)
        points[np.repeat(hours == 0, 4)] = 0
    if activity == "hall":
        points[: HALL_HOURS.start] = points[HALL_HOURS.stop :] = 0
    elif kind != "work":
        points = _later(points)
    return points / points.sum()


def _later(points: Floats) -> Floats:
    """The same day begun later: the morning is shifted by the whole, from then on less and less until `WOKEN_H`."""
    edges = np.arange(QUARTERS + 1) / 4
    shift = np.interp(edges, [0, 4, 10, WOKEN_H], [0, DAY_OFF_LATER_H, DAY_OFF_LATER_H, 0])
    gone = np.interp(edges - shift, edges, np.concatenate([[0], np.cumsum(points)]))
    return np.diff(gone)


def draw_moments(rng: np.random.Generator, today: Today, activity: Activity, n: int) -> Ints:
    """`n` moments of the day (unsorted), by the activity's profile, to the second."""
    quarter = choose(rng, quarter_weights(activity, today.kind), n)
    return today.start + quarter * 900 + rng.integers(0, 900, n)
