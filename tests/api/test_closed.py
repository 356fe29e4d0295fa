"""Numbers of closed periods by the API: those of the commands, within the caller's rights, with small ones withheld."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.ingest.load import load
from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.refresh import refresh
from ganzhi.measure.reported.close import close
from ganzhi.measure.views.query import IndicatorQuery, PageQuery
from tests.api.conftest import Programs, prepared, some_days, with_api
from tests.cli.conftest import Program, ganzhi
from tests.whole.organisation import forbidden, viewer

__all__ = ["ganzhi"]

SPAN = {"from": "1999-01-03", "to": "1999-01-05"}
COUNTIES = {"code": "hotline.calls", "unit": "QAA", "children": "true", "from": "1999-01-01", "to": "1999-01-05"}
LEADER = viewer("leader")


def _without_most(whole: Path, into: Path, line: str, day: str, left: int) -> Path:
    """The file without what arrived over a line on a day, but for some calls."""
    kept, seen = [], 0
    for row in whole.read_text(encoding="utf-8").splitlines(keepends=True):
        of = row.split("\t")
        if (of[0].strip(), of[5].strip()) == (line, day):
            seen += 1
            if seen > left:
                continue
        kept.append(row)
    assert seen > 20
    into.write_text("".join(kept), encoding="utf-8")
    return into


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[Programs]:
    """Two days and a week closed while a county had three calls on the third of January; then the rest of them."""
    folder = tmp_path_factory.mktemp("closed")
    whole = some_days(sample_calls, folder)
    workspace = prepared(folder / "w")
    place = workspace.workplace
    load(place, "calls", [_without_most(whole, folder / "first.txt", "AA0101", "990103", 3)], "anonymous_bank")
    refresh(place)
    for grain, day in ((Grain.DAY, 3), (Grain.DAY, 4), (Grain.WEEK, 3)):
        close(place, period_of_day(grain, date(1999, 1, day), place.zone), actor="lin")
    load(place, "calls", [whole], "anonymous_bank")
    refresh(place)
    yield with_api(workspace)
    workspace.close()


@pytest.mark.parametrize(
    ("path", "asked", "shown"),
    [
        ("observations", {"unit": "QAA", "children": "true"}, "both"),
        ("observations", {"by": "call_type"}, "reported"),
        ("scores", {}, "both"),
        ("scores", {"unit": "QAA", "children": "true", "use": "operations"}, "reported"),
    ],
)
def test_what_was_reported_is_what_the_command_prints(
    closed: Programs, ganzhi: Program, path: str, asked: dict[str, Any], shown: str
) -> None:
    command = {"observations": "observe", "scores": "score"}[path]
    options = [
        part
        for name, value in {**SPAN, **asked, "as": shown}.items()
        for part in ((f"--{name}",) if value == "true" else (f"--{name}", value))
    ]
    printed = ganzhi(command, "hotline.answer_rate", *options, "--format", "json", "-w", closed.workspace.root).json
    found = closed.all(f"/{path}", code="hotline.answer_rate", **SPAN, **asked, as_=shown, limit=7)
    if path == "scores" and shown == "reported":
        printed = [{**each, "observation": None} for each in printed]
    assert _instants(found) == _instants(printed)
    assert found
    if shown == "both":
        beside = [each["reported"] for each in found]
        assert None in beside  # days that are not closed
        assert {tuple(each["reasons"]) for each in beside if each} == {("late",), ()}


def _instants(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the same text for the same instant: +00:00 and Z."""

    def plain(each: Any) -> Any:
        if isinstance(each, dict):
            return {k: v.replace("+00:00", "Z") if k == "closed_at" else plain(v) for k, v in each.items()}
        return [plain(one) for one in each] if isinstance(each, list) else each

    return [plain(each) for each in found]


def _by_unit(items: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["unit"], each["period_start"]): each for each in items}


