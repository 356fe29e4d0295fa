"""Cases for a complaint, best first, with why (S003-035): BM25 over character pairs of what is approved and valid.

A case of the complaint's own category gets four points more, as much as a pair of characters that one document in fifty
has: much beside a short complaint, little beside a long one. Measured twice. Of public messages whose own reply is sought
among 2,816, every sixth: mean reciprocal rank of titles 0.604 without, 0.625 and 0.635 with categories of which 78 and
92 of 100 are right, 0.602 with 61; of whole messages 0.679, 0.683, 0.685 and 0.676 with 64. Of 2,000 simulated
complaints to the twenty sample cases the first case is of the true category for 21 of 100 without, for 55, 63 and 69 with
categories of which 70, 80 and 90 of 100 are right. A fifth more instead of four points gains half as much on titles and a
tenth on simulated complaints. That a case is of the same product is told and adds nothing: there are no data to measure it on.

Declared synonyms of what is said are searched with at half the weight. On the public messages that changes nothing (0.6783
and 0.6784 of whole messages, 0.6034 and 0.6036 of titles: few speak of telecommunications); of 1,500 simulated complaints
the first of the sample cases is of the true category for 22.1 of 100 instead of 21.1 (0.3 of the weight 21.7, all of it 21.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from ganzhi.complaints.cases.content import searched
from ganzhi.complaints.cases.library import Case, Library
from ganzhi.complaints.cases.synonyms import Meant, Synonyms
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.numerics.text.rank import Ranking, Scores, best_of

CATEGORY_ADDS: Final = 4.0
SYNONYMS_WEIGH: Final = 0.5
"""Weight of forms that were not said but stand for the same thing."""
MOST: Final = 5
WORDS: Final = 4
LONGEST: Final = 4_000
"""Characters of a complaint that are searched with."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case for a complaint. words: characters of the complaint that decided, weightiest first, then synonyms that the case
    has, as `said＝other`. same_category: whether it counted. same_product: told, not counted. score: only to compare within
    one answer."""

    case: Case
    score: float
    words: tuple[str, ...]
    same_category: bool
    same_product: bool


def suggest(
    library: Library,
    text: str,
    category: str | None,
    product: str | None,
    on_day: date,
    most: int = MOST,
    synonyms: Synonyms | None = None,
) -> tuple[Suggestion, ...]:
    """The cases that may help with a complaint, best first; none where nothing has anything in common with it.

    text: what the customer said, as it came. category, product: codes, None where unknown. on_day: the wording must be
    valid then. Every case is approved. synonyms: with which the text is widened.
    """
    index = library.index()
    asked = cleaned(text)[:LONGEST]
    if not index.cases or not asked:
        return ()
    meant = synonyms.meant(asked, on_day) if synonyms is not None else ()
    scores = np.where(index.usable(on_day), widened(index.ranking, asked, meant), 0.0)
    if category:
        scores = scores + CATEGORY_ADDS * ((index.category == category) & (scores > 0))
    return tuple(
        Suggestion(
            index.cases[hit.at],
            hit.score,
            (*deciding(index.ranking, asked, hit.at), *_same(index.cases[hit.at], meant)),
            bool(category) and index.cases[hit.at].content.category == category,
            bool(product) and index.cases[hit.at].content.product == product,
        )
        for hit in best_of(scores, most)
    )


def widened(ranking: Ranking, asked: str, meant: Sequence[Meant]) -> Scores:
    """Scores of what is said, and of other forms for it at their weight."""
    scores = ranking.scores(asked)
    return scores + SYNONYMS_WEIGH * ranking.scores(" ".join(each.other for each in meant)) if meant else scores


def _same(case: Case, meant: Sequence[Meant]) -> tuple[str, ...]:
    """Synonyms that a case has word for word."""
    text = cleaned(searched(case.content)) if meant else ""
    return tuple(f"{each.said}＝{each.other}" for each in meant if each.other in text)[:WORDS]


def deciding(ranking: Ranking, asked: str, at: int) -> tuple[str, ...]:
    """The words of a query that a document shares, weightiest first."""
    return tuple(word.text for word in ranking.deciding(asked, at, WORDS))
