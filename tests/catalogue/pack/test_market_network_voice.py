"""Market, network and voice of the pack: rows of the matrix, product monitoring, surveys, conduct."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from ganzhi.catalogue.checks.expressions import expression_texts
from ganzhi.catalogue.checks.service.twins import normal_form
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue

ROWS = ("network", "tariffs", "products")
FAMILIES = ("network.", "tariffs.", "products.", "voice.", "conduct.", "proactive.")


def own(pack: Catalogue) -> dict[str, Indicator]:
    """The indicators of the three folders, and the indices of their rows."""
    heads = {f"index.{row}" for row in ROWS}
    return {code: i for code, i in pack.indicators.items() if code.startswith(FAMILIES) or code in heads}


def row_of(pack: Catalogue, process: str) -> dict[str, Indicator]:
    return {c: i for c, i in pack.indicators.items() if i.layer == "KQI" and i.commercial_process == process}


@pytest.mark.requirement("S001-005")
@pytest.mark.parametrize("process", ROWS)
def test_a_row_of_the_matrix_has_17_quality_indicators_and_5_per_dimension(pack: Catalogue, process: str) -> None:
    row = row_of(pack, process)
    counts = Counter(indicator.dimension for indicator in row.values())
    assert len(row) >= 17
    assert min(counts[name] for name in ("perception", "complaint", "operation")) >= 5
    assert all(indicator.measure is not None for indicator in row.values())
    assert {i.type for i in row.values() if i.dimension == "perception"} == {"customer_evaluation"}


@pytest.mark.parametrize("process", ROWS)
def test_perception_is_half_of_the_index_and_risks_take_points_off(pack: Catalogue, process: str) -> None:
    index = f"index.{process}"
    shares: Counter[str] = Counter()
    for code, weight in pack.children(index).items():
        assert pack.indicators[code].commercial_process == process
        shares[pack.indicators[code].dimension] += round(weight * 1000)
    assert shares == {"perception": 500, "complaint": 200, "operation": 300}
    assert {pack.indicators[code].layer for code in pack.risks(index)} == {"KQI"}
    assert 1 <= len(pack.risks(index)) <= 2
    assert all(5 <= points <= 10 for points in pack.risks(index).values())


def test_no_two_indicators_measure_the_same(pack: Catalogue) -> None:
    forms = Counter(normal_form(pack, code) for code, i in own(pack).items() if i.measure is not None)
    assert None not in forms
    assert [form for form, times in forms.items() if times > 1] == []


def test_what_is_judged_has_limits_and_every_parent_has_whole_weights(pack: Catalogue) -> None:
    for code, indicator in own(pack).items():
        if indicator.layer in ("KQI", "KPI") and indicator.measure is not None:
            assert indicator.direction is not None, code
            assert indicator.targets.management is not None, code
        children = pack.children(code)
        if children:
            assert sum(children.values()) == pytest.approx(1, abs=1e-9), code


def test_every_indicator_leads_up_to_a_score(pack: Catalogue) -> None:
    heads = {"index.network", "index.tariffs", "index.products", "voice.satisfaction", "conduct.compliance"}
    alone = {code for code, indicator in own(pack).items() if not indicator.supports and code not in heads}
    evidence = {"voice.mystery_score", "voice.competitor_lead", "voice.end_moment", "voice.poor_step_rate"}
    assert alone == {*evidence, "voice.survey_quality", "proactive.service"}


def test_every_survey_question_is_used(pack: Catalogue) -> None:
    texts = [t for i in pack.indicators.values() if i.feed == "survey_answers" for _, t, _ in expression_texts(i)]
    used = {word for text in texts for word in re.findall(r"'([a-z_]+)'", text)}
    assert [e.code for e in pack.code_lists["survey_questions"].entries if e.code not in used] == []


@pytest.mark.requirement("S001-062")
@pytest.mark.requirement("S001-063")
@pytest.mark.requirement("S001-064")
def test_before_launch_4_designs_4_resources_and_5_channels_are_checked(pack: Catalogue) -> None:
    items = [entry.code for entry in pack.code_lists["check_items"].entries]
    assert Counter(item.split("_")[0] for item in items) == {"design": 4, "resource": 4, "channel": 5}
    assert {"signed_at", "signed_by", "due_at", "launched_at"} <= set(pack.feeds["product_checks"].columns)
    checks = {c: i for c, i in own(pack).items() if c.startswith("products.before.")}
    assert Counter(code.split(".")[2] for code in checks) == {"design": 4, "resource": 4, "channel": 5}
    for code, indicator in checks.items():
        assert (indicator.phase, indicator.feed, indicator.by) == ("before", "product_checks", ("product",)), code
        assert indicator.supports[0].parent == "products.readiness_rate"
    texts = " ".join(text for i in checks.values() for _, text, _ in expression_texts(i))
    assert all(f"'{item}'" in texts for item in items)


@pytest.mark.requirement("S001-065")
@pytest.mark.requirement("S001-066")
def test_during_use_4_times_and_the_speed_at_3_points_are_measured(pack: Catalogue) -> None:
    during = {code: i for code, i in own(pack).items() if i.phase == "during"}
    times = {code for code in during if code.startswith("products.during.")}
    assert {code.split(".")[2] for code in times} == {"activation", "assurance", "complaint", "call_back"}
    assert all("product" in during[code].by and during[code].unit in ("h", "min") for code in times)
    speeds = during.keys() - times
    assert speeds == {"network.speed.province_exit", "network.speed.branch", "network.speed.user"}
    assert {during[code].unit for code in speeds} == {"mbps"}


@pytest.mark.requirement("S001-067")
@pytest.mark.requirement("S001-068")
@pytest.mark.requirement("S001-069")
@pytest.mark.requirement("S001-070")
def test_afterwards_troubles_complaints_visits_revenue_and_installations_are_on_the_product_board(
    pack: Catalogue,
) -> None:
    numbers = ("trouble.count", "complaint.ordinary", "complaint.batch", "complaint.escalated")
    rates = ("trouble.per_10k", "complaint.per_10k")
    handling = ("trouble.in_time", "complaint.in_time", "trouble.repeat_share", "complaint.repeat_share")
    visits = ("products.visit.punctual_rate", "products.visit.quality_rate")
    operation = ("customers.arpu_yuan", "products.install.installed_rate")
    board = pack.topics["products"].indicators
    assert set(board) >= {*numbers, *rates, *handling, *visits, *operation}
    assert all("product" in pack.indicators[code].by for code in (*numbers, *rates, *handling, *visits))
    assert all(pack.indicators[code].phase == "after" for code in (*visits, operation[1]))


@pytest.mark.requirement("S000-055")
def test_product_quality_stands_on_complaints_and_marketing_compliance_on_audits(pack: Catalogue) -> None:
    quality, compliance = pack.indicators["products.quality_per_10k_users"], pack.indicators["tariffs.audit_pass_rate"]
    assert (quality.feed, quality.rate and quality.rate.per) == ("complaints", "customers.product_users")
    assert (compliance.feed, compliance.unit) == ("market_audits", "percent")
    assert {quality.origin.reference, compliance.origin.reference} == {"S000-055"}


@pytest.mark.requirement("S000-057")
def test_service_indicators_of_the_network_stand_in_the_same_tree(pack: Catalogue) -> None:
    named = [code for code, i in own(pack).items() if i.origin.reference == "S000-057"]
    assert len(named) >= 6
    for code in named:
        assert pack.indicators[code].supports[0].parent == "index.network"
        assert pack.indicators[code].feed in pack.sources["network_management"].feeds


@pytest.mark.requirement("S000-032")
def test_satisfaction_rolls_up_by_commercial_process_and_two_items_stand_apart(pack: Catalogue) -> None:
    questions = [e.code for e in pack.code_lists["survey_questions"].entries if e.code.endswith("_overall")]
    assert {q.removesuffix("_overall") for q in questions} == set(pack.commercial_processes)
    assert "commercial_process" in pack.indicators["voice.process_satisfaction"].by
    for apart in ("voice.support_satisfaction", "voice.charge_satisfaction"):
        assert pack.indicators[apart].supports[0].parent == "voice.satisfaction"


@pytest.mark.requirement("S001-102")
def test_competitors_are_observed_in_four_ways_on_the_items_of_our_own_service(pack: Catalogue) -> None:
    feed = pack.feeds["competitor_observations"]
    assert len(pack.code_lists["observation_methods"].entries) == 4
    assert feed.columns["commercial_process"].allowed == "commercial_processes"
    assert {"observation_method", "commercial_process"} <= set(pack.indicators["voice.competitor_lead"].by)


def test_the_six_categories_of_conduct_are_watched_by_account_partner_and_port(pack: Catalogue) -> None:
    categories = pack.children("conduct.compliance")
    assert len(categories) == 6
    references = {pack.indicators[code].origin.reference for code in categories}
    assert references == {f"S002-{number:03d}" for number in range(95, 101)}
    cuts = {name for code in categories for name in pack.indicators[code].by}
    assert {"staff_account", "content_partner", "port", "product"} <= cuts


def test_every_feed_of_the_three_folders_can_be_loaded_from_a_plain_file(pack: Catalogue) -> None:
    sources = ("survey_platform", "marketing_management", "field_service", "conduct_logs", "network_management")
    feeds = [feed for source in sources for feed in pack.sources[source].feeds]
    assert len(feeds) == 21
    for feed in feeds:
        mapping = pack.mappings[f"{feed}_csv"]
        assert set(mapping.columns) == set(mapping.columns_expected) == set(pack.feeds[feed].columns)
        if "customer_id" in pack.feeds[feed].columns:
            assert pack.feeds[feed].columns["customer_id"].protection == "personal"
