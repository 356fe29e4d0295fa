"""The change of a ratio by part: the parts' own rates, and the mix of the parts, apart.

Owns the decomposition of E. M. Kitagawa (JASA 50, 1955) in the symmetric form of P. Das Gupta, over one
level of parts and over two. Numerators and denominators are exact (integers or decimals) and so is the
result: fractions whose sum is the change of the ratio, with no remainder at all. Refuses a whole whose
denominator is not positive at both dates: there is no ratio then, and no change of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Exact = int | Decimal | Fraction

HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Volumes:
    """Numerator and denominator of one part at two dates; a part that was not there has 0 and 0."""

    numerator_before: Exact
    denominator_before: Exact
    numerator_now: Exact
    denominator_now: Exact

    @property
    def rate_before(self) -> Fraction | None:
        """The ratio before; None without a denominator."""
        return _rate(self.numerator_before, self.denominator_before)

    @property
    def rate_now(self) -> Fraction | None:
        """The ratio now; None without a denominator."""
        return _rate(self.numerator_now, self.denominator_now)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a part adds to the change of the whole's ratio. rate: by the change of its own ratio.
    mix: by the change of its share of the denominator, as far as its ratio differs from the whole's."""

    rate: Fraction
    mix: Fraction

    @property
    def total(self) -> Fraction:
        """Both together."""
        return self.rate + self.mix


@dataclass(frozen=True, slots=True)
class Nested:
    """A part with the parts inside it: the inner effects, rate and mix, add up to the part's rate effect."""

    effect: Effect
    inner: tuple[Effect, ...]


def _rate(numerator: Exact, denominator: Exact) -> Fraction | None:
    return Fraction(numerator) / Fraction(denominator) if denominator else None


def together(parts: Sequence[Volumes]) -> Volumes:
    """The whole of the parts."""
    return Volumes(
        sum((Fraction(p.numerator_before) for p in parts), Fraction(0)),
        sum((Fraction(p.denominator_before) for p in parts), Fraction(0)),
        sum((Fraction(p.numerator_now) for p in parts), Fraction(0)),
        sum((Fraction(p.denominator_now) for p in parts), Fraction(0)),
    )


def rate_and_mix(parts: Sequence[Volumes]) -> tuple[Effect, ...]:
    """How the change of Σ numerator / Σ denominator splits over the parts.

    rate ½(σ0 + σ1)(r1 − r0), mix (½(r0 + r1) − ½(R0 + R1))(σ1 − σ0), with σ a part's share of the
    denominator and r its ratio. A part that has a denominator at one date only enters by mix alone, with
    the one ratio it has.
    Raises: ValueError when the whole has no positive denominator at one of the dates.
    >>> effects = rate_and_mix([Volumes(10, 100, 20, 100), Volumes(50, 100, 50, 100)])
    >>> [(str(e.rate), str(e.mix)) for e in effects]
    [('1/20', '0'), ('0', '0')]
    """
    whole = together(parts)
    if whole.denominator_before <= 0 or whole.denominator_now <= 0:
        raise ValueError("a ratio needs a positive denominator at both dates")
    size0, size1 = Fraction(whole.denominator_before), Fraction(whole.denominator_now)
    middle = HALF * (Fraction(whole.numerator_before) / size0 + Fraction(whole.numerator_now) / size1)
    found = []
    for part in parts:
        share0, share1 = Fraction(part.denominator_before) / size0, Fraction(part.denominator_now) / size1
        before, now = part.rate_before, part.rate_now
        rate = Fraction(0) if before is None or now is None else HALF * (share0 + share1) * (now - before)
        moved = Fraction(part.numerator_now) / size1 - Fraction(part.numerator_before) / size0
        # With both rates known, what is left of the move is (½(r0 + r1) − ½(R0 + R1))(σ1 − σ0).
        found.append(Effect(rate, moved - middle * (share1 - share0) - rate))
    return tuple(found)


def nested(groups: Sequence[Sequence[Volumes]]) -> tuple[Nested, ...]:
    """Parts within parts, such as slices within units.

    A group's own rate changes because the rates inside it change and because their mix does; both are
    scaled by the group's mean share, so that they add up to its rate effect. A group that is there at one
    date only has no rate effect, and its inner effects are 0.
    """
    wholes = [together(group) for group in groups]
    outer = rate_and_mix(wholes)
    all_of_them = together(wholes)
    found = []
    for group, whole, effect in zip(groups, wholes, outer, strict=True):
        if whole.denominator_before <= 0 or whole.denominator_now <= 0:
            found.append(Nested(effect, tuple(Effect(Fraction(0), Fraction(0)) for _ in group)))
            continue
        share = HALF * (
            Fraction(whole.denominator_before) / Fraction(all_of_them.denominator_before)
            + Fraction(whole.denominator_now) / Fraction(all_of_them.denominator_now)
        )
        inner = tuple(Effect(share * each.rate, share * each.mix) for each in rate_and_mix(group))
        found.append(Nested(effect, inner))
    return tuple(found)


def amounts(parts: Sequence[tuple[Exact, Exact]]) -> tuple[Fraction, ...]:
    """What each part adds to the change of a sum, from its amounts before and now.

    >>> [int(each) for each in amounts([(10, 12), (5, 4)])]
    [2, -1]
    """
    return tuple(Fraction(now) - Fraction(before) for before, now in parts)


def distance(parts: Sequence[tuple[Exact, Exact]], mark: Fraction) -> tuple[Fraction, ...]:
    """What each part, given as numerator and denominator, adds to the distance of the whole's ratio from a mark.

    (numerator − mark · denominator) / Σ denominator; the sum is R − mark exactly.
    >>> [str(each) for each in distance([(8, 10), (5, 10)], Fraction(7, 10))]
    ['1/20', '-1/10']
    """
    total = sum((Fraction(denominator) for _, denominator in parts), Fraction(0))
    if total <= 0:
        raise ValueError("a ratio needs a positive denominator")
    return tuple((Fraction(numerator) - mark * Fraction(denominator)) / total for numerator, denominator in parts)


def reversed_by_mix(effects: Sequence[Effect]) -> bool:
    """Whether every part's rate moved one way and the whole the other: Simpson's paradox.

    >>> reversed_by_mix([Effect(Fraction(1), Fraction(-2)), Effect(Fraction(1), Fraction(-1))])
    True
    """
    total = sum((each.total for each in effects), Fraction(0))
    moved = [each.rate for each in effects if each.rate]
    if not moved or total == 0:
        return False
    return all((rate > 0) != (total > 0) for rate in moved)
