"""The hotline: who calls and calls again, who is answered, what agents do, and what it is due to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ganzhi.province.calendar import DAY_S, EPOCH
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.hotline import PROVINCE_PHASES
from ganzhi.province.hotline.again import UNRESOLVED_AGAIN, WITHIN_S
from ganzhi.province.hotline.demand import Callers
from ganzhi.province.hotline.rounds import RESOLVED_PLAIN, RUDE_LOSS
from ganzhi.province.hotline.staffing import busy_until
from ganzhi.province.levers import Pull
from ganzhi.province.organisation import CITIES
from ganzhi.province.scene import Contacts, Experiences, Phase, Scene
from tests.province.stage import FIRST, Kept, build_world, doubled, faults, near, play

FEEDS = (
    "agent_states", "agent_transfers", "call_intervals", "calls", "hotline_transactions", "ivr_events", "outbound_calls",
    "wrap_ups",
)  # fmt: skip
PLAIN_DAY = date(2012, 2, 13)
START = (FIRST - EPOCH).days * DAY_S
INCIDENT = 3


@dataclass
class Played:
    """What a hotline delivered, and what its callers felt."""

    kept: Kept
    felt: list[Experiences] = field(default_factory=list)
    contacts: list[Contacts] = field(default_factory=list)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as base:
            for feed in self.kept.feeds:
                base.register(feed, self.kept.table(feed))
            base.register("truth", self.kept.truth("calls"))
            return base.execute(query).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        return self.ask(query)[0]

    def causes(self, kind: Felt) -> np.ndarray:
        return np.concatenate([each.cause[each.kind == kind] for each in self.felt])


def hotline(
    *,
    scale: float = 0.004,
    days: int = 2,
    first: date = FIRST,
    pulls: Sequence[Pull] = (),
    before: Sequence[Phase] = (),
) -> Played:
    played = Played(Kept())

    def listen(scene: Scene) -> None:
        played.felt.append(scene.notes(Experiences))
        played.contacts.append(scene.notes(Contacts))

    world = build_world(scale=scale, days=days, first=first, pulls=pulls)
    played.kept = play(world, before, (*PROVINCE_PHASES, listen))
    return played


def planted(kind: Felt, n: int, hours: tuple[float, float], *, cause: int = INCIDENT) -> Phase:
    """So many customers feel something on the first day."""

    def phase(scene: Scene) -> None:
        if scene.today.index == 0:
            rng = scene.rng("planted")
            who = rng.choice(scene.own(), n, replace=False)
            at = scene.today.start + rng.integers(int(hours[0] * 3600), int(hours[1] * 3600), n)
            scene.felt(kind, who, at, cause=cause)

    return phase


@pytest.fixture(scope="module")
def played() -> Played:
    return hotline(days=4)


@cache
def quiet(scale: float, days: int) -> Played:
    return hotline(scale=scale, days=days, first=PLAIN_DAY)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_record_is_as_the_catalogue_wants_it_and_comes_once(played: Played, feed: str) -> None:
    table = played.kept.table(feed)
    assert len(table) > 50
    assert faults(feed, table) == []
    assert doubled(feed, table) == 0
    assert set(played.kept.feeds) == set(FEEDS)


def test_every_answered_call_is_one_talk_of_its_agent_and_one_wrap_up(played: Played) -> None:
    calls, talks, wraps, once = played.row(
        """select (select count(*) from calls where outcome = 'AGENT'),
                  (select count(*) from agent_states where state = 'talk'), (select count(*) from wrap_ups),
                  (select count(*) from (
                      select call_id from calls c
                      join agent_states s on s.agent = c.agent and s.state = 'talk' and s.from_at = c.answered_at
                                         and s.to_at = c.released_at
                      join wrap_ups w on w.agent = c.agent and w.at = c.released_at
                                     and substr(w.contact_id, 2) = substr(c.call_id, 2)
                      where c.outcome = 'AGENT' group by 1 having count(*) = 1))"""
    )
    assert calls == talks == wraps == once > 500


OVERLAPS = """
    select count(*) from agent_states a join agent_states b
    on a.agent = b.agent and a.state_id < b.state_id and a.from_at < b.to_at and b.from_at < a.to_at"""
SHIFTS = """
    with row as (select agent, from_at, from_at is distinct from lag(to_at) over (partition by agent order by from_at) as new
                 from agent_states)
    select agent, from_at::date as day, count(*) filter (where new) as shifts from row group by 1, 2"""


def test_no_agent_does_two_things_at_once_and_shifts_have_no_gaps(played: Played) -> None:
    assert played.row(OVERLAPS) == (0,)
    most, agent_days = played.row(f"select max(shifts), count(*) from ({SHIFTS})")
    assert most == 1, "one signing on a day: everything between it and signing off is told"
    assert agent_days > 12
    used = played.row("select count(distinct state) from agent_states")
    assert used >= (7,)


def test_who_works_long_on_a_call_gets_nothing_else_before_it_is_over() -> None:
    # talks of most of an hour run into breaks and past midnight all the time
    pull = Pull("wait.drift", INCIDENT, START, START + 9 * DAY_S, 12.0, frozenset({"hotline"}))
    slow = hotline(days=4, pulls=[pull])
    long, late = slow.row(
        """select avg(date_diff('second', from_at, to_at)) > 1500, count(*) filter (where to_at::date > from_at::date) > 0
           from agent_states where state = 'talk'"""
    )
    assert long
    assert late
    assert slow.row(OVERLAPS) == (0,)
    assert slow.row(f"select max(shifts) from ({SHIFTS})") == (1,)


def test_who_still_works_from_the_day_before_signs_on_when_that_is_over() -> None:
    free_at = START + 10_000

    def busy(scene: Scene) -> None:
        if scene.today.index == 0:
            busy_until(scene)[:] = free_at

    found = hotline(days=1, before=[busy])
    assert found.row("select min(epoch(from_at)::bigint) from agent_states") == (free_at,)
    waited = found.row(f"select count(*) from calls where outcome = 'HANG' and epoch(queue_at) < {free_at}")
    assert waited > (0,)


@cache
def around_midnight() -> Played:
    """Many call in the last seconds of the first day."""

    def crowd(scene: Scene) -> None:
        if scene.today.index == 0:
            n = 40
            who = scene.rng("crowd").choice(scene.own(), n, replace=False)
            blank = np.full(n, -1, dtype=np.int64)
            late = scene.today.start + DAY_S - 1 - np.arange(n)
            kind = np.full(n, int(Felt.NOT_RESUMED))
            waiting: list[Callers] = scene.world.recall("hotline.waiting", list)
            waiting.append(Callers(who, late, kind, blank, np.ones(n), np.zeros(n, dtype=np.int64), blank, blank))

    return hotline(before=[crowd])


def test_who_waits_at_midnight_is_still_answered() -> None:
    waited, came_late = around_midnight().row(
        """select count(*) filter (where wait_s > 0 and queue_at::date = arrived_at::date),
                  count(*) filter (where ivr_exit_at::date > arrived_at::date)
           from calls where outcome = 'AGENT' and answered_at::date > arrived_at::date"""
    )
    assert waited > 0
    assert came_late > 0


@pytest.mark.parametrize("world", ["everyday", "crowded at midnight"])
def test_the_hourly_summary_counts_the_calls(played: Played, world: str) -> None:
    played = played if world == "everyday" else around_midnight()
    wrong = played.row(
        """select count(*) from call_intervals where offered <> abandoned + answered_0_10 + answered_10_15
           + answered_15_20 + answered_20_40 + answered_40_60 + answered_60_120 + answered_over_120"""
    )
    assert wrong == (0,)
    differing = played.ask(
        """with asked as (
               select date_trunc('hour', ivr_exit_at) as interval_at, count(*) as n,
                      count(*) filter (where outcome = 'HANG') as lost,
                      count(*) filter (where outcome = 'AGENT' and wait_s <= 20) as quick
               from calls where outcome = 'AGENT' or queue_at is not null group by 1)
           select * from call_intervals i full join asked a using (interval_at)
           where (coalesce(offered, -1), coalesce(abandoned, -1), answered_0_10 + answered_10_15 + answered_15_20)
                 is distinct from (coalesce(n, 0), coalesce(lost, 0), coalesce(quick, 0))
             and interval_at < (select max(interval_at) from call_intervals) + interval 1 hour"""
    )
    assert differing == []


def test_every_session_stays_in_the_menu_or_asks_for_an_agent(played: Played) -> None:
    sessions, asked, contained, calls, known = played.row(
        """select count(distinct session_id), count(*) filter (where event = 'to_agent'),
                  count(*) filter (where event in ('hang_up', 'error')),
                  (select count(*) from calls), (select count(*) filter (where asked) from truth) from ivr_events"""
    )
    assert sessions == asked + contained == calls
    assert asked == known == played.row("select count(*) from calls where outcome = 'AGENT' or queue_at is not null")[0]


def test_only_who_waited_was_in_the_queue(played: Played) -> None:
    waited, at_once, lost, wrong = played.row(
        """select count(*) filter (where outcome = 'AGENT' and wait_s > 0 and queue_at is not null),
                  count(*) filter (where outcome = 'AGENT' and wait_s = 0 and queue_at is null),
                  count(*) filter (where outcome = 'HANG' and queue_at is not null and wait_s > 0),
                  count(*) filter (where (queue_at is null) <> (wait_s = 0) or (queue_at is null) <> (queue_exit_at is null)
                                   or date_diff('second', queue_at, queue_exit_at) <> wait_s)
           from calls"""
    )
    assert wrong == 0
    assert waited > 50
    assert at_once > 300
    assert lost == played.row("select count(*) from truth where asked and not answered")[0] > 10


@pytest.mark.parametrize(("scale", "days"), [(0.002, 24), (0.01, 12), (0.1, 3)])
def test_in_quiet_times_nine_in_ten_are_answered_and_most_of_them_soon(scale: float, days: int) -> None:
    answered, soon = quiet(scale, days).row(
        """select avg((outcome = 'AGENT')::int), avg(if(outcome = 'AGENT', (wait_s <= 20)::int, null)) from calls
           where outcome = 'AGENT' or queue_at is not null"""
    )
    assert 0.85 <= answered <= 0.93
    assert 0.75 <= soon <= 0.90


@pytest.mark.requirement("S004-025")
@pytest.mark.requirement("S004-026")
def test_four_in_five_sessions_stay_in_the_menu_for_about_35_seconds() -> None:
    contained, mean, error = quiet(0.01, 12).row(
        """select avg((not asked)::int), avg(ivr_s) filter (where not asked),
                  stddev(ivr_s) filter (where not asked) / sqrt(count(*) filter (where not asked))
           from calls join truth using (call_id)"""
    )
    assert contained == pytest.approx(0.7903, abs=0.01)
    assert mean == pytest.approx(35.5, abs=0.5 + 3 * error)


def test_a_late_resume_makes_customers_call_by_the_stated_chance() -> None:
    n = 1_600
    found = hotline(days=4, before=[planted(Felt.RESUME_LATE, n, (8, 17))])
    first, named, again = found.row(
        f"""select count(*) filter (where again is null), count(*) filter (where again is null and cause = {INCIDENT}),
                   count(*) filter (where again is not null) from truth where felt = 'resume_late'"""
    )
    chance = 1 - np.exp(-MEANING[Felt.RESUME_LATE].call)
    assert near(first, n * chance, np.sqrt(n * chance * (1 - chance)))
    assert named == first
    assert again > 0


def test_who_gives_up_calls_again_by_the_stated_chance_mostly_on_the_same_day() -> None:
    found = flooded()
    given_up, again, today, strange = found.row(
        """with redial as (select t.*, c.arrived_at from truth t join calls c using (call_id) where t.again = 'gave_up'),
                lost as (select t.*, c.arrived_at, c.queue_exit_at from truth t join calls c using (call_id)
                         where t.asked and not t.answered and t.customer_id is not null)
           select (select count(*) from lost where arrived_at < (select min(arrived_at)::date + 1 from calls)),
                  count(*) filter (where l.arrived_at < (select min(arrived_at)::date + 1 from calls)),
                  count(*) filter (where r.arrived_at::date = l.arrived_at::date),
                  count(*) filter (where l.call_id is null or l.customer_id <> r.customer_id or l.sought <> r.sought
                                   or r.arrived_at < l.queue_exit_at)
           from redial r left join lost l on r.follows = l.call_id"""
    )
    chance = 1 - np.exp(-MEANING[Felt.GAVE_UP_CALLING].call)
    assert given_up > 200
    assert near(again, given_up * chance, np.sqrt(given_up * chance * (1 - chance)))
    assert today > 0.7 * again
    assert strange == 0


@cache
def flooded() -> Played:
    return hotline(days=3, before=[planted(Felt.NOT_RESUMED, 1_200, (9, 15))])


def test_an_unresolved_contact_leads_to_another_call_about_the_same() -> None:
    found = quiet(0.01, 12)
    unresolved, again, strange, longest = found.row(
        """with contact as (select w.*, t.sought, 'H' || substr(w.contact_id, 2) as call_id from wrap_ups w
                            join truth t on t.call_id = 'H' || substr(w.contact_id, 2)),
                early as (select * from contact where not resolved_first and customer_id is not null
                          and "at" < (select max("at") from wrap_ups) - interval 4 days),
                redial as (select t.*, c.arrived_at from truth t join calls c using (call_id) where again = 'unresolved')
           select (select count(*) from early), count(e.call_id),
                  count(*) filter (where k.call_id is null or k.resolved_first or k.sought <> r.sought
                                   or k.customer_id <> r.customer_id or k.at > r.arrived_at),
                  max(date_diff('second', k.at, r.arrived_at))
           from redial r left join contact k on k.call_id = r.follows left join early e on e.call_id = r.follows"""
    )
    assert unresolved > 250
    assert near(again, unresolved * UNRESOLVED_AGAIN, np.sqrt(unresolved * UNRESOLVED_AGAIN * (1 - UNRESOLVED_AGAIN)))
    assert strange == 0
    assert longest <= WITHIN_S + 11 * 3600, "within three days, or the morning after"


def test_repeats_are_the_last_contact_of_the_same_customer_and_business_in_seven_days() -> None:
    found = quiet(0.01, 12)
    wrong, share = found.row(
        """with said as (
               select w.contact_id, w.repeat_of, w.business, w.customer_id, c.answered_at from wrap_ups w
               join calls c on c.call_id = 'H' || substr(w.contact_id, 2)),
           worked as (
               select *, lag(contact_id) over before as last,
                      date_diff('second', lag(answered_at) over before, answered_at) as gone
               from said window before as (partition by customer_id, business order by answered_at, contact_id))
           select count(*) filter (where repeat_of is distinct from
                      case when customer_id is not null and gone <= 7 * 86400 then last end),
                  avg((repeat_of is not null)::int) filter (where answered_at > (select min(answered_at) from said)
                                                            + interval 3 days)
           from worked"""
    )
    assert wrong == 0
    assert 0.05 <= share <= 0.08


def test_a_hidden_function_is_found_less_and_who_is_lost_can_name_the_change() -> None:
    pull = Pull("menu.hidden", INCIDENT, START, START + 5 * DAY_S, 0.65, frozenset({"balance"}))
    before, since = hotline(scale=0.01), hotline(scale=0.01, pulls=[pull])
    query = """select avg(found::int) filter (where sought = 'balance'), avg(found::int) filter (where sought <> 'balance'),
                      count(*) filter (where sought = 'balance'),
                      count(*) filter (where hidden_by >= 0 and sought <> 'balance') from truth"""
    (usual, other, *_), (hidden, other_then, n, elsewhere) = before.row(query), since.row(query)
    stated = usual * (1 - 0.65)
    assert near(hidden, stated, np.sqrt(stated * (1 - stated) / n) * 1.3)
    assert other_then == pytest.approx(other, abs=0.03)
    assert elsewhere == 0
    causes = since.causes(Felt.LOST_IN_MENU)
    named = since.row("select count(*) from truth where hidden_by >= 0 and customer_id is not null")[0]
    assert set(causes.tolist()) == {-1, INCIDENT}
    assert (causes == INCIDENT).sum() == named > 200
    back = since.row(f"select count(*), count(*) filter (where cause = {INCIDENT}) from truth where again = 'lost'")
    assert back[0] > 10
    assert back[1] > back[0] / 2


def test_a_rude_team_resolves_less_and_is_called_about() -> None:
    pull = Pull("team.rude", INCIDENT, START, START + 6 * DAY_S, 1.6, frozenset({"HL-T02"}))
    found = hotline(scale=0.02, days=5, pulls=[pull])
    shares = {
        team: (share, n)
        for team, share, n in found.ask(
            """select team, avg(resolved_first::int), count(*) from wrap_ups w
               join truth t on t.call_id = 'H' || substr(w.contact_id, 2) where t.felt is null group by 1"""
        )
    }
    (rude, n), (usual, m) = shares["HL-T02"], shares["HL-T01"]
    for share, stated, count in ((usual, RESOLVED_PLAIN, m), (rude, RESOLVED_PLAIN - 1.6 * RUDE_LOSS, n)):
        assert near(share, stated, np.sqrt(stated * (1 - stated) / count))
    causes = found.causes(Felt.TREATED_RUDELY)
    assert len(causes) > 300
    assert set(causes.tolist()) == {INCIDENT}
    about = found.ask("select felt, cause, count(*) from truth where again = 'rude' group by all")
    assert [row[:2] for row in about] == [("treated_rudely", INCIDENT)]


def test_a_long_wait_is_blamed_on_what_crowds_the_line() -> None:
    flood = flooded()
    causes = flood.causes(Felt.GAVE_UP_CALLING)
    assert (causes == INCIDENT).mean() > 0.6
    assert set(causes.tolist()) <= {-1, INCIDENT}
    assert (flood.causes(Felt.WAITED_ON_LINE) == INCIDENT).any()
    assert (quiet(0.01, 12).causes(Felt.GAVE_UP_CALLING) == -1).all()
    some = flood.row(f"select count(*) from truth where felt = 'gave_up_calling' and cause = {INCIDENT}")
    assert some > (0,), "who called about something else and gave up because of the flood calls again because of it"


@pytest.mark.parametrize("lever", ["wait.drift", "load.peak"])
def test_slow_handling_and_a_season_are_named_for_waits_in_their_time(lever: str) -> None:
    places = frozenset({"hotline"} if lever == "wait.drift" else {code for code, *_ in CITIES})
    pull = Pull(lever, INCIDENT, START, START + DAY_S, 0.5, places)
    found = hotline(pulls=[pull])
    first, second = (
        np.concatenate([day.cause[np.isin(day.kind, [Felt.WAITED_ON_LINE, Felt.GAVE_UP_CALLING])]])
        for day in found.felt
    )
    assert set(first.tolist()) == {INCIDENT}
    assert set(second.tolist()) == {-1}


def test_a_season_that_is_planned_for_is_staffed_from_its_first_day() -> None:
    everywhere = frozenset(code for code, *_ in CITIES)
    days = []
    for size in (0.0, 0.5):
        pull = Pull("load.peak", INCIDENT, START + DAY_S, START + 2 * DAY_S, size, everywhere)
        found = hotline(scale=0.02, pulls=[pull] if size else [])
        second = f"::date = date '{FIRST}' + 1"
        days.append(
            found.row(
                f"""select count(*), avg((outcome = 'AGENT')::int),
                           (select count(distinct agent) from agent_states where from_at{second})
                    from calls where arrived_at{second} and (outcome = 'AGENT' or queue_at is not null)"""
            )
        )
    (calls, answered, on_duty), (more_calls, still_answered, more_on_duty) = days
    assert more_calls / calls == pytest.approx(1.5, abs=0.1)
    assert more_on_duty > 1.25 * on_duty
    assert still_answered > answered - 0.04


def test_contacts_are_the_answered_calls_of_known_customers(played: Played) -> None:
    known = played.row("select count(*) from wrap_ups where customer_id is not null")[0]
    noted = sum(len(each.number) for each in played.contacts)
    assert noted == known > 0
    waits = np.concatenate([each.wait_s for each in played.contacts])
    assert (waits >= 0).all()


def test_the_same_seed_gives_the_same_tables() -> None:
    one, other = (hotline(scale=0.002, days=2).kept for _ in range(2))
    for feed in FEEDS:
        assert one.table(feed).equals(other.table(feed)), feed
    truth: pa.Table = one.truth("calls")
    assert truth.equals(other.truth("calls"))
