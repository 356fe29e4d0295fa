"""Texts as they come, made comparable; and made fit to be shown."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import Final

from ganzhi.numerics.text.chinese import simplifier

LONGEST: Final = 20_000
"""Characters that are read; a text of a megabyte decides by its beginning."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_NUMBER = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d){8}(?!\d)")
_LINE = re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)")
_DIGITS = re.compile(r"\d{8,}")
_DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def cleaned(text: str) -> str:
    """Full-width digits and letters made half-width, traditional characters simplified, control characters and
    repeated blanks gone, cut to LONGEST.

    >>> cleaned("  ５Ｇ  網速慢！ ")
    '5G 网速慢!'
    """
    kept = unicodedata.normalize("NFKC", text[: 2 * LONGEST])
    kept = _SPACE.sub(" ", _CONTROL.sub("", kept)).strip()[:LONGEST]
    return kept if kept.isascii() else simplifier()(kept)


def masked(text: str) -> str:
    """A text as it may be shown: no telephone, identity or account number, no address of mail.

    Days such as 20260930 stay.

    >>> masked("我的号码13812345521，身份证11010519491231002X，20260930缴费")
    '我的号码138****5521，身份证1101****002X，20260930缴费'
    """
    shown = _MAIL.sub("****@****", unicodedata.normalize("NFKC", text) if not text.isascii() else text)
    for pattern, head, tail in ((_IDENTITY, 4, 4), (_NUMBER, 3, 4), (_LINE, 3, 2), (_DIGITS, 2, 2)):
        shown = pattern.sub(partial(_covered, head, tail), shown)
    return shown


def _covered(head: int, tail: int, found: re.Match[str]) -> str:
    number = found[0]
    return number if _DAY.fullmatch(number) else f"{number[:head]}****{number[-tail:]}"
