"""Early warning on years of the simulated province, against four plain rivals that see the same counts.

    python -m benchmarks.years.counts FILE
    python -m benchmarks.years.province FILE [--seeds 20] [--doubled 4]

Two years of history and one judged year of every series of FILE, drawn anew for each seed. Every kind of incident of
the province breaks out once in each of the three years on a day drawn by the seed (those of the turn of a month on the
first of one), and the week before Spring Festival has its normal peak. An incident is found when a series in which it
shows is alarmed between its first day and its last; a false alarm begins on a day when nothing shows in its series.
Least excess (5, and a fifth of what is expected) is asked of all detectors. `--doubled`: seeds of a second table, in
which single days of single series have twice their mean.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.years.counts import COUNTED, MONTHLY, PEAK, SHARES, Intensity, Province
from ganzhi.base.periods import Grain, periods_between
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import WarningRule
from ganzhi.province.calendar import SPRING_FESTIVAL
from ganzhi.province.incidents import INCIDENTS
from ganzhi.warn.engine import Judge, Series
from ganzhi.warn.occasions import Days, days_of
from ganzhi.warn.signal import rank_of

FIRST, JUDGED, LAST = date(2010, 1, 1), date(2012, 1, 1), date(2012, 12, 30)
DAYS: Final = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
START: Final = DAYS.index(JUDGED)
ZONE = ZoneInfo("Asia/Shanghai")
FEWEST: Final = 0.1
"""Mean a day below which a series is not judged, unless an incident shows in it."""
LEAST, SHARE = 5.0, 0.2
AFTERGLOW: Final = 6
"""Days after an incident in which an alarm is neither found nor false: late effects, and warnings that are held."""
GRADES: Final = ("blue", "yellow", "orange")
TEXT = Text(zh="基准", en="Benchmark")
BINS: Final = ((5, 10), (10, 20), (20, 50), (50, 200), (200, 1e9))
Table = np.ndarray
"""A row per series, a column per judged day."""


def begun(rng: np.random.Generator) -> dict[str, list[date]]:
    """First days of every incident, once a year."""
    found: dict[str, list[date]] = {name: [] for name in INCIDENTS}
    for year in (2010, 2011, 2012):
        for name, kind in INCIDENTS.items():
            if name == PEAK:
                found[name].append(SPRING_FESTIVAL[year] - timedelta(days=8))
            elif name in MONTHLY:
                found[name].append(date(year, int(rng.integers(2, 12)), 1))
            else:
                room = 360 - int(kind.lasts_h // 24)
                found[name].append(date(year, 1, 4) + timedelta(days=int(rng.integers(0, max(1, room - 8)))))
    return found


# --- detectors -------------------------------------------------------------------------------------


@cache
def _calendar() -> Days:
    return days_of(load_catalogue("telecom", None))


def ours(series: Sequence[Intensity], counts: Table, units: dict[str, Unit]) -> dict[str, Table]:
    """The product's rules, one per indicator, with what a rule has by default: alarms of at least each grade."""
    calendar = _calendar()
    periods = list(periods_between(Grain.DAY, DAYS[0], DAYS[-1], ZONE))
    ranks = np.zeros((len(series), len(DAYS) - START), dtype=int)
    by_name: dict[str, list[int]] = defaultdict(list)
    for row, each in enumerate(series):
        by_name[each.name].append(row)
    for name, unsorted in by_name.items():
        rule = WarningRule(name=TEXT, level="product", indicator="bench.count", owner=TEXT, side=COUNTED[name].side)
        judge = Judge(name, rule, calendar, units, "bench", counted=True)
        whole = [True] * len(DAYS)
        rows = sorted(unsorted, key=lambda row: len(series[row].unit) if series[row].unit != "all" else 0)
        given = [Series(series[r].unit, {"cut": series[r].slice}, counts[r].tolist(), whole, whole) for r in rows]
        for day, signals in enumerate(judge.signals(periods, given, START)):
            for row, signal in zip(rows, signals, strict=True):
                ranks[row, day] = rank_of(signal.grade) if signal.verdict == "warned" else 0
    return {f"ganzhi, {grade} or graver": ranks >= rank for rank, grade in enumerate(GRADES, 1)}


def rivals(series: Sequence[Intensity], counts: Table) -> dict[str, Table]:
    """The four plain detectors, looking down where the series is watched for too little."""
    sign = np.array([-1.0 if each.side == "low" else 1.0 for each in series])[:, None]
    now = counts[:, START:]

    def beyond(middle: Table, spread: Table | float) -> Table:
        excess = (now - middle) * sign
        return np.asarray((excess > spread) & (excess >= LEAST) & (excess >= SHARE * middle))

    year = counts[:, START - 365 : START]
    weeks = np.stack([counts[:, START - 7 * k : counts.shape[1] - 7 * k] for k in range(1, 9)])
    middle = np.median(weeks, axis=0)
    mad = 1.4826 * np.median(np.abs(weeks - middle), axis=0)
    window = np.stack([counts[:, START - k : counts.shape[1] - k] for k in range(3, 10)])
    return {
        "static mean + 3 sd": beyond(year.mean(axis=1, keepdims=True), 3 * year.std(axis=1, ddof=1, keepdims=True)),
        "weekday median + 3 MAD": beyond(middle, 3 * np.maximum(mad, 1.0)),
        "EARS C2": beyond(window.mean(axis=0), 3 * np.maximum(window.std(axis=0, ddof=1), 0.5)),
        "last week + 50 %": beyond(weeks[0], 0.5 * np.maximum(weeks[0], 1.0)),
    }


