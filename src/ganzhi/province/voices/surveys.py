"""Surveys: who is drawn, what comes of it, and what those who answer say.

A monthly telephone survey of overall satisfaction on the month's working days, instant surveys of hall visitors and
callers every day, product surveys through the quarter with equal shares of brand and network, call-backs of the
dissatisfied. Nobody is drawn twice within 90 days, call-backs apart. Shares of reach and refusal are ours.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S, day_kind
from ganzhi.province.columns import NEVER, identities, moments, numbers, same, words
from ganzhi.province.population import NETWORKS
from ganzhi.province.scene import Contacts, Scene, joined
from ganzhi.province.streams import Bools, Floats, Ints, lognormal
from ganzhi.province.voices import questions as q
from ganzhi.province.voices.ratings import HABITS, HALL, HOTLINE, CallBacks
from ganzhi.province.voices.respondents import latents_of, pool, rested, soreness, voices
from ganzhi.province.voices.structure import LIKELIHOOD_CUTS, OVERALL_CUTS, points

MONTHLY: Final = 1_000
LEAST: Final = 300
"""Interviews a month at scale 1 and at least (a thousand customers in the source; at least 300 for each survey)."""
PRODUCT_SLOTS: Final = (
    ("mobile_internet", "ring_back_tone"), ("home_broadband", "wlan"), ("mobile_reading", "mobile_payment"),
)  # fmt: skip
"""Products surveyed in the first, second and third month of each quarter."""
DRAWN, UNREACHABLE, CONTACTED, REFUSED, COMPLETE = range(5)
STATES: Final = ("drawn", "unreachable", "contacted", "refused", "complete")
PURPOSES: Final = ("satisfaction", "product", "callback")
MODES: Final = ("cati", "web", "sms", "ivr")
USAGE_MODES: Final = ("handset", "wap", "pc")
INSTANT_SHARE: Final = 0.02
INSTANT_LEAST: Final = 8
INSTANT_MOST: Final = 600
"""Share of a day's contacts drawn for the instant survey, and bounds for each of halls and hotline."""
_INTERVIEW_S: Final = {"satisfaction": 780.0, "product": 420.0, "callback": 165.0, "instant": 70.0}


@dataclass(frozen=True, slots=True)
class Reach:
    """What comes of contacts: reached (of those tried), completed and refused (of those reached)."""

    reached: float
    completed: float
    refused: float


TELEPHONE: Final = Reach(0.66, 0.66, 0.24)
INSTANT: Final = Reach(0.82, 0.52, 0.22)
FOLLOW_UP: Final = Reach(0.86, 0.88, 0.05)


@dataclass(frozen=True, slots=True)
class Sample:
    """Contacts drawn for one survey today. mode, unit: positions in MODES and in the survey's units. event: end of
    the matter, used: last use, NEVER for unknown. lowers: what the occasion adds to the answers, rows × questions."""

    survey: str
    purpose: str
    kind: str
    customer: Ints
    drawn: Ints
    contacted: Ints
    outcome: Ints
    mode: Ints
    unit: Ints
    reserve: Bools
    event: Ints
    used: Ints
    usage: Ints
    product: str | None
    asked: Bools
    lowers: Floats | None = None


def surveys(scene: Scene) -> None:
    """Draw, contact, ask; one delivery of frames and one of answers."""
    rng = scene.rng("surveys")
    known = pool(scene, rng)
    parts = [
        *_monthly(scene, rng, known),
        *_instant(scene, rng),
        *_products(scene, rng, known),
        *_follow_up(scene, rng),
    ]
    parts = [part for part in parts if len(part.customer)]
    for series, part in enumerate(parts):
        _deliver(scene, rng, part, series)


def due_today(day: date, monthly: int) -> int:
    """Interviews due on a day when `monthly` are spread over the month's working days; 0 on others."""
    length = calendar.monthrange(day.year, day.month)[1]
    working = [n for n in range(1, length + 1) if day_kind(day.replace(day=n)) == "work"]
    if day.day not in working:
        return 0
    at = working.index(day.day)
    return round((at + 1) * monthly / len(working)) - round(at * monthly / len(working))


def outcomes(rng: np.random.Generator, n: int, reach: Reach, quota: int | None = None) -> Ints:
    """What comes of `n` contacts in order; once the quota of interviews is met nobody is tried any more."""
    reached = rng.random(n) < reach.reached
    draw = rng.random(n)
    ends = np.where(
        draw < reach.completed, COMPLETE, np.where(draw < reach.completed + reach.refused, REFUSED, CONTACTED)
    )
    found = np.where(reached, ends, UNREACHABLE)
    if quota is not None:
        before = np.cumsum(found == COMPLETE) - (found == COMPLETE)
        found = np.where(before < quota, found, DRAWN)
    return found


