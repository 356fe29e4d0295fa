"""The catalogue as a viewer may read it: definitions are everybody's, codes of units out of reach are not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ganzhi.access.rights import Ground, Viewer
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import Catalogue

HIDDEN = "****"

Entry = TypeVar("Entry", bound=Model)


def declared_for(catalogue: Catalogue, viewer: Viewer) -> Catalogue:
    """The catalogue itself for who sees the whole organisation; else with `****` for the code of each strange unit in
    mappings and code lists. The units themselves stand in it: who lists them asks a `Ground`."""
    if viewer.whole:
        return catalogue
    ground = Ground(catalogue, viewer)
    strange = sorted((code for code in catalogue.units if code not in ground.units), key=len, reverse=True)
    if not strange:
        return catalogue
    word = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, strange))})(?![\w-])")
    return replace(
        catalogue,
        mappings=_without(catalogue.mappings, word),
        code_lists=_without(catalogue.code_lists, word),
    )


def _without(entries: Mapping[str, Entry], word: re.Pattern[str]) -> dict[str, Entry]:
    found = {}
    for code, entry in entries.items():
        text = entry.model_dump_json(by_alias=True)
        clean = word.sub(HIDDEN, text)
        found[code] = entry if clean == text else type(entry).model_validate_json(clean)
    return found
