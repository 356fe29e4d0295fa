"""Builds the page of the voice menu: what sessions come to, where they are left, how the menu is used and could be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from typing import Any

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.errors import InternalError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.flow import menu as sql
from ganzhi.compile.flow.menu import MenuQuestion
from ganzhi.compile.flow.sessions import EVENTS, SESSIONS
from ganzhi.compile.states import rows_schema
from ganzhi.measure.build.blocks import scorecard_rows
from ganzhi.measure.build.readings import Board
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.calendar import days_from_to
from ganzhi.measure.units import members_by_time
from ganzhi.measure.views.parts import Scope, ScorecardRow
from ganzhi.measure.views.query import PageQuery
from ganzhi.numerics.histogram import quantile
from ganzhi.trace.ivr.menu import Pressed, pressed, presses_of, reordered
from ganzhi.trace.ivr.run import ROWS_EVENTS, ROWS_SESSIONS, stale_days
from ganzhi.trace.ivr.views import (
    OUTCOMES,
    ExitRow,
    FunctionRow,
    IvrPage,
    IvrQuery,
    KeyRow,
    NodeRow,
    Outcome,
    Part,
    VersionRow,
)
from ganzhi.warehouse.engine import Relation, Session

TRANSFERS = (
    "transfer.to_ivr", "transfer.to_ivr_done_share", "transfer.ivr_returned_share", "transfer.to_media",
    "transfer.media_success_rate",
)  # fmt: skip
"""S004-018, S004-019: transfers of agents to the voice menu and to media, with what came of them."""
BENEFITS = ("hotline.wait.mean_s", "ivr.sessions", "ivr.to_agent_share", "transaction.self_service_share")
"""S004-032: waiting, volume, transfers, and work that customers did themselves."""
HANDLING = "contact.handling.mean_s"

Rows = Sequence[Mapping[str, Any]]


def ivr_page(reader: Reader, query: PageQuery, asked: IvrQuery) -> IvrPage:
    """The page. Everything on it is counted from the sessions of the period and their events."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query, feeds=(EVENTS,), grain=Grain.WEEK)
    start, end = scope.period.start, scope.period.end
    every = MenuQuestion(start, end)
    question = MenuQuestion(start, end, {} if asked.version is None else {"menu_version": asked.version})
    with _session(reader, scope) as session:
        by_version = session.query(sql.outcomes_sql(every)).to_pylist()
        found = {
            name: session.query(make(question)).to_pylist()
            for name, make in (
                ("functions", sql.functions_sql), ("exits", sql.exits_sql), ("keys", sql.first_keys_sql),
                ("astray", sql.astray_sql), ("nodes", sql.nodes_sql), ("options", sql.options_sql),
            )
        }  # fmt: skip
    rows = [row for row in by_version if asked.version is None or row["menu_version"] == asked.version]
    outcomes = _outcomes(rows)
    total = sum(each.n for each in outcomes)
    if sum(int(row["n"]) for row in found["exits"]) != total:
        raise InternalError(f"exits of the voice menu do not add up to {total} sessions")
    least = 1 if reader.viewer.may("list") else SMALLEST_CELL
    names, functions = _names(catalogue, "node"), _names(catalogue, "ivr_function")
    options = pressed(found["options"])
    menus, heard = reordered(options, {code: name.zh for code, name in names.items()})
    rows_of_functions = _functions(found["functions"], found["nodes"], found["exits"], least)
    transfers, benefits, handling = _measured(reader, scope)
    done = next(each.n for each in outcomes if each.kind == "goal")
    stale = [day for day in stale_days(reader.states.snapshot) if _touches(day, scope)]
    return IvrPage(
        scope=scope,
        stale=len(stale),
        sessions=total,
        outcomes=outcomes,
        readings=_readings(outcomes, total),
        mean_s=_mean(rows, "seconds", "n"),
        goal_s=_mean(rows, "goal_seconds", "goals"),
        versions=_versions(by_version),
        version=asked.version,
        functions=rows_of_functions,
        exits=_exits(found["exits"], found["nodes"], least),
        keys=_keys(found["keys"], options, least),
        nodes=_nodes(found["nodes"], least),
        astray={key: int(value) for key, value in found["astray"][0].items()},
        menus=menus,
        listened_s=heard,
        presses=presses_of({each.function: (each.depth or 0, each.goals) for each in rows_of_functions}),
        transfers=transfers,
        benefits=benefits,
        agent_hours=None if handling is None else done * handling / 3600,
        handling_s=handling,
        names=names,
        function_names=functions,
        records=reader.viewer.may("list") and reader.viewer.may("query"),
        lists=reader.viewer.may("list"),
    )


