"""The overview says only what the numbers carry, and its pieces add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.measure.build.arrival import arrival_page
from ganzhi.measure.build.blocks import LEVEL_RANK
from ganzhi.measure.build.overview import overview, topic_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import One, States
from ganzhi.measure.views.query import PageQuery
from ganzhi.warehouse.engine import Session
from tests.build.raw import read_calls


def _asked(**given: str) -> PageQuery:
    return PageQuery(**given)


@pytest.mark.requirement("S000-144")
def test_days_without_data_are_named_and_the_value_says_how_complete_it_is(reader: Reader) -> None:
    page = overview(reader, _asked(period="1999-01"))
    assert page.scope.missing_days == (date(1999, 1, 11), date(1999, 1, 12))
    calls = next(
        r
        for r in topic_page(reader, "hotline", _asked(period="1999-01")).block.rows
        if r.subject.code == "hotline.calls"
    )
    assert calls.now.value == 31359
    assert math.isclose(calls.now.completeness, 29 / 31)


def test_without_a_period_the_last_whole_week_with_data_is_shown(reader: Reader) -> None:
    assert overview(reader, PageQuery()).scope.period.key == "1999-W04"


@pytest.mark.requirement("S002-118")
def test_every_row_is_compared_over_time_and_every_place_with_its_peers(reader: Reader, sample_calls: Path) -> None:
    page = overview(reader, _asked(period="1999-W04"))
    row = next(
        r
        for r in topic_page(reader, "hotline", _asked(period="1999-W04")).block.rows
        if r.subject.code == "hotline.calls"
    )
    raw = [c for c in read_calls(sample_calls) if c.outcome != "PHANTOM"]
    now = sum(date(1999, 1, 25) <= c.day <= date(1999, 1, 31) for c in raw)
    before = sum(date(1999, 1, 18) <= c.day <= date(1999, 1, 24) for c in raw)
    assert (row.now.value, row.change.difference) == (now, now - before)
    assert {place.unit for place in page.places} == {"north", "south"}
    totals = [place.total for place in page.places]
    assert all(total is not None for total in totals)
    assert totals == sorted(totals)  # the lowest place comes first
    assert [place.rank for place in page.places] == [2, 1]


def test_the_contributions_of_the_children_add_up_to_the_change_of_the_score(reader: Reader) -> None:
    block = overview(reader, _asked(period="1999-W04")).topics[0]
    assert block.score.score is not None
    assert block.score.before is not None
    points = [c.points for c in block.contributions]
    assert all(p is not None for p in points)
    assert math.isclose(math.fsum(p or 0.0 for p in points), block.score.score - block.score.before, abs_tol=1e-9)


def test_the_headline_names_the_child_that_moved_the_score_most_in_its_direction(reader: Reader) -> None:
    page = overview(reader, _asked(period="1999-W04"))
    assert page.headline is not None
    assert page.headline.cause is not None
    same_way = [c for c in page.topics[0].contributions if (c.points or 0) * (page.headline.difference or 0) > 0]
    assert page.headline.cause == max(same_way, key=lambda c: abs(c.points or 0))
    assert page.headline.in_alert == sum(r.now.level is not None for b in page.topics for r in b.rows)


def test_a_workspace_without_data_has_no_headline_and_no_zero(empty_reader: Reader) -> None:
    page = overview(empty_reader, PageQuery())
    assert page.headline is None
    assert page.weak == ()
    assert {row.now.value for block in page.topics for row in block.rows} == {None}
    assert {row.now.n for block in page.topics for row in block.rows} == {None}
    assert {source.state for source in page.sources} == {"never"}


@pytest.mark.requirement("S002-084")
def test_seven_sources_are_listed_each_with_freshness_and_completeness(reader: Reader) -> None:
    page = arrival_page(reader.workplace, reader.viewer)
    assert len(page.sources) >= 7
    hotline = next(source for source in page.sources if source.last_day is not None)
    assert hotline.state == "on_time"
    assert hotline.last_day == date(1999, 1, 31)
    assert hotline.missing == (date(1999, 1, 11), date(1999, 1, 12))
    assert sum(day.rows or 0 for day in hotline.days) == 31599
    assert [source.code for source in page.sources if source.state != "never"] == ["hotline_10086"]


@pytest.mark.requirement("S004-004")
def test_requests_and_connection_by_hour_of_day_equal_a_count_of_the_raw_file(
    reader: Reader, sample_calls: Path
) -> None:
    table = topic_page(reader, "hotline", _asked(period="1999-01")).intervals
    assert table is not None
    at = {subject.code: i for i, subject in enumerate(table.subjects)}
    raw = read_calls(sample_calls)
    for row in table.rows:
        mine = [c for c in raw if c.hour == int(row.label) and c.outcome != "PHANTOM"]
        requested = sum(c.requested for c in mine)
        answered = sum(c.outcome == "AGENT" for c in mine)
        assert row.readings[at["hotline.calls"]].value == len(mine)
        assert row.readings[at["hotline.requested"]].value == requested
        rate = row.readings[at["hotline.answer_rate"]]
        assert (rate.numerator, rate.denominator) == (answered, requested)


def test_an_unknown_topic_is_refused_with_the_nearest(reader: Reader) -> None:
    with pytest.raises(InputError) as refused:
        topic_page(reader, "hotlin", PageQuery())
    assert refused.value.issues[0].params["near"] == "hotline"


@pytest.mark.parametrize(
    ("field", "given"), [("period", "1999-13"), ("unit", "nowhere"), ("compare", "best"), ("basis", "half")]
)
def test_an_invalid_parameter_is_refused(reader: Reader, field: str, given: str) -> None:
    with pytest.raises(InputError):
        overview(reader, _asked(**{field: given}))


class Counting:
    """A session that counts its queries."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.queries = 0

    def query(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        self.queries += 1
        return self.session.query(sql, params)

    def __getattr__(self, name: str) -> object:
        return getattr(self.session, name)


def test_the_overview_asks_each_feed_once_for_the_unit_and_once_for_the_units_below(reader: Reader) -> None:
    counting = Counting(reader.states.session)
    states = States(reader.states.snapshot, reader.states.feeds, One(counting))  # type: ignore[arg-type]
    overview(Reader(reader.workplace, states, LOCAL), _asked(period="1999-W04"))
    assert 0 < counting.queries <= 2 * len(reader.states.feeds)


def test_the_overview_draws_only_what_it_lists_and_counts_what_the_topic_page_holds(reader: Reader) -> None:
    page = overview(reader, _asked(period="1999-W04"))
    block = page.topics[0]
    assert len(block.worst) == 2
    assert [row.subject.code for row in block.rows if row.spark] == [row.subject.code for row in block.worst]
    assert block.spark[-1] == block.score.score
    assert block.spark[-2] == block.score.before
    own = topic_page(reader, block.code, _asked(period="1999-W04")).block
    assert block.indicators == own.indicators == len(own.rows)
    assert {row.subject.code for row in block.rows} <= {row.subject.code for row in own.rows}
    assert block.worst[0].now.level == max((r.now.level for r in own.rows), key=LEVEL_RANK.__getitem__)


def test_every_topic_is_there_and_those_of_which_nothing_is_known_come_last(reader: Reader) -> None:
    page = overview(reader, _asked(period="1999-W04"))
    assert {block.code for block in page.topics} == set(reader.workplace.catalogue.topics)
    known = [block.known > 0 or block.score.score is not None for block in page.topics]
    assert known == sorted(known, reverse=True)
    assert not all(known)


def test_a_feed_of_days_to_come_does_not_move_the_page_into_the_future(reader: Reader) -> None:
    ahead = Reader(reader.workplace, reader.states, LOCAL)
    calls = dict(reader.days["calls"])
    last = max(calls)
    other, plans = [feed for feed in reader.workplace.catalogue.feeds if feed != "calls"][:2]
    ahead.days = {"calls": calls, other: calls, plans: {last + timedelta(days=40): (1.0, 3)}}
    assert ahead.span() == (min(calls), last)
