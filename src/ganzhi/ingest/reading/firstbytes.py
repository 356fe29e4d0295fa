"""What a file is by its first bytes, whatever it is called (F04, F05).

Refuses files whose content is of another kind than the mapping declares, and names what they are.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

Kind = Literal["text", "gz", "zip", "parquet", "html", "xml", "json", "other", "empty", "utf16"]

_MAGIC: tuple[tuple[bytes, Kind, str], ...] = (
    (b"\x1f\x8b", "gz", "gzip"),
    (b"PK\x03\x04", "zip", "zip"),
    (b"PK\x05\x06", "zip", "zip"),
    (b"PAR1", "parquet", "Parquet"),
    (b"\x89PNG\r\n\x1a\n", "other", "PNG"),
    (b"\xff\xd8\xff", "other", "JPEG"),
    (b"GIF8", "other", "GIF"),
    (b"%PDF", "other", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "other", "xls / encrypted Office"),
    (b"7z\xbc\xaf\x27\x1c", "other", "7z"),
    (b"Rar!", "other", "RAR"),
    (b"BZh", "other", "bzip2"),
    (b"\xfd7zXZ\x00", "other", "xz"),
    (b"\x28\xb5\x2f\xfd", "other", "zstd"),
    (b"SQLite format 3\x00", "other", "SQLite"),
    (b"\x7fELF", "other", "ELF"),
    (b"MZ\x90\x00", "other", "EXE"),
    (b"ORC", "other", "ORC"),
    (b"Obj\x01", "other", "Avro"),
)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<(?:\?xml|[a-z][a-z0-9:]*[\s>])", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\[\s*[\[{\]]|\{\s*[\"}])")


def first_bytes(head: bytes) -> tuple[Kind, str]:
    r"""The kind of content and its name in words.

    >>> first_bytes(b"<!DOCTYPE html><p>login"), first_bytes(b"a,b\n")
    (('html', 'HTML'), ('text', 'text'))
    """
    if not head:
        return "empty", ""
    for magic, kind, name in _MAGIC:
        if head.startswith(magic) and not (magic in (b"ORC", b"BZh", b"Rar!", b"GIF8") and _looks_like_text(head)):
            return kind, name
    body = head.removeprefix(codecs.BOM_UTF8)
    if _HTML.match(body):
        return "html", "HTML"
    if _XML.match(body):
        return "xml", "XML"
    if _JSON.match(body):
        return "json", "JSON"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _alternating_nul(head):
        return "utf16", "UTF-16"
    return "text", "text"


def _looks_like_text(head: bytes) -> bool:
    return b"\x00" not in head and b"\n" in head


def _alternating_nul(head: bytes) -> bool:
    sample = head[:512]
    half = len(sample) // 2
    if half < 4:
        return False
    return sample[1::2].count(0) > half * 0.9 or sample[::2].count(0) > half * 0.9
