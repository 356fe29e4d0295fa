"""A workspace's entries laid over a pack's: field by field, lists and single values replaced."""

from __future__ import annotations

from collections.abc import Iterable

from ganzhi.base.errors import Issue
from ganzhi.catalogue.entries import Entry
from ganzhi.catalogue.model.indicators import MEASURES
from ganzhi.catalogue.yaml_nodes import Node, Table

Key = tuple[str, str]

_EXCLUSIVE: tuple[frozenset[str], ...] = (
    frozenset({*MEASURES, "indicator"}),
    frozenset({"source", "expr", "const", "clock"}),
)
"""Fields of which an entry has one: giving another one replaces it instead of standing beside it."""


def one_layer(entries: Iterable[Entry]) -> tuple[dict[Key, Entry], list[Issue]]:
    """Entries of one layer by kind and code; a code that stands twice is an issue at the second place."""
    found: dict[Key, Entry] = {}
    issues: list[Issue] = []
    for entry in entries:
        key = (entry.kind, entry.code)
        first = found.setdefault(key, entry)
        if first is not entry:
            issues.append(Issue("CAT025", entry.code[:64], entry.at, {"first": str(first.at), "second": str(entry.at)}))
    return found, issues


def lay_over(base: dict[Key, Entry], over: dict[Key, Entry]) -> dict[Key, Entry]:
    """All entries: those of `base` changed by `over` in their place, new ones behind."""
    merged = {key: _changed(entry, over[key]) if key in over else entry for key, entry in base.items()}
    return merged | {key: entry for key, entry in over.items() if key not in base}


def _changed(entry: Entry, by: Entry) -> Entry:
    return Entry(entry.kind, entry.code, by.at, _merge(entry.node, by.node))


def _merge(base: Node, over: Node) -> Node:
    if not (isinstance(base, Table) and isinstance(over, Table)):
        return over
    dropped = {
        name
        for group in _EXCLUSIVE
        if group & over.fields.keys()
        for name in group & base.fields.keys() - over.fields.keys()
    }
    merged = Table(over.at)
    for name, child in base.fields.items():
        if name not in dropped:
            merged.fields[name] = _merge(child, over.fields[name]) if name in over.fields else child
            merged.keys[name] = over.keys.get(name, base.keys[name])
    for name, child in over.fields.items():
        if name not in merged.fields:
            merged.fields[name], merged.keys[name] = child, over.keys[name]
    return merged
