"""How a store's schema becomes the one this program needs, one transaction per step.

A step is a module in `versions/`; its revision is also written here, in order. Steps are never
changed after a release; tables change in a new step.
"""

from __future__ import annotations

from typing import Final

REVISIONS: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
)
"""All schema revisions this program knows, oldest first."""

HEAD: Final = REVISIONS[-1]
"""The revision this program needs."""
