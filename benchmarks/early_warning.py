"""Early warning against four plain rivals, on simulated counts, and a detector of continuous series on NAB.

    python benchmarks/early_warning.py counts [--series 12]
    python benchmarks/early_warning.py nab FOLDER
    python benchmarks/early_warning.py speed [--series 500]

`counts`: daily counts from a negative binomial (weekday 0.8 to 1.15, month start 1.6, 10 % growth a year, dispersion
1.8), three years, the last one judged; outbreaks of five days are put into it. Printed per base and detector: false
alarms per series-year, share of outbreaks found, delay in days, for outbreaks of 1.3, 1.6 and 2 times the mean. The
model's columns fit the simulated structure, so real series will do worse; rivals see the same series.

`nab`: series of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015) in FOLDER, scored by its own rule, standard
profile, for the engine's running baseline and its slots, and for NAB's windowed Gaussian in the same run. FOLDER holds
<group>/<name>.csv.gz and combined_windows.json.

`speed`: series of one rule judged for one day by a judge that knows nothing yet, then by the same judge again: series
per second of processor time. What the process holds already is kept from the collector, as it would be in a server.
Years of the simulated province: `benchmarks.years`.
"""

from __future__ import annotations

import argparse
import csv
import gc
import gzip
import json
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import erfc, exp, log10, sqrt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from ganzhi.base.periods import Grain, periods_between
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade, LeastExcess, WarningRule
from ganzhi.warn.baseline import Running, Slots
from ganzhi.warn.engine import Judge, Series
from ganzhi.warn.occasions import Days, days_of

TAILS: dict[Grade, float] = {"blue": 1e-2, "yellow": 1e-3, "orange": 1e-4, "red": 1e-5}
ZONE = ZoneInfo("Asia/Shanghai")
FIRST, JUDGED, LAST = date(2010, 1, 1), date(2012, 1, 8), date(2012, 12, 31)
LASTS, EVERY = 5, 110
DRIFT = Decimal(3)
WEEK = np.array([1.15, 1.05, 1.0, 1.0, 1.0, 0.85, 0.8])
Alarms = np.ndarray


# --- counts -------------------------------------------------------------------------------------


def means_of(base: float, days: Sequence[date]) -> np.ndarray:
    """The simulated mean per day."""
    growth = np.array([1.1 ** ((day - days[0]).days / 365) for day in days])
    start = np.array([1.6 if day.day <= 2 else 1.0 for day in days])
    return np.asarray(base * growth * start * WEEK[[day.weekday() for day in days]])


def drawn(mean: np.ndarray, rng: np.random.Generator, phi: float = 1.8) -> np.ndarray:
    """Counts with that mean and dispersion."""
    return rng.negative_binomial(mean / (phi - 1), 1 / phi)


def static(counts: np.ndarray, judged: int) -> Alarms:
    """Above mean + 3 standard deviations of the year before."""
    past = counts[judged - 365 : judged]
    return np.asarray(counts[judged:] > past.mean() + 3 * past.std(ddof=1))


def weekday_median(counts: np.ndarray, judged: int) -> Alarms:
    """Above the median of the last 8 same weekdays + 3.09 MAD."""
    found = []
    for place in range(judged, len(counts)):
        past = counts[place - 56 : place : 7]
        middle = np.median(past)
        found.append(counts[place] > middle + 3.09 * max(1.4826 * np.median(np.abs(past - middle)), 1.0))
    return np.array(found)


def ears_c2(counts: np.ndarray, judged: int) -> Alarms:
    """EARS C2: above mean + 3 standard deviations of days t-9 to t-3."""
    found = []
    for place in range(judged, len(counts)):
        past = counts[place - 9 : place - 2]
        found.append(counts[place] > past.mean() + 3 * max(past.std(ddof=1), 0.5))
    return np.array(found)


def last_week_percent(counts: np.ndarray, judged: int) -> Alarms:
    """Above the same weekday of the week before by half."""
    return np.asarray(counts[judged:] > 1.5 * np.maximum(counts[judged - 7 : -7], 1))


def engine(counts: np.ndarray, judged: int, *, days: Sequence[date], calendar: Days, drift: bool, least: str) -> Alarms:
    """Our rule: at least the grade named, or a drift where it is on."""
    text = Text(zh="基准", en="Benchmark")
    rule = WarningRule(
        name=text, level="product", indicator="bench.count", owner=text, hold=0, discovery=Decimal(1),
        least=LeastExcess(absolute=Decimal(0), relative=Decimal(0)),
        drift_sigmas=DRIFT if drift else None,
    )  # fmt: skip
    judge = Judge("bench", rule, calendar, {}, "bench", counted=True)
    whole = [True] * len(counts)
    series = Series("all", {}, [float(each) for each in counts], whole, whole)
    periods = list(periods_between(Grain.DAY, days[0], days[-1], ZONE))
    found = []
    for (signal,) in judge.signals(periods, [series], judged):
        surprising = signal.chance is not None and signal.chance <= (1e-3 if least == "yellow" else 1e-2)
        drifted = drift and signal.drift_sigmas is not None and signal.drift_sigmas >= float(DRIFT)
        found.append(surprising or drifted)
    return np.array(found)


