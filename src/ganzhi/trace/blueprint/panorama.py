"""The support system from front to back: contact steps, channels, commercial processes, systems, departments (S001-053).

Everything is derived from the catalogue: a touchpoint joins its contact step with its channels, and these with the
commercial process of its process; the system steps of processes join commercial processes with systems, a system has
the department that owns it. What is measured of a place is what the indicators say that are about it: those that
answer touchpoints for steps and channels, those of the commercial process, those of system steps for systems; a
department has what its systems have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.derive.coverage import pairs_of
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.reach import arrived_feeds, has_data
from ganzhi.measure.build.journeys.shared import by_order
from ganzhi.measure.build.panorama.marks import LEVEL_ORDER
from ganzhi.measure.build.readings import Board, subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.parts import Level, Reading, Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.blueprint.views import Measured

Column = Literal["contact", "channel", "process", "system", "department"]
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
"""From the customer backwards."""


@dataclass(frozen=True, slots=True)
class Place:
    """A box. joined: how many declared things put it there (touchpoints, processes, system steps). indicators: about it and
    in use with data; measured: of them with a value; alerting: with a level; level: the worst of these."""

    column: Column
    code: str
    name: Text
    joined: int
    indicators: int
    measured: int
    alerting: int
    level: Level | None

    @property
    def key(self) -> str:
        """Column and code."""
        return f"{self.column}:{self.code}"


@dataclass(frozen=True, slots=True)
class Joint:
    """Two places side by side that are joined, and by how many declared things."""

    source: str
    target: str
    joined: int


@dataclass(frozen=True, slots=True)
class SystemPanorama:
    """places: by column in the catalogue's order. focus: the place that was chosen; then `lit` holds the keys on a way through
    it, and `rows` what its indicators say, the worst first."""

    scope: Scope
    places: tuple[Place, ...]
    joints: tuple[Joint, ...]
    focus: Place | None
    lit: frozenset[str]
    rows: tuple[Measured, ...]
    catalogue_version: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What the catalogue says: places with their names and indicators, and what joins them."""

    names: Mapping[str, Text]
    joined: Mapping[str, int]
    about: Mapping[str, frozenset[str]]
    joints: Mapping[tuple[str, str], int]


def declared(catalogue: Catalogue) -> Declared:
    """The whole drawing without numbers."""
    made = _Maker(catalogue)
    for code, touchpoint in catalogue.touchpoints.items():
        made.touchpoint(code, touchpoint.process, touchpoint.step, touchpoint.channels)
    for code in catalogue.processes:
        made.process(code)
    for code, indicator in catalogue.indicators.items():
        key = f"process:{indicator.commercial_process}"
        if indicator.commercial_process and key in made.names:
            made.about[key].add(code)
    return Declared(
        made.names, made.joined, {key: frozenset(codes) for key, codes in made.about.items()}, dict(made.joints)
    )


class _Maker:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.names: dict[str, Text] = {}
        self.joined: Counter[str] = Counter()
        self.about: dict[str, set[str]] = {}
        self.joints: Counter[tuple[str, str]] = Counter()
        self.answering: dict[str, set[str]] = {}
        for pair in pairs_of(catalogue, None):
            self.answering.setdefault(pair.touchpoint, set()).update(pair.indicators)
        self.of_step: dict[str, set[str]] = {}
        for code, indicator in catalogue.indicators.items():
            for process in indicator.processes if indicator.step is not None else ():
                self.of_step.setdefault(f"{process}.{indicator.step}", set()).add(code)

    def _put(self, column: Column, code: str, name: Text, about: set[str]) -> str:
        key = f"{column}:{code}"
        self.names.setdefault(key, name)
        self.joined[key] += 1
        self.about.setdefault(key, set()).update(about)
        return key

    def touchpoint(self, code: str, process: str, step: str, channels: tuple[str, ...]) -> None:
        catalogue, about = self.catalogue, self.answering.get(code, set())
        contact = self._put("contact", step, catalogue.contact_steps[step].name, about)
        business = self._business(process)
        for each in channels:
            channel = self._put("channel", each, catalogue.channels[each].name, about)
            self.joints[contact, channel] += 1
            self.joints[channel, business] += 1

    def _business(self, process: str) -> str:
        code = self.catalogue.processes[process].commercial_process
        key = f"process:{code}"
        self.names.setdefault(key, self.catalogue.commercial_processes[code].name)
        self.about.setdefault(key, set())
        return key

    def process(self, code: str) -> None:
        catalogue, process = self.catalogue, self.catalogue.processes[code]
        business = self._business(code)
        self.joined[business] += 1
        for name, step in process.steps.items():
            about = self.of_step.get(f"{code}.{name}", set())
            owner = catalogue.systems[step.system].owner
            system = self._put("system", step.system, catalogue.systems[step.system].name, about)
            self.joints[business, system] += 1
            if owner is not None:
                department = self._put("department", owner.en, owner, about)
                self.joints[system, department] += 1


