from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import exc

from ganzhi.base.errors import GanzhiError, InternalError
from ganzhi.store.columns import Day, Exact, Instant, Json, Whole, Words, instant_text, json_text, parse_instant
from ganzhi.store.open import Store

CHINA = timezone(timedelta(hours=8))

values = sa.Table(
    "t", sa.MetaData(), sa.Column("n", Whole, primary_key=True, autoincrement=False), sa.Column("at", Instant),
    sa.Column("day", Day), sa.Column("money", Exact), sa.Column("words", Words), sa.Column("more", Json),
    sqlite_strict=True,
)  # fmt: skip


def _through(store: Store, column: str, value: Any) -> Any:
    with store.database.write() as connection:
        values.create(connection, checkfirst=True)
        connection.execute(sa.delete(values))
        connection.execute(sa.insert(values).values(n=1, **{column: value}))
        return connection.scalar(sa.select(values.c[column]))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", datetime(2026, 11, 21, 10, 0, 0, 1, tzinfo=UTC)),
        ("at", datetime(1, 1, 1, tzinfo=UTC)),
        ("at", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("day", date(1999, 1, 31)),
        ("money", Decimal("123456789012.123456")),
        ("money", Decimal("-0.10")),
        ("words", "感知 – “quoted” 'x' \\ \n\t😀"),
        ("words", ""),
        ("more", {"a": [1, "甲", None, True, {"b": 0.5}]}),
        ("n", 2**63 - 1),
    ],
)
def test_values_come_back_as_they_were(store: Store, column: str, value: Any) -> None:
    if column == "n":
        with store.database.write() as connection:
            values.create(connection)
            connection.execute(sa.insert(values).values(n=value))
            assert connection.scalar(sa.select(values.c.n)) == value
        return
    back = _through(store, column, value)
    assert back == value
    assert type(back) is type(value)
    assert str(back) == str(value)


def test_a_local_time_comes_back_as_the_same_instant_in_utc(store: Store) -> None:
    back = _through(store, "at", datetime(2026, 11, 21, 10, 0, tzinfo=CHINA))
    assert (back, back.tzinfo) == (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", datetime(2026, 11, 21, 10, 0)),  # noqa: DTZ001
        ("day", datetime(2026, 11, 21, tzinfo=UTC)),
        ("money", 0.1),
        ("money", Decimal("NaN")),
        ("more", {"x": float("inf")}),
        ("words", "a\x00b"),
    ],
)
def test_what_one_database_would_bend_is_refused_on_both(store: Store, column: str, value: Any) -> None:
    with pytest.raises((GanzhiError, exc.StatementError)) as caught:
        _through(store, column, value)
    assert isinstance(caught.value, GanzhiError)


@pytest.mark.parametrize("value", [True, 1.0, "1", 2**63])
def test_only_integers_of_64_bits_are_integers(store: Store, value: Any) -> None:
    with store.database.write() as connection:
        values.create(connection)
    with pytest.raises(InternalError), store.database.write() as connection:
        connection.execute(sa.insert(values).values(n=value))


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(CHINA)))
def test_instants_as_text_sort_as_in_time(one: datetime, other: datetime) -> None:
    assert parse_instant(instant_text(one)) == one
    assert (instant_text(one) < instant_text(other)) == (one < other)


def test_equal_json_is_equal_text() -> None:
    assert json_text({"b": 1, "a": "甲"}) == json_text({"a": "甲", "b": 1}) == '{"a":"甲","b":1}'


@pytest.mark.parametrize(("text", "kept"), [("\\u0000", True), ("\x00", False), ("\\\x00", False), ("\\\\u0000", True)])
def test_a_written_out_nul_is_text_and_a_nul_is_not(text: str, kept: bool) -> None:
    if kept:
        json_text({"x": text})
    else:
        with pytest.raises(GanzhiError):
            json_text({"x": text})