def counts_table(series: int, bases: Sequence[int]) -> None:
    """Run and print."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    judged = days.index(JUDGED)
    # The simulated structure knows weekdays and month starts only: an empty calendar, so that none is made up.
    calendar = Days(frozenset(), frozenset(), (), frozenset(), frozenset(), {})
    ours: dict[str, Callable[[np.ndarray, int], Alarms]] = {
        "ours, yellow (1e-3)": lambda c, j: engine(c, j, days=days, calendar=calendar, drift=False, least="yellow"),
        "ours, yellow + drift": lambda c, j: engine(c, j, days=days, calendar=calendar, drift=True, least="yellow"),
        "ours, blue (1e-2)": lambda c, j: engine(c, j, days=days, calendar=calendar, drift=False, least="blue"),
    }
    rivals: dict[str, Callable[[np.ndarray, int], Alarms]] = {
        "static mean + 3 sd": static,
        "weekday median + 3.09 MAD": weekday_median,
        "EARS C2": ears_c2,
        "last week + 50 %": last_week_percent,
    }
    sizes = (1.3, 1.6, 2.0)
    print(f"{'base':>5} {'detector':<28} {'false/yr':>8}  " + "  ".join(f"x{s}: found delay" for s in sizes))
    for base in bases:
        means = means_of(base, days)
        for name, detect in {**ours, **rivals}.items():
            false, cells = 0, []
            rng = np.random.default_rng(base)
            for _ in range(series):
                false += int(detect(drawn(means, rng), judged).sum())
            for size in sizes:
                found, delays, total = 0, [], 0
                rng = np.random.default_rng(1000 + base)
                for number in range(series):
                    raised = means.copy()
                    starts = range(judged + 20 + 7 * (number % 9) + number % 7, len(days) - LASTS, EVERY)
                    for start in starts:
                        raised[start : start + LASTS] *= size
                    alarms = detect(drawn(raised, rng), judged)
                    for start in starts:
                        hit = np.flatnonzero(alarms[start - judged : start - judged + LASTS])
                        total, found = total + 1, found + bool(hit.size)
                        delays += [int(hit[0])] if hit.size else []
                cells.append(f"    {found / total:5.2f}  {np.mean(delays) if delays else float('nan'):4.1f}")
            years = series * (len(days) - judged) / 365
            print(f"{base:>5} {name:<28} {false / years:>8.2f}  " + " ".join(cells), flush=True)


# --- NAB ----------------------------------------------------------------------------------------

TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = 1.0, 0.11, 1.0


def windowed_gaussian(values: np.ndarray, window: int = 6400, step: int = 100) -> np.ndarray:
    """NAB's windowed Gaussian (window 6400, step 100): 1 - Q of a value under the window's normal distribution."""
    held: list[float] = []
    buffer: list[float] = []
    mean, deviation = 0.0, 1.0
    scores = np.zeros(len(values))
    for place, value in enumerate(values):
        if held:
            scores[place] = _normal_score(value, mean, deviation)
        if len(held) < window:
            held.append(value)
            mean, deviation = float(np.mean(held)), float(np.std(held)) or 1e-6
        else:
            buffer.append(value)
            if len(buffer) == step:
                held, buffer = held[step:] + buffer, []
                mean, deviation = float(np.mean(held)), float(np.std(held)) or 1e-6
    return scores


def _normal_score(value: float, mean: float, deviation: float) -> float:
    return 1.0 - 0.5 * erfc(abs(value - mean) / deviation / sqrt(2))


def by_slots(values: np.ndarray, stamps: Sequence[datetime]) -> np.ndarray:
    """The engine's slots by time of day: how rare a value is in its slot."""
    slots = {side: Slots(counted=False, side=side) for side in ("high", "low")}
    scores = np.zeros(len(values))
    for place, (value, at) in enumerate(zip(values, stamps, strict=True)):
        for each in slots.values():
            chance = each.expect(at.time(), float(value), TAILS, None).chance
            scores[place] = max(scores[place], -log10(chance) if chance else 0.0)
            each.add(at.time(), float(value))
    return newest(scores)


def by_running(values: np.ndarray, stamps: Sequence[datetime]) -> np.ndarray:
    """The engine's running baseline: how rare a value is by what was expected of it, on either side."""
    minutes = max(1.0, float(np.median(np.diff([at.timestamp() for at in stamps]))) / 60)
    day = round(1440 / minutes)
    sides = [Running(side=side, day=day, week=7 * day) for side in ("high", "low")]
    scores = np.zeros(len(values))
    for place, value in enumerate(values.tolist()):
        for each in sides:
            chance = each.expect(place, value, TAILS, None).chance
            scores[place] = max(scores[place], -log10(chance) if chance else 0.0)
            each.add(place, value)
    return newest(scores)


