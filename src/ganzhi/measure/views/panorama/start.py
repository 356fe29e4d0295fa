"""The start page: the overview with what happened last, where complaints gather, and the customer's way."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.measure.views.overview import Overview
from ganzhi.measure.views.panorama.brief import Brief, HotSpots
from ganzhi.measure.views.panorama.lifecycle import LifecycleStage
from ganzhi.measure.views.parts import Change, Level, Reading, Subject


@dataclass(frozen=True, slots=True)
class ModuleStanding:
    """A module on the start page: its leading score and how many of its indicators are in alert."""

    code: str
    score: float | None
    before: float | None
    level: Level | None
    known: int
    in_alert: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """An indicator about the promotion and use of electronic channels (S002-082)."""

    subject: Subject
    now: Reading
    change: Change


@dataclass(frozen=True, slots=True)
class StartPage:
    """The start page in its parts (S002-116). hot_spots: None where the catalogue counts no complaints."""

    overview: Overview
    modules: tuple[ModuleStanding, ...]
    brief: Brief
    hot_spots: HotSpots | None
    stages: tuple[LifecycleStage, ...]
    promotion: tuple[Promotion, ...]
