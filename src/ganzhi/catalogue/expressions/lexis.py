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
    position, previous, depth = 0, "", 0
    while position < len(text):
        comment = text[position : position + 2]
        if comment in ("--", "/*"):
            raise Refused("CAT043", position=str(position + 1))
        match = _TOKEN.match(text, position)
        if match is None:
            raise _refused_character(text, position)
        kind, token = str(match.lastgroup), match.group()
        _check_neighbours(previous, kind, token, position)
        depth = _depth_after(token, kind, depth)
        previous = "" if kind == "space" else kind
        position = match.end()


def _depth_after(piece: str, kind: str, depth: int) -> int:
    if piece == "(" or (kind == "word" and piece.lower() == "case"):
        depth += 1
    elif piece == ")" or (kind == "word" and piece.lower() == "end"):
        depth -= 1
    if depth > DEEPEST:
        raise Refused("CAT041", limit=str(DEEPEST))
    return depth


def _check_neighbours(previous: str, kind: str, token: str, position: int) -> None:
    """A string, name, word or number that touches another one is a form we do not read."""
    if kind == "number" and len(token.replace(".", "")) > 18:
        raise Refused("CAT056", value=token[:24])
    touching = {"string", "name", "word", "number"}
    if previous in touching and kind in touching:
        code = "CAT056" if "number" in (previous, kind) else "CAT042"
        value = token[:24] if code == "CAT056" else token[0]
        raise Refused(code, position=str(position + 1), value=value, character=value, plain="")


def _refused_character(text: str, position: int) -> Refused:
    character = text[position]
    plain = unicodedata.normalize("NFKC", character)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    near = f" → {plain}" if plain != character and plain.isascii() and plain.isprintable() else ""
    return Refused("CAT042", position=str(position + 1), character=shown, plain=near)
