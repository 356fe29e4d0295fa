"""The traces there are, and one of them: states, hops with their times, stuck lists, clocks."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.charts.bars import bar_cell
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, pickers
from ganzhi.portal.pages.journeys.shared import ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.pages.traces.shared import (
    STATES,
    asked_link,
    counted,
    crumbs,
    day_link,
    exactly,
    lasting,
    lists,
    moment,
    part,
    ports,
    stuck_link,
    trace_link,
    yuan,
)
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.views import HopRow, HopSlices, TraceBoard, TracePage


def show_all(visit: Visit, words: Words) -> Html:
    """The list of traces."""
    view, links = ports(visit).traces(), visit.links()
    model = {"view": view, "ways": ways(words, links, "traces")}
    return Html("traces/list.html", words.t("trace.title"), links, model, crumbs(words, links)[:1])


def all_book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    keys = ("code", "name", "steps", "days", "last_day")
    rows = ((r.code, words.text(r.name), r.steps, r.days, r.last_day) for r in ports(visit).traces().traces)
    kinds = {"steps": "number", "days": "number", "last_day": "day"}
    columns = tuple(SheetColumn(k, words.t(f"trace.column.{k}"), kinds.get(k, "text")) for k in keys)  # type: ignore[arg-type]
    title = words.t("trace.title")
    return Book(
        "traces", title, facts(visit, words, None), (Sheet("traces", title, columns, rows),), words.t("taken.cut")
    )


def _view(visit: Visit) -> TracePage:
    return ports(visit).trace(visit.codes["trace"], visit.scope(), visit.text("by"))


def show(visit: Visit, words: Words) -> Html:
    """One trace."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query)
    name = words.text(view.name)
    by = None if view.slices is None else view.slices.by
    hop = _split_hop(view, visit.text("hop"))
    sides, hops = _sides(words, view, links, hop)
    model = {
        "view": view,
        "board": view.board,
        "scope": view.scope,
        "pickers": pickers(visit, words, view.scope, links, lambda changed: trace_link(changed, view.code, by))[:-1],
        "here": trace_link(links, view.code, by),
        "sides": sides,
        "split_hops": hops,
        "slices": _slices(words, view, hop),
        "small": lambda row: row.n < SMALLEST_CELL and not lists(visit),
        "one_sided": view.clocks is not None and any(not each.known for each in view.clocks.skews),
        "states": STATES,
        "n": lambda number: counted(visit, words, number),
        "lasting": lambda millis: lasting(words, millis),
        "part": lambda share: part(words, share),
        "over": _over,
        "bar": lambda row: bar_cell(_over(row), stressed=(_over(row) or 0) > 0.1),
        "stuck_link": lambda which: stuck_link(links, view.code, which) if lists(visit) else None,
        "day_link": lambda day: day_link(links, view.code, day),
        "yuan": yuan,
        "moment": lambda at: moment(visit, at),
        "exactly": lambda millis: exactly(words, millis),
        "seconds": lambda micros: _seconds(words, micros),
        "unfilled": words.t("list_comma").join(words.text(each) for each in view.unfilled),
        "sources": None if view.board is None else _sources(visit, words, view.board),
        "chains_of": lambda state: _chains_of(view, links, state),
        "hop_records": lambda hop, over=False: _hop_records(view, links, hop, over=over),
        "headline": None if view.board is None else _headline(visit, words, view.board),
    }
    return Html("traces/one.html", name, links, model, crumbs(words, links, Crumb(name)))


def _split_hop(view: TracePage, asked: str | None) -> str | None:
    """The hop that is split: the one asked for, else the one of the main line that is over its limit most often."""
    if view.board is None or not view.board.hops:
        return None
    rows = {row.hop: row for row in view.board.hops}
    if asked is not None and asked not in rows:
        raise InputError(Issue("POR001", "hop", params={"value": asked[:40], "known": ", ".join(rows)}))
    line = [row for row in rows.values() if not row.beside] or list(rows.values())
    return asked or max(line, key=lambda row: _over(row) or 0.0).hop


def _sides(words: Words, view: TracePage, links: Links, hop: str | None) -> tuple[list[Choice], list[Choice]]:
    """What hops can be split by, and which hop is."""
    if view.slices is None or view.board is None:
        return [], []
    by, code = view.slices.by, view.code
    whole = Choice(words.t("trace.unsplit"), trace_link(links, code), by is None)
    sides = [
        Choice(words.text(each.name), trace_link(links, code, each.code, hop if by else None), each.code == by)
        for each in view.slices.sides
    ]
    hops = [
        Choice(words.text(row.name), trace_link(links, code, by, row.hop), row.hop == hop)
        for row in view.board.hops
        if by is not None
    ]
    return [whole, *sides], hops


def _slices(words: Words, view: TracePage, hop: str | None) -> list[tuple[str, HopRow]]:
    """The parts of a hop with their names."""
    if view.slices is None:
        return []
    return [(_side(words, view.slices, row), row) for row in view.slices.rows if row.hop == hop]


