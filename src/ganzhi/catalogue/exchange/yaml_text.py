"""Entries as YAML that people can read and our own reader reads back as the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from ganzhi.catalogue.model.parts import Model

WIDEST = 110
"""Collections that fit into a line of so many characters stand in one."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "inf", "nan"])


def plain_entry(entry: Model) -> dict[str, Any]:
    """An entry as plain values, without what is default: what a person would have written."""
    found = plain(entry.model_dump(mode="python", exclude_defaults=True))
    assert isinstance(found, dict)
    return found


def plain(value: object) -> Any:
    """A dumped value as mappings, lists, texts, numbers and booleans.

    >>> plain({"weight": Decimal("0.50"), "since": date(2026, 1, 2), "of": ("a",)})
    {'weight': Decimal('0.50'), 'since': '2026-01-02', 'of': ['a']}
    """
    match value:
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case _:
            return value


def yaml_file(kinds: Mapping[str, object], heading: str = "") -> str:
    """Top-level keys with their content; `heading` becomes a comment."""
    lines = [f"# {' '.join(line.split())}" for line in heading.splitlines() if line.strip()]
    for kind, entries in kinds.items():
        lines += ["", f"{_text(kind)}:"]
        lines += _block(entries, 1)
    return "\n".join(lines).lstrip("\n") + "\n"


def flow(value: object) -> str:
    """A value on one line.

    >>> flow({"of": "a + b", "size": 3, "where": "x", "all": []})
    '{of: "a + b", size: 3, where: x, all: []}'
    """
    match value:
        case Mapping():
            return "{" + ", ".join(f"{_text(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(flow(each) for each in value) + "]"
        case _:
            return _scalar(value)


def _block(value: object, depth: int) -> Iterator[str]:
    blank = "  " * depth
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            line = f"{blank}{_text(str(key))}: {flow(child)}"
            if (depth > 1 or isinstance(child, list)) and (
                len(line) <= WIDEST or not isinstance(child, Mapping | list) or not child
            ):
                yield line
            else:
                yield f"{blank}{_text(str(key))}:"
                yield from _block(child, depth + 1)
    elif isinstance(value, list) and value:
        yield from (f"{blank}- {flow(each)}" for each in value)
    else:
        yield f"{blank}{flow(value)}"


def _scalar(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number_text(Decimal(repr(value)))
        case Decimal():
            return number_text(value)
        case _:
            return _text(str(value))


def number_text(value: Decimal) -> str:
    """A number without exponent and without idle zeros.

    >>> number_text(Decimal("1E-7")), number_text(Decimal("10.0")), number_text(Decimal("-0"))
    ('0.0000001', '10', '0')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)
