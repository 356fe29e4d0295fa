"""Batches: many customers with one problem in one place within a short time (S001-019).

Tickets of a place and a window are put together by what is recorded of them, and by nearly the same words; where enough
customers come together and their number is more than the place's usual one explains, they are a batch. Windows that
follow each other make one batch. What staff recorded as a batch is kept beside it and not used to find any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.handling import TicketRules
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.rows import FEEDS, Kind
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.tickets.problem import SIDES, Side, rules_of
from ganzhi.complaints.tickets.read import Ticket, read
from ganzhi.measure.build.scope import Reader
from ganzhi.numerics.alarm.discovery import adjusted
from ganzhi.numerics.growth import growth
from ganzhi.numerics.text.near import clusters

BACK: Final = 28
"""Days before that a place's usual number is taken from."""
FEWEST: Final = 3
"""With fewer windows before nothing is known of what is usual, and only the same words make a batch."""
Key = tuple[str | None, ...]
"""The recorded sides of a problem, in the order of `SIDES`."""


NOTHING: Final[Counter[Key]] = Counter()


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch. place: the unit of the declared level; first, last: its days, both included. category …: what four fifths
    of its tickets name. tickets: oldest first. customers: different ones. expected: how many tickets were to be expected. chance: that
    of so many or more in its most surprising window. text: whether it was found by its words;
    then it has no chance. recorded: batch numbers that staff gave to its tickets, by how often."""

    id: str
    kind: Kind
    place: str
    first: date
    last: date
    category: str | None
    process: str | None
    product: str | None
    commercial_process: str | None
    tickets: tuple[Ticket, ...]
    customers: int
    expected: float
    chance: float | None
    text: bool
    recorded: Mapping[str, int]


def batches(
    reader: Reader,
    unit: str,
    since: datetime,
    until: datetime,
    kind: Kind = "complaint",
    *,
    every_top: bool = False,
    words: bool = True,
) -> list[Batch]:
    """Batches of a unit with tickets received in [since, until), the latest and largest first. every_top: as `read`.
    words: whether those with nearly the same words are looked for too.

    Raises: InputError REQ012 for a unit out of reach, TXT001 without `ganzhi[text]`; AccessError without list depth.
    """
    reader.viewer.require("list")
    place = reader.workplace
    rules, zone = rules_of(place.catalogue), place.zone
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    before = first - timedelta(days=BACK + rules.batch_days)
    days = sorted(day for day, share in reader.arrived(FEEDS[kind]).items() if share and before <= day <= last)
    tickets = read(reader, unit, (kind,), since=midnight(before, zone), until=until, every_top=every_top)
    found = find(place.catalogue, tickets, rules, zone, days, words_from=first if words else None)
    return [each for each in found if each.last >= first and any(one.received_at >= since for one in each.tickets)]


def find(
    catalogue: Catalogue,
    tickets: Sequence[Ticket],
    rules: TicketRules,
    zone: ZoneInfo,
    days: Sequence[date],
    *,
    words_from: date | None = None,
) -> list[Batch]:
    """Batches among tickets of one kind, the latest and largest first. days: those of which tickets are known. words_from:
    the day from which nearly the same words make a batch too; None for never."""
    if not tickets or not days:
        return []
    spoken = None if words_from is None else max((words_from - days[0]).days, 0) // rules.batch_days
    cells = _cells(catalogue, tickets, rules, zone, days[0])
    windows = sorted({(day - days[0]).days // rules.batch_days for day in days})
    looking = _Looking(rules, cells, windows, spoken)
    parts: list[_Part] = []
    for window in windows:
        parts += looking.judge(window)
    return sorted(
        (_joined(each, zone) for each in _runs(parts)),
        key=lambda each: (each.last, len(each.tickets), each.id),
        reverse=True,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A batch of one place and window. text: found by words."""

    place: str
    window: int
    key: Key
    tickets: tuple[Ticket, ...]
    expected: float
    chance: float | None
    text: bool = False


