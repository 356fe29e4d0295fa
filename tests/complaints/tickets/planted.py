"""Complaints of a small simulated province, with the truth about them: repeats, incidents, topics.

Experiences and contacts are made here, so that many customers complain again and incidents of every size are among them;
complaints, their steps and their lives are the province's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.rows import FIELDS
from ganzhi.complaints.tickets.read import Ticket, of_row
from ganzhi.province.calendar import DAY_S
from ganzhi.province.complaints.records import complaints, unsolved
from ganzhi.province.complaints.steps import complaint_steps
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.scene import Contacts, Experiences, Scene, World
from tests.province.stage import Kept, build_world, pack, play

FELT = tuple(felt for felt in Felt if MEANING[felt].complaint > 0 and felt != Felt.COMPLAINT_UNSOLVED)
STRIKING = (Felt.RESUME_LATE, Felt.NETWORK_POOR, Felt.BILL_WRONG, Felt.BROADBAND_DOWN, Felt.NOT_RESUMED)
CALLS = 800


@dataclass(frozen=True)
class Planted:
    """tickets: as they stand at the end, oldest first. topics: the truth, by ticket. days: all of them."""

    world: World
    kept: Kept
    tickets: tuple[Ticket, ...]
    topics: dict[str, str]
    days: tuple[date, ...]
    catalogue: Catalogue

    @property
    def repeated(self) -> dict[str, str]:
        """The truth about repeats."""
        return {each.id: each.repeat_of for each in self.tickets if each.repeat_of}

    @property
    def batched(self) -> dict[str, str]:
        """The truth about batches."""
        return {each.id: each.batch_id for each in self.tickets if each.batch_id}


def planted(
    *, seed: int, days: int, scale: float, usual: int, struck: Sequence[int] = (), first_strike: int = 8
) -> Planted:
    """A province in which `usual` customers a day have each kind of trouble, and every week as many customers of a city as
    `struck` says have one of the five."""

    def disturbed(scene: Scene) -> None:
        rng, own, start = scene.rng("test-disturbed"), scene.own(), scene.today.start
        for felt in FELT:
            who = rng.choice(own, usual, replace=False)
            scene.felt(felt, who, start + rng.integers(8 * 3600, 18 * 3600, usual))
        week, weekday = divmod(scene.today.index - first_strike, 7)
        if weekday == 0 and 0 <= week < len(struck):
            span = scene.people.of_city(week % 3)
            who = rng.choice(np.arange(span.start, span.stop), struck[week], replace=False)
            at = start + rng.integers(8 * 3600, 12 * 3600, len(who))
            scene.felt(STRIKING[week % 5], who, at, strength=1.5, cause=week)

    world = build_world(days=days, scale=scale, seed=seed)
    kept = play(world, (disturbed,), (unsolved, _calls, complaints, complaint_steps))
    rows = latest(kept.table("complaints"))
    texts = kept.truth("complaint_texts").to_pylist()
    every = tuple(world.first + timedelta(days=n) for n in range(days))
    tickets = sorted((of_row(as_ticket(row)) for row in rows), key=lambda each: (each.received_at, each.id))
    catalogue = replace(pack(), units=units_of(world))
    return Planted(world, kept, tuple(tickets), {t["complaint_id"]: t["topic"] for t in texts}, every, catalogue)


def _calls(scene: Scene) -> None:
    """A hotline that answers at once."""
    rng, felt = scene.rng("test-calls"), scene.notes(Experiences)
    chance = np.array([MEANING[kind].call for kind in Felt])[felt.kind] * 1.5
    called = np.flatnonzero(rng.random(len(chance)) < chance)
    plain, n = rng.choice(scene.own(), CALLS), len(called) + CALLS
    blank = np.full(CALLS, -1, dtype=np.int64)
    at = np.concatenate([felt.at[called] + 600, scene.today.start + rng.integers(30_000, 70_000, CALLS)])
    scene.note(
        Contacts(
            number=scene.numbers(n), customer=np.concatenate([felt.customer[called], plain]),
            at=np.minimum(at, scene.today.start + DAY_S - 1), where=np.where(np.arange(n) % 9 == 0, 1, 0),
            felt=np.concatenate([felt.kind[called], blank]), cause=np.concatenate([felt.cause[called], blank]),
            strength=np.concatenate([felt.strength[called], np.ones(CALLS)]), resolved=rng.random(n) < 0.6,
            wait_s=np.full(n, 20), post=rng.integers(0, 4, n), place=np.zeros(n, dtype=np.int64),
        )
    )  # fmt: skip


def latest(table: pa.Table) -> list[dict[str, Any]]:
    """Of rows that came again the last, with moments as instants."""
    found: dict[str, dict[str, Any]] = {}
    for row in table.to_pylist():
        found[row["complaint_id"]] = {
            name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()
        }
    return list(found.values())


def as_ticket(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the feed as `tickets_sql` gives it."""
    return {"kind": "complaint", **{name: row.get(column) for name, column in FIELDS["complaint"].items()}}


def units_of(world: World) -> dict[str, Unit]:
    """The province's organisation as the catalogue has it."""
    places, name = world.organisation, Text(zh="某地", en="Somewhere")
    units = {"all": Unit(name=name, level="province")}
    units |= {code: Unit(name=name, level="city", parent="all") for code in places.city_codes}
    units |= {code: Unit(name=name, level="county", parent=code.split("-")[0]) for code in places.county_codes}
    return units | {code: Unit(name=name, level="hall", parent=code.rsplit("-", 1)[0]) for code in places.hall_codes}


def accuracy(found: set[str], truth: set[str]) -> tuple[float, float]:
    """Precision and recall."""
    both = len(found & truth)
    return both / len(found), both / len(truth)
