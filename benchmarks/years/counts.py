"""Daily counts of the simulated province, drawn at the level of counts, so that years of it take seconds.

    python -m benchmarks.years.counts FILE [--scale 0.02] [--days 120] [--seeds 2]

The full simulation (`ganzhi.province.simulate.live`) is run for some weeks and its deliveries are counted by series: an
indicator of `COUNTED` in a unit. FILE then holds, per series, how its mean follows the province's own day factors
(`ganzhi.province.calendar.day_factor`: weekdays, days off, month starts, the weeks before Spring Festival), how much it
varies round them, and, for every incident of `ganzhi.province.incidents`, what it adds on each of its days: the same
days lived with and without it. `Province.draw` gives counts of any years from that.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import Activity, day_factor, days_of
from ganzhi.province.columns import NEVER
from ganzhi.province.delivery.shape import is_moment
from ganzhi.province.hotline.demand import GROWTH
from ganzhi.province.incidents import INCIDENTS, placed
from ganzhi.province.organisation import build_organisation
from ganzhi.province.population import build_population
from ganzhi.province.scene import World, blocks_of
from ganzhi.province.simulate import live


@dataclass(frozen=True, slots=True)
class Counted:
    """An indicator that is counted. at: the moment it belongs to. where: which rows. by: an expression whose values are
    its slices, `''` for none. units: `province`, `city`, `hall` (whole unit). side: where it is watched."""

    feed: str
    at: str
    where: str = "true"
    by: str = "''"
    units: tuple[str, ...] = ("province",)
    side: str = "high"


COUNTED: Final[dict[str, Counted]] = {
    "recharge.notices": Counted("recharge_notices", "created_at", units=("province", "city")),
    "recharge.invalid": Counted("fund_changes", "created_at", "state = 'invalid'"),
    "recharge.payments": Counted("recharges", "paid_at", units=("province", "city")),
    "complaints": Counted("complaints", "received_at", units=("province", "city")),
    "complaints.by_category": Counted("complaints", "received_at", by="category", units=("province", "city")),
    "calls": Counted("calls", "arrived_at", units=("province", "city")),
    "calls.queued": Counted("calls", "arrived_at", "queue_at is not null"),
    "calls.long": Counted("calls", "arrived_at", "outcome = 'AGENT' and talk_s > 240"),
    "menu.reached": Counted("ivr_events", "at", "event = 'goal'", by="ivr_function", side="low"),
    "sms.undelivered": Counted("sms_receipts", "submitted_at", "result <> 'delivered'"),
    "reminders.late": Counted("reminders", "triggered_at", "date_diff('second', triggered_at, delivered_at) > 1800"),
    "provisioning.failed": Counted("provisioning_orders", "started_at", "result <> 'done'", by="network_element"),
    "halls.long_waits": Counted(
        "queue_tickets", "issued_at", "date_diff('second', issued_at, called_at) > 900", units=("province", "city", "hall")
    ),
    "halls.tickets": Counted("queue_tickets", "issued_at", units=("province", "city", "hall")),
    "kiosks.paper": Counted("kiosk_events", "happened_at", "state = 'out_of_paper'", units=("province", "city", "hall")),
    "kiosks.failed": Counted("kiosk_events", "happened_at", "result = 'failed'", units=("province", "city", "hall")),
    "conduct.openings": Counted(
        "operator_actions", "acted_at", "staff_action = 'account_opening' and off_hours", units=("province", "city", "hall")
    ),
    "partners.unasked": Counted(
        "sp_subscriptions", "requested_at", "customer_action_at is null and variant = 'order'", by="content_partner"
    ),
    "ports.batches": Counted("group_messages", "sent_at", units=("province", "city")),
    "ratings.low": Counted("sms_ratings", "replied_at", "score <= 2 and team is not null", by="team"),
    "customers.left": Counted("customers", "left_at", "state = 'cancelled'", units=("province", "city")),
    "network.faults": Counted("network_faults", "occurred_at", "fault_level = 'critical'", units=("province", "city")),
    "bills.doubted": Counted("wrap_ups", "at", "business = 'bill'", units=("province", "city")),
    "bills.wrong": Counted(
        "bills", "issued_at",
        "monthly_fee_fen + voice_fen + data_fen + message_fen + partner_fen + other_fen - discount_fen <> amount_fen",
        units=("province", "city"),
    ),
    "data.tickets": Counted("queue_tickets", "issued_at", side="low"),
    "data.enquiries": Counted("enquiries", "started_at", side="low"),
}  # fmt: skip
"""What is counted, by name."""
DRIVERS: Final[tuple[Activity, ...]] = ("hotline", "recharge", "hall", "electronic", "order", "network")
STARTS: Final = 6
"""First days of a month that are told apart besides: fees, gifts, bills and what they cause."""
LONGEST: Final = 46
"""Days lived with an incident and without."""
WARM: Final = 1
"""Days lived before an incident begins, so that both lives start alike."""
AFTER: Final = 3
"""Days counted after an incident is over."""
MONTHLY: Final = ("recharge-2012", "bill-error", "hall-understaffed")
"""Incidents that begin on the first of a month."""
LATE: Final = "delivery-late"
PEAK: Final = "holiday-peak"
SHARES: Final = (LATE, PEAK)
"""Incidents whose levers are shares of what there would have been, so that what they add is one, too. The late delivery
takes hold where files are handed over: its shares are those of its levers."""
Series = tuple[str, str, str]
"""Indicator, unit, slice (`''` for none)."""
Counts = dict[Series, np.ndarray]


class Counter:
    """A sink that counts what is delivered and keeps nothing else."""

    def __init__(self, days: int) -> None:
        self._days, self._parts = days, dict[str, list[pa.Table]]()
        self.found: Counts = {}
        self._feeds = {each.feed for each in COUNTED.values()}

    def deliver(self, feed: str, **columns: Any) -> None:
        """Records of a feed; those that nobody counts are dropped."""
        if feed in self._feeds:
            self._parts.setdefault(feed, []).append(pa.table(columns))

    def know(self, table: str, **columns: Any) -> None:
        """The truth is not counted."""

    def end(self, day: date, index: int) -> None:
        """Count the day."""
        with duckdb.connect() as base:
            base.execute("set threads = 1")
            for feed, parts in self._parts.items():
                base.register(feed, _timed(pa.concat_tables(parts, promote_options="permissive")))
            for name, each in COUNTED.items():
                if each.feed in self._parts:
                    self._take(base, name, each, day, index)
        self._parts.clear()

    def _take(self, base: duckdb.DuckDBPyConnection, name: str, each: Counted, day: date, index: int) -> None:
        rows = base.execute(
            f'select unit, {each.by}, count(*) from {each.feed} where ({each.where}) and cast("{each.at}" as date) = ?'
            " group by all",
            [day],
        ).fetchall()
        for unit, cut, number in rows:
            levels = {"province": "all", "city": str(unit)[:2], "hall": str(unit)}
            for level in each.units:
                key = (name, levels[level], str(cut))
                if key not in self.found:
                    self.found[key] = np.zeros(self._days)
                self.found[key][index] += number


def _timed(table: pa.Table) -> pa.Table:
    for position, name in enumerate(table.column_names):
        if table.column(name).type == pa.int64() and is_moment(name):
            known = pc.if_else(pc.equal(table.column(name), NEVER), pa.scalar(None, pa.int64()), table.column(name))
            table = table.set_column(position, name, known.cast(pa.timestamp("s")))
    return table


def lived(
    scale: float, seed: int, first: date, days: int, incident: tuple[str, date] | None = None, until: int | None = None
) -> Counts:
    """Counts per series and day of the full simulation. until: how many of the days are lived, all by default; lives of
    as many days differ by their incidents only."""
    places = build_organisation(scale, seed)
    last = first + timedelta(days=days - 1)
    _, levers = placed([] if incident is None else [incident], places, last)
    people = build_population(places, seed, days)
    world = World(seed, scale, first, days, places, people, levers, blocks_of(len(people)))
    sink = Counter(days)
    for today in days_of(first, days)[:until]:
        live(world, sink, today)
        sink.end(today.day, today.index)
    return sink.found


# --- intensities -----------------------------------------------------------------------------------


def drivers(days: Sequence[date]) -> np.ndarray:
    """What means follow, one row per day: a constant, the province's day factors, the first days of the month."""
    rows = [
        [1.0, *(day_factor(day, each) for each in DRIVERS), *(float(day.day == 1 + n) for n in range(STARTS))]
        for day in days
    ]
    return np.array(rows, dtype=np.float64)


