"""Free questions over indicators: the numbers of every other page, by any combination, within the asker's rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ganzhi.access.rights import SMALLEST_CELL, AccessError, Viewer
from ganzhi.base.errors import InputError
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.measure.views.ask.answers import IndicatorsAnswer
from ganzhi.measure.views.ask.question import Condition, Question
from tests.measure.ask.conftest import By, viewer

DAY = {"first": "1999-01-20", "last": "1999-01-20", "grain": "day"}


def asked(*codes: str, where: Mapping[str, str] | None = None, **fields: Any) -> Question:
    """A question about indicators of the sample."""
    conditions = tuple(
        Condition(n, name, "eq", value) for n, (name, value) in enumerate((where or {}).items(), start=1)
    )
    return Question(**{"codes": codes or ("hotline.calls",), "conditions": conditions, **DAY, **fields})


def cells(answer: IndicatorsAnswer) -> dict[tuple[str, ...], Any]:
    """Value by unit, period and slice."""
    return {
        (line.unit, line.period.key, *(str(key.value) for _, key in line.slice)): line.reading.value
        for line in answer.lines
    }


@pytest.mark.requirement("S004-015", "S003-030")
def test_numbers_by_two_dimensions_are_those_of_sql_written_by_hand(desk: AskDesk, me: Viewer, by_hand: By) -> None:
    answer = desk.indicators(me, asked("hotline.calls", "hotline.abandoned", by=("call_type", "priority")))
    rows = by_hand(
        "select call_type, priority::varchar, count(*), count(*) filter (abandoned) from c"
        " where day = '1999-01-20' and outcome <> 'PHANTOM' group by 1, 2"
    )
    for code, place in (("hotline.calls", 2), ("hotline.abandoned", 3)):
        found = {
            tuple(str(key.value) for _, key in line.slice): line.reading.numerator
            for line in answer.lines
            if line.code == code
        }
        assert found == {(row[0], row[1]): row[place] for row in rows}


@pytest.mark.requirement("S004-015")
def test_counts_by_a_dimension_add_up_to_the_number_that_is_not_cut(desk: AskDesk, me: Viewer) -> None:
    for by in (("call_type",), ("call_type", "priority"), ("agent",), ("wait_band", "weekday")):
        whole = desk.indicators(me, asked()).lines[0].reading.numerator
        assert sum(line.reading.numerator or 0 for line in desk.indicators(me, asked(by=by)).lines) == whole


def test_units_below_add_up_to_the_place_and_periods_to_their_month(desk: AskDesk, me: Viewer) -> None:
    whole = desk.indicators(me, asked(first="1999-01-01", last="1999-01-31", grain="month"))
    below = desk.indicators(me, asked(first="1999-01-01", last="1999-01-31", grain="day", below=True))
    assert {line.unit for line in below.lines} == {"east", "west", "idle"}
    assert sum(line.reading.numerator or 0 for line in below.lines) == whole.lines[0].reading.numerator


def test_a_condition_gives_the_part_that_the_cut_has(desk: AskDesk, me: Viewer) -> None:
    cut = cells(desk.indicators(me, asked("hotline.abandon_rate", by=("call_type",))))
    part = cells(desk.indicators(me, asked("hotline.abandon_rate", where={"call_type": "NW"})))
    assert part == {("all", "1999-01-20"): cut["all", "1999-01-20", "NW"]}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (asked("hotline.nothing"), "REQ010"),
        (asked("hotline.waiting"), "ASK019"),
        (asked(by=("nothing",)), "ASK006"),
        (asked(where={"customer_id": "1"}), "ASK006"),
        (asked(by=("call_type",), where={"call_type": "NW"}), "ASK021"),
        (asked(grain="decade"), "REQ004"),
        (asked(basis="x"), "REQ004"),
        (asked(by=("agent", "wait_band")), "CMP009"),
        (asked(unit="nowhere"), "REQ012"),
        (asked(first="1990-01-01", last="1999-12-31", grain="15min"), "ASK020"),
        (replace(asked(), codes=()), "ASK013"),
        (replace(asked(), conditions=(Condition(1, "call_type", "ne", "NW"),)), "ASK008"),
    ],
)
def test_what_cannot_be_asked_is_refused(desk: AskDesk, me: Viewer, question: Question, code: str) -> None:
    with pytest.raises(InputError) as refused:
        desk.indicators(me, question)
    assert [issue.code for issue in refused.value.issues] == [code]


@pytest.mark.requirement("S002-112")
def test_a_viewer_asks_within_their_units_only(desk: AskDesk) -> None:
    who = viewer("analyst", "east")
    assert {line.unit for line in desk.indicators(who, asked()).lines} == {"east"}
    assert {line.unit for line in desk.indicators(who, asked(below=True)).lines} == {"east-1", "east-2"}
    told = []
    for unit in ("west", "other"):
        with pytest.raises(InputError) as refused:
            desk.indicators(who, asked(unit=unit))
        told.append([(issue.code, issue.params["near"]) for issue in refused.value.issues])
    assert told[0][0][0] == told[1][0][0] == "REQ012"
    assert "west" not in str(told)


@pytest.mark.parametrize("role", ["leader", "manager", "administrator"])
def test_asking_takes_the_right_to_ask(desk: AskDesk, role: Any) -> None:
    with pytest.raises(AccessError):
        desk.indicators(viewer(role), asked())


SHUT = viewer("owner")
"""May ask, but has no list depth."""


@pytest.mark.parametrize("by", [("call_type",), ("agent",), ("hour_of_day",), ("call_type", "priority")])
def test_small_parts_are_withheld_without_list_depth(desk: AskDesk, me: Viewer, by: tuple[str, ...]) -> None:
    open_, shut = desk.indicators(me, asked(unit="east", by=by)), desk.indicators(SHUT, asked(unit="east", by=by))
    assert not open_.withheld
    assert shut.linked is False
    assert any(0 < (line.reading.n or 0) < SMALLEST_CELL for line in open_.lines)
    assert shut.withheld
    hidden = [line for line in shut.lines if line.reading.withheld]
    assert len({line.reading.value for line in hidden} - {None}) == 0
    assert all(not 0 < (line.reading.n or 0) < SMALLEST_CELL for line in shut.lines)
    if len(by) == 1:
        # What is shown and the whole tell the sum of what is hidden; two of different size are in it.
        truth = {line.slice: line.reading.n for line in open_.lines}
        assert len({truth[line.slice] for line in hidden}) > 1


def test_a_condition_tells_no_more_than_the_cut_it_is_a_part_of(desk: AskDesk) -> None:
    cut = {
        line.slice[0][1].value: line.reading for line in desk.indicators(SHUT, asked(unit="east", by=("agent",))).lines
    }
    assert any(reading.withheld for reading in cut.values())
    hidden = [agent for agent, reading in cut.items() if reading.withheld]
    for agent in [*hidden, *(each for each in cut if each not in hidden)][:5]:
        reading = cut[agent]
        (line,) = desk.indicators(SHUT, asked(unit="east", where={"agent": str(agent)})).lines
        assert line.reading == reading, agent