def _side(words: Words, slices: HopSlices, row: HopRow) -> str:
    named = slices.names.get(row.slice or "")
    return words.text(named) if named is not None else row.slice or UNKNOWN


def _over(row: HopRow) -> float | None:
    return row.over / row.n if row.n else None


def _seconds(words: Words, micros: int | None) -> str:
    if micros is None:
        return UNKNOWN
    return words.t("trace.seconds", n=f"{micros / 1_000_000:+.1f}".replace("-", "−"))


def _sources(visit: Visit, words: Words, board: TraceBoard) -> str:
    """How the records of the chains were found, the ways that occur alone."""
    found = {way: n for way, n in board.links.items() if n}
    parts = [words.t(f"trace.found.{way}", n=counted(visit, words, n)) for way, n in found.items()]
    if board.ambiguous:
        parts.append(words.t("trace.found.ambiguous", n=counted(visit, words, board.ambiguous)))
    return words.t("trace.found_all", parts=words.t("list_comma").join(parts)) if parts else ""


def _chains_of(view: TracePage, links: Links, state: str) -> str | None:
    """The chains of a state, for whoever may ask."""
    if not view.records:
        return None
    days = view.scope.period
    return asked_link(links, view.chains, days.first_day, days.last_day, ("state", state))


def _hop_records(view: TracePage, links: Links, hop: str, *, over: bool) -> str | None:
    """The records of a hop, all or those over its limit, for whoever may ask."""
    if not view.records:
        return None
    days, late = view.scope.period, (("over_limit", "true"),) if over else ()
    return asked_link(links, view.hops, days.first_day, days.last_day, ("hop", hop), *late)


def _headline(visit: Visit, words: Words, board: TraceBoard) -> str:
    """What the page says first: how many there were, and how many did not arrive."""
    stopped = board.states.get("stuck", 0) + board.states.get("lost", 0)
    key = "trace.headline_stopped" if stopped else "trace.headline"
    return words.t(
        key,
        name=words.text(board.name),
        chains=counted(visit, words, board.chains),
        stopped=counted(visit, words, stopped),
    )


def _hop_rows(visit: Visit, words: Words, board: TraceBoard) -> Iterator[tuple[Cell, ...]]:
    for row in board.hops:
        yield (
            row.hop, words.text(row.name), words.text(row.system), row.n, row.ordered, row.ambiguous, row.p50_ms,
            row.p90_ms, row.p95_ms, row.p99_ms, row.limit_ms, _over(row),
        )  # fmt: skip


def _slice_sheet(visit: Visit, words: Words, slices: HopSlices) -> Sheet:
    """The split hops; small parts without their times for those who may not see lists."""
    times = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "limit_ms")
    columns = (
        *(SheetColumn(key, words.t(f"trace.column.{key}")) for key in ("hop", "name", "side", "side_name", "n")),
        *(SheetColumn(key, words.t(f"trace.column.{key}"), "number") for key in times),
        SheetColumn("over", words.t("trace.column.over"), "percent", 2),
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in slices.rows:
            head = (row.hop, words.text(row.name), row.slice, _side(words, slices, row), counted(visit, words, row.n))
            if row.n < SMALLEST_CELL and not lists(visit):
                yield (*head, *(None for _ in times), None)
            else:
                yield (*head, row.p50_ms, row.p90_ms, row.p95_ms, row.p99_ms, row.limit_ms, _over(row))

    return Sheet("slices", words.t("trace.split"), columns, rows())


def _stuck_rows(visit: Visit, words: Words, board: TraceBoard) -> Iterator[tuple[Cell, ...]]:
    for each in board.stuck:
        for step in each.steps:
            yield (
                words.text(each.name),
                words.text(step.step),
                words.t(f"trace.state.{step.state}"),
                counted(visit, words, step.chains),
            )


def book(visit: Visit, words: Words) -> Book:
    """Hops and stuck lists as tables."""
    view = _view(visit)
    texts, numbers = (
        ("hop", "name", "system"),
        ("n", "ordered", "ambiguous", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "limit_ms"),
    )
    columns = (
        *(SheetColumn(key, words.t(f"trace.column.{key}")) for key in texts),
        *(SheetColumn(key, words.t(f"trace.column.{key}"), "number") for key in numbers),
        SheetColumn("over", words.t("trace.column.over"), "percent", 2),
    )
    stopped = tuple(SheetColumn(key, words.t(f"trace.column.{key}")) for key in ("list", "step", "state", "chains"))
    board = view.board
    sheets = (
        *([] if view.slices is None or view.slices.by is None else [_slice_sheet(visit, words, view.slices)]),
        Sheet("hops", words.t("trace.hops"), columns, () if board is None else _hop_rows(visit, words, board)),
        Sheet("stuck", words.t("trace.stuck"), stopped, () if board is None else _stuck_rows(visit, words, board)),
    )
    title = words.text(view.name)
    return Book(f"trace-{view.code}", title, facts(visit, words, view.scope), sheets, words.t("taken.cut"))


TRACES = Page("traces", "/traces", show_all, nav="journeys", book=all_book)
TRACE = Page("trace", "/traces/{trace}", show, nav="journeys", book=book, slow=True)
