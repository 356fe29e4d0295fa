"""Gives memory that a piece of work has left back to the system.

The C library keeps freed pages for later, and the large arrays of one phase seldom fit into the holes of another: over
a day a third of the memory of a process would be such holes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import pyarrow as pa


@cache
def _trim() -> Callable[[int], int] | None:
    """`malloc_trim` where the C library has it (GNU), else None."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return found


def give_back() -> None:
    """Return pages that are free; nothing where the C library cannot."""
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)
