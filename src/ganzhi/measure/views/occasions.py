"""Occasions of the operator's calendar as they stand beside numbers: holidays, campaigns, releases, assurance periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.model.parts import Text


@dataclass(frozen=True, slots=True)
class Occurs:
    """One span of an occasion. number: its place among those that are shown, from 1. first, last: days, both included."""

    number: int
    code: str
    kind: str
    name: Text
    first: date
    last: date
