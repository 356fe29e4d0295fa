"""Documents ranked for a query by BM25 over character pairs (methods 3.3).

Robertson & Zaragoza 2009 in Lucene's form, k1 1.5, b 0.75. Pairs stand within runs of letters, digits
and ideographs; a run of one character stands for itself. Pairs are numbers (see `grams`), so the index is made
by sorting, without a dictionary of strings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

K1: Final = 1.5
B: Final = 0.75
_RUN = re.compile(r"\w+")
_BETWEEN = re.compile(r"\W+")
_BITS: Final = 21
_GAP, _END = "\x01", "\x00"
Scores = npt.NDArray[np.float64]


def tokens(text: str) -> list[str]:
    """Character pairs in their order.

    >>> tokens("停机了, 5G")
    ['停机', '机了', '5g']
    """
    found = []
    for run in _RUN.findall(text.lower()):
        found += [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
    return found


@dataclass(frozen=True, slots=True)
class Hit:
    """A document's position and its score, above zero."""

    at: int
    score: float


@dataclass(frozen=True, slots=True)
class Word:
    """Characters of a query that a document shares, and what they add to its score."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Split:
    """The pairs of texts laid end to end. text: which one; code: which pair; at: where it begins in the whole."""

    text: npt.NDArray[np.int64]
    code: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    whole: str


class Ranking:
    """Documents, made ready to be asked; immutable."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._n = n = len(documents)
        split = _split(documents)
        terms, code = np.unique(split.code, return_inverse=True)
        pairs, often = np.unique(code.astype(np.int64) * max(n, 1) + split.text, return_counts=True)
        of, self._document = np.divmod(pairs, max(n, 1))
        self._terms: npt.NDArray[np.int64] = terms
        self._first = np.searchsorted(of, np.arange(len(terms) + 1))
        found = np.diff(self._first)
        idf = np.log(1 + (n - found + 0.5) / (found + 0.5))
        length = np.bincount(split.text, minlength=n)
        mean = length.mean() if n else 0.0
        norm = K1 * (1 - B + B * length / mean) if mean else np.ones(n)
        self._weight = idf[of] * often / (often + norm[self._document]) if len(of) else np.zeros(0)

    def scores(self, query: str) -> Scores:
        """The score of every document, 0 where it shares nothing with the query."""
        found = np.zeros(self._n)
        asked, often = np.unique(_split([query]).code, return_counts=True)
        for at, times in zip(*self._known(asked, often), strict=True):
            some = slice(self._first[at], self._first[at + 1])
            found[self._document[some]] += times * self._weight[some]
        return found

    def best(self, query: str, most: int = 10) -> tuple[Hit, ...]:
        """The documents that share something with the query, best first; at equal scores the earlier one."""
        return best_of(self.scores(query), most)

    def deciding(self, query: str, document: int, most: int = 5) -> tuple[Word, ...]:
        """What of the query the document shares, neighbouring pairs joined, the weightiest first.

        Without a limit the weights sum to the document's score.
        """
        split = _split([query])
        weight = np.zeros(len(split.code))
        for each in np.unique(split.code):
            at = int(np.searchsorted(self._terms, each))
            if at < len(self._terms) and self._terms[at] == each:
                some = self._document[self._first[at] : self._first[at + 1]]
                place = int(np.searchsorted(some, document))
                if place < len(some) and some[place] == document:
                    weight[split.code == each] = self._weight[self._first[at] + place]
        return _joined(split, weight)[:most]

    def _known(
        self, asked: npt.NDArray[np.int64], often: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Which terms of the index a query has, and how often."""
        if not len(self._terms):
            return asked[:0], often[:0]
        at = np.minimum(np.searchsorted(self._terms, asked), len(self._terms) - 1)
        known = self._terms[at] == asked
        return at[known], often[known]


def best_of(scores: Scores, most: int = 10) -> tuple[Hit, ...]:
    """The highest scores above zero, best first; at equal scores the earlier one.

    >>> [hit.at for hit in best_of(np.array([0.0, 2.0, 1.0, 2.0]), 2)]
    [1, 3]
    """
    if not len(scores) or most < 1:
        return ()
    least = np.partition(scores, -most)[-most] if len(scores) > most else 0.0
    kept = np.flatnonzero((scores >= least) & (scores > 0))
    return tuple(Hit(int(at), float(scores[at])) for at in kept[np.lexsort((kept, -scores[kept]))][:most])


def _split(texts: Sequence[str]) -> _Split:
    whole = _END.join(_BETWEEN.sub(_GAP, each.lower()) for each in texts) + _END if texts else ""
    points = np.frombuffer(f"{_GAP}{whole}".encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.int64)
    before, here, after = points[:-2], points[1:-1], points[2:]
    letter = here > 1
    pair = letter & (after > 1)
    alone = letter & (before <= 1) & (after <= 1)
    at = np.flatnonzero(pair | alone)
    code = np.where(pair, here << _BITS | after, here)[at]
    text = np.cumsum(here == 0)[at]
    return _Split(text.astype(np.int64), code, at, whole)


def _joined(split: _Split, weight: npt.NDArray[np.float64]) -> tuple[Word, ...]:
    """Pairs that follow one another and weigh something, as words; the same word once."""
    found: dict[str, float] = {}
    begin = end = -1
    total = 0.0
    for at, code, each in zip(split.at.tolist(), split.code.tolist(), weight.tolist(), strict=True):
        if each <= 0:
            continue
        if at >= end:
            _add(found, split.whole[begin:end], total)
            begin, total = at, 0.0
        end, total = at + (2 if code >> _BITS else 1), total + each
    _add(found, split.whole[begin:end], total)
    return tuple(Word(text, each) for text, each in sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _add(found: dict[str, float], text: str, weight: float) -> None:
    if weight > 0:
        found[text] = found.get(text, 0.0) + weight
