"""Every incident leaves its trace in what is delivered, the truth names it, and nothing else is blamed on incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from ganzhi.catalogue.model.warning import Occasion
from ganzhi.province.calendar import days_of
from ganzhi.province.chains.hops import SYSTEM_HOPS
from ganzhi.province.delivery.dirt import Dirt
from ganzhi.province.hotline.menu import FUNCTIONS
from ganzhi.province.incidents import INCIDENTS, placed
from ganzhi.province.market.partners import PARTNERS
from ganzhi.province.organisation import CITIES, Organisation, build_organisation
from ganzhi.province.population import build_population
from ganzhi.province.scene import World, blocks_of
from ganzhi.province.service.order_kinds import ELEMENTS
from ganzhi.province.simulate import Request, live, simulate, write_occasions
from tests.province.delivered import Province, in_memory
from tests.province.stage import Kept, pack

pytestmark = pytest.mark.xdist_group("province-incidents")

SEED = 7
START = date(2012, 2, 29)
DECOY = ("holiday-peak", date(2011, 1, 3))
"""An incident long past takes number 0, so that the one in question is number 1."""

Named = tuple[tuple[str, date | None], ...]
Compare = Callable[[float, float], bool]


def played(scale: float, first: date, days: int, named: Named = ()) -> Kept:
    places = build_organisation(scale, SEED)
    _, levers = placed(named, places, first + timedelta(days=days - 1))
    people = build_population(places, SEED, days)
    world = World(SEED, scale, first, days, places, people, levers, blocks_of(len(people)))
    kept = Kept()
    for today in days_of(first, days):
        live(world, kept, today)
    return kept


def up(factor: float, least: float = 0.0) -> Compare:
    """At least so many times as much as without the incident, and at least `least`."""
    return lambda without, found: found >= factor * without and found >= least


def down(factor: float) -> Compare:
    """At most so many times as much as without the incident."""
    return lambda without, found: 0 <= found <= factor * without


def alike(error: float) -> Compare:
    """The same within this share."""
    return lambda without, found: abs(found - without) <= error * without


@dataclass(frozen=True)
class Case:
    """An incident in a small province. traces: what is measured in the feeds, and how it compares with the same
    province without the incident. `{hall}` and the like are the incident's places. truth: the tables of the truth
    that must name it."""

    traces: tuple[tuple[str, Compare], ...]
    truth: tuple[str, ...]
    scale: float = 0.004
    days: int = 3
    first: date = START
    start: date | None = START


CREDITED = """
    select avg((coalesce(b.changed_at <= p.paid_at + interval 30 minute, false))::int)
    from payments p join recharge_notices n using (payment_no) left join balance_changes b using (notice_id)
    where p.paid_at between '2012-03-01 10:00' and '2012-03-01 22:00' and n.state <> 'failed' and n.unit like '{city}-%'
