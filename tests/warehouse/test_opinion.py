"""DuckDB's second opinion on catalogue expressions."""

from __future__ import annotations

import pytest

from ganzhi.warehouse.duckdb.opinion import give_opinion

COLUMNS = {"wait_s": "int", "city": "text", "at": "timestamp", "talk": "decimal", "day": "date", "vip": "bool"}


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("wait_s <= 20", "BOOLEAN"),
        ("vip", "BOOLEAN"),
        ("city", "VARCHAR"),
        ("wait_s BETWEEN 1 AND 3 AND city LIKE 'x%'", "BOOLEAN"),
        ("CASE WHEN talk > 1.5 THEN 1 ELSE 0 END", "INTEGER"),
        ("coalesce(city, '') = ''", "BOOLEAN"),
        ("city NOT IN ('a', 'it''s')", "BOOLEAN"),
        ("CAST(wait_s AS VARCHAR)", "VARCHAR"),
        ('date_diff(\'second\', "at", "at")', "BIGINT"),
        ("day IS NULL", "BOOLEAN"),
    ],
)
def test_agrees_with_scalar_expressions_and_names_their_type(expression: str, kind: str) -> None:
    opinion = give_opinion(expression, COLUMNS)
    assert (opinion.type, opinion.refusal) == (kind, "")


def test_names_the_columns_and_functions_it_found() -> None:
    opinion = give_opinion("lower(city) = 'x' AND wait_s > 0", COLUMNS)
    assert opinion.columns == {"city", "wait_s"}
    assert opinion.functions == {"lower"}


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "nope = 1",
        "feed.city = 'x'",
        "city IN ()",
        "(SELECT 1)",
        "wait_s IN (SELECT 1)",
        "EXISTS (SELECT 1)",
        "sum(wait_s)",
        "row_number() OVER ()",
        "1) FROM duckdb_settings() --",
        "1; SELECT 2",
        "1 FROM range(3)",
        "1 UNION SELECT 2",
        "1, 2",
        "*",
        "COLUMNS(*)",
        "$1",
        "?",
        "getenv('HOME')",
        "read_text('/etc/hostname')",
        "list_transform([1], x -> x)",
        "city IS wait_s",
        "wait_s + city + day",
        "unknown_function(city)",
        "(" * 200 + "1",
    ],
)
def test_refuses_what_is_not_one_scalar_expression_over_the_columns(expression: str) -> None:
    opinion = give_opinion(expression, COLUMNS)
    assert opinion.type == ""
    assert opinion.refusal


def test_a_comment_at_the_end_does_not_swallow_what_follows() -> None:
    assert give_opinion("wait_s > 1 -- why", COLUMNS).type == "BOOLEAN"


def test_a_feed_without_columns_can_be_asked_about_constants() -> None:
    assert give_opinion("1 = 1", {}).type == "BOOLEAN"
