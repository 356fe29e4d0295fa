"""Earlier versions of the taxonomy of complaints: what was added, taken out and changed, when, by whom and why (S000-105).

A version of the catalogue is remembered whole; of most of them the taxonomy is that of the version before. A version names
one content for ever, so what was read of one is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, Literal

from ganzhi.catalogue.model.parts import Text
from ganzhi.store.catalogues import Catalogues

How = Literal["added", "removed", "changed"]
DOMAINS: Final = '"problem_domains":'
Taxonomy = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A domain, or a class of one, that a version changed. name: as it is called now, or was before it was taken out.
    fields: what of it changed, of a change."""

    how: How
    domain: str
    code: str | None
    name: Text
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxonomyVersion:
    """A version by which the taxonomy changed. before: the version it is compared with, None for the first that is
    remembered; author, reason, valid_from: of the approval, None for a version that came with files. classes: how many."""

    version: str
    before: str | None
    at: datetime
    author: str | None
    reason: str | None
    valid_from: date | None
    classes: int
    changes: tuple[ClassChange, ...]


def taxonomy_versions(catalogues: Catalogues) -> tuple[TaxonomyVersion, ...]:
    """The versions by which the taxonomy changed, the newest first."""
    found: list[TaxonomyVersion] = []
    last: tuple[str, Taxonomy] | None = None
    for each in catalogues.history():
        now = _taxonomy(catalogues, each.version)
        if last is not None and now == last[1]:
            last = (each.version, now)
            continue
        changes = () if last is None else tuple(changes_between(last[1], now))
        count = sum(len(domain["categories"]) for domain in now.values())
        before = None if last is None else last[0]
        about = (each.version, before, each.remembered_at, each.author, each.reason, each.valid_from)
        found.append(TaxonomyVersion(*about, count, changes))
        last = (each.version, now)
    return tuple(reversed(found))


@lru_cache(maxsize=512)
def _taxonomy(catalogues: Catalogues, version: str) -> Taxonomy:
    return read_taxonomy(catalogues.get(version) or "")


def read_taxonomy(content: str) -> Taxonomy:
    """The taxonomy of a remembered catalogue, without reading the megabytes around it; empty where it has none.

    >>> read_taxonomy('{"entries": {"feeds":{},"problem_domains":{"net":{"categories":{}}},"units":{}}}')
    {'net': {'categories': {}}}
    """
    decoder, at = json.JSONDecoder(), content.find(DOMAINS)
    while at >= 0:
        found, _ = decoder.raw_decode(content, at + len(DOMAINS))
        if isinstance(found, dict) and all(isinstance(each, dict) and "categories" in each for each in found.values()):
            return found
        at = content.find(DOMAINS, at + 1)
    return {}


def changes_between(old: Taxonomy, new: Taxonomy) -> Iterator[ClassChange]:
    """What differs between two taxonomies, domain by domain."""
    for domain in dict.fromkeys((*new, *old)):
        before, after = old.get(domain), new.get(domain)
        if before is None or after is None:
            whole = after or before
            assert whole is not None
            yield ClassChange("removed" if after is None else "added", domain, None, _name(whole))
        own = _fields({**(before or {}), "categories": None}, {**(after or {}), "categories": None})
        if own and before is not None and after is not None:
            yield ClassChange("changed", domain, None, _name(after), own)
        classes = (before or {}).get("categories", {}), (after or {}).get("categories", {})
        yield from _classes(domain, *classes)


def _classes(domain: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ClassChange]:
    for code in dict.fromkeys((*new, *old)):
        before, after = old.get(code), new.get(code)
        if before is None or after is None:
            yield ClassChange("removed" if after is None else "added", domain, code, _name(after or before))
        elif fields := _fields(before, after):
            yield ClassChange("changed", domain, code, _name(after), fields)


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*new, *old)) if old.get(name) != new.get(name))


def _name(entry: Any) -> Text:
    return Text.model_validate(entry["name"])
