"""The electronic flow of a complaint: three to six steps from accepting to closing, with hand-overs between
departments, returns and limits. Routes and shares are ours; waiting for work and working follow one another without
gaps, so that the steps fill the time from receipt to closing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, words
from ganzhi.province.complaints.cases import Cases, complaint_ids
from ganzhi.province.complaints.texts.topics_more import TOPICS
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Ints, choose, happens

STEPS: Final = ("accept", "dispatch", "investigate", "handle", "review", "reply", "close")
ACCEPT, DISPATCH, INVESTIGATE, HANDLE, REVIEW, REPLY, CLOSE = range(7)
ROUTES: Final = np.array(
    [
        [ACCEPT, REPLY, CLOSE, -1, -1, -1],
        [ACCEPT, DISPATCH, HANDLE, CLOSE, -1, -1],
        [ACCEPT, DISPATCH, INVESTIGATE, REPLY, CLOSE, -1],
        [ACCEPT, DISPATCH, INVESTIGATE, HANDLE, REPLY, CLOSE],
        [ACCEPT, DISPATCH, HANDLE, HANDLE, REVIEW, CLOSE],
    ]
)
"""The ways through the flow; in the last the first department returns the order."""
RETURNED_ROUTE: Final = 4
ROUTE_SHARE: Final = np.array([0.0, 0.27, 0.24, 0.23, 0.26])
EASED_SHARE: Final = 0.85
"""Share of the matters settled at once that take the shortest way."""
TIME_SHARE: Final = np.array([0.04, 0.05, 0.40, 0.45, 0.10, 0.09, 0.04])
"""Share of the time that a step takes, before scaling to the route."""
LIMIT_SHARE: Final = np.array([0.12, 0.12, 0.75, 0.80, 0.30, 0.30, 0.20])
"""Share of the complaint's limit that a step may take."""
TRANSFERRED: Final = 0.08
RESULTS_OF_STEP: Final = ("done", "returned", "transferred")
DEPARTMENTS: Final = (
    "客户服务中心", "网络部", "计费账务中心", "市场经营部", "数据业务部", "业务支撑中心", "渠道管理中心", "电子渠道中心", "装维中心",
)  # fmt: skip
HANDLER_MARKS: Final = ("KF", "WL", "JF", "SC", "SJ", "ZC", "QD", "DZ", "ZW")
"""How the staff accounts of each department begin."""
_OF_COMMERCIAL: Final = {
    "network": 1, "billing": 2, "tariffs": 3, "products": 4, "support": 5, "hall": 6, "e_channels": 7, "hotline": 0, "care": 0,
}  # fmt: skip
COMMERCIALS: Final = tuple(_OF_COMMERCIAL)
COMMERCIAL_OF: Final = np.array([COMMERCIALS.index(topic.commercial) for topic in TOPICS])
DEPARTMENT_OF: Final = np.array(
    [8 if topic.products == ("home_broadband",) else _OF_COMMERCIAL[topic.commercial] for topic in TOPICS]
)
"""The department that answers for each topic."""
BUSINESSES: Final = tuple(sorted({topic.business for topic in TOPICS}))
BUSINESS_OF: Final = np.array([BUSINESSES.index(topic.business) for topic in TOPICS])
STEP: Final = 10
"""A step's number is the complaint's times this, plus its position."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Steps of complaints, one row each; moments may be later than the day."""

    complaint: Ints
    position: Ints
    step: Ints
    city: Ints
    topic: Ints
    department: Ints
    handler: Ints
    assigned: Ints
    accepted: Ints
    finished: Ints
    due: Ints
    result: Ints
    transfers: Ints

    def where(self, chosen: np.ndarray) -> Moves:
        """Some of the steps."""
        return Moves(**{name: getattr(self, name)[chosen] for name in Moves.__slots__})


