"""Values to cells and back, so that what nobody touched comes back as it was.

A cell is text, number, truth value or day. Text that a spreadsheet would run, trim or recode is
guarded (`base.cells`) or written as a JSON string in double quotes. Reading is tolerant of what
spreadsheets do to values: codes that became numbers, blanks around them, other separators.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ganzhi.base.cells import LONGEST_CELL, guarded_text, neutral
from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.exchange.shapes import SheetField
from ganzhi.catalogue.exchange.yaml_text import flow, number_text
from ganzhi.catalogue.yaml_nodes import Node, Scalar, Sequence, Table, read_yaml

Cell = str | int | float | Decimal | bool | date | None

TOO_LONG = "…"
"""Stands in a cell whose value is longer than a cell can hold, and means: unchanged."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_SEPARATORS = re.compile(r"[\s,，;；、]+")
_PAIR = re.compile(r"([^:：]*[^:：\s])\s*[:：]\s*(\S.*)")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TRUTH = {"true": True, "yes": True, "是": True, "1": True, "false": False, "no": False, "否": False, "0": False}


# --- to cells -----------------------------------------------------------------------------------


def cell_of(field: SheetField, whole: Mapping[str, Any], sparse: Mapping[str, Any]) -> Cell:
    """The cell of a field. whole: all values of the entry or member; sparse: those that are not default."""
    lines = field.kind == "lines"
    path = field.path[:-1] if lines else field.path
    value = _at(sparse if field.kind == "structure" else whole, path)
    if value is None:
        return None
    match field.kind:
        case "structure":
            return _held(_printable(flow(value)))
        case "list":
            return _held(_list_text([str(each) for each in value], codes=field.is_code))
        case "lines":
            return _held(_list_text([each[field.path[-1]] for each in value], codes=False))
        case "pairs":
            return _held(_pairs_text(value))
        case "day":
            return date.fromisoformat(value)
        case "text" | "choice":
            return _held(_text(str(value)))
        case _:
            found: Cell = value
            return found


def text_cell(text: str) -> str | None:
    """The cell of a text that stands by itself, such as a key."""
    return _held(_text(text))


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(values, Mapping) or step not in values:
            return None
        values = values[step]
    return values


def _held(text: str) -> str | None:
    if not text:
        return None
    safe = neutral(text)
    return safe if len(safe) <= LONGEST_CELL else TOO_LONG


def _is_plain(text: str) -> bool:
    """Whether a text survives a cell as it is."""
    whole = text == text.strip() and text != TOO_LONG and _printable(text) == text
    return bool(text) and whole and text[0] not in "\"'" and not _ESCAPED.search(text)


