"""The scan for the combination that carries a change: time and F1 on generated incidents of 48,000 leaves.

Two kinds of metric (additive with forecast; counts against expected) and three depths. An answer counts only
if the combination of attribute values is the generated one exactly; F1 is 2·right / (found + there) over all
incidents. The generator is `tests/numerics/incidents.py`, written from the published description of the S
set of RiskLoc (arXiv 2205.10004); its figures are not comparable with those of the authors' own files.

Run: python -m benchmarks.rootcause [--incidents N] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ganzhi.numerics.rootcause import Sign, scan
from tests.numerics.incidents import LEAVES, Incident, Tally, count_incident, forecast_incident, quiet

GOAL_S, GOAL_F1 = 0.3, 0.80
FIRST_SEED = 1000
"""Seeds that neither the tests nor the choice of constants have seen."""


@dataclass(frozen=True, slots=True)
class Setting:
    """name, how incidents are made, the side that is looked at, attributes a combination may have."""

    name: str
    make: Callable[[int], Incident]
    sign: Sign
    layers: int


SETTINGS = tuple(
    Setting(name, make, sign, layers)
    for name, make, sign in (("forecast", forecast_incident, "both"), ("counts", count_incident, "up"))
    for layers in (2, 3, 5)
)


def _run(setting: Setting, incidents: int, rounds: int) -> tuple[Tally, float, float]:
    """F1 over the incidents; the median and the longest of their median times."""
    tally, times = Tally(), []
    for seed in range(FIRST_SEED, FIRST_SEED + incidents):
        incident = setting.make(seed)
        took = []
        for _ in range(rounds):
            begin = time.perf_counter()
            cells = scan(incident.leaves, layers=setting.layers, sign=setting.sign)
            took.append(time.perf_counter() - begin)
        tally.add(cells, incident.carriers)
        times.append(statistics.median(took))
    return tally, statistics.median(times), max(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ",
        end="",
    )
    print(f"numpy {np.__version__}; {asked.incidents} incidents of {LEAVES:,} leaves, medians of {asked.rounds}")
    print(f"goals: {GOAL_S} s, F1 {GOAL_F1}")
    print(
        f"{'metric':10} {'layers':>6} {'median s':>9} {'worst s':>8} {'F1':>6} {'right':>6} {'found':>6} {'there':>6}"
    )
    for setting in SETTINGS:
        tally, median, worst = _run(setting, asked.incidents, asked.rounds)
        numbers = f"{tally.f1:6.3f} {tally.right:6} {tally.found:6} {tally.there:6}"
        print(f"{setting.name:10} {setting.layers:6} {median:9.3f} {worst:8.3f} {numbers}")
    false = sum(bool(scan(quiet(seed))) for seed in range(FIRST_SEED, FIRST_SEED + asked.incidents))
    print(f"chance alone: {false} of {asked.incidents} answered with a combination")


if __name__ == "__main__":
    main()
