"""The laws of a whole province: what feeds say about each other and about the truth, on disk and block by block."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ganzhi.province import columns
from ganzhi.province.calendar import days_of
from ganzhi.province.delivery.dirt import Dirt
from ganzhi.province.delivery.office import FAMILIES
from ganzhi.province.levers import Levers
from ganzhi.province.organisation import CITIES, CUSTOMERS, build_organisation
from ganzhi.province.population import build_population
from ganzhi.province.scene import World, blocks_of
from ganzhi.province.simulate import Request, build, live, simulate
from tests.province.delivered import Province, in_memory, on_disk
from tests.province.stage import Kept, doubled, faults, pack

pytestmark = pytest.mark.xdist_group("province-whole")

FIRST = date(2012, 2, 25)
DAYS = 8
FEEDS = tuple(dict.fromkeys(family.feed for family in FAMILIES))
INCIDENTS = (("recharge-2012", None), ("team-ratings", None), ("network-outage", None))


@pytest.fixture(scope="module")
def on_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Eight days around a month start with three incidents, read back from the files."""
    root = tmp_path_factory.mktemp("whole")
    simulate(root / "province", Request(0.002, DAYS, 11, FIRST, INCIDENTS, Dirt.none()))
    (root / "work").mkdir()
    with on_disk(root / "province", root / "work") as province:
        yield province


