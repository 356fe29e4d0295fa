"""What the hotline is asked about most, and what it is asked about more than before (S004-013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.hotspots import BACK, DISCOVERY, LEAST, TIMES
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.numerics.growth import growth

CODE: Final = "contact.enquiries"
TOPIC: Final = "wrap_code"
KNOWN: Final = 2
"""Earlier periods that have to be known before anything can be said to rise."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of enquiry. expected, chance: of the growth test, the chance adjusted for all topics; None where too little
    came before. counts: of all periods, oldest first; None where a viewer may not see one."""

    code: str
    name: Text
    count: int
    share: float
    expected: float | None
    chance: float | None
    rising: bool
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of a unit and a period, the largest first. total: enquiries; periods: that are compared, the present last."""

    unit: str
    period: Period
    total: int
    periods: tuple[Period, ...]
    topics: tuple[Topic, ...]

    @property
    def rising(self) -> tuple[Topic, ...]:
        """Those that have grown beyond chance, the least likely first."""
        found = [each for each in self.topics if each.rising]
        return tuple(sorted(found, key=lambda each: (each.chance or 0.0, -each.count, each.code)))


def enquiry_topics(reader: Reader, unit: str, period: Period) -> Topics:
    """Topics by volume, and which of them rise, against earlier days, weeks or months.

    Raises: InputError REQ012 for a unit out of reach, HOT001 for another grain.
    """
    reader.ground.unit(unit)
    if period.grain not in BACK:
        raise InputError(Issue("HOT001", period.key, params={"known": ", ".join(g.value for g in BACK)}))
    back = periods_back(period, BACK[period.grain] + 1)
    whole = {each: number for (_, each), number in _observed(reader, unit, back, ()).items()}
    lines: dict[str, dict[Period, int]] = {}
    for (code, each), number in _observed(reader, unit, back, (TOPIC,)).items():
        if code:
            lines.setdefault(code, {})[each] = number
    known = tuple(each for each in back if each in whole)
    if not known or known[-1] != period:
        return Topics(unit, period, 0, known, ())
    table = {code: tuple(of.get(each, 0) for each in known) for code, of in lines.items()}
    shown = {code: line for code, line in table.items() if line[-1] and _may(reader, line[-1])}
    topics = _judged(reader, shown, whole[period], len(known) - 1)
    return Topics(unit, period, whole[period], known, tuple(topics))


def _may(reader: Reader, count: int) -> bool:
    return reader.viewer.may("list") or count >= SMALLEST_CELL


def _judged(reader: Reader, lines: dict[str, tuple[int, ...]], total: int, earlier: int) -> list[Topic]:
    named = reader.workplace.catalogue.dimensions[TOPIC].values
    counts = np.array(list(lines.values()), dtype=np.float64).reshape(len(lines), earlier + 1)
    test = growth(counts[:, -1], counts[:, :-1]) if earlier >= KNOWN else None
    found = []
    for at, (code, line) in enumerate(lines.items()):
        expected = None if test is None else float(test.expected[at])
        chance = None if test is None else float(test.adjusted[at])
        rising = expected is not None and chance is not None and chance <= DISCOVERY
        rising = rising and line[-1] >= max(LEAST, TIMES * (expected or 0.0))
        name = named.get(code) or Text(zh=code, en=code)
        shown = tuple(each if not each or _may(reader, each) else None for each in line)
        found.append(Topic(code, name, line[-1], line[-1] / total, expected, chance, rising, shown))
    return sorted(found, key=lambda each: (-each.count, each.code))


def _observed(
    reader: Reader, unit: str, periods: list[Period] | tuple[Period, ...], by: tuple[str, ...]
) -> dict[tuple[str, Period], int]:
    request = ObserveRequest(
        codes=(CODE,),
        unit=unit,
        grain=periods[0].grain,
        first=periods[0].first_day,
        last=periods[-1].last_day,
        by=by,
        stale="show",
    )
    return {
        (each.slice.get(TOPIC, ""), each.period): int(each.value)
        for each in observe(reader.workplace, reader.states, request)
        if each.value is not None
    }
