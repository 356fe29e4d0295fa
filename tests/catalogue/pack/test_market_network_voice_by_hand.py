"""Market, network and voice from files to figures: what the catalogue computes is what SQL written by hand computes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.catalogue.pack.market_days import BY_HAND, TABLES, rows_of
from tests.measure.place import make_workplace

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@dataclass(frozen=True)
class Loaded:
    """The workspace, its open states, what came of each file, and the same files as plain tables of texts."""

    workplace: Workplace
    reading: States
    reports: dict[str, LoadReport]
    hand: duckdb.DuckDBPyConnection

    def ask(self, *codes: str, by: tuple[str, ...] = (), unit: str = "all") -> list[Observation]:
        return observe(self.workplace, self.reading, ObserveRequest(codes, unit, Grain.MONTH, *NOVEMBER, by=by))


def _with_branches(pack: Catalogue) -> Catalogue:
    branches = {c: Unit(name=Text(zh=c, en=c), level="city", parent=pack.root_unit) for c in ("north", "south")}
    return replace(pack, units={**pack.units, **branches})


def _write(folder: Path, catalogue: Catalogue, feed: str) -> Path:
    path = folder / f"{feed}_20261102.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(catalogue.feeds[feed].columns), extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows_of(feed))
    return path


@pytest.fixture(scope="module")
def loaded(pack: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    workplace = make_workplace(tmp_path_factory.mktemp("market"), _with_branches(pack))
    hand, reports = duckdb.connect(), {}
    for feed in TABLES:
        file = _write(workplace.root, pack, feed)
        mapping = next(code for code, each in pack.mappings.items() if each.feed == feed)
        reports[feed] = load(workplace, feed, [file], mapping)[0]
        hand.execute(f"CREATE TABLE {feed} AS FROM read_csv('{file}', all_varchar=true, header=true)")
    refresh(workplace)
    with open_states(workplace, list(TABLES)) as reading:
        yield Loaded(workplace, reading, reports, hand)
    hand.close()
    workplace.store.close()


def test_every_row_arrives(loaded: Loaded) -> None:
    for feed, report in loaded.reports.items():
        assert (report.tally.accepted, report.tally.rejected) == (len(rows_of(feed)), 0), feed


@pytest.mark.parametrize("code", BY_HAND)
def test_figures_are_what_sql_by_hand_gives(loaded: Loaded, code: str) -> None:
    value = loaded.ask(code)[0].value
    by_hand = float(loaded.hand.execute(BY_HAND[code]).fetchall()[0][0])
    assert value == pytest.approx(by_hand, rel=1e-9)
    assert value != 0


@pytest.mark.requirement("S000-032")
def test_satisfaction_is_told_per_commercial_process(loaded: Loaded) -> None:
    asked = loaded.ask("voice.process_satisfaction", by=("commercial_process",))
    found = {each.slice["commercial_process"]: each.value for each in asked if each.n}
    rows = loaded.hand.execute(
        "SELECT commercial_process, avg(score::int) FROM survey_answers WHERE question LIKE '%_overall' GROUP BY 1"
    ).fetchall()
    assert found == pytest.approx(dict(rows))
    assert found == pytest.approx({"network": 8.0, "support": 8.5, "billing": 3.0})


def test_a_branch_counts_only_what_is_its_own(loaded: Loaded) -> None:
    codes = ("products.visit.punctual_rate", "network.call_setup_rate", "voice.overall")
    north, south = ([each.value for each in loaded.ask(*codes, unit=unit)] for unit in ("north", "south"))
    assert north == pytest.approx([50.0, 100 * 624 / 650, 7.5])
    assert south == pytest.approx([100.0, 100 * 79 / 80, 8.0])
