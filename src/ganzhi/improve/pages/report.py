"""Builds the daily report of a level: what is new, repeated until it is closed, closed, kept back, and what was counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.periods import Grain, parse_period
from ganzhi.catalogue.model.warning import GRADES, WarningRule
from ganzhi.improve.crisis import plan_steps
from ganzhi.improve.cycle import KEPT_BACK
from ganzhi.improve.daily import Made, Repeated, daily, reports_made
from ganzhi.improve.heard import rank
from ganzhi.improve.pages.listing import Sight
from ganzhi.improve.pages.reportviews import CrisisLine, Line, ReportPage, Volume
from ganzhi.improve.pages.views import Why
from ganzhi.improve.rules import Rules
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.store.findings.records import Finding

LEVELS: Final = ("product", "centre")
MOST_VOLUMES: Final = 80
LATEST: Final = 12
"""Evaluations of a finding among which that of the report's day is looked up."""
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)


def report_page(sight: Sight, day: date, level: str, reading: States | None) -> ReportPage:
    """The report of a day and level. reading: where values are read; None for none.

    Raises: InputError FND019 for a day that lies ahead.
    """
    workplace = sight.workplace
    today = sight.now.astimezone(workplace.zone).date()
    if day > today:
        raise InputError(Issue("FND019", day.isoformat(), params={"last": today.isoformat()}))
    made = [each for each in reports_made(sight.store) if each.level == level]
    mine = next((each for each in made if each.day == day), None)
    since, until = _span(made, day, mine)
    rules = {code for code, rule in sight.catalogue.warning_rules.items() if rule.level == level}

    def keep(finding: Finding) -> bool:
        return finding.rule in rules and sight.sees(finding) and _first(finding, sight) <= day

    found = daily(sight.store, since or ALWAYS, until, keep)
    if since is None:
        found = replace(found, closed=tuple(each for each in found.closed if _last(each.finding, sight) >= day))
    lines = {id(each): _line(sight, each, day, since) for each in found.all}
    working = [lines[id(each)] for each in found.working]
    kept = tuple(lines[id(each)] for each in found.kept_back)
    return ReportPage(
        day=day,
        level=level,
        made_at=None if mine is None else mine.made_at,
        unit_name=sight.catalogue.units[sight.ground.top].name,
        new=tuple(line for line in working if line.new),
        repeated=tuple(line for line in working if not line.new),
        waiting=tuple(lines[id(each)] for each in found.waiting),
        closed=tuple(lines[id(each)] for each in found.closed),
        kept=kept,
        reasons=tuple(_reasons(kept)),
        grades={grade: sum(line.row.grade == grade for line in working) for grade in reversed(GRADES)},
        volumes=tuple(_volumes(sight, rules, day, found.all, reading)),
        crises=tuple(_crises(sight, found.all)),
        earlier=max((each.day for each in made if each.day < day), default=None),
        later=min((each.day for each in made if each.day > day), default=None),
    )


def _span(made: list[Made], day: date, mine: Made | None) -> tuple[datetime | None, datetime | None]:
    """From the making of the report before to that of this one; None for the beginning, and where things stand now."""
    before = [each.made_at for each in made if each.day < day]
    return max(before, default=None), None if mine is None else mine.made_at


def _first(finding: Finding, sight: Sight) -> date:
    return parse_period(finding.first_period, sight.workplace.zone).first_day


def _last(finding: Finding, sight: Sight) -> date:
    return parse_period(finding.last_period, sight.workplace.zone).last_day


def _line(sight: Sight, each: Repeated, day: date, since: datetime | None) -> Line:
    finding = each.finding
    new = each.new if since is not None else _first(finding, sight) == day
    kept = finding.state in KEPT_BACK  # of which the reason is shown, not the value
    judged = None if kept else _judged(sight, finding, day)
    row = replace(sight.row(finding, judged, brief=kept), overdue=each.overdue)
    why = None
    if kept:
        detail: Any = each.last.detail
        reasons = detail.get("reasons", ()) if isinstance(detail, Mapping) else ()
        code = each.why.partition(":")[2] or each.why
        params: Any = next((r.get("params", {}) for r in reasons if r.get("code") == code), {})
        why = sight.why({"code": code, "params": params})
    return Line(row, new, each.last.act, each.last.actor, each.last.at, why)


