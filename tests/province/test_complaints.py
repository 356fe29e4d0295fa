"""Complaints, their steps, calls back and trouble reports in a small province with one incident."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pytest

from ganzhi.province.calendar import DAY_S
from ganzhi.province.complaints.cases import complaint_ids, number_of_contact
from ganzhi.province.complaints.filing import complains
from ganzhi.province.complaints.handling import CATEGORIES
from ganzhi.province.complaints.records import complaints, unsolved
from ganzhi.province.complaints.steps import complaint_steps
from ganzhi.province.complaints.troubles import trouble_reports
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.scene import Contacts, Experiences, Scene, World, contact_ids
from tests.province.stage import Kept, build_world, doubled, faults, near, play

INCIDENT = 3
STRUCK = 1
"""The city of the incident."""
DAYS = 12
CALLS_PLAIN = 800


def disturbed(scene: Scene) -> None:
    """Everyday trouble everywhere; on the third day 120 customers of a city wait for their line."""
    rng = scene.rng("test-disturbed")
    own = scene.own()
    start = scene.today.start
    for felt in (Felt.BILL_WRONG, Felt.NETWORK_POOR, Felt.BROADBAND_DOWN, Felt.TREATED_RUDELY, Felt.NOT_RESUMED):
        who = rng.choice(own, 30, replace=False)
        scene.felt(felt, who, start + rng.integers(8 * 3600, 18 * 3600, 30))
    if scene.today.index == 2:
        span = scene.people.of_city(STRUCK)
        who = rng.choice(np.arange(span.start, span.stop), 120, replace=False)
        scene.felt(Felt.RESUME_LATE, who, start + rng.integers(8 * 3600, 12 * 3600, 120), strength=1.5, cause=INCIDENT)


def calls(scene: Scene) -> None:
    """A hotline that answers at once; it keeps its contacts for the test."""
    rng = scene.rng("test-calls")
    felt = scene.notes(Experiences)
    chance = np.array([MEANING[kind].call for kind in Felt])[felt.kind] * 1.5
    called = np.flatnonzero(rng.random(len(chance)) < chance)
    plain = rng.choice(scene.own(), CALLS_PLAIN)
    n = len(called) + CALLS_PLAIN
    blank = np.full(CALLS_PLAIN, -1, dtype=np.int64)
    contacts = Contacts(
        number=scene.numbers(n),
        customer=np.concatenate([felt.customer[called], plain]),
        at=np.minimum(np.concatenate([felt.at[called] + 600, scene.today.start + rng.integers(3e4, 7e4, CALLS_PLAIN)]),
                      scene.today.start + DAY_S - 1),
        where=np.where(np.arange(n) % 9 == 0, 1, 0),
        felt=np.concatenate([felt.kind[called], blank]),
        cause=np.concatenate([felt.cause[called], blank]),
        strength=np.concatenate([felt.strength[called], np.ones(CALLS_PLAIN)]),
        resolved=rng.random(n) < 0.6,
        wait_s=np.full(n, 20),
        post=rng.integers(0, 4, n),
        place=np.zeros(n, dtype=np.int64),
    )  # fmt: skip
    scene.note(contacts)
    chosen = complains(scene, contacts)
    scene.know("test_contacts", number=contacts.number, contact_id=contact_ids(contacts.number), chosen=chosen,
               complaint_id=complaint_ids(number_of_contact(contacts.number, contacts.where)),
               customer_id=scene.people.customer_ids(contacts.customer))  # fmt: skip


@dataclass(frozen=True)
class Played:
    world: World
    kept: Kept

    def ask(self, query: str) -> list[tuple]:  # type: ignore[type-arg]
        with duckdb.connect() as base:
            for feed in self.kept.feeds:
                base.register(feed, self.kept.table(feed))
            for table in ("complaints", "complaint_texts", "test_contacts"):
                base.register("truth_" + table, self.kept.truth(table))
            base.execute("create view last as select * exclude (n) from (select *, row_number() over (partition by "
                         "complaint_id order by (closed_at is not null)::int + (called_back_at is not null)::int + "
                         "(reopened_at is not null)::int desc) n from complaints) where n = 1")  # fmt: skip
            return base.execute(query).fetchall()


@pytest.fixture(scope="module")
def played() -> Played:
    world = build_world(days=DAYS, scale=0.004)
    kept = play(world, (disturbed,), (unsolved, calls, complaints, complaint_steps, trouble_reports))
    return Played(world, kept)


@pytest.mark.parametrize("feed", ["complaints", "complaint_steps", "trouble_reports", "outbound_calls"])
def test_records_keep_the_contract(played: Played, feed: str) -> None:
    table = played.kept.table(feed)
    assert len(table) > 20
    assert faults(feed, table) == []


def test_every_complaint_of_a_contact_names_that_contact(played: Played) -> None:
    assert played.ask("select count(*) from last where contact_id is not null")[0][0] > 50
    assert not played.ask("select 1 from last c anti join truth_test_contacts t using (contact_id, customer_id) "
                          "where c.contact_id is not null")  # fmt: skip


def test_whoever_asked_knew_which_contacts_complain(played: Played) -> None:
    assert not played.ask("select 1 from truth_test_contacts t left join last c using (complaint_id) "
                          "where t.chosen <> (c.complaint_id is not null)")  # fmt: skip


def test_updates_keep_key_receipt_and_words(played: Played) -> None:
    assert doubled("complaints", played.kept.table("complaints")) > 10
    assert not played.ask("select complaint_id from complaints group by 1 having count(distinct (received_at, content, "
                          "category, customer_id, due_at, unit)) > 1")  # fmt: skip
    assert not played.ask("select complaint_id from complaints group by 1 having count(distinct closed_at) > 1")


def test_no_state_is_known_before_it_happens(played: Played) -> None:
    assert not played.ask("select 1 from complaints where closed_at is null and (result is not null or responsibility is "
                          "not null or called_back_at is not null or satisfied is not null)")  # fmt: skip


def test_steps_of_a_case_follow_each_other_to_its_end(played: Played) -> None:
    rows = played.ask("""
        with s as (select complaint_id, step_id, flow_step, min(assigned_at) a, max(finished_at) f from complaint_steps
                   group by all),
        g as (select *, lead(a) over w nxt, first_value(a) over w first, count(*) over (partition by complaint_id) n
              from s window w as (partition by complaint_id order by step_id))
        select count(*), count(*) filter (f <> nxt), max(n), min(n) filter (c.closed_at is not null),
               count(*) filter (g.first <> c.received_at),
               count(*) filter (nxt is null and f is not null and f <> c.closed_at)
        from g join last c using (complaint_id)
    """)
    total, gaps, most, least, late_first, wrong_end = rows[0]
    assert total > 300
    assert (gaps, late_first, wrong_end) == (0, 0, 0)
    assert (least, most) == (3, 6)


def test_complaints_of_an_incident_carry_its_cause_and_make_a_batch(played: Played) -> None:
    rows = played.ask(f"select t.category, t.problem, c.kind, c.batch_id from truth_complaints t join last c "
                      f"using (complaint_id) where t.incident = {INCIDENT} and t.received_at < timestamp '2012-03-01'")  # fmt: skip
    code = played.world.organisation.city_codes[STRUCK]
    assert len(rows) >= 5
    assert {row[:2] for row in rows} == {("provisioning", f"{INCIDENT}/resume_late/{code}")}
    assert {row[2] for row in rows} <= {"batch", "escalated"}
    assert {row[3] for row in rows} == {f"PL{INCIDENT:03d}-{code}"}


def test_other_complaints_are_in_no_batch(played: Played) -> None:
    assert not played.ask("select 1 from truth_complaints t join last c using (complaint_id) "
                          "where t.incident < 0 and (c.batch_id is not null or c.kind = 'batch')")  # fmt: skip


def test_repeats_point_at_an_earlier_complaint_of_the_same_customer_within_thirty_days(played: Played) -> None:
    rows = played.ask("select r.customer_id = e.customer_id, r.received_at > e.received_at, "
                      "r.received_at - e.received_at <= interval 30 day, r.product is not distinct from e.product "
                      "from last r left join last e on r.repeat_of = e.complaint_id where r.repeat_of is not null")  # fmt: skip
    assert len(rows) >= 3
    assert {row[:3] for row in rows} == {(True, True, True)}


def test_misfiled_complaints_are_few_and_known(played: Played) -> None:
    n, wrong, told = played.ask("select count(*), count(*) filter (t.category <> c.category), "
                                "count(*) filter (t.misfiled <> (t.category <> c.category)) "
                                "from truth_complaints t join last c using (complaint_id)")[0]  # fmt: skip
    assert told == 0
    assert near(wrong / n, 0.04, (0.04 * 0.96 / n) ** 0.5)
    assert {row[0] for row in played.ask("select distinct category from truth_complaint_texts")} <= set(CATEGORIES)


def test_priority_sets_the_limit(played: Played) -> None:
    rows = played.ask("select priority_layer in ('customer', 'event', 'area'), date_diff('hour', received_at, due_at) "
                      "from last group by all")  # fmt: skip
    assert set(rows) == {(True, 8), (False, 48)}
    assert {row[0] for row in played.ask("select distinct priority_layer from last where customer_class in "
                                         "('gold', 'diamond')")} == {"customer"}  # fmt: skip


def test_levels_are_those_of_a_good_operator(played: Played) -> None:
    closed, in_time, replied, happy = played.ask(
        "select count(closed_at), avg((closed_at <= due_at)::int), avg((first_reply_at <= received_at + interval 2 hour)"
        "::int), avg(satisfied::int) from last where received_at < (select max(received_at) - interval 4 day from last)"
    )[0]
    assert closed > 60
    assert 0.85 < in_time <= 1
    assert 0.80 < replied <= 1
    assert 0.70 < happy < 1


def test_calls_back_belong_to_closed_complaints_and_answer_for_them(played: Played) -> None:
    assert not played.ask("select 1 from outbound_calls o join last c using (complaint_id) where o.first_at < c.closed_at "
                          "or o.customer_id <> c.customer_id")  # fmt: skip
    assert not played.ask("select 1 from last c anti join outbound_calls o on o.complaint_id = c.complaint_id "
                          "and o.connected_at = c.called_back_at where c.called_back_at is not null")  # fmt: skip


def test_trouble_reports_are_updated_under_the_same_key(played: Played) -> None:
    assert doubled("trouble_reports", played.kept.table("trouble_reports")) > 5
    assert not played.ask("select report_id from trouble_reports group by 1 having count(distinct (reported_at, unit, "
                          "product, customer_id)) > 1")  # fmt: skip
    assert not played.ask("select 1 from trouble_reports r join trouble_reports e on r.repeat_of = e.report_id "
                          "where r.customer_id <> e.customer_id or r.product <> e.product or e.reported_at >= "
                          "r.reported_at or e.fixed_first")  # fmt: skip


def test_an_unsolved_complaint_is_felt_and_a_solved_one_helps() -> None:
    seen: list[Experiences] = []
    world = build_world(days=8, scale=0.004)
    play(world, (disturbed,), (unsolved, calls, complaints, lambda scene: seen.append(scene.notes(Experiences))))
    kinds = np.concatenate([each.kind for each in seen])
    assert (kinds == Felt.COMPLAINT_UNSOLVED).sum() >= 3
    assert (kinds == Felt.HELPED_WELL).sum() >= 10


def test_the_same_seed_gives_the_same_complaints() -> None:
    first, second = (play(build_world(days=2), (disturbed,), (calls, complaints)) for _ in range(2))
    assert first.table("complaints").equals(second.table("complaints"))


def test_a_quiet_province_still_gets_complaints() -> None:
    kept = play(build_world(days=6, scale=0.01), (), (unsolved, complaints, complaint_steps, trouble_reports))
    fresh = len(kept.truth("complaints"))
    assert near(fresh / 6, 8.0 * 1.15, (9.2 / 6) ** 0.5)
    assert faults("complaints", kept.table("complaints")) == []