def _touches(day: str, scope: Scope) -> bool:
    return scope.period.first_day.isoformat() <= day <= scope.period.last_day.isoformat()


@contextmanager
def _session(reader: Reader, scope: Scope) -> Iterator[Session]:
    """Sessions of the period, and events until the day after it."""
    workplace, snapshot = reader.workplace, reader.states.snapshot
    days = [day.isoformat() for day in days_from_to(scope.period.first_day, scope.period.last_day + timedelta(days=1))]
    relations = {
        f"rows_{SESSIONS}": Relation(
            snapshot.table(ROWS_SESSIONS, days[:-1]), rows_schema(workplace.catalogue.feed(SESSIONS))
        ),
        f"rows_{EVENTS}": Relation(snapshot.table(ROWS_EVENTS, days), rows_schema(workplace.catalogue.feed(EVENTS))),
    }
    with workplace.engine.session(relations) as session:
        session.register("members", members_by_time(workplace.catalogue, scope.unit, workplace.zone))
        yield session


def _names(catalogue: Catalogue, dimension: str) -> Mapping[str, Text]:
    found = catalogue.dimensions.get(dimension)
    return {} if found is None else found.values


def _mean(rows: Rows, part: str, whole: str) -> float | None:
    n = sum(int(row[whole]) for row in rows)
    return float(Fraction(sum(int(row[part]) for row in rows), n)) if n else None


def _outcomes(rows: Rows) -> tuple[Outcome, ...]:
    def total(kind: str, name: str) -> int:
        return sum(int(row[name]) for row in rows if row["outcome"] == kind)

    fields = ("n", "again_24", "again_72", "any_24", "any_72", "open_24")
    return tuple(Outcome(kind, *(total(kind, name) for name in fields)) for kind in OUTCOMES)


def _readings(outcomes: Iterable[Outcome], total: int) -> tuple[Part, ...]:
    """From the widest reading of “finished in the IVR” to the strictest."""
    by = {each.kind: each for each in outcomes}
    goal = by["goal"]
    kept = goal.n + by["gave_up"].n + by["broken"].n
    return (
        Part("kept", kept, total),
        Part("goal", goal.n, total),
        Part("goal_24", goal.n - goal.again_24, total),
        Part("goal_72", goal.n - goal.again_72, total),
        Part("goal_any_24", goal.n - goal.any_24, total),
        Part("goal_any_72", goal.n - goal.any_72, total),
    )


def _versions(rows: Rows) -> tuple[VersionRow, ...]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        of = found[row["menu_version"]]
        for name in ("n", "functions", "goals"):
            of[name] += int(row[name])
        of[row["outcome"]] += int(row["n"])
    return tuple(
        VersionRow(v, of["n"], of["functions"], of["goals"], of["gave_up"], of["agent"] + of["agent_after_goal"])
        for v, of in sorted(found.items())
    )


