"""The network and field work: complete measurements, outages and their truth, visits that carry out installations."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ganzhi.province.calendar import DAY_S, EPOCH
from ganzhi.province.feelings import Felt
from ganzhi.province.levers import Pull
from ganzhi.province.network import BLOCK_PHASES, PROVINCE_PHASES
from ganzhi.province.network.cells import CELL, CELLS_LEAST, DROPPED, FAILED_SETUP, HOURS
from ganzhi.province.population import NETWORKS
from ganzhi.province.scene import Experiences, World
from tests.province.stage import FIRST, Kept, build_world, doubled, faults, pack, play

DAYS = 8
START = (FIRST - EPOCH).days * DAY_S
COUNTY = "NW-01"
DOWN = (START + 2 * DAY_S + 21 * 3_600, START + 3 * DAY_S + 4 * 3_600)
SIZE = 0.35
FEEDS = (
    "network_measurements", "network_faults", "service_tests", "data_sessions", "installations", "field_visits",
)  # fmt: skip
EVENTS = ("network_measurements", "service_tests", "data_sessions")


def played(world: World) -> tuple[Kept, list[Experiences]]:
    """The world's records, and what customers felt on each day."""
    felt: list[Experiences] = []
    return play(world, BLOCK_PHASES, (*PROVINCE_PHASES, lambda scene: felt.append(scene.notes(Experiences)))), felt


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(scale=0.006, days=DAYS, pulls=(Pull("network.down", 3, *DOWN, SIZE, frozenset({COUNTY})),))


@pytest.fixture(scope="module")
def troubled(world: World) -> tuple[Kept, list[Experiences]]:
    return played(world)


@pytest.fixture(scope="module")
def quiet() -> tuple[Kept, list[Experiences]]:
    return played(build_world(scale=0.006, days=DAYS))


@pytest.mark.parametrize("feed", FEEDS)
def test_records_satisfy_their_contract(
    feed: str, troubled: tuple[Kept, list[Experiences]], quiet: tuple[Kept, list[Experiences]]
) -> None:
    for kept, _ in (troubled, quiet):
        assert faults(feed, kept.table(feed)) == []
        if feed in EVENTS:
            assert doubled(feed, kept.table(feed)) == 0


@pytest.mark.parametrize("feed", sorted(set(FEEDS) - set(EVENTS)))
def test_a_record_comes_again_only_with_a_later_state(feed: str, troubled: tuple[Kept, list[Experiences]]) -> None:
    table = troubled[0].table(feed)
    key = list(pack().feeds[feed].key)
    states = table.select([*key, "updated_at"]).group_by([*key, "updated_at"]).aggregate([])
    assert len(states) == len(table)
    assert pc.max(table.column("updated_at")).as_py().date() <= date(2012, 3, 5)


def test_every_point_reports_every_hour(world: World, troubled: tuple[Kept, list[Experiences]]) -> None:
    table = troubled[0].table("network_measurements")
    points = world.memory["network.points"]
    assert len(table) == len(points.codes) * HOURS * DAYS
    hours = table.group_by("point_id").aggregate([("measured_at", "count_distinct")])
    assert set(hours.column("measured_at_count_distinct").to_pylist()) == {HOURS * DAYS}
    cells = np.bincount(points.place[points.kind == CELL], minlength=world.organisation.size.counties)
    assert cells.min() >= CELLS_LEAST
    assert set(table.column("measuring_point").to_pylist()) == {"province_exit", "branch", "user", "cell"}


def test_quiet_cells_connect_and_keep_calls_as_stated(quiet: tuple[Kept, list[Experiences]]) -> None:
    table = quiet[0].table("network_measurements")
    total = {name: pc.sum(table.column(name)).as_py() for name in ("call_attempts", "call_setups", "drops")}
    assert 1 - 1.2 * FAILED_SETUP < total["call_setups"] / total["call_attempts"] < 1 - 0.9 * FAILED_SETUP
    assert DROPPED < total["drops"] / total["call_setups"] < 1.6 * DROPPED
    served = pc.sum(table.column("available_s")).as_py() / (
        3_600 * pc.sum(pc.is_valid(table.column("available_s"))).as_py()
    )
    assert served > 0.995


def test_the_share_of_cells_out_of_service_is_the_levers(
    world: World, troubled: tuple[Kept, list[Experiences]]
) -> None:
    table = troubled[0].table("network_measurements")
    cells = table.filter(
        pc.and_(pc.equal(table.column("unit"), COUNTY), pc.equal(table.column("measuring_point"), "cell"))
    )
    at = cells.column("measured_at").cast(pa.int64()).to_numpy()
    lost = 3_600 - cells.column("available_s").to_numpy()
    inside = (at >= DOWN[0]) & (at < DOWN[1])
    names = cells.column("point_id").to_numpy(zero_copy_only=False)
    n = len(set(names))
    full = {name for name in set(names) if (lost[inside & (names == name)] == 3_600).all()}
    assert len(full) == max(1, round(SIZE * n))
    drops, setups = cells.column("drops").to_numpy(), cells.column("call_setups").to_numpy()
    assert drops[inside].sum() / setups[inside].sum() > 2 * drops[~inside].sum() / setups[~inside].sum()
    assert setups[inside & np.isin(names, sorted(full))].sum() == 0