def moves_of(scene: Scene, cases: Cases) -> Moves:
    """All steps of these complaints."""
    rng = scene.rng("complaint-steps")
    n = len(cases)
    eased = (cases.eased == 1) & happens(rng, EASED_SHARE, n)
    route = np.where(eased, 0, choose(rng, ROUTE_SHARE, n))
    step = ROUTES[route]
    there = step >= 0
    weight = np.where(there, TIME_SHARE[step] * rng.gamma(3.0, 1.0, step.shape), 0.0)
    edges = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True) if n else weight
    span = (cases.closed - cases.received)[:, None]
    finished = cases.received[:, None] + np.round(edges * span).astype(np.int64)
    assigned = np.concatenate([cases.received[:, None], finished[:, :-1]], axis=1)
    accepted = assigned + ((finished - assigned) * rng.uniform(0.03, 0.45, step.shape)).astype(np.int64)
    limit = LIMIT_SHARE[step] * (cases.due - cases.received)[:, None]
    position = np.broadcast_to(np.arange(step.shape[1]), step.shape)
    returned = (route == RETURNED_ROUTE)[:, None] & (position == 2)
    moved = (
        happens(rng, TRANSFERRED, step.size).reshape(step.shape) & np.isin(step, (DISPATCH, INVESTIGATE)) & ~returned
    )
    own = DEPARTMENT_OF[cases.topic][:, None]
    other = (own + 1 + rng.integers(0, len(DEPARTMENTS) - 1, (n, 1))) % len(DEPARTMENTS)
    department = np.where(np.isin(step, (INVESTIGATE, HANDLE, REVIEW)), np.where(returned, other, own), 0)

    def flat(values: np.ndarray) -> Ints:
        return np.broadcast_to(values, step.shape)[there].astype(np.int64)

    return Moves(
        complaint=flat(cases.number[:, None]),
        position=flat(position),
        step=flat(step),
        city=flat(scene.people.city[cases.customer][:, None]),
        topic=flat(cases.topic[:, None]),
        department=flat(department),
        handler=flat(rng.integers(1, 30, step.shape)),
        assigned=flat(assigned),
        accepted=flat(accepted),
        finished=flat(finished),
        due=flat(assigned + np.maximum(limit, 600).astype(np.int64)),
        result=flat(np.where(returned, 1, np.where(moved, 2, 0))),
        transfers=flat(moved + (moved & happens(rng, 0.15, step.size).reshape(step.shape))),
    )


def complaint_steps(scene: Scene) -> None:
    """Deliver the steps assigned today, and again those that are accepted or finished on a later day."""
    waiting: dict[str, Moves] = scene.world.recall("complaint-steps", dict)
    fresh: list[Cases] = scene.world.recall("complaints-new", list)
    parts = [waiting["all"]] if "all" in waiting else []
    parts += [moves_of(scene, cases) for cases in fresh]
    fresh.clear()
    if not parts:
        return
    moves = Moves(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Moves.__slots__})
    start, end = scene.today.start, scene.today.start + DAY_S
    changed = np.zeros(len(moves.step), dtype=bool)
    for moment in (moves.assigned, moves.accepted, moves.finished):
        changed |= (moment >= start) & (moment < end)
    if changed.any():
        scene.deliver("complaint_steps", **_columns(scene, moves.where(changed), end))
    waiting["all"] = moves.where(moves.finished >= end)


def _columns(scene: Scene, moves: Moves, end: int) -> dict[str, Any]:
    cities = scene.places.city_codes
    done = moves.finished < end
    local = moves.department > 0
    handler = pc.binary_join_element_wise(
        words(moves.department, HANDLER_MARKS), identities("", moves.handler, width=3), ""
    )
    return {
        "step_id": identities("GD", moves.complaint * STEP + moves.position),
        "complaint_id": complaint_ids(moves.complaint),
        "flow_step": words(moves.step, STEPS),
        "unit": words(np.where(local, moves.city, len(cities)), (*cities, "HL")),
        "commercial_process": words(COMMERCIAL_OF[moves.topic], COMMERCIALS),
        "business": words(BUSINESS_OF[moves.topic], BUSINESSES),
        "department": words(moves.department, DEPARTMENTS),
        "team": words(moves.handler % 4, tuple(f"{k + 1} 班" for k in range(4))),
        "handler": handler,
        "assigned_at": moves.assigned,
        "accepted_at": np.where(moves.accepted < end, moves.accepted, NEVER),
        "finished_at": np.where(done, moves.finished, NEVER),
        "due_at": moves.due,
        "step_result": words(np.where(done, moves.result, -1), RESULTS_OF_STEP),
        "transfers": moves.transfers,
    }
