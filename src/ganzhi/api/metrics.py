"""Metrics for the operator's own monitoring, in the text form of Prometheus. No personal data, no unit names.

Requests are counted as they come; how the data stand is read from the store when somebody asks, at most
every few seconds.
"""

from __future__ import annotations

import threading
import time
from collections import Counter as Tally
from collections.abc import Iterable
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from ganzhi.access.loopback import is_from_here
from ganzhi.api.document import PREFIX
from ganzhi.api.door import address_of, caller_of
from ganzhi.api.house import House
from ganzhi.measure.build.arrival import source_arrivals
from ganzhi.measure.known import all_arrived_days
from ganzhi.store.jobs import JobState
from ganzhi.warehouse.workplace import Workplace

KEPT_S = 10.0
JOBS_COUNTED = 1_000
DEAD: tuple[JobState, ...] = ("dead",)
METHODS = frozenset({"GET", "HEAD", "POST"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


# When a counter began is nobody's question, and would double the series.
disable_created_metrics()  # type: ignore[no-untyped-call]


def route_label(scope: Scope) -> str:
    """The route a request went to: of the API its operation, of a page the first part of its path; `none` when there is
    no such route, so that whoever asks for nonsense makes no new label."""
    path = getattr(scope.get("route"), "path", None)
    if scope.get("root_path", "").endswith(PREFIX):
        return PREFIX if path is None else f"{PREFIX}{path}"
    if scope.get("endpoint") is None:
        return "none"
    return f"/{str(scope['path']).split('/')[1]}"


class _DataState(Collector):
    """Gauges of how the data stand, read from the store."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._guard = threading.Lock()
        self._kept: tuple[float, list[Metric]] | None = None

    def collect(self) -> Iterable[Metric]:
        """The gauges, at most `KEPT_S` old."""
        with self._guard:
            if self._kept is None or time.monotonic() - self._kept[0] > KEPT_S:
                self._kept = time.monotonic(), self._read()
            return self._kept[1]

    def _read(self) -> list[Metric]:
        place = self._workplace
        build = GaugeMetricFamily("ganzhi_build", "Version of program and catalogue", labels=("version", "catalogue"))
        build.add_metric((version("ganzhi"), place.catalogue.version), 1)
        commit = GaugeMetricFamily("ganzhi_last_commit", "Number of the last commit", value=place.store.manifest.head())
        return [build, commit, *self._ages(), self._sources(), self._jobs(), *self._streams()]

    def _ages(self) -> list[Metric]:
        place, found = self._workplace, GaugeMetricFamily("ganzhi_age_seconds", "Time since the last", labels=("of",))
        for kind in ("load", "refresh"):
            last = place.store.manifest.last(kind)
            if last is not None:
                found.add_metric((kind,), (place.clock.now() - last).total_seconds())
        return [found]

    def _sources(self) -> Metric:
        states = Tally(
            e.state for e in source_arrivals(self._workplace, all_arrived_days(self._workplace), loads=False)
        )
        found = GaugeMetricFamily("ganzhi_sources", "Sources by how they arrive", labels=("state",))
        for state in ("on_time", "short", "late", "never"):
            found.add_metric((state,), states[state])
        return found

    def _streams(self) -> list[Metric]:
        place = self._workplace
        lag = GaugeMetricFamily(
            "ganzhi_stream_lag", "Messages or files that are there and not read", labels=("stream",)
        )
        up = GaugeMetricFamily(
            "ganzhi_stream_up", "1 while a stream reads, 0 when it waits or stopped", labels=("stream",)
        )
        age = GaugeMetricFamily("ganzhi_stream_age_seconds", "Time since a stream was heard of", labels=("stream",))
        for each in place.store.streams.all():
            if each.lag is not None:
                lag.add_metric((each.stream,), each.lag)
            up.add_metric((each.stream,), each.state == "running")
            age.add_metric((each.stream,), (place.clock.now() - each.at).total_seconds())
        return [lag, up, age]

    def _jobs(self) -> Metric:
        found = GaugeMetricFamily(
            "ganzhi_jobs", "Jobs by kind and state, `dead` after five failures", labels=("kind", "state")
        )
        jobs = self._workplace.store.jobs
        kept = [*jobs.jobs(limit=JOBS_COUNTED), *jobs.jobs(DEAD, JOBS_COUNTED)]
        counted = Tally((job.kind, "failed" if job.state == "waiting" and job.error else job.state) for job in kept)
        for (kind, state), count in sorted(counted.items()):
            found.add_metric((kind, state), count)
        return found


class Metrics:
    """What is counted in this process, and how the data stand."""

    def __init__(self, workplace: Workplace) -> None:
        self._registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("ganzhi_requests", "Requests", labels, registry=self._registry)
        self._durations = Histogram(
            "ganzhi_request_seconds", "How long requests took", ("route",), buckets=BUCKETS, registry=self._registry
        )
        self._registry.register(_DataState(workplace))
        ProcessCollector(registry=self._registry)

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        self._durations.labels(route).observe(seconds)

    def answer(self, house: House, request: Request) -> Response:
        """The metrics, for this machine itself and for tokens with the right `audit`; errors as of `caller_of`."""
        if "authorization" in request.headers or not is_from_here(address_of(request), request.headers):
            caller_of(house, request).viewer.require("audit")
        body = generate_latest(self._registry)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)
