"""Loyalty: how experiences become mood, who leaves for which cause, who joins.

The daily chance of leaving is a base, times what low loyalty and bad mood make of it; an open complaint and a
competitor's offer to contested customers add to it. All numbers are ours and part of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ganzhi.province.columns import words
from ganzhi.province.feelings import MOOD_KEPT, Felt
from ganzhi.province.population import CANCELLED, NETWORKS, NORMAL
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Experiences, Scene
from ganzhi.province.streams import Bools, Floats, Ints
from ganzhi.province.voices import questions as q
from ganzhi.province.voices.ratings import HABITS
from ganzhi.province.voices.respondents import MOOD_OF, SORE, latents_of, voices
from ganzhi.province.voices.structure import LATENTS, LIKELIHOOD_CUTS, LOYALTY, MODEL, OVERALL_CUTS, RATING_CUTS

MOOD_BOUNDS: Final = (-3.0, 1.5)


@dataclass(frozen=True, slots=True)
class Leaving:
    """monthly: share who leave in a month without bad experiences. loyalty: exponent of standardised loyalty.
    mood: exponent of bad mood. complaint: added chance for an unsolved complaint of strength 1. most: highest
    factor on the base. contested_fee_fen: a plan fee from which competitors want the customer."""

    monthly: float = 0.012
    loyalty: float = 0.50
    mood: float = 0.80
    complaint: float = 0.008
    most: float = 25.0
    contested_fee_fen: int = 8_800

    @property
    def daily(self) -> float:
        """Chance on a day."""
        return float(1 - (1 - self.monthly) ** (1 / 30.4))

    def factor(self, loyalty: Floats, mood: Floats) -> Floats:
        """What loyalty and mood make of the base; its mean is 1 without moods."""
        return np.minimum(
            self.most,
            np.exp(-self.loyalty * loyalty - self.loyalty**2 / 2 + self.mood * np.maximum(0.0, -mood)),
        )


LEAVING: Final = Leaving()
WHY: Final = ("usual", "mood", "complaint", "competitor", "line cancelled")
USUAL, MOOD, COMPLAINT, COMPETITOR, LINE = range(5)


@dataclass(frozen=True, slots=True)
class Moves:
    """Customers who came and went today. joined: came."""

    customer: Ints
    at: Ints
    joined: Bools


def moods(scene: Scene) -> None:
    """Yesterday's mood fades, today's experiences add to it; what hurt most and whose fault it was is kept."""
    people, kept = scene.people, voices(scene)
    felt = scene.notes(Experiences)
    people.mood *= np.float32(MOOD_KEPT)
    if len(felt.kind) == 0:
        return
    weight = MOOD_OF[felt.kind] * felt.strength
    order = np.argsort(-weight, kind="stable")
    order = order[weight[order] < 0]
    customer = felt.customer[order]
    kept.blame[customer[people.mood[customer] > SORE]] = -1
    kept.sore[customer] = felt.kind[order]
    caused = order[felt.cause[order] >= 0]
    kept.blame[felt.customer[caused]] = felt.cause[caused]
    np.add.at(people.mood, felt.customer, weight.astype(np.float32))
    people.mood[felt.customer] = np.clip(people.mood[felt.customer], *MOOD_BOUNDS)


def moves(scene: Scene) -> None:
    """Who leaves and who joins today; the churn goes into the truth."""
    rng = scene.rng("loyalty")
    people = scene.people
    leaving, why, cause = _leavers(scene, rng)
    people.left[leaving] = True
    people.line[leaving] = CANCELLED
    people.due_day[leaving] = -1
    joining = _joiners(scene)
    people.left[joining] = False
    people.line[joining] = NORMAL
    people.mood[joining] = 0.0
    at = draw_moments(rng, scene.today, "order", len(leaving) + len(joining))
    joined = np.arange(len(at)) >= len(leaving)
    scene.note(Moves(np.concatenate([leaving, joining]), at, joined))
    scene.know(
        "churn",
        customer_id=people.customer_ids(leaving),
        day=np.full(len(leaving), scene.today.number),
        cause=cause,
        why=words(why, WHY),
    )


def _joiners(scene: Scene) -> Ints:
    """Those whose day it is."""

    def make() -> tuple[Ints, Ints]:
        people = scene.people
        coming = np.flatnonzero(people.left & (people.joined_day >= scene.today.index))
        days = people.joined_day[coming].astype(np.int64)
        order = np.argsort(days, kind="stable")
        return coming[order], days[order]

    coming, days = scene.world.recall("voices.coming", make)
    first, last = np.searchsorted(days, [scene.today.index, scene.today.index + 1])
    return coming[first:last]


def _leavers(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Customers who leave, why, and the incident behind it (-1 for none)."""
    parts = [_by_chance(scene, rng), _complaining(scene, rng), _lured(scene, rng), _cancelled(scene)]
    customer, why, cause = (np.concatenate(each) for each in zip(*parts, strict=True))
    _, first = np.unique(customer, return_index=True)
    return customer[first], why[first], cause[first]


