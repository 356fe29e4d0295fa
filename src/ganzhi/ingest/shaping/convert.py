"""Texts to typed values, as SQL: each type has a fast form and a strict form for what is left over.

The fast form lets the engine convert and believes it only where writing the value out again gives
the very text that was read; everything else (blanks around it, leading zeros, full-width digits,
`5.7`, `0x10`, `1e3`) goes through a pattern. A text that is no value of its type becomes NULL, and
the caller is told the condition that tells it apart from an absent one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ganzhi.base.errors import InternalError
from ganzhi.ingest.reading.table import text_sql
from ganzhi.ingest.shaping.localtime import DAY_US, US

_BLANKS = " \t\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2002\u2003\u2009\u202f"
_WIDE = "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "\u3000"
_NARROW = "".join(chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)) + " "

SQL_TYPES: Final = {"text": "VARCHAR", "int": "BIGINT", "bool": "BOOLEAN", "timestamp": "TIMESTAMPTZ", "date": "DATE"}

_FROM_1900_US = 25_567 * DAY_US
"""A time of day without a date is parsed as one of 1 January 1900."""
_DATE_PART = re.compile("%-?[aAbBcdDFgGjmuUVwWxyY]")

_HOUR, _SIXTY = "([01][0-9]|2[0-3])", "[0-5][0-9]"
_ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO_TIME = f"{_ISO_DATE}[ T]{_HOUR}:{_SIXTY}(:{_SIXTY}([.][0-9]{{1,6}})?)?"
_ISO_OFFSET = f"{_ISO_TIME} ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)"


def sql_type(kind: str, scale: int) -> str:
    """The engine's type of a feed column."""
    return f"DECIMAL(18,{scale})" if kind == "decimal" else SQL_TYPES[kind]


@dataclass(frozen=True, slots=True)
class Texts:
    """How texts of one file are cleaned.

    ascii: no character beyond ASCII occurs in it. spaces_only: no other blank than the space does.
    """

    ascii: bool
    spaces_only: bool
    null_words: tuple[str, ...]

    def trim(self, raw: str) -> str:
        """SQL: without blanks at either end."""
        if self.spaces_only:
            return f"trim({raw})"
        return f"trim({raw}, {text_sql(_BLANKS[:4] if self.ascii else _BLANKS)})"

    def known(self, trimmed: str) -> str:
        """SQL: the trimmed text, or NULL where it stands for unknown."""
        if not self.null_words:
            return f"nullif({trimmed}, '')"
        words = ", ".join(map(text_sql, ("", *self.null_words)))
        return f"CASE WHEN {trimmed} IN ({words}) THEN NULL ELSE {trimmed} END"

    def fold(self, text: str) -> str:
        """SQL: full-width letters, digits and signs as plain ones."""
        if self.ascii:
            return text
        folded = f"translate({text}, {text_sql(_WIDE)}, {text_sql(_NARROW)})"
        return f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {self.trim(folded)} END"

    def clean(self, raw: str) -> str:
        """SQL: trimmed, folded, NULL where unknown; for the strict forms."""
        return self.known(self.fold(self.trim(raw)))


@dataclass(frozen=True, slots=True)
class Steps:
    """How a value comes about. first: SQL over the text; value: SQL over `{first}` and the text.

    The value of a timestamp is microseconds: of UTC where `instant`, of local time otherwise.
    """

    first: str
    value: str
    instant: bool = False


def int_steps(raw: str, first: str, texts: Texts) -> Steps:
    """Whole numbers: only -?[0-9]+, within 64 bits."""
    strict = (
        f"CASE WHEN regexp_full_match({texts.clean(raw)}, '-?[0-9]+') THEN TRY_CAST({texts.clean(raw)} AS BIGINT) END"
    )
    return Steps(f"TRY_CAST({raw} AS BIGINT)", _unless_same(raw, first, strict))


def decimal_steps(raw: str, first: str, texts: Texts, scale: int) -> Steps:
    """Decimals that the scale holds exactly."""
    kind = f"DECIMAL(18,{scale})"
    pattern = f"-?[0-9]+([.][0-9]{{1,{scale}}}0*)?" if scale else "-?[0-9]+([.]0+)?"
    strict = (
        f"CASE WHEN regexp_full_match({texts.clean(raw)}, '{pattern}') THEN TRY_CAST({texts.clean(raw)} AS {kind}) END"
    )
    return Steps(f"TRY_CAST({raw} AS {kind})", _unless_same(raw, first, strict))