def _cells(
    catalogue: Catalogue, tickets: Sequence[Ticket], rules: TicketRules, zone: ZoneInfo, origin: date
) -> dict[tuple[str, int], list[Ticket]]:
    """Tickets by place and window, oldest first."""
    places: dict[str, str] = {}
    cells: dict[tuple[str, int], list[Ticket]] = {}
    for each in sorted(tickets, key=lambda one: (one.received_at, one.id)):
        if each.unit not in places:
            places[each.unit] = place_of(catalogue, each.unit, rules.batch_level)
        window = (each.received_at.astimezone(zone).date() - origin).days // rules.batch_days
        cells.setdefault((places[each.unit], window), []).append(each)
    return cells


def place_of(catalogue: Catalogue, unit: str, level: str) -> str:
    """The unit of a level that a unit is or lies below; the unit itself where there is none."""
    code: str | None = unit
    while code is not None and (found := catalogue.units.get(code)) is not None:
        if found.level == level:
            return code
        code = found.parent
    return unit


class _Looking:
    """Looks through windows in order of time, remembering what was a batch: it is no part of what is usual."""

    def __init__(
        self,
        rules: TicketRules,
        cells: Mapping[tuple[str, int], list[Ticket]],
        windows: Sequence[int],
        spoken: int | None,
    ) -> None:
        self._rules, self._cells, self._windows, self._spoken = rules, cells, windows, spoken
        self._places = sorted({place for place, _ in cells})
        self._keys = {each.id: key_of(each) for cell in cells.values() for each in cell}
        self._tally = {cell: Counter(self._keys[each.id] for each in own) for cell, own in cells.items()}
        self._batched: dict[str, set[tuple[int, Key]]] = {}

    def judge(self, window: int) -> list[_Part]:
        """The batches of one window."""
        found = [part for place in self._places for part in self._candidates(place, window)]
        known = [each for each in found if each.chance is not None]
        rates = dict(zip(map(id, known), adjusted([each.chance or 0.0 for each in known]), strict=True))
        kept = [each for each in found if each.chance is None or rates[id(each)] <= float(self._rules.batch_chance)]
        for each in kept:
            self._batched.setdefault(each.place, set()).add((window, each.key))
        return _over_products(kept)

    def _candidates(self, place: str, window: int) -> Iterator[_Part]:
        """Problems with enough customers, the commonest first; each ticket in one of them at most."""
        cell = self._cells.get((place, window), [])
        least = self._rules.batch_customers
        if customers(cell) < least:
            return
        left = {each.id: each for each in cell}
        for key, _ in sorted(
            self._tally[place, window].items(), key=lambda item: (-item[1], tuple(side or "" for side in item[0]))
        ):
            own = [each for each in left.values() if belongs(self._keys[each.id], key)]
            if customers(own) < least:
                continue
            for each in own:
                del left[each.id]
            expected, chance = self._usual(place, window, key, len(own))
            if chance is not None:
                yield _Part(place, window, key, tuple(own), expected, chance)
        if self._spoken is not None and window >= self._spoken:
            yield from self._alike(place, window, list(left.values()))

    def _usual(self, place: str, window: int, key: Key, n: int) -> tuple[float, float | None]:
        """How many tickets of a problem a place usually has, and the chance of n or more."""
        strange = {at for at, other in self._batched.get(place, ()) if belongs(other, key) or belongs(key, other)}
        first = window - BACK // self._rules.batch_days
        past = [at for at in self._windows if first <= at < window and at not in strange]
        tallies = [self._tally.get((place, at), NOTHING) for at in past]
        counts = [sum(n for other, n in tally.items() if belongs(other, key)) for tally in tallies]
        if len(counts) < FEWEST:
            return (float(np.mean(counts)) if counts else 0.0), None
        judged = growth(np.array([float(n)]), np.array([counts], dtype=np.float64))
        return float(judged.expected[0]), float(judged.chance[0])

    def _alike(self, place: str, window: int, left: Sequence[Ticket]) -> Iterator[_Part]:
        """Nearly the same words from enough customers, whatever was recorded of them. They have no usual number."""
        said = [(each, cleaned(each.text)) for each in left if each.text]
        if customers([each for each, _ in said]) < self._rules.batch_customers:
            return
        try:
            groups = clusters([text for _, text in said], float(self._rules.likeness))
        except ImportError as error:
            raise InputError(Issue("TXT001", params={"name": str(error.name)})) from None
        for group in groups:
            own = [said[at][0] for at in sorted(group)]
            if customers(own) >= self._rules.batch_customers:
                key = Counter(self._keys[each.id] for each in own).most_common(1)[0][0]
                yield _Part(place, window, key, tuple(own), 0.0, None, text=True)


