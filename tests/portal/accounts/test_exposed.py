"""What is refused to be served: data without accounts, or a demonstration, on an address that others reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ganzhi.base.errors import InputError
from ganzhi.portal.app import create_app
from ganzhi.portal.site import access_of, door_of, make_demo_accounts, refuse_exposed
from ganzhi.store.accounts.accounts import DEMO
from ganzhi.wiring import Workspace, init_workspace, open_workspace

OTHERS = ("0.0.0.0", "::", "10.0.0.5", "portal.corp", "127.0.0.1.evil.example", "")
OURS = ("127.0.0.1", "localhost", "::1", "127.0.0.2")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    init_workspace(tmp_path / "w")
    opened = open_workspace(tmp_path / "w")
    yield opened
    opened.close()


def _refused(workspace: Workspace, address: str, *, demo: bool) -> list[str]:
    with pytest.raises(InputError) as caught:
        refuse_exposed(workspace, address, demo=demo)
    return [issue.code for issue in caught.value.issues]


def test_a_workspace_is_served_to_others_only_with_accounts_and_never_as_a_demonstration(
    workspace: Workspace,
) -> None:
    make_demo_accounts(workspace, "zh")  # they are nobody's, and count for nothing
    make_demo_accounts(workspace, "en")  # made once
    access = access_of(workspace)
    assert len([account for account in access.accounts.list() if account.issuer == DEMO]) == 9
    for address in OTHERS:
        assert _refused(workspace, address, demo=False) == ["POR040"]
    for address in OURS:
        refuse_exposed(workspace, address, demo=False)
        refuse_exposed(workspace, address, demo=True)
    access.accounts.add(workspace.workplace.catalogue, "ada", "Ada", "administrator", (), by="console")
    for address in OTHERS:
        refuse_exposed(workspace, address, demo=False)
        assert _refused(workspace, address, demo=True) == ["POR040"]


def test_a_setting_alone_makes_no_demonstration(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w")
    settings = tmp_path / "w" / "ganzhi.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n[access]\ndemo = true\n", encoding="utf-8")
    workspace = open_workspace(tmp_path / "w")
    assert _refused(workspace, "127.0.0.1", demo=False) == ["POR043"]
    here = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 1)}
    with TestClient(create_app(door_of(workspace)), follow_redirects=False, **here) as asked:  # type: ignore[arg-type]
        assert asked.get("/demo").status_code == 404
        assert asked.get("/dictionary").status_code == 200
    workspace.close()
