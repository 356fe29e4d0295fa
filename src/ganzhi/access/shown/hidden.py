"""Units that do not exist for a viewer, kept out of answers that carry other people's words.

What is asked by unit never leaves a viewer's reach. But records and slices hold values as they arrived, and
some of them are codes of units: of a team that has moved away since, of the branch a customer belongs to,
in the name of a file. Such a code is shown as `****`; the numbers beside it are the viewer's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ganzhi.access.rights import Ground
from ganzhi.access.shown.masking import HIDDEN
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.whole import Catalogue

_WORDS = re.compile(r"[0-9A-Za-z.-]+|[0-9A-Za-z]+")
_PARTS = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Codes of units out of reach."""

    codes: frozenset[str]

    def value(self, value: str) -> str:
        """A value, unless it is such a code."""
        return HIDDEN if value in self.codes else value

    def file(self, name: str | None) -> str | None:
        """The name of a file, unless such a code stands in it as a word."""
        if name is None or not self.codes:
            return name
        words = {*_WORDS.findall(name), *_PARTS.findall(name), *re.split(r"[_ ./\\]", name)}
        return name if self.codes.isdisjoint(words) else HIDDEN

    def text(self, text: str) -> str:
        """A text with `****` for each such code that stands in it as a word."""
        if not self.codes:
            return text
        longest_first = "|".join(map(re.escape, sorted(self.codes, key=len, reverse=True)))
        return re.sub(rf"(?<![\w-])(?:{longest_first})(?![\w-])", HIDDEN, text)


def hidden_from(catalogue: Catalogue, ground: Ground) -> Hidden:
    """The codes of the units that lie outside a viewer's ground."""
    return Hidden(frozenset(catalogue.units.keys() - ground.units.keys()))


def open_columns(feed: Feed) -> frozenset[str]:
    """Columns whose texts may be codes of units: all but those whose values come from a declared list."""
    return frozenset(name for name, each in feed.columns.items() if each.type == "text" and each.allowed is None)
