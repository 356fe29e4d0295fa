"""Enquiries of customers: bills, details, balances, free resources and the like, how fast and how right the answer was.

Responses in milliseconds. The lever `database.load` slows the enquiries that the billing database answers, and lets
more of them time out. Shares and response times are ours, on the level of the catalogue's targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ganzhi.province.columns import identities, moments, numbers, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.scene import CHANNELS, OUTCOMES, Deals, Scene
from ganzhi.province.service.drawing import (
    ELECTRONIC,
    ChannelChoice,
    Times,
    counties,
    day_end,
    deal_process,
    purpose_of,
    some,
    times,
    visit,
)
from ganzhi.province.streams import Ints, choose, happens, lognormal


@dataclass(frozen=True, slots=True)
class EnquiryKind:
    """One process of enquiry. weight: share in percent. response_ms, spread: median, deviation of its logarithm.
    age_s: median age of the data answered from, 0 when it is not told. billing: answered by the billing database."""

    process: str
    weight: float
    channels: Mapping[str, float] = field(hash=False)
    business: str
    response_ms: float
    spread: float = 0.72
    age_s: float = 0.0
    billing: bool = False
    purpose: str = "enquiry"


_ALL: Final = {
    "web_hall": 0.2,
    "app": 0.24,
    "ivr": 0.12,
    "sms_hall": 0.3,
    "kiosk": 0.05,
    "hall": 0.05,
    "hotline_agent": 0.04,
}
_SELF: Final = {"web_hall": 0.28, "app": 0.32, "sms_hall": 0.26, "ivr": 0.1, "hotline_agent": 0.04}
_SITE: Final = {"web_hall": 0.5, "app": 0.5}
KINDS: Final[tuple[EnquiryKind, ...]] = (
    EnquiryKind("bill_enquiry", 25, _ALL, "bill", 800, age_s=2_300, billing=True, purpose="bill"),
    EnquiryKind("call_detail_enquiry", 9, {"web_hall": 0.42, "app": 0.3, "kiosk": 0.12, "hall": 0.16}, "bill", 2_200,
        0.65,
                1_700, purpose="bill"),
    EnquiryKind("balance_enquiry", 28, {**_SELF, "kiosk": 0.05}, "payment", 560, age_s=55, billing=True),
    EnquiryKind("free_resource_enquiry", 15, _SELF, "data", 620),
    EnquiryKind("points_enquiry", 6, {"web_hall": 0.3, "app": 0.3, "sms_hall": 0.25, "ivr": 0.1, "kiosk": 0.05},
        "points", 700),
    EnquiryKind("subscription_enquiry", 7, _SELF, "value_added", 850),
    EnquiryKind("boss_recharge_enquiry", 4, {"web_hall": 0.42, "app": 0.42, "ivr": 0.1, "hotline_agent": 0.06},
        "payment",
                1_000, billing=True),
    EnquiryKind("cmod_recharge_enquiry", 2, _SITE, "payment", 1_200),
    EnquiryKind("invoice_enquiry", 1.5, {"web_hall": 0.4, "app": 0.3, "hall": 0.2, "kiosk": 0.1}, "bill", 1_100,
        purpose="bill"),
    EnquiryKind("enquiry_service", 2.5, {"hall": 0.4, "web_hall": 0.25, "app": 0.2, "sms_hall": 0.15}, "other", 1_300),
)  # fmt: skip
"""Every kind."""
PER_100K: Final = 3_000.0
"""Enquiries a day of 100,000 customers."""
ANSWERED, FAILED, TIMEOUT, REFUSED = range(4)
RESULTS: Final = ("answered", "failed", "timeout", "refused")
RESULT_SHARE: Final = np.array([0.9665, 0.0055, 0.004, 0.024])
AGAIN: Final = (0.025, 0.5, 0.6, 0.35)
"""Share of enquiries made again soon after, by result."""
TIMEOUT_MS: Final = 30_000
CHECKED: Final = 0.04
"""Share of answers checked against the billing data."""
CORRECT: Final = 0.997
TO_AGENT: Final = (0.025, 0.25, 0.3, 0.15)
"""Share of self-service enquiries that go on to an agent, by result."""
SLOWED: Final = 4.0
TIMED_OUT: Final = 0.12
"""What a fully loaded billing database does: response times multiplied by 1 + 4, added share of timeouts."""
_CHANNEL: Final = ChannelChoice(tuple(kind.channels for kind in KINDS))
_PROCESSES: Final = tuple(kind.process for kind in KINDS)
_BUSINESSES: Final = tuple(dict.fromkeys(kind.business for kind in KINDS))
_BUSINESS: Final = np.array([_BUSINESSES.index(kind.business) for kind in KINDS])
_DEAL: Final = np.array([deal_process(kind.process) for kind in KINDS])
_PURPOSE: Final = np.array([purpose_of(kind.purpose) for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Answers:
    """What enquiries came to. cause: incident behind a result that is not an answer."""

    result: Ints
    response_ms: Ints
    cause: Ints


def take_enquiries(scene: Scene) -> None:
    """The day's enquiries of the block; some customers ask again when the answer did not help."""
    rng = scene.rng("enquiries")
    first = some(rng, scene, PER_100K * scene.today.factor("electronic"))
    if not len(first):
        return
    kind = choose(rng, np.array([each.weight for each in KINDS]), len(first))
    channel = _CHANNEL.draw(rng, kind, scene.people.electronic[first])
    made = times(rng, scene, "electronic", first, channel)
    answers = _answers(scene, rng, kind, made.at)
    repeat = np.flatnonzero(
        happens(rng, np.array(AGAIN)[answers.result], len(first)) & (made.at < day_end(scene.today) - 2_700)
    )
    number = scene.numbers(len(first) + len(repeat))
    rows = np.concatenate([np.arange(len(first)), repeat])
    again = np.arange(len(rows)) >= len(first)
    at = made.at[rows] + np.where(again, rng.integers(90, 2_400, len(rows)), 0)
    repeated = _answers(scene, rng, kind[rows], at)
    final = Answers(
        *(np.where(again, getattr(repeated, name), getattr(answers, name)[rows]) for name in Answers.__slots__)
    )
    whole = Times(at, made.came[rows], made.hall[rows], made.kiosk[rows])
    repeat_of = np.where(again, number[rows], -1)
    _deliver(scene, rng, (number, first[rows], kind[rows], channel[rows], repeat_of), at, final)
    visit(scene, made, first, _PURPOSE[kind], number[: len(first)])
    _notes(scene, rng, number, first[rows], kind[rows], channel[rows], whole, final)


