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
            return f"CASE WHEN contains({raw}, ' ') THEN trim({raw}) ELSE {raw} END"
        return f"trim({raw}, {text_sql(_BLANKS[:4] if self.ascii else _BLANKS)})"

    def without_null_words(self, raw: str) -> str:
        """SQL: NULL where the text is a declared word for unknown; everything after this sees none."""
        if not self.null_words:
            return raw
        words = ", ".join(map(text_sql, self.null_words))
        return f"CASE WHEN {self.trim(raw)} IN ({words}) THEN NULL ELSE {raw} END"

    def fold(self, text: str) -> str:
        """SQL: full-width letters, digits and signs as plain ones; `text` is a column."""
        if self.ascii:
            return text
        folded = f"translate({text}, {text_sql(_WIDE)}, {text_sql(_NARROW)})"
        return f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {folded} END"

    def clean(self, raw: str) -> str:
        """SQL: folded and trimmed, for the strict forms; an absent value is NULL or empty."""
        return f"trim({self.fold(raw)}, {text_sql(_BLANKS[:4] if self.ascii else _BLANKS)})"


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
    return Steps(f"TRY_CAST({raw} AS BIGINT)", _unless_same(raw, first, _strict(raw, texts, "-?[0-9]+", "BIGINT")))


def decimal_steps(raw: str, first: str, texts: Texts, scale: int) -> Steps:
    """Decimals that the scale holds exactly."""
    kind = f"DECIMAL(18,{scale})"
    pattern = f"-?[0-9]+(?:[.][0-9]{{1,{scale}}}0*)?" if scale else "-?[0-9]+(?:[.]0+)?"
    return Steps(f"TRY_CAST({raw} AS {kind})", _unless_same(raw, first, _strict(raw, texts, pattern, kind)))


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
    return Steps(f"TRY_CAST({raw} AS DATE)", _unless_same(raw, first, _strict(raw, texts, _ISO_DATE, "DATE")))


def local_steps(raw: str, first: str, texts: Texts, form: str | None) -> Steps:
    """A local time stamp in microseconds, in the declared form or ISO 8601 without offset."""
    if form is not None:
        parsed = f"epoch_us(try_strptime({raw}, {text_sql(form)}))"
        again = f"epoch_us(try_strptime({texts.clean(raw)}, {text_sql(form)}))"
        return Steps(parsed, f"CASE WHEN {first} IS NOT NULL OR {raw} IS NULL THEN {first} ELSE {again} END")
    strict = f"epoch_us({_strict(raw, texts, _ISO_TIME, 'TIMESTAMP')})"
    same = f"CASE WHEN CAST({first} AS VARCHAR) = {raw} THEN epoch_us({first}) WHEN {raw} IS NULL THEN NULL ELSE {strict} END"
    return Steps(f"TRY_CAST({raw} AS TIMESTAMP)", same)


def offset_steps(raw: str, texts: Texts, form: str | None) -> Steps:
    """A time stamp that carries its offset, in microseconds of UTC."""
    if form is not None:
        return Steps("NULL", f"epoch_us(try_strptime({texts.clean(raw)}, {text_sql(form)}))", instant=True)
    return Steps("NULL", f"epoch_us({_strict(raw, texts, _ISO_OFFSET, 'TIMESTAMPTZ')})", instant=True)


def epoch_steps(raw: str, first: str, texts: Texts, unit: str) -> Steps:
    """Seconds or milliseconds since 1970, in microseconds of UTC."""
    whole = int_steps(raw, first, texts)
    factor = {"s": US, "ms": 1000}[unit]
    limit = 9_000_000_000_000_000_000 // factor
    # Scaled only where it fits: what does not fit lies outside of every window.
    within = f"greatest(least({whole.value}, {limit}), {-limit})"
    return Steps(whole.first, f"({within}) * {factor}", instant=True)


def clock_part_sql(raw: str, texts: Texts, form: str, *, of_day: bool) -> str:
    """SQL: the date part (microseconds at its midnight) or the time of day of a `Clock`; `raw` is a column."""
    parsed = f"coalesce(try_strptime({raw}, {text_sql(form)}), try_strptime({texts.clean(raw)}, {text_sql(form)}))"
    if not of_day:
        return f"epoch_us({parsed})"
    if not _DATE_PART.search(form):
        return f"epoch_us({parsed}) + {_FROM_1900_US}"
    return f"((epoch_us({parsed}) % {DAY_US}) + {DAY_US}) % {DAY_US}"


def _strict(raw: str, texts: Texts, pattern: str, kind: str) -> str:
    """SQL: the cleaned text as a type where all of it matches a pattern, else NULL.

    The cleaned text stands here once: what the engine sees twice in a statement it computes for
    every row, even inside a branch that few rows take.
    """
    return f"TRY_CAST(regexp_extract({texts.clean(raw)}, '^(?:{pattern})$') AS {kind})"


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
