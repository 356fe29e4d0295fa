from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.base.errors import InternalError
from ganzhi.base.ids import new_id
from ganzhi.store.manifest import AlreadyLoadedError, Change
from ganzhi.store.open import Store
from tests.store.samples import AT, a_file, a_load, an_arrival

Attempt = tuple[str, str, str, str, bool]

attempts = st.tuples(
    st.sampled_from(["calls", "visits"]),
    st.sampled_from(["bank", "other"]),
    st.sampled_from(["x", "y", "z"]),
    st.sampled_from(["accepted", "rejected"]),
    st.booleans(),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(attempts, max_size=12))
def test_only_one_accepted_load_of_a_content_counts_per_feed_and_mapping(store: Store, tries: list[Attempt]) -> None:
    run = new_id()
    counted: dict[tuple[str, str, str], str] = {}
    for feed, mapping, content, state, again in tries:
        key = (feed, mapping, content)
        load = a_load(
            content, feed=f"{feed}{run}", mapping=mapping, state=state, replay_of=counted.get(key) if again else None
        )
        unique = state == "accepted" and load.replay_of is None
        change = Change("load", (a_file(f"rows/{feed}", load.id),), load=load)
        if unique and key in counted:
            with pytest.raises(AlreadyLoadedError) as caught:
                store.manifest.commit(change)
            assert caught.value.load_id == counted[key]
            assert store.ledger.load(load.id) is None
            continue
        store.manifest.commit(change)
        if unique:
            counted[key] = load.id
        assert store.ledger.load(load.id) == load
    for feed, mapping, content in {key[:3] for key in tries}:
        found = store.ledger.find(f"{feed}{run}", mapping, a_load(content).content_sha256)
        assert (found and found.id) == counted.get((feed, mapping, content))


@pytest.mark.parametrize("count", ["read", "accepted", "duplicate", "replaced", "rejected", "filtered"])
def test_an_accepted_load_whose_records_do_not_add_up_is_refused(store: Store, count: str) -> None:
    load = a_load("x")
    off = a_load("x", **{count: getattr(load, count) + 1})
    with pytest.raises(InternalError):
        store.manifest.commit(Change("load", load=off))
    assert store.ledger.loads() == ()


def test_the_database_itself_refuses_records_that_do_not_add_up(store: Store) -> None:
    load = a_load("x")
    store.manifest.commit(Change("load", load=load))
    with pytest.raises(InternalError), store.database.write() as connection:
        connection.exec_driver_sql("UPDATE loads SET read = read + 1")


def test_loads_are_listed_newest_first_by_feed_and_by_file_name(store: Store) -> None:
    # The clock may stand still or go back between loads; the order is that of the commits.
    loads = [
        a_load("x", file="a.csv"),
        a_load("y", file="a.csv", finished_at=AT - timedelta(days=1)),
        a_load("z", feed="visits", file="b.csv"),
    ]
    for load in loads:
        store.manifest.commit(Change("load", load=load))
    assert [load.id for load in store.ledger.loads()] == [load.id for load in reversed(loads)]
    assert [load.id for load in store.ledger.loads("calls", limit=1)] == [loads[1].id]
    assert [load.id for load in store.ledger.by_file_name("a.csv")] == [loads[1].id, loads[0].id]
    assert store.ledger.by_file_name("a.csv", feed="visits") == ()


def test_arrivals_of_rejected_loads_are_not_arrivals(store: Store) -> None:
    good, bad = a_load("x"), a_load("y", state="rejected", read=0, accepted=0, duplicate=0, rejected=0)
    for load in (good, bad):
        arrival = an_arrival(load, date(1999, 1, 1), rows=1)
        store.manifest.commit(Change("load", load=load, arrivals=(arrival,)))
    assert [arrival.load_id for arrival in store.ledger.arrivals()] == [good.id]


def test_arrivals_need_a_load(store: Store) -> None:
    with pytest.raises(InternalError):
        store.manifest.commit(Change("load", arrivals=(an_arrival(a_load("x"), date(1999, 1, 1)),)))


def test_all_loads_are_counted_refused_ones_too(store: Store) -> None:
    assert store.ledger.count() == 0
    for content, state in (("x", "accepted"), ("y", "accepted"), ("z", "rejected")):
        store.manifest.commit(Change("load", load=a_load(content, state=state)))
    assert store.ledger.count() == 3
