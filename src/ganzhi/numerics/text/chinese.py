"""Traditional characters as simplified ones (OpenCC's tables)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


@cache
def simplifier() -> Callable[[str], str]:
    """The conversion; the text itself where `ganzhi[text]` is not installed."""
    try:
        from opencc import OpenCC
    except ImportError:
        return str
    made: Callable[[str], str] = OpenCC("t2s").convert
    return made
