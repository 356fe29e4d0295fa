"""Calls the hotline makes: care, marketing, reminders, verification, surveys. Call-backs belong to complaints."""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.columns import identities, moments, same, truths, words
from ganzhi.province.scene import Scene
from ganzhi.province.streams import choose, lognormal

PER_DAY: Final = 0.0016
"""Outbound calls per customer and working day (ours)."""
PURPOSES: Final = ("survey", "marketing", "care", "reminder", "verification")
SHARE: Final = np.array([0.10, 0.42, 0.14, 0.26, 0.08])
RESULTS: Final = ("success", "refused", "appointment", "hung_up", "no_answer", "busy", "switched_off", "wrong_number")
RESULT_SHARE: Final = np.array([0.47, 0.12, 0.04, 0.05, 0.19, 0.06, 0.06, 0.01])


def call_out(scene: Scene) -> None:
    """The day's outbound calls, between nine and eight, fewer at weekends."""
    rng, people, places = scene.rng("hotline", "outbound"), scene.people, scene.places
    own = scene.own()
    n = int(rng.poisson(PER_DAY * len(own) * (1.0 if scene.today.works else 0.35)))
    customer = np.sort(own[rng.integers(0, len(own), n)])
    customer = customer[people.consent[customer]]
    n = len(customer)
    first = scene.today.start + 9 * 3600 + rng.integers(0, 11 * 3600, n)
    result = choose(rng, RESULT_SHARE, n)
    spoke = result <= 3
    attempts = np.minimum(rng.geometric(np.where(spoke, 0.7, 0.5), n), 4).astype(np.int64)
    connected = first + (attempts - 1) * rng.integers(600, 5_400, n) + rng.integers(6, 25, n)
    talk = lognormal(rng, 70, 0.8, n).astype(np.int64) + 5
    agent = rng.integers(0, len(places.agent_codes), n)
    scene.deliver(
        "outbound_calls",
        call_id=identities("OC", scene.numbers(n)),
        purpose=words(choose(rng, SHARE, n), PURPOSES),
        unit=words(people.city[customer].astype(np.int64), places.city_codes),
        customer_id=people.customer_ids(customer),
        complaint_id=same(None, n),
        contact_id=same(None, n),
        campaign=same(None, n),
        business=words(rng.integers(0, 5, n), ("plan", "data", "payment", "value_added", "broadband")),
        team=words(places.agent_team[agent], places.team_codes),
        agent=words(agent, places.agent_codes),
        first_at=first,
        attempts=attempts,
        connected_at=moments(connected, spoke),
        ended_at=moments(connected + talk, spoke),
        due_at=moments(first + 86_400, np.ones(n, dtype=bool)),
        result=words(result, RESULTS),
        satisfied=truths(rng.random(n) < 0.9, spoke & (rng.random(n) < 0.5)),
    )
