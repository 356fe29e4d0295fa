"""Breaks are told with the releases that stood near them, and not called their effect; a planted lead is found in states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ganzhi.access.rights import LOCAL, ROLES, Ground, Viewer
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.warning import Occasion
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.warn.breaks import breaks_of, watched_codes
from ganzhi.warn.leading import leading_candidates
from ganzhi.warn.surroundings import calendar_page
from tests.measure.place import units

FIRST = date(2011, 3, 1)
DAYS = 180
STEP = 100
"""Place of the planted break."""


def occasion(kind: str, day: date, **more: object) -> Occasion:
    found = {"name": {"zh": "上线", "en": "release"}, "kind": kind, "days": [{"first": day}], **more}
    return Occasion.model_validate(found)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    on = FIRST + timedelta(days=STEP)
    occasions = {
        "release.near": occasion("release", on - timedelta(days=2)),
        "release.far": occasion("release", on - timedelta(days=40)),
        "release.other": occasion("release", on - timedelta(days=2), units=["west"]),
        "campaign.later": occasion("campaign", on + timedelta(days=1)),
        "holiday.near": occasion("holiday", on - timedelta(days=1)),
        "billing": Occasion.model_validate({"name": {"zh": "出账", "en": "bills"}, "kind": "billing", "monthly": 31}),
    }
    tree = units(("all", None), ("east", "all"), ("west", "all"))
    return replace(load_catalogue("telecom", None), occasions=occasions, units=tree)


@pytest.mark.requirement("S000-076")
def test_a_break_is_told_with_what_stood_near_it_and_how_near_any_day_is(catalogue: Catalogue) -> None:
    random = np.random.default_rng(3)
    broken = random.normal(50, 2, DAYS)
    broken[STEP:] += 8
    series = {"broken": list(broken), **{f"quiet{k}": list(random.normal(50, 2, DAYS)) for k in range(12)}}
    found = breaks_of(catalogue, series, "east", FIRST, FIRST + timedelta(days=DAYS - 1))
    assert [(each.code, abs((each.on - FIRST).days - STEP) <= 2) for each in found.found] == [("broken", True)]
    assert {near.code for near in found.found[0].near} == {"release.near", "campaign.later"}
    assert found.tested == 13
    # two releases and a campaign of ten days each, two of which overlap by three days less than wholly
    days = {FIRST + timedelta(days=STEP + edge + n) for edge in (-2, -40, 1) for n in range(-2, 8)}
    assert found.covered == len(days) / DAYS
    west = breaks_of(catalogue, {"broken": list(broken)}, "west", FIRST, FIRST + timedelta(days=DAYS - 1))
    assert "release.other" in {near.code for near in west.found[0].near}


def test_many_series_without_a_break_give_next_to_none(catalogue: Catalogue) -> None:
    random = np.random.default_rng(11)
    series = {f"quiet{k}": list(random.normal(50, 2, 120)) for k in range(30)}
    assert len(breaks_of(catalogue, series, "all", FIRST, FIRST + timedelta(days=119)).found) <= 2


def test_the_calendar_lists_a_month_for_whom_it_concerns(catalogue: Catalogue) -> None:
    june = calendar_page(catalogue, Ground(catalogue, LOCAL), date(2011, 6, 15))
    assert [(each.code, each.first.day) for each in june.spans][-1] == ("billing", 30)
    assert {"release.near", "release.other", "holiday.near"} <= {each.code for each in june.spans}
    east = Ground(catalogue, Viewer("x", "x", "manager", ("east",), ROLES["manager"].rights))
    assert "release.other" not in {each.code for each in calendar_page(catalogue, east, date(2011, 6, 1)).spans}


def test_candidates_are_measured_elsewhere_than_what_they_lead(catalogue: Catalogue) -> None:
    target = "complaint.count"
    codes = leading_candidates(catalogue, target)
    assert len(codes) >= 20
    feed = catalogue.indicator(target).feed
    assert all(catalogue.indicator(code).feed not in (None, feed) for code in codes)
    assert set(watched_codes(catalogue)) & {rule.indicator for rule in catalogue.warning_rules.values()}
