"""The plan of a feed: all its live indicators as formulas over few merged measures.

Owns what is computed and kept for a feed, and the fingerprint that says whether kept states are
still what the catalogue means. Assumes a checked catalogue. Reads no clock, opens nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue
from ganzhi.compile.formulas import Formula, FormulaMaker
from ganzhi.compile.measures import ADDITIVE, Kind, Measure
from ganzhi.numerics.histogram import GAMMA

FORMAT = 3
"""Version of the layout of the states; raising it makes every state stale."""

ROLLED_LEVELS = ("total", "month")
"""Levels that are computed from days: totals of units that have others below them, and months."""


@dataclass(frozen=True, slots=True)
class DerivedColumn:
    """A column computed when rows are read. needs: stored columns it is made from."""

    name: str
    sql: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """What is computed from a feed's rows.

    stored, derived: the columns that are read and computed for it. dimensions: in the feed's
    order. cuboids: combinations of dimensions that are kept. measures: merged, by name. kept: for
    histograms and sets, whose states are large, the cuboids that an indicator's `by` needs, by
    measure. formulas: by indicator code. fingerprint: equal exactly when states of rows are
    interchangeable; rolled_fingerprint: the same of states that also depend on the organisation.
    """

    feed: str
    time: str
    unit: str
    finest: Grain
    stored: tuple[str, ...]
    derived: tuple[DerivedColumn, ...]
    dimensions: tuple[str, ...]
    cuboids: tuple[tuple[str, ...], ...]
    measures: tuple[Measure, ...]
    kept: Mapping[str, tuple[int, ...]]
    formulas: Mapping[str, Formula]
    fingerprint: str
    rolled_fingerprint: str

    @property
    def additive(self) -> tuple[Measure, ...]:
        """Measures kept as columns."""
        return tuple(m for m in self.measures if m.kind in ADDITIVE)

    @property
    def histograms(self) -> tuple[Measure, ...]:
        """Measures kept as rows of bucket and n."""
        return tuple(m for m in self.measures if m.kind is Kind.HISTOGRAM)

    @property
    def sets(self) -> tuple[Measure, ...]:
        """Measures kept as rows of distinct values."""
        return tuple(m for m in self.measures if m.kind is Kind.DISTINCT)

    @property
    def snapshots(self) -> tuple[Measure, ...]:
        """Measures that do not add over time."""
        return tuple(m for m in self.measures if m.kind is Kind.SNAPSHOT)

    @property
    def keeps_fine(self) -> bool:
        """Whether states below a day are kept."""
        return self.finest.minutes is not None

    @property
    def state_kinds(self) -> tuple[str, ...]:
        """Which of `add`, `hist`, `set` and `hll` the feed has."""
        return ("add", *(["hist"] if self.histograms else []), *(["set", "hll"] if self.sets else []))

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are computed from rows: `fine` and `day`, as far as they are kept."""
        return ("fine", "day") if self.keeps_fine else ("day",)

    def tables(self) -> tuple[str, ...]:
        """Manifest tables of the states that are computed from rows."""
        return tuple(f"{level}/{self.feed}/{kind}" for level in self.levels for kind in self.state_kinds)

    def tables_of(self, level: str) -> tuple[str, ...]:
        """Manifest tables of a level."""
        return tuple(f"{level}/{self.feed}/{kind}" for kind in self.state_kinds)

    def mark(self, level: str) -> str:
        """The fingerprint that states of a level carry."""
        return self.rolled_fingerprint if level in ROLLED_LEVELS else self.fingerprint

    def formula(self, code: str) -> Formula:
        """The formula of an indicator; InputError CMP008 when it is not computed from this feed."""
        if code not in self.formulas:
            raise InputError(Issue("CMP008", code, params={"feed": self.feed}))
        return self.formulas[code]

    def cuboid_for(self, dimensions: Collection[str]) -> int:
        """Index of the first kept combination that has the dimensions.

        Raises: InputError CMP009 naming the combinations that are kept.
        """
        found = first_with(self.cuboids, dimensions)
        if found is None:
            kept = "; ".join(" × ".join(cuboid) or "–" for cuboid in self.cuboids)
            params = {"kept": kept, "calendar": ", ".join(CALENDAR_DIMENSIONS)}
            raise InputError(Issue("CMP009", " × ".join(sorted(set(dimensions))), params=params))
        return found

    def check_kept(self, code: str, cuboid: int) -> None:
        """Raises InputError CMP012 when an indicator is not kept in a cuboid."""
        needed = [m for m in self.formula(code).measures if m.name in self.kept]
        if all(cuboid in self.kept[m.name] for m in needed):
            return
        common = set.intersection(*(set(self.kept[m.name]) for m in needed))
        names = dict.fromkeys(d for index in sorted(common) for d in self.cuboids[index])
        params = {"asked": " × ".join(self.cuboids[cuboid]), "kept": ", ".join([*names, *CALENDAR_DIMENSIONS])}
        raise InputError(Issue("CMP012", code, params=params))

    def users_of(self, measure: Measure) -> str:
        """The indicators that need a measure, for comments."""
        return ", ".join(code for code, formula in self.formulas.items() if measure in formula.measures)

    @property
    def summary(self) -> tuple[int, int]:
        """Number of indicators and of the measures they are merged to."""
        return len(self.formulas), len(self.measures)


