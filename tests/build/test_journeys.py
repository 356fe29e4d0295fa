"""Pages of the journeys from a small catalogue: groupings, filters, counts, matrix, gaps, selection."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.derivation import derivation_page
from ganzhi.measure.build.journeys.frame import frame_page
from ganzhi.measure.build.journeys.process import described, process_page, readings
from ganzhi.measure.build.journeys.selection import explained, selection_page
from ganzhi.measure.build.journeys.touchpoints import touchpoints_page
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.journeys.frame import FramePage
from ganzhi.measure.views.journeys.parts import Coverage
from ganzhi.measure.views.journeys.query import FrameQuery, TouchpointsQuery
from ganzhi.measure.views.journeys.selection import Selected, SelectedProcess
from ganzhi.measure.views.parts import Reading, Scope
from ganzhi.measure.views.query import PageQuery
from tests.catalogue.small import small_catalogue

MARCH = parse_period("1999-03", ZoneInfo("Asia/Shanghai"))
NAME = Text(zh="省", en="Province")
SCOPE = Scope("P", NAME, MARCH, "prev", "period", None, None, None, (), {"P": NAME}, (), "small 0.1")


@pytest.fixture(scope="module")
def small() -> Catalogue:
    return small_catalogue()


def listed(page: FramePage) -> list[tuple[str, str, list[str]]]:
    return [(b.code, g.code, [row.code for row in g.rows]) for b in page.blocks for g in b.groups]


@pytest.mark.requirement("S000-002")
def test_processes_stand_by_stage_and_class_in_their_order(small: Catalogue) -> None:
    assert listed(frame_page(small, FrameQuery())) == [
        ("preparation", "making", ["cards"]),
        ("preparation", "nothing", []),
        ("service", "funds", ["pay", "bill", "resume"]),
    ]


@pytest.mark.requirement("S000-005")
def test_processes_stand_in_the_customers_chain(small: Catalogue) -> None:
    page = frame_page(small, FrameQuery(view="chain"))
    assert listed(page) == [("use", "paying", ["pay", "resume"])]
    assert [row.code for row in page.unplaced] == ["cards", "bill"]


@pytest.mark.requirement("S001-093")
@pytest.mark.requirement("S001-095")
def test_the_customers_life_cycle_shows_activities_with_weights_needs_and_processes(small: Catalogue) -> None:
    page = frame_page(small, FrameQuery(view="customer"))
    assert listed(page) == [("using", "topping_up", ["pay", "bill"])]
    activity = page.blocks[0].groups[0]
    assert [need.code for need in activity.needs] == ["ease"]
    weight = activity.weights[0]
    assert (weight.weight, weight.origin, weight.sample, weight.surveyed) == (0.25, "survey", 812, date(2026, 3, 1))


@pytest.mark.requirement("S000-030")
def test_touchpoints_pairs_and_indicators_by_state_are_counted_per_process_and_stage(small: Catalogue) -> None:
    page = frame_page(small, FrameQuery())
    service = page.blocks[1]
    pay = service.groups[0].rows[0]
    assert (pay.touchpoints, pay.coverage.covered, pay.coverage.total) == (2, 1, 3)
    assert (pay.indicators.live, pay.indicators.designed, pay.indicators.planned) == (4, 0, 1)
    assert (service.totals.touchpoints, service.totals.coverage.total) == (3, 3)
    assert (service.totals.processes.live, service.totals.processes.designed) == (2, 1)
    assert page.totals.without_indicators == 3


@pytest.mark.requirement("S000-031")
def test_gaps_between_the_two_frameworks_are_listed_whatever_is_filtered(small: Catalogue) -> None:
    page = frame_page(small, FrameQuery(stage="service"))
    assert [each.code for each in page.without_indicators] == ["cards", "bill", "resume"]
    assert [each.code for each in page.without_process] == ["lost"]


@pytest.mark.requirement("S000-002")
@pytest.mark.requirement("S000-022")
@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"stage": "preparation"}, ["cards"]),
        ({"commercial_process": "support"}, ["cards", "resume"]),
        ({"capability": "charging"}, ["pay"]),
        ({"owner": "支撑中心"}, ["resume"]),
        ({"state": "designed"}, ["bill"]),
        ({"search": "1.4.6"}, ["pay"]),
        ({"search": "Card m"}, ["cards"]),
        ({"search": "%"}, []),
        ({"stage": "service", "owner": "支撑中心"}, ["resume"]),
    ],
)
def test_filters_leave_what_they_say_and_count_what_they_would_leave(
    small: Catalogue, asked: dict[str, str], left: list[str]
) -> None:
    page = frame_page(small, FrameQuery(**asked))
    assert [code for _, _, codes in listed(page) for code in codes] == left
    for each in page.filters:
        for choice in each.choices:
            field = each.field
            narrowed = frame_page(small, FrameQuery(**{**asked, field: choice.value}))
            assert narrowed.totals.processes.total == choice.count, (field, choice.value)


@pytest.mark.parametrize("asked", [{"view": "pie"}, {"stage": "using"}, {"owner": "nobody"}])
def test_an_unknown_choice_is_refused(small: Catalogue, asked: dict[str, str]) -> None:
    with pytest.raises(InputError) as refused:
        frame_page(small, FrameQuery(**asked))
    assert refused.value.issues[0].code == "REQ004"


@pytest.mark.requirement("S000-028")
@pytest.mark.requirement("S000-039")
def test_a_process_shows_its_steps_front_and_back_with_what_they_support(small: Catalogue) -> None:
    page = described(small, "pay", SCOPE, {})
    take, post = page.steps
    assert (take.number, take.side, post.number, post.side) == (1, "front", 2, "back")
    assert (post.system.code, post.tables, post.limit_s) == ("boss", ("acct_log_nnn",), 90)
    assert [each.code for each in post.touchpoints] == ["pay.counter"]
    assert [each.code for each in post.indicators] == ["pay.posted"]
    assert [system.code for system in page.systems] == ["boss"]


def test_a_process_shows_its_indicators_by_layer_with_the_readings_that_exist(small: Catalogue) -> None:
    reading = Reading(3.0, 3, None, 3, 1.0, None, enough=True)
    page = described(small, "pay", SCOPE, {"pay.posted": reading})
    layers = {layer: [(row.subject.code, row.reading) for row in rows] for layer, rows in page.layers}
    assert list(layers) == ["KEI", "KQI", "PI"]
    assert layers["PI"] == [("pay.posted", reading), ("pay.loose", None)]
    assert page.layers[2][1][0].step == small.processes["pay"].steps["post"].name


@pytest.mark.requirement("S000-012")
def test_a_state_machine_is_a_table_of_states_by_states_with_empty_cells_for_what_may_not_happen(
    small: Catalogue,
) -> None:
    machine = described(small, "resume", SCOPE, {}).machines[0]
    assert [state.code for state in machine.states] == ["active", "arrears"]
    cells = [[bool(cell) for cell in row.cells] for row in machine.rows]
    assert cells == [[False, True], [True, False]]
    assert [row.resting for row in machine.rows] == [True, False]


@pytest.mark.requirement("S000-026")
def test_a_shortfall_stands_on_the_page_of_its_process(small: Catalogue) -> None:
    assert [row.code for row in described(small, "resume", SCOPE, {}).shortfalls] == ["late_resume"]
    assert described(small, "pay", SCOPE, {}).shortfalls == ()


def test_readings_are_asked_only_of_feeds_that_ever_delivered(reader: Reader) -> None:
    scope = scope_of(reader, PageQuery(period="1999-01"))
    found = readings(reader, ("hotline.calls", "hotline.experience", "recharge.payments"), scope)
    assert list(found) == ["hotline.calls"]
    assert found["hotline.calls"].value == 31359


def test_an_unknown_process_is_refused_with_the_nearest(reader: Reader) -> None:
    with pytest.raises(InputError) as refused:
        process_page(reader, "rechage", PageQuery())
    assert refused.value.issues[0].code == "REQ017"
    assert "recharge" in str(refused.value.issues[0].params["near"])


@pytest.mark.requirement("S000-034")
def test_the_matrix_has_processes_down_and_steps_contents_or_channels_across(small: Catalogue) -> None:
    page = touchpoints_page(small, TouchpointsQuery())
    assert [column.code for column in page.columns] == ["paying", "notice"]
    cells = {row.process.code: [[t.touchpoint.code for t in cell] for cell in row.cells] for row in page.rows}
    assert cells == {"pay": [["pay.counter"], ["pay.invoice"]], "resume": [[], ["resume.service"]]}
    by_channel = touchpoints_page(small, TouchpointsQuery(by="channel"))
    assert [column.code for column in by_channel.columns] == ["hall", "branch"]
    assert [len(cell) for cell in by_channel.rows[0].cells] == [2, 1]
    assert [c.code for c in touchpoints_page(small, TouchpointsQuery(by="content")).columns] == ["document", "invoice"]


@pytest.mark.requirement("S000-034")
@pytest.mark.requirement("S000-038")
@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"process": "resume"}, ["resume.service"]),
        ({"process_class": "funds", "step": "paying"}, ["pay.counter"]),
        ({"content": "invoice"}, ["pay.invoice"]),
        ({"content": "document"}, ["pay.counter", "pay.invoice", "resume.service"]),
        ({"channel": "bank"}, ["pay.invoice"]),
        ({"ownership": "partner"}, ["pay.invoice"]),
    ],
)
def test_touchpoints_are_filtered_and_groups_hold_their_members(
    small: Catalogue, asked: dict[str, str], left: list[str]
) -> None:
    page = touchpoints_page(small, TouchpointsQuery(**asked))  # type: ignore[arg-type]
    assert [row.touchpoint.code for row in page.touchpoints] == left


@pytest.mark.requirement("S000-041")
@pytest.mark.requirement("S000-042")
def test_pairs_are_covered_or_open_with_a_candidate(small: Catalogue) -> None:
    page = touchpoints_page(small, TouchpointsQuery())
    assert page.coverage == Coverage(1, 3, 1 / 3)
    assert [(each.code, given.covered, given.total) for each, given in page.by_attribute] == [
        ("speed", 1, 1),
        ("accuracy", 0, 1),
        ("trust", 0, 1),
    ]
    opened = touchpoints_page(small, TouchpointsQuery(cover="open"))
    assert [pair.candidate.code for pair in opened.pairs if pair.candidate] == [
        "pay.counter.trust",
        "pay.invoice.accuracy",
    ]
    assert [pair.answers[0].code for pair in touchpoints_page(small, TouchpointsQuery(cover="covered")).pairs] == [
        "pay.speed"
    ]


def test_a_page_of_pairs_beyond_the_last_is_the_last(small: Catalogue) -> None:
    page = touchpoints_page(small, TouchpointsQuery(page=9))
    assert (page.page, page.pages, len(page.pairs)) == (1, 1, 3)


@pytest.mark.requirement("S000-043")
def test_the_derivation_lists_gaps_with_where_they_belong(small: Catalogue) -> None:
    page = derivation_page(small, "pay")
    assert page.process is not None
    found = {check.check: check for step in page.steps for check in step.checks}
    pair = found["pair_covered"].gaps[1]
    assert (pair.subject.code, pair.candidate) == ("pay.invoice", "pay.invoice.accuracy")
    assert pair.process is not None
    assert pair.process.code == "pay"
    assert found["pair_covered"].passed == Coverage(1, 3, 1 / 3)
    assert {layer: counts.total for layer, counts in page.layers} == {"KEI": 1, "KQI": 2, "KPI": 0, "PI": 2}
    with pytest.raises(InputError):
        derivation_page(small, "nowhere")


def _selected(pressure: float | None) -> Selected:
    row = SelectedProcess("pay", NAME, pressure, 1.0, (("lost", pressure),), None, None, True, ("hot",))
    return Selected("key_processes", NAME, "P", MARCH, 0.5, (), (row,), ())


@pytest.mark.requirement("S000-024")
@pytest.mark.requirement("S000-027")
def test_the_selection_says_which_contact_types_are_covered_and_which_weights_hold(small: Catalogue) -> None:
    page = explained(small, SCOPE, _selected(0.4))
    assert [(each.contact_step.code, [p.code for p in each.by]) for each in page.criteria] == [
        ("paying", ["pay"]),
        ("notice", []),
    ]
    weights = {each.process.code: (each.weight, each.valid) for each in page.priorities[0].weights}
    assert weights == {"bill": (5.0, False), "pay": (4.0, True), "resume": (2.0, True)}
    assert page.chosen[0].place is not None
    assert page.chosen[0].place.pressure == 0.4


def test_without_data_the_selection_of_the_pack_has_importance_and_nothing_else(empty_reader: Reader) -> None:
    page = selection_page(empty_reader, PageQuery(period="2026-08"))
    assert page.selected is not None
    assert {row.pressure for row in page.selected.processes} == {None}
    assert {row.rank for row in page.selected.processes} == {None}
    assert max(row.importance for row in page.selected.processes) == 1
    assert [each.code for each in page.selected.missing] == [each.code for each in page.selected.pressures]
    with pytest.raises(InputError):
        selection_page(empty_reader, PageQuery(), "nothing")
