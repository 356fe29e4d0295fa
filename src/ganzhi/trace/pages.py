"""Builds the pages of traces for a viewer, over the scope of a page."""

from __future__ import annotations

from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.checks.places import near
from ganzhi.catalogue.derive.chains import CHAIN_COLUMNS, available
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.traces import Trace
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.breaks import breaks
from ganzhi.trace.look import Asked, board, clocks, story, stuck, traces
from ganzhi.trace.slices import sliced
from ganzhi.trace.views import BreakPage, StoryPage, StuckPage, TracePage, TracesPage

MOST_LISTED = 200


def traces_page(reader: Reader) -> TracesPage:
    """All traces."""
    return TracesPage(traces(reader.workplace, reader.viewer))


def _trace(reader: Reader, code: str) -> Trace:
    found = reader.workplace.catalogue.traces
    if code not in found:
        raise InputError(Issue("TRC001", code[:64], params={"near": near(code, found)}))
    return found[code]


def _scope(reader: Reader, query: PageQuery, code: str) -> tuple[Trace, Scope, Asked]:
    trace = _trace(reader, code)
    scope = scope_of(reader, query, feeds=(trace.chains,), grain=Grain.WEEK)
    return trace, scope, Asked(code, scope.period.first_day, scope.period.last_day, scope.unit)


def _has_chains(reader: Reader, trace: Trace, asked: Asked) -> bool:
    days = reader.states.snapshot.partitions(f"rows/{trace.chains}")
    return any(str(asked.first) <= day <= str(asked.last) for day in days)


def trace_page(reader: Reader, query: PageQuery, code: str, by: str | None = None) -> TracePage:
    """One trace. by: what its hops are split by. InputError TRC001 for an unknown trace, TRC007 for such a side."""
    trace, scope, asked = _scope(reader, query, code)
    if not _has_chains(reader, trace, asked):
        return TracePage(scope, code, trace.name, trace.description, None, None, None)
    place, viewer = reader.workplace, reader.viewer
    slices = sliced(place, viewer, asked, by)
    seen, told = board(place, viewer, asked), clocks(place, viewer, asked)
    records = viewer.may("list") and viewer.may("query")
    return TracePage(
        scope, code, trace.name, trace.description, seen, told, slices, trace.chains, trace.hops, records,
        _unfilled(place.catalogue, trace),
    )  # fmt: skip


def _unfilled(catalogue: Catalogue, trace: Trace) -> tuple[Text, ...]:
    """Columns of the chains that no step carries, nothing looks up and no fact derives."""
    filled = available(catalogue, trace) | set(trace.facts) | set(CHAIN_COLUMNS)
    columns = catalogue.feed(trace.chains).columns
    return tuple(column.name for name, column in columns.items() if name not in filled)


def stuck_page(reader: Reader, query: PageQuery, code: str, which: str) -> StuckPage:
    """A list of stuck chains; InputError TRC001, TRC004; AccessError without list depth."""
    reader.viewer.require("list")
    trace, scope, asked = _scope(reader, query, code)
    if which not in trace.stuck:
        raise InputError(Issue("TRC004", code, params={"name": which[:60], "near": near(which, trace.stuck)}))
    listed = trace.stuck[which]
    found = (
        stuck(reader.workplace, reader.viewer, asked, which, most=MOST_LISTED)
        if _has_chains(reader, trace, asked)
        else None
    )
    return StuckPage(scope, code, trace.name, which, listed.name, listed.symptom, found, trace.amount)


def story_page(reader: Reader, query: PageQuery, code: str, chain: str) -> StoryPage:
    """One chain; InputError TRC001, TRC002, TRC005; AccessError without list depth."""
    _, scope, asked = _scope(reader, query, code)
    return StoryPage(scope, story(reader.workplace, reader.viewer, asked, chain))


def break_page(reader: Reader, query: PageQuery, code: str, day: date) -> BreakPage:
    """One day of a trace; InputError TRC001, TRC005."""
    trace, scope, asked = _scope(reader, query, code)
    sheet = breaks(reader.workplace, reader.states, reader.viewer, code, day, asked.unit)
    days = [date.fromisoformat(each) for each in reader.states.snapshot.partitions(f"rows/{trace.chains}")]
    records = reader.viewer.may("list") and reader.viewer.may("query")
    earlier = max((each for each in days if each < day), default=None)
    later = min((each for each in days if each > day), default=None)
    return BreakPage(scope, sheet, trace.hops, records, earlier, later)
