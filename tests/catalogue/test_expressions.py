"""What an expression may say, how it is written anew, and what it must not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pytest
import sqlglot

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.base.messages import LANGS, render
from ganzhi.catalogue.expressions import Expr, Opinion, parse
from ganzhi.catalogue.expressions.parse import FORMS, Want
from ganzhi.catalogue.model.data import ColumnType
from tests.catalogue.attacks import ATTACKS

COLUMNS: Mapping[str, ColumnType] = {
    "wait_s": "int",
    "talk_s": "int",
    "amount": "decimal",
    "outcome": "text",
    "city": "text",
    "queued": "bool",
    "start": "timestamp",
    "finish": "timestamp",
    "born": "date",
    "vru+line": "text",
}
SCALES = {"amount": 2}


def refusal(text: str, want: Want = "any") -> list[Issue]:
    with pytest.raises(InputError) as caught:
        parse(text, COLUMNS, want=want, scales=SCALES)
    for issue in caught.value.issues:
        for lang in LANGS:
            assert render(lang, issue)
    return list(caught.value.issues)


ACCEPTED = [
    ("outcome <> 'PHANTOM'", "\"outcome\" <> 'PHANTOM'", "bool"),
    ("outcome='a' and queued or not queued", '(("outcome" = \'a\') AND "queued") OR (NOT "queued")', "bool"),
    ("wait_s + talk_s * 2 > 3", '("wait_s" + ("talk_s" * 2)) > 3', "bool"),
    ("(wait_s + talk_s) * 2", '("wait_s" + "talk_s") * 2', "int"),
    ("wait_s - -1", '"wait_s" - (-1)', "int"),
    ("wait_s // 60 % 24", '("wait_s" // 60) % 24', "int"),
    ("amount * 1.5", '"amount" * 1.5', "decimal"),
    ("wait_s between 1 and 20", '"wait_s" BETWEEN 1 AND 20', "bool"),
    ("wait_s not in (1, -2)", 'NOT ("wait_s" IN (1, -2))', "bool"),
    ("city like '广%'", "\"city\" LIKE '广%'", "bool"),
    ("city not like 'a'", "\"city\" NOT LIKE 'a'", "bool"),
    ("city is not null", 'NOT ("city" IS NULL)', "bool"),
    ("queued is true", '"queued" IS TRUE', "bool"),
    ("city || '-' || outcome", '("city" || \'-\') || "outcome"', "text"),
    ("\"vru+line\" = 'it''s'", "\"vru+line\" = 'it''s'", "bool"),
    ("case when wait_s <= 10 then 'a' else 'b' end", "CASE WHEN (\"wait_s\" <= 10) THEN 'a' ELSE 'b' END", "text"),
    ("case wait_s when 1 then 0.5 end", 'CASE "wait_s" WHEN 1 THEN 0.5 END', "decimal"),
    ("coalesce(wait_s, 0)", 'coalesce("wait_s", 0)', "int"),
    ("nullif(city, '0')", "nullif(\"city\", '0')", "text"),
    ("greatest(wait_s, amount)", 'greatest("wait_s", "amount")', "decimal"),
    ("abs(wait_s)", 'abs("wait_s")', "int"),
    ("round(amount, 1)", 'round("amount", 1)', "decimal"),
    ("round(wait_s)", '"wait_s"', "int"),
    ("floor(amount)", 'floor("amount")', "decimal"),
    ("upper(trim(city))", 'upper(trim("city"))', "text"),
    ("length(city)", 'length("city")', "int"),
    ("substring(city, 2, 3)", 'substr("city", 2, 3)', "text"),
    ("left(city, 2)", 'left("city", 2)', "text"),
    ("lpad(city, 4, '0')", "lpad(\"city\", 4, '0')", "text"),
    ("replace(city, 'a', '')", "replace(\"city\", 'a', '')", "text"),
    ("concat(city, outcome)", 'concat("city", "outcome")', "text"),
    ("starts_with(city, 'x')", "starts_with(\"city\", 'x')", "bool"),
    ("contains(city, 'x')", "contains(\"city\", 'x')", "bool"),
    ("regexp_matches(city, '^[a-z]+$')", "regexp_matches(\"city\", '^[a-z]+$')", "bool"),
    ("date_diff('second', start, finish)", 'date_diff(\'second\', "start", "finish")', "int"),
    ("epoch_us(start) // 1000000", 'epoch_us("start") // 1000000', "int"),
    ("try_cast(wait_s as varchar)", 'TRY_CAST("wait_s" AS VARCHAR)', "text"),
    ("start < finish", '"start" < "finish"', "bool"),
    ("born = try_cast(city as date)", None, "bool"),
]


@pytest.mark.parametrize(("text", "sql", "kind"), ACCEPTED, ids=[t for t, _, _ in ACCEPTED])
def test_writes_the_expression_anew_with_brackets(text: str, sql: str | None, kind: str) -> None:
    found = parse(text, COLUMNS, scales=SCALES)
    assert found.type == kind
    if sql is not None:
        assert found.sql == sql


@pytest.mark.parametrize("text", [t for t, _, _ in ACCEPTED])
def test_regenerated_text_reads_back_as_itself(text: str) -> None:
    found = parse(text, COLUMNS, scales=SCALES)
    again = sqlglot.parse_one(found.sql, dialect="duckdb").sql(dialect="duckdb")
    assert parse(found.sql, COLUMNS, scales=SCALES) == found
    assert parse(again, COLUMNS, scales=SCALES) == found


def test_names_the_columns_it_reads_and_the_decimal_places() -> None:
    assert parse("talk_s * amount + 0.125", COLUMNS, scales=SCALES) == Expr(
        '("talk_s" * "amount") + 0.125', ("amount", "talk_s"), "decimal", 3
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("wait_s = '5'", "CAT049"),
        ("city > 5", "CAT049"),
        ("city = queued", "CAT049"),
        ("start = '2026-01-01'", "CAT049"),
        ("city and queued", "CAT049"),
        ("not wait_s", "CAT049"),
        ("city + 1", "CAT049"),
        ("coalesce(city, 0)", "CAT049"),
        ("case when queued then 1 else 'a' end", "CAT049"),
        ("case when wait_s then 1 end", "CAT049"),
        ("wait_s / 60", "CAT052"),
        ("wait_s // 0", "CAT052"),
        ("wait_s // talk_s", "CAT052"),
        ("amount // 2", "CAT052"),
        ("1 < wait_s < 3", "CAT053"),
        ("(wait_s = 1) = (talk_s = 1) = queued", "CAT053"),
        ("wait_s in ()", "CAT054"),
        ("wait_s in (talk_s)", "CAT054"),
        ("wait_s in (1, null)", "CAT054"),
        ("city like outcome", "CAT054"),
        ("regexp_matches(city, outcome)", "CAT054"),
        ("regexp_matches(city, '(a)\\1')", "CAT055"),
        ("regexp_matches(city, 'a(?=b)')", "CAT055"),
        ("regexp_matches(city, '(?<!a)b')", "CAT055"),
        ("regexp_matches(city, '(((a{100}){100}){100})')", "CAT055"),
        ("date_diff('day', start, finish)", "CAT057"),
        ("date_diff('second', start, city)", "CAT049"),
        ("try_cast(city as timestamp)", "CAT058"),
        ("try_cast(start as varchar)", "CAT058"),
        ("try_cast(city as decimal(38, 2))", "CAT058"),
        ("wait_s = null", "CAT062"),
        ("null", "CAT062"),
        ("amount * amount * amount * amount * amount * amount * amount", "CAT063"),
        ("c.city", "CAT048"),
        ("wait_s > 1 -- x", "CAT043"),
        ("wait_s /* x */ > 1", "CAT043"),
        ("wait_s >", "CAT044"),
        ("wait_s > 1)", "CAT044"),
        ("city = 'a' 'b'", "CAT044"),
        ("wait_s > 1_000", "CAT056"),
        ("wait_s > .5", "CAT056"),
        ("wait_s > 1e3", "CAT056"),
        ("wait_s > 0x10", "CAT056"),
        ("lenght(city)", "CAT046"),
        ("lpad(city, 1000000, 'x')", "CAT045"),
        ("replace(replace(city, 'a', 'aaaaaaaa'), 'a', 'aaaaaaaa')", "CAT045"),
        ("case when queued then null end", "CAT062"),
    ],
)
def test_refuses_what_would_fail_or_mislead_later(text: str, code: str) -> None:
    assert [i.code for i in refusal(text)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "1 = 1",
        "true",
        "queued or true",
        "wait_s = wait_s",
        "city is null or city is not null",
        "wait_s > 5 or wait_s <= 5",
        "wait_s = 1 and wait_s = 2",
        "queued and not queued",
        "queued and queued",
        "wait_s between 5 and 1",
        "wait_s > 1 and 2 > 1",
        "'a' in ('a', 'b')",
        "'a' like 'a'",
    ],
)
def test_refuses_filters_that_are_always_true_or_false(text: str) -> None:
    assert [i.code for i in refusal(text, "bool")] == ["CAT051"]


def test_wants_the_right_kind() -> None:
    assert refusal("city", "bool")[0].code == "CAT050"
    assert refusal("wait_s", "bool")[0].code == "CAT050"
    assert refusal("city", "number")[0].code == "CAT050"
    assert parse("amount", COLUMNS, want="number").is_number


def test_names_every_unknown_column_with_its_nearest() -> None:
    issues = refusal("wait > 1 and citty = 'x'", "bool")
    assert [(i.code, i.params["column"], i.params["near"]) for i in issues] == [
        ("CAT047", "wait", "wait_s"),
        ("CAT047", "citty", "city"),
    ]


def test_a_column_name_in_other_case_is_unknown() -> None:
    assert refusal("Wait_S > 1")[0].params["near"] == "wait_s"


def test_carries_subject_and_place_into_the_issue() -> None:
    with pytest.raises(InputError) as caught:
        parse("nope", COLUMNS, subject="x.count.where", at=Location("f.yaml", 7))
    assert str(caught.value) == "CAT047 f.yaml:7 x.count.where"


@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses_attacks(attack: str) -> None:
    assert refusal(attack)


def test_the_attack_list_is_long_and_without_repetition() -> None:
    assert len(ATTACKS) == len(set(ATTACKS)) >= 100


def test_the_allow_list_is_by_exact_class() -> None:
    names = {form.__name__ for form in FORMS}
    assert not names & {
        "Select",
        "Subquery",
        "Window",
        "Lambda",
        "Parameter",
        "Placeholder",
        "Cast",
        "Command",
        "Table",
    }
    assert len(names) == len(FORMS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("wait_s > 1 " + "and wait_s > 1 " * 200, "CAT040"),
        ("(" * 31 + "wait_s" + ")" * 31, "CAT041"),
        ("case when queued then " * 31 + "1" + " end" * 31, "CAT041"),
        ("wait_s in (" + ",".join(str(n) for n in range(300)) + ")", "CAT064"),
        ("not " * 400 + "queued", "CAT041"),
    ],
)
def test_bounds_length_nesting_and_size(text: str, code: str) -> None:
    assert [i.code for i in refusal(text)] in ([code], ["CAT064"])


def test_asks_for_a_second_opinion_and_heeds_it() -> None:
    asked: list[str] = []

    def agrees(sql: str, _: Mapping[str, ColumnType]) -> Opinion:
        asked.append(sql)
        return Opinion("BOOLEAN")

    parse("wait_s > 1", COLUMNS, second=agrees)
    assert asked == ['"wait_s" > 1']
    for opinion in (Opinion(None, "Parser Error"), Opinion("VARCHAR")):
        with pytest.raises(InputError) as caught:
            parse("wait_s > 1", COLUMNS, second=lambda _sql, _columns, said=opinion: said)  # type: ignore[misc]
        assert [i.code for i in caught.value.issues] == ["CAT059"]


def test_an_expression_has_one_of_the_column_types() -> None:
    assert {parse(text, COLUMNS).type for text, _, _ in ACCEPTED} <= set(get_args(ColumnType))