def _monthly(scene: Scene, rng: np.random.Generator, known: Ints) -> list[Sample]:
    quota = due_today(scene.today.day, max(LEAST, round(MONTHLY * min(1.0, scene.world.scale))))
    if quota == 0:
        return []
    customers = known[: _frames(quota, TELEPHONE)]
    part = _telephone(scene, rng, customers, quota, f"CATI-{scene.today.month}", "satisfaction")
    return [replace(part, asked=_long_form(rng, len(customers)))]


def _products(scene: Scene, rng: np.random.Generator, known: Ints) -> list[Sample]:
    """The products whose turn it is; equal shares of brands and networks as far as there are users."""
    day, people = scene.today.day, scene.people
    quota = due_today(day, LEAST)
    parts: list[Sample] = []
    for product in PRODUCT_SLOTS[(day.month - 1) % 3] if quota else ():
        users = known[people.uses(known, product) & rested(scene, known)]
        cell = people.brand[users].astype(np.int64) * len(NETWORKS) + people.network[users]
        order = np.argsort(_turn(cell), kind="stable")
        customers = users[order][: _frames(quota, TELEPHONE)]
        name = f"PROD-{day.year}Q{(day.month + 2) // 3}-{product}"
        part = _telephone(scene, rng, customers, quota, name, "product")
        n = len(customers)
        ago = rng.exponential(6 * 86_400, n).astype(np.int64)
        ago = np.where(rng.random(n) < 0.006, 93 * 86_400 + ago, np.minimum(ago, 91 * 86_400))
        parts.append(
            replace(
                part,
                product=product,
                used=moments(part.drawn - ago, rng.random(n) > 0.013),
                usage=rng.integers(0, len(USAGE_MODES), n),
                mode=np.where(rng.random(n) < 0.6, MODES.index("cati"), MODES.index("web")),
                asked=np.broadcast_to(q.of_commercial("products") | q.of_codes("recommend"), (n, len(q.QUESTIONS))),
            )
        )
    return parts


