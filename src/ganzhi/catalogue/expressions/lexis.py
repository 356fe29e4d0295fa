"""The first gate for expressions: plain characters, bounded size, before any parser sees the text.

Owns what may appear letter by letter: ASCII words, plain numbers, 'strings', "names", brackets and
arithmetic or comparison signs. Refuses comments, placeholders, escape strings, statements.
"""

from __future__ import annotations

import re
import unicodedata

from ganzhi.catalogue.expressions.refusal import Refused

LONGEST = 2000
DEEPEST = 30

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")+")
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>[0-9]+(?:\.[0-9]+)?)
  | (?P<sign>\|\||//|<=|>=|<>|!=|==|[-+*/%=<>(),.])
    """,
    re.VERBOSE | re.ASCII,
)


def check_text(text: str) -> None:
    """Pass, or raise Refused with the position of the first character that cannot stand."""
    if len(text) > LONGEST:
        raise Refused("CAT040", limit=str(LONGEST))
    control = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
    if control is not None:
        raise _refused_character(text, control.start())
    position, depth = 0, 0
    before, gap = "", False
    while position < len(text):
        if text[position : position + 2] in ("--", "/*"):
            raise Refused("CAT043", position=str(position + 1))
        match = _TOKEN.match(text, position)
        if match is None:
            raise _refused_character(text, position)
        kind, piece = str(match.lastgroup), match.group()
        if kind == "space":
            gap = True
        else:
            _check_neighbours(before, kind, piece, position, gap=gap)
            depth = _depth_after(piece, kind, depth)
            before, gap = ("point" if piece == "." else kind), False
        position = match.end()


def _depth_after(piece: str, kind: str, depth: int) -> int:
    if piece == "(" or (kind == "word" and piece.lower() == "case"):
        depth += 1
    elif piece == ")" or (kind == "word" and piece.lower() == "end"):
        depth -= 1
    if depth > DEEPEST:
        raise Refused("CAT041", limit=str(DEEPEST))
    return depth


_OPERANDS = ("string", "name", "word", "number")


def _check_neighbours(before: str, kind: str, piece: str, position: int, *, gap: bool) -> None:
    """Operands that touch, texts side by side and loose decimal points are forms that readers disagree about."""
    if kind == "number" and (before == "point" or len(piece.replace(".", "")) > 18):
        raise Refused("CAT056", value=piece[:24])
    if kind == before == "string":
        raise Refused("CAT044", problem="'…' '…'")
    if not gap and before in _OPERANDS and kind in _OPERANDS:
        if "number" in (before, kind):
            raise Refused("CAT056", value=piece[:24])
        raise Refused("CAT042", position=str(position + 1), character=piece[0], plain="")


def _refused_character(text: str, position: int) -> Refused:
    character = text[position]
    plain = unicodedata.normalize("NFKC", character)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    near = f" → {plain}" if plain != character and plain.isascii() and plain.isprintable() else ""
    return Refused("CAT042", position=str(position + 1), character=shown, plain=near)
