"""Cases as a file for other platforms, and back (S003-034): JSON, or a table in Excel, each read as it was written.

Only cases that are in force and flagged for sharing leave. Each carries where it came from; owners, links into these
pages and whoever decided stay here. What comes in is a draft like any other, and says what it would collide with.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import xlsxwriter

from ganzhi.base.cells import LONGEST_CELL, guarded_text, neutral
from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.exchange.grid import read_grid
from ganzhi.complaints.cases.content import (
    CASE_TEXTS,
    CaseContent,
    Link,
    ManualContent,
    Origin,
    Step,
    check,
    tidy_lines,
    to_json,
)
from ganzhi.complaints.cases.library import Case, Library
from ganzhi.numerics.text.near import jaccard, pairs_of
from ganzhi.store.cases.records import Held

FORMAT: Final = "ganzhi.cases/1"
MOST_BYTES: Final = 16 << 20
MOST_CASES: Final = 20_000
SIMILAR: Final = 0.6
Form = Literal["json", "xlsx"]
FORMS: Final[tuple[Form, ...]] = ("json", "xlsx")
Fate = Literal["new", "same", "changed", "similar"]
DAYS: Final = ("valid_from", "valid_to", "review_on")
COLUMNS: Final = ("source", *CASE_TEXTS, "category", "product", *DAYS, "origin", "links")
"""source: platform and case it came from, `platform/id`. origin: complaint, finding, …. links: one a line, `title | address`."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A case as a file holds it. source: the platform and the case's id there. line: where it stands in the file."""

    source: str
    content: CaseContent
    line: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a case that came in. number: of the case here. fate: new; same as what is here already, nothing was
    done; changed, a new version waits; similar, new but nearly the same as `near`."""

    number: int
    title: str
    fate: Fate
    near: int | None = None


# -- giving away -----------------------------------------------------------------------------------


def shared(library: Library, today: date) -> tuple[Shared, ...]:
    """The cases that may leave; InputError CAS013 for one that names somebody after all."""
    found, issues = [], []
    for case in library.cases():
        said = case.in_force
        if said is None or not said.shared or not case.usable(today):
            continue
        source = said.origin.reference if said.origin.kind == "import" else f"{library.place.store.id}/{case.entry.id}"
        links = tuple(link for link in said.links if not link.target.startswith("/"))
        found.append(Shared(source, replace(said, owner="", links=links, origin=_abroad(said.origin))))
        try:
            check(library.place.catalogue, replace(said, links=links), today)
        except InputError as error:
            issues += [
                replace(i, subject=f"{case.entry.number} {i.subject}") for i in error.issues if i.code == "CAS013"
            ]
    if issues:
        raise InputError(issues)
    return tuple(found)


def _abroad(origin: Origin) -> Origin:
    """An origin as others may see it: of which kind, not which complaint."""
    return Origin("experience") if origin.kind == "import" else Origin(origin.kind)


def write(cases: Sequence[Shared], form: Form) -> bytes:
    """The cases as a file."""
    return _json(cases) if form == "json" else _xlsx(cases)


def _record(each: Shared) -> dict[str, Any]:
    said = each.content
    return {
        "source": each.source,
        **{name: getattr(said, name) for name in (*CASE_TEXTS, "category", "product")},
        **{name: None if (day := getattr(said, name)) is None else day.isoformat() for name in DAYS},
        "origin": said.origin.kind,
        "links": [{"title": link.title, "target": link.target} for link in said.links],
    }


def _json(cases: Sequence[Shared]) -> bytes:
    document = {"format": FORMAT, "cases": [_record(each) for each in cases]}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _xlsx(cases: Sequence[Shared]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("cases")
        heading, wrapped = (
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"text_wrap": True, "valign": "top"}),
        )
        for place, name in enumerate(COLUMNS):
            sheet.set_column(place, place, 40 if name in CASE_TEXTS else 14)
            sheet.write_string(0, place, name, heading)
        sheet.freeze_panes(1, 2)
        for number, each in enumerate(cases, start=1):
            record = _record(each)
            record["links"] = "\n".join(f"{link['title']} | {link['target']}" for link in record["links"])
            for place, name in enumerate(COLUMNS):
                sheet.write_string(number, place, neutral(record[name] or "")[:LONGEST_CELL], wrapped)
    return buffer.getvalue()


# -- taking in -------------------------------------------------------------------------------------


def read(name: str, content: bytes) -> tuple[Shared, ...]:
    """The cases of a file of either form.

    Raises: InputError CAS101 for anything else, CAS102 for every cell that is wrong, CAS103 for a case given twice.
    """
    if len(content) > MOST_BYTES:
        raise InputError(Issue("CAS104", name[:80], params={"most": str(MOST_BYTES >> 20)}))
    records = list(_from_xlsx(name, content) if content[:2] == b"PK" else _from_json(name, content))
    if not 0 < len(records) <= MOST_CASES:
        raise InputError(Issue("CAS101", name[:80], params={"detail": f"{len(records)} / {MOST_CASES}"}))
    issues: list[Issue] = []
    found = [_shared(at, record, issues) for at, record in records]
    seen: set[str] = set()
    for each in found:
        if each.source and each.source in seen:
            issues.append(Issue("CAS103", each.source[:120], Location(each.line)))
        seen.add(each.source)
    if issues:
        raise InputError(issues)
    return tuple(found)


def _from_json(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(Issue("CAS101", name[:80], params={"detail": str(error)[:120]})) from None
    cases = document.get("cases") if isinstance(document, dict) and document.get("format") == FORMAT else None
    if not isinstance(cases, list) or not all(isinstance(each, dict) for each in cases):
        raise InputError(Issue("CAS101", name[:80], params={"detail": f"format: {FORMAT}"}))
    yield from ((f"{name[:80]} cases[{at}]", each) for at, each in enumerate(cases))


def _from_xlsx(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(name).stem[:60] or 'cases'}.xlsx"
        path.write_bytes(content)
        head, *rows = read_grid(path)
    names = [cell.strip().lower() for cell in head.cells]
    lacking = [each for each in COLUMNS if each not in names and each not in ("source", "links", "product")]
    if lacking:
        raise InputError(Issue("CAS101", name[:80], params={"detail": ", ".join(lacking)}))
    for row in rows:
        cells = {key: guarded_text(cell) for key, cell in zip(names, row.cells, strict=False) if key}
        links = [line.rpartition("|") for line in cells.get("links", "").splitlines() if line.strip()]
        parts = [{"title": title.strip(), "target": target.strip()} for title, _, target in links]
        yield str(row.at), {**cells, "links": parts}


def _shared(at: str, record: Mapping[str, Any], issues: list[Issue]) -> Shared:
    def text(field: str) -> str:
        value = record.get(field) or ""
        if not isinstance(value, str):
            issues.append(Issue("CAS102", field, Location(at), {"value": str(value)[:60]}))
            return ""
        return tidy_lines(value)

    def day(field: str) -> date | None:
        try:
            return date.fromisoformat(text(field)[:10]) if text(field) else None
        except ValueError:
            issues.append(Issue("CAS102", field, Location(at), {"value": text(field)[:60]}))
            return None

    first, review = day("valid_from"), day("review_on")
    issues += [
        Issue("CAS102", field, Location(at), {"value": "–"})
        for field, value in (("valid_from", first), ("review_on", review))
        if value is None and not text(field)
    ]
    links = record.get("links") or []
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        issues.append(Issue("CAS102", "links", Location(at), {"value": str(links)[:60]}))
        links = []
    said = CaseContent(
        **{field: text(field) for field in (*CASE_TEXTS, "category", "product")},
        owner="",
        review_on=review or date.min,
        valid_from=first or date.min,
        valid_to=day("valid_to"),
        shared=True,
        origin=Origin(text("origin") or "experience"),  # type: ignore[arg-type]
        links=tuple(Link(str(link.get("title", "")), str(link.get("target", ""))) for link in links),
    )
    return Shared(text("source")[:200], said, at)


def take_in(library: Library, name: str, content: bytes, *, by: str, today: date) -> tuple[Taken, ...]:
    """Keep the cases of a file as drafts of `by`, who owns them; a case that came before gets its next version.

    Raises: InputError as of `read`, and CAS001, CAS012 to CAS018 of every case; then nothing is kept.
    """
    given = read(name, content)
    issues: list[Issue] = []
    wanted = []
    for each in given:
        reference = each.source or f"{Path(name).stem[:60]}/{each.content.title[:40]}"
        said = replace(each.content, owner=by, origin=Origin("import", reference[:120]))
        try:
            check(library.place.catalogue, said, today)
        except InputError as error:
            issues += [replace(issue, at=Location(each.line)) for issue in error.issues]
        wanted.append(said)
    if issues:
        raise InputError(issues)
    return _keep(library, wanted, by, name)


def _keep(library: Library, wanted: Sequence[CaseContent], by: str, name: str) -> tuple[Taken, ...]:
    store, reason = library.place.store.cases, f"import {name}"[:200]
    here = library.cases()
    known = {each.latest.origin.reference: each for each in here if each.latest.origin.kind == "import"}
    known |= {f"{library.place.store.id}/{each.entry.id}": each for each in here}
    own = pairs_of([_compared(each.content) for each in here])
    found = []
    for said, pairs in zip(wanted, pairs_of([_compared(each) for each in wanted]), strict=True):
        before = known.get(said.origin.reference)
        if before is not None:
            found.append(_again(library, before, said, by, reason))
            continue
        near = max(
            zip((jaccard(pairs, each) for each in own), here, strict=True), key=lambda pair: pair[0], default=None
        )
        made: Held = store.add("case", _kept(said), by=by, reason=reason)
        close = near is not None and near[0] >= SIMILAR
        found.append(
            Taken(
                made.entry.number,
                said.title,
                "similar" if close else "new",
                near[1].entry.number if near and close else None,
            )
        )
    return tuple(found)


def _again(library: Library, before: Case, said: CaseContent, by: str, reason: str) -> Taken:
    """A case that came before, or left from here: nothing when it says the same, else its next version."""
    kept = replace(
        before.latest, **{name: getattr(said, name) for name in (*CASE_TEXTS, "category", "product", *DAYS)}
    )  # fmt: skip
    number = before.entry.number
    if kept == before.latest:
        return Taken(number, said.title, "same")
    library.place.store.cases.edit(before.entry, _kept(kept), by=by, reason=reason)
    return Taken(number, said.title, "changed")


def _kept(said: CaseContent) -> Mapping[str, object]:
    return to_json(said)


def _compared(said: CaseContent) -> str:
    return f"{said.title}\n{said.symptom}\n{said.cause}"


def _refuse(constant: str) -> object:
    raise ValueError(constant)


# -- manuals -----------------------------------------------------------------------------------------


def manual_from(record: Mapping[str, Any], by: str) -> ManualContent:
    """A manual from a record of a file of ours, as the samples have it."""
    steps = tuple(Step(each["do"], each.get("say", "")) for each in record["steps"])
    return ManualContent(
        record["category"], steps, record.get("hand_over", ""), by,
        date.fromisoformat(record["review_on"]), date.fromisoformat(record["valid_from"]),
    )  # fmt: skip
