"""Linking against the truth of a simulated province, and the laws that hold whatever the records are."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from ganzhi.compile.trace.plan import plan_trace
from ganzhi.province.incidents import placed
from ganzhi.province.organisation import build_organisation
from tests.province.stage import Kept, pack
from tests.trace.memory import HOPS, Linked, link_again, linked, province, remember, scores

FIRST, DAYS, BAD = date(2012, 2, 27), 3, date(2012, 3, 1)
KEYS = {
    "payments": ("payment_id", "paid_at"),
    "balance_changes": ("notice_id", "noticed_at"),
    "fund_changes": ("change_id",),
    "credit_alarms": ("split_id",),
    "suspend_resume_orders": ("alarm_id",),
    "sms_submissions": ("reference", "trigger_at"),
}
"""What systems without a common key would not write."""


@cache
def played() -> Kept:
    """The end of February, and the first of March with the incident."""
    _, levers = placed((("recharge-2012", None),), build_organisation(0.004, 5), date(2012, 3, 2))
    return province(days=5, first=FIRST, pulls=levers.pulls)


@pytest.fixture(scope="module")
def quiet() -> Linked:
    return linked(pack(), played(), FIRST, DAYS)


@pytest.fixture(scope="module")
def bad() -> Linked:
    return linked(pack(), played(), BAD)


def shares(found: Linked, first: date, last: date) -> dict[str, tuple[float, float]]:
    """Precision and recall per hop; hops hardly anybody took say nothing."""
    return {
        h: (both / made, both / truth) for h, (truth, made, both) in scores(found, first, last).items() if truth > 20
    }


@pytest.mark.requirement("S000-058", "S000-070")
def test_links_of_quiet_days_are_those_of_the_truth(quiet: Linked) -> None:
    found = shares(quiet, FIRST, date(2012, 2, 29))
    assert len(found) == len(HOPS)
    assert min(min(pair) for pair in found.values()) >= 0.995, found


@pytest.mark.requirement("S000-074")
def test_links_of_the_incident_day_are_those_of_the_truth(bad: Linked) -> None:
    found = shares(bad, BAD, BAD)
    assert len(found) >= 6
    assert min(min(pair) for pair in found.values()) >= 0.98, found


@pytest.mark.requirement("S000-070")
def test_without_any_key_links_stay_right_and_doubts_are_flagged() -> None:
    catalogue = pack()
    plan = plan_trace(catalogue, "recharge_resume")
    memory = remember(catalogue, plan, played())
    for feed, columns in KEYS.items():
        memory.execute(f"update rows_{feed} set {', '.join(f'{column} = null' for column in columns)}")
    found = link_again(memory, plan, BAD)
    assert min(min(pair) for pair in shares(found, BAD, BAD).values()) >= 0.98
    truth = " union all ".join(
        f"select payment_id as chain_id, '{hop}' as hop, {column} as record from truth_recharge_chains"
        for hop, column in HOPS.items()
    )
    doubts = dict(
        memory.ask(
            f"select ambiguous, avg(case when t.record is null then 1.0 else 0.0 end) from written left join ({truth}) t"
            f" using (chain_id, hop, record) where how = 'order' and hop in {tuple(HOPS)} group by 1"
        )
    )
    assert doubts[True] > 5 * doubts[False]


def test_each_record_stands_in_at_most_one_chain(quiet: Linked, bad: Linked) -> None:
    for found in (quiet, bad):
        assert found.memory.one("select count(*) from written") > 10_000
        taken = "select feed, record, count(distinct chain_id) as n from written group by all"
        assert found.memory.one(f"select max(n) from ({taken})") == 1


def test_every_payment_is_one_chain(quiet: Linked) -> None:
    paid = "select count(*) from rows_recharges where (result is null or result = 'done') and paid_at >= '{}' and paid_at < '{}'"
    expected = quiet.memory.one(paid.format(FIRST, BAD))
    assert quiet.memory.ask("select count(*), count(distinct chain_id) from rows_chains") == [(expected, expected)]


def test_times_of_hops_add_up_to_the_whole(quiet: Linked, bad: Linked) -> None:
    """From the first step to the last one of the main line, by the clocks as written; what clocks are put right by adds
    up as well, to the skew of the last system against the first."""
    for found in (quiet, bad):
        line = "select * from written where not beside"
        last = f"select chain_id, finished_at from ({line}) h anti join ({line}) n on n.chain_id = h.chain_id and n.from_step = h.hop"
        parts = f"select chain_id, sum(duration_ms - skew_ms) as parts, max(begun_at) as begun from ({line}) group by 1"
        wrong = (
            f"select count(*) filter (where parts <> date_diff('millisecond', begun, finished_at)), count(*)"
            f" from ({parts}) join ({last}) using (chain_id)"
        )
        differ, chains = found.memory.ask(wrong)[0]
        assert differ == 0
        assert chains == found.memory.one("select count(distinct chain_id) from written where not beside")


@pytest.mark.requirement("S000-071", "S000-072")
def test_the_lists_of_stuck_payments_are_the_truth_once_the_window_is_over(quiet: Linked, bad: Linked) -> None:
    for found in (quiet, bad):
        late = f"balance_at > paid_at + interval {found.plan.closing // 1_000_000} second"
        for made, true in (
            ("not credited", f"balance_at is null or {late}"),
            ("resume_due and not resumed", "resume_due and not resumed"),
        ):
            ours = f"select chain_id from rows_chains where state = 'lost' and ({made})"
            theirs = f"select payment_id from truth_recharge_chains semi join rows_chains on chain_id = payment_id where {true}"
            assert found.memory.ask(f"({ours}) except ({theirs})") == []
            assert found.memory.ask(f"({theirs}) except ({ours})") == []
    assert bad.memory.one("select count(*) from rows_chains where state = 'lost' and not credited") > 10


@pytest.mark.requirement("S000-059")
def test_eight_entries_are_forms_of_one_definition(quiet: Linked) -> None:
    forms = quiet.memory.ask("select variant, count(*) from rows_chains group by 1")
    assert {name for name, _ in forms} == set(quiet.plan.trace.variants)
    assert len(forms) == 8


def test_a_second_run_gives_the_same_rows(bad: Linked) -> None:
    memory = bad.memory
    before = [
        memory.one(f"select md5(string_agg(t::varchar, '|' order by t::varchar)) from {t} t")
        for t in ("rows_chains", "written")
    ]
    memory.execute("set threads = 4")
    link_again(memory, bad.plan, BAD)
    memory.execute("set threads = 1")
    after = [
        memory.one(f"select md5(string_agg(t::varchar, '|' order by t::varchar)) from {t} t")
        for t in ("rows_chains", "written")
    ]
    assert before == after


@pytest.mark.requirement("S000-070")
def test_clocks_are_estimated_within_their_bounds(quiet: Linked) -> None:
    """CRM is three seconds behind the true time and provisioning five ahead (the province's own figures)."""
    skew = {each.system: each for each in quiet.skews}
    found = skew["provisioning"]
    assert found.known
    assert found.against == "crm"
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 8_000_000 <= found.high
    assert abs(found.estimate - 8_000_000) <= 2_000_000
