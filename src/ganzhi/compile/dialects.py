"""How constructs of ours are written: for DuckDB a `Dialect`, for other engines their `Forms`.

All SQL is generated once, for DuckDB, and said in another engine's words by `compile.translate`.
What a translation cannot find piece by piece stands here as a whole, row by row. A construct an
engine cannot do exactly is None in its row, and asking for it raises CMP002: nothing is ever
approximated in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ganzhi.base.errors import InputError, Issue
from ganzhi.numerics.histogram import GAMMA, LN_GAMMA, NOT_POSITIVE

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """Templates of one engine; None where it has no exact form.

    count_if: rows for which {condition} is true. slot: epoch second of the start of the quarter
    hour of the instant {time}. bucket: histogram bucket of the number {value}; estimate: value of
    the bucket {bucket}. grouping: bit mask of the {columns} that a grouping set leaves out.
    hll_register, hll_rank: where a HyperLogLog of 4096 registers puts the text {value}, and what
    it puts there. Both come from the first 64 bits of the MD5 of its UTF-8 bytes, most significant
    first: the upper 12 say which register, and the rank is one more than the zeros that lead the
    other 52, so 53 at most. Unknown for an unknown text.
    """

    name: str
    count_if: str | None
    slot: str | None
    bucket: str | None
    estimate: str | None
    grouping: str | None
    hll_register: str | None
    hll_rank: str | None
    text: str
    whole: str
    exact: str
    real: str
    integer: str
    integer64: str
    half_to: str

    def write(self, construct: str, **parts: str) -> str:
        """A construct with its parts filled in; InputError CMP002 when the engine has none."""
        template: str | None = getattr(self, construct)
        if template is None:
            raise InputError(Issue("CMP002", self.name, params={"construct": construct}))
        return template.format(**parts)


_ERA_SLOTS = 70_000_000
"""Quarter hours added before and taken off after the division, because integer division truncates
towards zero and a time before 1970 would round up; 70 million reach back beyond year 1."""

DUCKDB = Dialect(
    name="duckdb",
    count_if="coalesce(count_if({condition}), 0)",
    slot=("(epoch_us({time}) + " + str(_ERA_SLOTS * 900_000_000) + ") // 900000000 * 900 - " + str(_ERA_SLOTS * 900)),
    bucket=(
        "cast(case when {value} <= 0 then " + str(NOT_POSITIVE) + " when {value} <= 1 then 0"
        f" else ceil(ln(cast({{value}} as double)) / {LN_GAMMA!r}) end as integer)"
    ),
    estimate=(f"case when {{bucket}} = {NOT_POSITIVE} then 0 else 2 * pow({GAMMA!r}, {{bucket}}) / {GAMMA + 1!r} end"),
    grouping="grouping({columns})",
    # `md5_number_upper` would read the bytes in the machine's order and is three times slower.
    hll_register="cast('0x' || substr(md5({value}), 1, 3) as integer)",
    # The digit 8 behind the 52 bits stops the leading zeros at 52.
    hll_rank="cast(57 - length(bin(cast('0x' || substr(md5({value}), 4, 13) || '8' as ubigint))) as integer)",
    text="cast({value} as varchar)",
    whole="cast({value} as decimal(38, 0))",
    exact="cast({value} as decimal(38, {places}))",
    real="cast({value} as double)",
    integer="cast({value} as integer)",
    integer64="cast({value} as bigint)",
    half_to="pow(2.0, -{rank})",
)


@dataclass(frozen=True, slots=True)
class Forms:
    """An engine's own form of the constructs that mean something as a whole only; see `Dialect`.

    {value_real} stands for {value} as a floating-point number, rounded as DuckDB rounds it.
    """

    slot: str | None
    bucket: str | None
    estimate: str | None
    hll_register: str | None
    hll_rank: str | None
    half_to: str | None


_CLICKHOUSE_BITS = "substring(MD5({value}), 1, 8)"

CLICKHOUSE = Forms(
    slot=(
        "(intDiv(toUnixTimestamp64Micro({time}) + "
        + str(_ERA_SLOTS * 900_000_000)
        + ", 900000000) * 900 - "
        + str(_ERA_SLOTS * 900)
        + ")"
    ),
    bucket=(
        "toInt32(multiIf({value} <= 0, " + str(NOT_POSITIVE) + ", {value} <= 1, 0,"
        f" ceil(log({{value_real}}) / {LN_GAMMA!r})))"
    ),
    estimate=None,  # its pow differs from everybody else's in the last digit
    hll_register=f"toInt32(bitShiftRight(reinterpretAsUInt64(reverse({_CLICKHOUSE_BITS})), 52))",
    hll_rank=f"toInt32(position(concat(substring(bin({_CLICKHOUSE_BITS}), 13, 52), '1'), '1'))",
    half_to="pow(2.0, -{rank})",
)

SPARK = Forms(
    slot=(
        "((unix_micros({time}) + "
        + str(_ERA_SLOTS * 900_000_000)
        + "L) div 900000000L * 900L - "
        + str(_ERA_SLOTS * 900)
        + "L)"
    ),
    bucket=(
        "cast(case when {value} <= 0 then " + str(NOT_POSITIVE) + " when {value} <= 1 then 0"
        f" else ceil(ln({{value_real}}) / {LN_GAMMA!r}D) end as int)"
    ),
    estimate=None,  # the same
    hll_register="cast(conv(substr(md5({value}), 1, 3), 16, 10) as int)",
    hll_rank="57 - length(conv(concat(substr(md5({value}), 4, 13), '8'), 16, 2))",
    half_to="pow(2D, -{rank})",
)

ENGINES: tuple[str, ...] = ("duckdb", "clickhouse", "spark")
"""Engines SQL can be said for."""


def known_engine(name: str) -> str:
    """The name; raises InputError CMP001 naming the engines when there is none of that name."""
    if name not in ENGINES:
        raise InputError(Issue("CMP001", name[:40], params={"known": ", ".join(ENGINES)}))
    return name


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text literal; raises InputError CMP003 for control characters, which no value of ours has."""
    if _CONTROL.search(text):
        raise InputError(Issue("CMP003", params={}))
    return "'" + text.replace("'", "''") + "'"


def day_literal(day: date) -> str:
    """A date literal."""
    return f"date '{day.isoformat()}'"


def instant_literal(instant: datetime) -> str:
    """A literal of an aware instant, written in UTC."""
    return f"timestamptz '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"


def comment(text: str) -> str:
    """A line comment; line ends inside the text cannot end it early."""
    return "-- " + _CONTROL.sub(" ", text)
