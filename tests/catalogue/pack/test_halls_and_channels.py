"""Service halls and electronic channels in the pack: rows of the matrix, the 21 dimensions, contribution, devices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from ganzhi.catalogue.model.indicators import MEASURES, Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed

FEEDS = {
    "queue_tickets",
    "counter_sessions",
    "shifts",
    "hall_orders",
    "staff_days",
    "footfall",
    "hall_inspections",
    "devices",
    "device_days",
    "kiosk_events",
    "device_faults",
    "channel_transactions",
    "channel_sessions",
    "electronic_promotions",
}
ROWS = ("hall", "e_channels")
BRANCHES = {"queue21.diversion": range(1, 9), "queue21.in_hall": range(9, 15), "queue21.resources": range(15, 22)}
DEVICES = ("online_terminal", "bill_printer", "payment_kiosk")


def ours(pack: Catalogue) -> dict[str, Indicator]:
    """Indicators of halls and channels, without those of the index's other rows."""
    own = ("halls.", "channels.", "queue21.")
    return {c: i for c, i in pack.indicators.items() if c.startswith(own) or c in ("index.hall", "index.e_channels")}


def dimensions(pack: Catalogue) -> dict[int, str]:
    """Code of each of the 21 dimensions by its number."""
    found = {}
    for code in pack.indicators:
        match = re.fullmatch(r"queue21\.d([0-9]{2})_[a-z_]+", code)
        if match:
            assert int(match[1]) not in found, code
            found[int(match[1])] = code
    return found


def measured(indicator: Indicator) -> str:
    """The measure as one text."""
    parts = {name: getattr(indicator, name) for name in MEASURES if getattr(indicator, name) is not None}
    return f"{indicator.feed} {parts}"


def row(pack: Catalogue, commercial_process: str) -> Iterator[tuple[str, Indicator]]:
    for code, indicator in pack.indicators.items():
        if indicator.layer == "KQI" and indicator.commercial_process == commercial_process:
            yield code, indicator


def test_every_feed_is_declared_delivered_and_can_be_loaded_and_computed(pack: Catalogue) -> None:
    delivered = {feed for source in pack.sources.values() for feed in source.feeds}
    mapped = {mapping.feed for mapping in pack.mappings.values()}
    assert set(pack.feeds) >= FEEDS
    assert delivered >= FEEDS
    assert mapped >= FEEDS
    for code in FEEDS:
        plan_feed(pack, code)
    assert pack.feeds["devices"].kind == "entity"


def test_enumerated_columns_name_their_codes_and_customers_are_protected(pack: Catalogue) -> None:
    for code in FEEDS:
        for name, column in pack.feeds[code].columns.items():
            if name in ("channel", "process", "product", "kind", "result", "role", "device_type", "business_group"):
                assert column.allowed, (code, name)
            if name == "customer_id":
                assert column.protection == "personal", code
            if name == "staff":
                assert column.protection == "quasi", code


@pytest.mark.parametrize("commercial_process", ROWS)
def test_the_row_of_the_matrix_is_complete_and_each_kqi_has_its_own_measure(
    pack: Catalogue, commercial_process: str
) -> None:
    members = dict(row(pack, commercial_process))
    per_dimension = Counter(indicator.dimension for indicator in members.values())
    assert len(members) >= 17
    assert all(per_dimension[d] >= 5 for d in ("perception", "complaint", "operation"))
    for code, indicator in members.items():
        assert indicator.measure, code
        assert indicator.feed in pack.feeds, code
        assert indicator.targets.management, code
        assert indicator.attribute in pack.attributes or indicator.dimension == "complaint", code


@pytest.mark.parametrize("index", ["index.hall", "index.e_channels"])
def test_perception_is_the_main_factor_of_the_index_and_risks_take_points_off(pack: Catalogue, index: str) -> None:
    by_dimension: Counter[str] = Counter()
    for code, weight in pack.children(index).items():
        assert pack.indicators[code].layer == "KQI", code
        by_dimension[pack.indicators[code].dimension] += round(weight * 1000)
    assert by_dimension == {"perception": 500, "complaint": 200, "operation": 300}
    assert pack.indicators[index].layer == "KEI"
    risks = pack.risks(index)
    assert 1 <= len(risks) <= 2
    assert all(5 <= points <= 10 for points in risks.values())


def test_no_measure_is_repeated(pack: Catalogue) -> None:
    by_measure: dict[str, str] = {}
    for code, indicator in pack.indicators.items():
        if indicator.measure is not None and indicator.same_as is None:
            other = by_measure.setdefault(measured(indicator), code)
            assert other == code or not {other, code} & set(ours(pack)), (other, code)


def test_weights_below_every_parent_sum_to_one(pack: Catalogue) -> None:
    for code in ours(pack):
        children = pack.children(code)
        if children:
            assert sum(children.values()) == pytest.approx(1), code


def test_every_indicator_leads_up_to_one_of_the_three_indices(pack: Catalogue) -> None:
    tops = {"index.hall", "index.e_channels", "queue21.waiting"}
    bases = {i.rate.per for i in pack.indicators.values() if i.rate is not None and i.rate.whole}
    for code in ours(pack).keys() - bases:
        at = code
        while pack.indicators[at].supports:
            at = pack.indicators[at].supports[0].parent
        assert at in tops, (code, at)