def _answers(scene: Scene, rng: np.random.Generator, kind: Ints, at: Ints) -> Answers:
    """Results and response times."""
    n = len(kind)
    billing = np.array([each.billing for each in KINDS])[kind]
    load, cause = scene.levers.at("database.load", at)
    load = np.where(billing, load, 0.0)
    result = choose(rng, RESULT_SHARE, n)
    loaded = (result == ANSWERED) & happens(rng, TIMED_OUT * load, n)
    result = np.where(loaded, TIMEOUT, result)
    median = np.array([each.response_ms for each in KINDS])[kind] * (1 + SLOWED * load)
    response = lognormal(rng, median, np.array([each.spread for each in KINDS])[kind], n).astype(np.int64)
    response = np.where(result == TIMEOUT, TIMEOUT_MS, np.minimum(response, TIMEOUT_MS - 1))
    return Answers(result, response, np.where(loaded, cause, -1))


def _deliver(
    scene: Scene, rng: np.random.Generator, asked: tuple[Ints, Ints, Ints, Ints, Ints], at: Ints, answers: Answers
) -> None:
    """Deliver the enquiries. asked: numbers, customers, kinds, channels, numbers of enquiries repeated."""
    number, customer, kind, channel, repeat_of = asked
    n = len(number)
    people = scene.people
    answered = answers.result == ANSWERED
    age_s = np.array([each.age_s for each in KINDS])[kind]
    age = 1 + lognormal(rng, np.maximum(age_s, 1), 0.9, n).astype(np.int64)
    checked = answered & happens(rng, CHECKED, n)
    electronic = np.isin(channel, [CHANNELS.index(name) for name in ELECTRONIC])
    to_agent = electronic & happens(rng, np.array(TO_AGENT)[answers.result], n)
    columns: dict[str, Any] = {
        "enquiry_id": identities("EQ", number), "started_at": at, "unit": counties(scene, customer),
        "process": words(kind, _PROCESSES), "channel": words(channel, CHANNELS),
        "customer_id": people.customer_ids(customer), "brand": people.brands(customer),
        "business": words(_BUSINESS[kind], _BUSINESSES), "result": words(answers.result, RESULTS),
        "response_ms": numbers(answers.response_ms, answered | (answers.result == TIMEOUT)),
        "answered_at": moments(at + answers.response_ms // 1_000, answered),
        "data_as_of": moments(at - age, answered & (age_s > 0)), "checked": checked,
        "correct": truths(happens(rng, CORRECT, n), checked), "to_agent": to_agent,
        "repeat_of": identities("EQ", repeat_of),
    }  # fmt: skip
    scene.deliver("enquiries", **columns)
    hit = np.flatnonzero(answers.cause >= 0)
    scene.know("enquiries_failed", enquiry_id=identities("EQ", number[hit]), incident=answers.cause[hit])


def _notes(
    scene: Scene, rng: np.random.Generator, number: Ints, customer: Ints, kind: Ints, channel: Ints, made: Times,
    answers: Answers,
) -> None:  # fmt: skip
    """What customers felt, and the business done on the channels."""
    bad = np.flatnonzero(np.isin(answers.result, [FAILED, TIMEOUT]))
    at = np.minimum(made.at[bad] + answers.response_ms[bad] // 1_000, day_end(scene.today) - 1)
    strength = rng.uniform(0.6, 1.4, len(bad))
    scene.felt(Felt.ENQUIRY_FAILED, customer[bad], at, strength=strength, cause=answers.cause[bad], ref=number[bad])
    dealt = np.flatnonzero(_DEAL[kind] >= 0)
    outcome = np.array([OUTCOMES.index(name) for name in ("done", "failed", "failed", "failed")])[answers.result]
    none = np.full(len(dealt), -1, dtype=np.int64)
    completed = moments(made.at + answers.response_ms // 1_000, answers.result == ANSWERED)
    scene.note(
        Deals(
            number[dealt], customer[dealt], made.at[dealt], channel[dealt], _DEAL[kind[dealt]], none, outcome[dealt],
            completed[dealt], np.zeros(len(dealt), dtype=np.int64), made.hall[dealt], made.kiosk[dealt],
        )
    )  # fmt: skip
