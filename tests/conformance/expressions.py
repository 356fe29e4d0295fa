"""Expressions over the rows of `world`, each beside what it means in plain Python.

Together they use every function and every operator that a catalogue may write.
"""

# ruff: noqa: E501 - a case is read as one line

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from tests.conformance.world import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_ZS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


def _k(what: Callable[..., Any], *columns: str) -> Callable[[Row], Any]:
    """Unknown when one of the columns is."""
    return lambda r: None if any(r[c] is None for c in columns) else what(*(r[c] for c in columns))


def _quantized(value: Decimal, places: int, rounding: str) -> Decimal:
    with localcontext(prec=60):
        return value.quantize(Decimal(1).scaleb(-places), rounding=rounding)


def _divided(a: int, b: int) -> int:
    """Towards zero."""
    return -(-a // b) if a < 0 else a // b


def _and(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def _or(a: bool | None, b: bool | None) -> bool | None:
    return True if a is True or b is True else None if a is None or b is None else False


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _february(r: Row) -> date | None:
    """A day of February 2024 from the last two letters of the note, where that month has it."""
    digits = str(r["note"])[-2:]
    return date(2024, 2, int(digits)) if re.fullmatch("[0-9]{2}", digits) and 1 <= int(digits) <= 29 else None


EXPRESSIONS: tuple[tuple[str, Callable[[Row], Any]], ...] = (
    ("n + 3", _k(lambda n: n + 3, "n")),
    ("n - 3 * n", _k(lambda n: n - 3 * n, "n")),
    ("-n", _k(lambda n: -n, "n")),
    ("n // 7", _k(lambda n: _divided(n, 7), "n")),
    ("n % 7", _k(lambda n: n - 7 * _divided(n, 7), "n")),
    ("abs(n)", _k(abs, "n")),
    ("abs(fee)", _k(abs, "fee")),
    ("(n % 7) * 1.25", _k(lambda n: (n - 7 * _divided(n, 7)) * Decimal("1.25"), "n")),
    ("fee + tiny", _k(lambda f, t: f + t, "fee", "tiny")),
    ("fee - n", _k(lambda f, n: f - n, "fee", "n")),
    ("round(fee, 1)", _k(lambda f: _quantized(f, 1, ROUND_HALF_UP), "fee")),
    ("round(tiny)", _k(lambda f: _quantized(f, 0, ROUND_HALF_UP), "tiny")),
    ("floor(fee)", _k(lambda f: _quantized(f, 0, ROUND_FLOOR), "fee")),
    ("ceil(fee)", _k(lambda f: _quantized(f, 0, ROUND_CEILING), "fee")),
    ("coalesce(fee, n, 0)", lambda r: next((v for v in (r["fee"], r["n"]) if v is not None), 0)),
    ("coalesce(note, '无')", lambda r: "无" if r["note"] is None else r["note"]),
    ("nullif(n, 5)", lambda r: None if r["n"] == 5 else r["n"]),
    ("least(n, fee)", lambda r: min((v for v in (r["n"], r["fee"]) if v is not None), default=None)),
    ("greatest(n, 3)", lambda r: max(3, -(10**20) if r["n"] is None else r["n"])),
    ("greatest(note, kind)", lambda r: max((v for v in (r["note"], r["kind"]) if v is not None), key=str.encode, default=None)),
    ("lower(note)", _k(lambda s: s.replace("À", "à").replace("É", "é"), "note")),
    ("upper(note)", _k(lambda s: s.upper(), "note")),
    ("trim(note)", _k(lambda s: s.strip(_ZS), "note")),
    ("length(note)", _k(len, "note")),
    ("substr(note, 2)", _k(lambda s: s[1:], "note")),
    ("substr(note, 2, 2)", _k(lambda s: s[1:3], "note")),
    ("left(note, 2)", _k(lambda s: s[:2], "note")),
    ("right(note, 2)", _k(lambda s: s[-2:], "note")),
    ("replace(note, '文', '言')", _k(lambda s: s.replace("文", "言"), "note")),
    ("starts_with(note, '中')", _k(lambda s: s.startswith("中"), "note")),
    ("ends_with(note, 'h')", _k(lambda s: s.endswith("h"), "note")),
    ("contains(note, '''')", _k(lambda s: "'" in s, "note")),
    ("concat(note, kind)", lambda r: (r["note"] or "") + (r["kind"] or "")),
    ("note || kind", _k(lambda a, b: a + b, "note", "kind")),
    ("lpad(note, 4, '零一')", _k(lambda s: ("零一零一"[: max(0, 4 - len(s))] + s)[:4], "note")),
    ("regexp_matches(note, '^.b.*$')", _k(lambda s: re.search(r"\A[^\n]b[^\n]*\Z", s) is not None, "note")),
    ("regexp_matches(note, '[一-龥]{2}|^-?\\d+$')", _k(lambda s: re.search(r"[一-龥]{2}|\A-?[0-9]+\Z", s) is not None, "note")),
    ("regexp_matches(note, '^(a|b).+c\\s?$')", _k(lambda s: re.search(r"\A(a|b)[^\n]+c[\t\n\f\r ]?\Z", s) is not None, "note")),
    ("note like '%_b%'", _k(lambda s: re.fullmatch(r"(?s).*.b.*", s) is not None, "note")),
    ("note like 'back\\slash'", _k(lambda s: s == "back\\slash", "note")),
    ("note not like '中%'", _k(lambda s: not s.startswith("中"), "note")),
    ("epoch_us(done)", _k(lambda t: (t - _EPOCH) // _US, "done")),
    ("date_diff('millisecond', at, done)", _k(lambda a, d: _ms(d) - _ms(a), "at", "done")),
    ("date_diff('second', done, at)", _k(lambda d, a: _ms(a) // 1000 - _ms(d) // 1000, "done", "at")),
    ("try_cast(note as bigint)", _k(lambda s: int(s) if re.fullmatch("-?[0-9]{1,18}", s) else None, "note")),
    ("try_cast(note as decimal(18, 2))", _k(lambda s: Decimal(s) if re.fullmatch(r"-?[0-9]{1,16}(\.[0-9]{1,2})?", s) else None, "note")),
    ("try_cast(note as boolean)", _k({"true": True, "false": False}.get, "note")),
    ("try_cast(concat('2024-02-', right(note, 2)) as date)", _february),
    ("try_cast(substr('2024-02-29', 1, 8) || left(try_cast(n as varchar) || '0', 2) as date)", lambda r: {100: date(2024, 2, 10), 101: date(2024, 2, 10), 10**15: date(2024, 2, 10), 1: date(2024, 2, 10), 2**31: date(2024, 2, 21)}.get(r["n"])),
    ("try_cast(fee as varchar)", _k(str, "fee")),
    ("try_cast(n as varchar)", _k(str, "n")),
    ("try_cast(ok as varchar)", _k(lambda b: "true" if b else "false", "ok")),
    ("try_cast(born as varchar)", _k(date.isoformat, "born")),
    ("try_cast(fee as decimal(18, 4))", _k(lambda f: f if abs(f) < 10**14 else None, "fee")),
    ("try_cast(n as decimal(18, 9))", _k(lambda n: n if abs(n) < 10**9 else None, "n")),
    ("n = 5", _k(lambda n: n == 5, "n")),
    ("n <> 5", _k(lambda n: n != 5, "n")),
    ("fee < 1.5", _k(lambda f: f < Decimal("1.5"), "fee")),
    ("fee <= 1.50", _k(lambda f: f <= Decimal("1.50"), "fee")),
    ("fee > n", _k(lambda f, n: f > n, "fee", "n")),
    ("note >= '中'", _k(lambda s: s.encode() >= "中".encode(), "note")),
    ("done > at", _k(lambda a, b: a > b, "done", "at")),
    ("n between -7 and 5", _k(lambda n: -7 <= n <= 5, "n")),
    ("n in (1, 5, 100)", _k(lambda n: n in (1, 5, 100), "n")),
    ("not (n in (1, 5, 100))", _k(lambda n: n not in (1, 5, 100), "n")),
    ("fee in (1.505, 12.34)", _k(lambda f: f == Decimal("12.34"), "fee")),
    ("kind in ('投诉', '办理')", _k(lambda s: s in ("投诉", "办理"), "kind")),
    ("note is null", lambda r: r["note"] is None),
    ("note is not null", lambda r: r["note"] is not None),
    ("ok is true", lambda r: r["ok"] is True),
    ("ok is not false", lambda r: r["ok"] is not False),
    ("not ok", _k(lambda b: not b, "ok")),
    ("ok and n > 3", lambda r: _and(r["ok"], None if r["n"] is None else r["n"] > 3)),
    ("ok or n > 3", lambda r: _or(r["ok"], None if r["n"] is None else r["n"] > 3)),
    ("case when n > 5 then fee when ok then n end", lambda r: r["fee"] if r["n"] is not None and r["n"] > 5 else r["n"] if r["ok"] else None),
    ("case kind when '投诉' then 1 when '咨询' then 2 else 3 end", lambda r: {"投诉": 1, "咨询": 2}.get(r["kind"], 3)),
)  # fmt: skip
"""Texts and meanings. A Python `\\Z` is RE2's `$`."""

SPARK_LACKS = {"regexp_matches(note, '^(a|b).+c\\s?$')"}
"""What Spark's matcher has no exact form of, and therefore refuses."""
