"""No two codes differ only by look: case, width, or a letter of another script (C13)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.whole import Catalogue

_FOREIGN = "аеорсухіјѕһԁɡВНКМТАЕОРСХΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_LATIN = "aeopcyxijshdgBHKMTAEOPCXABEZHIKMNOPTYXo"
_AS_LATIN = str.maketrans(_FOREIGN, _LATIN)


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report unit codes, codes of a list, values of a dimension and file columns that look the same."""
    yield from _compare(catalogue, ((("units", code), code) for code in catalogue.units))
    for name, listing in catalogue.code_lists.items():
        entries = enumerate(listing.entries)
        yield from _compare(catalogue, ((("code_lists", name, "entries", str(n)), e.code) for n, e in entries))
    for name, dimension in catalogue.dimensions.items():
        yield from _compare(catalogue, ((("dimensions", name, "values", value), value) for value in dimension.values))
    for name, mapping in catalogue.mappings.items():
        columns = enumerate(mapping.columns_expected)
        yield from _compare(catalogue, ((("mappings", name, "columns_expected", str(n)), c) for n, c in columns))


def skeleton(text: str) -> str:
    """What a text looks like: plain width, Latin letters for their doubles, one case.

    >>> skeleton("ＡＢ") == skeleton("ab") == skeleton("Аb")
    True
    """
    return unicodedata.normalize("NFKC", text).translate(_AS_LATIN).casefold().strip()


def _compare(catalogue: Catalogue, codes: Iterable[tuple[tuple[str, ...], str]]) -> Iterator[Issue]:
    first: dict[str, str] = {}
    for path, code in codes:
        other = first.setdefault(skeleton(code), code)
        if other != code:
            params = {"first": other[:40], "second": code[:40], "spelled": _spelled(code)}
            yield issue_at(catalogue, "CAT094", path, **params)


def _spelled(code: str) -> str:
    """The characters of a code that are not plain ASCII, by number."""
    return " ".join(f"U+{ord(c):04X}" for c in code[:40] if not c.isascii()) or code[:40]
