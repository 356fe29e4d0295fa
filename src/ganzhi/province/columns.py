"""Columns of delivered records, made whole at once: identities, words, moments, numbers with blanks.

A column is a NumPy array or an Arrow array. Moments are seconds of local wall clock since 1970 as int64;
`NEVER` stands for a moment that did not come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import DTypeLike

from ganzhi.province.streams import Bools, Ints

NEVER: Final = int(np.iinfo(np.int64).min)
"""The moment of what did not happen."""

Column = "np.ndarray | pa.Array | pa.ChunkedArray"
PIECE = 100_000
"""Rows made, rendered or drawn at a time, so that memory does not follow the size of the province."""


def pieces(n: int) -> Iterator[slice]:
    """Consecutive slices of at most `PIECE` that cover `n` rows; none for no rows."""
    return (slice(first, min(first + PIECE, n)) for first in range(0, n, PIECE))


def parts(block: slice) -> Iterator[slice]:
    """The pieces of a slice of customers."""
    return (slice(block.start + span.start, block.start + span.stop) for span in pieces(block.stop - block.start))


def piecewise(n: int, dtype: DTypeLike, make: Callable[[slice], Any]) -> np.ndarray:
    """An array of `n` made piece by piece. `make` may draw: a stream gives the same numbers in pieces as at once."""
    whole = np.empty(n, dtype=dtype)
    for span in pieces(n):
        whole[span] = make(span)
    return whole


def identities(prefix: str, numbers: Ints, *, width: int = 0) -> pa.Array:
    """Identities such as `P120301020000017`: the prefix and a number, padded with zeros to `width`; a number
    below 0 is blank."""
    numbers = np.asarray(numbers, dtype=np.int64)
    text = pc.cast(pa.array(np.maximum(numbers, 0)), pa.string())
    if width:
        text = pc.utf8_lpad(text, width, "0")
    if prefix:
        text = pc.binary_join_element_wise(pa.array([prefix], pa.string())[0], text, "")
    if (numbers < 0).any():
        text = pc.if_else(pa.array(numbers >= 0), text, pa.nulls(len(numbers), pa.string()))
    return text


def words(codes: Ints, vocabulary: Sequence[str | None]) -> pa.Array:
    """The word of each code; a code below 0 is blank, and so is one whose word is None."""
    codes = np.asarray(codes, dtype=np.int64)
    return pc.take(pa.array(list(vocabulary), pa.string()), pa.array(codes, mask=codes < 0))


def same(word: str | None, n: int) -> pa.Array:
    """The same word `n` times."""
    return pc.take(pa.array([word], pa.string()), pa.array(np.zeros(n, dtype=np.int8)))


def numbers(values: Ints, present: Bools) -> pa.Array:
    """Whole numbers, blank where not present."""
    return pa.array(np.asarray(values, dtype=np.int64), mask=~np.asarray(present))


def truths(values: Bools, present: Bools) -> pa.Array:
    """Yes or no, blank where not present."""
    return pa.array(np.asarray(values, dtype=bool), mask=~np.asarray(present))


def moments(at: Ints, present: Bools) -> Ints:
    """Moments, `NEVER` where not present."""
    return np.where(present, at, NEVER)


def numbered(day_number: int, place: int, n: int, *, first: int = 0) -> Ints:
    """Numbers unique in a feed: day (since 1970), place (below 1,000) and position (below 10 million)."""
    return (day_number * 1_000 + place) * 10_000_000 + first + np.arange(n, dtype=np.int64)