def ordered(catalogue: Catalogue, found: Declared) -> tuple[str, ...]:
    """Keys by column, each in the order the catalogue gives its entries; departments by what they have most."""
    places: dict[str, int] = {}
    for column, entries in (
        ("contact", [code for code, _ in by_order(catalogue.contact_steps)]),
        ("channel", list(catalogue.channels)),
        ("process", list(catalogue.commercial_processes)),
        ("system", list(catalogue.systems)),
    ):
        places |= {f"{column}:{code}": place for place, code in enumerate(entries)}
    rank = {column: place for place, column in enumerate(COLUMNS)}

    def order(key: str) -> tuple[int, int, str]:
        column = key.partition(":")[0]
        place = places.get(key, -found.joined[key])
        return rank[column], place, key  # type: ignore[index]

    return tuple(sorted(found.names, key=order))


def through(focus: str, joints: Mapping[tuple[str, str], int]) -> frozenset[str]:
    """The keys on ways through one: everything before it and after it, not what stands beside it."""
    lit = {focus}
    for here, there in ((0, 1), (1, 0)):
        edge = {focus}
        while edge:
            edge = {joint[there] for joint in joints if joint[here] in edge} - lit
            lit |= edge
    return frozenset(lit)


def system_panorama(reader: Reader, query: PageQuery, focus: str | None = None) -> SystemPanorama:
    """The drawing with what is measured; InputError REQ054 for a place there is not."""
    catalogue = reader.workplace.catalogue
    found = declared(catalogue)
    if focus is not None and focus not in found.names:
        raise InputError(Issue("REQ054", focus[:80]))
    scope = scope_of(reader, query)
    arrived = arrived_feeds(reader.workplace)
    codes = sorted({code for about in found.about.values() for code in about if has_data(catalogue, code, arrived)})
    board = Board(reader, codes, basis=scope.basis)
    board.ask(scope.unit, [scope.period])
    return drawn(catalogue, scope, {code: board.reading(code, scope.unit, scope.period) for code in codes}, focus)


def drawn(
    catalogue: Catalogue, scope: Scope, readings: Mapping[str, Reading], focus: str | None = None
) -> SystemPanorama:
    """The drawing of a catalogue with the readings that are known; InputError REQ054 for a place there is not."""
    found = declared(catalogue)
    if focus is not None and focus not in found.names:
        raise InputError(Issue("REQ054", focus[:80]))
    places = tuple(_place(key, found, readings) for key in ordered(catalogue, found))
    joints = tuple(Joint(source, target, n) for (source, target), n in sorted(found.joints.items()))
    chosen = next((each for each in places if each.key == focus), None)
    rows = () if chosen is None else _rows(catalogue, scope, found.about[chosen.key], readings)
    lit = frozenset[str]() if focus is None else through(focus, found.joints)
    return SystemPanorama(scope, places, joints, chosen, lit, rows, catalogue.version)


def _place(key: str, found: Declared, readings: Mapping[str, Reading]) -> Place:
    column, _, code = key.partition(":")
    own = [readings[each] for each in found.about[key] if each in readings]
    levels = {each.level for each in own}
    return Place(
        column=column,  # type: ignore[arg-type]
        code=code,
        name=found.names[key],
        joined=found.joined[key],
        indicators=len(own),
        measured=sum(each.value is not None for each in own),
        alerting=sum(each.level is not None for each in own),
        level=next((each for each in LEVEL_ORDER if each in levels), None),
    )


def _rows(
    catalogue: Catalogue, scope: Scope, about: frozenset[str], readings: Mapping[str, Reading]
) -> tuple[Measured, ...]:
    rank = {level: place for place, level in enumerate(LEVEL_ORDER)}
    known = [code for code in about if code in readings]
    known.sort(key=lambda code: (rank.get(readings[code].level, 9), readings[code].value is None, code))  # type: ignore[arg-type]
    return tuple(Measured(subject_of(catalogue, code, scope.period.grain), readings[code]) for code in known)