# --- what came of it -------------------------------------------------------------------------------


@dataclass
class Score:
    """Of one detector. found, delays: by incident. false: alarms that begin where nothing shows, on so many days;
    the same of frequent series. peak: alarmed days in the normal peak; peak_days: its days."""

    found: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    delays: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    false: int = 0
    days: int = 0
    false_frequent: int = 0
    days_frequent: int = 0
    peak: int = 0
    peak_days: int = 0

    def take(
        self, alarms: Table, shown: dict[str, tuple[list[int], int, int]], free: Table, frequent: np.ndarray
    ) -> None:
        """One seed. shown: per incident of the judged year its series, first and last day; free: nothing shows;
        frequent: which series count one a day or more."""
        begins = alarms.copy()
        begins[:, 1:] &= ~alarms[:, :-1]
        self.false += int((begins & free).sum())
        self.days += int(free.sum())
        self.false_frequent += int((begins & free)[frequent].sum())
        self.days_frequent += int(free[frequent].sum())
        for name, (rows, first, last) in shown.items():
            part = alarms[rows, max(0, first) : last + 1]
            if name == PEAK:
                self.peak += int(part.sum())
                self.peak_days += part.size
                continue
            hit = np.flatnonzero(part.any(axis=0))
            self.found[name].append(bool(hit.size))
            if hit.size:
                self.delays[name].append(int(hit[0]))


def counted_kinds(series: Sequence[Intensity]) -> list[str]:
    """Kinds of incident that show in what is counted; the others, such as complaints that nobody recorded, are for the
    completeness checks to find, not for limits on counts."""
    return [name for name in INCIDENTS if any(name in each.added for each in series)]


