"""A feed that lives in the operator's engine: the SELECTs over its own table that show it as the feed.

Owns how a mapping with `table` becomes columns of the feed, and why a row is left out: a value that
cannot be read as its type, a required one that is absent, one outside its bounds or its code list, a
rule that is false, a moment outside the feed's window. Nothing is copied: these are views, written as
for DuckDB and translated like everything else. Two rows of one key both count; the table decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import CodeList, Column, ColumnType, Feed, LiveTable, MappedColumn
from ganzhi.catalogue.model.data import Mapping as FileMapping
from ganzhi.compile.dialects import DUCKDB, comment, identifier, instant_literal, literal

STRICT: Mapping[str, str] = {
    "int": "try_cast(regexp_extract({0}, '^-?[0-9]{{1,18}}$') as bigint)",
    "bool": "try_cast(regexp_extract({0}, '^(true|false)$') as boolean)",
    "date": "try_cast(regexp_extract({0}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$') as date)",
}


@dataclass(frozen=True, slots=True)
class LiveFeed:
    """A feed and the mapping of the table it lives in.

    table_types: columns of the table that can be read, with their types. code_lists: of the catalogue.
    """

    code: str
    feed: Feed
    mapping_code: str
    mapping: FileMapping
    table_types: Mapping[str, ColumnType]
    scales: Mapping[str, int]
    code_lists: Mapping[str, CodeList]

    @property
    def table(self) -> LiveTable:
        """Where the rows are."""
        assert self.mapping.table is not None
        return self.mapping.table


def rows_view(live: LiveFeed, source: str, span: tuple[datetime, datetime]) -> str:
    """The SELECT of the rows that keep the feed's contract, with its columns, of the quarter hours in `slots`.

    source: the table's relation. span: moments between which those quarter hours lie, so that the engine can prune.
    """
    names = ", ".join(identifier(name) for name in live.feed.columns)
    nothing = "cast(null as varchar) as _load, cast(null as bigint) as _line"
    time = identifier(live.feed.time)
    start, end = map(instant_literal, span)
    return (
        comment(f"{live.code}: rows of {live.table.name} that keep the feed's contract")
        + f"\nselect {names}, {nothing}\nfrom (\n{_judged(live, source)}\n) judged\nwhere _why is null"
        + f" and {time} >= {start} and {time} < {end}"
        + f"\n  and {DUCKDB.write('slot', time=time)} in (select slot from slots)"
    )


def marks_sql(live: LiveFeed, source: str) -> str:
    """The SELECT of `slot`, `why`, `n` and `changed`: how many rows there are in each quarter hour, kept (`why` NULL)
    or left out for a reason, and the largest value of `changed_by`."""
    slot = DUCKDB.write("slot", time=identifier(live.feed.time))
    return (
        comment(f"{live.code}: what stands in {live.table.name}, by quarter hour and reason")
        + f"\nselect {slot} as slot, _why as why, count(*) as n, max(_changed) as changed\n"
        f"from (\n{_judged(live, source)}\n) judged\ngroup by {slot}, _why"
    )


def _judged(live: LiveFeed, source: str) -> str:
    """All rows with the feed's columns, why a row is left out, and the value it changes by."""
    changed = live.table.changed_by
    _known(live, changed)
    lines, filters = [], ""
    for name in live.feed.columns:
        raw, typed = _column(live, name)
        lines += [f"{typed} as {identifier(name)}", f"{raw} as {identifier('_given_' + name)}"]
    lines.append(f"{identifier(changed)} as _changed")
    if live.mapping.where is not None:
        filters = f"\n    where {parse(live.mapping.where, live.table_types, want='bool', scales=live.scales).sql}"
    shaped = "    select\n      " + ",\n      ".join(lines) + f"\n    from {source}{filters}"
    whens = "".join(f"\n    when {condition} then {literal(why)}" for condition, why in _reasons(live))
    columns = ", ".join([*(_blanked(live, name) for name in live.feed.columns), "_changed"])
    return f"  select {columns},\n    case{whens} end as _why\n  from (\n{shaped}\n  ) shaped"


def _column(live: LiveFeed, name: str) -> tuple[str, str]:
    """Whether a value is given, as SQL, and the value in the column's type."""
    wanted, mapped = live.feed.columns[name], live.mapping.columns.get(name)
    if mapped is None:
        null = {"text": "varchar", "int": "bigint", "bool": "boolean", "date": "date", "timestamp": "timestamptz"}
        kind = null.get(wanted.type, f"decimal(18, {wanted.scale})")
        return "false", f"cast(null as {kind})"
    sql, kind, scale = _origin(live, name, mapped)
    typed = _typed(sql, kind, scale, wanted)
    if typed is None:
        raise _refused(live, name, f"{kind} → {wanted.type}")
    return f"({sql} is not null)", typed


