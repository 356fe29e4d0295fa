"""A catalogue as an Excel workbook that business analysts edit.

Two heading rows (Chinese; the field's technical name), the code column frozen, lists to choose from,
wrapped texts, numbers as numbers. The last sheet says which version it shows, when it was written and
what the rules are; `exchange.read` takes the workbook back.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter

from ganzhi.base.cells import neutral
from ganzhi.base.messages import LANGS, say
from ganzhi.catalogue.exchange.cells import Cell, cell_of, text_cell
from ganzhi.catalogue.exchange.changes import written_kinds
from ganzhi.catalogue.exchange.shapes import CODE, KEY, OWNER, SheetField, SheetShape, shapes
from ganzhi.catalogue.exchange.yaml_text import plain, plain_entry
from ganzhi.catalogue.model.parts import Model
from ganzhi.catalogue.model.whole import Catalogue

HEADINGS = 2
"""Rows of headings."""
README = "读我 Read me"
VERSION_LABEL = "catalogue_version"
"""What stands left of the version on the read-me sheet."""
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDE = ("text", "lines", "list", "pairs", "structure")
_SPARE_ROWS = 1000
"""Rows below the last one for which lists to choose from are there, too."""


def workbook(catalogue: Catalogue, at: datetime) -> bytes:
    """The whole catalogue as the bytes of an .xlsx file. at: the moment written on it, in local time."""
    out = io.BytesIO()
    entries = written_kinds(catalogue)
    with xlsxwriter.Workbook(out, {"in_memory": True, **_OPTIONS}) as book:
        looks = _Looks(book)
        for shape in shapes():
            _write_sheet(book, looks, shape, list(rows_of(shape, entries[shape.kind])))
        _write_readme(book, looks, catalogue.version, at)
    return out.getvalue()


def sheet_title(shape: SheetShape) -> str:
    """The name on a sheet's tab: Chinese, then technical, at most 31 characters."""
    label = say("zh", f"sheet.kind.{shape.kind}") if not shape.field else say("zh", f"sheet.field.{shape.field}")
    room = 31 - len(shape.name) - 1
    return f"{label[:room]} {shape.name}" if room > 0 else shape.name


def title_of(field: SheetField, lang: str = "zh") -> str:
    """A column's heading in words."""
    return say("en" if lang == "en" else "zh", f"sheet.field.{field.path[0]}") + "".join(
        f" · {say('en' if lang == 'en' else 'zh', f'sheet.field.{step}')}" for step in field.path[1:]
    )


def rows_of(shape: SheetShape, entries: Mapping[str, Model]) -> Iterator[tuple[Cell, ...]]:
    """The rows of a sheet, a cell per column."""
    for code, entry in entries.items():
        whole, sparse = plain(entry.model_dump(mode="python")), plain_entry(entry)
        if not shape.field:
            yield tuple(code if f.path == (CODE,) else cell_of(f, whole, sparse) for f in shape.columns)
            continue
        for key, full, short in _members(shape, whole, sparse):
            fixed = {OWNER: code, KEY: key} if shape.keyed else {OWNER: code}
            yield tuple(_member_cell(f, fixed, full, short) for f in shape.columns)


def _member_cell(field: SheetField, fixed: Mapping[str, str], full: Any, short: Any) -> Cell:
    if len(field.path) == 1 and field.path[0] in fixed:
        return text_cell(fixed[field.path[0]])
    return cell_of(field, full, short)


def _members(shape: SheetShape, whole: Mapping[str, Any], sparse: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    members, short = whole[shape.field], sparse.get(shape.field)
    if shape.keyed:
        yield from ((key, each, (short or {}).get(key, {})) for key, each in members.items())
    else:
        yield from (("", each, short[number] if short else {}) for number, each in enumerate(members))


class _Looks:
    """The cell formats of a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        wrapped = {"text_wrap": True, "valign": "top"}
        self.heading = book.add_format({"bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "valign": "top"})
        self.needed = book.add_format({"bold": True, "bg_color": "#FCE4D6", "text_wrap": True, "valign": "top"})
        self.technical = book.add_format({"italic": True, "font_color": "#595959", "bottom": 1, "num_format": "@"})
        self.text = book.add_format({**wrapped, "num_format": "@"})
        self.number = book.add_format({"valign": "top", "num_format": "General"})
        self.day = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd"})


def _write_sheet(book: xlsxwriter.Workbook, looks: _Looks, shape: SheetShape, rows: list[tuple[Cell, ...]]) -> None:
    page = book.add_worksheet(sheet_title(shape))
    last = HEADINGS + len(rows) + _SPARE_ROWS
    for place, field in enumerate(shape.columns):
        formats = {"day": looks.day, "number": looks.number, "int": looks.number, "bool": looks.number}
        page.set_column(place, place, _width(field), formats.get(field.kind, looks.text))
        page.write_string(0, place, title_of(field), looks.needed if field.required else looks.heading)
        page.write_string(1, place, field.key, looks.technical)
        if field.choices:
            allowed = [each.upper() for each in field.choices] if field.kind == "bool" else list(field.choices)
            rule = {"validate": "list", "source": allowed, "ignore_blank": True}
            page.data_validation(HEADINGS, place, last, place, rule)
    page.freeze_panes(HEADINGS, 2 if shape.keyed else 1)
    page.autofilter(1, 0, max(1, HEADINGS + len(rows) - 1), len(shape.columns) - 1)
    for number, row in enumerate(rows, start=HEADINGS):
        for place, value in enumerate(row):
            _write_cell(page, looks, number, place, value)


def _width(field: SheetField) -> int:
    if field.path[-1] in ("zh", "en") or field.kind in ("structure", "lines"):
        return 36
    return 24 if field.kind in _WIDE else 12


def _write_cell(page: Any, looks: _Looks, row: int, place: int, value: Cell) -> None:
    match value:
        case None:
            pass
        case bool():
            page.write_boolean(row, place, value, looks.number)
        case str():
            page.write_string(row, place, value, looks.text)
        case date():
            page.write_datetime(row, place, datetime.combine(value, time()), looks.day)
        case int() | float() | Decimal():
            page.write_number(row, place, float(value), looks.number)


def _write_readme(book: xlsxwriter.Workbook, looks: _Looks, version: str, at: datetime) -> None:
    page = book.add_worksheet(README)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 110, looks.text)
    facts = [(VERSION_LABEL, version), ("exported_at", at.isoformat(" ", "seconds"))]
    for number, (label, text) in enumerate(facts):
        page.write_string(number, 0, label, looks.technical)
        page.write_string(number, 1, neutral(text), looks.text)
    row = len(facts) + 1
    for lang in LANGS:
        for line in say(lang, "sheet.readme.rules").split("\n"):
            page.write_string(row, 1, line, looks.text)
            row += 1
        row += 1
