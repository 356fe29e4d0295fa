"""Flows in a workspace: whoever is bound to a unit sees its cases only, small counts need list depth, lists match counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ganzhi.access.rights import LOCAL, AccessError, Viewer
from ganzhi.base.errors import InputError
from ganzhi.ingest.load import load
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.flow.pages import cases_page, flow_page, flows_page
from ganzhi.trace.flow.views import CasesPage, CasesQuery, FlowPage, FlowQuery
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import init_workspace, opened

UNITS = """units:
  CITY-A: {name: {zh: 甲市, en: City A}, level: city, parent: all}
  CITY-B: {name: {zh: 乙市, en: City B}, level: city, parent: all}
"""
NOTHING = dict.fromkeys(("transition", "resource", "org_group"))
MARCH = PageQuery(period="2012-03")
A = Viewer("a", "a", "analyst", ("CITY-A",), LOCAL.rights)
LEADER = replace(LOCAL, role="leader", rights=frozenset({"macro", "dynamic"}))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    folder = tmp_path_factory.mktemp("flows")
    init_workspace(folder / "w")
    (folder / "w" / "catalogue" / "units.yaml").write_text(UNITS, encoding="utf-8")
    lines = []
    for unit, cases, path in (("CITY-A", 7, "abc"), ("CITY-A", 2, "acb"), ("CITY-B", 6, "abc"), ("CITY-B", 1, "abab")):
        for case in range(cases):
            for step, activity in enumerate(path):
                code = f"{unit}-{path}-{case}"
                at = f"2012-03-{case + 1:02}T08:{step:02}:00.000000+08:00"
                lines.append(
                    {
                        "log": "l",
                        "event_id": f"{code}-{step}",
                        "case_id": code,
                        "activity": activity,
                        "unit": unit,
                        "happened_at": at,
                        **NOTHING,
                    }
                )
    file = folder / "l.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with opened(folder / "w") as workspace:
        load(workspace.workplace, "event_log", [file], mapping="event_log_lines")
        yield workspace.workplace


def _flow(place: Workplace, viewer: Viewer = LOCAL, query: PageQuery = MARCH, **where: str) -> FlowPage:
    with open_states(place, ()) as states:
        return flow_page(Reader(place, states, viewer), query, "outside", FlowQuery(tuple(where.items())))


def _cases(place: Workplace, viewer: Viewer, asked: CasesQuery) -> CasesPage:
    with open_states(place, ()) as states:
        return cases_page(Reader(place, states, viewer), MARCH, "outside", asked)


def test_a_viewer_bound_to_a_unit_sees_its_cases_alone(place: Workplace) -> None:
    assert (_flow(place).cases, _flow(place, A).cases) == (16, 9)
    assert {row.case for row in _cases(place, A, CasesQuery()).rows} == {
        f"l / CITY-A-{path}-{n}" for path, most in (("abc", 7), ("acb", 2)) for n in range(most)
    }
    with pytest.raises(InputError, match="REQ012"):
        _flow(place, A, replace(MARCH, unit="CITY-B"))
    assert _flow(place, query=replace(MARCH, unit="CITY-B")).cases == 7
    assert _flow(place, query=PageQuery(period="2012-04")).cases == 0


def test_lists_need_their_depth_and_small_parts_are_not_told_without_it(place: Workplace) -> None:
    with pytest.raises(AccessError, match="ACC001"):
        _cases(place, LEADER, CasesQuery())
    seen = _flow(place, LEADER)
    assert {(p.source, p.target): p.n for p in seen.passages} == {("a", "b"): 15, ("b", "c"): 13}
    assert [v.n for v in seen.variants] == [13]
    assert seen.hidden == 3 + 2  # a→c, c→b, b→a; two variants
    assert _flow(place).hidden == 0


def test_every_variant_opens_to_as_many_cases_as_it_counts(place: Workplace) -> None:
    page = _flow(place, log="l")
    assert [(v.path, v.n) for v in page.variants] == [
        (("a", "b", "c"), 13),
        (("a", "c", "b"), 2),
        (("a", "b", "a", "b"), 1),
    ]
    for variant in page.variants:
        listed = _cases(place, LOCAL, CasesQuery(variant=variant.key))
        assert listed.total == len(listed.rows) == variant.n
    assert page.choices[0].options[0][0::2] == ("l", 16)
    assert _flow(place, log="other").cases == 0
    for asked, code in (({"unit": "x"}, "REQ051"), ({"activity": "a"}, "REQ051")):
        with pytest.raises(InputError, match=code):
            _flow(place, **asked)
    with pytest.raises(InputError, match="REQ004"):
        _cases(place, LOCAL, CasesQuery(page=2))


def test_flows_without_data_are_listed_and_empty(place: Workplace) -> None:
    with open_states(place, ()) as states:
        reader = Reader(place, states, LOCAL)
        listed = {each.code: each.data for each in flows_page(reader).flows}
        assert (listed["outside"], listed["complaint_handling"]) == (True, False)
        page = flow_page(reader, MARCH, "complaint_handling", FlowQuery())
        assert (page.cases, page.passages, page.deviations, page.mean_s) == (0, (), (), None)
        with pytest.raises(InputError, match="REQ050"):
            flow_page(reader, MARCH, "nothing", FlowQuery())
