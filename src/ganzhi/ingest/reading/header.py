"""The header of a file against the columns the mapping expects (F17–F24, F30).

Names are compared after NFKC and trimming, never by position. Refuses the file when a column is
missing, stands twice, or is one too many in a closed contract; says which name was probably meant
and which delimiter would have fitted.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ganzhi.base.errors import Issue, Location

MOST_COLUMNS = 2000
_DELIMITERS = (",", "\t", ";", "|", "\uff0c", "\x01", "^")
_NAMES = {"\t": "TAB", "\x01": "\\x01", " ": "SPACE"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What the header means.

    position: of each expected or used column, by the name the mapping gives it. issues: why the
    file is refused, if not empty. notes: what is remarkable but harmless.
    """

    position: dict[str, int]
    issues: tuple[Issue, ...]
    notes: tuple[Issue, ...]


def normal(name: str) -> str:
    r"""A column name as it is compared.

    >>> normal("\ufeff Ｄate\u00a0"), normal("call id")
    ('Date', 'call id')
    """
    return " ".join(unicodedata.normalize("NFKC", name).translate(_INVISIBLE).split())


def shown_delimiter(delimiter: str) -> str:
    """A delimiter as a person reads it."""
    return _NAMES.get(delimiter, delimiter)


def match_header(
    found: Sequence[str], wanted: Sequence[str], *, declared: bool, closed: bool, at: Location
) -> HeaderMatch:
    """Compare the header with `wanted`; `declared` when that is the whole list the mapping expects."""
    if len(found) > MOST_COLUMNS:
        issue = Issue("ING016", "", at, {"found": str(len(found)), "limit": str(MOST_COLUMNS)})
        return HeaderMatch({}, (issue,), ())
    names = [normal(name) for name in found]
    places: dict[str, int] = {}
    issues = [
        Issue("ING013", name[:64], at, {"column": name[:64]})
        for name in dict.fromkeys(n for n in names if n and names.count(n) > 1)
    ]
    for place, name in enumerate(names):
        places.setdefault(name, place)
    position = {name: places[normal(name)] for name in wanted if normal(name) in places}
    extra = [found[place] for name, place in places.items() if name and name not in {normal(w) for w in wanted}]
    issues += [_missing(name, extra, found, at) for name in wanted if name not in position]
    notes: list[Issue] = []
    if extra and declared and not issues:
        shown = ", ".join(name.strip()[:64] for name in extra[:20])
        code = "ING014" if closed else "ING201"
        (issues if closed else notes).append(Issue(code, "", at, {"columns": shown}, "error" if closed else "warning"))
    respelt = [name for name in wanted if name in position and found[position[name]] != name]
    if respelt:
        notes.append(Issue("ING202", "", at, {"columns": ", ".join(respelt[:20])}, "warning"))
    return HeaderMatch(position, tuple(issues), tuple(notes))


def _missing(name: str, extra: Collection[str], found: Sequence[str], at: Location) -> Issue:
    by_folded = {normal(e).casefold(): e.strip() for e in extra}
    near = get_close_matches(normal(name).casefold(), list(by_folded), n=1, cutoff=0.6)
    shown = ", ".join(f.strip()[:64] for f in found[:40])
    if near:
        return Issue("ING012", name, at, {"column": name, "near": by_folded[near[0]][:64], "found": shown})
    return Issue("ING011", name, at, {"column": name, "found": shown})


def likely_delimiter(line: str, declared: str, wanted: Sequence[str], found: int) -> str | None:
    """Another delimiter under which clearly more of the expected names appear; None if there is none."""
    expected = {normal(name) for name in wanted}
    best, most = None, max(found, 1 if len(expected) > 1 else 0)
    for delimiter in _DELIMITERS:
        if delimiter == declared:
            continue
        names = {normal(part.strip().strip('"')) for part in line.split(delimiter)}
        if len(names & expected) > most:
            best, most = delimiter, len(names & expected)
    return best
