"""A workbook that was edited, back to entries; every cell that cannot be read is an issue of its own.

Sheets that are missing leave their kind as it is; a column missing from a main sheet leaves that
field as it is; columns may stand in any order. A row that is gone removes its entry. Formulas are
refused: what they show depends on who computed them last.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.entries import Entry, Places, build
from ganzhi.catalogue.exchange.cells import TOO_LONG, node_of, to_node
from ganzhi.catalogue.exchange.changes import Change, change_between, written_kinds
from ganzhi.catalogue.exchange.shapes import CODE, KEY, OWNER, SheetField, SheetShape, shapes
from ganzhi.catalogue.exchange.write import VERSION_LABEL, title_of
from ganzhi.catalogue.exchange.yaml_text import plain_entry
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import KINDS, Catalogue
from ganzhi.catalogue.yaml_nodes import Node, Scalar, Sequence, Table

MOST_BYTES = 64 << 20
MOST_UNPACKED = 512 << 20
MOST_MEMBERS = 2000
HEADING_ROWS = 10
"""Headings are looked for in so many rows."""
BROKEN: Final = (zipfile.BadZipFile, InvalidFileException, KeyError, SyntaxError, ValueError, TypeError, EOFError)
"""What openpyxl raises for a damaged workbook."""


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A cell as openpyxl has it. at: file, sheet and cell."""

    value: object
    at: Location
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet's rows below its headings, blank ones left out. at: the sheet. columns: those it has."""

    shape: SheetShape
    at: Location
    columns: frozenset[tuple[str, ...]]
    rows: tuple[dict[tuple[str, ...], ReadCell], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as read. version: the catalogue it was written from, empty where it does not say."""

    name: str
    version: str
    sheets: Mapping[str, ReadSheet]
    notes: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a workbook: the change, what is only worth a note, and where each field stands."""

    change: Change
    notes: tuple[Issue, ...] = ()
    places: Mapping[tuple[str, ...], Location] = field(default_factory=dict)


def read_book(path: Path) -> Book:
    """The sheets of a workbook.

    Raises: InputError CAT121 for what is no workbook, CAT126 to CAT128 for headings.
    """
    check_archive(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except BROKEN as error:
        raise InputError(Issue("CAT121", path.name, params={"problem": type(error).__name__})) from None
    try:
        return _book(path, book)
    except BROKEN as error:
        raise InputError(Issue("CAT121", path.name, params={"problem": type(error).__name__})) from None
    finally:
        book.close()


def check_archive(path: Path) -> None:
    """Refuse what is no workbook, or larger than any workbook of ours (CAT121)."""
    try:
        size = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise InputError(Issue("CAT121", path.name, params={"problem": type(error).__name__})) from None
    unpacked = sum(member.file_size for member in members)
    if size > MOST_BYTES or unpacked > MOST_UNPACKED or len(members) > MOST_MEMBERS:
        raise InputError(Issue("CAT121", path.name, params={"problem": f"> {MOST_BYTES >> 20} MiB"}))


def _book(path: Path, book: Any) -> Book:
    known = {shape.name: shape for shape in shapes()}
    sheets: dict[str, ReadSheet] = {}
    notes: list[Issue] = []
    issues: list[Issue] = []
    version = ""
    for name in book.sheetnames:
        words = name.split()
        if words and words[-1] in known:
            sheet, problems = _sheet(path.name, book[name], known[words[-1]])
            issues += [each for each in problems if each.severity == "error"]
            notes += [each for each in problems if each.severity != "error"]
            if sheet is not None:
                sheets[sheet.shape.name] = sheet
        elif found := _version(book[name]):
            version = found
        else:
            notes.append(Issue("CAT126", name[:40], Location(path.name), severity="warning"))
    if not sheets and not issues:
        issues.append(Issue("CAT127", path.name, Location(path.name)))
    if issues:
        raise InputError(issues)
    return Book(path.name, version, sheets, tuple(notes))


def _version(sheet: Any) -> str:
    for row in sheet.iter_rows(min_row=1, max_row=HEADING_ROWS, max_col=2, values_only=True):
        if row and row[0] == VERSION_LABEL and len(row) > 1 and row[1]:
            return str(row[1]).strip()
    return ""


def _sheet(file: str, sheet: Any, shape: SheetShape) -> tuple[ReadSheet | None, list[Issue]]:
    titles = {title_of(each, lang).casefold(): each for each in shape.columns for lang in ("en", "zh")}
    titles |= {each.key.casefold(): each for each in shape.columns}
    heads: dict[int, SheetField] = {}
    rows: list[dict[tuple[str, ...], ReadCell]] = []
    issues: list[Issue] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number <= HEADING_ROWS and not rows:
            named = {n: titles.get(str(c.value or "").strip().casefold()) for n, c in enumerate(row)}
            known = {n: each for n, each in named.items() if each is not None}
            if len(known) > 1 or (known and len(shape.columns) == 1):
                issues = _headings(file, shape, row, known)
                heads = known
                continue
        if heads:
            cells = dict(_cells(file, shape, number, row, heads))
            if any(cell.value not in (None, "") or cell.fault for cell in cells.values()):
                rows.append(cells)
    at = Location(f"{file} {shape.name}")
    if not heads:
        return None, [Issue("CAT127", shape.name, at)]
    columns = frozenset(each.path for each in heads.values())
    missing = [each.key for each in shape.columns if each.path not in columns]
    first = shape.columns[0].key
    if missing and (shape.field or first in missing):
        issues.append(Issue("CAT128", shape.name, at, {"columns": ", ".join(missing)}))
    return ReadSheet(shape, at, columns, tuple(rows)), issues


def _headings(file: str, shape: SheetShape, row: Any, known: Mapping[int, SheetField]) -> list[Issue]:
    """Headings that are not known, which are not read, and those that stand twice."""
    issues = []
    seen: set[tuple[str, ...]] = set()
    for number, cell in enumerate(row):
        text = str(cell.value or "").strip()
        at = _place(file, shape, 1, number)
        if text and number not in known:
            issues.append(Issue("CAT129", text[:60], at, severity="warning"))
        elif number in known:
            if known[number].path in seen:
                issues.append(Issue("CAT130", known[number].key, at))
            seen.add(known[number].path)
    return issues


def _place(file: str, shape: SheetShape, row: int, column: int) -> Location:
    return Location(f"{file} {shape.name}!{get_column_letter(column + 1)}{row}")


def _cells(
    file: str, shape: SheetShape, number: int, row: Any, heads: Mapping[int, SheetField]
) -> Iterator[tuple[tuple[str, ...], ReadCell]]:
    for place, each in heads.items():
        cell = row[place] if place < len(row) else None
        kind = getattr(cell, "data_type", "n")
        fault = {"f": "formula", "e": "error"}.get(kind, "")
        yield each.path, ReadCell(getattr(cell, "value", None), _place(file, shape, number, place), fault)


# --- entries ------------------------------------------------------------------------------------


def read_change(book: Book, base: Catalogue) -> Reading:
    """What the workbook changes in the catalogue it was written from.

    Raises: InputError with an issue for every cell that cannot be read, CAT122 to CAT135 and those of entries.
    """
    taken = _Taking(base)
    wanted: dict[str, dict[str, Model]] = {}
    for kind, model in KINDS:
        sheets = {name: sheet for name, sheet in book.sheets.items() if sheet.shape.kind == kind}
        if sheets:
            wanted[kind] = taken.kind(kind, model, sheets)
    if taken.issues:
        raise InputError(taken.issues)
    return Reading(change_between(base, wanted), book.notes, Places(taken.entries))


class _Taking:
    """Entries made of rows; collects issues."""

    def __init__(self, base: Catalogue) -> None:
        self.base = written_kinds(base)
        self.issues: list[Issue] = []
        self.entries: dict[tuple[str, str], Entry] = {}

    def kind(self, kind: str, model: type[Model], sheets: Mapping[str, ReadSheet]) -> dict[str, Model]:
        """The entries of a kind as the sheets have them."""
        before = self.base[kind]
        known = {code: to_node(plain_entry(entry), Location("")) for code, entry in before.items()}
        main = sheets.get(kind)
        entries = self._rows(kind, main, known) if main else self._kept(kind, known)
        for name, sheet in sheets.items():
            if name != kind:
                self._members(sheet, entries)
        found: dict[str, Model] = {}
        for code, entry in entries.items():
            value, problems = build(entry, model)
            self.issues += problems
            self.entries[kind, code] = entry
            if value is not None:
                found[code] = value
        return found

    @staticmethod
    def _kept(kind: str, known: Mapping[str, Node]) -> dict[str, Entry]:
        return {code: Entry(kind, code, Location(""), node) for code, node in known.items()}

    def _rows(self, kind: str, sheet: ReadSheet, known: Mapping[str, Node]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for row in sheet.rows:
            code = self._code(row.get((CODE,)), sheet, known)
            if code is None:
                continue
            at = row[(CODE,)].at
            if code in found:
                self.issues.append(Issue("CAT131", code[:64], at, {"first": str(found[code].at)}))
                continue
            node = _copied(known.get(code), at)
            self._fill(node, sheet.shape, row, known.get(code), skip=1)
            found[code] = Entry(kind, code, at, node)
        return found

    def _code(self, cell: ReadCell | None, sheet: ReadSheet, known: Mapping[str, object]) -> str | None:
        """The code in a cell; where a spreadsheet made `001` a number, the one known code that it can be."""
        node = None if cell is None else self._node(sheet.shape.columns[0], cell)
        if cell is None or not isinstance(node, Scalar):
            if cell is not None and not cell.fault:
                self.issues.append(Issue("CAT132", sheet.shape.columns[0].key, cell.at))
            return None
        code = str(node.value)
        if code not in known and isinstance(cell.value, int | float):
            same = [each for each in known if each.isdigit() and int(each) == cell.value]
            code = same[0] if len(same) == 1 else code
        return code

    def _node(self, column: SheetField, cell: ReadCell) -> Node | None:
        if cell.fault:
            self.issues.append(Issue("CAT133", column.key, cell.at, {"fault": cell.fault}))
            return None
        try:
            return node_of(column, cell.value, cell.at)
        except InputError as error:
            self.issues += error.issues
            return None

    def _fill(
        self, node: Table, shape: SheetShape, row: Mapping[tuple[str, ...], ReadCell], before: Node | None, skip: int
    ) -> None:
        """Put the cells of a row where they belong; blanks take away."""
        lines: dict[tuple[str, ...], dict[str, tuple[Node | None, Location]]] = {}
        for column in shape.columns[skip:]:
            cell = row.get(column.path)
            if cell is None:
                continue
            if cell.value == TOO_LONG and before is not None:
                path = column.path[:-1] if column.kind == "lines" else column.path
                _put(node, path, _below(before, path), cell.at)
                continue
            value = self._node(column, cell)
            if column.kind == "lines":
                lines.setdefault(column.path[:-1], {})[column.path[-1]] = (value, cell.at)
            else:
                _put(node, column.path, value, cell.at)
        for path, halves in lines.items():
            _put(node, path, self._texts(path, halves), next(iter(halves.values()))[1])

    def _texts(self, path: tuple[str, ...], halves: Mapping[str, tuple[Node | None, Location]]) -> Node | None:
        """A list of texts from its Chinese and its English lines."""
        items = {lang: node.items if isinstance(node, Sequence) else [] for lang, (node, _) in halves.items()}
        zh, en = items.get("zh", []), items.get("en", [])
        at = next(iter(halves.values()))[1]
        if len(zh) != len(en):
            self.issues.append(Issue("CAT134", ".".join(path), at, {"zh": str(len(zh)), "en": str(len(en))}))
            return None
        pairs = [Table(a.at, {"zh": a, "en": b}, {"zh": a.at, "en": b.at}) for a, b in zip(zh, en, strict=True)]
        return Sequence(at, list(pairs)) if pairs else None

    def _members(self, sheet: ReadSheet, entries: dict[str, Entry]) -> None:
        """Replace a list or mapping of records in every entry by the rows of its sheet."""
        shape = sheet.shape
        old = {code: _child(entry.node, shape.field) for code, entry in entries.items()}
        fresh: dict[str, Table | Sequence] = {}
        for row in sheet.rows:
            owner = self._code(row.get((OWNER,)), sheet, entries)
            if owner is None:
                continue
            at = row[(OWNER,)].at
            if owner not in entries:
                self.issues.append(Issue("CAT135", owner[:64], at, {"kind": shape.kind}))
                continue
            self._member(
                shape, row, fresh.setdefault(owner, Table(at) if shape.keyed else Sequence(at)), old[owner], at
            )
        for code, entry in entries.items():
            assert isinstance(entry.node, Table)
            _put(entry.node, (shape.field,), fresh.get(code), entry.at)

    def _member(
        self, shape: SheetShape, row: Mapping[tuple[str, ...], ReadCell], into: Node, old: Node | None, at: Location
    ) -> None:
        member = Table(at)
        if isinstance(into, Sequence):
            before = (
                old.items[len(into.items)] if isinstance(old, Sequence) and len(into.items) < len(old.items) else None
            )
            self._fill(member, shape, row, before, skip=1)
            into.items.append(member)
            return
        assert isinstance(into, Table)
        cell = row[(KEY,)]
        key = self._node(shape.columns[1], cell)
        if not isinstance(key, Scalar):
            self.issues.append(Issue("CAT132", KEY, cell.at))
        elif str(key.value) in into.fields:
            self.issues.append(Issue("CAT131", str(key.value)[:64], cell.at, {"first": str(into.keys[str(key.value)])}))
        else:
            self._fill(member, shape, row, _child(old, str(key.value)), skip=2)
            into.fields[str(key.value)], into.keys[str(key.value)] = member, cell.at


def _child(node: Node | None, name: str) -> Node | None:
    return node.fields.get(name) if isinstance(node, Table) else None


def _below(node: Node | None, path: tuple[str, ...]) -> Node | None:
    for step in path:
        node = _child(node, step)
    return node


def _copied(node: Node | None, at: Location) -> Table:
    """A table that can be changed without changing `node`, every part of it at one place."""
    found = Table(at)
    if isinstance(node, Table):
        for name, child in node.fields.items():
            found.fields[name] = _copied(child, at) if isinstance(child, Table) else child
            found.keys[name] = at
    return found


def _put(node: Table, path: tuple[str, ...], value: Node | None, at: Location) -> None:
    """Set the value at a path, or take it away, and with it what is empty then."""
    *above, last = path
    tables = [node]
    for step in above:
        inner = tables[-1].fields.get(step)
        if not isinstance(inner, Table):
            if value is None:
                return
            inner = Table(at)
            tables[-1].fields[step], tables[-1].keys[step] = inner, at
        tables.append(inner)
    if value is not None:
        tables[-1].fields[last], tables[-1].keys[last] = value, at
        return
    tables[-1].fields.pop(last, None)
    for outer, step in zip(reversed(tables[:-1]), reversed(above), strict=True):
        if not outer.fields[step].fields:  # type: ignore[union-attr]
            del outer.fields[step]
