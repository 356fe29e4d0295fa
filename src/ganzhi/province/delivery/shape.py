"""What kind of thing a delivered column holds, told by its name."""

from __future__ import annotations

from typing import Final

MOMENTS: Final = frozenset(
    {
        "at",
        "data_as_of",
        "planned_from",
        "planned_to",
        "worked_from",
        "worked_to",
        "appointment_from",
        "appointment_to",
        "correct_by",
    }
)
DATES: Final = frozenset({"valid_until"})


def is_moment(name: str) -> bool:
    """Whether a column holds moments: seconds of local wall clock since 1970."""
    return name.endswith("_at") or name in MOMENTS


def is_date(name: str) -> bool:
    """Whether a column holds days since 1970."""
    return name in DATES