def test_an_outage_is_a_fault_open_while_the_lever_is_pulled(troubled: tuple[Kept, list[Experiences]]) -> None:
    kept, _ = troubled
    truth = kept.truth("network").to_pylist()
    assert [row["incident"] for row in truth] == [3]
    table = kept.table("network_faults")
    rows = table.filter(pc.equal(table.column("fault_id"), truth[0]["fault_id"]))
    assert rows.column("unit").to_pylist() == [COUNTY, COUNTY]
    assert set(rows.column("occurred_at").cast(pa.int64()).to_pylist()) == {DOWN[0]}
    assert rows.column("restored_at").cast(pa.int64()).to_pylist() == [None, DOWN[1]]
    assert set(rows.column("fault_level").to_pylist()) == {"critical"}


def test_only_customers_of_the_county_feel_the_outage(
    world: World, troubled: tuple[Kept, list[Experiences]], quiet: tuple[Kept, list[Experiences]]
) -> None:
    county = world.organisation.county_codes.index(COUNTY)
    number = 0
    for notes in troubled[1]:
        mine = notes.cause == 3
        number += int(mine.sum())
        assert (world.population.county[notes.customer[mine]] == county).all()
        assert ((notes.at[mine] >= DOWN[0]) & (notes.at[mine] < DOWN[1])).all()
        lines = notes.customer[mine & (notes.kind == int(Felt.BROADBAND_DOWN))]
        assert world.population.uses(lines, "home_broadband").all()
        assert (world.population.network[lines] == NETWORKS.index("fixed")).all()
    hit = (world.population.county == county) & ~world.population.left
    assert 0.1 * hit.sum() < number < 0.6 * hit.sum()
    assert all((notes.cause == -1).all() for notes in quiet[1])
    assert "network" not in quiet[0]._truth


def test_sessions_fail_where_cells_are_out(world: World, troubled: tuple[Kept, list[Experiences]]) -> None:
    table = troubled[0].table("data_sessions")
    at = table.column("started_at").cast(pa.int64()).to_numpy()
    mobile = pc.not_equal(table.column("network"), "fixed").to_numpy(zero_copy_only=False)
    inside = mobile & (at >= DOWN[0]) & (at < DOWN[1])
    inside &= pc.equal(table.column("unit"), COUNTY).to_numpy(zero_copy_only=False)
    failed = pc.not_equal(table.column("session_end"), "normal").to_numpy(zero_copy_only=False)
    assert 0.005 < failed[~inside].mean() < 0.05
    assert failed[inside].mean() > 3 * failed[~inside].mean()


def test_customers_use_products_they_have(world: World, quiet: tuple[Kept, list[Experiences]]) -> None:
    table = quiet[0].table("data_sessions")
    customer = pc.cast(pc.utf8_slice_codeunits(table.column("customer_id"), 1), pa.int64()).to_numpy() - 100_000_000
    product = table.column("product").to_numpy(zero_copy_only=False)
    for name in set(product):
        assert world.population.uses(customer[product == name], name).all()
    assert 0.025 < len(table) / DAYS / len(world.population) < 0.055


def test_an_installation_ends_with_the_visit_that_does_it(quiet: tuple[Kept, list[Experiences]]) -> None:
    orders, visits = last(quiet[0], "installations"), last(quiet[0], "field_visits")
    installed = orders.filter(pc.equal(orders.column("install_result"), "installed"))
    done = visits.filter(
        pc.and_(pc.equal(visits.column("visit_kind"), "install"), pc.equal(visits.column("visit_result"), "done"))
    )
    ends = set(zip(done.column("customer_id").to_pylist(), done.column("finished_at").to_pylist(), strict=True))
    found = list(
        zip(installed.column("customer_id").to_pylist(), installed.column("installed_at").to_pylist(), strict=True)
    )
    assert len(found) > 5
    assert set(found) <= ends
    assert orders.filter(pc.equal(orders.column("install_result"), "pending")).column("installed_at").null_count > 0


def test_a_visit_is_booked_before_it_takes_place(quiet: tuple[Kept, list[Experiences]]) -> None:
    table = quiet[0].table("field_visits")
    assert pc.all(pc.less(table.column("booked_at"), table.column("appointment_from"))).as_py()
    booked = table.filter(pc.equal(table.column("visit_result"), "booked"))
    assert booked.column("finished_at").null_count == len(booked)
    assert booked.column("rating").null_count == len(booked)
    known = set(table.column("visit_id").to_pylist())
    again = set(pc.drop_null(table.column("revisit_of")).to_pylist())
    assert again
    assert again <= known


def test_the_same_seed_gives_the_same_records() -> None:
    first, second = (played(build_world(scale=0.001, days=2))[0] for _ in range(2))
    assert first.feeds == second.feeds
    for feed in first.feeds:
        assert first.table(feed).equals(second.table(feed))


def last(kept: Kept, feed: str) -> pa.Table:
    """The last state of each record."""
    table = kept.table(feed)
    key = list(pack().feeds[feed].key)
    numbered = table.append_column("row", pa.array(np.arange(len(table))))
    rows = numbered.group_by(key).aggregate([("row", "max")]).column("row_max").to_numpy()
    return table.take(pa.array(np.sort(rows)))
