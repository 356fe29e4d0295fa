"""Fixtures of the ingest room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An open workspace with nothing in it."""
    found = Desk(tmp_path / "ws")
    yield found
    found.close()
