"""From links to chains: `wide`, one row per chain with all its records, and `chains`, the rows of the chain feed.

A chain's state follows from what is due: a step that is due, has not come and was not passed by a later one is missing.
Nothing missing is *done*; while the chain waits for late records it is *open*, or *stuck* once the step took longer than
its limit; afterwards it is *lost*. Steps that run backwards by more than clocks differ, and forbidden conditions, make
a chain *impossible*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.catalogue.model.data import Column
from ganzhi.catalogue.model.traces import Known, Nearby, seconds_of
from ganzhi.compile.dialects import identifier, literal
from ganzhi.compile.trace.plan import US, Step, TracePlan, quoted
from ganzhi.compile.trace.records import Span, key_sql, relation

SQL_TYPES: Mapping[str, str] = {
    "text": "varchar",
    "int": "bigint",
    "bool": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
}
"""Column types of feeds in SQL; decimals carry their scale."""


def cast_sql(sql: str, column: Column) -> str:
    """A value as a column keeps it."""
    kind = f"decimal(18, {column.scale})" if column.type == "decimal" else SQL_TYPES[column.type]
    return f"cast({sql} as {kind})"


def _instant(micros: str) -> str:
    return f"make_timestamptz({micros})"


def wide_sql(plan: TracePlan, span: Span) -> str:
    """One row per chain of the span, with the record, time and link of every step."""
    first, mine = quoted("r", plan.first), f"o >= {span.start} and o < {span.end}"
    lines = f"(select rowid as c, row_number() over (order by o, k) as line from {first} where {mine})"
    columns = ["f.rowid as c", "f.k as chain_id", "f.o as o", "f.u as u", "lines.line"]
    joins = [f"from {lines} lines join {first} f on f.rowid = lines.c"]
    subjects = []
    for number, source in enumerate(plan.sources):
        row = "f" if source.step == plan.first else f"r{number}"
        if source.subject is not None:
            subjects.append(f"{row}.s")
        if row != "f":
            joins += [
                f"left join {quoted('m', source.step)} m{number} on m{number}.c = f.rowid",
                f"left join {quoted('r', source.step)} {row} on {row}.rowid = m{number}.r",
            ]
            columns += [f"m{number}.how as {quoted('h', source.step)}", f"m{number}.amb as {quoted('a', source.step)}"]
        columns += [f"{row}.k as {quoted('k', source.step)}"]
        columns += [f"{row}.{quoted('t', step)}" for step, _ in source.times]
        columns += [f"{row}.{quoted('c', name)}" for name, _ in source.carried]
    subject = f"coalesce({', '.join(subjects)})" if subjects else "cast(null as varchar)"
    return "\n".join([f"create or replace temp table wide as\nselect {', '.join(columns)}, {subject} as s", *joins])


def known_sql(plan: TracePlan) -> Iterator[str]:
    """`base`: chains with their times and carried values; one table of further facts for each that is asked for."""
    named = [
        "c",
        "chain_id",
        f"u as {identifier(plan.chains.unit)}",
        f"s as {identifier(plan.trace.subject)}",
        *(f"{_instant(quoted('t', step.name))} as {identifier(step.column)}" for step in plan.steps),
        *(f"{quoted('c', name)} as {identifier(name)}" for source in plan.sources for name, _ in source.carried),
    ]
    yield f"create or replace temp table base as select {', '.join(named)} from wide"
    for name, known in plan.trace.known.items():
        yield f"create or replace temp table {quoted('n', name)} as\n{_known(plan, known)}"
        yield _added(name, f"{quoted('n', name)}.v")
    for name, nearby in plan.trace.nearby.items():
        yield f"create or replace temp table {quoted('n', name)} as\n{_nearby(plan, name, nearby)}"
        value = f"{quoted('n', name)}.v"
        if nearby.tell != "last":
            value = f"coalesce({value}, 0)" + (" > 0" if nearby.tell == "any" else "")
        yield _added(name, value)


def _added(name: str, value: str) -> str:
    table = quoted("n", name)
    return (
        f"create or replace temp table base as select base.*, {value} as {identifier(name)}"
        f" from base left join {table} on {table}.c = base.c"
    )


def _nearby(plan: TracePlan, name: str, nearby: Nearby) -> str:
    """How many records of a feed lie around a chain's start, or what the latest of them says."""
    time, start = f"q.{identifier(nearby.at)}", f"b.{identifier(plan.chains.time)}"
    on = [f"q.{identifier(theirs)} = b.{identifier(ours)}" for theirs, ours in nearby.equal.items()]
    on.append(f"{time} >= {start} - interval {seconds_of(nearby.before)} second")
    on.append(f"{time} <= {start} + interval {seconds_of(nearby.after)} second")
    source = plan.source(plan.first)
    if nearby.feed == source.feed:
        on.append(f"{key_sql(source.key, 'q.')} <> b.chain_id")
    rows = f"(select * from {_with_derived(plan, nearby.feed)} where {plan.nearby[name] or 'true'})"
    value = "count(*)"
    if nearby.tell == "last" and nearby.value is not None:
        value = f"arg_max(q.{identifier(nearby.value)}, {time})"
    return f"select b.c, {value} as v from {rows} q join base b on {' and '.join(on)} group by b.c"


