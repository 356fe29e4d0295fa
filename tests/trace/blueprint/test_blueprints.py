"""Blueprints of the pack: encounters from crossings, registered touchpoints, variants, readings, handbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.catalogue.derive.encounters import crossings, encounters, registered, touchpoint_code
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.blueprints import LANES, PROCEDURE, Blueprint
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.blueprint.handbook import markdown
from ganzhi.trace.blueprint.pages import blueprint_page, blueprints_page, varied
from ganzhi.wiring import init_workspace, opened

PACK = load_catalogue("telecom", None)
BLUEPRINTS = PACK.blueprints


def _two(upper: str, lower: str) -> Blueprint:
    text = {"zh": "一", "en": "one"}
    steps = {"a": {"name": text, "lane": upper, "phase": "p"}, "b": {"name": text, "lane": lower, "phase": "p"}}
    return Blueprint.model_validate(
        {"name": text, "business": text, "process": "recharge", "phases": {"p": text}, "steps": steps,
         "links": [{"source": "b", "target": "a"}]}
    )  # fmt: skip


@pytest.mark.requirement("S001-050")
@pytest.mark.parametrize(
    ("upper", "lower", "lines"),
    [
        ("customer", "customer", None),
        ("customer", "front", ("interaction",)),
        ("customer", "back", ("interaction", "visibility")),
        ("customer", "support", ("interaction", "visibility", "internal")),
        ("front", "back", ("visibility",)),
        ("back", "support", ("internal",)),
    ],
)
def test_a_link_crosses_the_lines_between_its_lanes_whichever_way_it_leads(
    upper: str, lower: str, lines: tuple[str, ...] | None
) -> None:
    found = crossings(_two(upper, lower))
    assert [each.lines for each in found] == ([lines] if lines else [])
    assert [each.customer for each in encounters(_two(upper, lower))] == (
        ["a"] if lines and "interaction" in lines else []
    )


@pytest.mark.requirement("S001-050")
def test_every_encounter_of_the_pack_is_a_touchpoint() -> None:
    for code, each in BLUEPRINTS.items():
        for met in encounters(each):
            assert met.customer is not None
            assert touchpoint_code(each, met.customer) in PACK.touchpoints, (code, met.customer)
    made = {point: entry for each in BLUEPRINTS.values() for point, entry in registered(each).items()}
    assert made
    assert all(PACK.touchpoints[point] == entry for point, entry in made.items())


@pytest.mark.requirement("S001-048", "S001-049", "S001-051", "S001-055")
def test_the_worked_examples_have_four_lanes_evidence_standards_and_their_key_points() -> None:
    businesses = [each.business.zh for code, each in BLUEPRINTS.items() if code != "arrears_resume"]
    assert {name: businesses.count(name) for name in businesses} == {
        "营业厅营销与服务协同": 3, "国际漫游全程关怀": 3, "资费透明": 3,
    }  # fmt: skip
    for code, each in BLUEPRINTS.items():
        assert {step.lane for step in each.steps.values()} == set(LANES), code
        assert any(step.evidence for step in each.steps.values()), code
        key = [step for step in each.steps.values() if step.key_point]
        assert key, code
        assert all(step.standard is not None for step in key), code
    resume = BLUEPRINTS["arrears_resume"]
    assert sum(step.key_point for step in resume.steps.values()) == 3
    assert resume.flow in PACK.flows


@pytest.mark.requirement("S001-056")
def test_a_segment_has_its_own_steps_and_standards() -> None:
    whole = BLUEPRINTS["arrears_resume"]
    vip = varied(whole, "vip")
    assert set(whole.steps) - set(vip.steps) == {"told"}
    assert all({link.source, link.target} <= set(vip.steps) for link in vip.links)
    ours, theirs = whole.steps["calls_again"].standard, vip.steps["calls_again"].standard
    assert ours is not None
    assert theirs is not None
    assert (ours.limit, theirs.limit) != (None, None)
    assert ours.limit != theirs.limit
    assert varied(whole, None) is whole


@pytest.mark.requirement("S001-054", "S001-047")
def test_a_workspace_shows_every_blueprint_and_prints_its_handbook(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w")
    with opened(tmp_path / "w") as workspace, open_states(workspace.workplace) as states:
        reader = Reader(workspace.workplace, states, LOCAL)
        assert {each.code for each in blueprints_page(reader, PageQuery()).entries} == set(BLUEPRINTS)
        page = blueprint_page(reader, PageQuery(), "arrears_resume", None)
        for variant in ("nobody", ""):
            with pytest.raises(InputError, match="REQ004"):
                blueprint_page(reader, PageQuery(), "arrears_resume", variant)
        with pytest.raises(InputError, match="REQ053"):
            blueprint_page(reader, PageQuery(), "nothing", None)
    assert tuple(step for step, _ in page.procedure) == PROCEDURE
    assert [done for _, done in page.procedure] == [True] * 5 + [False] * 2
    text = "\n".join(markdown(page, "zh"))
    for step in page.steps:
        if step.standard is not None:
            assert f"| {step.name.zh}" in text
            assert step.standard.what.zh in text
    assert page.version in text
    assert text.count("互动线") >= len(page.encounters)
