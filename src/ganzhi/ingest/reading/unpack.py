"""Unpacking gzip as a stream, within limits (F06, F07, F08).

Several members are joined. Refuses a file that ends early, bytes after the last member, an unpacked
size above the declared limit, and a ratio no table of records has.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from ganzhi.ingest.reading.delivered import refuse

STEP = 4 << 20
RATIO_LIMIT = 250
RATIO_GRACE = 64 << 20
"""Bytes that may be unpacked before the ratio is looked at: short files of equal rows pack well."""


def gunzip(chunks: Iterator[bytes], path: Path, limit_bytes: int) -> Iterator[bytes]:
    """The unpacked bytes, in pieces of at most `STEP`."""
    packed = unpacked = 0
    member = zlib.decompressobj(wbits=31)
    begun = False
    for chunk in chunks:
        packed += len(chunk)
        rest, more = chunk, True
        while rest or more:
            if member.eof:
                member, begun = zlib.decompressobj(wbits=31), False
            try:
                piece = member.decompress(rest, STEP)
            except zlib.error:
                raise refuse(path, "ING006" if begun or unpacked == 0 else "ING007") from None
            begun = True
            unpacked += len(piece)
            if unpacked > limit_bytes:
                raise refuse(path, "ING008", limit_mb=str(limit_bytes >> 20))
            if unpacked > RATIO_GRACE and unpacked > packed * RATIO_LIMIT:
                raise refuse(path, "ING009", ratio=str(RATIO_LIMIT))
            if piece:
                yield piece
            rest = member.unused_data if member.eof else member.unconsumed_tail
            more = len(piece) == STEP and not member.eof
    if not member.eof:
        raise refuse(path, "ING006")
