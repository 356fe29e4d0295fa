"""What is learnt of a complaint: one literal table. A further column is a further line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FEED: Final = "complaints"
TEXT: Final = "content"
KIND: Final = "complaints"
"""The kind of model in the register: all heads together are one model."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column that is learnt. codes: the list of its values. sure: share that must be right above the limit from
    which on an answer counts as sure."""

    name: str
    column: str
    sure: float = 0.9


HEADS: Final[tuple[Head, ...]] = (
    Head("category", "category"),
    Head("process", "process"),
    Head("product", "product"),
    Head("kind", "kind"),
)
"""Category is the lowest level of the taxonomy; the level above follows from it. Kind: ordinary, batch, escalated."""
OWN: Final = HEADS[0].name
"""The head that says what a complaint is about: by it patterns of speech are told apart."""
ESCALATED: Final = "escalated"
