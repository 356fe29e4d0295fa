"""Order and bounds of menus, against every order there is and published numbers."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from ganzhi.numerics.menus import Option, best_order, best_presses, entropy, fewest_presses, listened, moved


def _together(order: tuple[Option, ...]) -> bool:
    groups = [option.group for option in order]
    return all(
        group is None or groups[groups.index(group) : groups.index(group) + groups.count(group)].count(group) == groups.count(group)
        for group in groups
    )  # fmt: skip


@pytest.mark.requirement("S004-029")
@pytest.mark.parametrize("seed", range(25))
def test_no_order_that_keeps_groups_together_is_listened_to_less(seed: int) -> None:
    dice = random.Random(seed)
    options = [
        Option(str(n), dice.randrange(0, 40), dice.randrange(1, 12), dice.choice([None, "x", "y"])) for n in range(6)
    ]
    best = best_order(options)
    assert sorted(option.code for option in best) == sorted(option.code for option in options)
    assert _together(best)
    assert listened(best) == min(listened(order) for order in permutations(options) if _together(order))


def test_options_of_equal_worth_keep_their_places() -> None:
    options = [Option("a", 2, 1), Option("b", 4, 2), Option("c", 9, 3)]
    assert [option.code for option in best_order(options)] == ["c", "a", "b"]
    assert moved(options, best_order(options)) == 3
    assert moved(options[:2], best_order(options[:2])) == 0


def test_the_best_menu_lies_within_a_press_of_what_no_menu_beats() -> None:
    assert best_presses([45, 13, 12, 16, 9, 5], 2) == 2.24  # Cormen et al., Introduction to Algorithms, figure 16.5
    zipf = [round(1e9 / rank) for rank in range(1, 61)]
    assert best_presses(zipf, 9) == pytest.approx(1.607, abs=0.001)
    assert fewest_presses(zipf, 9) == pytest.approx(1.514, abs=0.001)
    dice = random.Random(1)
    for _ in range(50):
        weights = [dice.randrange(1, 500) for _ in range(dice.randrange(2, 60))]
        keys = dice.randrange(2, 10)
        assert fewest_presses(weights, keys) - 1e-9 <= best_presses(weights, keys) < fewest_presses(weights, keys) + 1
    assert (best_presses([], 9), best_presses([7], 9), entropy([0, 5])) == (0, 1, 0)
