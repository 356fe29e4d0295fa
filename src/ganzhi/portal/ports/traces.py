"""Ports of the pages that follow transactions across systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ganzhi.access.rights import Viewer
from ganzhi.measure.answers import Answers
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.pages import break_page, story_page, stuck_page, trace_page, traces_page
from ganzhi.trace.views import BreakPage, StoryPage, StuckPage, TracePage, TracesPage


@dataclass(frozen=True, slots=True)
class TracePorts:
    """trace: its code, scope, what its hops are split by. stuck: trace, scope, list. story: trace, scope, chain. day: trace, scope, day."""

    traces: Callable[[], TracesPage]
    trace: Callable[[str, PageQuery, str | None], TracePage]
    stuck: Callable[[str, PageQuery, str], StuckPage]
    story: Callable[[str, PageQuery, str], StoryPage]
    day: Callable[[str, PageQuery, date], BreakPage]


def trace_ports(answers: Answers, viewer: Viewer) -> TracePorts:
    """The ports on the answers of an open workspace, for one viewer. Lists and stories are kept nowhere."""
    kept, fresh = answers.kept, answers.fresh
    return TracePorts(
        traces=lambda: fresh(viewer, traces_page),
        trace=lambda code, query, by: kept(
            viewer, ("trace", code, query, by), lambda reader: trace_page(reader, query, code, by)
        ),
        stuck=lambda code, query, which: fresh(viewer, lambda reader: stuck_page(reader, query, code, which)),
        story=lambda code, query, chain: fresh(viewer, lambda reader: story_page(reader, query, code, chain)),
        day=lambda code, query, day: kept(
            viewer, ("trace day", code, query, day), lambda reader: break_page(reader, query, code, day)
        ),
    )
