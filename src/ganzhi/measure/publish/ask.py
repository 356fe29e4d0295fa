"""Observations of all units at once: one query per feed, one row per unit and period.

The one place where publishing speaks to `compile.observe`; it hands out columns, never rows. What
the question means (what is known, what an absent row says) is decided in `facts`.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.observe import Question, observe_sql
from ganzhi.compile.plan import FeedPlan
from ganzhi.measure.calendar import asked_days
from ganzhi.measure.known import Known
from ganzhi.measure.open import States
from ganzhi.measure.units import wanted_table


def show_units(reading: States, catalogue: Catalogue, units: Sequence[str]) -> None:
    """Say of which units the answers are; once per session."""
    reading.session.register("wanted", wanted_table(catalogue, units))


def ask(
    reading: States, plan: FeedPlan, codes: Sequence[str], periods: Sequence[Period], what_is_known: Known
) -> pa.Table:
    """Columns `unit`, `period` (index into `periods`) and those of each indicator (`compile.observe.column_of`)."""
    months = what_is_known.months
    reading.session.register("asked", asked_days(periods, what_is_known.usable, months))
    first, last = min(p.first_day for p in periods), max(p.last_day for p in periods)
    question = Question(tuple(codes), "day", (), {}, first, last, months=bool(months))
    return reading.session.query(observe_sql(plan, question))
