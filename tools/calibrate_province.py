"""Prints the constants of `ganzhi.province.profiles` and `.calendar` as the real data sets give them, and how far they are.

    python tools/calibrate_province.py FOLDER_OF_THE_DATA_SETS

Not part of any build: the data sets do not belong to the project, only figures derived from them do
(docs/background/province-calibration.md). The readers and distances here are also what the tests use.
"""

from __future__ import annotations

import gzip
import itertools
import re
import sys
from collections.abc import Callable
from datetime import datetime
from math import erf
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from ganzhi.province import profiles

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAYTIME: Final = slice(28, 84)
"""Quarter hours 07:00 to 21:00, which the bank's 5-minute counts cover."""
AT_RISK: Final = 100
"""Patience is compared as long as this many callers are still waiting."""
_ERF_AT: Final = np.linspace(-8, 8, 16_001)
_ERF: Final = np.array([erf(value) for value in _ERF_AT])


def _rows(query: str) -> Floats:
    with duckdb.connect() as base:
        found: Floats = np.array(base.execute(query).fetchall(), dtype=np.float64)
    return found


def normal(z: Floats) -> Floats:
    """The standard normal distribution function."""
    below: Floats = 0.5 * (1 + np.interp(z / 2**0.5, _ERF_AT, _ERF))
    return below


def gap(first: Floats, second: Floats) -> float:
    """Kolmogorov and Smirnov's distance of two samples: the largest difference of their distribution functions."""
    grid = np.concatenate([first, second])
    ranks = [np.searchsorted(np.sort(each), grid, "right") / len(each) for each in (first, second)]
    return float(np.abs(ranks[0] - ranks[1]).max())


def variation(first: Floats, second: Floats) -> float:
    """Total variation of two distributions over the same places: half the sum of the differences."""
    return float(np.abs(first / first.sum() - second / second.sum()).sum() / 2)


# --- readers -----------------------------------------------------------------------------------


def _january(data: Path) -> str:
    return f"read_csv('{data}/anonymous_bank_1999_jan/january.txt.gz', delim='\t', all_varchar=true)"


def _emergency(data: Path) -> str:
    return (
        "(select strptime(DateTime, '%m/%d/%Y %H:%M') as moment, ADM_T as calls "
        f"from read_csv('{data}/decc_phone_hourly_2025/week_*.csv'))"
    )


def bank_quarters(data: Path) -> Floats:
    """Calls of 164 work days by quarter hour 07:00 to 21:00."""
    file = data / "bank_calls_5min_2003" / "bank_calls_5min.csv.gz"
    return _rows(
        f"select sum(Calls) from '{file}' where extract(hour from DateTime) < 21 "
        "group by extract(hour from DateTime) * 4 + extract(minute from DateTime) // 15 "
        "order by extract(hour from DateTime) * 4 + extract(minute from DateTime) // 15"
    )[:, 0]


def bank_weekdays(data: Path) -> Floats:
    """Mean calls of a Monday to a Friday."""
    file = data / "bank_calls_5min_2003" / "bank_calls_5min.csv.gz"
    return _rows(
        f"select sum(Calls) / count(distinct DateTime::date) from '{file}' "
        "group by isodow(DateTime) order by isodow(DateTime)"
    )[:, 0]


def emergency_weekdays(data: Path) -> Floats:
    """Mean calls to the administrative lines on the seven weekdays, Monday first, and on the one holiday."""
    day = "case when moment::date = date '2025-11-11' then 8 else isodow(moment) end"
    mean = "sum(calls) / count(distinct moment::date)"
    return _rows(f"select {mean} from {_emergency(data)} group by {day} order by {day}")[:, 0]


def emergency_hours(data: Path) -> Floats:
    """Calls to the administrative lines by hour, Mondays to Fridays."""
    hour = "extract(hour from moment)"
    return _rows(f"select sum(calls) from {_emergency(data)} where isodow(moment) < 6 group by {hour} order by {hour}")[
        :, 0
    ]


def january_hours(data: Path) -> Floats:
    """Calls by hour, Sundays to Thursdays (the country's work days), without phantom calls."""
    return _rows(
        f"select count(*) from {_january(data)} where outcome <> 'PHANTOM' "
        "and isodow(strptime('19' || date, '%Y%m%d')) not in (5, 6) "
        "group by split_part(vru_entry, ':', 1)::int order by split_part(vru_entry, ':', 1)::int"
    )[:, 0]


