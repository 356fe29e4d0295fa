"""Documents ranked for a query by BM25 over character pairs (methods 3.3).

Robertson & Zaragoza 2009 in Lucene's form, k1 1.5, b 0.75. Pairs stand within runs of letters, digits
and ideographs; a run of one character stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_RUN = re.compile(r"\w+")


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


class Ranking:
    """Documents, made ready to be asked; immutable."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._n, self._index = len(documents), None
        split = [tokens(each) for each in documents]
        if any(split):
            self._index = _index(split)

    def best(self, query: str, most: int = 10) -> tuple[Hit, ...]:
        """The documents that share something with the query, best first; at equal scores the earlier one."""
        asked = tokens(query)
        if self._index is None or not asked:
            return ()
        scores = self._index.get_scores(asked)
        order = sorted(range(self._n), key=lambda at: (-scores[at], at)) if self._n <= most else _top(scores, most)
        return tuple(Hit(at, float(scores[at])) for at in order[:most] if scores[at] > 0)


def _index(split: list[list[str]]) -> Any:
    import bm25s

    index = bm25s.BM25(k1=1.5, b=0.75, method="lucene")
    index.index(split, show_progress=False)
    return index


def _top(scores: Any, most: int) -> list[int]:
    at = np.argpartition(-scores, most)[:most]
    least = scores[at].min()
    tied = np.flatnonzero(scores >= least)
    return [int(each) for each in tied[np.lexsort((tied, -scores[tied]))][:most]]
