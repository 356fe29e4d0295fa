"""Offsets and counts per minute as rows, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from ganzhi.store.streams.minutes import Count, Counted
from ganzhi.store.streams.streams import Move, Streamed, StreamMovedError, StreamState
from tests.store.conftest import START
from tests.store.samples import a_file

MINUTE = int(START.timestamp()) // 60


def counts(*values: int) -> tuple[Count, ...]:
    return tuple(Count(MINUTE + n, "m", "P", "{}", value) for n, value in enumerate(values))


def kept(store: Store, after: int = 0) -> list[int]:
    return [each.value for each in store.minutes.read("calls", after)[2]]


def test_offsets_move_from_where_they_stood_or_nothing_of_the_commit_holds(store: Store) -> None:
    store.manifest.commit(Change("load", streamed=Streamed("s", (Move("t[0]", None, 10), Move("t[1]", None, 4)))))
    store.manifest.commit(Change("load", streamed=Streamed("s", (Move("t[0]", 10, 15),))))
    assert store.streams.offsets("s") == {"t[0]": 15, "t[1]": 4}
    head = store.manifest.head()
    for before in (None, 10, 14, 16):
        with pytest.raises(StreamMovedError):
            store.manifest.commit(
                Change("load", streamed=Streamed("s", (Move("t[1]", 4, 9), Move("t[0]", before, 99))))
            )
    assert (store.streams.offsets("s"), store.manifest.head()) == ({"t[0]": 15, "t[1]": 4}, head)
    assert store.streams.offsets("another") == {}


def test_counts_are_added_under_their_mark_and_read_by_what_changed(store: Store) -> None:
    """Added and taken off; under another mark, or when rows change without them, they are behind until all are put
    anew."""
    whole = Counted("calls", "a", counts(5, 7), whole=True, since=START)
    store.manifest.commit(Change("recount", counted=whole))
    seen = store.minutes.read("calls", 0)[1]
    early = Count(MINUTE - 1, "m", "P", "{}", 9)
    store.manifest.commit(Change("load", counted=Counted("calls", "a", (*counts(-2, 0, 4), early))))
    assert kept(store) == [3, 7, 4], "what lies before the first instant is not counted"
    assert kept(store, seen) == [3, 7, 4], "a count that was touched is read again"
    store.manifest.commit(Change("load", counted=Counted("calls", "b", counts(100))))
    head = store.minutes.head("calls")
    assert head is not None
    assert (head.mark, kept(store)) == ("", [3, 7, 4])
    store.manifest.commit(Change("recount", counted=Counted("calls", "b", counts(1), whole=True, since=START)))
    assert kept(store) == [1]
    store.manifest.commit(Change("load", add=(a_file("rows/calls", "x"),)))
    head = store.minutes.head("calls")
    assert head is not None
    assert head.mark == ""


def test_counts_of_old_minutes_are_dropped(store: Store) -> None:
    store.manifest.commit(Change("recount", counted=Counted("calls", "a", counts(5, 7, 9), whole=True, since=START)))
    assert store.minutes.drop_before("calls", START + timedelta(minutes=2)) == 2
    head = store.minutes.head("calls")
    assert head is not None
    assert (head.since, kept(store)) == (START + timedelta(minutes=2), [9])


def test_how_a_stream_stands_is_the_last_that_was_said(store: Store) -> None:
    said = StreamState("s", "calls", "m", "running", "", 4, None, START)
    store.streams.says(said)
    later = StreamState("s", "calls", "m", "waiting", "STR004", None, START, START + timedelta(seconds=9))
    store.streams.says(later)
    assert store.streams.all() == (later,)
