"""A small event log in an engine of its own, and the same log walked event by event in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from ganzhi.catalogue.model.flows import Flow
from ganzhi.compile.flow.log import LogQuestion
from ganzhi.trace.flow.reading import returns_table, steps_table

BEGIN = datetime(2012, 3, 1, tzinfo=UTC)
QUESTION = LogQuestion("log", "happened", "unit", "case_no", "did")
FLOW = Flow.model_validate(
    {
        "name": {"zh": "流程", "en": "flow"},
        "feed": "log",
        "case": "case_no",
        "activity": "did",
        "steps": {
            "a": {"name": {"zh": "甲", "en": "a"}},
            "b": {"name": {"zh": "乙", "en": "b"}, "optional": True},
            "c": {"name": {"zh": "丙", "en": "c"}, "repeats": True},
            "d": {"name": {"zh": "丁", "en": "d"}, "end": True},
        },
        "returns": [["c", "b"]],
    }
)
Row = tuple[str | None, str | None, datetime, str, int]


class Plain:
    """A session over tables of one connection."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.connection = duckdb.connect(config={"threads": 2})
        self.connection.execute("set TimeZone = 'UTC'")
        for name, table in tables.items():
            self.connection.register(name, table)

    def query(self, sql: str, params: Any = ()) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()

    def execute(self, sql: str, params: Any = ()) -> None:
        self.connection.execute(sql)


def made(seed: int, cases: int = 60) -> list[Row]:
    """Events of cases in a shuffled order, some at the same instant, a few without case or activity."""
    dice = random.Random(seed)
    rows: list[Row] = []
    for case in range(cases):
        at = BEGIN + timedelta(minutes=dice.randrange(40_000))
        for _ in range(dice.randrange(1, 9)):
            at += timedelta(seconds=dice.choice([0, 0, 1, 30, 7_200]))
            rows.append((f"c{case}", dice.choice("aabbccdx"), at, dice.choice(["u", "v"]), 0))
    rows += [(None, "a", BEGIN, "u", 0), ("", "a", BEGIN, "u", 0), ("c0", None, BEGIN, "u", 0)]
    return [(*row[:4], line) for line, row in enumerate(rows)]


def table_of(rows: list[Row], seed: int = 0) -> pa.Table:
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    case, did, at, unit, line = zip(*shuffled, strict=True)
    return pa.table(
        {
            "case_no": pa.array(case, pa.string()),
            "did": pa.array(did, pa.string()),
            "happened": pa.array(at, pa.timestamp("us", tz="UTC")),
            "unit": pa.array(unit, pa.string()),
            "_line": pa.array(line, pa.int64()),
            "_load": pa.array(["l"] * len(line), pa.string()),
        }
    )


def session_of(rows: list[Row], flow: Flow = FLOW, **more: pa.Table) -> Plain:
    tables = {"rows_log": table_of(rows), "flow_steps": steps_table(flow), "flow_returns": returns_table(flow)}
    return Plain(tables | more)


def walked(rows: list[Row]) -> dict[str, list[tuple[datetime, str, str]]]:
    """Case to its events in order: instant, activity, unit."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[0] and row[1]:
            found[row[0]].append(row)
    return {
        case: [(r[2], str(r[1]), r[3]) for r in sorted(own, key=lambda r: (r[2], r[4]))] for case, own in found.items()
    }
