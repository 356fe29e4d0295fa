"""Blueprints of the pack: encounters from crossings, registered touchpoints, variants, readings, handbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.derive.encounters import crossings, encounters, registered, touchpoint_code
from ganzhi.catalogue.exchange.changes import Change
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.blueprints import LANES, PROCEDURE, Blueprint
from ganzhi.catalogue.model.parts import Text
from ganzhi.ingest.load import load
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.views.parts import Reading
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.blueprint.handbook import markdown
from ganzhi.trace.blueprint.pages import blueprint_page, blueprints_page, varied
from ganzhi.trace.blueprint.views import Measured, StandardView, StepView
from ganzhi.wiring import desk, init_workspace, opened
from tests.measure.place import put_rows

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


STAFF = "answer_id,survey,hand_over,score,answered_at,unit,team,remark\n" + "".join(
    f"A{place},2012-1,credit_provisioning,{score},2012-02-21 10:0{place}:00,C1,,\n"
    for place, score in enumerate((10, 9, 8, 8, 7, 2))
)
PILOT = """
blueprints:
  arrears_resume:
    pilots:
      early:
        name: {zh: 扩连接数, en: More connections}
        change: {zh: 数据库连接数加倍, en: Twice the database connections}
        units: [C1]
        first: "2012-02-13"
        last: "2012-02-29"
        measures: [system.db_connections_max]
        kept: true
units:
  C1: {name: {zh: 甲市, en: City one}, level: city, parent: all}
  C2: {name: {zh: 乙市, en: City two}, level: city, parent: all}
"""


def _measured(day: int, unit: str, value: str) -> dict[str, object]:
    at = datetime(2012, 2, day, 4, tzinfo=UTC)
    return {
        "measurement_id": f"{unit}{day}", "system": "billing", "metric": "db_connections", "measured_at": at,
        "unit": unit, "value": Decimal(value),
    }  # fmt: skip


@pytest.mark.requirement("S001-057", "S001-058")
def test_a_pilot_is_compared_with_the_period_before_and_with_everybody_and_hand_overs_have_standards(
    tmp_path: Path,
) -> None:
    init_workspace(tmp_path / "w")
    (tmp_path / "w" / "catalogue" / "pilot.yaml").write_text(PILOT, encoding="utf-8")
    with opened(tmp_path / "w") as workspace:
        place = workspace.workplace
        known = set(place.catalogue.feed("system_measurements").columns)
        rows = [
            {key: value for key, value in row.items() if key in known}
            for row in (
                _measured(7, "C1", "90"), _measured(7, "C2", "80"), _measured(21, "C1", "40"), _measured(21, "C2", "70"),
            )
        ]  # fmt: skip
        put_rows(place, "system_measurements", rows)
        staff = tmp_path / "staff_answers_20120221.csv"
        staff.write_text(STAFF, encoding="utf-8")
        load(place, "staff_answers", [staff], mapping="staff_answers_csv")
        refresh(place)
        with open_states(place) as states:
            reader = Reader(place, states, LOCAL)
            page = blueprint_page(reader, PageQuery(None, "2012-W08"), "arrears_resume", None)
            early = blueprint_page(reader, PageQuery(None, "2012-W06"), "arrears_resume", None)
            other = Reader(place, states, replace(LOCAL, units=("C2",)))
            elsewhere = blueprint_page(other, PageQuery("C2", "2012-W08"), "arrears_resume", None)
    (pilot,) = page.pilots
    assert (pilot.kept, pilot.before.key, pilot.now and pilot.now.key) == (True, "2012-W06", "2012-W08")
    (row,) = pilot.rows
    assert (row.unit.code, row.before.value, row.now.value) == ("C1", 0.9, 0.4)
    assert row.change.difference == pytest.approx(-0.5)
    assert row.rest.difference == pytest.approx(-0.2)  # 0.9 the largest of all before, 0.7 then
    assert early.pilots[0].now is None
    assert elsewhere.pilots == ()
    handed = {(each.source, each.target): each.standard for each in page.handovers}
    assert len(handed) == 3
    own = handed["books", "billing"]
    assert own is not None
    assert own.measured is not None
    assert (own.owner.zh, own.measured.subject.code, own.measured.reading.value) == (
        "数据库班组",
        "system.db_connections_max",
        0.7,
    )
    assert all(standard is not None and standard.limit is not None for standard in handed.values())
    asked = {each.source: each.perception and each.perception.reading.value for each in page.handovers}
    assert asked == {"sms_gateway": None, "books": None, "checks": pytest.approx(400 / 6)}


def test_a_step_shows_the_reading_that_gives_it_its_level() -> None:
    """Its measure is fine, its standard is not kept: the figure beside the red mark is that of the standard."""
    text = Text(zh="一", en="one")
    fine, bad = (
        Measured(subject_of(PACK, code, Grain.WEEK), Reading(value, 1, 1, 99, 1.0, level, enough=True))
        for code, value, level in (
            ("resume.asked_within_24h", 0.03, None),
            ("resume.complained_within_7d", 31.4, "red"),
        )
    )
    step = StepView(
        "asks", text, "customer", "help", (), fine, None, "red", poor=True, key_point=False, touchpoint=None, system=None,
        standard=StandardView(text, None, text, bad),
    )  # fmt: skip
    assert step.shown is bad
    assert replace(step, level=None, standard=None).shown is fine
    assert [kind for kind, _ in replace(step, standard=StandardView(text, None, text, fine)).readings] == ["measure"]


def test_a_pilot_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pilot.yaml").write_text(PILOT.replace("2012-02-29", "2012-02-01"), encoding="utf-8")
    with pytest.raises(InputError, match="CAT194"):
        load_catalogue("telecom", tmp_path)


@pytest.mark.requirement("S000-114")
def test_a_process_gets_a_new_version_by_a_proposal_and_its_approval(tmp_path: Path) -> None:
    """Nothing changes before the approval; the version before stays to be looked at, and the order of its steps is kept."""
    init_workspace(tmp_path / "w")
    with opened(tmp_path / "w") as workspace:
        made, before = desk(workspace), workspace.workplace.catalogue.version
        old = made.current.blueprints["arrears_resume"]
        change = Change({"blueprints": {"arrears_resume": old.model_copy(update={"version": "2", "done": PROCEDURE})}})
        proposal = made.propose(change, author="ann", reason="consolidated", source="pilot of February").proposal
        assert desk(workspace).current.version == before
        made.approve(proposal, by="boss")
    with opened(tmp_path / "w") as workspace, open_states(workspace.workplace) as states:
        page = blueprint_page(Reader(workspace.workplace, states, LOCAL), PageQuery(), "arrears_resume", None)
        assert (page.version, all(done for _, done in page.procedure)) == ("2", True)
        assert page.catalogue_version != before
        assert [step.code for step in page.steps] == list(old.steps)
        earlier = desk(workspace).base(before).blueprints["arrears_resume"]
        assert (earlier.version, earlier.done) == ("1", old.done)
