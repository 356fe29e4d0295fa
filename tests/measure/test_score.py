"""Scores of the tree: which targets count, coverage, contributions, levels; and quality evaluated from the lines of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import Scored, ScoreRequest, level_of, score_all
from ganzhi.numerics.score import Level
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import Call, calls
from tests.measure.by_hand import BY_HAND
from tests.measure.conftest import team_of
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
HIGHER = {"floor": 80, "target": 90, "challenge": 95}
LOWER = {"floor": 30, "target": 20, "challenge": 10}


def rate(where: str, parent: str, weight: float, **more: object) -> dict[str, object]:
    """A percentage of calls that supports a parent."""
    return {
        "layer": "KPI",
        "unit": "percent",
        "direction": "higher",
        "ratio": {"numerator": {"count": {"where": where}}, "denominator": {"count": {"where": "requested"}}},
        "targets": {"management": HIGHER, "operations": {"floor": 40, "target": 50, "challenge": 60}},
        "supports": [{"parent": parent, "weight": weight}],
        "min_n": 0,
        **more,
    }


def tree() -> dict[str, Any]:
    """Experience ← access (3: answered, unreached) and waiting (1: mean wait); one child has no targets."""
    return {
        "answered": indicator("answered", **rate("outcome = 'AGENT'", "access", 3)),
        "unreached": indicator("unreached", **rate("outcome = 'AGENT'", "access", 1, ratio=None, mean={"of": "ivr_s"})),
        "volume": indicator("volume", count={}, supports=[{"parent": "access", "weight": 5}]),
        "wait": indicator(
            "wait",
            unit="s",
            direction="lower",
            mean={"of": "wait_s"},
            targets={"management": LOWER},
            supports=[{"parent": "waiting", "weight": 1}],
            min_n=50,
        ),
        "access": indicator("access", layer="KQI", unit="score", feed=None, supports=[{"parent": "top", "weight": 3}]),
        "waiting": indicator(
            "waiting", layer="KQI", unit="score", feed=None, supports=[{"parent": "top", "weight": 1}]
        ),
        "top": indicator("top", layer="KEI", unit="score", feed=None),
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """Ten calls: nine answered, waits of 15 s; no IVR time is known."""
    workplace = make_workplace(
        tmp_path_factory.mktemp("scores"),
        catalogue_with(pack, tree(), units(("all", None), ("hall", "all"), ("new", "all"))),
    )
    rows = [
        {
            "call_id": str(n),
            "unit": "hall",
            "call_type": "PS",
            "outcome": "AGENT" if n else "HANG",
            "arrived_at": datetime(1999, 3, 1, 9, n, tzinfo=ZONE),
            "queue_at": datetime(1999, 3, 1, 9, n, tzinfo=ZONE),
            "wait_s": 15,
            "talk_s": 100,
        }
        for n in range(10)
    ]
    put_rows(workplace, "calls", rows)
    refresh(workplace)
    return workplace


def scores(workplace: Workplace, *codes: str, **asked: Any) -> list[Scored]:
    fields = {"unit": "all", "grain": Grain.DAY, "first": date(1999, 3, 1), "last": date(1999, 3, 1), "codes": codes}
    with open_states(workplace) as reading:
        return score_all(workplace, reading, ScoreRequest(**{**fields, **asked}))


@pytest.mark.requirement("S000-050")
def test_the_same_value_is_scored_by_the_targets_of_each_use(small: Workplace) -> None:
    management, operations = (scores(small, "answered", use=use)[0] for use in ("management", "operations"))
    assert management.observation == operations.observation
    assert management.score is not None
    assert operations.score is not None
    assert (management.score.points, operations.score.points) == (100.0, 120.0)
    assert operations.score.unclipped == 180.0


@pytest.mark.requirement("S000-046")
def test_scores_climb_the_tree_by_weight_and_every_contribution_is_shown(small: Workplace) -> None:
    top = scores(small, "top")[0]
    assert top.reason == "scored"
    access, waiting = top.contributions
    assert (access.share, waiting.share) == (0.75, 0.25)
    assert waiting.child.score is not None
    assert waiting.child.score.points == 110.0
    assert top.score is not None
    assert top.score.points == pytest.approx(0.75 * 100 + 0.25 * 110)
    assert (access.points or 0) + (waiting.points or 0) == pytest.approx(top.score.points)
    assert [c.code for c in access.child.contributions] == ["answered", "unreached", "volume"]


def test_a_missing_child_lowers_the_coverage_and_one_without_targets_takes_no_part(small: Workplace) -> None:
    access = scores(small, "access")[0]
    assert access.coverage == 0.75
    reasons = {c.code: (c.child.reason, c.share) for c in access.contributions}
    assert reasons == {"answered": ("scored", 1.0), "unreached": ("no_data", None), "volume": ("no_target", None)}


def test_below_the_declared_coverage_a_score_is_unknown(small: Workplace, pack: Catalogue) -> None:
    changed = {**tree(), "access": indicator("access", layer="KQI", unit="score", feed=None, coverage="0.8")}
    strict = catalogue_with(pack, changed, small.catalogue.units)
    found = scores(
        Workplace(small.root, strict, small.store, small.files, small.engine, small.zone, small.clock), "access"
    )[0]
    assert (found.score, found.reason, found.coverage) == (None, "low_coverage", 0.75)


def test_a_use_without_any_targets_gives_no_score(small: Workplace) -> None:
    waiting = scores(small, "waiting", use="operations")[0]
    assert (waiting.score, waiting.reason, waiting.level) == (None, "no_target", None)


def test_an_indicator_scored_by_its_children_is_judged_by_points_whichever_way_its_value_is_good(
    small: Workplace, pack: Catalogue
) -> None:
    waits = indicator(
        "waiting", unit="s", direction="lower", mean={"of": "wait_s"}, supports=[{"parent": "top", "weight": 1}]
    )
    catalogue = catalogue_with(pack, {**tree(), "waiting": waits}, small.catalogue.units)
    found = scores(
        Workplace(small.root, catalogue, small.store, small.files, small.engine, small.zone, small.clock), "waiting"
    )[0]
    assert (found.reason, found.score and found.score.points, found.level) == ("scored", 110.0, None)


def test_a_period_without_data_has_no_score(small: Workplace) -> None:
    found = scores(small, "top", first=date(1999, 3, 2), last=date(1999, 3, 2))[0]
    assert (found.score, found.reason, found.coverage) == (None, "no_data", 0.0)


def test_a_small_sample_is_scored_but_has_no_level(small: Workplace) -> None:
    wait = scores(small, "wait")[0]
    assert wait.score is not None
    assert wait.small
    assert wait.level is None


def test_children_of_a_unit_are_scored_side_by_side(small: Workplace) -> None:
    found = scores(small, "answered", children=True)
    assert [(each.unit, each.reason) for each in found] == [("hall", "scored"), ("new", "no_data")]


def test_levels_follow_the_limits_of_the_use(small: Workplace) -> None:
    answered, top = small.catalogue.indicator("answered"), small.catalogue.indicator("top")
    assert level_of(answered, "management", 89) is Level.BLUE
    assert level_of(answered, "operations", 45) is Level.ORANGE
    assert level_of(answered, "management", None) is None
    assert level_of(small.catalogue.indicator("volume"), "management", 5) is None
    assert level_of(top, "management", 79.9) is Level.ORANGE


def test_targets_out_of_order_are_refused_by_name(tmp_path: Path, pack: Catalogue) -> None:
    wrong = indicator(
        "wrong", **rate("requested", "top", 1, supports=[], targets={"management": {**HIGHER, "challenge": 85}})
    )
    workplace = make_workplace(tmp_path, catalogue_with(pack, {"wrong": wrong}))
    row = {"call_id": "1", "unit": "all", "call_type": "PS", "outcome": "AGENT", "wait_s": 1, "talk_s": 1}
    put_rows(workplace, "calls", [{**row, "arrived_at": datetime(1999, 3, 1, tzinfo=ZONE)}])
    refresh(workplace)
    with pytest.raises(InputError) as raised:
        scores(workplace, "wrong")
    assert raised.value.issues[0].code == "MEA008"


def test_the_packs_tree_gives_a_headline_score_for_january(bank: Workplace, reading: States) -> None:
    asked = ScoreRequest(("hotline.experience",), "all", Grain.MONTH, date(1999, 1, 1), date(1999, 1, 31))
    found = score_all(bank, reading, asked)[0]
    assert found.score is not None
    assert found.coverage == 1.0
    rate_share = next(c for c in found.contributions if c.code == "hotline.access").child.contributions[0]
    assert rate_share.child.score is not None
    assert rate_share.child.score.points == pytest.approx(60 + 40 * (100 * 27060 / 30161 - 80) / 10)
    json_form = found.as_json()
    assert json_form["period"] == "1999-01"
    assert json_form["score"] == found.score.points


SHEET: dict[str, dict[str, tuple[float, float, float, float]]] = {
    "hotline.access": {
        "hotline.answer_rate": (0.6, 80, 90, 95),
        "hotline.abandon_rate": (0.4, 15, 8, 4),
    },
    "hotline.waiting": {
        "hotline.answered_within_20s": (0.25, 60, 80, 90),
        "hotline.service_level_20s": (0.25, 55, 75, 85),
        "hotline.wait.mean_s": (0.25, 60, 30, 15),
        "hotline.wait.p90_s": (0.25, 180, 90, 45),
    },
    "hotline.service": {
        "hotline.agent_success_rate": (0.5, 78, 88, 94),
        "hotline.short_talk_rate": (0.3, 8, 3, 1),
        "hotline.zero_talk_rate": (0.2, 3, 1, 0.5),
    },
    "hotline.self_service": {
        "hotline.ivr.mean_s": (0.3, 30, 15, 8),
        "hotline.ivr.containment_rate": (0.3, 1, 5, 15),
        "hotline.ivr.success_rate": (0.4, 45, 65, 80),
    },
}
"""Weight, floor, target and challenge of what is measured, as the pack's sheet of the hotline declares them."""
TOPICS = {
    "hotline.access": 0.35,
    "hotline.waiting": 0.3,
    "hotline.service": 0.25,
    "hotline.self_service": 0.1,
}


