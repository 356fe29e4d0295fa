"""Reference page: what may be written in a catalogue file, from the models' fields."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from enum import Enum

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, KINDS
from tools.docs.markdown import page, prose, table

_NAMES = {"str": "text", "int": "whole number", "Decimal": "number", "bool": "true / false", "date": "date"}


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def _type(annotation: object) -> str:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(parts[0])
    if origin is typing.Literal:
        return " / ".join(f"`{value}`" for value in parts)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type(part) for part in parts if part is not type(None))
    if origin is tuple:
        return f"list of {_type(parts[0])}"
    if origin is dict:
        return f"{_type(parts[0])} → {_type(parts[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " / ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    name = getattr(annotation, "__name__", str(annotation))
    return _NAMES.get(name, name)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is PydanticUndefined or value is None or value in ((), {}, ""):
        return ""
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _section(model: type[BaseModel], level: str) -> str:
    rows = [(f"`{name}`", _type(field.annotation), _default(field)) for name, field in model.model_fields.items()]
    return f"{level} {model.__name__}\n\n{prose(model.__doc__)}\n\n{table(['field', 'type', 'default'], rows)}"


def catalogue_page() -> str:
    """All kinds of entries, then the smaller models inside them."""
    kinds = [typing.cast("type[BaseModel]", model) for _, model in KINDS]
    inner: list[type[BaseModel]] = []
    todo = list(kinds)
    while todo:
        for model in (m for field in todo.pop(0).model_fields.values() for m in _models_in(field.annotation)):
            if model not in inner and model not in kinds:
                inner.append(model)
                todo.append(model)
    intro = (
        "A catalogue is a folder of YAML files. Each file holds some of the top-level keys below; under a key,\n"
        "entries by their code. A workspace's own files overlay the pack's, entry by entry. Unknown fields are\n"
        "refused. `ganzhi check` reports every issue with its line.\n\n"
        f"Every feed can also be cut by {' and '.join(f'`{d}`' for d in CALENDAR_DIMENSIONS)}, which come from event time."
    )
    keys = table(["top-level key", "entries"], [(f"`{k}`", f"[{m.__name__}](#{m.__name__.lower()})") for k, m in KINDS])
    parts = [_section(model, "##") for model in kinds] + [
        _section(m, "##") for m in sorted(inner, key=lambda m: m.__name__)
    ]
    return page("Catalogue: what may be written", intro, keys, *parts)
