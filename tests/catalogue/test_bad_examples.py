"""Every file in `bad/` is laid over the telecom pack and must give exactly the issues it announces.

A comment `# <- CAT070: some words` at the end of a line announces an issue at that line, and words
of its English wording. Several codes may stand in one comment; the words then belong to one of them.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from ganzhi.base.messages import LANGS, catalogue, cause, remedy, render
from ganzhi.catalogue.load import load_with_issues

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
MARK = re.compile(r"#\s*<-\s*(?P<codes>(CAT\d{3}\s*)+):\s*(?P<words>.+?)\s*$")


def announced(path: Path) -> list[tuple[int, tuple[str, ...], str]]:
    """Line, codes and words of every mark in a file."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = MARK.search(line)
        if match is not None:
            found.append((number, tuple(match["codes"].split()), match["words"]))
    return found


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_reports_exactly_the_announced_issues(path: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "catalogue"
    overlay.mkdir()
    shutil.copy(path, overlay / path.name)
    marks = announced(path)
    assert marks

    found, issues = load_with_issues("telecom", overlay)

    expected = Counter((code, f"catalogue/{path.name}", line) for line, codes, _ in marks for code in codes)
    actual = Counter((i.code, i.at.file if i.at else "", i.at.line if i.at else 0) for i in issues)
    assert actual == expected, "\n".join(render("en", i) for i in issues)
    assert (found is None) == any(issue.severity == "error" for issue in issues)
    for line, codes, words in marks:
        texts = [render("en", i) for i in issues if i.at and i.at.line == line and i.code in codes]
        assert any(words in text for text in texts), texts
    for issue in issues:
        assert len({say(lang, issue) for lang in LANGS for say in (cause, remedy)}) == 4


def test_every_issue_code_is_shown_by_a_test() -> None:
    sources = (HERE.parents[1] / "src" / "ganzhi" / "catalogue").rglob("*.py")
    used = {code for path in sources for code in re.findall(r"\"(CAT\d{3})\"", path.read_text(encoding="utf-8"))}
    tests = [*HERE.rglob("*.py"), *BAD]
    shown = {code for path in tests for code in re.findall(r"CAT\d{3}", path.read_text(encoding="utf-8"))}
    assert used - shown == set()


def test_every_issue_code_is_worded_and_every_wording_is_used() -> None:
    sources = (HERE.parents[1] / "src" / "ganzhi" / "catalogue").rglob("*.py")
    used = {code for path in sources for code in re.findall(r"\"(CAT\d{3})\"", path.read_text(encoding="utf-8"))}
    for lang in LANGS:
        worded = {key.split(".")[1] for key in catalogue(lang) if key.startswith("issue.CAT")}
        assert worded == used
