"""Screening by the five layers: the most urgent rule wins and all that hold are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ganzhi.catalogue.model.handling import Screening
from ganzhi.catalogue.model.warning import Occasion
from ganzhi.complaints.screening import Facts, screen, urgent_first
from ganzhi.complaints.worktime import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar(ZONE, ((time(0), None),), frozenset(), frozenset(), every_day=True)
NAME = {"zh": "规则", "en": "rule"}


def rule(**given: object) -> Screening:
    return Screening.model_validate({"name": NAME, "rank": 3, "limit": {"hours": 48}, **given})


RULES = {
    "ordinary": rule(layer="overall", rank=5, limit={"working_days": 10}),
    "key_customers": rule(layer="customer", values={"customer_class": ["diamond", "gold"]}, rank=2, limit={"hours": 8}),
    "key_places": rule(layer="area", values={"site_level": ["province", "city"]}, rank=2, limit={"hours": 8}),
    "assured": rule(layer="event", occasions=["holiday", "assurance"], rank=1, limit={"hours": 12}, must=True),
    "same_problem": rule(
        layer="problem", at_least={"elements_with_problem": 2}, rank=1, limit={"hours": 24}, must=True
    ),
    "last_year": rule(layer="overall", rank=1, limit={"hours": 1}, valid_to="2025-12-31"),
}
GAMES = Occasion.model_validate(
    {
        "name": {"zh": "运动会", "en": "Games"},
        "kind": "assurance",
        "days": [{"first": "2026-09-28", "last": "2026-09-29"}],
    }
)


def outcome(
    day: int, values: dict[str, str] | None = None, counts: dict[str, int] | None = None
) -> tuple[list[str], int, bool, float]:
    received = datetime(2026, 9, day, 16, 30, tzinfo=UTC)
    found = screen(RULES, Facts(received, values or {}, counts or {}), OFFICE, [GAMES])
    assert found is not None
    return [each.code for each in found.held], found.rank, found.must, (found.due - received).total_seconds() / 3600


@pytest.mark.requirement("S000-091")
@pytest.mark.requirement("S000-092")
@pytest.mark.requirement("S000-095")
def test_the_most_urgent_rule_wins_and_says_why() -> None:
    assert outcome(2)[:3] == (["ordinary"], 5, False)
    assert outcome(2, {"customer_class": "gold"}) == (["key_customers", "ordinary"], 2, False, 8)
    assert outcome(2, {"customer_class": "silver"})[0] == ["ordinary"]
    both = outcome(2, {"customer_class": "diamond", "site_level": "city"})
    assert both == (["key_customers", "key_places", "ordinary"], 2, False, 8)
    assert outcome(2, {"site_level": "city"}, {"elements_with_problem": 3})[0][0] == "same_problem"
    assert outcome(2, {}, {"elements_with_problem": 1})[0] == ["ordinary"]
    everything = outcome(28, {"customer_class": "gold"}, {"elements_with_problem": 2})
    assert everything == (["assured", "same_problem", "key_customers", "ordinary"], 1, True, 12)
    received = datetime(2026, 9, 28, 2, tzinfo=UTC)
    found = screen(RULES, Facts(received, {"customer_class": "gold"}, {"elements_with_problem": 2}), OFFICE, [GAMES])
    assert found is not None
    assert [each.because for each in found.held[:3]] == [
        (("occasion", "运动会"),), (("elements_with_problem", "2"),), (("customer_class", "gold"),),
    ]  # fmt: skip


def test_the_day_of_an_occasion_is_the_operators_day() -> None:
    assert outcome(27)[0][0] == "assured"  # 16:30 in UTC is half past midnight of the 28th there
    assert outcome(29)[0] == ["ordinary"]
    assert date(2026, 9, 30) == datetime(2026, 9, 29, 16, 30, tzinfo=UTC).astimezone(ZONE).date()


def test_no_rule_no_outcome() -> None:
    received = datetime(2026, 9, 2, tzinfo=UTC)
    assert screen({"last_year": RULES["last_year"]}, Facts(received), OFFICE, []) is None


def test_the_least_time_left_comes_first_and_what_waits_last() -> None:
    early, late = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC)
    tickets = [("waits", None, 1), ("late", late, 1), ("b", early, 3), ("a", early, 2)]
    assert urgent_first(tickets) == ["a", "b", "late", "waits"]
