"""The portal of an organisation into which part of the real hotline file has been loaded, asked as anybody."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import Viewer
from ganzhi.base.clock import Clock
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.site import door_of
from ganzhi.wiring import Workspace, init_workspace, open_workspace
from tests.whole.organisation import ORGANISATION

TOKEN = "the-token-of-this-visitor"
NOW = datetime(1999, 2, 1, 2, 0, tzinfo=UTC)
LINES = {"QAA-K1": "AA0101", "QAA-K2": "AA0102", "QBB-K1": "AA0103", "QBB-K2": "AA0104"}
FORM = "anonymous_bank"


@dataclass
class MovingClock(Clock):
    """A clock that a test moves."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def forward(self, span: timedelta) -> None:
        self.at += span


@dataclass
class Port:
    """A workspace behind its portal."""

    workspace: Workspace
    door: Door
    clock: MovingClock
    lines: tuple[str, ...]

    def as_(self, who: Viewer) -> TestClient:
        visitor = Visitor(who, TOKEN)
        made = create_app(Door(lambda cookies, host: visitor, self.door.context))
        return TestClient(made, follow_redirects=False, headers={"sec-fetch-site": "same-origin"})

    def rows_of(self, unit: str, first: int, last: int) -> list[str]:
        """Records of the real file of one unit."""
        of_unit = [line for line in self.lines[1:] if line.startswith(LINES[unit])]
        return of_unit[first:last]

    def file(self, *rows: str) -> bytes:
        """A file as the bank delivers it."""
        return "\r\n".join([self.lines[0], *rows, ""]).encode()

    def counted(self) -> list[tuple[str, str]]:
        """Key and unit of every row that counts, sorted: read by hand from the files the manifest names."""
        import pyarrow.parquet as pq

        place = self.workspace.workplace
        found: list[tuple[str, str]] = []
        for ref in place.store.manifest.snapshot().table("rows/calls"):
            table = pq.read_table(place.files.path(ref), columns=["call_id", "unit"]).to_pydict()
            found += zip(table["call_id"], table["unit"], strict=True)
        return sorted(found)

    def acts(self) -> list[tuple[str, str]]:
        """Who did what, as the audit trail has it."""
        return [(each.actor, each.act) for each in self.workspace.workplace.store.audit.entries()]


def send(client: TestClient, name: str, body: bytes, form: str = FORM, feed: str = "calls", **more: str):  # type: ignore[no-untyped-def]
    """Hand a file in."""
    data = {"csrf": TOKEN, "feed": feed, "form": form, **more}
    return client.post("/imports", data=data, files={"file": (name, body, "text/plain")})


def commit(client: TestClient, upload: str):  # type: ignore[no-untyped-def]
    """Load an upload."""
    return client.post(upload, data={"csrf": TOKEN, "do": "commit"})


def new_port(folder: Path, lines: tuple[str, ...]) -> Port:
    """A workspace of the organisation, empty, behind its portal."""
    init_workspace(folder)
    (folder / "catalogue" / "overlay.yaml").write_text(ORGANISATION, encoding="utf-8")
    clock = MovingClock()
    workspace = open_workspace(folder, clock)
    return Port(workspace, door_of(workspace), clock, lines)


@pytest.fixture(scope="session")
def bank_lines(sample_calls: Path) -> tuple[str, ...]:
    with gzip.open(sample_calls, "rt", encoding="utf-8") as text:
        return tuple(text.read().splitlines())


@pytest.fixture
def make_port(tmp_path: Path, bank_lines: tuple[str, ...]) -> Iterator[Callable[[], Port]]:
    made: list[Port] = []

    def make() -> Port:
        made.append(new_port(tmp_path / f"w{len(made)}", bank_lines))
        return made[-1]

    yield make
    for each in made:
        each.workspace.close()


@pytest.fixture
def port(make_port: Callable[[], Port]) -> Port:
    return make_port()
