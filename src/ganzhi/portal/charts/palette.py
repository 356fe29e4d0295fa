"""The tokens of ui.md section 6: what colours, tints and shapes mean. A value here changes only with its test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LevelWord = Literal["blue", "yellow", "orange", "red"]

INK = "#17202b"
MUTED = "#55606e"
BAR = "#7d8896"
OUTLINE = "#98a2ae"
RULE = "#c9d0d8"
DOTTED = "#aab2bc"
GROUND = "#eef1f4"
CARD = "#ffffff"
PAGE = "#f4f5f7"
ACCENT = "#27408b"
BETTER = "#00795c"
WORSE = "#5b0b6b"

HEAT = ("#eceff3", "#d9dfe6", "#c3ccd6", "#aab6c4", "#8f9fb1")
"""Shades of heat tables and of parts of a whole, light to dark; ink stands on all of them."""


@dataclass(frozen=True, slots=True)
class LevelLook:
    """How a level looks. solid: shapes and badges; on_solid: text on it; tint: cells and bands;
    edge: outline that a shape needs to stand out from white, if any."""

    level: LevelWord
    solid: str
    on_solid: str
    tint: str
    edge: str | None = None


LEVELS: tuple[LevelLook, ...] = (
    LevelLook("blue", "#2b6fc4", "#ffffff", "#e8f0fa"),
    LevelLook("yellow", "#ffd21f", INK, "#fff7d6", "#8a6d00"),
    LevelLook("orange", "#d96a00", INK, "#fdebd9"),
    LevelLook("red", "#a60b1e", "#ffffff", "#f9e3e5"),
)
"""Lowest first."""

LOOK: dict[str, LevelLook] = {look.level: look for look in LEVELS}
