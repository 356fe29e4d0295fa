"""What follows a warning: crisis plans step by step, reports that say later what they said then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.model.warning import CrisisPlan
from ganzhi.improve.crisis import plan_steps
from ganzhi.improve.daily import daily, make_report, reports_made
from ganzhi.improve.findings import Findings
from ganzhi.improve.rules import Rules
from ganzhi.notify.report import report_notices
from ganzhi.store.findings.records import Finding
from tests.improve.town import ANN, HAN, Town, catalogue, words

PLAN = {
    "grade": "orange",
    "roles": ["leader"],
    "wording": words("x"),
    "channels": ["portal"],
    "steps": [
        {"action": words("召集"), "role": "leader", "within_min": 30},
        {"action": words("口径"), "role": "handler", "within_min": 60},
    ],
}


def planned(town: Town) -> Town:
    found = catalogue()
    loud = found.publications["loud"].model_copy(update={"crisis": CrisisPlan.model_validate(PLAN)})
    town.findings = Findings(town.store, Rules(replace(found, publications={"loud": loud})))
    return town


@pytest.mark.requirement("S000-100")
def test_steps_of_a_crisis_plan_are_due_done_once_and_overdue_otherwise(town: Town) -> None:
    planned(town)

    def steps(finding: Finding) -> list[tuple[str, bool]]:
        history = town.store.findings.history(finding.id)
        now = town.clock.now()
        return [
            (each.done_by, each.overdue) for each in plan_steps(town.findings.rules, town.now(finding), history, now)
        ]

    mild = town.raised(2, unit="12")
    assert steps(mild) == []
    found = town.raised(3)
    assert steps(found) == [("", False), ("", False)]
    town.clock.pass_time(minutes=20)
    done = town.findings.act(town.now(found), "carry_out", HAN, reason="已开会", step_number=1)
    town.clock.pass_time(minutes=45)
    assert steps(found) == [("han", False), ("", True)]
    assert done.state == "published"
    for number in (1, 3):
        with pytest.raises(InputError) as refused:
            town.findings.act(town.now(found), "carry_out", HAN, reason="x", step_number=number)
        assert [(each.code, each.params["left"]) for each in refused.value.issues] == [("FND018", "2")]
    town.findings.act(town.now(found), "carry_out", ANN, reason="已下发", step_number=2)
    assert steps(found) == [("han", False), ("ann", True)]  # carried out, after its deadline
    assert town.acts(found).count("carry_out") == 2


@pytest.mark.requirement("S003-015")
def test_a_report_says_later_what_it_said_when_it_was_made(town: Town) -> None:
    first, kept = town.raised(2), town.raised(1, unit="12", verdict="withheld", why="discovery")
    made = make_report(town.store, "product", date(2026, 11, 20))
    assert made is not None
    assert make_report(town.store, "product", date(2026, 11, 20)) is None
    since = made.made_at - timedelta(days=1)
    before = daily(town.store, since, made.made_at)
    assert [(each.finding.id, each.new) for each in before.working] == [(first.id, True)]
    assert [(each.finding.id, each.why) for each in before.kept_back] == [(kept.id, "withhold:discovery")]
    town.clock.pass_time(days=1)
    town.findings.act(town.now(first), "dismiss", ANN, reason="已恢复")
    second = town.raised(2, unit="12", day=21, by={"product": "x"})
    town.clock.pass_time(minutes=5)
    later = make_report(town.store, "product", date(2026, 11, 21))
    assert later is not None
    town.clock.pass_time(minutes=5)
    again = daily(town.store, since, made.made_at)
    assert [(each.finding.id, each.finding.state) for each in again.all] == [
        (each.finding.id, each.finding.state) for each in before.all
    ]
    following = daily(town.store, made.made_at, later.made_at)
    assert {each.finding.id for each in following.working} == {second.id}
    assert [each.finding.id for each in following.closed] == [first.id]
    assert daily(town.store, later.made_at, None).closed == ()
    assert [(each.level, each.day.day) for each in reports_made(town.store)] == [("product", 20), ("product", 21)]


@pytest.mark.requirement("S003-016")
def test_every_product_owner_is_sent_the_report_of_what_concerns_them_once(town: Town) -> None:
    town.raised(2, unit="11")
    town.raised(3, unit="12")
    mail = {"channel": "mail", "address": "a@b.example"}
    targets = {
        "all": {**mail, "roles": ["owner"]},
        "city": {**mail, "roles": ["owner", "manager"], "units": ["11"]},
        "boss": {**mail, "roles": ["leader"]},
    }
    settings = NotifySettings.model_validate({"targets": targets})

    def report(units: tuple[str, ...]) -> object:
        return daily(town.store, town.clock.now() - timedelta(days=1), keep=lambda f: not units or f.unit in units)

    notices = list(report_notices("product", date(2026, 11, 20), settings, report))  # type: ignore[arg-type]
    assert {each.payload["target"]: each.payload["data"]["new"] for each in notices} == {"all": 2, "city": 1}  # type: ignore[index]
    assert town.store.outbox.enqueue(notices) == 2
    assert town.store.outbox.enqueue(notices) == 0
