"""A change to a catalogue as a value: entries to put in their whole, entries to drop.

What a workbook, a list or a page proposes. It applies to one catalogue, its base, and touches
nothing but the entries it names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganzhi.base.errors import InternalError
from ganzhi.catalogue.content import from_entries
from ganzhi.catalogue.edits import DROPPED
from ganzhi.catalogue.exchange.yaml_text import plain_entry, yaml_file
from ganzhi.catalogue.files import SourceFile
from ganzhi.catalogue.load import codes_of_kinds
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import KINDS, Catalogue
from ganzhi.catalogue.yaml_nodes import LARGEST_FILE

Kinds = Mapping[str, Mapping[str, Model]]


@dataclass(frozen=True, slots=True)
class Change:
    """put: whole entries by kind and code. drop: codes that are removed, by kind."""

    put: Kinds = field(default_factory=dict)
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.put.values()) or any(self.drop.values())

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        """Kind and code of every entry it touches."""
        put = {(kind, code) for kind, entries in self.put.items() for code in entries}
        return frozenset(put | {(kind, code) for kind, codes in self.drop.items() for code in codes})


def written_kinds(catalogue: Catalogue) -> dict[str, dict[str, Model]]:
    """The entries by kind, without the code lists that follow from other entries."""
    found: dict[str, dict[str, Model]] = {kind: dict(getattr(catalogue, kind)) for kind, _ in KINDS}
    lists = found["code_lists"]
    for code, made in codes_of_kinds({**found, "code_lists": {}}).items():
        if lists.get(code) == made:
            del lists[code]
    return found


def change_between(base: Catalogue, wanted: Kinds) -> Change:
    """What makes `base` say what `wanted` says, for the kinds that `wanted` holds.

    An indicator that is gone is retired instead: its history stays explainable.
    """
    before = written_kinds(base)
    put: dict[str, dict[str, Model]] = {}
    drop: dict[str, tuple[str, ...]] = {}
    for kind, _ in KINDS:
        if kind not in wanted:
            continue
        changed = {code: entry for code, entry in wanted[kind].items() if before[kind].get(code) != entry}
        gone = [code for code in before[kind] if code not in wanted[kind]]
        if kind == "indicators":
            changed |= {code: retired for code in gone if (retired := _retired(before[kind][code])) is not None}
            gone = []
        if changed:
            put[kind] = changed
        if gone:
            drop[kind] = tuple(gone)
    return Change(put, drop)


def _retired(entry: Model) -> Model | None:
    """The indicator as retired; None when it is already."""
    assert isinstance(entry, Indicator)
    return None if entry.retired else entry.model_copy(update={"retired": True})


def still_applies(change: Change, base: Catalogue, current: Catalogue) -> list[tuple[str, str]]:
    """Kind and code of the entries that are not what they were when the change was made; empty when it applies."""
    before, now = written_kinds(base), written_kinds(current)
    return sorted((kind, code) for kind, code in change.keys if before[kind].get(code) != now[kind].get(code))


def to_document(change: Change) -> dict[str, object]:
    """The change as JSON values. Each entry is a text of its own: its order says something (the phases of a blueprint), and
    whoever keeps JSON may sort it."""
    put = {
        kind: {code: _kept(entry.model_dump(mode="json", exclude_defaults=True)) for code, entry in entries.items()}
        for kind, entries in change.put.items()
    }
    return {"put": put, "drop": {kind: list(codes) for kind, codes in change.drop.items()}}


def _kept(entry: object) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_document(document: Mapping[str, Any]) -> Change:
    """The change that `to_document` wrote, now or before entries were texts; kinds this program does not know are an error of
    ours."""
    unknown = {*document["put"], *document["drop"]} - {kind for kind, _ in KINDS}
    if unknown:
        raise InternalError(f"a change of unknown kinds: {sorted(unknown)}")
    put = {
        kind: {code: json.loads(entry) if isinstance(entry, str) else entry for code, entry in entries.items()}
        for kind, entries in document["put"].items()
    }
    return Change(from_entries(put), {kind: tuple(codes) for kind, codes in document["drop"].items()})


def files_of(change: Change, folder: str, heading: str = "") -> list[SourceFile]:
    """The change as catalogue files below `folder`: one per kind, more where a kind is large."""
    found: list[SourceFile] = []
    for kind, entries in change.put.items():
        for number, part in enumerate(_parts(kind, entries), start=1):
            name = f"{kind}.yaml" if number == 1 else f"{kind}.{number}.yaml"
            found.append(SourceFile(f"{folder}/{name}", yaml_file({kind: part}, heading).encode()))
    drop = {kind: list(codes) for kind, codes in change.drop.items() if codes}
    if drop:
        found.append(SourceFile(f"{folder}/{DROPPED}.yaml", yaml_file({DROPPED: drop}, heading).encode()))
    return found


def _parts(kind: str, entries: Mapping[str, Model]) -> list[dict[str, object]]:
    """The entries in portions that each fit into a file."""
    parts: list[dict[str, object]] = [{}]
    size = 0
    for code, entry in entries.items():
        data = plain_entry(entry)
        length = len(yaml_file({kind: {code: data}}).encode())
        if parts[-1] and size + length > LARGEST_FILE * 3 // 4:
            parts.append({})
            size = 0
        parts[-1][code] = data
        size += length
    return parts
