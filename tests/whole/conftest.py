"""The real sample behind the real portal, asked through HTTP without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ganzhi.ingest.load import load
from ganzhi.measure.refresh import refresh
from ganzhi.portal.app import create_app
from ganzhi.portal.site import door_of
from ganzhi.wiring import Workspace, init_workspace, open_workspace
from tests.build.conftest import HALLS
from tests.postgres import postgres_url  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("whole") / "demo"
    init_workspace(folder)
    (folder / "catalogue" / "overlay.yaml").write_text(HALLS, encoding="utf-8")
    workspace = open_workspace(folder)
    load(workspace.workplace, "calls", [sample_calls], "anonymous_bank")
    refresh(workspace.workplace)
    yield workspace
    workspace.close()


@pytest.fixture(scope="session")
def client(demo: Workspace) -> Iterator[TestClient]:
    # The local user: on this machine, by a name of this machine.
    with TestClient(create_app(door_of(demo)), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000)) as asked:
        yield asked
