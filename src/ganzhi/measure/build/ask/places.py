"""Which rows count for a place, when, and for which place directly below it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.access.rights import Ground
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.membership import FIRST_DAY, LAST_DAY, Membership, memberships
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.asked import Where
from ganzhi.measure.views.ask.question import Question

_INSTANT = pa.timestamp("us", tz="UTC")


def unit_of(ground: Ground, question: Question) -> str:
    """The place a question is asked for; the viewer's own by default.

    Raises: InputError REQ012 for one that is not there, or not for this viewer.
    """
    unit = question.unit or ground.top
    ground.unit(unit)
    return unit


def members_with_place(catalogue: Catalogue, unit: str, zone: ZoneInfo) -> pa.Table:
    """Table `members` of a unit: each `unit` counts from `since` until before `until`, for the unit `place`
    directly below, or for the asked one itself. The spans of one unit do not overlap."""
    found = [*_own(unit), *_below(catalogue, unit)]
    return pa.table(
        {
            "unit": pa.array([each.unit for each in found], pa.string()),
            "since": pa.array([midnight(each.first, zone) for each in found], _INSTANT),
            "until": pa.array([midnight(each.last + timedelta(days=1), zone) for each in found], _INSTANT),
            "place": pa.array([each.ancestor for each in found], pa.string()),
        }
    )


def _own(unit: str) -> Iterator[Membership]:
    yield Membership(unit, unit)


def _below(catalogue: Catalogue, unit: str) -> Iterator[Membership]:
    """What counts for each unit that is, or was, directly below, while it was."""
    every = [membership for each in memberships(catalogue).values() for membership in each]
    for code, declared in catalogue.units.items():
        for first, last in _under(declared, unit):
            for each in every:
                since, until = max(first, each.first), min(last, each.last)
                if each.ancestor == code and since <= until:
                    yield Membership(each.unit, code, since, until)


def _under(declared: Unit, parent: str) -> Iterator[tuple[date, date]]:
    """When a unit was directly below another, first and last day."""
    first = FIRST_DAY
    for former in declared.formerly:
        if former.parent == parent:
            yield first, former.until
        first = former.until + timedelta(days=1)
    if declared.parent == parent:
        yield first, LAST_DAY


def refuse_units_out_of_reach(ground: Ground, where: Iterable[Where], columns: Collection[str]) -> None:
    """Raise ASK015 when a condition on one of the columns names a unit that is not there for the viewer."""
    named = (
        value for each in where if each.column in columns and each.op in ("eq", "ne", "in") for value in each.values
    )
    if not all(isinstance(value, str) and ground.within(value) for value in named):
        raise InputError(Issue("ASK015"))
