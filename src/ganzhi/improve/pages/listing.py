"""Builds the list of findings a viewer may see: conditions, counts, order, and what the latest evaluation said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ganzhi.access.rights import SMALLEST_CELL, Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import GRADES
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.improve.cycle import KEPT_BACK, WORKED_ON
from ganzhi.improve.findings import MOST_OPEN
from ganzhi.improve.heard import grade_name, rank
from ganzhi.improve.pages.views import SHOWN, AlertRow, AlertsPage, AlertsQuery, Judged, Shown, Why
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.readings import subject_of
from ganzhi.store.findings.records import STATES, Evidence, Finding
from ganzhi.store.open import Store
from ganzhi.warehouse.workplace import Workplace

PER_PAGE: Final = 50
SURFACED: Final = ("raised", *WORKED_ON)
"""States that somebody has to act in."""


def plain(text: str) -> Text:
    """What is written only once, for both languages."""
    return Text(zh=text, en=text)


class Sight:
    """The findings of a workplace as one viewer sees them: those of units within reach, small numbers hidden."""

    def __init__(self, workplace: Workplace, viewer: Viewer) -> None:
        viewer.require("dynamic")
        self.workplace = workplace
        self.viewer = viewer
        self.ground = Ground(workplace.catalogue, viewer)
        self.now = workplace.clock.now()

    @property
    def store(self) -> Store:
        """Where findings are kept."""
        return self.workplace.store

    @property
    def catalogue(self) -> Catalogue:
        """What is declared."""
        return self.workplace.catalogue

    def sees(self, finding: Finding) -> bool:
        """Whether the finding exists for the viewer; one of a unit that was taken out of the catalogue stays with
        those who see the whole organisation."""
        return not self.viewer.units or self.ground.within(finding.unit)

    def find(self, given: str) -> Finding:
        """The finding of an id; InputError FND001 when there is none within reach."""
        found = self.store.findings.get(given) if len(given) >= len("019b0000-0000-7000-8000-000000000001") else None
        if found is None or not self.sees(found):
            raise InputError(Issue("FND001", given[:64]))
        return found

    def all(self) -> tuple[Finding, ...]:
        """Every finding there ever was within reach."""
        return tuple(each for each in self.store.findings.list(states=STATES, limit=MOST_OPEN) if self.sees(each))

    # -- one row -----------------------------------------------------------------------------------

    def row(self, finding: Finding, judged: Judged | None = None, *, brief: bool = False) -> AlertRow:
        """A finding in a list. judged: its latest evaluation, looked up where it is not given. brief: leave that out."""
        catalogue, zone = self.catalogue, self.workplace.zone
        first, last = parse_period(finding.first_period, zone), parse_period(finding.last_period, zone)
        known = finding.indicator in catalogue.indicators
        cut: Mapping[str, str] = json.loads(finding.slice)
        rule, unit = catalogue.warning_rules.get(finding.rule), catalogue.units.get(finding.unit)
        left = None if finding.due is None or not finding.open else (finding.due - self.now).total_seconds()
        return AlertRow(
            id=finding.id,
            state=finding.state,
            grade=None if finding.grade == 0 else grade_name(finding.grade),  # type: ignore[arg-type]
            highest=grade_name(finding.highest),  # type: ignore[arg-type]
            rule=finding.rule,
            rule_name=plain(finding.rule) if rule is None else rule.name,
            level=None if rule is None else rule.level,
            indicator=finding.indicator,
            subject=subject_of(catalogue, finding.indicator, last.grain) if known else None,
            unit=finding.unit,
            unit_name=plain(finding.unit) if unit is None else unit.name,
            cut=self.cut(cut),
            slice=cut,
            first=first,
            last=last,
            judged=judged or (None if brief else self.latest(finding)),
            owner=rule.owner if rule is not None and finding.owner == rule.owner.zh else plain(finding.owner),
            due=finding.due,
            left_s=left,
            overdue=self.overdue(finding),
            escalations=finding.escalations,
            raised_at=finding.raised_at,
            closed_at=finding.closed_at,
            kept=self._kept(finding),
            parent=self._parent(finding),
            version=finding.version,
        )

    def overdue(self, finding: Finding) -> bool:
        """Whether its clock ran out: an escalation sets a new one, and it stays overdue until somebody acts."""
        passed = finding.due is not None and finding.due <= self.now
        return finding.state in SURFACED and (passed or finding.escalations > 0)

    def cut(self, cut: Mapping[str, str]) -> tuple[tuple[Text, Text], ...]:
        """Names of the dimensions and values of a slice."""
        return tuple((self._dimension(name), self._value(name, value)) for name, value in cut.items())

    def _dimension(self, name: str) -> Text:
        declared = self.catalogue.dimensions.get(name)
        return plain(name) if declared is None else declared.name

    def _value(self, dimension: str, key: str) -> Text:
        declared = self.catalogue.dimensions.get(dimension)
        named = None if declared is None else declared.values.get(key)
        if named is None and dimension == "product" and key in self.catalogue.products:
            named = self.catalogue.products[key].name
        if named is None and dimension == "process" and key in self.catalogue.processes:
            named = self.catalogue.processes[key].name
        return named or (plain(key) if key else both("views.unknown_value"))

    def _kept(self, finding: Finding) -> Why | None:
        """Why it is kept back: the reason of the act that brought it there."""
        if finding.state not in KEPT_BACK:
            return None
        for entry in reversed(self.store.findings.history(finding.id)):
            if entry.after == finding.state and entry.before != entry.after:
                detail = {k: str(v) for k, v in entry.detail.items() if isinstance(v, str | int | float)}
                return self.why(
                    {"code": entry.reason, "params": self._reason_params(entry.reason, entry.detail, detail)}
                )
        return Why(finding.state)

    @staticmethod
    def _reason_params(code: str, detail: Mapping[str, object], own: Mapping[str, str]) -> Mapping[str, object]:
        """What the sentence of a reason needs: from the evaluation's own reasons where they are kept, else the detail."""
        reasons: Any = detail.get("reasons", ())
        return next((each.get("params", {}) for each in reasons if each.get("code") == code), own)

    def _parent(self, finding: Finding) -> str | None:
        if finding.parent is None:
            return None
        return finding.parent if self.sees(self.store.findings.get(finding.parent)) else None

    # -- what evaluations said ---------------------------------------------------------------------

    def latest(self, finding: Finding) -> Judged | None:
        """The evaluation of the last period."""
        kept = self.store.findings.evidence(finding.id, limit=1)
        return self.judged(kept[0]) if kept else None

    def judged(self, kept: Evidence) -> Judged:
        """An evaluation as the viewer may see it."""
        content: Mapping[str, Any] = kept.content
        made: Mapping[str, Any] = content.get("made") or {}
        hidden = self.hides(str(content.get("indicator", "")), content.get("value"))
        fell = made.get("fell_back")
        grade = content.get("grade") or (content.get("crossed") if content.get("verdict") == "withheld" else None)

        def number(name: str) -> float | None:
            value = content.get(name)
            return None if hidden or value is None else float(value)

        return Judged(
            period=parse_period(kept.period, self.workplace.zone),
            at=kept.at,
            verdict=str(content.get("verdict", "unknown")),
            grade=grade if grade in GRADES else None,
            value=number("value"),
            expected=None if content.get("expected") is None else float(content["expected"]),
            limits={name: float(value) for name, value in (content.get("limits") or {}).items() if name in GRADES},
            chance=number("chance"),
            adjusted=number("adjusted"),
            excess_absolute=number("excess_absolute"),
            excess_relative=number("excess_relative"),
            drift_sigmas=number("drift_sigmas"),
            how=str(made.get("how", "none")),
            history=int(made.get("history", 0)),
            threshold=made.get("version"),
            fell_back=None if not fell else self.why(fell),
            reasons=tuple(self.why(each) for each in content.get("reasons", ())),
            catalogue_version=str(content.get("catalogue_version", "")),
            hidden=hidden,
        )

    def hides(self, indicator: str, value: object) -> bool:
        """Whether a count is of so few events that only those who may see the records see it."""
        if self.viewer.may("list") or not isinstance(value, int | float) or indicator not in self.catalogue.indicators:
            return False
        return self.catalogue.indicator(indicator).unit == "count" and 0 < value < SMALLEST_CELL

    def why(self, given: Mapping[str, Any]) -> Why:
        """A reason with names; a unit that is out of reach is not told."""
        params = {str(key): str(value) for key, value in (given.get("params") or {}).items()}
        names: dict[str, Text] = {}
        if "unit" in params:
            unit = self.ground.units.get(params.pop("unit"))
            if unit is not None:
                names["unit"] = unit.name
        if (indicator := params.get("indicator")) in self.catalogue.indicators:
            names["indicator"] = self.catalogue.indicator(str(indicator)).name
        if (
            given.get("code") in ("occasion", "raised_assurance")
            and (occasion := params.get("what")) in self.catalogue.occasions
        ):
            names["what"] = self.catalogue.occasions[str(occasion)].name
        return Why(str(given.get("code", "")), params, names)


