"""Every hotline indicator of the pack once more, in plain Python over the lines of the file.

Written from the wording of the definitions, not from the package: this is the independent query
that style.md section 7 asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.measure.bank import Call

Rows = Sequence[Call]


@dataclass(frozen=True)
class Answer:
    """What an indicator must say. exact: the true percentile, which may be missed by 1 %."""

    numerator: int | None
    denominator: int | None
    n: int
    value: float | None
    exact: bool = True


def _count(rows: Rows) -> Answer:
    return Answer(len(rows), None, len(rows), len(rows))


def _share(top: int, bottom: int, n: int | None = None, scale: int = 100) -> Answer:
    return Answer(top, bottom, bottom if n is None else n, scale * top / bottom if bottom else None)


def _mean(values: Sequence[int]) -> Answer:
    return _share(sum(values), len(values), scale=1)


def _percentile(values: Sequence[int], p: float) -> Answer:
    if not values:
        return Answer(None, None, 0, None)
    ordered = sorted(values)
    value = next(x for rank, x in enumerate(ordered, 1) if rank >= p * len(ordered) - 1e-9)
    return Answer(None, None, len(values), value, exact=False)


def _all(rows: Rows) -> Rows:
    return [c for c in rows if c.real]


def _requested(rows: Rows) -> Rows:
    return [c for c in rows if c.requested]


def _answered(rows: Rows) -> Rows:
    return [c for c in rows if c.answered]


def _abandoned(rows: Rows) -> Rows:
    return [c for c in rows if c.abandoned]


def _talked(rows: Rows) -> Rows:
    return [c for c in rows if c.answered and c.talk_s > 0]


def _ivr_only(rows: Rows) -> Rows:
    return [c for c in rows if c.outcome == "HANG" and not c.queued]


def _contained(rows: Rows) -> int:
    return sum(1 for c in _ivr_only(rows) if c.ivr_s is not None and c.ivr_s >= 10)


def _manned(rows: Rows) -> Rows:
    return [c for c in rows if c.answered and c.agent is not None]


def _agents(rows: Rows) -> Answer:
    manned = _manned(rows)
    found = len({c.agent for c in manned})
    return Answer(found, None, len(manned), found)


def _handled_per_agent(rows: Rows) -> Answer:
    manned = _manned(rows)
    return _share(len(manned), len({c.agent for c in manned}), n=len(manned), scale=1)


def _occupancy(rows: Rows) -> Answer:
    served = [(c, int(c.answered_at.timestamp()) // 1800) for c in _manned(rows) if c.answered_at is not None]
    half_hours = {(c.agent, half) for c, half in served}
    return _share(sum(c.talk_s for c, _ in served), 1800 * len(half_hours), n=len(served))


def _max_wait(rows: Rows) -> Answer:
    waits = [c.wait_s for c in _requested(rows)]
    return Answer(None, None, len(waits), max(waits, default=None))


BY_HAND: dict[str, Callable[[Rows], Answer]] = {
    "hotline.calls": lambda rows: _count(_all(rows)),
    "hotline.requested": lambda rows: _count(_requested(rows)),
    "hotline.answered": lambda rows: _count(_answered(rows)),
    "hotline.abandoned": lambda rows: _count(_abandoned(rows)),
    "hotline.queued": lambda rows: _count([c for c in _requested(rows) if c.queued]),
    "hotline.unidentified_rate": lambda rows: _share(
        sum(1 for c in _all(rows) if c.customer_id is None), len(_all(rows))
    ),
    "hotline.answer_rate": lambda rows: _share(len(_answered(rows)), len(_requested(rows))),
    "hotline.abandon_rate": lambda rows: _share(len(_abandoned(rows)), len(_requested(rows))),
    "hotline.quick_abandon_rate": lambda rows: _share(
        sum(1 for c in _abandoned(rows) if c.wait_s <= 10), len(_abandoned(rows))
    ),
    "hotline.abandon_wait.mean_s": lambda rows: _mean([c.wait_s for c in _abandoned(rows)]),
    "hotline.agents": _agents,
    "hotline.handled_per_agent": _handled_per_agent,
    "hotline.occupancy": _occupancy,
    "hotline.agent_success_rate": lambda rows: _share(
        sum(1 for c in _answered(rows) if c.talk_s >= 10), len(_requested(rows))
    ),
    "hotline.short_talk_rate": lambda rows: _share(sum(1 for c in _talked(rows) if c.talk_s < 10), len(_talked(rows))),
    "hotline.zero_talk_rate": lambda rows: _share(
        sum(1 for c in _answered(rows) if c.talk_s == 0), len(_answered(rows))
    ),
    "hotline.talk.mean_s": lambda rows: _mean([c.talk_s for c in _talked(rows)]),
    "hotline.talk.p50_s": lambda rows: _percentile([c.talk_s for c in _talked(rows)], 0.5),
    "hotline.talk.total_s": lambda rows: Answer(
        sum(c.talk_s for c in _answered(rows)), None, len(_answered(rows)), sum(c.talk_s for c in _answered(rows))
    ),
    "hotline.ivr.mean_s": lambda rows: _mean([c.ivr_s for c in _all(rows) if c.ivr_s is not None]),
    "hotline.ivr.only": lambda rows: _count(_ivr_only(rows)),
    "hotline.ivr.containment_rate": lambda rows: _share(_contained(rows), len(_all(rows))),
    "hotline.ivr.success_rate": lambda rows: _share(_contained(rows), len(_ivr_only(rows))),
    "hotline.answered_within_20s": lambda rows: _share(
        sum(1 for c in _answered(rows) if c.wait_s <= 20), len(_answered(rows))
    ),
    "hotline.service_level_20s": lambda rows: _share(
        sum(1 for c in _answered(rows) if c.wait_s <= 20), len(_requested(rows))
    ),
    "hotline.wait.mean_s": lambda rows: _mean([c.wait_s for c in _requested(rows)]),
    "hotline.wait.p90_s": lambda rows: _percentile([c.wait_s for c in _requested(rows)], 0.9),
    "hotline.wait.p50_s": lambda rows: _percentile([c.wait_s for c in _requested(rows)], 0.5),
    "hotline.wait.max_s": _max_wait,
    "hotline.long_wait_rate": lambda rows: _share(
        sum(1 for c in _requested(rows) if c.wait_s > 60), len(_requested(rows))
    ),
    "hotline.queue_rate": lambda rows: _share(sum(1 for c in _requested(rows) if c.queued), len(_requested(rows))),
}
