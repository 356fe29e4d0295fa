"""From declared encoding to UTF-8, and the verdict on files that are not what is declared (F11–F14).

A byte sequence that is invalid in the declared encoding becomes the byte FF, which no UTF-8 text
holds, so that the record reader rejects exactly the line it stands in.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from ganzhi.ingest.reading.scan import Facts

Encoding = Literal["utf-8", "gb18030", "utf-16"]
_MARK = b"\xff"


def _mark(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return _MARK * (error.end - error.start), error.end


codecs.register_error("ganzhi.mark", _mark)


def to_utf8(pieces: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text as UTF-8 without a byte-order mark, with FF where it could not be read."""
    if encoding == "utf-8":
        yield from pieces
        return
    decoder: codecs.IncrementalDecoder | None = None
    first = True
    for piece in pieces:
        decoder = decoder or _decoder(encoding, piece)
        text = decoder.decode(piece)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        yield text.encode("utf-8", "ganzhi.mark")
    if decoder is None:
        return
    try:
        yield decoder.decode(b"", True).encode("utf-8", "ganzhi.mark")
    except UnicodeDecodeError:
        yield _MARK


def _decoder(encoding: Encoding, head: bytes) -> codecs.IncrementalDecoder:
    """A decoder that survives what is invalid; UTF-16 without a mark is big-endian where its first bytes say so."""
    if encoding != "utf-16":
        return codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
    big = head.startswith(codecs.BOM_UTF16_BE)
    if not head.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        big = head[:512:2].count(0) > head[1:512:2].count(0)
    return codecs.getincrementaldecoder("utf-16-be" if big else "utf-16-le")(errors="surrogatepass")


def likely_encoding(
    declared: Encoding, facts: Facts, original: Facts | None, head: bytes, utf16: bool
) -> Encoding | None:
    """The encoding a file seems to have instead of the declared one; None when nothing speaks against it.

    facts: of the text as UTF-8; original: of the bytes as delivered, where GB18030 was recoded.
    utf16: whether the first bytes say UTF-16. One broken line is damage to that line; two, and
    more than half of those with letters beyond ASCII, are another encoding.
    """
    if utf16:
        return None if declared == "utf-16" else "utf-16"
    if declared == "utf-16":
        return "utf-8" if head[:1024].decode("utf-8", "ignore").encode()[:512] == head[:512] else None
    if declared == "gb18030":
        seen = original or facts
        return "utf-8" if seen.sampled >= 2 and seen.utf8 == seen.sampled and not seen.broken else None
    wrong = facts.sampled - facts.utf8
    if wrong >= 2 and wrong * 2 > facts.sampled and facts.gb18030 * 10 >= facts.sampled * 9:
        return "gb18030"
    return None


def first_broken_line(path: Path) -> int:
    """Number of the first line that is not UTF-8; 0 when all are."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 0
