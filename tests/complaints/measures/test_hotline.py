"""What the hotline hears: complaints by reason, product, place and time; topics that rise; competitors by offer."""

from __future__ import annotations

import duckdb
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.base.periods import parse_period
from ganzhi.complaints.enquiries import enquiry_topics
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import States
from ganzhi.measure.views.ask.answers import RecordsAnswer
from ganzhi.measure.views.ask.question import Condition, Question
from ganzhi.warehouse.workplace import Workplace
from tests.complaints.measures.conftest import RISING, ZONE

FIRST, LAST = "2026-08-24", "2026-10-04"


@pytest.fixture(scope="module")
def desk(place: Workplace) -> AskDesk:
    return AskDesk(Answers(place, place.engine), most_rows=100_000, deadline_s=60)


def groups(found: RecordsAnswer) -> dict[tuple[str | None, ...], int]:
    return {tuple(key.value for key in each.keys): each.rows for each in found.groups}


@pytest.mark.requirement("S004-012")
def test_complaints_of_the_hotline_by_reason_product_place_and_time(
    desk: AskDesk, by_hand: duckdb.DuckDBPyConnection
) -> None:
    names = ("complaint_category", "product", "on.place", "on.day")
    only = (Condition(1, "channel", "eq", "hotline_agent"),)
    asked = Question("records", None, "2026-09-01", "2026-09-30", only, feed="complaints", groups=names)
    found = groups(desk.export(LOCAL, asked))
    told = by_hand.execute(
        """SELECT category, product, CASE WHEN unit IN ('xh', 'bj') THEN 'hz' ELSE 'nb' END,
           strftime(received_at, '%Y-%m-%d'), count(*) FROM complaints WHERE channel = 'hotline_agent' GROUP BY ALL"""
    ).fetchall()
    assert found == {tuple(keys): count for *keys, count in told}
    assert len(found) > 50


@pytest.mark.requirement("S004-013")
def test_topics_of_enquiry_by_volume_and_those_that_rise(
    place: Workplace, reading: States, by_hand: duckdb.DuckDBPyConnection
) -> None:
    reader = Reader(place, reading, LOCAL)
    found = enquiry_topics(reader, "all", parse_period("2026-W40", ZONE))
    told = by_hand.execute(
        """SELECT wrap_code, count(*) FROM wrap_ups WHERE contact_code = 'enquiry' AND "at" >= '2026-09-28 00:00:00+08'
           AND "at" < '2026-10-05 00:00:00+08' GROUP BY 1 ORDER BY 2 DESC, 1"""
    ).fetchall()
    assert [(each.code, each.count) for each in found.topics] == told
    assert found.total == sum(count for _, count in told)
    assert [each.code for each in found.rising] == [RISING]
    assert found.rising[0].counts == (12, 12, 12, 12, 12, 36)
    assert enquiry_topics(reader, "all", parse_period("2026-W39", ZONE)).rising == ()
    assert enquiry_topics(reader, "all", parse_period("2026-W45", ZONE)).topics == ()
    with pytest.raises(InputError, match="HOT001"):
        enquiry_topics(reader, "all", parse_period("2026", ZONE))


@pytest.mark.requirement("S004-016")
def test_enquiries_about_competitors_by_competitor_offer_and_place(
    desk: AskDesk, by_hand: duckdb.DuckDBPyConnection
) -> None:
    only = (Condition(1, "contact_code", "eq", "enquiry"), Condition(2, "competitor", "filled"))
    asked = Question(
        mode="records",
        conditions=only,
        feed="wrap_ups",
        groups=("competitor", "competitor_offer", "on.place"),
        first=FIRST,
        last=LAST,
    )
    found = groups(desk.export(LOCAL, asked))
    told = by_hand.execute(
        """SELECT competitor, competitor_offer, CASE WHEN unit IN ('xh', 'bj') THEN 'hz' ELSE 'nb' END, count(*)
           FROM wrap_ups WHERE contact_code = 'enquiry' AND competitor IS NOT NULL GROUP BY ALL"""
    ).fetchall()
    assert found == {tuple(keys): count for *keys, count in told}
    of_offer = (*only, Condition(3, "competitor_offer", "contains", "天翼"), Condition(4, "on.place", "eq", "hz"))
    listed = desk.export(
        LOCAL, Question(mode="records", conditions=of_offer, feed="wrap_ups", unit="all", first=FIRST, last=LAST)
    )
    assert listed.total == len(listed.rows) == found["telecom", "天翼 59 元", "hz"]
