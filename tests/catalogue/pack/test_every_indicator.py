"""Every live indicator of the pack is computed from rows of its feed, and equals a plain query over them.

The query is written here from the definition alone: no states, no merged measures, no roll-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.indicators import Indicator, Part
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import SCALES
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import measured_feeds, refresh
from tests.catalogue.pack.synthesis import Maker
from tests.measure.place import catalogue_with, make_workplace, put_rows, units

ROWS = 300


def named(where: str | None) -> str:
    """A filter of an aggregate."""
    return f" filter (where {where})" if where else ""


class Plain:
    """Answers definitions with one aggregate each over the rows."""

    def __init__(self, catalogue: Catalogue, connection: duckdb.DuckDBPyConnection) -> None:
        self._catalogue, self._connection = catalogue, connection

    def value(self, code: str) -> float | None:
        """The value by definition."""
        indicator = self._catalogue.indicator(code)
        scale = SCALES.get(indicator.unit, 1)
        if indicator.ratio is not None:
            top, bottom = self._part(indicator.ratio.numerator), self._part(indicator.ratio.denominator)
            return self._ask(indicator, f"{scale}.0 * ({top}) / nullif({bottom}, 0)")
        if indicator.rate is not None:
            top_value = self._ask(indicator, self._part(indicator.rate.numerator))
            base = self.value(indicator.rate.per)
            return None if top_value is None or not base or base < 0 else scale * top_value / base
        if indicator.share_within is not None:
            it = indicator.share_within
            within = f"({it.of}) <= {it.limit}" + (f" and ({it.where})" if it.where else "")
            known = f"count({it.of}){named(it.where)}"
            return self._ask(indicator, f"100.0 * (count(*){named(within)}) / nullif({known}, 0)")
        return self._ask(indicator, self._simple(indicator))

    def part(self, indicator: Indicator, part: Part) -> float | None:
        """The value of one side of a quotient."""
        return self._ask(indicator, self._part(part))

    def _simple(self, indicator: Indicator) -> str:
        if indicator.count is not None:
            return f"count(*){named(indicator.count.where)}"
        if indicator.percentile is not None:
            quantile = indicator.percentile
            return f"quantile_disc({quantile.of}, {quantile.p}){named(quantile.where)}"
        for kind, call in CALLS.items():
            of = getattr(indicator, kind)
            if of is not None:
                return f"{call.format(of.of)}{named(of.where)}"
        raise AssertionError("an indicator without a measure")

    def _part(self, part: Part) -> str:
        times = f"{part.times} * " if part.times != 1 else ""
        if part.indicator is None:
            kind, of = next((k, v) for k in ("count", "sum", "distinct") if (v := getattr(part, k)) is not None)
            call = "count(*)" if kind == "count" else CALLS[kind].format(of.of)
            return f"{times}coalesce({call}{named(of.where)}, 0)"
        other = self._catalogue.indicator(part.indicator)
        for quotient in (other.ratio, other.rate):
            if quotient is not None:
                return times + self._part(quotient.numerator)
        if other.mean is not None:
            return f"{times}coalesce(sum({other.mean.of}){named(other.mean.where)}, 0)"
        return times + self._part(Part(count=other.count, sum=other.sum, distinct=other.distinct))

    def _ask(self, indicator: Indicator, sql: str) -> float | None:
        feed = self._catalogue.feed(str(indicator.feed))
        derived = "".join(f", {d.expr} as {name}" for name, d in feed.derived.items())
        rows = f"(select *{derived} from {indicator.feed})"
        value = self._connection.execute(f"select cast({sql} as double) from {rows}").fetchall()[0][0]
        return None if value is None else float(value)


CALLS = {"sum": "sum({})", "min": "min({})", "max": "max({})", "mean": "avg({})", "distinct": "count(distinct {})"}

Measured = tuple[Catalogue, Mapping[str, Observation], Mapping[str, float | None]]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Measured:
    """March of all measured indicators, as the program computes it and as the plain queries do."""
    catalogue = catalogue_with(pack, pack.indicators, units(("all", None), ("one", "all"), ("two", "all")))
    workplace = make_workplace(tmp_path_factory.mktemp("pack"), catalogue)
    codes = [c for c, i in catalogue.indicators.items() if i.measure is not None and not i.retired]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for feed in measured_feeds(catalogue):
            table = Maker(catalogue, feed, seed=3).table(ROWS)
            connection.register(feed, table)
            put_rows(workplace, feed, table.drop_columns(["_load", "_line"]).to_pylist())
        plain = Plain(catalogue, connection)
        by_hand = {code: plain.value(code) for code in codes}
    refresh(workplace)
    march = date(2026, 3, 1)
    with open_states(workplace) as reading:
        found = observe(workplace, reading, ObserveRequest(tuple(codes), "all", Grain.MONTH, march, march))
    return catalogue, {each.code: each for each in found}, by_hand


@pytest.mark.requirement("S001-004")
def test_every_indicator_equals_a_plain_query_over_its_rows(measured: Measured) -> None:
    catalogue, found, by_hand = measured
    wrong = {}
    for code, expected in by_hand.items():
        value, tolerance = found[code].value, 0.011 if catalogue.indicator(code).percentile else 1e-9
        if (value is None) != (expected is None) or (
            value is not None and expected is not None and value != pytest.approx(expected, rel=tolerance, abs=1e-6)
        ):
            wrong[code] = (value, expected)
    assert wrong == {}


@pytest.mark.requirement("S001-004")
def test_every_indicator_can_be_something(measured: Measured) -> None:
    """None has a filter that no row of its feed can meet."""
    catalogue, found, _ = measured
    empty = [code for code, each in found.items() if each.value is None or each.numerator == Decimal(0)]
    assert len(empty) < len(found) / 10
    assert [code for code in empty if not occurs(catalogue, code)] == []


def occurs(catalogue: Catalogue, code: str) -> bool:
    """Whether rows made for this indicator give it a numerator."""
    indicator = catalogue.indicator(code)
    quotient = indicator.ratio or indicator.rate
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for seed in range(4):
            connection.register(
                str(indicator.feed), Maker(catalogue, str(indicator.feed), seed, focus=code).table(ROWS)
            )
            plain = Plain(catalogue, connection)
            value = plain.part(indicator, quotient.numerator) if quotient is not None else plain.value(code)
            if value:
                return True
    return False
