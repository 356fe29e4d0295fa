"""Thresholds as a table that people and other platforms edit (S003-014): one row per unit, slice and band.

Written as CSV or Excel, read back from either; what is read is a proposal like any other. The headings are words of
our own that no language changes, so that a program finds them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, Final, Literal

import xlsxwriter

from ganzhi.base.cells import guarded_text, neutral
from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.exchange.grid import GridRow, read_grid
from ganzhi.catalogue.model.warning import GRADES, Grade
from ganzhi.warn.limits.content import BANDS, Limits, Line

COLUMNS: Final = ("rule", "from", "busy_days", "unit", "slice", "band", *GRADES)
"""slice: `dimension=value`, empty for all. busy_days: days of the month, in every row of a rule the same."""
Form = Literal["csv", "xlsx"]


def table_rows(rules: Mapping[str, Limits]) -> Iterator[tuple[str | float | None, ...]]:
    """The rows of the table, bands without limits left out."""
    for code, limits in rules.items():
        busy = " ".join(map(str, limits.busy_days))
        for line in limits.lines:
            cut = ";".join(f"{name}={value}" for name, value in sorted(line.slice.items()))
            for band in BANDS:
                given: Mapping[Grade, float] = getattr(line, band)
                if given:
                    values = (given.get(grade) for grade in GRADES)
                    yield (code, limits.first.isoformat(), busy, line.unit, cut, band, *values)


def write_table(rules: Mapping[str, Limits], form: Form) -> bytes:
    """The table as a file. CSV is UTF-8 with a byte-order mark."""
    return _csv(table_rows(rules)) if form == "csv" else _xlsx(table_rows(rules))


def _csv(rows: Iterator[tuple[str | float | None, ...]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else _number(cell) for cell in row])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _number(cell: float | None) -> str:
    return "" if cell is None else str(int(cell)) if cell == int(cell) else repr(cell)


def _xlsx(rows: Iterator[tuple[str | float | None, ...]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("thresholds")
        heading = book.add_format({"bold": True, "bottom": 1})
        for place, name in enumerate(COLUMNS):
            sheet.set_column(place, place, 24 if place in (0, 4) else 12)
            sheet.write_string(0, place, name, heading)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, neutral(cell))
                elif cell is not None:
                    sheet.write_number(number, place, cell)
    return buffer.getvalue()


def read_table(path: Path) -> dict[str, Limits]:
    """The limits of each rule of a table, rules in the order of the file.

    Raises: InputError CAT137, CAT133 for a file that is no table, WRN038 for headings, WRN039 for every cell that is wrong.
    """
    head, *rows = read_grid(path)
    names = [cell.strip().lower() for cell in head.cells]
    lacking = [name for name in COLUMNS if name not in names and name not in ("busy_days", *GRADES)]
    strange = [name for name in names if name and name not in COLUMNS]
    if lacking or strange:
        told = {"lacking": ", ".join(lacking) or "–", "strange": ", ".join(strange)[:80] or "–"}
        raise InputError(Issue("WRN038", path.name, head.at, told))
    issues: list[Issue] = []
    found = [_row(row, names, issues) for row in rows]
    if issues:
        raise InputError(issues)
    return _collected(found, rows, path)


def _row(row: GridRow, names: Sequence[str], issues: list[Issue]) -> dict[str, Any]:
    cells = {name: guarded_text(cell.strip()) for name, cell in zip(names, row.cells, strict=False) if name}

    def parsed(name: str, parse: Any, default: Any) -> Any:
        try:
            return parse(cells.get(name, ""))
        except ValueError:
            issues.append(Issue("WRN039", name, row.at, {"column": name, "value": cells.get(name, "")[:60]}))
            return default

    limits = {grade: parsed(grade, _limit, None) for grade in GRADES}
    return {
        "rule": parsed("rule", _word, ""),
        "from": parsed("from", lambda text: date.fromisoformat(text[:10]), date.min),
        "busy_days": parsed("busy_days", _days, ()),
        "unit": parsed("unit", _word, ""),
        "slice": parsed("slice", _slice, {}),
        "band": parsed("band", _band, "daily"),
        "limits": {grade: value for grade, value in limits.items() if value is not None},
    }


def _word(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _band(text: str) -> str:
    if text not in BANDS:
        raise ValueError(text)
    return text


def _limit(text: str) -> float | None:
    value = float(text.replace(",", "")) if text else None
    if value is not None and not isfinite(value):
        raise ValueError(text)
    return value


def _days(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(float(each)) for each in text.replace(",", " ").replace(";", " ").split()}))


def _slice(text: str) -> dict[str, str]:
    found = {}
    for part in text.split(";") if text else ():
        name, sign, value = part.partition("=")
        if not sign or not name.strip():
            raise ValueError(text)
        found[name.strip()] = value.strip()
    return found


def _collected(found: Sequence[dict[str, Any]], rows: Sequence[GridRow], path: Path) -> dict[str, Limits]:
    """Rows of a rule together; WRN039 where they disagree on the day or the busy days, WRN035 for a row given twice."""
    issues: list[Issue] = []
    first: dict[str, dict[str, Any]] = {}
    lines: dict[str, dict[Any, dict[str, Any]]] = {}
    for each, row in zip(found, rows, strict=True):
        head = first.setdefault(each["rule"], each)
        issues += [
            Issue("WRN039", name, row.at, {"column": name, "value": str(each[name])[:60]})
            for name in ("from", "busy_days")
            if each[name] != head[name]
        ]
        key = (each["unit"], tuple(sorted(each["slice"].items())))
        bands = lines.setdefault(each["rule"], {}).setdefault(key, {"slice": each["slice"]})
        if each["band"] in bands:
            issues.append(Issue("WRN035", f"{each['unit']} {each['band']}", row.at))
        bands[each["band"]] = each["limits"]
    if not lines:
        issues.append(Issue("WRN036", path.name, Location(path.name), {"lines": "0", "most": "–"}))
    if issues:
        raise InputError(issues)
    return {
        code: Limits(
            first[code]["from"],
            first[code]["busy_days"],
            tuple(
                Line(unit, bands["slice"], *(bands.get(band, {}) for band in BANDS))
                for (unit, _), bands in of_rule.items()
            ),
        )
        for code, of_rule in lines.items()
    }
