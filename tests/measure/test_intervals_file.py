"""Pre-aggregated counts of a real telephone table: every percentage of the source comes out again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2025, 10, 26), date(2025, 11, 15)
COLUMNS = {
    "911": {
        "interval.answered_within_10s": "911_PCT_10",
        "interval.answered_within_15s": "911_PCT_15",
        "interval.answered_within_20s": "911_PCT_20",
        "interval.answered_within_40s": "911_PCT_40",
        "interval.abandon_rate": "911_PCT_AB",
    },
    "ADM": {
        "interval.answered_within_10s": "ADM_PCT_10",
        "interval.answered_within_15s": "PCT_ADM_15",
        "interval.answered_within_20s": "ADM_PCT_20",
        "interval.answered_within_40s": "ADM_PCT_40",
        "interval.abandon_rate": "ADM_PCT_AB",
    },
    "": {
        "interval.answered_within_10s": "TTL_PCT_10",
        "interval.answered_within_15s": "TTL_PCT_15",
        "interval.answered_within_20s": "TTL_PCT_20",
        "interval.answered_within_40s": "TTL_PCT_40",
        "interval.abandon_rate": "TTL_PCT_AB",
    },
}
CODES = tuple(COLUMNS["911"])


@pytest.fixture(scope="module")
def files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "decc_phone_hourly_2025").glob("*.csv"))


@pytest.fixture(scope="module")
def source(files: list[Path]) -> dict[datetime, dict[str, str]]:
    """The lines of the three files by their hour."""
    found = {}
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                at = datetime.strptime(row["DateTime"], "%m/%d/%Y %H:%M").replace(tzinfo=ZONE)
                found[at] = row
    return found


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue, files: list[Path]) -> Workplace:
    workplace = make_workplace(tmp_path_factory.mktemp("decc"), pack)
    for mapping in ("decc_911", "decc_adm"):
        load(workplace, "call_intervals", files, mapping=mapping)
    refresh(workplace)
    return workplace


@pytest.fixture(scope="module")
def numbers(centre: Workplace) -> Iterator[States]:
    with open_states(centre, ["call_intervals"]) as reading:
        yield reading


def hours(centre: Workplace, numbers: States, by: tuple[str, ...]) -> dict[tuple[str, str, datetime], Observation]:
    asked = ObserveRequest(CODES, "all", Grain.HOUR, FIRST, LAST, by=by)
    return {(o.slice.get("line", ""), o.code, o.period.start): o for o in observe(centre, numbers, asked)}


@pytest.mark.parametrize("line", ["911", "ADM", ""])
def test_every_percentage_of_the_source_is_reproduced_in_every_row(
    centre: Workplace, numbers: States, source: dict[datetime, dict[str, str]], line: str
) -> None:
    found = hours(centre, numbers, ("line",) if line else ())
    assert len(source) == 3 * 168
    compared = 0
    for at, row in source.items():
        for code, column in COLUMNS[line].items():
            mine, theirs = found[(line, code, at)], row[column].strip()
            if not theirs or mine.denominator == 0:
                # Nothing was offered or nothing answered: the source writes 0 or nothing, we say unknown.
                assert mine.value is None, (at, code, theirs)
                assert float(theirs or 0) == 0, (at, code, theirs)
                continue
            assert mine.value is not None
            assert mine.value / 100 == pytest.approx(float(theirs), abs=5.1e-5), (at, code)
            compared += 1
    assert compared > 2000


@pytest.mark.parametrize(
    ("week", "offered", "abandoned", "within_10", "within_20", "adm_offered"),
    [(44, 1565, 456, 88.01, 97.20, 3260), (45, 1953, 788, 89.27, 97.34, 3510), (46, 1287, 164, 90.92, 98.22, 2897)],
)
def test_weekly_figures_are_those_of_the_source(
    centre: Workplace,
    numbers: States,
    source: dict[datetime, dict[str, str]],
    week: int,
    offered: int,
    abandoned: int,
    within_10: float,
    within_20: float,
    adm_offered: int,
) -> None:
    """The source's weeks run from Sunday; whole weeks are therefore added up from its seven days."""
    days = sorted({at.date() for at in source})[(week - 44) * 7 : (week - 43) * 7]
    codes = ("interval.offered", "interval.abandoned", "interval.answered_within_10s", "interval.answered_within_20s")
    asked = ObserveRequest(codes, "all", Grain.DAY, days[0], days[-1], by=("line",))
    sums: dict[tuple[str, str], list[int]] = {}
    for each in observe(centre, numbers, asked):
        parts = sums.setdefault((each.slice["line"], each.code), [0, 0])
        parts[0] += int(each.numerator or 0)
        parts[1] += int(each.denominator or 0)
    assert sums["911", "interval.offered"][0] == offered
    assert sums["911", "interval.abandoned"][0] == abandoned
    assert sums["ADM", "interval.offered"][0] == adm_offered
    for code, expected in ((codes[2], within_10), (codes[3], within_20)):
        top, bottom = sums["911", code]
        assert round(100 * top / bottom, 2) == expected
