"""A standalone picture as PNG at twice its size, drawn with the fonts of the system.

A character that no font has would be drawn as nothing; so before the first picture it is tried whether the
system's fonts tell characters apart, and a picture that needs others is refused with what to install.
"""

from __future__ import annotations

import math
import re
import struct
import threading
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache

import resvg_py

from ganzhi.base.errors import EngineError, Issue
from ganzhi.portal.charts.svg import tag
from ganzhi.portal.drawings.standalone import FONTS

ZOOM = 2.0
MOST_PIXELS = 40_000_000
"""Pixels of a picture; a larger one is drawn at a lower zoom."""
AT_ONCE = 2
"""Pictures drawn at the same time; each holds its pixels in memory."""
PROBES = {"wide": ("一", "國"), "plain": ("I", "W")}
"""Two characters of each kind that look different wherever there is a font for them."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"

Draw = Callable[[str, float], bytes]
_TURN = threading.BoundedSemaphore(AT_ONCE)
_SIZE = re.compile(r'<svg [^>]*?viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
_TEXT = re.compile(r"<text [^>]*>([^<]*)</text>")


def draw(svg: str, zoom: float) -> bytes:
    """The picture by the library, with the system's fonts."""
    return resvg_py.svg_to_bytes(svg_string=svg, background="white", zoom=zoom)


def zoom_of(svg: str) -> float:
    """Twice the size, less for a picture that would have too many pixels."""
    size = _SIZE.search(svg)
    assert size is not None, "a standalone picture has a size"
    area = float(size[1]) * float(size[2])
    return min(ZOOM, math.sqrt(MOST_PIXELS / area))


def kinds_of(svg: str) -> frozenset[str]:
    """Which of the two kinds of characters a picture's texts need.

    >>> sorted(kinds_of("<text x='1'>接通率 92.1%</text>")), sorted(kinds_of("<text x='1'>rate</text>"))
    (['plain', 'wide'], ['plain'])
    """
    letters = {char for text in _TEXT.findall(svg) for char in text if char.isalnum()}
    return frozenset("wide" if unicodedata.east_asian_width(char) in "WF" else "plain" for char in letters)


@lru_cache(maxsize=8)
def has_font(kind: str, drawn: Draw) -> bool:
    """Whether the fonts tell two characters of a kind apart; found out once in a process."""
    frame = {"xmlns": "http://www.w3.org/2000/svg", "width": 24, "height": 24, "font-family": FONTS["zh"]}
    one, other = (drawn(tag("svg", frame, tag("text", {"y": 20, "font-size": 20}, char)), 1.0) for char in PROBES[kind])
    return one != other


def png(svg: str, facts: Sequence[tuple[str, str]], title: str, drawn: Draw = draw) -> bytes:
    """The picture with title, user, time and filters as text chunks. POR030 when a font is missing.

    facts: label and text, the user first and the time second.
    """
    missing = sorted(kind for kind in kinds_of(svg) if not has_font(kind, drawn))
    if missing:
        raise EngineError(Issue("POR030", "png", params={"kind": missing[-1]}), retryable=False)
    with _TURN:
        picture = drawn(svg, zoom_of(svg))
    told = "\n".join(f"{label}: {text}" for label, text in facts[2:])
    texts = (("Title", title), ("Author", facts[0][1]), ("Creation Time", facts[1][1]), ("Description", told))
    return _with_texts(picture, texts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _with_texts(picture: bytes, texts: Sequence[tuple[str, str]]) -> bytes:
    """A PNG with international text chunks behind its header."""
    assert picture.startswith(SIGNATURE), "the library writes PNG"
    end = len(SIGNATURE) + 8 + 13 + 4
    chunks = b"".join(
        _chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + text.replace("\0", "").encode("utf-8", "replace"))
        for key, text in texts
    )
    return picture[:end] + chunks + picture[end:]
