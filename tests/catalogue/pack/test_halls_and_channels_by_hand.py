"""Halls and channels from files to figures: what the catalogue computes is what SQL written by hand computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import ScoreRequest, score_all
from ganzhi.warehouse.workplace import Workplace
from tests.catalogue.pack.hall_days import DIMENSIONS, FILES, OTHERS, hand_tables, number, two_halls, write_files
from tests.measure.place import make_workplace

NOVEMBER = (date(2026, 11, 2), date(2026, 11, 3))


@dataclass(frozen=True)
class Loaded:
    """The workspace, its open states, what came of each file, and the same files as plain tables."""

    workplace: Workplace
    reading: States
    reports: dict[str, LoadReport]
    hand: duckdb.DuckDBPyConnection

    def ask(self, *codes: str, by: tuple[str, ...] = (), unit: str = "all") -> list[Observation]:
        request = ObserveRequest(codes, unit, Grain.MONTH, *NOVEMBER, by=by)
        return observe(self.workplace, self.reading, request)

    def sql(self, query: str) -> float:
        return float(self.hand.execute(query).fetchall()[0][0])


@pytest.fixture(scope="module")
def loaded(pack: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    workplace = make_workplace(tmp_path_factory.mktemp("halls"), two_halls(pack))
    files = write_files(workplace.root, {feed: list(pack.feeds[feed].columns) for feed in FILES})
    reports = {feed: load(workplace, feed, [file])[0] for feed, file in files.items()}
    refresh(workplace)
    hand = hand_tables(files)
    with open_states(workplace, list(FILES)) as reading:
        yield Loaded(workplace, reading, reports, hand)
    hand.close()
    workplace.store.close()


def test_every_row_arrives_but_the_one_no_customer_made(loaded: Loaded) -> None:
    for feed, report in loaded.reports.items():
        lines = len(FILES[feed].strip().splitlines()) - 1
        refused = 1 if feed == "channel_transactions" else 0
        assert (report.tally.accepted, report.tally.rejected) == (lines - refused, refused), feed


@pytest.mark.parametrize(
    "number_of",
    [pytest.param(n, marks=pytest.mark.requirement(f"S002-{47 + n:03d}"), id=f"D{n}") for n in DIMENSIONS],
)
def test_each_of_the_21_dimensions_is_what_sql_by_hand_gives(loaded: Loaded, number_of: int) -> None:
    codes = [c for c in loaded.workplace.catalogue.indicators if c.startswith(f"queue21.d{number_of:02d}_")]
    assert len(codes) == 1
    rate = loaded.workplace.catalogue.indicators[codes[0]].rate
    counted = codes[0]
    if rate is not None and rate.whole:  # a share by channel: all channels together are 100 %
        assert loaded.ask(codes[0])[0].value == 100
        counted = rate.per
    assert loaded.ask(counted)[0].value == pytest.approx(loaded.sql(DIMENSIONS[number_of]), rel=1e-12)


@pytest.mark.requirement("S002-026")
@pytest.mark.requirement("S002-035")
@pytest.mark.requirement("S002-042")
@pytest.mark.requirement("S002-069")
@pytest.mark.requirement("S002-078")
@pytest.mark.requirement("S002-079")
@pytest.mark.requirement("S002-080")
@pytest.mark.requirement("S002-081")
def test_waiting_payments_devices_productivity_and_contribution_are_what_sql_by_hand_gives(loaded: Loaded) -> None:
    found = {each.code: each.value for each in loaded.ask(*OTHERS)}
    for code, query in OTHERS.items():
        assert found[code] == pytest.approx(loaded.sql(query), rel=1e-12), code


@pytest.mark.requirement("S002-079")
def test_the_contributions_of_all_channels_sum_to_100_percent(loaded: Loaded) -> None:
    for code, where in (
        ("queue21.d01_channel_contribution", "true"),
        ("queue21.d05_payment_contribution", "is_payment"),
    ):
        assert loaded.ask(code)[0].value == 100
        by_channel = {each.slice["channel"]: each.value for each in loaded.ask(code, by=("channel",))}
        assert sum(value or 0 for value in by_channel.values()) == pytest.approx(100)
        whole = loaded.sql(number(where))
        assert whole
        for channel, value in by_channel.items():
            part = loaded.sql(number(f"{where} and channel = '{channel}'"))
            assert value == pytest.approx(100 * (part or 0) / whole), channel


def test_electronic_partner_and_own_staff_share_all_business_between_them(loaded: Loaded) -> None:
    groups = {
        e.slice["channel_group"]: e.value or 0
        for e in loaded.ask("queue21.d01_channel_contribution", by=("channel_group",))
    }
    assert set(groups) == {"manual", "electronic", "partner"}
    shares = [
        each.value or 0
        for each in loaded.ask("channels.contribution.electronic.all", "channels.contribution.partner.all")
    ]
    assert sum(shares) + 100 * groups["manual"] / sum(groups.values()) == pytest.approx(100)


def test_the_dimensions_are_had_per_hall_too(loaded: Loaded) -> None:
    code = "queue21.d11_self_service_payments"
    assert loaded.ask(code, unit="H1")[0].value == 50.0
    assert loaded.ask(code, unit="H2")[0].value == 0.0
    tickets = [loaded.ask("queue21.d14_footfall", unit=unit)[0].value for unit in ("H1", "H2")]
    assert tickets == [8, 4]


@pytest.mark.requirement("S002-026")
def test_customers_served_are_distributed_over_bands_of_the_wait(loaded: Loaded) -> None:
    found = {e.slice["hall_wait_band"]: e.value for e in loaded.ask("halls.served", by=("hall_wait_band",)) if e.value}
    assert found == {"00-05": 4, "05-10": 1, "10-15": 1, "15-30": 2, "30+": 1}


@pytest.mark.requirement("S002-046")
def test_the_queue_shortfall_index_is_made_of_its_three_branches(loaded: Loaded) -> None:
    request = ScoreRequest(("queue21.waiting",), "all", Grain.MONTH, *NOVEMBER)
    index = score_all(loaded.workplace, loaded.reading, request)[0]
    branches = {each.code: each for each in index.contributions}
    assert set(branches) == {"queue21.diversion", "queue21.in_hall", "queue21.resources"}
    assert index.score is not None
    weighted = 0.0
    for each in branches.values():
        assert each.child.score is not None, each.code
        assert each.child.coverage == 1, each.code
        weighted += each.weight * each.child.score.points
    assert index.score.points == pytest.approx(weighted)