def _by_chance(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Usual leaving, and what mood adds: customers are drawn at the highest chance, then kept by their own."""
    people = scene.people
    drawn = rng.binomial(len(people), LEAVING.daily * LEAVING.most)
    tried = np.unique(rng.integers(0, len(people), drawn))
    tried = tried[~people.left[tried]]
    calm = LEAVING.factor(latents_of(scene, tried, mood=np.zeros(len(tried)))[:, LOYALTY], np.zeros(len(tried)))
    own = LEAVING.factor(latents_of(scene, tried)[:, LOYALTY], people.mood[tried].astype(float))
    draw = rng.random(len(tried)) * LEAVING.most
    goes = draw < own
    customer = tried[goes]
    by_mood = draw[goes] >= calm[goes]
    blame = voices(scene).blame[customer].astype(np.int64)
    return customer, np.where(by_mood, MOOD, USUAL), np.where(by_mood, blame, -1)


def _complaining(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    felt = scene.notes(Experiences)
    chance = np.where(felt.kind == Felt.COMPLAINT_UNSOLVED, LEAVING.complaint * felt.strength, 0.0)
    goes = np.flatnonzero(rng.random(len(chance)) < chance)
    goes = goes[~scene.people.left[felt.customer[goes]]]
    return felt.customer[goes], np.full(len(goes), COMPLAINT), felt.cause[goes]


def contested(scene: Scene, city: int) -> Ints:
    """A city's customers whom competitors want: on 3G, or with a high plan fee."""
    people, span = scene.people, scene.people.of_city(city)
    wanted = (people.network[span] == NETWORKS.index("3g")) | (people.fee_fen[span] >= LEAVING.contested_fee_fen)
    return span.start + np.flatnonzero(wanted & ~people.left[span])


def _lured(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Contested customers who follow a competitor's offer."""
    codes = scene.places.city_codes
    noon = np.full(len(codes), scene.today.start + 43_200)
    size, cause = scene.levers.at("competitor.offer", noon, codes)
    customers, causes = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for city in np.flatnonzero(size > 0):
        wanted = contested(scene, int(city))
        gone = wanted[rng.random(len(wanted)) < size[city] / 10_000]
        customers.append(gone)
        causes.append(np.full(len(gone), cause[city]))
    customer = np.concatenate(customers)
    return customer, np.full(len(customer), COMPETITOR), np.concatenate(causes)


def _cancelled(scene: Scene) -> tuple[Ints, Ints, Ints]:
    """Customers whose line another part of the day cancelled."""
    people = scene.people
    gone = np.flatnonzero((people.line == CANCELLED) & ~people.left)
    return gone, np.full(len(gone), LINE), np.full(len(gone), -1)


def model_truth(scene: Scene) -> None:
    """On the first day: every coefficient of the satisfaction model, the questions and the chance of leaving."""
    if scene.today.index:
        return
    rows: list[tuple[str, str, str, float]] = []
    for name in MODEL.__slots__:
        cause, _, effect = name.partition("_")
        if effect in LATENTS:
            rows.append(("path", cause, effect, getattr(MODEL, name)))
    spread = MODEL.disturbances()
    rows += [("disturbance", "own", name, float(spread[at])) for at, name in enumerate(LATENTS)]
    rows += [("item_loading", "latent", f"item_{at + 1}", each) for at, each in enumerate(MODEL.loadings)]
    for question in {each.code: each for each in reversed(q.QUESTIONS)}.values():
        latent = LATENTS[question.latent]
        factor = q.FACTOR if question.commercial >= 0 else 0.0
        rows.append(("loading", latent, question.code, question.loading))
        rows.append(("process_factor", latent, question.code, factor))
        rows.append(("noise", latent, question.code, float(np.sqrt(1 - question.loading**2 - factor**2))))
        rows.append(("level", latent, question.code, question.level))
    rows += [("hurt", "experience", "its process", q.HURT_PROCESS), ("hurt", "experience", "its point", q.HURT_POINT)]
    for name, edges in (("score", OVERALL_CUTS), ("likelihood", LIKELIHOOD_CUTS), ("rating", RATING_CUTS)):
        rows += [("cut", name, f"edge_{at + 1}", float(edge)) for at, edge in enumerate(edges)]
    for each in fields(HABITS):
        values = getattr(HABITS, each.name)
        listed = values if isinstance(values, tuple) else (values,)
        rows += [("rating", each.name, f"source_{at}", float(value)) for at, value in enumerate(listed)]
    rows += [("leaving", each.name, "chance", float(getattr(LEAVING, each.name))) for each in fields(LEAVING)]
    kind, source, target, value = zip(*rows, strict=True)
    places = np.arange(len(rows))
    scene.know(
        "model",
        kind=words(places, kind),
        source=words(places, source),
        target=words(places, target),
        value=np.array(value),
    )
