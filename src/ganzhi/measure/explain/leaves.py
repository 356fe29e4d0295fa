"""The parts of one indicator at the two dates: unit × slice, with exact numerators and denominators.

Owns which questions are asked of `observe` and that the parts make up the whole: rows of a unit that lie
below none of its children are a part of their own. Knows whether the parts of a measure add up at all; of
rates over another feed only the numerators do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.indicators import Part as Measured
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue
from ganzhi.compile.formulas import SCALES
from ganzhi.measure.explain.explanation import Amount, ExplainRequest
from ganzhi.measure.observation import Exact, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.units import children_of
from ganzhi.warehouse.workplace import Workplace

Key = tuple[str, ...]
"""Unit, then the value of each dimension."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """before, now: the parts that are there at each date; a part that is missing was not counted then."""

    dimensions: tuple[str, ...]
    before: Mapping[Key, Amount]
    now: Mapping[Key, Amount]

    def without(self, dimensions: Collection[str], indicator: Indicator) -> Leaves:
        """The same parts with some dimensions merged away."""
        kept = [place for place, name in enumerate(self.dimensions) if name not in dimensions]
        sides = []
        for side in (self.before, self.now):
            parts: dict[Key, list[Amount]] = {}
            for key, amount in side.items():
                parts.setdefault((key[0], *(key[place + 1] for place in kept)), []).append(amount)
            sides.append({key: merged(amounts, indicator) for key, amounts in parts.items()})
        return Leaves(tuple(self.dimensions[place] for place in kept), *sides)

    def either(self) -> tuple[Key, ...]:
        """Parts of either date, in a stable order."""
        return tuple(dict.fromkeys([*self.now, *self.before]))


def asked_together(before: Period | None, now: Period, period: Period) -> tuple[Period, ...]:
    """The periods that one question answers: both, where one ends as the other begins."""
    return (before, now) if before is not None and before.end == now.start else (period,)


def adds_up(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether numerators and denominators of parts sum to those of the whole."""
    if indicator.measure in ("count", "sum", "mean", "share_within"):
        return True
    if indicator.ratio is not None:
        return all(_part_adds_up(catalogue, p) for p in (indicator.ratio.numerator, indicator.ratio.denominator))
    return indicator.rate is not None and _part_adds_up(catalogue, indicator.rate.numerator)


def _part_adds_up(catalogue: Catalogue, part: Measured) -> bool:
    if part.indicator is None:
        return part.distinct is None
    other = catalogue.indicator(part.indicator)
    if other.ratio is not None:
        return _part_adds_up(catalogue, other.ratio.numerator)
    return other.measure in ("count", "sum", "mean", "share_within")


def scale_of(indicator: Indicator) -> int:
    """What a quotient is multiplied by for the unit of value."""
    return 1 if indicator.measure == "mean" else SCALES.get(indicator.unit, 1)


def amount_of(observation: Observation) -> Amount | None:
    """An observation as an amount; None when nothing of its period has arrived."""
    if observation.completeness == 0:
        return None
    value = None if observation.value is None else float(observation.value)
    return Amount(observation.numerator, observation.denominator, observation.n, value)


