"""One pass over the bytes of a text file: everything that decides how it may be read.

Works on blocks of whole lines, so that no pattern straddles two blocks. Owns no file. A file whose
facts are all clean may be read by the engine directly (`Facts.clean`); any other goes through
the record reader, which finds the lines at fault.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_TWICE = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf]")
SAMPLED_LINES = 2000
_ODD_ASCII = (b"\t", b"\v", b"\f")
_ODD_WIDE = (b"\xc2\xa0", b"\xe3\x80\x80", b"\xe2\x80", b"\xe2\x81\xa0", b"\xef\xbb\xbf")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of all bytes of a file.

    newlines: LF characters; open_end: the last line has no line end; blank: a line without
    content exists; crlf, cr: CR LF pairs, CR characters; quotes: a quote character
    occurs; delimiters: delimiter characters; odd_blanks: blanks other than the space may occur;
    utf8, gb18030: of the sampled lines with bytes above 127, those that are valid as such;
    broken: some line is not UTF-8; doubled: share of sampled lines that look encoded twice.
    """

    size: int
    newlines: int
    open_end: bool
    blank: bool
    crlf: int
    cr: int
    nul: bool
    quotes: bool
    delimiters: int
    too_long: bool
    ascii: bool
    odd_blanks: bool
    broken: bool
    bom: bool
    sampled: int
    utf8: int
    gb18030: int
    doubled: float

    @property
    def lines(self) -> int:
        """Physical lines."""
        return self.newlines + self.open_end

    @property
    def clean(self) -> bool:
        """Whether every line is a record candidate the engine reads as we would."""
        return not (self.nul or self.broken or self.blank or self.too_long) and (
            self.cr == 0 or (self.cr == self.crlf == self.newlines)
        )


class Scanner:
    """Collects `Facts` from pieces of a file, in order."""

    def __init__(self, delimiter: str, quote: str, longest: int) -> None:
        self._delimiter = delimiter.encode()
        self._quote = quote.encode()
        self._longest = longest
        self._carry = b""
        self._first = True
        self._size = self._newlines = self._crlf = self._cr = 0
        self._delimiters = self._sampled = self._utf8 = self._gb = self._double = 0
        self._blank = self._nul = self._quotes = self._long = self._broken = self._bom = False
        self._ascii, self._odd = True, False
        self._odd_marks = [mark for mark in _ODD_ASCII if mark != self._delimiter]

    def feed(self, piece: bytes) -> None:
        """Look at the next piece."""
        cut = piece.rfind(b"\n") + 1
        if cut:
            self._block(self._carry + piece[:cut] if self._carry else piece[:cut])
            self._carry = piece[cut:]
        elif len(self._carry) > self._longest:
            self._block(self._carry + piece)
            self._carry = b""
        else:
            self._carry += piece

    def finish(self) -> Facts:
        """The facts; nothing may be fed after this."""
        open_end = bool(self._carry)
        if open_end:
            self._block(self._carry)
        return Facts(
            size=self._size,
            newlines=self._newlines,
            open_end=open_end,
            blank=self._blank,
            crlf=self._crlf,
            cr=self._cr,
            nul=self._nul,
            quotes=self._quotes,
            delimiters=self._delimiters,
            too_long=self._long,
            ascii=self._ascii,
            odd_blanks=self._odd,
            broken=self._broken,
            bom=self._bom,
            sampled=self._sampled,
            utf8=self._utf8,
            gb18030=self._gb,
            doubled=self._double / self._sampled if self._sampled else 0.0,
        )

    def _block(self, block: bytes) -> None:
        if self._first:
            self._first = False
            if block.startswith(codecs.BOM_UTF8):
                self._bom = True
                block = block[3:]
        self._size += len(block)
        self._newlines += block.count(b"\n")
        if b"\r" in block:
            self._cr += block.count(b"\r")
            self._crlf += block.count(b"\r\n")
            self._blank = self._blank or block.startswith(b"\r\n") or b"\n\r\n" in block
        self._blank = self._blank or block.startswith(b"\n") or b"\n\n" in block
        self._nul = self._nul or b"\x00" in block
        self._count_delimiters(block)
        self._long = self._long or self._has_long_line(block)
        self._odd = self._odd or any(mark in block for mark in self._odd_marks)
        if not block.isascii():
            self._ascii = False
            self._odd = self._odd or any(mark in block for mark in _ODD_WIDE)
            self._look_at_text(block)

    def _count_delimiters(self, block: bytes) -> None:
        self._quotes = self._quotes or bool(self._quote and self._quote in block)
        self._delimiters += block.count(self._delimiter)

    def _has_long_line(self, block: bytes) -> bool:
        position, last = 0, len(block)
        while last - position > self._longest:
            found = block.rfind(b"\n", position, position + self._longest + 1)
            if found < 0:
                return True
            position = found + 1
        return False

    def _look_at_text(self, block: bytes) -> None:
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            self._broken = True
        if self._sampled >= SAMPLED_LINES and self._utf8 + 2 < self._sampled:
            return
        for line in block.split(b"\n"):
            if line.isascii():
                continue
            if self._sampled >= SAMPLED_LINES:
                break
            self._sampled += 1
            self._utf8 += _decodes(line, "utf-8")
            self._gb += _decodes(line, "gb18030")
            self._double += _encoded_twice(line)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _encoded_twice(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    found = _TWICE.findall(text)
    if len(found) < 2:
        return False
    letters = "".join(c for c in text if "\u0080" <= c <= "\u00ff")
    try:
        return bool(letters.encode("latin-1").decode("utf-8"))
    except UnicodeDecodeError:
        return False
