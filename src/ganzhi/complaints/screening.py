"""Screening: which complaints come first, by the declared rules of five layers, and why (S000-091 to S000-096).

Every rule that holds is told, not only the one that won, so that a handler sees why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import inf

from ganzhi.catalogue.model.handling import LAYERS, Screening, TimeLimit
from ganzhi.catalogue.model.warning import Occasion, OccasionKind
from ganzhi.complaints.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a complaint. values: by name; what is unknown is absent. counts: of elements with the same
    problem, of problems of one element and the like."""

    received: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that holds, with what in the complaint makes it hold, as (fact, value)."""

    code: str
    rule: Screening
    because: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Screened:
    """The outcome. held: every rule that holds, the winning one first. must: whether any of them says it must be handled."""

    held: tuple[Held, ...]
    due: datetime
    must: bool

    @property
    def rank(self) -> int:
        """1 urgent to 5 ordinary."""
        return self.held[0].rule.rank

    @property
    def limit(self) -> TimeLimit:
        """The limit of the rule that won."""
        return self.held[0].rule.limit


def screen(
    rules: Mapping[str, Screening], facts: Facts, calendar: Calendar, occasions: Iterable[Occasion]
) -> Screened | None:
    """The rules that hold, the most urgent first: lower rank, then the earlier deadline, then the order of layers.

    None when no rule holds, which a table with a rule without conditions never gives.
    """
    day = facts.received.astimezone(calendar.zone).date()
    kinds = kinds_of(day, occasions)
    held = []
    for code, rule in rules.items():
        if (rule.valid_from and day < rule.valid_from) or (rule.valid_to and day > rule.valid_to):
            continue
        because = _holds(rule, facts, kinds)
        if because is not None:
            held.append(Held(code, rule, because))
    if not held:
        return None
    dues = {each.code: calendar.due(facts.received, each.rule.limit) for each in held}
    held.sort(key=lambda each: (each.rule.rank, dues[each.code], LAYERS.index(each.rule.layer), each.code))
    return Screened(tuple(held), dues[held[0].code], any(each.rule.must for each in held))


def kinds_of(day: date, occasions: Iterable[Occasion]) -> Mapping[OccasionKind, str]:
    """The kinds of dated occasions that a day lies in, each with the name of one in Chinese."""
    found: dict[OccasionKind, str] = {}
    for each in occasions:
        for span in each.days:
            if span.first <= day <= (span.last or span.first):
                found.setdefault(each.kind, each.name.zh)
    return found


def _holds(rule: Screening, facts: Facts, kinds: Mapping[OccasionKind, str]) -> tuple[tuple[str, str], ...] | None:
    because = []
    for name, allowed in rule.values.items():
        if (value := facts.values.get(name)) not in allowed or value is None:
            return None
        because.append((name, value))
    for name, least in rule.at_least.items():
        if (count := facts.counts.get(name)) is None or count < least:
            return None
        because.append((name, str(count)))
    if rule.occasions:
        met = [kind for kind in rule.occasions if kind in kinds]
        if not met:
            return None
        because.append(("occasion", kinds[met[0]]))
    return tuple(because)


def urgent_first(tickets: Iterable[tuple[str, datetime | None, int]]) -> list[str]:
    """Ids of open tickets (id, due, rank) in the order to take them: least time left first, then rank; what waits last."""
    return [
        name
        for name, due, rank in sorted(
            tickets, key=lambda each: (inf if each[1] is None else each[1].timestamp(), each[2], each[0])
        )
    ]
