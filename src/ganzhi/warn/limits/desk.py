"""Where thresholds are proposed, taken in, decided upon and looked at, by a viewer (S003-013, S003-014)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.open import States
from ganzhi.store.findings.records import Threshold
from ganzhi.store.findings.thresholds import FORMAT, read_document
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.evaluate import judge_of, rule_of, rules_in_force
from ganzhi.warn.limits.content import EVERY, Limits, Line, check_limits, content_of, limits_of
from ganzhi.warn.limits.exchange import Form, read_table, write_table
from ganzhi.warn.limits.inforce import InForce, in_force
from ganzhi.warn.limits.views import LineRow, RuleRow, Skipped, ThresholdsPage, VersionPage, VersionRow
from ganzhi.warn.thresholds import proposable, propose

PROGRAM: Final = "warn"
MOST_BYTES: Final = 8 << 20
MOST_DECIDED: Final = 60
Decision = Literal["approve", "reject", "restore"]
DECISIONS: Final[tuple[Decision, ...]] = ("approve", "reject", "restore")


@dataclass(frozen=True, slots=True)
class ThresholdDesk:
    """Versions of thresholds of a workspace. opens: the states that proposals are computed from."""

    workplace: Workplace
    opens: Callable[[], States]

    # -- doing -------------------------------------------------------------------------------------

    def propose(self, code: str, month: date, grade: Grade = "yellow", *, why: str = "") -> Threshold:
        """Compute and keep a proposal; it is the program's, and any person may approve it."""
        with self.opens() as reading:
            limits = propose(self.workplace, reading, code, month, grade)
        return self.keep(code, limits, why=why)

    def keep(self, code: str, limits: Limits, *, why: str = "") -> Threshold:
        """Keep a computed proposal; InputError WRN036 where there is no line in it."""
        check_limits(self.workplace.catalogue, code, limits)
        source = source_of(limits.first)
        return self.workplace.store.thresholds.propose(
            code, content_of(limits), by=PROGRAM, reason=why or source, source=source
        )

    def propose_due(self, code: str, last: date, reading: States) -> Threshold | None:
        """The proposal for the month that follows the last day on which anything arrived, once (S003-013)."""
        catalogue = self.workplace.catalogue
        rule = rule_of(catalogue, code)
        month = (last + timedelta(days=7)).replace(day=1)
        known = any(each.source == source_of(month) for each in self.workplace.store.thresholds.list(code))
        if known or rule.level != "product" or not proposable(judge_of(catalogue, code, rule)):
            return None
        limits = propose(self.workplace, reading, code, month)
        return self.keep(code, limits) if limits.lines else None

    def take_in(self, name: str, content: bytes, *, by: str) -> tuple[Threshold, ...]:
        """Propose what a file says: a table (CSV, Excel) or a document of another platform (JSON).

        What is in force already is not proposed again. Raises: InputError for a file that is neither, and for limits that
        do not fit the rules, all at once; then nothing is proposed.
        """
        if len(content) > MOST_BYTES:
            raise InputError(Issue("WRN040", name[:80], params={"most": str(MOST_BYTES >> 20)}))
        store, catalogue = self.workplace.store.thresholds, self.workplace.catalogue
        issues: list[Issue] = []
        wanted = _read(name, content)
        for code, limits in wanted.items():
            try:
                rule_of(catalogue, code)
                check_limits(catalogue, code, limits)
            except InputError as error:
                issues += error.issues
        if issues:
            raise InputError(issues)
        made = []
        for code, limits in wanted.items():
            if limits not in [_typed(each.limits) for each in in_force(self.workplace.store, code).versions[-1:]]:
                source = f"import {name}"[:120]
                made.append(store.propose(code, content_of(limits), by=by, reason=source, source=source))
        return tuple(made)

    def decide(self, given: str, what: Decision, *, by: str, note: str = "", seen: int | None = None) -> Threshold:
        """Approve or reject a proposal, or put an approved version in force again from today on.

        seen: the version of the record that was looked at. Raises: InputError FND014 to FND017, STO005.
        """
        store = self.workplace.store.thresholds
        now = store.get(given)
        if seen is not None and seen != now.version:
            raise InputError(Issue("FND015", now.id, params={"state": now.state, "by": now.decided_by or "–"}))
        limits = limits_of(now.content)
        if what == "restore":
            again = Limits(self.today(), limits.busy_days, limits.lines)
            return store.restore(now, content_of(again), by=by, note=note)
        if what == "approve":
            check_limits(self.workplace.catalogue, now.rule, limits)
        return store.decide(now, "approved" if what == "approve" else "rejected", by=by, note=note)

    def table(self, codes: Sequence[str], form: Form) -> bytes:
        """What is in force today of these rules, or of all, as a table."""
        wanted = codes or tuple(self.workplace.catalogue.warning_rules)
        found = {code: version.limits for code in wanted if (version := self._in_force(code).at(self.today()))}
        return write_table(found, form)

    # -- looking -----------------------------------------------------------------------------------

    def today(self) -> date:
        """The local day."""
        return self.workplace.clock.now().astimezone(self.workplace.zone).date()

    def page(self, viewer: Viewer) -> ThresholdsPage:
        """All rules and versions."""
        catalogue, today = self.workplace.catalogue, self.today()
        kept = [each for each in self.workplace.store.thresholds.list() if each.rule in catalogue.warning_rules]
        rows = [self._row(each) for each in kept]
        holding = {row.rule: row for row in rows if row.holds}
        rules = tuple(
            RuleRow(code, rule.name, holding.get(code), proposable(judge), bool(judge.limits))
            for code in rules_in_force(catalogue)
            for rule in (catalogue.warning_rules[code],)
            for judge in (judge_of(catalogue, code, rule),)
        )
        waiting = tuple(row for row in rows if row.state == "proposed")
        decided = sorted((row for row in rows if row.state != "proposed"), key=lambda row: row.made_at, reverse=True)
        months = tuple(f"{_plus(today, number):%Y-%m}" for number in (0, 1))
        return ThresholdsPage(rules, waiting, tuple(decided[:MOST_DECIDED]), months, may_decide(viewer))

    def version(self, viewer: Viewer, given: str) -> VersionPage:
        """One version, with the lines of units within reach."""
        catalogue = self.workplace.catalogue
        kept = self.workplace.store.thresholds.get(given)
        if kept.rule not in catalogue.warning_rules:
            raise InputError(Issue("FND014", given[:64]))
        limits, ground = limits_of(kept.content), Ground(catalogue, viewer)
        rule = catalogue.warning_rules[kept.rule]
        subject = subject_of(catalogue, rule.indicator, rule.grain)
        seen = [line for line in limits.lines if line.unit == EVERY or ground.within(line.unit)]
        acts: tuple[str, ...] = ()
        if may_decide(viewer):
            acts = {"proposed": ("approve", "reject"), "approved": ("restore",)}.get(kept.state, ())
        row = self._row(kept)
        if row.holds:
            acts = ()
        return VersionPage(
            row=row,
            unit_of_value=subject.unit_of_value,
            decimals=0 if all(v == int(v) for line in limits.lines for v in line.daily.values()) else subject.decimals,
            busy_days=limits.busy_days,
            lines=tuple(self._line(line) for line in seen),
            skipped=tuple(
                Skipped(self._unit(each["unit"]), self._cut(each["slice"]), str(each["code"]), dict(each["params"]))
                for each in limits.skipped
                if ground.within(each["unit"])
            ),
            hidden=len(limits.lines) - len(seen),
            acts=acts,
        )

    def _in_force(self, code: str) -> InForce:
        return in_force(self.workplace.store, code)

    def _row(self, kept: Threshold) -> VersionRow:
        limits, today = limits_of(kept.content), self.today()
        at = self._in_force(kept.rule).at(today) if kept.state == "approved" else None
        grade, new, old = _trial(limits.lines)
        return VersionRow(
            id=kept.id,
            rule=kept.rule,
            rule_name=self.workplace.catalogue.warning_rules[kept.rule].name,
            number=kept.number,
            state=kept.state,
            first=limits.first,
            holds=at is not None and at.number == kept.number,
            later=kept.state == "approved" and limits.first > today,
            lines=len(limits.lines),
            proposed_by=kept.proposed_by,
            decided_by=kept.decided_by,
            decided_at=kept.decided_at,
            made_at=kept.made_at,
            reason=kept.reason,
            source=kept.source,
            note=kept.note,
            version=kept.version,
            grade=grade,
            new=new,
            old=old,
        )

    def _line(self, line: Line) -> LineRow:
        name = both("warn.every_unit") if line.unit == EVERY else self._unit(line.unit)
        return LineRow(line.unit, name, self._cut(line.slice), line.daily, line.busy, line.monthly, line.basis)

    def _unit(self, code: str) -> Text:
        unit = self.workplace.catalogue.units.get(code)
        return Text(zh=code, en=code) if unit is None else unit.name

    def _cut(self, cut: Mapping[str, str]) -> tuple[tuple[Text, Text], ...]:
        catalogue = self.workplace.catalogue
        found = []
        for name, value in cut.items():
            declared = catalogue.dimensions.get(name)
            word = None if declared is None else declared.values.get(value)
            if word is None and name == "product" and value in catalogue.products:
                word = catalogue.products[value].name
            plain = Text(zh=value, en=value) if value else both("views.unknown_value")
            found.append((Text(zh=name, en=name) if declared is None else declared.name, word or plain))
        return tuple(found)


