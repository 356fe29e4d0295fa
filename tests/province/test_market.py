"""Campaigns, partner services, conduct, audits: contracts, the levers and their truth, records that unfold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ganzhi.province.calendar import DAY_S, EPOCH, days_of
from ganzhi.province.columns import NEVER, identities
from ganzhi.province.feelings import Felt
from ganzhi.province.levers import Pull
from ganzhi.province.market import BLOCK_PHASES, PROVINCE_PHASES
from ganzhi.province.market.contacts import CONFUSED
from ganzhi.province.market.shared import Columns, happened, unfold
from ganzhi.province.scene import Experiences, Scene, World
from tests.province.stage import FIRST, Kept, build_world, doubled, faults, near, pack, play

DAYS = 8
START = (FIRST - EPOCH).days * DAY_S
HALL = "NW-01-H01"
FEEDS = (
    "campaigns", "campaign_contacts", "market_audits", "competitor_observations", "sp_subscriptions",
    "group_messages", "person_messages", "operator_actions", "product_checks", "service_promotions",
)  # fmt: skip
EVENTS = ("competitor_observations", "group_messages", "person_messages", "product_checks")


def day(number: int, hour: float = 0) -> int:
    """A moment: hours into a day of the stage."""
    return START + number * DAY_S + int(hour * 3_600)


PULLS = (
    Pull("campaign.confused", 1, day(1), day(6), 0.25, frozenset({"LJ"})),
    Pull("partner.unrequested", 2, day(2), day(5), 2.4, frozenset({"SP-07"})),
    Pull("port.spam", 3, day(3, 9), day(4, 9), 26.0),
    Pull("staff.bulk_openings", 4, day(4), day(6), 90.0, frozenset({HALL})),
    Pull("competitor.offer", 5, day(0), day(8), 9.0, frozenset({"WX"})),
)


def played(world: World) -> tuple[Kept, list[Experiences]]:
    """The world's records, and what customers felt on each day."""
    felt: list[Experiences] = []
    return play(world, BLOCK_PHASES, (*PROVINCE_PHASES, lambda scene: felt.append(scene.notes(Experiences)))), felt


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(scale=0.004, days=DAYS, pulls=PULLS)


@pytest.fixture(scope="module")
def troubled(world: World) -> tuple[Kept, list[Experiences]]:
    return played(world)


@pytest.fixture(scope="module")
def quiet() -> tuple[Kept, list[Experiences]]:
    return played(build_world(scale=0.004, days=DAYS))


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
    assert doubled(feed, table) > 0
    states = table.select([*key, "updated_at"]).group_by([*key, "updated_at"]).aggregate([])
    assert len(states) == len(table)
    assert pc.max(table.column("updated_at")).as_py().date() <= date(2012, 3, 5)


def test_no_truth_names_an_incident_in_quiet_times(quiet: tuple[Kept, list[Experiences]]) -> None:
    for name in ("conduct", "unrequested", "spam", "confused"):
        if name in quiet[0]._truth:
            assert set(quiet[0].truth(name).column("incident").to_pylist()) == {-1}
    assert all((notes.cause == -1).all() for notes in quiet[1])


def test_the_share_that_misunderstands_an_offer_is_the_levers(
    world: World, troubled: tuple[Kept, list[Experiences]]
) -> None:
    kept, felt = troubled
    table = last(kept, "campaign_contacts")
    truth = kept.truth("confused")
    caused = truth.filter(pc.equal(truth.column("incident"), 1)).column("contact_id")
    inside = pc.and_(
        pc.starts_with(table.column("unit"), "LJ-"),
        pc.and_(at_least(table, "contacted_at", day(1)), pc.invert(at_least(table, "contacted_at", day(6)))),
    )
    reached = table.filter(pc.and_(inside, pc.not_equal(table.column("response"), "no_answer")))
    found = table.filter(pc.is_in(table.column("contact_id"), caused))
    assert len(found) == len(caused)
    assert set(found.column("contact_id").to_pylist()) <= set(reached.column("contact_id").to_pylist())
    share = len(caused) / len(reached)
    assert near(share, 0.25, float(np.sqrt(0.25 * 0.75 / len(reached))))
    plain = (len(truth) - len(caused)) / len(table)
    assert plain < 4 * CONFUSED
    mine = joined(felt, Felt.OFFER_CONFUSED)
    assert len(mine) == len(truth)
    assert int((mine == 1).sum()) == len(caused)


def test_customers_who_opted_out_are_hardly_ever_contacted(quiet: tuple[Kept, list[Experiences]]) -> None:
    table = last(quiet[0], "campaign_contacts")
    assert float(pc.mean(pc.cast(table.column("opted_out"), pa.float64())).as_py()) < 0.004


