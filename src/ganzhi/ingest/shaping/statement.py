"""The one statement that turns a table of texts into typed rows with their verdicts.

Layers, innermost first: texts, cleaned texts by the mapping's names, first and strict conversion,
clocks that pass midnight, instants, code lists at event time, checks, and the row as the feed has
it. Internal columns begin with a blank, which no name of the catalogue can. The result has the
feed's columns and `_day, _filtered, _r0 …, _n0 …, _key, _code0 …`, plus `_line` and `_raw` from the
careful path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ganzhi.catalogue.model.data import Clock, Column, MappedColumn
from ganzhi.ingest.reading.table import Table, text_sql
from ganzhi.ingest.shaping import convert
from ganzhi.ingest.shaping.checks import Check, mask_columns, suspect_sql
from ganzhi.ingest.shaping.codes import by_code_sql, target_of
from ganzhi.ingest.shaping.contract import Contract
from ganzhi.ingest.shaping.convert import Steps, Texts, literal, sql_type
from ganzhi.ingest.shaping.job import Job, expressions, quoted
from ganzhi.ingest.shaping.localtime import DAY_US, local_code_sql, offset_sql

HALF_DAY_US = DAY_US // 2


@dataclass(frozen=True, slots=True)
class Staged:
    """The statement, and what its result columns mean.

    checks: by number. masks: how many `_r` (and `_n`) columns there are. codes: feed columns whose
    unknown codes stand in `_code0` ….
    """

    select: str
    checks: tuple[Check, ...]
    masks: int
    codes: tuple[str, ...]


def _clock_of(mapped: MappedColumn) -> Clock:
    clock = mapped.clock
    assert clock is not None, "asked of a column without a clock"
    return clock


class _Layers:
    """A SELECT that grows by wrapping."""

    def __init__(self, relation: str, columns: dict[str, str]) -> None:
        self.sql = f"SELECT {self._list(columns)} FROM {relation}"

    @staticmethod
    def _list(columns: dict[str, str]) -> str:
        return ", ".join(f"{value} AS {quoted(name)}" for name, value in columns.items())

    def add(self, columns: dict[str, str]) -> None:
        """Columns beside those there are."""
        if columns:
            self.sql = f"SELECT *, {self._list(columns)} FROM ({self.sql})"

    def only(self, columns: dict[str, str]) -> None:
        """Columns instead of those there are."""
        self.sql = f"SELECT {self._list(columns)} FROM ({self.sql})"


class StagingStatement:
    """Builds `Staged` for one table."""

    def __init__(self, job: Job, table: Table) -> None:
        self._job = job
        self._feed, self._mapping, self._table = job.feed, job.mapping, table
        plain = self._mapping_is_ascii()
        self._texts = Texts(table.ascii and plain, table.spaces_only and plain, self._mapping.format.null_words)
        self._expressions = expressions(job)
        self._carried = () if table.fast else ("_line", "_raw")
        self._present: dict[str, str] = {}
        self._converted: set[str] = set()

    def _mapping_is_ascii(self) -> bool:
        mapped = self._mapping.columns.values()
        return all((m.expr or "").isascii() and (m.const or "").isascii() for m in mapped)

    def build(self) -> Staged:
        """The statement for the whole table."""
        layers = self._texts_layers()
        self._value_layers(layers)
        self._instant_layers(layers)
        self._code_layer(layers)
        self._canonical_layer(layers)
        return self._final_layers(layers, Contract(self._job, self._converted).all())

    def _texts_layers(self) -> _Layers:
        """Raw texts as ` c<n>`; cleaned texts under the mapping's names, for expressions and text columns."""
        used = sorted(set(self._table.position.values()))
        raw = {f" c{n}": self._texts.without_null_words(f"c{n}") for n in used}
        extra = {"_line": "_line", "_raw": "_raw"} if self._carried else {}
        if self._table.inside is not None:
            extra[" inside"] = self._inside()
        layers = _Layers(self._table.relation, {**raw, **extra})
        named = self._named_sources()
        layers.add({f" s {name}": self._texts.trim(self._raw(name)) for name in named})
        layers.add({name: f"nullif({quoted(f' s {name}')}, '')" for name in named})
        return layers

    def _inside(self) -> str:
        """SQL: how many delimiters stand inside of the record's values."""
        mark = text_sql(self._mapping.format.delimiter)
        counted = [
            f"CASE WHEN contains(c{n}, {mark}) THEN length(c{n}) - length(replace(c{n}, {mark}, '')) ELSE 0 END"
            for n in range(len(self._table.header))
        ]
        return f"({' + '.join(counted)})"

    def _named_sources(self) -> list[str]:
        names = {name for expr in self._expressions.values() for name in expr.columns}
        names |= {m.source for n, m in self._mapping.columns.items() if m.source and self._is_text(n, m)}
        return [name for name in self._table.position if name in names]

    def _is_text(self, name: str, mapped: MappedColumn) -> bool:
        return self._feed.columns[name].type == "text" or mapped.codes is not None

    def _raw(self, source: str) -> str:
        return quoted(f" c{self._table.position[source]}")

    def _value_layers(self, layers: _Layers) -> None:
        """` v <column>`: typed values; times in microseconds, ` l <column>` local or ` u <column>` UTC."""
        clocks = {name: m for name, m in self._mapping.columns.items() if m.clock is not None}
        layers.add(self._conditions(clocks))
        first: dict[str, str] = {}
        value: dict[str, str] = {}
        for name, mapped in self._mapping.columns.items():
            if mapped.clock is not None or name not in self._feed.columns:
                continue
            steps = self._steps(name, mapped)
            first[f" f {name}"] = steps.first
            prefix = "v" if self._feed.columns[name].type != "timestamp" else "u" if steps.instant else "l"
            value[f" {prefix} {name}"] = steps.value
        for name, mapped in clocks.items():
            clock = _clock_of(mapped)
            day, time = quoted(f" d {clock.date} {clock.date_format}"), quoted(f" t {name}")
            first |= self._clock_parts(name, clock)
            value[f" {'p' if clock.after else 'l'} {name}"] = f"{day} + {time}"
            self._present[name] = self._texts.clean(self._raw(clock.time))
        layers.add(first)
        layers.add(value)
        self._midnight_layers(layers, clocks)

    def _conditions(self, clocks: dict[str, MappedColumn]) -> dict[str, str]:
        """` filtered`, ` a <column>` (the clock is absent), ` e <column>` (text of an expression or constant)."""
        where = self._expressions.get("where")
        columns = {" filtered": f"NOT coalesce({where.sql}, FALSE)" if where else "FALSE"}
        for name in clocks:
            absent = self._expressions.get(f"absent:{name}")
            if absent is not None:
                columns[f" a {name}"] = f"coalesce({absent.sql}, FALSE)"
        for name, mapped in self._mapping.columns.items():
            if mapped.source is None and mapped.clock is None:
                expr = self._expressions.get(name)
                text = f"CAST({expr.sql} AS VARCHAR)" if expr is not None else text_sql(mapped.const or "")
                columns[f" e {name}"] = text
        return columns

    def _steps(self, name: str, mapped: MappedColumn) -> Steps:
        """How one column's value comes about, and what tells a bad text from an absent one."""
        column, texts, first = self._feed.columns[name], self._texts, quoted(f" f {name}")
        expr = self._expressions.get(name)
        if self._is_text(name, mapped):
            text = quoted(mapped.source or f" e {name}")
            coded = mapped.codes is not None or column.allowed is not None
            coded = coded or name == self._feed.unit or name in self._feed.dimensions
            return Steps("NULL", texts.fold(text) if coded else text)
        if expr is not None and expr.type == column.type and column.type != "timestamp":
            exact = expr.scale <= column.scale or column.type != "decimal"
            return Steps("NULL", expr.sql if exact else f"TRY_CAST({expr.sql} AS {sql_type('decimal', column.scale)})")
        raw = self._raw(mapped.source) if mapped.source else quoted(f" e {name}")
        self._converted.add(name)
        self._present[name] = texts.clean(raw)
        return self._typed_steps(column, mapped, raw, first)

    def _typed_steps(self, column: Column, mapped: MappedColumn, raw: str, first: str) -> Steps:
        texts = self._texts
        match column.type:
            case "int":
                return convert.int_steps(raw, first, texts)
            case "decimal":
                return convert.decimal_steps(raw, first, texts, column.scale)
            case "bool":
                return convert.bool_steps(raw, texts)
            case "date":
                return convert.date_steps(raw, first, texts, mapped.format)
            case _ if mapped.epoch is not None:
                return convert.epoch_steps(raw, first, texts, mapped.epoch)
            case _ if mapped.zone == "offset":
                return convert.offset_steps(raw, texts, mapped.format)
            case _:
                return convert.local_steps(raw, first, texts, mapped.format)

    def _clock_parts(self, name: str, clock: Clock) -> dict[str, str]:
        """Midnight of the date, shared by all clocks that have it, and the time of day where the clock is there."""
        day = convert.clock_part_sql(self._raw(clock.date), self._texts, clock.date_format, of_day=False)
        time = convert.clock_part_sql(self._raw(clock.time), self._texts, clock.time_format, of_day=True)
        if clock.absent_when is not None:
            time = f"CASE WHEN {quoted(f' a {name}')} THEN NULL ELSE {time} END"
        return {f" d {clock.date} {clock.date_format}": day, f" t {name}": time}

    def _midnight_layers(self, layers: _Layers, clocks: dict[str, MappedColumn]) -> None:
        """Clocks that follow another column move to the next day when they lie half a day before it."""
        for name, mapped in clocks.items():
            after = _clock_of(mapped).after
            if after is None:
                continue
            own, before = quoted(f" p {name}"), self._local(after)
            late = f"CASE WHEN {own} < {before} - {HALF_DAY_US} THEN {own} + {DAY_US} ELSE {own} END"
            layers.add({f" l {name}": late})

    def _local(self, name: str) -> str:
        """SQL: a column's local time; of columns that carry UTC, computed back."""
        mapped = self._mapping.columns[name]
        if mapped.epoch is None and mapped.zone != "offset":
            return quoted(f" l {name}")
        utc = quoted(f" u {name}")
        return f"({utc} + {offset_sql(utc, self._job.zone_of(MappedColumn(const='')), *self._job.window)})"

    def _instant_layers(self, layers: _Layers) -> None:
        """` u <column>`: microseconds of UTC; ` m <column>`: the mark of its local time; ` day`: local day of event time."""
        codes: dict[str, str] = {}
        instants: dict[str, str] = {}
        for name, mapped in self._mapping.columns.items():
            if name not in self._feed.columns or self._feed.columns[name].type != "timestamp":
                continue
            if mapped.clock is None and (mapped.epoch is not None or mapped.zone == "offset"):
                continue
            local = quoted(f" l {name}")
            codes[f" z {name}"] = local_code_sql(local, self._job.zone_of(mapped), *self._job.window)
            code = quoted(f" z {name}")
            if self._job.has_mark(mapped):
                instants[f" m {name}"] = f"({code} & 3)"
            instants[f" u {name}"] = (
                f"{local} - ({code} - ({code} & 3))" if self._job.has_mark(mapped) else f"{local} - {code}"
            )
        layers.add(codes)
        layers.add(instants)
        utc = quoted(f" u {self._feed.time}") if self._feed.time in self._mapping.columns else "NULL::BIGINT"
        offset = offset_sql(utc, self._job.zone, *self._job.window)
        day = f"({utc} + ({offset})) // {DAY_US}"
        layers.add(
            {" day": f"CASE WHEN abs({utc}) < {DAY_US * 3_000_000} THEN DATE '1970-01-01' + CAST({day} AS INTEGER) END"}
        )

    def _code_layer(self, layers: _Layers) -> None:
        """` k <column>`: what a code becomes by its list at event time, NULL when it is unknown."""
        columns = {}
        for name, mapped in self._mapping.columns.items():
            if mapped.codes is None or name not in self._feed.columns:
                continue
            column, listed = self._feed.columns[name], self._job.catalogue.code_lists[mapped.codes]
            columns[f" k {name}"] = by_code_sql(listed, quoted(f" v {name}"), partial(target_of, column))
        layers.add(columns)

    def _canonical_layer(self, layers: _Layers) -> None:
        """The feed's columns under their own names, with ` b <column>` (bad text ` w <column>`) and ` x <column>` (unknown code)."""
        columns: dict[str, str] = {name: name for name in self._carried}
        bad: dict[str, str] = {}
        columns |= {" filtered": quoted(" filtered"), " day": quoted(" day")}
        if self._table.inside is not None:
            columns[" inside"] = quoted(" inside")
        for name, column in self._feed.columns.items():
            mapped = self._mapping.columns.get(name)
            kind = sql_type(column.type, column.scale)
            if mapped is None:
                columns[name], columns[f" b {name}"], columns[f" x {name}"] = f"CAST(NULL AS {kind})", "FALSE", "NULL"
                continue
            stored = quoted(f" {'u' if column.type == 'timestamp' else 'v'} {name}")
            columns[f" x {name}"] = "NULL"
            columns[name] = f"make_timestamptz({stored})" if column.type == "timestamp" else stored
            if mapped.codes is not None:
                columns[name], columns[f" x {name}"] = self._coded(column, mapped.codes, stored, quoted(f" k {name}"))
            if name in self._present:
                there = f" AND NOT {quoted(f' a {name}')}" if mapped.clock and mapped.clock.absent_when else ""
                columns[f" w {name}"] = f"CASE WHEN {stored} IS NULL{there} THEN {self._present[name]} END"
                bad[f" b {name}"] = f"coalesce({quoted(f' w {name}')} <> '', FALSE)"
            else:
                columns[f" b {name}"] = "FALSE"
            if column.type == "timestamp" and self._job.has_mark(mapped):
                columns[f" m {name}"] = quoted(f" m {name}")
        if self._feed.time in self._mapping.columns:
            columns[f" u {self._feed.time}"] = quoted(f" u {self._feed.time}")
        layers.only({name: value if name not in self._carried else quoted(name) for name, value in columns.items()})
        layers.add(bad)

    def _coded(self, column: Column, code_list: str, text: str, mapped: str) -> tuple[str, str]:
        """The value a code becomes, and the code itself where it is unknown."""
        listed = self._job.catalogue.code_lists[code_list]
        kind = sql_type(column.type, column.scale)
        other = (
            literal(column.type, listed.other, column.scale) if listed.unknown == "other" else f"CAST(NULL AS {kind})"
        )
        value = f"CASE WHEN {text} IS NULL THEN CAST(NULL AS {kind}) ELSE coalesce({mapped}, {other}) END"
        return value, f"CASE WHEN {text} IS NOT NULL AND {mapped} IS NULL THEN {text} END"

    def _final_layers(self, layers: _Layers, checks: tuple[Check, ...]) -> Staged:
        layers.add({" suspect": suspect_sql(checks)})
        rejects = mask_columns(checks, ("reject",), " r", quoted(" suspect"))
        layers.add({**rejects, **mask_columns(checks, ("blank", "note"), " n", quoted(" suspect"))})
        columns: dict[str, str] = {name: quoted(name) for name in self._carried}
        for name in self._feed.columns:
            columns[name] = self._blanked(name, checks)
        filtered = quoted(" filtered")
        columns |= {"_day": quoted(" day"), "_filtered": filtered}
        if self._table.inside is not None:
            columns["_inside"] = quoted(" inside")
        for n in range(len(rejects)):
            columns[f"_r{n}"] = f"CASE WHEN {filtered} THEN 0 ELSE {quoted(f' r{n}')} END"
            columns[f"_n{n}"] = f"CASE WHEN {filtered} THEN 0 ELSE {quoted(f' n{n}')} END"
        codes = tuple(name for name in self._feed.columns if (m := self._mapping.columns.get(name)) and m.codes)
        for n, name in enumerate(codes):
            columns[f"_code{n}"] = f"CASE WHEN {filtered} THEN NULL ELSE {quoted(f' x {name}')} END"
        columns["_key"] = f"hash({', '.join(quoted(k) for k in self._feed.key)})"
        layers.only(columns)
        return Staged(layers.sql, checks, len(rejects), codes)

    def _blanked(self, name: str, checks: tuple[Check, ...]) -> str:
        """A column's value, unknown where a check with effect `blank` says so."""
        conditions = []
        for number, check in enumerate(checks):
            if name in check.blanks:
                conditions.append(f"({quoted(f' n{number // 60}')} & {1 << number % 60}) <> 0")
        return f"CASE WHEN {' OR '.join(conditions)} THEN NULL ELSE {quoted(name)} END" if conditions else quoted(name)
