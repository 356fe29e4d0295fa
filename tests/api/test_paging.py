"""Pages put together are one list of one state; a state that is known is not sent again."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.api.cursor import Cursors, ListChangedError, stamp_of
from ganzhi.base.errors import InputError
from ganzhi.ingest.load import load
from ganzhi.measure.refresh import refresh
from tests.api.conftest import WHOLE, Programs, opened, some_days, with_api
from tests.whole.organisation import viewer

SPAN = {"from": "1999-01-01", "to": "1999-01-05"}
LISTS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("/indicators", {"topic": "hotline"}, 3),
    ("/units", {}, 2),
    ("/feeds", {}, 9),
    ("/observations", {**SPAN, "code": "hotline.calls", "by": "agent"}, 17),
    ("/scores", {**SPAN, "code": ["hotline.experience", "hotline.calls"], "children": "true"}, 4),
    ("/findings", {"period": "1999-01-04"}, 1),
    ("/records", {"code": "hotline.abandoned", "period": "1999-01-04"}, 30),
    ("/records", {"code": "hotline.abandoned", "period": "1999-01-04", "sort": "-wait_s"}, 31),
    ("/arrival", {}, 5),
)


@pytest.mark.parametrize(("path", "asked", "limit"), LISTS)
def test_pages_put_together_are_the_whole_list(
    programs: Programs, path: str, asked: dict[str, Any], limit: int
) -> None:
    whole = programs.get(path, limit=1000, **asked).json()
    assert whole["next"] is None
    assert len(whole["items"]) == whole["total"] > limit
    assert programs.all(path, limit=limit, **asked) == whole["items"]
    assert len({repr(each) for each in whole["items"]}) == whole["total"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_the_size_of_a_page_may_change_on_the_way(programs: Programs, limits: list[int]) -> None:
    whole = programs.get("/units", limit=1000).json()["items"]
    found: list[Any] = []
    cursor: dict[str, str] = {}
    for limit in [*limits, 1000]:
        page = programs.get("/units", limit=limit, **cursor).json()
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == whole


def test_a_cursor_is_good_for_its_question_and_its_reach_only(programs: Programs) -> None:
    asked = {**SPAN, "code": "hotline.calls", "limit": 1}
    cursor = programs.get("/observations", **asked).json()["next"]
    assert programs.get("/observations", cursor=cursor, **asked).status_code == 200
    others = (
        ("/observations", WHOLE, {**asked, "to": "1999-01-04"}),
        ("/observations", WHOLE, {**asked, "unit": "QAA"}),
        ("/observations", viewer("analyst", "QAA"), asked),
        ("/observations", viewer("leader"), asked),
        ("/scores", WHOLE, asked),
        ("/units", WHOLE, {"limit": 1}),
    )
    for path, who, instead in others:
        answer = programs.get(path, who, cursor=cursor, **instead)
        assert (answer.status_code, answer.json()["code"]) == (422, "API008"), (path, who.login)


@given(st.binary(max_size=60), st.data())
def test_a_cursor_cannot_be_made_or_changed(noise: bytes, data: st.DataObject) -> None:
    cursors, stamp = Cursors(b"k" * 32), stamp_of("state")
    given_ = cursors.give("question", 100, stamp)
    assert cursors.read("question", given_, stamp) == 100
    raw = bytearray(base64.urlsafe_b64decode(given_ + "=" * (-len(given_) % 4)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    forged = (base64.urlsafe_b64encode(bytes(raw)), base64.urlsafe_b64encode(noise), noise)
    for text in forged:
        with pytest.raises(InputError) as refused:
            cursors.read("question", text.decode("latin-1") or "x", stamp)
        assert refused.value.issues[0].code == "API008"
    with pytest.raises(InputError):
        Cursors().read("question", given_, stamp)
    with pytest.raises(ListChangedError):
        cursors.read("question", given_, stamp_of("other state"))


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[tuple[Programs, Any]]:
    """A workspace of its own, and what loads another day of the sample into it."""
    folder = tmp_path_factory.mktemp("growing")
    workspace = opened(folder / "w", sample_calls)

    def arrive(day: str, *, computed: bool = True) -> None:
        load(workspace.workplace, "calls", [some_days(sample_calls, folder, (day,))], "anonymous_bank")
        if computed:
            refresh(workspace.workplace)

    yield with_api(workspace), arrive
    workspace.close()


def test_the_same_state_is_not_sent_again_and_a_new_one_is(growing: tuple[Programs, Any]) -> None:
    programs, arrive = growing
    questions = [(path, asked) for path, asked, _ in LISTS if path != "/records"] + [("/openapi.json", {})]
    tags = {}
    for number, (path, asked) in enumerate(questions):
        first, again = programs.get(path, **asked), programs.get(path, **asked)
        assert first.headers["etag"] == again.headers["etag"]
        assert first.content == again.content
        assert first.headers["cache-control"] == "private, no-cache"
        assert "Authorization" in first.headers["vary"]
        tags[number] = first.headers["etag"]
        known = programs.client(WHOLE, **{"If-None-Match": f'"x", {tags[number]}'}).get(f"/api/v1{path}", params=asked)
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tags[number])
        strange = programs.client(viewer("analyst", "QAA"), **{"If-None-Match": tags[number]})
        assert strange.get(f"/api/v1{path}", params=asked).status_code == 200
    assert len(set(tags.values())) == len(tags)
    before = programs.get("/observations", **LISTS[3][1]).json()
    arrive("990102")
    for number, (path, asked) in enumerate(questions):
        fresh = programs.client(WHOLE, **{"If-None-Match": tags[number]}).get(f"/api/v1{path}", params=asked)
        assert fresh.status_code == 200, path
    after = programs.get("/observations", **LISTS[3][1]).json()
    assert after["commit"] > before["commit"]
    assert after["items"] != before["items"]


def test_rows_that_are_not_computed_yet_are_refused_where_one_asks_for_that(growing: tuple[Programs, Any]) -> None:
    programs, arrive = growing
    arrive("990107", computed=False)
    asked = {"code": "hotline.answer_rate", "from": "1999-01-05", "to": "1999-01-07"}
    refused = programs.get("/observations", stale="refuse", **asked)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (409, "MEA001", "to")
    shown = programs.get("/observations", **asked).json()["items"]
    assert shown[0]["value"] is not None
    assert (shown[2]["value"], shown[2]["completeness"]) == (None, 0)
    refresh(programs.workspace.workplace)
    computed = programs.get("/observations", stale="refuse", **asked).json()["items"]
    assert computed[2]["value"] is not None


def test_records_are_kept_nowhere(programs: Programs) -> None:
    answer = programs.get("/records", code="hotline.calls", period="1999-01-04", limit=1)
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_a_list_that_changed_between_its_pages_says_so(growing: tuple[Programs, Any]) -> None:
    """Never a row twice or left out: what is not touched goes on, what is begins again."""
    programs, arrive = growing
    touched = {"code": "hotline.calls", "from": "1999-01-04", "to": "1999-01-06", "limit": 1}
    untouched = {**touched, "to": "1999-01-05"}
    records = {"code": "hotline.calls", "period": "1999-01-04", "limit": 10}
    firsts = {
        "touched": programs.get("/observations", **touched).json(),
        "untouched": programs.get("/observations", **untouched).json(),
        "records": programs.get("/records", **records).json(),
        "week": programs.get("/records", **{**records, "period": "1999-W01"}).json(),
    }
    arrive("990106")
    changed = programs.get("/observations", cursor=firsts["touched"]["next"], **touched)
    assert (changed.status_code, changed.json()["code"]) == (409, "API009")
    assert programs.get("/observations", cursor=firsts["untouched"]["next"], **untouched).status_code == 200
    on = programs.get("/records", cursor=firsts["records"]["next"], **records)
    assert on.status_code == 200
    both = [*firsts["records"]["items"], *on.json()["items"]]
    assert both == programs.get("/records", **{**records, "limit": 20}).json()["items"]
    week = programs.get("/records", cursor=firsts["week"]["next"], **{**records, "period": "1999-W01"})
    assert (week.status_code, week.json()["code"]) == (409, "API009")
