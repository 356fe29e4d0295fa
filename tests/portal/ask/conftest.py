"""A small workspace of the sample's third week under an organisation of three levels, behind its real door."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import Viewer
from ganzhi.measure.refresh import refresh
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.site import door_of
from ganzhi.wiring import Workspace, init_workspace, open_workspace
from tests.measure.bank import Call, calls
from tests.measure.place import put_rows
from tests.portal.asking import Read
from tests.whole.organisation import ORGANISATION

FIRST, LAST = date(1999, 1, 18), date(1999, 1, 19)
SPAN = f"from={FIRST}&to={LAST}"
UNITS = {"AA0101": "QAA-K1", "AA0102": "QAA-K2", "AA0103": "QBB-K1"}


def unit_of(call: Call) -> str:
    return UNITS.get(call.call_id.partition("-")[0], "QBB-K2")


@pytest.fixture(scope="package")
def asked_calls(sample_calls: Path) -> tuple[Call, ...]:
    return tuple(call for call in calls(sample_calls) if FIRST <= call.arrived_at.date() <= LAST)


@pytest.fixture(scope="package")
def asking(tmp_path_factory: pytest.TempPathFactory, asked_calls: tuple[Call, ...]) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("asking") / "w"
    init_workspace(folder)
    (folder / "catalogue" / "overlay.yaml").write_text(ORGANISATION, encoding="utf-8")
    workspace = open_workspace(folder)
    put_rows(workspace.workplace, "calls", [call.row(unit_of(call)) for call in asked_calls])
    refresh(workspace.workplace)
    yield workspace
    workspace.close()


@dataclass
class Client:
    """Somebody's browser. token: what their forms carry."""

    http: TestClient
    token: str

    def page(self, address: str, status: int = 200) -> Read:
        answer = self.http.get(address)
        assert answer.status_code == status, (address, answer.status_code, answer.text[:600])
        page = Read(answer.text)
        assert page.faults == []
        return page

    def table(self, address: str) -> list[dict[str, Any]]:
        """The first table of a page as a file."""
        path, _, query = address.partition("?")
        answer = self.http.get(f"{path}.json?{query}")
        assert answer.status_code == 200, (address, answer.text[:600])
        rows: list[dict[str, Any]] = answer.json()["tables"][0]["rows"]
        return rows

    def send(self, address: str, **fields: str) -> Any:
        return self.http.post(address, data={"csrf": self.token, **fields}, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture(scope="package")
def door(asking: Workspace) -> Door:
    return door_of(asking)


@pytest.fixture
def browser_of(door: Door) -> Callable[[Viewer], Client]:
    def made(who: Viewer) -> Client:
        visitor = Visitor(who, secrets.token_urlsafe(8))
        app = create_app(Door(lambda cookies, host: visitor, door.context))
        return Client(TestClient(app, follow_redirects=False), visitor.token)

    return made
