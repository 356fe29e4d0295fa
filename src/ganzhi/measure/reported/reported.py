"""What was reported of closed periods, and how what is known now differs from it.

Reads nothing but the files of the closing, the record of it and, where a row is absent, the
catalogue that was in force: so it can be shown after rows are gone, after a definition has changed
and after everything was computed anew. The reasons of a difference are derived when it is looked at:
from the definition's mark and from the load ledger.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ganzhi.base.errors import InternalError
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import UNITS_OF_VALUE, Exact, Observation, moment, plain
from ganzhi.measure.open import States
from ganzhi.measure.publish.read import (
    PublishedScore,
    PublishedShare,
    PublishedValue,
    PublishedValues,
    query_files,
    values_of,
)
from ganzhi.measure.publish.tables import Kind
from ganzhi.measure.reported.close import reported_schema, reported_table
from ganzhi.measure.reported.definitions import score_mark, value_mark
from ganzhi.measure.score import Scored, Use, leaves_of
from ganzhi.store.closings import Closing
from ganzhi.warehouse.workplace import Workplace

Reason = Literal["late", "correction", "catalogue", "other"]
Key = tuple[str, str, datetime]
"""Indicator, unit, and where a period begins."""


@dataclass(frozen=True, slots=True)
class Reported:
    """An indicator of a unit in a closed period as it was reported. definition: mark of its meaning then. slice,
    covered: which part it is, and what it covers if not the period."""

    code: str
    unit: str
    period: Period
    closing: Closing
    value: PublishedValue
    unit_of_value: str
    definition: str
    slice: Mapping[str, str] = field(default_factory=dict)
    covered: Period | None = None

    def as_json(self) -> dict[str, object]:
        """The object of `ganzhi observe --as reported --format json`: that of an observation, and the closing."""
        period, value = self.covered or self.period, self.value
        return {
            "code": self.code,
            "unit": self.unit,
            "grain": period.grain.value,
            "period_start": moment(period, period.start),
            "period_end": moment(period, period.end),
            "slice": dict(self.slice),
            "numerator": plain(value.numerator),
            "denominator": plain(value.denominator),
            "n": value.n,
            "value": value.number,
            "unit_of_value": self.unit_of_value,
            "completeness": value.completeness,
            "catalogue_version": self.closing.catalogue_version,
            "estimated": value.estimated,
            "edition": self.closing.edition,
            "closed_at": self.closing.closed_at.isoformat(),
            "closed_by": self.closing.actor,
        }


@dataclass(frozen=True, slots=True)
class ReportedScore:
    """A score of a closed period as it was reported. definition: mark of its meaning then."""

    period: Period
    closing: Closing
    score: PublishedScore
    definition: str


@dataclass(frozen=True, slots=True)
class Difference:
    """now − reported in the unit of value, None where either is unknown. reasons: what has happened
    since; files: names of those that have arrived since, oldest first."""

    amount: float | None
    reasons: tuple[Reason, ...]
    files: tuple[str, ...]


def closings_of(
    workplace: Workplace, reading: States, periods: Iterable[Period], edition: int | None = None
) -> dict[datetime, Closing]:
    """Per closed period the last edition that the reading has seen, or the one asked for."""
    wanted = {(period.grain.value, period.first_day): period.start for period in periods}
    found: dict[datetime, Closing] = {}
    for grain in {grain for grain, _ in wanted}:
        for each in workplace.store.closings.all(grain):
            start = wanted.get((grain, each.first_day))
            if start is not None and each.commit <= reading.snapshot.commit and edition in (None, each.edition):
                found[start] = each
    return found


def reported(
    workplace: Workplace,
    reading: States,
    codes: Sequence[str],
    units: Sequence[str],
    periods: Sequence[Period],
    edition: int | None = None,
) -> dict[Key, Reported]:
    """What was reported of indicators and units in those of the periods that are closed.

    Codes and units are those of the time of closing and need not be known any more; what was not
    known then is left out. edition: which one; the last by default.
    """
    closings, found = closings_of(workplace, reading, periods, edition), {}
    for period in periods:
        closing = closings.get(period.start)
        if closing is None:
            continue
        then = _Organisation.of(workplace, closing.catalogue_version)
        rows = _rows(workplace, reading, closing, period, "observed", code=codes, unit={*units, then.root})
        values, marks = PublishedValues(then.root, values_of(rows)), {row["code"]: row["definition"] for row in rows}
        for code in codes:
            for unit in units:
                if code in then.codes and unit in then.units:
                    found[code, unit, period.start] = Reported(
                        code, unit, period, closing, values.of(code, unit), then.codes[code], marks.get(code, "")
                    )
    return found


def reported_scores(
    workplace: Workplace,
    reading: States,
    codes: Collection[str],
    units: Collection[str],
    periods: Sequence[Period],
    use: Use,
    edition: int | None = None,
) -> dict[Key, ReportedScore]:
    """Scores that were reported in those of the periods that are closed; what had none is left out."""
    closings, found = closings_of(workplace, reading, periods, edition), {}
    for period in periods:
        if (closing := closings.get(period.start)) is not None:
            for row in _rows(workplace, reading, closing, period, "scored", use=(use,), code=codes, unit=units):
                score = PublishedScore(**{name: row[name] for name in PublishedScore.__slots__})
                key = (score.code, score.unit, period.start)
                found[key] = ReportedScore(period, closing, score, row["definition"])
    return found


def reported_shares(
    workplace: Workplace, reading: States, parent: str, unit: str, period: Period, use: Use, edition: int | None = None
) -> tuple[PublishedShare, ...]:
    """What the children of a score gave in a closed period."""
    closing = closings_of(workplace, reading, [period], edition).get(period.start)
    if closing is None:
        return ()
    rows = _rows(workplace, reading, closing, period, "shared", use=(use,), parent=(parent,), unit=(unit,))
    return tuple(PublishedShare(**{name: row[name] for name in PublishedShare.__slots__}) for row in rows)


def _rows(
    workplace: Workplace, reading: States, closing: Closing, period: Period, kind: Kind, **where: Collection[str]
) -> list[dict[str, Any]]:
    table = reported_table(kind, period.grain)
    of_day = reading.snapshot.table(table, [period.first_day.isoformat()])
    files = [file for file in of_day if file.added == closing.commit]
    if len(files) != 1:
        raise InternalError(f"edition {closing.edition} of {period.key} has {len(files)} files in {table}")
    return query_files(workplace, files, reported_schema(kind), **where)


@dataclass(frozen=True, slots=True)
class _Organisation:
    """What a remembered catalogue says of names, read without the whole of it. codes: of indicators, with their unit of value."""

    root: str
    units: frozenset[str]
    codes: Mapping[str, str]

    @classmethod
    def of(cls, workplace: Workplace, version: str) -> _Organisation:
        key = ("reported.then", version)
        if key not in workplace.catalogue.computed:
            content = workplace.store.catalogues.get(version)
            if content is None:
                raise InternalError(f"catalogue {version} was never remembered")
            entries = json.loads(content)["entries"]
            units = entries["units"]
            root = next(code for code, unit in units.items() if unit["parent"] is None)
            codes = {code: UNITS_OF_VALUE[each["unit"]] for code, each in entries["indicators"].items()}
            made = cls(root, frozenset(units), codes)
            workplace.catalogue.computed[key] = made
        found: _Organisation = workplace.catalogue.computed[key]
        return found


# --- what is different now ----------------------------------------------------------------------


def difference(workplace: Workplace, then: Reported, now: Observation | None) -> Difference | None:
    """How an observation differs from what was reported of it; None when it does not.

    now: None where the indicator or the unit is not known any more.
    """
    if now is not None and _as_reported(then.value, now):
        return None
    known = now is not None and now.value is not None and then.value.value is not None
    amount = float(now.value) - then.value.value if known else None  # type: ignore[union-attr,arg-type,operator]
    mark = value_mark(workplace.catalogue, then.code) if now is not None else None
    feeds = _feeds(workplace.catalogue, [then.code]) if now is not None else frozenset()
    covered = then.covered or then.period
    return _explained(workplace, covered, then.closing, amount, mark != then.definition, feeds)


def score_difference(workplace: Workplace, then: ReportedScore, now: Scored | None) -> Difference | None:
    """How a score differs from what was reported of it; None when it does not."""
    points = None if now is None or now.score is None else now.score.points
    if now is not None and points == then.score.points:
        return None
    amount = None if points is None or then.score.points is None else points - then.score.points
    catalogue, code = workplace.catalogue, then.score.code
    mark = None if now is None else score_mark(catalogue, now.use, code)
    feeds = frozenset() if now is None else _feeds(catalogue, leaves_of(catalogue, code, now.use))
    return _explained(workplace, then.period, then.closing, amount, mark != then.definition, feeds)


def _as_reported(then: PublishedValue, now: Observation) -> bool:
    value = None if now.value is None else float(now.value)
    numbers = (then.value, then.n, then.completeness) == (value, now.n, now.completeness)
    return numbers and (then.numerator is None or _kept(now.numerator) == then.numerator)


def _kept(exact: Exact | None) -> Decimal | None:
    """An exact number as it is kept: to 9 places."""
    return None if exact is None else round(Decimal(exact), 9)


def _feeds(catalogue: Catalogue, codes: Iterable[str]) -> frozenset[str]:
    """Feeds whose rows decide the values of indicators, those of the bases of rates too."""
    found = set()
    for code in codes:
        indicator = catalogue.indicator(code)
        if indicator.feed is not None:
            found.add(indicator.feed)
        if indicator.rate is not None:
            found |= _feeds(catalogue, [indicator.rate.per])
    return frozenset(found)


def _explained(
    workplace: Workplace,
    period: Period,
    closing: Closing,
    amount: float | None,
    redefined: bool,
    feeds: Collection[str],
) -> Difference:
    first, last = period.first_day, period.last_day
    loads = workplace.store.ledger.brought_after(closing.seen, feeds, first, last)
    happened: Mapping[Reason, bool] = {
        "late": any(not load.replaced or load.accepted for load in loads),
        "correction": any(load.replaced for load in loads)
        or (not loads and _rewritten(workplace, feeds, period, closing)),
        "catalogue": redefined,
    }
    reasons = tuple(reason for reason, so in happened.items() if so)
    return Difference(amount, reasons or ("other",), tuple(dict.fromkeys(load.file for load in loads)))


def _rewritten(workplace: Workplace, feeds: Collection[str], period: Period, closing: Closing) -> bool:
    """Whether rows of the period were written again since: a row that a correction took to another day
    leaves no load of its own behind."""
    snapshot, days = workplace.store.manifest.snapshot(), [day.isoformat() for day in period.days]
    return any(file.added > closing.seen for feed in feeds for file in snapshot.table(f"rows/{feed}", days))
