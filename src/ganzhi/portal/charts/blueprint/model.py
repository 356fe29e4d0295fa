"""What a blueprint drawing is made of. Assumes unique codes, and links between known steps."""

from __future__ import annotations

from dataclasses import dataclass

ROWS = ("evidence", "customer", "front", "back", "support")
"""Rows from top to bottom; what the customer sees and keeps stands above the customer."""


@dataclass(frozen=True, slots=True)
class ChartPhase:
    """A column."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ChartStep:
    """A box. row: one of `ROWS`. shown: its figure in words; level: of the worse of its figures; poor: is circled.
    marked: a key point."""

    code: str
    row: str
    phase: str
    name: str
    shown: str = ""
    level: str | None = None
    poor: bool = False
    marked: bool = False
    link: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class ChartLink:
    """One step leads to another."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class BlueprintChart:
    """rows: names of the rows by their word; lines: names of the three lines, from top to bottom."""

    sentence: str
    phases: tuple[ChartPhase, ...]
    steps: tuple[ChartStep, ...]
    links: tuple[ChartLink, ...]
    rows: dict[str, str]
    lines: tuple[str, str, str]
