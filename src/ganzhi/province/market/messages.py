"""Messages watched for abuse: batches through corporate ports, and numbers that send much within an hour.

The lever `port.spam` sends batches a day through one port: many recipients, the same content again and again, and
customers report them. Numbers of ports, batches and watched hours are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER, identities, numbers, words
from ganzhi.province.feelings import Felt
from ganzhi.province.market.shared import clamp, pulled_moments
from ganzhi.province.population import BRANDS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import counties
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal, stream

PORTS_LEAST: Final = 24
PORTS: Final = 900
BATCHES: Final = 1.3
"""Batches a day of a port, by mean."""
USUAL: Final = (420.0, 0.8)
"""Usual recipients of a port a day."""
SPAM_LEAST: Final = 1_200
SPAM_SHARE: Final = 0.012
"""Recipients of a batch of spam: at least so many, or this share of the customers."""
SPAM_PORT: Final = 7
SPAM_FELT: Final = 0.20
"""Share of the recipients who mind."""
BURST: Final = 0.002
REPEATS: Final = np.array([0.95, 0.042, 0.006, 0.002])
"""Share of batches sent once, twice, three and four times a day."""
DELIVERED: Final = 0.975
OPTED_OUT: Final = 0.003
SPAM_OPTED_OUT: Final = 0.06
REPORTED: Final = 0.00022
SPAM_REPORTED: Final = 0.004
INTERCEPTED: Final = 0.004
SPAM_INTERCEPTED: Final = 0.10
WATCHED_PER_100K: Final = 1_000.0
"""Hours of numbers a day of 100,000 customers that are looked at: those with ten messages or so."""
BULK_PER_100K: Final = 0.2
PERSON_REPORTED: Final = 0.00012


@dataclass(frozen=True, slots=True)
class Ports:
    """Corporate ports. number: as sent. usual: recipients a day."""

    number: Ints
    city: Ints
    usual: Ints


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of the day. cause: incident, -1 for none."""

    port: Ints
    at: Ints
    recipients: Ints
    repeats: Ints
    content: Ints
    cause: Ints


def send_group_messages(scene: Scene) -> None:
    """The day's batches through corporate ports."""
    rng = scene.rng("group-messages")
    ports = scene.world.recall("market.ports", lambda: _ports(scene))
    parts = [_plain(scene, rng, ports), _spam(scene, rng, ports)]
    made = Batches(*(np.concatenate([getattr(part, name) for part in parts]) for name in Batches.__slots__))
    if not len(made.at):
        return
    n, spam = len(made.at), made.cause >= 0
    number = scene.numbers(n)
    stopped = happens(rng, np.where(spam, SPAM_INTERCEPTED, INTERCEPTED), n)
    delivered = np.where(stopped, 0, rng.binomial(made.recipients, DELIVERED))
    scene.deliver(
        "group_messages", batch_id=identities("GM", number), sent_at=made.at,
        unit=words(ports.city[made.port], scene.places.city_codes), port=identities("", ports.number[made.port]),
        recipients=made.recipients, delivered=delivered,
        opted_out=rng.binomial(made.recipients, np.where(spam, SPAM_OPTED_OUT, OPTED_OUT)),
        content_code=identities("M", made.content, width=8), repeats=made.repeats,
        usual_recipients=ports.usual[made.port], intercepted=stopped,
        reported=rng.binomial(delivered, np.where(spam, SPAM_REPORTED, REPORTED)),
    )  # fmt: skip
    if spam.any():
        scene.know("spam", batch_id=identities("GM", number[spam]), incident=made.cause[spam])
        _annoy(scene, rng, number[spam], made.at[spam], delivered[spam], made.cause[spam])


def _ports(scene: Scene) -> Ports:
    rng = stream(scene.world.seed, "ports")
    n = max(PORTS_LEAST, round(PORTS * scene.world.scale))
    starts = scene.people.starts
    usual = np.maximum(20, lognormal(rng, *USUAL, n)).astype(np.int64)
    usual[SPAM_PORT] = min(int(usual[SPAM_PORT]), 200)
    return Ports(10_657_300_001 + np.arange(n), choose(rng, np.diff(starts), n), usual)


