"""What the pack must be as a whole: the matrix, the layers, checks without a remark, one meaning one name."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from ganzhi.catalogue.checks import CHECKS
from ganzhi.catalogue.checks.service.twins import normal_form
from ganzhi.catalogue.load import load_with_issues
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import KINDS, Catalogue

DIMENSIONS = ("perception", "complaint", "operation")
HAN = re.compile("[\u3400-\u9fff]")


def matrix(pack: Catalogue) -> dict[str, Indicator]:
    """KQI with a measure of their own that stand in a cell of the matrix."""
    return {
        code: i
        for code, i in pack.indicators.items()
        if i.layer == "KQI" and i.commercial_process and i.measure is not None and i.state == "live"
    }


def test_the_pack_has_no_issue_and_no_warning() -> None:
    _, issues = load_with_issues("telecom", None)
    assert issues == []


def test_there_are_at_least_25_rules_each_with_a_bad_example() -> None:
    package = Path(__file__).parents[3] / "src" / "ganzhi" / "catalogue"
    rules = {
        c for path in package.rglob("*.py") for c in re.findall(r"\"(CAT\d{3})\"", path.read_text(encoding="utf-8"))
    }
    bad = Path(__file__).parents[1] / "bad"
    shown = {c for path in bad.glob("*.yaml") for c in re.findall(r"CAT\d{3}", path.read_text(encoding="utf-8"))}
    assert len(CHECKS) >= 20
    assert len(shown & rules) >= 25


@pytest.mark.requirement("S001-004")
@pytest.mark.requirement("S001-005")
@pytest.mark.requirement("S001-006")
def test_the_matrix_has_nine_rows_three_columns_and_at_least_151_measured_kqi(pack: Catalogue) -> None:
    cells = Counter((i.commercial_process, i.dimension) for i in matrix(pack).values())
    assert len(pack.commercial_processes) == 9
    assert set(cells) == {(row, column) for row in pack.commercial_processes for column in DIMENSIONS}
    assert min(cells.values()) >= 5
    assert sum(cells.values()) >= 151


@pytest.mark.requirement("S001-004")
def test_no_kqi_of_the_matrix_is_another_under_a_new_name(pack: Catalogue) -> None:
    forms = Counter(normal_form(pack, code) for code in matrix(pack))
    assert None not in forms
    assert [form for form, times in forms.items() if times > 1] == []


@pytest.mark.requirement("S001-007")
def test_every_commercial_process_has_an_index_led_by_perception(pack: Catalogue) -> None:
    for row in pack.commercial_processes:
        children = pack.children(f"index.{row}")
        by_dimension = Counter[str]()
        for code, weight in children.items():
            by_dimension[pack.indicators[code].dimension] += weight  # type: ignore[assignment]
        assert max(by_dimension, key=lambda name: by_dimension[name]) == "perception", row
        assert sum(children.values()) == pytest.approx(1, abs=0.005)
        assert set(by_dimension) == set(DIMENSIONS)


@pytest.mark.requirement("S001-009")
def test_every_index_has_risks_that_take_points_off(pack: Catalogue) -> None:
    for row in pack.commercial_processes:
        risks = pack.risks(f"index.{row}")
        assert risks, row
        assert sum(risks.values()) <= 20


@pytest.mark.requirement("S000-048")
def test_all_layers_and_all_types_are_there_and_owned_through_a_process(pack: Catalogue) -> None:
    assert {i.layer for i in pack.indicators.values()} == set(LAYERS)
    assert {i.type for i in pack.indicators.values()} == {
        "customer_evaluation",
        "business_perception",
        "system_performance",
    }
    placed = [i for i in pack.indicators.values() if i.commercial_process or i.processes or i.supports]
    assert len(placed) == len(pack.indicators)


@pytest.mark.requirement("S000-050")
def test_every_kqi_and_kpi_that_is_judged_has_management_targets(pack: Catalogue) -> None:
    judged = [i for i in pack.indicators.values() if i.layer in ("KQI", "KPI") and i.measure and i.direction]
    assert all(i.targets.management is not None for i in judged)
    assert sum(i.targets.operations is not None for i in judged) >= 100


def test_every_text_is_in_both_languages(pack: Catalogue) -> None:
    for kind, _ in KINDS:
        for code, entry in getattr(pack, kind).items():
            for field, value in entry:
                if isinstance(value, Text) and field != "evidence":
                    assert not HAN.search(value.en), (kind, code, field)


@pytest.mark.requirement("S002-001")
def test_every_event_feed_feeds_indicators_and_every_indicator_names_its_feed(pack: Catalogue) -> None:
    used = {i.feed for i in pack.indicators.values() if i.feed is not None}
    assert {code for code, feed in pack.feeds.items() if feed.kind == "event"} - used == set()
    assert all(pack.feeds[feed].kind == "event" for feed in used)


@pytest.mark.requirement("S001-002")
def test_the_five_service_channels_are_channels_and_values_of_the_dimension(pack: Catalogue) -> None:
    named = {
        "hall": "营业厅",
        "web_hall": "网上营业厅",
        "app": "掌上营业厅",
        "sms_hall": "短信营业厅",
        "hotline": "客服热线",
    }
    assert {code: pack.channels[code].name.zh for code in named} == named
    assert set(pack.channels) <= set(pack.dimensions["channel"].values)


@pytest.mark.requirement("S000-037")
@pytest.mark.requirement("S000-038")
def test_every_channel_is_own_or_a_partners_and_contribution_follows_it(pack: Catalogue) -> None:
    partners = {code for code, channel in pack.channels.items() if channel.ownership == "partner"}
    assert {"partner_shop", "terminal_store"} <= partners
    assert {"hall", "web_hall", "kiosk"} <= pack.channels.keys() - partners
    share = pack.indicators["channels.contribution.partner.all"]
    assert "partner" in str(share.model_dump())


@pytest.mark.requirement("S000-041")
@pytest.mark.requirement("S000-044")
@pytest.mark.requirement("S000-045")
def test_attributes_come_in_three_families_and_the_list_is_open(pack: Catalogue) -> None:
    families: dict[str, list[str]] = {"service": [], "product": [], "experience": []}
    for attribute in pack.attributes.values():
        families[attribute.family].append(attribute.name.zh)
    assert set(families["service"]) >= {"速度", "可用", "准确", "透明", "安全", "便利"}
    assert families["product"] == ["有用性", "能用性", "易用性"]
    assert families["experience"] == ["情感", "知识", "效率", "关注", "信任", "控制", "增值"]
    used = {attribute for touchpoint in pack.touchpoints.values() for attribute in touchpoint.attributes}
    assert {pack.attributes[name].family for name in used} == set(families)
