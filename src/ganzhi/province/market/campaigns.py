"""Campaigns from planning to evaluation: a handful starts each month, some in the whole province, some in one city.

All campaigns of the simulation are planned beforehand from the seed; every day those are delivered whose state
changes. On the first day the ones under way come with the state they have. Numbers and durations are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S, EPOCH
from ganzhi.province.columns import NEVER, truths, words
from ganzhi.province.market.shared import Columns, happened, later, unfold, when
from ganzhi.province.organisation import CITIES
from ganzhi.province.scene import Scene, World
from ganzhi.province.service.drawing import day_end, picked
from ganzhi.province.streams import Bools, Ints, choose, happens, stream

KINDS: Final = ("plan_discount", "prepaid_gift", "device", "data_pack", "points", "new_service")
TITLES: Final = ("资费优惠", "预存赠送", "终端合约", "流量包", "积分活动", "新业务体验")
PRODUCT_OF_KIND: Final = ("voice", "voice", "mobile_internet", "mobile_internet", "", "mobile_reading")
KIND_SHARE: Final = np.array([0.28, 0.20, 0.14, 0.18, 0.10, 0.10])
STAGES: Final = ("planning", "approval", "execution", "evaluation", "rejected")
PLANNING, APPROVAL, EXECUTION, EVALUATION, REJECTED = range(5)
A_MONTH: Final = 8
"""Campaigns that start in a month: two in the whole province, six in one city each."""
PROVINCE_WIDE: Final = 2
LEAD_DAYS: Final = (12, 24)
"""From submission to the start."""
APPROVAL_S: Final = (54 * 3_600, 0.45)
LAST_DAYS: Final = (24, 45)
EVALUATION_S: Final = (13 * DAY_S, 0.4)
REFUSED: Final = 0.05
STOPPED: Final = 0.03
UNAPPROVED: Final = 0.015
"""Share that starts before it is approved."""
GATE: Final = 0.993
"""Chance that an approved campaign has passed each of its four gates."""
TOGETHER: Final = 0.96
"""Chance that customer service has checked the needs, and that it has assessed the impact."""
STAMPS: Final = ("_taken_up_at", "approved_at", "stopped_at", "evaluated_at", "_from", "_to", "_refused_at")
MONTHS_BEFORE: Final = 3


@dataclass(frozen=True, slots=True)
class Plans:
    """All campaigns. city: -1 for the whole province. columns: as they will be delivered in the end."""

    codes: tuple[str, ...]
    city: Ints
    kind: Ints
    submitted: Ints
    first: Ints
    last: Ints
    refused: Bools
    columns: Columns

    def running(self, at: int, until: int) -> Ints:
        """Positions of the campaigns carried out in a window."""
        return np.flatnonzero(~self.refused & (self.first < until) & (self.last > at))


def plans_of(world: World) -> Plans:
    """The campaigns of this simulation."""
    return world.recall("market.campaigns", lambda: _plan(world))


def run_campaigns(scene: Scene) -> None:
    """The campaigns submitted today (on the first day also those under way) and those that change."""
    plans = plans_of(scene.world)
    end = day_end(scene.today)
    new = plans.submitted < end
    if scene.today.index:
        new &= plans.submitted >= scene.today.start
    else:
        done = np.maximum(np.asarray(plans.columns["evaluated_at"]), np.asarray(plans.columns["_refused_at"]))
        new &= done >= scene.today.start
    unfold(scene, "campaigns", picked(plans.columns, new), "submitted_at", STAMPS, _state)


def _state(shown: Columns, _: int) -> Columns:
    """Stage and gates as known at the end of a day."""
    decided = happened(shown["approved_at"]) | happened(shown["_refused_at"])
    stage = np.where(happened(shown["_taken_up_at"]), APPROVAL, PLANNING)
    stage[happened(shown["_from"])] = EXECUTION
    stage[happened(shown["_to"])] = EVALUATION
    stage[happened(shown["_refused_at"])] = REJECTED
    gates = {name: truths(np.asarray(shown[f"_{name}"]), decided) for name in _GATES}
    return {"stage": words(stage, STAGES), **gates}


_GATES: Final = ("compliance_passed", "interface_passed", "risk_tested", "emergency_plan")


def _starts(world: World) -> Ints:
    """First second of each month in which campaigns start."""
    month = world.first.year * 12 + world.first.month - 1 - MONTHS_BEFORE
    last = (world.days // 28) + MONTHS_BEFORE + 3
    days = [(date((month + k) // 12, (month + k) % 12 + 1, 1) - EPOCH).days for k in range(last)]
    return np.array(days, dtype=np.int64) * DAY_S


def _plan(world: World) -> Plans:
    rng = stream(world.seed, "campaigns")
    months = _starts(world)
    n = len(months) * A_MONTH
    place = np.tile(np.arange(A_MONTH), len(months))
    shares = world.population.starts[1:] - world.population.starts[:-1]
    city = np.where(place < PROVINCE_WIDE, -1, choose(rng, np.sqrt(shares.astype(float)), n))
    kind = choose(rng, KIND_SHARE, n)
    first = np.repeat(months, A_MONTH) + rng.integers(0, 5, n) * DAY_S + 8 * 3_600
    first[place < PROVINCE_WIDE] = np.repeat(months, PROVINCE_WIDE)
    last = first + rng.integers(*LAST_DAYS, n) * DAY_S
    submitted = first // DAY_S * DAY_S - rng.integers(*LEAD_DAYS, n) * DAY_S + rng.integers(9, 17, n) * 3_600
    submitted += rng.integers(0, 3_600, n)
    refused = happens(rng, REFUSED, n)
    decided = np.minimum(later(rng, submitted, *APPROVAL_S), first - 3_600)
    decided = np.where(happens(rng, UNAPPROVED, n), first + rng.integers(1, 5, n) * DAY_S, decided)
    stopped = ~refused & happens(rng, STOPPED, n)
    stop = first + ((last - first) * rng.uniform(0.2, 0.8, n)).astype(np.int64)
    ended = np.where(stopped, stop, last)
    codes, cities = _codes(months), world.organisation.city_codes
    columns: Columns = {
        "campaign": words(np.arange(n), codes),
        "title": words(np.arange(n), _titles(city, kind)),
        "unit": words(np.where(city < 0, len(cities), city), (*cities, "all")),
        "campaign_kind": words(kind, KINDS),
        "product": words(np.where(kind == 4, -1, kind), PRODUCT_OF_KIND),
        "submitted_at": submitted,
        "needs_checked": happens(rng, TOGETHER, n), "impact_assessed": happens(rng, TOGETHER, n),
        "approved_at": when(~refused, decided), "starts_at": first, "ends_at": last,
        "stopped_at": when(stopped, stop), "evaluated_at": when(~refused, later(rng, last, *EVALUATION_S)),
        "_taken_up_at": np.minimum(submitted + 20 * 3_600, decided),
        "_from": when(~refused, first), "_to": when(~refused, ended), "_refused_at": when(refused, decided),
    }  # fmt: skip
    columns |= {f"_{name}": happens(rng, GATE, n) & ~(refused & happens(rng, 0.5, n)) for name in _GATES}
    return Plans(codes, city, kind, submitted, first, np.where(refused, NEVER, ended), refused, columns)


def _codes(months: Ints) -> tuple[str, ...]:
    names = [f"{date.fromordinal(int(at) // DAY_S + EPOCH.toordinal()):%Y%m}" for at in months]
    return tuple(f"CP-{name}-{k + 1:02d}" for name in names for k in range(A_MONTH))


def _titles(city: Ints, kind: Ints) -> tuple[str, ...]:
    return tuple(
        f"{CITIES[c][1] if c >= 0 else '全省'}{TITLES[k]}" for c, k in zip(city.tolist(), kind.tolist(), strict=True)
    )