"""
SMS = "sms_receipts where submitted_at between '2012-02-29 14:00' and '2012-03-01 20:00'"
WRONG_SUM = (
    "monthly_fee_fen + voice_fen + data_fen + message_fen + partner_fen + other_fen - discount_fen <> amount_fen"
)
TWO = "(unit like '{city}%' or unit like '{city2}%')"

CASES = {
    "recharge-2012": Case(
        (
            ("select count(*) from recharge_notices where created_at::date = '2012-03-01'", up(1.3)),
            (CREDITED, down(0.3)),
            ("select count(*) from fund_changes where state = 'invalid'", up(20, 100)),
            ("select max(value) from system_measurements where system = 'billing' and metric = 'db_connections'", up(1.2, 95)),
            ("select count(distinct complaint_id) from complaints where category = 'charge_doubt'", up(4)),
        ),
        ("recharge_chains.cause", "experiences.incident", "complaints.incident", "calls.cause", "system_causes.incident"),
        start=None,
    ),
    "sms-delay": Case(
        (
            (f"select median(date_diff('second', submitted_at, delivered_at)) from {SMS}", up(100)),
            (f"select avg((result <> 'delivered')::int) from {SMS}", up(2, 0.03)),
            ("select median(date_diff('second', triggered_at, delivered_at)) from reminders where triggered_at::date = '2012-03-01'", up(50)),
        ),
        ("reminders_late.incident", "experiences.incident", "calls.cause"),
    ),
    "provisioning-errors": Case(
        (
            ("select avg((result = 'failed')::int) from business_orders where product = 'ring_back_tone'", up(4, 0.15)),
            ("select avg((result <> 'done')::int) from provisioning_orders where network_element = 'vas'", up(4, 0.15)),
            ("select avg((result <> 'done')::int) from provisioning_orders where network_element = 'packet'", lambda _, found: found < 0.05),
        ),
        ("orders_failed.incident", "suspensions.cause", "experiences.incident", "system_causes.incident"),
        scale=0.01,
    ),
    "plan-campaign": Case(
        (
            (f"select 1 - avg(terms_told::int) from campaign_contacts where {TWO}", up(1.8, 0.08)),
            (f"select count(distinct complaint_id) + 0.2 from complaints where category = 'marketing' and {TWO}", up(3, 3)),
            (f"select 1 - avg(terms_told::int) from campaign_contacts where not {TWO}", lambda _, found: found < 0.07),
        ),
        ("confused.incident", "experiences.incident", "calls.cause", "complaints.incident"),
        scale=0.01,
    ),
    "hall-understaffed": Case(
        (
            ("select avg(date_diff('second', issued_at, called_at)) from queue_tickets where unit = '{hall}'", up(2.5)),
            ("select sum(worked_minutes) from staff_days where unit = '{hall}' and role = 'clerk'", down(0.7)),
        ),
        ("hall_days.cause", "experiences.incident"),
        scale=0.01,
        days=2,
    ),
    "kiosk-paper": Case(
        (
            ("select count(*) from kiosk_events where state = 'out_of_paper'", up(5, 50)),
            ("select sum(fault_minutes) from device_days where device_type = 'payment_kiosk'", up(3)),
            ("select count(*) from kiosk_events where result = 'failed' and is_payment", up(2)),
        ),
        ("experiences.incident", "calls.cause"),
    ),
    "bulk-opening": Case(
        (
            ("select count(*) from operator_actions where staff_action = 'account_opening' and off_hours", up(10, 150)),
            ("""select max(n) from (select count(distinct action_id) as n from operator_actions
                where staff_action = 'account_opening' group by staff_account, acted_at::date)""", up(10, 50)),
            ("select count(*) from operator_actions where unit = '{hall}' and staff_action = 'account_opening' and not identified", up(10, 150)),
        ),
        ("conduct.incident",),
    ),
    "sp-unrequested": Case(
        (
            ("""select avg((customer_action_at is null)::int) from sp_subscriptions
                where content_partner = 'SP-07' and variant = 'order' and effective_at is not null""", up(5, 0.8)),
            ("""select avg((customer_action_at is null)::int) from sp_subscriptions
                where content_partner <> 'SP-07' and variant = 'order' and effective_at is not null""", lambda _, found: found < 0.05),
        ),
        ("unrequested.incident", "experiences.incident", "complaints.incident", "calls.cause"),
    ),
    "port-spam": Case(
        (
            ("select max(n) from (select count(*) as n from group_messages where sent_at::date = '2012-03-01' group by port)", up(2.5)),
            ("select sum(reported) from group_messages", up(5)),
            ("select count(distinct complaint_id) from complaints where category = 'sms_source'", up(5, 20)),
        ),
        ("spam.incident", "experiences.incident", "complaints.incident"),
    ),
    "team-ratings": Case(
        (
            ("select avg(score) from sms_ratings where team = '{team}'", lambda without, found: found < without - 1),
            ("select avg(score) from sms_ratings where team <> '{team}'", alike(0.05)),
        ),
        ("ratings.cause", "experiences.incident"),
        scale=0.01,
    ),
    "menu-change": Case(
        (
            ("select count(*) filter (where event = 'goal' and ivr_function = 'balance') / count(distinct session_id) from ivr_events", down(0.5)),
            ("select count(*) filter (where event = 'goal' and ivr_function = 'bill') / count(distinct session_id) from ivr_events", alike(0.2)),
            ("select avg((queue_at is not null)::int) from calls", up(1.2)),
        ),
        ("calls.hidden_by", "experiences.incident"),
    ),
    "competitor-offer": Case(
        (
            (f"select count(*) from customers where state = 'cancelled' and {TWO}", up(1.5, 20)),
            (f"select count(*) from competitor_observations where {TWO}", up(2)),
            (f"select count(*) filter (where price_fen < own_price_fen) from competitor_observations where {TWO}", up(2, 5)),
        ),
        ("churn.cause",),
        scale=0.01,
    ),
    "slow-drift": Case(
        (
            ("select avg(talk_s) from calls where outcome = 'AGENT'", up(1.2)),
            ("select avg(handling_s) from wrap_ups", up(1.2)),
        ),
        ("experiences.incident",),
        start=date(2012, 1, 25),
    ),
    "holiday-peak": Case(
        (
            (f"select count(*) from calls where {TWO}", up(1.15)),
            (f"select count(*) from recharges where {TWO}", up(1.15)),
            (f"select count(*) from calls where not {TWO}", alike(0.03)),
            # no surge: not more complaints than the demand explains, and chance (some forty in three days)
            ("select count(distinct complaint_id) from complaints", lambda without, found: found < 1.1 * without + 3 * without**0.5),
        ),
        ("experiences.incident",),
        scale=0.01,
        days=2,
        first=date(2012, 1, 16),
        start=None,
    ),
    "network-outage": Case(
        (
            ("""select avg(available_s / interval_s) from network_measurements
                where unit = '{county}' and measured_at between '2012-02-29 16:00' and '2012-02-29 22:00'""", down(0.75)),
            ("select count(*) from network_faults where unit = '{county}' and fault_level = 'critical'", up(1, 1)),
            ("select avg(ok::int) from service_tests where unit <> '{county}'", alike(0.01)),
            ("select count(distinct complaint_id) from complaints where unit = '{county}'", up(3, 8)),
        ),
        ("network.incident", "experiences.incident", "complaints.incident", "calls.cause"),
    ),
    "bill-error": Case(
        (
            (f"select count(*) from bills where unit like '{{city}}%' and {WRONG_SUM}", up(5, 10)),
            (f"select count(*) from bills where not unit like '{{city}}%' and {WRONG_SUM}", lambda _, found: found < 10),
        ),
        ("bills_wrong.incident", "experiences.incident"),
        start=date(2012, 2, 10),
    ),
}  # fmt: skip
"""Every incident but `delivery-late`, which needs files, and `unrecorded`, of which the test of intake measures how much is
found."""


def test_every_incident_has_its_case() -> None:
    assert {*CASES, "delivery-late", "unrecorded"} == set(INCIDENTS)


def _places_of(lever: str, places: Organisation) -> set[str]:
    """The codes a lever knows."""
    cities = {code for code, *_ in CITIES}
    known: dict[str, set[str]] = {
        "hop": set(SYSTEM_HOPS), "provisioning": set(ELEMENTS), "campaign": cities, "hall": set(places.hall_codes),
        "kiosk": set(places.hall_codes), "staff": set(places.hall_codes), "partner": set(PARTNERS),
        "team": set(places.team_codes), "menu": set(FUNCTIONS), "competitor": cities, "load": cities, "bill": cities,
        "delivery": set(pack().feeds), "wait": {"hotline", *places.hall_codes}, "network": set(places.county_codes),
    }  # fmt: skip
    return known[lever.partition(".")[0]]


@pytest.mark.parametrize("scale", [0.001, 0.01, 1.0])
def test_every_place_of_an_incident_exists(scale: float) -> None:
    places = build_organisation(scale, SEED)
    _, levers = placed([(name, None) for name in INCIDENTS], places, date(2012, 3, 1))
    for pull in levers.pulls:
        assert pull.places is None or pull.places <= _places_of(pull.lever, places), pull.lever


@pytest.fixture(scope="module")
def plain() -> Iterator[Callable[[float, date, int], Province]]:
    """The same province without an incident, played once for each scale and span."""
    with ExitStack() as stack:

        @cache
        def of(scale: float, first: date, days: int) -> Province:
            return stack.enter_context(in_memory(played(scale, first, days)))

        yield of


def _named_places(name: str, scale: float) -> dict[str, str]:
    """The incident's places under the names the cases use."""
    places = build_organisation(scale, SEED)
    own = [each for *_, where in INCIDENTS[name].drafts(places) if where for each in where]
    first, second = (own + [CITIES[0][0]] * 2)[:2]
    return {"city": first, "city2": second, "hall": first, "team": first, "county": first}


