"""The voice menu as data: nodes, keys, functions; and every way through it that a caller may take.

The tree is ours, of the shape Chinese operators used: three levels, about forty nodes, an agent on 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from ganzhi.province.streams import Ints

VERSIONS: Final = ("2011B", "2012A")
"""The menu before and since the change that hides a function."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node. code: dotted path of keys below the root `R`. function: what a caller gets here, blank on the way.
    business: what an agent would note. weight: how many callers seek it."""

    code: str
    function: str = ""
    business: str = ""
    weight: float = 0.0

    @property
    def level(self) -> int:
        """0 for the root."""
        return self.code.count(".")

    @property
    def key(self) -> str:
        """The key that leads here from the node above."""
        return self.code.rpartition(".")[2] if self.level else ""


NODES: Final[tuple[Node, ...]] = (
    Node("R"),
    Node("R.1"), Node("R.1.1", "balance", "bill", 0.27), Node("R.1.2", "bill", "bill", 0.10),
    Node("R.1.3", "call_detail", "bill", 0.03), Node("R.1.4", "free_resource", "bill", 0.08),
    Node("R.1.5", "subscriptions", "value_added", 0.03),
    Node("R.2"), Node("R.2.1", "card_recharge", "payment", 0.10), Node("R.2.2", "bank_recharge", "payment", 0.02),
    Node("R.2.3", "recharge_record", "payment", 0.04),
    Node("R.3"), Node("R.3.1", "plan_enquiry", "plan", 0.04),
    Node("R.3.2"), Node("R.3.2.1", "plan_upgrade", "plan", 0.015), Node("R.3.2.2", "plan_change", "plan", 0.02),
    Node("R.3.2.3", "plan_cancel", "plan", 0.005),
    Node("R.3.3"), Node("R.3.3.1", "ring_back_tone", "value_added", 0.02), Node("R.3.3.2", "family_network", "voice", 0.01),
    Node("R.3.3.3", "roaming", "roaming", 0.008),
    Node("R.4"), Node("R.4.1", "points", "points", 0.03), Node("R.4.2", "points_redeem", "points", 0.015),
    Node("R.5"), Node("R.5.1", "fault_report", "broadband", 0.02), Node("R.5.2", "install_progress", "broadband", 0.01),
    Node("R.6"), Node("R.6.1", "data_pack", "data", 0.03),
    Node("R.6.2"), Node("R.6.2.1", "service_cancel", "value_added", 0.02), Node("R.6.2.2", "service_list", "value_added", 0.01),
    Node("R.7"), Node("R.7.1", "report_loss", "number", 0.012), Node("R.7.2", "report_found", "number", 0.004),
    Node("R.7.3", "password_reset", "customer_data", 0.014),
    Node("R.0", "agent", "other", 0.0),
)  # fmt: skip
"""All nodes; functions are their leaves."""
CODES: Final = tuple(node.code for node in NODES)
LEAVES: Final = tuple(position for position, node in enumerate(NODES) if node.function and node.function != "agent")
FUNCTIONS: Final = tuple(NODES[leaf].function for leaf in LEAVES)
"""What callers seek, in the order used by `sought`."""
WRAP_CODES: Final = tuple(f"{code}-{number:02d}" for number, code in enumerate(FUNCTIONS))
"""What an agent notes a contact about each of them as: the lowest codes of the operator's own tree of reasons."""
WRAP_NAMES: Final = (
    ("问余额", "Balance"), ("问账单", "Bill"), ("问详单", "Call details"), ("问剩余资源", "Free allowance left"),
    ("问已订业务", "Subscriptions"), ("充值卡充值", "Recharge by card"), ("银行充值", "Recharge by bank"),
    ("充值记录不明", "Recharge record"), ("问套餐资费", "Plan charges"), ("套餐升档", "Plan upgrade"), ("套餐变更", "Plan change"),
    ("套餐取消", "Plan cancellation"), ("彩铃", "Ring-back tone"), ("亲情网", "Family network"), ("国际漫游", "Roaming abroad"),
    ("问积分", "Points"), ("积分兑换", "Points redemption"), ("宽带障碍", "Broadband fault"), ("装机进度", "Installation progress"),
    ("流量包", "Data pack"), ("退订增值业务", "Cancelling a service"), ("问可订业务", "Services on offer"), ("挂失", "Loss reported"),
    ("解挂", "Block lifted"), ("密码重置", "Password reset"),
)  # fmt: skip
"""Their names in Chinese and English."""
WEIGHTS: Final = np.array([NODES[leaf].weight for leaf in LEAVES])
AGENT: Final = CODES.index("R.0")
FUNCTION_OF_REASON: Final = {
    "payment": "recharge_record", "bill": "bill", "plan": "plan_enquiry", "value_added": "service_cancel",
    "fault": "fault_report", "other": "balance",
}  # fmt: skip
"""Where a caller with a grievance begins."""

