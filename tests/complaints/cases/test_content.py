"""What a case may say: everything that is wrong at once, no number of a customer, links that nothing runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ganzhi.base.errors import InputError
from ganzhi.complaints.cases.content import (
    Link,
    ManualContent,
    Origin,
    Step,
    case_of,
    changed,
    check,
    manual_of,
    names_somebody,
    tidy_lines,
    to_json,
)
from tests.complaints.cases.shelf import TODAY, catalogue, content

MANUAL = ManualContent("charges", (Step("查", "请稍候"),), "账务", "ann", date(2027, 1, 1), date(2026, 1, 1))


def codes(said: Any) -> list[tuple[str, str]]:
    try:
        check(catalogue(), said, TODAY)
    except InputError as error:
        return [(issue.code, issue.subject) for issue in error.issues]
    return []


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = content(
        title=" ", symptom="", wording="x" * 4_001, category="old", product="pager", owner="",
        valid_to=date(2025, 1, 1), links=(Link("", "/x"),), origin=Origin("finding"),
    )  # fmt: skip
    assert codes(wrong) == [
        ("CAS001", "title"),
        ("CAS001", "symptom"),
        ("CAS012", "wording"),
        ("CAS001", "origin"),
        ("CAS014", "category"),
        ("CAS015", "product"),
        ("CAS001", "owner"),
        ("CAS016", "valid_to"),
        ("CAS018", "links"),
    ]
    assert codes(content(product="voice")) == codes(MANUAL) == []
    assert codes(replace(MANUAL, steps=())) == [("CAS001", "steps")]
    assert codes(replace(MANUAL, steps=(Step("", "13812345678"),))) == [("CAS001", "steps 1"), ("CAS013", "say 1")]


@pytest.mark.parametrize(
    "said",
    [
        "客户１３８１２３４５６７８来电",
        "身份证11010519491231002X",
        "mail li.na@example.com",
        "宽带账号 075512345678",
        "0755-12345678",
    ],
)
def test_what_names_a_customer_is_refused_in_every_text(said: str) -> None:
    assert names_somebody(said)
    for name in ("title", "symptom", "cause", "fix", "wording"):
        assert codes(content(**{name: said})) == [("CAS013", name)]


@pytest.mark.parametrize(
    "said", ["拨打10086", "2026年11月21日", "20261121前办理", "400-810-0000", "最多3次，每次50元", "ｗｉｆｉ", "👍🏽"]
)
def test_what_names_nobody_is_kept(said: str) -> None:
    assert codes(content(wording=said)) == []


@pytest.mark.parametrize(
    ("target", "fine"),
    [
        ("https://example.test/a?b=c", True),
        ("/dictionary", True),
        ("//example.test", False),
        ("javascript:alert(1)", False),
        ("https://example.test/ x", False),
        ('/x"onclick="a', False),
        ("ftp://example.test", False),
        ("/" + "x" * 500, False),
    ],
)
def test_links_lead_to_pages_only(target: str, fine: bool) -> None:
    assert codes(content(links=(Link("通报", target),))) == ([] if fine else [("CAS018", "links")])


def test_what_is_kept_comes_back() -> None:
    said = content(valid_to=date(2026, 12, 31), shared=True, origin=Origin("complaint", "C1"), links=(Link("a", "/b"),))
    assert case_of(to_json(said)) == said
    assert manual_of(to_json(MANUAL)) == MANUAL
    assert changed(said, replace(said, wording="x", valid_to=None)) == ("wording", "valid_to")
    assert tidy_lines(" a\r\nb\x00\u200b\tc\r") == "a\nbc"


def test_validity_includes_both_days() -> None:
    said = content(valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 3))
    assert [said.valid(date(2026, 1, day)) for day in (1, 2, 3, 4)] == [False, True, True, False]
