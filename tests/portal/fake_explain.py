"""Made-up explanations: numerators and denominators of parts, split by the product's own arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.explain import (
    CellRow,
    CutView,
    ExplainPage,
    ExplainQuery,
    MoveRow,
    PartRow,
    ScoreRow,
    SearchView,
    Why,
)
from ganzhi.measure.views.parts import Reading, Scope, Subject
from ganzhi.measure.views.query import PageQuery
from ganzhi.numerics.mix import Volumes, rate_and_mix, reversed_by_mix, together
from tests.portal import numbers as n

Named = Callable[[Text], Text]

TYPES: tuple[tuple[str, str, str, Volumes], ...] = (
    ("PS", "个人业务", "Private", Volumes(3600, 3900, 3420, 3800)),
    ("NW", "潜在客户", "Prospect", Volumes(1300, 1500, 1100, 1700)),
    ("NE", "证券", "Stock exchange", Volumes(700, 750, 800, 860)),
    ("IN", "网银支持", "Internet", Volumes(0, 0, 300, 400)),
    ("TT", "回电留言", "Returned message", Volumes(60, 80, 0, 0)),
    *((f"Z{k}", f"其他 {k}", f"Other {k}", Volumes(20 + k, 40, 22, 40 + k)) for k in range(11)),
)
WHOLE = together([part[3] for part in TYPES])
ONE = Volumes(3400, 3700, 3300, 3600)
TWO = Volumes(
    WHOLE.numerator_before - 3400,
    WHOLE.denominator_before - 3700,
    WHOLE.numerator_now - 3300,
    WHOLE.denominator_now - 3600,
)
TEAMS = (("AB-1", "一组", "Team one", ONE), ("AB-2", "二组", "Team two", TWO))


def _reading(about: Subject, numerator: object, denominator: object) -> Reading | None:
    size = int(denominator)  # type: ignore[call-overload]  # made-up whole numbers
    if not size:
        return None
    return n.reading(about, 100 * int(numerator) / size, n=size)  # type: ignore[call-overload]


def _cut(
    about: Subject,
    scope: Scope,
    dimension: str,
    name: Text,
    parts: tuple[tuple[str, str, str, Volumes], ...],
    named: Named,
) -> CutView:
    effects = rate_and_mix([part[3] for part in parts])
    total = sum(effect.total for effect in effects)
    rows = []
    for (key, zh, en, volumes), effect in zip(parts, effects, strict=True):
        gone = not volumes.denominator_now
        rows.append(
            PartRow(
                key=key,
                name=named(n.text(zh, en)),
                unit=key if dimension == "unit" else scope.unit,
                where={} if dimension == "unit" else {dimension: key},
                before=_reading(about, volumes.numerator_before, volumes.denominator_before),
                now=_reading(about, volumes.numerator_now, volumes.denominator_now),
                change=float(100 * effect.total),
                rate=float(100 * effect.rate),
                mix=float(100 * effect.mix),
                share=float(effect.total / total),
                points=None,
                only="before" if gone else None if volumes.denominator_before else "now",
                below=None,
            )
        )
    rows.sort(key=lambda row: -abs(row.change or 0))
    sums = (float(100 * sum(e.rate for e in effects)), float(100 * sum(e.mix for e in effects)))
    return CutView(dimension, name, "rate_mix", tuple(rows), *sums, reversed_by_mix(effects), None)


def _scores(named: Named) -> tuple[ScoreRow, ...]:
    def row(code: str, zh: str, en: str, layer: str, depth: int, added: float, **more: object) -> ScoreRow:
        made = ScoreRow(
            code, named(n.text(zh, en)), layer, depth, 0.5, 70.0, 70.0 + 2 * added, added, added, None, None
        )
        return replace(made, **more)  # type: ignore[arg-type]

    return (
        row("hotline.wait.mean_s", "平均等待时长", "Mean wait", "KPI", 1, -4.2),
        row("hotline.wait.p90_s", "等待时长 P90", "Wait, 90th percentile", "PI", 2, -3.0, of_top=-2.1),
        row("hotline.wait.p50_s", "等待时长中位数", "Median wait", "PI", 3, -1.0, of_top=-0.7, before=None, only="now"),
        row("hotline.answer_rate", "接通率", "Answer rate", "KQI", 1, 0.8),
        row("hotline.calls", "来电量", "Calls", "KPI", 1, -0.9, at_risk=8.0, weight=0.0),
        row("hotline.agents", "在岗坐席数", "Agents on duty", "KPI", 1, 0.0, points=None, of_top=None, now=None),
    )


def explained(variant: str, scope: Scope, about: Subject, asked: ExplainQuery, named: Named) -> ExplainPage:
    """A ratio with cuts and a combination found, a score with what supports it, or nothing to split."""
    layered = about.layer == "KQI"
    types = _cut(about, scope, "call_type", named(n.text("来电类型", "Call type")), TYPES, named)
    teams = _cut(about, scope, "unit", n.text("下级单位", "Units below"), TEAMS, named)
    why: Why = "no_data_now" if variant == "empty" else "peers" if scope.compare == "peers" else "explained"
    if why != "explained":
        nothing = n.reading(about, None, completeness=0)
        change = n.change(about, None, None)
        return ExplainPage(
            scope, about, why, not layered, nothing, None, change, None, None, None, (), False, (), None, None, "calls"
        )
    ends = (WHOLE.numerator_now / WHOLE.denominator_now, WHOLE.numerator_before / WHOLE.denominator_before)
    now, before = (58.4, 62.7) if layered else (float(100 * each) for each in ends)
    cells = (
        CellRow(
            names=(
                (named(n.text("班组", "Team")), named(n.text("二组", "Team two"))),
                (types.name, types.rows[0].name),
            ),
            unit="AB-2",
            where={"call_type": "NW"},
            before=n.reading(about, 86.7, n=1500),
            now=n.reading(about, 64.7, n=1700),
            change=-4.9,
            share=0.6,
            events=600,
            expected=227,
        ),
    )
    return ExplainPage(
        scope=scope,
        subject=about,
        why="explained",
        measured=not layered,
        now=n.reading(about, now, n=int(WHOLE.denominator_now), completeness=5 / 7),
        before=None if scope.compare == "target" else n.reading(about, before, n=int(WHOLE.denominator_before)),
        change=n.change(about, now, before),
        target=92.0 if scope.compare == "target" else None,
        difference=now - before,
        score=n.score_now(about.code, about.name.zh, about.name.en, 62.0, 70.0, about.layer),
        scores=_scores(named) if layered else (),
        points_lost=layered and scope.compare == "target",
        cuts=() if layered else (teams, types),
        shown=None if layered else asked.by or "call_type",
        search=None if layered else SearchView("found", ((cells[0].names[0][0], types.name),), 31, cells),
        feed=None if layered else "calls",
        moves=(
            MoveRow("hotline.wait.mean_s", named(n.text("平均等待时长", "Mean wait")), "KPI", -0.71, 1, 59, True, True),
            MoveRow(
                "hotline.talk.mean_s", named(n.text("平均通话时长", "Mean talk time")), "PI", 0.2, 0, 60, False, False
            ),
            MoveRow(
                "hotline.agents", named(n.text("在岗坐席数", "Agents on duty")), "PI", None, None, None, False, None
            ),
        )
        if asked.moves
        else None,
    )


def explaining(
    variant: str, scope: Callable[[PageQuery], Scope], subject: Callable[[str], Subject], named: Named
) -> Callable[[str, PageQuery, ExplainQuery], ExplainPage]:
    """The port of explanations of a made-up house."""

    def explain(code: str, query: PageQuery, asked: ExplainQuery) -> ExplainPage:
        if asked.by not in (None, "call_type"):
            raise InputError(Issue("REQ004", "by", params={"value": asked.by or "", "known": "call_type"}))
        return explained(variant, scope(query), subject(code), asked, named)

    return explain