def alerts_page(sight: Sight, query: AlertsQuery, telling: Sequence[str]) -> AlertsPage:
    """The list; a unit outside the viewer's reach is InputError REQ012, an unknown rule WRN001."""
    seen = sight.all()
    rules = _rules(sight.catalogue, seen)
    if query.unit is not None:
        sight.ground.unit(query.unit)
    if query.rule is not None and query.rule not in dict(rules):
        raise InputError(unknown("WRN001", query.rule, dict(rules)))
    kept = [each for each in seen if _fits(sight, each, query)]
    counts = _counts(sight, kept if query.grade is None else [e for e in kept if _graded(e, query)])
    of_state = [each for each in kept if _in(sight, each, query.shown)]
    grades = Counter(grade_name(_shown_rank(each)) for each in of_state)
    found = sorted((e for e in of_state if query.grade is None or _graded(e, query)), key=_order(sight))
    pages = max(1, -(-len(found) // PER_PAGE))
    if query.page > pages:
        raise InputError(Issue("POR003", "page", params={"value": str(query.page), "most": str(pages)}))
    here = found[(query.page - 1) * PER_PAGE : query.page * PER_PAGE]
    units = {each.unit for each in seen}
    return AlertsPage(
        query=query,
        rows=tuple(sight.row(each) for each in here),
        total=len(found),
        pages=pages,
        counts=counts,
        grades={grade: grades[grade] for grade in reversed(GRADES)},
        rules=rules,
        units=tuple((code, unit.name) for code, unit in sight.ground.units.items() if code in units),
        unit_name=None if query.unit is None else sight.ground.units[query.unit].name,
        telling=tuple(telling),
    )


def all_rows(sight: Sight, query: AlertsQuery) -> Iterable[AlertRow]:
    """Every finding under the conditions, in the order of the list; for files."""
    fits = [e for e in sight.all() if _fits(sight, e, query) and _in(sight, e, query.shown)]
    found = sorted((e for e in fits if query.grade is None or _graded(e, query)), key=_order(sight))
    return (sight.row(each) for each in found)


def waiting(sight: Sight, unit: str | None, most: int) -> tuple[tuple[AlertRow, ...], int]:
    """The findings in which somebody has to act, overdue first, of a unit and all below it; and how many there are."""
    found = [each for each in sight.store.findings.list(states=SURFACED, limit=MOST_OPEN) if sight.sees(each)]
    kept = sorted((e for e in found if unit is None or _below(sight.catalogue, e.unit, unit)), key=_order(sight))
    return tuple(sight.row(each) for each in kept[:most]), len(kept)


def _rules(catalogue: Catalogue, seen: Iterable[Finding]) -> tuple[tuple[str, Text], ...]:
    codes = sorted({each.rule for each in seen})
    declared = catalogue.warning_rules
    return tuple((code, declared[code].name if code in declared else plain(code)) for code in codes)


def _fits(sight: Sight, finding: Finding, query: AlertsQuery) -> bool:
    """Whether a finding meets the conditions on place, rule and level."""
    rule = sight.catalogue.warning_rules.get(finding.rule)
    return (
        (query.unit is None or _below(sight.catalogue, finding.unit, query.unit))
        and query.rule in (None, finding.rule)
        and (query.level is None or (rule is not None and rule.level == query.level))
    )


def _shown_rank(finding: Finding) -> int:
    return finding.grade or finding.highest


def _graded(finding: Finding, query: AlertsQuery) -> bool:
    return query.grade is not None and _shown_rank(finding) == rank(query.grade)


def _in(sight: Sight, finding: Finding, shown: Shown) -> bool:
    match shown:
        case "all":
            return True
        case "open":
            return finding.state in SURFACED
        case "overdue":
            return sight.overdue(finding)
        case _:
            return finding.state == shown


def _counts(sight: Sight, found: Sequence[Finding]) -> dict[Shown, int]:
    return {shown: sum(_in(sight, each, shown) for each in found) for shown in SHOWN}


def _below(catalogue: Catalogue, unit: str, above: str) -> bool:
    at: str | None = unit
    while at is not None and at != above:
        found = catalogue.units.get(at)
        at = None if found is None else found.parent
    return at is not None


def _order(sight: Sight) -> Callable[[Finding], tuple[object, ...]]:
    """Overdue first, then the gravest, then the least time left, then the newest."""

    def key(finding: Finding) -> tuple[object, ...]:
        late = sight.overdue(finding)
        due = finding.due or datetime.max.replace(tzinfo=sight.now.tzinfo)
        newest = -finding.raised_at.timestamp()
        return (not late, finding.state == "closed", -finding.grade, -finding.highest, due, newest, finding.id)

    return key
