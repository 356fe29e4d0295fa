"""Builds the page of one finding: what fired, the values around it, what was done, and what may be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from ganzhi.access.rights import LOCAL, Viewer
from ganzhi.base.errors import EngineError, InputError
from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import GRADES, WarningRule
from ganzhi.improve.crisis import PlanStep, plan_steps
from ganzhi.improve.cycle import KEPT_BACK, possible
from ganzhi.improve.findings import Findings
from ganzhi.improve.pages.listing import Sight
from ganzhi.improve.pages.views import AlertPage, AlertRow, Drawn, Judged, Point, RuleWords, Step, Told, Why
from ganzhi.improve.sample import shares
from ganzhi.measure.build.catalogue.occasions import occasions_between
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.store.findings.records import STATES, Entry, Finding, Sample

BEFORE: Final = {Grain.DAY: 35, Grain.WEEK: 26 * 7, Grain.MONTH: 365}
"""Days of values shown before the first period; of grains below a day three."""
MOST_EVIDENCE: Final = 500
MOST_POINTS: Final = 240
MOST_CANDIDATES: Final = 50
MOST_NOTICES: Final = 50


def alert_page(
    sight: Sight, findings: Findings, given: str, reading: States | None, telling: Sequence[str]
) -> AlertPage:
    """The page of a finding. reading: where values are read; None for none, which leaves the chart to the evaluations.

    Raises: InputError FND001 for one that is not there, or out of reach.
    """
    finding = sight.find(given)
    kept = sight.store.findings.evidence(finding.id, limit=MOST_EVIDENCE)
    judged = tuple(sight.judged(each) for each in kept)
    row = sight.row(finding, judged[0] if judged else None)
    points = _points(sight, row, judged, reading)
    first, last = (points[0].period, points[-1].period) if points else (row.first, row.last)
    silences, history = sight.store.silences.at(sight.now), sight.store.findings.history(finding.id)
    samples = sight.store.samples.of(finding.id) if sight.viewer.may("list") else ()
    steps = plan_steps(findings.rules, finding, history, sight.now)
    acts = _acts(sight.viewer, findings, finding, steps)
    worked = finding.state in ("measured", "checking", "closed")
    return AlertPage(
        row=row,
        rule=_rule(sight, findings, finding),
        judged=judged,
        fired=_fired(judged, row),
        points=points,
        occasions=occasions_between(sight.catalogue, first.first_day, last.last_day, row.unit, row.slice),
        history=tuple(replace(each, detail={}) for each in history),
        whys=_whys(sight, history),
        feedback=sight.store.findings.feedback(finding.id),
        effect=findings.effect(finding) if worked else None,
        samples=tuple(drawn(sight, row, each) for each in samples) if sight.viewer.may("list") else None,
        parts=tuple(sight.row(each) for each in sight.all() if each.parent == finding.id),
        parent=None if row.parent is None else sight.row(sight.store.findings.get(row.parent)),
        acts=acts,
        candidates=_candidates(sight, finding) if "merge" in acts else (),
        silences=tuple(s for s in silences if findings.rules.silence(finding, (s,)) is not None),
        notices=tuple(
            Told(n.channel, n.change, n.state, n.due, n.finished_at, n.error, n.withheld)
            for n in sight.store.outbox.notices(finding.id, limit=MOST_NOTICES)
        ),
        telling=tuple(telling),
        crisis=steps,
    )


def _acts(viewer: Viewer, findings: Findings, finding: Finding, steps: Sequence[PlanStep]) -> tuple[str, ...]:
    """What the viewer may do now: possible in the state, and let out only by the role that approves."""
    if not viewer.may("act"):
        return ()
    wanted = findings.rules.step(finding.rule, finding.grade)
    approver = wanted is None or wanted.approval is None or wanted.approval == role_for(viewer, wanted.approval)
    names = [act.name for act in possible(finding.state, "person")]
    without = set()
    if not approver:
        without |= {"publish", "announce"}
    if finding.grade <= finding.told:
        without.add("announce")
    if not finding.grade:
        without.add("publish")
    if all(step.done_at is not None for step in steps):
        without.add("carry_out")
    return (*(name for name in names if name not in without), "silence") if names else ()


def role_for(viewer: Viewer, approval: str | None) -> str:
    """The role in which somebody acts; the one user of a workspace without accounts may do what every role may."""
    return approval if approval is not None and viewer == LOCAL else viewer.role


def _whys(sight: Sight, history: Sequence[Entry]) -> tuple[Why, ...]:
    """Why each act was done: a program's code with what its sentence needs, or a person's own words."""
    found = []
    for entry in history:
        reasons: Any = entry.detail.get("reasons", ())
        needed = next((each.get("params", {}) for each in reasons if each.get("code") == entry.reason), entry.detail)
        found.append(sight.why({"code": entry.reason, "params": needed}))
    return tuple(found)


def _fired(judged: Sequence[Judged], row: AlertRow) -> Judged | None:
    """The first evaluation of the highest grade; the first of all where its evidence is not kept any more."""
    reached = [each for each in judged if each.grade == row.highest]
    return reached[-1] if reached else judged[-1] if judged else None


def _candidates(sight: Sight, finding: Finding) -> tuple[AlertRow, ...]:
    """What it may be merged into: findings that stand by themselves, of the same rule first."""
    open_ones = [
        e for e in sight.store.findings.list(states=tuple(s for s in STATES if s != "closed")) if sight.sees(e)
    ]
    fit = [each for each in open_ones if each.id != finding.id and each.state not in KEPT_BACK]
    fit.sort(key=lambda each: (each.rule != finding.rule, -each.grade, each.id))
    return tuple(sight.row(each, brief=True) for each in fit[:MOST_CANDIDATES])


def _rule(sight: Sight, findings: Findings, finding: Finding) -> RuleWords | None:
    rule = sight.catalogue.warning_rules.get(finding.rule)
    if rule is None:
        return None
    wanted = findings.rules.step(finding.rule, finding.grade or finding.highest)
    publication = findings.rules.publication(finding.rule)
    return RuleWords(
        grain=rule.grain.value,
        side=rule.side,
        baseline=rule.baseline,
        by=_by(sight, rule),
        tails={grade: float(getattr(rule.tails, grade)) for grade in GRADES},
        least=(float(rule.least.absolute), float(rule.least.relative)),
        persist=rule.persist,
        hold=rule.hold,
        discovery=float(rule.discovery),
        drift_sigmas=None if rule.drift_sigmas is None else float(rule.drift_sigmas),
        description=rule.description,
        publication=None if publication is None else publication.name,
        step=None
        if wanted is None
        else Step(wanted.roles, wanted.channels, wanted.acknowledge_min, wanted.feedback_min, wanted.approval),
    )


def _by(sight: Sight, rule: WarningRule) -> Text | None:
    declared = None if rule.by is None else sight.catalogue.dimensions.get(rule.by)
    return None if declared is None else declared.name


# -- the chart ---------------------------------------------------------------------------------------


def _points(sight: Sight, row: AlertRow, judged: Sequence[Judged], reading: States | None) -> tuple[Point, ...]:
    """Values of the series up to the last evaluation; what was expected of those that were evaluated."""
    latest: dict[Period, Judged] = {}
    for each in judged:
        latest.setdefault(each.period, each)
    values = _values(sight, row, reading)
    periods = sorted({*values, *(each.period for each in latest.values())}, key=lambda period: period.start)
    found = []
    for period in periods[-MOST_POINTS:]:
        said = latest.get(period)
        value = values.get(period, None if said is None else said.value)
        hidden = sight.hides(row.indicator, value) or (said is not None and said.hidden)
        grade = said.grade if said is not None and said.verdict == "warned" else None
        found.append(Point(period, None if hidden else value, None if said is None else said.expected, grade))
    return tuple(found)


def _values(sight: Sight, row: AlertRow, reading: States | None) -> dict[Period, float | None]:
    """What is measured now of the series around the finding; nothing where it cannot be read any more."""
    if reading is None or row.indicator not in sight.catalogue.indicators or row.unit not in sight.catalogue.units:
        return {}
    first: date = row.first.first_day - timedelta(days=BEFORE.get(row.first.grain, 3))
    asked = ObserveRequest(
        codes=(row.indicator,),
        unit=row.unit,
        grain=row.first.grain,
        first=first,
        last=row.last.last_day,
        where=row.slice,
        stale="show",
    )
    try:
        found = observe(sight.workplace, reading, asked)
    except (InputError, EngineError):
        return {}
    values = [(each.period, None if each.value is None else float(each.value)) for each in found]
    known = next((place for place, (_, value) in enumerate(values) if value is not None), len(values))
    return dict(values[known:])


# -- the sample --------------------------------------------------------------------------------------


def drawn(sight: Sight, row: AlertRow, sample: Sample) -> Drawn:
    """A sample as pages show it."""
    feed = sight.catalogue.indicator(row.indicator).feed if row.subject is not None else None
    rows = tuple((load, int(line)) for load, _, line in (each.rpartition(":") for each in sample.rows))
    return Drawn(
        row.first,
        feed or "",
        sample.seed,
        sample.population,
        rows,
        sample.causes,
        shares(sample),
        len(sample.causes),
        shares(sample, sample.phenomena),
    )
