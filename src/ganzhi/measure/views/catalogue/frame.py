"""What stands around: interfaces, systems, agreements, external codes, products."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.catalogue.entry import SlaRow
from ganzhi.measure.views.journeys.parts import Coverage, Named


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """A flow to or from another system (S000-131). arrived: of an incoming flow with a feed, whether it has rows."""

    code: str
    name: Text
    flow: Text
    system: Named
    direction: str
    content: tuple[Text, ...]
    feed: Named | None
    arrived: bool | None
    rhythm: str
    form: Text | None


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system. processes, steps, interfaces: how many name it."""

    code: str
    name: Text
    domain: str
    owner: Text | None
    description: Text | None
    processes: int
    steps: int
    interfaces: int


@dataclass(frozen=True, slots=True)
class CodeSystemRow:
    """An external code system, and how many entries of each kind it applies to carry its codes (S000-021, S000-051).

    mapped: kind, code of the entry, its name and the external code.
    """

    code: str
    name: Text
    publisher: Text
    edition: str | None
    note: Text | None
    coverage: tuple[tuple[str, Coverage], ...]
    mapped: tuple[tuple[str, Named, str], ...]


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product with its indicators per phase of monitoring (S001-061): before, during, after, none."""

    code: str
    name: Text
    key_for: tuple[str, ...]
    description: Text | None
    phases: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SurroundingsPage:
    """All of it."""

    interfaces: tuple[InterfaceRow, ...]
    systems: tuple[SystemRow, ...]
    slas: tuple[SlaRow, ...]
    code_systems: tuple[CodeSystemRow, ...]
    products: tuple[ProductRow, ...]
    catalogue_version: str
