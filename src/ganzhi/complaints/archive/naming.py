"""Which reports lie in a folder or an archive, as a list beside them says, or as their names do.

The list is a file `manifest.csv` with the columns file, kind, unit, period, title; without one a name says it:
`kind_unit_period_title.docx`. Everything that is wrong is said at once, each with its file, line and field.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.complaints.archive.text import decoded

LISTS: Final = ("manifest.csv", "清单.csv")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "file": ("文件", "文件名"),
    "kind": ("类型", "报告类型", "种类"),
    "unit": ("单位", "组织单元"),
    "period": ("周期", "期间"),
    "title": ("标题", "题目"),
}
"""Columns of the list, with what else they are called."""
OPTIONAL: Final = ("title",)
LITTER: Final = ("thumbs.db", "desktop.ini")
"""What systems leave in folders."""
MOST_FILES: Final = 2_000
MOST_BYTES: Final = 16 << 20
_CHINESE: Final = re.compile(r"(\d{4})年(?:(?:(\d{1,2})月(?:(\d{1,2})日)?)|第?([1-4一二三四])季度)?")
_QUARTERS: Final = "一二三四"


@dataclass(frozen=True, slots=True)
class Given:
    """A report as it is handed in. at: the line of the list, or the file itself. read: its content."""

    file: str
    kind: str
    unit: str
    period: str
    title: str
    at: Location
    read: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Box:
    """Files by name, with their sizes and a way to read them. name: of the folder or archive."""

    name: str
    sizes: Mapping[str, int]
    read: Callable[[str], bytes] = field(repr=False)


def box_of_folder(folder: Path) -> Box:
    """The files of a folder and those below it; InputError HIS001 for none, or more than are taken at once."""
    found = sorted(each for each in folder.rglob("*") if each.is_file())
    sizes = {each.relative_to(folder).as_posix(): each.stat().st_size for each in found}
    return _counted(Box(folder.name, sizes, lambda name: (folder / name).read_bytes()))


def box_of_zip(name: str, content: bytes) -> Box:
    """The files of an archive; InputError HIS009 for one that cannot be read, HIS001."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InputError(Issue("HIS009", name, params={"kind": "zip"})) from None
    members = {_called(each): each for each in archive.infolist() if not each.is_dir()}

    def read(member: str) -> bytes:
        try:
            return archive.read(members[member])
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError):
            raise InputError(Issue("HIS009", member, params={"kind": "zip"})) from None

    return _counted(Box(name, {each: info.file_size for each, info in members.items()}, read))


