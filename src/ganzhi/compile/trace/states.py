"""Changes of state against a state machine: which may not happen, and which do not begin where the last one ended.

Reads the relation of the feed that records them, and `units(unit)`: what the viewer may see.
"""

from __future__ import annotations

from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.framework import StateMachine, StateRecord
from ganzhi.compile.dialects import identifier, literal
from ganzhi.compile.trace.records import key_sql, relation


def _changes(machine: StateMachine, record: StateRecord, feed: Feed) -> str:
    """Every change with what is wrong with it. `broken`: it does not begin where the last change of that thing ended.
    `several`: it clears several reasons at once. `forbidden`: the machine has no such change."""
    pairs = ", ".join(f"({literal(t.source)}, {literal(t.target)})" for t in machine.transitions)
    single = ", ".join(sorted({literal(t.source) for t in machine.transitions if t.target == machine.resting}))
    before, after = identifier(record.before), identifier(record.after)
    subject, at = identifier(record.subject), identifier(record.at)
    rows = identifier(relation(record.feed))
    return (
        f"select {key_sql(feed.key)} as record, {identifier(feed.unit)} as unit, {subject} as subject, {at} as happened,"
        f" {before} as was, {after} as became,"
        f" lag({after}) over (partition by {subject} order by {at}, {key_sql(feed.key)}) as ended,"
        f" case when ({before}, {after}) in ({pairs}) then null"
        f" when {after} = {literal(machine.resting)} and {before} not in ({single}) then 'several'"
        f" else 'forbidden' end as wrong from {rows} where {subject} is not null"
    )


def transitions_sql(machine: StateMachine, record: StateRecord, feed: Feed) -> str:
    """How often each change happened, whether the machine allows it, and how many begin elsewhere than the last ended."""
    return (
        f"with changes as ({_changes(machine, record, feed)})\n"
        "select was, became, any_value(wrong) as wrong, count(*) as n,"
        " count(*) filter (where ended is not null and ended <> was) as broken"
        " from changes semi join units on units.unit = changes.unit group by was, became order by was, became"
    )


def illegal_sql(machine: StateMachine, record: StateRecord, feed: Feed, most: int) -> str:
    """The changes that are wrong, the latest first."""
    return (
        f"with changes as ({_changes(machine, record, feed)})\n"
        "select record, unit, subject, happened, was, became, ended, coalesce(wrong, 'broken') as wrong"
        " from changes semi join units on units.unit = changes.unit"
        f" where wrong is not null or (ended is not null and ended <> was) order by happened desc, record limit {int(most)}"
    )
