"""A batch of messages counts whole and once, and the counts per minute always equal the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ganzhi.ingest import quarantine
from ganzhi.ingest.load import load
from ganzhi.ingest.replay import replay
from ganzhi.ingest.stream.counting import recount
from ganzhi.ingest.stream.keys import KnownKeys
from ganzhi.ingest.stream.load import StreamLoader
from ganzhi.store.streams.streams import StreamMovedError
from ganzhi.warehouse.workplace import Workplace
from tests.stream.ground import FEED, MAPPING, START, STREAM, UNITS, complaint, many, messages, place_in

CITY_OF = {code: unit.parent for code, unit in UNITS.items() if unit.level == "hall"}


def loader(place: Workplace) -> StreamLoader:
    return StreamLoader(place, STREAM, FEED, MAPPING)


def by_hand(place: Workplace) -> dict[tuple[int, str, str], int]:
    """Complaints by minute, unit and product, counted in the row files by a query of its own."""
    files = [str(place.files.path(ref)) for ref in place.store.manifest.snapshot().table(f"rows/{FEED}")]
    found: dict[tuple[int, str, str], int] = {}
    if not files:
        return found
    rows = duckdb.execute("SELECT epoch(received_at)::BIGINT // 60, unit, product FROM read_parquet($1)", [files])
    for minute, hall, product in rows.fetchall():
        for unit in (CITY_OF[hall], "P"):
            assert unit is not None
            for cut in ("{}", f'{{"product":"{product}"}}'):
                found[minute, unit, cut] = found.get((minute, unit, cut), 0) + 1
    return found


def kept(place: Workplace) -> dict[tuple[int, str, str], int]:
    """The counts that are kept, those that came to nothing left out."""
    head, _, counts = place.store.minutes.read(FEED, 0)
    assert head is not None
    assert head.mark, "the counts are behind the rows"
    return {(c.minute, c.unit, c.slice.replace(" ", "")): c.value for c in counts if c.value}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    made = place_in(tmp_path)
    recount(made, FEED)
    return made


def test_counts_per_minute_follow_every_change_of_the_rows(place: Workplace, tmp_path: Path) -> None:
    """New rows, rows that come twice, corrections that move to another unit and minute, rows that were put right in
    quarantine, a file: after each, the counts are what a count of the rows says."""
    stream = loader(place)
    old = START - timedelta(minutes=30)
    first = [*many(40, START), *many(7, START, 100, "H2", product="mobile_video"), complaint(200, old)]
    assert stream.load(messages(first), {}).accepted == 48
    assert kept(place) == by_hand(place) != {}
    moved = [complaint(0, old, "H2"), complaint(1, START), {**complaint(300, START), "unit": "nowhere"}]
    report = stream.load(messages([*moved, *first[5:8]], first=48), place.store.streams.offsets(STREAM))
    assert (report.replaced, report.duplicate, report.rejected) == (2, 3, 1)
    assert kept(place) == by_hand(place)
    (wrong,), _ = quarantine.rows(place)
    assert replay(place, texts={(wrong.load_id, wrong.line): str(wrong.raw).replace("nowhere", "H1")})[0].accepted == 1
    assert kept(place) == by_hand(place)
    file = tmp_path / "more.jsonl"
    file.write_bytes(b"\n".join(each.value or b"" for each in messages(many(5, START, 400))))
    load(place, FEED, [file], mapping=MAPPING)
    before = by_hand(place)
    assert kept(place) == before
    place.store.minutes._database  # noqa: B018
    assert recount(place, FEED) is False, "nothing was behind"


def test_rows_that_change_without_their_counts_leave_these_behind(place: Workplace) -> None:
    """Whoever changes rows and does not say what that means is found out, and the rows are counted again."""

    stream = loader(place)
    stream.load(messages(many(5, START)), {})
    bare = replace(place, catalogue=replace(place.catalogue, warning_rules={}))
    StreamLoader(bare, STREAM, FEED, MAPPING).load(messages(many(4, START, 50), first=5), {"t[0]": 5})
    head = place.store.minutes.head(FEED)
    assert head is not None
    assert head.mark == ""
    assert recount(place, FEED) is True
    assert kept(place) == by_hand(place)


def test_the_same_messages_count_once_whoever_reads_them(place: Workplace) -> None:
    stream, other = loader(place), loader(place)
    batch = messages(many(10, START))
    stream.load(batch, {})
    commit = place.store.manifest.head()
    for again in (batch, batch[:3], batch[5:]):
        with pytest.raises(StreamMovedError):
            other.load(again, {})
    with pytest.raises(StreamMovedError):  # a gap is no way on either
        other.load(messages(many(1, START, 90), first=12), {"t[0]": 12})
    assert place.store.manifest.head() == commit
    other.load(messages(many(2, START, 90), first=10), {"t[0]": 10})
    assert sum(kept(place)[key] for key in kept(place) if key[1:] == ("P", "{}")) == 12


def test_keys_that_do_not_fit_into_memory_are_compared_all_the_same(place: Workplace) -> None:
    """With and without room for a stored file's keys, the same rows are new, there already, or replace an older one."""
    stream = loader(place)
    stream._keys = KnownKeys(place.files, most=12)
    batches = (many(10, START), many(10, START, 10), many(10, START, 20))
    for n, each in enumerate(batches):
        stream.load(messages(each, first=10 * n), place.store.streams.offsets(STREAM))
    again = [batches[0][3], batches[1][4], {**batches[2][5], "unit": "H2"}, *many(2, START, 50)]
    report = stream.load(messages(again, first=30), {"t[0]": 30})
    assert (report.accepted, report.duplicate, report.replaced) == (2, 2, 1)


BAD = {
    b"{": "ING108",
    b'["a"]': "ING108",
    b'{"complaint_id": {"a": 1}}': "ING111",
    b'{"complaint_id": NaN}': "ING110",
    b'{"complaint_id": "a", "complaint_id": "b"}': "ING109",
    b"\xff\xfe": "ING104",
    b'{"complaint_id": "a\\u0000"}': "ING103",
    b"{}": "ING120",
    b"[" * (1 << 20) + b"]": "ING105",
}
"""Messages that are wrong, and the reason that is kept of each."""


def test_wrong_messages_go_to_quarantine_with_where_they_came_from(place: Workplace) -> None:
    good = many(2, START)
    batch = (*messages([good[0], *BAD], "t[3]", 70), *messages([good[1], b"", b"  "], "t[4]", 5))
    report = loader(place).load(batch, {})
    assert (report.accepted, report.rejected, report.tally.blank) == (2, len(BAD), 2)
    found, total = quarantine.rows(place)
    assert total == len(BAD)
    assert [(each.origin, each.reason) for each in found] == [
        (f"t[3]@{71 + n}", reason) for n, reason in enumerate(BAD.values())
    ]
    assert [each.line for each in found] == list(range(2, 2 + len(BAD)))


def test_both_ways_of_reading_a_message_give_the_same(place: Workplace) -> None:
    """A message that needs a closer look gives the row that the plain one gives: numbers are the text they were."""
    plain = complaint(1, START, customer_id="王")
    text = messages([plain])[0].value or b""
    odd = [
        text.replace(b'"complaint_id"', b'"\xef\xbd\x83omplaint_id"'),  # the first letter full-width
        b"  " + text + b" \r\n",
        text.replace(b'"unit"', b'"more": true, "unit"'),
        text.replace("王".encode("unicode-escape"), "王".encode()),
    ]
    report = loader(place).load(messages([text, *odd]), {})
    assert (report.accepted, report.duplicate, report.rejected) == (1, len(odd), 0)