def _with_derived(plan: TracePlan, feed: str) -> str:
    return (
        identifier(relation(feed))
        if feed not in plan.derived
        else (
            f"(select *{''.join(f', {sql} as {identifier(n)}' for n, sql in plan.derived[feed])} from {identifier(relation(feed))})"
        )
    )


def _known(plan: TracePlan, known: Known) -> str:
    """What the latest version of an entity says."""
    time = plan.known_times[known.feed]
    theirs = ", ".join(f"q.{identifier(name)}" for name in known.equal)
    equal = " and ".join(f"q.{identifier(a)} = b.{identifier(o)}" for a, o in known.equal.items())
    latest = (
        f"select {theirs}, arg_max(q.{identifier(known.value)}, q.{identifier(time)}) as v"
        f" from {identifier(relation(known.feed))} q semi join base b on {equal} group by {theirs}"
    )
    return f"select b.c, any_value(q.v) as v from ({latest}) q join base b on {equal} group by b.c"


def previous(plan: TracePlan, step: Step) -> tuple[str, str]:
    """Time and name of the step before, as SQL over `wide`: of the main line the last that came, beside it the one
    that is declared."""
    before = [each for each in reversed(plan.main) if each.place < step.place]
    if step.beside and step.after is not None:
        before = [plan.step(step.after)]
    times = ", ".join(quoted("t", each.name) for each in before)
    time = times if len(before) == 1 else f"coalesce({times})"
    whens = " ".join(f"when {quoted('t', each.name)} is not null then {literal(each.name)}" for each in before)
    return time, f"case {whens} end"


def chains_sql(plan: TracePlan, until: int, skew: Mapping[str, int]) -> str:
    """`chains`: the finished rows, with the microsecond times of `wide` beside them. until: how far the records reach."""
    sql = "select base.*, wide.* exclude (c, chain_id) from base join wide on wide.c = base.c"
    for name, fact in plan.facts:
        sql = f"select *, {fact} as {identifier(name)} from (\n{sql}\n)"
    sql = f"select *, {_variant(plan)} as variant from (\n{sql}\n)"
    sql = f"select *, {_missing(plan)} as missing, {_last(plan)} as last_step, {_wrong(plan, skew)} as wrong from (\n{sql}\n)"
    sql = f"select *, {_since(plan)} as since, {_limit(plan)} as allowed from (\n{sql}\n)"
    sql = f"select *, {_state(plan, until)} as state from (\n{sql}\n)"
    stuck = "case when state in ('stuck', 'lost') then missing end as stuck_at"
    waiting = f"case when missing is not null then {_instant('since')} end as waiting_since"
    sql = f"select *, {stuck}, {waiting}, {_ambiguous(plan)} as ambiguous from (\n{sql}\n)"
    return f"create or replace temp table chains as\n{sql}"


