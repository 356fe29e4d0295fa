"""Where a trace broke on a day: hops against the days before, whom it hit, what its systems showed, what was released.

A hop is broken when the share over its limit is three times the usual and five points above it. The first broken hop of
the main line is where it broke; signs and releases are put beside it, and the judgement is left to the reader: what comes
before is not always what causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median_low
from typing import Any

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.periods import Grain, midnight
from ganzhi.catalogue.model.data import Column
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from ganzhi.compile.trace.ask import affected_sql, hop_days_sql, hop_hours_sql, releases_sql
from ganzhi.compile.trace.plan import US
from ganzhi.compile.trace.records import relation
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import States
from ganzhi.trace.look import USUAL_DAYS, Asked, Look
from ganzhi.trace.views import BreakSheet, HopBreak, Release, Sign
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

LEAST_N = 30
TIMES, POINTS = 3.0, 0.05
LEAST_IN_AN_HOUR = 5
LOOK_BACK = timedelta(hours=36)
MOST_RELEASES = 50


def breaks(
    workplace: Workplace, reading: States, viewer: Viewer, code: str, day: date, unit: str | None = None
) -> BreakSheet:
    """One day of a trace against the days before it, up to four weeks.

    reading: where indicators are read. Raises: InputError TRC001, TRC005; AccessError without the right.
    """
    viewer.require("dynamic")
    look = Look(workplace, viewer, Asked(code, day, day, unit))
    zone = workplace.zone
    start = int(midnight(day, zone).timestamp()) * US
    end = int(midnight(day + timedelta(days=1), zone).timestamp()) * US
    with look.session(back=USUAL_DAYS) as session:
        rows = session.query(hop_days_sql(look.plan, start, end)).to_pylist()
        hops = _hops(look, rows)
        broken = next((hop.hop for hop in hops if hop.broken and not look.trace.steps[hop.hop].beside), None)
        hours: list[Mapping[str, Any]] = []
        if broken is not None:
            usual = next(hop.usual_over for hop in hops if hop.hop == broken) or 0.0
            hours = [
                row
                for row in session.query(hop_hours_sql(look.plan, broken, start, end)).to_pylist()
                if row["n"] >= LEAST_IN_AN_HOUR and _is_broken(row["over"] / row["n"], usual)
            ]
        hit = session.query(affected_sql(look.plan, start, end)).to_pylist()[0]
    began = datetime.fromtimestamp(hours[0]["hour"] * 3_600, UTC) if hours else None
    ended = datetime.fromtimestamp(hours[-1]["hour"] * 3_600, UTC) if hours else None
    releases = look.trace.releases
    columns = {} if releases is None else workplace.catalogue.feed(releases.feed).columns
    changed = _releases(look, began)
    return BreakSheet(
        code,
        look.trace.name,
        day,
        hit["chains"],
        hit["affected"],
        hit["customers"],
        hit["stopped"],
        hops,
        None if broken is None else look.step(broken),
        began,
        ended,
        _signs(workplace, reading, look, day),
        changed,
        {} if releases is None else {name: columns[name].name for name in releases.shown},
        _named(workplace.catalogue, columns, changed),
    )


def _is_broken(share: float, usual: float) -> bool:
    return share > TIMES * usual + POINTS


def _hops(look: Look, rows: Sequence[Mapping[str, Any]]) -> tuple[HopBreak, ...]:
    """In the order of the trace; a hop nobody took that day is left out."""
    before = {row["hop"]: row for row in rows if not row["today"]}
    found = []
    for row in sorted(rows, key=lambda row: look.plan.step(row["hop"]).place):
        if not row["today"]:
            continue
        usual = before.get(row["hop"])
        known = usual is not None and usual["n"] >= LEAST_N
        share = row["over"] / row["n"]
        usual_share = usual["over"] / usual["n"] if known and usual is not None else None
        found.append(
            HopBreak(
                row["hop"],
                look.step(row["hop"]),
                look.system(row["hop"]),
                row["n"],
                share,
                usual_share,
                row["p95"],
                usual["p95"] if known and usual is not None else None,
                row["n"] >= LEAST_N and usual_share is not None and _is_broken(share, usual_share),
            )
        )
    return tuple(found)


def _signs(workplace: Workplace, reading: States, look: Look, day: date) -> tuple[Sign, ...]:
    """Indicators of the day and the middle one of the days before. Systems serve everybody: whoever is asked about, the
    signs are those of the unit that the viewer's pages begin with."""
    unit = Ground(workplace.catalogue, look.viewer).top
    codes = look.trace.signs
    found = []
    for code in codes:
        indicator = workplace.catalogue.indicator(code)
        subject = subject_of(workplace.catalogue, code, Grain.DAY)
        if indicator.feed is None or indicator.feed not in reading.feeds:
            found.append(Sign(subject, None, None, 0))
            continue
        request = ObserveRequest((code,), unit, Grain.DAY, day - timedelta(days=USUAL_DAYS), day, stale="show")
        values = {each.period.first_day: each.value for each in observe(workplace, reading, request)}
        earlier = [float(value) for when, value in values.items() if when < day and value is not None]
        now = values.get(day)
        usual = median_low(earlier) if earlier else None
        found.append(Sign(subject, None if now is None else float(now), usual, len(earlier)))
    return tuple(found)


def _named(
    catalogue: Catalogue, columns: Mapping[str, Column], releases: Sequence[Release]
) -> Mapping[str, Mapping[str, Text]]:
    """What codes in the shown columns of releases mean: by the column's code list, or as a system of the catalogue."""
    found: dict[str, dict[str, Text]] = {}
    for name in releases[0].values if releases else ():
        allowed, held = columns[name].allowed, {str(each.values[name]) for each in releases}
        entries = catalogue.code_lists[allowed].entries if allowed is not None else ()
        named = {entry.to: entry.name for entry in entries if entry.name is not None}
        if allowed is None and held <= catalogue.systems.keys():
            named = {code: catalogue.systems[code].name for code in held}
        found[name] = {code: named[code] for code in held if code in named}
    return found


def _releases(look: Look, began: datetime | None) -> tuple[Release, ...]:
    """Changes of systems in the day and a half before the break."""
    releases = look.trace.releases
    if releases is None or began is None:
        return ()
    low, high = began - LOOK_BACK, began + timedelta(hours=1)
    days = ((low - timedelta(days=2)).date().isoformat(), (high + timedelta(days=2)).date().isoformat())
    files = tuple(f for f in look.snapshot.table(f"rows/{releases.feed}") if days[0] <= f.partition <= days[1])
    schema = rows_schema(look.workplace.catalogue.feed(releases.feed))
    with look.workplace.engine.session({relation(releases.feed): Relation(files, schema)}) as session:
        edges = (round(low.timestamp() * US), round(high.timestamp() * US))
        rows = session.query(releases_sql(look.plan, *edges, MOST_RELEASES)).to_pylist()
    return tuple(Release(row["at"], {name: row[name] for name in releases.shown}) for row in rows)
