"""The sample as the demo has it: loaded through ingest, computed, read through one session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.clock import FixedClock
from ganzhi.ingest.load import load
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.wiring import Workspace, init_workspace, open_workspace

NOW = datetime(1999, 2, 1, 2, 0, tzinfo=UTC)
"""The morning after the sample's last day, so that nothing is late."""

HALLS = """
units:
  all: {name: {zh: 匿名银行热线, en: Anonymous Bank hotline}}
  north: {name: {zh: 北中心, en: North centre}, level: centre, parent: all}
  south: {name: {zh: 南中心, en: South centre}, level: centre, parent: all}
mappings:
  anonymous_bank:
    columns:
      unit: {expr: "case when starts_with(\\"vru+line\\", 'AA01') then 'north' else 'south' end"}
"""
"""Two centres told apart by the line of the voice-response unit, so that there is something to compare."""


def _open(folder: Path, sample: Path, overlay: str = "") -> Workspace:
    init_workspace(folder)
    if overlay:
        (folder / "catalogue" / "overlay.yaml").write_text(overlay, encoding="utf-8")
    workspace = open_workspace(folder, FixedClock(NOW))
    load(workspace.workplace, "calls", [sample], "anonymous_bank")
    refresh(workspace.workplace)
    return workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[Workspace]:
    opened = _open(tmp_path_factory.mktemp("sample") / "w", sample_calls, HALLS)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def reader(workspace: Workspace) -> Iterator[Reader]:
    with open_states(workspace.workplace) as states:
        yield Reader(workspace.workplace, states, LOCAL)


@pytest.fixture
def empty_reader(tmp_path: Path) -> Iterator[Reader]:
    """A workspace in which nothing ever arrived."""
    init_workspace(tmp_path / "w")
    opened = open_workspace(tmp_path / "w", FixedClock(NOW))
    with open_states(opened.workplace) as states:
        yield Reader(opened.workplace, states, LOCAL)
    opened.close()
