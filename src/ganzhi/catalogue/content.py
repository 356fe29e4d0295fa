"""A catalogue as canonical JSON and back: what its version is made from, and what the store keeps.

Comments, order of files and places are not content; defaults are, so that a version says exactly
what a number was computed with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import KINDS, Catalogue


def version_of(pack: str, pack_version: str, kinds: Mapping[str, Mapping[str, Model]]) -> str:
    """`<pack> <pack version>+<first 12 hex digits of the content's SHA-256>`."""
    return f"{pack} {pack_version}+{hashlib.sha256(_json(kinds).encode()).hexdigest()[:12]}"


def to_json(catalogue: Catalogue) -> str:
    """The catalogue's entries as canonical JSON, with its version."""
    kinds = {kind: getattr(catalogue, kind) for kind, _ in KINDS}
    return '{"version": %s, "entries": %s}' % (json.dumps(catalogue.version), _json(kinds))  # noqa: UP031


def from_json(text: str) -> Catalogue:
    """The catalogue `to_json` wrote, without places; kinds that an older program did not know are empty."""
    document = json.loads(text)
    return Catalogue.of(document["version"], from_entries(document["entries"]))


def from_entries(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Model]]:
    """Typed entries of the kinds this program knows, from their JSON values."""
    models = dict(KINDS)
    return {
        kind: {code: models[kind].model_validate(entry) for code, entry in written.items()}
        for kind, written in entries.items()
        if kind in models
    }


def kinds_as_json(catalogue: Catalogue) -> dict[str, str]:
    """Per kind its entries as one line of canonical JSON."""
    return {kind: _entries_json(getattr(catalogue, kind)) for kind, _ in KINDS}


def _json(kinds: Mapping[str, Mapping[str, Model]]) -> str:
    """Canonical JSON; entries keep their order because weights, pages and cuboids follow it."""
    written = (f"{json.dumps(kind)}:{_entries_json(entries)}" for kind, entries in kinds.items())
    return "{" + ",".join(written) + "}"


def _entries_json(entries: Mapping[str, Model]) -> str:
    return "{" + ",".join(f"{json.dumps(code)}:{entry.model_dump_json()}" for code, entry in entries.items()) + "}"
