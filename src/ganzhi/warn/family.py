"""Warnings that belong together: how many of a day's surprises may be chance, and which are part of a larger one.

Per rule and period the chances of all series are adjusted together (Benjamini and Hochberg). A unit's warning is part
of that of a unit above it with the same slice, unless it is graver: then it stands by itself. Nothing disappears: what
is part of another keeps its grade and says whose part it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ganzhi.catalogue.model.data import Unit
from ganzhi.numerics.alarm.discovery import adjusted
from ganzhi.warn.signal import Reason, Signal, rank_of


def adjust(chances: Sequence[float | None]) -> list[float | None]:
    """Each known chance as the smallest false discovery rate at which it stays, unknown ones as they are."""
    known = [place for place, chance in enumerate(chances) if chance is not None]
    found: list[float | None] = [None] * len(chances)
    for place, each in zip(known, adjusted([chances[place] or 0.0 for place in known]), strict=True):
        found[place] = each
    return found


def in_families(signals: Sequence[Signal], units: Mapping[str, Unit]) -> list[Signal]:
    """The signals of one rule and period, those that are part of a warning above them withheld with that reason."""
    warned = {(s.unit, *s.series[2]): s for s in signals if s.verdict == "warned"}
    found = []
    for each in signals:
        parent = next((warned[k] for u in above(each.unit, units) if (k := (u, *each.series[2])) in warned), None)
        if each.verdict == "warned" and parent is not None and rank_of(each.grade) <= rank_of(parent.grade):
            reason = Reason("in_parent", {"unit": parent.unit, "grade": str(parent.grade)})
            found.append(replace(each, verdict="withheld", reasons=(*each.reasons, reason)))
        else:
            found.append(each)
    return found


def above(unit: str, units: Mapping[str, Unit]) -> Iterator[str]:
    """The units above one, from its root down: the largest family first."""
    path = []
    parent = units[unit].parent if unit in units else None
    while parent is not None and parent not in path:
        path.append(parent)
        parent = units[parent].parent if parent in units else None
    yield from reversed(path)