def first_with(cuboids: Sequence[Collection[str]], dimensions: Collection[str]) -> int | None:
    """Index of the first cuboid that has the dimensions."""
    wanted = set(dimensions)
    return next((index for index, cuboid in enumerate(cuboids) if wanted <= set(cuboid)), None)


def _kept(
    cuboids: Sequence[tuple[str, ...]], formulas: Mapping[str, Formula], catalogue: Catalogue
) -> dict[str, tuple[int, ...]]:
    """Per histogram and set the cuboids that answer totals or a cut by dimensions of `by`."""
    found: dict[str, set[int]] = {}
    for code, formula in formulas.items():
        by = set(catalogue.indicators[code].by)
        parts = [by & set(cuboid) for cuboid in cuboids]
        needed = {0, *(i for i, part in enumerate(parts) if part and first_with(cuboids, part) == i)}
        for measure in formula.measures:
            if measure.kind in (Kind.HISTOGRAM, Kind.DISTINCT):
                found.setdefault(measure.name, set()).update(needed)
    return {name: tuple(sorted(indices)) for name, indices in sorted(found.items())}


def plan_feed(catalogue: Catalogue, feed_code: str) -> FeedPlan:
    """The plan of a feed over all its indicators that are not retired.

    Raises: InputError with every issue of the feed's definitions.
    """
    key = ("plan", feed_code)
    if key not in catalogue.computed:
        catalogue.computed[key] = _plan(catalogue, feed_code)
    found: FeedPlan = catalogue.computed[key]
    return found


def _plan(catalogue: Catalogue, feed_code: str) -> FeedPlan:
    feed = catalogue.feed(feed_code)
    maker = FormulaMaker(feed_code, feed, catalogue.indicators)
    formulas: dict[str, Formula] = {}
    issues: list[Issue] = []
    for code, indicator in catalogue.indicators.items():
        if indicator.feed != feed_code or indicator.retired:
            continue
        try:
            formulas[code] = maker.formula(code)
        except InputError as error:
            issues += error.issues
    if issues:
        raise InputError(issues)
    measures = sorted({m for f in formulas.values() for m in f.measures}, key=lambda m: m.name)
    dimensions = tuple(d for d in feed.dimensions if any(d in cuboid for cuboid in feed.cuboids))
    cuboids = tuple(tuple(d for d in dimensions if d in cuboid) for cuboid in feed.cuboids)
    kept = _kept(cuboids, formulas, catalogue)
    derived = _derived(feed, dimensions, measures, maker)
    used = {feed.time, feed.unit, *dimensions, *maker.columns_of(measures)}
    stored = (used - set(feed.derived)) | {column for each in derived for column in each.needs}
    fingerprint = _fingerprint(feed, dimensions, cuboids, measures, kept, derived)
    return FeedPlan(
        feed=feed_code,
        time=feed.time,
        unit=feed.unit,
        finest=feed.finest,
        stored=tuple(sorted(stored)),
        derived=derived,
        dimensions=dimensions,
        cuboids=cuboids,
        measures=tuple(measures),
        kept=kept,
        formulas=formulas,
        fingerprint=fingerprint,
        rolled_fingerprint=digest(fingerprint, _tree(catalogue))[:32],
    )


def _derived(
    feed: Feed, dimensions: Sequence[str], measures: Sequence[Measure], maker: FormulaMaker
) -> tuple[DerivedColumn, ...]:
    """The derived columns that measures or dimensions use."""
    used = {*dimensions, *maker.columns_of(measures)}
    found = []
    for name, declared in feed.derived.items():
        if name in used:
            expr = parse(declared.expr, maker.stored_types, want="any")
            found.append(DerivedColumn(name, expr.sql, expr.columns))
    return tuple(found)


def _tree(catalogue: Catalogue) -> str:
    """Of everything that decides which unit's states count for which."""
    key = ("tree", "")
    if key not in catalogue.computed:
        lines = [
            (code, unit.parent or "", *(f"{f.parent}<{f.until}" for f in unit.formerly))
            for code, unit in catalogue.units.items()
        ]
        catalogue.computed[key] = digest(*("|".join(line) for line in sorted(lines)))
    found: str = catalogue.computed[key]
    return found


def _fingerprint(
    feed: Feed,
    dimensions: Sequence[str],
    cuboids: Sequence[tuple[str, ...]],
    measures: Sequence[Measure],
    kept: Mapping[str, tuple[int, ...]],
    derived: Sequence[DerivedColumn],
) -> str:
    """Of everything that decides what stands in a state, and of nothing else."""
    parts = [
        str(FORMAT),
        repr(GAMMA),
        feed.time,
        feed.unit,
        feed.finest.value,
        ",".join(dimensions),
        ";".join(",".join(cuboid) for cuboid in cuboids),
        *(m.name for m in measures),
        *(f"{name}@{indices}" for name, indices in sorted(kept.items())),
        *(f"{each.name}={each.sql}" for each in derived),
        *(f"{name}:{column.type}:{column.scale}" for name, column in sorted(feed.columns.items())),
    ]
    return digest(*parts)[:32]