def _plain(scene: Scene, rng: np.random.Generator, ports: Ports) -> Batches:
    kinds = len(ports.number)
    port = np.repeat(np.arange(kinds), rng.poisson(BATCHES if scene.today.works else BATCHES * 0.6, kinds))
    times = 1 + choose(rng, REPEATS, len(port))
    content = rng.integers(0, 100_000_000, len(port))
    size = ports.usual[port] / BATCHES * lognormal(rng, 0.9, 0.35, len(port))
    size = np.where(happens(rng, BURST, len(port)), np.maximum(1_100, size * 7), size)
    port, content, size = np.repeat(port, times), np.repeat(content, times), np.repeat(size, times)
    at = draw_moments(rng, scene.today, "order", len(port))
    recipients = np.maximum(1, size).astype(np.int64)
    return Batches(port, at, recipients, np.repeat(times, times), content, np.full(len(port), -1, dtype=np.int64))


def _spam(scene: Scene, rng: np.random.Generator, ports: Ports) -> Batches:
    at, cause = pulled_moments(rng, scene, "port.spam", None, 1.0)
    n = len(at)
    mean = max(SPAM_LEAST, round(SPAM_SHARE * len(scene.people)))
    recipients = np.maximum(1_050, mean * rng.uniform(0.9, 1.3, n)).astype(np.int64)
    port = np.full(n, SPAM_PORT % len(ports.number))
    content = np.full(n, 99_000_000 + scene.today.number % 1_000, dtype=np.int64)
    return Batches(port, at, recipients, np.full(n, n, dtype=np.int64), content, cause)


def _annoy(scene: Scene, rng: np.random.Generator, number: Ints, at: Ints, delivered: Ints, cause: Ints) -> None:
    """Customers of the whole province who mind what they got; nobody minds the same batch twice."""
    batch = np.repeat(np.arange(len(at)), rng.binomial(delivered, SPAM_FELT))
    customer = rng.integers(0, len(scene.people), len(batch))
    kept = ~scene.people.left[customer]
    _, once = np.unique(batch[kept] * len(scene.people) + customer[kept], return_index=True)
    batch, customer = batch[kept][once], customer[kept][once]
    felt_at = clamp(scene, at[batch] + rng.integers(30, 3_600, len(batch)))
    scene.felt(Felt.SPAMMED, customer, felt_at, cause=cause[batch], ref=number[batch])


def watch_person_messages(scene: Scene) -> None:
    """The day's hours of numbers that sent much, a few of them in bulk."""
    rng = scene.rng("person-messages")
    size = len(scene.people)
    n = int(rng.poisson(WATCHED_PER_100K * size / 100_000 * scene.today.factor("usage")))
    customer = rng.integers(0, size, n)
    hour = (draw_moments(rng, scene.today, "usage", n) // 3_600) * 3_600
    _, once = np.unique(customer * 24 + (hour - scene.today.start) // 3_600, return_index=True)
    once = np.sort(once[~scene.people.left[customer[once]]])
    customer, hour = customer[once], hour[once]
    if not len(customer):
        return
    bulk = happens(rng, BULK_PER_100K / WATCHED_PER_100K, len(customer))
    _deliver_hours(scene, rng, customer, hour, bulk)


def _deliver_hours(scene: Scene, rng: np.random.Generator, customer: Ints, hour: Ints, bulk: Bools) -> None:
    n = len(customer)
    sent: Floats = np.where(bulk, lognormal(rng, 330.0, 0.3, n), lognormal(rng, 13.0, 0.45, n))
    messages = np.where(bulk, np.maximum(sent, 210), np.clip(sent, 5, 150)).astype(np.int64)
    share = np.where(bulk, rng.uniform(0.6, 1.0, n), rng.uniform(0.1, 0.6, n))
    recipients = np.maximum(1, (messages * share).astype(np.int64))
    alike = rng.binomial(messages, np.where(bulk, 0.9, 0.12))
    blocked = np.where(bulk & happens(rng, 0.8, n), hour + rng.integers(900, 5_400, n), NEVER)
    scene.deliver(
        "person_messages", sender=scene.people.phones(customer), hour_at=hour, unit=counties(scene, customer),
        brand=words(scene.people.brand[customer].astype(np.int64), BRANDS), messages=messages, recipients=recipients,
        same_content=numbers(alike, happens(rng, 0.99, n)), answered=rng.binomial(messages, np.where(bulk, 0.01, 0.7)),
        reported=rng.binomial(messages, np.where(bulk, 0.012, PERSON_REPORTED)), blocked_at=blocked,
    )  # fmt: skip