def _origin(live: LiveFeed, name: str, mapped: MappedColumn) -> tuple[str, ColumnType, int]:
    """A column's SQL over the table, its type and its places."""
    for field in ("clock", "format", "codes", "epoch", "zone"):
        if getattr(mapped, field) is not None:
            raise _refused(live, name, field)
    if mapped.const is not None:
        return literal(mapped.const), "text", 0
    if mapped.source is not None:
        _known(live, mapped.source)
        return identifier(mapped.source), live.table_types[mapped.source], live.scales.get(mapped.source, 0)
    assert mapped.expr is not None
    found = parse(mapped.expr, live.table_types, scales=live.scales, subject=f"{live.mapping_code}.{name}")
    return f"({found.sql})", found.type, found.scale


def _typed(sql: str, kind: ColumnType, scale: int, wanted: Column) -> str | None:
    """A value in a column's type, NULL where it cannot be read; None when no value of the type can be."""
    decimal = f"decimal(18, {wanted.scale})"
    if kind == wanted.type and kind != "decimal":
        return sql
    if wanted.type == "decimal":
        if kind == "int" or (kind == "decimal" and scale <= wanted.scale):
            return f"try_cast({sql} as {decimal})"
        places = rf"(\.[0-9]{{1,{wanted.scale}}})?" if wanted.scale else ""
        strict = f"try_cast(regexp_extract({sql}, '^-?[0-9]{{1,{18 - wanted.scale}}}{places}$') as {decimal})"
        return strict if kind == "text" else None
    if wanted.type == "text":
        return None if kind == "timestamp" else f"cast({sql} as varchar)"
    return STRICT[wanted.type].format(sql) if kind == "text" and wanted.type in STRICT else None


def _breaches(live: LiveFeed, name: str) -> Iterator[tuple[str, str]]:
    """Conditions under which a value breaks the rules of its column, with their names."""
    column, value = live.feed.columns[name], identifier(name)
    for sign, bound in (("<", column.min), (">", column.max)):
        if bound is not None:
            yield f"({value} {sign} {bound:f})", f"bounds: {name}"
    if column.allowed is not None:
        codes = sorted({entry.to for entry in live.code_lists[column.allowed].entries})
        yield f"({value} not in ({', '.join(literal(code) for code in codes)}))", f"allowed: {name}"


def _blanked(live: LiveFeed, name: str) -> str:
    """A column, unknown where a breach of a rule blanks it."""
    value, column = identifier(name), live.feed.columns[name]
    wrong = [condition for condition, _ in _breaches(live, name)] if column.on_violation == "blank" else []
    blanking = (r for r in live.feed.rules.values() if r.on_violation == "blank" and name in r.blanks)
    wrong += [f"(not ({_rule(live, rule.check)}))" for rule in blanking]
    return f"case when {' or '.join(wrong)} then null else {value} end as {value}" if wrong else value


def _rule(live: LiveFeed, check: str) -> str:
    types: dict[str, ColumnType] = {name: column.type for name, column in live.feed.columns.items()}
    scales = {name: column.scale for name, column in live.feed.columns.items()}
    return parse(check, types, want="bool", scales=scales).sql


def _reasons(live: LiveFeed) -> Iterator[tuple[str, str]]:
    """Conditions under which a row is left out, and their reasons, the first that holds counts."""
    feed = live.feed
    must = {*feed.key, feed.time, feed.unit}
    for name, column in feed.columns.items():
        value = identifier(name)
        yield f"({identifier('_given_' + name)} and {value} is null)", f"unreadable: {name}"
        if column.required or name in must:
            yield f"{value} is null", f"missing: {name}"
        if column.on_violation == "reject":
            yield from _breaches(live, name)
    for name, rule in feed.rules.items():
        if rule.on_violation == "reject":
            yield f"(not ({_rule(live, rule.check)}))", f"rule: {name}"
    first = f"cast('{feed.window.earliest.isoformat()} 00:00:00+00' as timestamptz)"
    yield f"({identifier(feed.time)} < {first})", "window"


def _known(live: LiveFeed, column: str) -> None:
    if column not in live.table_types:
        known = ", ".join(live.table_types)
        raise InputError(Issue("CMP021", live.mapping_code, params={"column": column, "known": known}))


def _refused(live: LiveFeed, column: str, problem: str) -> InputError:
    return InputError(Issue("CMP020", live.mapping_code, params={"column": column, "problem": problem}))
