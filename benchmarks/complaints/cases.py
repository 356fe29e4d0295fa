"""Suggestions out of a large case library, beside the plain rival that compares sets of character pairs.

    python -m benchmarks.complaints.cases [--cases 20000] [--asked 300]

Cases are made of the simulated province's texts, three to a case; complaints are other texts of it. Printed: seconds of
processor time to make the index, milliseconds for a suggestion with its words (median, 95 %, longest), and the same for
the rival, which ranks by the share of common pairs and says nothing of why.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from ganzhi.complaints.cases import suggest
from ganzhi.complaints.cases.content import CaseContent, searched
from ganzhi.complaints.cases.library import Case, Index, Library
from ganzhi.numerics.text.near import jaccard, pairs_of
from ganzhi.province.complaints.texts import texts
from ganzhi.province.complaints.texts.topics_more import TOPICS

DAY = date(2026, 1, 1)


def make_cases(said: Sequence[str]) -> tuple[Case, ...]:
    """Cases of three texts each."""
    found = []
    for place in range(0, len(said) - 2, 3):
        symptom, cause, fix = said[place : place + 3]
        content = CaseContent(symptom[:40], symptom, cause, fix, cause, "other", "", "x", DAY, DAY)
        held: Any = SimpleNamespace(entry=SimpleNamespace(id=str(place), in_force=1), latest=None, in_force=None)
        found.append(Case(held, content, content))
    return tuple(found)


def timed(ask: Callable[[str], object], asked: Sequence[str]) -> str:
    """Milliseconds of processor time: median, 95 %, longest."""
    spent = []
    for text in asked:
        begun = time.process_time()
        ask(text)
        spent.append(1000 * (time.process_time() - begun))
    return " / ".join(f"{value:.1f}" for value in np.percentile(spent, [50, 95, 100]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--asked", type=int, default=300)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    said = texts(rng, rng.integers(0, len(TOPICS), 3 * given.cases + given.asked))
    index = Index(make_cases(said[: 3 * given.cases]))
    asked = said[3 * given.cases :]
    begun = time.process_time()
    index.ranking  # noqa: B018 - made by being looked at
    index.usable(DAY)
    print(f"{len(index.cases)} cases, index: {time.process_time() - begun:.1f} s")
    library = cast("Library", SimpleNamespace(index=lambda: index))
    print("suggestion, ms:", timed(lambda text: suggest(library, text, "other", None, DAY), asked))
    sets = pairs_of([searched(each.content) for each in index.cases])

    def rival(text: str) -> object:
        own = pairs_of([text])[0]
        return sorted(sets, key=lambda each: -jaccard(own, each))[:5]

    print("rival, ms:", timed(rival, asked[: max(given.asked // 10, 1)]))


if __name__ == "__main__":
    main()
