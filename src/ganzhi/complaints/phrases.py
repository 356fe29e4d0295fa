"""What is suddenly being said: phrases in complaints of a period against those before (methods 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ganzhi.base.periods import Period
from ganzhi.compile.complaints import texts_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.complaints.recognise.heads import FEED, TEXT
from ganzhi.complaints.recognise.text import cleaned, masked
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import members_by_time
from ganzhi.numerics.text.emerging import emerging
from ganzhi.warehouse.engine import Relation, Session

BEFORE: Final = 4
"""Periods before that are compared with."""
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase: complaints that hold it, what was to be expected, how surprising (standard errors), and their ids."""

    text: str
    count: int
    before: int
    expected: float
    z: float
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Emerging phrases of a place and period. now, before: complaints with a text that were compared."""

    unit: str
    period: Period
    now: int
    before: int
    phrases: tuple[Phrase, ...]


def emerging_phrases(reader: Reader, unit: str, period: Period, session: Session | None = None) -> Phrases:
    """The most surprising first. Of texts numbers and addresses are covered before they are compared.
    session: over complaints of the unit's members of at least the period and `BEFORE` before it; opened without.

    Raises: InputError REQ012 for a unit out of reach; AccessError without list depth: phrases are words of customers.
    """
    reader.viewer.require("list")
    reader.ground.unit(unit)
    place = reader.workplace
    back = periods_back(period, BEFORE + 1)
    asked = texts_sql(FEED, TEXT, back[0].start, period.end)
    if session is not None:
        rows = session.query(asked).to_pylist()
    else:
        days = [day.isoformat() for each in back for day in each.days]
        relation = Relation(reader.states.snapshot.table(f"rows/{FEED}", days), rows_schema(place.catalogue.feed(FEED)))
        with place.engine.session({relation_of(f"rows/{FEED}"): relation}) as own:
            own.register("members", members_by_time(place.catalogue, unit, place.zone))
            rows = own.query(asked).to_pylist()
    now = [row for row in rows if row["received_at"] >= period.start]
    earlier = [row for row in rows if row["received_at"] < period.start]
    texts = [[masked(cleaned(row["said"])) for row in each] for each in (now, earlier)]
    found = tuple(
        Phrase(each.phrase, each.count, each.before, each.expected, each.z, tuple(now[at]["complaint_id"] for at in each.texts))
        for each in emerging(*texts, most=MOST)
    )  # fmt: skip
    return Phrases(unit, period, len(now), len(earlier), found)
