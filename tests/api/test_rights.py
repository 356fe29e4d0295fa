"""Whoever asks whatever: no unit out of reach occurs in the answer, and one out of reach is one that nobody has."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.access.rights import RIGHTS, Viewer
from ganzhi.access.shown.hidden import Hidden
from ganzhi.access.shown.masking import HIDDEN
from tests.api.conftest import CALLERS, WHOLE, Programs
from tests.whole.organisation import NAMES, forbidden, viewer

OPERATIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("/indicators", frozenset({"macro"})),
    ("/indicators/hotline.answer_rate", frozenset({"macro"})),
    ("/topics", frozenset({"macro"})),
    ("/topics/hotline", frozenset({"macro"})),
    ("/units", frozenset({"macro"})),
    ("/feeds", frozenset({"macro"})),
    ("/observations", frozenset({"macro"})),
    ("/scores", frozenset({"macro"})),
    ("/findings", frozenset({"macro"})),
    ("/records", frozenset({"macro", "list"})),
    ("/arrival", frozenset({"macro"})),
    ("/openapi.json", frozenset()),
    ("/docs", frozenset()),
)
SPAN = {"code": "hotline.answer_rate", "from": "1999-01-03", "to": "1999-01-04"}
ASKED: dict[str, dict[str, Any]] = {
    "/observations": SPAN,
    "/scores": SPAN,
    "/findings": {"period": "1999-01-04"},
    "/records": {"code": "hotline.answer_rate", "period": "1999-01-04"},
}
UNITS = ("all", *NAMES, "QCC", "QAA-K9")


def _leaks(who: Viewer, text: str) -> list[str]:
    return [word for word in forbidden(who) if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]


@pytest.mark.parametrize(("path", "rights"), OPERATIONS, ids=[path for path, _ in OPERATIONS])
def test_each_operation_takes_its_rights_and_no_more(programs: Programs, path: str, rights: frozenset[str]) -> None:
    assert programs.get(path, None, **ASKED.get(path, {})).status_code == 401
    owner = viewer("analyst")
    for right in sorted(rights):
        lacking = replace(owner, login="narrow", rights=frozenset(RIGHTS) - {right})
        with _as(programs, lacking):
            answer = programs.get(path, owner, **ASKED.get(path, {}))
            assert (answer.status_code, answer.json()["code"]) == (403, "ACC001")
    with _as(programs, replace(owner, login="narrow", rights=rights)):  # type: ignore[arg-type]
        assert programs.get(path, owner, **ASKED.get(path, {})).status_code == 200


class _as:  # noqa: N801 - reads as a word where it is used
    """Makes the token of the whole analyst that of another viewer."""

    def __init__(self, programs: Programs, who: Viewer) -> None:
        self.tokens, self.who = programs.house.tokens, who

    def __enter__(self) -> None:
        check = self.tokens.check

        def narrowed(catalogue: Any, text: str) -> Any:
            found = check(catalogue, text)
            return None if found is None else replace(found, viewer=self.who)

        self.tokens.check = narrowed  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        del self.tokens.check  # type: ignore[method-assign]


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Any operation with any unit, grain, cut and order."""
    path, _ = draw(st.sampled_from(OPERATIONS))
    asked = dict(ASKED.get(path, {}))
    if path in ASKED:
        asked["unit"] = draw(st.sampled_from(UNITS))
    if path == "/observations":
        asked |= draw(st.sampled_from([{}, {"by": "agent"}, {"by": "call_type"}, {"where": "agent=QBB-K2"}]))
    if path in ("/observations", "/scores"):
        asked |= draw(st.sampled_from([{}, {"children": "true"}]))
        asked["grain"] = draw(st.sampled_from(["day", "hour", "month"]))
    if path == "/records":
        asked |= draw(st.sampled_from([{}, {"sort": "agent"}, {"sort": "-unit"}, {"part": "numerator"}]))
        asked["limit"] = draw(st.sampled_from([3, 1000]))
    if path == "/units":
        asked = draw(st.sampled_from([{}, {"parent": "QAA"}, {"parent": "all"}, {"limit": 1}]))
    asked["lang"] = draw(st.sampled_from(["zh", "en"]))
    return path, asked


