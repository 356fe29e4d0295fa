"""Panoramas, modules, the brief, hot spots and places: nothing counts twice, nothing is told that is not known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.access.rights import LOCAL, Viewer
from ganzhi.base.errors import InputError
from ganzhi.base.periods import parse_period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.overview import overview
from ganzhi.measure.build.panorama.brief import DAYS_NEEDED, brief, brief_row, together
from ganzhi.measure.build.panorama.elements import elements_page
from ganzhi.measure.build.panorama.halls import ranked
from ganzhi.measure.build.panorama.hotspots import EARLIER, LARGE, hot_spots, mean_before
from ganzhi.measure.build.panorama.lifecycle import lifecycle_page
from ganzhi.measure.build.panorama.marks import mean_of, roots
from ganzhi.measure.build.panorama.modules import MODULES, members, module_page, modules_page
from ganzhi.measure.build.panorama.places import place_page, totals, versus
from ganzhi.measure.build.panorama.start import start_page
from ganzhi.measure.build.records import records_page
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.observation import Observation
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.views.panorama.places import PEERS_AT_LEAST, HallRow
from ganzhi.measure.views.parts import ScoreNow
from ganzhi.measure.views.query import PageQuery, RecordsQuery
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import Workspace
from tests.build.raw import read_calls
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, text
from tests.measure.place import units as units_of

ZONE = ZoneInfo("Asia/Shanghai")
LATEST = date(1999, 1, 31)
"""The last day of the sample, a Sunday."""


# -- what counts once ----------------------------------------------------------------------------


def _forest(catalogue: Catalogue, edges: Sequence[tuple[int, int]], size: int) -> Catalogue:
    made = {}
    for n in range(size):
        above = sorted({upper for lower, upper in edges if lower == n})
        supports = [{"parent": f"i{upper}", "weight": 1} for upper in above]
        made[f"i{n}"] = indicator(f"i{n}", count={}, supports=supports)
    return catalogue_with(catalogue, made)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=14), st.sets(st.integers(0, 8)))
def test_roots_stand_for_their_set_and_support_none_of_it(
    workspace: Workspace, pairs: list[tuple[int, int]], held: set[int]
) -> None:
    edges = [(lower, upper) for lower, upper in pairs if lower > upper]  # an upper one has the smaller number
    catalogue = _forest(workspace.workplace.catalogue, edges, 9)
    above: dict[int, set[int]] = {n: set() for n in range(9)}
    for n in range(9):  # reachability by hand: uppers come first
        for lower, upper in edges:
            if lower == n:
                above[n] |= {upper} | above[upper]
    expected = {f"i{n}" for n in held if not above[n] & held}
    assert set(roots(catalogue, [f"i{n}" for n in sorted(held)])) == expected


def test_a_mean_of_scores_is_told_from_two_thirds_of_the_weight_on() -> None:
    assert mean_of([90.0, 60.0, None]) == 75.0
    assert mean_of([90.0, None, None]) is None
    assert mean_of([90.0, None], [2.0, 1.0]) == 90.0
    assert mean_of([90.0, None], [1.9, 1.1]) is None
    assert mean_of([90.0, 60.0], [3.0, 1.0]) == 82.5


# -- the brief -----------------------------------------------------------------------------------


def _seen(day: date, numerator: int, denominator: int, completeness: float = 1.0) -> Observation:
    period = parse_period(day.isoformat(), ZONE)
    value = 100 * numerator / denominator
    return Observation(
        code="hotline.answer_rate",
        unit="all",
        period=period,
        covered=period,
        slice={},
        numerator=numerator,
        denominator=denominator,
        n=denominator,
        value=value,
        unit_of_value="%",
        completeness=completeness,
        catalogue_version="1",
    )


def test_several_days_of_a_rate_are_merged_and_not_averaged(workspace: Workspace) -> None:
    catalogue = workspace.workplace.catalogue
    days = [_seen(date(1999, 1, 3), 10, 10), _seen(date(1999, 1, 10), 10, 90)]
    assert together(catalogue.indicator("hotline.answer_rate"), days) == pytest.approx(20.0)  # the mean would be 55.6


def test_a_day_is_outside_only_beyond_every_such_day_and_three_of_them_must_be_known(workspace: Workspace) -> None:
    catalogue, day = workspace.workplace.catalogue, date(1999, 2, 7)
    weeks = [day - timedelta(weeks=back) for back in range(1, 5)]
    before = {at: _seen(at, 80 + n, 100) for n, at in enumerate(weeks)}
    inside = brief_row(catalogue, "hotline.answer_rate", day, {**before, day: _seen(day, 83, 100)})
    assert inside is not None
    assert (inside.low, inside.high, inside.days, inside.outside, inside.better) == (80.0, 83.0, 4, False, None)
    below = brief_row(catalogue, "hotline.answer_rate", day, {**before, day: _seen(day, 79, 100)})
    assert below is not None
    assert (below.outside, below.better) == (True, False)
    few = dict(list(before.items())[: DAYS_NEEDED - 1])
    assert brief_row(catalogue, "hotline.answer_rate", day, {**few, day: _seen(day, 79, 100)}) is None
    short = {at: replace(each, completeness=0.4) for at, each in before.items()}
    assert brief_row(catalogue, "hotline.answer_rate", day, {**short, day: _seen(day, 79, 100)}) is None


def test_the_latest_day_of_the_sample_against_the_sundays_before_counted_by_hand(
    reader: Reader, sample_calls: Path
) -> None:
    shown = brief(reader, scope_of(reader, PageQuery()), ["hotline.requested", "hotline.answer_rate"])
    rows = {row.subject.code: row for row in shown.rows}
    calls = [c for c in read_calls(sample_calls) if c.outcome != "PHANTOM" and c.requested]
    asked = Counter(call.day for call in calls)
    answered = Counter(call.day for call in calls if call.outcome == "AGENT")
    sundays = [LATEST - timedelta(weeks=back) for back in range(1, 5)]
    count = rows["hotline.requested"]
    assert (count.day, count.now.value, count.days) == (LATEST, asked[LATEST], 4)
    assert count.usual == sum(asked[day] for day in sundays) / 4
    assert (count.low, count.high) == (min(asked[d] for d in sundays), max(asked[d] for d in sundays))
    rate = rows["hotline.answer_rate"]
    assert rate.usual == pytest.approx(100 * sum(answered[d] for d in sundays) / sum(asked[d] for d in sundays))


# -- hot spots -----------------------------------------------------------------------------------


def test_the_mean_before_takes_a_silent_week_as_none_and_leaves_out_an_unknown_one() -> None:
    week = parse_period("2026-W46", ZONE)
    earlier = [week]
    while len(earlier) <= EARLIER:
        earlier.append(earlier[-1].previous())
    whole = {each: 10 for each in earlier if each != earlier[2]}  # nothing at all is known of that week
    counts = {earlier[1]: 3, earlier[3]: 6}
    assert mean_before(counts, whole, week) == (3 + 6 + 0) / 3
    assert mean_before(counts, {week: 10}, week) is None


REASON_COUNTS: Mapping[str, tuple[int, ...]] = {
    "charge_doubt": (10, 12, 9, 11, 30),
    "network_data": (40, 42, 41, 43, 44),
    "sms_late": (6, 6, 6, 6, 4),
    "statement_data": (0, 0, 0, 1, 7),
}
"""Complaints of five weeks by reason; the last is the week asked for."""
MONDAY = datetime(2026, 10, 12, 4, tzinfo=UTC)


def _complaints() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for reason, counts in REASON_COUNTS.items():
        for week, count in enumerate(counts):
            for n in range(count):
                at = MONDAY + timedelta(weeks=week, hours=n % 100)
                unit = "west" if n % 3 == 0 else "east"
                rows.append({"unit": unit, "complaint_category": reason, "accepted_at": at, "ticket": len(rows)})
    return rows


@pytest.fixture(scope="module")
def complaints(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    base = workspace.workplace.catalogue
    codes = ("complaint.count",)
    held = {code: base.indicators[code].model_copy(update={"supports": ()}) for code in codes}
    catalogue = catalogue_with(base, held, units_of(("all", None), ("east", "all"), ("west", "all")))
    feed = catalogue.feed("complaints")
    made = make_workplace(tmp_path_factory.mktemp("complaints"), catalogue)
    rows = []
    for row in _complaints():
        filled: dict[str, object] = {feed.unit: row["unit"], feed.time: row["accepted_at"]}
        filled["category"] = row["complaint_category"]
        for key in feed.key:
            filled.setdefault(key, f"T{row['ticket']}")
        if feed.version is not None:
            filled.setdefault(feed.version, row["accepted_at"])
        rows.append(filled)
    put_rows(made, "complaints", rows)
    refresh(made)
    yield made
    made.store.close()


def _spots(workplace: Workplace, viewer: Viewer = LOCAL):  # type: ignore[no-untyped-def]
    with open_states(workplace) as states:
        reader = Reader(workplace, states, viewer)
        return hot_spots(reader, scope_of(reader, PageQuery(period="2026-W46")))


@pytest.mark.requirement("S002-012")
def test_hot_spots_count_the_cases_and_put_what_grew_most_first(complaints: Workplace) -> None:
    found = _spots(complaints)
    assert found is not None
    last = {reason: counts[-1] for reason, counts in REASON_COUNTS.items()}
    total = sum(last.values())
    assert found.total == total
    assert [(spot.key, spot.count, spot.before) for spot in found.reasons] == [
        ("charge_doubt", 30, 10.5),
        ("statement_data", 7, 0.25),
        ("network_data", 44, 41.5),
    ]  # sms_late is below the smallest cell
    assert [spot.grown for spot in found.reasons] == [last[s.key] / total >= LARGE for s in found.reasons]
    assert {spot.key: spot.count for spot in found.places} == {
        "west": sum(-(-count // 3) for count in last.values()),
        "east": sum(count - -(-count // 3) for count in last.values()),
    }


@pytest.mark.requirement("S002-012")
def test_the_records_behind_a_hot_spot_are_as_many_as_it_says(complaints: Workplace) -> None:
    found = _spots(complaints)
    with open_states(complaints) as states:
        reader = Reader(complaints, states, LOCAL)
        for spot in (*found.reasons, *found.places):
            query = PageQuery(unit=spot.unit, period="2026-W46")
            page = records_page(reader, found.subject.code, query, RecordsQuery(where=dict(spot.where)))
            assert page.total == spot.count, spot.key


def test_small_counts_before_are_withheld_from_a_viewer_without_lists(complaints: Workplace) -> None:
    leader = Viewer("l", "l", "leader", (), frozenset({"macro", "dynamic"}))
    found = {spot.key: spot for spot in _spots(complaints, leader).reasons}
    assert found["statement_data"].before is None  # one case in four weeks
    assert found["charge_doubt"].before == 10.5
    assert all(value is None or value == 0 or value >= 5 for spot in found.values() for value in spot.spark)


def test_without_complaints_there_are_no_hot_spots(reader: Reader) -> None:
    assert hot_spots(reader, scope_of(reader, PageQuery())) is None


# -- places --------------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.integers(0, 120).map(float)), min_size=1, max_size=8))
def test_fewer_than_three_peers_tell_nothing_and_nobody_is_their_own_peer(scores: list[float | None]) -> None:
    now = {f"u{n}": score for n, score in enumerate(scores)}
    told = versus("u0", "t", text("t"), (scores[0], None, None), None, now, {})
    others = sorted(score for score in scores[1:] if score is not None)
    if len(others) < PEERS_AT_LEAST:
        assert (told.median, told.best) == (None, None)
    else:
        middle = len(others) // 2
        assert told.best == others[-1]
        assert told.median == (others[middle] if len(others) % 2 else (others[middle - 1] + others[middle]) / 2)
    if told.rank is not None:
        assert told.rank == 1 + sum(other > (scores[0] or 0.0) for other in others)
    else:
        assert scores[0] is None or not others


def test_a_total_needs_every_topic_that_any_peer_has() -> None:
    scores = {"a": {"x": 80.0, "y": 100.0}, "b": {"x": 90.0, "y": None}, "c": {"x": 70.0, "y": 60.0}}
    assert totals(["a", "b", "c"], ["x", "y", "z"], scores) == {"a": 90.0, "b": None, "c": 65.0}


@pytest.mark.requirement("S002-118")
def test_a_place_is_compared_over_time_with_its_peers_and_with_the_unit_above(reader: Reader) -> None:
    page = place_page(reader, PageQuery(unit="north", period="1999-W04"))
    rows = {row.unit: row for row in overview(reader, PageQuery(period="1999-W04")).places}
    topic = next(each for each in page.topics if each.code == "hotline")
    own = rows["north"].scores[0]
    assert (topic.score, topic.before) == (own.score, own.before)
    assert (page.total.rank, page.total.rank_before) == (rows["north"].rank, rows["north"].rank_before)
    assert page.peers is not None
    assert {peer.unit for peer in page.peers} == {"north", "south"}


def test_peers_out_of_reach_are_counted_and_not_named(workspace: Workspace, reader: Reader) -> None:
    bound = Viewer("n", "n", "analyst", ("north",), LOCAL.rights)
    with open_states(workspace.workplace) as states:
        seen = place_page(Reader(workspace.workplace, states, bound), PageQuery(unit="north", period="1999-W04"))
    whole = place_page(reader, PageQuery(unit="north", period="1999-W04"))
    assert (seen.peers, seen.above, seen.path) == (None, None, ())
    assert seen.total == whole.total
    assert seen.topics == whole.topics
    assert "south" not in repr(seen).lower()
    with open_states(workspace.workplace) as states, pytest.raises(InputError):
        place_page(Reader(workspace.workplace, states, bound), PageQuery(unit="south"))


def test_halls_are_ranked_from_the_best_and_listed_from_the_lowest() -> None:
    def hall(code: str, score: float | None, before: float | None) -> HallRow:
        return HallRow(
            code, text(code), None, ScoreNow("h", text("h"), "KEI", score, before, 1.0, None), None, None, ()
        )

    found = ranked([hall("a", 90.0, 70.0), hall("b", 60.0, 80.0), hall("c", None, 75.0), hall("d", 90.0, None)])
    assert [(row.unit, row.rank, row.rank_before) for row in found] == [
        ("b", 3, 1),
        ("a", 1, 3),
        ("d", 1, None),
        ("c", None, 2),
    ]


# -- panoramas and modules -----------------------------------------------------------------------


@pytest.mark.requirement("S001-052")
def test_the_panorama_holds_every_process_touchpoint_attribute_and_indicator_of_the_catalogue(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    page = elements_page(reader, PageQuery(), None)
    drawn = {row.code: row for group in page.groups for row in group.rows}
    assert set(drawn) | {each.code for each in page.bare} == set(catalogue.processes)
    pairs = [(t.process, attribute) for t in catalogue.touchpoints.values() for attribute in t.attributes]
    columns = [each.code for each, _ in page.attributes]
    counted = {
        (code, attribute): cell.pairs
        for code, row in drawn.items()
        for attribute, cell in zip(columns, row.cells, strict=True)
        if cell is not None
    }
    assert counted == Counter(pairs)
    answered = sum(
        any(
            attribute == each.attribute and touchpoint in each.touchpoints and not each.retired
            for each in catalogue.indicators.values()
        )
        for touchpoint, t in catalogue.touchpoints.items()
        for attribute in t.attributes
    )
    assert (page.pairs, page.answered) == (len(pairs), answered)


def test_one_process_is_drawn_with_its_touchpoints_and_what_customers_say(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    page = elements_page(reader, PageQuery(), "recharge")
    rows = {row.code: row for group in page.groups for row in group.rows}
    mine = {
        code: each for code, each in catalogue.touchpoints.items() if each.process == "recharge" and each.attributes
    }
    assert set(rows) == set(mine)
    said = {cell.sentence for row in rows.values() for cell in row.cells if cell is not None}
    assert said == {sentence for each in mine.values() for sentence in each.attributes.values()}
    with pytest.raises(InputError):
        elements_page(reader, PageQuery(), "nowhere")


@pytest.mark.requirement("S001-096")
def test_the_life_cycle_has_every_activity_with_its_weight_and_scores_only_where_measured(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    page = lifecycle_page(reader, PageQuery(period="1999-W04"))
    rows = {row.code: row for stage in page.stages for row in stage.activities}
    assert set(rows) == set(catalogue.activities)
    assert math.isclose(sum(row.weight or 0.0 for row in rows.values()), 1.0)
    assert all(len(row.places) == len(page.places) == 2 for row in rows.values())
    for row in rows.values():
        assert (row.mark.score is None) == (row.mark.known * 3 < row.mark.total * 2 or not row.mark.total)


@pytest.mark.requirement("S002-114")
def test_the_seven_modules_are_filled_from_the_catalogue(reader: Reader) -> None:
    catalogue = reader.workplace.catalogue
    assert [module.code for module in MODULES] == [
        "channel_satisfaction",
        "complaints",
        "halls",
        "proactive",
        "hall_shortfalls",
        "electronic",
        "satisfaction",
    ]
    held = {module.code: members(catalogue, module) for module in MODULES}
    assert all(held.values())
    assert all(head in held[module.code] for module in MODULES for head in module.heads)
    assert set(held["halls"]).isdisjoint(held["hall_shortfalls"])
    assert {
        catalogue.indicators[code].dimension
        for code in catalogue.topics["halls"].indicators
        if code in held["channel_satisfaction"]
    } == {"perception"}
    added = catalogue.topics["halls"].model_copy(
        update={"indicators": (*catalogue.topics["halls"].indicators, "hotline.calls")}
    )
    grown = replace(catalogue, topics={**catalogue.topics, "halls": added})
    assert "hotline.calls" in members(grown, MODULES[2])


@pytest.mark.requirement("S002-114")
def test_a_module_without_data_says_which_feeds_it_waits_for(reader: Reader) -> None:
    page = module_page(reader, PageQuery(), "complaints")
    assert (page.summary.known, page.rows, page.brief.rows, page.lists) == (0, (), (), ())
    assert "complaints" in {feed.code for feed in page.missing}
    with pytest.raises(InputError) as refused:
        module_page(reader, PageQuery(), "nothing")
    assert refused.value.issues[0].code == "REQ034"


@pytest.mark.requirement("S002-111")
def test_the_layers_are_views_of_the_same_numbers(reader: Reader) -> None:
    pages = [modules_page(reader, PageQuery(period="1999-W04"), layer) for layer in ("macro", "analysis", "mining")]
    assert pages[0].modules == pages[1].modules == pages[2].modules


def test_lists_are_withheld_from_a_viewer_without_them(workspace: Workspace) -> None:
    leader = Viewer("l", "l", "leader", (), frozenset({"macro", "dynamic"}))
    with open_states(workspace.workplace) as states:
        assert module_page(Reader(workspace.workplace, states, leader), PageQuery(), "halls").lists is None


def test_the_start_page_is_the_overview_with_more(reader: Reader) -> None:
    page = start_page(reader, PageQuery(period="1999-W04"))
    assert page.overview == overview(reader, PageQuery(period="1999-W04"))
    assert page.hot_spots is None
    assert [each.code for each in page.modules] == [module.code for module in MODULES]


def test_nothing_is_told_of_a_workspace_without_data(empty_reader: Reader) -> None:
    page = start_page(empty_reader, PageQuery())
    assert (page.brief.rows, page.hot_spots, page.promotion) == ((), None, ())
    assert all(each.score is None and not each.known for each in page.modules)
    assert all(stage.row.mark.score is None for stage in page.stages)
