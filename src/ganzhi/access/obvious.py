"""Passwords that many people would think of, by the rules they are made from.

A list of whole passwords is endless; what they are made of is not. A password is refused when it is
nothing but a chain of obvious parts: the words of `obvious.txt`, runs along a keyboard or the
alphabet, one character over and over, a short piece repeated, a year or date, up to four digits, and
up to three signs in between. `P@ssw0rd` counts as `password`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final


def _words() -> frozenset[str]:
    lines = files("ganzhi.access").joinpath("obvious.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


WORDS: Final = _words()
"""Obvious words, in small letters: `obvious.txt`."""

PRODUCT: Final = ("ganzhi", "感知")
"""Words that no password may contain, however it goes on."""

ROWS: Final = (
    "`1234567890-=", "~!@#$%^&*()_+", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./",
    "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp", "147258369", "159357", "741852963",
    "!qaz", "@wsx", "#edc", "$rfv", "一二三四五六七八九十",
)  # fmt: skip
"""What fingers run along; backwards too."""

SHORTEST_RUN: Final = 3

_LEET: Final = (str.maketrans("04@83!1|5$7+9", "oaabeiiissttg"), str.maketrans("04@83!1|5$7+", "oaabelllsstt"))
_DATE: Final = re.compile(r"(19|20)\d\d([-./]?(0?[1-9]|1[0-2])([-./]?(0?[1-9]|[12]\d|3[01]))?)?")
_BETWEEN: Final = re.compile(r"(?<![\W_])[\W_]{1,3}(?![\W_])")
_DIGITS: Final = re.compile(r"\d{1,4}")
_LONGEST_WORD: Final = max(map(len, WORDS))


@cache
def _runs() -> tuple[str, ...]:
    return tuple(row for forward in ROWS for row in (forward, forward[::-1]))


def is_obvious(password: str) -> bool:
    """Whether a password is nothing but a chain of obvious parts.

    >>> [is_obvious(p) for p in ("P@ssw0rd-2026!", "1qaz2wsx3edc4rfv", "abcabcabcabc", "correct horse battery staple")]
    [True, True, True, False]
    """
    text = password.casefold()
    # reached[i]: obvious parts make up the first i characters
    reached = [True] + [False] * len(text)
    for start in range(len(text)):
        if reached[start]:
            for end in _ends(text, start):
                reached[end] = True
    return reached[-1]


def _ends(text: str, start: int) -> set[int]:
    """Where an obvious part that begins at `start` may end."""
    limit = min(len(text), start + _LONGEST_WORD)
    found = {end for end in range(start + 1, limit + 1) if _is_word(text[start:end])}
    for pattern in (_DATE, _BETWEEN, _DIGITS):
        if match := pattern.match(text, start):
            found.add(match.end())
    found.update(_run_ends(text, start), _repeat_ends(text, start))
    return found


def _is_word(part: str) -> bool:
    return any(form in WORDS or form in PRODUCT for form in (part, *(part.translate(table) for table in _LEET)))


def _run_ends(text: str, start: int) -> set[int]:
    found: set[int] = set()
    for end in range(start + SHORTEST_RUN, min(len(text), start + 40) + 1):
        if not any(text[start:end] in row for row in _runs()):
            break
        found.add(end)
    return found


def _repeat_ends(text: str, start: int) -> set[int]:
    """Ends of pieces of one to four characters that stand there three times or more."""
    found: set[int] = set()
    for size in range(1, 5):
        piece, end = text[start : start + size], start + size
        while len(piece) == size and text.startswith(piece, end):
            end += size
        if end - start >= 3 * size:
            found.add(end)
    return found
