"""Weights derived from survey answers: from rows in the warehouse to shares that sum to what they held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.voice.weights import WeightsRequest, derive_weights, question_of
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
QUESTIONS = ("hall_waiting", "hall_staff_skill", "hall_environment")
TRUTH = {"hall_waiting": 0.7, "hall_staff_skill": 0.3, "hall_environment": 0.0}


def asks(question: str, weight: float) -> Indicator:
    """An indicator of one survey question."""
    return indicator(
        question,
        layer="KQI",
        feed="survey_answers",
        unit="rating",
        mean={"of": "score", "where": f"question = '{question}'"},
        supports=[{"parent": "top", "weight": weight}],
    )


def answer(response: int, question: str, score: int) -> Mapping[str, object]:
    """One answer of 10 May 2026."""
    return {
        "answer_id": f"{response}-{question}",
        "response_id": str(response),
        "survey": "monthly",
        "question": question,
        "commercial_process": "hall",
        "score": score,
        "answered_at": datetime(2026, 5, 10, 9, response % 60, tzinfo=ZONE),
        "unit": "all",
        "mode": "cati",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """400 respondents whose overall answer follows `TRUTH`; a tenth left one question out."""
    tree = {
        "top": indicator("top", layer="KEI", unit="score", feed=None),
        "hall_waiting": asks("hall_waiting", 0.1),
        "hall_staff_skill": asks("hall_staff_skill", 0.2),
        "hall_environment": asks("hall_environment", 0.2),
        "tickets": indicator("tickets", layer="KPI", count={}, supports=[{"parent": "top", "weight": 0.5}]),
    }
    base = load_catalogue("telecom", None)
    workplace = make_workplace(
        tmp_path_factory.mktemp("weights"), catalogue_with(base, tree, units(("all", None), ("other", "all")))
    )
    random = np.random.default_rng(6)
    rows = []
    for response in range(400):
        scores = {question: int(random.integers(1, 11)) for question in QUESTIONS}
        overall = sum(TRUTH[q] * s for q, s in scores.items()) + random.normal(0, 0.5)
        rows += [answer(response, q, s) for q, s in scores.items() if (response % 10, q) != (3, "hall_environment")]
        rows.append(answer(response, "hall_overall", int(np.clip(round(overall), 1, 10))))
    put_rows(workplace, "survey_answers", rows)
    return workplace


def request(**changes: object) -> WeightsRequest:
    """The request of these tests."""
    given = {
        "parent": "top",
        "outcome": "hall_overall",
        "unit": "all",
        "first": date(2026, 5, 1),
        "last": date(2026, 5, 31),
    }
    return WeightsRequest(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.requirement("S003-001")
def test_weights_follow_what_drives_the_overall_answer_and_keep_their_sum(place: Workplace) -> None:
    found = derive_weights(place, request())
    assert [row.code for row in found.rows] == ["hall_waiting", "hall_staff_skill", "hall_environment"]
    assert sum(row.derived for row in found.rows) == Decimal("0.5")
    assert (found.n, found.until) == (360, date(2026, 5, 31))
    # Independent predictors: importance is the squared coefficient's part of the explained variance.
    parts = [0.49 / 0.58, 0.09 / 0.58, 0.0]
    assert [row.importance for row in found.rows] == pytest.approx(parts, abs=0.05)


@pytest.mark.requirement("S001-001")
def test_the_waiting_is_the_key_control_point(place: Workplace) -> None:
    assert [row.code for row in derive_weights(place, request()).rows if row.key] == ["hall_waiting"]


@pytest.mark.parametrize("changes", [{"unit": "other"}, {"last": date(2026, 5, 9)}, {"parent": "hall_waiting"}])
def test_too_few_answers_or_questions_are_refused(place: Workplace, changes: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        derive_weights(place, request(**changes))
    assert [issue.code for issue in caught.value.issues] == ["MEA012"]


def test_only_indicators_of_one_question_can_be_weighted_by_it() -> None:
    assert question_of(asks("hall_waiting", 1)) == "hall_waiting"
    both = {"of": "score", "where": "question in ('hall_waiting', 'hall_environment')"}
    assert question_of(indicator("x", feed="survey_answers", mean=both)) is None
    assert question_of(indicator("x", count={})) is None


@pytest.mark.requirement("S003-001")
def test_weights_from_a_survey_keep_their_day_and_sample(place: Workplace, tmp_path: Path) -> None:
    found = derive_weights(place, request())
    support = {
        "parent": "top",
        "weight": float(found.rows[0].derived),
        "origin": "survey",
        "derived": found.until,
        "sample": found.n,
    }
    kept = indicator("x", count={}, supports=[support]).supports[0]
    assert (kept.origin, kept.derived, kept.sample) == ("survey", date(2026, 5, 31), 360)
