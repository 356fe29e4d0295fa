"""Texts that say the same in other words: MinHash over character pairs, verified, joined.

Broder 1997. Candidates come from locality-sensitive hashing; a pair counts when its true Jaccard index
reaches the limit; whoever is joined by a chain of pairs is one cluster (methods 3.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ganzhi.numerics.text.grams import Laid, codes_of

PERMUTATIONS: Final = 64
LIMIT: Final = 0.5


def pairs_of(texts: Sequence[str]) -> list[frozenset[int]]:
    """The different character pairs of each text; of a text of one character that character."""
    laid = Laid.of(texts)
    found: list[set[int]] = [set() for _ in texts]
    for n in (1, 2):
        text, code = codes_of(laid, n)
        for at, each in zip(text.tolist(), code.tolist(), strict=True):
            if n == 2 or len(texts[at]) == 1:
                found[at].add(each)
    return [frozenset(each) for each in found]


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """|both| / |either|; 0 when neither has any.

    >>> jaccard(frozenset({1, 2}), frozenset({2, 3}))
    0.3333333333333333
    """
    either = len(one | other)
    return len(one & other) / either if either else 0.0


def clusters(texts: Sequence[str], limit: float = LIMIT, seed: int = 1) -> list[list[int]]:
    """Positions of texts that belong together, largest cluster first; texts on their own are left out.

    Pairs at the very limit are found with a chance that grows with their likeness; well above it, always nearly.
    """
    from datasketch import MinHash, MinHashLSH

    sets = pairs_of(texts)
    kept = [at for at, each in enumerate(sets) if each]
    data = [[code.to_bytes(8, "little") for code in sorted(sets[at])] for at in kept]
    hashes = dict(zip(kept, MinHash.bulk(data, num_perm=PERMUTATIONS, seed=seed), strict=True))
    index = MinHashLSH(threshold=max(limit - 0.1, 0.1), num_perm=PERMUTATIONS)
    root = list(range(len(texts)))

    def head(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for at, made in hashes.items():
        for other in index.query(made):
            if head(other) != head(at) and jaccard(sets[at], sets[other]) >= limit:
                root[max(head(at), head(other))] = min(head(at), head(other))
        index.insert(at, made)
    joined: dict[int, list[int]] = {}
    for at in kept:
        joined.setdefault(head(at), []).append(at)
    return sorted((each for each in joined.values() if len(each) > 1), key=lambda each: (-len(each), each[0]))
