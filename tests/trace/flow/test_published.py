"""The logs of the BPI Challenge 2013: published counts, and everything else against a walk in plain Python."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from ganzhi.trace.flow.exchange.event import LogTally
from ganzhi.trace.flow.exchange.xes import read_xes
from ganzhi.trace.flow.mining import count_flow
from tests.trace.flow.logs import QUESTION, Row, session_of


def test_incidents_have_their_published_counts_and_the_edges_of_a_walk(shared_data: Path) -> None:
    rows: list[Row] = []
    walked: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    with gzip.open(shared_data / "bpic2013" / "bpi_13_incidents.csv.gz", "rt", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file)):
            at = datetime.strptime(row["CompleteTimestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            rows.append((row["CaseID"], row["ActivityID"], at, "u", line))
            walked[row["CaseID"]].append((row["CompleteTimestamp"], row["ActivityID"]))
    count = count_flow(session_of(rows), QUESTION, judged=False, most_variants=3_000)  # type: ignore[arg-type]
    assert (count.cases, count.events, count.n_variants) == (7_554, 65_533, 2_278)
    paths = [[did for _, did in sorted(events, key=lambda event: event[0])] for events in walked.values()]
    assert {v.path: v.n for v in count.variants} == Counter(map(tuple, paths))
    assert {(p.source, p.target): p.n for p in count.passages} == Counter(
        pair for path in paths for pair in pairwise(path)
    )
    assert round((count.whole.mean_s or 0) / 86_400, 2) == 12.08  # published: 12.1 days


def test_closed_problems_read_from_xes_have_their_published_counts(shared_data: Path) -> None:
    tally = LogTally()
    path = shared_data / "bpic2013" / "BPI_Challenge_2013_closed_problems.xes.gz"
    events = list(read_xes(path, tally))
    assert (tally.cases, tally.events, tally.left_out, tally.without_zone) == (1_487, 6_660, 0, 0)
    assert Counter(event.activity for event in events).most_common(3) == [
        ("Accepted-In Progress", 3_066), ("Completed-Closed", 1_565), ("Queued-Awaiting Assignment", 875),
    ]  # fmt: skip
    rows: list[Row] = [(e.case, e.activity, e.at, "u", line) for line, e in enumerate(events)]
    count = count_flow(session_of(rows), QUESTION, judged=False)  # type: ignore[arg-type]
    assert (count.cases, count.events, count.n_variants) == (1_487, 6_660, 327)
    assert round((count.whole.mean_s or 0) / 86_400, 1) == 178.9