def talk_seconds(data: Path) -> Floats:
    """Talk times of 1 second to an hour; an answered call of zero seconds had no service."""
    return _rows(
        f"select ser_time::int from {_january(data)} where outcome = 'AGENT' and ser_time::int between 1 and 3600"
    )[:, 0]


def ivr_seconds(data: Path) -> Floats:
    """Times in the voice response unit; zero and negative ones are faults of the source."""
    return _rows(f"select vru_time::int from {_january(data)} where outcome <> 'PHANTOM' and vru_time::int > 0")[:, 0]


def waits(data: Path) -> tuple[Floats, Bools]:
    """Seconds in the queue of those who queued, and who of them gave up; the others' patience is only known to be
    longer."""
    rows = _rows(
        f"select q_time::int, outcome = 'HANG' from {_january(data)} "
        "where outcome in ('AGENT', 'HANG') and q_time::int > 0"
    )
    return rows[:, 0], rows[:, 1] == 1


def reassignments(data: Path) -> Floats:
    """How often each incident of the ServiceNow log was given to another group or person."""
    file = data / "servicenow_incident_log_sample" / "incident_event_log_5998.csv.gz"
    return _rows(f"select max(reassignment_count) from '{file}' group by number")[:, 0]


def state_seconds(data: Path, state: str) -> Floats:
    """How long incidents stayed in a state of the ServiceNow log until the next one, a minute at least."""
    file = data / "servicenow_incident_log_sample" / "incident_event_log_5998.csv.gz"
    return _rows(
        "with seen as (select number, incident_state as state, sys_mod_count::int as n, "
        "strptime(sys_updated_at, '%d-%m-%Y %H:%M') as moment, lag(incident_state) over w as before "
        f"from read_csv('{file}', all_varchar=true) window w as (partition by number order by sys_mod_count::int)), "
        "entered as (select *, lead(moment) over (partition by number order by n) as until "
        "from seen where before is null or before <> state) "
        f"select greatest(date_diff('second', moment, until), 60) from entered where state = '{state}' and until >= moment"
    )[:, 0]


def resource_changes(data: Path) -> Floats:
    """How often each closed problem of the BPI Challenge went to another person."""
    with gzip.open(data / "bpic2013" / "BPI_Challenge_2013_closed_problems.xes.gz", "rt", encoding="utf-8") as file:
        traces = re.findall(r"<trace>(.*?)</trace>", file.read(), re.DOTALL)
    people = (re.findall(r'key="Resource" value="([^"]*)"', each) for each in traces)
    return np.array([sum(a != b for a, b in itertools.pairwise(each)) for each in people], dtype=float)


def reply_seconds(data: Path) -> Floats:
    """From a public complaint message to the official reply."""
    file = data / "gov_complaints_zh" / "messages_with_replies.csv.gz"
    with duckdb.connect() as base:
        pairs = base.execute(f"select 留言时间, 答复时间 from read_csv('{file}', all_varchar=true)").fetchall()
    taken = [[_moment(text) for text in pair] for pair in pairs]
    return np.array([(reply - sent).total_seconds() for sent, reply in taken if reply > sent])


def _moment(text: str) -> datetime:
    clean = text.strip().replace("/", "-")
    return datetime.strptime(clean, "%Y-%m-%d %H:%M:%S" if ":" in clean else "%Y-%m-%d")  # noqa: DTZ007


def scores(data: Path) -> Floats:
    """How many gave each score 1 to 10 for the voice service as a whole."""
    file = data / "cmcc_beijing_voice_satisfaction_2022" / "voice_satisfaction_train.csv.gz"
    column = "语音通话整体满意度::int"
    return _rows(f"select count(*) from read_csv('{file}', all_varchar=true) group by {column} order by {column}")[:, 0]


def churn_table(data: Path) -> Floats:
    """Customers who complained and left, complained and stayed, left, stayed."""
    file = data / "telco_churn_iran" / "Customer_Churn.csv"
    return _rows(f"select count(*) from '{file}' group by Complains, Churn order by Complains desc, Churn desc")[:, 0]


