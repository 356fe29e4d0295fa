"""The menu as its use shows it, and the order of options in which callers would listen least.

What a menu announces is not recorded, so the length of an option is taken from its name: a syllable a character, and
as many again for “for …, press …”. Only the order within a menu is changed: whatever stands below an option moves with
it, no function changes its menu, and the way to an agent stays last.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ganzhi.numerics.menus import Option, best_order, best_presses, fewest_presses, listened, moved
from ganzhi.trace.ivr.views import Presses, Reordered

SYLLABLES_PER_S = 4
"""How fast an announcement speaks."""
FRAME = 4
"""Syllables around the name of an option."""
AGENT_KEY = "0"
KEYS = 9
"""Keys of a menu beside the one for an agent."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key of a menu with the node it leads to. earlier, later: presses in the first and second half of the period."""

    node: str
    key: str
    child: str
    earlier: int
    later: int


def pressed(rows: Iterable[Mapping[str, object]]) -> tuple[Pressed, ...]:
    """Options from counts of node, key, child and half; a key leads to the node it mostly led to."""
    counts: defaultdict[tuple[str, str], Counter[tuple[str, bool]]] = defaultdict(Counter)
    for row in rows:
        counts[str(row["node"]), str(row["menu_key"])][str(row["child"]), bool(row["later"])] += int(str(row["n"]))
    found = []
    for (node, key), of in sorted(counts.items()):
        leads: Counter[str] = Counter()
        for (child, _), n in of.items():
            leads[child] += n
        child = min(leads, key=lambda each: (-leads[each], each))
        found.append(Pressed(node, key, child, of[child, False], of[child, True]))
    return tuple(found)


def length_of(name: str) -> int:
    """Syllables of an option's announcement."""
    return max(1, len(name)) + FRAME


def reordered(options: Iterable[Pressed], names: Mapping[str, str]) -> tuple[tuple[Reordered, ...], float]:
    """Menus with an option that would stand better elsewhere, largest saving first; and the seconds listened to now."""
    menus: defaultdict[str, list[Pressed]] = defaultdict(list)
    for each in options:
        if each.key != AGENT_KEY:
            menus[each.node].append(each)
    found, heard = [], Fraction(0)
    for node, held in menus.items():
        now = sorted(held, key=lambda each: (len(each.key), each.key))
        whole = _options(now, [each.earlier + each.later for each in now], names)
        early = _options(now, [each.earlier for each in now], names)
        late = _options(now, [each.later for each in now], names)
        heard += Fraction(listened(whole), SYLLABLES_PER_S)
        best = best_order(whole)
        learned = {option.code: place for place, option in enumerate(best_order(early))}
        held_out = listened(late) - listened(sorted(late, key=lambda option: learned[option.code]))
        saved = listened(whole) - listened(best)
        if saved:
            found.append(
                Reordered(
                    node,
                    tuple(option.code for option in whole),
                    tuple(option.code for option in best),
                    moved(whole, best),
                    sum(option.presses for option in whole),
                    float(Fraction(saved, SYLLABLES_PER_S)),
                    float(Fraction(held_out, SYLLABLES_PER_S)),
                )
            )
    return tuple(sorted(found, key=lambda each: (-each.saved_s, each.node))), float(heard)


def _options(keys: Sequence[Pressed], presses: Sequence[int], names: Mapping[str, str]) -> list[Option]:
    return [
        Option(each.child, n, length_of(names.get(each.child, each.child)))
        for each, n in zip(keys, presses, strict=True)
    ]


def presses_of(functions: Mapping[str, tuple[int, int]]) -> Presses | None:
    """Mean presses to functions, from each one's depth and goals; None without any."""
    goals = {code: n for code, (depth, n) in functions.items() if n and depth}
    total = sum(goals.values())
    if not total:
        return None
    now = float(Fraction(sum(functions[code][0] * n for code, n in goals.items()), total))
    return Presses(now, best_presses(goals.values(), KEYS), fewest_presses(goals.values(), KEYS), KEYS)
