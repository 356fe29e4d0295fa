"""Hot spots among a million complaints, beside the plain rival that looks at the percent change.

    python -m benchmarks.complaints.hotspots [--tickets 1000000] [--days 90]

A province of 13 cities, 20 categories (a few hold most) and 17 products, days with a weekly profile and more than
Poisson's scatter; in the last two days the complaints of one category and city are tripled, in five places. Printed:
seconds to count (once, after a load) and to find the hot spots of a day, a week and a month; how many of the five were
told, and what else was. The rival counts the same cells with one SQL over the records and tells every cell of at least
five complaints that is half above the same weekday of the week before.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from ganzhi.access.rights import LOCAL
from ganzhi.base.ids import digest, new_id
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from ganzhi.complaints.hotspots import hot_spots
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import Change
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import NOW, make_workplace

FEED = "complaints"
CITIES = tuple(f"C{n:02d}" for n in range(13))
LAST = date(2026, 10, 18)
"""A Sunday, so that a week ends with it."""
PLANTED = (
    ("sms_late", "C02"),
    ("network_coverage", "C05"),
    ("billing_run", "C07"),
    ("provisioning", "C09"),
    ("product_quality", "C11"),
)
PROFILE = (1.15, 1.05, 1.0, 1.0, 1.0, 0.85, 0.8)


def catalogue() -> Catalogue:
    """The pack with 13 cities and the two counts that hot spots are looked for in."""
    pack = load_catalogue("telecom", None)
    named = [("P", "province", None), *((city, "city", "P") for city in CITIES)]
    units = {
        code: Unit.model_validate({"name": {"zh": code, "en": code}, "level": level, "parent": parent})
        for code, level, parent in named
    }
    kept = {
        code: pack.indicators[code].model_copy(update={"supports": ()})
        for code in ("complaint.count", "complaint.quality")
    }
    return replace(pack, units=units, indicators=kept, topics={})


def sql_of_day(place: Workplace, day: date, tickets: int, number: int, load: str) -> str:
    """The complaints of a day, drawn by a hash, so that they are the same every time."""
    declared = place.catalogue
    categories = list(declared.dimensions["complaint_category"].values)
    products = list(declared.products)
    planted = (LAST - day).days < 2
    extra = "" if not planted else "".join(
        f"\nunion all select 1000000 + 10000 * {place_} + i, '{category}', '{city}', 'voice' from range({max(tickets // 100, 12)}) t(i)"
        for place_, (category, city) in enumerate(PLANTED)
    )  # fmt: skip
    listed = ", ".join(f"'{each}'" for each in categories)
    sold = ", ".join(f"'{each}'" for each in products)
    cities = ", ".join(f"'{each}'" for each in CITIES)
    part = "hash(i, {k}, " + str(number) + ") / 18446744073709551616.0"
    return f"""
        with drawn as (
            select i, [{listed}][1 + least(floor(power({part.format(k=1)}, 2) * {len(categories)})::int, {len(categories) - 1})] as category,
                [{cities}][1 + least(floor({part.format(k=2)} * {len(CITIES)})::int, {len(CITIES) - 1})] as unit,
                [{sold}][1 + least(floor(power({part.format(k=3)}, 2) * {len(products)})::int, {len(products) - 1})] as product
            from range({tickets}) t(i){extra}
        )
        select 'c{number}-' || i as complaint_id, timestamptz '{day.isoformat()} 02:00:00+00' as received_at, unit, 'hotline_agent' as channel,
            'ordinary' as kind, 'billing' as commercial_process, category, product, '{load}' as _load, i + 2 as _line
        from drawn"""


def fill(place: Workplace, tickets: int, days: int) -> int:
    """Put so many complaints into the workplace, day by day; how many there are."""
    load, added, arrivals, total = new_id(), [], [], 0
    weight = sum(PROFILE[(LAST - timedelta(days=n)).weekday()] for n in range(days))
    with place.engine.loading_session() as session:
        for n in reversed(range(days)):
            day = LAST - timedelta(days=n)
            scatter = 1 + 0.25 * ((n * 7919 % 100) / 100 - 0.5)
            count = round(tickets * PROFILE[day.weekday()] / weight * scatter)
            found = session.query(sql_of_day(place, day, count, n, load)).cast(
                _schema(place, session.query(sql_of_day(place, day, 1, n, load)))
            )
            session.register("arriving", found)
            added.append(
                place.files.write(session, "SELECT * FROM arriving", f"rows/{FEED}", day.isoformat(), order_by=None)
            )
            arrivals.append(Arrival(FEED, "test", day, "", load, found.num_rows))
            total += found.num_rows
    record = LoadRecord(
        id=load, feed=FEED, mapping="test", file="made.csv", content_sha256=digest(load), state="accepted", read=total, accepted=total,
        duplicate=0, replaced=0, rejected=0, filtered=0, blanked=0, noted=0, first_day=LAST - timedelta(days=days - 1), last_day=LAST,
        started_at=NOW, finished_at=NOW, catalogue_version=place.catalogue.version,
    )  # fmt: skip
    place.store.manifest.commit(Change("load", add=tuple(added), load=record, arrivals=tuple(arrivals)))
    return total


def _schema(place: Workplace, found: pa.Table) -> pa.Schema:
    declared = rows_schema(place.catalogue.feed(FEED))
    return pa.schema([declared.field(each.name) if each.name in declared.names else each for each in found.schema])


def rival(place: Workplace) -> tuple[float, set[tuple[str, str]], int]:
    """Seconds, the planted ones that were told, and how many others were."""
    started = time.perf_counter()
    snapshot = place.store.manifest.snapshot()
    relation = Relation(snapshot.table(f"rows/{FEED}"), rows_schema(place.catalogue.feed(FEED)))
    told: set[tuple[str, str]] = set()
    others = 0
    with place.engine.session({f"rows_{FEED}": relation}) as session:
        for sides in (("category", "unit"), ("category", "product"), ("product", "unit")):
            rows = session.query(
                f"select {', '.join(sides)}, count(*) filter (where received_at::date = date '{LAST}') as now,"
                f" count(*) filter (where received_at::date = date '{LAST - timedelta(days=7)}') as before"
                f" from rows_{FEED} group by all having now >= 5 and now >= 1.5 * greatest(before, 1)"
            ).to_pylist()
            for row in rows:
                pair = (row.get("category", ""), row.get("unit", ""))
                if pair in PLANTED:
                    told.add(pair)
                else:
                    others += 1
    return time.perf_counter() - started, told, others


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = make_workplace(Path(folder), catalogue(), memory_mb=1024)
        total = fill(place, asked.tickets, asked.days)
        started = time.perf_counter()
        refresh(place)
        print(f"{total:,} complaints of {asked.days} days; counted in {time.perf_counter() - started:.1f} s")
        with open_states(place) as states:
            reader = Reader(place, states, LOCAL)
            for key in (LAST.isoformat(), "2026-W42", "2026-10"):
                started = time.perf_counter()
                found = hot_spots(reader, "P", parse_period(key, place.zone))
                took = time.perf_counter() - started
                grown = [each for each in found.cells if each.grown]
                told = {
                    pair
                    for pair in PLANTED
                    if any(
                        set(pair) & set(cell.keys) == set(cell.keys) or set(pair) <= set(cell.keys) for cell in grown
                    )
                }
                others = [cell for cell in grown if not any(set(cell.keys) & set(pair) for pair in PLANTED)]
                print(
                    f"{key}: {took:.2f} s, {found.looked_at} cells; grown {len(grown)}, of them planted {len(told)} of {len(PLANTED)}, others {len(others)}"
                )
        took, told, others_ = rival(place)
        print(f"percent change: {took:.2f} s, planted {len(told)} of {len(PLANTED)}, others {others_}")
        place.store.close()


if __name__ == "__main__":
    main()
