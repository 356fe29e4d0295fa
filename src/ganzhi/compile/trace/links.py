"""From records to links: `m_<step>(c, r, how, amb)` says which record of a step belongs to which chain.

A chain `c` is the row of its first record, a record `r` the row of its table; each stands at most once in a table.
Ways are tried in their order, each only for chains without the step and for records nobody took.

*Exact* keys: what is one to one is taken as it is; where a record fits several chains, or a chain several records,
the nearest in time on both sides wins and the link is ambiguous.

*Order of time*: among equal columns, a record goes to the latest chain before it that still waits, as brackets close;
so a chain whose record was lost does not steal that of the next one. Chains that overlap are then paired in their order:
the first in is the first out. Two chains of one customer meet only if they lie within one window, so what is decided
depends on nothing outside it. A link is ambiguous when another record, or another chain, lies in its window.
"""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.catalogue.model.traces import TraceLink, seconds_of
from ganzhi.compile.trace.plan import US, Step, TracePlan, quoted

BACK = 3_600 * US
"""How far before the earlier step a record with equal keys may lie: a clock that jumped does not undo a key."""
EXACT, ORDER = 1, 2
"""How a link was made."""


def links_sql(plan: TracePlan) -> Iterator[str]:
    """The statements that make all links, in order."""
    for step in plan.steps:
        if step.source != step.name or step.name == plan.first:
            continue
        made, extra = quoted("m", step.name), quoted("x", step.name)
        yield f"create or replace temp table {made} (c bigint, r bigint, how tinyint, amb boolean)"
        yield f"create or replace temp table {extra} (r bigint)"
        for number, link in enumerate(step.links):
            if link.exact:
                yield from _exact(plan, step, link, number)
            else:
                yield from _ordered(plan, step, link)


def _waiting(plan: TracePlan, link: TraceLink) -> str:
    """The chains that have come so far: `c`, the time `t` counted from, `k` of the chain, and what is compared."""
    owner = plan.step(link.to).source
    columns = dict.fromkeys(quoted("e", theirs) for theirs in link.equal.values())
    shown = "".join(f", p.{name}" for name in columns)
    time = f"coalesce(p.{quoted('t', link.to)}, p.o) as t"
    if owner == plan.first:
        return f"select p.rowid as c, {time}, p.k{shown} from {quoted('r', owner)} p"
    return (
        f"select pm.c, {time}, pf.k{shown} from {quoted('r', owner)} p join {quoted('m', owner)} pm on pm.r = p.rowid"
        f" join {quoted('r', plan.first)} pf on pf.rowid = pm.c"
    )


def _free_chain(step: Step) -> str:
    return f"not exists (select 1 from {quoted('m', step.name)} mm where mm.c = a.c)"


def _free_record(step: Step) -> str:
    free = f"not exists (select 1 from {quoted('m', step.name)} mm where mm.r = b.rowid)"
    if step.take != "one":
        free += f" and not exists (select 1 from {quoted('x', step.name)} xx where xx.r = b.rowid)"
    return free


def _exact(plan: TracePlan, step: Step, link: TraceLink, number: int) -> Iterator[str]:
    equal = " and ".join(f"b.{quoted('e', mine)} = a.{quoted('e', theirs)}" for mine, theirs in link.equal.items())
    window = f"b.o >= a.t - {max(BACK, plan.clocks)} and b.o <= a.t + {seconds_of(link.within) * US}"
    free = f"\n  and {_free_chain(step)}\n  and {_free_record(step)}" if number else ""
    yield (
        "create or replace temp table cand as\nselect a.c, b.rowid as r, abs(b.o - a.t) as d, a.k as ck, b.k as rk, b.o"
        f"\nfrom {quoted('r', step.name)} b join ({_waiting(plan, link)}) a on {equal}\nwhere {window}{free}"
    )
    yield "create or replace temp table dup_c as select c from cand group by c having count(*) > 1"
    yield "create or replace temp table dup_r as select r from cand group by r having count(*) > 1"
    yield f"insert into {quoted('m', step.name)} select c, r, {EXACT}, false from cand where not {_DISPUTED}"
    yield from _disputed(step) if step.take == "one" else _several(step)


_DISPUTED = (
    "(exists (select 1 from dup_c where dup_c.c = cand.c) or exists (select 1 from dup_r where dup_r.r = cand.r))"
)


def _disputed(step: Step) -> Iterator[str]:
    """Where several fit, the nearest on both sides; keys decide between equal ones."""
    yield (
        f"insert into {quoted('m', step.name)} select c, r, {EXACT}, true from (select c, r,"
        " row_number() over (partition by r order by d, ck) as nr, row_number() over (partition by c order by d, rk) as nc"
        f" from cand where {_DISPUTED}) where nr = 1 and nc = 1"
    )


