"""The catalogue as a viewer may read it: definitions are everybody's, codes of units out of reach are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ganzhi.access.rights import Ground, Viewer
from ganzhi.access.shown.hidden import Hidden, hidden_from
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import Catalogue

Entry = TypeVar("Entry", bound=Model)


def declared_for(catalogue: Catalogue, viewer: Viewer) -> Catalogue:
    """The catalogue itself for who sees the whole organisation; else with `****` for the code of each strange unit in
    mappings and code lists. The units themselves stand in it: who lists them asks a `Ground`."""
    hidden = hidden_from(catalogue, Ground(catalogue, viewer))
    if not hidden.codes:
        return catalogue
    return replace(
        catalogue,
        mappings=_without(catalogue.mappings, hidden),
        code_lists=_without(catalogue.code_lists, hidden),
    )


def _without(entries: Mapping[str, Entry], hidden: Hidden) -> dict[str, Entry]:
    found = {}
    for code, entry in entries.items():
        text = entry.model_dump_json(by_alias=True)
        clean = hidden.text(text)
        found[code] = entry if clean == text else type(entry).model_validate_json(clean)
    return found
