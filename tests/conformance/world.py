"""A feed with every type of column, rows that lie on every edge, and indicators of every kind.

What an indicator counts is written twice: as the catalogue's expression, and as plain Python.
"""

# ruff: noqa: E501 - a case is read as one line

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from tests.measure.place import indicator, units

Row = Mapping[str, object]
ZONES = ("Asia/Shanghai", "Europe/Berlin")
DAYS = {
    "Asia/Shanghai": (date(2025, 3, 1), date(2025, 3, 2)),
    "Europe/Berlin": (date(2025, 3, 30), date(2025, 10, 26)),  # 23 and 25 hours
}
UNITS = units(("P", None), ("C1", "P"), ("C2", "P"), ("H1", "C1"), ("H2", "C1"), ("H3", "C2"))
LEAVES = ("H1", "H2", "H3")

FEED = Feed.model_validate(
    {
        "name": {"zh": "试", "en": "probe"},
        "record": {"zh": "一条", "en": "one"},
        "key": ["id"],
        "time": "at",
        "unit": "unit",
        "columns": {
            name: {"name": {"zh": name, "en": name}, "type": kind, **more}
            for name, kind, more in (
                ("id", "text", {"required": True}),
                ("at", "timestamp", {"required": True}),
                ("unit", "text", {"required": True}),
                ("kind", "text", {}),
                ("note", "text", {}),
                ("n", "int", {}),
                ("fee", "decimal", {"scale": 2}),
                ("tiny", "decimal", {"scale": 9}),
                ("ok", "bool", {}),
                ("born", "date", {}),
                ("done", "timestamp", {}),
            )
        },
        "derived": {
            "size": {
                "name": {"zh": "大小", "en": "size"},
                "type": "text",
                "expr": "case when n > 100 then '大' else '小' end",
            },
            "took_s": {"name": {"zh": "用时", "en": "took"}, "type": "int", "expr": "date_diff('second', at, done)"},
        },
        "dimensions": ["kind", "size", "ok"],
        "cuboids": [[], ["kind"], ["kind", "size"], ["ok"]],
    }
)


@dataclass(frozen=True)
class Case:
    """An indicator, and in Python: which rows stand behind it and the value each gives."""

    code: str
    fields: Mapping[str, object]
    where: Callable[[Row], bool]
    value: Callable[[Row], object]
    how: str


def _is(column: str, *values: object) -> Callable[[Row], bool]:
    return lambda r: r[column] is not None and r[column] in values


def _all(_: Row) -> bool:
    return True


def _rest(n: int) -> int:
    """Of a division by 100 towards zero."""
    return n % 100 if n >= 0 else -(-n % 100)


def _took(r: Row) -> object:
    if r["done"] is None:
        return None
    second = timedelta(seconds=1)
    epoch = datetime(1900, 1, 1, tzinfo=UTC)
    return (r["done"] - epoch) // second - (r["at"] - epoch) // second  # type: ignore[operator]


