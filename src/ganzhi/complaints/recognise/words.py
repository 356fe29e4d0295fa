"""Words of the lexicons found in a text: leftmost, longest, and not inside a longer word that means something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ganzhi.catalogue.model.handling import Lexicon, Purpose, Term
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.recognise.text import cleaned

NEAR: Final = 15
"""Characters around the name of a competitor in which a reason for it counts (methods 3.6)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A word in a text. at: where it begins; form: as it is written there; value: what it stands for."""

    lexicon: str
    purpose: Purpose
    value: str
    form: str
    at: int


class Words:
    """All words of all lexicons, made ready once for a catalogue."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._each = [(code, lexicon, _compiled(lexicon)) for code, lexicon in lexicons.items()]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Words:
        """Those of a catalogue by which something is recognised, kept with it."""
        key = ("complaint_words", "")
        if key not in catalogue.computed:
            catalogue.computed[key] = cls(
                {c: each for c, each in catalogue.lexicons.items() if each.purpose != "synonym"}
            )
        found: Words = catalogue.computed[key]
        return found

    def find(self, text: str, day: date) -> tuple[Found, ...]:
        """What is found in a cleaned text, of words that hold on that day, in the order of the text."""
        found = [hit for each in self._each for hit in _hits(*each, text, day)]
        return tuple(sorted(found, key=lambda hit: (hit.at, hit.lexicon)))


@dataclass(frozen=True, slots=True)
class _Ready:
    """pattern: all forms and all longer words, longest first; terms: the term of each form; a longer word has none."""

    pattern: re.Pattern[str]
    terms: Mapping[str, Term]


def _compiled(lexicon: Lexicon) -> _Ready:
    terms: dict[str, Term] = {}
    skipped: set[str] = set()
    for term in lexicon.terms:
        terms |= {cleaned(form): term for form in (term.text, *term.forms)}
        skipped |= {cleaned(longer) for longer in term.but_not}
    every = sorted({*terms, *skipped}, key=lambda form: (-len(form), form))
    return _Ready(re.compile("|".join(map(re.escape, every))), {k: t for k, t in terms.items() if k not in skipped})


def _hits(code: str, lexicon: Lexicon, ready: _Ready, text: str, day: date) -> Iterator[Found]:
    for match in ready.pattern.finditer(text):
        term = ready.terms.get(match[0])
        if term is None or (term.valid_from and day < term.valid_from) or (term.valid_to and day > term.valid_to):
            continue
        yield Found(code, lexicon.purpose, term.value or term.text, match[0], match.start())


def pulled(found: Sequence[Found]) -> dict[str, tuple[str, ...]]:
    """Competitors named, each with the reasons for turning to it that stand near."""
    reasons = [each for each in found if each.purpose == "cause"]
    named: dict[str, dict[str, None]] = {}
    for each in found:
        if each.purpose == "competitor":
            near = [r.value for r in reasons if -NEAR <= r.at - each.at <= NEAR + len(each.form)]
            named.setdefault(each.value, {}).update(dict.fromkeys(near))
    return {name: tuple(near) for name, near in named.items()}
