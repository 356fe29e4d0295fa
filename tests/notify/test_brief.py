"""The brief that is pushed holds only what was not as usual, for whom it concerns, once."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ganzhi.base.settings import NotifySettings
from ganzhi.measure.views.panorama.brief import Brief, BriefRow
from ganzhi.measure.views.parts import Reading
from ganzhi.notify.brief import brief_notices
from tests.portal import numbers as n

DAY = date(2026, 11, 20)


def row(code: str, value: float, *, outside: bool, withheld: bool = False) -> BriefRow:
    now = Reading(value, None, None, 100, 1.0, None, enough=True, withheld=withheld)
    about = n.subject(code, code, code.title(), "count", "lower")
    return BriefRow(about, DAY, now, 100.0, 90.0, 110.0, 6, outside=outside, better=value < 100)


@pytest.mark.requirement("S002-011")
def test_only_what_changed_is_pushed_to_those_who_lead() -> None:
    mail = {"channel": "mail", "address": "a@b.example", "lang": "en"}
    targets = {
        "boss": {**mail, "roles": ["leader"]},
        "city": {**mail, "roles": ["manager"], "units": ["11"]},
        "quiet": {**mail, "roles": ["manager"], "units": ["12"]},
        "owner": {**mail, "roles": ["owner"]},
    }
    settings = NotifySettings.model_validate({"targets": targets})
    rows = (
        row("risen", 180, outside=True), row("usual", 101, outside=False), row("hidden", 3, outside=True, withheld=True)
    )  # fmt: skip
    briefs = {
        (): Brief(rows, 3, 0),
        ("11",): Brief((row("fallen", 40, outside=True),), 1, 0),
        ("12",): Brief(rows[1:], 2, 0),
    }
    found = {str(each.payload["target"]): each for each in brief_notices(DAY, settings, briefs.__getitem__)}
    assert {name: cast("Any", each.payload["data"])["changed"] for name, each in found.items()} == {
        "boss": ["risen"],
        "city": ["fallen"],
    }
    text = str(found["boss"].payload["text"])
    assert "Worse: Risen 180" in text
    assert "Usual" not in text
    assert "Better" in str(found["city"].payload["text"])
    again = SimpleNamespace(key=lambda each: (each.finding, each.channel, each.change))
    assert len({again.key(each) for each in found.values()}) == 2
