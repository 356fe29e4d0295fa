"""Weights of survey indicators from what the answers say matters (S003-001), and key control points (S001-001).

Stated satisfaction with each point is set against the overall answer of the same respondents; the part
of its variance that a point explains (Shapley value of R²) is its derived importance. Only children that
ask one survey question each take part; the weight they hold together stays what it was, so that what
other data contribute is not touched. Refuses fewer than ten complete responses per question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, periods_between
from ganzhi.catalogue.checks.expressions import expression_texts
from ganzhi.catalogue.expressions import comparisons
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.answers import answers_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.units import members_by_time
from ganzhi.numerics.importance import Importance, TooFewAnswersError, importance
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

FEED = "survey_answers"
PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class WeightsRequest:
    """For which parent, against which overall question, from which answers (local days, both included)."""

    parent: str
    outcome: str
    unit: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Derived:
    """One child: its question, its weight now and as derived, its importance and bounds, and whether it is a
    key control point: certainly more than an equal part."""

    code: str
    question: str
    weight: Decimal
    derived: Decimal
    importance: float
    low: float
    high: float
    key: bool


@dataclass(frozen=True, slots=True)
class DerivedWeights:
    """rows: the most important first; their derived weights sum to what they held together. n: complete responses.
    r2: part of the outcome's variance that the questions explain. until: the day to be stored with the weights."""

    request: WeightsRequest
    rows: tuple[Derived, ...]
    n: int
    r2: float
    until: date


def question_of(indicator: Indicator) -> str | None:
    """The one survey question an indicator measures; None for any other indicator."""
    if indicator.feed != FEED:
        return None
    asked: set[str] = set()
    for _, text, _ in expression_texts(indicator):
        asked |= {value for column, value in comparisons(text) if column == "question"}
    return asked.pop() if len(asked) == 1 else None


def derive_weights(workplace: Workplace, request: WeightsRequest) -> DerivedWeights:
    """Weights of a parent's survey children by derived importance.

    Raises: InputError REQ010 for an unknown parent, MEA012 when fewer than two children ask a question
    or the answers are too few.
    """
    catalogue = workplace.catalogue
    catalogue.indicator(request.parent)
    asked = dict(_questions(catalogue, request))
    if len(asked) < 2:
        raise InputError(Issue("MEA012", request.parent, params={"reason": "children", "count": str(len(asked))}))
    table = _answers(workplace, request, [*dict.fromkeys(asked.values()), request.outcome])
    predictors = np.column_stack([table[question] for question in asked.values()])
    try:
        found = importance(predictors, table[request.outcome])
    except TooFewAnswersError as error:
        raise InputError(Issue("MEA012", request.parent, params={"reason": str(error), "count": "0"})) from None
    rows = _rows(catalogue, request.parent, asked, found)
    return DerivedWeights(request, rows, found.n, found.r2, request.last)


def _questions(catalogue: Catalogue, request: WeightsRequest) -> Iterator[tuple[str, str]]:
    for code in catalogue.children(request.parent):
        question = question_of(catalogue.indicator(code))
        if question is not None and question != request.outcome:
            yield code, question


def _answers(
    workplace: Workplace, request: WeightsRequest, questions: Sequence[str]
) -> Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Per question one score per response, NaN where it was not answered."""
    feed = workplace.catalogue.feed(FEED)
    days = list(periods_between(Grain.DAY, request.first, request.last, workplace.zone))
    snapshot = workplace.store.manifest.snapshot()
    relation = Relation(snapshot.table(f"rows/{FEED}"), rows_schema(feed))
    with workplace.engine.session({relation_of(f"rows/{FEED}"): relation}) as session:
        session.register("members", members_by_time(workplace.catalogue, request.unit, workplace.zone))
        rows = session.query(answers_sql(FEED, questions, days[0].start, days[-1].end)).to_pylist()
    responses = {name: place for place, name in enumerate(dict.fromkeys(row["response_id"] for row in rows))}
    table = {question: np.full(len(responses), np.nan) for question in questions}
    for row in rows:
        table[row["question"]][responses[row["response_id"]]] = float(row["score"])
    return table


def _rows(catalogue: Catalogue, parent: str, asked: Mapping[str, str], found: Importance) -> tuple[Derived, ...]:
    now = {code: Decimal(str(catalogue.children(parent)[code])) for code in asked}
    held = sum(now.values(), Decimal(0))
    shares = [(held * Decimal(share)).quantize(PLACES) for share in found.shares]
    shares[int(np.argmax(found.shares))] += held - sum(shares, Decimal(0))  # rounding falls to the largest
    rows = [
        Derived(code, question, now[code], weight, share, low, high, key)
        for (code, question), weight, share, low, high, key in zip(
            asked.items(), shares, found.shares, found.low, found.high, found.key, strict=True
        )
    ]
    return tuple(sorted(rows, key=lambda row: (-row.importance, row.code)))
