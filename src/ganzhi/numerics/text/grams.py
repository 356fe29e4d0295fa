"""Character n-grams of many texts at once, as numbers.

A text's characters are laid end to end with those of all others; a gram of n characters is the sum of
its characters' places in Unicode, 21 bits each, so that up to three fit into 64 bits and no dictionary
of strings is walked. Longer ones are known by a 64-bit polynomial hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_BITS: Final = 21
_END: Final = "\x00"
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Laid:
    """Texts end to end. points: characters (0 between texts); text: which text each belongs to."""

    points: Ints
    text: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> Laid:
        """A NUL within a text counts as a blank."""
        whole = _END.join(each.replace(_END, " ") for each in texts) + _END
        points = np.frombuffer(whole.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.int64)
        ends = points == 0
        text = np.cumsum(ends) - ends
        return cls(points, text.astype(np.int64))

    def within(self, n: int) -> npt.NDArray[np.bool_]:
        """Where a gram of n characters begins that lies in one text."""
        length = max(len(self.points) - n + 1, 0)
        inside = np.ones(length, dtype=bool)
        for at in range(n):
            inside &= self.points[at : at + length] != 0
        return inside


def codes_of(laid: Laid, n: int) -> tuple[Ints, Ints]:
    """(text, code) of every gram of n ≤ 3 characters, repeated ones too.

    >>> [c.tolist() for c in codes_of(Laid.of(["ab", "", "b"]), 1)]
    [[0, 0, 2], [97, 98, 98]]
    """
    if not 1 <= n <= 3:
        raise ValueError("grams of one to three characters have a code")
    begins = laid.within(n)
    codes = np.zeros(len(begins), dtype=np.int64)
    for at in range(n):
        codes = (codes << _BITS) | laid.points[at : at + len(begins)]
    return laid.text[: len(begins)][begins], codes[begins]


def spelled(code: int) -> str:
    """The gram that has a code.

    >>> spelled(int(codes_of(Laid.of(["停机"]), 2)[1][0]))
    '停机'
    """
    found = ""
    while code:
        found, code = chr(code & ((1 << _BITS) - 1)) + found, code >> _BITS
    return found


def vocabulary(texts: Sequence[str], longest: int = 2, least: int = 2) -> Ints:
    """Codes, ascending, of the grams of up to `longest` characters that stand in at least `least` texts."""
    laid, found = Laid.of(texts), []
    for n in range(1, longest + 1):
        text, code = codes_of(laid, n)
        once = _pairs(text, code)[1]
        terms, seen = np.unique(once, return_counts=True)
        found.append(terms[seen >= least])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def counted(texts: Sequence[str], terms: Ints, longest: int = 2) -> csr_matrix:
    """Texts × terms: how often each stands in each; terms as `vocabulary` gives them."""
    from scipy.sparse import csr_matrix

    laid, rows, columns = Laid.of(texts), [], []
    for n in range(1, longest + 1) if len(terms) else ():
        text, code = codes_of(laid, n)
        at = np.minimum(np.searchsorted(terms, code), len(terms) - 1)
        known = terms[at] == code
        rows.append(text[known])
        columns.append(at[known])
    row = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    column = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
    matrix = csr_matrix((np.ones(len(row), dtype=np.float32), (row, column)), shape=(len(texts), len(terms)))
    matrix.sum_duplicates()
    return matrix


def _pairs(text: Ints, code: Ints) -> tuple[Ints, Ints]:
    """The different (text, code), in the order of texts."""
    order = np.lexsort((code, text))
    text, code = text[order], code[order]
    first = np.ones(len(text), dtype=bool)
    first[1:] = (text[1:] != text[:-1]) | (code[1:] != code[:-1])
    return text[first], code[first]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Different grams of n characters, each once per text. text: which; phrase: its hash; at: a place where it begins."""

    n: int
    text: Ints
    phrase: Hashes
    at: Ints


def phrases(laid: Laid, n: int) -> Phrases:
    """Every gram of n characters, counted once per text; two different ones share a hash once in 10¹⁹."""
    begins = laid.within(n)
    hashes = np.zeros(len(begins), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for at in range(n):
            hashes = hashes * _BASE + laid.points[at : at + len(begins)].astype(np.uint64)
    places = np.flatnonzero(begins)
    text, hashes = laid.text[places], hashes[places]
    order = np.lexsort((hashes, text))
    text, hashes, places = text[order], hashes[order], places[order]
    first = np.ones(len(text), dtype=bool)
    first[1:] = (text[1:] != text[:-1]) | (hashes[1:] != hashes[:-1])
    return Phrases(n, text[first], hashes[first], places[first])


def written(laid: Laid, at: int, n: int) -> str:
    """The n characters that begin at a place."""
    return "".join(map(chr, laid.points[at : at + n].tolist()))
