"""Files for other platforms: what leaves, what comes back, and what collides."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.access.rights import AccessError
from ganzhi.base.errors import InputError
from ganzhi.complaints.cases.content import Link, Origin, tidy_lines
from ganzhi.complaints.cases.exchange import FORMAT, FORMS, Form, Shared, read, shared, write
from tests.complaints.cases.shelf import ANN, BOB, TODAY, Shelf, content, viewer

SHARED = content(shared=True, owner="")
WORDS = st.text(alphabet=st.sampled_from("停机=+-@'\"<,;|\n 。ab😀"), max_size=30).map(tidy_lines)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.booleans()), min_size=1, max_size=4), st.sampled_from(FORMS))
def test_what_is_written_is_read_again(said: list[tuple[str, str, bool]], form: Form) -> None:
    cases = [
        Shared(
            f"p/{place}",
            replace(
                SHARED, title=title, wording=wording, valid_to=date(2027, 1, 1) if ends else None,
                origin=Origin("finding" if ends else "experience"), links=(Link("a", "https://x.test/b"),) if ends else (),
            ),
        )
        for place, (title, wording, ends) in enumerate(said)
    ]  # fmt: skip
    assert [replace(each, line="") for each in read("f", write(cases, form))] == cases


@pytest.mark.requirement("S003-034")
def test_only_flagged_cases_in_force_leave_and_without_who_keeps_them(shelf: Shelf) -> None:
    shelf.put(title="kept here")
    shelf.put(title="ended", shared=True, valid_to=date(2026, 1, 2))
    mine = shelf.put(
        title="shared", shared=True, origin=Origin("complaint", "C0001"), links=(Link("a", "/alerts"), Link("b", "https://x.test"))
    )  # fmt: skip
    shelf.desk.save_case(ANN, None, content(title="draft", shared=True))
    data = shelf.desk.give(ANN, "json")
    (only,) = json.loads(data)["cases"]
    assert (only["title"], only["origin"], only["links"]) == (
        "shared",
        "complaint",
        [{"title": "b", "target": "https://x.test"}],
    )
    assert only["source"] == f"{shelf.store.id}/{mine.entry.id}"
    assert b"C0001" not in data
    assert b"ann" not in data
    entry = shelf.store.audit.of("case.export")[0]
    assert (entry.actor, entry.detail) == ("ann", {"cases": 1})
    sheet = openpyxl.load_workbook(io.BytesIO(shelf.desk.give(ANN, "xlsx"))).active
    assert sheet is not None
    assert [sheet.max_row, sheet["B2"].value] == [2, "shared"]


@pytest.mark.requirement("S003-034")
def test_what_comes_in_is_a_draft_and_says_what_it_collides_with(shelf: Shelf) -> None:
    shelf.put(title="停机未恢复")
    strange = replace(SHARED, title="宽带", symptom="上不了网", cause="光猫掉线", fix="重启", wording="请重启")
    near = replace(SHARED, fix="别的办法")
    data = write([Shared("there/1", strange), Shared("there/2", near)], "json")
    first = shelf.desk.take_in(ANN, "cases.json", data)
    assert [(each.fate, each.near) for each in first] == [("new", None), ("similar", 1)]
    assert [case.usable(TODAY) for case in shelf.library.cases()] == [True, False, False]
    assert shelf.library.cases()[1].latest.origin == Origin("import", "there/1")
    assert [each.fate for each in shelf.desk.take_in(ANN, "cases.json", data)] == ["same", "same"]
    newer = write([Shared("there/1", replace(strange, fix="换光猫"))], "xlsx")
    assert [(each.fate, each.number) for each in shelf.desk.take_in(BOB, "cases.xlsx", newer)] == [("changed", 2)]
    assert shelf.library.cases()[1].latest.fix == "换光猫"


@pytest.mark.requirement("S003-034")
def test_a_case_that_left_and_comes_back_is_known(shelf: Shelf) -> None:
    shelf.put(shared=True)
    data = shelf.desk.give(ANN, "xlsx")
    assert [each.fate for each in shelf.desk.take_in(BOB, "back.xlsx", data)] == ["same"]
    assert len(shelf.library.cases()) == 1


def _document(**changed: Any) -> bytes:
    record = {**json.loads(write([Shared("p/1", SHARED)], "json"))["cases"][0], **changed}
    return json.dumps({"format": FORMAT, "cases": [record]}).encode()


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["CAS101"]),
        (b"\xff\xfe\x00", ["CAS101"]),
        (b"[1]", ["CAS101"]),
        (b'{"format": "ganzhi.cases/1", "cases": []}', ["CAS101"]),
        (b'{"format": "ganzhi.cases/1", "cases": [NaN]}', ["CAS101"]),
        (b"[" * 100_000, ["CAS101"]),
        (b"PK\x03\x04 no archive", ["CAT131"]),
        (_document(valid_from="soon", fix=7), ["CAS102", "CAS102"]),
        (_document(symptom="客户13812345678", category="nowhere"), ["CAS013", "CAS014"]),
        (_document(links=[{"title": "x", "target": "javascript:alert(1)"}]), ["CAS018"]),
    ],
)
def test_a_file_with_anything_wrong_is_refused_whole(shelf: Shelf, content: bytes, codes: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        shelf.desk.take_in(ANN, "f", content)
    found = [issue.code for issue in refused.value.issues]
    assert found == codes or (codes[0].startswith("CAT") and found[0].startswith("CAT"))
    assert shelf.library.cases() == ()


def test_a_case_that_stands_twice_is_refused(shelf: Shelf) -> None:
    with pytest.raises(InputError) as refused:
        read("f", write([Shared("p/1", SHARED), Shared("p/1", SHARED)], "json"))
    assert [issue.code for issue in refused.value.issues] == ["CAS103"]


def test_files_are_for_who_acts_for_the_whole_organisation(shelf: Shelf) -> None:
    for who in (viewer("leader"), viewer("manager", "AB")):
        with pytest.raises(AccessError):
            shelf.desk.give(who, "json")
        with pytest.raises(AccessError):
            shelf.desk.take_in(who, "f", b"{}")
    assert shared(shelf.library, TODAY) == ()
