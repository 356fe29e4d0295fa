"""The documents' commands run as they stand, and print what the documents say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("cli")

BLOCK = re.compile(r"```(console|text)\n(.*?)```", re.DOTALL)


def _steps(page: str) -> Iterator[tuple[str, str]]:
    """Commands in order, and with each the output that the page shows right after it, or nothing."""
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    for (kind, text), (following, shown) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        lines = (
            [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
            if kind == "console"
            else []
        )
        for line in lines:
            yield line, shown if following == "text" and line == lines[-1] else ""


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "docs/tutorial/first-steps.zh.md"])
def test_the_commands_of_the_page_work_and_print_what_it_shows(
    page: str, ganzhi: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANZHI_LANG", "zh" if page.endswith(".zh.md") else "en")
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    shown_anything = 0
    for line, shown in _steps(page):
        words = shlex.split(line)
        if words[0] == "cd":
            monkeypatch.chdir(Path.cwd() / words[1])
        elif words[0] == "ganzhi" and words[1] != "serve":
            said = ganzhi(*words[1:])
            assert said.status == 0, f"{line}: {said.err}"
            if shown:
                assert said.out == shown, line
                shown_anything += 1
    assert shown_anything >= (2 if page.startswith("README") else 0)


def test_the_tutorial_has_the_same_commands_in_both_languages() -> None:
    english, chinese = ([line for line, _ in _steps(f"docs/tutorial/first-steps{part}.md")] for part in ("", ".zh"))
    assert english == chinese
