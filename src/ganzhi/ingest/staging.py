"""The one statement that turns a table of texts into typed rows with their verdicts.

Layers, innermost first: texts, cleaned texts by the mapping's names, first and strict conversion,
clocks that pass midnight, instants, code lists at event time, checks, and the row as the feed has
it. Internal columns begin with a blank, which no name of the catalogue can. The result has the
feed's columns and `_day, _filtered, _r0 …, _n0 …, _key, _code0 …`, plus `_line` and `_raw` from the
careful path.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.expressions import Expr, parse
from ganzhi.catalogue.model.data import CodeList, Column, Feed, MappedColumn, Mapping
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest import convert
from ganzhi.ingest.checks import Check, mask_columns
from ganzhi.ingest.convert import Steps, Texts, literal, sql_type
from ganzhi.ingest.localtime import DAY_US, has_marks, local_code_sql, offset_sql
from ganzhi.ingest.reading.table import Table, text_sql

HALF_DAY_US = DAY_US // 2
_DAMAGED_TEXT = "[0-9][.][0-9]+[eE][+][0-9]+"
_DAMAGED = "[0-9](?:[.][0-9]+)?[eE][+][0-9]+|''[0-9]+|#+"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Job:
    """What is loaded into what, by which catalogue, where and when."""

    catalogue: Catalogue
    feed_code: str
    mapping_code: str
    zone: ZoneInfo
    now: datetime

    @property
    def feed(self) -> Feed:
        """The feed that receives the rows."""
        return self.catalogue.feed(self.feed_code)

    @property
    def mapping(self) -> Mapping:
        """The mapping that is applied."""
        return self.catalogue.mappings[self.mapping_code]

    @property
    def window(self) -> tuple[date, date]:
        """First and last UTC day an accepted event time can lie on."""
        last = self.now.astimezone(UTC).date() + timedelta(days=self.feed.window.future_hours // 24 + 2)
        return self.feed.window.earliest - timedelta(days=1), last

    def zone_of(self, mapped: MappedColumn) -> ZoneInfo:
        """Zone of a local time stamp."""
        return ZoneInfo(mapped.zone or self.mapping.zone or self.zone.key)


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


def expressions(job: Job) -> dict[str, Expr]:
    """Every expression of the mapping, checked over its source columns: by feed column, `absent:<column>`, `where`."""
    mapping = job.mapping
    columns = {name: "text" for name in _declared_sources(mapping)}
    found: dict[str, Expr] = {}

    def read(key: str, text: str | None, want: str) -> None:
        if text is not None:
            at = job.catalogue.place("mappings", job.mapping_code)
            found[key] = parse(text, columns, want=want, subject=job.mapping_code, at=at)  # type: ignore[arg-type]

    for name, mapped in mapping.columns.items():
        read(name, mapped.expr, "any")
        read(f"absent:{name}", mapped.clock.absent_when if mapped.clock else None, "bool")
    read("where", mapping.where, "bool")
    return found


def _declared_sources(mapping: Mapping) -> list[str]:
    names = list(mapping.columns_expected)
    for mapped in mapping.columns.values():
        names += [name for name in (mapped.source, *((mapped.clock.date, mapped.clock.time) if mapped.clock else ())) if name]
    return list(dict.fromkeys(names))


def used_sources(job: Job) -> tuple[str, ...]:
    """Source columns the mapping reads, in order of first use."""
    names: list[str] = []
    for mapped in job.mapping.columns.values():
        names += [name for name in (mapped.source, *((mapped.clock.date, mapped.clock.time) if mapped.clock else ())) if name]
    for expr in expressions(job).values():
        names += expr.columns
    used = tuple(dict.fromkeys(names))
    folded = [name.casefold() for name in used]
    twice = [name for name in used if folded.count(name.casefold()) > 1]
    if twice:
        raise InputError(Issue("ING013", twice[0], job.catalogue.place("mappings", job.mapping_code), {"column": twice[0]}))
    return used


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
        self._texts = Texts(table.ascii and self._mapping_is_ascii(), self._mapping.format.null_words)
        self._expressions = expressions(job)
        self._checks: list[Check] = []
        self._codes: list[str] = []
        self._carried = () if table.fast else ("_line", "_raw")
        self._bad: dict[str, str] = {}
        self._present: dict[str, str] = {}
        self._raw_of: dict[str, str] = {}

    def _mapping_is_ascii(self) -> bool:
        mapped = self._mapping.columns.values()
        return all((m.expr or "").isascii() and (m.const or "").isascii() for m in mapped)

    def build(self) -> Staged:
        """The statement for the whole table."""
        layers = self._texts_layers()
        self._value_layers(layers)
        self._instant_layers(layers)
        self._canonical_layer(layers)
        self._collect_checks()
        return self._final_layers(layers)

    def _texts_layers(self) -> _Layers:
        """Raw texts as ` c<n>`; cleaned texts under the mapping's names, for expressions and text columns."""
        raw = {f" c{n}": f"c{n}" for n in sorted(set(self._table.position.values()))}
        extra = {"_line": "_line", "_raw": "_raw"} if self._carried else {}
        if self._table.last_null is not None:
            last = len(self._table.header) - 1
            extra[" last_null"] = f"(c{last} IS NULL)"
        layers = _Layers(self._table.relation, {**raw, **extra})
        named = self._named_sources()
        layers.add({f" s {name}": self._texts.trim(self._raw(name)) for name in named})
        layers.add({name: self._texts.known(quoted(f" s {name}")) for name in named})
        return layers

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
        first: dict[str, str] = {}
        value: dict[str, str] = {}
        clocks = {name: m for name, m in self._mapping.columns.items() if m.clock is not None}
        for name, mapped in self._mapping.columns.items():
            if mapped.clock is not None or name not in self._feed.columns:
                continue
            steps = self._steps(name, mapped)
            first[f" f {name}"] = steps.first
            prefix = "v" if self._feed.columns[name].type != "timestamp" else "u" if steps.instant else "l"
            value[f" {prefix} {name}"] = steps.value
        for name, mapped in clocks.items():
            first |= self._clock_parts(mapped)
            absent = self._expressions.get(f"absent:{name}")
            first[f" a {name}"] = f"coalesce({absent.sql}, FALSE)" if absent else "FALSE"
        where = self._expressions.get("where")
        first[" filtered"] = f"NOT coalesce({where.sql}, FALSE)" if where else "FALSE"
        layers.add(first)
        for name, mapped in clocks.items():
            day, time = self._clock_names(mapped)
            value[f" {'p' if mapped.clock and mapped.clock.after else 'l'} {name}"] = (
                f"CASE WHEN {quoted(f' a {name}')} THEN NULL ELSE {quoted(day)} + {quoted(time)} END"
            )
            self._present[name] = self._texts.clean(self._raw(mapped.clock.time))  # type: ignore[union-attr]
        layers.add(value)
        self._midnight_layers(layers, clocks)

    def _steps(self, name: str, mapped: MappedColumn) -> Steps:
        """How one column's value comes about, and what tells a bad text from an absent one."""
        column, texts, first = self._feed.columns[name], self._texts, quoted(f" f {name}")
        expr = self._expressions.get(name)
        if self._is_text(name, mapped):
            text = quoted(mapped.source) if mapped.source else self._expr_or_const(expr, mapped)
            coded = mapped.codes is not None or column.allowed is not None or name == self._feed.unit or name in self._feed.dimensions
            self._present[name] = "NULL"
            return Steps("NULL", texts.fold(text) if coded else text)
        if expr is not None and expr.type == column.type and column.type != "timestamp":
            self._present[name] = "NULL"
            exact = expr.scale <= column.scale or column.type != "decimal"
            return Steps("NULL", expr.sql if exact else f"TRY_CAST({expr.sql} AS {sql_type('decimal', column.scale)})")
        raw = self._raw(mapped.source) if mapped.source else self._expr_or_const(expr, mapped)
        self._raw_of[name] = raw
        self._present[name] = texts.clean(raw)
        return self._typed_steps(column, mapped, raw, first)

    @staticmethod
    def _expr_or_const(expr: Expr | None, mapped: MappedColumn) -> str:
        return f"CAST({expr.sql} AS VARCHAR)" if expr is not None else text_sql(mapped.const or "")

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

    @staticmethod
    def _clock_names(mapped: MappedColumn) -> tuple[str, str]:
        clock = mapped.clock
        assert clock is not None
        return f" d {clock.date} {clock.date_format}", f" t {clock.time} {clock.time_format}"

    def _clock_parts(self, mapped: MappedColumn) -> dict[str, str]:
        clock = mapped.clock
        assert clock is not None
        day, time = self._clock_names(mapped)
        return {
            day: convert.clock_part_sql(self._raw(clock.date), self._texts, clock.date_format, of_day=False),
            time: convert.clock_part_sql(self._raw(clock.time), self._texts, clock.time_format, of_day=True),
        }

    def _midnight_layers(self, layers: _Layers, clocks: dict[str, MappedColumn]) -> None:
        """Clocks that follow another column move to the next day when they lie half a day before it."""
        for name, mapped in clocks.items():
            after = mapped.clock.after if mapped.clock else None
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
        return f"({utc} + {offset_sql(utc, self._job.zone_of(MappedColumn(const='')), *self._job.window)} * 1000000)"

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
            instants[f" m {name}"] = f"({code} & 3)"
            instants[f" u {name}"] = f"{local} - (({code} - ({code} & 3)) // 4) * 1000000"
        layers.add(codes)
        layers.add(instants)
        utc = quoted(f" u {self._feed.time}") if self._feed.time in self._mapping.columns else "NULL::BIGINT"
        offset = offset_sql(utc, self._job.zone, *self._job.window)
        day = f"({utc} + ({offset}) * 1000000) // {DAY_US}"
        layers.add({" day": f"CASE WHEN abs({utc}) < {DAY_US * 3_000_000} THEN DATE '1970-01-01' + CAST({day} AS INTEGER) END"})

    def _canonical_layer(self, layers: _Layers) -> None:
        """The feed's columns under their own names, with ` b <column>` (bad text) and ` x <column>` (unknown code)."""
        columns: dict[str, str] = {name: name for name in self._carried}
        columns |= {" filtered": quoted(" filtered"), " day": quoted(" day")}
        if self._table.last_null is not None:
            columns["_last_null"] = quoted(" last_null")
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
                columns[name], columns[f" x {name}"] = self._coded(column, mapped.codes, stored)
            present = self._present[name]
            absent = f"{quoted(f' a {name}')} OR " if mapped.clock is not None else ""
            bad = f"CASE WHEN {absent}{stored} IS NOT NULL THEN FALSE ELSE ({present}) IS NOT NULL END"
            columns[f" b {name}"] = "FALSE" if present == "NULL" else bad
            if name in self._raw_of:
                columns[f" w {name}"] = f"CASE WHEN {stored} IS NULL THEN {present} END"
            if column.type == "timestamp" and f" m {name}" and self._has_mark(mapped):
                columns[f" m {name}"] = quoted(f" m {name}")
        if self._feed.time in self._mapping.columns:
            columns[f" u {self._feed.time}"] = quoted(f" u {self._feed.time}")
        layers.only({name: value if name not in self._carried else quoted(name) for name, value in columns.items()})

    def _has_mark(self, mapped: MappedColumn) -> bool:
        local = mapped.clock is not None or (mapped.epoch is None and mapped.zone != "offset")
        return local and has_marks(self._job.zone_of(mapped), *self._job.window)

    def _coded(self, column: Column, code_list: str, text: str) -> tuple[str, str]:
        """The value a code becomes, and the code itself where it is unknown."""
        listed = self._job.catalogue.code_lists[code_list]
        mapped = _by_code(listed, text, lambda e: literal(column.type, e, column.scale))
        kind = sql_type(column.type, column.scale)
        other = literal(column.type, listed.other, column.scale) if listed.unknown == "other" else f"CAST(NULL AS {kind})"
        value = f"CASE WHEN {text} IS NULL THEN CAST(NULL AS {kind}) ELSE coalesce({mapped}, {other}) END"
        return value, f"CASE WHEN {text} IS NOT NULL AND {mapped} IS NULL THEN {text} END"

    def _collect_checks(self) -> None:
        feed = self._feed
        needed = {*feed.key, feed.time, feed.unit}
        for name, column in feed.columns.items():
            mapped = self._mapping.columns.get(name)
            if mapped is not None:
                self._value_checks(name, column, mapped)
            if column.required or name in needed:
                missing = f"({quoted(name)} IS NULL AND NOT {quoted(f' b {name}')} AND {quoted(f' x {name}')} IS NULL)"
                self._check("ING120", name, missing)
            self._bound_checks(name, column)
        self._window_check()
        for name, rule in feed.rules.items():
            expr = parse(rule.check, {n: c.type for n, c in feed.columns.items()}, want="bool", subject=f"{self._job.feed_code}.{name}")
            blanks = rule.blanks if rule.on_violation == "blank" else ()
            params = {"rule": name, "name_zh": rule.name.zh, "name_en": rule.name.en}
            self._checks.append(Check("ING136", name, f"NOT ({expr.sql})", rule.on_violation, params, None, blanks))

    def _check(self, reason: str, name: str, condition: str, effect: str = "reject", **params: str) -> None:
        mapped = self._mapping.columns.get(name)
        source = None if mapped is None else mapped.source or (mapped.clock.time if mapped.clock else None)
        needed = name in {*self._feed.key, self._feed.time, self._feed.unit}
        effect = "reject" if effect == "blank" and needed else effect
        blanks = (name,) if effect == "blank" else ()
        self._checks.append(Check(reason, name, condition, effect, params, source, blanks))  # type: ignore[arg-type]

    def _value_checks(self, name: str, column: Column, mapped: MappedColumn) -> None:
        """A text that is no value of its type, by what is wrong with it; codes outside their list."""
        bad, text = quoted(f" b {name}"), quoted(f" w {name}")

        def when(pattern: str) -> str:
            return f"CASE WHEN {bad} THEN regexp_full_match({text}, '{pattern}') ELSE FALSE END"

        if column.type in ("int", "decimal") and name in self._raw_of:
            self._check("ING126", name, when(_DAMAGED))
            whole = "-?[0-9]+" if column.type == "int" else "-?[0-9]+([.][0-9]*)?"
            range_code = "ING127" if column.type == "int" else "ING128"
            self._check(range_code, name, when(whole), scale=str(column.scale))
            known = f"CASE WHEN {bad} THEN NOT regexp_full_match({text}, '{_DAMAGED}|{whole}') ELSE FALSE END"
            self._check("ING121" if column.type == "int" else "ING122", name, known)
        elif column.type == "timestamp" and name in self._raw_of and mapped.zone != "offset" and mapped.epoch is None:
            offset = ".*([+-][0-9]{2}:?[0-9]{2}|Z)"
            self._check("ING129", name, when(offset))
            self._check("ING124", name, f"CASE WHEN {bad} THEN NOT regexp_full_match({text}, '{offset}') ELSE FALSE END")
        elif column.type != "text" and mapped.codes is None:
            self._check({"bool": "ING123", "timestamp": "ING124", "date": "ING125"}.get(column.type, "ING121"), name, bad)
        elif column.type == "text" and (column.protection != "none" or name in self._feed.key):
            # A key that lost its digits would merge records; any other text is kept as it is and counted.
            digits = f"regexp_full_match({quoted(name)}, '{_DAMAGED_TEXT}')"
            effect = "reject" if name in self._feed.key else "note"
            self._check("ING126", name, f"CASE WHEN contains({quoted(name)}, '+') THEN {digits} ELSE FALSE END", effect)
        if mapped.codes is not None:
            self._codes.append(name)
            if self._job.catalogue.code_lists[mapped.codes].unknown == "reject":
                self._check("ING132", name, f"({quoted(f' x {name}')} IS NOT NULL)", list=mapped.codes)
        if column.type == "timestamp" and self._has_mark(mapped):
            self._check("ING204", name, f"({quoted(f' m {name}')} = 1 AND {quoted(name)} IS NOT NULL)", "note")
            self._check("ING205", name, f"({quoted(f' m {name}')} = 2 AND {quoted(name)} IS NOT NULL)", "note")

    def _bound_checks(self, name: str, column: Column) -> None:
        for bound, sign, code in ((column.min, "<", "ING130"), (column.max, ">", "ING131")):
            if bound is not None:
                self._check(code, name, f"({quoted(name)} {sign} {bound:f})", column.on_violation, bound=f"{bound:f}")
        if column.allowed is not None:
            listed = self._job.catalogue.code_lists[column.allowed]
            found = _by_code(listed, f"CAST({quoted(name)} AS VARCHAR)", lambda _to: "TRUE")
            condition = f"({quoted(name)} IS NOT NULL AND {found} IS NULL)"
            self._check("ING133", name, condition, column.on_violation, list=column.allowed)

    def _window_check(self) -> None:
        feed = self._feed
        if feed.time not in self._mapping.columns:
            return
        latest = self._job.now + timedelta(hours=feed.window.future_hours)
        limit = int(latest.timestamp()) * 1_000_000
        outside = f"({quoted(' day')} < DATE '{feed.window.earliest}' OR {quoted(f' u {feed.time}')} > {limit})"
        unreadable = f"({quoted(f' u {feed.time}')} IS NOT NULL AND {quoted(' day')} IS NULL)"
        params = {"earliest": str(feed.window.earliest), "future_hours": str(feed.window.future_hours)}
        self._check("ING135", feed.time, f"({outside} OR {unreadable})", "reject", **params)

    def _final_layers(self, layers: _Layers) -> Staged:
        checks = tuple(self._checks)
        rejects = mask_columns(checks, ("reject",), " r")
        layers.add({**rejects, **mask_columns(checks, ("blank", "note"), " n")})
        columns: dict[str, str] = {name: quoted(name) for name in self._carried}
        for name in self._feed.columns:
            columns[name] = self._blanked(name, checks)
        filtered = quoted(" filtered")
        columns |= {"_day": quoted(" day"), "_filtered": filtered}
        if self._table.last_null is not None:
            columns["_last_null"] = "_last_null"
        for n in range(len(rejects)):
            columns[f"_r{n}"] = f"CASE WHEN {filtered} THEN 0 ELSE {quoted(f' r{n}')} END"
            columns[f"_n{n}"] = f"CASE WHEN {filtered} THEN 0 ELSE {quoted(f' n{n}')} END"
        for n, name in enumerate(self._codes):
            columns[f"_code{n}"] = f"CASE WHEN {filtered} THEN NULL ELSE {quoted(f' x {name}')} END"
        columns["_key"] = f"hash({', '.join(quoted(k) for k in self._feed.key)})"
        layers.only(columns)
        return Staged(layers.sql, checks, len(rejects), tuple(self._codes))

    def _blanked(self, name: str, checks: tuple[Check, ...]) -> str:
        """A column's value, unknown where a check with effect `blank` says so."""
        conditions = []
        for number, check in enumerate(checks):
            if name in check.blanks:
                conditions.append(f"({quoted(f' n{number // 60}')} & {1 << number % 60}) <> 0")
        return f"CASE WHEN {' OR '.join(conditions)} THEN NULL ELSE {quoted(name)} END" if conditions else quoted(name)


def _by_code(listed: CodeList, text: str, target: object) -> str:
    """A CASE over the codes of a list, with their validity at the row's local day; NULL for any other."""
    make = target
    assert callable(make)
    branches = []
    for entry in listed.entries:
        valid = [
            f"{quoted(' day')} {sign} DATE '{day}'"
            for sign, day in ((">=", entry.valid_from), ("<=", entry.valid_to))
            if day is not None
        ]
        branches.append(f"WHEN {' AND '.join([f'{text} = {text_sql(entry.code)}', *valid])} THEN {make(entry.to)}")
    return f"(CASE {' '.join(branches)} END)"