def points_of(value: float, floor: float, target: float, challenge: float) -> float:
    """60 at the floor, 100 at the target, 120 at the challenge, straight lines between and below; never under 0 or over 120."""
    sign = 1 if challenge > floor else -1
    value, floor, target, challenge = (sign * each for each in (value, floor, target, challenge))
    edge, begin, rise = (
        (floor, 60, 40 / (target - floor)) if value <= target else (target, 100, 20 / (challenge - target))
    )
    return min(max(begin + (value - edge) * rise, 0.0), 120.0)


def scores_below(found: Scored) -> dict[str, float]:
    """Points of a score and of everything it was made of."""
    assert found.score is not None
    assert found.score.points is not None
    below = [scores_below(each.child) for each in found.contributions if each.child.score is not None]
    return {found.code: found.score.points} | {code: points for each in below for code, points in each.items()}


def by_hand(rows: Sequence[Call], told: dict[str, float]) -> dict[str, float]:
    """The same from the lines. told: what was answered, of which a percentile is only held to its bound."""
    found: dict[str, float] = {}
    for topic, sheet in SHEET.items():
        for code, (_, floor, target, challenge) in sheet.items():
            answer = BY_HAND[code](rows)
            assert answer.value is not None
            if answer.exact:
                found[code] = points_of(answer.value, floor, target, challenge)
            else:
                edges = [points_of(answer.value * off, floor, target, challenge) for off in (0.99, 1.01)]
                assert min(edges) <= told[code] <= max(edges)
                found[code] = told[code]
        found[topic] = sum(found[code] * weight for code, (weight, *_) in sheet.items())
    found["hotline.experience"] = sum(found[topic] * weight for topic, weight in TOPICS.items())
    return found


@pytest.mark.requirement("S000-126")
@pytest.mark.parametrize("unit", ["all", "east", "west"])
def test_measurements_become_the_evaluated_quality_that_is_worked_out_by_hand(
    bank: Workplace, reading: States, sample_calls: Path, unit: str
) -> None:
    asked = ScoreRequest(("hotline.experience",), unit, Grain.MONTH, date(1999, 1, 1), date(1999, 1, 31))
    found = score_all(bank, reading, asked)[0]
    assert found.coverage == 1.0
    told = scores_below(found)
    teams = {"all": None, "east": "east", "west": "west"}[unit]
    rows = [row for row in calls(sample_calls) if teams is None or team_of(row).startswith(teams)]
    expected = by_hand(rows, told)
    assert told == {code: pytest.approx(points, rel=1e-9) for code, points in expected.items()}
    assert 0 < told["hotline.experience"] < 100
