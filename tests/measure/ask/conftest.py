"""A desk on the real sample, and the same rows in a plain table that knows nothing of the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ganzhi.access.rights import LOCAL, ROLES, RoleName, Viewer
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import calls
from tests.measure.conftest import team_of

MOST_ROWS = 1_000_000
By = Callable[[str], list[tuple[Any, ...]]]


def viewer(role: RoleName, *units: str) -> Viewer:
    """Somebody of a role who sees some units."""
    return Viewer(f"{role}.{'.'.join(units)}", role, role, units, ROLES[role].rights)


@pytest.fixture(scope="session")
def desk(bank: Workplace) -> AskDesk:
    return AskDesk(Answers(bank, bank.engine), most_rows=MOST_ROWS, deadline_s=60)


@pytest.fixture(scope="session")
def by_hand(sample_calls: Path) -> By:
    """Runs SQL written by hand over table `c`: the file's lines, times local."""
    rows = []
    for call in calls(sample_calls):
        row = call.row(team_of(call))
        at = call.arrived_at
        rows.append(
            {
                **row,
                "local": at.replace(tzinfo=None),
                "day": at.date(),
                "hour": at.hour,
                "weekday": at.isoweekday(),
                "abandoned": call.abandoned,
            }
        )
    connection = duckdb.connect()
    connection.register("c", pa.Table.from_pylist(rows))
    return lambda sql: connection.sql(sql).fetchall()


@pytest.fixture
def me() -> Viewer:
    return LOCAL
