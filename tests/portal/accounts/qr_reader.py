"""A reader of clean QR codes after ISO/IEC 18004:2015, written from the standard and apart from what draws them.

It takes rows of modules without the quiet zone, of versions 1 to 10 and level M, and one byte segment. It corrects
nothing: instead every block must be a code word of its Reed-Solomon code, so a single wrong module is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

Rows = Sequence[Sequence[bool]]

# Level M: error correction words of a block, then (blocks, data words of each); table 9 of the standard.
BLOCKS: Final[dict[int, tuple[int, tuple[tuple[int, int], ...]]]] = {
    1: (10, ((1, 16),)),
    2: (16, ((1, 28),)),
    3: (26, ((1, 44),)),
    4: (18, ((2, 32),)),
    5: (24, ((2, 43),)),
    6: (16, ((4, 27),)),
    7: (18, ((4, 31),)),
    8: (22, ((2, 38), (2, 39))),
    9: (22, ((3, 36), (2, 37))),
    10: (26, ((4, 43), (1, 44))),
}
# Centres of the alignment patterns; table E.1.
CENTRES: Final[dict[int, tuple[int, ...]]] = {
    1: (),
    2: (6, 18),
    3: (6, 22),
    4: (6, 26),
    5: (6, 30),
    6: (6, 34),
    7: (6, 22, 38),
    8: (6, 24, 42),
    9: (6, 26, 46),
    10: (6, 28, 50),
}
# Table 10; the row is i, the column j.
MASKS: Final[tuple[Callable[[int, int], bool], ...]] = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, j: i % 2 == 0,
    lambda i, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
)
FINDER: Final = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")


def read(rows: Rows) -> str:
    """The text of a code."""
    size = len(rows)
    assert all(len(row) == size for row in rows), "a code is a square"
    version, rest = divmod(size - 17, 4)
    assert rest == 0, "no code has this size"
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        found = tuple("".join("01"[rows[top + i][left + j]] for j in range(7)) for i in range(7))
        assert found == FINDER, "a finder pattern is damaged"
    mask = _mask(rows)
    reserved = _reserved(size, version)
    bits = [rows[i][j] ^ mask(i, j) for i, j in _path(size) if (i, j) not in reserved]
    words = [int("".join("01"[bit] for bit in bits[at : at + 8]), 2) for at in range(0, len(bits) // 8 * 8, 8)]
    return _text(_data(words, version), version)


def _mask(rows: Rows) -> Callable[[int, int], bool]:
    """From the format information around the first finder pattern: BCH (15, 5), level M."""
    places = [(8, j) for j in (0, 1, 2, 3, 4, 5, 7, 8)] + [(i, 8) for i in (7, 5, 4, 3, 2, 1, 0)]
    word = int("".join("01"[rows[i][j]] for i, j in places), 2) ^ 0b101010000010010
    left = word
    for at in range(14, 9, -1):
        if left >> at & 1:
            left ^= 0b10100110111 << (at - 10)
    assert left == 0, "the format information is damaged"
    assert word >> 13 == 0b00, "not level M"
    return MASKS[word >> 10 & 0b111]


def _reserved(size: int, version: int) -> set[tuple[int, int]]:
    """Modules that hold no data: finders, timing, alignment, format, version."""
    corners = [(0, 0, 9, 9), (0, size - 8, 9, 8), (size - 8, 0, 8, 9), (6, 0, 1, size), (0, 6, size, 1)]
    if version >= 7:
        corners += [(0, size - 11, 6, 3), (size - 11, 0, 3, 6)]
    ends = {(6, 6), (6, size - 7), (size - 7, 6)}
    centres = CENTRES[version]
    corners += [(i - 2, j - 2, 5, 5) for i in centres for j in centres if (i, j) not in ends]
    return {(i + y, j + x) for i, j, high, wide in corners for y in range(high) for x in range(wide)}


def _path(size: int) -> list[tuple[int, int]]:
    """All modules in the order of the data: pairs of columns from the right, up and down in turns; column 6 left out."""
    found: list[tuple[int, int]] = []
    columns = [j for j in range(size - 1, -1, -1) if j != 6]
    for turn, at in enumerate(range(0, len(columns), 2)):
        for i in range(size - 1, -1, -1) if turn % 2 == 0 else range(size):
            found += [(i, j) for j in columns[at : at + 2]]
    return found


def _data(words: list[int], version: int) -> bytes:
    """The data words in order; each block checked against its code: all syndromes are zero."""
    extra, groups = BLOCKS[version]
    lengths = [length for count, length in groups for _ in range(count)]
    assert len(words) == sum(lengths) + extra * len(lengths)
    queue = iter(words)
    blocks: list[list[int]] = [[] for _ in lengths]
    for at in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if at < length:
                block.append(next(queue))
    data = [bytes(block) for block in blocks]
    for _ in range(extra):
        for block in blocks:
            block.append(next(queue))
    for block in blocks:
        for power in range(extra):
            assert _value(block, power) == 0, "a block is damaged"
    return b"".join(data)


def _value(block: list[int], power: int) -> int:
    """A block as polynomial at 2**power in GF(256) with 0x11d."""
    point = 1
    for _ in range(power):
        point = _times(point, 2)
    found = 0
    for word in block:
        found = _times(found, point) ^ word
    return found


def _times(one: int, other: int) -> int:
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return found


def _text(data: bytes, version: int) -> str:
    """One byte segment, ended by a terminator."""
    bits = "".join(f"{word:08b}" for word in data)
    assert bits[:4] == "0100", "not a byte segment"
    wide = 8 if version < 10 else 16
    length = int(bits[4 : 4 + wide], 2)
    start = 4 + wide
    told = bits[start : start + 8 * length]
    assert bits[start + 8 * length :][:4] in ("0000", ""), "more than one segment"
    return bytes(int(told[at : at + 8], 2) for at in range(0, len(told), 8)).decode()
