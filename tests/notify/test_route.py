"""Routing is told from values: every role of a rule is told or left out with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.base.settings import TargetSettings
from ganzhi.catalogue.model.warning import Publication
from ganzhi.improve.cycle import BY_NAME, WORKED_ON
from ganzhi.notify.route import TELLING, Route, route
from ganzhi.store.findings.records import STATES, Finding
from tests.improve.town import catalogue

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LOUD = catalogue().publications["loud"]


def target(channel: str, *roles: str, units: tuple[str, ...] = ()) -> TargetSettings:
    where: dict[str, Any] = {"mail": {"address": "a@b.cn"}, "sms": {"address": "13800000000"}}[channel]
    return TargetSettings.model_validate({"channel": channel, "roles": roles, "units": units, **where})


TARGETS = {
    "ann": target("mail", "owner"),
    "bob": target("mail", "manager", units=("10",)),
    "bob-sms": target("sms", "manager"),
    "cai": target("mail", "owner", "manager", units=("12",)),
    "han": target("mail", "handler"),
    "li": target("mail", "leader"),
}
FINDING = Finding(
    "f1", "warning", "volume", "complaint.count", "11", "{}", "2026-11-20", "2026-11-20", 2, 2, 2, "published", "数据部", None,
    NOON, None, 0, NOON, None, "v", 2,
)  # fmt: skip


def way(
    act: str, *, now: datetime = NOON, publication: Publication | None = LOUD, escalate_to: str = "", **more: Any
) -> Route:
    finding = replace(FINDING, **more)
    return route(
        finding, act, publication, targets=TARGETS, above=("11", "10"), now=now, zone=ZONE, escalate_to=escalate_to
    )


def told(found: Route) -> list[str]:
    return sorted(each.target for each in found.told)


@pytest.mark.requirement("S003-011")
@pytest.mark.parametrize(
    ("grade", "expected"), [(1, ["ann"]), (2, ["ann"]), (3, ["ann", "bob", "bob-sms"]), (4, ["ann", "li"])]
)
def test_each_grade_tells_its_roles_on_its_channels(grade: int, expected: list[str]) -> None:
    found = way("publish", grade=grade, highest=4, told=grade)
    assert told(found) == expected
    assert found.repeat_min == (30 if grade == 2 else None)
    assert ("owner", "portal") in {(each.role, each.channel) for each in found.omitted}


def test_a_unit_elsewhere_concerns_nobody_of_this_one() -> None:
    assert "cai" not in told(way("publish"))
    elsewhere = route(
        replace(FINDING, unit="12"), "publish", LOUD, targets=TARGETS, above=("12", "10"), now=NOON, zone=ZONE
    )
    assert told(elsewhere) == ["ann", "cai"]


def test_a_role_without_a_target_is_named_and_not_passed_over() -> None:
    found = way("publish", grade=3)
    (left,) = [each for each in found.omitted if each.reason.code == "no_target"]
    assert (left.role, left.channel) == ("owner", "sms")


def test_a_grade_that_needs_approval_asks_the_approver_and_tells_nobody_else() -> None:
    found = way("raise", grade=4, highest=4, told=0, state="raised")
    assert (told(found), found.asks) == (["han"], "handler")
    assert told(way("upgrade", grade=4, highest=4, told=2)) == ["han"]
    assert told(way("upgrade", grade=3, highest=3, told=3)) == ["ann", "bob", "bob-sms"]
    assert told(way("raise", grade=2, told=0, state="raised")) == []


def test_an_escalation_goes_to_its_role_and_a_stand_down_to_those_who_were_told() -> None:
    assert told(way("escalate", escalate_to="leader")) == ["li"]
    assert told(way("stand_down", grade=0, highest=4, told=3)) == ["ann", "bob", "bob-sms"]
    assert told(way("stand_down", grade=0, told=0)) == []
    quiet = LOUD.model_copy(update={"stand_down": False})
    assert [each.code for each in way("stand_down", grade=0, publication=quiet).why] == ["no_stand_down"]


def test_quiet_hours_put_off_their_grades_until_they_end_and_no_others() -> None:
    (ann,) = way("publish", now=NIGHT).told
    assert (ann.due, ann.withheld and ann.withheld.code) == (datetime(2026, 11, 21, 23, 0, tzinfo=UTC), "quiet_hours")
    early = datetime(2026, 11, 21, 22, 59, tzinfo=UTC)
    assert way("publish", now=early).told[0].due == datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    assert way("publish", now=early + timedelta(minutes=1)).told[0].withheld is None
    assert {each.due for each in way("publish", now=NIGHT, grade=3, highest=3).told} == {NIGHT}


def test_the_crisis_plan_adds_its_roles_from_its_grade_on() -> None:
    plan = {
        "grade": "orange",
        "roles": ["leader"],
        "wording": {"zh": "正在处理", "en": "being dealt with"},
        "channels": ["mail"],
    }
    crisis = Publication.model_validate(LOUD.model_dump() | {"crisis": plan})
    assert "li" in told(way("publish", grade=3, highest=3, publication=crisis))
    assert "li" not in told(way("publish", grade=2, publication=crisis))


def test_all_acts_are_either_told_or_said_to_be_quiet() -> None:
    assert set(TELLING) <= set(BY_NAME)
    for act in BY_NAME:
        if act not in TELLING:
            found = way(act)
            assert (found.told, [each.code for each in found.why]) == ((), ["act_is_quiet"])


@given(
    act=st.sampled_from(sorted(TELLING)),
    grade=st.integers(0, 4),
    told_grade=st.integers(0, 4),
    state=st.sampled_from(STATES),
    hour=st.integers(0, 23),
)
def test_every_role_of_the_part_that_holds_is_told_or_left_out_with_a_reason(
    act: str, grade: int, told_grade: int, state: str, hour: int
) -> None:
    now = NOON + timedelta(hours=hour)
    found = way(act, now=now, grade=grade, highest=max(grade, told_grade, 1), told=told_grade, state=state)
    assert found.why
    assert all(each.due >= now and (each.withheld is None) == (each.due == now) for each in found.told)
    assert {each.target for each in found.told} <= set(TARGETS)
    if act in ("publish", "announce", "remind") and state in WORKED_ON:
        step = getattr(LOUD, ("blue", "yellow", "orange", "red")[(grade or max(grade, told_grade, 1)) - 1])
        covered = {(role, e.channel) for e in found.told for role in TARGETS[e.target].roles}
        covered |= {(e.role, e.channel) for e in found.omitted}
        assert {(role, channel) for role in step.roles for channel in step.channels} <= covered