def _judged(sight: Sight, finding: Finding, day: date) -> Any:
    """The evaluation of the latest period up to the day."""
    kept = sight.store.findings.evidence(finding.id, limit=LATEST)
    past = [each for each in kept if parse_period(each.period, sight.workplace.zone).first_day <= day]
    return sight.judged((past or kept)[0]) if kept else None


def _reasons(kept: tuple[Line, ...]) -> Iterator[tuple[Why, int]]:
    """How many are kept back why, the most frequent reason first; without what differs from one to the next."""
    counted = Counter(line.why.code for line in kept if line.why is not None)
    for code, count in counted.most_common():
        yield Why(code), count


def _crises(sight: Sight, found: tuple[Repeated, ...]) -> Iterator[CrisisLine]:
    rules = Rules(sight.catalogue)
    for each in found:
        publication = rules.publication(each.finding.rule)
        plan = None if publication is None else publication.crisis
        if each.finding.state == "closed" or plan is None or each.finding.highest < rank(plan.grade):
            continue
        steps = plan_steps(rules, each.finding, sight.store.findings.history(each.finding.id), sight.now)
        if steps:
            yield CrisisLine(sight.row(each.finding, brief=True), steps)


# -- what was counted --------------------------------------------------------------------------------


def _volumes(
    sight: Sight, rules: set[str], day: date, found: tuple[Repeated, ...], reading: States | None
) -> Iterator[Volume]:
    """Counts of the day by rule and slice, largest first, of the viewer's own unit; those that are warned of are marked."""
    top, out = sight.ground.top, _out(found, sight.ground.top)
    shown: set[tuple[str, str | None]] = set()
    for code in (each for each in sight.catalogue.warning_rules if each in rules and reading is not None):
        rule = sight.catalogue.warning_rules[code]
        indicator = sight.catalogue.indicators.get(rule.indicator)
        if rule.grain is not Grain.DAY or indicator is None or indicator.retired or indicator.unit != "count":
            continue
        if (rule.indicator, rule.by) in shown:
            continue
        shown.add((rule.indicator, rule.by))
        assert reading is not None
        key = ("report", rule.indicator, rule.by, rule.only, top, day)
        values = reading.once(key, partial(_values, sight, rule, top, day, reading))
        rows = sorted(values, key=lambda cut: -(values[cut].get(day) or 0.0))
        for cut in rows[:MOST_VOLUMES]:
            of_day = values[cut]
            if of_day.get(day) is None:
                continue
            warned = out.get((code, cut))
            value = of_day.get(day)
            yield Volume(
                rule=code,
                subject=subject_of(sight.catalogue, rule.indicator, Grain.DAY),
                cut=sight.cut(dict(cut)),
                value=value,
                before=of_day.get(day - timedelta(days=1)),
                week=of_day.get(day - timedelta(days=7)),
                hidden=any(sight.hides(rule.indicator, each) for each in of_day.values()),
                grade=None if warned is None else sight.row(warned, brief=True).grade,
                finding=None if warned is None else warned.id,
            )


def _out(found: tuple[Repeated, ...], unit: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], Finding]:
    return {
        (each.finding.rule, tuple(sorted(json.loads(each.finding.slice).items()))): each.finding
        for each in found
        if each.finding.unit == unit and each.finding.state not in ("closed", *KEPT_BACK)
    }


def _values(
    sight: Sight, rule: WarningRule, unit: str, day: date, reading: States
) -> dict[tuple[tuple[str, str], ...], dict[date, float | None]]:
    asked = ObserveRequest(
        codes=(rule.indicator,),
        unit=unit,
        grain=Grain.DAY,
        first=day - timedelta(days=7),
        last=day,
        by=() if rule.by is None else (rule.by,),
        stale="show",
    )
    values: dict[tuple[tuple[str, str], ...], dict[date, float | None]] = {}
    try:
        for each in observe(sight.workplace, reading, asked):
            if rule.only and rule.by is not None and each.slice[rule.by] not in rule.only:
                continue
            cut = tuple(sorted(each.slice.items()))
            values.setdefault(cut, {})[each.period.first_day] = None if each.value is None else float(each.value)
    except (InputError, EngineError):
        return {}
    return values
