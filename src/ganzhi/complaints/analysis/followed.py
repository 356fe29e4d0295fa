"""What is done about warnings of complaints, as their rows in the store say, and whether it helped (S003-015, S003-024)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, Period, parse_period, period_of_day
from ganzhi.complaints.analysis.counts import by_period
from ganzhi.complaints.analysis.effects import Difference, difference
from ganzhi.complaints.recognise.text import masked
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import children_of
from ganzhi.store.findings.records import STATES, Entry, Finding, KeptFeedback

MOST: Final = 5_000
FEEDS: Final = ("complaints", "trouble_reports", "complaint_steps")
BEFORE_DAYS: Final = 14
AFTER_DAYS: Final = 28
TOLD: Final = ("published", "acknowledged", "analysing", "measured", "checking")
"""States in which a warning was made known and is worked on."""
SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class Followed:
    """A warning with how it stood at the end of a day. state: then. new: it began on that day. feedback: the last form
    by then, numbers in it covered. value, expected: of its latest evaluation by then."""

    finding: Finding
    state: str
    new: bool
    last_act: str
    feedback: KeptFeedback | None
    phenomenon: str
    analysis: str
    measures: str
    value: float | None
    expected: float | None

    @property
    def product(self) -> str:
        """The product it is about, where it is about one."""
        found: str = cut_of(self.finding).get("product", "")
        return found


def cut_of(finding: Finding) -> dict[str, str]:
    """The slice of a finding."""
    found: dict[str, str] = json.loads(finding.slice)
    return found


def followed(
    reader: Reader, unit: str, day: date, *, level: str | None = "product", all_feeds: bool = False
) -> tuple[Followed, ...]:
    """Warnings about complaints of a unit and all below it that were made known by the end of a day and not closed
    before it, as they stood then: those of the day first, then the gravest.

    level: of rules; None for all. all_feeds: those of other feeds, too.
    """
    place = reader.workplace
    below, until = _below(reader, unit), period_of_day(Grain.DAY, day, place.zone).end
    wanted = [
        each
        for each in place.store.findings.list(states=STATES, limit=MOST)
        if _concerns(reader, each, below, day, level, all_feeds)
    ]
    histories = place.store.findings.histories([each.id for each in wanted])
    found = [each for one in wanted for each in _stood(reader, one, histories[one.id], day, until)]
    return tuple(
        sorted(
            found, key=lambda each: (not each.new, -each.finding.highest, each.finding.first_period, each.finding.id)
        )
    )


def _below(reader: Reader, unit: str) -> frozenset[str]:
    found, waiting = {unit}, [unit]
    while waiting:
        for each in children_of(reader.workplace.catalogue, waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(found)


def _concerns(
    reader: Reader, finding: Finding, below: frozenset[str], day: date, level: str | None, all_feeds: bool
) -> bool:
    catalogue = reader.workplace.catalogue
    rule, indicator = catalogue.warning_rules.get(finding.rule), catalogue.indicators.get(finding.indicator)
    if rule is None or indicator is None or finding.unit not in below or (level is not None and rule.level != level):
        return False
    return (all_feeds or indicator.feed in FEEDS) and _day(reader, finding.first_period) <= day


def _day(reader: Reader, period: str) -> date:
    return parse_period(period, reader.workplace.zone).first_day


def _stood(
    reader: Reader, finding: Finding, history: tuple[Entry, ...], day: date, until: datetime
) -> Iterator[Followed]:
    """The finding as it stood. Values arrive after a day is over, so what was raised later about a day belongs to it;
    what people did is taken as of the end of the day after it."""
    seen = until + timedelta(days=1)
    past = [each for each in history if each.at < seen] or list(history[:1])
    state = past[-1].after
    new = _day(reader, finding.first_period) == day
    told = [each for each in past if each.after in TOLD]
    closed = state == "closed"
    if not (told or (new and state == "raised")) or (closed and past[-1].at < until - timedelta(days=1)):
        return
    store = reader.workplace.store.findings
    forms = [each for each in store.feedback(finding.id) if each.at < seen]
    form = forms[-1] if forms else None
    evidence = [each for each in store.evidence(finding.id, limit=60) if _day(reader, each.period) <= day]
    content: Any = evidence[0].content if evidence else {}
    yield Followed(
        finding, state, new, past[-1].act, form,
        _covered(form.phenomenon if form else ""), _covered(form.analysis if form else ""), _covered(form.measures if form else ""),
        content.get("value"), content.get("expected"),
    )  # fmt: skip


def _covered(text: str) -> str:
    shown = masked(text)
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"


@dataclass(frozen=True, slots=True)
class Helped:
    """A measure of a warning's feedback form and what complaints did since. measured: the day it was handed in."""

    followed: Followed
    measured: date
    difference: Difference


def helped(reader: Reader, unit: str, period: Period) -> tuple[Helped, ...]:
    """Measures that were handed in up to the end of a period and not long before it, the latest first."""
    last = period.last_day
    found = []
    for each in followed(reader, unit, last, level=None):
        if each.feedback is None:
            continue
        measured = each.feedback.at.astimezone(reader.workplace.zone).date()
        if measured <= last and (last - measured).days <= AFTER_DAYS + period_days(period):
            found.append(Helped(each, measured, _difference(reader, each, measured, last)))
    return tuple(sorted(found, key=lambda each: (each.measured, each.followed.finding.id), reverse=True))


def period_days(period: Period) -> int:
    """Local days of a period."""
    return (period.last_day - period.first_day).days + 1


def _difference(reader: Reader, each: Followed, measured: date, last: date) -> Difference:
    """Days before the measure against those since; days on which nothing arrived are in neither."""
    finding, zone = each.finding, reader.workplace.zone
    cut = cut_of(finding)
    begin, end = measured - timedelta(days=BEFORE_DAYS), min(last, measured + timedelta(days=AFTER_DAYS))
    first_day, last_day = (period_of_day(Grain.DAY, day, zone) for day in (begin, end))
    names = tuple(sorted(cut))
    indicator = reader.workplace.catalogue.indicators[finding.indicator]
    arrived = reader.arrived(indicator.feed or "")
    try:
        counts = by_period(reader, finding.indicator, finding.unit, first_day, last_day, names)
    except InputError:
        counts = {}
    wanted = tuple(cut[name] for name in names)
    by_day = {when.first_day: number for (keys, when), number in counts.items() if keys == wanted}
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    known = [day for day in days if arrived.get(day)]
    return difference(
        [by_day.get(day, 0) for day in known if day < measured], [by_day.get(day, 0) for day in known if day > measured]
    )
