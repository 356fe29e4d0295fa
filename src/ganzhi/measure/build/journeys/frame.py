"""Builds the process frame: 75 processes by stage and class, by the customer's chain, or by the customer's life cycle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.derive.coverage import StateCounts, indicators_without_process, measured_by, pairs_of
from ganzhi.catalogue.model.framework import LIFECYCLE, ActivityWeight
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.shared import Ways, all_named, by_order, filters_of, named, passes
from ganzhi.measure.views.journeys.frame import Block, FramePage, Group, ProcessRow, Totals, Weight
from ganzhi.measure.views.journeys.parts import Coverage, Named
from ganzhi.measure.views.journeys.query import FrameQuery

VIEWS = ("frame", "chain", "customer")

FILTERS: Ways[ProcessRow] = (
    ("stage", lambda row: (row.stage.code,)),
    ("commercial_process", lambda row: (row.commercial_process.code,)),
    ("capability", lambda row: (row.capability.code,) if row.capability else ()),
    ("owner", lambda row: (row.owner.zh,)),
    ("state", lambda row: (row.state,)),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the rows and totals of a catalogue are counted from, worked out once."""

    catalogue: Catalogue
    measured: Mapping[str, tuple[str, ...]]
    pairs: Mapping[str, tuple[int, int]]
    touchpoints: Mapping[str, int]

    @staticmethod
    def of(catalogue: Catalogue) -> Tally:
        """Count once."""
        pairs = dict.fromkeys(catalogue.processes, (0, 0))
        for pair in pairs_of(catalogue):
            process = catalogue.touchpoints[pair.touchpoint].process
            done, total = pairs[process]
            pairs[process] = (done + pair.covered, total + 1)
        touchpoints = dict.fromkeys(catalogue.processes, 0)
        for touchpoint in catalogue.touchpoints.values():
            touchpoints[touchpoint.process] += 1
        return Tally(catalogue, measured_by(catalogue), pairs, touchpoints)

    def states(self, codes: Iterable[str]) -> StateCounts:
        """States of some indicators, each counted once."""
        return StateCounts.of(self.catalogue.indicators[code].state for code in dict.fromkeys(codes))

    def row(self, code: str) -> ProcessRow:
        """A process as a row."""
        catalogue = self.catalogue
        process = catalogue.processes[code]
        of_class = catalogue.process_classes[process.process_class]
        return ProcessRow(
            code=code,
            name=process.name,
            stage=named(catalogue.stages, of_class.stage),
            process_class=named(catalogue.process_classes, process.process_class),
            commercial_process=named(catalogue.commercial_processes, process.commercial_process),
            capability=named(catalogue.capabilities, process.capability) if process.capability else None,
            owner=process.owner,
            state=process.state,
            key=process.key,
            touchpoints=self.touchpoints[code],
            coverage=Coverage.of(*self.pairs[code]),
            indicators=self.states(self.measured[code]),
            codes=tuple(process.codes.items()),
        )

    def totals(self, rows: Sequence[ProcessRow]) -> Totals:
        """What rows add up to."""
        once = {row.code: row for row in rows}.values()
        return Totals(
            processes=StateCounts.of(row.state for row in once),
            touchpoints=sum(row.touchpoints for row in once),
            coverage=Coverage.of(sum(r.coverage.covered for r in once), sum(r.coverage.total for r in once)),
            indicators=self.states(code for row in once for code in self.measured[row.code]),
            without_indicators=sum(not row.indicators.total for row in once),
        )


def frame_page(catalogue: Catalogue, asked: FrameQuery) -> FramePage:
    """The frame under its filters, in one of three groupings."""
    view = asked.view or VIEWS[0]
    if view not in VIEWS:
        raise InputError(Issue("REQ004", "view", params={"value": view[:40], "known": ", ".join(VIEWS)}))
    tally = Tally.of(catalogue)
    search = (asked.search or "").strip()
    rows = [tally.row(code) for code in sorted(catalogue.processes, key=lambda c: _order(catalogue, c))]
    found = [row for row in rows if _matches(row, search)]
    chosen = {field: getattr(asked, field) or "" for field, _ in FILTERS}
    filters = filters_of(found, FILTERS, chosen, _names(catalogue, rows))
    shown = [row for row in found if passes(row, FILTERS, chosen)]
    narrowed = bool(search) or any(chosen.values())
    blocks = tuple(
        Block(code, name, note, kept, tally.totals([row for group in kept for row in group.rows]))
        for code, name, note, groups in GROUPINGS[view](catalogue, {row.code: row for row in shown})
        if (kept := tuple(group for group in groups if group.rows or not narrowed))
    )
    placed = {row.code for block in blocks for group in block.groups for row in group.rows}
    return FramePage(
        view=view,
        blocks=blocks,
        unplaced=tuple(row for row in shown if row.code not in placed),
        totals=tally.totals(shown),
        filters=filters,
        search=search,
        without_indicators=all_named(catalogue.processes, (row.code for row in rows if not row.indicators.total)),
        without_process=all_named(catalogue.indicators, indicators_without_process(catalogue)),
        catalogue_version=catalogue.version,
    )


