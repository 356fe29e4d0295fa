"""The explanation page: a difference, what it is made of, and what carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Change, Reading, Scope, ScoreNow, Subject

Why = Literal["explained", "no_data_now", "no_data_before", "no_target", "peers", "withheld"]
"""Whether there is a difference to explain; `peers`: a comparison with other places has no parts."""


@dataclass(frozen=True, slots=True)
class ExplainQuery:
    """by: the dimension shown beside the units. moves: whether to ask what moves together with it."""

    by: str | None = None
    moves: bool = False


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a cut. unit, where: what its page and records are asked with, unit None when it cannot be
    asked for alone. change, rate, mix: what it adds to the difference, in the unit of value. share: of the
    difference. only: the one date at which it was there. below: on the bad side of the target."""

    key: str
    name: Text
    unit: str | None
    where: Mapping[str, str]
    before: Reading | None
    now: Reading | None
    change: float | None
    rate: float | None
    mix: float | None
    share: float | None
    points: float | None
    only: Literal["before", "now"] | None
    below: bool | None
    inner: tuple[PartRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CutView:
    """A difference over one dimension; ways as in `explanation.Way`. rate, mix: sums over the parts.
    reversed: every rate moved one way and the whole the other. outcome: the dimension only says how each event
    ended. withheld: some or all of the parts are kept from the viewer."""

    dimension: str
    name: Text
    way: Literal["rate_mix", "amounts", "over_whole", "distance", "beside"]
    rows: tuple[PartRow, ...]
    rate: float | None
    mix: float | None
    reversed: bool
    inner_name: Text | None
    outcome: bool = False
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One supporting indicator, `depth` 1 below the one explained. points: added to its parent's change (or
    lost to the target). of_top: what is left of it at the top."""

    code: str
    name: Text
    layer: str
    depth: int
    weight: float
    before: float | None
    now: float | None
    points: float | None
    of_top: float | None
    at_risk: float | None
    only: Literal["before", "now"] | None


@dataclass(frozen=True, slots=True)
class CellRow:
    """A combination of attributes that carries part of the difference. names: attribute and value. unit: None
    where it is of rows that cannot be asked for alone. events, expected: counted now, and expected."""

    names: tuple[tuple[Text, Text], ...]
    unit: str | None
    where: Mapping[str, str]
    before: Reading | None
    now: Reading | None
    change: float | None
    share: float | None
    events: float
    expected: float


@dataclass(frozen=True, slots=True)
class SearchView:
    """What the search over attributes says. tried: names of the attributes that were combined. withheld: the
    viewer may not see the combinations it found."""

    verdict: Literal["found", "spread", "outside", "too_few", "not_additive"]
    tried: tuple[tuple[Text, ...], ...]
    leaves: int
    cells: tuple[CellRow, ...]
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class MoveRow:
    """An indicator that was compared with the one explained, period by period: correlation r at a lag of so
    many periods, n periods. holds: the link stands although many were tested. expected: its sign is the one
    both directions say."""

    code: str
    name: Text
    layer: str
    r: float | None
    lag: int | None
    n: int | None
    holds: bool
    expected: bool | None


@dataclass(frozen=True, slots=True)
class ExplainPage:
    """All of one explanation. measured: a value is explained, else a score in points. difference: exact, now
    less before or value less target. cuts: all of them, units first. shown: the dimension shown beside the
    units. points_lost: the rows of `scores` are points lost to the target. moves: None when not asked."""

    scope: Scope
    subject: Subject
    why: Why
    measured: bool
    now: Reading
    before: Reading | None
    change: Change
    target: float | None
    difference: float | None
    score: ScoreNow | None
    scores: tuple[ScoreRow, ...]
    points_lost: bool
    cuts: tuple[CutView, ...]
    shown: str | None
    search: SearchView | None
    feed: str | None
    moves: tuple[MoveRow, ...] | None = None

    @property
    def dimensions(self) -> tuple[tuple[str, Text], ...]:
        """The dimensions there are cuts by, without the units."""
        return tuple((cut.dimension, cut.name) for cut in self.cuts if cut.dimension != "unit")

    def cut(self, dimension: str | None) -> CutView | None:
        """The cut by a dimension."""
        return next((cut for cut in self.cuts if cut.dimension == dimension), None)
