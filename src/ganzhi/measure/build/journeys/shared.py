"""What several builders of the journeys need: named codes, filters, touchpoints with their pairs, shortfalls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.derive.candidates import Candidate, candidates
from ganzhi.catalogue.derive.coverage import Pair, pairs_of
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.views.journeys.parts import Answer, Coverage, Filter, FilterChoice, Named, PairRow, TouchpointRow
from ganzhi.measure.views.journeys.process import ShortfallRow


class HasName(Protocol):
    """An entry of the catalogue that has a name."""

    @property
    def name(self) -> Text:
        """The name."""
        ...


class HasOrder(Protocol):
    """An entry of the catalogue that has a place among its like."""

    @property
    def order(self) -> int:
        """The place, from 1."""
        ...


Item = TypeVar("Item")
Ordered = TypeVar("Ordered", bound=HasOrder)
Ways = Sequence[tuple[str, Callable[[Item], Iterable[str]]]]
"""Filters of a list: the field, and the values an item has for it."""


def by_order(entries: Mapping[str, Ordered]) -> list[tuple[str, Ordered]]:
    """Entries in the order they declare."""
    return sorted(entries.items(), key=lambda item: item[1].order)


def named(entries: Mapping[str, HasName], code: str) -> Named:
    """A code with the name its entry has."""
    return Named(code, entries[code].name)


def all_named(entries: Mapping[str, HasName], codes: Iterable[str]) -> tuple[Named, ...]:
    """Codes with their names."""
    return tuple(named(entries, code) for code in codes)


def process_of(catalogue: Catalogue, code: str) -> Named:
    """A process that was asked for; InputError REQ017 with the nearest codes."""
    if code not in catalogue.processes:
        raise InputError(unknown("REQ017", code, catalogue.processes))
    return named(catalogue.processes, code)


# -- filters -------------------------------------------------------------------------------------


def passes(item: Item, ways: Ways[Item], chosen: Mapping[str, str], *, but: str = "") -> bool:
    """Whether an item passes every filter, `but` one."""
    return all(not chosen[field] or field == but or chosen[field] in of(item) for field, of in ways)


def filters_of(
    items: Sequence[Item], ways: Ways[Item], chosen: Mapping[str, str], names: Mapping[str, Mapping[str, Text | None]]
) -> tuple[Filter, ...]:
    """The filters with their choices in the order of `names`; each counts what would be left if only it were changed.

    Raises: InputError REQ004 for a choice that nothing has a name for.
    """
    found = []
    for field, of in ways:
        known = names[field]
        if chosen[field] and chosen[field] not in known:
            listed = ", ".join(list(known)[:20]) or "–"
            raise InputError(Issue("REQ004", field, params={"value": chosen[field][:40], "known": listed}))
        left = [item for item in items if passes(item, ways, chosen, but=field)]
        counts = Counter(value for item in left for value in set(of(item)))
        choices = tuple(
            FilterChoice(value, name, counts[value])
            for value, name in known.items()
            if counts[value] or value == chosen[field]
        )
        found.append(Filter(field, choices, chosen[field]))
    return tuple(found)


# -- touchpoints ---------------------------------------------------------------------------------


def touchpoint_rows(catalogue: Catalogue, process: str | None = None) -> tuple[TouchpointRow, ...]:
    """All touchpoints, or those of one process, with their pairs, by process, contact step and catalogue order."""
    open_pairs = {(each.touchpoint, each.attribute): each for each in candidates(catalogue, process)}
    pairs: dict[str, list[PairRow]] = {}
    for pair in pairs_of(catalogue, process):
        candidate = open_pairs.get((pair.touchpoint, pair.attribute))
        pairs.setdefault(pair.touchpoint, []).append(_pair(catalogue, pair, candidate))
    codes = [code for code, each in catalogue.touchpoints.items() if process in (None, each.process)]
    codes.sort(key=lambda code: _place(catalogue, code))
    return tuple(_touchpoint(catalogue, code, tuple(pairs.get(code, ()))) for code in codes)


def _place(catalogue: Catalogue, code: str) -> tuple[int, str, int]:
    touchpoint = catalogue.touchpoints[code]
    process = catalogue.processes[touchpoint.process]
    return process.order, touchpoint.process, catalogue.contact_steps[touchpoint.step].order


def _pair(catalogue: Catalogue, pair: Pair, candidate: Candidate | None) -> PairRow:
    touchpoint = catalogue.touchpoints[pair.touchpoint]
    answers = tuple(
        Answer(code, each.name, each.layer, each.state)
        for code in pair.indicators
        for each in (catalogue.indicators[code],)
    )
    return PairRow(
        touchpoint=Named(pair.touchpoint, touchpoint.name),
        process=named(catalogue.processes, touchpoint.process),
        attribute=named(catalogue.attributes, pair.attribute),
        sentence=touchpoint.attributes[pair.attribute],
        answers=answers,
        state=pair.state,
        candidate=candidate,
    )


def _touchpoint(catalogue: Catalogue, code: str, pairs: tuple[PairRow, ...]) -> TouchpointRow:
    touchpoint = catalogue.touchpoints[code]
    steps = catalogue.processes[touchpoint.process].steps
    return TouchpointRow(
        touchpoint=Named(code, touchpoint.name),
        process=named(catalogue.processes, touchpoint.process),
        step=named(catalogue.contact_steps, touchpoint.step),
        content=named(catalogue.contact_contents, touchpoint.content),
        channels=all_named(catalogue.channels, touchpoint.channels),
        evidence=touchpoint.evidence,
        supported_by=all_named(steps, (name for name in touchpoint.supported_by if name in steps)),
        description=touchpoint.description,
        pairs=pairs,
        coverage=covered(pairs),
    )


def covered(pairs: Sequence[PairRow]) -> Coverage:
    """How many of the pairs any indicator answers."""
    return Coverage.of(sum(bool(pair.answers) for pair in pairs), len(pairs))


def shortfall_rows(catalogue: Catalogue, process: str | None = None) -> tuple[ShortfallRow, ...]:
    """The shortfall register, open ones first, or the part of one process (S000-026)."""
    rows = [
        ShortfallRow(
            code=code,
            name=each.name,
            process=named(catalogue.processes, each.process),
            attribute=named(catalogue.attributes, each.attribute) if each.attribute else None,
            indicators=all_named(catalogue.indicators, each.indicators),
            evidence=each.evidence,
            owner=each.owner,
            since=each.since,
            state=each.state,
        )
        for code, each in catalogue.shortfalls.items()
        if process in (None, each.process)
    ]
    return tuple(sorted(rows, key=lambda row: row.state != "open"))
