"""OCEL 2.0 as JSON: read by flattening to one type of object as the case, written with one type of object.

An event that is related to several objects of the type belongs to each of their cases. The whole file stands in
memory while it is read, so it may not be larger than `LIMIT`.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import Any

from ganzhi.base.errors import InputError, Issue
from ganzhi.trace.flow.exchange.event import LogEvent, LogTally

LIMIT = 256_000_000
"""Bytes of JSON, unpacked."""


def read_ocel(path: Path, tally: LogTally, object_type: str | None = None, limit: int = LIMIT) -> Iterator[LogEvent]:
    """The events, one for each object of the type, in the order of the file.

    object_type: by default the type that most events are related to.
    Raises: InputError FLW001 for what is no OCEL, FLW003 for too much, FLW004 for a type that is not there.
    """
    document = _document(path, limit)
    types = {_text(each, "id"): _text(each, "type") for each in _list(path, document, "objects")}
    events = _list(path, document, "events")
    used = Counter(types[o] for event in events for o in {*_related(event)} if o in types)
    chosen = object_type or (used.most_common(1)[0][0] if used else "")
    if chosen not in types.values():
        known = ", ".join(sorted({*types.values()})[:8]) or "–"
        raise InputError(Issue("FLW004", path.name, params={"type": chosen[:60], "known": known}))
    cases: set[str] = set()
    for event in events:
        found = [each for each in dict.fromkeys(_related(event)) if types.get(each) == chosen]
        if not found:
            tally.no_case += 1
            continue
        activity = _text(event, "type")
        if not activity.strip():
            tally.no_activity += 1
            continue
        at = tally.instant(_text(event, "time"))
        if at is None:
            continue
        named = {_text(a, "name"): _text(a, "value") for a in event.get("attributes") or () if isinstance(a, Mapping)}
        for case in found:
            cases.add(case)
            tally.events += 1
            tally.cases = len(cases)
            yield LogEvent(
                case,
                activity,
                at,
                named.get("lifecycle") or None,
                named.get("resource") or None,
                named.get("group") or None,
            )


def _document(path: Path, limit: int) -> Mapping[str, Any]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise InputError(Issue("FLW003", path.name, params={"limit": f"{limit // 1_000_000:,}"}))
        document = json.loads(data)
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise _unreadable(path, str(error)) from None
    if not isinstance(document, dict):
        raise _unreadable(path, "no object")
    return document


def _list(path: Path, document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _unreadable(path, f"no list “{name}”")
    return found


def _related(event: Mapping[str, Any]) -> Iterator[str]:
    related = event.get("relationships")
    for each in related if isinstance(related, list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("objectId"), str):
            yield each["objectId"]


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _unreadable(path: Path, detail: str) -> InputError:
    return InputError(Issue("FLW001", path.name, params={"format": "OCEL", "detail": detail[:120]}))


def write_ocel(events: Iterable[LogEvent], activities: Iterable[str], object_type: str) -> Iterator[str]:
    """The log as JSON in pieces. events: case by case; activities: all that occur."""
    attributes = [{"name": name, "type": "string"} for name in ("lifecycle", "resource", "group")]
    head = {
        "objectTypes": [{"name": object_type, "attributes": []}],
        "eventTypes": [{"name": name, "attributes": attributes} for name in activities],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "events": ['
    cases: list[str] = []
    number = 0
    for case, of_case in groupby(events, key=lambda event: event.case):
        cases.append(case)
        for event in of_case:
            number += 1
            yield ("," if number > 1 else "") + "\n" + json.dumps(_event(event, number), ensure_ascii=False)
    yield '\n], "objects": ['
    for place, case in enumerate(cases):
        held = {"id": case, "type": object_type, "attributes": [], "relationships": []}
        yield ("," if place else "") + "\n" + json.dumps(held, ensure_ascii=False)
    yield "\n]}\n"


def _event(event: LogEvent, number: int) -> Mapping[str, Any]:
    named = (("lifecycle", event.transition), ("resource", event.resource), ("group", event.group))
    return {
        "id": f"e{number}",
        "type": event.activity,
        "time": event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "attributes": [{"name": name, "value": value} for name, value in named if value],
        "relationships": [{"objectId": event.case, "qualifier": "case"}],
    }
