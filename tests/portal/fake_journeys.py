"""Ports of the journeys over a small catalogue.

In the empty variant processes are only named, and nothing hangs on them; the hostile one attacks by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.derivation import derivation_page
from ganzhi.measure.build.journeys.frame import frame_page
from ganzhi.measure.build.journeys.process import described
from ganzhi.measure.build.journeys.selection import explained
from ganzhi.measure.build.journeys.shared import named, process_of
from ganzhi.measure.build.journeys.touchpoints import touchpoints_page
from ganzhi.measure.views.journeys.benchmark import BenchmarkBlock, BenchmarkPage, BenchmarkRow
from ganzhi.measure.views.journeys.process import ProcessPage
from ganzhi.measure.views.journeys.selection import Quadrant, Rank, Selected, SelectedProcess, SelectionPage
from ganzhi.measure.views.parts import Reading, Scope, Subject
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.context import JourneyPorts
from tests.catalogue.small import small_catalogue
from tests.portal import numbers as n

HANGING = ("activities", "state_machines", "touchpoints", "priorities", "selections", "shortfalls", "indicators")
PRESSED: dict[str, tuple[float, float, Rank, Quadrant]] = {
    "pay": (1.0, 1.0, "highest", "both"),
    "resume": (0.75, 0.3, "higher", "pressure"),
    "bill": (0.2, 0.7, "higher", "importance"),
    "cards": (0.05, 0.0, "lowest", "neither"),
}


def _catalogue(variant: str, attacked: Callable[[Text], Text]) -> Catalogue:
    made = small_catalogue(lambda zh, en: attacked(Text(zh=zh, en=en)))
    if variant != "empty":
        return made
    bare = {code: p.model_copy(update={"steps": {}, "chain": (), "channels": ()}) for code, p in made.processes.items()}
    return replace(made, processes=bare, **{kind: {} for kind in HANGING})


def journey_subject(code: str) -> Subject:
    """An indicator of the small catalogue, for links that lead from the journeys."""
    known = small_catalogue().indicators
    if code not in known:
        raise InputError(Issue("REQ010", code[:64], params={"near": "hotline.answer_rate"}))
    return n.subject(code, known[code].name.zh, known[code].name.en)


def journeys(
    variant: str, scope: Callable[[PageQuery], Scope], attacked: Callable[[Text], Text], *, pressed: bool = True
) -> JourneyPorts:
    """The ports. pressed: problem pressure is known."""
    catalogue = _catalogue(variant, attacked)

    def process(code: str, query: PageQuery) -> ProcessPage:
        process_of(catalogue, code)
        known = {"pay.posted": Reading(97.5, 975, 1000, 1000, 1.0, None, enough=True)}
        return described(catalogue, code, scope(query), known)

    def selection(query: PageQuery, code: str | None) -> SelectionPage:
        if not catalogue.selections:
            return explained(catalogue, scope(query), None)
        return explained(catalogue, scope(query), _selected(catalogue, scope(query), pressed=pressed))

    def benchmark(code: str, query: PageQuery, layer: str) -> BenchmarkPage:
        process_of(catalogue, code)
        blocks = () if variant == "empty" else (_block("hotline.answer_rate"),)
        process = named(catalogue.processes, code)
        counts = (("KEI", 0), ("KQI", 1), ("KPI", 2), ("PI", 0))
        return BenchmarkPage(scope(query), process, counts, layer or "KPI", 3 * len(blocks), blocks)

    return JourneyPorts(
        benchmark=benchmark,
        frame=lambda asked: frame_page(catalogue, asked),
        process=process,
        touchpoints=lambda asked: touchpoints_page(catalogue, asked),
        derivation=lambda code: derivation_page(catalogue, code),
        selection=selection,
    )


def _selected(catalogue: Catalogue, scope: Scope, *, pressed: bool) -> Selected:
    lost = named(catalogue.indicators, "lost")
    rows = tuple(
        SelectedProcess(
            code=code,
            name=catalogue.processes[code].name,
            pressure=pressure if pressed else None,
            importance=importance,
            parts=(("lost", pressure * 412 if pressed else None),),
            rank=rank if pressed else None,
            quadrant=quadrant if pressed else None,
            chosen=code == "pay",
            reasons=("hot",) if code == "pay" else (),
        )
        for code, (pressure, importance, rank, quadrant) in PRESSED.items()
    )
    name = catalogue.selections["key_processes"].name
    return Selected("key_processes", name, scope.unit, scope.period, 0.5, (lost,), rows, () if pressed else (lost,))


def _block(code: str) -> BenchmarkBlock:
    """Three places: the best, one behind, and one with too small a sample."""

    def row(unit: str, value: float, number: int, rank: int | None, best: float | None) -> BenchmarkRow:
        reading = Reading(value, round(value * number / 100), number, number, 1.0, None, enough=rank is not None)
        name = Text(zh=f"{unit} 市", en=f"City {unit}")
        return BenchmarkRow(unit, name, reading, rank, best, None if best is None else best - 2.0)

    return BenchmarkBlock(
        n.subject(code, "人工接通率", "Answer rate", limits=(80, 90, 95)),
        (row("AB-1", 92.0, 900, 1, 0.0), row("AB-2", 88.5, 800, 2, 3.5), row("AB", 50.0, 4, None, None)),
    )
