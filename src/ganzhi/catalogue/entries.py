"""From nodes to typed entries; what pydantic refuses becomes an Issue at the line that is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ganzhi.base.errors import Issue, Location
from ganzhi.base.ids import UNIT_PATTERN, is_code
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.yaml_nodes import Node, Scalar, Sequence, Table, looks_like_full_width_colon

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as written, after overlay: where its code stands, and its fields."""

    kind: str
    code: str
    at: Location
    node: Node


def data_of(node: Node) -> Any:
    """Plain data for validation; decimals have at most 15 digits, which a float keeps."""
    if isinstance(node, Table):
        return {name: data_of(child) for name, child in node.fields.items()}
    if isinstance(node, Sequence):
        return [data_of(child) for child in node.items]
    return float(node.value) if isinstance(node.value, Decimal) else node.value


class Places(Mapping[Path, Location]):
    """Where entries and the fields and list items below them stand, by `(kind, code, *path)`.

    Looked up in the nodes when asked for: a catalogue has a hundred places for each that is shown.
    """

    def __init__(self, entries: Mapping[tuple[str, str], Entry]) -> None:
        self._entries = entries

    def __getitem__(self, path: Path) -> Location:
        kind, code, *below = path
        entry = self._entries[kind, code]
        at, node = entry.at, entry.node
        for step in below:
            if isinstance(node, Table):
                at, node = node.keys[step], node.fields[step]
            elif isinstance(node, Sequence) and step.isdigit() and int(step) < len(node.items):
                node = node.items[int(step)]
                at = node.at
            else:
                raise KeyError(path)
        return at

    def __iter__(self) -> Iterator[Path]:
        stack: list[tuple[Path, Node]] = [((kind, code), e.node) for (kind, code), e in self._entries.items()]
        while stack:
            path, node = stack.pop()
            yield path
            if isinstance(node, Table):
                stack += [((*path, name), child) for name, child in node.fields.items()]
            elif isinstance(node, Sequence):
                stack += [((*path, str(number)), child) for number, child in enumerate(node.items)]

    def __len__(self) -> int:
        return sum(1 for _ in self)


def build(entry: Entry, model: type[Model]) -> tuple[Model | None, list[Issue]]:
    """The typed entry, or everything that is wrong with it."""
    if not _code_ok(entry):
        return None, [Issue("CAT021", entry.code[:64], entry.at, {"value": entry.code[:64]})]
    if not isinstance(entry.node, Table):
        code = "CAT007" if looks_like_full_width_colon(entry.node) else "CAT035"
        params = {"fields": ", ".join(model.model_fields)}
        return None, [Issue(code, entry.code, entry.node.at, params)]
    try:
        text = json.dumps(data_of(entry.node))
        return model.model_validate_json(text, strict=True), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [_translate(entry, model, detail) for detail in found if not _follows(detail, found)]


def _code_ok(entry: Entry) -> bool:

    if entry.kind == "units":
        return re.fullmatch(UNIT_PATTERN, entry.code) is not None
    return is_code(entry.code)


def _follows(detail: ErrorDetails, others: list[ErrorDetails]) -> bool:
    """Whether a list is only too short because its items were refused."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        o["loc"][: len(loc)] == loc and len(o["loc"]) > len(loc) for o in others
    )


def _node_at(entry: Entry, path: Path) -> tuple[Location, Node]:
    """The deepest node on a path, and where its key stands."""
    at, node = entry.at, entry.node
    for step in path:
        if isinstance(node, Table) and step in node.fields:
            at, node = node.keys[step], node.fields[step]
        elif isinstance(node, Sequence) and step.isdigit() and int(step) < len(node.items):
            node = node.items[int(step)]
            at = node.at
        else:
            break
    return at, node


def _shown(node: Node) -> str:
    if isinstance(node, Scalar):
        value = str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
        return value[:60]
    return "{…}" if isinstance(node, Table) else "[…]"


def _translate(entry: Entry, model: type[Model], detail: ErrorDetails) -> Issue:
    """One refusal of pydantic as an Issue."""
    path = tuple(str(step) for step in detail["loc"] if step != "[key]")
    at, node = _node_at(entry, path)
    subject = ".".join((entry.code, *path))[:120]
    kind, context = detail["type"], detail.get("ctx") or {}
    field = path[-1] if path else entry.code
    value = _shown(node)
    if kind == "extra_forbidden":
        known = fields_at(model, path[:-1])
        near = get_close_matches(field, known, n=3, cutoff=0.6) or known
        return Issue("CAT022", subject, at, {"field": field, "near": ", ".join(near)})
    if kind == "missing":
        return Issue("CAT023", subject, at, {"field": field})
    if kind in ("literal_error", "enum"):
        allowed = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        words = allowed.split(", ")
        near = get_close_matches(value, words, n=1, cutoff=0.6) or words
        return Issue("CAT024", subject, at, {"value": value, "allowed": allowed, "near": ", ".join(near)})
    if looks_like_full_width_colon(node) and kind in ("model_type", "dict_type", "model_attributes_type"):
        return Issue("CAT007", subject, node.at)
    code, params = _simple(kind, context)
    fields = ", ".join(fields_at(model, path))
    return Issue(code, subject, at, {"field": field, "value": value, "fields": fields or "…", **params})


_CODES: Mapping[str, str] = {
    "string_type": "CAT030",
    "bool_type": "CAT033",
    "bool_parsing": "CAT033",
    "day": "CAT034",
    "date_type": "CAT034",
    "model_type": "CAT035",
    "model_attributes_type": "CAT035",
    "dict_type": "CAT035",
    "tuple_type": "CAT036",
    "too_short": "CAT028",
    "string_too_short": "CAT038",
    "string_too_long": "CAT038",
    "string_pattern_mismatch": "CAT039",
    "exactly_one": "CAT029",
    "one_measure": "CAT026",
    "measure_and_feed": "CAT027",
}

_BOUNDS: Mapping[str, str] = {"greater_than": ">", "greater_than_equal": "≥", "less_than": "<", "less_than_equal": "≤"}
_BOUND_KEYS: Mapping[str, str] = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
}


def _simple(kind: str, context: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Issue code and extra parameters of a refusal that needs no look at the model."""
    if kind in _BOUNDS:
        return "CAT037", {"bound": f"{_BOUNDS[kind]} {context[_BOUND_KEYS[kind]]}"}
    if kind.startswith(("decimal", "finite")):
        return "CAT031", {}
    if kind.startswith("int"):
        return "CAT032", {}
    limit = context.get("max_length", context.get("min_length", ""))
    names = str(context.get("names", ""))
    return _CODES.get(kind, "CAT066"), {"limit": str(limit), "names": names, "problem": kind}


def fields_at(model: type[Model], path: Path) -> list[str]:
    """Names of the fields that may stand at a path inside an entry; empty where any name may."""
    current: Any = model
    for step in path:
        current = _model_in(current)
        if current is None:
            return []
        if isinstance(current, type) and issubclass(current, Model):
            info = current.model_fields.get(step)
            if info is None:
                return []
            current = info.annotation
        else:
            current = get_args(current)[-1] if get_origin(current) is dict else get_args(current)[0]
    current = _model_in(current)
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, Model) else []


def _model_in(annotation: Any) -> Any:
    """The model, mapping or list inside an annotation, with Annotated and `| None` taken off."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    if get_origin(annotation) in (dict, tuple):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument) if argument is not type(None) else None
        if found is not None:
            return found
    return None