def may_decide(viewer: Viewer) -> bool:
    """Whether a viewer may propose and decide: thresholds are the whole organisation's."""
    return viewer.may("act") and viewer.whole


def require_deciding(viewer: Viewer) -> None:
    """Raise AccessError for a viewer who may not."""
    viewer.require("act")
    viewer.require_whole()


def source_of(month: date) -> str:
    """What a monthly proposal gives as its source."""
    return f"month {month:%Y-%m}"


def parse_month(text: str, field: str) -> date:
    """The first day of a month given as `YYYY-MM`; InputError REQ003."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(day=1).date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise InputError(Issue("REQ003", field, params={"value": text[:64]})) from None


def _plus(day: date, months: int) -> date:
    for _ in range(months):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day.replace(day=1)


def _typed(limits: Limits) -> Limits:
    """Limits without what they rest on, as a table gives them."""
    lines = tuple(Line(each.unit, each.slice, each.daily, each.busy, each.monthly) for each in limits.lines)
    return Limits(limits.first, limits.busy_days, lines)


def _read(name: str, content: bytes) -> dict[str, Limits]:
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(Issue("FND101", name[:80], params={"detail": FORMAT})) from None
        return {code: _typed(limits_of(each)) for code, each in read_document(text)}
    with tempfile.TemporaryDirectory() as folder:
        kind = ".xlsx" if content[:2] == b"PK" else ".csv"
        path = Path(folder) / f"{Path(name).stem[:60] or 'thresholds'}{kind}"
        path.write_bytes(content)
        return read_table(path)


def _trial(lines: Sequence[Line]) -> tuple[Grade | None, Any, Any]:
    """Sums over all series of what was tried; None for a sum of which nothing is known."""
    tried = [line.basis["tried"] for line in lines if line.basis.get("tried")]
    if not tried:
        return None, None, None

    def total(which: str) -> tuple[int, int | None, int | None] | None:
        given = [each[which] for each in tried if each[which] is not None]
        if not given:
            return None
        return sum(each["alarms"] for each in given), _sum(given, "false"), _sum(given, "missed")

    return tried[0]["grade"], total("new"), total("old")


def _sum(given: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]], name: str) -> int | None:
    known = [each[name] for each in given if each[name] is not None]
    return sum(known) if known else None
