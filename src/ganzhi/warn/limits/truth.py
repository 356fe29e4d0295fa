"""What became known of past days, to hold thresholds against: findings that people closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from ganzhi.store.columns import json_text
from ganzhi.store.open import Store
from ganzhi.warn.limits.content import Key

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Truth:
    """Per unit and slice the days that were out of line (findings closed after measures), and those that were not
    (dismissed ones). Of other days nothing is known from people."""

    out: dict[tuple[str, str], set[date]] = field(default_factory=dict)
    fine: dict[tuple[str, str], set[date]] = field(default_factory=dict)

    def of(self, key: Key, day: date) -> bool | None:
        """Whether a day was out of line; None where nobody said."""
        series = (key[0], json_text(dict(key[1])))
        if day in self.out.get(series, ()):
            return True
        return False if day in self.fine.get(series, ()) else None


def truth_of(store: Store, rule: str) -> Truth:
    """What the closed findings of a rule say; those that were merely kept back, or part of another, say nothing."""
    found = Truth()
    for each in store.findings.list(states=("closed",), rule=rule, limit=MOST):
        last = store.findings.history(each.id)[-1].act
        said = {"close": found.out, "dismiss": found.fine}.get(last)
        try:
            first, until = date.fromisoformat(each.first_period), date.fromisoformat(each.last_period)
        except ValueError:
            continue
        if said is not None:
            days = {first + timedelta(days=number) for number in range((until - first).days + 1)}
            said.setdefault((each.unit, each.slice), set()).update(days)
    return found
