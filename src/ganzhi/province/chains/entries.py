"""The eight entries of a recharge: which log each leaves, what that log knows, where it happens, how often it fails.

Logs and their prefixes are those of the catalogue's mappings of `recharges`. Rates are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.columns import identities, words
from ganzhi.province.population import ENTRIES
from ganzhi.province.scene import CHANNELS
from ganzhi.province.streams import Ints


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry. log: prefix its log's identities get (blank for the channel log epay_charge_record). value: channel
    as the log tells it, channel: where the business was done. fails: share of failed attempts. epay: share
    that comes through the channel log instead. causes: weights of `FAILURES`."""

    log: str
    value: str
    channel: str
    fails: float
    epay: float
    causes: tuple[float, ...]


FAILURES: Final = (
    "card_refused", "number_invalid", "account_locked", "funds_missing", "over_limit", "timeout", "system_error", "given_up",
)  # fmt: skip
_BANK: Final = (0, 0.16, 0.04, 0.40, 0.10, 0.18, 0.08, 0.04)
_CARD: Final = (0.66, 0.10, 0.06, 0, 0, 0.08, 0.06, 0.04)
ENTRY: Final[dict[str, Entry]] = {
    "bank": Entry("B", "bank", "bank", 0.016, 0.0, _BANK),
    "access_505": Entry("K", "recharge_card", "recharge_card", 0.030, 0.0, _CARD),
    "access_13800138000": Entry("K", "recharge_card", "recharge_card", 0.030, 0.0, _CARD),
    "kiosk": Entry("B", "kiosk", "kiosk", 0.026, 0.0, (0, 0.22, 0.02, 0.10, 0.04, 0.26, 0.22, 0.14)),
    "partner_cash": Entry("", "cash", "partner_shop", 0.0, 1.0, _BANK),
    "cboss_remote": Entry("C", "remote", "payment_platform", 0.024, 0.3, _BANK),
    "hall_cash": Entry("F", "hall", "hall", 0.008, 0.0, (0, 0.45, 0.10, 0.10, 0.05, 0.10, 0.15, 0.05)),
    "payment_card": Entry("B", "payment_card", "payment_platform", 0.028, 0.3, _CARD),
}
"""The channel log knows only what succeeded."""
PREFIXES: Final = ("", "B", "K", "C", "F")
EPAY, BANK_LOG, CARD_LOG, REMOTE_LOG, HALL_LOG = range(len(PREFIXES))
VALUES: Final = tuple(entry.value for entry in ENTRY.values())
CHANNEL: Final = np.array([CHANNELS.index(entry.channel) for entry in ENTRY.values()])
FAILS: Final = np.array([entry.fails for entry in ENTRY.values()])
KIOSK, HALL_CASH = ENTRIES.index("kiosk"), ENTRIES.index("hall_cash")
assert tuple(ENTRY) == ENTRIES


def logs_of(rng: np.random.Generator, entries: Ints, failed: np.ndarray) -> Ints:
    """The log each attempt leaves its record in, a position in `PREFIXES`."""
    own = np.array([PREFIXES.index(entry.log) for entry in ENTRY.values()])
    epay = np.array([entry.epay for entry in ENTRY.values()])
    return np.where(~failed & (rng.random(len(entries)) < epay[entries]), EPAY, own[entries])


def payment_ids(log: Ints, numbers: Ints) -> pa.Array:
    """Identities as the mappings make them: the log's prefix and its number."""
    return pc.binary_join_element_wise(words(log, PREFIXES), identities("", numbers), "")


def failure_causes(rng: np.random.Generator, entries: Ints) -> Ints:
    """A cause of failure for each attempt, a position in `FAILURES`."""
    edges = np.cumsum(np.array([entry.causes for entry in ENTRY.values()]), axis=1)
    luck = rng.random(len(entries)) * edges[entries, -1]
    return np.minimum((edges[entries] < luck[:, None]).sum(axis=1), len(FAILURES) - 1)