def bike_days(data: Path) -> tuple[Floats, Floats, Floats]:
    """Casual rides by hour on work days and on days off, and mean rides of a work day, weekend day, holiday."""
    file = data / "bike_sharing_hourly" / "bike-sharing-hours.csv.gz"
    hours = _rows(
        "select sum(casual) filter (workingday = 1), sum(casual) filter (workingday = 0) "
        f"from '{file}' group by hr order by hr"
    )
    days = _rows(
        f"select sum(cnt) / count(distinct dteday) from '{file}' group by workingday, holiday "
        "order by workingday desc, holiday"
    )
    return hours[:, 0], hours[:, 1], days[:, 0]


# --- fits --------------------------------------------------------------------------------------


def mixture(sample: Floats, parts: int, rounds: int = 600) -> tuple[Floats, Floats, Floats]:
    """Shares, medians and log-deviations of a mixture of lognormals (expectation and maximisation)."""
    logs = np.log(sample)
    middle = np.quantile(logs, (np.arange(parts) + 0.5) / parts)
    spread: Floats = np.full(parts, float(logs.std()) / parts + 0.2)
    share: Floats = np.full(parts, 1 / parts)
    for _ in range(rounds):
        density = share * np.exp(-0.5 * ((logs[:, None] - middle) / spread) ** 2) / spread
        part = density / density.sum(axis=1, keepdims=True)
        weight = part.sum(axis=0)
        share, middle = weight / len(logs), (part * logs[:, None]).sum(axis=0) / weight
        spread = np.maximum(np.sqrt((part * (logs[:, None] - middle) ** 2).sum(axis=0) / weight), 0.05)
    order = np.argsort(middle)
    return share[order], np.exp(middle[order]), spread[order]


def survival(seconds: Floats, gave_up: Bools) -> tuple[Floats, Floats]:
    """Kaplan and Meier: times at which somebody gave up, and the share that had by then; ends with `AT_RISK`."""
    times = np.unique(seconds[gave_up])
    ordered, events = np.sort(seconds), np.sort(seconds[gave_up])
    waiting = len(ordered) - np.searchsorted(ordered, times, "left")
    left = np.searchsorted(events, times, "right") - np.searchsorted(events, times, "left")
    known = waiting >= AT_RISK
    gone = np.asarray(1 - np.cumprod(1 - left / waiting), dtype=np.float64)[known]
    return times[known], gone


def patience(seconds: Floats, gave_up: Bools) -> tuple[float, float]:
    """Median and log-deviation of the lognormal that makes the censored waits most likely."""
    logs = np.log(seconds)

    def likelihood(middle: float, spread: float) -> float:
        z = (logs - middle) / spread
        served = np.log(np.maximum(1 - normal(z[~gave_up]), 1e-300))
        return float(served.sum() - (0.5 * z[gave_up] ** 2 + np.log(spread)).sum())

    grid = [(m, s) for m in np.arange(5.4, 6.3, 0.02) for s in np.arange(1.4, 2.2, 0.02)]
    middle, spread = max(grid, key=lambda each: likelihood(*each))
    return float(np.exp(middle)), float(spread)


def hotline_quarters(data: Path) -> Floats:
    """A work day's calls per 100,000 by quarter hour: daytime from the bank; each night hour is the geometric mean of
    the emergency centre and the January bank, both brought to the bank's level at 07:00 and 20:00."""
    day = bank_quarters(data)
    edges = np.array([day[:4].sum(), day[-4:].sum()])
    night = np.ones(24)
    for hours in (emergency_hours(data), january_hours(data)):
        night *= np.sqrt(hours * np.sqrt((edges / hours[[7, 20]]).prod()))
    quarters = np.interp((np.arange(96) + 0.5) / 4, np.arange(24) + 0.5, night / 4, period=24)
    quarters[DAYTIME] = day
    quarters *= 100_000 / quarters.sum()
    return quarters


def onset(hours: Floats, share: float = 0.1) -> float:
    """The hour by which this share of a day's demand has come; days begin at 4 in the morning."""
    turned = np.roll(hours, -4)
    return float(np.interp(share, np.concatenate([[0], np.cumsum(turned)]) / turned.sum(), np.arange(25) + 4))


# --- the report --------------------------------------------------------------------------------