@dataclass(frozen=True)
class Intensity:
    """A series. loads: how much of its mean follows each driver, none below 0. dispersion: variance over mean, at
    least 1. added: incident to what it adds on each day from its first."""

    name: str
    unit: str
    slice: str
    side: str
    loads: list[float]
    dispersion: float
    added: dict[str, list[float]] = field(default_factory=dict)

    @property
    def key(self) -> Series:
        """What tells it from others."""
        return self.name, self.unit, self.slice


def nonnegative(rows: np.ndarray, values: np.ndarray, rounds: int = 3000) -> np.ndarray:
    """Least squares with no coefficient below 0, by multiplicative steps (Lee and Seung 1999)."""
    loads = np.full(rows.shape[1], max(values.mean(), 1e-9) / rows.sum(axis=1).mean())
    above, square = rows.T @ values, rows.T @ rows
    for _ in range(rounds):
        loads = loads * above / np.maximum(square @ loads, 1e-12)
    return np.asarray(loads)


def intensities(counts: Counts, days: Sequence[date]) -> dict[Series, Intensity]:
    """What the series of a life without incidents follow. Growth is taken out: loads hold for the first day."""
    rows = drivers(days) * growth(days, days[0])[:, None]
    found = {}
    for (name, unit, cut), values in sorted(counts.items()):
        loads = nonnegative(rows, values)
        mean = np.maximum(rows @ loads, 1e-6)
        free = max(1, len(days) - int(np.count_nonzero(loads > 1e-6 * loads.max())))
        dispersion = max(1.0, float(np.sum((values - mean) ** 2 / mean) / free))
        found[name, unit, cut] = Intensity(name, unit, cut, COUNTED[name].side, loads.round(5).tolist(), dispersion)
    return found