def _order(catalogue: Catalogue, code: str) -> tuple[int, int, int]:
    process = catalogue.processes[code]
    of_class = catalogue.process_classes[process.process_class]
    return catalogue.stages[of_class.stage].order, of_class.order, process.order


def _names(catalogue: Catalogue, rows: Sequence[ProcessRow]) -> dict[str, Mapping[str, Text | None]]:
    stages = {c: s.name for c, s in by_order(catalogue.stages) if s.frame == "operator"}
    return {
        "stage": stages,
        "commercial_process": {c: each.name for c, each in by_order(catalogue.commercial_processes)},
        "capability": {c: each.name for c, each in by_order(catalogue.capabilities)},
        "owner": {row.owner.zh: row.owner for row in rows},
        "state": dict.fromkeys(LIFECYCLE),
    }


def _matches(row: ProcessRow, search: str) -> bool:
    """Literal text, any case, in code, names or external codes."""
    texts = (row.code, row.name.zh, row.name.en, *(code for _, code in row.codes))
    return not search or any(search.casefold() in text.casefold() for text in texts)


# -- three groupings -----------------------------------------------------------------------------

Rows = Mapping[str, ProcessRow]
Grouped = tuple[str, Text, Text | None, tuple[Group, ...]]


def _by_class(catalogue: Catalogue, rows: Rows) -> list[Grouped]:
    def groups(stage: str) -> tuple[Group, ...]:
        return tuple(
            Group(code, each.name, each.note, (), (), tuple(r for r in rows.values() if r.process_class.code == code))
            for code, each in by_order(catalogue.process_classes)
            if each.stage == stage
        )

    stages = [(code, stage) for code, stage in by_order(catalogue.stages) if stage.frame == "operator"]
    return [(code, stage.name, stage.description, groups(code)) for code, stage in stages]


def _by_chain(catalogue: Catalogue, rows: Rows) -> list[Grouped]:
    """Links of the customer's chain with their steps (S000-005); a process may stand in several."""

    def group(code: str) -> Group:
        link = catalogue.chain_links[code]
        mine = tuple(row for row in rows.values() if code in catalogue.processes[row.code].chain)
        return Group(code, link.name, link.description, (), (), mine)

    def groups(top: str) -> tuple[Group, ...]:
        below = [code for code, link in by_order(catalogue.chain_links) if link.parent == top]
        own = group(top)
        return (*((own,) if own.rows or not below else ()), *(group(code) for code in below))

    tops = [(code, link) for code, link in by_order(catalogue.chain_links) if link.parent is None]
    return [(code, link.name, link.description, groups(code)) for code, link in tops]


def _by_customer(catalogue: Catalogue, rows: Rows) -> list[Grouped]:
    """Stages and activities of the customer's life cycle with weights and needs (S001-093 to S001-095)."""

    def group(code: str) -> Group:
        each = catalogue.activities[code]
        mine = tuple(rows[process] for process in each.processes if process in rows)
        needs = all_named(catalogue.needs, each.needs)
        weights = tuple(_weight(catalogue, weight) for weight in each.weights)
        return Group(code, each.name, each.description, weights, needs, mine)

    stages = [(code, stage) for code, stage in by_order(catalogue.stages) if stage.frame == "customer"]
    return [
        (
            code,
            stage.name,
            stage.description,
            tuple(group(activity) for activity, each in by_order(catalogue.activities) if each.stage == code),
        )
        for code, stage in stages
    ]


def _weight(catalogue: Catalogue, given: ActivityWeight) -> Weight:
    product = named(catalogue.products, given.product) if given.product else None
    segment = _segment(catalogue, given.segment) if given.segment else None
    return Weight(float(given.weight), segment, product, given.origin, given.surveyed, given.sample)


def _segment(catalogue: Catalogue, value: str) -> Named:
    """A customer group by the name it has in a dimension of customers; its code where it has none."""
    customers = (each for each in catalogue.dimensions.values() if each.group == "customer")
    return Named(value, next((d.values[value] for d in customers if value in d.values), Text(zh=value, en=value)))


GROUPINGS: Mapping[str, Callable[[Catalogue, Rows], list[Grouped]]] = {
    "frame": _by_class,
    "chain": _by_chain,
    "customer": _by_customer,
}
