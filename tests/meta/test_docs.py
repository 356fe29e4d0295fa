"""Documentation that cannot drift: generated pages, commands, links, examples, versions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ganzhi.catalogue.load import load_with_issues
from ganzhi.cli.main import program
from tests.meta.tree import ROOT, name_of
from tools.docs import PAGES, REFERENCE
from tools.docs.cli import commands

PAGES_BY_HAND = sorted(
    p
    for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "samples").rglob("*.md")]
    if p.name not in dict(PAGES)
)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_generated_reference_page_is_what_the_program_says(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == dict(PAGES)[name](), "run `make docs`"


def _command_lines() -> Iterator[tuple[str, str]]:
    for page in PAGES_BY_HAND:
        for block in CONSOLE.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                words = line.removeprefix("$ ").strip()
                called = re.match(r"(?:\S*/)?(ganzhi\s.*)", words)
                if called:
                    yield name_of(page), called.group(1)


def _parameters(command: click.Command) -> set[str]:
    return {name for param in command.params for name in param.opts}


@pytest.mark.parametrize(("page", "line"), list(_command_lines()))
def test_command_in_the_documents_exists_with_its_options(page: str, line: str) -> None:
    known = dict(commands(program()))
    words = line.split()
    path = next((" ".join(words[:n]) for n in (4, 3, 2) if " ".join(words[:n]) in known), None)
    assert path, f"{page}: {line}"
    options = {word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1}
    assert options <= _parameters(known[path]) | {"--help"}, f"{page}: {line}"


def test_documents_show_commands_at_all() -> None:
    pages = {page for page, _ in _command_lines()}
    assert {"README.md", "README.zh.md", "docs/tutorial/first-steps.md", "docs/tutorial/first-steps.zh.md"} <= pages


def test_every_command_of_the_makefile_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        t
        for p in PAGES_BY_HAND
        for t in re.findall(r"(?:`|^)make ([a-z]+)", p.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named <= targets


@pytest.mark.parametrize("page", PAGES_BY_HAND, ids=name_of)
def test_links_inside_the_documents_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    lost = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert not lost


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "how-to").glob("*.md")), ids=name_of)
def test_catalogue_entries_in_the_how_tos_pass_the_checks(page: Path, tmp_path: Path) -> None:
    blocks = YAML.findall(page.read_text(encoding="utf-8"))
    for number, block in enumerate(blocks):
        (tmp_path / f"{number}.yaml").write_text(block, encoding="utf-8")
    _, issues = load_with_issues("telecom", tmp_path)
    assert not [issue for issue in issues if issue.severity == "error"]


def test_the_newest_change_is_the_version_of_the_package() -> None:
    heads = re.findall(
        r"^## (\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert heads
    assert heads[0][0] == project["version"]
    assert [day for _, day in heads] == sorted((day for _, day in heads), reverse=True)


WORDS = (
    "catalogue", "pack", "workspace", "feed", "mapping", "unit", "period", "slice", "measure", "indicator",
    "observation", "score", "finding", "action", "effect", "case", "quarantine", "completeness", "manifest",
)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_glossary_explains_the_words_of_the_house_in_both_languages(word: str) -> None:
    rows = (REFERENCE / "glossary.md").read_text(encoding="utf-8").splitlines()
    row = next((r for r in rows if r.startswith("|") and word in [w.strip() for w in r.split("|")[1].split(",")]), None)
    assert row is not None
    assert re.search(r"[\u4e00-\u9fff]", row.split("|")[2])


def test_the_sample_is_acknowledged_wherever_it_is_introduced() -> None:
    for page in ("README.md", "README.zh.md", "samples/anonymous_bank/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert "Mandelbaum" in text
        assert "Guedj" in text
        assert "Technion" in text