def newest(scores: np.ndarray) -> np.ndarray:
    """Scores that are above all of the preceding three hundredths of the series; the others are nothing."""
    quiet = max(1, int(0.03 * len(scores)))
    kept = scores.copy()
    for place in range(1, len(scores)):
        if scores[place] <= scores[max(0, place - quiet) : place].max():
            kept[place] = 0.0
    return kept


def sweep(scored: list[tuple[np.ndarray, list[tuple[int, int]], int]]) -> tuple[float, float]:
    """NAB's score, standard profile, at the best threshold over all series, normalised to 0 for nothing and 100 for
    perfect; and that threshold."""
    events: list[tuple[float, int, int, float]] = []  # score, series, window or -1, gain
    windows = 0
    for number, (scores, spans, probation) in enumerate(scored):
        windows += len(spans)
        for place in range(probation, len(scores)):
            gain, inside = _worth(place, spans)
            events.append((float(scores[place]), number, inside, gain))
    events.sort(key=lambda each: -each[0])
    best = (-FALSE_NEGATIVE * windows, 1.1)
    got: dict[tuple[int, int], float] = {}
    total = -FALSE_NEGATIVE * windows
    for at, (score, number, inside, gain) in enumerate(events):
        if inside < 0:
            total += gain * FALSE_POSITIVE
        else:
            key = (number, inside)
            if key not in got:
                total += FALSE_NEGATIVE + gain * TRUE_POSITIVE
                got[key] = gain
            elif gain > got[key]:
                total += (gain - got[key]) * TRUE_POSITIVE
                got[key] = gain
        if (at + 1 == len(events) or events[at + 1][0] < score) and total > best[0]:
            best = (total, score)
    least, most = -FALSE_NEGATIVE * windows, TRUE_POSITIVE * windows
    return 100 * (best[0] - least) / (most - least), best[1]


def _worth(place: int, spans: list[tuple[int, int]]) -> tuple[float, int]:
    """A detection's scaled sigmoid worth, and the window it lies in (-1 outside)."""
    before = None
    for number, (first, last) in enumerate(spans):
        if first <= place <= last:
            return _sigmoid(-(last - place + 1) / (last - first + 1)) / _sigmoid(-1.0), number
        if last < place:
            before = (first, last)
    if before is None:
        return -1.0, -1
    first, last = before
    width = last - first + 1
    return (_sigmoid((place - last) / max(1, width - 1)) if width > 1 else -1.0), -1


def _sigmoid(at: float) -> float:
    return -1.0 if at > 3 else 2.0 / (1.0 + exp(5.0 * at)) - 1.0


def nab_table(folder: Path) -> None:
    """Run both detectors and print."""
    truth = json.loads((folder / "combined_windows.json").read_text(encoding="utf-8"))
    for name, detect in (
        ("windowed Gaussian", lambda values, _: windowed_gaussian(values)),
        ("engine's slots", by_slots),
        ("engine's running", by_running),
    ):
        scored, began = [], time.process_time()
        for path in sorted(folder.glob("*/*.csv.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            stamps = [datetime.fromisoformat(row["timestamp"]) for row in rows]
            values = np.array([float(row["value"]) for row in rows])
            spans = []
            for first, last in truth[f"{path.parent.name}/{path.name.removesuffix('.gz')}"]:
                a, b = datetime.fromisoformat(first), datetime.fromisoformat(last)
                inside = [place for place, at in enumerate(stamps) if a <= at <= b]
                spans.append((inside[0], inside[-1]))
            scored.append((detect(values, stamps), spans, min(int(0.15 * len(values)), 750)))
        score, threshold = sweep(scored)
        print(
            f"{name:<20} {score:6.1f}  threshold {threshold:.6f}  {time.process_time() - began:5.1f} s  {len(scored)} series"
        )


def speed(number: int) -> None:
    """Judge one day of many series, cold and again, and print."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    calendar = days_of(load_catalogue("telecom", None))
    periods = list(periods_between(Grain.DAY, days[0], days[-1], ZONE))
    text = Text(zh="基准", en="Benchmark")
    rule = WarningRule(name=text, level="product", indicator="bench.count", owner=text)
    rng, whole, means = np.random.default_rng(1), [True] * len(days), means_of(20.0, days)
    series = [Series(f"s{n}", {}, drawn(means, rng).astype(float).tolist(), whole, whole) for n in range(number)]
    judge = Judge("bench", rule, calendar, {}, "bench", counted=True)
    gc.collect()
    gc.freeze()
    for state in ("cold", "again"):
        began = time.process_time()
        (signals,) = judge.signals(periods, series, len(periods) - 1)
        took = time.process_time() - began
        print(f"{state:<6} {len(signals)} series in {took:.2f} s of processor time: {len(signals) / took:.0f} a second")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("counts", "nab", "speed"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--series", type=int)
    parser.add_argument("--base", type=int, action="append")
    given = parser.parse_args()
    if given.what == "counts":
        counts_table(given.series or 12, given.base or (5, 20, 200))
    elif given.what == "speed":
        speed(given.series or 500)
    else:
        nab_table(given.folder)


if __name__ == "__main__":
    main()
