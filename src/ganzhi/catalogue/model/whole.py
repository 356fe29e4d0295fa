"""The catalogue as one value."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.model.blueprints import Blueprint
from ganzhi.catalogue.model.data import CodeList, Dimension, Feed, Mapping, Source, Unit
from ganzhi.catalogue.model.desk import Department, Scene, ValueClass
from ganzhi.catalogue.model.flows import Flow
from ganzhi.catalogue.model.framework import (
    Activity,
    Capability,
    ChainLink,
    CodeSystem,
    CommercialProcess,
    Need,
    Process,
    ProcessClass,
    Product,
    Stage,
    StateMachine,
    System,
)
from ganzhi.catalogue.model.guidance import Interface, Priority, Report, Selection, Shortfall, Sla
from ganzhi.catalogue.model.handling import Lexicon, Screening, TicketRules, WorkingTime
from ganzhi.catalogue.model.indicators import Indicator, Topic
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.taxonomy import IssueRegister, ProblemDomain
from ganzhi.catalogue.model.touch import Attribute, Channel, ContactContent, ContactStep, Touchpoint
from ganzhi.catalogue.model.traces import Trace
from ganzhi.catalogue.model.warning import Occasion, Publication, WarningRule

KINDS: tuple[tuple[str, type[Model]], ...] = (
    ("sources", Source),
    ("feeds", Feed),
    ("code_lists", CodeList),
    ("mappings", Mapping),
    ("units", Unit),
    ("dimensions", Dimension),
    ("code_systems", CodeSystem),
    ("systems", System),
    ("stages", Stage),
    ("commercial_processes", CommercialProcess),
    ("capabilities", Capability),
    ("process_classes", ProcessClass),
    ("chain_links", ChainLink),
    ("processes", Process),
    ("needs", Need),
    ("products", Product),
    ("activities", Activity),
    ("state_machines", StateMachine),
    ("channels", Channel),
    ("contact_steps", ContactStep),
    ("contact_contents", ContactContent),
    ("attributes", Attribute),
    ("touchpoints", Touchpoint),
    ("flows", Flow),
    ("traces", Trace),
    ("blueprints", Blueprint),
    ("priorities", Priority),
    ("selections", Selection),
    ("shortfalls", Shortfall),
    ("slas", Sla),
    ("interfaces", Interface),
    ("indicators", Indicator),
    ("topics", Topic),
    ("reports", Report),
    ("occasions", Occasion),
    ("publications", Publication),
    ("warning_rules", WarningRule),
    ("working_times", WorkingTime),
    ("screenings", Screening),
    ("ticket_rules", TicketRules),
    ("lexicons", Lexicon),
    ("departments", Department),
    ("scenes", Scene),
    ("value_classes", ValueClass),
    ("problem_domains", ProblemDomain),
    ("issue_registers", IssueRegister),
)
"""Top-level keys of a catalogue file and the model of their entries, in loading order."""

CALENDAR_DIMENSIONS = ("hour_of_day", "weekday")
"""Dimensions every feed can be sliced by because they come from event time."""


@dataclass(frozen=True)
class Catalogue:
    """All entries after overlay, each by its code, and where each field was written.

    version: `<pack> <pack version>+<first 12 hex digits of the content's SHA-256>`.
    places: `(kind, code, *path)` to the location of that entry or field; look up with `place`.
    unreadable: `(kind, code)` of entries that stand in the files but could not be read; checks do
    not complain about references to them. Empty in a catalogue that loaded without issues.
    """

    version: str
    sources: ReadOnly[str, Source]
    feeds: ReadOnly[str, Feed]
    code_lists: ReadOnly[str, CodeList]
    mappings: ReadOnly[str, Mapping]
    units: ReadOnly[str, Unit]
    dimensions: ReadOnly[str, Dimension]
    code_systems: ReadOnly[str, CodeSystem]
    systems: ReadOnly[str, System]
    stages: ReadOnly[str, Stage]
    commercial_processes: ReadOnly[str, CommercialProcess]
    capabilities: ReadOnly[str, Capability]
    process_classes: ReadOnly[str, ProcessClass]
    chain_links: ReadOnly[str, ChainLink]
    processes: ReadOnly[str, Process]
    needs: ReadOnly[str, Need]
    products: ReadOnly[str, Product]
    activities: ReadOnly[str, Activity]
    state_machines: ReadOnly[str, StateMachine]
    channels: ReadOnly[str, Channel]
    contact_steps: ReadOnly[str, ContactStep]
    contact_contents: ReadOnly[str, ContactContent]
    attributes: ReadOnly[str, Attribute]
    touchpoints: ReadOnly[str, Touchpoint]
    flows: ReadOnly[str, Flow]
    traces: ReadOnly[str, Trace]
    blueprints: ReadOnly[str, Blueprint]
    priorities: ReadOnly[str, Priority]
    selections: ReadOnly[str, Selection]
    shortfalls: ReadOnly[str, Shortfall]
    slas: ReadOnly[str, Sla]
    interfaces: ReadOnly[str, Interface]
    indicators: ReadOnly[str, Indicator]
    topics: ReadOnly[str, Topic]
    reports: ReadOnly[str, Report]
    occasions: ReadOnly[str, Occasion]
    publications: ReadOnly[str, Publication]
    warning_rules: ReadOnly[str, WarningRule]
    working_times: ReadOnly[str, WorkingTime]
    screenings: ReadOnly[str, Screening]
    ticket_rules: ReadOnly[str, TicketRules]
    lexicons: ReadOnly[str, Lexicon]
    departments: ReadOnly[str, Department]
    scenes: ReadOnly[str, Scene]
    value_classes: ReadOnly[str, ValueClass]
    problem_domains: ReadOnly[str, ProblemDomain]
    issue_registers: ReadOnly[str, IssueRegister]
    places: ReadOnly[tuple[str, ...], Location]
    unreadable: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, version: str, kinds: ReadOnly[str, ReadOnly[str, Model]]) -> Catalogue:
        """A catalogue of some kinds, without places; the others are empty."""
        whole: dict[str, Any] = {kind: kinds.get(kind, {}) for kind, _ in KINDS}
        return cls(version=version, places={}, **whole)

    def place(self, kind: str, code: str, *path: str) -> Location | None:
        """The location of a field, or of the nearest thing around it that has one."""
        key = (kind, code, *path)
        while len(key) > 1:
            if key in self.places:
                return self.places[key]
            key = key[:-1]
        return None

    def indicator(self, code: str) -> Indicator:
        """The indicator, or InputError REQ010 with the nearest codes."""
        if code not in self.indicators:
            raise InputError(unknown("REQ010", code, self.indicators))
        return self.indicators[code]

    def feed(self, code: str) -> Feed:
        """The feed, or InputError REQ011 with the nearest codes."""
        if code not in self.feeds:
            raise InputError(unknown("REQ011", code, self.feeds))
        return self.feeds[code]

    def unit(self, code: str) -> Unit:
        """The unit, or InputError REQ012 with the nearest codes."""
        if code not in self.units:
            raise InputError(unknown("REQ012", code, self.units))
        return self.units[code]

    @property
    def root_unit(self) -> str:
        """Code of the unit that has no parent."""
        return next(code for code, unit in self.units.items() if unit.parent is None)

    @cached_property
    def computed(self) -> dict[tuple[str, str], Any]:
        """What others have computed from this catalogue and would compute alike again, by their word and a code.

        Kept with it, so that it goes with it."""
        return {}

    @cached_property
    def _supporters(self) -> ReadOnly[str, ReadOnly[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for child, indicator in self.indicators.items():
            if not indicator.retired:
                for each in indicator.supports:
                    if each.weight is not None:
                        found.setdefault(each.parent, {})[child] = float(each.weight)
        return found

    @cached_property
    def _threats(self) -> ReadOnly[str, ReadOnly[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for child, indicator in self.indicators.items():
            if not indicator.retired:
                for each in indicator.supports:
                    if each.points is not None:
                        found.setdefault(each.parent, {})[child] = float(each.points)
        return found

    def children(self, code: str) -> ReadOnly[str, float]:
        """Indicators that directly support `code`, with their weights, in catalogue order."""
        return self._supporters.get(code, {})

    def risks(self, code: str) -> ReadOnly[str, float]:
        """Risk indicators that can take points off the score of `code`, with the most they can take."""
        return self._threats.get(code, {})


def unknown(issue_code: str, given: str, known: ReadOnly[str, object]) -> Issue:
    """An issue for a code that is not in `known`, with near misses in `params["near"]` (may be empty)."""
    near = get_close_matches(given, list(known), n=3, cutoff=0.6)
    return Issue(issue_code, given[:64], params={"near": ", ".join(near) or "–"})