def growth(days: Sequence[date], origin: date) -> np.ndarray:
    """The growth of demand since a day."""
    return np.array([GROWTH ** ((day - origin).days / 365.25) for day in days])


def added_by(
    with_it: Sequence[Counts], without: Sequence[Counts], days: slice, known: Mapping[Series, Intensity]
) -> dict[Series, list[float]]:
    """What an incident adds to each series on the days, mean of the seeds; only where it is more than chance."""
    found = {}
    zero = np.zeros(days.stop)
    for key in {key for counts in with_it for key in counts}:
        pairs = [(a.get(key, zero)[days], b.get(key, zero)[days]) for a, b in zip(with_it, without, strict=True)]
        more = np.mean([a - b for a, b in pairs], axis=0)
        phi = known[key].dispersion if key in known else 1.0
        noise = phi * np.mean([a + b for a, b in pairs], axis=0) / len(pairs)
        if abs(more.sum()) > 4 * np.sqrt(noise.sum() + 1) or np.any(np.abs(more) > 4.5 * np.sqrt(noise + 1)):
            found[key] = more.round(3).tolist()
    return found


def measure(scale: float, days: int, seeds: int, first: date = date(2012, 1, 2)) -> Province:
    """Live, count, and say what the counts follow."""
    span = [first + timedelta(days=n) for n in range(days)]
    series = intensities(lived(scale, 1, first, days), span)
    print(f"base: {len(series)} series", flush=True)
    without: dict[tuple[date, int], Counts] = {}
    for name, kind in INCIDENTS.items():
        start = date(2012, 3, 1) if name in MONTHLY else date(2012, 3, 6)
        begun = start - timedelta(days=WARM)
        long = WARM + -(-int(kind.starts_h + kind.lasts_h) // 24) + AFTER
        pairs = []
        for seed in range(1, seeds + 1):
            if (begun, seed) not in without:
                without[begun, seed] = lived(scale, seed, begun, LONGEST)
            pairs.append((lived(scale, seed, begun, LONGEST, (name, start), long), without[begun, seed]))
        more = added_by([a for a, _ in pairs], [b for _, b in pairs], slice(WARM, long), series)
        if name == PEAK:
            more = _as_shares(more, Province(scale, first, list(series.values())), start)
        for key, each in more.items():
            if key not in series:
                series[key] = Intensity(*key, COUNTED[key[0]].side, [0.0] * (1 + len(DRIVERS) + STARTS), 1.0)
            series[key].added[name] = each
        print(f"{name}: {len(more)} series", flush=True)
    for key, share in ((("data.tickets", "all", ""), 1.0), (("data.enquiries", "all", ""), 0.4)):
        series[key].added[LATE] = [-share, -share]
    return Province(scale, first, list(series.values()))


def _as_shares(more: Mapping[Series, list[float]], province: Province, start: date) -> dict[Series, list[float]]:
    found = {}
    for each, means in zip(
        province.series, province.means([start + timedelta(days=n) for n in range(60)]), strict=True
    ):
        if each.key in more:
            added = np.array(more[each.key])
            found[each.key] = (added / means[: added.size]).round(4).tolist()
    return found


@dataclass(frozen=True)
class Province:
    """Series with their intensities. origin: the day their loads hold for."""

    scale: float
    origin: date
    series: list[Intensity]

    def write(self, path: Path) -> None:
        """Keep it."""
        told = {
            "scale": self.scale,
            "origin": self.origin.isoformat(),
            "series": [asdict(each) for each in self.series],
        }
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> Province:
        """What was kept."""
        told = json.loads(path.read_text(encoding="utf-8"))
        series = [Intensity(**each) for each in told["series"]]
        return Province(told["scale"], date.fromisoformat(told["origin"]), series)

    def means(self, days: Sequence[date]) -> np.ndarray:
        """The mean of every series (rows) on every day, nothing having happened."""
        rows = drivers(days) * growth(days, self.origin)[:, None]
        return np.asarray(np.maximum(np.array([each.loads for each in self.series]) @ rows.T, 1e-4))

    def with_incidents(
        self, means: np.ndarray, days: Sequence[date], begun: Mapping[str, Sequence[date]]
    ) -> np.ndarray:
        """The means with incidents in them: name to first days."""
        found, place = means.copy(), {day: number for number, day in enumerate(days)}
        for row, each in enumerate(self.series):
            for name, starts in begun.items():
                added = np.array(each.added.get(name, []))
                for start in starts if added.size else ():
                    at = place[start]
                    part = found[row, at : at + added.size]
                    part += added[: part.size] * (means[row, at : at + part.size] if name in SHARES else 1.0)
        return np.asarray(np.maximum(found, 1e-4))

    def draw(self, means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Counts with those means and the series' own dispersion."""
        phi = np.array([max(each.dispersion, 1.0 + 1e-6) for each in self.series])[:, None]
        return np.asarray(rng.negative_binomial(means / (phi - 1.0), 1.0 / phi))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    measure(given.scale, given.days, given.seeds).write(given.file)


if __name__ == "__main__":
    main()
