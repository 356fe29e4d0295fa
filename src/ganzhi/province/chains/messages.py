"""Messages to subscribers through the SMS gateway: submitted, delivered or not, by the levers of the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ganzhi.province.chains.hops import BLAMED_S, take
from ganzhi.province.chains.usage import units
from ganzhi.province.columns import NEVER, identities, same, truths, words
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints, choose, lognormal

SMS_KINDS: Final = ("recharge_notice", "resume_notice", "suspend_notice", "arrears_notice")
RECHARGE_NOTICE, RESUME_NOTICE, SUSPEND_NOTICE, ARREARS_NOTICE = range(4)
_PROCESS: Final = ("recharge", "payment_resume", "arrears_suspension", "arrears_suspension")
RECEIPTS: Final = ("delivered", "failed", "expired", "no_receipt")
RECEIPT_SHARE: Final = np.array([0.9885, 0.0045, 0.0040, 0.0030])
"""Usual results; ours."""
TRANSIT_MEDIAN_S: Final = 6.0
TRANSIT_SIGMA: Final = 0.9
REJECTED: Final = 0.0015
WRONG_CONTENT: Final = 0.0008
DUE_S: Final = 60
"""A notice is due a minute after its trigger."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of messages. submitted, delivered: moments, NEVER where it did not come. cause: incident behind a
    loss or delay, -1 for none. number: of the message."""

    submitted: Ints
    delivered: Ints
    cause: Ints
    number: Ints


def send(
    scene: Scene, rng: np.random.Generator, customers: Ints, trigger: Ints, kind: Ints, *, series: int,
    reference: pa.Array | None = None, content: pa.Array | None = None,
) -> Sent:  # fmt: skip
    """Send messages triggered at these moments (as the triggering system recorded them)."""
    n = len(customers)
    hop = take(scene, rng, "notify", trigger)
    number = scene.numbers(n, series)
    accepted = (hop.at != NEVER) & (rng.random(n) >= REJECTED)
    begun = np.where(hop.at == NEVER, 0, hop.at)
    late, late_cause = scene.levers.at("sms.late_s", begun)
    lost, lost_cause = scene.levers.at("sms.lost", begun)
    gone: Bools = rng.random(n) < lost
    added = rng.exponential(1.0, n) * late
    result = np.where(gone, 1 + (rng.random(n) < 0.5), choose(rng, RECEIPT_SHARE, n))
    arrived = begun + np.ceil(lognormal(rng, TRANSIT_MEDIAN_S, TRANSIT_SIGMA, n) + added).astype(np.int64)
    delivered = np.where(accepted & (result == 0), arrived, NEVER)
    cause = np.where(gone, lost_cause, np.where(added >= BLAMED_S, late_cause, hop.cause))
    common = _common(scene, customers, trigger, kind, number, reference)
    wrong = rng.random(n) < WRONG_CONTENT
    _submissions(scene, common, hop.at, accepted, wrong, content)
    _receipts(scene, common, hop.at, delivered, accepted, result)
    return Sent(hop.at, delivered, cause, np.where(hop.at == NEVER, -1, number))


def _common(
    scene: Scene, customers: Ints, trigger: Ints, kind: Ints, number: Ints, reference: pa.Array | None
) -> dict[str, pa.Array | Ints]:
    n = len(customers)
    return {
        "sms_id": identities("M", number),
        "unit": units(scene, customers),
        "subscriber": scene.people.phones(customers),
        "channel": same("sms_push", n),
        "process": words(kind, _PROCESS),
        "kind": words(kind, SMS_KINDS),
        "reference": same(None, n) if reference is None else reference,
        "trigger_at": trigger,
    }


def _some(columns: dict[str, pa.Array | Ints], which: Bools) -> dict[str, pa.Array | Ints]:
    mask = pa.array(which)
    return {
        name: column[which] if isinstance(column, np.ndarray) else column.filter(mask)
        for name, column in columns.items()
    }


def _submissions(
    scene: Scene, common: dict[str, pa.Array | Ints], submitted: Ints, accepted: Bools, wrong: Bools,
    content: pa.Array | None,
) -> None:  # fmt: skip
    n = len(submitted)
    rows = common | {
        "submitted_at": submitted,
        "due_at": np.asarray(common["trigger_at"]) + DUE_S,
        "result": words(np.where(accepted, 0, 1), ("accepted", "rejected")),
        "repeat_of": same(None, n),
        "content_right": truths(~wrong, np.ones(n, dtype=bool)),
        "content": same(None, n) if content is None else content,
    }
    scene.deliver("sms_submissions", **_some(rows, submitted != NEVER))


def _receipts(
    scene: Scene, common: dict[str, pa.Array | Ints], submitted: Ints, delivered: Ints, accepted: Bools, result: Ints
) -> None:
    rows = common | {"submitted_at": submitted, "delivered_at": delivered, "result": words(result, RECEIPTS)}
    scene.deliver("sms_receipts", **_some(rows, accepted))
