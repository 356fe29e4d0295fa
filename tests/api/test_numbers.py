"""Numbers of the API are those of the commands, of the pages and of a count by hand."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.measure.build.overview import overview
from ganzhi.measure.build.records import records_page
from ganzhi.measure.views.query import PageQuery, RecordsQuery
from tests.api.conftest import NOW, Programs
from tests.cli.conftest import Program, ganzhi
from tests.whole.organisation import viewer

__all__ = ["ganzhi"]

SPAN = {"from": "1999-01-01", "to": "1999-01-05"}
QUESTIONS: tuple[tuple[Sequence[str], dict[str, Any]], ...] = (
    (("hotline.answer_rate",), {}),
    (("hotline.answer_rate", "hotline.wait.p90_s"), {"unit": "QAA", "grain": "hour"}),
    (("hotline.calls",), {"by": ["call_type", "priority"], "grain": "week"}),
    (("hotline.abandoned",), {"by": "hour_of_day", "unit": "QBB-K1"}),
    (("hotline.wait.mean_s",), {"where": ["call_type=PS", "priority=2"], "basis": "todate"}),
    (("hotline.agents", "hotline.answer_rate"), {"children": "true", "unit": "QAA"}),
)


def _options(asked: dict[str, Any]) -> list[str]:
    """The options of a command for the parameters of the API."""
    found = []
    for name, value in asked.items():
        if name == "children":
            found.append("--children")
        elif name == "basis":
            found += ["--todate"] if value == "todate" else []
        else:
            for each in value if isinstance(value, list) else [value]:
                found += [f"--{name}", each]
    return found


@pytest.mark.parametrize(("codes", "asked"), QUESTIONS)
def test_observations_are_what_the_command_prints(
    programs: Programs, ganzhi: Program, codes: Sequence[str], asked: dict[str, Any]
) -> None:
    given = {**SPAN, **asked}
    printed = ganzhi("observe", *codes, *_options(given), "--format", "json", "-w", programs.workspace.root)
    assert printed.status == 0, printed.err
    found = programs.all("/observations", code=list(codes), limit=37, **given)
    assert len(found) > 1
    assert any(each["value"] is not None for each in found)
    assert found == printed.json


@pytest.mark.parametrize("asked", [{}, {"children": "true", "use": "operations", "grain": "hour"}])
def test_scores_are_what_the_command_prints(programs: Programs, ganzhi: Program, asked: dict[str, Any]) -> None:
    codes, given = ("hotline.experience", "hotline.answer_rate"), {**SPAN, **asked}
    printed = ganzhi("score", *codes, *_options(given), "--format", "json", "-w", programs.workspace.root)
    assert printed.status == 0, printed.err
    found = programs.all("/scores", code=list(codes), limit=500, **given)
    assert found == printed.json
    whole = [each for each in found if each["score"] is not None and each["contributions"]]
    assert whole
    for each in whole:
        assert sum(c["points"] or 0 for c in each["contributions"]) == pytest.approx(each["score"])


def test_findings_are_the_weak_spots_of_the_overview(programs: Programs) -> None:
    found = programs.all("/findings", period="1999-01-04", unit="QBB", limit=3)
    page = PageQuery("QBB", "1999-01-04")
    view = programs.house.answers.fresh(LOCAL, lambda reader: overview(reader, page))
    assert len(found) > 3
    assert [(each["subject"]["indicator"], each["grade"], each["evidence"]["value"]) for each in found] == [
        (weak.subject.code, weak.now.level, weak.now.value) for weak in view.weak
    ]
    assert {(e["id"], e["clock"], e["state"], e["subject"]["unit"]) for e in found} == {(None, None, None, "QBB")}


def _by_hand(programs: Programs) -> list[dict[str, str]]:
    """The rows of the file, read apart from everything the package does."""
    path = next(programs.workspace.root.parent.glob("QBB-K1_*.txt"))
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: (v or "").strip() for k, v in row.items()} for row in csv.DictReader(file, delimiter="\t")]


def test_records_are_those_of_the_file_and_as_many_as_the_number_counts(programs: Programs) -> None:
    counted = Counter(row["outcome"] for row in _by_hand(programs) if row["date"] == "990104")
    found = programs.all("/records", code="hotline.answer_rate", period="1999-01-04", part="numerator", limit=400)
    answer = programs.get("/records", code="hotline.answer_rate", period="1999-01-04", part="numerator", limit=1).json()
    assert len(found) == counted["AGENT"] == answer["total"] == answer["observation"]["numerator"] > 400
    place = [column["name"] for column in answer["columns"]].index("call_id")
    ids = [each["values"][place] for each in found]
    by_hand = {
        f"{r['vru+line']}-{r['call_id']}"
        for r in _by_hand(programs)
        if (r["date"], r["outcome"]) == ("990104", "AGENT")
    }
    assert len(set(ids)) == len(ids)
    assert set(ids) == by_hand


def test_records_are_in_the_order_of_the_page_and_masked_alike(programs: Programs) -> None:
    query, asked = PageQuery("QAA", "1999-01-04"), RecordsQuery(sort="-wait_s")
    page = programs.house.answers.fresh(LOCAL, lambda r: records_page(r, "hotline.abandoned", query, asked))
    params = {
        "code": "hotline.abandoned",
        "period": "1999-01-04",
        "unit": "QAA",
        "sort": "-wait_s",
        "limit": len(page.rows),
    }
    answer = programs.get("/records", **params).json()
    names = [column["name"] for column in answer["columns"]]
    for name in ("call_id", "customer_id", "unit", "call_type"):
        place = names.index(name)
        assert [each["values"][place] for each in answer["items"]] == [row[place] for row in page.rows], name
    customers = {each["values"][names.index("customer_id")] for each in answer["items"]} - {None}
    assert customers
    assert all("****" in each for each in customers)
    assert answer["columns"][names.index("customer_id")]["masked"]


def test_every_page_of_records_is_in_the_audit_trail(programs: Programs) -> None:
    audit = programs.workspace.workplace.store.audit
    before = audit.head().number
    programs.get("/records", code="hotline.calls", period="1999-01-03", limit=5)
    programs.get("/records", viewer("leader"), code="hotline.calls", period="1999-01-03")
    entries = audit.entries()[-1:]
    assert audit.head().number == before + 1
    assert [(e.actor, e.act, e.subject, e.detail["rows"]) for e in entries] == [("analyst-all", "export", "calls", 5)]
    assert entries[0].detail["token"] in programs.tokens["analyst.all"]


def test_arrival_counts_the_rows_of_each_day(programs: Programs) -> None:
    days = Counter(row["date"] for row in _by_hand(programs))
    source = next(each for each in programs.all("/arrival") if each["code"] == "hotline_10086")
    rows = {each["day"].replace("-", "")[2:]: each["rows"] for each in source["days"]}
    assert rows == {**days, "990102": None}
    assert source["missing_days"] == ["1999-01-02"]
    assert source["last_load"].startswith(NOW.date().isoformat())


def test_without_list_depth_small_parts_are_withheld_with_what_would_tell_them(programs: Programs) -> None:
    asked = {**SPAN, "code": "hotline.calls", "by": "agent", "unit": "QAA-K2", "limit": 1000}
    whole = programs.get("/observations", **asked).json()["items"]
    seen = programs.get("/observations", viewer("leader"), **asked).json()["items"]
    small = [each for each in whole if 0 < each["n"] < 5]
    assert small
    assert len(seen) == len(whole)
    withheld = 0
    for full, shown in zip(whole, seen, strict=True):
        if shown["n"] is None:
            withheld += 1
            assert (shown["value"], shown["numerator"], shown["denominator"]) == (None, None, None)
        else:
            assert shown == full
            assert not 0 < full["n"] < 5
    assert withheld >= len(small)


def test_one_small_part_is_withheld_when_it_is_asked_for_alone(programs: Programs) -> None:
    asked = {**SPAN, "code": "hotline.calls", "unit": "QAA-K2", "grain": "day"}
    parts = programs.get("/observations", by="agent", limit=1000, **asked).json()["items"]
    agent = next(each["slice"]["agent"] for each in parts if 0 < each["n"] < 5)
    alone = programs.get("/observations", viewer("leader"), where=f"agent={agent}", **asked).json()["items"]
    full = programs.get("/observations", where=f"agent={agent}", **asked).json()["items"]
    assert [each["period_start"] for each in alone] == [each["period_start"] for each in full]
    assert all(each["n"] is None for each, known in zip(alone, full, strict=True) if 0 < known["n"] < 5)
    assert any(0 < each["n"] < 5 for each in full)


def test_parts_of_parts_take_list_depth(programs: Programs) -> None:
    asked = {**SPAN, "code": "hotline.calls"}
    cuts = (
        {"by": ["call_type", "priority"]},
        {"by": "call_type", "where": "priority=2"},
        {"by": "agent", "children": "true"},
    )
    for cut in cuts:
        assert programs.get("/observations", viewer("leader"), **asked, **cut).status_code == 403, cut
        assert programs.get("/observations", **asked, **cut).status_code == 200, cut
    where = {**SPAN, "code": "hotline.answer_rate", "where": "call_type=PS"}
    assert programs.get("/scores", viewer("leader"), **where).status_code == 403
    assert programs.get("/scores", **where).status_code == 200
