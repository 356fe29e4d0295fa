"""What is asked about chains that are written: boards, stuck lists, stories, clocks; each from one state of the manifest.

Asks the viewer first. Shows nothing of units out of reach; what is usual is taken from all chains. Personal values are
masked unless the viewer may see them and gave a reason, which goes into the audit trail.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from ganzhi.access.rights import Ground, Viewer
from ganzhi.access.shown.masking import is_masked, mask
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.checks.places import near
from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.states import rows_schema
from ganzhi.compile.trace.ask import (
    chain_hops_sql,
    chain_sql,
    count_stuck_sql,
    gaps_between_sql,
    hops_sql,
    reach_sql,
    states_sql,
    stuck_sql,
    too_soon_sql,
)
from ganzhi.compile.trace.hops import LEAST, QUIET_HOURS
from ganzhi.compile.trace.plan import TracePlan, plan_trace
from ganzhi.compile.trace.records import relation
from ganzhi.store.manifest import Snapshot
from ganzhi.trace.run import stale_days
from ganzhi.trace.skew import Gap, estimate
from ganzhi.trace.views import (
    ClockSheet,
    HopRow,
    Jump,
    Story,
    StoryStep,
    StuckBoard,
    StuckCount,
    StuckList,
    TraceBoard,
    TraceRow,
    Waiting,
)
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace

USUAL_DAYS = 28
"""How many days back hops count as usual."""
SHOWN_DAYS = 7
MOST = 10_000
JUMP_LEAST_N = 20
NOWHERE = Text(zh="–", en="–")


@dataclass(frozen=True, slots=True)
class Asked:
    """A trace and its days, both included; by default the last seven that have chains. unit: whose chains, with all units
    below it; by default all that the viewer may see."""

    code: str
    first: date | None = None
    last: date | None = None
    unit: str | None = None


def traces(workplace: Workplace, viewer: Viewer) -> tuple[TraceRow, ...]:
    """Every trace of the catalogue, and how far its chains are."""
    viewer.require("macro")
    snapshot = workplace.store.manifest.snapshot()
    found = []
    for code, trace in sorted(workplace.catalogue.traces.items(), key=lambda item: item[1].order):
        days = snapshot.partitions(f"rows/{trace.chains}")
        last = date.fromisoformat(days[-1]) if days else None
        stale = len(stale_days(plan_trace(workplace.catalogue, code), snapshot))
        found.append(TraceRow(code, trace.name, trace.description, len(trace.steps), len(days), last, stale))
    return tuple(found)


class Look:
    """One trace over some days, seen by one viewer."""

    def __init__(self, workplace: Workplace, viewer: Viewer, asked: Asked) -> None:
        self.workplace, self.viewer = workplace, viewer
        self.ground = Ground(workplace.catalogue, viewer)
        if asked.unit is not None:
            self.ground.unit(asked.unit)
            self.ground = Ground(workplace.catalogue, replace(viewer, units=(asked.unit,)))
        self.plan = plan_trace(workplace.catalogue, asked.code)
        self.trace = self.plan.trace
        snapshot = workplace.store.manifest.snapshot()
        days = snapshot.partitions(f"rows/{self.trace.chains}")
        if not days:
            raise InputError(Issue("TRC005", asked.code))
        self.last = asked.last or date.fromisoformat(days[-1])
        self.first = asked.first or self.last - timedelta(days=SHOWN_DAYS - 1)
        self.snapshot = snapshot
        self.days = tuple(date.fromisoformat(d) for d in days if self.first.isoformat() <= d <= self.last.isoformat())
        if not self.days:
            raise InputError(Issue("TRC005", asked.code))

    @contextmanager
    def session(self, *, back: int = 0) -> Iterator[Session]:
        """The chains of the days, and their hops with those of so many days before."""
        chains = _files(self.snapshot, self.trace.chains, self.first, self.last)
        hops = _files(self.snapshot, self.trace.hops, self.first - timedelta(days=back), self.last)
        relations = {
            relation(self.trace.chains): Relation(chains, rows_schema(self.plan.chains)),
            relation(self.trace.hops): Relation(hops, rows_schema(self.plan.hops)),
        }
        with self.workplace.engine.session(relations) as session:
            units = list(self.ground.units)
            session.register("units", pa.table({"unit": pa.array(units, pa.string())}))
            yield session

    def step(self, code: str | None) -> Text:
        """A step in words."""
        step = self.trace.steps.get(code or "")
        return NOWHERE if step is None else step.name

    def system(self, step: str) -> Text:
        """The system of a step in words."""
        return self.workplace.catalogue.systems[self.trace.steps[step].system].name

    def reach(self, session: Session) -> datetime | None:
        """When the latest hop was finished."""
        at: datetime | None = session.query(reach_sql(self.plan)).column("at")[0].as_py()
        return at


def _files(snapshot: Snapshot, feed: str, first: date, last: date) -> tuple[Any, ...]:
    low, high = first.isoformat(), last.isoformat()
    return tuple(file for file in snapshot.table(f"rows/{feed}") if low <= file.partition <= high)


def board(workplace: Workplace, viewer: Viewer, asked: Asked) -> TraceBoard:
    """A trace over some days: states, links, hops with their distribution, stuck lists in short.

    Raises: InputError TRC001, TRC005.
    """
    viewer.require("macro")
    look = Look(workplace, viewer, asked)
    with look.session() as session:
        states = session.query(states_sql(look.plan)).to_pylist()
        hops = session.query(hops_sql(look.plan)).to_pylist()
        rows = hop_rows(look, hops)
        stuck = tuple(_stuck_board(look, session, code) for code in look.trace.stuck)
        return TraceBoard(
            asked.code,
            look.trace.name,
            look.trace.description,
            look.first,
            look.last,
            look.reach(session),
            sum(row["n"] for row in states),
            {row["state"]: row["n"] for row in states},
            sum(row["ambiguous"] for row in states),
            {
                "exact": sum(row["n"] - row["ordered"] - row["shared"] for row in hops),
                "order": sum(row["ordered"] for row in hops),
                "record": sum(row["shared"] for row in hops),
            },
            sum(row["ambiguous"] for row in hops),
            rows,
            stuck,
            look.days,
        )


def hop_rows(look: Look, rows: Iterable[Mapping[str, Any]]) -> tuple[HopRow, ...]:
    """What `hops_sql` gives, in the order of the trace."""
    found = (_hop(look, row) for row in rows)
    return tuple(sorted(found, key=lambda row: (_place(look.plan, row.hop), row.slice or "")))


def _place(plan: TracePlan, hop: str) -> int:
    return plan.step(hop).place


def _hop(look: Look, row: Mapping[str, Any]) -> HopRow:
    return HopRow(
        row["hop"],
        look.step(row["hop"]),
        look.system(row["hop"]),
        row.get("slice"),
        row["n"],
        row["spanning"],
        row["ordered"],
        row["ambiguous"],
        row["over"],
        row["p500"],
        row["p900"],
        row["p950"],
        row["p990"],
        row["limit_ms"],
        look.trace.steps[row["hop"]].beside,
    )


def _stuck_board(look: Look, session: Session, code: str) -> StuckBoard:
    stuck = look.trace.stuck[code]
    counts = session.query(count_stuck_sql(look.plan, code)).to_pylist()
    steps = tuple(
        StuckCount(row["stuck_at"], look.step(row["stuck_at"]), row["state"], row["n"], row["customers"], row["amount"])
        for row in counts
    )
    money = [row["amount"] for row in counts if row["amount"] is not None]
    return StuckBoard(
        code,
        stuck.name,
        stuck.symptom,
        sum(row["n"] for row in counts),
        sum(row["customers"] for row in counts),
        sum(money) if money else None,
        steps,
    )


def stuck(
    workplace: Workplace, viewer: Viewer, asked: Asked, which: str, *, most: int = 200, reason: str | None = None
) -> StuckList:
    """The chains of a list, and how unusual each wait is.

    reason: why personal values are shown in full; without one they are masked.
    Raises: AccessError without list depth, or with a reason without the right to see values; InputError TRC001, TRC004,
    TRC005.
    """
    viewer.require("list")
    look = Look(workplace, viewer, asked)
    if which not in look.trace.stuck:
        raise InputError(
            Issue("TRC004", asked.code, params={"name": which[:60], "near": near(which, look.trace.stuck)})
        )
    if reason is not None:
        viewer.require("unmask")
    columns = {name: look.plan.chains.columns[name].name for name in _shown(look.plan)}
    with look.session(back=USUAL_DAYS) as session:
        counted = _stuck_board(look, session, which)
        reach = look.reach(session)
        until = 0 if reach is None else round(reach.timestamp() * 1_000_000)
        rows = session.query(stuck_sql(look.plan, which, until, min(most, MOST), tuple(columns))).to_pylist()
    if reason is not None:
        detail = {"list": which, "rows": len(rows), "reason": reason, "first": str(look.first), "last": str(look.last)}
        workplace.store.audit.append(viewer.login, "unmask", f"trace {asked.code}", detail)
    named = look.trace.stuck[which]
    waiting = tuple(_waiting(look, row, columns, masked=reason is None) for row in rows)
    return StuckList(
        asked.code, which, named.name, named.symptom, look.first, look.last, reach, counted.chains, counted.customers,
        columns, names_of(look, columns, [row.values for row in waiting]), waiting,
    )  # fmt: skip


def names_of(look: Look, columns: Iterable[str], rows: Sequence[Mapping[str, object]]) -> dict[str, dict[str, Text]]:
    """What the codes of some columns of the chain feed mean, as far as rows hold them."""
    catalogue, found = look.workplace.catalogue, {}
    for name in columns:
        held = {str(row[name]) for row in rows if row[name] is not None}
        allowed = look.plan.chains.columns[name].allowed
        known: dict[str, Text] = {}
        if name == look.plan.chains.unit:
            known = {code: catalogue.units[code].name for code in held if code in catalogue.units}
        elif allowed is not None:
            entries = catalogue.code_lists[allowed].entries
            known = {entry.to: entry.name for entry in entries if entry.to in held and entry.name is not None}
        if known:
            found[name] = known
    return found


def _shown(plan: TracePlan) -> tuple[str, ...]:
    """Columns of the chain feed that say who and what it is about."""
    trace = plan.trace
    personal = [name for name, column in plan.chains.columns.items() if column.protection == "personal"]
    money = [trace.amount] if trace.amount else []
    named = [plan.chains.time, plan.chains.unit, trace.subject, *personal, *money, *plan.chains.dimensions]
    return tuple(dict.fromkeys(name for name in named if name in plan.chains.columns and name != "stuck_at"))


def _waiting(look: Look, row: Mapping[str, Any], columns: Mapping[str, Text], *, masked: bool) -> Waiting:
    return Waiting(
        row["chain_id"],
        row["state"],
        row["stuck_at"] or "",
        look.step(row["stuck_at"]),
        look.step(row["last_step"]),
        row["waiting_since"],
        row["waited_ms"],
        row["usual_n"] or 0,
        row["usual_p50"],
        row["usual_sure"],
        _share(row),
        {name: _open_value(look.plan, name, row[name], masked=masked) for name in columns},
    )


def _share(row: Mapping[str, Any]) -> float | None:
    """The share of usual times that were shorter; None where nothing is known."""
    known = row["usual_n"]
    return (row["below"] or 0) / known if known else None


def _open_value(plan: TracePlan, name: str, value: object, *, masked: bool) -> object:
    protection = plan.chains.columns[name].protection
    return mask(value, protection) if masked and is_masked(protection) else value


def story(workplace: Workplace, viewer: Viewer, asked: Asked, chain_id: str) -> Story:
    """One chain, step by step, each compared with what is usual; personal values masked.

    Raises: AccessError without list depth; InputError TRC001, TRC002, TRC005.
    """
    viewer.require("list")
    look = Look(workplace, viewer, asked)
    plan = look.plan
    with look.session(back=USUAL_DAYS) as session:
        rows = session.query(chain_sql(plan, chain_id)).to_pylist()
        if not rows:
            raise InputError(Issue("TRC002", chain_id[:64]))
        hops = session.query(chain_hops_sql(plan, chain_id)).to_pylist()
    chain = rows[0]
    begun = _begun(look, chain)
    steps = (begun, *(_story_step(look, hop) for hop in hops))
    facts = {
        name: (plan.chains.columns[name].name, _open_value(plan, name, chain[name], masked=True))
        for name in dict.fromkeys((*_shown(plan), *(n for n, c in plan.chains.columns.items() if c.type == "bool")))
        if chain[name] is not None
    }
    variant = look.trace.variants.get(chain["variant"] or "")
    return Story(
        asked.code,
        look.trace.name,
        chain_id,
        chain[plan.chains.unit],
        None if variant is None else variant.name,
        chain["state"],
        None if chain["stuck_at"] is None else look.step(chain["stuck_at"]),
        chain["waiting_since"],
        chain["ambiguous"],
        sum(hop["duration_ms"] for hop in hops if not hop["beside"]),
        facts,
        names_of(look, facts, [{name: value for name, (_, value) in facts.items()}]),
        steps,
        {step.feed: _feed(look, step.feed) for step in steps},
        look.trace.amount,
    )


def _feed(look: Look, code: str) -> tuple[Text, str]:
    """A feed's name, and the column that names its records."""
    feed = look.workplace.catalogue.feed(code)
    return feed.name, feed.key[0] if len(feed.key) == 1 else ""


