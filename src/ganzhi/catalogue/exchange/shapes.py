"""How an entry's fields lie in sheets, derived from the models: nothing is listed by hand.

A kind has a main sheet, one row per entry, and a further sheet for every list or mapping of records
in it (`indicators.supports`, `processes.steps`, `feeds.columns`), one row per member. A field is one
column; a text is two, Chinese and English; a small record is a column per field; what is deeper, or
holds expressions, is one cell in the notation of catalogue files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from ganzhi.catalogue.model.parts import Code, Expression, Model, Name, Text, UnitCode
from ganzhi.catalogue.model.whole import KINDS

CellKind = Literal["text", "number", "int", "bool", "day", "choice", "list", "pairs", "lines", "structure"]
"""`list`: texts, one per line. `pairs`: `key: value` lines. `lines`: one language of a list of texts.
`structure`: anything else, as in a catalogue file."""

CODE = "code"
"""Column of an entry's code in its main sheet."""
OWNER = "entry"
"""Column, in the sheets of members, of the code of the entry they belong to."""
KEY = "key"
_CODES = (str(Code), str(Name), str(UnitCode))


@dataclass(frozen=True, slots=True)
class SheetField:
    """A column. path: where its value stands in the entry or member. choices: its only values.
    is_code: a code or name, in which blanks mean nothing. required: has to be filled in."""

    path: tuple[str, ...]
    kind: CellKind
    choices: tuple[str, ...] = ()
    is_code: bool = False
    required: bool = False

    @property
    def key(self) -> str:
        """The technical heading."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class SheetShape:
    """A sheet. kind: of the entries. field: the list or mapping its rows are members of; empty for the
    main sheet. keyed: whether members have a key column."""

    kind: str
    field: str
    keyed: bool
    columns: tuple[SheetField, ...]

    @property
    def name(self) -> str:
        """The sheet's technical name."""
        return f"{self.kind}.{self.field}" if self.field else self.kind


@cache
def shapes() -> tuple[SheetShape, ...]:
    """All sheets, those that analysts edit most first."""
    models = dict(KINDS)
    first = ("indicators", "touchpoints", "processes")
    order = [*first, *(kind for kind, _ in reversed(KINDS) if kind not in first)]
    return tuple(shape for kind in order for shape in _of_kind(kind, models[kind]))


def shapes_of(kind: str) -> tuple[SheetShape, ...]:
    """The main sheet of a kind and the sheets of its members."""
    return tuple(shape for shape in shapes() if shape.kind == kind)


def _of_kind(kind: str, model: type[Model]) -> Iterator[SheetShape]:
    code = SheetField((CODE,), "text", is_code=True, required=True)
    tables = dict(_tables(model))
    columns = [c for name, info in model.model_fields.items() if name not in tables for c in _columns(name, info)]
    yield SheetShape(kind, "", False, (code, *columns))
    owner = SheetField((OWNER,), "text", is_code=True, required=True)
    for name, (keyed, member) in tables.items():
        key = (SheetField((KEY,), "text", is_code=True, required=True),) if keyed else ()
        if member is Text:
            columns = [SheetField((lang,), "text", required=True) for lang in ("zh", "en")]
        else:
            columns = [c for n, info in member.model_fields.items() for c in _columns(n, info)]
        yield SheetShape(kind, name, keyed, (owner, *key, *columns))


def _tables(model: type[Model]) -> Iterator[tuple[str, tuple[bool, type[Model]]]]:
    """Fields that are lists or mappings of records, whether they have keys, and the record's model."""
    for name, info in model.model_fields.items():
        bare = _bare(info.annotation)
        if get_origin(bare) is tuple and _is_model(_bare(get_args(bare)[0])) and _bare(get_args(bare)[0]) is not Text:
            yield name, (False, _bare(get_args(bare)[0]))
        elif get_origin(bare) is dict and _is_model(_bare(get_args(bare)[1])):
            yield name, (True, _bare(get_args(bare)[1]))


def _columns(name: str, info: FieldInfo, path: tuple[str, ...] = ()) -> Iterator[SheetField]:
    here = (*path, name)
    bare = _bare(info.annotation)
    needed = info.is_required()
    if bare is Text:
        yield from (SheetField((*here, lang), "text", required=needed) for lang in ("zh", "en"))
    elif _is_model(bare):
        if _flat(bare, optional=_is_optional(info.annotation)) and len(path) < 2:
            for inner, inner_info in bare.model_fields.items():
                for each in _columns(inner, inner_info, here):
                    yield each if needed else SheetField(each.path, each.kind, each.choices, each.is_code)
        else:
            yield SheetField(here, "structure", required=needed)
    elif get_origin(bare) is tuple:
        yield from _of_list(here, _bare(get_args(bare)[0]), get_args(bare)[0], needed)
    elif get_origin(bare) is dict:
        plain = _bare(get_args(bare)[1]) is str
        yield SheetField(here, "pairs" if plain else "structure", required=needed)
    else:
        yield _scalar(here, bare, info, needed)


def _of_list(here: tuple[str, ...], item: Any, annotated: Any, needed: bool) -> Iterator[SheetField]:
    if item is Text:
        yield from (SheetField((*here, lang), "lines", required=needed) for lang in ("zh", "en"))
    elif item is str or get_origin(item) is Literal:
        codes = get_origin(item) is Literal or str(annotated) in _CODES
        yield SheetField(here, "list", is_code=codes, required=needed)
    else:
        yield SheetField(here, "structure", required=needed)


def _scalar(here: tuple[str, ...], bare: Any, info: FieldInfo, needed: bool) -> SheetField:
    if get_origin(bare) is Literal:
        return SheetField(here, "choice", tuple(str(each) for each in get_args(bare)), True, needed)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return SheetField(here, "choice", tuple(str(each.value) for each in bare), True, needed)
    if bare is bool:
        return SheetField(here, "bool", ("true", "false"), required=needed)
    kinds: Mapping[str, CellKind] = {"int": "int", "Decimal": "number", "date": "day"}
    pattern = any(getattr(each, "pattern", None) for each in info.metadata)
    return SheetField(here, kinds.get(bare.__name__, "text"), is_code=pattern or _names_code(info), required=needed)


def _names_code(info: FieldInfo) -> bool:
    """Whether an optional field holds a code: the pattern then stands inside the annotation."""
    return any(str(each) in _CODES for each in get_args(info.annotation))


def _flat(model: type[Model], *, optional: bool) -> bool:
    """Whether a record can be a column per field: no expressions, nothing deep, presence seen from a field."""
    for info in model.model_fields.values():
        bare = _bare(info.annotation)
        if _holds_expression(info) or get_origin(bare) in (tuple, dict):
            return False
        if _is_model(bare) and bare is not Text and not _flat(bare, optional=True):
            return False
    return not optional or any(info.is_required() for info in model.model_fields.values())


def _holds_expression(info: FieldInfo) -> bool:
    limit = next((m for m in get_args(Expression)[1].metadata if hasattr(m, "max_length")), None)
    inside = [info, *(a for a in get_args(info.annotation) if str(a) == str(Expression))]
    return limit in info.metadata or len(inside) > 1


def _bare(annotation: Any) -> Any:
    """The type inside Annotated and `| None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(each for each in get_args(annotation) if each is not NoneType)
        else:
            return annotation


def _is_optional(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation)


def _is_model(bare: Any) -> bool:
    return isinstance(bare, type) and issubclass(bare, Model)
