"""Candidate indicators: what a marked pair of touchpoint and attribute that nothing answers asks for (S000-042).

A candidate is a suggestion with name, code, layer and type. It becomes an indicator only when somebody
writes the entry.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from ganzhi.base.messages import LANGS, Lang, say
from ganzhi.catalogue.derive.coverage import pairs_of
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.touch import Touchpoint
from ganzhi.catalogue.model.whole import Catalogue

LONGEST_CODE = 64
"""Characters of a catalogue code."""

IndicatorType = Literal["customer_evaluation", "business_perception", "system_performance"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A suggested indicator for a pair. feeds: where its records already arrive, empty when nowhere."""

    touchpoint: str
    attribute: str
    code: str
    name: Text
    definition: Text
    type: IndicatorType
    feeds: tuple[str, ...]
    layer: Literal["KQI"] = "KQI"


def candidates(catalogue: Catalogue, process: str | None = None) -> tuple[Candidate, ...]:
    """A candidate for every pair without an indicator, each under a code that is free."""
    taken = set(catalogue.indicators)
    found = []
    for pair in pairs_of(catalogue, process):
        if not pair.covered:
            found.append(_candidate(catalogue, pair.touchpoint, pair.attribute, taken))
            taken.add(found[-1].code)
    return tuple(found)


def _candidate(catalogue: Catalogue, code: str, attribute: str, taken: Collection[str]) -> Candidate:
    touchpoint = catalogue.touchpoints[code]
    feeds = _feeds(catalogue, touchpoint)
    kind = _type(touchpoint, catalogue.attributes[attribute].family, feeds)
    names = {
        lang: say(
            lang,
            "derive.candidate.name",
            touchpoint=touchpoint.name.in_(lang),
            attribute=_lowered(catalogue.attributes[attribute].name.in_(lang)),
        )
        for lang in LANGS
    }
    definitions = {
        lang: say(
            lang,
            f"derive.candidate.{kind}",
            touchpoint=touchpoint.name.in_(lang),
            sentence=touchpoint.attributes[attribute].in_(lang).rstrip("。."),
        )
        for lang in LANGS
    }
    return Candidate(
        code,
        attribute,
        free_code(f"{code}.{attribute}", taken),
        _text(names),
        _text(definitions),
        kind,
        feeds,
    )


def _text(both: dict[Lang, str]) -> Text:
    return Text(zh=both["zh"][:500], en=both["en"][:500])


def _lowered(word: str) -> str:
    """A word for the middle of a sentence; an abbreviation keeps its capitals."""
    return word[:1].lower() + word[1:] if word[1:2].islower() else word


def _feeds(catalogue: Catalogue, touchpoint: Touchpoint) -> tuple[str, ...]:
    """Feeds of the system steps behind a touchpoint."""
    steps = catalogue.processes[touchpoint.process].steps
    given = (steps[name].feed for name in touchpoint.supported_by if name in steps)
    return tuple(dict.fromkeys(feed for feed in given if feed is not None))


def _type(touchpoint: Touchpoint, family: str, feeds: tuple[str, ...]) -> IndicatorType:
    """Who can speak: records where a supporting step leaves them, else the business behind it, else customers only."""
    if family != "service" or not touchpoint.supported_by:
        return "customer_evaluation"
    return "system_performance" if feeds else "business_perception"


def free_code(wanted: str, taken: Collection[str]) -> str:
    """The code, shortened to what a code may be, with a number when it is taken.

    >>> free_code("pay.invoice.accuracy", {"pay.invoice.accuracy"})
    'pay.invoice.accuracy_2'
    """
    code, number = wanted[:LONGEST_CODE].rstrip("._"), 2
    while code in taken:
        ending = f"_{number}"
        code, number = wanted[: LONGEST_CODE - len(ending)].rstrip("._") + ending, number + 1
    return code
