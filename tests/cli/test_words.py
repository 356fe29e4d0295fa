"""What the program says about itself: help, language, wrong use, failures."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.cli.command import language
from ganzhi.cli.main import OUR_BUG, OUTSIDE_FAILED, REJECTED, WRONG_USE, program, run
from tests.cli.conftest import Program
from tools.docs.cli import commands

EVERY = dict(commands(program()))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("path", EVERY)
def test_help_speaks_both_languages(path: str, ganzhi: Program) -> None:
    words = path.split()[1:]
    assert not CHINESE.search(ganzhi(*words, "--help", "--lang", "en").out)
    chinese = ganzhi(*words, "--help", "--lang", "zh")
    assert chinese.status == 0
    described = [line for line in chinese.out.splitlines() if re.match(r"\s+-\S", line)]
    assert described
    assert CHINESE.search(chinese.out.splitlines()[2])


@pytest.mark.parametrize("path", EVERY)
def test_every_command_takes_workspace_and_language(path: str) -> None:
    names = {name for param in EVERY[path].params for name in param.opts}
    assert {"-w", "--lang"} <= names


def test_commands_of_the_contract_are_there() -> None:
    wanted = [
        "init",
        "check",
        "ingest",
        "refresh",
        "observe",
        "score",
        "rows",
        "sql",
        "serve",
        "demo",
        "backup",
        "restore",
        "doctor",
    ]
    assert {f"ganzhi {name}" for name in wanted} <= EVERY.keys()
    assert {f"ganzhi quarantine {name}" for name in ("list", "show", "replay")} <= EVERY.keys()


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "zh"),
        ([], {"LANG": "de_DE.UTF-8"}, "zh"),
        ([], {"LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "en_GB.UTF-8", "GANZHI_LANG": "zh"}, "zh"),
        (["check", "--lang", "en"], {"GANZHI_LANG": "zh"}, "en"),
        (["check", "--lang=en"], {}, "en"),
        (["rows", "--", "--lang", "en"], {}, "zh"),
    ],
)
def test_language_comes_from_option_then_environment_then_locale(
    arguments: list[str], environment: dict[str, str], expected: str
) -> None:
    assert language(arguments, environment) == expected


def test_unknown_command_is_wrong_use_and_suggests_the_nearest(ganzhi: Program) -> None:
    said = ganzhi("observ")
    assert said.status == WRONG_USE
    assert "observe" in said.err
    assert said.out == ""


def test_unknown_option_and_wrong_choice_are_wrong_use(ganzhi: Program) -> None:
    assert ganzhi("check", "--formt", "json").status == WRONG_USE
    said = ganzhi("check", "--format", "yaml")
    assert said.status == WRONG_USE
    assert "table, json" in said.err


def test_missing_argument_is_named(ganzhi: Program) -> None:
    said = ganzhi("rows", "hotline.calls")
    assert said.status == WRONG_USE
    assert "--period" in said.err


def test_a_folder_that_is_no_workspace_is_wrong_use(ganzhi: Program, tmp_path: Path) -> None:
    said = ganzhi("check", "-w", tmp_path)
    assert said.status == WRONG_USE
    assert said.err.startswith("CFG001")
    assert "ganzhi init" in said.err


def _failing(error: BaseException) -> click.Group:
    group = click.Group("ganzhi")

    @group.command("fail")
    def fail() -> None:
        raise error

    return group


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError(Issue("REQ003", "from", params={"value": "x"})), WRONG_USE),
        (
            InputError([Issue("REQ003", "a", params={"value": "x"}), Issue("CAT001", "b", params={"limit": "1"})]),
            REJECTED,
        ),
        (EngineError(Issue("CLI004", "f", params={"detail": "full"})), OUTSIDE_FAILED),
        (KeyError("secret 13812345678"), OUR_BUG),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_family_of_errors_has_its_exit_status(error: BaseException, status: int) -> None:
    assert run(["fail", "--lang", "en"][:1], _failing(error)) == status


def test_our_own_fault_is_told_with_an_id_and_without_a_trace(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GANZHI_DEBUG", raising=False)
    run(["fail"], _failing(KeyError("secret 13812345678")))
    err = capfd.readouterr().err
    assert "KeyError" in err
    assert re.search(r"[0-9a-f]{12}", err)
    assert "Traceback" not in err
    assert "13812345678" not in err


def test_the_trace_is_shown_when_asked_for(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANZHI_DEBUG", "1")
    run(["fail"], _failing(KeyError("detail")))
    assert "Traceback" in capfd.readouterr().err