def _begun(look: Look, chain: Mapping[str, Any]) -> StoryStep:
    first = look.plan.first
    at = chain[look.trace.steps[first].column]
    feed = look.plan.source(first).feed
    return StoryStep(
        first, look.step(first), look.system(first), at, None, None, over_limit=False, skew_ms=0, how="start",
        ambiguous=False, beside=False, usual_p50_ms=None, shorter=None, feed=feed, record=chain["chain_id"],
    )  # fmt: skip


def _story_step(look: Look, hop: Mapping[str, Any]) -> StoryStep:
    return StoryStep(
        hop["hop"],
        look.step(hop["hop"]),
        look.system(hop["hop"]),
        hop["finished_at"],
        hop["duration_ms"],
        hop["limit_ms"],
        hop["over_limit"],
        hop["skew_ms"],
        hop["how"],
        hop["ambiguous"],
        hop["beside"],
        hop["usual_p50"],
        _share(hop),
        hop["feed"],
        hop["record"],
    )


def clocks(workplace: Workplace, viewer: Viewer, asked: Asked) -> ClockSheet:
    """How far the clocks of the systems are apart, and which of them jumped.

    A time between two systems that grows may be a slow system; one that falls below what it always takes is a clock.
    What it always takes is known from four weeks before as well: a day of which most is slow does not make the rest odd.
    """
    viewer.require("macro")
    look = Look(workplace, viewer, asked)
    plan, names = look.plan, workplace.catalogue.systems
    since = int(midnight(look.first, workplace.zone).timestamp()) // 3_600
    with look.session(back=USUAL_DAYS) as session:
        hours = session.query(gaps_between_sql(plan, LEAST)).to_pylist()
        found = episodes(jumped(hours, plan.clocks), hours)
        jumps = tuple(_jump(session, look, each) for each in found if each.hours[1] >= since)
    systems = tuple(dict.fromkeys(step.system for step in plan.steps))
    return ClockSheet(
        asked.code,
        look.trace.name,
        look.first,
        look.last,
        {code: names[code].name for code in systems},
        estimate(systems, _quiet([row for row in hours if row["hour"] >= since])),
        jumps,
    )


