"""The rows hotline and care of the matrix, the 17 analyses, and complaint figures checked by hand-written SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.checks.service.twins import normal_form
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace, put_rows

PREFIXES = (
    "contact.",
    "ivr.",
    "agent.",
    "transfer.",
    "transaction.",
    "outbound.",
    "rating.",
    "complaint.",
    "trouble.",
    "care.",
)
ANALYSES = (
    ("5.1", "overall_kpi"),
    ("5.2.1", "requests_and_connection"),
    ("5.2.2", "service_success"),
    ("5.2.3", "staff_workload"),
    ("5.2.4", "outbound_volume"),
    ("5.3.1", "queue_time"),
    ("5.3.2", "ticket_quality"),
    ("5.3.3", "hang_up_satisfaction"),
    ("5.4.1", "service_content"),
    ("5.4.2", "hotline_complaints"),
    ("5.4.3", "enquiry_hot_spots"),
    ("5.4.4", "transactions"),
    ("5.4.5", "complaint_query"),
    ("5.4.6", "competitor_query"),
    ("5.5.1", "first_level_keys"),
    ("5.5.2", "agent_to_ivr"),
    ("5.5.3", "agent_to_media"),
)
SHARES = {"perception": Decimal("0.5"), "complaint": Decimal("0.2"), "operation": Decimal("0.3")}


def mine(pack: Catalogue) -> dict[str, Indicator]:
    return {c: i for c, i in pack.indicators.items() if c.startswith(PREFIXES)}


def row(pack: Catalogue, process: str) -> dict[str, Indicator]:
    """The measured KQI of a row of the matrix."""
    return {
        c: i
        for c, i in pack.indicators.items()
        if i.layer == "KQI" and i.commercial_process == process and i.measure is not None
    }


# The two rows of the matrix


@pytest.mark.parametrize("process", ["hotline", "care"])
def test_a_row_of_the_matrix_is_full(pack: Catalogue, process: str) -> None:
    kqis = row(pack, process)
    assert len(kqis) >= 17
    for dimension in SHARES:
        assert sum(i.dimension == dimension for i in kqis.values()) >= 5, dimension
    for code, kqi in kqis.items():
        assert kqi.targets.management is not None, code
        assert kqi.owner is not None, code
        assert [s.parent for s in kqi.supports] == [f"index.{process}"], code


@pytest.mark.parametrize("process", ["hotline", "care"])
def test_perception_is_the_main_factor_of_the_index_and_risks_take_points_off(pack: Catalogue, process: str) -> None:
    index = pack.indicators[f"index.{process}"]
    assert (index.layer, index.unit, index.commercial_process) == ("KEI", "score", process)
    children = pack.children(f"index.{process}")
    for dimension, share in SHARES.items():
        weights = [Decimal(str(w)) for c, w in children.items() if pack.indicators[c].dimension == dimension]
        assert sum(weights) == share, dimension
    risks = pack.risks(f"index.{process}")
    assert 1 <= len(risks) <= 2
    assert all(5 <= points <= 10 for points in risks.values())
    assert not set(risks) & set(children)


def test_every_measure_is_its_own(pack: Catalogue) -> None:
    forms = {code: normal_form(pack, code) for code in mine(pack)}
    assert None not in forms.values()
    theirs = {normal_form(pack, code) for code in pack.indicators if code not in forms and pack.indicators[code].feed}
    assert len(set(forms.values())) == len(forms) >= 150
    assert not theirs & set(forms.values())


def test_every_indicator_leads_up_to_an_index_and_what_is_judged_has_targets(pack: Catalogue) -> None:
    for code, indicator in mine(pack).items():
        at = code
        while pack.indicators[at].supports:
            at = pack.indicators[at].supports[0].parent
        assert at in ("index.hotline", "index.care"), code
        if indicator.layer in ("KQI", "KPI"):
            assert indicator.direction is not None, code
            assert indicator.targets.management is not None, code


def test_layers_stand_below_each_other_and_weights_sum_to_one(pack: Catalogue) -> None:
    for code in (*mine(pack), "index.hotline", "index.care"):
        children = pack.children(code)
        assert not children or sum(children.values()) == pytest.approx(1), code


# The 17 analyses


@pytest.mark.requirement("S004-002")
def test_the_17_analyses_stand_in_5_groups_with_the_numbers_of_the_standard(pack: Catalogue) -> None:
    reports = {code: r for code, r in pack.reports.items() if code.startswith("qb_j_018.")}
    ordered = sorted(reports.items(), key=lambda item: item[1].order)
    assert [(r.number, code.removeprefix("qb_j_018.")) for code, r in ordered] == list(ANALYSES)
    groups: dict[str, set[str]] = {}
    for _, report in ordered:
        groups.setdefault(str(report.number).split(".")[1], set()).add(report.group.zh)
        assert report.codes == {"qb_j_018": report.number}
        assert "only the table of contents" in report.source.en
    assert sorted(groups) == ["1", "2", "3", "4", "5"]
    assert all(len(names) == 1 for names in groups.values())


@pytest.mark.requirement("S004-022")
def test_each_analysis_says_whom_it_serves_and_how_it_is_shown(pack: Catalogue) -> None:
    for number, code in ANALYSES:
        report = pack.reports[f"qb_j_018.{code}"]
        assert len(report.indicators) >= 3, number
        assert len(set(report.indicators)) == len(report.indicators), number
        for text in (report.goal, report.function, report.audience):
            assert len(text.zh) >= 8, number
        assert report.by, number
        assert report.presentation, number
        sliced = {d for c in report.indicators for d in pack.indicators[c].by}
        assert set(report.by) <= sliced, number
    for code in ("complaint_query", "competitor_query"):
        report = pack.reports[f"qb_j_018.{code}"]
        assert report.rhythm == "query"
        assert "records" in report.presentation


@pytest.mark.requirement("S004-020")
def test_the_dimensions_of_the_analyses_are_in_the_dictionary(pack: Catalogue) -> None:
    wanted = {"skill", "team", "agent", "wrap_code", "contact_code", "menu_version", "competitor", "medium", "purpose"}
    assert wanted <= set(pack.dimensions)
    for code in wanted:
        assert pack.dimensions[code].description is not None, code
    used = {d for _, code in ANALYSES for d in pack.reports[f"qb_j_018.{code}"].by}
    assert used <= set(pack.dimensions)
    assert len(used) >= 30


def test_the_board_of_complaints_has_a_headline_and_shows_every_complaint_indicator(pack: Catalogue) -> None:
    board = pack.topics["complaints"]
    assert (board.headline, board.order) == ("index.care", 15)
    shown = {c for c in pack.indicators if c.startswith(("complaint.", "trouble.", "care."))}
    assert shown <= set(board.indicators)


# The complaint indicators of the sources


def numerator(pack: Catalogue, code: str) -> object:
    ratio = pack.indicators[code].ratio
    assert ratio is not None
    return ratio.numerator.count or ratio.numerator.indicator


@pytest.mark.requirement("S001-019")
def test_the_four_counts_and_the_rule_of_a_batch(pack: Catalogue) -> None:
    for kind in ("ordinary", "batch", "escalated"):
        count = pack.indicators[f"complaint.{kind}"].count
        assert count is not None
        assert count.where == f"kind = '{kind}'"
    trouble = pack.indicators["trouble.count"]
    assert (trouble.feed, trouble.count is not None) == ("trouble_reports", True)
    rule = pack.indicators["complaint.batch"].definition
    assert "24" in rule.zh
    assert "Five complaints of different customers within 24 hours" in rule.en
    assert {e.code for e in pack.code_lists["complaint_kinds"].entries} == {"ordinary", "batch", "escalated"}


def test_complaints_are_counted_by_process_for_the_selection_of_key_processes(pack: Catalogue) -> None:
    count = pack.indicators["complaint.count"]
    assert {"process", "commercial_process", "product", "channel", "complaint_category"} <= set(count.by)
    feed = pack.feeds["complaints"]
    assert any("process" in cuboid for cuboid in feed.cuboids)
    for code, feed in pack.feeds.items():
        assert all(len(cuboid) <= 3 for cuboid in feed.cuboids) or code not in ("complaints", "trouble_reports"), code


@pytest.mark.requirement("S001-021")
def test_timeliness_divides_by_what_has_a_limit_and_is_finished(pack: Catalogue) -> None:
    for code, done in (("complaint.in_time", "closed_at"), ("trouble.in_time", "repaired_at")):
        ratio = pack.indicators[code].ratio
        assert ratio is not None
        assert ratio.numerator.count is not None
        assert ratio.denominator.count is not None
        assert ratio.numerator.count.where == "in_time"
        assert ratio.denominator.count.where == f"{done} is not null and due_at is not null"


@pytest.mark.requirement("S001-025")
def test_expert_desk_and_first_time_repair_are_measured(pack: Catalogue) -> None:
    expert = pack.indicators["transfer.expert_timeliness"]
    assert "connect_s <= 20" in str(numerator(pack, "transfer.expert_timeliness"))
    assert expert.origin.reference == "S001-025"
    assert "fixed_first" in str(numerator(pack, "trouble.fixed_first_share"))


@pytest.mark.requirement("S004-027")
def test_completed_in_the_menu_is_told_apart_from_hanging_up_transfer_and_calling_again(pack: Catalogue) -> None:
    expr = pack.feeds["ivr_sessions"].derived["completed"].expr
    cases = (
        ("goal reached, menu ends", True, "goal", None, True),
        ("goal reached, caller hangs up", True, "caller", False, True),
        ("hung up without goal", False, "caller", None, False),
        ("goal reached, then an agent", True, "agent", None, False),
        ("agent without goal", False, "agent", None, False),
        ("goal reached, called again", True, "goal", True, False),
    )
    for name, goal, ended_by, again, expected in cases:
        sql = f"SELECT {expr} FROM (SELECT ? AS goal_reached, ? AS ended_by, ?::BOOLEAN AS called_again)"
        assert duckdb.execute(sql, [goal, ended_by, again]).fetchall() == [(expected,)], name


# A file of complaints, the whole way

ZONE = ZoneInfo("Asia/Shanghai")
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
FIELDS = (
    "complaint_id",
    "day",
    "kind",
    "process",
    "product",
    "category",
    "customer_id",
    "repeat_of",
    "due_h",
    "reply_min",
    "closed_h",
    "promised_h",
    "result",
    "responsibility",
    "satisfied",
    "batch_id",
    "escalated_to",
)
HAND = """
c01 02 ordinary  recharge       -              charge_doubt     u01 -   24 30  5   8  solved    provider    yes -  -
c02 02 ordinary  recharge       -              charge_doubt     u02 -   24 90  30  48 explained customer    no  -  -
c03 02 ordinary  -              mobile_reading product_quality  u03 -   48 119 20  -  solved    third_party yes -  -
c04 03 ordinary  payment_resume -              provisioning     u01 -   8  20  7   6  solved    provider    yes -  -
c05 03 batch     payment_resume -              provisioning     u04 -   8  240 12  -  solved    provider    no  b1 -
c06 03 batch     payment_resume -              provisioning     u05 -   8  15  6   -  solved    provider    yes b1 -
c07 03 batch     payment_resume -              provisioning     u06 -   8  60  8   8  partly    provider    -   b1 -
c08 03 batch     payment_resume -              provisioning     u07 -   8  120 9   8  solved    provider    no  b1 -
c09 03 escalated payment_resume -              provisioning     u08 -   4  10  5   4  solved    provider    yes b1 province
c10 04 ordinary  -              wlan           network_data     u09 -   24 500 23  -  solved    provider    yes -  -
c11 05 ordinary  -              wlan           network_data     u09 c10 24 50  25  -  unsolved  -           no  -  -
c12 06 escalated -              wlan           network_data     u09 c11 8  5   7   7  solved    provider    yes -  regulator
c13 08 ordinary  -              -              service_attitude u10 -   24 -   -   -  -         -           -   -  -
c14 08 ordinary  call_detail_enquiry -         statement_data   u11 -   24 121 24  24 explained customer    yes -  -
c15 09 ordinary  plan_order     -              marketing        u12 -   48 33  70  60 explained provider    no  -  -
c16 10 ordinary  plan_order     -              marketing        u12 c15 48 44  40  48 solved    provider    yes -  -
c17 12 ordinary  plan_order     mobile_video   order_record     u13 -   -  18  12  -  solved    provider    -   -  -
c18 15 ordinary  -              messaging      sms_late         u14 -   24 77  16  20 solved    third_party yes -  -
c19 16 ordinary  -              messaging      sms_source       -   -   24 66  18  -  explained third_party no  -  -
c20 20 ordinary  arrears_suspension -          billing_run      u15 -   12 25  11  -  explained provider    yes -  -
c21 21 ordinary  arrears_suspension -          billing_run      u16 -   12 26  13  12 withdrawn customer    -   -  -
c22 25 escalated arrears_suspension -          customer_data    u17 -   8  30  -   24 -         -           -   -  media
c23 28 ordinary  -              -              other            u18 -   24 45  2   -  solved    provider    yes -  -
c24 31 ordinary  recharge       -              fee_level        u01 -   24 15  22  24 explained provider    no  -  -
"""
SQL = {
    "complaint.count": "SELECT count(*) FROM hand",
    "complaint.ordinary": "SELECT count(*) FROM hand WHERE kind = 'ordinary'",
    "complaint.batch": "SELECT count(*) FROM hand WHERE kind = 'batch'",
    "complaint.escalated": "SELECT count(*) FROM hand WHERE kind = 'escalated'",
    "complaint.quality": """SELECT count(*) FROM hand WHERE category NOT IN
        ('marketing', 'fee_level', 'charge_doubt', 'service_attitude', 'service_skill', 'service_waiting')""",
    "complaint.in_time": """SELECT 100.0 * sum(CASE WHEN closed_h <= due_h THEN 1 ELSE 0 END) / count(*)
        FROM hand WHERE closed_h IS NOT NULL AND due_h IS NOT NULL""",
    "complaint.repeat_share": "SELECT 100.0 * count(repeat_of) / count(*) FROM hand",
    "complaint.per_customer": """SELECT sum(n) / count(*)::DOUBLE
        FROM (SELECT customer_id, count(*) AS n FROM hand WHERE customer_id IS NOT NULL GROUP BY 1)""",
    "complaint.first_reply_within_2h": "SELECT 100 * avg(CASE WHEN reply_min <= 120 THEN 1.0 ELSE 0 END)"
    " FROM hand WHERE reply_min IS NOT NULL",
    "complaint.promise_kept_share": "SELECT 100 * avg((closed_h <= promised_h)::INT) FROM hand"
    " WHERE closed_h IS NOT NULL AND promised_h IS NOT NULL",
    "complaint.solved_first_share": """SELECT 100.0 * (SELECT count(*) FROM hand WHERE closed_h IS NOT NULL
        AND result IN ('solved', 'explained') AND repeat_of IS NULL) / (SELECT count(closed_h) FROM hand)""",
    "complaint.satisfied_share": "SELECT 100 * avg((satisfied = 'yes')::INT) FROM hand WHERE closed_h IS NOT NULL",
    "complaint.handling.mean_h": "SELECT avg(closed_h) FROM hand",
    "complaint.escalated_mishandled_share": """SELECT 100.0 * count(*) FILTER (repeat_of IS NOT NULL
        OR closed_h > due_h OR closed_h > promised_h) / count(*) FROM hand WHERE kind = 'escalated'""",
    "complaint.operator_fault_share": "SELECT 100 * avg((responsibility = 'provider')::INT) FROM hand",
    "complaint.outside_share": "SELECT 100 * avg((coalesce(escalated_to, '') IN"
    " ('consumer_body', 'regulator', 'media'))::INT) FROM hand",
    "complaint.batch_size": "SELECT count(batch_id) / count(DISTINCT batch_id)::DOUBLE FROM hand",
    "complaint.per_10k": "SELECT count(*) / 2.0 FROM hand",
    "complaint.per_10k_users": "SELECT count(product) / 0.5 FROM hand",
}


def hand_rows() -> list[dict[str, str | None]]:
    lines = [line.split() for line in HAND.strip().splitlines()]
    return [{f: None if v == "-" else v for f, v in zip(FIELDS, line, strict=True)} for line in lines]


def _after(at: datetime, given: str | None, unit: str) -> str:
    return "" if given is None else str(at + timedelta(**{unit: int(given)}))


def export_file(pack: Catalogue, folder: Path) -> Path:
    """The rows as the complaint workflow would export them."""
    columns = pack.mappings["complaint_export"].columns_expected
    lines = [",".join(columns)]
    for row in hand_rows():
        at = datetime(2026, 3, int(row["day"] or 1), 9, int(str(row["complaint_id"])[1:]))  # noqa: DTZ001
        values = {
            **{f: v for f, v in row.items() if v is not None and f in columns},
            "received_at": str(at),
            "unit": "all",
            "channel": "hotline",
            "commercial_process": "billing",
            "content": "钱没了，还没开机",
            "due_at": _after(at, row["due_h"], "hours"),
            "first_reply_at": _after(at, row["reply_min"], "minutes"),
            "closed_at": _after(at, row["closed_h"], "hours"),
            "promised_at": _after(at, row["promised_h"], "hours"),
            "satisfied": {"yes": "true", "no": "false", None: ""}[row["satisfied"]],
        }
        lines.append(",".join(values.get(column) or "" for column in columns))
    path = folder / "complaints.csv"
    path.write_bytes("\n".join([*lines, ""]).encode("gb18030"))
    return path


FEEDS = ("complaints", "subscriber_counts", "product_user_counts")


def narrowed(pack: Catalogue) -> Catalogue:
    """The pack with the feeds of these tests only, so that nothing else is computed."""
    return replace(
        pack,
        feeds={code: pack.feeds[code] for code in FEEDS},
        indicators={code: i for code, i in pack.indicators.items() if i.feed in FEEDS},
        topics={},
        reports={},
    )


def _put_customers(workplace: Workplace) -> None:
    """20,000 customers and 5,000 users of products on every day of the month."""
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]
    shared = [
        {"unit": "all", "day": str(d), "counted_at": datetime(d.year, d.month, d.day, 23, tzinfo=ZONE)} for d in days
    ]
    cut = {"brand": "gotone", "network": "4g", "customer_class": "ordinary"}
    put_rows(workplace, "subscriber_counts", [{**row, **cut, "subscribers": 20_000} for row in shared])
    put_rows(workplace, "product_user_counts", [{**row, "product": "wlan", "users": 5_000} for row in shared])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    folder = tmp_path_factory.mktemp("complaints")
    workplace = make_workplace(folder, narrowed(pack))
    [report] = load(workplace, "complaints", [export_file(pack, folder)], mapping="complaint_export")
    assert (report.state, report.accepted, report.rejected) == ("accepted", 24, 0)
    _put_customers(workplace)
    refresh(workplace)
    return workplace


@pytest.fixture(scope="module")
def by_hand() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        listed = ", ".join(f"{f} {'INT' if f.endswith(('_h', '_min')) else 'TEXT'}" for f in FIELDS)
        connection.execute(f"CREATE TABLE hand ({listed})")
        marks = ", ".join("?" * len(FIELDS))
        for row in hand_rows():
            connection.execute(f"INSERT INTO hand VALUES ({marks})", [row[f] for f in FIELDS])
        yield connection


def ask(loaded: Workplace, codes: tuple[str, ...], by: tuple[str, ...] = ()) -> list[Observation]:
    with open_states(loaded, list(FEEDS)) as reading:
        return observe(loaded, reading, ObserveRequest(codes, "all", Grain.MONTH, *MARCH, by=by))


@pytest.mark.requirement("S001-019")
@pytest.mark.requirement("S001-020")
@pytest.mark.requirement("S001-021")
@pytest.mark.requirement("S001-022")
@pytest.mark.requirement("S003-021")
def test_complaint_figures_agree_with_hand_written_sql(loaded: Workplace, by_hand: duckdb.DuckDBPyConnection) -> None:
    found = {each.code: each.value for each in ask(loaded, tuple(SQL))}
    for code, sql in SQL.items():
        expected = by_hand.execute(sql).fetchone()
        assert expected is not None
        assert found[code] == pytest.approx(float(expected[0])), code


@pytest.mark.requirement("S000-083")
@pytest.mark.requirement("S000-084")
@pytest.mark.requirement("S000-085")
@pytest.mark.requirement("S000-086")
def test_complaints_fall_into_the_domains_of_the_taxonomy(
    loaded: Workplace, by_hand: duckdb.DuckDBPyConnection
) -> None:
    found = {
        each.slice["complaint_domain"]: each.value for each in ask(loaded, ("complaint.count",), ("complaint_domain",))
    }
    for domain, categories in (
        ("plan_provisioning", "'order_record', 'provisioning', 'feature_use'"),
        ("customer_data", "'customer_data'"),
        ("billing", "'charge_doubt', 'billing_run', 'statement_data'"),
        ("sms_channel", "'sms_content', 'sms_late', 'sms_source'"),
    ):
        counted = by_hand.execute(f"SELECT count(*) FROM hand WHERE category IN ({categories})").fetchone()
        assert counted is not None
        assert found[domain] == counted[0] > 0, domain


def test_complaints_by_process_are_what_the_selection_reads(
    loaded: Workplace, by_hand: duckdb.DuckDBPyConnection
) -> None:
    found = {each.slice["process"]: each.value for each in ask(loaded, ("complaint.count",), ("process",))}
    counted = dict(
        by_hand.execute("SELECT process, count(*) FROM hand WHERE process IS NOT NULL GROUP BY 1").fetchall()
    )
    assert {process: found[process] for process in counted} == counted
