"""Observations of all units at once: one query per feed, one row per unit and period.

The one place where publishing speaks to `compile.observe`; it hands out columns, never rows. What
the question means (what is known, what an absent row says) is decided in `facts`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.observe import Question, observe_sql
from ganzhi.compile.plan import FeedPlan
from ganzhi.measure.calendar import asked_days
from ganzhi.measure.known import Known
from ganzhi.measure.open import One, States, state_relations
from ganzhi.measure.refresh import feeds_with_files
from ganzhi.measure.units import wanted_table
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.workplace import Workplace


def open_days(workplace: Workplace, snapshot: Snapshot, feeds: Collection[str]) -> States:
    """A reading of the states of days, totals and months of some feeds; close it after use.

    Whoever asks for whole periods needs no states below a day, and a session opens the sooner for it.
    """
    held = [feed for feed in feeds_with_files(workplace.catalogue, snapshot) if feed in feeds]
    relations = state_relations(workplace.catalogue, snapshot, held, fine=False)
    return States(snapshot, frozenset(held), One(workplace.engine.session(relations)))


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
