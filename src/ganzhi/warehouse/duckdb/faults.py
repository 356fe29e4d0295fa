"""What DuckDB's exceptions mean: a full disk, a lost or damaged file, a limit reached, or our own bug.

An exception's text can quote a value of a record, so it never leaves this module as it is: quoted
texts and long digit runs are blanked, and the original is not chained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ganzhi.base.errors import EngineError, InternalError, Issue

_PATH = re.compile(r"""['"](/[^'"\\]+)""")
_QUOTED = re.compile(r"'[^']*'")
_DIGITS = re.compile(r"\d{5,}")
_NO_SPACE = ("No space left on device", '"errno":"28"', '"errno\\":\\"28')
_IO_FAILED = ("Input/output error", '"errno":"5"')
_ABSENT = ("No files found", "No such file")
_DAMAGED = (
    "magic bytes",
    "too small to be a Parquet file",
    "Footer length error",
    "TProtocolException",
    "Out of buffer",
    "Corrupt",
    "corrupt",
    "checksum",
    "ZSTD",
    "not a valid DuckDB database file",
)

_OF_THE_QUERY = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConstraintException,
    duckdb.ConversionException,
    duckdb.ParserException,
)


def redacted(error: Exception) -> str:
    """The first line of an engine's message without values of records."""
    lines = str(error).splitlines() or [type(error).__name__]
    return _DIGITS.sub("…", _QUOTED.sub("'…'", lines[0]))[:300]


def _file_in(text: str, root: Path) -> str:
    match = _PATH.search(text)
    if match is None:
        return str(root)
    path = Path(match.group(1))
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def meaning(error: duckdb.Error, root: Path, memory_mb: int) -> EngineError | InternalError:
    """An engine's exception as one of ours; file names are relative to the warehouse folder `root`."""
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        code = "WHS007" if "max_temp_directory_size" in text else "WHS005"
        return EngineError(Issue(code, params={"limit_mb": str(memory_mb)}))
    if any(mark in text for mark in _NO_SPACE):
        return EngineError(Issue("WHS001", _file_in(text, root)), retryable=True)
    if isinstance(error, duckdb.IOException) and any(mark in text for mark in _ABSENT):
        return EngineError(Issue("WHS003", _file_in(text, root)))
    if any(mark in text for mark in _DAMAGED) and not isinstance(error, _OF_THE_QUERY):
        return EngineError(Issue("WHS004", _file_in(text, root)))
    if isinstance(error, duckdb.IOException):
        retryable = any(mark in text for mark in _IO_FAILED)
        return EngineError(
            Issue("WHS002", _file_in(text, root), params={"detail": redacted(error)}), retryable=retryable
        )
    return InternalError(f"{type(error).__name__}: {redacted(error)}")


@contextmanager
def faults_as_ours(root: Path, memory_mb: int) -> Iterator[None]:
    """Turn DuckDB's exceptions of the block into EngineError or InternalError."""
    try:
        yield
    except duckdb.Error as error:
        raise meaning(error, root, memory_mb) from None