def test_a_county_that_was_small_when_it_was_closed_is_withheld_with_its_neighbour_and_in_the_week(
    closed: Programs,
) -> None:
    days = [day[:10] for day in ("1999-01-03T", "1999-01-04T")]
    whole = _by_unit(closed.all("/observations", **COUNTIES, as_="reported"))
    seen = _by_unit(closed.all("/observations", LEADER, **COUNTIES, as_="reported"))
    assert list(seen) == list(whole)
    assert whole["QAA-K1", days[0]]["n"] == 3
    assert {seen[unit, days[0]]["n"] for unit in ("QAA-K1", "QAA-K2")} == {None}
    assert {seen[unit, days[0]]["value"] for unit in ("QAA-K1", "QAA-K2")} == {None}
    assert [seen[unit, days[1]] for unit in ("QAA-K1", "QAA-K2")] == [
        whole[unit, days[1]] for unit in ("QAA-K1", "QAA-K2")
    ]
    week = {**COUNTIES, "grain": "week"}
    full = closed.all("/observations", **week, as_="reported")
    assert all(each["n"] > 20 for each in full)  # large, but week less other days would tell the day
    assert [each["n"] for each in closed.all("/observations", LEADER, **week, as_="reported")] == [None, None]
    both = _by_unit(closed.all("/observations", LEADER, **COUNTIES, as_="both"))
    for unit in ("QAA-K1", "QAA-K2"):
        beside = both[unit, days[0]]["reported"]
        assert both[unit, days[0]]["n"] > 20
        assert {beside[name] for name in ("n", "value", "numerator", "denominator", "difference")} == {None}
        assert (beside["reasons"], beside["files"]) == ([], [])
    for unit in ("QAA-K1", "QAA-K2"):  # on its own page as among its siblings
        alone = closed.all("/observations", LEADER, **{**COUNTIES, "unit": unit, "children": "false"}, as_="reported")
        assert [each["n"] for each in alone] == [None, whole[unit, days[1]]["n"]]
    page = PageQuery("QAA-K1", days[0])
    for who, told in ((viewer("analyst"), True), (LEADER, False)):  # and on its page
        shown = closed.house.answers.fresh(who, lambda r: indicator_page(r, "hotline.calls", page, IndicatorQuery()))
        assert (shown.now.value is not None, shown.reported is not None) == (True, told)
    scores = {**COUNTIES, "code": "hotline.answer_rate", "to": "1999-01-03"}
    assert {each["score"] for each in closed.all("/scores", **scores, as_="reported")} != {None}
    assert [(s["score"], s["n"]) for s in closed.all("/scores", LEADER, **scores, as_="reported")] == [(None, None)] * 2
    assert [s["reported"]["score"] for s in closed.all("/scores", LEADER, **scores, as_="both") if s["reported"]] == [
        None,
        None,
    ]


def test_rights_hold_for_what_was_reported(closed: Programs) -> None:
    asked = {**SPAN, "code": "hotline.calls", "as": "both"}
    assert closed.get("/observations", LEADER, **asked, by="call_type").status_code == 403
    assert closed.get("/observations", LEADER, **asked, basis="todate").status_code == 403
    for who in (viewer("analyst", "QAA-K1", "QBB-K2"), viewer("manager", "QAA-K2")):
        text = closed.get("/observations", who, **asked, unit=who.units[0]).text
        assert '"reported":{' in text
        assert [word for word in forbidden(who) if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)] == []
        assert closed.get("/observations", who, **asked, unit="QAA").status_code == 404
    late = closed.all("/observations", **asked, unit="QAA-K1")[0]["reported"]
    assert (late["reasons"], late["files"]) == (["late"], ["QBB-K1_990101.txt"])
    theirs = closed.all("/observations", viewer("analyst", "QAA"), **asked, unit="QAA-K1")[0]["reported"]
    assert theirs == {**late, "files": ["****"]}


def test_closing_again_changes_the_tag_and_what_is_told(closed: Programs) -> None:
    asked = {**SPAN, "code": "hotline.calls", "as": "reported"}
    first = closed.get("/observations", **asked)
    place = closed.workspace.workplace
    unchanged = {"If-None-Match": first.headers["ETag"]}
    assert closed.client(**unchanged).get("/api/v1/observations", params=asked).status_code == 304
    close(place, period_of_day(Grain.DAY, date(1999, 1, 4), place.zone), actor="lin")
    again = closed.client(**unchanged).get("/api/v1/observations", params=asked)
    assert again.status_code == 200
    assert [each["edition"] for each in first.json()["items"]] == [1, 1]
    assert [each["edition"] for each in again.json()["items"]] == [1, 2]


def test_what_no_closing_keeps_is_refused_by_name(closed: Programs) -> None:
    asked = {**SPAN, "code": "hotline.answer_rate", "as": "both"}
    for path, more, field in (
        ("/observations", {"by": "hour_of_day"}, "hour_of_day"),
        ("/scores", {"where": "call_type=PS"}, "where"),
        ("/scores", {"basis": "todate"}, "basis"),
    ):
        said = closed.get(path, **asked, **more)
        assert (said.status_code, said.json()["code"]) == (422, "MEA024")
        assert f" {field} is not among it" in said.json()["detail"]
    wrong = closed.get("/observations", **{**asked, "as": "then"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "as")
    assert closed.all("/observations", **{**asked, "as": "reported", "code": "no.such"}) == []