@dataclass(slots=True)
class Asker:
    """Asks for one indicator's parts at the two dates, each question once."""

    workplace: Workplace
    reading: States
    request: ExplainRequest
    compared: Period | None
    _asked: dict[tuple[Period, tuple[str, ...], bool], list[Observation]] = field(default_factory=dict)
    _parts: dict[tuple[Period, tuple[str, ...]], dict[Key, Amount]] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in force."""
        return self.workplace.catalogue

    @property
    def indicator(self) -> Indicator:
        """The indicator that is explained."""
        return self.catalogue.indicator(self.request.code)

    @property
    def earlier(self) -> Period:
        """The period compared with; the one before where that is none."""
        return self.compared or self.request.period.previous()

    @property
    def units(self) -> tuple[str, ...]:
        """The direct children of the unit."""
        return children_of(self.catalogue, self.request.unit)

    def ask(self, period: Period, by: tuple[str, ...] = (), *, children: bool = False) -> list[Observation]:
        """Observations of one period; of two that follow each other both are asked for at once."""
        key = (period, by, children)
        if key not in self._asked:
            together = asked_together(self.earlier, self.request.period, period)
            asked = self.request
            question = ObserveRequest(
                codes=(asked.code,),
                unit=asked.unit,
                grain=period.grain,
                first=together[0].first_day,
                last=together[-1].last_day,
                by=by,
                basis=asked.basis,
                children=children,
                stale=asked.stale,
            )
            found = observe(self.workplace, self.reading, question)
            for each in together:
                self._asked[each, by, children] = [o for o in found if o.period.key == each.key]
        return self._asked[key]

    def whole(self, period: Period | None) -> Observation | None:
        """The indicator itself."""
        return None if period is None else self.ask(period)[0]

    def leaves(self, dimensions: tuple[str, ...]) -> Leaves:
        """Unit × dimensions at both dates."""
        return Leaves(dimensions, self._at(self.compared, dimensions), self._at(self.request.period, dimensions))

    def past(self, dimensions: tuple[str, ...]) -> dict[Key, Amount]:
        """Unit × dimensions in the earlier period, whether or not it is what is compared with."""
        return self._at(self.earlier, dimensions)

    def over_base(self, dimension: str, leaves: Leaves) -> Leaves:
        """Of a rate, the unit by one dimension at both dates, each value over the base that it has: its own
        where the base has that dimension, else that of the whole."""
        periods = (self.compared, self.request.period)
        if dimension in self._shared:
            sides = [{} if p is None else self._amounts(p, (dimension,), children=False) for p in periods]
            return Leaves((dimension,), *sides)
        place = leaves.dimensions.index(dimension) + 1
        return Leaves(
            (dimension,),
            *(
                {} if p is None else self._over_whole(p, side, place)
                for p, side in zip(periods, (leaves.before, leaves.now), strict=True)
            ),
        )

    @property
    def _shared(self) -> frozenset[str]:
        """Of a rate, the dimensions its base is cut by."""
        rate = self.indicator.rate
        assert rate is not None
        feed = self.catalogue.indicator(rate.per).feed
        assert feed is not None
        return frozenset({*self.catalogue.feed(feed).dimensions, *CALENDAR_DIMENSIONS}) - set(rate.whole)

    def _over_whole(self, period: Period, side: Mapping[Key, Amount], place: int) -> dict[Key, Amount]:
        base = self.ask(period)[0].denominator
        parts: dict[str, list[Amount]] = {}
        for key, amount in side.items():
            parts.setdefault(key[place], []).append(amount)
        found: dict[Key, Amount] = {}
        for value, amounts in parts.items():
            one = replace(merged(amounts, self.indicator), denominator=base)
            found[self.request.unit, value] = with_value(one, self.indicator)
        return found

    def _at(self, period: Period | None, dimensions: tuple[str, ...]) -> dict[Key, Amount]:
        """Parts in one period, looked up once."""
        if period is None:
            return {}
        if (period, dimensions) not in self._parts:
            self._parts[period, dimensions] = self._found(period, dimensions)
        return self._parts[period, dimensions]

    def _found(self, period: Period, dimensions: tuple[str, ...]) -> dict[Key, Amount]:
        found = self._amounts(period, dimensions, children=bool(self.units))
        if self.indicator.rate is not None and dimensions:
            # A slice may be divided by the base of more than itself, so bases of slices do not add up.
            found = {key: replace(amount, denominator=None, value=None) for key, amount in found.items()}
        whole = amount_of(self.ask(period)[0])
        if self.units and whole is not None and not self._whole_is(found, whole):
            found |= self._own(period, dimensions, found)
        return found

    def _whole_is(self, found: Mapping[Key, Amount], whole: Amount) -> bool:
        return _covers(list(found.values()), whole, with_denominator=self.indicator.rate is None)

    def _amounts(self, period: Period, dimensions: tuple[str, ...], *, children: bool) -> dict[Key, Amount]:
        found: dict[Key, Amount] = {}
        for each in self.ask(period, dimensions, children=children):
            amount = amount_of(each)
            if amount is not None and (amount.n or amount.numerator or amount.denominator):
                found[each.unit, *(each.slice[name] for name in dimensions)] = amount
        return found

    def _own(self, period: Period, dimensions: tuple[str, ...], below: Mapping[Key, Amount]) -> dict[Key, Amount]:
        """Rows of the unit itself: what its children leave of it, slice by slice."""
        found = {}
        of_children: dict[Key, list[Amount]] = {}
        for key, amount in below.items():
            of_children.setdefault(key[1:], []).append(amount)
        for key, amount in self._amounts(period, dimensions, children=False).items():
            rest = _less(amount, merged(of_children.get(key[1:], []), self.indicator), self.indicator)
            if rest.n or rest.numerator or rest.denominator:
                found[key] = rest
        return found


def merged(amounts: Sequence[Amount], indicator: Indicator) -> Amount:
    """Amounts together, with the value formed once at the end."""
    numerator: Exact = sum((a.numerator for a in amounts if a.numerator is not None), 0)
    known = [a.denominator for a in amounts if a.denominator is not None]
    denominator: Exact | None = sum(known, 0) if known else None
    return with_value(Amount(numerator, denominator, sum(a.n for a in amounts), None), indicator)


def with_value(amount: Amount, indicator: Indicator) -> Amount:
    """The amount with the value that its parts make."""
    if amount.numerator is None:
        return replace(amount, value=None)
    if amount.denominator is None:
        return replace(amount, value=None if _quotient(indicator) else float(amount.numerator))
    if not amount.denominator:
        return replace(amount, value=None)
    return replace(amount, value=scale_of(indicator) * float(amount.numerator) / float(amount.denominator))


def _quotient(indicator: Indicator) -> bool:
    return indicator.measure not in ("count", "sum")


def _less(whole: Amount, part: Amount, indicator: Indicator) -> Amount:
    denominator = None
    if whole.denominator is not None and indicator.rate is None:
        denominator = whole.denominator - (part.denominator or 0)
    left = Amount((whole.numerator or 0) - (part.numerator or 0), denominator, whole.n - part.n, None)
    return with_value(left, indicator)


def _covers(have: Sequence[Amount], whole: Amount, *, with_denominator: bool) -> bool:
    """Whether parts make up the whole, in numerator and (where it adds up) denominator."""
    numerator: Exact = sum((a.numerator for a in have if a.numerator is not None), 0)
    if numerator != (whole.numerator or 0):
        return False
    if not with_denominator or whole.denominator is None:
        return True
    return bool(sum((a.denominator for a in have if a.denominator is not None), 0) == whole.denominator)


def dimension_sets(asker: Asker) -> tuple[tuple[str, ...], ...]:
    """The combinations of dimensions that are asked together, so that each dimension wanted is in one.

    Largest first and none within another: of the indicator's declared dimensions (or those asked for) as far
    as the feed keeps them together. Calendar dimensions can be combined with all but are asked alone.
    """
    indicator = asker.indicator
    assert indicator.feed is not None
    feed = asker.catalogue.feed(indicator.feed)
    wanted = asker.request.by or tuple(d for d in indicator.by if d not in CALENDAR_DIMENSIONS)
    kept = [tuple(d for d in wanted if d in cuboid) for cuboid in feed.cuboids]
    kept += [(d,) for d in wanted if not any(d in each for each in kept)]  # `observe` says why not
    found: list[tuple[str, ...]] = []
    for each in sorted(dict.fromkeys(kept), key=len, reverse=True):
        if each and not any(set(each) <= set(other) for other in found):
            found.append(each)
    return tuple(found)
