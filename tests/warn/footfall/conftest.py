"""Three halls of a town over five weeks, lived customer by customer; on the last day one of them lacks half its desks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.province.queues import serve
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows, text

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, TODAY = date(2012, 4, 2), date(2012, 5, 8)
"""Mondays to Sundays, and a Tuesday after."""
OPENS, CLOSES = 9, 17
DESKS = {"h1": 4, "h2": 4, "h3": 3}
A_DAY = {"h1": 150.0, "h2": 140.0, "h3": 100.0}
SHORT = "h1"
SHAPE = np.array([5, 7, 9, 10, 10, 9, 6, 5, 5, 6, 7, 7, 5, 4, 3, 2], dtype=float)
"""Customers by half hour."""
WEEK = np.array([1.15, 1.0, 0.95, 1.0, 1.05, 0.9, 0.8])
SERVICE_S = 360.0
RULE = "halls.footfall_ahead"


@dataclass(frozen=True, slots=True)
class Town:
    """The workplace, and what really happened: customers and mean waits in seconds by hall, day and half hour of
    opening."""

    place: Workplace
    came: dict[tuple[str, date], np.ndarray]
    waits: dict[tuple[str, date], np.ndarray]


def _second(day: date, second: float) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(seconds=float(second))
    return local.astimezone(UTC)


def _lived(
    rng: np.random.Generator, hall: str, day: date, desks: int
) -> tuple[list[dict[str, object]], list[dict[str, object]], np.ndarray, np.ndarray]:
    """Tickets and desk sessions of a hall's day, with customers and waits by half hour."""
    level = A_DAY[hall] * WEEK[day.weekday()] * float(np.exp(0.05 * rng.standard_normal()))
    slots = [OPENS * 3600 + 1800 * k for k in range(2 * (CLOSES - OPENS))]
    at = np.sort(
        np.concatenate(
            [
                start + rng.random(rng.poisson(n)) * 1800
                for start, n in zip(slots, level * SHAPE / SHAPE.sum(), strict=True)
            ]
        )
    ).astype(np.int64)
    service = np.maximum(60, rng.gamma(4.0, SERVICE_S / 4.0, at.size)).astype(np.int64)
    begin, end = np.full((1, desks), OPENS * 3600), np.full((1, desks), 24 * 3600)
    patient = np.full((1, at.size), 10**6)
    got = serve(at[None], service[None], patient, begin, end)
    start = got.start[0]
    tickets: list[dict[str, object]] = [
        {
            "ticket_id": f"{hall}{day:%m%d}{n}", "unit": hall, "business_group": "order", "priority": 0,
            "issued_at": _second(day, a), "called_at": _second(day, s), "served_at": _second(day, s + 40),
            "finished_at": _second(day, s + took), "abandoned": False, "completed": True,
        }
        for n, (a, s, took) in enumerate(zip(at.tolist(), start.tolist(), service.tolist(), strict=True))
    ]  # fmt: skip
    closing = max(CLOSES * 3600, int((start + service).max()))
    sessions: list[dict[str, object]] = [
        {
            "session_id": f"{hall}{day:%m%d}d{n}", "unit": hall, "counter": f"{hall}-{n}", "staff": f"{hall}-{n}",
            "dynamic": False, "opened_at": _second(day, OPENS * 3600), "closed_at": _second(day, closing),
            "paused_s": 0, "pauses": 0,
        }
        for n in range(desks)
    ]  # fmt: skip
    slot = (at - OPENS * 3600) // 1800
    came = np.bincount(slot, minlength=len(slots))
    waits = np.bincount(slot, weights=start - at, minlength=len(slots)) / np.maximum(came, 1)
    return tickets, sessions, came, waits


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The halls, computed once. It is the evening of the last day."""
    pack = load_catalogue("telecom", None)
    units = {"all": Unit(name=text("all"), level="province")}
    units |= {hall: Unit(name=text(hall), level="hall", parent="all") for hall in DESKS}
    kept = ("queue21.d14_footfall", "halls.consult.mean_s", "halls.handling.mean_s", "halls.wait.mean_s")
    catalogue = replace(
        pack,
        units=units,
        indicators={code: pack.indicators[code].model_copy(update={"supports": ()}) for code in kept},
        topics={},
        warning_rules={RULE: pack.warning_rules[RULE]},
    )
    place = make_workplace(tmp_path_factory.mktemp("town"), catalogue)
    place = replace(place, clock=FixedClock(_second(TODAY, 22 * 3600)))
    rng = np.random.default_rng(11)
    tickets: list[dict[str, object]] = []
    sessions: list[dict[str, object]] = []
    came, waits = {}, {}
    for n in range((TODAY - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        for hall, desks in DESKS.items():
            there = desks // 2 if (hall, day) == (SHORT, TODAY) else desks
            more, opened, came[hall, day], waits[hall, day] = _lived(rng, hall, day, there)
            tickets += more
            sessions += opened
    put_rows(place, "queue_tickets", tickets)
    put_rows(place, "counter_sessions", sessions)
    refresh(place)
    return Town(place, came, waits)


@pytest.fixture(scope="session")
def states(town: Town) -> Iterator[States]:
    with open_states(town.place) as opened:
        yield opened