def bool_steps(raw: str, texts: Texts) -> Steps:
    """`true`, `false`, `1`, `0`; other words need a code list."""
    words = "WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE WHEN '0' THEN FALSE"
    return Steps("NULL", f"CASE lower({texts.clean(raw)}) {words} END")


def date_steps(raw: str, first: str, texts: Texts, form: str | None) -> Steps:
    """A local day, in the declared form or ISO 8601."""
    if form is not None:
        parsed = f"CAST(try_strptime({raw}, {text_sql(form)}) AS DATE)"
        again = f"CAST(try_strptime({texts.clean(raw)}, {text_sql(form)}) AS DATE)"
        return Steps(parsed, f"CASE WHEN {first} IS NOT NULL OR {raw} IS NULL THEN {first} ELSE {again} END")
    strict = (
        f"CASE WHEN regexp_full_match({texts.clean(raw)}, '{_ISO_DATE}') THEN TRY_CAST({texts.clean(raw)} AS DATE) END"
    )
    return Steps(f"TRY_CAST({raw} AS DATE)", _unless_same(raw, first, strict))


def local_steps(raw: str, first: str, texts: Texts, form: str | None) -> Steps:
    """A local time stamp in microseconds, in the declared form or ISO 8601 without offset."""
    if form is not None:
        parsed = f"epoch_us(try_strptime({raw}, {text_sql(form)}))"
        again = f"epoch_us(try_strptime({texts.clean(raw)}, {text_sql(form)}))"
        return Steps(parsed, f"CASE WHEN {first} IS NOT NULL OR {raw} IS NULL THEN {first} ELSE {again} END")
    strict = (
        f"CASE WHEN regexp_full_match({texts.clean(raw)}, '{_ISO_TIME}') "
        f"THEN epoch_us(TRY_CAST({texts.clean(raw)} AS TIMESTAMP)) END"
    )
    same = f"CASE WHEN CAST({first} AS VARCHAR) = {raw} THEN epoch_us({first}) WHEN {raw} IS NULL THEN NULL ELSE {strict} END"
    return Steps(f"TRY_CAST({raw} AS TIMESTAMP)", same)


def offset_steps(raw: str, texts: Texts, form: str | None) -> Steps:
    """A time stamp that carries its offset, in microseconds of UTC."""
    if form is not None:
        return Steps("NULL", f"epoch_us(try_strptime({texts.clean(raw)}, {text_sql(form)}))", instant=True)
    strict = (
        f"CASE WHEN regexp_full_match({texts.clean(raw)}, '{_ISO_OFFSET}') "
        f"THEN epoch_us(TRY_CAST({texts.clean(raw)} AS TIMESTAMPTZ)) END"
    )
    return Steps("NULL", strict, instant=True)


def epoch_steps(raw: str, first: str, texts: Texts, unit: str) -> Steps:
    """Seconds or milliseconds since 1970, in microseconds of UTC."""
    whole = int_steps(raw, first, texts)
    factor = {"s": US, "ms": 1000}[unit]
    limit = 9_000_000_000_000_000_000 // factor
    value = f"CASE WHEN ({whole.value}) BETWEEN {-limit} AND {limit} THEN ({whole.value}) * {factor} END"
    return Steps(whole.first, value, instant=True)


def clock_part_sql(raw: str, texts: Texts, form: str, *, of_day: bool) -> str:
    """SQL: the date part (microseconds at its midnight) or the time of day of a `Clock`."""
    parsed = f"coalesce(try_strptime({raw}, {text_sql(form)}), try_strptime({texts.clean(raw)}, {text_sql(form)}))"
    if not of_day:
        return f"epoch_us({parsed})"
    if not _DATE_PART.search(form):
        return f"epoch_us({parsed}) + {_FROM_1900_US}"
    return f"((epoch_us({parsed}) % {DAY_US}) + {DAY_US}) % {DAY_US}"


def _unless_same(raw: str, first: str, strict: str) -> str:
    return f"CASE WHEN CAST({first} AS VARCHAR) = {raw} THEN {first} WHEN {raw} IS NULL THEN NULL ELSE {strict} END"


def literal(kind: str, text: str, scale: int) -> str:
    """A code list's target as a typed literal.

    Raises: InternalError when the catalogue let through what is no value of the type.
    """
    match kind:
        case "text":
            return text_sql(text)
        case "bool" if text in ("true", "false"):
            return text.upper()
        case "int" | "decimal" | "date":
            return f"CAST({text_sql(text)} AS {sql_type(kind, scale)})"
        case _:
            raise InternalError(f"a code list cannot give {text!r} to a column of type {kind}")
