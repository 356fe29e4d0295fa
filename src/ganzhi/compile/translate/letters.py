"""Letters whose case the engines change in different ways.

DuckDB maps letter by letter (ß stays one letter), ClickHouse and Spark follow Unicode's full mapping
(ß becomes SS), and their versions of Unicode differ. Found by comparing every code point on DuckDB
2.0, ClickHouse 26.9 and Spark 4.3; the capital sigma depends on its neighbours and is among them. A
text with such a letter stops the query on those engines instead of being changed differently.
"""

from __future__ import annotations

_LOWER = (
    (0x130, 0x130),
    (0x3A3, 0x3A3),
    (0x1C89, 0x1C89),
    (0xA7CB, 0xA7CC),
    (0xA7CE, 0xA7CE),
    (0xA7D2, 0xA7D2),
    (0xA7D4, 0xA7D4),
    (0xA7DA, 0xA7DA),
    (0xA7DC, 0xA7DC),
    (0x10D50, 0x10D65),
    (0x16EA0, 0x16EB8),
)
_UPPER = (
    (0xDF, 0xDF),
    (0x149, 0x149),
    (0x19B, 0x19B),
    (0x1F0, 0x1F0),
    (0x264, 0x264),
    (0x345, 0x345),
    (0x390, 0x390),
    (0x3B0, 0x3B0),
    (0x587, 0x587),
    (0x1C8A, 0x1C8A),
    (0x1E96, 0x1E9A),
    (0x1F50, 0x1F50),
    (0x1F52, 0x1F52),
    (0x1F54, 0x1F54),
    (0x1F56, 0x1F56),
    (0x1F80, 0x1FAF),
    (0x1FB2, 0x1FB4),
    (0x1FB6, 0x1FB7),
    (0x1FBC, 0x1FBC),
    (0x1FC2, 0x1FC4),
    (0x1FC6, 0x1FC7),
    (0x1FCC, 0x1FCC),
    (0x1FD2, 0x1FD3),
    (0x1FD6, 0x1FD7),
    (0x1FE2, 0x1FE4),
    (0x1FE6, 0x1FE7),
    (0x1FF2, 0x1FF4),
    (0x1FF6, 0x1FF7),
    (0x1FFC, 0x1FFC),
    (0xA7CD, 0xA7CD),
    (0xA7CF, 0xA7CF),
    (0xA7D3, 0xA7D3),
    (0xA7D5, 0xA7D5),
    (0xA7DB, 0xA7DB),
    (0xFB00, 0xFB06),
    (0xFB13, 0xFB17),
    (0x10D70, 0x10D85),
    (0x16EBB, 0x16ED3),
)


def _class(ranges: tuple[tuple[int, int], ...]) -> str:
    """A character class that RE2 and Java's matcher read alike: the letters themselves and ranges of them."""
    return "[" + "".join(chr(low) if low == high else f"{chr(low)}-{chr(high)}" for low, high in ranges) + "]"


DIFFERING_LOWER = _class(_LOWER)
"""Pattern of the letters that `lower` treats differently."""
DIFFERING_UPPER = _class(_UPPER)
"""Pattern of the letters that `upper` treats differently."""