@pytest.mark.parametrize("name", CASES)
def test_an_incident_shows_in_the_feeds_and_the_truth_names_it(
    name: str, plain: Callable[[float, date, int], Province]
) -> None:
    case = CASES[name]
    without = plain(case.scale, case.first, case.days)
    places = _named_places(name, case.scale)
    if name == "recharge-2012":
        places["city"] = CITIES[0][0]
    named = (DECOY, (name, case.start))
    with in_memory(played(case.scale, case.first, case.days, named)) as province:
        for query, compare in case.traces:
            asked = query.format(**places)
            before, found = float(without.one(asked)), float(province.one(asked))
            assert compare(before, found), f"{asked}: {before} without, {found} with"
        for place in case.truth:
            table, column = place.split(".")
            assert province.one(f"select count(*) from truth_{table} where {column} = 1") > 0, place
            assert province.one(f"select count(*) from truth_{table} where {column} not in (-1, 1)") == 0, place


def test_a_drift_begins_small_and_grows(plain: Callable[[float, date, int], Province]) -> None:
    query = "select avg(talk_s) from calls where outcome = 'AGENT'"
    usual = plain(0.004, START, 3).one(query)
    means = []
    for start in (START, date(2012, 2, 9), date(2012, 1, 23)):
        with in_memory(played(0.004, START, 3, (("slow-drift", start),))) as province:
            means.append(province.one(query) / usual)
    assert 0.95 < means[0] < 1.06
    assert 1.08 < means[1] < 1.30
    assert 1.22 < means[2] < 1.48
    assert means[0] < means[1] < means[2]