CASES = (
    Case("p.count", {"count": {}}, _all, lambda r: 1, "count"),
    Case("p.count_where", {"count": {"where": "kind = '投诉' and n >= 0"}}, lambda r: r["kind"] == "投诉" and r["n"] is not None and r["n"] >= 0, lambda r: 1, "count"),
    Case("p.none", {"count": {"where": "kind = '没有'"}}, lambda r: False, lambda r: 1, "count"),
    Case("p.sum_int", {"sum": {"of": "n"}}, _all, lambda r: r["n"], "sum"),
    Case("p.sum_none", {"sum": {"of": "n", "where": "kind = '没有'"}}, lambda r: False, lambda r: r["n"], "sum"),
    Case("p.sum_money", {"unit": "yuan", "sum": {"of": "fee", "where": "ok"}}, lambda r: r["ok"] is True, lambda r: r["fee"], "sum"),
    Case("p.sum_tiny", {"unit": "yuan", "sum": {"of": "tiny"}}, _all, lambda r: r["tiny"], "sum"),
    Case("p.sum_product", {"unit": "yuan", "sum": {"of": "fee * (n % 100)"}}, _all, lambda r: None if r["fee"] is None or r["n"] is None else r["fee"] * _rest(r["n"]), "sum"),
    Case("p.min_int", {"min": {"of": "n"}}, _all, lambda r: r["n"], "min"),
    Case("p.max_money", {"unit": "yuan", "max": {"of": "fee", "where": "kind <> '投诉'"}}, lambda r: r["kind"] is not None and r["kind"] != "投诉", lambda r: r["fee"], "max"),
    Case("p.mean", {"unit": "s", "mean": {"of": "took_s"}}, _all, _took, "mean"),
    Case("p.within", {"unit": "percent", "share_within": {"of": "took_s", "limit": 20}}, _all, _took, "within"),
    Case("p.ratio", {"unit": "percent", "ratio": {"numerator": {"count": {"where": "ok"}}, "denominator": {"count": {"where": "n > 5"}}}}, lambda r: r["ok"] is True, lambda r: 1, "ratio"),
    Case("p.p90", {"unit": "s", "percentile": {"of": "took_s", "p": "0.9"}}, _all, _took, "percentile"),
    Case("p.p50", {"unit": "yuan", "percentile": {"of": "fee", "p": "0.5", "where": "ok is not true"}}, lambda r: r["ok"] is not True, lambda r: r["fee"], "percentile"),
    Case("p.distinct", {"distinct": {"of": "note"}, "by": ["kind"]}, _all, lambda r: r["note"], "distinct"),
    Case("p.sketch", {"distinct": {"of": "id", "exact_up_to": 5}}, _all, lambda r: r["id"], "sketch"),
    Case("p.snapshot", {"snapshot": {"of": "n"}}, _all, lambda r: r["n"], "snapshot"),
)  # fmt: skip


@cache
def catalogue() -> Catalogue:
    """The pack's frame with this feed, these units and these indicators in it."""
    pack = load_catalogue("telecom", None)
    made = {case.code: indicator(case.code, **{"feed": "probe", **case.fields}) for case in CASES}
    return replace(pack, feeds={"probe": FEED}, indicators=made, units=UNITS, topics={}, mappings={})


NOTES = (
    "中文",
    "中",
    "文字 ",
    "　全角　",
    "a%b_c",
    "back\\slash",
    "it's",
    "",
    "ÀÉ",
    "😀x",
    "ab\ncd",
    "3.50",
    "-12",
    "0012",
    "x1",
)


def rows(zone: str, count: int = 240) -> list[Row]:
    """Rows of the zone's two days: spread over them, and at both sides of every midnight and change of clocks."""
    chance = random.Random(zone)
    where = ZoneInfo(zone)
    moments = []
    for day in DAYS[zone]:
        start = datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)
        end = (datetime(day.year, day.month, day.day, tzinfo=where) + timedelta(days=1)).astimezone(UTC)
        us = timedelta(microseconds=1)
        moments += [
            start,
            end - us,
            start + timedelta(hours=2),
            start + timedelta(hours=1) - us,
            start + timedelta(hours=1),
        ]
        length = (end - start).total_seconds()
        moments += [start + timedelta(seconds=chance.random() * length) for _ in range(count // 2)]
    return [_row(number, moment, chance) for number, moment in enumerate(moments)]


def _row(number: int, moment: datetime, chance: random.Random) -> Row:
    def perhaps(value: object) -> object:
        return None if chance.random() < 0.15 else value

    return {
        "id": f"r{number}",
        "at": moment,
        "unit": chance.choice(LEAVES),
        "kind": perhaps(chance.choice(("投诉", "咨询", "办理"))),
        "note": perhaps(chance.choice(NOTES)),
        "n": perhaps(chance.choice((0, 1, -7, 5, 100, 101, 2**31, -(2**31), 10**15))),
        "fee": perhaps(chance.choice((Decimal("0.00"), Decimal("-0.05"), Decimal("1.50"), Decimal("9999999999999999.99"), Decimal("12.34")))),
        "tiny": perhaps(chance.choice((Decimal("0.000000001"), Decimal("-999999999.999999999"), Decimal("999999999.999999999")))),
        "ok": perhaps(chance.random() < 0.5),
        "born": perhaps(chance.choice((date(1999, 12, 31), date(2025, 2, 28), date(2000, 2, 29)))),
        "done": perhaps(moment + timedelta(microseconds=chance.randrange(0, 60_000_000))),
        "_load": "l",
        "_line": number,
    }  # fmt: skip


def table(found: list[Row]) -> pa.Table:
    """Rows as the relation `rows_probe`."""
    return pa.Table.from_pylist(list(found), schema=rows_schema(FEED))
