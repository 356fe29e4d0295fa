"""The API over the sample under an organisation of three levels, with a token for every kind of viewer."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ganzhi.access.open import open_access
from ganzhi.access.rights import Viewer
from ganzhi.access.tokens import Tokens
from ganzhi.api.app import add_api
from ganzhi.api.house import House
from ganzhi.base.clock import FixedClock
from ganzhi.ingest.load import load
from ganzhi.measure.answers import Answers
from ganzhi.measure.refresh import refresh
from ganzhi.wiring import Workspace, init_workspace, open_workspace, serving_cache
from tests.access.conftest import CHEAP
from tests.whole.organisation import ORGANISATION, VIEWERS, viewer

NOW = datetime(1999, 1, 9, 2, 0, tzinfo=UTC)
DAYS = ("990101", "990103", "990104", "990105")
"""Of the sample; nothing arrived for the second of January."""

MOVED = """
      agent: {expr: "case when server = 'YITZ' then 'QBB-K2' when server = 'NO_SERVER' then null else server end"}
"""
"""An agent whose name is the code of a unit, so that values carry codes too."""

WHOLE = viewer("analyst")
ADMIN = next(each for each in VIEWERS if each.role == "administrator")
CALLERS = (WHOLE, *VIEWERS)


@dataclass
class Programs:
    """An application with the API, and tokens by login."""

    workspace: Workspace
    app: FastAPI
    house: House
    tokens: dict[str, str]

    def client(self, who: Viewer | None = WHOLE, **headers: str) -> TestClient:
        """A client on this machine with the token of a viewer, or without one."""
        sent = {"Accept-Language": "en", **headers}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who.login]}"
        return TestClient(
            self.app, base_url="http://127.0.0.1:8350", client=("127.0.0.1", 5), headers=sent, follow_redirects=False
        )

    def get(self, path: str, who: Viewer | None = WHOLE, **params: Any) -> httpx.Response:
        """One question."""
        asked = {name.rstrip("_"): value for name, value in params.items()}
        return self.client(who).get(f"/api/v1{path}", params=asked)

    def all(self, path: str, who: Viewer = WHOLE, **params: Any) -> list[Any]:
        """Every item of a list, page by page."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(path, who, **params, **cursor)
            assert answer.status_code == 200, answer.text[:500]
            found += answer.json()["items"]
            if answer.json()["next"] is None:
                return found
            cursor = {"cursor": answer.json()["next"]}


def some_days(sample: Path, into: Path, days: tuple[str, ...] = DAYS) -> Path:
    """Some days of the sample as a file whose name says a unit."""
    with gzip.open(sample, "rt", encoding="utf-8") as file:
        head, *lines = file
    path = into / f"QBB-K1_{days[0]}.txt"
    path.write_text("".join([head, *(line for line in lines if line.split("\t")[5].strip() in days)]), encoding="utf-8")
    return path


def prepared(folder: Path) -> Workspace:
    """A workspace with the organisation and nothing loaded."""
    init_workspace(folder)
    (folder / "catalogue" / "overlay.yaml").write_text(ORGANISATION.rstrip() + MOVED, encoding="utf-8")
    return open_workspace(folder, FixedClock(NOW))


def opened(folder: Path, sample: Path) -> Workspace:
    """A workspace with the first days, computed."""
    workspace = prepared(folder)
    load(workspace.workplace, "calls", [some_days(sample, folder.parent)], "anonymous_bank")
    refresh(workspace.workplace)
    return workspace


def with_api(workspace: Workspace, app: FastAPI | None = None) -> Programs:
    """The API of a workspace, and an account and a token for every viewer."""
    place = workspace.workplace
    access = open_access(place.store, workspace.settings, CHEAP)
    tokens = {}
    for who in CALLERS:
        login = who.login.replace(".", "-")
        owner = access.accounts.add(place.catalogue, login, who.name, who.role, who.units, by="test")
        tokens[who.login] = (
            Tokens(place.store).issue(place.catalogue, owner, "test", who.rights, (), days=30, by="test").text
        )
    app = app or FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    house = add_api(app, workspace, Answers(place, serving_cache(workspace)), lambda: access.signin.needed)
    house.limiter.__init__(1_000_000, 64)  # type: ignore[misc]  # only the tests of limits want to meet them
    return Programs(workspace, app, house, tokens)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Iterator[Programs]:
    workspace = opened(tmp_path_factory.mktemp("api") / "w", sample_calls)
    yield with_api(workspace)
    workspace.close()
