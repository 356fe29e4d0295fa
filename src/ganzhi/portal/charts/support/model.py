"""What the drawing of the support system is made of. Assumes unique keys, and joints between known boxes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChartBox:
    """A box. shown: its figure in words; level: the worst of what is measured; dim: it is on no way through what was
    chosen."""

    key: str
    name: str
    shown: str = ""
    level: str | None = None
    chosen: bool = False
    dim: bool = False
    link: str | None = None


@dataclass(frozen=True, slots=True)
class ChartJoint:
    """A line between two boxes of columns side by side. weight: between 0 and 1."""

    source: str
    target: str
    weight: float


@dataclass(frozen=True, slots=True)
class SystemChart:
    """columns: heading and boxes, front to back. lines: what stands between each two columns."""

    sentence: str
    columns: tuple[tuple[str, tuple[ChartBox, ...]], ...]
    lines: tuple[str, ...]
    joints: tuple[ChartJoint, ...]