def test_the_21_dimensions_are_there_each_once_with_its_origin(pack: Catalogue) -> None:
    found = dimensions(pack)
    assert sorted(found) == list(range(1, 22))
    for number, code in found.items():
        origin = pack.indicators[code].origin
        assert (origin.kind, origin.reference) == ("source", f"S002-{47 + number:03d}"), code
        assert pack.indicators[code].measure, code


@pytest.mark.requirement("S002-046")
def test_the_factor_tree_of_waiting_has_three_branches_of_8_6_and_4_and_3_dimensions(pack: Catalogue) -> None:
    found = dimensions(pack)
    assert set(pack.children("queue21.waiting")) == set(BRANCHES)
    assert [len(numbers) for numbers in BRANCHES.values()] == [8, 6, 4 + 3]
    for branch, numbers in BRANCHES.items():
        assert list(pack.children(branch)) == [found[number] for number in numbers]
    devices = [pack.indicators[found[number]].feed for number in range(15, 19)]
    assert devices == ["device_days"] * 4
    labour = [pack.indicators[found[number]].rate for number in range(19, 22)]
    assert all(rate is not None and rate.per.startswith("halls.staff.") for rate in labour)


def test_shares_by_channel_are_one_indicator_that_is_cut_by_channel(pack: Catalogue) -> None:
    found = dimensions(pack)
    for number in (1, 3, 5, 8):
        indicator = pack.indicators[found[number]]
        assert indicator.rate is not None, number
        assert "channel" in indicator.rate.whole, number
        assert indicator.rate.numerator.indicator == indicator.rate.per


@pytest.mark.requirement("S000-053")
def test_handling_time_queue_time_errors_and_service_rules_are_measured(pack: Catalogue) -> None:
    named = {code for code, i in ours(pack).items() if i.origin.reference == "S000-053"}
    assert named == {"halls.handling.mean_s", "halls.wait.mean_s", "halls.error_rate", "halls.rules_kept_rate"}
    wait = pack.indicators["halls.wait.mean_s"].targets.management
    assert wait is not None
    assert [float(v) for v in (wait.floor, wait.target)] == [15 * 60, 10 * 60]


@pytest.mark.requirement("S002-077")
def test_configuration_repair_and_use_are_measured_for_three_kinds_of_device(pack: Catalogue) -> None:
    codes = {e.code for e in pack.code_lists["device_types"].entries}
    assert set(DEVICES) <= codes
    for aspect in ("configured", "repair_in_time", "utilisation"):
        for device in DEVICES:
            indicator = pack.indicators[f"halls.device.{aspect}.{device}"]
            assert indicator.unit == "percent"
            assert indicator.targets.management


def test_contribution_has_three_measures_for_electronic_and_for_partner_channels(pack: Catalogue) -> None:
    for group in ("electronic", "partner"):
        for measure in ("all", "business", "payment"):
            indicator = pack.indicators[f"channels.contribution.{group}.{measure}"]
            assert indicator.unit == "percent"
            assert indicator.feed == "channel_transactions"
    by_channel = {"queue21.d03_electronic_contribution", "channels.electronic.business"}
    by_channel.add("queue21.d08_electronic_payment_contribution")
    assert all("channel" in pack.indicators[code].by for code in by_channel)


def test_the_group_of_a_channel_follows_what_the_channel_says_of_itself(pack: Catalogue) -> None:
    expr = pack.feeds["channel_transactions"].derived["channel_group"].expr
    lists = re.findall(r"channel in \(([^)]*)\) then '([a-z]+)'", expr)
    group_of = {channel: group for channels, group in lists for channel in re.findall(r"'([a-z_]+)'", channels)}
    for code, channel in pack.channels.items():
        expected = "partner" if channel.ownership == "partner" else "electronic" if channel.electronic else "manual"
        assert group_of.get(code, "manual") == expected, code
    assert set(pack.dimensions["channel_group"].values) == {*group_of.values(), "manual"}


def test_internal_targets_name_the_perception_they_secure(pack: Catalogue) -> None:
    secured = {code: i.secures for code, i in ours(pack).items() if i.secures is not None}
    assert len(secured) >= 5
    for code, secures in secured.items():
        assert pack.indicators[secures.indicator].dimension == "perception", code


@pytest.mark.parametrize(
    ("code", "order", "headline"), [("halls", 25, "index.hall"), ("channels", 35, "index.e_channels")]
)
def test_the_topic_lists_its_indicators_and_speaks_by_its_index(
    pack: Catalogue, code: str, order: int, headline: str
) -> None:
    topic = pack.topics[code]
    assert (topic.order, topic.headline) == (order, headline)
    members = set(topic.indicators)
    own = {c for c in ours(pack) if c.startswith(("halls.", "queue21.") if code == "halls" else "channels.")}
    assert own <= members
    assert all(pack.indicators[c].measure for c in topic.intervals)