def key_of(of: Ticket) -> Key:
    """The recorded sides of a ticket."""
    return tuple(getattr(of, side) for side in SIDES)


_CATEGORY: Final = SIDES.index("category")


@lru_cache(maxsize=1 << 16)
def belongs(own: Key, key: Key) -> bool:
    """Whether a ticket with these sides is about the problem with that key: none that both name differs and two agree, or
    only its category was recorded otherwise while all the rest that the key names agrees."""
    both = [(one, other, at) for at, (one, other) in enumerate(zip(own, key, strict=True)) if one and other]
    differ = [at for one, other, at in both if one != other]
    if not differ:
        return len(both) >= 2
    rest = [other for at, other in enumerate(key) if at != _CATEGORY and other]
    return differ == [_CATEGORY] and len(rest) >= 2 and len(both) - 1 == len(rest)


def customers(tickets: Sequence[Ticket]) -> int:
    """Different customers; each ticket without one counts as one."""
    return len({each.who or each.id for each in tickets})


_PRODUCT: Final = SIDES.index("product")
MOST: Final = 0.8
"""Share of a batch's tickets from which what they name is said of the batch."""


def _over_products(parts: Sequence[_Part]) -> list[_Part]:
    """Parts of a place and window that differ in nothing but the product put together: one problem of several products."""
    found: dict[tuple[object, ...], _Part] = {}
    for number, part in enumerate(parts):
        rest = tuple(side for at, side in enumerate(part.key) if at != _PRODUCT)
        whole = not part.text and all(rest)
        name = (part.place, rest) if whole else (number,)
        other = found.get(name)
        if other is None:
            found[name] = part
            continue
        key = tuple(None if at == _PRODUCT else side for at, side in enumerate(part.key))
        tickets = sorted((*other.tickets, *part.tickets), key=lambda each: (each.received_at, each.id))
        chances = [each.chance for each in (other, part) if each.chance is not None]
        expected = other.expected + part.expected
        found[name] = _Part(part.place, part.window, key, tuple(tickets), expected, min(chances, default=None))
    return list(found.values())


def _runs(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Parts of one place and problem in windows that follow each other."""
    open_runs: list[list[_Part]] = []
    for part in sorted(parts, key=lambda each: (each.place, each.window)):
        for run in open_runs:
            last = run[-1]
            if (
                last.place == part.place
                and part.window == last.window + 1
                and last.text == part.text
                and belongs(part.key, last.key)
            ):
                run.append(part)
                break
        else:
            open_runs.append([part])
    yield from open_runs


def _joined(run: Sequence[_Part], zone: ZoneInfo) -> Batch:
    tickets = tuple(each for part in run for each in part.tickets)
    most: dict[Side, str | None] = {}
    for side in SIDES:
        named = Counter(value for each in tickets if (value := getattr(each, side)) is not None)
        value, n = named.most_common(1)[0] if named else (None, 0)
        most[side] = value if n >= MOST * named.total() else None
    first = tickets[0].received_at.astimezone(zone).date()
    last = max(each.received_at.astimezone(zone).date() for each in tickets)
    chances = [part.chance for part in run if part.chance is not None]
    name = "-".join((run[0].place, first.isoformat(), most["category"] or "text", tickets[0].id[-6:]))
    return Batch(
        id=name, kind=tickets[0].kind, place=run[0].place, first=first, last=last, category=most["category"],
        process=most["process"], product=most["product"], commercial_process=most["commercial_process"], tickets=tickets,
        customers=customers(tickets), expected=sum(part.expected for part in run), chance=min(chances, default=None),
        text=run[0].text, recorded=Counter(each.batch_id for each in tickets if each.batch_id),
    )  # fmt: skip
