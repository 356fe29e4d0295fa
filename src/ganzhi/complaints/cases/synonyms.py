"""What customers say in other words: declared synonyms widen a question to the library (S003-035).

Terms of lexicons with the purpose `synonym` are groups of forms for one thing, each within its validity. Where one form
of a group is said, the others are searched with, too, at a part of the weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.recognise.words import Words

PURPOSE: Final = "synonym"
_KEY: Final = ("case_synonyms", "")


@dataclass(frozen=True, slots=True)
class Meant:
    """A form that was said, and another for the same thing."""

    said: str
    other: str


class Synonyms:
    """The groups of a catalogue, made ready once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._words = Words({c: each for c, each in catalogue.lexicons.items() if each.purpose == PURPOSE})
        self._groups = {
            (code, term.value or term.text): tuple(cleaned(form) for form in (term.text, *term.forms))
            for code, each in catalogue.lexicons.items()
            if each.purpose == PURPOSE
            for term in each.terms
        }

    @classmethod
    def of(cls, catalogue: Catalogue) -> Synonyms:
        """Those of a catalogue, kept with it."""
        if _KEY not in catalogue.computed:
            catalogue.computed[_KEY] = cls(catalogue)
        found: Synonyms = catalogue.computed[_KEY]
        return found

    def meant(self, text: str, day: date) -> tuple[Meant, ...]:
        """Other forms for what a cleaned text says, of groups that hold on that day, that it does not say itself."""
        found: dict[str, Meant] = {}
        for hit in self._words.find(text, day):
            for other in self._groups[hit.lexicon, hit.value]:
                if other not in text:
                    found.setdefault(other, Meant(hit.form, other))
        return tuple(found.values())
