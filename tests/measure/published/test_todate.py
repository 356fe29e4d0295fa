"""Month to date and year to date, against SQL written by hand over the lines of the file."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from ganzhi.base.periods import Grain
from ganzhi.measure.observation import Basis, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import calls
from tests.measure.conftest import TREE, team_of

CODES = ("hotline.calls", "hotline.answer_rate", "hotline.talk.mean_s")
BY_HAND = """
with recursive above(unit, ancestor) as (
  select unit, unit from tree union all select a.unit, t.parent from above a join tree t on t.unit = a.ancestor where t.parent is not null
)
select last_day, ancestor,
  count(*) filter (where day >= start and outcome <> 'PHANTOM') as calls,
  100.0 * count(*) filter (where day >= start and outcome = 'AGENT')
    / nullif(count(*) filter (where day >= start and (outcome = 'AGENT' or (outcome = 'HANG' and queued))), 0) as answer_rate,
  1.0 * sum(talk_s) filter (where day >= start and outcome = 'AGENT' and talk_s > 0)
    / nullif(count(*) filter (where day >= start and outcome = 'AGENT' and talk_s > 0), 0) as talk
from ends, calls join above using (unit)
where day <= last_day
group by last_day, ancestor
"""
"""`ends`: last day and start of each accumulated interval. One division over the whole interval, no mean of ratios."""

Found = dict[tuple[date, str], tuple[object, ...]]


def by_hand(bank: Workplace, sample: object, ends: list[tuple[date, date]]) -> Found:
    rows = [
        {
            "unit": team_of(c),
            "day": c.arrived_at.astimezone(bank.zone).date(),
            "outcome": c.outcome,
            "queued": c.queued,
            "talk_s": c.talk_s,
        }
        for c in calls(sample)  # type: ignore[arg-type]
    ]
    connection = duckdb.connect()
    connection.register("calls", pa.Table.from_pylist(rows))
    connection.register("tree", pa.table({"unit": list(TREE), "parent": [u.parent for u in TREE.values()]}))
    connection.register("ends", pa.table({"start": [a for a, _ in ends], "last_day": [b for _, b in ends]}))
    return {(row[0], row[1]): row[2:] for row in connection.execute(BY_HAND).fetchall()}


def asked(bank: Workplace, reading: States, grain: Grain, first: date, last: date, basis: Basis = "todate") -> Found:
    found: dict[tuple[date, str], dict[str, object]] = {}
    for unit in ("all", "east", "east-1", "west"):
        for each in observe(bank, reading, ObserveRequest(CODES, unit, grain, first, last, basis=basis)):
            found.setdefault((each.period.last_day, unit), {})[each.code] = each.value
    return {key: tuple(values[code] for code in CODES) for key, values in found.items()}


@pytest.mark.requirement("S002-119")
def test_days_accumulate_from_the_start_of_their_month_and_rates_from_the_merged_parts(
    bank: Workplace, reading: States, sample_calls: object
) -> None:
    days = [date(1999, 1, day) for day in (1, 2, 9, 17, 31)]
    expected = by_hand(bank, sample_calls, [(date(1999, 1, 1), day) for day in days])
    found = asked(bank, reading, Grain.DAY, days[0], days[-1])
    for day in days:
        for unit in ("all", "east", "east-1", "west"):
            assert found[day, unit] == pytest.approx(expected[day, unit], rel=1e-15), (day, unit)
    assert found[days[0], "all"] != found[days[-1], "all"]


@pytest.mark.requirement("S002-119")
def test_months_accumulate_from_the_start_of_their_year(bank: Workplace, reading: States, sample_calls: object) -> None:
    expected = by_hand(bank, sample_calls, [(date(1999, 1, 1), date(1999, 2, 28))])
    found = asked(bank, reading, Grain.MONTH, date(1999, 2, 1), date(1999, 2, 28))
    for unit in ("all", "east", "east-1", "west"):
        assert found[date(1999, 2, 28), unit] == pytest.approx(expected[date(1999, 2, 28), unit], rel=1e-15)


@pytest.mark.requirement("S002-119")
@pytest.mark.parametrize("basis", ["quarter_todate", "year_todate"])
def test_days_accumulate_from_the_start_of_their_quarter_or_year(
    bank: Workplace, reading: States, sample_calls: object, basis: Basis
) -> None:
    day = date(1999, 2, 10)
    expected = by_hand(bank, sample_calls, [(date(1999, 1, 1), day)])
    found = asked(bank, reading, Grain.DAY, day, day, basis)
    for unit in ("all", "east", "east-1", "west"):
        assert found[day, unit] == pytest.approx(expected[day, unit], rel=1e-15), unit
    assert found != asked(bank, reading, Grain.DAY, day, day)