def test_unrequested_services_have_no_action_of_the_customer(
    world: World, troubled: tuple[Kept, list[Experiences]], quiet: tuple[Kept, list[Experiences]]
) -> None:
    kept, felt = troubled
    truth = kept.truth("unrequested")
    caused = truth.filter(pc.equal(truth.column("incident"), 2)).column("subscription_id")
    table = last(kept, "sp_subscriptions")
    found = table.filter(pc.is_in(table.column("subscription_id"), caused))
    assert set(found.column("content_partner").to_pylist()) == {"SP-07"}
    assert found.column("customer_action_at").null_count == len(found)
    assert found.column("confirmed_at").null_count == len(found)
    stated = 3 * 2.4 * (~world.population.left).sum() / 1_000
    assert near(len(found), stated, float(np.sqrt(stated)))
    assert int((joined(felt, Felt.CHARGED_UNASKED) == 2).sum()) == len(found)
    calm = last(quiet[0], "sp_subscriptions")
    asked = calm.filter(pc.equal(calm.column("variant"), "order"))
    assert asked.column("customer_action_at").null_count <= 0.003 * len(asked)


def test_consent_precedes_effect(troubled: tuple[Kept, list[Experiences]]) -> None:
    table = troubled[0].table("sp_subscriptions")
    orders = table.filter(pc.equal(table.column("variant"), "order"))
    given = pc.less_equal(orders.column("confirmed_at"), orders.column("effective_at"))
    assert pc.all(given).as_py()


def test_spam_comes_through_one_port_in_bursts_of_one_content(troubled: tuple[Kept, list[Experiences]]) -> None:
    kept, felt = troubled
    table = kept.table("group_messages")
    truth = kept.truth("spam")
    assert set(truth.column("incident").to_pylist()) == {3}
    assert near(len(truth), 26.0, 26**0.5)
    spam = table.filter(pc.is_in(table.column("batch_id"), truth.column("batch_id")))
    assert len(set(spam.column("port").to_pylist())) == 1
    assert pc.min(spam.column("recipients")).as_py() >= 1_000
    assert pc.all(pc.greater(spam.column("recipients"), pc.multiply(spam.column("usual_recipients"), 5))).as_py()
    per_10k = pc.sum(spam.column("reported")).as_py() / pc.sum(spam.column("delivered")).as_py() * 1e4
    rest = table.filter(pc.invert(pc.is_in(table.column("batch_id"), truth.column("batch_id"))))
    assert per_10k > 5 * pc.sum(rest.column("reported")).as_py() / pc.sum(rest.column("delivered")).as_py() * 1e4
    counts = spam.group_by("content_code").aggregate([("batch_id", "count"), ("repeats", "max")])
    assert counts.column("batch_id_count").to_pylist() == counts.column("repeats_max").to_pylist()
    annoyed = joined(felt, Felt.SPAMMED)
    assert len(annoyed) > 0
    assert set(annoyed.tolist()) == {3}


def test_a_bulk_run_is_rapid_unidentified_at_one_address(
    world: World, troubled: tuple[Kept, list[Experiences]]
) -> None:
    kept, _ = troubled
    truth = kept.truth("conduct")
    hall = world.organisation.hall_codes.index(HALL)
    assert set(truth.column("staff_account").to_pylist()) == {world.organisation.clerk_code(hall, 0)}
    assert near(len(truth), 180.0, 180**0.5)
    table = last(kept, "operator_actions")
    run = table.filter(pc.is_in(table.column("action_id"), truth.column("action_id")))
    assert set(run.column("staff_action").to_pylist()) == {"account_opening"}
    assert len(set(run.column("address_code").to_pylist())) == 1
    assert not pc.any(run.column("identified")).as_py()
    assert run.column("request_id").null_count == len(run)
    assert pc.all(run.column("off_hours")).as_py()
    rapid = pc.sum(pc.cast(pc.less(run.column("since_previous_s"), 10), pa.int64())).as_py()
    assert rapid >= len(run) - 2