@dataclass(frozen=True, slots=True)
class Episode:
    """Hours in which a pair of systems was too fast, one after another; by: the farthest below the middle one, in
    microseconds; middle: that one."""

    origin: str
    target: str
    hours: tuple[int, int]
    by: int
    middle: int


def episodes(found: Sequence[tuple[str, str, int, int, int]], hours: Sequence[Mapping[str, Any]]) -> list[Episode]:
    """The hours of `jumped` put together: those of a pair between which it has no hour of enough records.

    >>> rows = [{"origin": "a", "target": "b", "hour": h, "n": 99, "least": l} for h, l in enumerate((5, -9, -8, 5, 5, -9))]
    >>> [each.hours for each in episodes(jumped(rows, 2), rows)]
    [(1, 2), (5, 5)]
    """
    least = {(row["origin"], row["target"], row["hour"]): row["least"] for row in hours}
    counted: dict[tuple[str, str], list[int]] = {}
    for row in hours:
        if row["n"] >= JUMP_LEAST_N:
            counted.setdefault((row["origin"], row["target"]), []).append(row["hour"])
    place = {(*pair, hour): at for pair, held in counted.items() for at, hour in enumerate(sorted(held))}
    joined: list[Episode] = []
    for origin, target, hour, _, by in sorted(found):
        one = Episode(origin, target, (hour, hour), by, least[origin, target, hour] - by)
        last = joined[-1] if joined else one
        near = place[origin, target, hour] == place.get((origin, target, last.hours[1]), -9) + 1
        if near and (last.origin, last.target) == (origin, target):
            joined[-1] = replace(last, hours=(last.hours[0], hour), by=min(last.by, by))
            continue
        joined.append(one)
    return joined