def tally(values: Floats, last: int) -> Floats:
    """How many of the values are 0, 1 and so on; the last place stands for that many and more."""
    return np.bincount(np.minimum(values, last).astype(int), minlength=last + 1).astype(float)


def _durations(name: str, sample: Floats, parts: int, stated: profiles.Durations) -> None:
    between = sample + 0.5  # a whole second stands for the one that follows it
    fitted = [", ".join(f"{value:.3f}" for value in each) for each in mixture(between, parts)]
    drawn = stated.draw(np.random.default_rng(1), 200_000).astype(float)
    print(f"{name}: n={len(sample)} shares ({fitted[0]}) medians ({fitted[1]}) sigmas ({fitted[2]})")
    print(
        f"  as stated: distance {gap(sample, drawn):.4f}, median {np.median(drawn):.0f} against {np.median(sample):.0f}"
    )


def _hotline(data: Path) -> None:
    quarters, stated = hotline_quarters(data), profiles.quarter_weights("hotline", "work")
    print("hotline quarters per 100,000:", np.round(quarters).astype(int).tolist())
    hours = stated.reshape(24, 4).sum(axis=1)
    checks: list[tuple[str, Floats, Floats]] = [
        ("fit", quarters, stated), ("bank daytime", bank_quarters(data), stated[DAYTIME]),
        ("January bank", january_hours(data), hours), ("its daytime", january_hours(data)[7:21], hours[7:21]),
        ("emergency centre", emergency_hours(data), hours),
    ]  # fmt: skip
    for name, real, ours in checks:
        print(f"  {name}: total variation {variation(real, ours):.4f}")
    bank, centre = bank_weekdays(data), emergency_weekdays(data)
    print("weekdays:", np.round(bank / bank[2], 3))
    print("Saturday, Sunday, holiday:", np.round(centre[5:] / centre[1:4].mean(), 3))
    works, off, days = bike_days(data)
    print(f"day off: onset {onset(off) - onset(works):+.2f} h; weekend, holiday {np.round(days[1:] / days[0], 3)}")


def _patience(data: Path) -> None:
    seconds, gave_up = waits(data)
    times, gone = survival(seconds, gave_up)
    rate = seconds.sum() / gave_up.sum()
    stated = normal(np.log(times / profiles.PATIENCE.medians[0]) / profiles.PATIENCE.sigmas[0])
    print(
        f"patience: lognormal {patience(seconds, gave_up)}, distance {np.abs(stated - gone).max():.4f} to {times[-1]} s"
    )
    print(f"  exponential {rate:.0f} s, distance {np.abs(1 - np.exp(-times / rate) - gone).max():.4f}")


def _cases(data: Path) -> None:
    counts = reassignments(data)
    last = len(profiles.HANDOVERS.shares) - 1
    found, other = tally(counts, last), tally(resource_changes(data), last)
    print("hand-overs:", np.round(found / found.sum(), 4).tolist(), f"mean {counts.mean():.3f}")
    print(f"  BPI Challenge: none {other[0] / other.sum():.3f}, total variation {variation(found, other):.4f}")
    given = scores(data)
    print("scores:", np.round(given / given.sum(), 4).tolist())
    print(f"  total variation {variation(given, np.array(profiles.OVERALL_SCORES.shares)):.4f}")
    table = churn_table(data)
    ratio, error = table[0] * table[3] / (table[1] * table[2]), 1.96 * np.sqrt((1 / table).sum())
    print(f"complaint and churn: odds ratio {ratio:.1f} ({ratio * np.exp(-error):.1f} to {ratio * np.exp(error):.1f})")


def report(data: Path) -> None:
    """Fit everything and print it beside what the profiles state."""
    _hotline(data)
    sources: list[tuple[str, Callable[[Path], Floats], profiles.Durations]] = [
        ("talk", talk_seconds, profiles.TALK),
        ("ivr", ivr_seconds, profiles.IVR_TIME),
        ("reply", reply_seconds, profiles.REPLY_DELAY),
    ]
    for name, read, stated in sources:
        _durations(name, read(data), len(stated.shares), stated)
    for state, stated in profiles.STATE_TIMES.items():
        _durations(state, state_seconds(data, state), len(stated.shares), stated)
    _patience(data)
    _cases(data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("which folder holds the data sets?")
    report(Path(sys.argv[1]))
