"""What the engine counts of an event log equals a walk through the events in plain Python."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest

from ganzhi.compile.flow.conformance import CasesWanted
from ganzhi.compile.flow.graph import variant_key
from ganzhi.numerics.histogram import bucket
from ganzhi.trace.flow.mining import FlowCount, choices, count_flow, list_cases
from ganzhi.trace.flow.reading import keep_log
from tests.trace.flow.logs import BEGIN, FLOW, QUESTION, made, session_of, walked

SEEDS = (1, 2, 3)


def _counted(seed: int) -> tuple[FlowCount, dict[str, list[tuple[datetime, str, str]]]]:
    """Asked of the feed, or of a log that is kept for several questions."""
    rows = made(seed)
    session = session_of(rows)
    asked = keep_log(session, QUESTION) if seed % 2 == 0 else QUESTION  # type: ignore[arg-type]
    return count_flow(session, asked, judged=True, most_variants=10_000), walked(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS)
def test_graph_variants_and_times_equal_a_walk_by_hand(seed: int) -> None:
    count, cases = _counted(seed)
    edges: Counter[tuple[str, str]] = Counter()
    buckets: dict[tuple[str, str], Counter[int]] = {}
    for events in cases.values():
        for (at, one, _), (later, other, _) in pairwise(events):
            edges[one, other] += 1
            ms = (later - at) // timedelta(milliseconds=1)
            buckets.setdefault((one, other), Counter())[bucket(ms)] += 1
    assert {(p.source, p.target): p.n for p in count.passages} == edges
    assert {(p.source, p.target): p.spans.buckets for p in count.passages} == buckets
    paths = Counter(tuple(step for _, step, _ in events) for events in cases.values())
    assert {v.path: v.n for v in count.variants} == paths
    assert count.n_variants == len(paths)
    assert count.cases == len(cases)
    assert count.whole.n == len(cases)
    assert count.whole.ms == sum((e[-1][0] - e[0][0]) // timedelta(milliseconds=1) for e in cases.values())
    for step in count.steps:
        places = [n for events in cases.values() for n, (_, did, _) in enumerate(events, 1) if did == step.activity]
        assert step.events == len(places)
        assert step.position == pytest.approx(sum(places) / len(places))
        assert step.cases == sum(any(did == step.activity for _, did, _ in events) for events in cases.values())
        assert step.starts == sum(events[0][1] == step.activity for events in cases.values())
        assert step.ends == sum(events[-1][1] == step.activity for events in cases.values())
    assert (count.no_case, count.no_activity) == (2, 1)


def _by_hand(path: list[str]) -> set[tuple[str, str, str]]:
    """Deviations of one case, step by step: kind, step, other."""
    rank = {code: n for n, code in enumerate(FLOW.steps)}
    found: set[tuple[str, str, str]] = set()
    for n, did in enumerate(path):
        declared = FLOW.steps.get(did)
        if declared is None:
            found.add(("undeclared", did, ""))
        if did in path[:n] and not (declared and declared.repeats):
            if declared is not None:
                found.add(("repeated", did, ""))
            if path[n - 1] == did:
                found.add(("self_loop", did, ""))
            else:
                found.add(("ping_pong" if n > 1 and path[n - 2] == did else "loop", did, path[n - 1]))
        after = path[n + 1] if n + 1 < len(path) else None
        if declared and after in rank and rank[after] < rank[did] and (did, after) not in FLOW.returns:
            found.add(("wrong_order", did, after))
    furthest = max((rank[did] for did in path if did in rank), default=-1)
    found |= {
        ("skipped", code, "") for code, step in FLOW.steps.items()
        if not step.optional and rank[code] < furthest and code not in path
    }  # fmt: skip
    last = FLOW.steps.get(path[-1])
    return found | (set() if last and last.end else {("unfinished", path[-1], "")})


@pytest.mark.parametrize("seed", SEEDS)
def test_deviations_equal_a_judgement_case_by_case(seed: int) -> None:
    count, cases = _counted(seed)
    judged = {case: _by_hand([did for _, did, _ in events]) for case, events in cases.items()}
    wanted: Counter[tuple[str, str, str]] = Counter(each for found in judged.values() for each in found)
    assert {(d.kind, d.step, d.other): d.cases for d in count.deviations if d.step} == wanted
    for whole in (d for d in count.deviations if not d.step):
        assert whole.cases == sum(any(kind == whole.kind for kind, _, _ in found) for found in judged.values())
    assert count.deviating == sum(bool(found) for found in judged.values())


def test_lists_hold_as_many_cases_as_the_counts_say() -> None:
    rows = made(7)
    session, cases = session_of(rows), walked(rows)
    count = count_flow(session, QUESTION, judged=True)  # type: ignore[arg-type]
    for each in count.deviations:
        found, total = list_cases(session, QUESTION, CasesWanted(kind=each.kind, step=each.step, other=each.other), 500)  # type: ignore[arg-type]
        assert len(found) == total == each.cases
    for variant in count.variants:
        found, total = list_cases(session, QUESTION, CasesWanted(variant=variant_key(variant.path)), 500)  # type: ignore[arg-type]
        assert total == variant.n
        assert {case.path for case in found} == {variant.path}
    for step in count.steps:
        assert list_cases(session, QUESTION, CasesWanted(activity=step.activity), 1)[1] == step.cases  # type: ignore[arg-type]
    passage = count.passages[0]
    with_it = [c for c, e in cases.items() if (passage.source, passage.target) in pairwise(did for _, did, _ in e)]
    assert list_cases(session, QUESTION, CasesWanted(edge=(passage.source, passage.target)), 1)[1] == len(with_it)  # type: ignore[arg-type]
    pages = [list_cases(session, QUESTION, CasesWanted(), 25, 25 * n)[0] for n in range(3)]  # type: ignore[arg-type]
    assert sorted(case.case for page in pages for case in page) == sorted(cases)
    assert all(one.ms >= other.ms for one, other in pairwise(case for page in pages for case in page))


def test_a_case_counts_where_and_when_it_begins() -> None:
    rows = made(5)
    cases = walked(rows)
    start, end = BEGIN + timedelta(days=5), BEGIN + timedelta(days=20)
    members = pa.table({"unit": ["u"], "since": [BEGIN], "until": [BEGIN + timedelta(days=999)]})
    asked = replace(QUESTION, start=start, end=end, place=True, where={"did": "a"})
    count = count_flow(session_of(rows, members=members), asked, judged=False)  # type: ignore[arg-type]
    chosen = [e for e in cases.values() if start <= e[0][0] < end and e[0][2] == "u" and e[0][1] == "a"]
    assert 0 < count.cases == len(chosen) < len(cases)
    assert count.events == sum(map(len, chosen))
    free = replace(asked, where={})
    firsts = Counter(e[0][1] for e in cases.values() if start <= e[0][0] < end and e[0][2] == "u")
    found = choices(session_of(rows, members=members), free, "did")  # type: ignore[arg-type]
    assert dict(found) == firsts


def test_a_feed_with_one_record_for_each_case_is_a_log_of_its_times() -> None:
    at = [BEGIN + timedelta(hours=n) for n in range(4)]
    instant = pa.timestamp("us", tz="UTC")
    table = pa.table(
        {
            "case_no": ["x", "y"],
            "unit": ["u", "u"],
            "paid": pa.array([at[0], at[0]], instant),
            "booked": pa.array([at[1], None], instant),
            "done": pa.array([at[2], at[0]], instant),
            "_line": [1, 2],
            "_load": ["l", "l"],
        }
    )
    asked = replace(QUESTION, time="paid", activity=None, times={"paid": "paid", "booked": "booked", "done": "done"})
    session = session_of(made(1))
    session.connection.register("rows_log", table)
    count = count_flow(session, asked, judged=False)  # type: ignore[arg-type]
    assert {v.path: v.n for v in count.variants} == {("paid", "booked", "done"): 1, ("paid", "done"): 1}