def _turn(cells: Ints) -> Ints:
    """For each its rank within its cell, in order of appearance."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(cells) else np.zeros(0, dtype=bool)
    starts = np.flatnonzero(first)
    rank = np.arange(len(cells)) - np.repeat(starts, np.diff(np.append(starts, len(cells))))
    turns = np.empty(len(cells), dtype=np.int64)
    turns[order] = rank
    return turns


def _frames(quota: int, reach: Reach) -> int:
    return int(np.ceil(quota / (reach.reached * reach.completed) * 1.3)) + 4


def _telephone(
    scene: Scene, rng: np.random.Generator, customers: Ints, quota: int, survey: str, purpose: str
) -> Sample:
    """Contacts of one working day: drawn in the morning, tried in turn until the quota is met."""
    n = len(customers)
    voices(scene).asked[customers] = scene.today.index
    outcome = outcomes(rng, n, TELEPHONE, quota)
    drawn = np.full(n, scene.today.start + 9 * 3600) + np.arange(n)
    tried = np.sort(rng.integers(scene.today.start + 10 * 3600, scene.today.start + 20 * 3600 + 1_800, n))
    primary = quota / (TELEPHONE.reached * TELEPHONE.completed) * 0.85
    return Sample(
        survey, purpose, purpose, customers, drawn, moments(tried, outcome > UNREACHABLE), outcome,
        mode=np.zeros(n, dtype=np.int64),
        unit=len(scene.places.city_codes) + scene.people.county[customers].astype(np.int64),
        reserve=np.arange(n) >= primary,
        event=np.full(n, NEVER), used=np.full(n, NEVER), usage=np.full(n, -1), product=None,
        asked=np.zeros((n, len(q.QUESTIONS)), dtype=bool),
    )  # fmt: skip


def _long_form(rng: np.random.Generator, n: int) -> Bools:
    """Questions of the monthly survey: overall ones, the elements of three processes, half of one touchpoint module."""
    chosen = rng.random((n, len(q.COMMERCIAL))).argsort(axis=1) < 3
    elements = np.where(q.IS_CORE, True, chosen[:, np.maximum(q.COMMERCIAL_OF, 0)]) | q.IS_OVERALL
    module = rng.integers(0, len(q.MODULES), n)
    touched = (q.MODULE_OF[None, :] == module[:, None]) & (rng.random((n, len(q.QUESTIONS))) < 0.5)
    return np.where(q.IS_TOUCHPOINT, touched, elements)


def _instant(scene: Scene, rng: np.random.Generator) -> list[Sample]:
    """Some of the day's hall visitors and callers, soon after."""
    contacts = scene.notes(Contacts)
    parts: list[Sample] = []
    for where, name, mode, process in ((HALL, "HALL", "sms", "hall"), (HOTLINE, "HOTLINE", "ivr", "hotline")):
        there = rng.permutation(np.flatnonzero(contacts.where == where))
        there = there[rested(scene, contacts.customer[there])]
        drawn = int(np.clip(INSTANT_SHARE * len(there), INSTANT_LEAST, INSTANT_MOST))
        at = _one_each(there, contacts.customer[there])[:drawn]
        n, customers = len(at), contacts.customer[at]
        voices(scene).asked[customers] = scene.today.index
        call_s = contacts.wait_s[at] + lognormal(rng, 180.0, 0.6, n).astype(np.int64)
        ended = contacts.at[at] + (call_s if where == HOTLINE else 0)
        outcome = outcomes(rng, n, INSTANT)
        called = ended + rng.integers(60, 900, n)
        answered = moments(called + lognormal(rng, 300.0, 0.8, n).astype(np.int64), outcome > UNREACHABLE)
        places, people = scene.places, scene.people
        cities, counties = len(places.city_codes), len(places.county_codes)
        unit = cities + (counties + contacts.place[at] if where == HALL else people.county[customers].astype(np.int64))
        long = np.log1p(contacts.wait_s[at] / HABITS.patience_s[where])
        lowers = np.outer(0.25 - 0.6 * long, q.of_codes(f"{process}_waiting"))
        lowers -= np.outer(1.2 * ~contacts.resolved[at], q.of_codes("hotline_resolved", "hall_first_time"))
        lowers -= np.outer(0.4 * ~contacts.resolved[at], q.of_commercial(process))
        parts.append(
            Sample(
                f"{name}-{scene.today.month}", "satisfaction", "instant", customers, called, answered, outcome,
                mode=np.full(n, MODES.index(mode)), unit=unit, reserve=np.zeros(n, dtype=bool),
                event=np.full(n, NEVER), used=np.full(n, NEVER), usage=np.full(n, -1), product=None,
                asked=np.broadcast_to(q.of_commercial(process) | q.of_codes("overall"), (n, len(q.QUESTIONS))),
                lowers=lowers,
            )
        )  # fmt: skip
    return parts


def _one_each(rows: Ints, customers: Ints) -> Ints:
    """The first row of each customer, in order."""
    _, first = np.unique(customers, return_index=True)
    return rows[np.sort(first)]


def _follow_up(scene: Scene, rng: np.random.Generator) -> list[Sample]:
    """Call-backs of dissatisfied raters: a short talk about whether the matter is settled, on the day of the call."""
    waiting: list[CallBacks] = scene.world.recall("voices.call_backs", list)
    waiting.append(scene.notes(CallBacks))
    pending = joined(CallBacks, waiting)
    due = pending.called < scene.today.start + DAY_S
    waiting[:] = [CallBacks(pending.customer[~due], pending.ended[~due], pending.called[~due])]
    back = CallBacks(pending.customer[due], pending.ended[due], pending.called[due])
    n = len(back.customer)
    outcome = outcomes(rng, n, FOLLOW_UP)
    asked = q.of_codes("care_overall", "care_complaint_result", "care_complaint_speed", "care_complaint_attitude")
    asked |= q.of_codes("care_follow_up", "care_complaint_channel")
    return [
        Sample(
            f"CALLBACK-{scene.today.month}", "callback", "callback", back.customer,
            np.maximum(back.ended, back.called - 600), moments(back.called, outcome > UNREACHABLE), outcome,
            mode=np.zeros(n, dtype=np.int64),
            unit=len(scene.places.city_codes) + scene.people.county[back.customer].astype(np.int64),
            reserve=np.zeros(n, dtype=bool), event=back.ended, used=np.full(n, NEVER), usage=np.full(n, -1),
            product=None, asked=np.broadcast_to(asked, (n, len(q.QUESTIONS))),
        )
    ]  # fmt: skip


