"""A checked catalogue kept beside the workspace, so that opening it again does not read and check it again.

Kept under the digest of every byte it was read from and of the program's own way of reading; whatever
differs is another name. Owns nothing that could be missed: a file that is absent, damaged or of no use is
made again. Expressions are parsed and checked once more whenever they are compiled, kept or not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ganzhi import __version__
from ganzhi.base.errors import Location
from ganzhi.catalogue.content import kinds_as_json
from ganzhi.catalogue.expressions import SecondOpinion
from ganzhi.catalogue.files import SourceFile, read_overlay, read_pack
from ganzhi.catalogue.load import load_catalogue, without_collection
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import KINDS, Catalogue

FORMAT = "1"
_PLACE_IN_MEMORY = re.compile(r" at 0x[0-9a-f]+")
"""What Python writes of a function that a field names; it differs from process to process."""
MOST_KEPT = 3


def load_kept(pack: str, overlay: Path | None, folder: Path, *, second: SecondOpinion | None = None) -> Catalogue:
    """As `load_catalogue`; from `folder` when the same files were loaded before."""
    own, issues = read_overlay(overlay)
    name = _name([*read_pack(pack), *own])
    found = None if issues else _read(folder / name)
    if found is None:
        found = load_catalogue(pack, overlay, second=second)
        _keep(folder, name, found)
    return found


def _name(files: Iterable[SourceFile]) -> str:
    digest = hashlib.sha256(f"{FORMAT}\0{__version__}\0{_shape()}".encode())
    for file in files:
        digest.update(f"\0{file.name}\0{len(file.data)}\0".encode())
        digest.update(file.data)
    return f"{digest.hexdigest()}.json"


@cache
def _shape() -> str:
    """Changes whenever the models do, those inside others too, which a development version's number does not say."""
    kinds = [(kind, model.__name__) for kind, model in KINDS]
    fields = sorted(
        (f"{model.__module__}.{model.__qualname__}", name, _PLACE_IN_MEMORY.sub("", repr(field)))
        for model in _models(Model)
        for name, field in model.model_fields.items()
    )
    return hashlib.sha256(repr((kinds, fields)).encode()).hexdigest()


def _models(base: type[Model]) -> Iterator[type[Model]]:
    """All kinds of models of the catalogue."""
    for model in base.__subclasses__():
        if model.__module__.startswith("ganzhi.catalogue.model."):
            yield model
        yield from _models(model)


@without_collection()
def _read(path: Path) -> Catalogue | None:
    try:
        parts = path.read_bytes().split(b"\n")
        head: dict[str, Any] = json.loads(parts[0])
        if hashlib.sha256(b"\n".join(parts[1:])).hexdigest() != head["sha256"]:
            return None
        entries = dict(zip((kind for kind, _ in KINDS), parts[1:], strict=True))
        kinds: dict[str, Any] = {kind: _reader(model).validate_json(entries[kind]) for kind, model in KINDS}
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None
    places = {tuple(path.split("/")): Location(*at) for path, at in head["places"].items()}
    return Catalogue(version=head["version"], places=places, **kinds)


def _reader(model: type[Model]) -> TypeAdapter[dict[str, Model]]:
    return TypeAdapter(dict[str, model])  # type: ignore[valid-type]


def _keep(folder: Path, name: str, catalogue: Catalogue) -> None:
    """Write it whole or not at all; a folder that cannot be written to is no reason to fail."""
    body = "\n".join(kinds_as_json(catalogue).values()).encode()
    places = {
        f"{kind}/{code}": at
        for kind, _ in KINDS
        for code in getattr(catalogue, kind)
        if (at := catalogue.place(kind, code)) is not None
    }
    head = {"version": catalogue.version, "sha256": hashlib.sha256(body).hexdigest(), "places": places}
    half = folder / f"{name}.{os.getpid()}.part"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        half.write_bytes(json.dumps(head, ensure_ascii=False).encode() + b"\n" + body)
        half.replace(folder / name)
        kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            half.unlink(missing_ok=True)