def _called(info: zipfile.ZipInfo) -> str:
    """The name of a member; names without the flag of UTF-8 come from Chinese Windows."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _counted(box: Box) -> Box:
    """The box without what systems leave behind."""
    sizes = {each: size for each, size in box.sizes.items() if not _is_litter(each)}
    box = Box(box.name, sizes, box.read)
    if not 0 < len(box.sizes) <= MOST_FILES:
        raise InputError(Issue("HIS001", box.name, params={"found": str(len(box.sizes)), "most": str(MOST_FILES)}))
    return box


def _is_litter(name: str) -> bool:
    last = name.rpartition("/")[2].casefold()
    return last.startswith((".", "~$")) or last in LITTER or name.startswith("__MACOSX/")


def given_of(box: Box) -> tuple[list[Given], list[Issue]]:
    """The reports of a box as its list or their names say, and what is wrong with either."""
    listed = next((name for name in LISTS if name in box.sizes), None)
    return _by_names(box) if listed is None else _by_list(box, listed)


def _by_list(box: Box, name: str) -> tuple[list[Given], list[Issue]]:
    if box.sizes[name] > MOST_BYTES:
        return [], [Issue("HIS008", name, Location(name), _too_large(box.sizes[name]))]
    try:
        reader = csv.reader(io.StringIO(decoded(box.read(name)), newline=""))
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (ValueError, csv.Error):
        return [], [Issue("HIS009", name, Location(name), {"kind": "csv"})]
    places = _places(rows[0][1]) if rows else {}
    missing = [each for each in FIELDS if each not in places and each not in OPTIONAL]
    if missing:
        return [], [Issue("HIS002", each, Location(name, 1), {"known": ", ".join(FIELDS)}) for each in missing]
    found: list[Given] = []
    issues: list[Issue] = []
    seen: dict[str, int] = {}
    for line, row in rows[1:]:
        cell = {each: row[at].strip() if at < len(row) else "" for each, at in places.items()}
        file, at = cell["file"].replace("\\", "/"), Location(name, line)
        if file not in box.sizes or file == name:
            issues.append(Issue("HIS006", "file", at, {"value": file[:80] or "–"}))
        elif file in seen:
            issues.append(Issue("HIS012", "file", at, {"value": file[:80], "line": str(seen[file])}))
        else:
            found.append(_given(box, file, cell, at))
        seen.setdefault(file, line)
    unnamed = [each for each in box.sizes if each not in seen and each != name]
    issues += [Issue("HIS010", each, Location(each), {"list": name}) for each in unnamed]
    return found, issues


def _places(header: list[str]) -> dict[str, int]:
    names = [each.strip().casefold() for each in header]
    return {
        name: next(at for at, each in enumerate(names) if each in (name, *others))
        for name, others in FIELDS.items()
        if any(each in (name, *others) for each in names)
    }


def _given(box: Box, file: str, cell: Mapping[str, str], at: Location) -> Given:
    stem = file.rpartition("/")[2].rpartition(".")[0]
    title = cell.get("title", "") or stem
    return Given(
        file, cell["kind"], cell["unit"], plain_period(cell["period"]), title, at, lambda: _bounded(box, file, at)
    )


def _bounded(box: Box, file: str, at: Location) -> bytes:
    size = box.sizes[file]
    if not 0 < size <= MOST_BYTES:
        raise InputError(Issue("HIS008", "file", at, _too_large(size)))
    return box.read(file)


def _too_large(size: int) -> dict[str, str]:
    return {"size": f"{size / 1048576:.1f}", "most": str(MOST_BYTES >> 20)}


def _by_names(box: Box) -> tuple[list[Given], list[Issue]]:
    found: list[Given] = []
    issues: list[Issue] = []
    for file in box.sizes:
        cell, at = said_by_name(file), Location(file)
        if cell is None:
            issues.append(Issue("HIS010", file, at, {"list": LISTS[0]}))
        else:
            found.append(_given(box, file, cell, at))
    return found, issues


def said_by_name(file: str) -> dict[str, str] | None:
    """What a name says: kind, unit, period and, where there is more, title; None for a name that says nothing.

    >>> said_by_name("2009/monthly_all_2009-03_三月投诉分析.docx")
    {'kind': 'monthly', 'unit': 'all', 'period': '2009-03', 'title': '三月投诉分析'}
    """
    stem = file.rpartition("/")[2].rpartition(".")[0]
    parts = [each.strip() for each in stem.split("_", 3)]
    if len(parts) < 3 or not all(parts[:3]):
        return None
    return {"kind": parts[0], "unit": parts[1], "period": parts[2], "title": parts[3] if len(parts) > 3 else ""}


def plain_period(given: str) -> str:
    """A period as people write it, in the form that is read here; another text as it is.

    >>> plain_period("2009年3月"), plain_period("2009年一季度"), plain_period("2009年"), plain_period("2009-03")
    ('2009-03', '2009-Q1', '2009', '2009-03')
    """
    found = _CHINESE.fullmatch(re.sub(r"\s", "", given))
    if found is None:
        return given.strip()
    year, month, day, quarter = found.groups()
    if quarter:
        return f"{year}-Q{_QUARTERS.index(quarter) + 1 if quarter in _QUARTERS else quarter}"
    return "-".join((year, *(f"{int(part):02}" for part in (month, day) if part)))


def problems(given: Given, checks: Iterator[Issue]) -> list[Issue]:
    """Issues of a report, each at the report's place where it names none."""
    return [each if each.at is not None else Issue(each.code, each.subject, given.at, each.params) for each in checks]
