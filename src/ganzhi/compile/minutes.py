"""Counts per minute for warnings that are given as values come: which measures of a feed, of which units and slices.

Only measures that can be added and taken away again (counts and sums) are counted by the minute, so that a corrected row
is subtracted and nothing is ever counted anew because of it. The plan follows from the catalogue alone; its mark
says whether counts that are kept are still what the catalogue means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import digest
from ganzhi.catalogue.checks.warning.rules import BY_MINUTE, MINUTE_GRAINS
from ganzhi.catalogue.model.warning import WarningRule
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.dialects import identifier
from ganzhi.compile.formulas import Formula
from ganzhi.compile.measures import DECIMAL_PLACES, Kind, Measure
from ganzhi.compile.plan import FeedPlan, plan_feed

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class MinutePlan:
    """What of a feed is counted by the minute. measures: counts and sums, by name. cuts: dimensions, each on its
    own, besides all together. units: those that are judged, whose counts hold everything below them. mark: equal exactly
    when counts are interchangeable."""

    feed: FeedPlan
    rules: tuple[str, ...]
    measures: tuple[Measure, ...]
    cuts: tuple[str, ...]
    units: frozenset[str]
    mark: str


def is_minute_rule(rule: WarningRule) -> bool:
    """Whether a rule is judged as values come: watched by the service centre, a quarter of an hour or finer."""
    return rule.level == "centre" and rule.grain in MINUTE_GRAINS


def minute_rules(catalogue: Catalogue) -> dict[str, WarningRule]:
    """The rules that are judged as values come, whose indicators are not retired, by code."""
    return {
        code: rule
        for code, rule in catalogue.warning_rules.items()
        if is_minute_rule(rule) and not catalogue.indicators[rule.indicator].retired
    }


def minute_plan(catalogue: Catalogue, feed: str) -> MinutePlan | None:
    """What of a feed is counted by the minute; None when no rule asks for anything.

    Raises: InputError STR001 for an indicator that cannot be counted by the minute.
    """
    key = ("minutes", feed)
    if key not in catalogue.computed:
        catalogue.computed[key] = _plan(catalogue, feed)
    found: MinutePlan | None = catalogue.computed[key]
    return found


def minute_feeds(catalogue: Catalogue) -> tuple[str, ...]:
    """The feeds of which something is counted by the minute."""
    feeds = (catalogue.indicators[rule.indicator].feed for rule in minute_rules(catalogue).values())
    return tuple(dict.fromkeys(feed for feed in feeds if feed is not None))


def _plan(catalogue: Catalogue, feed: str) -> MinutePlan | None:
    rules = {
        code: rule
        for code, rule in minute_rules(catalogue).items()
        if catalogue.indicators[rule.indicator].feed == feed
    }
    if not rules:
        return None
    plan = plan_feed(catalogue, feed)
    found = {m.name: m for rule in rules.values() for m in _measures(plan.formula(rule.indicator))}
    measures = tuple(found[name] for name in sorted(found))
    cuts = tuple(sorted({rule.by for rule in rules.values() if rule.by is not None}))
    levels = {level for rule in rules.values() for level in rule.at}
    units = frozenset(code for code, unit in catalogue.units.items() if unit.level in levels)
    parts = [str(FORMAT), plan.rolled_fingerprint, *found, *cuts, *sorted(units)]
    return MinutePlan(plan, tuple(rules), measures, cuts, units, digest(*parts)[:32])


def _measures(formula: Formula) -> Iterator[Measure]:
    if formula.shape not in BY_MINUTE or any(m.kind not in (Kind.COUNT, Kind.SUM) for m in formula.measures):
        raise InputError(Issue("STR001", formula.code, params={"measure": formula.shape}))
    yield from formula.measures


def minutes_sql(plan: MinutePlan, rows: str, since_minute: int) -> str:
    """SELECT of `minute, unit, slice` and a column per measure, over a relation of the feed's rows.

    Needs the relation `minute_members` (unit, ancestor, first_minute, last_minute). slice: empty for all, else the
    dimension's place in `cuts`, a colon, and its value. since_minute: earlier rows are left out.
    """
    feed = plan.feed
    lines = [identifier(name) for name in feed.stored]
    lines += [f"{each.sql} as {identifier(each.name)}" for each in feed.derived]
    minute = f"epoch_us({identifier(feed.time)}) // 60000000"
    lines.append(f"{minute} as _minute")
    dims = [f"coalesce(cast({identifier(d)} as varchar), '')" for d in plan.cuts]
    sets = ["(_minute, _unit)", *(f"(_minute, _unit, _d{n})" for n in range(len(dims)))]
    whens = " ".join(f"when grouping(_d{n}) = 0 then '{n}:' || _d{n}" for n in range(len(dims)))
    cut = f"case {whens} else '' end" if dims else "''"
    keys = [f"{identifier(feed.unit)} as _unit", *(f"{text} as _d{n}" for n, text in enumerate(dims))]
    aggregates = [f"{_aggregate(m)} as {m.name}" for m in plan.measures]
    sums = ", ".join(f"cast(sum(k.{m.name}) as bigint) as {m.name}" for m in plan.measures)
    return (
        f"with base as (select {', '.join(lines)} from {rows} as r where {minute} >= {since_minute}), "
        f"keyed_rows as (select *, {', '.join(keys)} from base), "
        f"keyed as (select _minute as minute, _unit as unit, {cut} as slice, {', '.join(aggregates)} "
        f"from keyed_rows group by grouping sets ({', '.join(sets)})) "
        f"select k.minute, m.ancestor as unit, k.slice, {sums} from keyed k join minute_members m on m.unit = k.unit "
        f"and k.minute between m.first_minute and m.last_minute group by k.minute, m.ancestor, k.slice"
    )


def _aggregate(measure: Measure) -> str:
    conditions = [f"({each})" for each in measure.where]
    if measure.value is not None:
        conditions.append(f"({measure.value.sql}) is not null")
    met = " and ".join(conditions)
    if measure.kind is Kind.COUNT:
        return f"count(*) filter (where {met})" if met else "count(*)"
    assert measure.value is not None
    value = f"({measure.value.sql})"
    if measure.value.arithmetic != "int":
        value = f"cast(cast({value} as decimal(38, {DECIMAL_PLACES})) * {10**DECIMAL_PLACES} as hugeint)"
    return f"coalesce(sum({value}) filter (where {met}), 0)"