def _printable(text: str) -> str:
    """Text inside double quotes with the characters that a workbook cannot hold as escapes."""
    odd = {char for char in text if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs")}
    for char in odd | ({"\ufffe", "\uffff"} & set(text)):
        text = text.replace(char, f"\\u{ord(char):04x}")
    return _ESCAPED.sub(r"\\u005fx\1_", text)


def _text(text: str) -> str:
    return text if _is_plain(text) else _escaped(text)


def _list_text(items: list[str], *, codes: bool) -> str:
    simple = all(_is_plain(each) and "\n" not in each and (not codes or not _SEPARATORS.search(each)) for each in items)
    if not items:
        return ""
    return "\n".join(items) if simple and not items[0].startswith("[") else _escaped(items)


def _pairs_text(pairs: Mapping[str, str]) -> str:
    simple = all(_is_plain(value) and "\n" not in value for value in pairs.values())
    return "\n".join(f"{key}: {value}" for key, value in pairs.items()) if simple else _escaped(pairs)


def _escaped(value: object) -> str:
    """JSON, which is also the notation of catalogue files, with every odd character as an escape."""
    return _printable(json.dumps(value, ensure_ascii=False))


# --- from cells ---------------------------------------------------------------------------------


def node_of(field: SheetField, value: object, at: Location) -> Node | None:
    """The cell's value as a node at its place; None for a blank.

    Raises: InputError CAT122 to CAT125 for what cannot be read as the field's kind.
    """
    if isinstance(value, str):
        value = _as_written(value)
    if value is None or value == "":
        return None
    match field.kind:
        case "number" | "int":
            return Scalar(at, _number(field, value, at))
        case "day":
            return Scalar(at, _day(field, value, at))
        case "bool":
            truth = value if isinstance(value, bool) else _TRUTH.get(_plain_text(field, value, at).casefold())
            return Scalar(at, _plain_text(field, value, at) if truth is None else truth)
        case "structure":
            return structure(_plain_text(field, value, at), at)
        case "list" | "lines":
            return _list(field, _plain_text(field, value, at), at)
        case "pairs":
            return _pairs(field, _plain_text(field, value, at), at)
        case "choice":
            text = _plain_text(field, value, at)
            return Scalar(at, next((each for each in field.choices if each.casefold() == text.casefold()), text))
        case _:
            return Scalar(at, unquoted(_plain_text(field, value, at)))


def _as_written(text: str) -> str:
    """The text of a cell without the guard against formulas and without a spreadsheet's own escapes."""

    def character(match: re.Match[str]) -> str:
        return chr(int(match[1], 16))

    return guarded_text(_ESCAPED.sub(character, text)).replace("\r\n", "\n").replace("\r", "\n").strip()


def _plain_text(field: SheetField, value: object, at: Location) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case float():
            return number_text(Decimal(repr(value)))
        case datetime() | date():
            raise InputError(Issue("CAT123", field.key, at, {"value": str(value)[:10]}))
        case _:
            return str(value)


def unquoted(text: str) -> str:
    """The text that was written as a JSON string; other text as it is."""
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        try:
            found = json.loads(text)
        except ValueError:
            return text
        return found if isinstance(found, str) else text
    return text


def _number(field: SheetField, value: object, at: Location) -> int | Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(text := value.replace(",", "").replace("，", "").strip()):
        value = Decimal(text)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InputError(Issue("CAT122", field.key, at, {"value": str(value)[:60]}))
    number = value if isinstance(value, int | Decimal) else Decimal(repr(value))
    return int(number) if number == int(number) else Decimal(number_text(Decimal(number)))


def _day(field: SheetField, value: object, at: Location) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    text = str(value)
    match = _DAY.fullmatch(text)
    if match is None:
        raise InputError(Issue("CAT124", field.key, at, {"value": text[:60]}))
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"


def structure(text: str, at: Location) -> Node:
    """A cell in the notation of catalogue files."""
    indented = "\n".join(f"  {line}" for line in text.split("\n"))
    table, issues = read_yaml(f"value:\n{indented}\n".encode(), str(at))
    if table is None or "value" not in table.fields or issues:
        problem = issues[0].code if issues else "–"
        raise InputError(Issue("CAT125", "", at, {"value": text[:60], "problem": problem}))
    return table.fields["value"]


def _list(field: SheetField, text: str, at: Location) -> Node:
    if text.startswith("["):
        return structure(text, at)
    items = _SEPARATORS.split(text) if field.is_code else text.split("\n")
    return Sequence(at, [Scalar(at, item.strip()) for item in items if item.strip()])


def _pairs(field: SheetField, text: str, at: Location) -> Node:
    if text.startswith("{"):
        return structure(text, at)
    found = Table(at)
    for line in filter(str.strip, text.split("\n")):
        match = _PAIR.fullmatch(line.strip())
        if match is None:
            raise InputError(Issue("CAT125", field.key, at, {"value": line[:60], "problem": "key: value"}))
        found.fields[match[1]], found.keys[match[1]] = Scalar(at, match[2]), at
    return found


def to_node(value: object, at: Location) -> Node:
    """A plain value as a node, all of it at one place."""
    match value:
        case Mapping():
            found = Table(at)
            for name, inner in value.items():
                found.fields[str(name)], found.keys[str(name)] = to_node(inner, at), at
            return found
        case list() | tuple():
            return Sequence(at, [to_node(each, at) for each in value])
        case bool() | int() | Decimal() | str():
            return Scalar(at, value)
        case _:
            return Scalar(at, str(value))
