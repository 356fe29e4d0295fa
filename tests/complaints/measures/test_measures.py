"""Every figure of complaints that the sources ask for agrees with SQL by hand, by branch and county, business, product,
department and step, and opens to as many records as it counts."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from ganzhi.base.periods import Grain, parse_period
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import States
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.warehouse.workplace import Workplace
from tests.complaints.measures.conftest import BELOW, ZONE

SHARE = "100.0 * count(*) FILTER ({part}) / nullif(count(*) FILTER ({whole}), 0)"
HOURS = "avg(epoch({end}) - epoch({begin})) / 3600"


def share(part: str, whole: str) -> str:
    return SHARE.format(part=part, whole=whole)


def hours(begin: str, end: str) -> str:
    return HOURS.format(begin=begin, end=end)


CLOSED, KNOWN = "closed_at IS NOT NULL", "responsibility IS NOT NULL"
CASES: tuple[tuple[str, str, str, str], ...] = (
    ("complaint.count", "complaints", "commercial_process", "count(*)"),
    ("complaint.count", "complaints", "product", "count(*)"),
    ("complaint.count", "complaints", "category AS complaint_category", "count(*)"),
    ("complaint.repeated", "complaints", "commercial_process", "count(repeat_of)"),
    ("complaint.repeat_share", "complaints", "product", "100.0 * count(repeat_of) / count(*)"),
    ("complaint.handling.mean_h", "complaints", "department", hours("received_at", "closed_at")),
    ("complaint.handling.mean_h", "complaints", "commercial_process", hours("received_at", "closed_at")),
    ("complaint.solved_first_share", "complaints", "department", share(
        f"{CLOSED} AND result IN ('solved', 'explained') AND repeat_of IS NULL AND reopened_at IS NULL", CLOSED)),
    ("complaint.operator_fault_share", "complaints", "department", share("responsibility = 'provider'", KNOWN)),
    ("complaint.third_party_share", "complaints", "department", share("responsibility = 'third_party'", KNOWN)),
    ("complaint.customer_fault_share", "complaints", "department", share("responsibility = 'customer'", KNOWN)),
    ("complaint.satisfied_share", "complaints", "department", share(
        f"{CLOSED} AND satisfied", f"{CLOSED} AND satisfied IS NOT NULL")),
    ("complaint.rated_share", "complaints", "channel", share(f"{CLOSED} AND satisfied IS NOT NULL", CLOSED)),
    ("complaint.dissatisfied", "complaints", "department", f"count(*) FILTER ({CLOSED} AND satisfied = false)"),
    ("complaint.ordinary", "complaints", "product", "count(*) FILTER (kind = 'ordinary')"),
    ("complaint.batch", "complaints", "product", "count(*) FILTER (kind = 'batch')"),
    ("complaint.escalated", "complaints", "product", "count(*) FILTER (kind = 'escalated')"),
    ("trouble.count", "trouble_reports", "product", "count(*)"),
    ("complaint.in_time", "complaints", "department", share("closed_at <= due_at", f"{CLOSED} AND due_at IS NOT NULL")),
    ("trouble.in_time", "trouble_reports", "product", share(
        "repaired_at <= due_at", "repaired_at IS NOT NULL AND due_at IS NOT NULL")),
    ("trouble.repeat_share", "trouble_reports", "product", "100.0 * count(repeat_of) / count(*)"),
    ("complaint.steps.elapsed.mean_h", "complaint_steps", "business, flow_step", hours("assigned_at", "finished_at")),
    ("complaint.steps.elapsed.mean_h", "complaint_steps", "department", hours("assigned_at", "finished_at")),
    ("complaint.steps.accept.mean_h", "complaint_steps", "business, flow_step", hours("assigned_at", "accepted_at")),
)  # fmt: skip
"""Indicator, feed, what it is cut by, and its value over the rows of a cut, written without the catalogue."""
CUTS = sorted({(case[1], case[2]) for case in CASES})
MONTH = {"grain": Grain.MONTH, "first": date(2026, 9, 1), "last": date(2026, 9, 30)}
Values = dict[tuple[str, str], dict[tuple[str, ...], float | None]]


def values(reading: States, place: Workplace, codes: tuple[str, ...], unit: str, by: tuple[str, ...] = ()) -> Values:
    """By code and unit below, what each cut has."""
    asked = ObserveRequest(codes, unit, by=by, children=True, **MONTH)  # type: ignore[arg-type]
    found: Values = {}
    for each in observe(place, reading, asked):
        found.setdefault((each.code, each.unit), {})[tuple(each.slice.get(name, "") for name in by)] = each.value
    return found


def expected(
    by_hand: duckdb.DuckDBPyConnection, unit: str, feed: str, cut: str, value: str
) -> dict[tuple[str, ...], float | None]:
    rows = by_hand.execute(
        f"SELECT {cut}, {value} FROM {feed} JOIN below USING (unit) WHERE place = ? GROUP BY ALL", [unit]
    ).fetchall()
    return {tuple(map(str, keys)): None if v is None else float(v) for *keys, v in rows if None not in keys}


@pytest.mark.requirement("S002-002")
@pytest.mark.requirement("S002-003")
@pytest.mark.requirement("S002-005")
@pytest.mark.requirement("S002-006")
@pytest.mark.requirement("S001-019")
@pytest.mark.requirement("S001-021")
@pytest.mark.requirement("S001-022")
@pytest.mark.parametrize(("feed", "cut"), CUTS, ids=[f"{feed}-{cut.split()[-1]}" for feed, cut in CUTS])
def test_figures_are_what_sql_by_hand_says_for_branches_and_counties(
    place: Workplace, reading: States, by_hand: duckdb.DuckDBPyConnection, feed: str, cut: str
) -> None:
    by = tuple(each.split(" AS ")[-1].strip() for each in cut.split(","))
    sql = {code: value for code, of, by_what, value in CASES if (of, by_what) == (feed, cut)}
    for above, unit in (("all", "hz"), ("all", "nb"), ("hz", "xh")):
        found = values(reading, place, tuple(sql), above, by)
        for code, value in sql.items():
            told = expected(by_hand, unit, feed, cut, value)
            assert len(told) > 1
            for key, number in told.items():
                assert found[code, unit][key] == pytest.approx(number, rel=1e-9, abs=1e-9), (code, unit, key)


@pytest.mark.requirement("S002-002")
@pytest.mark.requirement("S002-003")
@pytest.mark.parametrize(
    "code", ["complaint.count", "complaint.repeated", "complaint.steps.elapsed.mean_h", "trouble.in_time"]
)
def test_a_figure_opens_to_its_records(place: Workplace, reading: States, code: str) -> None:
    asked = RecordsRequest(code, unit="hz", period=parse_period("2026-09", ZONE), limit=500)
    found = records(place, reading, asked)
    assert found.total == found.observation.n == len(found.records) > 0
    at = [column.name for column in found.columns].index("unit")
    assert {record.values[at] for record in found.records} == set(BELOW["hz"])


@pytest.mark.requirement("S002-008")
def test_the_list_of_dissatisfied_customers_is_theirs_and_masked(
    place: Workplace, reading: States, by_hand: duckdb.DuckDBPyConnection
) -> None:
    asked = RecordsRequest("complaint.dissatisfied", unit="all", period=parse_period("2026-09", ZONE), limit=500)
    found = records(place, reading, asked)
    names = [column.name for column in found.columns]
    listed = {str(record.values[names.index("complaint_id")]) for record in found.records}
    told = by_hand.execute("SELECT complaint_id FROM complaints WHERE closed_at IS NOT NULL AND NOT satisfied")
    assert listed == {each for (each,) in told.fetchall()}
    customers = {str(record.values[names.index("customer_id")]) for record in found.records}
    real = {each for (each,) in by_hand.execute("SELECT DISTINCT customer_id FROM complaints").fetchall()}
    assert not customers & real


def test_the_three_parties_make_up_all_that_was_found(
    place: Workplace, reading: States, by_hand: duckdb.DuckDBPyConnection
) -> None:
    codes = ("complaint.operator_fault_share", "complaint.third_party_share", "complaint.customer_fault_share")
    for above, unit in (("all", "hz"), ("hz", "xh")):
        of = values(reading, place, codes, above)
        assert sum(of[code, unit][()] or 0 for code in codes) == pytest.approx(100)
        by_party = values(reading, place, ("complaint.count",), above, ("responsibility",))["complaint.count", unit]
        told = expected(by_hand, unit, "complaints", "responsibility", "count(*)")
        assert {key: by_party[key] for key in told} == told


@pytest.mark.requirement("S001-020")
@pytest.mark.parametrize(
    ("code", "feed", "product", "users", "count"),
    [
        ("complaint.per_10k", "complaints", "", "subscriber_counts", "subscribers"),
        ("trouble.per_10k", "trouble_reports", "", "subscriber_counts", "subscribers"),
        ("complaint.per_10k_users", "complaints", "wlan", "product_user_counts", "users"),
        ("trouble.per_10k_users", "trouble_reports", "voice", "product_user_counts", "users"),
    ],
)
def test_a_rate_divides_by_the_users_of_the_same_place_and_product(
    place: Workplace,
    reading: States,
    by_hand: duckdb.DuckDBPyConnection,
    code: str,
    feed: str,
    product: str,
    users: str,
    count: str,
) -> None:
    only = f"AND product = '{product}'" if product else ""
    for above, unit in (("all", "hz"), ("hz", "xh")):
        [value] = by_hand.execute(
            f"""SELECT 10000.0 * (SELECT count(*) FROM {feed} JOIN below USING (unit) WHERE place = $u {only})
                / (SELECT avg(n) FROM (SELECT day, sum({count}) AS n FROM {users} JOIN below USING (unit)
                   WHERE place = $u {only} GROUP BY day))""",
            {"u": unit},
        ).fetchone() or (None,)
        found = values(reading, place, (code,), above, ("product",) if product else ())
        assert found[code, unit][(product,) if product else ()] == pytest.approx(value)
