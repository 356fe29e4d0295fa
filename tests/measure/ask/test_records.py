"""Free questions over records: equal to SQL written by hand, whole, within reach, and not to be broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.access.rights import AccessError, Viewer
from ganzhi.base.errors import InputError
from ganzhi.measure.build.ask.columns import ask_columns
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.measure.build.ask.values import EVERY_OP
from ganzhi.measure.views.ask.answers import RecordsAnswer
from ganzhi.measure.views.ask.question import Condition, Question, pairs_of, question_of
from ganzhi.warehouse.workplace import Workplace
from tests.measure.ask.conftest import By, viewer

JANUARY = {"first": "1999-01-01", "last": "1999-01-31"}
ONE_DAY = {"first": "1999-01-04", "last": "1999-01-04"}


def asked(*conditions: tuple[str, str, str] | tuple[str, str, str, str], **fields: Any) -> Question:
    """A question about the calls of January; conditions as column, relation, value and upper end."""
    written = tuple(Condition(place, *each) for place, each in enumerate(conditions, start=1))
    return Question(**{"mode": "records", "feed": "calls", "conditions": written, **JANUARY, **fields})


def column(answer: RecordsAnswer, name: str) -> list[str | None]:
    place = [each.name for each in answer.columns].index(name)
    return [row[place] for row in answer.rows]


def groups(answer: RecordsAnswer) -> dict[tuple[str | None, ...], int]:
    return {tuple(key.value for key in group.keys): group.rows for group in answer.groups}


SAME: tuple[tuple[Question, str], ...] = (
    (asked(("call_type", "eq", "NW")), "call_type = 'NW'"),
    (asked(("call_type", "ne", "NW")), "call_type is distinct from 'NW'"),
    (asked(("call_type", "in", "NW, PS，TT")), "call_type in ('NW', 'PS', 'TT')"),
    (asked(("wait_s", "between", "10", "60")), "wait_s >= 10 and wait_s <= 60"),
    (asked(("wait_s", "in", "0,1,2")), "wait_s in (0, 1, 2)"),
    (asked(("agent", "empty", "")), "agent is null"),
    (asked(("agent", "filled", "")), "agent is not null"),
    (asked(("agent", "contains", "aN")), "agent ilike '%an%'"),
    (asked(("abandoned", "eq", "是")), "abandoned"),
    (
        asked(("arrived_at", "between", "1999-01-20 10:00", "1999-01-20 11:59")),
        "day = '1999-01-20' and hour in (10, 11)",
    ),
    (asked(("arrived_at", "eq", "1999-01-20")), "day = '1999-01-20'"),
    (asked(("on.hour", "between", "8", "9"), ("on.weekday", "ne", "7")), "hour in (8, 9) and weekday <> 7"),
    (asked(("on.day", "in", "1999-01-04,1999-01-05")), "day in ('1999-01-04', '1999-01-05')"),
    (asked(("on.place", "eq", "east")), "unit in ('east-1', 'east-2')"),
    (asked(unit="east"), "unit in ('east-1', 'east-2')"),
    (asked(("ivr_s", "empty", ""), ("outcome", "eq", "AGENT")), "ivr_s is null and outcome = 'AGENT'"),
    (asked(first="1999-01-10", last="1999-01-12"), "day between '1999-01-10' and '1999-01-12'"),
)


@pytest.mark.requirement("S004-015")
@pytest.mark.parametrize(("question", "where"), SAME, ids=[where for _, where in SAME])
def test_conditions_mean_what_the_same_sql_written_by_hand_means(
    desk: AskDesk, me: Viewer, by_hand: By, question: Question, where: str
) -> None:
    found = desk.export(me, replace(question, columns=("call_id",)))
    expected = [row[0] for row in by_hand(f"select call_id from c where {where} order by local, call_id")]
    assert len(found.rows) == found.total == len(expected) > 0
    assert sorted(map(str, column(found, "call_id"))) == sorted(expected)


@pytest.mark.requirement("S004-015", "S003-030")
@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (("call_type",), "call_type"),
        (("outcome", "priority"), "outcome, priority"),
        (("on.weekday", "on.hour"), "weekday, hour"),
        (("on.week",), "date_trunc('week', day)::date"),
        (("on.place",), "case when unit like 'east-%' then 'east' else unit end"),
        (("agent",), "nullif(agent, '')"),
        (("abandoned", "unit"), "abandoned, unit"),
    ],
)
def test_groups_count_and_add_up_as_sql_written_by_hand_does(
    desk: AskDesk, me: Viewer, by_hand: By, names: tuple[str, ...], keys: str
) -> None:
    found = desk.export(me, asked(groups=names, measures=("wait_s", "ivr_s")))
    sql = (
        f"select {keys}, count(*), count(wait_s), sum(wait_s), min(wait_s), max(wait_s),"
        " count(ivr_s), sum(ivr_s), min(ivr_s), max(ivr_s)"
        f" from c group by {', '.join(str(place + 1) for place in range(len(names)))}"
    )
    expected = {tuple(_written(key) for key in row[: len(names)]): row[len(names) :] for row in by_hand(sql)}
    assert {tuple(key.value for key in each.keys) for each in found.groups} == set(expected)
    for each in found.groups:
        rows, *numbers = expected[tuple(key.value for key in each.keys)]
        assert each.rows == rows
        assert [number for t in each.totals for number in (t.n, t.sum, t.min, t.max)] == numbers
        for total in each.totals:
            assert total.mean == (None if total.n == 0 else int(total.sum or 0) / total.n)


def _written(value: object) -> str | None:
    if value is None:
        return None
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.requirement("S004-015")
@pytest.mark.parametrize("names", [("call_type",), ("agent", "on.hour"), ("on.place", "abandoned"), ("wait_band",)])
def test_groups_add_up_to_the_whole(desk: AskDesk, me: Viewer, names: tuple[str, ...]) -> None:
    found = desk.export(me, asked(("priority", "ne", "1"), groups=names, measures=("talk_s",)))
    assert sum(each.rows for each in found.groups) == found.total > 0
    (whole,) = found.totals
    assert sum(each.totals[0].n for each in found.groups) == whole.n
    assert sum(Decimal(each.totals[0].sum or 0) for each in found.groups) == whole.sum
    assert max(int(each.totals[0].max or 0) for each in found.groups if each.totals[0].n) == whole.max


@pytest.mark.requirement("S004-015")
def test_behind_each_group_are_as_many_rows_as_it_says(desk: AskDesk, me: Viewer) -> None:
    found = desk.records(me, asked(("outcome", "ne", "PHANTOM"), groups=("agent", "on.weekday")))
    for each in (*found.groups[:6], *(g for g in found.groups if g.keys[0].value is None)):
        assert each.behind is not None
        behind = question_of(_lists(each.behind))
        assert desk.records(me, behind).total == each.rows


def _lists(question: Question) -> Mapping[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name, value in pairs_of(question, page=True):
        lists.setdefault(name, []).append(value)
    return lists


def test_a_condition_and_its_opposite_add_up_to_all(desk: AskDesk, me: Viewer) -> None:
    whole = desk.records(me, asked()).total
    for name, value in (("agent", "AVI"), ("ivr_s", "5"), ("arrived_at", "1999-01-20 10:00")):
        with_it, rest = (desk.records(me, asked((name, op, value))).total for op in ("eq", "ne"))
        assert with_it + rest == whole, name
        assert rest > 0


def test_pages_follow_each_other_and_sorting_keeps_every_row(desk: AskDesk, me: Viewer) -> None:
    question = asked(("call_type", "eq", "TT"), sort="-wait_s", columns=("call_id", "wait_s"), last="1999-01-08")
    whole = desk.export(me, question)
    pages = desk.records(me, question).pages
    ids = [
        each
        for page in range(1, pages + 1)
        for each in column(desk.records(me, replace(question, page=page)), "call_id")
    ]
    assert ids == column(whole, "call_id")
    waits = [int(each or 0) for each in column(whole, "wait_s")]
    assert waits == sorted(waits, reverse=True)


def test_a_name_of_a_value_is_as_good_as_its_code(desk: AskDesk, me: Viewer, bank: Workplace) -> None:
    declared = ask_columns(bank.catalogue, "calls")["call_type"].values
    code, name = next((code, name) for code, name in declared.items() if name.zh != code)
    by_name = desk.records(me, asked(("call_type", "eq", name.zh)))
    assert by_name.total == desk.records(me, asked(("call_type", "eq", code))).total


# --- personal values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        *(asked(("customer_id", op, "1", "2")) for op in EVERY_OP),
        asked(groups=("customer_id",)),
        asked(groups=("call_type",), measures=("customer_id",)),
        asked(sort="customer_id"),
        asked(sort="-customer_id"),
    ],
)
def test_masked_columns_cannot_be_asked_about(desk: AskDesk, me: Viewer, question: Question) -> None:
    with pytest.raises(InputError) as refused:
        desk.records(me, question)
    assert {issue.code for issue in refused.value.issues} == {"ASK007"}


def test_masked_columns_are_shown_masked_in_lists_and_files(desk: AskDesk, me: Viewer) -> None:
    question = asked(("priority", "eq", "2"), columns=("customer_id", "call_id"))
    for answer in (desk.records(me, question), desk.export(me, question)):
        values = [value for value in column(answer, "customer_id") if value is not None]
        assert values
        assert all("****" in value for value in values)


# --- rights ----------------------------------------------------------------------------------------

UNITS = ("all", "east", "west", "idle", "east-1", "east-2")
CONDITIONS = st.lists(
    st.sampled_from(
        [
            ("call_type", "eq", "PS"),
            ("call_type", "ne", "PS"),
            ("wait_s", "between", "0", "300"),
            ("agent", "filled", ""),
            ("unit", "contains", "t-2"),
            ("on.hour", "in", "9,10,11"),
        ]
    ),
    max_size=2,
    unique_by=lambda each: each[0],
)


@pytest.mark.requirement("S002-112")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tops=st.lists(st.sampled_from(UNITS[1:]), min_size=1, max_size=2, unique=True),
    unit=st.sampled_from((None, *UNITS)),
    conditions=CONDITIONS,
    by=st.sampled_from((None, "unit", "on.place")),
)
def test_no_viewer_is_given_a_row_from_outside_their_reach(
    desk: AskDesk, by_hand: By, tops: list[str], unit: str | None, conditions: list[Any], by: str | None
) -> None:
    within = {each for each in UNITS if any(each == top or each.startswith(f"{top}-") for top in tops)}
    question = asked(
        *conditions, unit=unit, columns=("call_id", "unit"), groups=() if by is None else (by,), last="1999-01-05"
    )
    who = viewer("analyst", *tops)
    if unit is not None and unit not in within:
        with pytest.raises(InputError) as refused:
            desk.records(who, question)
        assert [issue.code for issue in refused.value.issues] == ["REQ012"]
        return
    found = desk.export(who, question)
    if by is not None:
        assert {str(each.keys[0].value) for each in found.groups} <= within
        return
    raw: dict[str, str] = dict(by_hand("select call_id, unit from c where day <= '1999-01-05'"))
    assert {raw[str(each)] for each in column(found, "call_id")} <= within


@pytest.mark.requirement("S002-112")
def test_a_unit_out_of_reach_in_a_condition_is_answered_like_one_that_nobody_has(desk: AskDesk) -> None:
    told = []
    for code in ("west", "nowhere"):
        for name in ("unit", "on.place"):
            for op in ("eq", "ne", "in"):
                with pytest.raises(InputError) as refused:
                    desk.records(viewer("analyst", "east"), asked((name, op, code)))
                told.append([(issue.code, issue.subject, dict(issue.params)) for issue in refused.value.issues])
    assert all(each == [("ASK015", "", {})] for each in told)


@pytest.mark.requirement("S002-113")
@pytest.mark.parametrize("role", ["leader", "manager", "owner", "administrator"])
def test_records_take_the_right_to_ask_and_list_depth(desk: AskDesk, role: Any) -> None:
    with pytest.raises(AccessError):
        desk.records(viewer(role), asked())


def test_the_form_names_no_unit_out_of_reach(desk: AskDesk) -> None:
    form = desk.form(viewer("analyst", "east"), asked())
    assert {each.code for each in form.units} == {"east", "east-1", "east-2"}
    for each in form.columns:
        assert not {"west", "idle", "all"} & set(each.values), each.name


# --- attacks ---------------------------------------------------------------------------------------

ATTACKS = (
    "' or '1'='1",
    "'); drop table rows_calls; --",
    '" or ""="',
    "NW' union select * from members --",
    "\\'; select 1",
    "%' or 1=1 --",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "NW/*",
    "ＮＷ",
    "\u202eNW",
    "😀" * 50,
    "'" * 500,
    "1e309",
    "NaN",
    "9" * 40,
    "-- ",
    "read_csv('/etc/passwd')",
)


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("op", ["eq", "ne", "in", "contains"])
def test_what_is_written_into_a_value_stays_a_value(desk: AskDesk, me: Viewer, op: str, text: str) -> None:
    """It equals nothing in the file, so `eq` and `contains` find nothing and `ne` finds everything."""
    found = desk.records(me, asked(("call_type", op, text), **ONE_DAY)).total
    assert found == (desk.records(me, asked(**ONE_DAY)).total if op == "ne" else 0)


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("name", ["wait_s", "arrived_at", "on.day", "abandoned"])
def test_what_is_no_value_of_a_column_is_refused(desk: AskDesk, me: Viewer, name: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        desk.records(me, asked((name, "eq", text)))
    assert {issue.code for issue in refused.value.issues} == {"ASK009"}


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize(
    "field", ["condition", "op", "columns", "groups", "measures", "functions", "sort", "feed", "unit", "first", "last"]
)
def test_what_is_written_elsewhere_is_refused(desk: AskDesk, me: Viewer, field: str, text: str) -> None:
    special: dict[str, dict[str, Any]] = {
        "condition": {"conditions": (Condition(1, text, "eq", "x"),)},
        "op": {"conditions": (Condition(1, "call_type", text, "x"),)},
        "columns": {"columns": (text,)},
        "groups": {"groups": (text,)},
        "measures": {"groups": ("call_type",), "measures": (text,)},
        "functions": {"functions": (text,)},
    }
    changed = special.get(field, {field: text})
    with pytest.raises(InputError):
        desk.records(me, replace(asked(), **changed))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"mode": ["x"]}, "REQ004"),
        ({"page": ["0"]}, "REQ004"),
        ({"page": ["1e3"]}, "REQ004"),
        ({"page": ["²"]}, "REQ004"),
        ({"g": ["a,b,c,d"]}, "ASK010"),
        ({"i": [f"x.{n}" for n in range(7)]}, "ASK010"),
        ({"c13": ["call_type"]}, "ASK010"),
        ({"c1": ["call_type"], "v1": ["x" * 2001]}, "ASK011"),
        ({"c1": ["call_type"], "v1": ["a\x00b"]}, "ASK012"),
        ({"feed": ["a\nb"]}, "ASK012"),
        ({"cols": ["x" * 90_000]}, "ASK011"),
    ],
)
def test_an_address_that_is_too_much_is_refused(given: Mapping[str, list[str]], code: str) -> None:
    with pytest.raises(InputError) as refused:
        question_of(given)
    assert [issue.code for issue in refused.value.issues] == [code]


def test_a_list_of_values_is_bounded(desk: AskDesk, me: Viewer) -> None:
    with pytest.raises(InputError) as refused:
        desk.records(me, asked(("wait_s", "in", ",".join(map(str, range(101))))))
    assert [issue.code for issue in refused.value.issues] == ["ASK010"]


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Condition, st.just(1), WORDS.filter(lambda w: w.strip() == w), st.sampled_from(EVERY_OP), WORDS, st.just("")
    )
)
def test_an_address_says_the_question_it_was_made_from(condition: Condition) -> None:
    question = asked(groups=("call_type",), measures=("wait_s",), functions=("mean",), sort="-rows", unit="east")
    question = replace(question, conditions=(condition,), page=3)
    assert question_of(_lists(question)) == question
