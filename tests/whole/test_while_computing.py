"""Pages while numbers are being computed: the last whole state, with its time, until the new one is there as a whole."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ganzhi.ingest.load import load
from ganzhi.measure.refresh import refresh
from ganzhi.portal.app import create_app
from ganzhi.portal.site import door_of
from ganzhi.store.manifest import Change, Snapshot
from ganzhi.wiring import Workspace, init_workspace, open_workspace
from tests.store.conftest import HandClock

PAGES = (
    "/overview?period=1999-01",
    "/indicators/hotline.calls?period=1999-01",
    "/regions/all?period=1999-01",
)
FIRST_ROWS = 2_000
COMPUTED = re.compile(r"computed ([^<·]+)")
BIG = re.compile(r'<div class="big">.*?<b[^>]*>([^<]+)</b>')


@pytest.fixture
def workspace(tmp_path: Path, sample_calls: Path) -> Iterator[Workspace]:
    """The first rows of the sample, computed; as many more lie beside it."""
    head, *rows = gzip.decompress(sample_calls.read_bytes()).splitlines(keepends=True)
    for name, part in (("a.txt", rows[:FIRST_ROWS]), ("b.txt", rows[FIRST_ROWS : 2 * FIRST_ROWS])):
        (tmp_path / name).write_bytes(head + b"".join(part))
    init_workspace(tmp_path / "w")
    opened = open_workspace(tmp_path / "w", HandClock(datetime(1999, 2, 1, 2, 0, tzinfo=UTC)))
    load(opened.workplace, "calls", [tmp_path / "a.txt"], "anonymous_bank")
    refresh(opened.workplace)
    yield opened
    opened.close()


def _seen(client: TestClient) -> dict[str, str]:
    found = {}
    for address in PAGES:
        answer = client.get(address, headers={"accept-language": "en"})
        assert answer.status_code == 200, answer.text[:300]
        found[address] = answer.text
    return found


def _number(page: str) -> int:
    (found,) = BIG.findall(page)
    return int(found.replace(",", ""))


def test_pages_keep_the_last_whole_state_while_another_is_computed(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = workspace.workplace
    clock = place.clock
    assert isinstance(clock, HandClock)
    with TestClient(
        create_app(door_of(workspace)), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000)
    ) as client:
        load(place, "calls", [tmp_path / "b.txt"], "anonymous_bank")
        before = _seen(client)
        clock.at = datetime(1999, 2, 1, 2, 40, tzinfo=UTC)
        manifest = place.store.manifest
        commit, reached, go = manifest.commit, threading.Event(), threading.Event()

        def held(change: Change, expect: Snapshot | None = None) -> int:
            reached.set()
            assert go.wait(60)
            return commit(change, expect)

        monkeypatch.setattr(manifest, "commit", held)
        running = threading.Thread(target=refresh, args=(place,))
        running.start()
        try:
            assert reached.wait(60)  # everything is computed and lies in files; nothing of it counts
            during = _seen(client)
        finally:
            go.set()
            running.join(60)
        monkeypatch.undo()
        after = _seen(client)
    assert during == before
    calls = PAGES[1]
    assert 0 < _number(during[calls]) <= FIRST_ROWS < _number(after[calls])
    for address in PAGES:
        assert COMPUTED.findall(during[address]), address
        assert COMPUTED.findall(during[address]) != COMPUTED.findall(after[address]), address
