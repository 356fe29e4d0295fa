"""Making issues at the place of a field: shared by the checks, no rule of its own."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from ganzhi.base.errors import Issue
from ganzhi.catalogue.model.whole import Catalogue

MOST_LISTED = 12


def issue_at(catalogue: Catalogue, code: str, path: tuple[str, ...], **params: str) -> Issue:
    """An issue about the field at `path` (kind, entry, field…); its subject is the path without the kind."""
    kind, entry, *rest = path
    subject = ".".join((entry, *rest))[:120]
    return Issue(code, subject, catalogue.place(kind, entry, *rest), params)


def near(given: str, known: Iterable[str]) -> str:
    """Names like `given`, or the first known ones when none is like it."""
    names = list(known)
    return ", ".join(get_close_matches(given, names, n=3, cutoff=0.6) or names[:MOST_LISTED]) or "–"
