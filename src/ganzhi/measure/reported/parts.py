"""Parts of what was reported: slices and values to date of closed periods, asked as if nothing had come since.

The catalogue of the time of closing, the states that the closing kept and what was known then make up a reading; the
question is the one that present numbers are asked (`measure.observe`), so the arithmetic is the same. Refuses what the
kept states cannot say exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.content import from_json
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.states import relation_of, state_schema
from ganzhi.measure.calendar import covered_by
from ganzhi.measure.known import Known
from ganzhi.measure.observation import Exact, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import One, Sessions, States
from ganzhi.measure.publish.read import PublishedValue, query_files
from ganzhi.measure.rates import question_of_base
from ganzhi.measure.reported.definitions import value_mark
from ganzhi.measure.reported.keep import DAYS_SCHEMA, days_name, kept_from
from ganzhi.measure.reported.reported import Reported, closings_of
from ganzhi.store.closings import Closing
from ganzhi.store.manifest import FileRef, Snapshot
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

NOTHING = Known({}, frozenset(), frozenset(), ())


def reported_parts(
    workplace: Workplace, reading: States, request: ObserveRequest, edition: int | None = None
) -> list[Reported]:
    """What was reported of slices and of values to date, of the closed ones among the periods asked for, in the order
    of periods, codes, units and slices.

    Indicators and units that were not known at the time are left out. edition: which one; the last by default.
    Raises: InputError MEA024 for what no closing keeps, MEA026 for a rate whose base is known by longer periods, MEA027
    for a closing that kept no parts; what `observe` raises.
    """
    _check(workplace, request)
    periods = list(periods_between(request.grain, request.first, request.last, workplace.zone))
    closings, found = closings_of(workplace, reading, periods, edition), []
    for period in periods:
        if (closing := closings.get(period.start)) is not None:
            found += _of_period(workplace, reading.snapshot, request, period, closing)
    return found


def _check(workplace: Workplace, request: ObserveRequest) -> None:
    named = tuple(dict.fromkeys((*request.by, *request.where)))
    long = request.grain.rank >= Grain.MONTH.rank
    issues = [Issue("MEA024", d) for d in named if d == "hour_of_day" or (d == "weekday" and long)]
    if request.grain.rank < Grain.DAY.rank:
        issues.append(Issue("MEA024", request.grain.value))
    else:
        period = next(periods_between(request.grain, request.first, request.first, workplace.zone))
        if covered_by(period, request.basis).first_day < kept_from(period):
            issues.append(Issue("MEA024", request.basis))
    if issues:
        raise InputError(issues)


def _of_period(
    workplace: Workplace, snapshot: Snapshot, request: ObserveRequest, period: Period, closing: Closing
) -> list[Reported]:
    then = replace(workplace, catalogue=catalogue_of(workplace, closing.catalogue_version))
    indicators = then.catalogue.indicators
    codes = tuple(code for code in request.codes if code in indicators and indicators[code].feed is not None)
    units = {request.unit, *request.units}
    if not codes or not units <= then.catalogue.units.keys():
        return []
    asked = replace(request, codes=codes, first=period.first_day, last=period.first_day, stale="show")
    _check_bases(then.catalogue, asked)
    with _open(then, snapshot, period, closing) as kept:
        return [_reported(then, closing, each) for each in observe(then, kept, asked)]


def _check_bases(catalogue: Catalogue, request: ObserveRequest) -> None:
    issues = []
    for code in request.codes:
        rate = catalogue.indicator(code).rate
        while rate is not None:
            base = question_of_base(catalogue, rate, request)
            if base.grain is not request.grain:
                issues.append(Issue("MEA026", code, params={"base": rate.per, "grain": base.grain.value}))
            rate = catalogue.indicator(rate.per).rate
    if issues:
        raise InputError(issues)


def _reported(then: Workplace, closing: Closing, each: Observation) -> Reported:
    value = PublishedValue(
        numerator=_decimal(each.numerator),
        denominator=_decimal(each.denominator),
        n=each.n,
        value=None if each.value is None else float(each.value),
        completeness=each.completeness,
        estimated=each.estimated,
    )
    mark = value_mark(then.catalogue, each.code)
    return Reported(
        each.code, each.unit, each.period, closing, value, each.unit_of_value, mark, dict(each.slice), each.covered
    )


def _decimal(number: Exact | None) -> Decimal | None:
    return None if number is None else round(Decimal(number), 9)


def catalogue_of(workplace: Workplace, version: str) -> Catalogue:
    """A catalogue that was in force when a period was closed, read once per catalogue in use."""
    if version == workplace.catalogue.version:
        return workplace.catalogue
    key = ("reported.catalogue", version)
    if key not in workplace.catalogue.computed:
        content = workplace.store.catalogues.get(version)
        if content is None:
            raise InternalError(f"catalogue {version} was never remembered")
        workplace.catalogue.computed[key] = from_json(content)
    found: Catalogue = workplace.catalogue.computed[key]
    return found


class _Kept(States):
    """The states that a closing kept."""

    def __init__(self, snapshot: Snapshot, sessions: Sessions, known: Mapping[str, Known]) -> None:
        super().__init__(snapshot, frozenset(known), sessions)
        self._of_feed = known

    def known(self, workplace: Workplace, plan: FeedPlan) -> Known:
        """What was known of a feed when the period was closed."""
        return self._of_feed.get(plan.feed, NOTHING)


def _open(then: Workplace, snapshot: Snapshot, period: Period, closing: Closing) -> States:
    """A reading of what a closing kept."""
    table, day = days_name(period.grain), period.first_day.isoformat()
    said = [file for file in snapshot.table(table, [day]) if file.added == closing.commit]
    unusable = InputError(Issue("MEA027", period.key, params={"edition": str(closing.edition)}))
    if not said:
        raise unusable
    by_table: dict[str, list[FileRef]] = {}
    for file in then.store.manifest.files({number for each in said for number in each.inputs}):
        by_table.setdefault(file.table, []).append(file)
    relations: dict[str, Relation] = {}
    known: dict[str, Known] = {}
    for feed, (shares, lacking) in _days(query_files(then, said, DAYS_SCHEMA)).items():
        plan = plan_feed(then.catalogue, feed)
        held: dict[str, set[date]] = {}
        for level in ("day", "total", "month"):
            for each in plan.tables_of(level):
                files = by_table.get(each, [])
                if any(file.plan is None or file.plan.partition(".")[0] != plan.mark(level) for file in files):
                    raise unusable
                relations[relation_of(each)] = Relation(files, state_schema(plan, each))
                held.setdefault(level, set()).update(date.fromisoformat(file.partition) for file in files)
        known[feed] = Known(shares, frozenset(held["day"]), frozenset(held["month"]), (), lacking)
    return _Kept(snapshot, One(then.engine.session(relations)), known)


def _days(rows: Sequence[Mapping[str, object]]) -> dict[str, tuple[dict[date, float], dict[date, frozenset[str]]]]:
    """Per feed the completeness of each day, and what the states of a day lacked."""
    found: dict[str, tuple[dict[date, float], dict[date, frozenset[str]]]] = {}
    for row in rows:
        shares, lacking = found.setdefault(str(row["feed"]), ({}, {}))
        day, share = row["day"], row["share"]
        assert isinstance(day, date)
        if isinstance(share, float):
            shares[day] = share
        else:
            lacking[day] = lacking.get(day, frozenset()) | {str(row["lacks"])}
    return found
