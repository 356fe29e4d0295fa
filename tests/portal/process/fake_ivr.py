"""The voice menu over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Scope
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
    Presses,
    Reordered,
    VersionRow,
)
from tests.portal import numbers as n

COUNTS = {"goal": 690, "agent_after_goal": 50, "agent": 170, "gave_up": 84, "broken": 6}
NAMES = {
    "R": ("主菜单", "Main menu"),
    "R.1": ("话费", "Charges"),
    "R.2": ("缴费", "Payment"),
    "R.1.1": ("余额查询", "Balance"),
}


def ivr_page(empty: bool, scope: Scope, asked: IvrQuery, attacked: Callable[[Text], Text]) -> IvrPage:
    """A page of a thousand sessions, or of none."""
    counts = dict.fromkeys(COUNTS, 0) if empty else COUNTS
    total = sum(counts.values())
    rows = tuple(row for row in n.scorecard()[:2]) if not empty else ()
    kept = counts["goal"] + counts["gave_up"] + counts["broken"]
    names = {code: attacked(n.text(zh, en)) for code, (zh, en) in NAMES.items()}
    return IvrPage(
        scope=scope,
        stale=2,
        sessions=total,
        outcomes=tuple(Outcome(kind, counts[kind], 3, 7, 20, 60, 9) for kind in OUTCOMES),
        readings=tuple(
            Part(name, kept - 20 * place if place == 0 else counts["goal"] - 10 * place, total)
            for place, name in enumerate(("kept", "goal", "goal_24", "goal_72", "goal_any_24", "goal_any_72"))
        ),
        mean_s=None if empty else 32.7,
        goal_s=None if empty else 31.1,
        versions=() if empty else (VersionRow("2011B", total, 740, 735, 84, 220),),
        version=asked.version,
        functions=()
        if empty
        else (
            FunctionRow("balance", "R.1.1", 2, 1, 410, 400, 398, 2, 25, 27.7, 43.0),
            FunctionRow("lost", None, None, None, 0, 5, 0, 0, 5, None, None),
        ),
        exits=() if empty else tuple(ExitRow(code, 20, 3, 9, 500) for code in NAMES),
        keys=() if empty else (KeyRow("1", 430, 350, 30, "R.1"), KeyRow("", 4, 0, 1, None)),
        nodes=() if empty else (NodeRow("R", 0, total, 5.6, 0, 60, 50, 30), NodeRow("R.1", 1, 430, None, 9, 9, 9, 0)),
        astray={
            "n": total,
            "backs": total // 5,
            "invalid": total // 10,
            "timeouts": total // 30,
            "astray": total // 20,
        },
        menus=() if empty else (Reordered("R", ("R.1", "R.2"), ("R.2", "R.1"), 2, 800, 1971.75, 700.0),),
        listened_s=0.0 if empty else 151_303.0,
        presses=None if empty else Presses(2.11, 1.31, 1.2, 9),
        transfers=rows,
        benefits=rows,
        agent_hours=None if empty else 41.0,
        handling_s=None if empty else 214.0,
        names=names,
        function_names={"balance": names["R.1.1"]},
        records=True,
        lists=True,
    )