@pytest.fixture(scope="module")
def in_blocks() -> Iterator[Province]:
    """Four days of a province whose customers are worked off in four blocks."""
    places = build_organisation(0.002, 5)
    people = build_population(places, 5, 4)
    blocks = blocks_of(len(people), most=len(people) // 4)
    assert len(blocks) == 4
    world = World(5, 0.002, date(2012, 2, 28), 4, places, people, Levers(), blocks)
    kept = Kept()
    for today in days_of(world.first, world.days):
        live(world, kept, today)
    with in_memory(kept) as province:
        yield province


@pytest.fixture(scope="module", params=["on_files", "in_blocks"])
def province(request: pytest.FixtureRequest) -> Province:
    found: Province = request.getfixturevalue(request.param)
    return found


def test_every_row_of_every_feed_keeps_its_contract(province: Province) -> None:
    broken = {feed: found for feed in FEEDS if (found := faults(feed, province.table(feed)))}
    assert broken == {}


def test_a_key_names_one_record_and_no_state_of_it_comes_twice(province: Province) -> None:
    for feed in FEEDS:
        declared = pack().feeds[feed]
        key = ", ".join(declared.key)
        moment = f'"{declared.time}"' if declared.kind == "event" else "1"
        states = (
            f"select distinct * from {feed}"
            if declared.version is None
            else f"select distinct {key}, {declared.version} from {feed}"
        )
        rows = province.one(f"select count(*) from {feed}")
        assert rows == province.one(f"select count(*) from ({states})"), feed
        moments = f"select {key}, count(distinct {moment}) as moments from {feed} group by {key} having moments > 1"
        assert province.ask(moments) == [], feed


def test_balances_add_up_row_by_row_and_over_all_days(province: Province) -> None:
    whole = """
        select count(*), count(*) filter (where total <> last - first) from (
            select sum(amount_fen) as total, arg_min(before_fen, (changed_at, change_id)) as first,
                   arg_max(after_fen, (changed_at, change_id)) as last
            from balance_changes group by account_id)
    """
    ((accounts, wrong),) = province.ask(whole)
    assert accounts > 10_000
    assert wrong == 0
    steps = """
        select count(*) from (
            select before_fen, amount_fen, after_fen,
                   lag(after_fen) over (partition by account_id order by changed_at, change_id) as carried
            from balance_changes)
        where before_fen + amount_fen <> after_fen or carried <> before_fen
    """
    assert province.one(steps) == 0


def test_a_recharge_has_one_payment_of_the_same_money_unless_it_was_lost(province: Province) -> None:
    chains = "truth_recharge_chains"
    done = "select count(*), sum(amount_fen) from recharges where result = 'done'"
    assert province.ask(done) == province.ask(f"select count(*), sum(amount_fen) from {chains}")
    assert province.one(f"select count(*) from {chains} anti join recharges using (payment_id, amount_fen)") == 0
    booked = """
        select count(*), count(*) filter (where c.amount_fen <> p.amount_fen or c.entry <> p.entry
            or (p.payment_id is not null and p.payment_id <> c.payment_id) or p.booked_at <> c.booked_at)
        from truth_recharge_chains c join payments p using (payment_no) where p.state = 'booked'
    """
    ((pairs, different),) = province.ask(booked)
    assert pairs == province.one("select count(*) from payments where state = 'booked'")
    assert pairs == province.one("select count(distinct payment_no) from payments where state = 'booked'")
    assert different == 0
    unbooked = f"select count(*), count(*) filter (where booked_at is null) from {chains} where payment_no is null"
    ((missing, lost),) = province.ask(unbooked)
    assert pairs + missing == province.one(f"select count(*) from {chains}")
    assert lost == province.one(f"select count(*) from {chains} where stuck_at = 'book'")
    assert missing < 0.006 * pairs
    doubled = "select count(*) from payments p where state = 'suspense'"
    assert province.one(doubled) == province.one(
        f"{doubled} and exists (select 1 from payments q where q.payment_no = p.duplicate_of and q.state = 'booked')"
    )


def test_a_resumed_line_was_suspended_before(province: Province) -> None:
    first = province.one("select min(started_at)::date from enquiries")
    resumes = f"""
        select count(*), count(*) filter (where suspended_at < timestamp '{first}'),
            count(*) filter (where suspended_at >= timestamp '{first}' and not exists (
                select 1 from suspensions s where s.customer_id = r.customer_id and s.action = 'suspend'
                and s.suspended_at = r.suspended_at))
        from suspensions r where action = 'resume'
    """
    ((resumed, before, unexplained),) = province.ask(resumes)
    assert resumed > before > 0
    assert unexplained == 0
    states = """
        select count(*) from (
            select new_state, lag(new_state) over (partition by subscriber order by set_at, state_id) as was
            from user_states)
        where new_state = 'normal' and was = 'normal'
    """
    unlogged = "select count(*) from truth_recharge_chains where resumed and state_id is null"
    assert province.one(states) <= province.one(unlogged)


def test_a_survey_answer_belongs_to_a_frame_that_was_completed(province: Province) -> None:
    answers = """
        select count(*), count(f.frame_id) from survey_answers a left join survey_frames f
        on f.frame_id = 'SF' || substr(a.response_id, 3) and f.outcome = 'complete' and f.survey = a.survey
            and f.customer_id = a.customer_id
    """
    ((asked, framed),) = province.ask(answers)
    assert asked == framed > 500
    complete = "select count(*) from survey_frames where outcome = 'complete'"
    assert province.one(complete) == province.one("select count(distinct response_id) from survey_answers")


def test_a_rating_is_about_a_contact_that_took_place(province: Province) -> None:
    for channel, contacts in (("hotline", "wrap_ups"), ("hall", "queue_tickets")):
        key = "contact_id" if contacts == "wrap_ups" else "ticket_id"
        rated = f"select count(*) from sms_ratings where channel = '{channel}'"
        known = f"{rated} and contact_id in (select {key} from {contacts})"
        assert province.one(rated) == province.one(known) > 50, channel


def test_complaint_and_contact_name_each_other(province: Province) -> None:
    both = """
        select count(*), count(*) filter (where w.complaint_id is distinct from c.complaint_id)
        from (select distinct complaint_id, contact_id from complaints where contact_id is not null) c
        left join wrap_ups w using (contact_id)
    """
    ((complaints, strange),) = province.ask(both)
    assert complaints == province.one("select count(complaint_id) from wrap_ups") > 5
    assert strange == 0


def test_complaint_steps_and_calls_back_belong_to_complaints(province: Province) -> None:
    for feed in ("complaint_steps", "outbound_calls"):
        named = f"select count(*) from {feed} where complaint_id is not null"
        assert province.one(named) == province.one(f"{named} and complaint_id in (select complaint_id from complaints)")
    assert province.one("select count(*) from complaints anti join complaint_steps using (complaint_id)") == 0
    assert province.one("select count(distinct complaint_id) from complaints") == province.one(
        "select count(*) from truth_complaints"
    )


@pytest.mark.parametrize(
    ("entries", "channel"),
    [
        (("kiosk",), "kiosk"),
        (("hall_cash",), "hall"),
        (("bank",), "bank"),
        (("partner_cash",), "partner_shop"),
        (("payment_card", "cboss_remote"), "payment_platform"),
        (("access_505", "access_13800138000"), "recharge_card"),
    ],
)
def test_channels_did_the_recharges_that_their_logs_hold(
    province: Province, entries: tuple[str, ...], channel: str
) -> None:
    entered = ", ".join(f"'{entry}'" for entry in entries)
    tried = f"select count(*), count(*) filter (where result = 'done') from recharges where entry in ({entered})"
    done = f"select sum(amount_fen) from recharges where result = 'done' and entry in ({entered})"
    dealt = f"from channel_transactions where process = 'recharge' and channel = '{channel}'"
    assert province.ask(tried) == province.ask(f"select count(*), count(*) filter (where result = 'done') {dealt}")
    assert province.ask(done) == province.ask(f"select sum(amount_fen) {dealt}")


def test_payments_at_kiosks_and_desks_are_the_recharges_made_there(province: Province) -> None:
    done = "select count(*), sum(amount_fen) from recharges where result = 'done' and entry = 'kiosk'"
    paid = "from kiosk_events where kind = 'transaction' and is_payment and result = 'done'"
    assert province.ask(done) == province.ask(f"select count(*), sum(amount_fen) {paid}")
    assert province.one(f"select count(*) {paid}") == province.one("select sum(payments) from device_days")
    at_desks = province.one("select count(*) from recharges where entry = 'hall_cash'")
    assert at_desks == province.one("select count(*) from hall_orders where process = 'recharge'")


def test_counts_of_customers_are_those_of_the_register(province: Province) -> None:
    """Cell by cell and day by day; a version holds from its day until the next one."""
    register = """
        with days as (select distinct cast(day as date) as day from subscriber_counts),
        latest as (
            select day, customer_id, arg_max({unit: unit, brand: brand, network: network, klass: customer_class,
                state: state}, changed_at) as held
            from days join customers on changed_at::date <= day group by all)
        select day, held.unit as unit, held.brand as brand, held.network as network, held.klass as customer_class,
            count(*) as n from latest where held.state <> 'cancelled' group by all
    """
    counted = "select cast(day as date) as day, unit, brand, network, customer_class, subscribers as n from subscriber_counts where subscribers > 0"
    different = f"(({register}) except ({counted})) union all (({counted}) except ({register}))"
    assert province.ask(different) == []
    moves = """
        select count(*) from (
            select day, sum(subscribers) as here, sum(new_subscribers) as came, sum(lost_subscribers) as went,
                   lag(sum(subscribers)) over (order by day) as before
            from subscriber_counts group by day)
        where here <> before + came - went
    """
    assert province.one(moves) == 0
    assert province.one("select count(*) from truth_churn") == province.one(
        "select sum(lost_subscribers) from subscriber_counts"
    )


def test_the_hourly_summary_counts_the_calls_that_ask_for_an_agent(province: Province) -> None:
    """Hour by hour of leaving the menu, until the last midnight."""
    calls = """
        select date_trunc('hour', ivr_exit_at) as interval_at, count(*) as offered,
            count(*) filter (where outcome = 'HANG') as abandoned,
            count(*) filter (where outcome = 'AGENT' and wait_s <= 10) as quick
        from calls where (outcome = 'AGENT' or outcome = 'HANG' and queue_at is not null)
            and ivr_exit_at < (select max(interval_at) + interval 1 hour from call_intervals)
        group by all
    """
    summary = """
        select interval_at, sum(offered), sum(abandoned), sum(answered_0_10) from call_intervals where offered > 0
        group by all
    """
    assert province.ask(f"({calls}) except ({summary})") == []
    assert province.ask(f"({summary}) except ({calls})") == []
    assert province.one("select count(*) from calls") == province.one("select count(*) from truth_calls")
    assert province.one("select count(*) from calls where outcome = 'AGENT'") == province.one(
        "select count(*) from wrap_ups"
    )


def test_menu_sessions_are_calls(province: Province) -> None:
    strangers = "select count(*) from ivr_events where 'H' || substr(session_id, 2) not in (select call_id from calls)"
    assert province.one(strangers) == 0


def _digest(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_seed_decides_every_byte(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        named = (("recharge-2012", None), ("delivery-late", date(2012, 3, 1)))
        simulate(tmp_path / name, Request(0.001, 2, seed, date(2012, 2, 29), named))
    first, again, other = (_digest(tmp_path / name) for name in ("a", "b", "c"))
    assert len(first) > 150
    assert first == again
    records = [name for name in first if name.startswith("delivered/")]
    full = [name for name in records if (tmp_path / "a" / name).read_bytes().count(b"\n") > 1]
    assert len(full) > 100
    assert [name for name in full if other.get(name) == first[name]] == []


MIB = 1024
CUT = """
import gc
import sys
from datetime import date
from pathlib import Path
from ganzhi.province import columns, scene, simulate as all_of_it
from ganzhi.province.delivery import truth
from ganzhi.province.heap import give_back
columns.PIECE, truth.BUFFER_ROWS = 5_000, 500
all_of_it.blocks_of = lambda customers: scene.blocks_of(customers, 20_000)
root, scale, days, first = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), date.fromisoformat(sys.argv[4])

def kib(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))

def look(today, _):
    gc.collect()
    give_back()
    print(kib("VmRSS"), sum(path.stat().st_size for path in root.glob(f"*/{today.day:%Y%m%d}/*")) // 1024)

all_of_it.simulate(root, all_of_it.Request(scale, days, 7, first), look)
# not ru_maxrss: that of a new process begins with its parent's
print(kib("VmHWM"), 0)
"""
"""A simulation in small pieces in a process of its own: a line for the end of each day with what it holds and what it
wrote, then the most it held; KiB."""


def _cut(folder: Path, scale: float, days: int, first: date) -> list[tuple[int, int]]:
    asked = [sys.executable, "-c", CUT, str(folder), str(scale), str(days), first.isoformat()]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return [(int(held), int(wrote)) for held, wrote in (line.split() for line in told.splitlines())]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_days(tmp_path: Path) -> None:
    """What is held at the end of a day, not the most a day took, which chance decides. Some things do add up (open
    complaints, offers that run, what a Parquet writer knows of its file): in five days a megabyte, a seventeenth of
    what was written meanwhile. It is the same within 0.1 MiB each time."""
    *days, _ = _cut(tmp_path / "p", 0.002, 12, date(2012, 3, 5))
    (before, _), after = days[5], days[6:11]
    wrote = sum(each for _, each in after)
    assert wrote > 16 * MIB
    assert after[-1][0] - before < 0.09 * wrote


@pytest.mark.slow
def test_a_further_customer_costs_less_than_two_hundred_bytes(tmp_path: Path) -> None:
    """Two gibibytes hold a process of some 100 MiB, the pieces at work, and ten million customers at this rate, on a
    first of March, the fullest day. Only the simulator's part of the scale is shown here. In pieces of the usual size,
    measured by hand: scale 0.1 407 MiB, 0.3 682 MiB, 1 (47 million rows) 1,773 MiB."""
    small, large = 0.01, 0.04
    further = round((large - small) * CUSTOMERS)
    most = {scale: _cut(tmp_path / f"{scale}", scale, 1, date(2012, 3, 1))[-1][0] for scale in (small, large)}
    assert (most[large] - most[small]) * 1024 < 180 * further


def test_pieces_change_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """But where chance is drawn piece by piece: sessions without a deal, ratings, and whom ratings make be called."""
    drawn = {"channel_sessions", "sms_ratings", "survey_frames", "survey_answers"}
    kept = []
    for piece in (columns.PIECE, 501):
        monkeypatch.setattr(columns, "PIECE", piece)
        world, _ = build(Request(0.002, 2, 7, date(2012, 2, 29), (("menu-change", None),)))
        kept.append(Kept())
        for today in days_of(world.first, world.days):
            live(world, kept[-1], today)
    whole, cut = kept
    assert whole.feeds == cut.feeds
    assert len(whole.table("ivr_events")) > 4 * 501
    assert [feed for feed in whole.feeds if not whole.table(feed).equals(cut.table(feed)) and feed not in drawn] == []
    for feed in drawn:
        assert abs(len(whole.table(feed)) / len(cut.table(feed)) - 1) < 0.1
        assert faults(feed, cut.table(feed)) == []
        assert doubled(feed, cut.table(feed)) == 0


@pytest.mark.parametrize("scale", [0.001, 0.034, 0.05, 0.06, 0.1, 1.0])
def test_every_county_has_a_hall_and_every_hall_a_kiosk(scale: float) -> None:
    for seed in range(5):
        places = build_organisation(scale, seed)
        assert set(places.hall_county.tolist()) == set(range(places.size.counties))
        assert set(places.kiosk_hall.tolist()) == set(range(places.size.halls))
        assert set(places.hall_city().tolist()) == set(range(len(CITIES)))


def test_a_very_large_province_has_no_more_blocks_than_identities_have_room_for() -> None:
    blocks = blocks_of(100_000_000)
    assert len(blocks) == 99
    assert [block.stop for block in blocks[:-1]] == [block.start for block in blocks[1:]]
    assert len(blocks_of(10_000_000)) == 20