def _deliver(scene: Scene, rng: np.random.Generator, part: Sample, series: int) -> None:
    people, places = scene.people, scene.places
    n = len(part.customer)
    number = scene.numbers(n, series)
    done = part.outcome == COMPLETE
    length = np.clip(lognormal(rng, _INTERVIEW_S[part.kind], 0.38, n).astype(np.int64), 20, 5_400)
    tried = part.contacted != NEVER
    updated = np.where(
        tried, part.contacted + np.where(done, length, 30), part.drawn + np.where(part.outcome == DRAWN, 0, 3 * 3600)
    )
    units = (*places.city_codes, *places.county_codes, *places.hall_codes)
    scene.deliver(
        "survey_frames",
        frame_id=identities("SF", number),
        survey=same(part.survey, n),
        survey_purpose=same(part.purpose, n),
        drawn_at=part.drawn,
        updated_at=updated,
        unit=words(part.unit, units),
        customer_id=people.customer_ids(part.customer),
        product=same(part.product, n),
        usage_mode=words(part.usage, USAGE_MODES),
        brand=people.brands(part.customer),
        network=people.networks(part.customer),
        mode=words(part.mode, MODES),
        reserve=part.reserve,
        last_used_at=part.used,
        event_at=part.event,
        contacted_at=part.contacted,
        interview_s=numbers(length, done),
        outcome=words(part.outcome, STATES),
    )
    if done.any():
        _answers(scene, rng, part, np.flatnonzero(done), number, part.contacted + length, series)


def _answers(
    scene: Scene, rng: np.random.Generator, part: Sample, done: Ints, number: Ints, ended: Ints, series: int
) -> None:
    people, places = scene.people, scene.places
    customers = part.customer[done]
    scores = answer(scene, rng, customers, None if part.lowers is None else part.lowers[done])
    row, column = np.nonzero(part.asked[done])
    frame = done[row]
    who = part.customer[frame]
    scene.deliver(
        "survey_answers",
        answer_id=identities("SA", scene.numbers(len(row), series)),
        response_id=identities("SR", number[frame]),
        survey=same(part.survey, len(row)),
        question=words(column, [each.code for each in q.QUESTIONS]),
        commercial_process=words(q.COMMERCIAL_OF[column], q.COMMERCIAL),
        process=words(_HAS_PROCESS[column], _PROCESSES),
        touchpoint=words(_HAS_TOUCHPOINT[column], _TOUCHPOINTS),
        attribute=words(_HAS_TOUCHPOINT[column], _ATTRIBUTES),
        product=same(part.product, len(row)),
        score=scores[row, column],
        answered_at=ended[frame],
        unit=words(part.unit[frame], (*places.city_codes, *places.county_codes, *places.hall_codes)),
        customer_id=people.customer_ids(who),
        brand=people.brands(who),
        network=people.networks(who),
        mode=words(part.mode[frame], MODES),
        customer_class=people.classes(who),
    )


_PROCESSES: Final = tuple(each.process or "" for each in q.QUESTIONS)
_TOUCHPOINTS: Final = tuple(each.touchpoint or "" for each in q.QUESTIONS)
_ATTRIBUTES: Final = tuple(each.attribute or "" for each in q.QUESTIONS)
_HAS_PROCESS: Final = np.array([n if each.process else -1 for n, each in enumerate(q.QUESTIONS)])
_HAS_TOUCHPOINT: Final = np.array([n if each.touchpoint else -1 for n, each in enumerate(q.QUESTIONS)])


def answer(scene: Scene, rng: np.random.Generator, customers: Ints, lowers: Floats | None = None) -> Ints:
    """Scores of these customers for all questions: rows × questions; 1 to 10, likelihood to recommend 0 to 10."""
    n = len(customers)
    latent = latents_of(scene, customers)
    opinion = rng.standard_normal((n, len(q.COMMERCIAL)))
    kind, hurts = soreness(scene, customers)
    level = latent[:, q.LATENT_OF] * q.LOADING_OF + q.FACTOR_OF * opinion[:, np.maximum(q.COMMERCIAL_OF, 0)]
    level += rng.standard_normal((n, len(q.QUESTIONS))) * q.NOISE_OF + q.LEVEL_OF + q.HURTS[kind] * hurts[:, None]
    if lowers is not None:
        level += lowers
    likely = points(level, LIKELIHOOD_CUTS, 0)
    return np.where(q.of_codes("recommend"), likely, points(level, OVERALL_CUTS))
