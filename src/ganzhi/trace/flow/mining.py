"""A flow as counted: steps, passages with their times, variants, deviations. One value, from a session over a log."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from ganzhi.base.errors import InternalError
from ganzhi.compile.flow.conformance import CasesWanted, Deviation, cases_sql, deviations_sql
from ganzhi.compile.flow.graph import activity_cases_sql, choices_sql, graph_sql, throughput_sql, variants_sql
from ganzhi.compile.flow.log import LogQuestion, without_case_sql
from ganzhi.numerics.histogram import quantile
from ganzhi.warehouse.engine import Session

MOST_VARIANTS = 20
MOST_CHOICES = 30


@dataclass(frozen=True, slots=True)
class Spans:
    """How long something took, n times. ms: the sum; buckets: of the histogram of milliseconds."""

    n: int
    ms: int
    buckets: Mapping[int, int]

    @property
    def mean_s(self) -> float | None:
        """Mean seconds; None for none."""
        return float(Fraction(self.ms, 1000 * self.n)) if self.n else None

    def quantile_s(self, p: float) -> float | None:
        """Seconds of a rank, within 1 %; None for none."""
        found = quantile(self.buckets, p)
        return None if found is None else found / 1000


@dataclass(frozen=True, slots=True)
class Step:
    """An activity. cases: in which it occurs; starts, ends: cases that begin or end with it; position: mean place."""

    activity: str
    events: int
    cases: int
    starts: int
    ends: int
    position: float


@dataclass(frozen=True, slots=True)
class Passage:
    """One activity directly after another."""

    source: str
    target: str
    spans: Spans

    @property
    def n(self) -> int:
        """How often."""
        return self.spans.n


@dataclass(frozen=True, slots=True)
class Variant:
    """A sequence of activities and the cases that have it."""

    path: tuple[str, ...]
    n: int
    ms: int

    @property
    def mean_s(self) -> float:
        """Mean seconds from first to last event."""
        return float(Fraction(self.ms, 1000 * self.n))


@dataclass(frozen=True, slots=True)
class Found:
    """A deviation: at a step, and to or after another where that matters. step: empty for all of the kind."""

    kind: Deviation
    step: str
    other: str
    cases: int
    passages: int


@dataclass(frozen=True, slots=True)
class FlowCount:
    """A flow as counted. variants: the commonest; n_variants: of all. deviating: cases with any deviation, None where
    no order is declared. read: rows read around the period; no_case, no_activity: of them left out."""

    cases: int
    events: int
    steps: tuple[Step, ...]
    passages: tuple[Passage, ...]
    whole: Spans
    variants: tuple[Variant, ...]
    n_variants: int
    deviations: tuple[Found, ...]
    deviating: int | None
    read: int
    no_case: int
    no_activity: int


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a list."""

    case: str
    begun: datetime
    ended: datetime
    events: int
    path: tuple[str, ...]
    ms: int


def count_flow(session: Session, asked: LogQuestion, *, judged: bool, most_variants: int = MOST_VARIANTS) -> FlowCount:
    """Count a flow. judged: whether an order is declared (relation `flow_steps` is not empty)."""
    graph = session.query(graph_sql(asked)).to_pylist()
    held = session.query(activity_cases_sql(asked)).to_pylist()
    cases, events = next((int(r["cases"]), int(r["events"])) for r in held if r["activity"] is None)
    steps = _steps(graph, {r["activity"]: int(r["cases"]) for r in held if r["activity"] is not None})
    if sum(each.starts for each in steps) != cases or sum(each.events for each in steps) != events:
        raise InternalError(f"the starts of the flow over {asked.feed} do not add up to its {cases} cases")
    variants = session.query(variants_sql(asked, most_variants)).to_pylist()
    deviations = session.query(deviations_sql(asked)).to_pylist() if judged else []
    left = session.query(without_case_sql(asked)).to_pylist()[0] if asked.activity else {}
    return FlowCount(
        cases=cases,
        events=events,
        steps=steps,
        passages=_passages(graph),
        whole=_spans(session.query(throughput_sql(asked)).to_pylist()),
        variants=tuple(Variant(tuple(r["path"]), int(r["n"]), int(r["ms"])) for r in variants),
        n_variants=int(variants[0]["variants"]) if variants else 0,
        deviations=tuple(
            Found(r["kind"], r["step"], r["other"], int(r["cases"]), int(r["passages"]))
            for r in deviations
            if r["kind"] != "any"
        ),
        deviating=next((int(r["cases"]) for r in deviations if r["kind"] == "any"), None),
        read=int(left.get("n", 0)),
        no_case=int(left.get("no_case", 0)),
        no_activity=int(left.get("no_activity", 0)),
    )


def list_cases(
    session: Session, asked: LogQuestion, wanted: CasesWanted, limit: int, offset: int = 0
) -> tuple[tuple[Case, ...], int]:
    """A page of cases, longest first, and how many there are of all."""
    rows = session.query(cases_sql(asked, wanted, limit, offset)).to_pylist()
    found = tuple(
        Case(r["case_id"], r["begun"], r["ended"], int(r["events"]), tuple(r["path"]), int(r["ms"])) for r in rows
    )
    return found, int(rows[0]["total"]) if rows else 0


def choices(session: Session, asked: LogQuestion, column: str) -> tuple[tuple[str, int], ...]:
    """Values of the first events of cases, with the number of cases, commonest first."""
    rows = session.query(choices_sql(asked, column, MOST_CHOICES)).to_pylist()
    return tuple((r["value"], int(r["cases"])) for r in rows)


def _steps(graph: Sequence[Mapping[str, Any]], cases: Mapping[str, int]) -> tuple[Step, ...]:
    events: Counter[str] = Counter()
    starts: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for row in graph:
        events[row["activity"]] += int(row["n"])
        starts[row["activity"]] += int(row["starts"])
        places[row["activity"]] += int(row["places"])
        ends[row["activity"]] += int(row["n"]) if row["next"] is None else 0
    found = [Step(a, n, cases[a], starts[a], ends[a], float(Fraction(places[a], n))) for a, n in events.items()]
    return tuple(sorted(found, key=lambda step: (step.position, step.activity)))


def _passages(graph: Iterable[Mapping[str, Any]]) -> tuple[Passage, ...]:
    rows: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in graph:
        if row["next"] is not None:
            rows[row["activity"], row["next"]].append(row)
    found = [Passage(source, target, _spans(of)) for (source, target), of in rows.items()]
    return tuple(sorted(found, key=lambda each: (-each.n, each.source, each.target)))


def _spans(rows: Iterable[Mapping[str, Any]]) -> Spans:
    buckets: Counter[int] = Counter()
    ms = 0
    for row in rows:
        buckets[row["bucket"]] += int(row["n"])
        ms += int(row["ms"])
    return Spans(sum(buckets.values()), ms, dict(buckets))
