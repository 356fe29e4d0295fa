"""A feed's contract as numbered checks over the row as the feed has it.

Reads the internal columns of `shaping.statement`: ` b <column>` (a text that is no value), ` w <column>`
(that text), ` x <column>` (an unknown code), ` m <column>` (mark of a local time), ` day`, ` u <event time>`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import Column, MappedColumn
from ganzhi.catalogue.model.parts import OnViolation
from ganzhi.ingest.shaping.checks import Check
from ganzhi.ingest.shaping.codes import outside_sql
from ganzhi.ingest.shaping.job import Job, quoted

_DAMAGED_TEXT = "[0-9][.][0-9]+[eE][+][0-9]+"
_DAMAGED = "[0-9](?:[.][0-9]+)?[eE][+][0-9]+|''[0-9]+|#+"


class Contract:
    """Collects the checks of one load. converted: feed columns whose text went through a strict form."""

    def __init__(self, job: Job, converted: Collection[str]) -> None:
        self._job = job
        self._feed, self._mapping = job.feed, job.mapping
        self._converted = converted
        self._checks: list[Check] = []

    def all(self) -> tuple[Check, ...]:
        """Every check, in order."""
        feed = self._feed
        needed = {*feed.key, feed.time, feed.unit}
        for name, column in feed.columns.items():
            mapped = self._mapping.columns.get(name)
            if mapped is not None:
                self._value_checks(name, column, mapped)
            if column.required or name in needed:
                absent = f"{quoted(name)} IS NULL"
                explained = f"{absent} AND NOT {quoted(f' b {name}')} AND {quoted(f' x {name}')} IS NULL"
                self._check("ING120", name, explained, quick=absent)
            self._bound_checks(name, column)
        self._window_check()
        self._rule_checks()
        return tuple(self._checks)

    def _rule_checks(self) -> None:
        feed = self._feed
        for name, rule in feed.rules.items():
            expr = parse(
                rule.check,
                {n: c.type for n, c in feed.columns.items()},
                want="bool",
                scales={n: c.scale for n, c in feed.columns.items() if c.type == "decimal"},
                subject=f"{self._job.feed_code}.{name}",
            )
            blanks = rule.blanks if rule.on_violation == "blank" else ()
            params = {"rule": name}
            self._checks.append(Check("ING136", name, f"NOT ({expr.sql})", rule.on_violation, params, None, blanks))

    def _check(
        self,
        reason: str,
        name: str,
        condition: str,
        effect: OnViolation = "reject",
        *,
        quick: str | None = None,
        **params: str,
    ) -> None:
        mapped = self._mapping.columns.get(name)
        source = None if mapped is None else mapped.source or (mapped.clock.time if mapped.clock else None)
        needed = name in {*self._feed.key, self._feed.time, self._feed.unit}
        effect = "reject" if effect == "blank" and needed else effect
        blanks = (name,) if effect == "blank" else ()
        self._checks.append(Check(reason, name, condition, effect, params, source, blanks, quick))

    def _value_checks(self, name: str, column: Column, mapped: MappedColumn) -> None:
        """A text that is no value of its type, by what is wrong with it; codes outside their list."""
        bad, text = quoted(f" b {name}"), quoted(f" w {name}")

        def when(pattern: str) -> str:
            return f"CASE WHEN {bad} THEN regexp_full_match({text}, '{pattern}') ELSE FALSE END"

        if column.type in ("int", "decimal") and name in self._converted:
            self._check("ING126", name, when(_DAMAGED), quick=bad)
            whole = "-?[0-9]+" if column.type == "int" else "-?[0-9]+([.][0-9]*)?"
            range_code = "ING127" if column.type == "int" else "ING128"
            self._check(range_code, name, when(whole), quick=bad, scale=str(column.scale))
            known = f"CASE WHEN {bad} THEN NOT regexp_full_match({text}, '{_DAMAGED}|{whole}') ELSE FALSE END"
            self._check("ING121" if column.type == "int" else "ING122", name, known, quick=bad)
        elif (
            column.type == "timestamp" and name in self._converted and mapped.zone != "offset" and mapped.epoch is None
        ):
            offset = ".*([+-][0-9]{2}:?[0-9]{2}|Z)"
            self._check("ING129", name, when(offset), quick=bad)
            other = f"CASE WHEN {bad} THEN NOT regexp_full_match({text}, '{offset}') ELSE FALSE END"
            self._check("ING124", name, other, quick=bad)
        elif column.type != "text" and mapped.codes is None:
            self._check(
                {"bool": "ING123", "timestamp": "ING124", "date": "ING125"}.get(column.type, "ING121"), name, bad
            )
        elif column.type == "text" and (column.protection != "none" or name in self._feed.key):
            # A key that lost its digits would merge records; any other text is kept as it is and counted.
            digits = f"regexp_full_match({quoted(name)}, '{_DAMAGED_TEXT}')"
            effect: OnViolation = "reject" if name in self._feed.key else "note"
            self._check("ING126", name, f"CASE WHEN contains({quoted(name)}, '+') THEN {digits} ELSE FALSE END", effect)
        if mapped.codes is not None and self._job.catalogue.code_lists[mapped.codes].unknown == "reject":
            self._check("ING132", name, f"({quoted(f' x {name}')} IS NOT NULL)", list=mapped.codes)
        if column.type == "timestamp" and self._job.has_mark(mapped):
            self._check("ING204", name, f"({quoted(f' m {name}')} = 1 AND {quoted(name)} IS NOT NULL)", "note")
            self._check("ING205", name, f"({quoted(f' m {name}')} = 2 AND {quoted(name)} IS NOT NULL)", "note")

    def _bound_checks(self, name: str, column: Column) -> None:
        for bound, sign, code in ((column.min, "<", "ING130"), (column.max, ">", "ING131")):
            if bound is not None:
                self._check(code, name, f"({quoted(name)} {sign} {bound:f})", column.on_violation, bound=f"{bound:f}")
        if column.allowed is not None:
            listed = self._job.catalogue.code_lists[column.allowed]
            condition = outside_sql(listed, f"CAST({quoted(name)} AS VARCHAR)")
            self._check("ING133", name, condition, column.on_violation, list=column.allowed)

    def _window_check(self) -> None:
        feed = self._feed
        if feed.time not in self._mapping.columns:
            return
        latest = self._job.now + timedelta(hours=feed.window.future_hours)
        limit = int(latest.timestamp()) * 1_000_000
        outside = f"({quoted(' day')} < DATE '{self._job.earliest}' OR {quoted(f' u {feed.time}')} > {limit})"
        unreadable = f"({quoted(f' u {feed.time}')} IS NOT NULL AND {quoted(' day')} IS NULL)"
        params = {"earliest": str(self._job.earliest), "future_hours": str(feed.window.future_hours)}
        self._check("ING135", feed.time, f"({outside} OR {unreadable})", "reject", **params)
