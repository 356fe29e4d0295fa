"""Moments of journeys: a few customers a day grade every step of what they went through, from 1 very bad to 5.

A fifth of them are customers who had a bad experience today in one of these journeys, so that the step which hurt
is graded lower. Step levels are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import identities, words
from ganzhi.province.feelings import Felt
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Experiences, Scene
from ganzhi.province.streams import Floats, Ints
from ganzhi.province.voices.respondents import MOOD_OF, first_of_each, latents_of, pool
from ganzhi.province.voices.structure import GRADE_CUTS, SATISFACTION, points

LEAST: Final = 8
PER_CUSTOMER: Final = 1.2e-5
"""Journeys told a day: at least, and for each customer."""
HURT_SHARE: Final = 0.2
STEP_WEIGHT: Final = 2.2
"""How far a unit of bad mood lowers the grade of the step that caused it."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A process and its steps: touchpoint and level."""

    process: str
    commercial: str
    steps: tuple[tuple[str, float], ...]
    hurts: dict[Felt, int]


JOURNEYS: Final = (
    Journey("recharge", "billing", (("recharge.pay", 0.1), ("recharge.personal_data", 0.1), ("recharge.invoice", 0.0)),
            {Felt.NOT_CREDITED: 0, Felt.KIOSK_FAILED: 0}),
    Journey("payment_resume", "billing", (("recharge.pay", 0.1), ("payment_resume.notice", 0.0),
            ("payment_resume.resume", 0.0), ("payment_resume.help", -0.1)),
            {Felt.CREDIT_LATE: 1, Felt.RESUME_LATE: 2, Felt.NOT_RESUMED: 2}),
    Journey("arrears_suspension", "billing", (("arrears_suspension.early_notice", 0.0),
            ("arrears_suspension.suspended", -0.5), ("arrears_suspension.reason", -0.1),
            ("arrears_suspension.why", 0.1)),
            {Felt.SUSPENDED_UNWARNED: 0, Felt.NOTICE_LATE: 0, Felt.SUSPENDED: 1}),
    Journey("plan_order", "tariffs", (("plan_order.compare", -0.2), ("plan_order.place", 0.1),
            ("plan_order.confirm", 0.0), ("plan_order.effect", 0.1)),
            {Felt.OFFER_CONFUSED: 0, Felt.BILL_HIGH: 3}),
    Journey("service_order", "products", (("service_order.find", -0.1), ("service_order.place", 0.1),
            ("service_order.consent", 0.0), ("service_order.activated", 0.1)),
            {Felt.ORDER_FAILED: 1, Felt.ORDER_LATE: 3, Felt.CHARGED_UNASKED: 2}),
    Journey("bill_enquiry", "billing", (("bill_enquiry.authenticate", 0.0), ("bill_enquiry.answer", 0.1),
            ("bill_enquiry.understand", -0.2), ("bill_enquiry.question", 0.1)),
            {Felt.ENQUIRY_FAILED: 1, Felt.BILL_WRONG: 2}),
    Journey("enquiry_service", "hotline", (("enquiry_service.self_service", -0.3),
            ("enquiry_service.reach_agent", -0.1), ("enquiry_service.answer", 0.1), ("enquiry_service.survey", 0.1)),
            {Felt.LOST_IN_MENU: 0, Felt.WAITED_ON_LINE: 1, Felt.GAVE_UP_CALLING: 1, Felt.TREATED_RUDELY: 2}),
    Journey("enquiry_service", "hall", (("enquiry_service.publicity", 0.0), ("enquiry_service.reach_agent", -0.2),
            ("enquiry_service.answer", 0.1), ("enquiry_service.survey", 0.1)),
            {Felt.WAITED_IN_HALL: 1, Felt.LEFT_HALL_UNSERVED: 1}),
)  # fmt: skip
_STEPS: Final = np.array([len(each.steps) for each in JOURNEYS])
_FIRST: Final = np.concatenate([[0], np.cumsum(_STEPS)[:-1]])
_LEVELS: Final = np.array([level for each in JOURNEYS for _, level in each.steps])
_TOUCHPOINTS: Final = tuple(name for each in JOURNEYS for name, _ in each.steps)
_JOURNEY_OF: Final = np.full(len(Felt), -1, dtype=np.int64)
_STEP_OF: Final = np.full(len(Felt), -1, dtype=np.int64)
for _number, _journey in enumerate(JOURNEYS):
    for _kind, _step in _journey.hurts.items():
        _JOURNEY_OF[_kind], _STEP_OF[_kind] = _number, _step


def told_journeys(scene: Scene) -> None:
    """The journeys told today, one row for each step."""
    rng = scene.rng("moments")
    people = scene.people
    n = max(LEAST, round(PER_CUSTOMER * len(people)))
    customer, journey, step, hurt = _tellers(scene, rng, n)
    n = len(customer)
    counts = _STEPS[journey]
    row = np.repeat(np.arange(n), counts)
    position = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    known = _FIRST[journey[row]] + position
    opinion = rng.standard_normal(n)[row]
    level = 0.55 * latents_of(scene, customer)[row, SATISFACTION] + 0.45 * opinion
    level += np.sqrt(1 - 0.55**2 - 0.45**2) * rng.standard_normal(len(row)) + _LEVELS[known]
    level += STEP_WEIGHT * np.where(position == step[row], hurt[row], 0.0)
    begun = draw_moments(rng, scene.today, "hall", n)
    scene.deliver(
        "peak_end_moments",
        journey_id=identities("PJ", scene.numbers(n)[row]),
        position=position + 1,
        last_step=position + 1 == counts[row],
        process=words(journey[row], [each.process for each in JOURNEYS]),
        commercial_process=words(journey[row], [each.commercial for each in JOURNEYS]),
        touchpoint=words(known, _TOUCHPOINTS),
        grade=points(level, GRADE_CUTS),
        felt_at=begun[row] + position * 180 + rng.integers(0, 120, len(row)),
        unit=words(people.county[customer][row].astype(np.int64), scene.places.county_codes),
        customer_id=people.customer_ids(customer[row]),
    )


def _tellers(scene: Scene, rng: np.random.Generator, n: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Customers, their journeys, the step that hurt (-1 for none) and how much it did."""
    felt = scene.notes(Experiences)
    told = rng.permutation(np.flatnonzero(_JOURNEY_OF[felt.kind] >= 0))[: round(n * HURT_SHARE)]
    others = pool(scene, rng)[: n - len(told)]
    others = first_of_each(others)
    customer = np.concatenate([felt.customer[told], others])
    journey = np.concatenate([_JOURNEY_OF[felt.kind[told]], rng.integers(0, len(JOURNEYS), len(others))])
    step = np.concatenate([_STEP_OF[felt.kind[told]], np.full(len(others), -1)])
    hurt = np.concatenate([MOOD_OF[felt.kind[told]] * felt.strength[told], np.zeros(len(others))])
    return customer, journey, step, hurt
