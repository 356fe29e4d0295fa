"""Records out of delimited text, as RFC 4180 has them, with the true number of the line they begin in.

Takes UTF-8 in which FF stands for what could not be read. All line ends are understood, also mixed
(F28). A line that cannot be a record comes out as one `Record` with a reason; reading goes on in
the next line, so an unclosed quote costs the line it opens in and no other (F26). Blanks between a
delimiter and a quote do not count, as in the engine's reader.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"(\r\n|\n|\r)")
KEPT_OF_LONG = 2000
"""Bytes kept of a line that is longer than allowed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line without its end. long: it was longer than allowed and is cut."""

    number: int
    content: bytes
    end: bytes
    long: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    r"""One record, or a line that cannot be one.

    line: where it begins. fields: its values, empty when there is a `reason` (an issue code).
    raw: its text as it stands, with bytes that are no text written as `\xNN`.
    """

    line: int
    fields: tuple[str, ...]
    raw: str
    reason: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How records are laid out. longest: bytes a record may have; width: fields, 0 for any."""

    delimiter: str
    quote: str
    longest: int


def lines_of(pieces: Iterable[bytes], longest: int) -> Iterator[Line]:
    """Physical lines, ended by LF, CR LF or CR."""
    number, carry, cut = 1, b"", False
    first = True
    for piece in pieces:
        data = carry + piece
        if first:
            data, first = data.removeprefix(b"\xef\xbb\xbf"), False
        held = b"\r" if data.endswith(b"\r") else b""
        parts = _LINE_END.split(data[: len(data) - len(held)])
        carry = parts.pop() + held
        for content, end in zip(parts[::2], parts[1::2], strict=True):
            yield _line(number, content, end, longest, cut)
            number, cut = number + 1, False
        if len(carry) > longest:
            cut, carry = True, carry[:KEPT_OF_LONG].rstrip(b"\r") + held
    if carry.endswith(b"\r"):
        yield _line(number, carry[:-1], b"\r", longest, cut)
    elif carry or cut:
        yield _line(number, carry, b"", longest, cut)


def _line(number: int, content: bytes, end: bytes, longest: int, cut: bool) -> Line:
    if cut or len(content) > longest:
        return Line(number, content[:KEPT_OF_LONG], end, long=True)
    return Line(number, content, end)


class _MalformedError(Exception):
    def __init__(self, reason: str) -> None:
        self.reason = reason


class RecordReader:
    """Iterates the records of a file."""

    def __init__(self, lines: Iterator[Line], dialect: Dialect) -> None:
        self._lines = lines
        self._dialect = dialect
        self._quote = dialect.quote.encode()
        self._waiting: deque[Line] = deque()
        self._taken: list[Line] = []

    def __iter__(self) -> Iterator[Record]:
        while (line := self._next()) is not None:
            yield self._record(line)

    def _next(self) -> Line | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def _record(self, line: Line) -> Record:
        if line.long:
            return Record(line.number, (), _raw(line.content), "ING105")
        if not line.content.strip(b" "):
            return Record(line.number, (), "", blank=True)
        if not self._quote or self._quote not in line.content:
            return _checked(line.number, line.content, None, self._dialect.delimiter)
        self._taken = [line]
        try:
            fields = self._quoted_fields(line)
        except _MalformedError as malformed:
            self._waiting.extendleft(reversed(self._taken[1:]))
            return Record(line.number, (), _raw(line.content), malformed.reason)
        content = b"".join(taken.content + taken.end for taken in self._taken[:-1]) + self._taken[-1].content
        return _checked(line.number, content, fields, self._dialect.delimiter)

    def _quoted_fields(self, line: Line) -> list[str]:
        """Fields of a record that holds quotes, with bytes that are no text as lone surrogates."""
        delimiter, quote = self._dialect.delimiter, self._dialect.quote
        text, position, fields = _text(line.content), 0, list[str]()
        while True:
            start = position
            while delimiter != " " and text[position : position + 1] == " ":
                position += 1
            if text[position : position + 1] != quote:
                end = text.find(delimiter, start)
                if end < 0:
                    return [*fields, text[start:]]
                fields.append(text[start:end])
                position = end + 1
                continue
            value, text, position = self._quoted_value(text, position + 1)
            fields.append(value)
            while delimiter != " " and text[position : position + 1] == " ":
                position += 1
            if position == len(text):
                return fields
            if text[position] != delimiter:
                raise _MalformedError("ING107")
            position += 1

    def _quoted_value(self, text: str, position: int) -> tuple[str, str, int]:
        """The value that a quote has just opened, the line it closes in, and the position after it."""
        quote, parts = self._dialect.quote, list[str]()
        size = len(self._taken[0].content)
        while True:
            end = text.find(quote, position)
            if end < 0:
                following = self._next()
                if following is not None:
                    self._taken.append(following)
                    size += len(following.content) + 2
                if following is None or following.long or size > self._dialect.longest:
                    raise _MalformedError("ING106")
                parts += (text[position:], self._taken[-2].end.decode())
                text, position = _text(following.content), 0
            elif text.startswith(quote, end + 1):
                parts.append(text[position : end + 1])
                position = end + 2
            else:
                parts.append(text[position:end])
                return "".join(parts), text, end + 1


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _raw(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _checked(number: int, content: bytes, fields: list[str] | None, delimiter: str) -> Record:
    """A record, or the reason why these bytes are none."""
    if b"\x00" in content:
        return Record(number, (), _raw(content), "ING103")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return Record(number, (), _raw(content), "ING104")
    return Record(number, tuple(text.split(delimiter) if fields is None else fields), text)
