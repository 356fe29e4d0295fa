"""`ganzhi findings` on a workspace: heard, listed, dealt with, routed, silenced; and its exit statuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ganzhi.access.rights import ROLES
from ganzhi.cli.findings.change import ACTS
from ganzhi.cli.findings.change import ROLES as OFFERED
from ganzhi.cli.findings.look import STATES
from ganzhi.cli.main import run
from ganzhi.improve import cycle
from ganzhi.store.findings import records
from tests.improve.town import signal


def _where_it_is_noon() -> str:
    """A time zone in which it is about noon now."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def test_what_help_offers_is_what_there_is() -> None:
    assert records.STATES == STATES
    assert set(ROLES) == set(OFFERED)
    assert {act.name for act in cycle.ACTS if act.by != "program"} == set(ACTS)


def test_a_warning_is_heard_listed_dealt_with_routed_and_silenced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"
    monkeypatch.setenv("GANZHI_WORKSPACE_TIMEZONE", _where_it_is_noon())  # nobody is written to in quiet hours
    assert run(["init", str(root), "--lang", "en"]) == 0
    with (root / "ganzhi.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[notify.targets.ann]\nchannel = "mail"\nroles = ["owner"]\naddress = "ann@example.cn"\n')

    def ganzhi(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        status = run(["findings", *words, "-w", str(root), "--lang", "en"])
        return status, capsys.readouterr().out

    file = tmp_path / "signals.json"
    file.write_text(json.dumps([signal(2, rule="complaints.volume", unit="10")]), encoding="utf-8")
    assert ganzhi("take", str(file))[0] == 0
    (found,) = json.loads(ganzhi("list", "--format", "json")[1])
    assert (found["grade"], found["state"]) == ("yellow", "published")
    assert ganzhi("list", "--due")[0] == 0
    routes = json.loads(ganzhi("route", found["id"], "--at", "2026-11-30T12:00", "--format", "json")[1])
    assert [each["target"] for each in routes if each["target"]] == ["ann"]
    assert {each["reason"] for each in routes if not each["target"]} == {"on_page", "no_target"}
    assert ganzhi("act", found["id"], "close", "--reason", "x")[0] == 2
    assert ganzhi("act", found["id"], "acknowledge", "--seen", "1")[0] == 3
    assert ganzhi("act", found["id"][-12:], "acknowledge")[0] == 0
    shown = json.loads(ganzhi("show", found["id"], "--format", "json")[1])[0]
    assert [each["act"] for each in shown["history"]] == ["raise", "publish", "acknowledge"]
    assert ganzhi("silence", "add", "--unit", "10", "--until", "2000-01-01", "--reason", "x")[0] == 2
    file.write_text("[1]", encoding="utf-8")
    assert ganzhi("take", str(file))[0] == 3
    assert ganzhi("show", "nothing")[0] == 2
    assert ganzhi("send")[0] == 4