def _several(step: Step) -> Iterator[str]:
    """Where one chain has several records, the first or last tells the step; the others are part of it."""
    made, way = quoted("m", step.name), "desc" if step.take == "last" else "asc"
    yield (
        "create or replace temp table owned as select c, r, o, rk, amb from (select *,"
        " count(*) over (partition by r) > 1 as amb, row_number() over (partition by r order by d, ck) as nr"
        f" from cand where {_DISPUTED}) where nr = 1"
    )
    yield (
        f"insert into {made} select c, r, {EXACT}, amb from (select *,"
        f" row_number() over (partition by c order by o {way}, rk {way}) as n from owned) where n = 1"
    )
    yield (
        f"insert into {quoted('x', step.name)} select r from owned"
        f" where not exists (select 1 from {made} m where m.r = owned.r)"
    )


def _ordered(plan: TracePlan, step: Step, link: TraceLink) -> Iterator[str]:
    window = seconds_of(link.within) * US + plan.clocks
    mine = [quoted("e", name) for name in link.equal]
    theirs = [quoted("e", name) for name in link.equal.values()]
    names = [f"g{n}" for n in range(len(mine))]
    groups = ", ".join(names)
    present = " and ".join(f"a.{name} is not null" for name in theirs)
    given = " and ".join(f"b.{name} is not null" for name in mine)
    yield (
        "create or replace temp table comes as\nselect "
        + ", ".join(f"b.{name} as {g}" for g, name in zip(names, mine, strict=True))
        + f", b.o + {plan.clocks} as o, b.rowid as id, b.k\nfrom {quoted('r', step.name)} b\nwhere {given} and {_free_record(step)}"
    )
    yield (
        "create or replace temp table waits as\nselect "
        + ", ".join(f"a.{name} as {g}" for g, name in zip(names, theirs, strict=True))
        + f", a.t as o, a.c as id, a.k\nfrom ({_waiting(plan, link)}) a semi join comes on "
        + " and ".join(f"comes.{g} = a.{name}" for g, name in zip(names, theirs, strict=True))
        + f"\nwhere {present} and {_free_chain(step)}"
    )
    yield f"create or replace temp table comes as select * from comes semi join waits using ({groups})"
    yield from _alone(step, groups, window)
    yield _brackets(groups, window)
    yield _clusters(groups)
    yield (
        f"insert into {quoted('m', step.name)}\nselect f.id, t.id, {ORDER}, f.others or t.others from"
        f"\n(select {groups}, cluster, f_id as id, f_others as others, row_number() over (partition by {groups}, cluster"
        " order by f_o, f_k) as n from clustered) f join"
        f"\n(select {groups}, cluster, t_id as id, t_others as others, row_number() over (partition by {groups}, cluster"
        f" order by t_o, t_k) as n from clustered) t using ({groups}, cluster, n)"
    )


def _alone(step: Step, groups: str, window: int) -> Iterator[str]:
    """Where one chain waits and one record comes there is nothing to decide but whether it came in time."""
    one = f"select {groups}, any_value(id) as id, any_value(o) as o from {{}} group by {groups} having count(*) = 1"
    yield (
        f"create or replace temp table alone as select {groups}, w.id as c, t.id as r, t.o - w.o as took"
        f" from ({one.format('waits')}) w join ({one.format('comes')}) t using ({groups})"
    )
    yield (
        f"insert into {quoted('m', step.name)} select c, r, {ORDER}, false from alone where took >= 0 and took <= {window}"
    )
    for table in ("waits", "comes"):
        yield f"create or replace temp table {table} as select * from {table} anti join alone using ({groups})"


def _brackets(groups: str, window: int) -> str:
    """Waiting chains and loose records in one order of time; each record closes the latest chain still open."""
    return (
        "create or replace temp table pairs as\n"
        f"with mixed as (select {groups}, o, 0 as kind, id, k from waits union all select {groups}, o, 1, id, k from comes),\n"
        f"deep as (select *, sum(case when kind = 0 then 1 else -1 end) over (partition by {groups} order by o, kind, k"
        " rows unbounded preceding) + kind as level,\n"
        f"  case when kind = 0 then count(*) filter (where kind = 1) over (partition by {groups} order by o"
        f" range between current row and {window} following)\n"
        f"    else count(*) filter (where kind = 0) over (partition by {groups} order by o"
        f" range between {window} preceding and current row) end > 1 as others\n  from mixed),\n"
        f"follows as (select *, lead(kind) over w as next_kind, lead(o) over w as next_o, lead(id) over w as next_id,"
        f" lead(k) over w as next_k, lead(others) over w as next_others\n"
        f"  from deep window w as (partition by {groups}, level order by o, kind, k))\n"
        f"select {groups}, o as f_o, id as f_id, k as f_k, others as f_others, next_o as t_o, next_id as t_id, next_k as t_k,"
        f" next_others as t_others\nfrom follows where kind = 0 and next_kind = 1 and next_o - o <= {window}"
    )


def _clusters(groups: str) -> str:
    """Pairs that overlap form a cluster; within one the first chain will get the first record."""
    return (
        "create or replace temp table clustered as\n"
        f"with marked as (select *, coalesce(f_o > max(t_o) over (partition by {groups} order by f_o, f_k"
        " rows between unbounded preceding and 1 preceding), true) as opens from pairs)\n"
        f"select *, sum(case when opens then 1 else 0 end) over (partition by {groups} order by f_o, f_k"
        " rows unbounded preceding) as cluster from marked"
    )