DETOURS: Final = ("none", "repeat", "invalid", "timeout", "wrong_branch")
DETOUR_SHARE: Final = np.array([0.80, 0.06, 0.05, 0.03, 0.06])
ENDS: Final = ("goal", "goal_agent", "agent", "hang_up", "lost_agent", "lost_hang_up", "error")
"""How a session goes: the function reached; reached, then an agent asked for; straight to an agent; given up on the
way; not found, then agent or given up; broken by the system."""
EVENTS: Final = (
    "enter", "key", "goal", "back", "repeat", "invalid", "timeout", "to_agent", "to_media", "hang_up", "error",
)  # fmt: skip
_E: Final = {name: position for position, name in enumerate(EVENTS)}


@dataclass(frozen=True, slots=True)
class Ways:
    """Every way through the menu, one row each, padded: way = (function × detours + detour) × ends + end.

    event, node: per step, -1 for padding. key: node whose key was pressed, -1 for none. length: steps.
    """

    event: Ints
    node: Ints
    key: Ints
    length: Ints

    @staticmethod
    def number(function: Ints, detour: Ints, end: Ints) -> Ints:
        """The way of a function, detour and end."""
        return (function * len(DETOURS) + detour) * len(ENDS) + end


Step = tuple[int, int, int]
"""event, node, node whose key was pressed."""


def _path(leaf: int) -> list[int]:
    parts = CODES[leaf].split(".")
    return [CODES.index(".".join(parts[: n + 1])) for n in range(len(parts))]


def _down(path: list[int]) -> list[Step]:
    steps: list[Step] = []
    for node in path:
        if steps:
            steps.append((_E["key"], steps[-1][1], node))
        steps.append((_E["enter"], node, -1))
    return steps


def _detour(kind: str, path: list[int]) -> list[Step]:
    root = path[0]
    if kind in ("repeat", "invalid", "timeout"):
        return [(_E[kind], root, -1)]
    if kind == "wrong_branch":
        wrong = CODES.index("R.4" if CODES[path[1]] != "R.4" else "R.6")
        return [(_E["key"], root, wrong), (_E["enter"], wrong, -1), (_E["back"], wrong, -1)]
    return []


def _steps(leaf: int, detour: str, end: str) -> list[Step]:
    path = _path(leaf)
    root, first_menu = path[0], path[1]
    first = [(_E["enter"], root, -1), *_detour(detour, path)]
    rest = _down(path)[1:]
    ask = [(_E["key"], root, AGENT), (_E["to_agent"], AGENT, -1)]
    lost = [*rest[:2], *((_E[event], first_menu, -1) for event in ("repeat", "invalid", "back"))]
    match end:
        case "goal":
            return [*first, *rest, (_E["goal"], leaf, -1), (_E["hang_up"], leaf, -1)]
        case "goal_agent":
            return [*first, *rest, (_E["goal"], leaf, -1), (_E["back"], leaf, -1), *ask]
        case "agent":
            return [*first, *ask]
        case "hang_up":
            return [*first, *rest[:2], (_E["hang_up"], first_menu, -1)]
        case "lost_agent":
            return [*first, *lost, *ask]
        case "lost_hang_up":
            return [*first, *lost, (_E["hang_up"], root, -1)]
        case _:
            return [*first, *rest, (_E["error"], leaf, -1)]


@lru_cache(maxsize=1)
def ways() -> Ways:
    """All ways, computed once."""
    made = [_steps(leaf, detour, end) for leaf in LEAVES for detour in DETOURS for end in ENDS]
    table = np.full((3, len(made), max(map(len, made))), -1, dtype=np.int64)
    for row, steps in enumerate(made):
        table[:, row, : len(steps)] = np.array(steps).T
    return Ways(table[0], table[1], table[2], np.array([len(steps) for steps in made]))
