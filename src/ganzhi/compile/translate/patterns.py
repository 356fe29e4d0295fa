r"""Patterns of the catalogue in the words of engines that do not match with RE2.

A catalogue's pattern is RE2's (catalogue/expressions/patterns). Java's matcher means something else by
`$`, `\\s`, `[a[b]]`, `a++` and more, so a pattern is taken apart and only pieces that both read alike,
or that have another exact spelling, are put together again.
"""

from __future__ import annotations

import re

_CLASS_MEMBER = r"(?:\\[dwDW.\-\]\[\\^/+*?(){}|$]|[^\[\]\\&~-])"
_PIECE = re.compile(
    r"(?P<literal>[^\\^$.|?*+()\[\]{}])"
    r"|(?P<escaped>\\[.^$|?*+()\[\]{}\\/\-])"
    r"|(?P<kind>\\[dDwW])"
    r"|(?P<any>\.)"
    r"|(?P<start>\^)"
    r"|(?P<end>\$)"
    r"|(?P<open>\((?:\?:)?)"
    r"|(?P<close>\))"
    r"|(?P<or>\|)"
    r"|(?P<times>(?:[?*+]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)"
    rf"|(?P<class>\[\^?(?:{_CLASS_MEMBER}(?:-{_CLASS_MEMBER})?)+\])"
)
_KINDS = {r"\d": "[0-9]", r"\D": "[^0-9]", r"\w": "[0-9A-Za-z_]", r"\W": "[^0-9A-Za-z_]"}
_ELSEWHERE = {"any": r"[^\n]", "end": r"\z"}


def java_pattern(pattern: str) -> str | None:
    """An RE2 pattern as one that Java's matcher reads the same way, or None when a piece has no such form."""
    found, position, before = [], 0, ""
    while position < len(pattern):
        match = _PIECE.match(pattern, position)
        if match is None or (match.lastgroup == "times" and before in ("times", "", "open", "or", "start", "end")):
            return None
        kind, piece = str(match.lastgroup), match.group()
        if kind == "class":
            inner = piece.replace(r"\d", "0-9").replace(r"\w", "0-9A-Za-z_")
            if r"\D" in piece or r"\W" in piece:
                return None
            piece = inner
        found.append(_KINDS.get(piece, _ELSEWHERE.get(kind, piece)))
        before, position = kind, match.end()
    return "".join(found)
