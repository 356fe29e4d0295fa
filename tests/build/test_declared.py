"""What is declared, as pages see it: tree, matrix, lineage, feeds, reports, surroundings, changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.changes import changes_page
from ganzhi.measure.build.catalogue.entry import about
from ganzhi.measure.build.catalogue.feeds import feed_page, feeds_page
from ganzhi.measure.build.catalogue.matrix import matrix_page
from ganzhi.measure.build.catalogue.reach import arrived_feeds, has_data
from ganzhi.measure.build.catalogue.reports import report_page, reports_page
from ganzhi.measure.build.catalogue.surroundings import surroundings_page
from ganzhi.measure.build.catalogue.tree import tree_page
from ganzhi.measure.build.definitions import definition_of
from ganzhi.measure.build.dictionary import dictionary_page
from ganzhi.measure.views.catalogue.query import ChangesQuery, FeedsQuery, TreeQuery
from ganzhi.measure.views.catalogue.tree import Node
from ganzhi.measure.views.query import DictionaryQuery
from ganzhi.wiring import Workspace, init_workspace, open_workspace
from tests.catalogue.declared import declared_catalogue

ARRIVED = frozenset({"payments"})


@pytest.fixture(scope="module")
def declared() -> Catalogue:
    return declared_catalogue()


@pytest.fixture(scope="module")
def telecom() -> Catalogue:
    return load_catalogue("telecom", None)


def all_nodes(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from all_nodes(node.children)


# -- the list ------------------------------------------------------------------------------------


def test_the_list_comes_in_pages_of_fifty_and_whole_for_files(telecom: Catalogue) -> None:
    first = dictionary_page(telecom, DictionaryQuery())
    last = dictionary_page(telecom, DictionaryQuery(page=10_000))
    whole = dictionary_page(telecom, DictionaryQuery(page=None))
    assert len(first.rows) == 50
    assert last.page == last.pages == first.pages
    assert len(whole.rows) == whole.total == first.total
    assert whole.rows[-1] == last.rows[-1]


def test_filters_narrow_each_other_and_count_what_they_would_leave(declared: Catalogue) -> None:
    page = dictionary_page(declared, DictionaryQuery(commercial_process="billing", layer="KQI"), ARRIVED)
    assert [row.subject.code for row in page.rows] == ["pay.claims", "pay.quick", "pay.sat", "pay.stuck"]
    states = {choice.value: choice.count for each in page.filters if each.field == "state" for choice in each.choices}
    assert states == {"live": 3, "designed": 1}
    assert dict(next(facet.choices for facet in page.facets if facet.field == "layer")) == {"KEI": 1, "KQI": 4}


def test_external_codes_are_searched(declared: Catalogue) -> None:
    found = dictionary_page(declared, DictionaryQuery(search="b-7"))
    assert [row.subject.code for row in found.rows] == ["pay.quick"]


def test_an_indicator_has_data_when_everything_it_needs_arrived(declared: Catalogue) -> None:
    assert has_data(declared, "pay.quick", ARRIVED)
    assert has_data(declared, "index.billing", ARRIVED)
    assert not has_data(declared, "pay.per_user", ARRIVED)
    assert has_data(declared, "pay.per_user", {"payments", "users"})
    assert not has_data(declared, "pay.empty", ARRIVED)


# -- tree ----------------------------------------------------------------------------------------


@pytest.mark.requirement("S000-046")
def test_an_indicator_stands_under_each_parent_and_says_so(declared: Catalogue) -> None:
    page = tree_page(declared, TreeQuery())
    places = [node for node in all_nodes(page.roots) if node.code == "pay.quick"]
    assert sorted((node.weight, node.also[0].code) for node in places) == [
        (0.3, "pay.experience"),
        (0.4, "index.billing"),
    ]
    index = next(node for node in page.roots if node.code == "index.billing")
    assert [(n.code, n.weight, n.points) for n in index.children] == [
        ("pay.sat", 0.5, None),
        ("pay.quick", 0.3, None),
        ("pay.claims", 0.2, None),
        ("pay.stuck", None, 8.0),
    ]
    assert index.below == (("KQI", 4),)


def test_tree_filters_keep_what_is_above_and_below_a_hit(declared: Catalogue) -> None:
    assert [node.code for node in tree_page(declared, TreeQuery(kei="pay.experience")).roots] == ["pay.experience"]
    shown = tree_page(declared, TreeQuery(topic="hotline"))
    assert {node.code for node in all_nodes(shown.roots)} >= {"index.billing", "pay.quick", "pay.experience"}
    assert "pay.posted" not in {node.code for node in all_nodes(shown.roots)}
    with pytest.raises(InputError):
        tree_page(declared, TreeQuery(levels="9"))


@pytest.mark.requirement("S000-046")
def test_every_indicator_of_the_pack_is_in_the_tree_or_named_outside(telecom: Catalogue) -> None:
    page = tree_page(telecom, TreeQuery())
    inside = {node.code for node in all_nodes(page.roots)}
    outside = {each.code for _, codes in page.alone for each in codes}
    assert inside | outside == {code for code, each in telecom.indicators.items() if not each.retired}
    assert not inside & outside


# -- matrix --------------------------------------------------------------------------------------


@pytest.mark.requirement("S001-004")
@pytest.mark.requirement("S001-005")
@pytest.mark.requirement("S000-032")
def test_a_row_counts_kqi_by_dimension_with_data_weights_and_owner(declared: Catalogue) -> None:
    page = matrix_page(declared, ARRIVED)
    row = next(row for row in page.rows if row.commercial_process.code == "billing")
    assert row.index is not None
    assert (row.index.code, row.owner.en) == ("index.billing", "Accounting")
    cells = {cell.dimension: cell for cell in row.cells}
    assert {name: cell.counts.total for name, cell in cells.items()} == {
        "perception": 1,
        "complaint": 1,
        "operation": 2,
    }
    assert (cells["complaint"].counts.designed, cells["operation"].arrived) == (1, 2)
    assert {name: (cell.weight, cell.points) for name, cell in cells.items()} == {
        "perception": (0.5, 0),
        "complaint": (0.2, 0),
        "operation": (0.3, 8),
    }
    assert page.counts.total == 4


@pytest.mark.requirement("S001-004")
@pytest.mark.requirement("S001-006")
def test_each_cell_of_the_packs_matrix_leads_to_a_list_of_its_length(telecom: Catalogue) -> None:
    page = matrix_page(telecom, frozenset())
    assert len(page.rows) == 9
    assert page.counts.total >= 151
    for row in page.rows:
        for cell in row.cells:
            asked = DictionaryQuery(
                layer="KQI", dimension=cell.dimension, commercial_process=row.commercial_process.code, page=None
            )
            assert dictionary_page(telecom, asked).total == cell.counts.total > 0


@pytest.mark.requirement("S000-048")
def test_types_and_layers_add_up(telecom: Catalogue) -> None:
    page = matrix_page(telecom, frozenset())
    whole = sum(not each.retired for each in telecom.indicators.values())
    assert sum(row.total for row in page.types) == sum(number for _, number in page.layers) == whole


# -- an entry and its lineage --------------------------------------------------------------------


@pytest.mark.requirement("S002-001")
def test_lineage_leads_from_the_parts_to_the_columns_of_the_source(declared: Catalogue) -> None:
    lineage = about(declared, "pay.quick", ARRIVED).lineage
    assert lineage is not None
    assert [(part.part, part.kind, part.filter) for part in lineage.parts] == [
        ("numerator", "count", "post_s <= 90 and channel = 'bank'"),
        ("denominator", "count", None),
    ]
    columns = {column.name: column for column in lineage.columns}
    assert set(columns) == {"channel", "post_s", "paid_at", "unit"}
    assert columns["post_s"].reads == ("paid_at", "posted_at")
    assert [(s.how, s.text, s.mapping.code) for s in columns["post_s"].sources] == [
        ("source", "t", "pay_log"),
        ("source", "done", "pay_log"),
    ]
    assert [s.codes.code for s in columns["channel"].sources if s.codes] == ["pay_channels"]
    assert [s.source.code for s in lineage.sources] == ["boss"]


@pytest.mark.requirement("S002-001")
def test_a_computed_column_is_protected_like_what_it_reads_and_a_rate_names_its_base(declared: Catalogue) -> None:
    claims = about(declared, "pay.claims", ARRIVED).lineage
    rate = about(declared, "pay.per_user", ARRIVED).lineage
    assert claims is not None
    assert rate is not None
    assert next(c.protection for c in claims.columns if c.name == "known") == "personal"
    base = rate.parts[1].indicator
    assert base is not None
    assert base.code == "pay.users"
    assert [each.code for each in about(declared, "pay.users", ARRIVED).use.rates] == ["pay.per_user"]


def test_lineage_of_a_ratio_of_indicators_reads_the_columns_of_both(telecom: Catalogue) -> None:
    lineage = about(telecom, "hotline.answer_rate", frozenset()).lineage
    assert lineage is not None
    assert all(part.indicator is not None for part in lineage.parts)
    assert {"requested", "outcome"} & {column.name for column in lineage.columns}


@pytest.mark.requirement("S001-008")
@pytest.mark.requirement("S000-129")
def test_an_entry_says_what_it_secures_and_which_agreements_set_targets(declared: Catalogue) -> None:
    use = about(declared, "pay.quick", ARRIVED).use
    assert use.secures is not None
    assert (use.secures.indicator.code, use.secures.level) == ("pay.sat", 8.5)
    assert [(row.code, row.target, row.scope[0][1].en) for row in use.slas] == [("bank_posting", 95.0, "Bank")]
    assert [each.indicator.code for each in about(declared, "pay.sat", ARRIVED).use.secured_by] == ["pay.quick"]
    assert [each.code for each in use.reports] == ["std.payments"]


@pytest.mark.requirement("S000-029")
def test_an_entry_says_what_blocks_it_and_what_repeats_it(declared: Catalogue) -> None:
    entry = about(declared, "pay.quick", ARRIVED)
    assert entry.state.checks == (("source_known", True), ("collectable", False), ("correlated", None))
    assert entry.state.blocked_by is not None
    assert [each.code for each in entry.origin.repeated_by] == ["pay.copy"]
    assert entry.place.step is not None
    assert [each.code for each in entry.place.step] == ["pay", "post"]


def test_the_formula_of_a_score_names_all_its_children(telecom: Catalogue) -> None:
    children = telecom.children("index.hall")
    words = definition_of(telecom, "index.hall").formula.en
    assert all(telecom.indicators[code].name.en in words for code in children)


# -- feeds, reports, surroundings ----------------------------------------------------------------


@pytest.mark.requirement("S002-001")
def test_a_feed_lists_every_indicator_it_gives_with_the_columns_read(declared: Catalogue) -> None:
    page = feed_page(declared, "payments", ARRIVED)
    fed = {row.indicator.code: row.columns for row in page.indicators}
    assert fed["pay.quick"] == ("channel", "post_s")
    assert set(fed) == {c for c, each in declared.indicators.items() if each.feed == "payments" and not each.retired}
    channel = next(row for row in page.columns if row.name == "channel")
    assert [code for code, _ in channel.codes] == ["hall", "bank"]
    assert channel.roles == ("dimension",)
    assert page.mappings[0].shards == ("001", "002")


def test_feeds_are_found_by_source_kind_writer_and_data(declared: Catalogue) -> None:
    def codes(**asked: str) -> list[str]:
        return [row.code for row in feeds_page(declared, FeedsQuery(**asked), ARRIVED).rows]

    assert codes() == ["chains", "payments", "users"]
    assert codes(source="boss") == codes(data="arrived") == ["payments"]
    assert codes(made="trace") == codes(kind="entity") == ["chains"]
    assert codes(search="ONE pay") == ["payments"]


@pytest.mark.requirement("S004-001")
@pytest.mark.requirement("S004-002")
def test_reports_are_data_under_the_numbers_of_their_standard(telecom: Catalogue) -> None:
    page = reports_page(telecom, frozenset())
    listed = [row for _, rows in page.groups for row in rows]
    assert page.total == len(listed) == 18
    assert [row.code for row in listed if row.number is None] == ["support.monthly"], "the only one of no standard"
    first = report_page(telecom, next(row.code for row in listed if row.number == "5.1"), frozenset())
    assert first.function.zh
    assert first.audience.zh
    assert all(row.formula.zh and row.subject.definition.zh for row in first.indicators)
    with pytest.raises(InputError) as refused:
        report_page(telecom, "qb_j_018.overall", frozenset())
    assert refused.value.issues[0].code == "REQ021"


@pytest.mark.requirement("S000-131")
@pytest.mark.requirement("S000-021")
@pytest.mark.requirement("S000-051")
def test_surroundings_show_flows_and_how_many_entries_carry_external_codes(declared: Catalogue) -> None:
    page = surroundings_page(declared, ARRIVED)
    assert [(row.code, row.direction, row.arrived) for row in page.interfaces] == [("payments_in", "in", True)]
    systems = {row.code: row for row in page.code_systems}
    coverage = dict(systems["etom"].coverage)
    assert (coverage["processes"].covered, coverage["processes"].total) == (1, 4)
    assert (coverage["feeds"].covered, coverage["feeds"].total) == (1, 3)
    assert [(kind, entry.code, code) for kind, entry, code in systems["busmet"].mapped] == [
        ("indicators", "pay.quick", "B-7")
    ]
    assert dict(page.products[0].phases)["during"] == 1


# -- changes -------------------------------------------------------------------------------------


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    init_workspace(tmp_path / "w")
    opened = open_workspace(tmp_path / "w", catalogue=declared_catalogue())
    yield opened
    opened.close()


def test_two_versions_are_compared_and_one_alone_is_refused(workspace: Workspace) -> None:
    place = workspace.workplace
    assert arrived_feeds(place) == frozenset()
    quick = declared_catalogue().indicators["pay.quick"]
    later = replace(
        declared_catalogue(indicators={"pay.quick": quick.model_copy(update={"finest": Grain.DAY, "min_n": 99})}),
        version="small 0.2+222222222222",
    )
    open_workspace(workspace.root, catalogue=later).close()
    page = changes_page(place, ChangesQuery(a="small 0.1", b="small 0.2"))
    assert page.compared is not None
    assert [(entry.code, entry.effect) for entry in page.compared.entries] == [("pay.quick", "judgement")]
    assert [(row.version[:9], row.before and row.before[:9]) for row in page.versions] == [
        ("small 0.2", "small 0.1"),
        ("small 0.1", None),
    ]
    with pytest.raises(InputError) as refused:
        changes_page(place, ChangesQuery(a="small 0.1"))
    assert refused.value.issues[0].code == "REQ022"