def _variant(plan: TracePlan) -> str:
    if not plan.variants:
        return "cast(null as varchar)"
    whens = " ".join(f"when coalesce({where}, false) then {literal(name)}" for name, where, _ in plan.variants)
    return f"case {whens} end"


def _due(plan: TracePlan, step: Step) -> str | None:
    """Whether a step must come, as a condition; None where it never must."""
    if step.optional or step.name == plan.first:
        return None
    parts = [] if step.due is None else [f"coalesce({step.due}, false)"]
    without = [literal(name) for name, _, missing in plan.variants if step.name in missing]
    if without:
        parts.append(f"coalesce(variant not in ({', '.join(without)}), true)")
    return " and ".join(parts) or "true"


def _missing(plan: TracePlan) -> str:
    """The first step that is due, has not come, and was not passed by a later one of the main line."""
    whens = []
    for step in plan.steps:
        due = _due(plan, step)
        if due is None:
            continue
        later = [] if step.beside else [s for s in plan.main if s.place > step.place]
        absent = " and ".join(f"{quoted('t', each.name)} is null" for each in (step, *later))
        whens.append(f"when {due} and {absent} then {literal(step.name)}")
    return f"case {' '.join(whens)} end" if whens else "cast(null as varchar)"


def _last(plan: TracePlan) -> str:
    whens = " ".join(
        f"when {quoted('t', step.name)} is not null then {literal(step.name)}" for step in reversed(plan.main)
    )
    return f"case {whens} end"


def _wrong(plan: TracePlan, skew: Mapping[str, int]) -> str:
    """Whether steps of the main line run backwards, or a forbidden condition holds."""
    parts = [f"coalesce({sql}, false)" for _, sql in plan.forbidden]
    for step in plan.main[1:]:
        time, name = previous(plan, step)
        mine = f"{quoted('t', step.name)} - {skew.get(step.system, 0)}"
        parts.append(f"coalesce({mine} - ({time} - {skew_sql(plan, name, skew)}) < -{plan.clocks}, false)")
    return " or ".join(parts) or "false"


def skew_sql(plan: TracePlan, name: str, skew: Mapping[str, int]) -> str:
    """The skew of the system of a step that is itself an SQL value."""
    whens = "".join(
        f" when {literal(step.name)} then {skew[step.system]}" for step in plan.steps if skew.get(step.system, 0)
    )
    return f"case {name}{whens} else 0 end" if whens else "0"


def _since(plan: TracePlan) -> str:
    """When the step before the missing one came; of a step beside the main line the one it follows."""
    reached = ", ".join(quoted("t", step.name) for step in reversed(plan.main))
    whens = "".join(
        f" when missing = {literal(step.name)} then coalesce({quoted('t', step.after)}, o)"
        for step in plan.steps
        if step.beside and step.after is not None
    )
    line = f"coalesce({reached}, o)"
    return f"case{whens} else {line} end" if whens else line


def _limit(plan: TracePlan) -> str:
    whens = " ".join(f"when {literal(step.name)} then {step.limit}" for step in plan.steps)
    return f"case missing {whens} end"


def _state(plan: TracePlan, until: int) -> str:
    return (
        "case when wrong then 'impossible' when missing is null then 'done'"
        f" when o + {plan.closing} <= {until} then 'lost'"
        f" when {until} - since > allowed then 'stuck' else 'open' end"
    )


def _ambiguous(plan: TracePlan) -> str:
    flags = [f"coalesce({quoted('a', source.step)}, false)" for source in plan.sources if source.step != plan.first]
    return " or ".join(flags) or "false"


def chain_rows_sql(plan: TracePlan) -> str:
    """The rows of the chain feed, as they are written."""
    columns = ", ".join(
        f"{cast_sql(identifier(name) if name in plan.filled else 'null', column)} as {identifier(name)}"
        for name, column in plan.chains.columns.items()
    )
    load = literal(f"trace:{plan.code}")
    return f"select {columns}, {load} as _load, line as _line from chains"


def seconds(micros: int) -> float:
    """Microseconds as seconds."""
    return micros / US