def test_without_an_incident_nothing_is_blamed_on_one(plain: Callable[[float, date, int], Province]) -> None:
    province = plain(0.004, START, 3)
    columns = province.ask(
        """select table_name, column_name from duckdb_columns()
           where table_name like 'truth%' and column_name in ('cause', 'incident', 'hidden_by', 'crowded_by')"""
    )
    assert len(columns) > 12
    for table, column in columns:
        assert province.one(f"select count(*) from {table} where {column} >= 0") == 0, table


def test_a_late_feed_comes_two_days_later_and_another_lacks_rows(tmp_path: Path) -> None:
    first, days = date(2012, 2, 28), 4
    for name, named in (("with", (DECOY_LATE, ("delivery-late", date(2012, 2, 29)))), ("without", ())):
        simulate(tmp_path / name, Request(0.001, days, SEED, first, named, Dirt.none()))
    told = f"'{tmp_path}/with/truth/deliveries.parquet'"
    with duckdb.connect() as base:
        late = f"select distinct feed, arrives - day from {told} where incident = 1 and missing = 0 order by 1"
        assert base.execute(late).fetchall() == [("queue_tickets", 2), ("sms_receipts", 2)]
        assert base.execute(f"select distinct incident from {told} order by 1").fetchall() == [(-1,), (1,)]
        short = f"select distinct feed from {told} where missing > 0"
        assert base.execute(short).fetchall() == [("enquiries",)]
    assert (tmp_path / "with/delivered/20120302/queue_tickets_20120229.csv").is_file()
    assert not (tmp_path / "with/delivered/20120301/queue_tickets_20120301.csv").exists()
    assert (tmp_path / "with/later/20120303/queue_tickets_20120301.csv").is_file()
    lines = {
        name: len((tmp_path / name / "delivered/20120301/enquiries_20120301.csv").read_text().splitlines()) - 1
        for name in ("with", "without")
    }
    assert 0.5 < lines["with"] / lines["without"] < 0.7


DECOY_LATE = ("competitor-offer", date(2012, 2, 20))


CAPITAL_NOTICES = ((date(2012, 2, 1), (), 595_734), (date(2012, 3, 1), (("recharge-2012", None),), 840_035))
"""Recharge orders of the capital as the source counts them (S000-074)."""


@pytest.mark.requirement("S000-074")
@pytest.mark.parametrize(("day", "named", "counted"), CAPITAL_NOTICES)
def test_the_capital_has_as_many_recharge_notices_as_the_source_counts(day: date, named: Named, counted: int) -> None:
    kept = played(0.01, day, 1, named)
    with in_memory(kept) as province:
        found = province.one(
            f"select count(*) from recharge_notices where unit like '{CITIES[0][0]}-%' and created_at::date = '{day}'"
        )
    assert abs(found - 0.01 * counted) < 0.08 * 0.01 * counted


def test_what_was_announced_stands_in_a_calendar_that_a_workspace_takes(tmp_path: Path) -> None:
    """Releases on their day, a campaign on all of its days where it is; of other incidents nobody knew."""
    named = (("sms-delay", None), ("plan-campaign", None), ("recharge-2012", None))
    incidents, levers = placed(named, build_organisation(0.01, SEED), date(2012, 3, 1))
    write_occasions(tmp_path, incidents, levers)
    found = yaml.safe_load((tmp_path / "occasions.yaml").read_text(encoding="utf-8"))["occasions"]
    made = {code: Occasion.model_validate(entry) for code, entry in found.items()}
    assert set(made) == {"campaign.plan_campaign", "release.recharge_2012"}
    campaign, release = made["campaign.plan_campaign"], made["release.recharge_2012"]
    assert campaign.units == ("JH", "NW")
    assert [(s.first, s.last) for s in campaign.days] == [(date(2012, 2, 14), date(2012, 2, 22))]
    assert [(s.first, s.last) for s in release.days] == [(date(2012, 3, 1), None)]
    assert (campaign.kind, release.kind) == ("campaign", "release")
    write_occasions(tmp_path / "quiet", incidents[:1], levers)
    assert not (tmp_path / "quiet").exists()
