"""Allowances hold over all processes of a store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ganzhi.access.counted.limits import Rate, Shared, shared_by
from ganzhi.api.limits import Limiter, TooManyError
from ganzhi.portal.gate.limits import Limits, TooOftenError
from ganzhi.store.accounts.allowances import AllowanceRows
from ganzhi.store.open import Store, open_store
from tests.store.conftest import HandClock

HOUR = timedelta(hours=1)


def granted(limits: Limits, who: str = "ben") -> bool:
    try:
        limits.take("export", who)
    except TooOftenError:
        return False
    return True


def test_two_processes_grant_together_what_one_would(url: str, clock: HandClock) -> None:
    stores = [open_store(url, clock), open_store(url, clock)]
    limits = [Limits({"export": Rate(7, 3600)}, shared=shared_by(store)) for store in stores]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda n: granted(limits[n % 2]), range(20)))
    assert sum(given) == 7
    assert granted(limits[0], "ada")
    clock.pass_time(seconds=3600 / 7 + 0.001)
    assert [granted(each) for each in (limits[1], limits[0])] == [True, False]
    for store in stores:
        store.close()


def test_waiting_as_told_is_enough_and_a_clock_set_back_costs_no_more(store: Store, clock: HandClock) -> None:
    rows, each = AllowanceRows(store.database), timedelta(minutes=20)
    now = clock.now()
    assert [rows.take("k", each, HOUR, now) for _ in range(3)] == [timedelta()] * 3
    wait = rows.take("k", each, HOUR, now)
    assert wait == each
    assert rows.take("k", each, HOUR, now + wait) == timedelta()
    assert rows.take("k", each, HOUR, now - timedelta(days=2)) == each


def test_what_is_paid_back_leaves_no_row(store: Store, clock: HandClock) -> None:
    rows = AllowanceRows(store.database)
    for n in range(20):
        rows.take(f"10.0.0.{n}", timedelta(seconds=1), HOUR, clock.now())
    clock.pass_time(seconds=2)
    rows.take("last", timedelta(seconds=1), HOUR, clock.now())
    with store.database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from allowances").scalar() == 1


def test_the_wait_is_told_in_whole_seconds(store: Store) -> None:
    limits = Limits({"export": Rate(1, 90)}, shared=shared_by(store))
    limits.take("export", "ben")
    with pytest.raises(TooOftenError) as refused:
        limits.take("export", "ben")
    assert refused.value.wait_s in range(1, 91)


def test_programs_of_several_processes_share_a_minute_and_ask_the_store_now_and_then(
    url: str, clock: HandClock
) -> None:
    stores = [open_store(url, clock), open_store(url, clock)]
    asked: list[str] = []

    def counted(take: Shared) -> Shared:
        def noted(key: str, each: timedelta, within: timedelta) -> timedelta:
            asked.append(key)
            return take(key, each, within)

        return noted

    limiters = [Limiter(240, 4, lambda: 0.0, counted(shared_by(store))) for store in stores]

    def admitted(n: int, who: str = "token a") -> bool:
        try:
            limiters[n].take(who)
        except TooManyError:
            return False
        return True

    given = [admitted(n % 2) for n in range(246)]
    assert sum(given) == 240, "all of the minute and no more, whichever process is asked"
    assert len(asked) < 80, "a quarter of the requests ask the store, and those that are refused"
    assert admitted(0, "token b")
    for limiter in limiters:
        for _ in range(30):
            limiter.note_refused("10.0.0.9")
    with pytest.raises(TooManyError):
        limiters[1].note_refused("10.0.0.9")
    with pytest.raises(TooManyError):
        limiters[1].check_refused("10.0.0.9")
    limiters[1].check_refused("10.0.0.10")
    for store in stores:
        store.close()
