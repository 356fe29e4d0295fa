"""Accounts as rows: what a database holds back by itself, and counts of failures at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ganzhi.base.errors import InternalError
from ganzhi.store.accounts.accounts import AccountRows
from ganzhi.store.accounts.acts import Act
from ganzhi.store.accounts.attempts import AttemptRows, Limit
from ganzhi.store.accounts.departures import DepartureRows, KeptDeparture
from ganzhi.store.accounts.records import Account
from ganzhi.store.models import AccountRow, AttemptRow
from ganzhi.store.open import Store
from tests.store.conftest import START

LIMIT = Limit(5, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=10))


def _account(login: str, **more: Any) -> Account:
    given = {
        "name": "n", "role": "administrator", "units": (), "locale": "zh", "state": "active", "password": None,
        "issuer": None, "subject": None, "created_at": START, "version": 1,
    }  # fmt: skip
    return Account(login=login, **(given | more))


def _act(name: str, subject: str) -> Act:
    return Act("x", START, name, subject)


REFUSED: dict[str, Mapping[str, object]] = {
    "no units, which would read as none": {"units": ""},
    "another state": {"state": "half"},
    "a subject without issuer": {"subject": "s"},
}


@pytest.mark.parametrize("how", REFUSED)
def test_the_database_itself_refuses_rows_that_mean_nothing(store: Store, how: str) -> None:
    AccountRows(store.database).add(_account("ann"), _act("account.add", "ann"))
    with pytest.raises(InternalError), store.database.write() as connection:
        connection.execute(sa.update(AccountRow).values(**REFUSED[how]))


def test_an_act_tried_again_after_a_lost_connection_is_done_once(store: Store) -> None:
    rows, act = AccountRows(store.database), _act("account.add", "ann")
    rows.add(_account("ann"), act)
    rows.add(_account("ann"), act)
    assert [each.login for each in rows.list()] == ["ann"]
    assert [entry.act for entry in store.audit.entries()] == ["account.add"]


def test_failures_at_once_are_all_counted(store: Store) -> None:
    rows = AttemptRows(store.database)
    let: list[bool] = []
    start = threading.Barrier(6)

    def fail() -> None:
        start.wait()
        let.extend(rows.reserve({"a": LIMIT, "b": LIMIT}, START).wait == timedelta() for _ in range(4))

    threads = [threading.Thread(target=fail) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (let.count(True), let.count(False)) == (5, 19)
    with store.database.read() as connection:
        assert list(connection.execute(sa.select(AttemptRow.key, AttemptRow.failures).order_by(AttemptRow.key))) == [
            ("a", 5),
            ("b", 5),
        ]


def test_counts_shrink_with_time_and_are_forgotten_after_a_day(store: Store) -> None:
    rows = AttemptRows(store.database)
    for _ in range(5):
        rows.reserve({"a": LIMIT}, START)
    rows.reserve({"b": LIMIT}, START)
    assert rows.reserve({"a": LIMIT}, START + timedelta(minutes=25)).failures == 4  # two of five had gone
    rows.reserve({"c": LIMIT}, START + timedelta(days=1, seconds=1))
    with store.database.read() as connection:
        assert sorted(connection.scalars(sa.select(AttemptRow.key))) == ["a", "c"]


def test_a_departure_is_taken_by_one_of_many(store: Store) -> None:
    rows = DepartureRows(store.database)
    rows.add(KeptDeparture("id", "s", "n", "v", "/", START + timedelta(minutes=10)), START)
    found: list[KeptDeparture | None] = []
    threads = [threading.Thread(target=lambda: found.append(rows.take("id", START))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each for each in found if each is not None] == [
        KeptDeparture("id", "s", "n", "v", "/", START + timedelta(minutes=10))
    ]