@pytest.mark.requirement("S002-112", "S002-113")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(who=st.sampled_from(CALLERS), asked=questions())
def test_no_unit_out_of_reach_occurs_in_any_answer(programs: Programs, who: Viewer, asked: tuple[str, Any]) -> None:
    path, params = asked
    answer = programs.get(path, who, **params)
    assert answer.status_code in (200, 403, 404), answer.text[:300]
    own = {str(value) for value in params.values()}
    text = answer.text
    # What somebody asked for may be repeated to them in the refusal.
    leaks = [word for word in _leaks(who, text) if not (answer.status_code == 404 and word in own)]
    assert leaks == [], (path, params)


def test_the_code_of_a_strange_unit_among_the_values_is_hidden_and_its_number_kept(programs: Programs) -> None:
    asked = {**SPAN, "by": "agent", "unit": "QAA-K1", "limit": 1000}
    whole = programs.get("/observations", **asked).json()["items"]
    part = programs.get("/observations", viewer("analyst", "QAA-K1", "QBB-K2"), **asked).json()["items"]
    city = programs.get("/observations", viewer("analyst", "QAA"), **asked).json()["items"]
    place = [each["slice"]["agent"] for each in whole].index("QBB-K2")
    assert whole == part
    assert city[place] == {**whole[place], "slice": {"agent": HIDDEN}}
    records = {"code": "hotline.answered", "period": "1999-01-04", "unit": "QAA-K1", "limit": 1000}
    here, there = (programs.get("/records", who, **records).json() for who in (WHOLE, viewer("analyst", "QAA")))
    assert here["total"] == there["total"] > 0
    agents = [column["name"] for column in here["columns"]].index("agent")
    pairs = [(a["values"][agents], b["values"][agents]) for a, b in zip(here["items"], there["items"], strict=True)]
    assert ("QBB-K2", HIDDEN) in pairs
    assert all(a == b or (a, b) == ("QBB-K2", HIDDEN) for a, b in pairs)
    assert {each["file"] for each in here["items"]} == {"QBB-K1_990101.txt"}
    assert {each["file"] for each in there["items"]} == {HIDDEN}


def test_a_unit_out_of_reach_is_one_that_nobody_has(programs: Programs) -> None:
    who = viewer("analyst", "QAA")
    for path in ("/observations", "/scores", "/findings", "/records"):
        strange, absent = (programs.get(path, who, **{**ASKED[path], "unit": unit}) for unit in ("QBB-K1", "QZZ-K1"))
        assert strange.status_code == absent.status_code == 404
        assert strange.json()["code"] == "REQ012"
        assert strange.json()["field"] == "unit"
        assert strange.text.replace("QBB-K1", "QZZ-K1") == absent.text
    strange, absent = (programs.get("/units", who, parent=unit) for unit in ("QBB", "QZZ"))
    assert strange.text.replace("QBB", "QZZ") == absent.text


def test_a_place_begins_where_its_owner_may_look(programs: Programs) -> None:
    county = programs.all("/units", viewer("manager", "QAA-K2"))
    assert [(each["code"], each["parent"]) for each in county] == [("QAA-K2", None)]
    two = programs.all("/units", viewer("analyst", "QAA-K1", "QBB-K2"))
    assert {each["code"]: each["parent"] for each in two} == {"QAA-K1": None, "QBB-K2": None}
    found = programs.get("/observations", viewer("manager", "QAA-K2"), **SPAN).json()["items"]
    assert {each["unit"] for each in found} == {"QAA-K2"}


def test_counts_of_the_whole_organisation_are_not_for_those_who_see_a_part(programs: Programs) -> None:
    part = programs.all("/arrival", viewer("analyst", "QAA"))
    whole = programs.all("/arrival")
    assert all(each["rows"] is None and each["days"] is None for each in part)
    assert [{**each, "rows": None, "days": None} for each in whole] == part


def test_words_of_a_file_name_are_looked_at() -> None:
    hidden = Hidden(frozenset({"AB-2", "7041"}))
    names = ("x_AB-2_1.csv", "7041.csv", "calls 7041 a.txt", "AB-2", "x70411.csv", "AB-21.csv", "plain.csv", None)
    shown = [hidden.file(name) for name in names]
    assert shown == [HIDDEN, HIDDEN, HIDDEN, HIDDEN, "x70411.csv", "AB-21.csv", "plain.csv", None]