def _by(rows: Rows, key: str) -> Mapping[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[row[key] or ""][row["outcome"]] += int(row["n"])
    return found


def _functions(rows: Rows, nodes: Rows, exits: Rows, least: int) -> tuple[FunctionRow, ...]:
    times: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row["bucket"] is not None:
            times[row["ivr_function"]][row["bucket"]] += int(row["n"])
    at = {row["ivr_function"]: row for row in nodes if row["ivr_function"]}
    left = _by(exits, "exit_node")
    found = []
    for code, of in _by(rows, "ivr_function").items():
        node = at.get(code)
        p50, p90 = (quantile(times[code], p) for p in (0.5, 0.9))
        found.append(
            FunctionRow(
                function=code,
                node=node["node"] if node else None,
                depth=node["menu_level"] if node else None,
                position=node["position"] if node else None,
                visits=int(node["enters"]) if node else 0,
                sessions=sum(of.values()),
                goals=of["goal"] + of["agent_after_goal"],
                gave_up=left[node["node"]]["gave_up"] if node and node["node"] in left else 0,
                agent=of["agent"] + of["agent_after_goal"],
                p50_s=None if p50 is None else p50 / 1000,
                p90_s=None if p90 is None else p90 / 1000,
            )
        )
    return tuple(sorted((f for f in found if f.sessions >= least), key=lambda f: (-f.sessions, f.function)))


def _exits(rows: Rows, nodes: Rows, least: int) -> tuple[ExitRow, ...]:
    enters = {row["node"]: int(row["enters"]) for row in nodes}
    found = [
        ExitRow(node, of["agent"], of["agent_after_goal"], of["gave_up"], enters.get(node, 0))
        for node, of in _by(rows, "exit_node").items()
    ]
    kept = [each for each in found if each.agent + each.agent_after_goal + each.gave_up >= least]
    return tuple(sorted(kept, key=lambda each: (-(each.agent + each.agent_after_goal), -each.gave_up, each.node)))


def _keys(rows: Rows, options: Iterable[Pressed], least: int) -> tuple[KeyRow, ...]:
    tops = {each.node for each in options} - {each.child for each in options}
    leads = {each.key: each.child for each in options if each.node in tops}
    found = [
        KeyRow(key, sum(of.values()), of["goal"], of["agent"] + of["agent_after_goal"], leads.get(key))
        for key, of in _by(rows, "first_key").items()
    ]
    return tuple(sorted((each for each in found if each.n >= least), key=lambda each: (-each.n, each.key)))


def _nodes(rows: Rows, least: int) -> tuple[NodeRow, ...]:
    found = [
        NodeRow(
            row["node"], row["menu_level"], int(row["enters"]),
            float(Fraction(int(row["ms"]), 1000 * int(row["timed"]))) if row["timed"] else None,
            int(row["backs"]), int(row["repeats"]), int(row["invalid"]), int(row["timeouts"]),
        )
        for row in rows
    ]  # fmt: skip
    lost = [each for each in found if each.backs + each.repeats + each.invalid + each.timeouts >= least]
    return tuple(
        sorted(lost, key=lambda each: (-(each.backs + each.repeats + each.invalid + each.timeouts), each.node))
    )


def _measured(reader: Reader, scope: Scope) -> tuple[tuple[ScorecardRow, ...], tuple[ScorecardRow, ...], float | None]:
    """Rows of the transfers and benefits that the catalogue has, and the mean handling time of an agent."""
    catalogue = reader.workplace.catalogue
    transfers, benefits = ([code for code in codes if code in catalogue.indicators] for codes in (TRANSFERS, BENEFITS))
    board = Board(
        reader, [*transfers, *benefits, *([HANDLING] if HANDLING in catalogue.indicators else [])], basis=scope.basis
    )
    before = scope.period.previous()
    board.ask(scope.unit, [before, scope.period])
    compared = scope.compared_with
    if compared is not None and compared != before:
        board.ask(scope.unit, [compared])
    handling = board.reading(HANDLING, scope.unit, scope.period).value if HANDLING in catalogue.indicators else None
    rows = [scorecard_rows(catalogue, board, scope, codes) for codes in (transfers, benefits)]
    return rows[0], rows[1], handling
