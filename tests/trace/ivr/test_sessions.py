"""Sessions rebuilt by the engine equal those rebuilt event by event in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from ganzhi.compile.flow.menu import MenuQuestion, exits_sql, functions_sql, nodes_sql, options_sql, outcomes_sql
from ganzhi.compile.flow.sessions import SessionSpan, sessions_sql
from ganzhi.trace.ivr.menu import pressed, reordered
from tests.trace.flow.logs import Plain

BEGIN = datetime(2012, 3, 1, tzinfo=UTC)
END, UNTIL = BEGIN + timedelta(days=1), BEGIN + timedelta(days=3)
FUNCTIONS = {"R.1.1": "balance", "R.2.1": "bill"}
ENDS = {"to_agent": "agent", "to_media": "media", "error": "error", "timeout": "timeout", "goal": "goal"}
Event = dict[str, Any]


def _made(seed: int) -> list[Event]:
    """Sessions of a few callers over three days, with every kind of event and end."""
    dice = random.Random(seed)
    events: list[Event] = []
    for number in range(160):
        at = BEGIN - timedelta(hours=12) + timedelta(seconds=dice.randrange(3 * 86_400))
        base = {"session_id": f"s{number}", "unit": dice.choice("uv"), "customer_id": dice.choice([None, *"abcdefghijklmnopqrstuvwxyz"]),
                "brand": "x", "menu_version": "1"}  # fmt: skip

        def event(kind: str, node: str, key: str | None = None, *, base: Event = base) -> None:
            nonlocal at
            at += timedelta(seconds=dice.choice([0, 2, 9]))
            events.append({**base, "at": at, "_line": len(events), "node": node, "menu_level": node.count("."), "menu_key": key,
                           "position": None, "ivr_function": FUNCTIONS.get(node), "event": kind, "prompt_s": None})  # fmt: skip

        event("enter", "R")
        for _ in range(dice.randrange(3)):
            event(dice.choice(["repeat", "invalid", "back", "timeout"]), "R")
        branch = dice.choice("12")
        if dice.random() < 0.9:
            event("key", "R", branch)
            event("enter", f"R.{branch}")
            if dice.random() < 0.8:
                event("key", f"R.{branch}", "1")
                event("enter", f"R.{branch}.1")
                if dice.random() < 0.8:
                    event("goal", f"R.{branch}.1")
        if dice.random() < 0.9:
            event(dice.choice(["hang_up", "to_agent", "to_media", "error", "timeout"]), dice.choice(["R", "R.0"]))
    return events


def _by_hand(events: list[Event]) -> dict[str, Event]:
    of: defaultdict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda e: (e["at"], e["_line"])):
        of[event["session_id"]].append(event)
    found = {}
    for code, own in of.items():
        kinds = [e["event"] for e in own]
        goal = kinds.index("goal") if "goal" in kinds else None
        entered = [e for e in own if e["event"] == "enter"]
        reached = [e["ivr_function"] for e in entered if e["ivr_function"]]
        found[code] = {
            "started_at": own[0]["at"], "ended_at": own[-1]["at"], "unit": own[0]["unit"], "customer": own[0]["customer_id"],
            "first_key": next((e["menu_key"] for e in own if e["event"] == "key" and e["menu_level"] == 0), None),
            "ivr_function": own[goal]["ivr_function"] if goal is not None else reached[-1] if reached else None,
            "exit_node": entered[-1]["node"], "goal_reached": goal is not None,
            "goal_at": own[goal]["at"] if goal is not None else None,
            "ended_by": ENDS.get(kinds[-1], "caller"), "selections": kinds[:goal].count("key"),
            "backs": kinds.count("back") + kinds.count("repeat"), "invalid_keys": kinds.count("invalid"),
            "timeouts": kinds.count("timeout"),
        }  # fmt: skip
    return found


def _again(sessions: dict[str, Event], code: str, hours: int, *, same: bool) -> bool | None:
    own = sessions[code]
    if own["customer"] is None or (same and own["ivr_function"] is None):
        return None
    until = own["ended_at"] + timedelta(hours=hours)
    after = [
        other for name, other in sessions.items()
        if other["customer"] == own["customer"] and (other["started_at"], name) > (own["started_at"], code)
        and (not same or other["ivr_function"] == own["ivr_function"])
    ]  # fmt: skip
    if any(other["started_at"] <= until for other in after):
        return True
    return False if until <= UNTIL else None


def _table(rows: list[Event]) -> pa.Table:
    text, whole = pa.string(), pa.int64()
    types = {
        "at": pa.timestamp("us", tz="UTC"),
        "_line": whole,
        "menu_level": whole,
        "position": whole,
        "prompt_s": whole,
    }
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name, text)) for name in rows[0]})


@pytest.mark.requirement("S004-024", "S004-027")
@pytest.mark.parametrize("seed", [1, 2])
def test_sessions_equal_those_rebuilt_by_hand(seed: int) -> None:
    events = _made(seed)
    session = Plain({"rows_ivr_events": _table(events)})
    made = session.query(sessions_sql(SessionSpan(BEGIN, END, UNTIL))).to_pylist()
    by_hand = _by_hand(events)
    assert {row["session_id"] for row in made} == {c for c, own in by_hand.items() if BEGIN <= own["started_at"] < END}
    for row in made:
        code = row["session_id"]
        for name, value in by_hand[code].items():
            assert row["customer_id" if name == "customer" else name] == value, (code, name)
        assert row["called_again"] == _again(by_hand, code, 24, same=True)
        assert row["called_again_72h"] == _again(by_hand, code, 72, same=True)
        assert row["called_again_any"] == _again(by_hand, code, 24, same=False)
        assert row["called_again_any_72h"] == _again(by_hand, code, 72, same=False)
    assert {row["called_again_any"] for row in made} == {True, False, None}


def _menu(seed: int) -> tuple[Plain, list[Event], dict[str, Event]]:
    events = _made(seed)
    session = Plain({"rows_ivr_events": _table(events)})
    made = session.query(sessions_sql(SessionSpan(BEGIN, END, UNTIL)))
    members = pa.table({"unit": ["u", "v"], "since": [BEGIN - timedelta(days=9)] * 2, "until": [UNTIL] * 2})
    session.connection.register("rows_ivr_sessions", made)
    session.connection.register("members", members)
    return session, events, {c: own for c, own in _by_hand(events).items() if BEGIN <= own["started_at"] < END}


@pytest.mark.requirement("S004-027", "S004-028")
def test_outcomes_and_exits_add_up_to_the_sessions() -> None:
    session, _, sessions = _menu(3)
    asked = MenuQuestion(BEGIN, END)
    outcomes = session.query(outcomes_sql(asked)).to_pylist()
    exits = session.query(exits_sql(asked)).to_pylist()
    assert sum(row["n"] for row in outcomes) == sum(row["n"] for row in exits) == len(sessions)
    left = sum(own["ended_by"] in ("agent", "media") and not own["goal_reached"] for own in sessions.values())
    assert sum(row["n"] for row in outcomes if row["outcome"] == "agent") == left
    assert {r["exit_node"] for r in exits if r["outcome"] == "agent"} == {
        own["exit_node"]
        for own in sessions.values()
        if own["ended_by"] in ("agent", "media") and not own["goal_reached"]
    }
    one = session.query(outcomes_sql(MenuQuestion(BEGIN, END, {"brand": ""}))).to_pylist()
    assert one == []


@pytest.mark.requirement("S004-029", "S004-030")
def test_nodes_and_options_count_events_of_these_sessions_alone() -> None:
    session, events, sessions = _menu(4)
    asked = MenuQuestion(BEGIN, END)
    mine = [event for event in events if event["session_id"] in sessions]
    for row in session.query(nodes_sql(asked)).to_pylist():
        here = [event["event"] for event in mine if event["node"] == row["node"]]
        assert (row["enters"], row["repeats"], row["invalid"], row["backs"], row["timeouts"]) == tuple(
            here.count(kind) for kind in ("enter", "repeat", "invalid", "back", "timeout")
        )
    keys = [event for event in mine if event["event"] == "key"]
    options = pressed(session.query(options_sql(asked)).to_pylist())
    assert sum(each.earlier + each.later for each in options) == len(keys)
    assert {(each.node, each.key): each.child for each in options}["R", "1"] == "R.1"
    functions = session.query(functions_sql(asked)).to_pylist()
    assert sum(row["n"] for row in functions) == sum(own["ivr_function"] is not None for own in sessions.values())


@pytest.mark.requirement("S004-029")
def test_a_menu_that_is_in_its_best_order_is_left_alone() -> None:
    def row(key: str, n: int, *, later: bool = False) -> Event:
        return {"node": "R", "menu_key": key, "child": f"R.{key}", "later": later, "n": n}

    names = {f"R.{key}": "四个字名" for key in "12340"}
    good = pressed([row("1", 9), row("2", 5), row("3", 1), row("0", 99)])
    assert reordered(good, names) == ((), 9 * 2 + 5 * 4 + 1 * 6)
    bad = pressed([row("1", 1), row("2", 5), row("3", 9), row("3", 9, later=True), row("1", 2, later=True)])
    ((menu,), heard) = reordered(bad, names)
    assert (menu.now, menu.best, menu.moved) == (("R.1", "R.2", "R.3"), ("R.3", "R.2", "R.1"), 2)
    assert heard == 3 * 2 + 5 * 4 + 18 * 6
    assert menu.saved_s == heard - (18 * 2 + 5 * 4 + 3 * 6)
    assert menu.held_s == (2 * 2 + 9 * 6) - (9 * 2 + 2 * 6)
