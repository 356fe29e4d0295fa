"""The third layer of a catalogue: edits that were approved, in the workspace's folder `catalogue/edits/`.

Every approval is a folder of its own, `0001-…`, written by the program (`store.revisions`); later ones
win over earlier ones. An entry here replaces the whole entry, unlike a workspace's own files, which
change single fields. A top-level key `dropped` lists the codes of entries that are removed, by kind:

    dropped:
      shortfalls: [late_bills]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ganzhi.base.errors import Issue
from ganzhi.catalogue.entries import Entry, data_of
from ganzhi.catalogue.files import SourceFile
from ganzhi.catalogue.model.whole import KINDS
from ganzhi.catalogue.overlay import Key
from ganzhi.catalogue.yaml_nodes import Node

EDITS_FOLDER = "edits"
DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Edit:
    """What one approval says. put: entries as they are from now on. drop: entries that are gone."""

    put: Mapping[Key, Entry]
    drop: frozenset[Key]


def split(files: Iterable[SourceFile]) -> tuple[list[SourceFile], list[list[SourceFile]]]:
    """The workspace's own files, and the files of each approval in the order they were approved.

    >>> split([SourceFile("catalogue/a.yaml", b""), SourceFile("catalogue/edits/0001-x/units.yaml", b"")])[1]
    [[SourceFile(name='catalogue/edits/0001-x/units.yaml', data=b'')]]
    """
    own: list[SourceFile] = []
    approvals: dict[str, list[SourceFile]] = {}
    for file in files:
        parts = file.name.split("/")
        if len(parts) > 2 and parts[1] == EDITS_FOLDER:
            approvals.setdefault(parts[2], []).append(file)
        else:
            own.append(file)
    return own, [approvals[name] for name in sorted(approvals)]


def dropped(node: Node) -> tuple[frozenset[Key], list[Issue]]:
    """The entries named below a `dropped` key."""
    data = data_of(node)
    kinds = [kind for kind, _ in KINDS]
    good = isinstance(data, dict) and all(
        kind in kinds and isinstance(codes, list) and all(isinstance(code, str) for code in codes)
        for kind, codes in data.items()
    )
    if not good:
        return frozenset(), [Issue("CAT120", DROPPED, node.at)]
    return frozenset((kind, code) for kind, codes in data.items() for code in codes), []


def lay_edits(entries: Mapping[Key, Entry], edits: Sequence[Edit]) -> dict[Key, Entry]:
    """The entries after all approvals, each in its place; new ones behind."""
    found = dict(entries)
    for edit in edits:
        for key in edit.drop:
            found.pop(key, None)
        found |= edit.put
    return found