def shown_in(
    series: Sequence[Intensity], base: Table, starts: dict[str, list[date]]
) -> tuple[dict[str, tuple[list[int], int, int]], Table]:
    """Per incident of the judged year where and when it shows, and on which days of which series nothing does. It
    shows in a series where it adds, on its worst day, more than a fifth of the mean and more than 3."""
    free = np.ones((len(series), len(DAYS) - START), dtype=bool)
    shown = {}
    for name in counted_kinds(series):
        days = starts[name]
        lasts = -(-int(INCIDENTS[name].starts_h + INCIDENTS[name].lasts_h) // 24)
        rows = []
        for row, each in enumerate(series):
            added = np.array(each.added.get(name, []))
            if not added.size:
                continue
            mean = base[row, START:].mean()
            watched = (-added if each.side == "low" else added) * (mean if name in SHARES else 1.0)
            if watched.max() > max(3.0, 0.2 * mean):
                rows.append(row)
            for day in days:
                at = (day - JUDGED).days
                free[row, max(0, at) : max(0, at + max(lasts, added.size) + AFTERGLOW)] = False
        at = (days[-1] - JUDGED).days
        shown[name] = (rows, at, min(at + lasts - 1, free.shape[1] - 1))
    return shown, free


def units_of(series: Sequence[Intensity]) -> dict[str, Unit]:
    """Province, cities and halls."""
    found = {"all": Unit(name=TEXT, level="province")}
    for code in sorted({each.unit for each in series} - {"all"}, key=len):
        level, parent = ("city", "all") if len(code) == 2 else ("hall", code[:2])
        found[code] = Unit(name=TEXT, level=level, parent=parent)
    return found


def worth_judging(province: Province) -> Province:
    """Without the series that count next to nothing: years of silence would only make rates of false alarms look good."""
    means = province.means(DAYS)[:, START:].mean(axis=1)
    kept = [each for each, mean in zip(province.series, means, strict=True) if mean >= FEWEST or each.added]
    return Province(province.scale, province.origin, kept)


def incidents_table(province: Province, seeds: int) -> None:
    """Run and print; what is known so far after every fourth seed."""
    base, units = province.means(DAYS), units_of(province.series)
    frequent = base[:, START:].mean(axis=1) >= 1.0
    scores: dict[str, Score] = defaultdict(Score)
    began = time.process_time()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        starts = begun(rng)
        counts = province.draw(province.with_incidents(base, DAYS, starts), rng).astype(float)
        shown, free = shown_in(province.series, base, starts)
        for name, alarms in {**ours(province.series, counts, units), **rivals(province.series, counts)}.items():
            scores[name].take(alarms, shown, free, frequent)
        print(f"seed {seed}: {time.process_time() - began:.0f} s of processor time", flush=True)
        if (seed + 1) % 4 == 0 or seed + 1 == seeds:
            print_scores(province, scores, seed + 1)


def print_scores(province: Province, scores: dict[str, Score], seeds: int) -> None:
    """The two tables."""
    kinds = len(set(counted_kinds(province.series)) - {PEAK})
    print(f"\n{len(province.series)} series, {seeds} seeds, {kinds} kinds of incident, scale {province.scale}\n")
    print(
        "| Detector | incidents found | kinds always found | mean delay, days | false alarms per series-year "
        "| the same, series of one a day or more | alarmed in the peak |"
    )
    print("|---" * 7 + "|")
    for name, score in scores.items():
        every = [each for found in score.found.values() for each in found]
        delays = [each for found in score.delays.values() for each in found]
        always = sum(all(found) for found in score.found.values())
        print(
            f"| {name} | {np.mean(every):.1%} | {always} of {kinds} | {np.mean(delays):.2f} "
            f"| {score.false / (score.days / 365):.3f} | {score.false_frequent / max(1, score.days_frequent / 365):.3f} "
            f"| {score.peak / max(1, score.peak_days):.2%} |"
        )
    print("\n| Incident | " + " | ".join(f"{name}" for name in scores) + " |")
    print("|---" * (1 + len(scores)) + "|")
    for incident in (each for each in counted_kinds(province.series) if each != PEAK):
        cells = []
        for score in scores.values():
            delays = score.delays[incident]
            cells.append(f"{np.mean(score.found[incident]):.0%}" + (f", {np.mean(delays):.1f} d" if delays else ""))
        print(f"| {incident} | " + " | ".join(cells) + " |")


def doubled_table(province: Province, seeds: int) -> None:
    """Single days with twice the mean: how many are found the same day, by mean over dispersion of the series. What
    varies `phi` times as much as chance is told from it as if there were `phi` times less of it."""
    series = [each for each in province.series if each.side == "high"]
    part = Province(province.scale, province.origin, series)
    base, units = part.means(DAYS), units_of(series)
    means = base[:, START:].mean(axis=1) / [each.dispersion for each in series]
    hits: dict[str, dict[tuple[float, float], list[bool]]] = defaultdict(lambda: defaultdict(list))
    for seed in range(seeds):
        rng = np.random.default_rng(1000 + seed)
        raised, chosen = base.copy(), np.zeros((len(series), len(DAYS) - START), dtype=bool)
        for row in range(len(series)):
            for at in range(int(rng.integers(10, 40)), chosen.shape[1], 45):
                chosen[row, at] = True
                raised[row, START + at] *= 2.0
        counts = part.draw(raised, rng).astype(float)
        alone = [Intensity(f"s{row}", each.unit, "", "high", [], 1.0) for row, each in enumerate(series)]
        for name, alarms in {**alone_ours(alone, counts, units), **rivals(series, counts)}.items():
            for low, high in BINS:
                rows = (means >= low) & (means < high)
                hits[name][low, high] += alarms[rows][chosen[rows]].tolist()
    print(f"\nSingle days with twice the mean, found the same day; {seeds} seeds\n")
    bins = [f"{low:g} to {high:g}" if high < 1e9 else f"from {low:g}" for low, high in BINS]
    print("| Detector, mean over dispersion | " + " | ".join(bins) + " |")
    print("|---" * (1 + len(BINS)) + "|")
    for name, found in hits.items():
        cells = [f"{np.mean(found[each]):.1%} of {len(found[each])}" if found[each] else "–" for each in BINS]
        print(f"| {name} | " + " | ".join(cells) + " |")


def alone_ours(series: Sequence[Intensity], counts: Table, units: dict[str, Unit]) -> dict[str, Table]:
    """The product's rule on series that have nothing to do with each other: every one its own family."""
    calendar = _calendar()
    periods = list(periods_between(Grain.DAY, DAYS[0], DAYS[-1], ZONE))
    rule = WarningRule(name=TEXT, level="product", indicator="bench.count", owner=TEXT, discovery=1, hold=0)
    judge = Judge("alone", rule, calendar, {}, "bench", counted=True)
    whole = [True] * len(DAYS)
    given = [Series(each.name, {}, counts[row].tolist(), whole, whole) for row, each in enumerate(series)]
    ranks = np.zeros((len(series), len(DAYS) - START), dtype=int)
    for day, signals in enumerate(judge.signals(periods, given, START)):
        ranks[:, day] = [rank_of(signal.grade) if signal.verdict == "warned" else 0 for signal in signals]
    return {f"ganzhi, {grade} or graver": ranks >= rank for rank, grade in enumerate(GRADES, 1)}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--doubled", type=int, default=4)
    given = parser.parse_args()
    province = worth_judging(Province.read(given.file))
    if given.doubled:
        doubled_table(province, given.doubled)
    if given.seeds:
        incidents_table(province, given.seeds)


if __name__ == "__main__":
    main()