def _jump(session: Session, look: Look, each: Episode) -> Jump:
    """When exactly: the first and the last record that came too soon."""
    names = look.workplace.catalogue.systems
    below = each.middle - look.plan.clocks
    row = session.query(too_soon_sql(look.plan, each.origin, each.target, each.hours, below)).to_pylist()[0]
    return Jump(names[each.origin].name, names[each.target].name, row["first"], row["last"], row["n"], each.by // 1_000)


def _quiet(hours: Sequence[Mapping[str, Any]]) -> list[Gap]:
    """Per pair of systems a low one of the hours' least times, as a run takes it."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in hours:
        found.setdefault((row["origin"], row["target"]), []).append(row)
    gaps = []
    for (origin, target), rows in found.items():
        leasts, usual = sorted(row["least"] for row in rows), sorted(row["usual"] for row in rows)
        low = leasts[max(0, math.ceil(QUIET_HOURS * len(leasts)) - 1)]
        gaps.append(Gap(origin, target, sum(row["n"] for row in rows), low, usual[(len(usual) - 1) // 2]))
    return gaps


def jumped(hours: Sequence[Mapping[str, Any]], clocks: int) -> list[tuple[str, str, int, int, int]]:
    """Pairs of systems and hours in which the least time between them fell by more than clocks differ below the middle one
    of all hours: how many hops, and by how many microseconds."""
    leasts: dict[tuple[str, str], list[int]] = {}
    enough = [row for row in hours if row["n"] >= JUMP_LEAST_N]
    for row in enough:
        leasts.setdefault((row["origin"], row["target"]), []).append(row["least"])
    middle = {pair: sorted(found)[len(found) // 2] for pair, found in leasts.items()}
    found = ((row, row["least"] - middle[row["origin"], row["target"]]) for row in enough)
    return [(row["origin"], row["target"], row["hour"], row["n"], by) for row, by in found if by < -clocks]
