"""View models of the calendar, of what broke near an occasion, and of what moved before an indicator."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ganzhi.access.rights import Ground
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Occasion, OccasionKind
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.parts import Subject
from ganzhi.warn.breaks import KINDS, Breaks, Broken, find_breaks, watched_codes
from ganzhi.warn.leading import LeadingReport, find_leading

MOST_SPANS = 60


@dataclass(frozen=True, slots=True)
class Marked:
    """A span of an occasion. last is `first` for one day. monthly: it comes every month. units, products: whom it
    concerns, empty for all."""

    code: str
    kind: OccasionKind
    name: Text
    first: date
    last: date
    monthly: bool
    units: tuple[Text, ...]
    products: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The occasions of a month, in order of their days. earlier, later: months beside it. filled: months that have
    dated occasions, oldest first."""

    month: date
    spans: tuple[Marked, ...]
    earlier: date
    later: date
    filled: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A break with its indicator."""

    subject: Subject
    broken: Broken


@dataclass(frozen=True, slots=True)
class OccasionPage:
    """An occasion. spans: the latest first. looked: what was looked through for breaks near it; None for kinds whose
    days move volumes anyway, and where nothing arrived. moved: breaks that stand near one of its spans."""

    code: str
    kind: OccasionKind
    name: Text
    source: Text | None
    spans: tuple[Marked, ...]
    monthly: int | None
    unit_name: Text
    looked: Breaks | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class MovesPage:
    """Breaks of one indicator, and what moved before it. subjects: of the candidates, by code. None where nothing arrived."""

    subject: Subject
    unit: str
    unit_name: Text
    breaks: Breaks | None
    leading: LeadingReport | None
    subjects: dict[str, Subject]


def calendar_page(catalogue: Catalogue, ground: Ground, month: date) -> CalendarPage:
    """The occasions of the month that holds a day, those of units out of reach left out."""
    first = month.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    spans = [
        span
        for code, each in catalogue.occasions.items()
        if _seen(ground, each)
        for span in _spans(catalogue, ground, code, each, first, last)
    ]
    dated = {
        span.first.replace(day=1) for each in catalogue.occasions.values() if _seen(ground, each) for span in each.days
    }
    spans.sort(key=lambda span: (span.first, span.last, span.code))
    earlier, later = (first - timedelta(days=1)).replace(day=1), (last + timedelta(days=1))
    return CalendarPage(first, tuple(spans), earlier, later, tuple(sorted(dated)))


def _seen(ground: Ground, occasion: Occasion) -> bool:
    return not occasion.units or any(ground.within(unit) for unit in occasion.units)


def _spans(
    catalogue: Catalogue, ground: Ground, code: str, each: Occasion, first: date, last: date
) -> Iterator[Marked]:
    units = tuple(catalogue.units[unit].name for unit in each.units if ground.within(unit))
    products = tuple(catalogue.products[p].name if p in catalogue.products else Text(zh=p, en=p) for p in each.products)
    if each.monthly is not None:
        month = first.replace(day=1)
        while month <= last:
            day = month.replace(day=min(each.monthly, monthrange(month.year, month.month)[1]))
            if first <= day <= last:
                yield Marked(code, each.kind, each.name, day, day, True, units, products)
            month = (month + timedelta(days=32)).replace(day=1)
    for span in each.days:
        end = span.last or span.first
        if span.first <= last and end >= first:
            yield Marked(code, each.kind, each.name, span.first, end, False, units, products)


def occasion_page(reader: Reader, code: str) -> OccasionPage:
    """An occasion with the breaks that stand near it; InputError WRN042 for one there is not, or out of reach."""
    catalogue, ground = reader.workplace.catalogue, reader.ground
    each = catalogue.occasions.get(code)
    if each is None or not _seen(ground, each):
        raise InputError(unknown("WRN042", code, {k: o for k, o in catalogue.occasions.items() if _seen(ground, o)}))
    spans = () if each.monthly is not None else tuple(_spans(catalogue, ground, code, each, date.min, date.max))
    looked = _looked(reader) if each.kind in KINDS else None
    near = [] if looked is None else [b for b in looked.found if any(n.code == code for n in b.near)]
    return OccasionPage(
        code=code,
        kind=each.kind,
        name=each.name,
        source=each.source,
        spans=tuple(sorted(spans, key=lambda span: span.first, reverse=True))[:MOST_SPANS],
        monthly=each.monthly,
        unit_name=catalogue.units[ground.top].name,
        looked=looked,
        moved=tuple(Moved(subject_of(catalogue, each.code, Grain.DAY), each) for each in near),
    )


def _looked(reader: Reader) -> Breaks | None:
    """The breaks of what is watched, of the viewer's own unit; made once for a state of the numbers."""
    codes = watched_codes(reader.workplace.catalogue)
    last = last_day(reader, codes)
    if last is None:
        return None
    unit = reader.ground.top
    return reader.states.once(f"breaks {unit}", lambda: find_breaks(reader.workplace, reader.states, codes, unit, last))


def last_day(reader: Reader, codes: Sequence[str]) -> date | None:
    """The last day on which anything arrived of what indicators are computed from."""
    catalogue = reader.workplace.catalogue
    feeds = {feed for code in codes if (feed := catalogue.indicator(code).feed) is not None}
    return max((day for feed in feeds for day, share in reader.arrived(feed).items() if share), default=None)


def moves_page(reader: Reader, code: str, unit: str | None) -> MovesPage:
    """Breaks and leading indicators of an indicator; InputError REQ010, REQ012, WRN041."""
    catalogue = reader.workplace.catalogue
    if code not in catalogue.indicators:
        raise InputError(unknown("REQ010", code, catalogue.indicators))
    place = unit or reader.ground.top
    name = reader.ground.unit(place).name
    last = last_day(reader, (code,))
    broke = leading = None
    if last is not None:
        broke = find_breaks(reader.workplace, reader.states, (code,), place, last)
        leading = find_leading(reader.workplace, reader.states, code, place, last)
    rows = () if leading is None else leading.rows
    subjects = {each.code: subject_of(catalogue, each.code, Grain.DAY) for each in rows}
    return MovesPage(subject_of(catalogue, code, Grain.DAY), place, name, broke, leading, subjects)
