"""Flows can be read as they are written: their columns exist, are open to everybody, and name declared steps."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.expressions import feed_columns
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.flows import Flow
from ganzhi.catalogue.model.whole import Catalogue

HIDDEN = ("personal", "sensitive")


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report columns that are not there or must not be shown, times that are none, ways back between unknown steps."""
    for code, flow in catalogue.flows.items():
        feed = catalogue.feeds.get(flow.feed)
        if feed is not None:
            yield from _columns(catalogue, code, flow, feed)
        yield from _returns(catalogue, code, flow)


def _columns(catalogue: Catalogue, code: str, flow: Flow, feed: Feed) -> Iterator[Issue]:
    types = feed_columns(feed)
    named: list[tuple[tuple[str, ...], str]] = [(("case",), flow.case)]
    named += [(("activity",), flow.activity)] if flow.activity is not None else []
    named += [(("by", str(number)), name) for number, name in enumerate(flow.by)]
    named += [(("times", step), name) for step, name in flow.times.items()]
    for path, name in named:
        at = ("flows", code, *path)
        if name not in types:
            yield issue_at(catalogue, "CAT230", at, column=name, feed=flow.feed, near=near(name, types))
        elif name in feed.columns and feed.columns[name].protection in HIDDEN:
            yield issue_at(catalogue, "CAT231", at, column=name)
        elif path[0] == "times" and types[name] != "timestamp":
            yield issue_at(catalogue, "CAT232", at, column=name, type=types[name])


def _returns(catalogue: Catalogue, code: str, flow: Flow) -> Iterator[Issue]:
    for number, pair in enumerate(flow.returns):
        for step in pair:
            if step not in flow.steps:
                path = ("flows", code, "returns", str(number))
                yield issue_at(catalogue, "CAT233", path, step=step[:60], near=near(step, flow.steps))
    for step in flow.times:
        if flow.steps and step not in flow.steps:
            path = ("flows", code, "times", step)
            yield issue_at(catalogue, "CAT233", path, step=step[:60], near=near(step, flow.steps))
