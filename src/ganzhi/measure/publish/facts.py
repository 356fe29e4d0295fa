"""What is known of indicators for all units: columns of numbers, and what an absent row says.

Owns that a published value is the one `measure.observe` gives: unknown where nothing of the period
has arrived, 0 where something arrived and nothing of it was counted, a rate divided by its base. An
indicator that a grain is too fine for is left out, as `observe` would refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import Formula
from ganzhi.compile.observe import column_of
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.measure.known import Known
from ganzhi.measure.observation import UNITS_OF_VALUE, Observation, ObserveRequest, plain
from ganzhi.measure.observe import by_lacking
from ganzhi.measure.open import States
from ganzhi.measure.publish.ask import ask, show_units
from ganzhi.measure.rates import divided, question_of_base
from ganzhi.warehouse.workplace import Workplace

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Facts:
    """One indicator for units × periods, of which only the cells that have something are rows.

    cells: index of each row, period · units + unit. numerator, denominator: exact, as the engine
    gave them. value: NaN when unknown. completeness, estimated: per row. known: per period, ratio that has
    arrived. counts: whether a cell without a row is 0 where anything is known; it is unknown otherwise.
    """

    code: str
    cells: Wholes
    numerator: pa.Array
    denominator: pa.Array
    n: Wholes
    value: Floats
    completeness: Floats
    estimated: Marks
    known: Floats
    counts: bool


def finest_of(catalogue: Catalogue, code: str) -> Grain | None:
    """The finest grain an indicator can be asked at; None for a score of children."""
    indicator = catalogue.indicator(code)
    if indicator.feed is None:
        return None
    finest = (catalogue.feed(indicator.feed).finest, indicator.finest or Grain.QUARTER_HOUR)
    return max(finest, key=lambda grain: grain.rank)


def measured_codes(catalogue: Catalogue, grain: Grain) -> tuple[str, ...]:
    """Indicators with a value of their own at a grain, in catalogue order."""
    return tuple(
        code
        for code, each in catalogue.indicators.items()
        if not each.retired and (finest := finest_of(catalogue, code)) is not None and finest.rank <= grain.rank
    )


class Asker:
    """Asks for all units of the organisation within one reading."""

    def __init__(self, workplace: Workplace, reading: States, known: Mapping[str, Known]) -> None:
        """known: of the feeds of which there is anything; others are not asked."""
        self._workplace, self._reading, self.known = workplace, reading, known
        self.units = tuple(workplace.catalogue.units)
        self._root = self.units.index(workplace.catalogue.root_unit)
        show_units(reading, workplace.catalogue, self.units)

    @cached_property
    def _names(self) -> pa.Array:
        return pa.array(self.units, pa.string())

    def facts(self, codes: Sequence[str], grain: Grain, periods: Sequence[Period]) -> dict[str, Facts]:
        """Facts of the indicators whose feeds hold anything, each feed asked once; rates after their bases."""
        catalogue = self._workplace.catalogue
        by_feed: dict[str, list[str]] = {}
        for code in dict.fromkeys(codes):
            feed = catalogue.indicator(code).feed
            if feed is not None and feed in self.known:
                by_feed.setdefault(feed, []).append(code)
        found: dict[str, Facts] = {}
        for feed, of_feed in by_feed.items():
            found |= self._of_feed(feed, of_feed, periods)
        rated: dict[str, Facts] = {}
        for code in found:
            if catalogue.indicator(code).rate is not None:
                self._rate(code, found, rated, grain, periods)
        return found | rated

    def _of_feed(self, feed: str, codes: Sequence[str], periods: Sequence[Period]) -> dict[str, Facts]:
        plan, known = plan_feed(self._workplace.catalogue, feed), self.known[feed]
        lacking = self._reading.known(self._workplace, plan)
        found: dict[str, Facts] = {}
        for days, alike in by_lacking(plan, lacking, codes).items():
            found |= self._alike(plan, known.without(days), alike, periods)
        return found

    def _alike(self, plan: FeedPlan, known: Known, codes: Sequence[str], periods: Sequence[Period]) -> dict[str, Facts]:
        """Facts of indicators of one feed of which the same days are known."""
        feed = plan.feed
        share = np.array([known.of(period) for period in periods])
        if feed not in self._reading.feeds or not share.any():
            return {code: self._nothing(plan.formula(code), share) for code in codes}
        answer = ask(self._reading, plan, codes, periods, known)
        at = pc.index_in(answer["unit"], value_set=self._names).to_numpy()
        cells = answer["period"].to_numpy() * len(self.units) + at
        return {code: self._picked(plan.formula(code), answer, cells, share) for code in codes}

    def _nothing(self, formula: Formula, share: Floats) -> Facts:
        none, empty = pa.nulls(0, pa.int64()), np.zeros(0)
        cells = np.zeros(0, dtype=np.int64)
        bare = Facts(formula.code, cells, none, none, cells, empty, empty, empty > 0, share, _counts(formula))
        return self._with_root(formula, bare)

    def _picked(self, formula: Formula, answer: pa.Table, cells: Wholes, share: Floats) -> Facts:
        """An indicator's columns without the rows that say no more than their absence does."""
        numerator, denominator, n, value = (
            answer[column_of(formula.code, part)].combine_chunks()
            for part in ("numerator", "denominator", "n", "value")
        )
        count = n.cast(pa.int64()).to_numpy(zero_copy_only=False)
        number = _floats(value)
        absent = count == 0
        absent &= _is_zero(numerator) if formula.numerator is not None else np.ones(len(cells), dtype=np.bool_)
        absent &= _is_zero(denominator) if formula.denominator is not None else np.ones(len(cells), dtype=np.bool_)
        absent &= (number == 0) if _counts(formula) else np.isnan(number)
        of_row = share[cells // len(self.units)] if len(cells) else np.zeros(0)
        kept = (of_row > 0) & (~absent | (cells % len(self.units) == self._root))
        mask = pa.array(kept)
        found = Facts(
            code=formula.code,
            cells=cells[kept],
            numerator=numerator.filter(mask),
            denominator=denominator.filter(mask),
            n=count[kept],
            value=number[kept],
            completeness=of_row[kept],
            estimated=_estimated(formula.code, answer)[kept],
            known=share,
            counts=_counts(formula),
        )
        return self._with_root(formula, found)

    def _with_root(self, formula: Formula, found: Facts) -> Facts:
        """With a row of the root unit in every period of which anything is known."""
        known = np.flatnonzero(found.known > 0)
        roots = known * len(self.units) + self._root
        missing = roots[~np.isin(roots, found.cells)]
        if not len(missing):
            return found
        zeros = np.zeros(len(missing), dtype=np.int64)
        counted = _counts(formula)

        def part(given: pa.Array, there: bool) -> pa.Array:
            kind = given.type if not pa.types.is_null(given.type) else pa.int64()
            more = pa.array([0 if there else None] * len(missing), kind)
            return pa.concat_arrays([given.cast(kind), more])

        return Facts(
            code=found.code,
            cells=np.concatenate([found.cells, missing]),
            numerator=part(found.numerator, formula.numerator is not None),
            denominator=part(found.denominator, formula.denominator is not None),
            n=np.concatenate([found.n, zeros]),
            value=np.concatenate([found.value, np.where(counted, 0.0, np.nan) + zeros]),
            completeness=np.concatenate([found.completeness, found.known[missing // len(self.units)]]),
            estimated=np.concatenate([found.estimated, zeros > 0]),
            known=found.known,
            counts=counted,
        )

    # --- rates ----------------------------------------------------------------------------------

    def _rate(
        self, code: str, plain_: Mapping[str, Facts], rated: dict[str, Facts], grain: Grain, periods: Sequence[Period]
    ) -> Facts:
        """A rate, from its numerator and its base, by the arithmetic of `measure.rates`."""
        if code in rated:
            return rated[code]
        top = plain_[code]
        base, base_periods = self._base(code, plain_, rated, grain, periods)
        cells = np.unique(np.concatenate([top.cells, *self._finer(base, base_periods, periods)]))
        above = self._observations(top, cells, periods)
        wanted = np.unique(self._coarser(cells, base_periods, periods))
        below = [] if base is None else self._observations(base, wanted, base_periods)
        found = divided(self._workplace.catalogue, code, above, below)
        rated[code] = Facts(
            code=code,
            cells=cells,
            numerator=_exacts([each.numerator for each in found]),
            denominator=_exacts([each.denominator for each in found]),
            n=np.array([each.n for each in found], dtype=np.int64),
            value=np.array([np.nan if each.value is None else float(each.value) for each in found]),
            completeness=np.array([each.completeness for each in found]),
            estimated=np.array([each.estimated for each in found], dtype=np.bool_),
            known=top.known,
            counts=False,
        )
        return rated[code]

    def _base(
        self, code: str, plain_: Mapping[str, Facts], rated: dict[str, Facts], grain: Grain, periods: Sequence[Period]
    ) -> tuple[Facts | None, Sequence[Period]]:
        """The base of a rate and the periods it was asked for, which may be longer ones."""
        catalogue = self._workplace.catalogue
        rate = catalogue.indicator(code).rate
        assert rate is not None
        first, last = periods[0].first_day, periods[-1].last_day
        asked = question_of_base(catalogue, rate, ObserveRequest((code,), self.units[self._root], grain, first, last))
        if asked.grain is grain and rate.per in plain_:
            of_rate = catalogue.indicator(rate.per).rate is not None
            return self._rate(rate.per, plain_, rated, grain, periods) if of_rate else plain_[rate.per], periods
        zone = self._workplace.zone
        longer = tuple({(p := period_of_day(asked.grain, each.first_day, zone)).start: p for each in periods}.values())
        return self.facts([rate.per], asked.grain, longer).get(rate.per), longer

    def _finer(self, base: Facts | None, longer: Sequence[Period], periods: Sequence[Period]) -> list[Wholes]:
        """Cells of the periods in which a unit of the base has a row."""
        if base is None:
            return []
        size, found = len(self.units), []
        for index, period in enumerate(periods):
            for at, around in enumerate(longer):
                if around.start <= period.start < around.end:
                    inside = base.cells[base.cells // size == at] % size
                    found.append(inside + index * size)
        return found

    def _coarser(self, cells: Wholes, longer: Sequence[Period], periods: Sequence[Period]) -> Wholes:
        """Cells of the base's periods that hold the given ones."""
        size = len(self.units)
        place = [next((i for i, p in enumerate(longer) if p.start <= each.start < p.end), 0) for each in periods]
        return np.array(place, dtype=np.int64)[cells // size] * size + cells % size

    def _observations(self, facts: Facts, cells: Wholes, periods: Sequence[Period]) -> list[Observation]:
        """Observations of some cells, with what an absent row says."""
        catalogue, size = self._workplace.catalogue, len(self.units)
        row_of = {int(cell): row for row, cell in enumerate(facts.cells)}
        numerator, denominator = facts.numerator.to_pylist(), facts.denominator.to_pylist()
        unit_of_value = UNITS_OF_VALUE[catalogue.indicator(facts.code).unit]
        found = []
        for cell in cells.tolist():
            period, row = periods[cell // size], row_of.get(cell)
            known = float(facts.known[cell // size])
            zero = 0 if facts.counts and known else None
            found.append(
                Observation(
                    code=facts.code,
                    unit=self.units[cell % size],
                    period=period,
                    covered=period,
                    slice={},
                    numerator=zero if row is None else numerator[row],
                    denominator=None if row is None else denominator[row],
                    n=0 if row is None else int(facts.n[row]),
                    value=zero if row is None else plain_value(float(facts.value[row])),
                    unit_of_value=unit_of_value,
                    completeness=known if row is None else float(facts.completeness[row]),
                    catalogue_version=catalogue.version,
                    estimated=row is not None and bool(facts.estimated[row]),
                )
            )
        return found


def plain_value(value: float) -> float | None:
    """A value of a column: None for NaN."""
    return None if np.isnan(value) else value


def _counts(formula: Formula) -> bool:
    """Whether a cell of which nothing was counted is 0 rather than unknown."""
    return formula.numerator is not None and formula.denominator is None


def _floats(values: pa.Array) -> Floats:
    """Values as floats, each rounded once from what the engine gave."""
    if pa.types.is_floating(values.type):
        found: Floats = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return found
    return np.array([np.nan if v is None else float(plain(v) or 0) for v in values.to_pylist()], dtype=np.float64)


def _estimated(code: str, answer: pa.Table) -> Marks:
    """Per row whether distinct values were estimated and not counted."""
    name = column_of(code, "estimated")
    if name not in answer.column_names:
        return np.zeros(len(answer), dtype=np.bool_)
    found: Marks = pc.fill_null(answer[name].combine_chunks().cast(pa.float64()), 0).to_numpy(zero_copy_only=False) > 0
    return found


def _is_zero(values: pa.Array) -> Marks:
    if pa.types.is_null(values.type):
        return np.zeros(len(values), dtype=np.bool_)
    found: Marks = pc.fill_null(pc.equal(values, 0), False).to_numpy(zero_copy_only=False)
    return found


def _exacts(values: Sequence[int | Decimal | None]) -> pa.Array:
    return pa.array([None if v is None else Decimal(v) for v in values], pa.decimal128(38, 9))
