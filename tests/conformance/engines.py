"""The engines under test, each with the reason why it may be absent here."""

from __future__ import annotations

import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

import pytest

from ganzhi.warehouse.clickhouse.engine import ClickHouseEngine
from ganzhi.warehouse.clickhouse.wire import EmbeddedWire
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.engine import Engine
from ganzhi.warehouse.spark.engine import SparkEngine

SPARK_MARKS = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
QUICK = ["duckdb", "clickhouse"]
ALL = [*QUICK, pytest.param("spark", marks=SPARK_MARKS)]
OTHERS = ["clickhouse", pytest.param("spark", marks=SPARK_MARKS)]

SMALL = {
    # One task, no code generation: what suits a few hundred rows on a busy machine.
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


@cache
def folder() -> Path:
    """A warehouse folder for this process."""
    return Path(mkdtemp(prefix="ganzhi-conformance-"))


def engine(name: str, zone: str = "UTC") -> Engine:
    """An engine by name; skips the test where it cannot run."""
    match name:
        case "clickhouse":
            if find_spec("chdb") is None:
                pytest.skip("chdb is not installed")
            return ClickHouseEngine(folder(), EmbeddedWire)
        case "spark":
            if find_spec("pyspark") is None:
                pytest.skip("pyspark is not installed")
            if shutil.which("java") is None:
                pytest.skip("there is no Java on this machine")
            return SparkEngine(folder(), master="local[1]", settings=SMALL)
    return DuckDBEngine(folder(), ZoneInfo(zone), deadline_s=None)
