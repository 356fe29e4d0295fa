"""The sample cases of a demonstration, loaded once into an empty library and approved by a second name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from ganzhi.complaints.cases.content import Origin, check, to_json
from ganzhi.complaints.cases.exchange import manual_from, read
from ganzhi.complaints.cases.learning import Meeting, Request, Result, Training, add, change
from ganzhi.complaints.cases.library import Library

WRITER: Final = "sample.writer"
APPROVER: Final = "sample.approver"
REVIEWED_AFTER: Final = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was loaded."""

    cases: int
    manuals: int


def load_samples(library: Library, name: str, content: bytes) -> Loaded:
    """Load a file of samples, unless the library holds something; errors as of `exchange.read`."""
    store, today = library.place.store.cases, library.today()
    if library.cases() or library.manuals():
        return Loaded(0, 0)
    cases = read(name, content)
    review = today + REVIEWED_AFTER
    document = json.loads(content.decode())
    for each in cases:
        said = replace(each.content, owner=WRITER, review_on=review, origin=Origin())
        check(library.place.catalogue, said, today)
        made = store.add("case", to_json(said), by=WRITER, reason=name)
        store.approve(made.entry, by=APPROVER)
    manuals = [replace(manual_from(each, WRITER), review_on=review) for each in document.get("manuals", ())]
    for manual in manuals:
        check(library.place.catalogue, manual, today)
        made = store.add("manual", to_json(manual), by=WRITER, reason=name, subject=manual.category)
        store.approve(made.entry, by=APPROVER)
    _learning(library, document, today)
    return Loaded(len(cases), len(manuals))


def _learning(library: Library, document: Mapping[str, Any], today: date) -> None:
    registers = library.place.store.case_registers
    for each in document.get("trainings", ()):
        day, held = today - timedelta(days=each["days_ago"]), each["days_ago"] >= 0
        said = Training(each["title"], tuple(each["topics"]), each["audience"], each["trainer"])
        kept = add(registers, said, by=WRITER, due=day)
        if held:
            done = replace(said, held_on=day, results=tuple(Result(*one) for one in each["results"]))
            change(registers, kept.register, done, by=WRITER, state="held", due=day)
    for each in document.get("meetings", ()):
        day = today - timedelta(days=each["days_ago"])
        meeting = Meeting(each["title"], each["size"], each["agenda"])
        noted = add(registers, meeting, by=WRITER, due=day)
        over = replace(meeting, minutes=each["minutes"], held_on=day)
        change(registers, noted.register, over, by=WRITER, state="held", due=day)
    for each in document.get("requests", ()):
        add(registers, Request(each["title"], each["text"], each["stage"]), by=WRITER)
