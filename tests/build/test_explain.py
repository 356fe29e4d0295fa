"""The explanation page over the sample: names, sums, and what moves together with an experience."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ganzhi.access.rights import ROLES
from ganzhi.base.errors import InputError
from ganzhi.measure.build import explain as built
from ganzhi.measure.build.explain import MOVE_DAYS, explain_page
from ganzhi.measure.build.records import records_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.influence import candidates_of
from ganzhi.measure.views.explain import ExplainPage, ExplainQuery
from ganzhi.measure.views.query import PageQuery, RecordsQuery

WEEK = "1999-W03"


def page(reader: Reader, code: str, vs: str | None = None, **asked: object) -> ExplainPage:
    return explain_page(reader, code, PageQuery(None, WEEK, vs, None), ExplainQuery(**asked))  # type: ignore[arg-type]


def test_a_rate_is_split_by_centre_and_by_kind_of_call_with_their_names(reader: Reader) -> None:
    made = page(reader, "hotline.answer_rate", by="call_type")
    units = made.cut("unit")
    assert units is not None
    assert {row.name.en for row in units.rows} == {"North centre", "South centre"}
    for cut in made.cuts:
        assert math.fsum(row.change or 0 for row in cut.rows) == pytest.approx(made.difference, abs=1e-12)
    kinds = made.cut("call_type")
    assert kinds is not None
    assert "Regular service" in {row.name.en for row in kinds.rows}


def test_the_agent_who_answered_is_no_reason_why_calls_were_answered(reader: Reader) -> None:
    made = page(reader, "hotline.answer_rate")
    agents = made.cut("agent")
    assert agents is not None
    assert agents.outcome
    assert made.shown != "agent"
    assert made.search is not None
    assert "Agent" not in {name.en for names in made.search.tried for name in names}


def test_the_count_beside_a_part_is_that_of_its_records(reader: Reader) -> None:
    made = page(reader, "hotline.answer_rate", by="call_type")
    for cut in made.cuts:
        row = next(each for each in cut.rows if each.unit is not None and each.now is not None and each.now.n)
        shown = records_page(
            reader, "hotline.answer_rate", PageQuery(row.unit, WEEK, None, None), RecordsQuery(where=row.where)
        )
        assert row.now is not None
        assert shown.total == row.now.n


@pytest.mark.requirement("S000-052")
def test_an_experience_is_shown_with_the_indicators_that_move_with_it(reader: Reader) -> None:
    made = page(reader, "index.hotline", moves=True)
    assert made.moves is not None
    catalogue = reader.workplace.catalogue
    assert [row.code for row in made.moves] != []
    assert {row.code for row in made.moves} == set(candidates_of(catalogue, "index.hotline"))
    known = [abs(row.r) for row in made.moves if row.r is not None]
    assert known == sorted(known, reverse=True)
    assert all(row.n is None or row.n <= MOVE_DAYS for row in made.moves)
    assert page(reader, "index.hotline").moves is None


def test_a_comparison_with_other_places_has_no_parts(reader: Reader) -> None:
    made = page(reader, "hotline.answer_rate", "peers")
    assert (made.why, made.cuts, made.search, made.difference) == ("peers", (), None, None)


def test_a_dimension_the_indicator_does_not_declare_is_refused(reader: Reader) -> None:
    with pytest.raises(InputError) as caught:
        page(reader, "hotline.answer_rate", by="colour")
    assert [issue.code for issue in caught.value.issues] == ["REQ004"]


@pytest.mark.parametrize("unit", ["all", "south"])
def test_an_explanation_tells_nothing_that_other_pages_withhold(
    reader: Reader, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "hotline.answer_rate"
    whole = page(reader, code)
    viewer = replace(reader.viewer, role="leader", rights=ROLES["leader"].rights)
    monkeypatch.setattr(built, "withheld_in", lambda *_: frozenset({(code, unit, whole.scope.period)}))
    made = page(Reader(reader.workplace, reader.states, viewer), code)
    if unit == "all":
        assert (made.why, made.now.withheld, made.now.value, made.difference, made.cuts) == (
            "withheld",
            True,
            None,
            None,
            (),
        )
        return
    cut = made.cut("unit")
    assert cut is not None
    assert cut.withheld
    told = {row.key: row.now.value for row in cut.rows if row.now is not None}
    assert told["south"] is None
    assert made.search is None or not made.search.cells
