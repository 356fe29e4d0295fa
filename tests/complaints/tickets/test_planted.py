"""Repeats, batches and classes against the truth of a simulated province (precision and recall of at least 95 %)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ganzhi.catalogue.model.handling import TicketRules
from ganzhi.complaints.tickets import batches, repeats
from ganzhi.complaints.tickets.alike import find as alike
from ganzhi.complaints.tickets.alike import same_batches
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.tickets.read import Ticket
from tests.complaints.tickets.planted import Planted, accuracy, planted

ZONE = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def again() -> Planted:
    """Few customers with much trouble: one in ten complains more than once, about anything."""
    return planted(seed=7, days=40, scale=0.002, usual=40)


@pytest.fixture(scope="module")
def struck() -> Planted:
    """Calm days, and five incidents of very different size."""
    return planted(seed=8, days=45, scale=0.01, usual=5, struck=(60, 150, 300, 90, 200))


@pytest.mark.requirement("S003-002", "S002-003")
def test_repeats_are_those_of_the_truth(again: Planted) -> None:
    found = repeats.find(again.catalogue, again.tickets, rules_of(again.catalogue))
    truth = again.repeated
    assert len(truth) > 80
    real = {each.ticket.id: each.earlier.id for each in found if each.repeated}
    precision, recall = accuracy(set(real), set(truth))
    assert precision >= 0.95
    assert recall >= 0.95
    assert sum(real.get(name) == earlier for name, earlier in truth.items()) >= 0.95 * len(truth)
    assert any(not each.repeated for each in found), "a solved problem that comes back is no repeat"


def test_repeats_are_found_without_any_text_and_without_what_staff_recorded(again: Planted) -> None:
    bare = [replace(each, text=None, repeat_of=None) for each in again.tickets]
    found = repeats.find(again.catalogue, bare, rules_of(again.catalogue))
    precision, recall = accuracy({each.ticket.id for each in found if each.repeated}, set(again.repeated))
    assert precision >= 0.95
    assert recall >= 0.95


def test_how_often_a_problem_was_told_agrees_with_counting_by_hand(again: Planted) -> None:
    rules = rules_of_days(again, 400)
    found = repeats.find(again.catalogue, again.tickets, rules)
    since = again.tickets[0].received_at
    told = repeats.frequency(found, len(again.tickets), since)
    assert sum(times * problems for times, problems in told.items()) == len(again.tickets)
    by_hand = Counter(Counter((each.who, again.topics[each.id]) for each in again.tickets).values())
    assert sum(told.values()) == pytest.approx(sum(by_hand.values()), rel=0.01)
    assert told[2] == pytest.approx(by_hand[2], rel=0.1)


def rules_of_days(of: Planted, days: int) -> TicketRules:
    return rules_of(of.catalogue).model_copy(update={"repeat_days": days})


@pytest.mark.requirement("S001-019")
def test_batches_are_those_of_the_truth(struck: Planted) -> None:
    bare = [replace(each, batch_id=None, nature=None) for each in struck.tickets]
    found = batches.find(struck.catalogue, bare, rules_of(struck.catalogue), ZONE, struck.days)
    truth = struck.batched
    assert len(set(truth.values())) == 5
    members = [each.id for batch in found for each in batch.tickets]
    assert len(members) == len(set(members)), "a ticket is in one batch at most"
    precision, recall = accuracy(set(members), set(truth))
    assert precision >= 0.95
    assert recall >= 0.95
    for batch in found:
        assert len({truth.get(each.id) for each in batch.tickets} - {None}) == 1
        assert batch.chance is not None
        assert batch.chance < 1e-4


def test_calm_days_have_no_batches(struck: Planted) -> None:
    calm = [each for each in struck.tickets if each.id not in struck.batched]
    assert len(calm) > 400
    assert batches.find(struck.catalogue, calm, rules_of(struck.catalogue), ZONE, struck.days) == []


@pytest.mark.requirement("S001-018")
def test_from_any_ticket_of_an_incident_the_class_is_found(struck: Planted) -> None:
    rules = rules_of(struck.catalogue)
    runs = batches.find(struck.catalogue, struck.tickets, rules, ZONE, struck.days)
    hits = missed = wrong = 0
    for batch_id in sorted(set(struck.batched.values())):
        own = [each for each in struck.tickets if each.batch_id == batch_id]
        for of in own[::7]:
            near = [each for each in struck.tickets if abs((each.received_at - of.received_at).days) < rules.alike_days]
            found = {
                each.ticket.id
                for each in alike(struck.catalogue, of, near, same_batches(of, runs, 1))
                if each.why != "place"
            }
            truth = {each.id for each in own if struck.topics[each.id] == struck.topics[of.id]} - {of.id}
            hits, missed, wrong = hits + len(found & truth), missed + len(truth - found), wrong + len(found - truth)
    assert hits > 40
    assert hits / (hits + wrong) >= 0.95
    assert hits / (hits + missed) >= 0.95


def test_nearly_the_same_words_make_a_batch_whatever_was_recorded(struck: Planted) -> None:
    day, city = struck.days[20], next(code for code, unit in struck.catalogue.units.items() if unit.level == "city")
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    said = "小区宽带从昨天晚上开始全部断网，物业也不知道原因，请尽快派人来修"
    told = [
        Ticket(f"w{n}", "complaint", noon, city, who=f"c{n}", text=f"{said}{n}", category=f"category{n}", commercial_process=f"{n}")
        for n in range(6)
    ]  # fmt: skip
    rules = rules_of(struck.catalogue)
    (batch,) = batches.find(struck.catalogue, told, rules, ZONE, struck.days, words_from=day)
    assert (len(batch.tickets), batch.text, batch.chance, batch.category) == (6, True, None, None)
    assert batches.find(struck.catalogue, told, rules, ZONE, struck.days) == []
    assert (
        batches.find(
            struck.catalogue, [*told[:4], replace(told[4], who="c0")], rules, ZONE, struck.days, words_from=day
        )
        == []
    )
