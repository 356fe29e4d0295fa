"""What a file of a report says: the text of docx, xlsx and plain files. Of others the file is kept and its text is not known.

A file that claims to be what it is not is refused, and so is an archive that unpacks to more than any report needs.
Nothing is ever extracted by name but the parts that hold text.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

import openpyxl

from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.recognise.text import masked

TEXTS: Final = ("docx", "xlsx", "txt", "md", "csv")
"""Endings of files whose text is read."""
OTHERS: Final = ("pdf", "doc", "xls", "wps", "et", "ppt", "pptx")
"""Endings of files that are kept without their text being read."""
MOST_CHARACTERS: Final = 1_000_000
MOST_UNPACKED: Final = 128 << 20
MOST_MEMBERS: Final = 2_000
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINS: Final = {"docx": b"PK", "xlsx": b"PK", "pptx": b"PK", "pdf": b"%PDF", "doc": _OLE, "xls": _OLE, "ppt": _OLE}
_DECLARED: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS: Final = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml")


def ending(name: str) -> str:
    """The ending of a file's name.

    >>> ending("三月.投诉分析.DOCX"), ending("README")
    ('docx', '')
    """
    return name.rpartition(".")[2].casefold() if "." in name else ""


def text_of(name: str, content: bytes) -> str | None:
    """What a file says, numbers of persons covered; None for a kind of file whose text is not read.

    Raises: InputError HIS007 for a kind of file that is not kept, HIS009 for one that is not what its name says.
    """
    kind = ending(name)
    if kind not in TEXTS + OTHERS:
        raise InputError(Issue("HIS007", name, params={"known": ", ".join(TEXTS + OTHERS)}))
    if not content.startswith(_BEGINS.get(kind, b"")):
        raise InputError(Issue("HIS009", name, params={"kind": kind}))
    if kind in OTHERS:
        return None
    try:
        parts = {"docx": _docx, "xlsx": _xlsx}.get(kind, _plain)(content)
        return masked(_capped(parts))
    except (zipfile.BadZipFile, ET.ParseError, KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise InputError(Issue("HIS009", name, params={"kind": f"{kind} ({type(error).__name__})"})) from None


def _capped(parts: Iterator[str]) -> str:
    """The parts, a line each, up to the most that is kept; what no store could hold is left out."""
    kept: list[str] = []
    left = MOST_CHARACTERS
    for part in parts:
        line = "".join(char for char in part if char in "\t\n" or char.isprintable()).strip()
        if line:
            kept.append(line[:left])
            left -= len(line) + 1
        if left <= 0:
            break
    return "\n".join(kept)


def _archive(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
        raise ValueError("larger than a report")
    return archive


def _docx(content: bytes) -> Iterator[str]:
    with _archive(content) as archive:
        names = [each for each in archive.namelist() if _PARTS.fullmatch(each)]
        if "word/document.xml" not in names:
            raise KeyError("word/document.xml")
        for name in sorted(names, key=lambda each: (each != "word/document.xml", each)):
            data = archive.read(name)
            if _DECLARED.search(data):
                raise ValueError("a document that declares entities")
            document = ET.fromstring(data)  # noqa: S314 - it declares no entities and its size is bounded
            for paragraph in document.iter(f"{_W}p"):
                yield "".join(_run(each) for each in paragraph.iter())


def _run(node: ET.Element) -> str:
    if node.tag == f"{_W}t":
        return node.text or ""
    return {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}.get(node.tag, "")


def _xlsx(content: bytes) -> Iterator[str]:
    _archive(content).close()
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            yield sheet.title
            for row in sheet.iter_rows(values_only=True):
                yield "\t".join(str(value) for value in row if value is not None)
    finally:
        book.close()


def _plain(content: bytes) -> Iterator[str]:
    yield from decoded(content).splitlines()


def decoded(content: bytes) -> str:
    """A text in UTF-8, UTF-16 with its mark or GB 18030, whichever it is; ValueError for none of them."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("no text")
