"""The indicator page says where a closed period was reported with another number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ganzhi.measure.views.closed import ReportedOtherwise
from ganzhi.measure.views.indicator import IndicatorPage
from ganzhi.measure.views.parts import Reading
from ganzhi.measure.views.query import IndicatorQuery, PageQuery
from tests.portal.asking import Portal, Read
from tests.portal.fakes import FakeHouse

ADDRESS = "/indicators/hotline.answer_rate"


def reading(value: float | None) -> Reading:
    return Reading(value, None, None, 900, 1.0 if value is not None else 0.0, None, enough=True)


class ClosedHouse(FakeHouse):
    """A house in which the page's period was closed with another value."""

    then: float | None = 89.72
    now: float | None = 89.94
    actor = "林"

    def indicator(self, code: str, query: PageQuery, asked: IndicatorQuery) -> IndicatorPage:
        found = ReportedOtherwise(
            then=reading(self.then),
            now=reading(self.now),
            difference=None,
            edition=2,
            closed_at=datetime(1999, 2, 5, 1, 0, tzinfo=UTC),
            closed_by=self.actor,
            reasons=("late", "catalogue"),
            files=("late.txt",),
        )
        return replace(super().indicator(code, query, asked), reported=found)


def note(house: FakeHouse, lang: str) -> str:
    answer = Portal(house).ask(ADDRESS, lang=lang)
    assert answer.status_code == 200
    page = Read(answer.text)
    assert page.faults == []
    notes = [element.text for element in page.all("p") if element.attrs.get("role") == "note"]
    return notes[0] if notes else ""


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("Reported 89.7%, corrected 89.9%", "edition 2", "late data, changed definition")),
        ("zh", ("上报 89.7%，更正后 89.9%", "第 2 版", "数据迟到、口径变更")),
    ],
)
def test_both_numbers_stand_on_the_page_with_the_reasons(lang: str, said: tuple[str, ...]) -> None:
    found = note(ClosedHouse("full"), lang)
    assert [text for text in said if text not in found] == []


def test_numbers_that_read_alike_are_written_out() -> None:
    house = ClosedHouse("full")
    house.then, house.now = 89.71, 89.72
    assert "Reported 89.71%, corrected 89.72%" in note(house, "en")


def test_a_number_that_was_unknown_is_said_to_have_been_and_a_name_is_only_text() -> None:
    house = ClosedHouse("full")
    house.then, house.actor = None, "<script>x</script>"
    found = note(house, "en")
    assert "Reported –, corrected 89.9%" in found
    assert "<script>x</script>" in found


def test_a_page_whose_numbers_are_as_reported_says_nothing() -> None:
    assert note(FakeHouse("full"), "en") == ""