def test_seconds_since_the_previous_action_are_those_between_records(
    troubled: tuple[Kept, list[Experiences]],
) -> None:
    table = last(troubled[0], "operator_actions").sort_by([("staff_account", "ascending"), ("acted_at", "ascending")])
    at = table.column("acted_at").cast(pa.int64()).to_numpy()
    account = table.column("staff_account").to_numpy(zero_copy_only=False)
    same_day = (account[1:] == account[:-1]) & (at[1:] // DAY_S == at[:-1] // DAY_S)
    stated = table.column("since_previous_s").to_numpy()[1:]
    assert (np.diff(at)[same_day] == stated[same_day]).all()
    assert np.isnan(stated[~same_day]).all()


def test_quiet_times_have_a_tail_of_innocent_oddities(quiet: tuple[Kept, list[Experiences]]) -> None:
    table = last(quiet[0], "operator_actions")
    opens = table.filter(pc.is_in(table.column("staff_action"), pa.array(["account_opening", "service_activation"])))
    odd = pc.or_(pc.fill_null(pc.less(opens.column("since_previous_s"), 10), False), opens.column("off_hours"))
    assert 0.002 < pc.mean(pc.cast(odd, pa.float64())).as_py() < 0.02
    sold = table.filter(pc.equal(table.column("staff_action"), "service_activation"))
    assert 0 < sold.column("request_id").null_count < 0.01 * len(sold)
    busy = table.append_column("day", pc.cast(table.column("acted_at"), pa.date32()))
    counts = busy.group_by(["staff_account", "day"]).aggregate([("action_id", "count")])
    assert pc.mean(counts.column("action_id_count")).as_py() >= 10


def test_an_offer_shows_in_what_is_observed_of_competitors(troubled: tuple[Kept, list[Experiences]]) -> None:
    table = troubled[0].table("competitor_observations")
    priced = table.filter(pc.is_valid(table.column("price_fen")))
    ratio = pc.divide(
        pc.cast(priced.column("price_fen"), pa.float64()), pc.cast(priced.column("own_price_fen"), pa.float64())
    ).to_numpy()
    there = pc.equal(priced.column("unit"), "WX").to_numpy(zero_copy_only=False)
    assert ratio[there].mean() < ratio[~there].mean() - 0.05
    scores = priced.column("score").to_numpy()
    assert scores[there].mean() > scores[~there].mean()
    everywhere = pc.equal(table.column("unit"), "WX").to_numpy(zero_copy_only=False)
    assert everywhere.mean() > 2 / 13


def test_contacts_belong_to_campaigns_that_run(troubled: tuple[Kept, list[Experiences]]) -> None:
    kept, _ = troubled
    contacts, campaigns = last(kept, "campaign_contacts"), last(kept, "campaigns")
    both = contacts.select(["campaign", "contacted_at"]).join(
        campaigns.select(["campaign", "starts_at", "ends_at", "stage"]), "campaign"
    )
    assert len(both) == len(contacts)
    assert both.column("starts_at").null_count == 0
    day_of = pc.floor_temporal(both.column("contacted_at"), unit="day")
    assert pc.all(pc.less_equal(pc.floor_temporal(both.column("starts_at"), unit="day"), day_of)).as_py()
    assert pc.all(pc.less_equal(day_of, both.column("ends_at"))).as_py()
    assert "rejected" not in set(both.column("stage").to_pylist())


def test_a_record_unfolds_as_its_moments_come_true() -> None:
    world = build_world(scale=0.001, days=4)
    kept = Kept()
    made: Columns = {
        "record_id": identities("X", np.arange(3)),
        "begun_at": np.array([day(0, 9), day(0, 10), day(1, 9)]),
        "done_at": np.array([day(0, 12), day(2, 1), NEVER]),
        "_closed_at": np.array([NEVER, NEVER, day(3, 5)]),
    }
    seen: list[list[str]] = []
    for today in days_of(world.first, world.days):
        before = len(kept.table("any")) if kept.feeds else 0
        new = made if today.index == 0 else None
        unfold(
            Scene(world, today, kept), "any", new, "begun_at", ("done_at", "_closed_at"),
            lambda shown, _: {"closed": happened(shown["_closed_at"])},
        )  # fmt: skip
        seen.append(kept.table("any").column("record_id").to_pylist()[before:])
    assert seen == [["X0", "X1"], ["X2"], ["X1"], ["X2"]]
    table = kept.table("any")
    assert table.column_names == ["record_id", "begun_at", "done_at", "updated_at", "closed"]
    assert table.column("closed").to_pylist() == [False, False, False, False, True]
    assert table.column("done_at").is_valid().to_pylist() == [True, False, False, True, False]


def last(kept: Kept, feed: str) -> pa.Table:
    """The last state of each record."""
    table = kept.table(feed)
    key = list(pack().feeds[feed].key)
    numbered = table.append_column("row", pa.array(np.arange(len(table))))
    rows = numbered.group_by(key).aggregate([("row", "max")]).column("row_max").to_numpy()
    return table.take(pa.array(np.sort(rows)))


def at_least(table: pa.Table, name: str, moment: int) -> pa.ChunkedArray:
    """Whether a moment is not before another."""
    return pc.greater_equal(table.column(name).cast(pa.int64()), moment)


def joined(felt: list[Experiences], kind: Felt) -> np.ndarray:
    """The incidents behind what customers felt of one kind."""
    return np.concatenate([notes.cause[notes.kind == int(kind)] for notes in felt])
